"""Emergency medicine: the grid of investigations and treatments, codes of the Emergency Care Data Set, and leading zeros."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from hrgcore import ArgumentError, EmergencyAttendance, InputFileError, RecordResult
from hrgcore.cli import main

from .apc import cells, rows, write
from .data_sets import DESIGN, group_rows, grouper_of, of_cells, row_behind, told

INVESTIGATIONS = ("24", "02", "01", "12")  # one of each category, from 0
TREATMENTS = ("22", "02", "051", "101", "13", "19")
# By the highest category of investigation (rows) and of treatment (columns). The labels name all but those of treatment without
# an investigation and of investigation without a treatment.
GRID = (
    ("VB11Z", "VB09Z", "VB09Z", "VB06Z", "VB06Z", "VB01Z"),
    ("VB09Z", "VB09Z", "VB09Z", "VB06Z", "VB06Z", "VB01Z"),
    ("VB08Z", "VB08Z", "VB07Z", "VB05Z", "VB04Z", "VB01Z"),
    ("VB03Z", "VB03Z", "VB03Z", "VB03Z", "VB02Z", "VB01Z"),
)


def attend(investigations: list[str], treatments: list[str], **more: object) -> RecordResult:
    return grouper_of("EM").group_record(EmergencyAttendance(30, investigations, treatments, **more))  # type: ignore[arg-type]


# The grid


@pytest.mark.parametrize("treatment", range(6))
@pytest.mark.parametrize("investigation", range(4))
def test_every_cell_of_the_grid(investigation: int, treatment: int) -> None:
    expected = GRID[investigation][treatment]
    result = attend([INVESTIGATIONS[investigation]], [TREATMENTS[treatment]])
    assert (result.hrg, result.messages, result.method) == (expected, (), "")
    text = str(result.explain())
    assert (f"highest category of investigation: {investigation}" in text) == (investigation > 0)
    assert (f"highest category of treatment: {treatment}" in text) == (treatment > 0)
    # the highest category counts: not the first, not the last, not the sum
    lower = attend(
        ["", *INVESTIGATIONS[: investigation + 1], *INVESTIGATIONS[: investigation + 1]],
        [*TREATMENTS[treatment::-1], *TREATMENTS[treatment::-1], ""],
    )
    assert lower.hrg == expected


def test_every_hrg_of_emergency_medicine_is_reached() -> None:
    reached = {hrg for line in GRID for hrg in line} | {"VB10Z", "VB99Z"}
    assert reached == {f"VB{n:02}Z" for n in (*range(1, 12), 99)}


def test_dental_care() -> None:
    assert attend([], ["56"]).hrg == attend(["22"], []).hrg == attend(["22"], ["56"]).hrg == "VB10Z"
    assert attend([], ["56", "101"]).hrg == "VB06Z"  # something bigger was done
    assert attend(["22", "01"], ["56"]).hrg == "VB08Z"


def test_explanation_names_the_row_that_decided() -> None:
    result = attend(["01"], ["13"])
    when = "highest investigation 2 and highest treatment 4"
    assert row_behind(result, f"root VB04 because {when}") == f"EM,,{when},VB04,,label"
    assert row_behind(result, "VB04Z of root VB04, which is not split") == "VB04,VB04Z,,,,,,label"


# Codes


def test_leading_zeros_of_an_investigation_are_significant() -> None:
    assert attend(["01"], []).hrg == "VB08Z"
    stripped = attend(["1"], [])
    assert (stripped.hrg, told(stripped)) == ("VB11Z", [("INV_01", "1", "Investigation is invalid")])
    assert told(attend(["24", "001"], [])) == [("INV_02", "001", "Investigation is invalid")]


def test_leading_zeros_of_a_treatment_are_significant() -> None:
    """Two codes, of which the second has category 3."""
    assert [attend(["01"], [code]).hrg for code in ("011", "11")] == ["VB08Z", "VB05Z"]
    stripped = attend(["01"], ["2"])
    assert (stripped.hrg, told(stripped)) == ("VB08Z", [("TREAT_01", "2", "Treatment is invalid")])


@pytest.mark.parametrize(
    ("investigation", "treatment"), [("09", "07"), ("25", "26"), ("011", "013"), ("x", "X"), ("O1", "O2"), ("01.", "0 2")]
)
def test_codes_that_are_not_accepted_are_reported_and_ignored(investigation: str, treatment: str) -> None:
    result = attend([investigation, "01"], [treatment, "02"])
    assert result.hrg == "VB08Z"
    assert told(result) == [
        ("INV_01", investigation, "Investigation is invalid"),
        ("TREAT_01", treatment, "Treatment is invalid"),
    ]


def test_blanks_around_a_code_are_no_part_of_it() -> None:
    assert of_cells("EM", INV_01=" 01\t", TREAT_01="\t051 ").hrg == "VB07Z"


# Age and patient group


@pytest.mark.parametrize(
    ("age", "message"), [("", "Mandatory field is blank"), ("131", "Value is invalid"), ("-1", "Value is invalid")]
)
def test_age_is_checked(age: str, message: str) -> None:
    result = of_cells("EM", AGE=age)
    assert (result.hrg, result.provenance, told(result)) == ("UZ01Z", "", [("AGE", age, message)])


def test_age_has_no_part_in_grouping() -> None:
    grouped = {
        age: (of_cells("EM", AGE=age, INV_01="01").hrg, of_cells("EM", AGE=age, INV_01="12", TREAT_01="13").hrg)
        for age in ("0", "1", "15", "16", "18", "19", "64", "130", "999", "030")
    }
    assert set(grouped.values()) == {("VB08Z", "VB02Z")}


def test_dead_on_arrival_comes_before_everything() -> None:
    assert attend([], [], patient_group="70").hrg == attend(["12"], ["19"], patient_group="070").hrg == "VB99Z"
    assert attend(["22"], ["56"], patient_group="70").hrg == "VB99Z"
    assert attend([], [], patient_group="60").hrg == "VB11Z"
    odd = attend([], [], patient_group="7")
    assert (odd.hrg, told(odd)) == ("VB11Z", [("AEPATIENTGROUP", "7", "Value is invalid")])
    failed = of_cells("EM", AEPATIENTGROUP="70", AGE="")
    assert failed.hrg == "UZ01Z"


def test_sticky_groups(tmp_path: Path) -> None:
    """The defect of old official versions is repeated when asked for."""
    groups = ["", "70", "", "", "30", "", "70", "10"]
    changes = [{"AEPATIENTGROUP": group} for group in groups]
    group_rows("EM", tmp_path, *changes)
    assert [row["EM_HRG"] == "VB99Z" for row in rows(tmp_path / "out.csv", "_attend")] == [group == "70" for group in groups]
    group_rows("EM", tmp_path, *changes, sticky_groups=True)
    found = rows(tmp_path / "out.csv", "_attend")
    assert [row["EM_HRG"] == "VB99Z" for row in found] == [False, True, True, True, False, False, True, False]
    assert [row["AEPATIENTGROUP"] for row in found] == groups  # the echo is the input


# Codes of the Emergency Care Data Set

MAP = [
    "field,snomed,code",
    "INV,168537006,01",
    "INV,77477000,12",
    "TREAT,8625004,22",
    "AEPATIENTGROUP,63238001,70",
    "TREAT,74016001,11",
]


def test_map_of_codes(tmp_path: Path) -> None:
    """Mapped codes group as the codes they stand for; others are reported, counted and ignored; A&E codes stay as they are."""
    code_map = write(tmp_path / "map.csv", MAP)
    summary = group_rows(
        "EM",
        tmp_path,
        {"INV_01": "168537006", "TREAT_01": "8625004"},
        {"INV_01": "77477000", "INV_02": "01", "TREAT_01": " 74016001 "},
        {"INV_01": "999999999", "INV_02": "168537006", "TREAT_01": "999999999"},
        {"INV_01": "999999999", "TREAT_01": "74016001", "AEPATIENTGROUP": "63238001"},
        {"INV_01": "1", "TREAT_01": "12345", "AEPATIENTGROUP": "8625004"},
        code_map=code_map,
    )
    assert [row["EM_HRG"] for row in rows(tmp_path / "out.csv", "_attend")] == ["VB08Z", "VB03Z", "VB08Z", "VB99Z", "VB11Z"]
    unmapped = "Code is not in the map of codes"
    assert cells(tmp_path / "out.csv", "_quality_rel")[1:] == [
        ["3", "1", "INV_01", "999999999", unmapped],
        ["3", "2", "TREAT_01", "999999999", unmapped],
        ["4", "1", "INV_01", "999999999", unmapped],
        ["5", "1", "AEPATIENTGROUP", "8625004", unmapped],
        ["5", "2", "INV_01", "1", "Investigation is invalid"],
        ["5", "3", "TREAT_01", "12345", "Treatment is invalid"],
    ]
    assert summary.unmapped == {"INV 999999999": 2, "TREAT 999999999": 1, "AEPATIENTGROUP 8625004": 1}
    assert next(iter(summary.unmapped)) == "INV 999999999"  # the most frequent first
    assert summary.record_errors == 0


def test_without_a_map_such_codes_are_invalid(tmp_path: Path) -> None:
    summary = group_rows("EM", tmp_path, {"INV_01": "168537006"})
    assert summary.unmapped == {}
    assert cells(tmp_path / "out.csv", "_quality_rel")[1:] == [["1", "1", "INV_01", "168537006", "Investigation is invalid"]]


def test_map_at_the_command_line(tmp_path: Path) -> None:
    code_map = write(tmp_path / "map.csv", MAP)
    group_rows("EM", tmp_path, {"INV_01": "77477000"}, {"INV_01": "123456789", "AEPATIENTGROUP": "70"}, {"AEPATIENTGROUP": ""})
    arguments = ["group", "-l", "EM", tmp_path / "in.csv", "-o", tmp_path / "o.csv", "--design", DESIGN, "--ecds-map", code_map]
    done = CliRunner().invoke(main, [*map(str, arguments), "--sticky-groups"])
    assert done.exit_code == 0, done.output
    assert "1 x not in the map: INV 123456789" in done.stdout
    assert [row["EM_HRG"] for row in rows(tmp_path / "o.csv", "_attend")] == ["VB03Z", "VB99Z", "VB99Z"]


@pytest.mark.parametrize(
    ("lines", "place", "fault"),
    [
        (["snomed,code"], "line 1", "columns"),
        (["field,snomed,code", "INV,168537006"], "line 2", "2 cells"),
        (["field,snomed,code", "", "DIAG,168537006,01"], "line 3", "'DIAG'"),
        (["field,snomed,code", "INV,168537006,1"], "line 2", "'1' is not an accepted value of INV"),
        (["field,snomed,code", "TREAT,168537006,26"], "line 2", "'26'"),
        (["field,snomed,code", "AEPATIENTGROUP,168537006,71"], "line 2", "'71'"),
        (["field,snomed,code", "INV,168537006,01", "TREAT,168537006,02", "INV,168537006,02"], "line 4", "stands twice"),
        (["field,snomed,code", "INV,168537006,01", "INV,12345,01"], "line 3", "12345"),
        (["field,snomed,code", "INV,1234567890123456789,01"], "line 2", "1234567890123456789"),
        (["field,snomed,code", "INV,x-ray of chest,01"], "line 2", "x-ray of chest"),
        (["field,snomed,code", 'INV,"168537006,01'], "map.csv", "map.csv"),
        ([], "map.csv", "columns"),
    ],
)
def test_wrong_maps(tmp_path: Path, lines: list[str], place: str, fault: str) -> None:
    """The message names the file, the line and what is wrong; nothing is written."""
    code_map = write(tmp_path / "map.csv", lines)
    with pytest.raises(InputFileError) as caught:
        group_rows("EM", tmp_path, {}, code_map=code_map)
    assert "map.csv" in str(caught.value)
    assert place in str(caught.value)
    assert fault in str(caught.value)
    assert not (tmp_path / "out_attend.csv").exists()


def test_missing_map(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"none\.csv"):
        group_rows("EM", tmp_path, {}, code_map=tmp_path / "none.csv")


@pytest.mark.parametrize("option", [{"code_map": "map.csv"}, {"sticky_groups": True}])
def test_options_of_emergency_medicine_are_refused_elsewhere(tmp_path: Path, option: dict[str, object]) -> None:
    with pytest.raises(ArgumentError, match="EM only"):
        group_rows("NRD", tmp_path, {}, **option)


# Leading zeros that a spreadsheet has stripped


def warnings(dataset: str, folder: Path, column: str, codes: list[str]) -> tuple[str, ...]:
    return group_rows(dataset, folder, *({column: code} for code in codes)).warnings


@pytest.mark.parametrize(("dataset", "column"), [("EM", "INV_01"), ("EM", "INV_07"), ("EM", "TREAT_01"), ("NRD", "RENALMOD")])
def test_a_column_without_any_leading_zero_warns(tmp_path: Path, dataset: str, column: str) -> None:
    codes = [str(n % 5 + 1) for n in range(30)]
    (warning,) = warnings(dataset, tmp_path, column, codes)
    assert warning.startswith(f"column {column} looks as if a spreadsheet had stripped its leading zeros")
    assert warnings(dataset, tmp_path, column, [f"0{code}" for code in codes]) == ()
    # one cell that has kept its zero tells that the others never had one
    assert warnings(dataset, tmp_path, column, [*codes, "01"]) == ()


def test_the_columns_of_a_normal_file_do_not_warn(tmp_path: Path) -> None:
    codes = ["12", "01", "24", "", "23", "05", "011", "10"]
    assert group_rows("EM", tmp_path, *({"INV_01": code, "TREAT_01": code} for code in codes * 10)).warnings == ()
    assert group_rows("NRD", tmp_path, *({"RENALMOD": code} for code in ("01", "12", "10", "111") * 20)).warnings == ()
    # codes that need no zero
    assert warnings("EM", tmp_path, "INV_01", ["12", "24", "10", "99"] * 20) == ()


def test_the_warning_is_shown(tmp_path: Path) -> None:
    group_rows("EM", tmp_path, *({"INV_01": "1"} for _ in range(40)))
    arguments = ["group", "-l", "EM", str(tmp_path / "in.csv"), "-o", str(tmp_path / "o.csv"), "--design", DESIGN]
    done = CliRunner().invoke(main, arguments)
    assert "Warning: column INV_01 looks as if a spreadsheet had stripped its leading zeros" in done.stdout
