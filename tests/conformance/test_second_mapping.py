"""The second mapping of 2024-25: complete, every difference settled with a reason, and settled as the design now is.

Mapped twice were the 1500 most used procedures that can lead a record, and for children every primary diagnosis that an adult
may have too; those for children only were not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import hrgcore
from hrgcore import Episode
from hrgcore._core.codes import CodeSet
from hrgcore.design.evidence import read_evidence
from hrgcore.plugins import host

Row = dict[str, str]

ADULT, CHILD = 50, 5
ROOT_SIZE = 4
LEADING = {"drives", "vague"}
NONE = "-"  # does not drive
UNSPECIFIC = "R688"  # a primary diagnosis that changes no root of a procedure


@pytest.fixture(scope="module")
def rows(design_folder: Path) -> list[Row]:
    return read_evidence(design_folder, "second_mapping", host().folder)


@pytest.fixture(scope="module")
def procedures(grouper: hrgcore.Grouper, rows: list[Row]) -> list[tuple[str, Row]]:
    return each_code(grouper.design.tables.opcs4, rows, "procedure")


@pytest.fixture(scope="module")
def diagnoses(grouper: hrgcore.Grouper, rows: list[Row]) -> list[tuple[str, Row]]:
    return each_code(grouper.design.tables.icd10, rows, "child diagnosis")


def each_code(code_set: CodeSet, rows: list[Row], kind: str) -> list[tuple[str, Row]]:
    """Each code of the rows of a kind with its row."""
    return [
        (code_set.codes[number], row)
        for row in rows
        if row["kind"] == kind
        for first, last in code_set.spans(row["codes"])
        for number in range(first, last + 1)
    ]


def cells(grouper: hrgcore.Grouper, table: str, number: int) -> Sequence[str]:
    """The cells of the row of a table by code; empty if the code has none."""
    line = grouper.design.code_rows[table][number]
    return grouper.design.rows[table][line].cells if line >= 0 else ()


def root_of_procedure(grouper: hrgcore.Grouper, code: str, age: int) -> str:
    episode = Episode(age=age, duration=0, diagnoses=[UNSPECIFIC], procedures=[code])
    result = grouper.group_spell([episode])
    return result.hrg[:ROOT_SIZE] if result.dominant_procedure or result.method == "U" else NONE


# Complete


def test_the_procedures_are_the_most_used_that_can_lead(
    grouper: hrgcore.Grouper, design_folder: Path, procedures: list[tuple[str, Row]]
) -> None:
    codes = [code for code, _ in procedures]
    assert len(codes) == len(set(codes)) == 1500
    mentions = {row["code"]: int(row["mentions"]) for row in read_evidence(design_folder, "mentions", host().folder)}
    rarest = min(mentions[code] for code in codes)
    leading = {
        code
        for number, code in enumerate(grouper.design.tables.opcs4.codes)
        if mentions.get(code, 0) > rarest and LEADING & set(cells(grouper, "procedure", number)[1:2])
    }
    assert leading - set(codes) == set()


def test_the_diagnoses_are_all_that_group_for_adults(grouper: hrgcore.Grouper, diagnoses: list[tuple[str, Row]]) -> None:
    codes = [code for code, _ in diagnoses]
    assert len(codes) == len(set(codes))
    grouped = {
        code
        for code in grouper.design.tables.icd10.codes
        if code and grouper.group_spell([Episode(age=ADULT, duration=0, diagnoses=[code])]).method != "U"
    }
    assert set(codes) == grouped


def test_there_are_no_other_kinds(rows: list[Row]) -> None:
    assert {row["kind"] for row in rows} == {"procedure", "child diagnosis"}


# Settled


def test_what_was_not_simply_agreed_has_a_reason_and_nothing_else(rows: list[Row]) -> None:
    """An agreement that evidence overruled needs one too."""
    wrong = [row["codes"] for row in rows if bool(row["reason"]) == (row["first"] == row["second"] == row["decision"])]
    assert wrong == []
    assert all(row["decision"] for row in rows)


def test_reasons_are_short(rows: list[Row]) -> None:
    assert [row["reason"] for row in rows if "," in row["reason"] or len(row["reason"].split()) > 15] == []


# As the design is


def test_procedures_are_decided_as_the_design_groups_them(grouper: hrgcore.Grouper, procedures: list[tuple[str, Row]]) -> None:
    """The decision is the root that the code alone gives to an adult or a child, or the one of its row before rules change it."""
    numbers = {code: number for number, code in enumerate(grouper.design.tables.opcs4.codes)}
    wrong = []
    for code, row in procedures:
        found = {root_of_procedure(grouper, code, ADULT), *cells(grouper, "procedure", numbers[code])[3:4]} - {""}
        if row["decision"] not in found | {root_of_procedure(grouper, code, CHILD)}:
            wrong.append((code, row["decision"], sorted(found)))
    assert wrong == []


def test_child_diagnoses_are_decided_as_the_tables_are(grouper: hrgcore.Grouper, diagnoses: list[tuple[str, Row]]) -> None:
    numbers = {code: number for number, code in enumerate(grouper.design.tables.icd10.codes)}
    wrong = []
    for code, row in diagnoses:
        _, root, child_root, *_ = cells(grouper, "diagnosis", numbers[code])
        if row["decision"] != (child_root or root):
            wrong.append((code, row["decision"], child_root or root))
    assert wrong == []
