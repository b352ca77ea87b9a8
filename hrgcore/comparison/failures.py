"""Why a record fails in one design only."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hrgcore._core.typedefs import Phase
from hrgcore.comparison.conditions import code_asked_for, why_it_differs
from hrgcore.comparison.paths import DECISION
from hrgcore.comparison.procedures import Views, diagnoses, missing_procedures, not_in_force, procedures
from hrgcore.comparison.reasons import Finding, Reason, RowRef
from hrgcore.comparison.unit import Unit
from hrgcore.design.fields import DIAGNOSIS, LAYOUTS, PROCEDURE

VALIDATION = "validation"
_CODES = {"DIAG": DIAGNOSIS, "OPER": PROCEDURE}  # fields with codes, and the table that speaks of them

OtherWay = Callable[[Unit], Finding | None]
Rows = list[RowRef | None]


class _Fault(NamedTuple):
    """A fault of a record: its row, phase, field, position in it (0 = not repeated), and the key of its message."""

    row: int
    phase: int
    field: str
    position: int
    key: str


def why_it_fails(views: Views, unit: Unit, other_way: OtherWay) -> Finding | None:
    """The reason of a record that fails in one design; `other_way` tells why a record takes another way to its root."""
    side = unit.failed.index(True)
    fault = next((fault for fault in _faults(views, unit, side) if _is_fatal(views, unit, side, fault)), None)
    if fault is None or all(unit.failed):
        return None
    if fault.phase != Phase.PHASE_LOGIC and (fault.field not in _CODES or not _is_fatal(views, unit, 1 - side, fault)):
        return field_finding(views, unit, _row_name(unit, fault), side, fault.key)
    if found := _code(views, unit, side, fault):
        return found
    rows = _deciding_rows(views, unit, side, fault)
    found = Finding(Reason.VALIDATION, _text(views, side, fault.key), VALIDATION, "", *(rows if side == 0 else rows[::-1]))
    decided = any(path.turns and path.turns[-1].by == DECISION for path in unit.paths)  # rules differ; a list may be why
    return found if _differ(rows) and not decided else _told_further(views, unit, side, found, other_way)


def _faults(views: Views, unit: Unit, side: int) -> list[_Fault]:
    """The faults of the failing design; those of cells only if the other design does not fail the record for them too."""
    other = {_Fault(row, *fault) for row in unit.rows for fault in unit.side(1 - side).faults(row)}
    own = (_Fault(row, *fault) for row in unit.rows for fault in unit.side(side).faults(row))
    return [
        fault
        for fault in own
        if fault.phase != Phase.PHASE_FIELD or fault not in other or not _is_fatal(views, unit, 1 - side, fault)
    ]


def _is_fatal(views: Views, unit: Unit, side: int, fault: _Fault) -> bool:
    """Whether a fault fails the record, and is not only reported."""
    if fault.phase != Phase.PHASE_FIELD:
        return True
    row = views[side].field_row(unit.side(side).dataset, _row_name(unit, fault))
    return row is None or row.cells[2] == "yes"


def _row_name(unit: Unit, fault: _Fault) -> str:
    """The row of table `field` that speaks of a cell."""
    layout = next(one for one in LAYOUTS[unit.side(0).dataset] if one.name == fault.field)
    further = fault.field == "DIAG" and fault.position > 1 and unit.side(0).stays is not None
    return f"{fault.field}_02" if further else layout.row


def _code(views: Views, unit: Unit, side: int, fault: _Fault) -> Finding | None:
    """A code that is in force in one design only, if it is what lets the record fail or pass."""
    first = unit.side(1 - side).diagnoses(unit.rows[0])[:1]
    driving = [*procedures([unit.paths[1 - side].dominant]), *diagnoses(first)]
    codes = [code for code in driving if code in unit.missing[side]]
    codes += missing_procedures(unit) if fault.field == "OPER" else []
    check = unit.paths[side].check
    return not_in_force(views, unit, codes, VALIDATION) or (
        code_asked_for(views, unit, views[side].when(check), VALIDATION) if check >= 0 else None
    )


def _deciding_rows(views: Views, unit: Unit, side: int, fault: _Fault) -> Rows:
    """The rows of the failing and of the other design that speak of what failed."""
    sides, check = (side, 1 - side), unit.paths[side].check
    turns = [unit.paths[n].turns[-1] if unit.paths[n].turns else None for n in sides]
    if turns[0] and turns[0].by == DECISION:
        return [views[n].row("rule", turn.rule) if turn else None for n, turn in zip(sides, turns, strict=True)]
    if check >= 0:
        same = views[1 - side].rules.get(views[side].rule_key(check, ""), -1)
        return [views[side].row("rule", check), views[1 - side].row("rule", same)]
    if fault.field not in _CODES:
        return [None, None]
    traced = unit.side(1 - side)
    read = traced.diagnoses if fault.field == "DIAG" else traced.procedures
    code = next(iter(read(fault.row)[max(fault.position - 1, 0) :]), "")
    return [views[n].code_row(_CODES[fault.field], code) if code else None for n in sides]


def _differ(rows: Rows) -> bool:
    """Whether rows say something else, grades aside."""
    one, other = (row.cells[:-1] if row else None for row in rows)
    return one != other


def _told_further(views: Views, unit: Unit, side: int, found: Finding, other_way: OtherWay) -> Finding:
    """What both designs say alike does not decide: a list of the check does, or the way of the record to its root."""
    check = unit.paths[side].check
    why = why_it_differs(views, unit, views[side].when(check), VALIDATION) if check >= 0 else other_way(unit)
    if why is None or why.reason == Reason.CODE:
        return why or found
    return why._replace(reason=Reason.VALIDATION, text=found.text, detail=f"{why.reason}: {why.text}")


def field_finding(views: Views, unit: Unit, field: str, side: int = -1, key: str = "") -> Finding:
    """That a cell of a field is accepted in one design only; with the key of a message, that the record fails in this design."""
    rows = [view.field_row(unit.side(0).dataset, field) for view in views]
    text = f"{_text(views, side, key)} ({field})" if key else f"a value of {field} is accepted in one design only"
    return Finding(Reason.VALIDATION, text, VALIDATION, "", *rows)


def _text(views: Views, side: int, key: str) -> str:
    return f"the record fails in {views[side].name} only: {views[side].message(key)}"
