"""Tests of the data sets ACC, PCC and NCC."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from hrgcore.testing.reference.attendances import group_records
from hrgcore.testing.reference.records import grams, parse_date
from hrgcore.testing.reference.tables import Design

from .small_design import write_design
from .test_attendances import Group, grouper_of

# Adult critical care


@pytest.fixture
def acc(tmp_path: Path) -> Group:
    return grouper_of(write_design(tmp_path), "ACC", {"CCUF": "1"})


def dates(start: str, discharge: str) -> dict[str, str]:
    return {"CC_Start_Date": start, "CC_Discharge_Date": discharge}


def test_organs(acc: Group) -> None:
    assert acc(BRSD="1", BCSD="1").hrg == acc(ARSD="2", RSD="1", BRSD="3").hrg == "AC01Z"
    assert acc(BRSD="1", ARSD="2", LSD="0").hrg == "AC03Z"  # one organ, whatever the number of fields
    assert acc(BRSD="0", BCSD="1", RSD="x", LSD="0").hrg == "AC03Z"
    assert acc(NSD="4", LSD="1").hrg == "AC05Z"  # in no row of the table


def test_days_between(acc: Group) -> None:
    assert acc(BRSD="1", **dates("20240101", "20240103")).hrg == "AC02Z"
    assert acc(BRSD="1", LSD="0", **dates("20240101", "20240104")).hrg == "AC03Z"
    assert acc(BRSD="1", LSD="0", **dates("20240102", "20240101")).hrg == "AC03Z"  # negative
    assert acc(BRSD="1", LSD="0", **dates("20240102", "")).hrg == "AC03Z"
    assert acc(BRSD="1", **dates("20240228", "20240301")).hrg == "AC02Z"


def test_blank_numbers_and_dates_make_a_test_false(acc: Group) -> None:
    assert acc().hrg == acc(LSD="x").hrg == acc(**dates("20240101", "20240102")).hrg == "AC04Z"
    assert acc(LSD="0").hrg == acc(**dates("20240101", "20240101")).hrg == "AC05Z"


def test_unit_errors(acc: Group) -> None:
    assert acc(CCUF="60").messages == [("CCUF", "60", "not for adults")]
    assert acc(CCUF="004").messages == []
    assert acc(CCUF="099").messages == [("CCUF", "99", "field_invalid")]


@pytest.mark.parametrize(
    ("start", "discharge", "days"),
    [
        ("20240101", "20240101", 1), ("20240228", "20240301", 3), ("20230228", "20230301", 2), (" 20231231\t", "20240101", 2),
        ("20240101", "20231231", -1), ("", "20240101", -1), ("20240101", "", -1), ("20230229", "20230301", -1),
        ("18000101", "29991231", 438291),
    ],
)  # fmt: skip
def test_period(acc: Group, start: str, discharge: str, days: int) -> None:
    answer = acc(**dates(start, discharge))
    assert (answer.days, answer.warning, answer.failed) == (days, "F" if days == -1 else "", False)


@pytest.mark.parametrize(
    "text",
    ["19000229", "20240230", "20241301", "20240001", "17991231", "30000101", "2024010", "020240101", "2024-1-1", "2024010１"],
)
def test_dates_that_are_none(acc: Group, text: str) -> None:
    assert parse_date(text) is None
    assert acc(CC_Start_Date=text).messages == [("CC_Start_Date", text, "field_invalid")]
    assert parse_date("20000229") is not None


@pytest.mark.parametrize(
    ("cells", "flag"),
    [
        ({"CCL2D": "2", "CCL3D": "3"}, ""), ({"CCL2D": "3", "CCL3D": "3"}, "F"), ({"CCL2D": "x", "CCL3D": "5"}, ""),
        ({"CCL2D": "2", "BRSD": "1", "ARSD": "1"}, ""), ({"CCL2D": "2", "BRSD": "2", "ARSD": "1"}, "F"), ({"BRSD": "1"}, "F"),
        ({"CCL2D": "5", "ARSD": "5"}, ""), ({"CCL2D": "6", "ARSD": "6"}, "F"), ({"CCUF": "", "CCL2D": "5"}, ""),
        ({"CCUF": "", "CCL2D": "6"}, "F"),
    ],
)  # fmt: skip
def test_warning(acc: Group, cells: dict[str, str], flag: str) -> None:
    answer = acc(**dates("20240101", "20240105"), **cells)
    assert (answer.days, answer.warning) == (5, flag)
    assert answer.failed == (cells.get("CCUF") == "")


def test_respiratory_days_above_the_period(acc: Group) -> None:
    assert acc(ARSD="2", BRSD="1", CCL2D="3", **dates("20240101", "20240102")).warning == "F"


# Paediatric critical care

PCC = {"CCDate": "20240101", "DISDATE": "20240102", "DISMETH": "1", "CCUF": "4"}


@pytest.fixture
def pcc(tmp_path: Path) -> Group:
    return grouper_of(write_design(tmp_path), "PCC", PCC)


def test_paediatric_days(pcc: Group) -> None:
    assert [pcc(DISDATE=date).hrg for date in ("20240102", "20240101", "20231231")] == ["PC06Z", "PC05Z", "PC06Z"]
    assert pcc(DISDATE="20240230").messages == [("DISDATE", "20240230", "field_invalid")]
    assert pcc(CCUF="13").messages == [("CCUF", "13", "wrong activity")]


def test_paediatric_activities(pcc: Group) -> None:
    assert pcc(CCAC=["06", "5"]).hrg == pcc(CCAC=["005"]).hrg == "PC04Z"
    answer = pcc(CCAC=["007", "", "94"])
    assert (answer.hrg, answer.messages) == ("PC04Z", [("CCAC_01", "7", "activity_invalid")])
    assert pcc(CCAC=[""] * 20 + ["5"]).hrg == "PC06Z"


def test_paediatric_codes(pcc: Group) -> None:
    assert pcc(DIAG=["d00.1"]).hrg == "PC01Z"
    assert pcc(DIAG=["", "D001"]).hrg == "PC06Z"
    assert pcc(DIAG=["", "D001"], OPER=["", "u01.7"]).hrg == "PC02Z"
    assert pcc(DIAG=["C000"]).hrg == pcc(DIAG=["A000", "C000"]).hrg == "PC03Z"
    answer = pcc(DIAG=["Q99", "D001", "Q998"], OPER=["Q999", "U017"])
    assert answer.hrg == "PC02Z"
    assert answer.messages == [
        ("OPER_01", "Q999", "procedure_invalid"),
        ("DIAG_01", "Q99X", "diagnosis_invalid"),
        ("DIAG_03", "Q998", "diagnosis_invalid"),
    ]


def order(design: Design, records: Sequence[dict[str, str | list[str]]]) -> list[int]:
    return [answer.index for answer in group_records(design, "PCC", [{**PCC, **record} for record in records])]


def test_sorting(tmp_path: Path) -> None:
    design = Design(write_design(tmp_path))
    assert order(design, [{"PROCODET": "b"}, {"PROCODET": " a "}, {"PROCODET": "B"}, {}]) == [3, 2, 1, 0]
    assert order(design, [{"CCLocalID": "9"}, {"CCLocalID": "10"}, {"CCLocalID": "010"}]) == [2, 1, 0]
    assert order(design, [{"CCDate": ""}, {"CCDate": "20240301"}, {"CCDate": "20230229"}, {"CCDate": "20231231"}]) == [3, 1, 0, 2]
    assert order(design, [{"CCUF": "4"}, {"CCUF": "04"}, {"CCUF": "04", "CCAC": ["", "5"]}, {}]) == [1, 2, 0, 3]


# Neonatal critical care


@pytest.fixture
def ncc(tmp_path: Path) -> Group:
    cells = {"CCDate": "20240101", "DISDATE": "20240102", "CCUF": "13", "AGE_DAYS": "5", "DISMETH": "8", "GestLen": "30"}
    return grouper_of(write_design(tmp_path), "NCC", {**cells, "PERWT": "3.250"})


def test_neonatal_rules(ncc: Group) -> None:
    answer = ncc()
    assert (answer.hrg, answer.method, answer.grade) == ("NC04A", "", "authored")
    assert ncc(CCAC=["06", "05"]).hrg == "NC01Z"
    assert ncc(AGE_DAYS="01", DISDATE="20240101").hrg == "NC02Z"
    assert ncc(AGE_DAYS="2", DISDATE="20240101").hrg == ncc(AGE_DAYS="1").hrg == "NC04A"
    assert [ncc(GestLen=weeks).hrg for weeks in ("10", "26", "27")] == ["NC03Z", "NC03Z", "NC04A"]
    assert ncc(DISMETH="01").hrg == "NC03Z"


def test_neonatal_errors(ncc: Group) -> None:
    assert ncc(CCUF="04", CCAC=["95"]).messages == [("CCUF", "4", "not for babies")]
    assert ncc(CCAC=["5", "95"]).messages == [("CCUF", "13", "wrong activity")]
    assert ncc(CCAC=["94"]).messages == [("CCUF", "13", "no_split")]
    blank = ncc(CCUF="", AGE_DAYS="x", DISMETH="", GestLen="9", CCDate="")
    assert [(name, code) for name, code, _ in blank.messages] == [
        ("CCDate", ""), ("CCUF", ""), ("AGE_DAYS", "x"), ("DISMETH", ""), ("GestLen", "9"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "hrg"),
    [("0.999", "NC01Z"), ("1", "NC04B"), ("2.499", "NC04B"), ("2.5", "NC04A"), ("02.50", "NC04A"), (" 9.999 ", "NC04A")],
)
def test_weights(ncc: Group, text: str, hrg: str) -> None:
    assert ncc(PERWT=text).hrg == hrg


@pytest.mark.parametrize("text", ["0", "0.000", "10", "1.2345", ".5", "1.", ".", "1,2", "-1", "1e0", "1.2.3", "1. 2", "3 kg"])
def test_weights_that_are_none(ncc: Group, text: str) -> None:
    assert ncc(PERWT=text).messages == [("PERWT", text, "field_invalid")]


def test_grams() -> None:
    assert [grams(text) for text in ("3", "3.2", "0003.25", "999999.999", "1000000")] == ["3000", "3200", "3250", "999999999", ""]
