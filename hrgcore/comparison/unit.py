"""A record that moved, seen by both designs: an episode, a pooled spell, or a record of a data set without spells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from hrgcore.comparison.paths import Path, read_path
from hrgcore.comparison.traced import Pair, Traced
from hrgcore.comparison.view import Code
from hrgcore.design.fields import NUMBER_FIELDS

# Values of a pooled spell: of its last episode, of its leading one; all others of its first.
_OF_LAST, _OF_LEAD = ("DISDEST", "DISMETH"), ("NEOCARE", "TRETSPEF")


@dataclass
class Unit:
    """A record that moved.

    Attributes:
        pair: of traces that it is part of.
        rows: its rows in them: several of a pooled spell.
        spell: the number of the pooled spell in them, or -1.
        failed: whether it failed in the earlier and in the later design.
    """

    pair: Pair
    rows: range
    spell: int
    failed: tuple[bool, bool]

    def side(self, side: int) -> Traced:
        """As one of the designs reads it: 0 the earlier, 1 the later."""
        return self.pair.sides[side]

    @cached_property
    def paths(self) -> tuple[Path, Path]:
        """Its way in each design."""
        return self._path(0), self._path(1)

    def _path(self, side: int) -> Path:
        traced = self.side(side)
        events = traced.pooled(self.spell) if self.spell >= 0 else traced.episode(self.rows[0])
        return read_path(traced.view, events)

    @cached_property
    def stay(self) -> int:
        """Days; 0 in data sets without spells."""
        stays = self.side(0).stays
        return sum(max(stays[row], 0) for row in self.rows) if stays else 0

    @cached_property
    def missing(self) -> tuple[set[Code], set[Code]]:
        """Its codes that are in force in the later design only, and those in the earlier only."""
        return self.pair.missing(0, self.rows), self.pair.missing(1, self.rows)

    def lead(self, side: int) -> int:
        """The row of its primary diagnosis."""
        return max(self.paths[side].lead, self.rows[0]) if self.spell >= 0 else self.rows[0]

    def primary(self, side: int) -> str:
        """Its primary diagnosis, as far as it is in force."""
        return next(iter(self.side(side).diagnoses(self.lead(side))), "")

    def diagnoses(self, side: int) -> list[str]:
        """All its diagnoses in force, the primary one first."""
        lead = self.lead(side)
        rows = [lead, *(row for row in self.rows if row != lead)]
        return [code for row in rows for code in self.side(side).diagnoses(row) if code]

    def secondaries(self, side: int) -> list[str]:
        """Its secondary diagnoses in force."""
        return self.diagnoses(side)[1 if self.primary(side) else 0 :]

    def procedures(self, side: int) -> list[str]:
        """All its procedures in force."""
        return [code for row in self.rows for code in self.side(side).procedures(row) if code]

    def values(self, side: int, field: str) -> list[str]:
        """Its values of a listed field."""
        row = self.rows[-1] if field in _OF_LAST else self.lead(side) if field in _OF_LEAD else self.rows[0]
        return self.side(side).values(row, field)

    def accepted_in_one(self) -> Iterable[str]:
        """The fields whose cells only one of the designs accepts."""
        for row in self.rows:
            one, other = (self.side(side).numbers(row) for side in (0, 1))
            for place, numbers in zip(self.side(0).fields.number_place, zip(one, other, strict=True), strict=True):
                if numbers[0] != numbers[1]:
                    yield NUMBER_FIELDS[place]
            for field in self.side(0).listed_fields:
                if self.side(0).values(row, field) != self.side(1).values(row, field):
                    yield field
