"""Sections 1 to 3 of docs/grouping-logic.md: cleaning, fields, order, spell checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .tables import Design, Row, in_bands, parse_bands

Fault = tuple[str, str, str]  # field, code, message text
DAYS_PER_YEAR = 365


@dataclass
class Record:
    """One episode. `values` has accepted values only; the others count as blank."""

    source_index: int
    raw: bytes
    cleaned: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    primary: str = ""  # a code of the code set, or empty
    primary_root_usable: bool = False  # in the code set, without an error category
    secondaries: list[str] = field(default_factory=list)  # valid, in position order
    procedures: list[tuple[str, str]] = field(default_factory=list)  # (field, code)
    faults: list[Fault] = field(default_factory=list)
    failed: bool = False

    def number(self, name: str) -> int | None:
        value = self.values.get(name, "")
        return int(value) if value else None

    def days(self, name: str) -> int:
        """A blank or invalid number of days is 0 (A3)."""
        return self.number(name) or 0

    def fail(self, fault: Fault) -> None:
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
    text = text.strip(" \t")
    if kind in ("diagnosis", "procedure"):
        text = text.replace(".", "")
        text = "".join(c.upper() if c.isascii() else c for c in text)
        if kind == "diagnosis" and len(text) == 3:
            text += "X"  # A2
    if kind in ("values", "number"):
        while len(text) > 1 and text.startswith("0"):
            text = text[1:]
    return text


def is_number(text: str) -> bool:
    """Digits only, at most nine."""
    if not 1 <= len(text) <= 9:
        return False
    return all(character in "0123456789" for character in text)


def accepted(row: Row, value: str) -> bool:
    if row["kind"] == "number":
        return is_number(value) and in_bands(int(value), parse_bands(row["accepted"]))
    if row["kind"] == "values":
        return value in row["accepted"].split()
    return True  # text is not validated


def field_rows(design: Design) -> list[Row]:
    """The APC rows of `field`, in order.

    The table names DIAG_02 and OPER_01 only; they stand for all cells to _99.
    """
    rows = [row for row in design.rows["field"] if row["dataset"].upper() == "APC"]
    names = {row["field"] for row in rows}
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


# Section 2: checking an episode, field by field ------------------------------------


def read_record(index: int, episode: Mapping[str, str], design: Design) -> Record:
    record = Record(index, ",".join(episode.values()).encode())
    rows = field_rows(design)
    for row in rows:
        name = row["field"]
        record.cleaned[name] = clean(row["kind"], episode.get(name, ""))
    # The primary diagnosis needs the age, which may stand after it in the table.
    for row in rows:
        value = record.cleaned[row["field"]]
        if row["kind"] in ("text", "number", "values") and value and accepted(row, value):
            record.values[row["field"]] = value
    for row in rows:
        if row["field"] == "DIAG_01":
            _check_primary(record, design)
        elif row["kind"] == "diagnosis":
            _check_secondary(record, row["field"], design)
        elif row["kind"] == "procedure":
            _check_procedure(record, row["field"], design)
        else:
            _check_field(record, row, design)
    return record


def _check_field(record: Record, row: Row, design: Design) -> None:
    name = row["field"]
    value = record.cleaned[name]
    required = row["required"] == "yes"
    if not value:
        if required:
            record.fail((name, "", design.message("field_blank")))
        return
    if name not in record.values:
        record.faults.append((name, value, design.message("field_invalid")))
        if required:
            record.failed = True
    if name == "EPIORDER" and is_refused(value, design):
        record.fail((name, value, design.message("episode_number")))


def is_refused(value: str, design: Design) -> bool:
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


def _check_secondary(record: Record, name: str, design: Design) -> None:
    code = record.cleaned[name]
    if not code:
        return
    if code in design.icd10.members:
        record.secondaries.append(code)
    else:  # A4
        record.faults.append((name, code, design.message("diagnosis_invalid")))


def _check_procedure(record: Record, name: str, design: Design) -> None:
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
