"""A design as a Code to Group workbook.

The sheets of the official form have one row a code and lose nothing of their tables; every other table stands row by row in a
sheet `hrgcore TABLE`, so that `hrg design import` makes the same design from the workbook again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from hrgcore._core.rows import Row
from hrgcore.authoring.reading import Reading
from hrgcore.design import Design
from hrgcore.design.schema import GRADES, TABLES
from hrgcore.report.workbooks import Cell, Sheet, write_workbook

OWN = "hrgcore"  # begins the names of the sheets that the official workbook does not have
SETTINGS, SOURCES = "settings", "source"
SETTINGS_COLUMNS = ("key", "value")
SOURCE_COLUMNS = ("title", "licence", "tables", "grade")
EDITION = ("financial_year", "edition", "icd10", "opcs4")  # what the manifest says of the design, beside its settings
CHAPTER = "chapter"  # the table of names of chapters (one letter) and subchapters (two), which may be empty
# Tables that stand in the sheets of the official form.
OFFICIAL_FORM = ("icd10", "opcs4", "hrg", "split", "diagnosis", "procedure", "cc", "programme", "unbundled", CHAPTER)
CORE_OR_UNBUNDLED = {"core": "C", "unbundled": "U"}

HRG_HEADS = ("HRG", "HRG Label - Including Split", "HRG Core (C) and Unbundled (U)", "Kind", "Grade")
SPLIT_HEADS = (
    *("HRG Root", "HRG Root Description", "HRG", "HRG Label - Including Split"),
    *("Age", "Length of Stay", "Interventions", "CC Score", "Condition", "Grade"),
)
CHAPTER_HEADS = ("Chapter", "Chapter Description", "Grade")
SUBCHAPTER_HEADS = ("Subchapter", "Subchapter Description", "Grade")
ICD10_HEADS = (
    *("ICD-10 Code", "HRG Root", "HRG Root (Child)", "Hierarchy Value", "Grade", "Child Grade"),
    *("Programme Budgeting Category", "PBC Grade"),
)
OPCS4_HEADS = ("OPCS-4 Code", "Hierarchy Value", "Role", "HRG Root", "Grade")
CC_HEADS = ("ICD-10 Code", "Subchapter", "CC Score", "Grade")
UNBUNDLED_HEADS = ("OPCS-4 Code", "Unbundled HRG Root", "Multiplier", "Grade")

Rows = Iterator[Sequence[Cell]]


def write_code_to_group(design: Design, file: BinaryIO) -> None:
    """Writes a design as a Code to Group workbook.

    Args:
        design: any design.
        file: opened for writing.

    Raises:
        ArgumentError: the library that writes workbooks is not installed.
    """
    write_workbook(file, sheets_of(design))


def sheets_of(design: Design) -> Iterator[Sheet]:
    """The sheets of the workbook, in order."""
    yield Sheet("Intro", ("About", "Text"), _intro(design), f"Code to Group: HRG design {design.database_version}")
    yield Sheet("HRG", HRG_HEADS, _hrgs(design))
    yield Sheet("Intro to Group to Split", ("Column", "Meaning"), SPLIT_COLUMNS.items())
    yield Sheet("Group to Split", SPLIT_HEADS, _splits(design))
    if names := _names(design):
        yield Sheet("Chapter", CHAPTER_HEADS, (row.cells for row in names if len(row.cells[0]) == 1))
        yield Sheet("Subchapter", SUBCHAPTER_HEADS, (row.cells for row in names if len(row.cells[0]) > 1))
    yield Sheet("ICD-10", ICD10_HEADS, _diagnoses(design))
    yield Sheet("OPCS-4", OPCS4_HEADS, _procedures(design))
    yield Sheet("CC List", CC_HEADS, _scores(design))
    yield Sheet("Unbundled", UNBUNDLED_HEADS, _unbundled(design))
    yield Sheet(f"{OWN} {SETTINGS}", SETTINGS_COLUMNS, _settings(design))
    yield Sheet(f"{OWN} {SOURCES}", SOURCE_COLUMNS, _sources(design))
    for name, schema in TABLES.items():
        if name not in OFFICIAL_FORM:
            yield Sheet(f"{OWN} {name}", schema.columns, (row.cells for row in design.rows[name]))


SPLIT_COLUMNS = {
    "HRG Root": "the first four characters of an HRG, to which codes and rules lead",
    "HRG": "what a record of this root gets whose attributes lie in the bands of the row, and for which its condition holds",
    "Age": "in completed years; 19+ is 19 or more, 2-18 both included, an empty cell any",
    "Length of Stay": "in days, after the deduction of critical care, rehabilitation and palliative care days",
    "Interventions": "how many procedures that are no modifiers the record has, where a diagnosis leads it",
    "CC Score": "points of the secondary diagnoses in the subchapter of the root",
    "Condition": "a further condition, in the language of the design's tables; rows with one are read first",
    "Grade": "how well founded the row is: official, label, probed or authored",
}


def _intro(design: Design) -> Iterable[Sequence[Cell]]:
    manifest = design.manifest
    yield "Design", f"{manifest.label} ({design.database_version}), {manifest.financial_year}, {manifest.edition}"
    yield "Classifications", f"{manifest.icd10}, {manifest.opcs4}; codes only, no descriptions"
    yield (
        "Notice",
        "Written by hrgcore from the tables of this design. It is not the official Code to Group workbook of NHS England.",
    )
    yield (
        "Grades",
        "Each row has the grade of its source: official, label, probed or authored. Not for payment or a statutory return.",
    )
    yield "Other sheets", f"Sheets named `{OWN} ...` hold the tables that the official workbook is not known to have, row by row."
    for source in manifest.sources:
        yield "Source", f"{source.title} ({source.licence}; {source.grade}: {', '.join(source.tables)})"


def _hrgs(design: Design) -> Rows:
    for row in design.rows["hrg"]:
        hrg, label, kind, grade = row.cells
        yield hrg, label, CORE_OR_UNBUNDLED.get(kind, ""), kind, grade


def _splits(design: Design) -> Rows:
    labels = {row.cells[0]: row.cells[1] for row in design.rows["hrg"]}
    descriptions = Reading(design).root_labels
    for row in design.rows["split"]:
        root, hrg, *rest = row.cells
        yield root, descriptions.get(root, ""), hrg, labels.get(hrg, ""), *rest


def _names(design: Design) -> Sequence[Row]:
    """Names of chapters and subchapters, without those that have no HRG."""
    there = {row.cells[0][:size] for row in design.rows["hrg"] for size in (1, 2)}
    return [row for row in design.rows[CHAPTER] if row.cells[0] in there]


def _diagnoses(design: Design) -> Rows:
    mapped, programmes = _by_code(design, "diagnosis"), _by_code(design, "programme")
    for number, code in _codes(design.tables.icd10):
        root, child, rank, grade, child_grade = mapped[number]
        yield code, root, child, _number(rank), grade, child_grade, *programmes[number]


def _procedures(design: Design) -> Rows:
    mapped = _by_code(design, "procedure")
    for number, code in _codes(design.tables.opcs4):
        role, rank, root, grade = mapped[number]
        yield code, _number(rank), role, root, grade


def _number(cell: str) -> Cell:
    return int(cell) if cell else None


def _unbundled(design: Design) -> Rows:
    mapped = _by_code(design, "unbundled")
    yield from ((code, *mapped[number]) for number, code in _codes(design.tables.opcs4) if mapped[number][0])


def _by_code(design: Design, table: str) -> Sequence[tuple[str, ...]]:
    """What a table by code says of each code by its id: the cells behind its codes, empty where no row speaks for it."""
    rows = design.rows[table]
    nothing = ("",) * (len(TABLES[table].columns) - 1)
    return [rows[number].cells[1:] if number >= 0 else nothing for number in design.code_rows[table]]


def _codes(code_set: Any) -> Iterable[tuple[int, str]]:
    """Ids and codes of a code set; id 0 is no code."""
    return enumerate(code_set.codes[1:], 1)


def scores_by_code(design: Design) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """Each diagnosis that scores: for its subchapters the points and the grade."""
    tables = design.tables
    names = sorted({root[:2] for root in tables.roots[1:]})
    width, points, grades = tables.subchapters, tables.arrays["cc_points"], tables.arrays["cc_grade"]
    for number, code in _codes(tables.icd10):
        if line := tables.arrays["cc_class"][number] * width:
            yield code, {name: (str(points[at]), GRADES[grades[at]]) for at, name in enumerate(names, line) if points[at]}


def _scores(design: Design) -> Rows:
    for code, scores in scores_by_code(design):
        yield from ((code, subchapter, int(points), grade) for subchapter, (points, grade) in scores.items())


def _settings(design: Design) -> Iterable[Sequence[Cell]]:
    yield from ((key, getattr(design.manifest, key)) for key in EDITION)
    for key, value in design.manifest.grouping.items():
        yield key, " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _sources(design: Design) -> Iterable[Sequence[Cell]]:
    yield from ((one.title, one.licence, " ".join(one.tables), one.grade) for one in design.manifest.sources)
