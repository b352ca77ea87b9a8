"""Who moves from one design to another, and why: the same records grouped by both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hrgcore.comparison.finder import ReasonFinder
from hrgcore.comparison.reasons import Finding
from hrgcore.comparison.traced import Pair, Side, Traced
from hrgcore.comparison.unit import Unit
from hrgcore.comparison.view import DesignView
from hrgcore.prices import priced

if TYPE_CHECKING:
    from hrgcore.prices import PriceBook

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
        effect: GBP by which the price of each unit that moved changes, NaN where the book has none; None without prices.
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


def common_ids(views: tuple[DesignView, DesignView]) -> np.ndarray:
    """The id in the later design of each HRG of the earlier; one past the last where it does not have it."""
    ids = {name: number for number, name in enumerate(views[1].tables.hrgs)}
    return np.array([ids.get(name, len(ids)) for name in views[0].tables.hrgs], np.int32)


def find_moves(sides: tuple[Side, Side], prices: PriceBook | None = None) -> list[Moves]:
    """The moves from one design to another at each level, spells first."""
    has_spells = sides[0].dataset.has_spells
    views = sides[0].view, sides[1].view
    ids = common_ids(views)
    columns = {SPELL: "spell_hrg", EPISODE: "hrg"} if has_spells else {RECORD: "hrg"}
    hrgs = {level: (sides[0].column(name), sides[1].column(name)) for level, name in columns.items()}
    moved = {level: np.flatnonzero(ids[one] != other) for level, (one, other) in hrgs.items()}
    search = _Search(sides)
    search.run(moved.get(SPELL), moved[EPISODE if has_spells else RECORD])
    findings = tuple(search.findings)
    found = {SPELL: search.of_spells, EPISODE: search.of_rows, RECORD: search.of_rows}
    return [
        Moves(
            level,
            views,
            hrgs[level],
            moved[level],
            findings,
            np.array(found[level], np.int32),
            _effect(sides, level, moved[level], prices),
        )
        for level in columns
    ]


def _effect(sides: tuple[Side, Side], level: str, moved: np.ndarray, prices: PriceBook | None) -> np.ndarray | None:
    """By how many GBP the price of each unit that moved changes."""
    if prices is None:
        return None
    before, after = (priced(prices, side.table.grouped, level)[moved] for side in sides)
    effect: np.ndarray = np.round(after - before, 2)  # in whole pence, as prices are: differences of floats have a tail
    return effect


class _Search:
    """Traces what moved, a stretch of spells at a time, and asks for the reason of each unit.

    Attributes:
        findings: each once, with its place.
        of_spells, of_rows: the place of the finding of each spell and each row that moved, in order.
    """

    def __init__(self, sides: tuple[Side, Side]) -> None:
        self.findings: dict[Finding, int] = {}
        self.of_spells: list[int] = []
        self.of_rows: list[int] = []
        self._sides = sides
        self._finder = ReasonFinder((sides[0].view, sides[1].view))

    def run(self, spells: np.ndarray | None, rows: np.ndarray) -> None:
        """Finds the reasons of spells (None in data sets without them) and rows that moved."""
        of_rows = self._sides[0].spell_of(rows)
        traced = np.unique(of_rows if spells is None else np.concatenate((of_rows, spells)))
        for first in range(0, len(traced), STRETCH):
            self._stretch(traced[first : first + STRETCH], spells, rows)

    def _stretch(self, traced: np.ndarray, spells: np.ndarray | None, rows: np.ndarray) -> None:
        one = Traced(self._sides[0], traced)
        pair = Pair(one, Traced(self._sides[1], traced, one))
        moved_rows = np.isin(one.rows, rows).tolist()
        moved_spells = np.isin(traced, spells).tolist() if spells is not None else [False] * len(traced)
        failed = [side.column("failed")[one.rows].astype(bool).tolist() for side in self._sides]
        starts = one.starts.tolist()
        for number, spell in enumerate(traced.tolist()):
            span = range(starts[number], starts[number + 1])
            whys = {row: self._episode(pair, row, failed) for row in span if moved_rows[row]}
            self.of_rows.extend(self._number(why) for why in whys.values())
            if moved_spells[number]:
                self.of_spells.append(self._number(self._spell(pair, (number, spell), span, whys, failed)))

    def _number(self, finding: Finding) -> int:
        return self.findings.setdefault(finding, len(self.findings))

    def _episode(self, pair: Pair, row: int, failed: list[list[bool]]) -> Finding:
        unit = Unit(pair, range(row, row + 1), -1, (failed[0][row], failed[1][row]))
        return self._finder.find(unit, self._names("hrg", pair.sides[0].rows[row]))

    def _spell(
        self, pair: Pair, numbers: tuple[int, int], span: range, whys: dict[int, Finding], failed: list[list[bool]]
    ) -> Finding:
        """The reason of a spell: that of its only episode, or of the one that fails it, or its own.

        `numbers` are those of the spell in the pair and in the tables.
        """
        if len(span) == 1:
            return whys[span[0]]
        fails = [any(failed[side][row] for row in span) for side in (0, 1)]
        if fails[0] != fails[1]:
            return next(why for row, why in whys.items() if failed[0][row] != failed[1][row])
        one, other = (bool(side.column("spell_failed")[numbers[1]]) for side in self._sides)
        return self._finder.find(Unit(pair, span, numbers[0], (one, other)), self._names("spell_hrg", numbers[1]))

    def _names(self, column: str, number: int) -> tuple[str, str]:
        one, other = (side.view.tables.hrgs[side.column(column)[number]] for side in self._sides)
        return one, other
