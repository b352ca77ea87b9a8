"""What records are counted by: columns as they are, and what follows from codes, dates and ages."""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple

from hrgcore.analyse.grouped import HRG_COLUMNS, column_of
from hrgcore.design.conditions import ConditionError, parse_band
from hrgcore.errors import ArgumentError, InputFileError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

FAILED, BLANK, NO_BAND, NO_DATE, NO_CHAPTER = "failed", "blank", "not in a band", "not a date", "not in a chapter"
ERROR_METHOD = "U"  # grouping method flag of a record that failed
_DATE = re.compile(r"(\d{4})-?(0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:\D.*)?")
CATEGORY = 3  # characters of an ICD-10 code that its chapter follows from
_FIRST_MONTH = 4  # of a financial year


class Level(NamedTuple):
    """What a row of a table stands for, and the columns that tell of it, the likelier first."""

    unit: str
    hrg: tuple[str, ...]
    programme: tuple[str, ...]
    diagnosis: tuple[str, ...]
    stay: tuple[str, ...]
    method: tuple[str, ...]


EPISODES = Level(
    "episodes",
    ("FCE_HRG", "hrg"),
    ("FCE_PBC", "programme"),
    ("DIAG_01", "diagnoses"),
    ("CalcEpidur", "stay"),
    ("GroupingMethodFlag", "method"),
)
SPELLS = Level(
    "spells",
    ("SpellHRG", "hrg"),
    ("SpellPBC", "programme"),
    ("SpellPDiag", "primary_diagnosis"),
    ("SpellLOS", "stay"),
    ("SpellGroupingMethodFlag", "method"),
)
RECORDS = Level("records", HRG_COLUMNS, EPISODES.programme, EPISODES.diagnosis, ("stay",), EPISODES.method)
LEVELS = {level.unit: level for level in (EPISODES, SPELLS, RECORDS)}
# Columns of what grouping found: of a record that failed they hold nothing, or the group of errors.
_RESULTS = {*HRG_COLUMNS, *EPISODES.programme, *SPELLS.programme, *SPELLS.diagnosis}


class Categories(NamedTuple):
    """The categories of one column.

    Attributes:
        name: by which they were asked for.
        column: that they were read from.
        codes: the category of each row, as a place in `labels`.
        labels: the categories in their order; those for what has none, and for records that failed, come last.
        own: how many of them are categories of the column itself.
        priced: whether they are HRGs or roots, for which prices are public.
    """

    name: str
    column: str
    codes: np.ndarray
    labels: tuple[str, ...]
    own: int
    priced: bool


# Where a category stands among the others, and its label. The rank parts what is no category of the user's own.
Place = tuple[int, Any, str]
Reading = Callable[[Any], Place]


def first_of(table: pa.Table, names: Sequence[str]) -> str | None:
    """The first of some columns that a table has."""
    return next((name for name in names if name in table.column_names), None)


class Reader:
    """Reads the categories of a table of grouped data.

    Args:
        table: the rows.
        level: what a row is.
        place: how messages name the table.
        bands: the bands of columns, such as `{"STARTAGE": "0-17,18-64,65+"}`.
        failed_hrg: HRG of records that failed, where no other column tells.
    """

    def __init__(
        self, table: pa.Table, level: Level, place: str, bands: Mapping[str, str] | None = None, failed_hrg: str | None = None
    ) -> None:
        self._table = table
        self._level = level
        self._place = place
        self._bands = {name: _band_reading(text) for name, text in (bands or {}).items()}
        self._failed_hrg = failed_hrg
        for name in self._bands:
            self._column(name)

    def read(self, name: str) -> Categories:
        """The categories of a column, or of a word such as `chapter` or `month:EPIEND`.

        Raises:
            InputFileError: the table has no such column.
            ArgumentError: a word needs the name of a column.
        """
        column, reading = self._find(name)
        failed = self.failed(column) if column in _RESULTS or reading in _OF_RESULTS.values() else None
        codes, labels, own = _categories(self._column(column), reading, failed)
        priced = reading in (_OF_RESULTS["root"], _OF_RESULTS["hrg"]) or (column in HRG_COLUMNS and reading is _as_it_is)
        return Categories(name, column, codes, labels, own, priced)

    def _find(self, name: str) -> tuple[str, Reading]:
        """The column that a name stands for, and how its values are read."""
        if name in self._bands:
            return name, self._bands[name]
        if name in self._table.column_names:
            return name, _as_it_is
        word, _, column = name.partition(":")
        if word in _OF_RESULTS:
            return column or self._column_of_word(word), _OF_RESULTS[word]
        if word in _OF_DATES:
            if not column:
                raise ArgumentError(f"{word} needs a column of dates", place="by", cure=f"Write {word}:COLUMN.")
            return column, _OF_DATES[word]
        words = ", ".join((*_OF_RESULTS, *(f"{word}:COLUMN" for word in _OF_DATES)))
        raise ArgumentError(
            f"{self._place} has no column {name!r}", place="by", cure=f"Name one of its columns, or one of {words}."
        )

    def _column_of_word(self, word: str) -> str:
        level = self._level
        names = {"programme": level.programme, "icd10-chapter": level.diagnosis}.get(word, level.hrg)
        found = first_of(self._table, names)
        if found is None:
            raise InputFileError(
                f"has no column for {word}: {' or '.join(names)}", place=self._place, cure=f"Name it: {word}:COLUMN."
            )
        return found

    def failed(self, column: str = "") -> np.ndarray | None:
        """Which rows failed to group: their spells, for a column of spells. None if none did, or the table does not tell."""
        from pyarrow import compute, types

        level = SPELLS if column.startswith("Spell") else self._level
        method, hrg = first_of(self._table, level.method), first_of(self._table, level.hrg)
        if method is not None:
            found = compute.equal(_texts(self._column(method)), ERROR_METHOD)
        elif FAILED in self._table.column_names and types.is_boolean(self._column(FAILED).type):
            found = self._column(FAILED)
        elif self._failed_hrg is not None and hrg is not None:
            found = compute.equal(_texts(self._column(hrg)), self._failed_hrg)
        else:
            return None
        rows: np.ndarray = compute.fill_null(found, False).to_numpy()
        return rows if rows.any() else None

    def _column(self, name: str) -> pa.ChunkedArray:
        return column_of(self._table, name, self._place)


def _categories(column: pa.ChunkedArray, reading: Reading, failed: np.ndarray | None) -> tuple[np.ndarray, tuple[str, ...], int]:
    """Codes, labels, and how many are the column's own. Each different value is read once."""
    import numpy as np
    import pyarrow as pa

    plain = _texts(column) if not _is_number(column.type) else column
    encoded = plain.combine_chunks().dictionary_encode(null_encoding="encode")
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    places = [_read(value, reading) for value in encoded.dictionary.to_pylist()]
    order = sorted({*places, _FAILED}) if failed is not None else sorted(set(places))
    numbers = {place: number for number, place in enumerate(order)}
    codes = np.array([numbers[place] for place in places], dtype=np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
    if failed is not None:
        codes[failed] = numbers[_FAILED]
    return codes, tuple(place[-1] for place in order), sum(place[0] == 0 for place in order)


_BLANK, _NO_BAND, _NO_DATE, _NO_CHAPTER, _FAILED = (
    (rank, "", label) for rank, label in enumerate((BLANK, NO_BAND, NO_DATE, NO_CHAPTER, FAILED), 1)
)


def _read(value: Any, reading: Reading) -> Place:
    blank = value is None or value == "" or (isinstance(value, float) and isnan(value))
    return _BLANK if blank else reading(value)


def _is_number(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_integer(kind) or types.is_floating(kind))


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as text without blanks around it; of lists their first cells, of dates YYYY-MM-DD."""
    from pyarrow import compute, string, types

    if types.is_list(column.type) or types.is_large_list(column.type):
        column = compute.list_element(compute.list_slice(column, 0, 1, return_fixed_size_list=True), 0)
    return compute.utf8_trim_whitespace(compute.cast(column, string()))


# --- readings ---


def _as_it_is(value: Any) -> Place:
    """Numbers stand in the order of numbers, before texts."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    return 0, (not text.isdecimal(), int(text) if text.isdecimal() and len(text) < 18 else 0, text), text


def _start(length: int | None, value: Any) -> Place:
    text = str(value)[:length]
    return 0, text, text


def _month(value: Any) -> Place:
    found = _DATE.fullmatch(str(value))
    return (0, "", f"{found[1]}-{found[2]}") if found else _NO_DATE


def _year(value: Any) -> Place:
    """A financial year, from April to March."""
    found = _DATE.fullmatch(str(value))
    if not found:
        return _NO_DATE
    first = int(found[1]) - (int(found[2]) < _FIRST_MONTH)
    return 0, "", f"{first}/{(first + 1) % 100:02}"


@cache
def icd10_chapters() -> tuple[tuple[str, str, str], ...]:
    """The chapters of ICD-10 in their order: Roman number, first and last category of three characters."""
    text = (files("hrgcore.analyse") / "data" / "icd10_chapters.csv").read_text(encoding="utf-8")
    return tuple((row["number"], row["first"], row["last"]) for row in csv.DictReader(text.splitlines()))


def _icd10_chapter(value: Any) -> Place:
    category = str(value).upper()[:CATEGORY]
    for place, (number, first, last) in enumerate(icd10_chapters()):
        if first <= category <= last and len(category) == CATEGORY:
            return 0, place, f"{number} {first}-{last}"
    return _NO_CHAPTER


_OF_RESULTS: Mapping[str, Reading] = {
    "programme": partial(_start, None),
    "icd10-chapter": _icd10_chapter,
    "chapter": partial(_start, 1),
    "subchapter": partial(_start, 2),
    "root": partial(_start, 4),
    "hrg": partial(_start, 5),
}
_OF_DATES: Mapping[str, Reading] = {"month": _month, "year": _year}


def _band_reading(text: str) -> Reading:
    """How numbers are read into bands such as `0-17,18-64,65+`; part of a year or day counts to the whole one before.

    Raises:
        ArgumentError: it is no list of bands that follow one another without a gap.
    """
    names = [part.strip() for part in text.split(",")]
    try:
        bands = [parse_band(name) for name in names]
    except ConditionError as error:
        raise ArgumentError(str(error), place="bands", cure="Write bands such as 0-17,18-64,65+.") from None
    if "" in names:
        raise ArgumentError("a band is empty", place="bands", cure="Write bands such as 0-17,18-64,65+.")
    for (before, (_, last)), (name, (first, _)) in pairwise(zip(names, bands, strict=True)):
        if first != last + 1:
            raise ArgumentError(
                f"band {name} does not follow on {before}", place="bands", cure=f"Let it begin at {last + 1}, and sort the bands."
            )
    firsts, end = [first for first, _ in bands], bands[-1][1]

    def read(value: Any) -> Place:
        try:
            number = float(value)
        except ValueError:
            return _NO_BAND
        place = bisect_right(firsts, number) - 1
        return (0, place, names[place]) if place >= 0 and number < end + 1 else _NO_BAND

    return read
