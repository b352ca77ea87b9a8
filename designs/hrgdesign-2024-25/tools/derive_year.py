"""Derive what an overlay of the 2024/25 design can take from published reference data.

Run by the authors of the designs, not by their users: it needs the folder of reference data, which is no part of the project.

    python derive_year.py REFERENCE_FOLDER YEAR TABLES_FOLDER        (YEAR such as 2021-22)

It writes `hrg.csv` (HRGs of the year that 2024/25 no longer has, and those whose label was another), `split.csv` (all splits of
the roots whose HRGs differ), `rule_route.csv` (the routes of the base, if one of them leads to a root that the year does not
have) and `remove.csv` (HRGs and splits that the year does not have yet, and procedure codes that were not in force). Rows of
`remove.csv` for other tables are kept: they, and tables such as procedure and rule, are written by hand.

A procedure code is in force from the release of OPCS-4 of its first year of use on: a code first used between two releases was
in the earlier one, only nobody had used it. The last year of use says nothing: rare codes rest for years.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from derive_tables import Row, Split, band_text, current_hrgs, kind_of, read, split_rows, untariffed_splits, widen, write

RELEASES = (2012, 2014, 2017, 2020, 2023)  # first financial years of OPCS-4.6 to 4.10
CODES_A_ROW = 20
BASE = Path(__file__).parents[1] / "hrgdesign_2024_25" / "tables"
ROUTES_THEN = {"RD98": "RD97"}  # where a route led before its root was there
# What the labels of retired HRGs say in words, as conditions.
CONDITIONS = {
    f"{root}{letter}": f"{'' if later else 'not '}procedure in gestation_14_to_20_weeks"
    for root, letters in (("MA17", "CD"), ("MA18", "CD"), ("MA19", "AB"))
    for letter, later in zip(letters, (False, True), strict=True)
}


def in_year(row: dict[str, str], year: int) -> bool:
    """Whether an HRG of the list is valid on the first day of the financial year."""
    start = f"{year}-04-01"
    return row["valid_from"] <= start and (not row["valid_to"] or row["valid_to"] >= start)


def label_of_year(row: dict[str, str], year: int, roots: dict[str, list[tuple[int, int, str]]], older: dict[str, str]) -> str:
    """The label of an HRG in a year: an older one where the root was named differently then."""
    named = [label for first, last, label in roots[row["root"]] if first <= year <= last]
    other = older.get(row["hrg"], "")
    if named and other.startswith(named[0]) and not row["label"].startswith(named[0]):
        return other
    return row["label"]


def splits_of(hrgs: list[dict[str, str]]) -> Iterator[Row]:
    """Splits of whole roots, from their labels."""
    roots: dict[str, list[Split]] = defaultdict(list)
    for split in untariffed_splits(hrgs, set()):
        split.when = CONDITIONS.get(split.hrg, split.when)
        roots[split.root].append(split)
    for rows in roots.values():
        widen(rows)
        for row in rows:
            yield row.root, row.hrg, *map(band_text, (row.age, row.stay, row.interventions, row.cc)), row.when, "label"


def codes_not_in_force(reference: Path, year: int) -> list[str]:
    """Procedure codes of a later release."""
    release = max(start for start in RELEASES if start <= year)
    later = min((start for start in RELEASES if start > release), default=9999)
    return sorted(row["opcs4_code"] for row in read(reference / "opcs4/usage.csv") if int(row["first_year"]) >= later)


def routes(kept: set[str]) -> list[Row]:
    """All routes of the base with roots of the year: one route in an overlay takes the place of all. None where they stay."""
    found = [row for path in sorted(BASE.glob("rule*.csv")) for row in read(path)]
    rules = [row for row in found if row["stage"] == "route" and not row["from"]]
    if all(rule["to"] in kept for rule in rules):
        return []
    return [tuple({**rule, "to": ROUTES_THEN.get(rule["to"], rule["to"])}.values()) for rule in rules]


def batched(codes: list[str]) -> Iterator[list[str]]:
    """The codes in rows that a person can read."""
    yield from (codes[first : first + CODES_A_ROW] for first in range(0, len(codes), CODES_A_ROW))


def derive(reference: Path, name: str, tables: Path) -> None:
    """Write the tables of one year."""
    year = int(name[:4])
    now = {row["hrg"]: row for row in current_hrgs(reference)}
    listed = read(reference / "hrg/hrg_list.csv")
    then = {row["hrg"]: row for row in listed if in_year(row, year)}
    roots: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for row in read(reference / "hrg/roots_by_year.csv"):
        roots[row["root"]].append((int(row["first_year"][:4]), int(row["last_year"][:4]), row["label"]))
    older = {row["hrg"]: row["label"] for row in read(reference / "hrg/labels_all_years.csv")}
    labels = {hrg: label_of_year(row, year, roots, older) for hrg, row in then.items()}
    write(tables, "hrg", "hrg,label,kind,grade", [
        (hrg, labels[hrg], kind_of(row), "label") for hrg, row in then.items() if hrg not in now or labels[hrg] != row["label"]
    ])  # fmt: skip
    changed = {row["root"] for hrg, row in (then | now).items() if (hrg in then) != (hrg in now) and kind_of(row) == "core"}
    kept = {row["root"] for row in then.values()}
    if splits := list(splits_of([row for row in then.values() if row["root"] in changed])):
        write(tables, "split", "root,hrg,age,stay,interventions,cc,when,grade", splits)
    if rules := routes(kept):
        with (tables / "rule_route.csv").open("w", newline="", encoding="utf-8") as file:  # in the order of the base
            csv.writer(file, lineterminator="\n").writerows([("stage", "from", "when", "to", "method", "grade"), *rules])
    in_base = {row[0] for row in split_rows(reference, list(now.values()))}
    gone = [("hrg", hrg) for hrg in now if hrg not in then] + [("split", root) for root in changed & in_base - kept]
    gone += [("opcs4", " ".join(codes)) for codes in batched(codes_not_in_force(reference, year))]
    by_hand = tables / "remove.csv"
    kept_rows = [(row["table"], row["key"]) for row in read(by_hand)] if by_hand.exists() else []
    gone += [row for row in kept_rows if row[0] not in ("hrg", "split", "opcs4")]
    if gone:
        write(tables, "remove", "table,key", gone)


def main() -> None:
    """Read the command line and write the tables."""
    parser = argparse.ArgumentParser(description="Derive the tables of an overlay year from reference data.")
    parser.add_argument("reference", type=Path, help="folder of the reference data")
    parser.add_argument("year", help="financial year, such as 2021-22")
    parser.add_argument("tables", type=Path, help="folder of the overlay's tables")
    arguments = parser.parse_args()
    arguments.tables.mkdir(parents=True, exist_ok=True)
    derive(arguments.reference, arguments.year, arguments.tables)


if __name__ == "__main__":
    main()
