"""Reading the records of the data sets beside admitted care: their fields in official order, and the checks of each cell."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from .records import Record, accepted_value, check_field, check_procedure, check_secondary, clean, rows_of
from .tables import Design, Row

# Official field names; a repeated field under its stem, as a list.
Cells = Mapping[str, str | Sequence[str]]

# The fields in official order; a repeated one by its first cell.
LAYOUTS = {
    "NAC": "STARTAGE SEX MAINSPEF TRETSPEF FIRSTATT OPER_01",
    "EM": "AGE AEPATIENTGROUP INV_01 TREAT_01",
    "NRD": "RENALMOD RENALSITE RENALACCESS HBV HCV HIV AGE",
    "ACC": "CCUF BCSD ACSD BRSD ARSD RSD NSD DSD LSD CCL2D CCL3D CC_Start_Date CC_Discharge_Date",
    "PCC": "PROCODET CCLocalID CCDate DISDATE DISMETH CCUF CCAC_01 OPER_01 DIAG_01",
    "NCC": "PROCODET CCLocalID CCDate DISDATE CCUF AGE_DAYS DISMETH GestLen PERWT CCAC_01",
}
MOST_CELLS = {("PCC", "CCAC"): 20, ("PCC", "OPER"): 20, ("NCC", "CCAC"): 20}
INVALID_CELL = {"INV": "investigation_invalid", "TREAT": "treatment_invalid", "CCAC": "activity_invalid"}


@lru_cache(maxsize=16)
def layout(dataset: str, design: Design) -> dict[str, Row]:
    """The row of `field` of each cell, in official order; a field without a row is not read."""
    rows = rows_of(dataset, design)
    result: dict[str, Row] = {}
    for name in LAYOUTS[dataset].split():
        if name not in rows:
            continue
        stem, repeated, _ = name.partition("_01")
        count = MOST_CELLS.get((dataset, stem), 99) if repeated else 1
        for cell in [f"{stem}_{n:02}" for n in range(1, count + 1)] if repeated else [name]:
            result[cell] = {**rows[name], "field": cell}
    return result


def stem_of(name: str) -> str:
    """INV of INV_02; CC_Start_Date is its own."""
    stem, _, number = name.rpartition("_")
    return stem if number.isdigit() else name


def _texts(cells: Cells, names: Iterable[str]) -> dict[str, str]:
    """The text of each cell; blank where the record has none."""
    found = dict.fromkeys(names, "")
    for name, value in cells.items():
        texts = {name: value} if isinstance(value, str) else {f"{name}_{n:02}": text for n, text in enumerate(value, 1)}
        found.update((cell, text) for cell, text in texts.items() if cell in found)
    return found


def _row(cells: Cells) -> str:
    """The whole row, with the cells that are no field of the data set."""
    return ",".join(value if isinstance(value, str) else ",".join(value) for value in cells.values())


def read_cells(index: int, cells: Cells, dataset: str, design: Design) -> Record:
    """Section 12 of the grouping logic: the checked cells of a record, in official order."""
    rows = layout(dataset, design)
    texts = _texts(cells, rows)
    record = Record(index, _row(cells).encode())
    for name, text in texts.items():
        row = rows[name]
        kind = row["kind"]
        if not text and row["required"] != "yes":
            continue
        record.cleaned[name] = clean(kind, text)
        if kind == "diagnosis":
            _check_diagnosis(record, name, design)
        elif kind == "procedure":
            check_procedure(record, name, design)
        elif stem_of(name) != name:
            _check_repeated(record, row, design)
        else:
            record.values[name] = accepted_value(row, record.cleaned[name])
            check_field(record, row, design)
    return record


def _check_diagnosis(record: Record, name: str, design: Design) -> None:
    if name == "DIAG_01" and record.cleaned[name] in design.icd10.members:
        record.primary = record.cleaned[name]
    else:
        check_secondary(record, name, design)


def _check_repeated(record: Record, row: Row, design: Design) -> None:
    name = row["field"]
    value = record.cleaned[name]
    if not value:
        return
    if accepted_value(row, value):
        record.repeated.setdefault(stem_of(name), []).append(value)
    else:
        key = INVALID_CELL.get(stem_of(name), "field_invalid")
        record.faults.append((name, value, design.message(key)))


def sort_key(record: Record) -> tuple[bytes, bytes, bool, str, bytes]:
    """The order of critical care days: provider, stay, day, and the row as it stands."""
    date = record.values.get("CCDate", "")
    return (
        record.cleaned.get("PROCODET", "").encode(),
        record.cleaned.get("CCLocalID", "").encode(),
        date == "",
        date,
        record.raw,
    )
