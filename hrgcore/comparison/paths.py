"""The way of a record through grouping, read from its trace into names: the roots it passed and what its HRG was split by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from hrgcore._core.typedefs import CCOutcome, Step
from hrgcore.comparison.view import DesignView
from hrgcore.explain import Event

ROUTE, PROCEDURE, DIAGNOSIS, RULE, DECISION = "special route", "dominant procedure", "primary diagnosis", "rule", "deciding rule"
# As plain numbers: comparing with members of an enumeration takes several times as long.
_ROUTE, _DOMINANT, _LEAD, _PRIMARY, _RULE, _DECISION = (
    int(step)
    for step in (Step.STEP_ROUTE, Step.STEP_DOMINANT, Step.STEP_LEAD, Step.STEP_PRIMARY, Step.STEP_RULE, Step.STEP_DECISION)
)
_INTERVENTION, _INTERVENTIONS, _CC, _CC_SCORE, _SPLIT, _CHECK, _UNBUNDLED = (
    int(step)
    for step in (
        *(Step.STEP_INTERVENTION, Step.STEP_INTERVENTIONS, Step.STEP_CC, Step.STEP_CC_SCORE),
        *(Step.STEP_SPLIT, Step.STEP_CHECK, Step.STEP_UNBUNDLED),
    )
)
_COUNTED = int(CCOutcome.CC_COUNTED)


class Turn(NamedTuple):
    """A root that a record came to (or an error category), and by what: a rule, by its number, or else a code."""

    root: str
    by: str
    rule: int = -1
    code: str = ""


class Weighed(NamedTuple):
    """What became of a secondary diagnosis in the CC score; `points` are those of the list."""

    outcome: int
    points: int

    @property
    def counted(self) -> int:
        """The points that it added."""
        return self.points if self.outcome == _COUNTED else 0


@dataclass(slots=True)
class Path:
    """The way of a record in one design.

    Attributes:
        turns: the roots that it passed, in order; the last is final.
        dominant: the dominant procedure, or empty.
        lead: of a spell the row of the leading episode, as the trace has it; else -1.
        interventions: the procedures that count, in order.
        weighed: the secondary diagnoses that were weighed for the CC score, the first mention of each.
        score: the CC score; None where the root has no CC bands.
        split: the compiled row of splits that gave the HRG; -1 if none did.
        check: the rule that failed the record; -1 if none did.
    """

    turns: list[Turn] = field(default_factory=list)
    dominant: str = ""
    lead: int = -1
    interventions: list[str] = field(default_factory=list)
    number_of_interventions: int = 0
    weighed: dict[str, Weighed] = field(default_factory=dict)
    score: int | None = None
    split: int = -1
    check: int = -1

    @property
    def root(self) -> str:
        """The final root; empty if the record came to none."""
        return self.turns[-1].root if self.turns else ""


def read_path(view: DesignView, events: Iterable[Event]) -> Path:
    """The way of an episode, pooled spell or record from the events of its trace, unbundled HRGs left out."""
    path = Path()
    for step, a, b, c in events:
        if step == _UNBUNDLED:  # what came before was about unbundled HRGs, but for the check
            path = Path(check=path.check)
        elif step == _CC:
            path.weighed.setdefault(view.diagnoses[a], Weighed(b, c))
        elif step == _INTERVENTION:
            path.interventions.append(view.procedures[a])
        elif step == _INTERVENTIONS:
            path.number_of_interventions = a
        elif step == _CC_SCORE:
            path.score = a
        elif step == _SPLIT:
            path.split = a
        elif step == _LEAD:
            path.lead = a
        elif step == _CHECK:
            path.check = a
        else:
            _turn(view, path, (step, a, b, c))
    return path


def _turn(view: DesignView, path: Path, event: Event) -> None:
    step, a, b, c = event
    if step == _DOMINANT:
        path.dominant = view.procedures[a]
        path.turns.append(Turn(view.roots[b], PROCEDURE, code=path.dominant))
    elif step == _PRIMARY:
        path.turns.append(Turn(view.roots[b], DIAGNOSIS, code=view.diagnoses[a]))
    elif step in (_ROUTE, _RULE, _DECISION) and view.stage(a) != "unbundled":
        to = b if step != _RULE else c
        path.turns.append(Turn(view.target(to), {_ROUTE: ROUTE, _RULE: RULE, _DECISION: DECISION}[step], rule=a))
