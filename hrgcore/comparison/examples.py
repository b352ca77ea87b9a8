"""Example records: why one moved, told step by step in the words of both designs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hrgcore._core import typedefs as core
from hrgcore.comparison.moves import SPELL, Moves
from hrgcore.comparison.reasons import Finding
from hrgcore.comparison.traced import Side, Traced
from hrgcore.explain import Event, Step, tell_all

if TYPE_CHECKING:
    from hrgcore.comparison.compare import Comparison

_OF_ROWS = (int(core.Step.STEP_EPISODE), int(core.Step.STEP_LEAD))  # events that name a row


@dataclass(frozen=True, slots=True)
class Example:
    """A record or spell that moved. `str()` gives it as text.

    Attributes:
        level: `spell`, `episode` or `record`.
        row: its row in the input, counted from 0; of a spell that of its first episode.
        designs: the names of both designs.
        hrgs: its HRG in each.
        finding: why it moved.
        steps: the steps of grouping in each design.
    """

    level: str
    row: int
    designs: tuple[str, str]
    hrgs: tuple[str, str]
    finding: Finding
    steps: tuple[tuple[Step, ...], tuple[Step, ...]]

    def own_steps(self, side: int) -> list[tuple[Step, bool]]:
        """The steps of a design, and whether the other one does not take them in these words."""
        others = {(step.part, step.text) for step in self.steps[1 - side]}
        return [(step, (step.part, step.text) not in others) for step in self.steps[side]]

    def __str__(self) -> str:
        lines = [
            f"{self.level} at row {self.row}: {self.hrgs[0]} in {self.designs[0]}, {self.hrgs[1]} in {self.designs[1]}",
            f"reason: {self.finding.reason}, {self.finding.text}",
        ]
        if self.finding.detail:
            lines.append(f"decided by {self.finding.detail}")
        rows = self.finding.row_from, self.finding.row_to
        lines += [f"  {name}: {row}" for name, row in zip(self.designs, rows, strict=True) if row]
        for side, name in enumerate(self.designs):
            lines += ["", f"Steps of {name} (* not in the same words in the other design)"]
            part = ""
            for step, own in self.own_steps(side):
                if step.part != part:
                    part = step.part
                    lines.append(f"  {part}")
                lines.append(f"  {'*' if own else ' '} {step.text}" + (f"  [{step.source}]" if step.source else ""))
        return "\n".join(lines)


def examples_of(comparison: Comparison, moves: Moves, places: np.ndarray) -> list[Example]:
    """The moves at some places of `moves.moved`, told."""
    if not len(places):
        return []
    sides, units = comparison.sides_of(moves), moves.moved[places]
    rows = comparison.rows_of(moves.level, units).tolist()
    told = [_told(side, moves.level, units) for side in sides]
    names = [view.tables.hrgs for view in moves.views]
    one, other = (column[places].tolist() for column in moves.moved_hrgs)
    return [
        Example(
            moves.level,
            rows[n],
            moves.designs,
            (names[0][one[n]], names[1][other[n]]),
            moves.findings[moves.found[place]],
            (told[0][n], told[1][n]),
        )
        for n, place in enumerate(places.tolist())
    ]


def _told(side: Side, level: str, units: np.ndarray) -> list[tuple[Step, ...]]:
    """The steps of some units in the words of a design."""
    spells = units if level == SPELL else side.spell_of(units)
    wanted, place = np.unique(spells, return_inverse=True)
    traced = Traced(side, wanted)
    parts = (
        _part(traced, number, None if level == SPELL else unit)
        for unit, number in zip(units.tolist(), place.tolist(), strict=True)
    )
    return list(tell_all(side.view.design, parts, side.dataset.unit.capitalize()))


def _part(traced: Traced, number: int, unit: int | None) -> tuple[list[Event], list[int | None], list[int]]:
    """The events, stays and primary diagnoses of a spell, or of an episode alone; rows count from the first."""
    first, end = int(traced.starts[number]), int(traced.starts[number + 1])
    stays: list[int | None] = [None] * (end - first)
    if traced.stays is not None:
        stays = [stay if stay >= 0 else None for stay in traced.stays[first:end]]
    rows = [row for row in range(first, end) if unit is None or traced.rows[row] == unit]
    events = [event for row in rows for event in traced.episode(row)]
    if unit is None:
        events += traced.pooled(number)
    placed = [(step, a - first if step in _OF_ROWS else a, b, c) for step, a, b, c in events]
    return placed, stays, [traced.primary(row) for row in range(first, end)]
