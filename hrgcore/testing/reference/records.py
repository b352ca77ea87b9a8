"""Sections 1 to 3 of docs/grouping-logic.md: cleaning, fields, order, spell checks; and the cells of all data sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from .tables import LISTED, MEASURED, Design, Row, in_bands, parse_bands, values_of, without_zeros

Fault = tuple[str, str, str]  # field, code, message text
DAYS_PER_YEAR = 365


@dataclass
class Record:
    """One episode, or one row of another data set.

    `values` has accepted values only; the others count as blank. A weight stands there in grams.
    """

    source_index: int
    raw: bytes
    cleaned: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    primary: str = ""  # a code of the code set, or empty
    primary_root_usable: bool = False  # in the code set, without an error category
    secondaries: list[str] = field(default_factory=list)  # valid, in position order
    procedures: list[tuple[str, str]] = field(default_factory=list)  # (field, code)
    repeated: dict[str, list[str]] = field(default_factory=dict)  # accepted cells of INV, TREAT and CCAC
    faults: list[Fault] = field(default_factory=list)
    failed: bool = False

    def number(self, name: str) -> int | None:
        """The number of a field; None if it is blank or invalid."""
        value = self.values.get(name, "")
        return int(value) if value else None

    def days(self, name: str) -> int:
        """A blank or invalid number of days is 0 (A3)."""
        return self.number(name) or 0

    def fail(self, fault: Fault) -> None:
        """Notes a fault that makes the record fail."""
        self.faults.append(fault)
        self.failed = True

    @property
    def stay(self) -> int | None:
        """CalcEpidur (section 5); not known if EPIDUR is not valid."""
        duration = self.number("EPIDUR")
        if duration is None:
            return None
        deducted = self.days("CRITICALCAREDAYS") + self.days("REHABILITATIONDAYS") + self.days("SPCDAYS")
        return max(0, duration - deducted)


# Section 1: cleaning a cell -------------------------------------------------------


def clean(kind: str, text: str) -> str:
    """A cell as it is read, by the kind of its field."""
    text = text.strip(" \t")
    if kind in ("diagnosis", "procedure"):
        text = text.replace(".", "")
        text = "".join(c.upper() if c.isascii() else c for c in text)
        if kind == "diagnosis" and len(text) == 3:
            text += "X"  # A2
    return without_zeros(text) if kind in ("values", "number") else text


def is_number(text: str) -> bool:
    """Digits only, at most nine."""
    if not 1 <= len(text) <= 9:
        return False
    return all(character in "0123456789" for character in text)


def grams(text: str) -> str:
    """Kilograms with at most three decimals as grams; empty for anything else."""
    whole, point, decimals = text.partition(".")
    if not whole or (point and not 1 <= len(decimals) <= 3):
        return ""
    value = without_zeros(whole + decimals.ljust(3, "0"))
    return value if is_number(value) else ""


def parse_date(text: str) -> date | None:
    """YYYYMMDD, of the years 1800 to 2999."""
    if len(text) != 8 or not is_number(text) or not 1800 <= int(text[:4]) <= 2999:
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def accepted_value(row: Row, value: str) -> str:
    """The value, a weight in grams; empty if the field does not accept it."""
    kind = row["kind"]
    fits = True  # text is not validated
    if kind == "weight":
        value = grams(value)
    if kind in MEASURED:
        fits = is_number(value) and in_bands(int(value), parse_bands(row["accepted"]))
    elif kind in LISTED:
        fits = value in values_of(kind, row["accepted"])
    elif kind == "date":
        fits = parse_date(value) is not None
    return value if fits else ""


def rows_of(dataset: str, design: Design) -> dict[str, Row]:
    """field -> row of a data set, in the order of the table; a later row of a field speaks in place of an earlier one."""
    return {row["field"]: row for row in design.rows["field"] if dataset in row["dataset"].split()}


@lru_cache(maxsize=16)
def field_rows(design: Design) -> list[Row]:
    """The APC rows of `field`, in order.

    The table names DIAG_02 and OPER_01 only; they stand for all cells to _99.
    """
    names = rows_of("APC", design)
    rows = list(names.values())
    result: list[Row] = []
    for row in rows:
        result.append(row)
        if row["field"] not in ("DIAG_02", "OPER_01"):
            continue
        stem, position = row["field"].split("_")
        for number in range(int(position) + 1, 100):
            name = f"{stem}_{number:02}"
            if name not in names:
                result.append({**row, "field": name})
    return result


def in_layout_order(faults: list[Fault], layout: list[str]) -> list[Fault]:
    """Faults in the order of the fields they name."""
    return sorted(faults, key=lambda fault: layout.index(fault[0]))


def known_fields(record: Record, design: Design) -> dict[str, str]:
    """The accepted values of the listed fields that are not repeated."""
    return {name: value for name, value in record.values.items() if value and design.kinds[name] in LISTED}


def known_dates(record: Record, design: Design) -> dict[str, date]:
    """The valid dates of a record."""
    dates = {name: parse_date(value) for name, value in record.values.items() if design.kinds[name] == "date"}
    return {name: day for name, day in dates.items() if day is not None}


def known_numbers(record: Record, design: Design) -> dict[str, int]:
    """The valid numbers of a record."""
    return {name: int(value) for name, value in record.values.items() if value and design.kinds[name] in MEASURED}


# Section 2: checking an episode, field by field ------------------------------------


def read_record(index: int, episode: Mapping[str, str], design: Design) -> Record:
    """The checked cells of an episode, in official order."""
    record = Record(index, ",".join(episode.values()).encode())
    rows = field_rows(design)
    for row in rows:
        name = row["field"]
        record.cleaned[name] = clean(row["kind"], episode.get(name, ""))
    # The primary diagnosis needs the age, which may stand after it in the table.
    for row in rows:
        value = record.cleaned[row["field"]]
        if row["kind"] not in ("diagnosis", "procedure"):
            record.values[row["field"]] = accepted_value(row, value)
    for row in rows:
        if row["field"] == "DIAG_01":
            _check_primary(record, design)
        elif row["kind"] == "diagnosis":
            check_secondary(record, row["field"], design)
        elif row["kind"] == "procedure":
            check_procedure(record, row["field"], design)
        else:
            check_field(record, row, design)
    return record


def check_field(record: Record, row: Row, design: Design) -> None:
    """Checks a cell that holds no code."""
    name = row["field"]
    value = record.cleaned[name]
    required = row["required"] == "yes"
    if not value:
        if required:
            record.fail((name, "", design.message("field_blank")))
        return
    if not record.values[name]:
        record.faults.append((name, value, design.message("field_invalid")))
        if required:
            record.failed = True
    if name == "EPIORDER" and is_refused(value, design):
        record.fail((name, value, design.message("episode_number")))


def is_refused(value: str, design: Design) -> bool:
    """Whether the settings refuse an episode number."""
    if not is_number(value):
        return False
    return int(value) in design.settings["episode_numbers_refused"]


def _check_primary(record: Record, design: Design) -> None:
    code = record.cleaned["DIAG_01"]
    if not code:
        record.fail(("DIAG_01", "", design.message("primary_blank")))
        return
    if code not in design.icd10.members:
        category = design.settings["unknown_primary"]
        record.fail(("DIAG_01", code, design.message(category)))
        return
    record.primary = code
    root, _ = diagnosis_root(code, record.number("STARTAGE"), design)
    if root in design.error_categories:
        record.fail(("DIAG_01", code, design.message(root)))
    else:
        record.primary_root_usable = True


def check_secondary(record: Record, name: str, design: Design) -> None:
    """Checks a secondary diagnosis."""
    code = record.cleaned[name]
    if not code:
        return
    if code in design.icd10.members:
        record.secondaries.append(code)
    else:  # A4
        record.faults.append((name, code, design.message("diagnosis_invalid")))


def check_procedure(record: Record, name: str, design: Design) -> None:
    """Checks a procedure."""
    code = record.cleaned[name]
    if not code:
        return
    if code in design.opcs4.members:
        record.procedures.append((name, code))
    else:  # A4
        record.faults.append((name, code, design.message("procedure_invalid")))


# Section 4: roots from diagnoses -----------------------------------------------------


def diagnosis_root(code: str, age: int | None, design: Design) -> tuple[str, str]:
    """(root, grade); a code without a row has no root."""
    row = design.diagnosis.get(code)
    if row is None:
        return "", ""
    # Age 999 is an adult by its size; an invalid age takes `root`.
    is_child = age is not None and age <= design.settings["child_age_max"]
    if is_child and row["child_root"]:
        return row["child_root"], row["child_grade"]
    return row["root"], row["grade"]


# Section 3: spells -------------------------------------------------------------------


def sort_records(records: list[Record]) -> list[Record]:
    """A6: provider, spell, episode number (none last), bytes of the whole row."""

    def key(record: Record) -> tuple[bytes, bytes, bool, int, bytes]:
        number = record.number("EPIORDER")
        return (
            record.cleaned.get("PROCODET", "").encode(),
            record.cleaned.get("PROVSPNO", "").encode(),
            number is None,
            number or 0,
            record.raw,
        )

    return sorted(records, key=key)


def check_spell(records: list[Record], design: Design) -> None:
    """Section 3: what the episodes of a spell must have in common."""
    for name in ("SEX", "CLASSPAT", "ADMISORC", "ADMIMETH"):  # A7
        values = {record.values.get(name, "") for record in records}
        if len(values) > 1:
            _fail_all(records, name, f"spell_{name.lower()}", design)

    ages = [record.number("STARTAGE") for record in records]  # A8
    valid_ages = [age for age in ages if age is not None]
    duration = sum(record.days("EPIDUR") for record in records)
    allowed = design.settings["age_rise"] + duration // DAYS_PER_YEAR
    if valid_ages and max(valid_ages) - min(valid_ages) > allowed:
        _fail_all(records, "STARTAGE", "spell_age", design)

    numbers = []  # A9
    for record in records:
        value = record.values.get("EPIORDER", "")
        if value and not is_refused(value, design):
            numbers.append(value)
    for record in records:
        if numbers.count(record.values.get("EPIORDER", "")) > 1:
            fault = ("EPIORDER", "", design.message("duplicate_episode"))
            record.fail(fault)


def _fail_all(records: list[Record], name: str, key: str, design: Design) -> None:
    for record in records:
        record.fail((name, "", design.message(key)))
