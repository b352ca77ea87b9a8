"""One run: a file of records in, the official set of files out."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hrgcore._core.encode import Encoder
from hrgcore._core.output import BytesColumn, TableWriter
from hrgcore._core.typedefs import Message as MessageId
from hrgcore.datasets.batches import Progress, make_batch
from hrgcore.datasets.dataset import UNBUNDLED, DataSet, ExtraColumns, Grouped, OutputTable
from hrgcore.errors import ArgumentError, PluginError
from hrgcore.files.codemap import NAME as EMERGENCY
from hrgcore.files.codemap import read_code_map
from hrgcore.files.outputs import OutputSet
from hrgcore.files.reader import STEP, InputFile, encode_file, open_input
from hrgcore.plugins import call, host
from hrgcore.results import Column, GroupedBatch, Message, field_name, unbundled_text

if TYPE_CHECKING:
    from hrgcore.design import Design

FLAG_COLUMNS = ("RowNo", "PROCODET", "PROVSPNO", "Iteration", "SpellFlag")
FAULT_COLUMNS = ("Code Type", "Code", "Error Message")
SUMMARY_COLUMNS = (
    ("Grouper Version", "Database Version"),
    ("Run Start Date/Time", "Run End Date/Time", "Input Filename", "Output Filename", "RDF path and name"),
)
# Fewer cells cannot tell whether a column has lost its leading zeros; without cells of one digit it takes more.
ENOUGH_CELLS, ENOUGH_LONGER = 20, 1000


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did.

    Attributes:
        design: name and version of the design.
        dataset: the data set.
        records, spells: how many were read; there are spells in admitted care only.
        record_errors, spell_errors: how many of them failed (error group).
        messages: how many faults were reported, by message text.
        warnings: what looks wrong with the file as a whole, in words.
        unmapped: how often each code was met that is not in the map of codes.
        files: the files written.
        started, ended: local times.
    """

    design: str
    dataset: str
    records: int
    spells: int
    record_errors: int
    spell_errors: int
    messages: dict[str, int]
    files: tuple[Path, ...]
    started: datetime
    ended: datetime
    warnings: tuple[str, ...] = ()
    unmapped: dict[str, int] = field(default_factory=dict)


def group_file(
    design: Design,
    dataset: DataSet,
    source: Path,
    output: Path,
    *,
    rdf: Path | None,
    header: bool | None,
    output_headers: bool,
    threads: int | None = None,
    progress: Progress | None = None,
    code_map: Path | None = None,
    sticky_groups: bool = False,
) -> RunSummary:
    """Groups a file; see Grouper.group_file."""
    if (code_map or sticky_groups) and dataset.name != EMERGENCY:
        raise ArgumentError(f"a map of codes and sticky groups are for data set {EMERGENCY} only", cure="Leave them out.")
    started = datetime.now()
    with OutputSet(output, dataset.suffixes, keep=[path for path in (source, rdf, code_map) if path]) as outputs:
        file = open_input(source, rdf, header, dataset)
        file.definition.check(design, dataset)
        meter = _Meter(progress, file.lines.rows)
        aliases = read_code_map(code_map, design) if code_map else None
        encoder = encode_file(design, dataset, file, aliases, meter.read)
        if sticky_groups:
            _carry_groups(encoder)
        grouped = _group(design, dataset, file, encoder, threads, meter)
        messages = grouped.messages(CellTexts(file))
        run = _Run(file, grouped, messages, output_headers, meter)
        run.write(outputs)
        ended = datetime.now()
        run.write_summary(outputs, started, ended, output, rdf)
        run.write_list(outputs)
        files = tuple(outputs.commit())
    return RunSummary(
        design=design.database_version,
        dataset=dataset.name,
        records=grouped.batch.rows,
        spells=run.spells,
        record_errors=run.record_errors,
        spell_errors=run.spell_errors,
        messages=dict(Counter(message.text for message in messages).most_common()),
        files=files,
        started=started,
        ended=ended,
        warnings=_lost_zeros(dataset, encoder),
        unmapped=_unmapped(grouped, messages),
    )


def _lost_zeros(dataset: DataSet, encoder: Encoder) -> tuple[str, ...]:
    """A warning for each column that looks as if a spreadsheet had stripped its leading zeros."""
    return tuple(
        f"column {field_name(dataset.name, code)[0]} looks as if a spreadsheet had stripped its leading zeros: "
        f"none of {cells:,} cells begins with 0, {single:,} have one digit and are invalid, "
        f"{longer:,} may have lost a zero and are read as they stand"
        for code, cells, single, longer in encoder.lost_zeros()
        if cells >= (ENOUGH_CELLS if single else ENOUGH_LONGER)
    )


def _unmapped(grouped: GroupedBatch, messages: list[Message]) -> dict[str, int]:
    text = grouped.design.tables.messages[MessageId.CODE_UNMAPPED]
    return dict(
        Counter(
            f"{found.field.partition('_')[0]} {found.code}" for found in messages if text and found.text == text
        ).most_common()
    )


def _carry_groups(encoder: Encoder) -> None:
    """A blank patient group takes that of the record before it, as an old version of the official program had it."""
    values = encoder.arrays["values"]
    for row in range(1, len(values)):
        values[row] = values[row] or values[row - 1]


class _Meter:
    """Tells the progress of a whole run: each row counts three times, when it is read, grouped and written."""

    READ, GROUPED, WRITTEN = range(3)

    def __init__(self, progress: Progress | None, rows: int) -> None:
        self._progress = progress
        self._rows = rows

    def read(self, done: int, whole: int) -> None:
        """So many rows are read."""
        self.tell(self.READ, done, whole)

    def tell(self, part: int, done: int, whole: int) -> None:
        """So much of a part is done."""
        if self._progress:
            self._progress(self._rows * part + self._rows * done // whole, self._rows * 3)


def _group(
    design: Design, dataset: DataSet, file: InputFile, encoder: Encoder, threads: int | None, meter: _Meter
) -> GroupedBatch:
    return GroupedBatch.run(
        design,
        make_batch(encoder, file.lines.spell_start),
        encoder.faults.rows(),
        dataset=dataset.name,
        threads=threads,
        chunk=STEP,
        progress=partial(meter.tell, meter.GROUPED),
    )


class CellTexts:
    """Gives the text of a cell by row, field and position, as the messages ask for it."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._columns = {field.name: field.position - 1 for field in file.definition.fields}

    def __call__(self, row: int, field: str, position: int) -> str:
        """The text of a cell; empty where the file has no such column."""
        column = self._columns.get(f"{field}_{position:02d}" if position else field)
        if column is None:
            return ""
        cell = self._file.lines.line(row).split(b",")[column]
        return self._file.lines.plan.cut_cell(column, cell).decode(errors="replace")


class _Run:
    """Writes the files of one grouped input."""

    def __init__(self, file: InputFile, grouped: GroupedBatch, messages: list[Message], headers: bool, meter: _Meter) -> None:
        self.file = file
        self.grouped = grouped
        self.messages = messages
        self.headers = headers
        self.newline = file.newline
        self._meter = meter
        columns = grouped.results.columns
        self.record_errors = sum(columns["failed"])
        self.spells = grouped.batch.spells if grouped.dataset.has_spells else 0
        self.spell_errors = sum(columns["spell_failed"]) if self.spells else 0
        self.unbundled = _unbundled_by_row(grouped)

    def write(self, outputs: OutputSet) -> None:
        """All files but the summary and the list."""
        extra = plugin_columns(self.grouped)
        levels = {column.level for column in extra}
        tables = self.grouped.dataset.tables(
            Grouped(
                self.grouped.design.tables,
                self.file.lines,
                self.grouped.batch,
                self.grouped.results,
                self.unbundled,
                {level: _extra(column for column in extra if column.level == level) for level in levels},
            )
        )
        others: dict[str, tuple[Sequence[str], Callable[[], Iterator[bytes]]]] = {
            "_quality": ((*self.file.header, "RowNo", "|".join(FAULT_COLUMNS)), self._quality),
            "_quality_rel": (("RowNo", "Iteration", *FAULT_COLUMNS), self._quality_keys),
            "_flag_rel": (FLAG_COLUMNS, lambda: iter(())),
            "_ub_rel": (("RowNo", "Iteration", UNBUNDLED), self._unbundled_keys),
        }
        self._written, self._to_write = 0, sum(table.lines for table in tables.values())
        for suffix in self.grouped.dataset.suffixes:
            if suffix in tables:
                self._table(outputs, suffix, tables[suffix])
            elif suffix in others:
                heads, lines = others[suffix]
                self._lines(outputs, suffix, heads, lines())

    def write_summary(self, outputs: OutputSet, started: datetime, ended: datetime, output: Path, rdf: Path | None) -> None:
        """The one-row summary."""
        import hrgcore

        before, after = SUMMARY_COLUMNS
        counts = [self.grouped.batch.rows, self.record_errors]
        if self.spells:
            counts = [self.grouped.batch.rows, self.spells, self.record_errors, self.spell_errors]
        cells = (
            f"hrgcore {hrgcore.__version__} ({platform.system()})",
            self.grouped.design.database_version,
            *counts,
            f"{started:%Y-%m-%d %H:%M:%S}",
            f"{ended:%Y-%m-%d %H:%M:%S}",
            self.file.path,
            output,
            rdf or self.file.definition.origin,
        )
        line = ",".join(str(cell).replace(",", " ") for cell in cells).encode()
        self._lines(outputs, "_summary", (*before, *self.grouped.dataset.counts, *after), iter([line]))

    def write_list(self, outputs: OutputSet) -> None:
        """The bare file: the names of the others."""
        names = [outputs.path(suffix).name.encode() for suffix in self.grouped.dataset.suffixes if suffix]
        file = outputs.open("")
        for name in names:
            file.write(name + self.newline)

    def _header(self, file: BinaryIO, columns: Sequence[str]) -> None:
        if self.headers:
            file.write(",".join(columns).encode() + self.newline)

    def _table(self, outputs: OutputSet, suffix: str, table: OutputTable) -> None:
        writer = TableWriter(self.file.lines, self.newline, table.columns, table.echo, table.rows)  # type: ignore[arg-type]
        file = outputs.open(suffix)
        self._header(file, (*(self.file.header if table.echo else ()), "RowNo", *table.heads))
        for first in range(0, table.lines, STEP):
            end = min(first + STEP, table.lines)
            file.write(writer.lines(first, end))
            self._written += end - first
            self._meter.tell(_Meter.WRITTEN, self._written, self._to_write)

    def _lines(self, outputs: OutputSet, suffix: str, columns: Sequence[str], lines: Iterator[bytes]) -> None:
        file = outputs.open(suffix)
        self._header(file, columns)
        for line in lines:
            file.write(line + self.newline)

    def _quality(self) -> Iterator[bytes]:
        by_row: dict[int, list[Message]] = {}
        for message in self.messages:
            by_row.setdefault(message.row, []).append(message)
        for row, found in sorted(by_row.items()):
            cells = [f"{message.field}|{message.code}|{message.text}".encode() for message in found]
            yield b",".join((self.file.lines.line(row), str(row + 1).encode(), *cells))

    def _quality_keys(self) -> Iterator[bytes]:
        row, iteration = -1, 0
        for message in self.messages:
            iteration = iteration + 1 if message.row == row else 1
            row = message.row
            yield f"{row + 1},{iteration},{message.field},{message.code},{message.text}".encode()

    def _unbundled_keys(self) -> Iterator[bytes]:
        for row, texts in sorted(self.unbundled.items()):
            for iteration, text in enumerate(texts, 1):
                yield f"{row + 1},{iteration},".encode() + text


def _unbundled_by_row(grouped: GroupedBatch) -> dict[int, list[bytes]]:
    by_row: dict[int, list[bytes]] = {}
    for entry in grouped.unbundled:
        by_row.setdefault(entry[0], []).append(unbundled_text(grouped.design, entry).encode())
    return by_row


LEVELS = ("episode", "spell", "record")


def _extra(columns: Iterable[Column]) -> ExtraColumns:
    """Columns of plugins as the output tables take them."""
    found = list(columns)
    cells = tuple(BytesColumn([value.encode() for value in column.values]) for column in found)
    return ExtraColumns(tuple(column.name for column in found), cells)


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
