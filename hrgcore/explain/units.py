"""The trace of the kernel by unit: each episode, the pooled spell, or the record, with what was found out about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core import typedefs as core
from hrgcore._core.messages import Shown, shown

if TYPE_CHECKING:
    from hrgcore.design import Design
    from hrgcore.records import Record

Event = tuple[int, int, int, int]  # step and its three numbers, see the kernels
FAILED_ROOT = -1
DIAGNOSES, PROCEDURES = "DIAG", "OPER"  # stems of the fields


class Mention(NamedTuple):
    """A cell with a code: the record it stands in, its position from 1, the code as messages show it, its id (0 if not valid)."""

    row: int
    position: int
    code: str
    number: int


class Weighed(NamedTuple):
    """A procedure that was weighed: its id, its role, and whether it may drive at this stay."""

    number: int
    role: int
    may: bool


@dataclass
class Scoring:
    """A CC score that was taken: id of the root, and secondary diagnosis, outcome and points in the order of the codes."""

    root: int = FAILED_ROOT
    scores: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass
class Unit:
    """What is grouped as one.

    Attributes:
        part: how explanations name it.
        rows: of the records in it.
        stay: days; -1 where not known.
        lead: the record that its primary diagnosis stands in.
        pooled: whether it is a spell of several episodes.
        failed: whether it has no HRG.
        events: of the trace.
        root: id of the core root; FAILED_ROOT if none was found.
        routed: whether a special route gave it.
        decided: whether a rule of the data set gave it.
        scorings: all CC scores that were taken, those of unbundled roots too.
        scoring: that of the core root; None if it was not taken.
        weighed: the procedures that were weighed, in order.
        interventions: ids of procedures that counted as interventions.
        released: ids of procedures and of the unbundled HRGs that they put out, 0 for none, in order.
    """

    part: str
    rows: Sequence[int]
    stay: int
    lead: int
    pooled: bool
    failed: bool
    events: list[Event] = field(default_factory=list)
    root: int = FAILED_ROOT
    routed: bool = False
    decided: bool = False
    scorings: list[Scoring] = field(default_factory=lambda: [Scoring()])
    scoring: Scoring | None = None
    weighed: list[Weighed] = field(default_factory=list)
    interventions: set[int] = field(default_factory=set)
    released: list[tuple[int, int]] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Notes one event of the trace. Unbundled roots come first, so that what is found out about the core root stays."""
        step, a, b, c = event
        self.events.append(event)
        if step in (core.Step.STEP_ROUTE, core.Step.STEP_DOMINANT, core.Step.STEP_PRIMARY, core.Step.STEP_DECISION):
            self.root, self.scoring = b, None
            self.routed, self.decided = step == core.Step.STEP_ROUTE, step == core.Step.STEP_DECISION
        elif step == core.Step.STEP_RULE:
            self.root = c
        elif step == core.Step.STEP_CC:
            self.scorings[-1].scores.append((a, b, c))
        elif step == core.Step.STEP_CC_SCORE:
            self.scoring = self.scorings[-1]
            self.scoring.root = b
            self.scorings.append(Scoring())
        elif step == core.Step.STEP_PROCEDURE:
            self.weighed.append(Weighed(a, b, bool(c)))
        elif step == core.Step.STEP_INTERVENTION:
            self.interventions.add(a)
        elif step == core.Step.STEP_LEAD:
            self.lead = a
        elif step == core.Step.STEP_UNBUNDLED:
            self.released += [(a, b)] if a else []
            self.root, self.scoring = FAILED_ROOT, None

    def leader(self, ranks: Sequence[int]) -> int:
        """Place among the weighed procedures of the first of the highest rank that may drive; -1 if none may."""
        able = [place for place, one in enumerate(self.weighed) if one.may]
        return max(able, key=lambda place: ranks[self.weighed[place].number], default=-1)


def mentions(design: Design, record: Record, stem: str, row: int = 0) -> list[Mention]:
    """The cells of a record with diagnoses (`DIAG`) or procedures (`OPER`) that are not blank; none if it has no such field."""
    if stem not in record.attributes:
        return []
    codes = design.tables.icd10 if stem == DIAGNOSES else design.tables.opcs4
    shows = Shown.SHOWN_DIAGNOSIS if codes.pads else Shown.SHOWN_CODE
    texts = ((position, cell, shown(shows, cell)) for position, cell in enumerate(record.repeated(stem), 1))
    return [Mention(row, position, text, codes.encode(cell)) for position, cell, text in texts if text]


class Cells:
    """The cells with codes of some records."""

    def __init__(self, diagnoses: Sequence[Sequence[Mention]], procedures: Sequence[Sequence[Mention]]) -> None:
        self._diagnoses = diagnoses
        self._procedures = procedures

    @classmethod
    def of_records(cls, design: Design, records: Sequence[Record]) -> Cells:
        """All cells with codes."""
        found = ([mentions(design, record, stem, row) for row, record in enumerate(records)] for stem in (DIAGNOSES, PROCEDURES))
        return cls(*found)

    @classmethod
    def of_primaries(cls, numbers: Sequence[int]) -> Cells:
        """The primary diagnosis of each record alone, by its id; 0 where none is valid."""
        return cls([[Mention(row, 1, "", number)] for row, number in enumerate(numbers)], [[] for _ in numbers])

    def primary(self, unit: Unit) -> int:
        """Id of the primary diagnosis of a unit; 0 if it has none that is valid."""
        return next((one.number for one in self._diagnoses[unit.lead] if one.position == 1), 0)

    def secondaries(self, unit: Unit) -> list[Mention]:
        """The secondary diagnoses of a unit: all entries but the first of the record that leads it."""
        every = (one for row in unit.rows for one in self._diagnoses[row])
        return [one for one in every if (one.row, one.position) != (unit.lead, 1)]

    def procedures(self, unit: Unit) -> list[Mention]:
        """The procedures of a unit."""
        return [one for row in unit.rows for one in self._procedures[row]]
