"""Who moves from one design to another, and why: the same records grouped by both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hrgcore.compare.finder import ReasonFinder
from hrgcore.compare.reasons import Finding
from hrgcore.compare.traced import Pair, Traced, spell_starts
from hrgcore.compare.unit import Unit
from hrgcore.compare.view import DesignView

if TYPE_CHECKING:
    from hrgcore.columns.tables import GroupedTable

EPISODE, SPELL, RECORD = "episode", "spell", "record"
STRETCH = 8_192  # spells that are traced at a time


@dataclass(frozen=True)
class Moves:
    """Who moved at one level from one design to another. Units are episodes, spells or records, in official order.

    Attributes:
        level: `spell`, `episode`, or in data sets without spells `record`.
        views: of the earlier and of the later design.
        hrgs: the ids of the HRGs of all units, in each design.
        moved: the numbers of the units that moved, in order.
        findings: why, each once.
        found: the place in `findings` of each unit that moved.
        effect: GBP by which the price of each unit changes; NaN where a design has no price. None without prices.
    """

    level: str
    views: tuple[DesignView, DesignView]
    hrgs: tuple[np.ndarray, np.ndarray]
    moved: np.ndarray
    findings: tuple[Finding, ...]
    found: np.ndarray
    effect: np.ndarray | None = None

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.hrgs[0])

    @property
    def designs(self) -> tuple[str, str]:
        """The names of both designs."""
        return self.views[0].name, self.views[1].name

    @cached_property
    def moved_hrgs(self) -> tuple[np.ndarray, np.ndarray]:
        """The ids of the HRGs of the units that moved, in each design."""
        return self.hrgs[0][self.moved], self.hrgs[1][self.moved]

    @property
    def moved_effect(self) -> np.ndarray | None:
        """The effect of the units that moved."""
        return None if self.effect is None else self.effect[self.moved]


def common_ids(views: tuple[DesignView, DesignView]) -> np.ndarray:
    """The id in the later design of each HRG of the earlier; one past the last where it does not have it."""
    ids = {name: number for number, name in enumerate(views[1].tables.hrgs)}
    return np.array([ids.get(name, len(ids)) for name in views[0].tables.hrgs], np.int32)


def find_moves(views: tuple[DesignView, DesignView], tables: tuple[GroupedTable, GroupedTable]) -> list[Moves]:
    """The moves from one design to another at each level, spells first."""
    has_spells = tables[0].grouped.dataset.has_spells
    ids = common_ids(views)
    columns = {SPELL: "spell_hrg", EPISODE: "hrg"} if has_spells else {RECORD: "hrg"}
    hrgs = {level: (tables[0].grouped.column(name), tables[1].grouped.column(name)) for level, name in columns.items()}
    moved = {level: np.flatnonzero(ids[one] != other) for level, (one, other) in hrgs.items()}
    found = _Search(views, tables).reasons(moved.get(SPELL), moved[EPISODE if has_spells else RECORD])
    findings = tuple(found.findings)
    whys = {SPELL: found.of_spells, EPISODE: found.of_rows, RECORD: found.of_rows}
    return [Moves(level, views, hrgs[level], moved[level], findings, np.array(whys[level], np.int32)) for level in columns]


class _Found:
    """Reasons as they are found, each finding kept once."""

    def __init__(self) -> None:
        self.findings: dict[Finding, int] = {}
        self.of_spells: list[int] = []
        self.of_rows: list[int] = []

    def number(self, finding: Finding) -> int:
        """The place of a finding."""
        return self.findings.setdefault(finding, len(self.findings))


class _Search:
    """Traces what moved, a stretch of spells at a time, and asks for the reason of each unit."""

    def __init__(self, views: tuple[DesignView, DesignView], tables: tuple[GroupedTable, GroupedTable]) -> None:
        self._views = views
        self._tables = tables
        self._finder = ReasonFinder(views)
        self._starts = spell_starts(tables[0])
        self._failed = tuple(table.grouped.column("failed") for table in tables)

    def reasons(self, spells: np.ndarray | None, rows: np.ndarray) -> _Found:
        """The reasons of spells (None in data sets without them) and rows that moved."""
        found = _Found()
        of_rows = np.searchsorted(self._starts, rows, "right") - 1
        traced = np.union1d(of_rows, spells) if spells is not None else of_rows
        for first in range(0, len(traced), STRETCH):
            self._stretch(traced[first : first + STRETCH], spells, rows, found)
        return found

    def _stretch(self, traced: np.ndarray, spells: np.ndarray | None, rows: np.ndarray, found: _Found) -> None:
        one = Traced(self._views[0], self._tables[0], traced)
        pair = Pair(one, Traced(self._views[1], self._tables[1], traced, one))
        moved_rows = np.isin(one.rows, rows).tolist()
        moved_spells = np.isin(traced, spells).tolist() if spells is not None else None
        failed = [flags[one.rows].astype(bool).tolist() for flags in self._failed]
        starts = one.starts.tolist()
        for number in range(len(traced)):
            span = range(starts[number], starts[number + 1])
            whys = {row: self._episode(pair, row, failed) for row in span if moved_rows[row]}
            found.of_rows.extend(found.number(why) for why in whys.values())
            if moved_spells and moved_spells[number]:
                found.of_spells.append(found.number(self._spell(pair, number, span, whys, failed)))

    def _episode(self, pair: Pair, row: int, failed: list[list[bool]]) -> Finding:
        unit = Unit(pair, range(row, row + 1), -1, (failed[0][row], failed[1][row]))
        number = pair.sides[0].rows[row]
        return self._finder.find(unit, self._names("hrg", number))

    def _spell(self, pair: Pair, number: int, span: range, whys: dict[int, Finding], failed: list[list[bool]]) -> Finding:
        """The reason of a spell: that of its only episode, or of the one that fails it, or its own."""
        if len(span) == 1:
            return whys[span[0]]
        fails = tuple(any(failed[side][row] for row in span) for side in (0, 1))
        if fails[0] != fails[1]:
            return next(why for row, why in whys.items() if failed[0][row] != failed[1][row])
        spell = int(np.searchsorted(self._starts, pair.sides[0].rows[span[0]], "right")) - 1
        alone = tuple(bool(table.grouped.column("spell_failed")[spell]) for table in self._tables)
        unit = Unit(pair, span, number, (alone[0], alone[1]))
        return self._finder.find(unit, self._names("spell_hrg", spell))

    def _names(self, column: str, number: int) -> tuple[str, str]:
        one, other = (
            view.tables.hrgs[table.grouped.column(column)[number]]
            for view, table in zip(self._views, self._tables, strict=True)
        )
        return one, other


def pairs(number: int, against: str) -> Iterator[tuple[int, int]]:
    """The numbers of the designs that are compared: each with the one before it, or with the first."""
    for later in range(1, number):
        yield (0 if against == "first" else later - 1), later
