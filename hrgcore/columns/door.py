"""Tables in: read chunk by chunk, encoded on several threads, put into official order, grouped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from hrgcore._core.arrow import Chunk, Source
from hrgcore._core.batch import Batch
from hrgcore._core.cells import ColumnEncoder
from hrgcore._core.csvfile import SortPart
from hrgcore._core.encoded import EncodedRows, join, row_numbers
from hrgcore._core.typedefs import CellKind
from hrgcore.columns.mapping import ColumnMap, Columns, map_columns
from hrgcore.columns.tables import INPUT, OFFICIAL, GroupedTable
from hrgcore.datasets.batches import Progress
from hrgcore.datasets.dataset import DataSet
from hrgcore.design.fields import cell_places
from hrgcore.errors import ArgumentError
from hrgcore.results import GroupedBatch

if TYPE_CHECKING:
    from hrgcore.design import Design

Part = tuple[EncodedRows, int, int]  # rows first to end - 1 of encoded rows

STEP = 65_536  # rows that a thread encodes at a time
LEAST_STEP = 8_192  # fewer are not worth a thread
MOST_ROWS = 2**31 - 1  # rows have numbers of 32 bits in messages
CHECK = "Check the table with the library that made it."
_T = TypeVar("_T")
_S = TypeVar("_S")


def group_table(
    design: Design,
    dataset: DataSet,
    table: Any,
    *,
    columns: Columns = None,
    order: str = OFFICIAL,
    threads: int | None = None,
    progress: Progress | None = None,
) -> GroupedTable:
    """Groups a table; see Grouper.group."""
    door = Door(design, dataset, table, columns, order, threads, progress)
    parts = [part for found in door.encoded() for part in found]
    return door.group(parts, 0)


def group_chunks(
    design: Design,
    dataset: DataSet,
    table: Any,
    *,
    columns: Columns = None,
    order: str = OFFICIAL,
    rows: int = STEP,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Iterator[GroupedTable]:
    """Groups a table stretch by stretch; see Grouper.group_chunks."""
    if rows < 1:
        raise ArgumentError("rows must be at least 1", cure="Leave it out to let hrgcore choose.")
    door = Door(design, dataset, table, columns, order, threads, progress)
    return _stretches(door, rows)


def _stretches(door: Door, rows: int) -> Iterator[GroupedTable]:
    first, enough = 0, rows
    held: list[Part] = []
    for found in door.encoded():
        held += found
        waiting = sum(end - start for _, start, end in held)
        if waiting < enough:
            continue
        whole = door.join(held)
        door.check_ascending(whole, first)
        cut = door.complete(whole)
        held = [(whole, cut, whole.rows)]
        # a spell without end must not be joined again with every chunk
        enough = max(rows, whole.rows - cut + rows, 0 if cut else 2 * waiting)
        if cut:
            yield door.group([(whole, 0, cut)], first)
            first += cut
    whole = door.join(held)
    door.check_ascending(whole, first)
    if whole.rows or not first:
        yield door.group([(whole, 0, whole.rows)], first)


class Door:
    """What it takes to read one table and to group what was read."""

    def __init__(
        self,
        design: Design,
        dataset: DataSet,
        table: Any,
        columns: Columns = None,
        order: str = OFFICIAL,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        if order not in (OFFICIAL, INPUT):
            raise ArgumentError(f"there is no order {order!r}", cure=f"Choose {OFFICIAL} or {INPUT}.")
        if threads is not None and threads < 1:
            raise ArgumentError("threads must be at least 1", cure="Leave it out to let hrgcore choose.")
        self.design = design
        self.dataset = dataset
        self.order = order
        self.threads = threads
        self.progress = progress
        self.fields = design.tables.fields[dataset.name]
        self.source = _open(table)
        self.map: ColumnMap = map_columns(design, dataset, self.source.names, self.source.types, columns)
        self.used = tuple(column.number for column in self.map.used)
        self.sort_column = _sort_column(dataset, self.map)

    def encoded(self) -> Iterator[list[Part]]:
        """The encoded rows of each chunk; the chunk's own memory is released by then."""
        workers = self.threads or os.cpu_count() or 1
        read = 0
        with ThreadPoolExecutor(workers) as pool:
            while (chunk := self._next()) is not None:
                step = max(LEAST_STEP, min(STEP, -(-chunk.rows // workers)))
                spans = list(pairwise([*range(0, chunk.rows, step), chunk.rows]))
                many = workers > 1 and len(spans) > 1
                found = list(_map(pool if many else None, lambda span: self._encode(chunk, *span, read), spans))  # noqa: B023
                read += chunk.rows
                chunk.release()
                yield [(rows, 0, rows.rows) for rows in found]

    def _next(self) -> Chunk | None:
        with _refused():
            return self.source.next(self.used)

    def _encode(self, chunk: Chunk, first: int, end: int, before: int) -> EncodedRows:
        """Rows first to end - 1 of a chunk, before which so many rows were read."""
        widths = self._widths(chunk, first, end, before)
        encoder = ColumnEncoder(self.design.tables, self.fields, self.map.plan, chunk, first, end, widths)
        if encoder.broken_cell is not None:
            row, place = encoder.broken_cell
            raise ArgumentError(
                f"the cell of row {before + row} lies outside its buffers",
                place=f"column {self.map.used[place].name!r}",
                cure=CHECK,
            )
        return encoder.encoded

    def _widths(self, chunk: Chunk, first: int, end: int, before: int) -> list[int]:
        """How many diagnoses, procedures and cells of other repeated fields a row of some has at most."""
        plan = self.map.plan
        widths = {
            int(CellKind.CELL_DIAGNOSIS): plan.most_diagnoses,
            int(CellKind.CELL_PROCEDURE): plan.most_procedures,
            int(CellKind.CELL_ITEM): plan.most_items,
        }
        for place, (kind, most) in self.map.lists.items():
            with _refused():
                longest, row = chunk.longest_list(place, first, end)
            if longest > most:
                raise ArgumentError(
                    f"the list of row {before + row} has {longest} cells, but a record has room for {most}",
                    place=f"column {self.map.used[place].name!r}",
                    cure="Shorten the list.",
                )
            widths[kind] += longest
        return list(widths.values())

    def join(self, parts: list[Part]) -> EncodedRows:
        """All rows of some parts."""
        if sum(end - first for _, first, end in parts) > MOST_ROWS:
            raise ArgumentError(f"a table may have {MOST_ROWS:,} rows", place="table", cure="Use group_chunks.")
        return join(self.fields, parts)

    def check_ascending(self, whole: EncodedRows, first: int) -> None:
        """Refuses rows whose keys fall; the first of them is that row of the input."""
        row = whole.falls()
        if row >= 0:
            key = " and ".join(name for name, part in self.dataset.order.items() if part != SortPart.SORT_ORDER)
            raise ArgumentError(
                f"the row comes before one that it must follow: {key} fall",
                place=f"row {first + row}",
                cure=f"Sort the table by {key} first, or use group, which sorts.",
            )

    def complete(self, whole: EncodedRows) -> int:
        """How many rows belong to spells or periods that no later row can belong to."""
        if not self.dataset.order:
            return whole.rows
        return whole.starts()[-2] if whole.rows else 0

    def group(self, parts: list[Part], first: int) -> GroupedTable:
        """Groups encoded rows, of which the first is that row of the input."""
        rows = self.join(parts)
        order = rows.order(self.sort_column) if self.dataset.order else None
        if order is not None:
            rows = rows.take(order)
        starts = rows.starts() if self.dataset.has_spells else row_numbers(0, rows.rows + 1)
        batch = Batch(self.fields, spell_start=starts, **rows.arrays)
        grouped = GroupedBatch.run(
            self.design,
            batch,
            rows.fault_rows(),
            dataset=self.dataset.name,
            threads=self.threads,
            progress=self.progress,
        )
        return GroupedTable(grouped, rows, starts, order, first, self.order)


def _map(pool: ThreadPoolExecutor | None, work: Callable[[_T], _S], given: Iterable[_T]) -> Iterable[_S]:
    return pool.map(work, given) if pool else map(work, given)


def _sort_column(dataset: DataSet, columns: ColumnMap) -> int:
    """The column of numbers that orders the rows of a spell or period; -1 if the table has none."""
    places = cell_places(dataset.name)
    names = (column.field for column in columns.used if dataset.order.get(column.field) == SortPart.SORT_ORDER)
    return next((places[name][1] for name in names), -1)


def _open(table: Any) -> Source:
    """The stream of a table.

    Raises:
        ArgumentError: it offers none, or not one of tables.
    """
    if hasattr(table, "__arrow_c_stream__"):
        given = table.__arrow_c_stream__()
    elif hasattr(table, "__arrow_c_array__"):
        given = table.__arrow_c_array__()
    else:
        raise ArgumentError(
            f"{type(table).__name__} is no table with an Arrow interface",
            place="table",
            cure="Give one of pyarrow, polars, pandas 3, DuckDB or nanoarrow, or any object with __arrow_c_stream__.",
        )
    with _refused():
        return Source(given)


@contextmanager
def _refused() -> Iterator[None]:
    """Says of what a producer did wrong that it lies in the table."""
    try:
        yield
    except ValueError as error:
        raise ArgumentError(str(error), place="table", cure=CHECK) from error.__cause__
