"""Rows of grouped data added up by categories: episodes, spells, days and costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from hrgcore.analyse.categories import EPISODES, LEVELS, RECORDS, SPELLS, Categories, Level, first_of
from hrgcore.analyse.grouped import column_of, numbers_of, place_of, read_grouped
from hrgcore.analyse.suppression import bordered
from hrgcore.errors import ArgumentError, InputFileError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

TOTAL = "total"
BED_DAYS, COST = "bed_days", "cost"
WITHOUT = "without_"  # begins the name of the count of rows without a value
PEOPLE = "population"
MOST_CELLS = 5_000_000  # of a table, empty ones included
_FLAGS = ("SpellReportFlag", "report_flag")
_SPELL_KEYS = (("spell",), ("PROCODET", "PROVSPNO"))
EPISODE_COUNTS = ("SpellEpisodeCount", "episodes")


class Axis(NamedTuple):
    """One side of a table.

    Attributes:
        codes: the place of each row of the data.
        keys: the categories of each place.
        own: how many places, the first ones, have only categories of the columns themselves.
    """

    codes: np.ndarray
    keys: list[tuple[str, ...]]
    own: int

    @property
    def total(self) -> tuple[str, ...]:
        """The categories of the place where all are added up."""
        return (TOTAL,) * len(self.keys[0])


class Grid(NamedTuple):
    """The two sides of a table. But for two columns, the second side has one place without categories."""

    down: Axis
    across: Axis

    @property
    def crossed(self) -> bool:
        """Whether the table has two sides."""
        return self.across.keys != [()]

    def add(self, weights: np.ndarray) -> np.ndarray:
        """The sums of a number by cell, with their totals."""
        import numpy as np

        shape = len(self.down.keys), len(self.across.keys)
        places = self.down.codes * shape[1] + self.across.codes
        return bordered(np.bincount(places, weights, minlength=shape[0] * shape[1]).reshape(shape))


def grid_of(columns: Sequence[Categories], place: str) -> Grid:
    """The sides of a table by some columns: by two of them, each has a side; else all have one, and the other is empty.

    Raises:
        InputFileError: categories of the data have the names of those that stand for others.
        ArgumentError: the table would be too large.
    """
    import numpy as np

    if len(columns) == 2:
        down, across = _axis(columns[:1], place), _axis(columns[1:], place)
    else:
        down = _axis(columns, place)
        across = Axis(np.zeros_like(down.codes), [()], 1)
    if len(down.keys) * len(across.keys) > MOST_CELLS:
        raise ArgumentError(
            f"the table would have {len(down.keys):,} x {len(across.keys):,} cells",
            place="by",
            cure="Choose columns with fewer categories, or bands of them.",
        )
    return Grid(down, across)


def _axis(columns: Sequence[Categories], place: str) -> Axis:
    import numpy as np

    if not columns[0].codes.size:
        raise InputFileError("has no rows", place=place, cure="Give a table with records.")
    for column in columns:
        if len({*column.labels, TOTAL}) <= len(column.labels):
            raise InputFileError(
                f"column {column.name} has a category with the name of another",
                place=place,
                cure=f"Rename it, such as {TOTAL!r}.",
            )
    first, *others = columns
    if not others:
        return Axis(first.codes, [(label,) for label in first.labels], first.own)
    rows, codes = np.unique(np.stack([column.codes for column in columns], axis=1), axis=0, return_inverse=True)
    apart = (rows >= [column.own for column in columns]).any(axis=1)
    order = np.argsort(apart, kind="stable")
    keys = [tuple(column.labels[code] for column, code in zip(columns, row, strict=True)) for row in rows[order].tolist()]
    return Axis(np.argsort(order)[codes.reshape(-1)], keys, int((~apart).sum()))


class Totals:
    """Bordered tables of sums, by name.

    Args:
        grid: the sides of the tables.
        level: what a row stands for.
    """

    def __init__(self, grid: Grid, level: Level) -> None:
        self.grid = grid
        self.unit = level.unit
        self.counts: list[str] = []  # of episodes, spells or records: each at most the one after
        self.sums: dict[str, np.ndarray] = {}

    def count(self, table: pa.Table, leading: np.ndarray | None, place: str) -> None:
        """Counts rows, and what else they stand for: the spells that episodes make, or the episodes of spells."""
        import numpy as np

        counts = {self.unit: np.ones(table.num_rows)}
        episodes = first_of(table, EPISODE_COUNTS)
        if leading is not None:
            counts = {SPELLS.unit: leading.astype(float), **counts}
        elif self.unit == SPELLS.unit and episodes is not None:
            numbers = numbers_of(table, episodes, place)
            if not (numbers >= 1).all():
                raise InputFileError(f"column {episodes} has a spell without an episode", place=place, cure="Mend or drop it.")
            counts[EPISODES.unit] = numbers
        self.counts = list(counts)
        self.sums |= {name: np.rint(self.grid.add(numbers)).astype(np.int64) for name, numbers in counts.items()}

    def add(self, name: str, numbers: np.ndarray) -> None:
        """Adds a number up, and counts the rows that have none (NaN)."""
        import numpy as np

        unknown = np.isnan(numbers)
        self.sums[name] = self.grid.add(np.where(unknown, 0, numbers))
        if unknown.any():
            self.sums[WITHOUT + name] = self.grid.add(unknown.astype(float))


def level_of(table: pa.Table, name: str | None) -> Level:
    """What the rows of a table stand for: what is said, or what its columns show.

    Raises:
        ArgumentError: there is no such level.
    """
    if name is not None:
        if name not in LEVELS:
            raise ArgumentError(f"there is no level {name!r}", place="level", cure=f"Choose one of {', '.join(LEVELS)}.")
        return LEVELS[name]
    if has_episodes(table):
        return EPISODES
    return SPELLS if SPELLS.hrg[0] in table.column_names or "first_row" in table.column_names else RECORDS


def has_episodes(table: pa.Table) -> bool:
    """Whether the rows of a table are episodes of admitted care."""
    return first_of(table, (EPISODES.hrg[0], *_FLAGS)) is not None


def leading_rows(table: pa.Table, failed: np.ndarray | None, place: str) -> np.ndarray | None:
    """Which rows of a table of episodes stand for their spells: the one that leads a spell, else one that failed, else the first.

    Args:
        table: the episodes.
        failed: which of them failed, if that is known.
        place: how messages name the table.

    Returns:
        True for one row of each spell; None if the table does not tell which spells there are.
    """
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute

    flag = first_of(table, _FLAGS)
    flags = np.zeros(table.num_rows, dtype=bool)
    if flag is not None:
        texts = compute.cast(column_of(table, flag, place), pa.string())
        flags = compute.is_in(texts, value_set=pa.array(["1", "true"])).to_numpy()
    key = next((names for names in _SPELL_KEYS if set(names) <= set(table.column_names)), None)
    if key is None:
        return flags if flag is not None else None
    numbers = np.zeros(table.num_rows, dtype=np.int64)
    for name in key:
        codes = _codes(column_of(table, name, place))
        numbers = numbers * (codes.max(initial=0) + 1) + codes
    order = np.argsort(~flags if failed is None else np.where(flags, 0, np.where(failed, 1, 2)), kind="stable")
    _, firsts = np.unique(numbers[order], return_index=True)
    leading = np.zeros(table.num_rows, dtype=bool)
    leading[order[firsts]] = True
    return leading


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    """A number for each different value, a blank included."""
    import numpy as np
    from pyarrow import compute, string

    texts = compute.cast(column, string()).combine_chunks()
    codes: np.ndarray = texts.dictionary_encode(null_encoding="encode").indices.to_numpy(zero_copy_only=False)
    return codes.astype(np.int64)


def people_of(source: Any, by: Sequence[str], grid: Grid) -> np.ndarray:
    """The population of each cell of a table, and of its totals; NaN where it is not known.

    Args:
        source: a table with the columns `by` and `population`.
        by: the columns of the categories.
        grid: the sides of the table.

    Raises:
        InputFileError: a column is missing, a population is no number above 0, or a category stands twice.
    """
    import numpy as np
    from pyarrow import compute, string

    place, table = place_of(source), read_grouped(source)
    columns = [compute.utf8_trim_whitespace(compute.cast(column_of(table, name, place), string())).to_pylist() for name in by]
    numbers, keys = numbers_of(table, PEOPLE, place), list(zip(*columns, strict=True))
    if not (numbers > 0).all():
        raise InputFileError("holds a population that is not above 0", place=place, cure="Mend or leave out its row.")
    if len(set(keys)) < len(keys):
        raise InputFileError("has a category twice", place=place, cure="Add its populations up.")
    people: Counter[tuple[str, ...]] = Counter()
    width = len(grid.down.keys[0])
    for key, number in zip(keys, numbers.tolist(), strict=True):
        for down in {key[:width], grid.down.total}:
            for across in {key[width:], grid.across.total}:
                people[down + across] += number
    down_keys, across_keys = ([*axis.keys, axis.total] for axis in grid)
    return np.array([[people.get(down + across, np.nan) for across in across_keys] for down in down_keys])
