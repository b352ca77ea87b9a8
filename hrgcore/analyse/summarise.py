"""Totals of grouped data by any columns: episodes, spells, bed days and cost, made safe to publish if that is asked for."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import repeat
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from hrgcore.analyse.categories import EPISODES, RECORDS, SPELLS, Categories, Reader, first_of
from hrgcore.analyse.grouped import numbers_of, place_of, read_grouped
from hrgcore.analyse.suppression import hidden_cells
from hrgcore.analyse.totals import (
    BED_DAYS,
    COST,
    EPISODE_COUNTS,
    TOTAL,
    WITHOUT,
    Axis,
    Totals,
    grid_of,
    has_episodes,
    leading_rows,
    level_of,
    people_of,
)
from hrgcore.errors import ArgumentError
from hrgcore.files.tables import readable
from hrgcore.report.tables import check_table, write_table
from hrgcore.report.workbooks import Sheet, write_workbook

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from hrgcore.report.workbooks import Cell

HIDDEN = "*"
TOTALS = (SPELLS.unit, EPISODES.unit, RECORDS.unit, BED_DAYS, COST)
MEAN, SHARE, RATE = "mean_cost", "share", "rate"
NAME, SIZE = "name", "size"  # ways to sort
PER = 1_000  # persons of a rate
COARSER = 1_000  # GBP that a cost is rounded to for each one that a count is
# Totals that may be solved for hidden counts, and by what knowledge.
_TITLES = {EPISODES.unit: "Episodes", BED_DAYS: "Bed days", COST: "Costs"}
_KNOWN = {EPISODES.unit: "those of a spell", BED_DAYS: "those of a record", COST: "the prices"}
_EXACT = 2**53  # below it floating point numbers hold all whole ones
_DECIMALS = {COST: 2, MEAN: 2, SHARE: 6, RATE: 4}
_EXCEL = {COST: "#,##0", MEAN: "#,##0", SHARE: "0.0%", RATE: "0.00", BED_DAYS: "#,##0"} | dict.fromkeys(TOTALS[:3], "#,##0")


class Row(NamedTuple):
    """A line of a summary.

    Attributes:
        keys: its category of each column, `total` where all are added up.
        values: in the order of the columns; None where there is none, and where it is withheld.
        hidden: whether all its values are withheld.
    """

    keys: tuple[str, ...]
    values: tuple[float | None, ...]
    hidden: bool


class Lines(NamedTuple):
    """Lines for people: the names of the columns, and cells, `*` where a value is hidden."""

    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


@dataclass(frozen=True)
class Summary:
    """Totals by categories. What is hidden in it is not there at all, so that it can be handed on.

    Attributes:
        by: the columns of the categories.
        columns: names of the values: totals, and `mean_cost` of a row with a cost, `share` of the main total, `rate` per 1,000.
        rows: the lines; totals are the last.
        main: the total that shares, sizes and pictures are of.
        notes: what a reader has to know.
    """

    by: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    main: str
    notes: tuple[str, ...]

    @property
    def table(self) -> pa.Table:
        """The lines as a table: null where a value is hidden, which the column `hidden` tells."""
        import pyarrow as pa

        keys = [[row.keys[number] for row in self.rows] for number in range(len(self.by))]
        values = [[row.values[number] for row in self.rows] for number in range(len(self.columns))]
        return pa.table([*keys, *values, [row.hidden for row in self.rows]], names=[*self.by, *self.columns, "hidden"])

    def lines(self) -> Lines:
        """The lines as people read them."""
        rows = [(*row.keys, *map(_seen, self.columns, row.values, repeat(row.hidden))) for row in self.rows]
        return Lines((*self.by, *self.columns), rows)

    def matrix(self, column: str | None = None) -> Lines:
        """One of the values with a line for each category of the first column, and a column for each of the second.

        Args:
            column: the value; the main total if left out.

        Raises:
            ArgumentError: the summary is not by two columns, or has no such value.
        """
        column = column or self.main
        if len(self.by) != 2 or column not in self.columns:
            raise ArgumentError("a matrix is of two columns and one of the values", place="matrix", cure="Name two columns.")
        place = self.columns.index(column)
        cells = {row.keys: _seen(column, row.values[place], row.hidden) for row in self.rows}
        across = [second for first, second in cells if first == TOTAL]
        down = dict.fromkeys(first for first, _ in cells)
        empty = None if column == MEAN else 0
        rows = [(first, *(cells.get((first, second), empty) for second in across)) for first in down]
        return Lines((self.by[0], *across), rows)

    def write(self, path: Path | str, *, matrix: bool = False, keep: Iterable[Path] = ()) -> None:
        """Writes the lines, or the matrix, to a file that ends in .csv or .xlsx (`*` where hidden) or .parquet (null).

        Args:
            path: of the file.
            matrix: whether it holds the matrix of the main total.
            keep: files that must not be overwritten, such as the input.

        Raises:
            ArgumentError: another ending, or a library is missing.
            OutputFileError: the file cannot be written.
        """
        from hrgcore.files.outputs import OutputSet

        path = Path(path)
        check_table(path)
        with OutputSet(path, [""], keep) as output:
            self._write(output.open(""), path, matrix)
            output.commit()

    def plot(self, path: Path | str, *, most: int = 20) -> None:
        """Draws the main total as bars; what is hidden has a mark and no length.

        Args:
            path: of the picture, which ends in .png or .svg.
            most: how many categories have a bar of their own, the largest; the others share one.

        Raises:
            ArgumentError: another ending, or the drawing library is missing.
            OutputFileError: the file cannot be written.
        """
        from hrgcore.analyse.summary_plot import plot_summary

        plot_summary(self, Path(path), most)

    def _write(self, file: BinaryIO, path: Path, matrix: bool) -> None:
        lines = self.matrix() if matrix else self.lines()
        if path.suffix.lower() == ".xlsx":
            formats = dict.fromkeys(lines.columns[1:], _EXCEL[self.main]) if matrix else _EXCEL
            write_workbook(file, [Sheet("summary", lines.columns, lines.rows, " ".join(self.notes), formats)])
        elif path.suffix.lower() == ".csv":
            text = StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows([lines.columns, *lines.rows])
            file.write(text.getvalue().encode())
        else:
            write_table(file, path.name, _as_table(lines) if matrix else self.table)


def _seen(column: str, value: float | None, hidden: bool) -> Cell:
    """A value, or the mark of a hidden one: of a line or, of a cost alone, where there is no total."""
    return HIDDEN if hidden or (value is None and column in TOTALS) else value


def _as_table(lines: Lines) -> pa.Table:
    """Lines of one value as a table: null where it is hidden."""
    import pyarrow as pa

    names, *columns = zip(*lines.rows, strict=True)
    told = ([None if cell == HIDDEN else cell for cell in column] for column in columns)
    return pa.table([names, *told], names=list(lines.columns))


def summarise(
    source: Any,
    by: Sequence[str],
    *,
    cost: str | None = None,
    totals: Sequence[str] | None = None,
    main: str | None = None,
    level: str | None = None,
    bands: Mapping[str, str] | None = None,
    sort: str = NAME,
    suppress: int | None = None,
    rounding: int | None = None,
    population: Any = None,
    failed_hrg: str | None = None,
) -> Summary:
    """Totals of grouped data by the values of some columns.

    Args:
        source: the path of an output of `hrg group` or another table with a header (CSV, Parquet, Arrow), or an object with an
            Arrow stream.
        by: columns of the table, or words: `programme`, `icd10-chapter`, `chapter`, `subchapter`, `root` and `hrg` of the column
            that the table has for them, or of another (`chapter:SpellHRG`); `month:COLUMN` and `year:COLUMN` (April to March).
        cost: the column that holds the cost of each row in GBP; a blank is no cost, and counted.
        totals: which of `spells`, `episodes`, `records`, `bed_days`, `cost` to give; all that there are if left out.
        main: the one that shares and sizes are of; the cost if there is one, else the spells, else the rows.
        level: `episodes`, `spells` or `records`: what a row stands for; found out if left out. `spells` of a table of episodes
            takes one row of each spell.
        bands: by column, bands of its numbers such as `0-17,18-64,65+` (completed years, days).
        sort: `name`, or `size` for the largest first.
        suppress: counts from 1 to this are hidden, and others that would give them away; None hides none.
        rounding: counts and bed days are rounded to multiples of this, and costs to multiples of 1,000 times this.
        population: a table with the columns `by` and `population`, for the rate per 1,000 persons.
        failed_hrg: HRG of records that failed, where no column tells which did.

    Raises:
        InputFileError: a file cannot be used, a column is missing, or a cell is no number.
        ArgumentError: a word, a band or another argument is not usable.
    """
    _check(by, sort, suppress, rounding)
    place, table = place_of(source), read_grouped(source)
    with readable(Path(place)):
        found = level_of(table, level)
        reader, leading = Reader(table, found, place, bands, failed_hrg), None
        if found is EPISODES or (found is SPELLS and has_episodes(table)):
            leading = leading_rows(table, reader.failed(), place)
        if found is SPELLS and leading is not None:
            table, leading = table.filter(leading), None
            reader = Reader(table, found, place, bands, failed_hrg)
        categories = [reader.read(name) for name in by]
        grid = grid_of(categories, place)
        sums = Totals(grid, found)
        sums.count(table, leading, place)
        for name, column in ((BED_DAYS, first_of(table, found.stay)), (COST, cost)):
            if column is not None:
                sums.add(name, numbers_of(table, column, place))
        people = None if population is None else people_of(population, by, grid)
        chosen = _chosen(sums, totals, main)
    solvable = _solvable(categories, cost)
    return _Telling(tuple(by), sums, chosen, people, suppress, rounding, solvable).summary(sort, reader.failed())


def _solvable(categories: Sequence[Categories], cost: str | None) -> set[str]:
    """The totals of which each line tells what a record adds: from their sums the counts of hidden lines could be solved.

    Lines by HRG tell the cost, for prices are public; lines by stay the bed days, and so on.
    """
    from hrgcore.analyse.splits import ALL_STAYS

    columns = {column.column for column in categories}
    told = {BED_DAYS: columns & ALL_STAYS, EPISODES.unit: columns & {*EPISODE_COUNTS}, COST: columns & {cost}}
    return {name for name, found in told.items() if found} | {COST for column in categories if column.priced}


def _check(by: Sequence[str], sort: str, suppress: int | None, rounding: int | None) -> None:
    if isinstance(by, str) or not by or len(set(by)) < len(by):
        raise ArgumentError("no list of different columns", place="by", cure='Name columns, such as by=["programme"].')
    if sort not in (NAME, SIZE):
        raise ArgumentError(f"{sort!r} is no way to sort", place="sort", cure=f"Choose {NAME} or {SIZE}.")
    for name, number, least in (("suppress", suppress, 1), ("rounding", rounding, 2)):
        if number is not None and number < least:
            raise ArgumentError(f"{number} is below {least}", place=name, cure="Choose a higher number, or leave it out.")


def _chosen(sums: Totals, totals: Sequence[str] | None, main: str | None) -> tuple[str, ...]:
    """The totals to be given, the main one first.

    Raises:
        ArgumentError: the data have no such total.
    """
    there = [name for name in TOTALS if name in sums.sums]
    main = main or next(name for name in (COST, *sums.counts) if name in (totals or there) or name == sums.counts[-1])
    for name in (main, *(totals or ())):
        if name not in there:
            raise ArgumentError(f"there is no total {name!r}", place="totals", cure=f"Choose from {', '.join(there)}.")
    return main, *(name for name in there if name != main and (totals is None or name in totals))


class _Telling:
    """What is told of totals.

    The order makes it safe: totals are hidden, then rounded, and all else is derived from what is left of them.
    """

    def __init__(
        self,
        by: tuple[str, ...],
        sums: Totals,
        chosen: tuple[str, ...],
        people: np.ndarray | None,
        suppress: int | None,
        rounding: int | None,
        solvable: set[str],
    ) -> None:
        import numpy as np

        self._by, self._sums, self._grid, self._main, self._people = by, sums, sums.grid, chosen[0], people
        self._suppress, self._rounding = suppress, rounding
        counts = [sums.sums[name] for name in sums.counts]
        self._hidden = np.zeros(counts[-1].shape, dtype=bool) if suppress is None else hidden_cells(counts, suppress)
        self._there = self._hidden | (self._told(sums.counts[-1], counts[-1]) > 0)  # what rounds to none is as if it were none
        known = {name: self._told(name, numbers) for name, numbers in sums.sums.items()}
        covered = [name for name in TOTALS if name in solvable and name in known] if self._hidden.any() else []
        for name in covered:  # also one that is not chosen: a mean would tell it
            known[name][_covering(self._hidden)] = np.nan
        self._covered = [name for name in covered if name in chosen]
        self._values = {name: known[name] for name in TOTALS if name in chosen}
        self._values |= self._derived(known)

    def _told(self, name: str, numbers: np.ndarray) -> np.ndarray:
        """A total as it is told; NaN where it is hidden."""
        import numpy as np

        if self._rounding is not None:
            step = self._rounding * (COARSER if name == COST else 1)
            numbers = np.floor(numbers / step + 0.5) * step
        return np.where(self._hidden, np.nan, numbers)

    def _derived(self, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Rows without a value, mean cost, share and rate. Where counts are hidden, rows without a value are not counted."""
        import numpy as np

        found = {name: known[name] for name in known if name.startswith(WITHOUT) and name[len(WITHOUT) :] in self._values}
        with np.errstate(divide="ignore", invalid="ignore"):
            if COST in self._values and not (self._suppress and found.get(WITHOUT + COST) is not None):
                found[MEAN] = known[COST] / (known[self._sums.unit] - known.get(WITHOUT + COST, 0))
            if not np.isnan(known[self._main][-1, -1]):
                found[SHARE] = known[self._main] / known[self._main][-1, -1]
            if self._people is not None:
                found[RATE] = known[self._sums.counts[0]] / self._people * PER
        return found if self._suppress is None else {name: found[name] for name in found if not name.startswith(WITHOUT)}

    def summary(self, sort: str, failed: np.ndarray | None) -> Summary:
        """All that is told."""
        rows = tuple(self._rows(sort))
        return Summary(self._by, tuple(self._values), rows, self._main, tuple(self._notes(failed)))

    def _rows(self, sort: str) -> Iterator[Row]:
        """The lines that hold records; the totals of a line follow it."""
        down, across = self._grid
        main = self._values[self._main]
        downs, acrosses = _order(down, main[:-1, -1], sort), _order(across, main[-1, :-1], sort)
        if self._grid.crossed:
            acrosses.append(-1)
        for i in [*downs, -1]:
            for j in acrosses:
                if self._there[i, j]:
                    key = (down.total if i < 0 else down.keys[i]) + (across.total if j < 0 else across.keys[j])
                    yield Row(key, self._cells(i, j), bool(self._hidden[i, j]))

    def _cells(self, i: int, j: int) -> tuple[float | None, ...]:
        return tuple(_cell(name, float(numbers[i, j])) for name, numbers in self._values.items())

    def _notes(self, failed: np.ndarray | None) -> Iterator[str]:
        """What a reader has to know; nothing of it tells a count that is hidden."""
        if self._suppress is not None:
            yield f"* hidden: a count of 1 to {self._suppress}, or what would give one away."
            for name in self._covered:
                yield f"{_TITLES[name]} of totals with hidden lines are hidden: who knows {_KNOWN[name]} could count."
        if self._rounding is not None:
            yield f"Rounded to the nearest {self._rounding}, costs to GBP {self._rounding * COARSER:,}; totals by themselves."
        unit, blanks = self._sums.unit, [name for name in self._sums.sums if name.startswith(WITHOUT)]
        if self._suppress is not None or self._rounding is not None:
            if blanks:
                yield f"Some {unit} have no {' or '.join(name[len(WITHOUT) :] for name in blanks)}."
            return
        if failed is not None:
            yield f"{int(failed.sum()):,} {unit} failed to group."
        for name in blanks:
            yield f"{self._sums.sums[name][-1, -1]:,.0f} {unit} have no {name[len(WITHOUT) :]}; they add nothing to it."


def _covering(hidden: np.ndarray) -> np.ndarray:
    """The hidden cells of a bordered table, and the totals that have such cells in them."""
    found: np.ndarray = hidden.copy()
    cells = hidden[:-1, :-1]
    found[:-1, -1] |= cells.any(axis=1)
    found[-1, :-1] |= cells.any(axis=0)
    found[-1, -1] |= cells.any()
    return found


def _order(axis: Axis, sizes: np.ndarray, sort: str) -> list[int]:
    """The places of an axis in the order of their names, or the largest first and what is hidden after them by name."""
    import numpy as np

    places = list(range(len(axis.keys)))
    if sort == NAME:
        return places
    return sorted(places, key=lambda place: (place >= axis.own, bool(np.isnan(sizes[place])), -np.nan_to_num(sizes[place])))


def _cell(name: str, value: float) -> float | None:
    """A value as it is put out: whole where it is exactly that, None where there is none."""
    if not isfinite(value):
        return None
    if name in _DECIMALS:
        return round(value, _DECIMALS[name])
    return int(value) if value.is_integer() and abs(value) < _EXACT else value
