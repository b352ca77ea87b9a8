"""What the generators share: the language of the mix tables, and the frame of all data sets but admitted care.

The language, in cells of the ``*_mix.csv`` tables: items are separated by blanks, ``CODE*3`` has three times the weight of
``CODE``. In a sequence ``A B/C D*2/-`` the items follow each other, ``/`` separates the choices for one place and ``-`` is
nothing. ``3:A B|C|-`` are alternative sequences, the first of weight 3. Numbers are ``low-usual-high``, or one number.
"""

from __future__ import annotations

import csv
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, TypeVar

T = TypeVar("T")
Row = list[str]
Sequences = list[list[list[str]]]

FOLDER = Path(__file__).parents[1]
BLOCK = 4000  # rows that are shuffled together, at least
YEAR = date(2024, 4, 1), 365  # first day and days of the year that is invented
DATES = [f"{YEAR[0] + timedelta(n):%Y%m%d}" for n in range(YEAR[1] + 400)]  # text of the n-th day


def weighted(text: str) -> list[str]:
    """``A*2 B`` as ``[A, A, B]``: a plain pick from the list follows the weights."""
    terms = (term.partition("*") for term in text.split())
    return [code for code, _, weight in terms for _ in range(int(weight or 1))]


PROVIDERS = weighted("Z1A*3 Z2B*2 Z2C*2 Z3D Z4E Z4F Z5G Z6H Z7J Z8K Z9L")  # invented


def sequence(text: str) -> list[list[str]]:
    """``A B/C D*2/-`` as ``[[A], [B, C], [D, D, ""]]``; a lone ``-`` is the empty sequence."""
    terms = (term.replace("/", " ") for term in text.split() if term != "-")
    return [[code.replace("-", "") for code in weighted(term)] for term in terms]


def alternatives(text: str) -> Sequences:
    """``2:A B|-`` as ``[[[A], [B]], [[A], [B]], []]``."""
    parts = (part.rpartition(":") for part in text.split("|"))
    return [terms for weight, _, part in parts for terms in [sequence(part)] * int(weight or 1)]


def numbers(text: str) -> tuple[float, float, float]:
    """``low-usual-high`` in the order that ``random.triangular`` takes them: low, high, usual."""
    low, usual, high = (text.split("-") * 3)[:3]
    return float(low), float(high), float(usual)


def read_mix(name: str) -> list[dict[str, str]]:
    """Rows of a mix table."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Chance:
    """The one source of chance of a generator, so that a seed gives one file."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.chance = self.rng.random

    def pick(self, items: Sequence[T]) -> T:
        """Pick one of the items (faster than ``random.choice``)."""
        return items[int(self.chance() * len(items))]

    def choose(self, terms: list[list[str]]) -> list[str]:
        """Make the choices of a sequence."""
        return [code for options in terms if (code := options[0] if len(options) == 1 else self.pick(options))]

    def number(self, low: float, high: float, usual: float) -> int:
        """Draw a whole number."""
        return int(self.rng.triangular(low, high + 1, usual))


class Layout:
    """Columns of a data set. ``AGE INV*12`` stands for AGE, INV_01 to INV_12 and, always last, ``dummy_field``."""

    def __init__(self, text: str) -> None:
        self.columns: list[str] = []
        self.cells: dict[str, range] = {}
        for term in text.split():
            name, _, count = term.partition("*")
            first = len(self.columns)
            self.columns += [f"{name}_{n:02d}" for n in range(1, int(count) + 1)] if count else [name]
            if count:
                self.cells[name] = range(first, first + int(count))
        self.columns.append("dummy_field")
        self.at = {name: n for n, name in enumerate(self.columns)}

    def free(self, row: Row, name: str) -> int:
        """Position of a column or, of a repeated one, of its first blank cell (the last cell if none is)."""
        if name not in self.cells:
            return self.at[name]
        return next((n for n in self.cells[name] if not row[n]), self.cells[name][-1])


class Fault(NamedTuple):
    """A kind of fault: its share, what becomes of the record, and what is done to it.

    ``outcome``: ``fails``, ``reported`` (a message only), ``warned`` (a flag only), ``accepted`` (untidy) or ``design`` (depends
    on its tables). One of the columns of ``values`` gets one of the values named there ('' = blank); a repeated column
    without its number stands for its first blank cell. Or ``edit`` is called. ``needs`` tells which records can have it.
    """

    weight: int
    outcome: str
    values: Mapping[str, str] = MappingProxyType({})
    edit: Callable[[Any, Row], None] | None = None
    needs: Callable[[Row], bool] | None = None


class Records(Chance, ABC):
    """Draws the records of a data set."""

    LAYOUT: ClassVar[Layout]
    FAULTS: ClassVar[dict[str, Fault]]
    SHUFFLED: ClassVar[bool] = False

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.kinds = [name for name, kind in self.FAULTS.items() for _ in range(kind.weight)]
        self.first = list(self.FAULTS)  # each kind once before the weights count, so that a small file shows all
        self.rng.shuffle(self.first)

    @abstractmethod
    def case(self, number: int, most: int) -> tuple[str, list[Row]]:
        """Return pattern name and records of a case, not more than ``most``; ``dummy_field`` is still blank."""

    def rows(self, records: int, faults: float, counts: Counter[str] | None = None) -> Iterator[Row]:
        """Yield so many records; ``faults`` is the share of them with a seeded fault, ``counts`` receives their kinds."""
        counts = Counter() if counts is None else counts
        block: list[Row] = []
        number, left = 0, records
        while left:
            number += 1
            name, rows = self.case(number, left)
            left -= len(rows)
            for row in rows:
                row[-1] = name
                if self.chance() < faults:
                    fault = self._damage(row)
                    counts[fault] += 1
                    row[-1] = f"{name}+{fault}"
            if not self.SHUFFLED:
                yield from rows
                continue
            block += rows
            if len(block) >= BLOCK or not left:
                self.rng.shuffle(block)
                yield from block
                block = []

    def blank(self) -> Row:
        """Return a record with nothing in it."""
        return [""] * len(self.LAYOUT.columns)

    def fill(self, row: Row, name: str, codes: list[str]) -> None:
        """Put codes into a repeated column, as many as it has cells."""
        cells = self.LAYOUT.cells[name]
        codes = codes[: len(cells)]
        row[cells[0] : cells[0] + len(codes)] = codes

    def _damage(self, row: Row) -> str:
        """Seed a fault into a record and return its name."""
        fault = next((name for name in self.first if self._fits(name, row)), "")
        if fault:
            self.first.remove(fault)
        while not fault or not self._fits(fault, row):
            fault = self.pick(self.kinds)
        kind = self.FAULTS[fault]
        if kind.edit:
            kind.edit(self, row)
        else:
            column, values = self.pick(list(kind.values.items()))
            row[self.LAYOUT.free(row, column)] = self.pick(values.split() or [""])
        return fault

    def _fits(self, fault: str, row: Row) -> bool:
        needs = self.FAULTS[fault].needs
        return needs is None or needs(row)
