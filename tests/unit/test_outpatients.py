"""Outpatients: the kind of attendance, procedures that drive, the attendance HRG beside them, and unbundled HRGs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrgcore import Attendance, RecordResult

from .apc import cells, out, rows
from .data_sets import SOUND, group_rows, grouper_of, of_cells, row_behind, told, write_rows

KINDS = {"1": "B", "2": "A", "3": "D", "4": "C"}  # of attendance, by FIRSTATT
LENS = "C751"  # drives, with an HRG of the eyes


def attend(*procedures: str, first: str = "1", **more: str) -> RecordResult:
    return grouper_of("NAC").group_record(Attendance(40, first, procedures, **more))


@pytest.mark.parametrize("first", KINDS)
def test_attendances_without_a_procedure(first: str) -> None:
    result = attend(first=first)
    expected = f"WF01{KINDS[first]}"
    assert (result.hrg, result.method, result.dominant_procedure, result.attendance_hrg) == (expected, "O", "", expected)
    assert (result.messages, result.unbundled) == ((), ())
    assert of_cells("NAC", FIRSTATT=f" 0{first}").hrg == expected


@pytest.mark.parametrize("marker", ["X622", "X623"])
@pytest.mark.parametrize("first", KINDS)
def test_several_professions(first: str, marker: str) -> None:
    result = attend(marker, first=first)
    assert (result.hrg, result.method, result.attendance_hrg) == (f"WF02{KINDS[first]}", "O", f"WF02{KINDS[first]}")
    assert attend("X621", first=first).hrg == f"WF01{KINDS[first]}"


def test_explanation_names_the_rows_that_decided() -> None:
    result = attend("X622", first="3")
    assert row_behind(result, "root WF02 because").startswith("NAC,,procedure in multiprofessional,WF02,O,")
    assert row_behind(result, "WF02D of root WF02 by FIRSTATT").startswith("WF02,WF02D,,,,,FIRSTATT in ")


def test_a_diagnosis_changes_nothing(tmp_path: Path) -> None:
    """Not even one that no record of admitted care may have; the columns are carried along."""
    records = [{}, {"OPER_01": LENS}, {"OPER_01": "X622", "FIRSTATT": "2"}, {"OPER_01": "U052"}, {"SEX": ""}, {"OPER_01": "X723"}]
    group_rows("NAC", tmp_path, *records)
    without = {suffix: out(tmp_path / "out.csv", suffix).read_bytes() for suffix in ("_attend_rel", "_quality_rel", "_ub_rel")}
    diagnoses = ("C509", "Z000", "wrong", "T140", "", "N179")
    summary = group_rows(
        "NAC",
        tmp_path,
        *({**record, "DIAG_01": code, "DIAG_02": "N179"} for record, code in zip(records, diagnoses, strict=True)),
    )
    assert {suffix: out(tmp_path / "out.csv", suffix).read_bytes() for suffix in without} == without
    assert [row["DIAG_01"] for row in rows(tmp_path / "out.csv", "_attend")] == list(diagnoses)
    assert summary.record_errors == 1


# Procedures


def test_a_procedure_drives() -> None:
    """The HRG of the attendance stands beside it, as if nothing but markers had been recorded."""
    result = attend("", "Y539", LENS, "Z942")
    assert (result.method, result.dominant_procedure, result.attendance_hrg) == ("P", LENS, "WF01B")
    assert result.hrg[:2] == "BZ"
    assert result.label
    beside = attend("X622", LENS, first="4")
    assert (beside.hrg, beside.method, beside.attendance_hrg) == (result.hrg, "P", "WF02C")


def test_codes_are_cleaned() -> None:
    assert attend("c75.1").dominant_procedure == LENS
    unknown = attend("x62.4", "Q999", "x62.2")
    assert told(unknown) == [("OPER_01", "X624", "Procedure is invalid"), ("OPER_02", "Q999", "Procedure is invalid")]
    assert unknown.hrg == "WF02B"


@pytest.mark.parametrize(("procedures", "category"), [(("A579",), "UZ06"), (("", "Y981", "Z942"), "UZ05"), (("U019",), "UZ06")])
def test_procedures_that_fail(procedures: tuple[str, ...], category: str) -> None:
    result = attend(*procedures)
    assert (result.hrg, result.method, result.attendance_hrg, result.dominant_procedure) == ("UZ01Z", "U", "UZ01Z", "")
    (message,) = result.messages
    assert (message.category, message.text[:4]) == (category, category)
    assert (message.field, message.code) == next((f"OPER_{n:02}", code) for n, code in enumerate(procedures, 1) if code)


def test_a_modifier_beside_a_marker_is_no_fault() -> None:
    assert (attend("X622", "Y981").hrg, attend("X622", "Y981").messages) == ("WF02B", ())


@pytest.mark.parametrize(("code", "core", "unbundled"), [("X723", "SB97Z", "SB12Z"), ("X654", "SC97Z", "SC29Z")])
def test_treatments_of_cancer_are_global_exceptions(code: str, core: str, unbundled: str) -> None:
    result = attend(code, first="2")
    assert (result.hrg, result.method, result.unbundled, result.attendance_hrg) == (core, "G", (unbundled,), "WF01A")


def test_unbundled_codes_leave_the_attendance() -> None:
    result = attend("U052", "Y973", "U052", "X622")
    assert (result.hrg, result.method, result.unbundled) == ("WF02B", "O", ("RD02A", "RD01A"))
    # an unbundled code counts in no attendance HRG either
    assert attend("U052", LENS).attendance_hrg == "WF01B"


def test_palliative_medicine() -> None:
    given = {"treatment_function": "315", "main_specialty": "950"}
    assert attend(**given).unbundled == ("SD05A",)
    assert attend(treatment_function="315", main_specialty="315").unbundled == ("SD04A",)
    assert attend("U052", **given).unbundled == ("SD05A", "RD01A")
    assert attend(**given).hrg == "WF01B"
    assert "the record puts out SD05A" in str(attend(**given).explain())


# Fields


@pytest.mark.parametrize("field", ["STARTAGE", "SEX", "MAINSPEF", "TRETSPEF", "FIRSTATT"])
@pytest.mark.parametrize(("value", "text"), [("", "Mandatory field is blank"), ("?", "Value is invalid")])
def test_required_fields(tmp_path: Path, field: str, value: str, text: str) -> None:
    group_rows("NAC", tmp_path, {field: value, "OPER_01": "X723"})
    (row,) = rows(tmp_path / "out.csv", "_attend")
    assert [row[name] for name in ("NAC_HRG", "GroupingMethodFlag", "DominantProcedure", "AttendanceHRG")] == [
        "UZ01Z", "U", "", "UZ01Z",
    ]  # fmt: skip
    assert cells(tmp_path / "out.csv", "_quality_rel")[1:] == [["1", "1", field, value, text]]
    assert row["UnbundledHRGs"] == "SB12Z"  # a failed record still puts out what it has


@pytest.mark.parametrize("first", ["0", "5", "12", "A"])
def test_first_attendance_takes_1_to_4(first: str) -> None:
    assert told(of_cells("NAC", FIRSTATT=first)) == [("FIRSTATT", first, "Value is invalid")]


def test_age_999_is_accepted_and_131_is_not() -> None:
    assert (of_cells("NAC", STARTAGE="999").hrg, of_cells("NAC", STARTAGE="131").hrg) == ("WF01B", "UZ01Z")


def test_the_order_of_the_rows_is_kept(tmp_path: Path) -> None:
    changes = [{"FIRSTATT": first, "STARTAGE": str(age)} for age, first in zip(range(60, 20, -1), "2143" * 10, strict=True)]
    group_rows("NAC", tmp_path, *changes)
    found = rows(tmp_path / "out.csv", "_attend")
    assert [row["RowNo"] for row in found] == [str(n) for n in range(1, 41)]
    assert [row["STARTAGE"] for row in found] == [cells["STARTAGE"] for cells in changes]
    assert [row["NAC_HRG"] for row in found] == [f"WF01{KINDS[cells['FIRSTATT']]}" for cells in changes]


def test_a_file_with_99_procedures(tmp_path: Path) -> None:
    columns = [*SOUND["NAC"], *(f"OPER_{n:02}" for n in range(1, 100))]
    source = write_rows(tmp_path / "in.csv", [{**SOUND["NAC"], "OPER_99": LENS, "OPER_98": "U052"}], columns)
    grouper_of("NAC").group_file(source, tmp_path / "out.csv")
    (row,) = rows(tmp_path / "out.csv", "_attend")
    assert (row["DominantProcedure"], row["UnbundledHRGs"]) == (LENS, "RD01A")
