"""Why another procedure drives a record, or none: not in force, unbundled, another role or rank, another dominance table."""

from __future__ import annotations

from collections.abc import Iterable

from hrgcore.comparison.paths import DIAGNOSIS, PROCEDURE
from hrgcore.comparison.reasons import Finding, Reason
from hrgcore.comparison.unit import Unit
from hrgcore.comparison.view import Code, DesignView
from hrgcore.design.fields import DIAGNOSIS as DIAGNOSIS_CODE
from hrgcore.design.fields import PROCEDURE as PROCEDURE_CODE
from hrgcore.design.schema import ROLES

Views = tuple[DesignView, DesignView]


def not_in_force(views: Views, unit: Unit, codes: Iterable[Code], step: str) -> Finding | None:
    """The first of some codes that is in force in one design only."""
    for code in codes:
        for side in (0, 1):
            if code in unit.missing[side]:
                row = views[1 - side].code_row(code.kind, code.text)
                rows = (None, row) if side == 0 else (row, None)
                return Finding(Reason.CODE, f"{code} is not in force in {views[side].name}", step, "", *rows)
    return None


def procedures(codes: Iterable[str]) -> list[Code]:
    """Procedures by their texts."""
    return [Code(PROCEDURE_CODE, code) for code in codes]


def diagnoses(codes: Iterable[str]) -> list[Code]:
    """Diagnoses by their texts."""
    return [Code(DIAGNOSIS_CODE, code) for code in codes]


def missing_procedures(unit: Unit) -> list[Code]:
    """The procedures of a record that are in force in one design only."""
    return sorted(code for code in unit.missing[0] | unit.missing[1] if code.kind == PROCEDURE_CODE)


def another_driver(views: Views, unit: Unit, step: str = PROCEDURE) -> Finding | None:
    """Why the dominant procedures of a record differ, or a procedure drives it in one design only."""
    codes = list(dict.fromkeys(path.dominant for path in unit.paths if path.dominant))
    return (
        not_in_force(views, unit, procedures(codes), step)
        or another_role(views, codes, step)
        or _another_dominance(views, unit, step)
    )


def another_role(views: Views, codes: Iterable[str], step: str) -> Finding | None:
    """The first of some procedures that is unbundled in one design only, or has another role or rank."""
    for code in codes:
        if found := unbundled_in_one(views, code, step):
            return found
        said = [view.said_of(code)[:2] for view in views]
        if said[0] != said[1]:
            texts = [_role(*one) for one in said]
            text = f"procedure {code} is {texts[0]} in {views[0].name}, {texts[1]} in {views[1].name}"
            return Finding(Reason.RANK, text, step, "", *(view.code_row("procedure", code) for view in views))
    return None


def unbundled_in_one(views: Views, code: str, step: str) -> Finding | None:
    """That a procedure leaves core grouping in one design only."""
    unbundled = [view.is_unbundled(code) for view in views]
    if unbundled[0] == unbundled[1]:
        return None
    rows = [view.code_row("unbundled", code) or view.code_row("procedure", code) for view in views]
    text = f"procedure {code} is unbundled in {views[unbundled.index(True)].name} only"
    return Finding(Reason.UNBUNDLED, text, step, "", *rows)


def _role(role: int, rank: int) -> str:
    name = ROLES[role] or "without a role"
    return f"of rank {rank}" if name == "drives" else f"{name} of rank {rank}" if rank else name


def _another_dominance(views: Views, unit: Unit, step: str) -> Finding | None:
    rows = [view.dominance_row(unit.stay) for view in views]
    needed = [row.cells[1] if row else "none" for row in rows]
    if needed[0] == needed[1]:
        return None
    text = (
        f"at a stay of {unit.stay} days a procedure needs rank {needed[0]} to drive in {views[0].name}, "
        f"rank {needed[1]} in {views[1].name}"
    )
    return Finding(Reason.DOMINANCE, text, step, "", *rows)


def another_lead(views: Views, unit: Unit) -> Finding | None:
    """Why primary diagnoses of different episodes lead a spell."""
    codes = [unit.primary(side) for side in (0, 1)]
    if codes[0] == codes[1]:
        return None
    ranks = {(view.name, code): view.diagnosis_rank(code) for view in views for code in codes}
    moved = next((code for code in codes if ranks[views[0].name, code] != ranks[views[1].name, code]), codes[0])
    text = (
        f"primary diagnosis {moved} has rank {ranks[views[0].name, moved]} in {views[0].name}, "
        f"{ranks[views[1].name, moved]} in {views[1].name}, so that another episode leads"
    )
    return not_in_force(views, unit, diagnoses(codes), DIAGNOSIS) or Finding(
        Reason.LEAD, text, "leading episode", "", *(view.code_row("diagnosis", moved) for view in views)
    )
