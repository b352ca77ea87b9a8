"""A span of a file: whole spells, encoded, grouped with each design, and written as lines of the output files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hrgcore._core.csvfile import RecordLines
from hrgcore._core.encode import Aliases, Encoder
from hrgcore._core.events import Events
from hrgcore._core.fields import FieldSet
from hrgcore._core.messages import FaultTexts, FaultWriter
from hrgcore._core.output import BytesColumn, Lines, NumberColumn, TableWriter, TextColumn, Texts, UnbundledColumn
from hrgcore._core.output import Column as OutputColumn
from hrgcore._core.typedefs import Message as MessageId
from hrgcore.datasets.batches import make_batch
from hrgcore.datasets.dataset import UNBUNDLED, DataSet, ExtraColumns, Grouped, OutputTable, texts_of
from hrgcore.design.fields import LAYOUTS
from hrgcore.errors import PluginError
from hrgcore.files.reader import InputFile, arrays_for
from hrgcore.plugins import call, host
from hrgcore.prices import PriceBook, PricedUnits, PriceTotal, levels_of, pence
from hrgcore.results import Column, GroupedBatch, message, shown_as

if TYPE_CHECKING:
    from hrgcore._core.batch import Batch
    from hrgcore._core.tables import Tables
    from hrgcore.design import Design

FLAG_COLUMNS = ("RowNo", "PROCODET", "PROVSPNO", "Iteration", "SpellFlag")
FAULT_COLUMNS = ("Code Type", "Code", "Error Message")
QUALITY, QUALITY_KEYS, FLAGS, UNBUNDLED_KEYS = "_quality", "_quality_rel", "_flag_rel", "_ub_rel"
LEVELS = ("episode", "spell", "record")


class DesignJob:
    """What is the same for all spans that a design groups: texts, names of columns, and the files to write.

    `prefix` stands before the suffixes of its files, if several designs group at once.
    """

    def __init__(self, design: Design, dataset: DataSet, file: InputFile, prefix: str, suffixes: Sequence[str]) -> None:
        self.design = design
        self.prefix = prefix
        self.suffixes = suffixes
        self.texts = texts_of(design.tables)
        self.fault_texts = FaultTexts(
            [name for part in LAYOUTS[dataset.name] for name in part.cell_names()],
            design.tables.messages,
            [shown_as(design, part) for part in LAYOUTS[dataset.name]],
        )
        places = {column.name: column.position - 1 for column in file.definition.fields}
        self.fault_columns = [places.get(name, -1) for part in LAYOUTS[dataset.name] for name in part.cell_names()]


@dataclass(frozen=True, slots=True)
class Job:
    """What is the same for all spans of a run."""

    dataset: DataSet
    file: InputFile
    designs: Sequence[DesignJob]
    encodings: Sequence[Sequence[int]]  # the numbers of designs that make the same ids of codes and fields
    aliases: Sequence[Aliases | None]  # of each encoding
    sticky_groups: bool
    books: Sequence[PriceBook] = ()
    spare: dict[str, list[Lines]] = field(default_factory=dict)  # of each file, to be filled again: their memory is warm

    @property
    def fields(self) -> FieldSet:
        """The fields by which the file is sorted."""
        return self.designs[0].design.tables.fields[self.dataset.name]


@dataclass(slots=True)
class Counts:
    """What a worker counts for a design."""

    record_errors: int = 0
    spell_errors: int = 0
    unmapped: Counter[str] = field(default_factory=Counter)
    prices: list[PriceTotal] = field(default_factory=list)


class Span:
    """Spells first to end - 1 of some lines, and in the end what is to be written, by name of the file."""

    def __init__(self, lines: RecordLines, first: int, end: int, rows_before: int) -> None:
        self.lines = lines
        self.starts = lines.starts(first, end)
        self.first = lines.row_of(first)
        self.rows = lines.row_of(end) - self.first
        self.spells = end - first
        self.rows_before = rows_before
        self.size = lines.size_of(self.first, self.first + self.rows)
        self.heads: dict[str, tuple[str, ...]] = {}
        self.outputs: dict[str, Lines] = {}


class Worker:
    """Groups spans, one at a time, on one thread."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.counts = [Counts() for _ in job.designs]
        self.faults = [FaultWriter(each.fault_texts, each.fault_columns, job.file.newline) for each in job.designs]
        self.encoders = [
            self._encoder(job.designs[numbers[0]].design.tables, aliases)
            for numbers, aliases in zip(job.encodings, job.aliases, strict=True)
        ]
        self._kernels = [job.dataset.kernel(each.design, False) for each in job.designs]
        self._carried = 0

    def _encoder(self, tables: Tables, aliases: Aliases | None) -> Encoder:
        fields = tables.fields[self.job.dataset.name]
        return Encoder(tables, fields, arrays_for(self.job.file.plan, fields, 0), aliases)

    def group(self, span: Span) -> None:
        """Encodes a span as often as designs need it, groups it with each and writes what comes of it."""
        for encoder, designs in zip(self.encoders, self.job.encodings, strict=True):
            batch = self._encode(span, encoder)
            for number in designs:
                grouped = self._group(number, batch, encoder.faults)
                priced = [PricedUnits(book, grouped, level) for book in self.job.books for level in levels_of(self.job.dataset)]
                self._count(self.counts[number], grouped, priced, span)
                self._write(self.job.designs[number], self.faults[number], grouped, extra_columns(grouped, priced), span)

    def _group(self, number: int, encoded: Batch, cell_faults: Events) -> GroupedBatch:
        design, dataset, kernel = self.job.designs[number].design, self.job.dataset, self._kernels[number]
        batch = encoded.seen_by(design.tables.fields[dataset.name])
        results = dataset.results(batch)
        kernel.run(batch, results, 0, batch.spells)
        if dataset.finish:
            dataset.finish(batch, results)
        faults = Events()
        faults.extend(cell_faults)
        faults.extend(kernel.faults)
        faults.sort()
        return GroupedBatch(design, dataset, batch, results, faults, kernel.unbundled.take())

    def _encode(self, span: Span, encoder: Encoder) -> Batch:
        arrays = arrays_for(self.job.file.plan, encoder.fields, span.rows)
        encoder.write_to(arrays)
        span.lines.encode(encoder, span.first, span.first + span.rows)
        if self.job.sticky_groups:
            self._carry_groups(arrays["values"])
        return make_batch(encoder, span.starts)

    def _carry_groups(self, values: MutableSequence[int]) -> None:
        """A blank patient group takes that of the record before it, as an old version of the official program had it."""
        for row in range(len(values)):
            values[row] = self._carried = values[row] or self._carried

    def _count(self, counts: Counts, grouped: GroupedBatch, priced: Iterable[PricedUnits], span: Span) -> None:
        columns = grouped.results.columns
        counts.prices.extend(units.total() for units in priced)
        counts.record_errors += sum(columns["failed"])
        if self.job.dataset.has_spells:
            counts.spell_errors += sum(columns["spell_failed"])
        if any(self.job.aliases):
            counts.unmapped.update(self._unmapped(grouped, span))

    def _unmapped(self, grouped: GroupedBatch, span: Span) -> Iterable[str]:
        """Field and code of each cell that the map of codes does not have."""
        cells = CellTexts(self.job.file, span.lines, span.first)
        for fault in grouped.faults:
            if fault[3] == MessageId.CODE_UNMAPPED:
                found = message(grouped.design, grouped.dataset.name, fault, cells)
                yield f"{found.field.partition('_')[0]} {found.code}"

    def _write(
        self, job: DesignJob, faults: FaultWriter, grouped: GroupedBatch, extra: Mapping[str, ExtraColumns], span: Span
    ) -> None:
        """The lines of all files of a design."""
        unbundled = UnbundledColumn(job.texts.hrgs, grouped.unbundled_events, span.rows)
        tables = self.job.dataset.tables(
            Grouped(
                job.texts,
                span.lines,
                span.first,
                span.starts,
                grouped.batch,
                grouped.results,
                unbundled,
                extra,
            )
        )
        for suffix in job.suffixes:
            if suffix in tables:
                self._write_table(job, suffix, tables[suffix], span)
        self._write_faults(job, faults, grouped.fault_events, span)
        if UNBUNDLED_KEYS in job.suffixes:
            lines = self._new_file(job, UNBUNDLED_KEYS, ("RowNo", "Iteration", UNBUNDLED), span)
            unbundled.write_keys(lines, span.rows_before, self.job.file.newline)
        if FLAGS in job.suffixes:
            self._new_file(job, FLAGS, FLAG_COLUMNS, span)

    def _new_file(self, job: DesignJob, suffix: str, heads: tuple[str, ...], span: Span) -> Lines:
        try:
            lines = self.job.spare.setdefault(job.prefix + suffix, []).pop()
        except IndexError:
            lines = Lines()
        span.heads[job.prefix + suffix] = heads
        span.outputs[job.prefix + suffix] = lines
        return lines

    def _write_table(self, job: DesignJob, suffix: str, table: OutputTable, span: Span) -> None:
        echoed = self.job.file.header if table.echo else ()
        lines = self._new_file(job, suffix, (*echoed, "RowNo", *table.heads), span)
        newline = self.job.file.newline
        writer = TableWriter(span.lines, span.first, span.rows_before, newline, table.columns, table.echo, table.rows)  # type: ignore[arg-type]
        writer.write(lines, table.lines)

    def _write_faults(self, job: DesignJob, writer: FaultWriter, faults: Events, span: Span) -> None:
        whole = keys = None
        if QUALITY in job.suffixes:
            whole = self._new_file(job, QUALITY, (*self.job.file.header, "RowNo", "|".join(FAULT_COLUMNS)), span)
        if QUALITY_KEYS in job.suffixes:
            keys = self._new_file(job, QUALITY_KEYS, ("RowNo", "Iteration", *FAULT_COLUMNS), span)
        writer.write(faults, span.lines, span.first, span.rows_before, whole, keys)


class CellTexts:
    """Gives the text of a cell by row, field and position, as messages ask for it; rows are counted from a first one."""

    def __init__(self, file: InputFile, lines: RecordLines, first: int = 0) -> None:
        self._lines = lines
        self._first = first
        self._columns = {column.name: column.position - 1 for column in file.definition.fields}

    def __call__(self, row: int, field: str, position: int) -> str:
        """The text of a cell; empty where the file has no such column."""
        column = self._columns.get(f"{field}_{position:02d}" if position else field)
        return "" if column is None else self._lines.cell(self._first + row, column).decode(errors="replace")


def extra_columns(grouped: GroupedBatch, priced: Iterable[PricedUnits]) -> dict[str, ExtraColumns]:
    """The columns of plugins and of books of prices, by level, as the output tables take them."""
    found: dict[str, list[tuple[str, OutputColumn]]] = {level: [] for level in levels_of(grouped.dataset)}
    for column in plugin_columns(grouped):
        found[column.level].append((column.name, BytesColumn([value.encode() for value in column.values])))
    for units in priced:
        found[units.level] += _price_columns(units)
    return {
        level: ExtraColumns(tuple(name for name, _ in columns), tuple(column for _, column in columns))
        for level, columns in found.items()
    }


def _price_columns(units: PricedUnits) -> Iterator[tuple[str, OutputColumn]]:
    """The columns of a book: what stands in them is written once for each HRG and setting."""
    places = units.places.astype("uint16")
    for name, answers in units.columns().items():
        yield name, TextColumn(Texts([_cell(answer) for answer in answers]), places.data)
    for name in units.days_columns:
        yield name, NumberColumn(units.excess_days().data)


def _cell(answer: str | float | None) -> str:
    """A setting, or GBP with pence; blank where there is none."""
    return answer if isinstance(answer, str) else "" if answer is None else f"{pence(answer) / 100:.2f}"


def plugin_columns(grouped: GroupedBatch) -> list[Column]:
    """The result columns that plugins add.

    Raises:
        PluginError: a column has the wrong length or level, or would break the lines of a file.
    """
    found: list[Column] = []
    rows, spells = grouped.batch.rows, grouped.batch.spells
    counts = {"episode": rows, "spell": spells} if grouped.dataset.has_spells else {"record": rows}
    implementations = host().hook.hrgcore_result_columns.get_hookimpls()
    for implementation in sorted(implementations, key=lambda item: str(item.plugin_name)):
        for column in call(implementation, design=grouped.design, result=grouped) or ():
            if wrong := _wrong_with(column, counts):
                raise PluginError(
                    f"column {column.name!r} {wrong}", place=f"plugin {implementation.plugin_name}", cure="See hrgcore.Column."
                )
            if column.level in counts:
                found.append(column)
    return found


def _wrong_with(column: Column, counts: dict[str, int]) -> str:
    if column.level not in LEVELS:
        return f"has level {column.level!r}, not {' or '.join(LEVELS)}"
    if column.level not in counts:
        return ""
    if len(column.values) != counts[column.level]:
        return f"has {len(column.values)} values of level {column.level!r}, but there are {counts[column.level]}"
    text = column.name + "".join(column.values)
    return "holds a comma or a line end" if any(mark in text for mark in ",\r\n") else ""
