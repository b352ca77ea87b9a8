"""Derive the evidence folder of the 2024/25 design: published counts that the design is measured against, not grouped with.

Run by the authors of the design, not by its users: it needs the folder of reference data, which is no part of the project.

    python derive_evidence.py REFERENCE_FOLDER EVIDENCE_FOLDER [--year previous]

`activity.csv` holds the episodes of each HRG by setting in the national cost collection; `mentions.csv` the latest yearly number
of mentions of each OPCS-4 code in admitted care; `records.csv` the attendances, sessions and days of the other data sets by HRG
(adult critical care is counted in days); `probes.csv` how many of the probe records changed their spell HRG in the
official program when one field was set to a value. Only codes and numbers are taken over.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

SETTINGS = {
    "Daycase": "day case",
    "Elective Inpatients": "elective",
    "Non-Elective Inpatient - Long Stay": "non-elective long stay",
    "Non-Elective Inpatient - Short Stay": "non-elective short stay",
    "Regular Day or Night Admissions": "regular admission",
    "Outpatient Procedures": "outpatient procedure",
}
# Department of the collection and start of the HRG -> data set.
RECORDS = {
    ("Emergency Care", "VB"): "EM",
    ("Renal Dialysis", "LD"): "NRD",
    ("Critical care", "XA"): "NCC",
    ("Critical care", "XB"): "PCC",
    ("Critical care", "XC"): "ACC",
    ("Critical care transport", "XA"): "NCC",
    ("Critical care transport", "XB"): "PCC",
}
COLLECTIONS = {"this": "ncc_2024_25", "previous": "ncc_previous_year"}
# The observed values, by their names in the published counts: field and value of the record layout.
PROBES = {
    ("EpisodeDuration", "0"): ("EPIDUR", "0"),
    ("EpisodeDuration", "1"): ("EPIDUR", "1"),
    ("EpisodeDuration", "10|11|12|13"): ("EPIDUR", "10"),
    ("EpisodeDuration", "14 and above (to 10000)"): ("EPIDUR", "14"),
    ("TreatmentFunctionCode", "PAIN_MANAGEMENT"): ("TRETSPEF", "191"),
    ("TreatmentFunctionCode", "PAEDIATRIC_PAIN_MANAGEMENT"): ("TRETSPEF", "241"),
    ("TreatmentFunctionCode", "DIAGNOSTIC_IMAGING"): ("TRETSPEF", "812"),
    ("TreatmentFunctionCode", "NUCLEAR_MEDICINE"): ("TRETSPEF", "371"),
    ("AdmitSource", "NHS_OTHER_PROVIDER_GENERAL|HIGH_SEC|MATERNITY|PSYCH|PRIVATE_HOSPITAL (each)"): ("ADMISORC", "51"),
    ("AdmitSource", "USUAL_PLACE_OF_RESIDENCE"): ("ADMISORC", "19"),
    ("AdmitSource", "each other value"): ("ADMISORC", "29"),
}


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> None:
    """Write one file."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def activity(reference: Path, collection: str) -> list[tuple[str, str, int]]:
    """Episodes by HRG and setting of admitted care and outpatient procedures."""
    total: dict[tuple[str, str], float] = defaultdict(float)
    for row in read(reference / "hrg" / f"{collection}.csv"):
        setting = SETTINGS.get(row["department_code"])
        if setting and row["activity"]:
            total[row["currency_code"], setting] += float(row["activity"])
    return [(hrg, setting, round(number)) for (hrg, setting), number in sorted(total.items())]


def records(reference: Path, collection: str) -> list[tuple[str, str, int]]:
    """Attendances, sessions and days by HRG of the data sets that rules alone decide."""
    total: dict[tuple[str, str], float] = defaultdict(float)
    for row in read(reference / "hrg" / f"{collection}.csv"):
        dataset = RECORDS.get((row["department_code"], row["currency_code"][:2]))
        if dataset and row["activity"]:
            total[dataset, row["currency_code"]] += float(row["activity"])
    return [(dataset, hrg, round(number)) for (dataset, hrg), number in sorted(total.items())]


def mentions(reference: Path) -> list[tuple[str, int]]:
    """Mentions of each procedure code in the latest year."""
    rows = read(reference / "opcs4" / "usage.csv")
    return sorted((row["opcs4_code"], int(row["usage_2023"])) for row in rows)


def probes(reference: Path) -> list[tuple[str, str, int, int]]:
    """What changing one field did to the records of the official sample."""
    rows = read(reference / "rules" / "official_probe_change_counts_2024_25.csv")
    return [
        (*PROBES[key], int(row["n_probes"]), int(row["n_spellhrg_changed"]))
        for row in rows
        if (key := (row["field_varied"], row["value"])) in PROBES
    ]


def main() -> None:
    """Write the four files, or for a previous year its activity only."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path)
    parser.add_argument("evidence", type=Path)
    parser.add_argument("--year", choices=sorted(COLLECTIONS), default="this")
    arguments = parser.parse_args()
    arguments.evidence.mkdir(exist_ok=True)
    write(
        arguments.evidence / "activity.csv",
        ("hrg", "setting", "episodes"),
        activity(arguments.reference, COLLECTIONS[arguments.year]),
    )
    if arguments.year == "this":
        write(
            arguments.evidence / "records.csv",
            ("dataset", "hrg", "records"),
            records(arguments.reference, COLLECTIONS[arguments.year]),
        )
        write(arguments.evidence / "mentions.csv", ("code", "mentions"), mentions(arguments.reference))
        write(arguments.evidence / "probes.csv", ("field", "value", "records", "changed"), probes(arguments.reference))


if __name__ == "__main__":
    main()
