"""The lines of a file in the order in which they are grouped: sorted in memory, or by sorted runs on disk and a merge."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

from hrgcore._core.csvfile import RecordLines
from hrgcore._core.fields import FieldSet
from hrgcore._core.linesort import LineTable, join
from hrgcore.files.reader import InputFile

_T = TypeVar("_T")
_R = TypeVar("_R")
Part = tuple[LineTable, int, int]  # a table, its first row, its end
LEAST_PIECE = 1 << 20  # bytes that a thread finds and sorts the lines of at a time
LEAST_BLOCK = 1 << 16  # bytes
ROWS_WRITTEN = 10_000  # at a time
# Bytes of memory that a byte of input takes while its lines are sorted: itself, its line in two places, and what is written.
SORTING = 3
# And while runs are merged: itself, its line, the same in the merged stretch, and the stretch before it that is still grouped.
MERGING = 5


class Unsorted(Exception):
    """The input is not in order, so that what was grouped so far is void."""


@dataclass(frozen=True, slots=True)
class Order:
    """How the lines of a file are ordered: by the keys that fields make (None: as they stand), into spells if there are any."""

    file: InputFile
    fields: FieldSet | None
    by_spell: bool
    workers: int
    pool: Executor | None

    def in_memory(self) -> RecordLines:
        """All lines of the file."""
        data = self.file.whole()
        table = partial(self._sorted_table, data)
        pieces = list(pairwise(_cuts(data, self.file.start, self.workers)))
        tables = list(self.pool.map(table, pieces) if self.pool else map(table, pieces))
        lines = join([(found, 0, found.rows) for found in tables], self.by_spell)
        if lines.rows == 0:
            raise self.file.no_records()
        if len(tables) > 1:
            for found in tables:
                found.forget()
        return lines

    def _sorted_table(self, data: bytearray, piece: tuple[int, int]) -> LineTable:
        table = self.file.table(data, *piece, self.fields)
        table.sort()
        return table

    def streamed(self, memory: int) -> Iterator[RecordLines]:
        """The lines of a file that is in order already, read once; the last spell of a block waits for the next block.

        Raises:
            Unsorted: it is not in order.
        """
        held: list[Part] = []
        before: LineTable | None = None
        for block, lines in self.file.blocks(max(LEAST_BLOCK, memory // MERGING)):
            table = self.file.table(block, 0, len(block), self.fields, lines)
            if table.rows == 0:
                continue
            if not table.is_sorted or (self.fields and before and not table.follows(before)):
                raise Unsorted
            before = table
            last = table.last_spell() if self.by_spell else table.rows
            if held and last == 0 and table.spell_compared(0, held[-1][0], held[-1][1]) == 0:
                held.append((table, 0, table.rows))
                continue
            yield join([*held, (table, 0, last)], self.by_spell)
            held = [(table, last, table.rows)] if last < table.rows else []
        if held:
            yield join(held, self.by_spell)
        if before is None:
            raise self.file.no_records()

    def merged(self, memory: int, folder: Path, tell: Callable[[int], None]) -> Iterator[RecordLines]:
        """The lines of a file in any order: its blocks are sorted and written to the folder as runs, which are merged.

        Args:
            memory: bytes to keep within.
            folder: private, for the runs.
            tell: called with the bytes of the file that have been sorted.
        """
        runs = self._write_runs(max(LEAST_BLOCK, memory // (SORTING * self.workers)), folder, tell)
        room = max(LEAST_BLOCK, memory // (MERGING * max(1, len(runs))))
        readers = [_Run(run, self, room) for run in runs]
        try:
            yield from _merge(readers, self.by_spell)
        finally:
            for reader in readers:
                reader.close()

    def _write_runs(self, size: int, folder: Path, tell: Callable[[int], None]) -> list[Path]:
        """Sorts the blocks of the file, several at a time, and writes each to a file of its own."""
        done, runs = 0, []
        for path, written in _ahead(self.pool, self.workers, partial(self._write_run, folder), self.file.blocks(size)):
            done += written
            tell(done)
            if path:
                runs.append(path)
        if not runs:
            raise self.file.no_records()
        return runs

    def _write_run(self, folder: Path, block: tuple[bytearray, int]) -> tuple[Path | None, int]:
        data, lines = block
        table = self.file.table(data, 0, len(data), self.fields, lines)
        table.sort()
        if table.rows == 0:
            return None, len(data)
        handle, name = tempfile.mkstemp(prefix="run-", dir=folder)
        with os.fdopen(handle, "wb", buffering=0) as run:
            for first in range(0, table.rows, ROWS_WRITTEN):
                _write_all(run, table.text(first, min(first + ROWS_WRITTEN, table.rows)))
        return Path(name), len(data)


def _write_all(file: BinaryIO, data: bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _cuts(data: bytearray, start: int, workers: int) -> list[int]:
    """Where the bytes are cut for so many workers, each time after a line."""
    pieces = max(1, min(workers, (len(data) - start) // LEAST_PIECE))
    cuts = [start]
    for number in range(1, pieces):
        at = data.find(b"\n", start + (len(data) - start) * number // pieces) + 1
        if at > cuts[-1]:
            cuts.append(at)
    return [*cuts, len(data)]


def _ahead(pool: Executor | None, workers: int, work: Callable[[_T], _R], items: Iterator[_T]) -> Iterator[_R]:
    """The results of some work in order, with no more items in hand than there are workers."""
    if pool is None:
        yield from map(work, items)
        return
    waiting = []
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) >= workers:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


class _Run:
    """A sorted run on disk, read a block at a time."""

    def __init__(self, path: Path, order: Order, room: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._order = order
        self._room = room
        self._rest = b""
        self.ends = False
        self.at = 0  # row of the table that comes next
        self.table: LineTable | None = None
        self.read_on()

    def read_on(self) -> None:
        """The next block, of at least one line, after what is left of this one."""
        block = self.table.text(self.at, self.table.rows) if self.table else bytearray()
        left = len(block)
        block += self._rest
        end = 0
        while end <= left and not self.ends:
            read = self._file.read(self._room)
            self.ends = not read
            block += read
            end = block.rfind(b"\n") + 1
        self._rest = bytes(memoryview(block)[end:])
        del block[end:]
        self.at = 0
        self.table = LineTable(block, 0, len(block), self._order.file.plan, self._order.fields)

    @property
    def is_over(self) -> bool:
        """Whether all rows have been taken."""
        return self.ends and self.table is not None and self.at == self.table.rows

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


class _Bound(NamedTuple):
    """The spell up to which all runs have been read."""

    table: LineTable
    row: int


def _merge(runs: list[_Run], by_spell: bool) -> Iterator[RecordLines]:
    """Stretches of whole spells from all runs.

    A stretch ends before the lowest of the last spells that the runs have in memory: below it nothing can be missing.
    """
    while runs := [run for run in runs if not run.is_over]:
        bound = _bound([run for run in runs if not run.ends])
        parts: list[Part] = []
        for run in runs:
            assert run.table is not None
            end = run.table.below(*bound) if bound else run.table.rows
            if end > run.at:
                parts.append((run.table, run.at, end))
            run.at = max(run.at, end)
        if parts:
            yield join(parts, by_spell)
        for run in runs:
            if not run.ends and (not parts or run.at * 2 >= run.table.rows):  # type: ignore[union-attr]
                run.read_on()


def _bound(runs: list[_Run]) -> _Bound | None:
    lowest: _Bound | None = None
    for run in runs:
        assert run.table is not None
        last = _Bound(run.table, run.table.rows - 1)
        if lowest is None or last.table.spell_compared(last.row, *lowest) < 0:
            lowest = last
    return lowest
