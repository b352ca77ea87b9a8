"""Why records of the same root are split otherwise: CC score, interventions, or the split itself."""

from __future__ import annotations

from hrgcore._core.typedefs import CCOutcome
from hrgcore.comparison.paths import Weighed
from hrgcore.comparison.procedures import (
    Views,
    another_driver,
    another_lead,
    diagnoses,
    not_in_force,
    procedures,
    unbundled_in_one,
)
from hrgcore.comparison.reasons import Finding, Reason, RowRef
from hrgcore.comparison.unit import Unit
from hrgcore.design.conditions import parse_band

SPLIT, SCORE, INTERVENTIONS = "split", "CC score", "interventions"
_BANDS = ("age", "stay", "interventions", "CC score")
_SAID = {
    CCOutcome.CC_COUNTED: "scores {points}",
    CCOutcome.CC_NOT_LISTED: "is not on the CC list",
    CCOutcome.CC_REPEATED: "was counted already",
    CCOutcome.CC_IS_PRIMARY: "is the primary diagnosis",
    CCOutcome.CC_EXCLUDED: "is excluded beside the primary diagnosis",
    CCOutcome.CC_LESS_SPECIFIC: "stands beside a more specific code",
}


def rejected_measure(unit: Unit, row: RowRef) -> str:
    """What of a record as the later design sees it does not fit the split row that the earlier one took; empty if all fits."""
    cells, path = row.cells, unit.paths[1]
    if None not in (unit.paths[0].score, path.score) and not _fits(cells[5], path.score or 0):
        return SCORE
    return "" if _fits(cells[4], path.number_of_interventions) else INTERVENTIONS


def _fits(band: str, number: int) -> bool:
    low, high = parse_band(band)
    return low <= number <= high


def other_split(views: Views, unit: Unit, rows: tuple[RowRef, RowRef]) -> Finding | None:
    """That a root is split otherwise, if it is."""
    root = rows[0].cells[0]
    tables = [view.splits.get(root, frozenset()) for view in views]
    if rows[0].cells[1:-1] in tables[1] and rows[1].cells[1:-1] in tables[0]:
        return None
    one, other = (f"{row.cells[1]}{_why(row)} in {view.name}" for row, view in zip(rows, views, strict=True))
    return Finding(Reason.SPLIT, f"root {root} is split otherwise: {one}, {other}", SPLIT, "", *rows)


def _why(row: RowRef) -> str:
    bands = [f"{name} {cell}" for name, cell in zip(_BANDS, row.cells[2:6], strict=True) if cell]
    bands += [row.cells[6]] if row.cells[6] else []
    return f" by {', '.join(bands)}" if bands else ""


def other_score(views: Views, unit: Unit) -> Finding | None:
    """The diagnosis whose part in the CC score differs."""
    one, other = (path.weighed for path in unit.paths)
    nothing = Weighed(CCOutcome.CC_NOT_LISTED, 0)
    differing = [code for code in {**one, **other} if one.get(code, nothing) != other.get(code, nothing)]
    if not differing:
        return None
    if unit.primary(0) != unit.primary(1):
        return another_lead(views, unit)
    counted = (code for code in differing if one.get(code, nothing).counted != other.get(code, nothing).counted)
    code = next(counted, differing[0])
    if found := not_in_force(views, unit, diagnoses([code]), SCORE):
        rows = [view.cc_row(code, unit.paths[0].root[:2]) for view in views]
        return found._replace(row_from=rows[0], row_to=rows[1])
    weighed = one.get(code, nothing), other.get(code, nothing)
    texts = [_SAID[CCOutcome(said.outcome)].format(points=said.points) for said in weighed]
    text = f"secondary diagnosis {code} {texts[0]} in {views[0].name}, {texts[1]} in {views[1].name}"
    return Finding(Reason.CC, text, SCORE, "", *_score_rows(views, unit, code, weighed))


def _score_rows(views: Views, unit: Unit, code: str, weighed: tuple[Weighed, Weighed]) -> tuple[RowRef | None, RowRef | None]:
    """The rows that say in each design what becomes of a secondary diagnosis."""
    subchapter = unit.paths[0].root[:2]
    outcomes = {said.outcome for said in weighed}
    if CCOutcome.CC_EXCLUDED in outcomes:
        primary = unit.primary(0)
        return views[0].exclusion_row(primary, code), views[1].exclusion_row(primary, code)
    if CCOutcome.CC_LESS_SPECIFIC in outcomes and CCOutcome.CC_NOT_LISTED not in outcomes:
        return views[0].family_row(code), views[1].family_row(code)
    return views[0].cc_row(code, subchapter), views[1].cc_row(code, subchapter)


def other_interventions(views: Views, unit: Unit) -> Finding | None:
    """The procedure that counts as an intervention in one design only."""
    one, other = (path.interventions for path in unit.paths)
    codes = [code for code in (*one, *other) if (code in one) != (code in other)]
    for code in codes:
        if found := not_in_force(views, unit, procedures([code]), INTERVENTIONS) or unbundled_in_one(views, code, INTERVENTIONS):
            return found
        if views[0].said_of(code)[0] != views[1].said_of(code)[0]:
            text = f"procedure {code} counts as an intervention in {views[0 if code in one else 1].name} only"
            return Finding(Reason.INTERVENTIONS, text, INTERVENTIONS, "", *(view.code_row("procedure", code) for view in views))
    return another_driver(views, unit) if codes else None
