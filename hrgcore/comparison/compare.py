"""Designs side by side: the same records grouped by each, who moves, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hrgcore import datasets
from hrgcore.comparison import tables
from hrgcore.comparison.examples import Example, examples_of
from hrgcore.comparison.moves import SPELL, Moves, find_moves
from hrgcore.comparison.report import write_report
from hrgcore.comparison.traced import Side
from hrgcore.comparison.view import DesignView
from hrgcore.errors import ArgumentError
from hrgcore.files.rdf import RecordDefinition
from hrgcore.files.reader import open_stream
from hrgcore.files.tables import check_pyarrow, open_table, readable
from hrgcore.grouper import Grouper
from hrgcore.plugins import host

if TYPE_CHECKING:
    import pyarrow as pa

    from hrgcore.columns.mapping import Columns
    from hrgcore.columns.tables import GroupedTable
    from hrgcore.datasets.batches import Progress
    from hrgcore.design import Design
    from hrgcore.prices import PriceBook

PREVIOUS, FIRST = "previous", "first"  # what a design is compared with


def compare(
    source: Any,
    designs: Iterable[str | Design],
    *,
    dataset: str = "APC",
    columns: Columns = None,
    header: bool | None = None,
    against: str = PREVIOUS,
    prices: str | PriceBook | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Groups the same records by several designs, and finds who moves from one to the next and why.

    Args:
        source: path of a Parquet, Arrow or CSV file, or a table with an Arrow interface; see Grouper.group.
        designs: names of installed designs, or loaded designs, at least two; in the order in which they are compared.
        dataset: of the records.
        columns: which column holds which field; see Grouper.group.
        header: of a CSV file, whether it starts with a header; by default it does, unless `columns` is a record definition.
        against: `previous` compares each design with the one before it, `first` with the first.
        prices: name of a book of prices, or the book: adds the effect on cost to all tables (admitted care only).
        threads: how many to use; all cores if None.
        progress: called with the spells done and the spells in all, of each design.

    Raises:
        ArgumentError: fewer than two designs, one that stands twice, options that do not go together, or the columns do not fit.
        DesignError: a design is not installed, is broken, or lacks the data set.
        InputFileError: the file is missing or no such table.
    """
    loaded = [Grouper(design, dataset).design for design in designs]
    names = [design.name for design in loaded]
    if len(names) < 2 or len(set(names)) < len(names):
        cure = "Name them: designs=['2021-22', '2024-25']. Two of one name need another name in one design.toml."
        raise ArgumentError("at least two designs are compared, each name once", cure=cure)
    if against not in (PREVIOUS, FIRST):
        raise ArgumentError(f"there is no comparison against {against!r}", cure=f"Choose {PREVIOUS} or {FIRST}.")
    book = host().price_book(prices) if isinstance(prices, str) else prices
    if book is not None and not datasets.dataset(dataset).has_spells:
        raise ArgumentError("prices go with admitted care only", place="prices", cure="Leave them out.")
    check_pyarrow()
    with _opened(source, columns, header) as table:
        grouped = _group(table, loaded, dataset, columns, threads, progress)
    return Comparison(grouped, against, book)


@contextmanager
def _opened(source: Any, columns: Columns, header: bool | None) -> Iterator[Any]:
    """The table of a source."""
    if not isinstance(source, str | Path):
        yield source
        return
    path, defined = Path(source), isinstance(columns, str | Path | RecordDefinition)
    with open_stream(path) as stream, readable(path):
        yield open_table(stream, path, header if header is not None else not defined).batches()


def _group(
    table: Any, designs: Sequence[Design], dataset: str, columns: Columns, threads: int | None, progress: Progress | None
) -> list[GroupedTable]:
    from hrgcore.columns.door import group_table

    found = datasets.dataset(dataset)
    return group_table(designs, found, table, columns=columns, threads=threads, progress=progress)


class Comparison:
    """The same records grouped by several designs.

    Attributes:
        dataset: name of the data set.
        designs: names of the designs, in order.
        grouped: the grouped table of each design.
        moves: who moved: for each pair of designs one entry a level, spells before episodes.
        prices: the book of prices, if there is one.
    """

    def __init__(self, grouped: Sequence[GroupedTable], against: str = PREVIOUS, prices: PriceBook | None = None) -> None:
        self.grouped = tuple(grouped)
        self.dataset = grouped[0].grouped.dataset.name
        self.prices = prices
        self._sides = [Side(DesignView(table.grouped.design), table) for table in grouped]
        self.designs = tuple(side.view.name for side in self._sides)
        pairs = pairwise(self._sides) if against == PREVIOUS else ((self._sides[0], later) for later in self._sides[1:])
        self._pairs = [(one, other) for one, other in pairs]
        self.moves: tuple[Moves, ...] = tuple(moves for pair in self._pairs for moves in find_moves(pair, prices))

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels at which records are compared: spells and episodes, or records."""
        return tuple(dict.fromkeys(moves.level for moves in self.moves))

    def sides_of(self, moves: Moves) -> tuple[Side, Side]:
        """The grouped tables that moves lie between."""
        return next(pair for pair in self._pairs if (pair[0].view, pair[1].view) == moves.views)

    @cached_property
    def _input_rows(self) -> np.ndarray:
        return np.asarray(self.grouped[0].input_rows, np.int64)

    def rows_of(self, level: str, units: np.ndarray) -> np.ndarray:
        """The row of the input, counted from 0, of some units; of spells that of the first episode."""
        rows: np.ndarray = self._input_rows[self._sides[0].starts[units] if level == SPELL else units]
        return rows

    @cached_property
    def providers(self) -> tuple[np.ndarray, list[str]] | None:
        """The number of the provider of each spell or period, and the names of providers; None in data sets without them."""
        return tables.read_providers(self.grouped[0])

    def explain(self, row: int) -> tuple[Example, ...]:
        """Why a record of the input moved, or its spell: one entry for each pair of designs and level in which it did.

        Args:
            row: of the input, counted from 0.

        Raises:
            ArgumentError: there is no such row.
        """
        found = np.flatnonzero(self._input_rows == row)
        if not len(found):
            raise ArgumentError(f"there is no row {row}", cure=f"Rows are counted from 0 to {len(self._input_rows) - 1}.")
        spell = self._sides[0].spell_of(found)
        told: list[Example] = []
        for moves in self.moves:
            units = spell if moves.level == SPELL else found
            places = np.flatnonzero(np.isin(moves.moved, units))
            told += examples_of(self, moves, places)
        return tuple(told)

    def examples(self, moves: Moves, number: int) -> list[Example]:
        """The first units of each reason and pair of HRGs, so many of each, in official order."""
        kinds = np.array([list(type(finding.reason)).index(finding.reason) for finding in moves.findings] or [0])
        one, other = (column.astype(np.int64) for column in moves.moved_hrgs)
        keys = (kinds[moves.found] << 32) + (one << 16) + other
        order = np.argsort(keys, kind="stable")
        _, first, counts = np.unique(keys[order], return_index=True, return_counts=True)
        rank = np.arange(len(keys)) - np.repeat(first, counts)
        return examples_of(self, moves, np.sort(order[rank < number]))

    # --- tables ---

    @property
    def reasons(self) -> pa.Table:
        """How many units moved for each reason, with shares, by pair of designs and level."""
        return tables.reasons(self)

    @property
    def transitions(self) -> pa.Table:
        """How many units have this HRG in one design and that in the other, those that stay included."""
        return tables.transitions(self)

    @property
    def moved(self) -> pa.Table:
        """One row for each unit that moved, with its reason and the table rows that decided."""
        return tables.moved(self)

    @property
    def by_chapter(self) -> pa.Table:
        """Units and moves by the chapter of the earlier design."""
        return tables.by_group(self, "chapter")

    @property
    def by_root(self) -> pa.Table:
        """Units and moves by the root of the earlier design."""
        return tables.by_group(self, "root")

    @property
    def by_provider(self) -> pa.Table:
        """Units and moves by provider; no rows in data sets without providers."""
        return tables.by_provider(self)

    def write(self, folder: str | Path, *, form: str = "csv", examples: int = 5, keep: Iterable[Path] = ()) -> list[Path]:
        """Writes the report: `report.html`, `report.xlsx`, `moved.parquet` and the tables, all or none.

        Args:
            folder: where the files will be; it is made if it is not there.
            form: of the tables, `csv` or `parquet`.
            examples: how many units of each reason and pair of HRGs are told in full.
            keep: files that must not be overwritten, such as the input.

        Returns:
            The paths of the files.

        Raises:
            ArgumentError: there is no such form, or a library is not installed.
            OutputFileError: nothing has been written or changed then.
        """
        return write_report(self, Path(folder), form, examples, keep)

    def __repr__(self) -> str:
        moved = ", ".join(
            f"{moves.designs[0]} to {moves.designs[1]}: {len(moves.moved)} of {moves.units} {moves.level}s"
            for moves in self.moves
        )
        return f"<Comparison {self.dataset} {moved}>"
