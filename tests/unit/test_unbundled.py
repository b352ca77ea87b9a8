"""Unbundled HRGs of admitted care, as the tables of 2024-25 have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import hrgcore
from hrgcore import Episode, SpellResult

from .apc import cells, record, rows, with_header
from .data_sets import row_behind

Spell = Callable[..., SpellResult]
UZ06 = "UZ06 - Poorly coded procedure for Casemix grouping purposes"


@pytest.fixture
def spell(grouper: hrgcore.Grouper) -> Spell:
    def group(
        procedures: str, diagnoses: Sequence[str] = ("M5490",), age: int = 60, days: int = 2, **more: object
    ) -> SpellResult:
        """Groups a spell of one episode; procedures are separated by blanks, `-` is a blank cell."""
        codes = [code.strip("-") for code in procedures.split()]
        return grouper.group_spell([Episode(age, days, diagnoses, codes, **more)])  # type: ignore[arg-type]

    return group


# Treatment of cancer


def test_chemotherapy_of_a_day(spell: Spell) -> None:
    result = spell("X723", ["C509"], days=0)
    assert (result.hrg, result.method, result.unbundled) == ("SB97Z", "G", ("SB12Z",))
    longer = spell("X723", ["C509"], days=1)
    assert (longer.hrg, longer.method, longer.unbundled) == ("JA12L", "D", ("SB12Z",))


def test_radiotherapy_of_a_day(spell: Spell) -> None:
    result = spell("X654", ["C61X"], days=0)
    assert (result.hrg, result.method, result.unbundled) == ("SC97Z", "G", ("SC29Z",))
    assert [spell(f"X654 {kind}", ["C61X"], days=0).unbundled[0] for kind in ("Y913", "Y912", "Y911", "Y914")] == [
        "SC21Z", "SC22Z", "SC23Z", "SC31Z",
    ]  # fmt: skip


def test_explanation_names_the_rows_that_decided(spell: Spell) -> None:
    result = spell("U052 Y973")
    assert "U052" in row_behind(result, "unbundled U052 leads to root RD01").split(",")[0].split()
    assert row_behind(result, "root RD01 becomes RD02") == "unbundled,RD01,with contrast_post 1+,RD02,,label"
    assert row_behind(result, "RD02A of root RD02 by age 19+") == "RD02,RD02A,19+,,,,,label"
    assert "U052 puts out RD02A and leaves core grouping" in str(result.explain())


# Imaging

AREAS_AND_CONTRAST = {
    "U052": {
        "": "RD01A", "Y981": "RD01A", "Y972": "RD01A", "Y973": "RD02A", "Y973 Y981": "RD02A", "Y971": "RD03Z",
        "Y972 Y973": "RD03Z", "Y982": "RD04Z", "Y983": "RD04Z", "Y982 Y973": "RD05Z", "Y971 Y983": "RD05Z", "Y984": "RD06Z",
        "Y985 Y973": "RD06Z", "Y987 Y984": "RD07Z",
    },
    "U051": {
        "": "RD20A", "Y981": "RD20A", "Y973": "RD21A", "Y971 Y981": "RD22Z", "Y972 Y973": "RD22Z", "Y982": "RD23Z",
        "Y982 Y973": "RD24Z", "Y983": "RD25Z", "Y983 Y971": "RD26Z", "Y984 Y973": "RD27Z", "Y985": "RD27Z",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "attributes", "hrg"), [(code, *pair) for code, found in AREAS_AND_CONTRAST.items() for pair in found.items()]
)
def test_areas_and_contrast(spell: Spell, code: str, attributes: str, hrg: str) -> None:
    result = spell(f"{code} {attributes}")
    assert (result.unbundled, result.messages) == ((hrg,), ())
    assert result.hrg == spell("").hrg  # the scan has no part in the core HRG
    assert spell(f"{attributes} {code}").unbundled[0][:4] in ("RD01", "RD20")  # what stands before it says nothing


@pytest.mark.parametrize(("age", "letter"), [(999, "A"), (19, "A"), (18, "B"), (6, "B"), (5, "C"), (0, "C")])
@pytest.mark.parametrize(
    ("procedures", "root"), [("U052", "RD01"), ("U052 Y973", "RD02"), ("U051", "RD20"), ("U051 Y973", "RD21"), ("U201", "RD51")]
)
def test_imaging_by_age(spell: Spell, procedures: str, root: str, age: int, letter: str) -> None:
    assert spell(procedures, age=age).unbundled == (f"{root}{letter}",)


@pytest.mark.parametrize("age", [19, 18, 5])
def test_imaging_that_age_does_not_split(spell: Spell, age: int) -> None:
    assert spell("U052 Y971 U051 Y984", age=age).unbundled == ("RD03Z", "RD27Z")


def test_modality(spell: Spell) -> None:
    codes = {
        "U052": "RD01A",
        "U051": "RD20A",
        "U201": "RD51A",
        "U131": "RD50Z",
        "U121": "RD30Z",
        "U082": "RD40Z",
        "U103": "RD08Z",
    }
    for code, hrg in codes.items():
        assert spell(code).unbundled == (hrg,), code


def test_attributes_end_with_the_next_code_that_is_none(spell: Spell) -> None:
    assert spell("U052 Z942 - Y973").unbundled == ("RD02A",)  # sites and blanks are passed over
    assert spell("U052 Q999 Y973").unbundled == ("RD02A",)  # so are codes that do not exist
    assert spell("U052 U051 Y973").unbundled == ("RD01A", "RD21A")
    assert spell("U052 C751 Y973").unbundled == ("RD01A",)


def test_order_and_repetition(spell: Spell) -> None:
    assert spell("U051 X723 U052 U051").unbundled == ("RD20A", "SB12Z", "RD01A", "RD20A")


# Dialysis


def test_acute_kidney_injury_decides(spell: Spell) -> None:
    assert spell("X403", ["N179"]).unbundled == spell("X403", ["A419", "N170"]).unbundled == ("LE01A",)
    assert spell("X403", ["N185"]).unbundled == ()
    assert (spell("X402", ["N179"]).unbundled, spell("X402", ["N185"]).unbundled) == (("LE02A",), ())
    assert spell("X403", ["N179"], age=18).unbundled == ("LE01B",)
    # without an HRG of its own it leaves core grouping all the same
    assert spell("X403", ["N185"]).hrg == spell("", ["N185"]).hrg
    assert "X403 puts out no unbundled HRG, and leaves core grouping" in str(spell("X403", ["N185"]).explain())


def test_the_diagnoses_of_the_own_episode_decide(grouper: hrgcore.Grouper) -> None:
    result = grouper.group_spell([Episode(60, 3, ["A419"], ["X403"]), Episode(60, 3, ["A419", "N179"], ["X403"])])
    assert result.unbundled == ("LE01A",)
    assert [part.unbundled for part in result.episodes] == [(), ("LE01A",)]


# Days


@pytest.mark.parametrize(("days", "text"), [(9, "VC14Z*9"), (1, "VC14Z*1"), (0, "VC14Z"), (None, "VC14Z")])
def test_days_of_rehabilitation(spell: Spell, days: int | None, text: str) -> None:
    assert spell("U501", days=30, rehabilitation_days=days, palliative_care_days=5).unbundled == (text,)
    # each mention has the days again; an assessment has none
    assert spell("U501 X602 U501", days=30, rehabilitation_days=days).unbundled == (text, "VC03Z", text)


@pytest.mark.parametrize(("days", "text"), [(9, "SD01A*9"), (1, "SD01A*1"), (0, "SD01A"), (None, "SD01A")])
def test_days_of_palliative_care(spell: Spell, days: int | None, text: str) -> None:
    given = {"palliative_care_days": days, "rehabilitation_days": 3, "treatment_function": "315"}
    assert spell("", ["C509"], days=30, **given).unbundled == (text,)
    assert spell("U051", ["C509"], days=30, **given).unbundled == (text, "RD20A")  # the record before its codes


def test_palliative_care(spell: Spell) -> None:
    support_team = {"palliative_care_days": 2, "treatment_function": "300"}
    assert spell("", ["C509"], days=0, treatment_function="315").unbundled == ("SD02A",)
    assert spell("", ["C509", "Z515"], **support_team).unbundled == ("SD03A*2",)
    assert spell("", ["C509", "Z515"], age=18, **support_team).unbundled == ("SD03B*2",)
    assert spell("", ["C509"], **support_team).unbundled == ()
    assert spell("", ["C509", "Z515"], treatment_function="300").unbundled == ()


# Codes that are too vague


@pytest.mark.parametrize("days", [0, 2])
def test_a_code_that_is_too_vague_fails_core_and_spell(spell: Spell, days: int) -> None:
    result = spell("U052 U019", days=days)
    assert (result.hrg, result.method, result.provenance) == ("UZ01Z", "U", "")
    assert [(found.field, found.code, found.text, found.category) for found in result.messages] == [
        ("OPER_02", "U019", UZ06, "UZ06")
    ]
    assert result.unbundled == ("RD01A", "UZ01Z")
    assert "UZ01Z" in str(result.explain())


def test_files(tmp_path: Path, grouper: hrgcore.Grouper) -> None:
    """A vague code fails its episode and the spell, but no unbundled HRG."""
    source = with_header(
        tmp_path / "in.csv",
        record(EPIORDER="1", OPER_01="U501", REHABILITATIONDAYS="2"),
        record(EPIORDER="2", OPER_01="u01.9", OPER_02="U051"),
        record(PROVSPNO="2", TRETSPEF="315", SPCDAYS="2", OPER_01="U051", OPER_02="Y982"),
    )
    grouper.group_file(source, tmp_path / "out.csv")
    found = rows(tmp_path / "out.csv", "_FCE")
    assert [(row["FCE_HRG"], row["SpellHRG"], row["UnbundledHRGs"]) for row in found] == [
        ("HC27N", "UZ01Z", "VC14Z*2"),
        ("UZ01Z", "UZ01Z", "UZ01Z RD20A"),
        ("HC27N", "HC27N", "SD01A*2 RD23Z"),
    ]
    assert [row["UnbundledHRGs"] for row in rows(tmp_path / "out.csv", "_spell")] == ["VC14Z*2 UZ01Z RD20A", "SD01A*2 RD23Z"]
    assert cells(tmp_path / "out.csv", "_ub_rel")[1:] == [
        ["1", "1", "VC14Z*2"],
        ["2", "1", "UZ01Z"],
        ["2", "2", "RD20A"],
        ["3", "1", "SD01A*2"],
        ["3", "2", "RD23Z"],
    ]
    assert cells(tmp_path / "out.csv", "_quality_rel")[1:] == [["2", "1", "OPER_01", "U019", UZ06]]
