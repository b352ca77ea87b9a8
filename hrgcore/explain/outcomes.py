"""What became of each code of a unit: why a secondary diagnosis scored or did not, why a procedure drove the HRG or did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core.typedefs import CCOutcome, Role
from hrgcore.design.schema import ROLES
from hrgcore.explain.explanation import CodeOutcome, TableRow
from hrgcore.explain.rows import RowFinder
from hrgcore.explain.units import DIAGNOSES, PROCEDURES, Cells, Mention, Scoring, Unit, Weighed

if TYPE_CHECKING:
    from hrgcore.design import Design

# Outcomes that no step of the trace tells of, since nothing was weighed.
NO_BANDS, NO_SCORE, FAILED, ROUTED, NOT_WEIGHED = "no_bands", "no_score", "failed", "routed", "not_weighed"
UNTRACED = (NO_BANDS, NO_SCORE, FAILED, ROUTED, NOT_WEIGHED)
INVALID, UNBUNDLED = "invalid", "unbundled"
SUBCHAPTER = 2  # characters of a root that name its subchapter
_CC_NAMES = {outcome: outcome.name.lower().removeprefix("cc_") for outcome in CCOutcome}


class Said(NamedTuple):
    """What became of a code: stable name, words to be read after the code, and what decided."""

    outcome: str
    text: str
    counted: bool = False
    points: int = 0
    beside: str = ""
    rows: tuple[TableRow, ...] = ()


def plural(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


class Judge:
    """Says what became of the codes of one record or spell.

    Args:
        design: that grouped it.
        rows: finds the rows of its tables.
        cells: of the records.
        noun: what a record is.
    """

    def __init__(self, design: Design, rows: RowFinder, cells: Cells, noun: str) -> None:
        self._tables = design.tables
        self._arrays = design.tables.arrays
        self._rows = rows
        self._cells = cells
        self._noun = noun.lower()

    # --- diagnoses ---

    def diagnoses(self, unit: Unit) -> tuple[CodeOutcome, ...]:
        """What became of each secondary diagnosis of a unit."""
        scores = iter(unit.scoring.scores) if unit.scoring else iter(())
        return tuple(
            self._outcome(unit, mention, DIAGNOSES, self._diagnosis(unit, mention, scores))
            for mention in self._cells.secondaries(unit)
        )

    def _diagnosis(self, unit: Unit, mention: Mention, scores: Iterator[tuple[int, int, int]]) -> Said:
        if not mention.number:
            return Said(INVALID, "does not score: it is not a valid code")
        if unit.failed:
            return self._failed(unit)
        if unit.decided:
            return Said(NO_SCORE, "not counted: this data set takes no CC score")
        if unit.scoring is None:
            return Said(NO_BANDS, f"not counted: root {self._tables.roots[unit.root]} is not split by CC score")
        return self.score(unit, unit.scoring, *next(scores))

    def score(self, unit: Unit, scoring: Scoring, code: int, outcome: int, points: int) -> Said:
        """What became of a secondary diagnosis that was weighed."""
        subchapter = self._tables.roots[scoring.root][:SUBCHAPTER]
        name = _CC_NAMES[CCOutcome(outcome)]
        if outcome == CCOutcome.CC_COUNTED:
            return Said(name, f"scores {plural(points, 'point')}", True, points, rows=self._rows.cc(code, subchapter))
        if outcome == CCOutcome.CC_NOT_LISTED:
            return Said(name, f"does not score: it is not on the CC list of subchapter {subchapter}{self._other_lists(code)}")
        if outcome == CCOutcome.CC_REPEATED:
            return Said(name, "does not score: it was mentioned already")
        primary = self._cells.primary(unit)
        beside = self._tables.icd10.codes[primary]
        if outcome == CCOutcome.CC_IS_PRIMARY:
            return Said(name, "does not score: it is the primary diagnosis", beside=beside)
        if outcome == CCOutcome.CC_EXCLUDED:
            rows = self._rows.exclusion(primary, code)
            return Said(name, f"does not score: it is excluded beside primary diagnosis {beside}", beside=beside, rows=rows)
        return self._less_specific(scoring, code, name)

    def _other_lists(self, code: int) -> str:
        width = self._tables.subchapters
        first = self._arrays["cc_class"][code] * width
        lists = sum(points > 0 for points in self._arrays["cc_points"][first : first + width])
        if not lists:
            return " nor on any other"
        return f", but on {'that' if lists == 1 else 'those'} of {plural(lists, 'other')}"

    def _less_specific(self, scoring: Scoring, code: int, name: str) -> Said:
        """Names the code of the family that scores in place of this one: a specific one before a general one."""
        family, general = self._arrays["family"], self._arrays["family_general"]
        counted = [
            other
            for other, outcome, _ in scoring.scores
            if outcome == CCOutcome.CC_COUNTED and family[other] == family[code] and other != code
        ]
        winner = min(counted, key=lambda other: general[other])
        beside, rows = self._tables.icd10.codes[winner], self._rows.family(code)
        why = "which scores for" if general[winner] else "a more specific code of"
        text = f"does not score: it stands beside {beside}, {why} family {rows[0].cells['family']}"
        return Said(name, text, beside=beside, rows=(*rows, *self._rows.family(winner)))

    # --- procedures ---

    def procedures(self, unit: Unit) -> tuple[CodeOutcome, ...]:
        """What became of each procedure of a unit."""
        weighed, released = iter(enumerate(unit.weighed)), iter(unit.released)
        return tuple(
            self._outcome(unit, mention, PROCEDURES, self._procedure(unit, mention, weighed, released))
            for mention in self._cells.procedures(unit)
        )

    def _procedure(
        self, unit: Unit, mention: Mention, weighed: Iterator[tuple[int, Weighed]], released: Iterator[tuple[int, int]]
    ) -> Said:
        number = mention.number
        if not number:
            return Said(INVALID, "has no part: it is not a valid code")
        is_unbundled = self._arrays["unbundled_root"][number] or self._arrays["proc_role"][number] == Role.UNBUNDLED
        if is_unbundled and (unit.pooled or unit.released):
            return self._unbundled(unit, number, next(released, (0, 0))[1])
        if unit.weighed:
            return self._with_intervention(unit, number, self.weighed(unit, *next(weighed)))
        if unit.failed:
            return self._failed(unit)
        if unit.decided:
            return Said(NOT_WEIGHED, "not weighed: the rules of this data set ask for codes themselves")
        told = Said(ROUTED, f"not weighed: a special route led to root {self._tables.roots[unit.root]}")
        return self._with_intervention(unit, number, told)

    def _unbundled(self, unit: Unit, code: int, hrg: int) -> Said:
        if unit.pooled:
            return Said(UNBUNDLED, "has left core grouping in its episode", rows=self._rows.of_code("unbundled", code))
        puts = f"puts out {self._tables.hrgs[hrg]}" if hrg else "puts out no unbundled HRG"
        rows = self._rows.of_code("unbundled", code) or self._rows.of_code("procedure", code)
        return Said(UNBUNDLED, f"leaves core grouping and {puts}", rows=rows)

    def weighed(self, unit: Unit, place: int, one: Weighed) -> Said:
        """What became of a procedure that was weighed, by its place among them."""
        ranks = self._arrays["proc_rank"]
        rank, rows = ranks[one.number], self._rows.of_code("procedure", one.number)
        if one.role not in (Role.DRIVES, Role.VAGUE):
            role = ROLES[one.role]
            return Said(role or "no_role", f"cannot drive: {_ROLE_WORDS.get(role, 'it has no role in the design')}", rows=rows)
        if not one.may:
            dominance = self._rows.dominance(unit.stay)
            needed = f", which needs {dominance[0].cells['min_rank']}" if dominance else ""
            text = f"does not drive: its rank {rank} is too low at a stay of {plural(unit.stay, 'day')}{needed}"
            return Said("rank_too_low", text, rows=(*rows, *dominance))
        leader = unit.leader(ranks)
        if place == leader:
            if one.role == Role.VAGUE:
                return Said("vague", f"would drive, but is too vague: the {self._noun} fails", rows=rows)
            return Said("dominant", "drives: it is the dominant procedure", True, rows=rows)
        winner = unit.weighed[leader].number
        top, beside = ranks[winner], self._tables.opcs4.codes[winner]
        rows = tuple(dict.fromkeys((*rows, *self._rows.of_code("procedure", winner))))
        if rank < top:
            return Said("lower_rank", f"does not drive: its rank {rank} is below the {top} of {beside}", beside=beside, rows=rows)
        text = f"does not drive: {beside} has the same rank {rank} and stands before it"
        return Said("later", text, beside=beside, rows=rows)

    @staticmethod
    def _with_intervention(unit: Unit, code: int, said: Said) -> Said:
        if code not in unit.interventions:
            return said
        return said._replace(text=f"{said.text}; it counts as an intervention", counted=True)

    # --- both ---

    def _failed(self, unit: Unit) -> Said:
        return Said(FAILED, f"not counted: the {'spell' if unit.pooled else self._noun} failed")

    @staticmethod
    def _outcome(unit: Unit, mention: Mention, stem: str, said: Said) -> CodeOutcome:
        return CodeOutcome(unit.part, mention.row + 1, f"{stem}_{mention.position:02d}", mention.code, *said)


_ROLE_WORDS = {
    "modifier": "it is a modifier of other codes",
    "site": "it names the site of another code",
    "intervention": "it can only count as an intervention",
    "unbundled": "it is unbundled",
    "barred": "it cannot be dominant by convention",
    "ignored": "it has no part in grouping",
}


def untraced(outcomes: Sequence[CodeOutcome]) -> dict[tuple[str, str], list[str]]:
    """The codes that no step of the trace tells of, by outcome and words."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in outcomes:
        if one.outcome in UNTRACED:
            found.setdefault((one.outcome, one.text), []).append(one.code)
    return found
