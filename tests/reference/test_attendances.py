"""Tests of the data sets NAC, EM and NRD."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hrgcore.testing.reference.attendances import RecordAnswer, group_records
from hrgcore.testing.reference.tables import Design

from .small_design import write_design

Group = Callable[..., RecordAnswer]


def grouper_of(folder: Path, dataset: str, base: dict[str, str]) -> Group:
    design = Design(folder)
    return lambda **cells: group_records(design, dataset, [{**base, **cells}])[0]


# Outpatients

NAC = {"STARTAGE": "40", "SEX": "1", "MAINSPEF": "100", "TRETSPEF": "100", "FIRSTATT": "1"}


@pytest.fixture
def nac(tmp_path: Path) -> Group:
    return grouper_of(write_design(tmp_path), "NAC", NAC)


def test_attendance_by_default(nac: Group) -> None:
    answer = nac(DIAG=["D001"])
    assert (answer.hrg, answer.method, answer.dominant, answer.attendance_hrg) == ("NA01A", "O", "", "NA01A")
    assert (answer.unbundled, answer.messages, answer.failed, answer.grade) == ([], [], False, "probed")
    assert (answer.days, answer.warning) == (None, "")
    assert nac(FIRSTATT="03").hrg == "NA01A"
    assert [nac(FIRSTATT="02", STARTAGE=age).hrg for age in ("19", "18")] == ["NA01C", "NA01B"]
    assert nac(FIRSTATT="2").grade == "label"


def test_attendance_with_markers(nac: Group) -> None:
    plain = nac(OPER=["Y011", "W011"])
    assert (plain.hrg, plain.method, plain.attendance_hrg, plain.grade) == ("NA02Z", "O", "NA02Z", "probed")
    unbundled = nac(OPER=["W012"])
    assert (unbundled.hrg, unbundled.attendance_hrg) == ("NA01A", "NA02Z")
    operation = nac(OPER=["M011", "W011"])
    assert (operation.hrg, operation.attendance_hrg) == ("PR02Z", "NA02Z")


def test_operation_drives(nac: Group) -> None:
    answer = nac(OPER=["", "m01.1", "H011"])
    assert (answer.hrg, answer.method, answer.dominant, answer.attendance_hrg) == ("PR01A", "P", "H011", "NA01A")
    assert answer.grade == "probed"
    assert nac(OPER=["M011"]).grade == "authored"
    assert [nac(OPER=["M012", "Z011"]).hrg, nac(OPER=["Z011", "M012"]).hrg] == ["PR04Z", "PR03Z"]
    assert nac(OPER=["I011", "Y011"]).hrg == "NA01A"


def test_procedures_that_fail(nac: Group) -> None:
    vague = nac(OPER=["M011", "V011"])
    assert vague.messages == [("OPER_02", "V011", "vague procedure")]
    nothing = nac(OPER=["", "Y011", "X011"])
    assert nothing.messages == [("OPER_02", "Y011", "no procedure")]
    for answer in (vague, nothing):
        assert (answer.hrg, answer.method, answer.attendance_hrg, answer.dominant) == ("UZ01Z", "U", "UZ01Z", "")
        assert (answer.failed, answer.grade) == (True, "")


def test_routes(nac: Group) -> None:
    answer = nac(TRETSPEF="191", OPER=["V011"])
    assert (answer.hrg, answer.method, answer.attendance_hrg, answer.grade) == ("RT01Z", "G", "NA01A", "authored")
    assert (nac(FIRSTATT="4").hrg, nac(FIRSTATT="4").method) == ("RT01Z", "G")
    assert nac(FIRSTATT="4", OPER=["N011", "I011"]).hrg == "RT02A"  # stay, interventions and CC score are 0


def test_outpatient_unbundling(nac: Group) -> None:
    answer = nac(OPER=["U014", "Y012", "U012", "U014", "Y012", "Z011", "Z012", "U015"])
    assert (answer.hrg, answer.unbundled) == ("NA01A", ["RD02B", "VC04Z", "RD03Z"])
    error = nac(OPER=["V011", "U016", "U011"])
    assert (error.hrg, error.attendance_hrg, error.unbundled) == ("UZ01Z", "UZ01Z", ["UZ01Z", "XD01Z"])
    assert error.messages == [("OPER_02", "U016", "no procedure")]
    failed = nac(SEX="", OPER=["U014", "Q999"])
    assert (failed.hrg, failed.method, failed.attendance_hrg, failed.unbundled) == ("UZ01Z", "U", "UZ01Z", ["RD01A"])
    assert failed.messages == [("SEX", "", "field_blank"), ("OPER_02", "Q999", "procedure_invalid")]


def test_outpatient_rule_errors(nac: Group) -> None:
    answer = nac(OPER=["U017"], STARTAGE="18", FIRSTATT="01")
    assert (answer.hrg, answer.method, answer.messages) == ("UZ01Z", "U", [("FIRSTATT", "1", "kidney")])
    assert (answer.unbundled, answer.attendance_hrg, answer.grade) == (["RD01B"], "UZ01Z", "")
    assert nac(STARTAGE="90").messages == [("FIRSTATT", "1", "no_split")]
    # Without an attendance HRG an operation keeps its own.
    operation = nac(STARTAGE="90", OPER=["M011"])
    assert (operation.hrg, operation.attendance_hrg, operation.messages) == ("PR02Z", "UZ01Z", [])


def test_no_rule_holds(tmp_path: Path) -> None:
    nac = grouper_of(write_design(tmp_path, rule_nac="stage,from,when,to,method,grade\nNAC,,age 90+,NA01,O,label"), "NAC", NAC)
    assert nac(FIRSTATT=" 2\t").messages == [("FIRSTATT", "2", "no_split")]


def test_order_is_kept(tmp_path: Path) -> None:
    answers = group_records(Design(write_design(tmp_path)), "NAC", [{**NAC, "STARTAGE": "50"}, NAC, {}])
    assert [(answer.index, answer.failed) for answer in answers] == [(0, False), (1, False), (2, True)]
    assert [name for name, _, _ in answers[2].messages] == ["STARTAGE", "SEX", "MAINSPEF", "TRETSPEF", "FIRSTATT"]


# Emergency medicine


@pytest.fixture
def em(tmp_path: Path) -> Group:
    return grouper_of(write_design(tmp_path), "EM", {"AGE": "30"})


def test_first_rule_wins(em: Group) -> None:
    cells = {"INV": ["24"], "TREAT": ["22"]}
    assert em(**cells).hrg == "EM01Z"
    assert em(**cells, AEPATIENTGROUP="070").hrg == "EM09Z"
    assert (em(**cells).method, em(**cells).attendance_hrg, em(**cells).unbundled) == ("", "", [])


def test_highest_level(em: Group) -> None:
    assert em(INV=["24", "02"], TREAT=["", "01", "22"]).hrg == "EM01Z"
    assert em(INV=["02"], TREAT=["22"]).hrg == "EM02Z"
    assert em(INV=["01", "99"]).hrg == "EM03Z"  # values without a row
    assert em(AEPATIENTGROUP="8").hrg == "EM02Z"


def test_or_and_and(em: Group) -> None:
    assert [em(TREAT=["01"], AGE=age).hrg for age in ("5", "4")] == ["EM02Z", "EM03Z"]
    assert em(INV=["02"], AGE="4").hrg == "EM02Z"
    assert em(TREAT=["01"]).grade == "probed"


def test_any_cell_on_the_list(em: Group) -> None:
    assert em(TREAT=["22", "99"], INV=["01"]).hrg == "EM08Z"
    assert em(TREAT=["99"], INV=["01", "99"]).hrg == "EM03Z"


def test_field_band(em: Group) -> None:
    assert [em(AGE=age).hrg for age in ("2", "01")] == ["EM03Z", "EM04Z"]


def test_leading_zeros_of_exact_values(em: Group) -> None:
    answer = em(INV=["1", "24"], TREAT=["11", "022", "22"])
    assert answer.hrg == "EM01Z"
    assert answer.messages == [
        ("INV_01", "1", "investigation_invalid"),
        ("TREAT_01", "11", "treatment_invalid"),
        ("TREAT_02", "022", "treatment_invalid"),
    ]
    assert em(TREAT=["011"]).hrg == em(TREAT=[" 01\t"]).hrg == "EM02Z"


def test_required_and_optional_fields(em: Group) -> None:
    blank = em(AGE="", AEPATIENTGROUP="05", INV=["", "x"])
    assert blank.messages == [
        ("AGE", "", "field_blank"),
        ("AEPATIENTGROUP", "5", "field_invalid"),
        ("INV_02", "x", "investigation_invalid"),
    ]
    assert (blank.hrg, blank.method, blank.failed, blank.grade) == ("UZ01Z", "", True, "")
    assert em(AGE="131").messages == [("AGE", "131", "field_invalid")]
    assert (em(AEPATIENTGROUP="5").hrg, em(AEPATIENTGROUP="5").failed) == ("EM03Z", False)


# Renal dialysis


@pytest.fixture
def nrd(tmp_path: Path) -> Group:
    return grouper_of(write_design(tmp_path), "NRD", {"RENALMOD": "01", "RENALSITE": "1", "AGE": "40"})


def test_renal(nrd: Group) -> None:
    assert [nrd(AGE=age).hrg for age in ("19", "18")] == ["NR01A", "NR01B"]
    assert [nrd(**{name: "POS"}).hrg for name in ("HBV", "HCV", "HIV")] == ["NR02Z", "NR02Z", "NR01A"]
    assert nrd(RENALMOD="02").hrg == "NR03Z"
    lower = nrd(HBV="pos")
    assert (lower.hrg, lower.messages) == ("NR01A", [("HBV", "pos", "field_invalid")])


def test_renal_errors(nrd: Group) -> None:
    category = nrd(RENALMOD="1", HBV="POS")
    assert (category.hrg, category.messages, category.grade) == ("UZ01Z", [("RENALMOD", "1", "kidney")], "")
    assert nrd(RENALMOD="02", AGE="18").messages == [("RENALMOD", "02", "no_split")]
    refused = nrd(RENALMOD="2", RENALSITE="01", RENALACCESS="a")
    assert refused.messages == [
        ("RENALMOD", "2", "field_invalid"),
        ("RENALSITE", "01", "field_invalid"),
        ("RENALACCESS", "a", "field_invalid"),
    ]
