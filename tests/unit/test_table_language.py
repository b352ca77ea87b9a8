"""The languages of the tables: terms of codes, bands, conditions."""

from __future__ import annotations

import pytest

from hrgcore._core import typedefs as core
from hrgcore._core.codes import CodeSet
from hrgcore.design.conditions import ConditionError, ConditionParser, parse_band
from hrgcore.design.faults import Faults, Place
from hrgcore.design.terms import TermReader

# Terms

CODES = ["A000", "A001", "A01X", "A0500", "A051", "B009", "B01X"]


def named(cell: str) -> tuple[list[str], list[str]]:
    """The codes that a cell names, and the faults."""
    faults = Faults()
    code_set = CodeSet(CODES, True)
    spans = TermReader(code_set, "ICD-10", set(), faults).spans(cell, Place("x.csv", 2))
    return [code for first, last in spans for code in code_set.codes[first : last + 1]], [str(fault) for fault in faults.found]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("A001", ["A001"]),
        ("A00", ["A000", "A001"]),
        ("A01", ["A01X"]),
        ("A05", ["A0500", "A051"]),
        ("A000-A01X", ["A000", "A001", "A01X"]),
        ("A001-A05", ["A001", "A01X", "A0500", "A051"]),
        ("A00-A01", ["A000", "A001", "A01X"]),
        ("A02-A99", ["A0500", "A051"]),
        ("  B009   A000 ", ["B009", "A000"]),
    ],
)
def test_terms(cell: str, expected: list[str]) -> None:
    assert named(cell) == (expected, [])


@pytest.mark.parametrize(
    ("cell", "expected", "fault"),
    [
        ("A002", [], "A002 names no code"),
        ("C00", [], "C00 names no code"),
        ("A001-A000", [], "A001-A000 names no code"),
        ("A02-A04", [], "A02-A04 names no code"),
        ("A000 C00", ["A000"], "C00 names no code"),
        ("", [], "no codes are given"),
        ("   ", [], "no codes are given"),
    ],
)
def test_terms_that_name_nothing(cell: str, expected: list[str], fault: str) -> None:
    found, faults = named(cell)
    assert found == expected
    assert len(faults) == 1 and faults[0].startswith(f"x.csv line 2: {fault}")


# Bands and conditions


@pytest.mark.parametrize(
    ("text", "band"),
    [("19+", (19, core.OPEN_END)), ("2-18", (2, 18)), ("0", (0, 0)), ("", (0, core.OPEN_END)), ("5-5", (5, 5))],
)
def test_bands(text: str, band: tuple[int, int]) -> None:
    assert parse_band(text) == band


@pytest.mark.parametrize("text", ["x", "+", "-3", "3-", "1-2+", "1 - 2", "1.5", "18-2", "1234567890", "٣", "1+ "])
def test_bad_bands(text: str) -> None:
    with pytest.raises(ConditionError, match="band"):
        parse_band(text)


LISTS = {
    "burn": (0, "diagnosis"), "laser": (1, "procedure"), "home": (2, "DISDEST"), "dressing": (3, "TREAT"), "women": (4, "SEX"),
}  # fmt: skip
PARSER = ConditionParser(LISTS, {"grid": 0}, {"scan": 0})


@pytest.mark.parametrize(
    "text",
    [
        "age 19+",
        "not stay 0-1",
        "interventions 2+",
        "score grid 3+",
        "count laser 2",
        "primary in burn and secondary in burn or diagnosis in burn",
        "dominant in laser or procedure in laser and not DISDEST in home",
        "site in laser and unbundled in laser or not diagnosis burn before burn",
        "AGE_DAYS 0-1 and not PERWT 0-999 or BRSD 1+",
        "days CCDate to DISDATE 0 or not days CC_Start_Date to CC_Discharge_Date 3+",
        "TREAT in dressing and highest scan 2+ or organs 2",
    ],
)
def test_conditions(text: str) -> None:
    clauses = PARSER.parse(text)
    assert len(clauses) == text.split().count("or") + 1
    assert sum(map(len, clauses)) == text.split().count("or") + text.split().count("and") + 1
    assert [test.negated for clause in clauses for test in clause].count(True) == text.split().count("not")


def test_only_the_stage_unbundled_asks_for_attributes_and_for_every_field() -> None:
    for text in ("with laser 1+", "SEX in women"):
        assert PARSER.parse(text, "unbundled")
    assert PARSER.parse("with laser 1+", "split")
    with pytest.raises(ConditionError, match="'with' is not known at stage diagnosis"):
        PARSER.parse("with laser 1+", "diagnosis")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("age", "breaks off"),
        ("age old", "not a band"),
        ("age 9-2", "runs backwards"),
        ("not", "breaks off"),
        ("not not age 1", "is not a test"),
        ("weight 3+", "is not a test"),
        ("age 19+ and", "'and' or 'or' and a test are expected"),
        ("age 19+ stay 2", "'and' or 'or' and a test are expected at 'stay 2'"),
        ("age 19+ xor stay 2", "are expected at 'xor stay 2'"),
        ("primary in", "breaks off"),
        ("primary in none", "there is no list 'none'"),
        ("primary in laser", "list 'laser' is of kind procedure, not diagnosis"),
        ("DISDEST in burn", "list 'burn' is of kind diagnosis, not DISDEST"),
        ("ward in home", "'ward' is not a field with listed values"),
        ("STARTAGE in home", "'STARTAGE' is not a field with listed values"),
        ("SEX in home", "SEX never has a part in grouping"),
        ("ADMIMETH in home", "ADMIMETH never has a part in grouping"),
        ("MAINSPEF in home", "MAINSPEF never has a part in grouping"),
        ("CLASSPAT in home", "CLASSPAT never has a part in grouping"),
        ("score none 1+", "there is no score 'none'"),
        ("highest none 1+", "there is no category 'none'"),
        ("highest scan", "breaks off"),
        ("TREAT in home", "list 'home' is of kind DISDEST, not TREAT"),
        ("days CCDate DISDATE 0", "is not 'days FIELD to FIELD BAND' of two dates"),
        ("days CCDate to WARD 0", "is not 'days FIELD to FIELD BAND' of two dates"),
        ("organs", "breaks off"),
        ("score grid", "breaks off"),
        ("count burn 2+", "list 'burn' is of kind diagnosis, not procedure"),
        ("( age 1 )", "is not a test"),
        ("diagnosis burn before", "breaks off"),
        ("diagnosis burn before laser", "list 'laser' is of kind procedure, not diagnosis"),
        ("secondary burn before burn", "is not a test"),
        ("site in burn", "list 'burn' is of kind diagnosis, not procedure"),
        ("__import__('os') in home", "is not a field"),
    ],
)
def test_bad_conditions(text: str, fault: str) -> None:
    with pytest.raises(ConditionError) as caught:
        PARSER.parse(text)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("check", "dominant in laser"),
        ("route", "site in laser"),
        ("route", "interventions 1+"),
        ("check", "cc 1+"),
        ("procedure", "cc 1+"),
        ("diagnosis", "not cc 0"),
        ("split", "age 1 and cc 0"),
        ("unbundled", "dominant in laser"),
        ("unbundled", "interventions 1+"),
        ("NAC", "site in laser"),
        ("diagnosis", "EPIDUR 2+"),
        ("procedure", "TREAT in dressing"),
    ],
)
def test_conditions_that_ask_too_early(stage: str, text: str) -> None:
    with pytest.raises(ConditionError, match=f"not known at stage {stage}"):
        PARSER.parse(text, stage)
