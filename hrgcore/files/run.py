"""One run: a file of episodes in, the official set of files out."""

from __future__ import annotations

import platform
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hrgcore._core.encode import Encoder
from hrgcore._core.output import OfficialWriter
from hrgcore._core.records import batch_arrays
from hrgcore.datasets import apc
from hrgcore.errors import PluginError
from hrgcore.files.outputs import OutputSet
from hrgcore.files.reader import InputFile, open_input
from hrgcore.plugins import call, host
from hrgcore.results import Column, GroupedBatch, Message, unbundled_text

if TYPE_CHECKING:
    from hrgcore.design import Design

STEP = 50_000  # rows written, encoded or grouped between two reports of progress
FLAG_COLUMNS = ("RowNo", "PROCODET", "PROVSPNO", "Iteration", "SpellFlag")
FAULT_COLUMNS = ("Code Type", "Code", "Error Message")
SUMMARY_COLUMNS = (
    "Grouper Version",
    "Database Version",
    "FCE Count",
    "Spell Count",
    "FCE Error Count",
    "Spell Error Count",
    "Run Start Date/Time",
    "Run End Date/Time",
    "Input Filename",
    "Output Filename",
    "RDF path and name",
)
UNBUNDLED = "UnbundledHRGs"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did.

    Attributes:
        design: name and version of the design.
        episodes, spells: how many were read.
        episode_errors, spell_errors: how many of them failed (error group).
        messages: how many faults were reported, by message text.
        files: the files written.
        started, ended: local times.
    """

    design: str
    episodes: int
    spells: int
    episode_errors: int
    spell_errors: int
    messages: dict[str, int]
    files: tuple[Path, ...]
    started: datetime
    ended: datetime


def group_file(
    design: Design,
    source: Path,
    output: Path,
    *,
    rdf: Path | None,
    header: bool | None,
    output_headers: bool,
    threads: int | None = None,
    progress: apc.Progress | None = None,
) -> RunSummary:
    """Groups a file; see Grouper.group_file."""
    started = datetime.now()
    with OutputSet(output, SUFFIXES, keep=[source, *([rdf] if rdf else [])]) as outputs:
        file = open_input(source, rdf, header)
        file.definition.check(design)
        meter = _Meter(progress, file.lines.rows)
        grouped = _group(design, file, threads, meter)
        messages = grouped.messages(CellTexts(file))
        run = _Run(file, grouped, messages, output_headers, meter)
        run.write(outputs)
        ended = datetime.now()
        run.write_summary(outputs, started, ended, output, rdf)
        run.write_list(outputs)
        files = tuple(outputs.commit())
    return RunSummary(
        design.database_version,
        grouped.batch.episodes,
        grouped.batch.spells,
        run.episode_errors,
        run.spell_errors,
        dict(Counter(message.text for message in messages).most_common()),
        files,
        started,
        ended,
    )


class _Meter:
    """Tells the progress of a whole run: each row counts three times, when it is read, grouped and written."""

    READ, GROUPED, WRITTEN = range(3)

    def __init__(self, progress: apc.Progress | None, rows: int) -> None:
        self._progress = progress
        self._rows = rows

    def tell(self, part: int, done: int, whole: int) -> None:
        """So much of a part is done."""
        if self._progress:
            self._progress(self._rows * part + self._rows * done // whole, self._rows * 3)


def _group(design: Design, file: InputFile, threads: int | None, meter: _Meter) -> GroupedBatch:
    lines, plan = file.lines, file.lines.plan
    lines.sort(design.tables)
    arrays = batch_arrays(lines.rows, lines.rows * plan.most_diagnoses, lines.rows * plan.most_procedures)
    encoder = Encoder(design.tables, arrays)
    for first in range(0, lines.rows, STEP):
        end = min(first + STEP, lines.rows)
        lines.encode(encoder, first, end)
        meter.tell(meter.READ, end, lines.rows)
    batch = apc.make_batch(encoder, lines.spell_start)
    return GroupedBatch.run(
        design, batch, encoder.faults.rows(), threads=threads, chunk=STEP, progress=partial(meter.tell, meter.GROUPED)
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
        self._written = 0
        self._to_write = 3 * grouped.batch.episodes + 2 * grouped.batch.spells  # lines of the five large files
        self.episode_errors = sum(grouped.results.columns["failed"])
        self.spell_errors = sum(grouped.results.columns["spell_failed"])
        self.unbundled = _unbundled_by_row(grouped)
        extra = plugin_columns(grouped)
        self.episode_extra = [column for column in extra if column.level == "episode"]
        self.spell_extra = [column for column in extra if column.level == "spell"]

    def write(self, outputs: OutputSet) -> None:
        """All files but the summary and the list."""
        writer = OfficialWriter(
            self.grouped.design.tables,
            self.file.lines,
            self.grouped.batch,
            self.grouped.results,
            self.unbundled,
            self.newline,
            [[value.encode() for value in column.values] for column in self.episode_extra],
            [[value.encode() for value in column.values] for column in self.spell_extra],
        )
        rows, spells = self.grouped.batch.episodes, self.grouped.batch.spells
        spell_of = _spell_of(self.file.lines.spell_start)
        echo = (*self.file.header, "RowNo")
        episode_extra = [column.name for column in self.episode_extra]
        spell_extra = [column.name for column in self.spell_extra]
        spell_key = ("RowNo", *apc.SPELL_KEY, *apc.SPELL_COLUMNS)
        self._table(outputs, "_sort", echo, rows, writer.sorted_lines)
        self._table(
            outputs,
            "_FCE",
            (*echo, *apc.EPISODE_COLUMNS, *apc.EPISODE_SPECIALISED_COLUMNS, *apc.SPELL_COLUMNS, *episode_extra, UNBUNDLED),
            rows,
            lambda first, end: writer.episode_lines(first, end, spell_of),
        )
        self._table(outputs, "_spell", (*spell_key, *apc.SPELL_FLAG_COLUMNS, *spell_extra, UNBUNDLED), spells, writer.spell_lines)
        self._lines(outputs, "_quality", (*echo, "|".join(FAULT_COLUMNS)), self._quality())
        self._table(outputs, "_FCE_rel", ("RowNo", *apc.EPISODE_COLUMNS), rows, writer.episode_key_lines)
        self._table(outputs, "_spell_rel", spell_key, spells, writer.spell_key_lines)
        self._lines(outputs, "_quality_rel", ("RowNo", "Iteration", *FAULT_COLUMNS), self._quality_keys())
        self._lines(outputs, "_flag_rel", FLAG_COLUMNS, iter(()))
        self._lines(outputs, "_ub_rel", ("RowNo", "Iteration", UNBUNDLED), self._unbundled_keys())

    def write_summary(self, outputs: OutputSet, started: datetime, ended: datetime, output: Path, rdf: Path | None) -> None:
        """The one-row summary."""
        import hrgcore

        cells = (
            f"hrgcore {hrgcore.__version__} ({platform.system()})",
            self.grouped.design.database_version,
            self.grouped.batch.episodes,
            self.grouped.batch.spells,
            self.episode_errors,
            self.spell_errors,
            f"{started:%Y-%m-%d %H:%M:%S}",
            f"{ended:%Y-%m-%d %H:%M:%S}",
            self.file.path,
            output,
            rdf or self.file.definition.origin,
        )
        line = ",".join(str(cell).replace(",", " ") for cell in cells).encode()
        self._lines(outputs, "_summary", SUMMARY_COLUMNS, iter([line]))

    def write_list(self, outputs: OutputSet) -> None:
        """The bare file: the names of the others."""
        names = [outputs.path(suffix).name.encode() for suffix in SUFFIXES if suffix]
        file = outputs.open("")
        for name in names:
            file.write(name + self.newline)

    def _header(self, file: BinaryIO, columns: Sequence[str]) -> None:
        if self.headers:
            file.write(",".join(columns).encode() + self.newline)

    def _table(
        self, outputs: OutputSet, suffix: str, columns: Sequence[str], count: int, lines: Callable[[int, int], bytes]
    ) -> None:
        file = outputs.open(suffix)
        self._header(file, columns)
        for first in range(0, count, STEP):
            end = min(first + STEP, count)
            file.write(lines(first, end))
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


SUFFIXES = (
    "",
    "_sort",
    "_FCE",
    "_spell",
    "_quality",
    "_FCE_rel",
    "_spell_rel",
    "_quality_rel",
    "_flag_rel",
    "_ub_rel",
    "_summary",
)


def _unbundled_by_row(grouped: GroupedBatch) -> dict[int, list[bytes]]:
    by_row: dict[int, list[bytes]] = {}
    for entry in grouped.unbundled:
        by_row.setdefault(entry[0], []).append(unbundled_text(grouped.design, entry).encode())
    return by_row


def _spell_of(spell_start: array[int]) -> array[int]:
    """The spell of each row."""
    spells = array("i")
    for spell in range(len(spell_start) - 1):
        spells.extend([spell] * (spell_start[spell + 1] - spell_start[spell]))
    return spells


def plugin_columns(grouped: GroupedBatch) -> list[Column]:
    """The result columns that plugins add.

    Raises:
        PluginError: a column has the wrong length or level, or would break the lines of a file.
    """
    found: list[Column] = []
    implementations = host().hook.hrgcore_result_columns.get_hookimpls()
    for implementation in sorted(implementations, key=lambda item: str(item.plugin_name)):
        for column in call(implementation, design=grouped.design, result=grouped) or ():
            if wrong := _wrong_with(column, {"episode": grouped.batch.episodes, "spell": grouped.batch.spells}):
                raise PluginError(
                    f"column {column.name!r} {wrong}", place=f"plugin {implementation.plugin_name}", cure="See hrgcore.Column."
                )
            found.append(column)
    return found


def _wrong_with(column: Column, counts: dict[str, int]) -> str:
    if column.level not in counts:
        return f"has level {column.level!r}, not episode or spell"
    if len(column.values) != counts[column.level]:
        return f"has {len(column.values)} values of level {column.level!r}, but there are {counts[column.level]}"
    text = column.name + "".join(column.values)
    return "holds a comma or a line end" if any(mark in text for mark in ",\r\n") else ""
