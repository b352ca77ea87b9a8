"""Derive the tables of the 2024/25 design that follow from published reference data.

Run by the authors of the design, not by its users: it needs the folder of reference data, which is no part of the project.
It writes icd10, opcs4, hrg, chapter, split, diagnosis and cc. The other tables are kept by hand beside them.

    python derive_tables.py REFERENCE_FOLDER TABLES_FOLDER

Only codes, groups, bands and HRG labels are taken over, never the descriptions of ICD-10 or OPCS-4 codes.
`child_roots.csv` beside this script holds the roots of patients aged 18 and under, written by the authors. A row of it gives a
child root either to an adult root or to diagnosis codes; a row of codes goes before the row of the root, a later row before an
earlier one, and an empty child root takes the child root away.
"""

import argparse
import csv
import math
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeVar

YEAR_START = "2024-04-01"
HELPERS = {
    "JB91": "Intermediate group: burn of the second or third degree with severity score 2",
    "WH99": "Intermediate group: procedure not carried out, reason other or not stated",
}
OUTPATIENT_ROOTS = {"WF01", "WF02"}  # no admitted record reaches them
STAY_BY_RULE = {"PM40", "PM41", "PM42", "PM43", "PM44"}  # a rule sends stay 0 to PM44
NAMED_CONDITIONS = {
    "laparoscopic": "procedure in laparoscopic_access",
    "open": "not procedure in laparoscopic_access",
    "larc inserted": "procedure in long_acting_contraceptive_insertion",
    "larc not inserted": "not procedure in long_acting_contraceptive_insertion",
    "discharged home": "DISDEST in home",
}
PROCEDURE_NOT_CARRIED_OUT = {
    "WH50A": "diagnosis in not_carried_out_patient_reason",
    "WH50B": "not diagnosis in not_carried_out_patient_reason",
}
INTERVENTION_WORDS = {
    "Multiple Interventions": "2+",
    "Single Intervention": "1",
    "without Interventions": "0",
    "with Interventions": "1+",
}
INPATIENT_SETTINGS = {"Elective Inpatients", "Non-Elective Inpatient - Long Stay"}
COSTED_AS = {"DZ51": "DZ14"}  # a rule sends stays under 29 days to DZ14, so only very long stays are costed as DZ51
SYMPTOM_ROOTS = {"HD26"}  # "Signs or Symptoms" of codes outside chapter R
VAGUE_CATEGORIES = {"B99", "F99", "I99"}  # "other and unspecified" of a whole chapter
BOTTOM_RANK = 1
TOP_RANK = 10
# Their inpatients cost much because they wait long for a place; that says little of what a spell was for.
WAITING_SUBCHAPTERS = ("WD",)
TOP_RANK_OF_WAITING = 3
# The published table gives a burn of a named region as primary diagnosis the error category of burns. The manual groups it where
# a code of its extent follows, which a rule sees to; until then its degree, the fourth character, gives the root.
BURN_ERROR = "UZ15"
BURNS_BY_REGION = ("T20", "T21", "T22", "T23", "T24", "T25", "T29")
BURN_ROOTS = {"0": "JB60", "4": "JB60", "1": "JB49", "5": "JB49", "2": "JB91", "3": "JB91", "6": "JB91", "7": "JB91"}
LOWEST_COST = 2500  # pounds; cheaper roots take the rank above the bottom
STEPS_PER_DOUBLING = 4
TOP = 10**6  # stands for no upper limit

Band = tuple[int, int]
Row = tuple[str | int, ...]
Value = TypeVar("Value")


@dataclass
class Split:
    """One row of table `split`."""

    root: str
    hrg: str
    age: Band
    stay: Band
    interventions: Band
    cc: Band
    when: str


# Files


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def write(folder: Path, table: str, header: str, rows: Iterable[Row]) -> None:
    """Write one table, its rows sorted."""
    with open(folder / f"{table}.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(sorted(rows))


# Codes and runs of codes


class CodeSet:
    """The codes of a classification in plain string order."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = sorted(set(codes))

    def expand(self, terms: str) -> Iterator[str]:
        """The codes that terms separated by blanks stand for."""
        for term in terms.split():
            first, _, last = term.partition("-")
            start = bisect_left(self.codes, first)
            end = bisect_right(self.codes, (last or first) + ("~" if len(last or first) == 3 else ""))
            if start >= end:
                raise ValueError(f"{term} names no code")
            yield from self.codes[start:end]

    def runs(self, value_of: Callable[[str], Value]) -> Iterator[tuple[str, Value]]:
        """(term, value) for each longest run of neighbours with the same value; codes with a false value are left out."""
        for value, run in groupby(self.codes, key=value_of):
            if value:
                yield self.term(list(run)), value

    def term(self, run: list[str]) -> str:
        """The shortest term for a run of neighbours: a code, a category or a range."""
        if list(self.expand(run[0][:3])) == run and len(run) > 1:
            return run[0][:3]
        return run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}"


# HRGs


def current_hrgs(reference: Path) -> list[dict[str, str]]:
    """The HRGs that are valid in the year."""
    rows = read(reference / "hrg/hrg_list.csv")
    return [row for row in rows if not row["valid_to"] or row["valid_to"] >= YEAR_START]


def kind_of(row: dict[str, str]) -> str:
    """The kind of an HRG in table `hrg`."""
    if row["root"] in OUTPATIENT_ROOTS or row["subchapter"] in ("XA", "XB", "XC"):
        return "other"
    return {"Core": "core", "Both": "core", "Unbundled": "unbundled"}.get(row["kind"], "other")


def hrg_rows(hrgs: list[dict[str, str]]) -> Iterator[Row]:
    """Rows of table `hrg`, the helpers included."""
    yield from ((row["hrg"], row["label"], kind_of(row), "label") for row in hrgs)
    yield from ((root + "Z", label, "helper", "label") for root, label in HELPERS.items())


def chapter_rows(reference: Path, hrgs: list[dict[str, str]]) -> Iterator[Row]:
    """Rows of table `chapter`: chapters and subchapters."""
    names = {row["hrg_chapter"]: row["hrg_chapter_description"] for row in read(reference / "hrg/chapters.csv")}
    names |= {row["subchapter"]: row["subchapter_label"] for row in hrgs}
    yield from ((name, label, "label") for name, label in names.items())


# Splits


def number_band(low: str, high: str) -> Band:
    """(low, high) of two cells; an empty cell sets no limit."""
    return int(low or 0), int(high) if high else TOP


def word_band(text: str) -> Band:
    """(low, high) of '2+', '0-1', '1' or nothing."""
    low, dash, high = text.rstrip("+").partition("-")
    return number_band(low, high if dash else "" if text.endswith("+") else low)


def band_text(band: Band) -> str:
    """A band as the tables write it; no limit at all is an empty cell."""
    low, high = band
    if high == TOP:
        return f"{low}+" if low else ""
    return str(low) if low == high else f"{low}-{high}"


def condition_of(hrg: str, other: str) -> str:
    """The `when` of a named condition of the labels."""
    if hrg in PROCEDURE_NOT_CARRIED_OUT:
        return PROCEDURE_NOT_CARRIED_OUT[hrg]
    score = re.match(r"dx_score ?(<=|>=)?(\d+)(?:-(\d+))?", other)
    if not score:
        return NAMED_CONDITIONS[other] if other else ""
    sign, low, high = score.groups()
    band = {"<=": f"0-{low}", ">=": f"{low}+"}.get(sign, f"{low}-{high}")
    return f"score trauma_diagnosis {band}"


def interventions_in(label: str) -> str:
    """The band of interventions that a label names, in words or as a score."""
    score = re.search(r"Intervention Score ([\d+-]+)", label)
    if score:
        return score.group(1)
    return next((band for words, band in INTERVENTION_WORDS.items() if words in label), "")


def tariffed_splits(reference: Path) -> Iterator[Split]:
    """The split of each HRG of the tariff."""
    for row in read(reference / "hrg/splits_2024_25.csv"):
        stay = (0, TOP) if row["root"] in STAY_BY_RULE else number_band(row["los_min"], row["los_max"])
        yield Split(
            root=row["root"],
            hrg=row["hrg"],
            age=number_band(row["age_min"], row["age_max"]),
            stay=stay,
            interventions=word_band(row["interv"]),
            cc=number_band(row["cc_min"], row["cc_max"]),
            when=condition_of(row["hrg"], row["other"]),
        )


def untariffed_splits(hrgs: list[dict[str, str]], known: set[str]) -> Iterator[Split]:
    """The split of each core HRG outside the tariff, from its label."""
    for row in hrgs:
        if row["hrg"] in known or kind_of(row) != "core":
            continue
        yield Split(
            root=row["root"],
            hrg=row["hrg"],
            age=number_band(row["age_min"], row["age_max"]),
            stay=(0, TOP),
            interventions=word_band(interventions_in(row["label"])),
            cc=number_band(row["cc_min"], row["cc_max"]),
            when=condition_of(row["hrg"], ""),
        )


def widened(bands: list[Band]) -> list[Band]:
    """The bands with the outermost stretched, so that together they cover everything from 0 upwards."""
    lowest = min(low for low, _ in bands)
    highest = max(high for _, high in bands)
    return [(0 if low == lowest else low, TOP if high == highest else high) for low, high in bands]


def widen(splits: list[Split]) -> None:
    """Let the splits of one root cover every age, and those of a burns root every intervention score."""
    ages = widened([split.age for split in splits])
    scores = widened([split.interventions for split in splits])
    for split, age, score in zip(splits, ages, scores, strict=True):
        split.age = age
        if split.root.startswith("JB"):  # their labels name an intervention score, which is not the number of interventions
            split.interventions = (0, TOP)
            if score != (0, TOP):
                split.when = f"score burn_intervention {band_text(score)}"


def split_rows(reference: Path, hrgs: list[dict[str, str]]) -> Iterator[Row]:
    """Rows of table `split`."""
    splits = list(tariffed_splits(reference))
    splits += untariffed_splits(hrgs, {split.hrg for split in splits})
    roots: dict[str, list[Split]] = defaultdict(list)
    for split in splits:
        roots[split.root].append(split)
    for root, rows in roots.items():
        widen(rows)
        for row in rows:
            bands = (row.age, row.stay, row.interventions, row.cc)
            yield root, row.hrg, *map(band_text, bands), row.when, "label"


# Diagnoses


def child_roots(adult: dict[str, str], icd10: CodeSet) -> dict[str, str]:
    """Code to child root, empty where the adult root holds.

    Codes of an error category are left out, unless it is only the age that is wrong.
    """
    by_root: dict[str, str] = {}
    by_code: dict[str, str] = {}
    for row in read(Path(__file__).with_name("child_roots.csv")):
        if row["codes"]:
            by_code.update(dict.fromkeys(icd10.expand(row["codes"]), row["child_root"]))
        else:
            by_root[row["adult_root"]] = row["child_root"]
    open_to_children = {code: root for code, root in adult.items() if root == "UZ03" or not root.startswith("UZ")}
    return {code: by_code.get(code, by_root.get(root, "")) for code, root in open_to_children.items()}


def inpatient_costs(reference: Path) -> dict[str, float]:
    """Root to the average cost of its inpatients; a subchapter too, for roots that no activity is costed as."""
    cost: dict[str, float] = defaultdict(float)
    activity: dict[str, float] = defaultdict(float)
    for row in read(reference / "hrg/ncc_2024_25.csv"):
        if row["department_code"] in INPATIENT_SETTINGS and row["activity"]:
            for group in (row["currency_code"][:4], row["currency_code"][:2]):
                cost[group] += float(row["activity"]) * float(row["unit_cost"])
                activity[group] += float(row["activity"])
    return {group: cost[group] / activity[group] for group in cost}


def diagnosis_rank(code: str, root: str, costs: dict[str, float]) -> int:
    """How strongly a primary diagnosis claims to lead a spell of several episodes.

    The official ranking is not public. What a spell was for is most likely its costliest problem, so the rank follows the average
    cost of the inpatients of the root: 2 up to LOWEST_COST, then one more for each quarter of a doubling. Day cases and short
    stays are left out, since they say more about where care is given than about the disease. Codes that name no disease hold the
    bottom rank whatever they cost: symptoms and findings (R), factors and aftercare such as rehabilitation and convalescence (Z),
    vague ones. They lead only where no episode has a diagnosis. A code of an error category never leads, as its episode fails.
    """
    if root.startswith("UZ") or code[0] in "RZ" or code[:3] in VAGUE_CATEGORIES or root in SYMPTOM_ROOTS:
        return BOTTOM_RANK
    costed = COSTED_AS.get(root, root)
    cost = costs.get(costed) or costs[costed[:2]]
    steps = math.ceil(STEPS_PER_DOUBLING * math.log2(cost / LOWEST_COST))
    top = TOP_RANK_OF_WAITING if root.startswith(WAITING_SUBCHAPTERS) else TOP_RANK
    return min(top, BOTTOM_RANK + 1 + max(0, steps))


def diagnosis_rows(reference: Path, adult: dict[str, str], icd10: CodeSet) -> Iterator[Row]:
    """Rows of table `diagnosis`, one for each run of codes with the same values."""
    child = child_roots(adult, icd10)
    costs = inpatient_costs(reference)
    values: dict[str, tuple[str, str, int, str]] = {}
    for code, official_root in adult.items():
        is_burn = official_root == BURN_ERROR and code[:3] in BURNS_BY_REGION
        root, grade = (BURN_ROOTS[code[3]], "authored") if is_burn else (official_root, "official")
        child_root = child.get(code, "")
        ranked_as = child_root if root == "UZ03" and child_root else root  # UZ03: only children have a root
        values[code] = root, child_root, diagnosis_rank(code, ranked_as, costs), grade
    for term, (root, child_root, rank, grade) in icd10.runs(values.__getitem__):
        yield term, root, child_root, rank, grade, "authored" if child_root else ""


# Complications and comorbidities


def cc_rows(reference: Path, icd10: CodeSet) -> Iterator[Row]:
    """Rows of table `cc`, one for all codes with the same subchapters: thousands of short rows would cost each start."""
    subchapters: dict[str, set[str]] = defaultdict(set)
    for row in read(reference / "icd10/cc_membership_2024_25.csv"):
        subchapters[row["icd10"]].add(row["subchapter"])
    terms: dict[str, list[str]] = defaultdict(list)
    for term, names in icd10.runs(lambda code: sorted(subchapters[code])):
        terms[" ".join(names)].append(term)
    yield from ((" ".join(found), names, 1, "probed") for names, found in terms.items())


def derive(reference: Path, tables: Path) -> None:
    """Write all tables that follow from the reference data."""
    adult = {row["icd10"]: row["hrg_root"] for row in read(reference / "icd10/icd10_to_root.csv")}
    icd10 = CodeSet(adult)
    hrgs = current_hrgs(reference)
    write(tables, "icd10", "code", [(code,) for code in icd10.codes])
    write(tables, "opcs4", "code", [(row["opcs4_code"],) for row in read(reference / "opcs4/usage.csv")])
    write(tables, "hrg", "hrg,label,kind,grade", hrg_rows(hrgs))
    write(tables, "chapter", "chapter,label,grade", chapter_rows(reference, hrgs))
    write(tables, "split", "root,hrg,age,stay,interventions,cc,when,grade", split_rows(reference, hrgs))
    write(tables, "diagnosis", "codes,root,child_root,rank,grade,child_grade", diagnosis_rows(reference, adult, icd10))
    write(tables, "cc", "codes,subchapters,points,grade", cc_rows(reference, icd10))


def main() -> None:
    """Read the command line and write the tables."""
    parser = argparse.ArgumentParser(description="Derive tables of the 2024/25 design from reference data.")
    parser.add_argument("reference", type=Path, help="folder of the reference data")
    parser.add_argument("tables", type=Path, help="folder of the design's tables")
    arguments = parser.parse_args()
    derive(arguments.reference, arguments.tables)


if __name__ == "__main__":
    main()
