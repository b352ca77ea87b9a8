"""From the facts of a record of NAC, EM, NRD, ACC, PCC or NCC to its HRG."""

from dataclasses import dataclass, replace

from .conditions import Facts
from .derivation import Derivation
from .records import Fault, Record
from .tables import weakest


@dataclass(frozen=True)
class Grouped:
    """An HRG; or a fault of a cell; or the key of a message on the field that the data set blames; or none: failed before."""

    hrg: str = ""
    method: str = "U"
    dominant: str = ""
    grade: str = ""
    fault: Fault | None = None
    key: str = ""


def by_rules(derivation: Derivation, stage: str, facts: Facts) -> Grouped:
    """The first rule of the stage that holds gives the root."""
    rule = derivation.first_rule(stage, facts)
    if rule is None:
        return Grouped(key="no_split")
    if rule.target in derivation.design.error_categories:
        return Grouped(key=rule.target)
    return _finish(derivation, rule.target, "O" if stage == "NAC" else "", facts, [rule.grade])


def _finish(derivation: Derivation, root: str, method: str, facts: Facts, grades: list[str]) -> Grouped:
    row = derivation.fitting(root, facts, 0)
    if row is None:
        return Grouped(key="no_split")
    return Grouped(row["hrg"], method, facts.dominant, weakest([*grades, row["grade"]]))


def group_outpatient(derivation: Derivation, record: Record, facts: Facts) -> tuple[Grouped, str]:
    """The answer of a record whose unbundled codes were dealt with, and its AttendanceHRG."""
    if record.failed:
        return Grouped(), ""
    grouped = _core(derivation, record, facts)
    if not grouped.hrg:
        return grouped, ""
    markers = derivation.design.lists.get((derivation.design.settings.get("attendance_list", ""), "procedure"), set())
    kept = tuple(code for _, code in record.procedures if code in markers)
    return grouped, by_rules(derivation, "NAC", replace(facts, procedures=kept, unbundled=())).hrg


def _core(derivation: Derivation, record: Record, facts: Facts) -> Grouped:
    """Steps 3 to 6."""
    routed = derivation.routed(facts)
    if routed is not None:
        root, method, grades = routed
        return _finish(derivation, root, method, facts, grades)
    dominant, grades = derivation.dominant(derivation.remaining([record]), facts.stay)
    if dominant is not None:
        if derivation.is_vague(dominant):
            return Grouped(fault=derivation.vague_fault(dominant))
        facts = derivation.with_dominant(dominant, facts, record)
        return _finish(derivation, derivation.procedure_root(facts, grades), "P", facts, grades)
    if derivation.has_no_procedure(record):
        return Grouped(fault=derivation.no_procedure_fault(record))
    return by_rules(derivation, "NAC", facts)
