"""Facts of the shipped design 2024-25; those that need reference data skip where no folder `shared` is beside the project."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import hrgcore
from hrgcore import Episode
from hrgcore.datasets import DATASETS
from hrgcore.design import Design
from hrgcore.design.fields import NUMBER_FIELDS
from hrgcore.design.lint import lint_design
from hrgcore.design.schema import TABLES

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no folder of reference data beside the project")


@pytest.fixture(scope="module")
def design(grouper: hrgcore.Grouper) -> Design:
    return grouper.design


def read(path: str) -> Iterator[dict[str, str]]:
    with (SHARED / path).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


# Tables


def test_lint_finds_nothing(design_folder: Path) -> None:
    """Among others: the splits of every root partition age, stay, interventions and CC score."""
    assert [str(fault) for fault in lint_design(design_folder)] == []


def test_every_hrg_but_those_of_helpers_has_a_split(design: Design) -> None:
    kinds = {row.cells[0]: row.cells[2] for row in design.rows["hrg"]}
    split = {row.cells[1] for row in design.rows["split"]}
    assert split == {hrg for hrg, kind in kinds.items() if kind != "helper"}
    assert len(split) >= 2405
    # the error group has a split too, so that its label and spelling are checked like all others
    assert design.manifest.grouping["invalid_hrg"] in kinds


def test_every_chapter_and_subchapter_has_a_name(design: Design) -> None:
    hrgs = [row.cells[0] for row in design.rows["hrg"]]
    assert {row.cells[0] for row in design.rows["chapter"]} == {hrg[:size] for hrg in hrgs for size in (1, 2)}
    assert "Hip" in design.label("HT12D") and design.chapter_name("HT") == "Orthopaedic Trauma Procedures"
    assert design.chapter_name("H") == "Musculoskeletal System" and design.chapter_name("Q") == ""


@needs_shared
def test_every_tariffed_hrg_has_a_split(design: Design) -> None:
    tariff = {row["hrg"] for row in read("hrg/tariff_2024_25.csv")}
    assert len(tariff) == 2405
    assert tariff - {row.cells[1] for row in design.rows["split"]} == set()


@needs_shared
def test_splits_have_the_bands_of_the_labels(design: Design) -> None:
    """Age, stay, interventions and CC score.

    A band that all HRGs of a root share, such as 19+, may be left out, and 2-18 may be 2+ in a root for children only: what a
    label leaves open the splits of a root must take.
    """
    labels: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for row in read("hrg/splits_2024_25.csv"):
        bounds = (
            (row["age_min"], row["age_max"]),
            (row["los_min"], row["los_max"]),
            (row["interv"],) * 2,
            (row["cc_min"], row["cc_max"]),
        )
        labels[row["root"]].append((row["hrg"], [_band(*bound) for bound in bounds]))
    bands = {row.cells[1]: row.cells[2:6] for row in design.rows["split"]}
    different = [
        (hrg, bands[hrg], label)
        for hrgs in labels.values()
        for hrg, label in hrgs
        for place, band in enumerate(label)
        if bands[hrg][place] not in (band, band.replace("-18", "+")) and {other[place] for _, other in hrgs} != {band}
    ]
    assert different == []


def _band(low: str, high: str) -> str:
    """`2`, `5` is 2-5; `2` and nothing is 2+; nothing and `5` is 0-5; equal ones, such as `1+`, stand for themselves."""
    return low if low == high else f"{low or 0}-{high}" if high else f"{low}+"


def test_every_diagnosis_of_the_code_set_has_a_root(design: Design) -> None:
    tables = design.tables
    assert len(tables.icd10) > 16_000
    assert [code for code, root in zip(tables.icd10.codes[1:], tables.arrays["diag_root"][1:], strict=True) if not root] == []


# A24: the published table has an error category for them, and a check of the design gives it where no extent follows.
BURNS_OF_A_REGION = {(category, "UZ15") for category in ("T20", "T21", "T22", "T23", "T24", "T25", "T29")}


@needs_shared
def test_roots_of_adults_are_the_official_ones(design: Design) -> None:
    rows = dict(zip(design.tables.icd10.codes, design.code_rows["diagnosis"], strict=False))
    different = [
        (row["icd10"], row["hrg_root"])
        for row in read("icd10/icd10_to_root.csv")
        if (row["icd10"][:3], row["hrg_root"]) not in BURNS_OF_A_REGION
        and design.rows["diagnosis"][rows[row["icd10"]]].cells[1] != row["hrg_root"]
    ]
    assert different == []


def test_every_procedure_of_the_code_set_has_a_row(design: Design) -> None:
    rows = design.code_rows["procedure"]
    assert len(rows) > 9_800
    assert [code for code, row in zip(design.tables.opcs4.codes, rows, strict=True) if code and row < 0] == []


def test_every_subchapter_with_cc_bands_has_a_list(design: Design) -> None:
    listed = {name for row in design.rows["cc"] for name in row.cells[1].split()}
    assert {row.cells[0][:2] for row in design.rows["split"] if row.cells[5]} <= listed
    assert len(listed) >= 53


@needs_shared
@pytest.mark.parametrize(("classification", "tables"), [("icd10", ["diagnosis"]), ("opcs4", ["procedure", "unbundled"])])
def test_tables_cover_national_activity(design: Design, classification: str, tables: list[str]) -> None:
    """At least 80 % of the codes mentioned nationally in a year have a row that says what they do."""
    codes = getattr(design.tables, classification).codes
    spoken_for = {code for table in tables for code, row in zip(codes, design.code_rows[table], strict=False) if row >= 0}
    mentions: dict[bool, int] = defaultdict(int)
    for row in read(f"{classification}/usage.csv"):
        mentions[row[f"{classification}_code"] in spoken_for] += int(float(row["usage_2023"] or 0))
    assert mentions[True] / (mentions[True] + mentions[False]) >= 0.8


# No descriptions of the classifications: WHO and Crown copyright


def test_tables_hold_no_prose(design: Design) -> None:
    """Words stand in labels of HRGs and chapters, messages and conditions only; all else is codes, names and numbers."""
    prose = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{3,}")
    spoken = {("hrg", "label"), ("chapter", "label"), ("message", "text"), ("rule", "when"), ("split", "when")}
    spoken |= {("field", "accepted")}  # values of at most three characters
    names = {*DATASETS, *NUMBER_FIELDS}
    found = {
        (table, column)
        for table, rows in design.rows.items()
        if table not in ("icd10", "opcs4")
        for place, column in enumerate(TABLES[table].columns)
        for row in rows
        if prose.search(re.sub(r"\b[A-Z0-9]{2}\b", "", row.cells[place])) and not set(row.cells[place].split()) <= names
    }
    assert found - spoken == set()
    assert {code for table in ("icd10", "opcs4") for row in design.rows[table] for code in row.cells if len(code) > 5} == set()


@needs_shared
def test_no_description_anywhere() -> None:
    """No description of four or more words stands in any text of the project; labels of HRGs share some phrases."""
    descriptions: dict[tuple[str, ...], list[list[str]]] = defaultdict(list)
    for path in ("icd10/usage.csv", "opcs4/usage.csv"):
        for row in read(path):
            words = _words(row["description"])
            if len(words) >= 4:
                descriptions[tuple(words[:4])].append(words)
    assert len(descriptions) > 5000
    found = {}
    for path in _texts():
        words = _words(path.read_text(encoding="utf-8"))
        for place in range(len(words) - 3):
            for full in descriptions.get(tuple(words[place : place + 4]), ()):
                if words[place : place + len(full)] == full:
                    found[path.name] = " ".join(full)
    assert found == {}


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _texts() -> Iterator[Path]:
    for folder in ("hrgcore", "designs", "docs", "examples", "benchmarks", "plugins"):
        for path in (PROJECT / folder).rglob("*"):
            if (
                path.suffix in (".py", ".pyx", ".csv", ".md", ".toml", ".yaml", ".json", ".html", ".txt")
                and path.name != "hrg.csv"
            ):
                yield path


# Files


@needs_shared
def test_official_sample(grouper: hrgcore.Grouper, tmp_path: Path) -> None:
    """The sample is built so that a tenth of its 752 episodes fails."""
    official = SHARED / "official"
    summary = grouper.group_file(
        official / "apc_sample_2024_25.csv", tmp_path / "out.csv", rdf=official / "HRG4+_default_APC.rdf", header=True
    )
    assert (summary.records, summary.spells) == (752, 478)
    assert 73 <= summary.record_errors <= 81
    assert len(summary.files) == 11 and all(path.is_file() for path in summary.files)
    lines = (tmp_path / "out_FCE.csv").read_text().splitlines()
    assert sum(line.split(",")[45] == "UZ01Z" for line in lines) == summary.record_errors


def test_sample_of_the_project(grouper: hrgcore.Grouper, tmp_path: Path) -> None:
    """Its seeded faults are one in thirty spells."""
    examples = PROJECT / "examples"
    summary = grouper.group_file(examples / "apc_sample.csv", tmp_path / "out.csv", rdf=examples / "apc.rdf")
    assert summary.spells == 3000
    assert 0.02 < summary.spell_errors / summary.spells < 0.04


# Worked examples


def group(grouper: hrgcore.Grouper, age: int, diagnosis: str, *procedures: str) -> hrgcore.SpellResult:
    return grouper.group_spell([Episode(age=age, duration=0, diagnoses=[diagnosis], procedures=procedures)])


@pytest.mark.parametrize(
    ("age", "diagnosis", "procedures", "hrg", "method"),
    [
        (40, "M5490", [], "HC27N", "D"),
        (19, "M54.90", [], "HC27N", "D"),
        (10, "M5490", [], "PH34D", "D"),
        (18, "M5490", [], "PH34D", "D"),
        (40, "M5490", ["V373"], "HC63C", "P"),
    ],
)
def test_worked_example(grouper: hrgcore.Grouper, age: int, diagnosis: str, procedures: list[str], hrg: str, method: str) -> None:
    result = group(grouper, age, diagnosis, *procedures)
    assert (result.hrg, result.method, result.messages) == (hrg, method, ())
    assert result.label


@pytest.mark.parametrize(
    ("age", "diagnosis", "category"),
    [(40, "Z509", "UZ01"), (40, "T140", "UZ02"), (30, "P704", "UZ03"), (40, "M7217", "UZ04")],
)
def test_error_category(grouper: hrgcore.Grouper, age: int, diagnosis: str, category: str) -> None:
    result = group(grouper, age, diagnosis)
    assert (result.hrg, result.method, result.provenance) == ("UZ01Z", "U", "")
    assert [(found.field, found.code, found.category) for found in result.messages] == [("DIAG_01", diagnosis, category)]


def test_diagnosis_of_the_newborn_is_right_for_a_newborn(grouper: hrgcore.Grouper) -> None:
    assert group(grouper, 0, "P704").method == "D"


def test_sex_and_admission_method_have_no_effect(grouper: hrgcore.Grouper) -> None:
    found = {
        grouper.group_spell(
            [
                Episode(
                    age=40,
                    duration=1,
                    diagnoses=["C539"],
                    sex=sex,
                    admission_method=method,
                    patient_classification=classification,
                )
            ]
        ).hrg
        for sex in "0129X"
        for method in ("11", "21", "31")
        for classification in "12"
    }
    assert len(found) == 1 and "UZ01Z" not in found
