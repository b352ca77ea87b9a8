"""The data sets beside admitted care: NAC (outpatients), EM, NRD, and the days and periods ACC, PCC and NCC."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .cells import Cells, layout, read_cells, sort_key
from .conditions import Facts
from .derivation import Derivation
from .outpatients import Grouped, by_rules, group_outpatient
from .records import Fault, Record, in_layout_order, known_dates, known_fields, known_numbers, parse_date
from .tables import Design
from .unbundling import unbundle

# The field on which an error category of a rule and a missing split are reported.
BLAMED = {"NAC": "FIRSTATT", "EM": "AEPATIENTGROUP", "NRD": "RENALMOD", "ACC": "CCUF", "PCC": "CCUF", "NCC": "CCUF"}
AGE = {"NAC": "STARTAGE", "EM": "AGE", "NRD": "AGE"}


@dataclass(frozen=True)
class RecordAnswer:
    """What a record of another data set than admitted care comes to."""

    index: int  # of the record in the list given
    hrg: str
    method: str  # of NAC
    dominant: str  # of NAC
    attendance_hrg: str  # of NAC
    unbundled: list[str]  # of NAC
    days: int | None  # of ACC
    warning: str  # of ACC
    messages: list[Fault]
    failed: bool
    grade: str


def group_records(design: Design, dataset: str, records: Sequence[Cells]) -> list[RecordAnswer]:
    """One answer a record, in the order of the output."""
    derivation = _derivation(design)
    read = [read_cells(index, cells, dataset, design) for index, cells in enumerate(records)]
    if dataset in ("PCC", "NCC"):
        read.sort(key=sort_key)
    return [_answer(derivation, dataset, record) for record in read]


@lru_cache(maxsize=8)
def _derivation(design: Design) -> Derivation:
    return Derivation(design)


# Grouping ------------------------------------------------------------------------


def facts_of(record: Record, dataset: str, derivation: Derivation) -> Facts:
    """What conditions may ask about a record."""
    design = derivation.design
    outpatient = dataset == "NAC"
    remaining = derivation.remaining([record]) if outpatient else []
    every = [code for _, code in record.procedures]
    return Facts(
        age=record.number(AGE[dataset]) if dataset in AGE else None,
        stay=0 if outpatient else None,
        primary=record.primary,
        secondaries=tuple(record.secondaries),
        procedures=tuple(mention.code for mention in remaining) if outpatient else tuple(every),
        unbundled=tuple(code for code in every if derivation.is_unbundled(code)) if outpatient else (),
        interventions=0,
        fields=known_fields(record, design),
        repeated={stem: tuple(values) for stem, values in record.repeated.items()},
        numbers=known_numbers(record, design),
        dates=known_dates(record, design),
    )


def _answer(derivation: Derivation, dataset: str, record: Record) -> RecordAnswer:
    blamed = BLAMED[dataset]
    facts = facts_of(record, dataset, derivation)
    unbundled: list[str] = []
    attendance = ""
    earlier = len(record.faults)
    if dataset == "NAC":
        unbundled = unbundle(derivation, record, facts)
        grouped, attendance = group_outpatient(derivation, record, facts)
    elif record.failed:
        grouped = Grouped()
    else:
        grouped = by_rules(derivation, dataset, facts)
    if grouped.fault is not None:
        record.fail(grouped.fault)
    elif grouped.key:
        record.fail((blamed, record.cleaned.get(blamed, ""), derivation.design.message(grouped.key)))
    record.faults[earlier:] = in_layout_order(record.faults[earlier:], list(layout(dataset, derivation.design)))
    days = period_days(record) if dataset == "ACC" else None
    invalid = derivation.design.settings["invalid_hrg"]
    return RecordAnswer(
        index=record.source_index,
        hrg=grouped.hrg or invalid,
        method=grouped.method if dataset == "NAC" else "",
        dominant=grouped.dominant,
        attendance_hrg=(attendance or invalid) if dataset == "NAC" else "",
        unbundled=unbundled,
        days=days,
        warning="" if days is None else warning(record, days),
        messages=record.faults,
        failed=record.failed,
        grade=grouped.grade,
    )


# Adult critical care ---------------------------------------------------------------


def period_days(record: Record) -> int:
    """Calc_CC_Days"""
    start = parse_date(record.values.get("CC_Start_Date", ""))
    discharge = parse_date(record.values.get("CC_Discharge_Date", ""))
    if start is None or discharge is None or discharge < start:
        return -1
    return (discharge - start).days + 1


def warning(record: Record, days: int) -> str:
    """CC_Warning_Flag"""
    levels = record.days("CCL2D") + record.days("CCL3D")
    respiratory = record.days("ARSD") + record.days("BRSD")
    doubtful = days == -1 or levels > days or respiratory > days or respiratory > levels
    return "F" if doubtful else ""
