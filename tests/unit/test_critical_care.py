"""Critical care: organs and periods of adults, days of children and of the newborn."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hrgcore import CriticalCarePeriod, NeonatalDay, RecordResult

from .apc import cells, rows
from .data_sets import group_rows, grouper_of, of_cells, row_behind, told

UNITS = [f"{n:02}" for n in (*range(1, 20), 90, 91, 92)]
OF_ADULTS = {"01", "02", "03", *(f"{n:02}" for n in range(5, 13)), "90", "91"}
ORGANS = ("renal", "liver", "neurological", "dermatological", "basic_cardiovascular", "advanced_respiratory")


def period(
    start: str | date | None = "20240601", discharge: str | date | None = "20240605", **support: int | None
) -> RecordResult:
    return grouper_of("ACC").group_record(CriticalCarePeriod("01", start=start, discharge=discharge, **support))


# Adults: the HRG


@pytest.mark.parametrize("number", range(7))
def test_number_of_organs(number: int) -> None:
    support = dict.fromkeys(ORGANS[:number], 1)
    result = period(level_2=5, **support)
    assert (result.hrg, result.messages, result.method) == (f"XC0{7 - number}Z", (), "")
    assert (f"{number} organ{'' if number == 1 else 's'} supported\n" in str(result.explain())) == (number > 0)
    # more days make no more organs, and 0 days none
    more = period(level_2=5, **{**dict.fromkeys(ORGANS, 0), **dict.fromkeys(support, 5)})
    assert more.hrg == result.hrg


@pytest.mark.parametrize("organ", ["cardiovascular", "respiratory"])
def test_basic_and_advanced_support_are_one_organ(organ: str) -> None:
    for support in ({f"basic_{organ}": 2}, {f"advanced_{organ}": 2}, {f"basic_{organ}": 2, f"advanced_{organ}": 1}):
        assert period(level_3=5, **support).hrg == "XC06Z"


def test_explanation_names_the_rows_that_decided() -> None:
    result = period(renal=1, liver=2, level_3=1)
    assert row_behind(result, "root XC05 because organs 2") == "ACC,,organs 2,XC05,,label"
    assert row_behind(result, "XC05Z of root XC05, which is not split") == "XC05,XC05Z,,,,,,label"
    assert "5 days from start to discharge" in str(result.explain())


@pytest.mark.parametrize("unit", UNITS)
def test_units_of_adults(unit: str) -> None:
    result = of_cells("ACC", CCUF=unit)
    if unit in OF_ADULTS:
        assert (result.hrg, result.messages) == ("XC06Z", ())
    else:
        assert (result.hrg, told(result)) == ("UZ01Z", [("CCUF", unit.lstrip("0"), "UZ13 - ACC Grouping Error")])
    assert of_cells("ACC", CCUF=unit.lstrip("0")).hrg == result.hrg
    assert (result.critical_care_days, result.warning) == (3, False)


@pytest.mark.parametrize("unit", ["", "20", "93", "1A"])
def test_unit_is_checked(unit: str) -> None:
    result = of_cells("ACC", CCUF=unit, CC_Start_Date="")
    assert (result.hrg, [message.field for message in result.messages]) == ("UZ01Z", ["CCUF"])
    assert (result.critical_care_days, result.warning) == (-1, True)  # of failed records too


# Adults: days and the warning


@pytest.mark.parametrize(
    ("start", "discharge", "days"),
    [
        ("20240601", "20240601", 1), ("20240601", "20240602", 2), ("20240228", "20240301", 3), ("20230228", "20230301", 2),
        ("20240229", "20250228", 366), ("20000228", "20000301", 3), ("19000228", "19000301", 2), ("20231231", "20240101", 2),
        ("20230101", "20240101", 366), (date(2024, 2, 28), date(2024, 3, 1), 3),
    ],
)  # fmt: skip
def test_days_of_a_period(start: str, discharge: str, days: int) -> None:
    result = period(start, discharge, level_2=1)
    assert (result.critical_care_days, result.warning, result.messages) == (days, False, ())


@pytest.mark.parametrize(
    ("start", "discharge", "reported"),
    [
        (None, "20240601", []), ("20240601", None, []), ("", "", []), ("20240602", "20240601", []),
        ("20230229", "20240601", ["CC_Start_Date"]), ("20240601", "20240631", ["CC_Discharge_Date"]),
        ("2024-06-01", "010624", ["CC_Start_Date", "CC_Discharge_Date"]), ("20240601", "20241301", ["CC_Discharge_Date"]),
    ],
)  # fmt: skip
def test_dates_that_cannot_be_used(start: str | None, discharge: str | None, reported: list[str]) -> None:
    """The flag is set, wrong dates are reported, and the HRG is there all the same."""
    result = period(start, discharge, renal=1, level_2=1)
    assert (result.hrg, result.critical_care_days, result.warning) == ("XC06Z", -1, True)
    assert [message.field for message in result.messages] == reported
    assert "the dates cannot be used" in str(result.explain())


# The period has 5 days. Advanced and basic respiratory support of more than its days cannot be alone: with levels of care of at
# most its days they are also above the days of level care, and otherwise those are above its days.
@pytest.mark.parametrize(
    ("support", "warned"),
    [
        ({}, False),
        ({"level_2": 3, "level_3": 2, "basic_respiratory": 2, "advanced_respiratory": 3}, False),
        ({"level_2": 6}, True), ({"level_3": 6}, True), ({"level_2": 3, "level_3": 3}, True),  # levels above its days
        ({"basic_respiratory": 1}, True), ({"advanced_respiratory": 3, "level_3": 2}, True),  # support above the levels
        ({"basic_respiratory": 2, "advanced_respiratory": 2, "level_2": 1, "level_3": 2}, True),
        ({"basic_respiratory": 6, "level_2": 5}, True), ({"advanced_respiratory": 6, "level_3": 6}, True),
        ({"renal": 99, "liver": 99, "level_2": 5}, False),  # other organs are not compared
    ],
)  # fmt: skip
def test_warning(support: dict[str, int], warned: bool) -> None:
    result = period(**support)
    assert (result.critical_care_days, result.warning) == (5, warned)
    assert result.hrg.startswith("XC")
    assert ("warning flag" in str(result.explain())) == warned


def test_blank_days_are_none() -> None:
    given = {"BRSD": "", "ARSD": "-1", "CCL2D": "", "CCL3D": "", "CC_Discharge_Date": "20240601"}
    result = of_cells("ACC", **given)
    assert (result.hrg, result.warning, told(result)) == ("XC07Z", False, [("ARSD", "-1", "Value is invalid")])


def test_days_and_flag_in_the_file(tmp_path: Path) -> None:
    group_rows("ACC", tmp_path, {}, {"CCL2D": "4"}, {"CC_Start_Date": "20240604"}, {"CCUF": "04", "CC_Start_Date": ""})
    assert [line[-4:] for line in cells(tmp_path / "out.csv", "_acc")[1:]] == [
        ["1", "XC06Z", "3", ""],
        ["2", "XC06Z", "3", "F"],
        ["3", "XC06Z", "-1", "F"],
        ["4", "UZ01Z", "-1", "F"],
    ]


# Children and the newborn: the order of the rows


@pytest.mark.parametrize("dataset", ["PCC", "NCC"])
def test_days_are_sorted(tmp_path: Path, dataset: str) -> None:
    """By provider, stay and day, where a day that is missing or impossible comes last; then by the bytes of the whole row."""
    keys = [
        ("RYY", "1", "20240601", "14"), ("RXX", "2", "20240601", "14"), ("RXX", "10", "20240602", "14"),
        ("RXX", "10", "20240230", "14"), ("RXX", " 10", "20240601", "15"), ("RXX", "10", "20240601", "14"),
        ("RXX", "10", "", "14"), ("", "10", "20240601", "14"), ("RXX\t", "10", "20240603", "14"), ("rxx", "1", "20240601", "14"),
    ]  # fmt: skip
    names = ("PROCODET", "CCLocalID", "CCDate", "CCUF")
    group_rows(dataset, tmp_path, *(dict(zip(names, key, strict=True)) for key in keys))
    order = [7, 4, 5, 2, 8, 6, 3, 1, 0, 9]
    for suffix in ("_sort", f"_{dataset.lower()}"):
        found = rows(tmp_path / "out.csv", suffix)
        assert [row["RowNo"] for row in found] == [str(n) for n in range(1, 11)]
        assert [tuple(row[name] for name in names) for row in found] == [keys[place] for place in order]


@pytest.mark.parametrize("dataset", ["PCC", "NCC"])
def test_a_day_of_transfer_has_two_hrgs(tmp_path: Path, dataset: str) -> None:
    """Each row is grouped on its own."""
    other = {"CCUF": "16" if dataset == "PCC" else "15", "CCAC_01": "08" if dataset == "PCC" else "22"}
    group_rows(dataset, tmp_path, other, {})
    hrgs = [row[f"{dataset}_HRG"] for row in rows(tmp_path / "out.csv", f"_{dataset.lower()}")]
    assert sorted(hrgs) == (["XB05Z", "XB07Z"] if dataset == "PCC" else ["XA01Z", "XA03Z"])


@pytest.mark.parametrize("dataset", ["PCC", "NCC"])
@pytest.mark.parametrize("field", ["CCDate", "DISDATE", "CCUF", "DISMETH"])
def test_required_fields(dataset: str, field: str) -> None:
    assert told(of_cells(dataset, **{field: ""})) == [(field, "", "Mandatory field is blank")]
    assert told(of_cells(dataset, **{field: "20240230"})) == [(field, "20240230", "Value is invalid")]
    assert of_cells(dataset, **{field: ""}).hrg == of_cells(dataset, **{field: "20240230"}).hrg == "UZ01Z"


@pytest.mark.parametrize("dataset", ["PCC", "NCC"])
def test_activities(dataset: str) -> None:
    """Leading zeros are no matter; what is not accepted is reported and ignored."""
    hrg = of_cells(dataset).hrg
    assert of_cells(dataset, CCAC_01="", CCAC_20="1").hrg == of_cells(dataset, CCAC_01=" 001").hrg == hrg
    result = of_cells(dataset, CCAC_01="54", CCAC_02="1", CCAC_03="0x")
    assert (result.hrg, [message.field for message in result.messages]) == (hrg, ["CCAC_01", "CCAC_03"])
    assert {message.text for message in result.messages} == {"Critical care activity is invalid"}


# Children


@pytest.mark.parametrize(
    ("cells", "hrg"),
    [
        ({"CCAC_01": "65"}, "XB01Z"), ({"CCAC_01": "72"}, "XB02Z"), ({"CCAC_01": "56"}, "XB03Z"),
        ({"CCAC_01": "51", "CCAC_02": "06"}, "XB04Z"), ({"CCAC_01": "51"}, "XB05Z"), ({"CCAC_01": "53"}, "XB06Z"),
        ({"CCAC_01": "73", "CCAC_02": "50", "CCAC_03": "09"}, "XB07Z"), ({"CCAC_01": "98", "CCAC_02": "65"}, "XB08Z"),
        ({"CCAC_01": "50"}, "XB09Z"), ({"CCAC_01": ""}, "XB09Z"), ({"CCAC_01": "50", "DIAG_02": "T316"}, "XB06Z"),
        ({"CCAC_01": "51", "DIAG_01": "t31.8"}, "XB02Z"), ({"CCAC_01": "51", "OPER_01": "X841"}, "XB03Z"),
    ],
)  # fmt: skip
def test_levels_of_children(cells: dict[str, str], hrg: str) -> None:
    assert (of_cells("PCC", **cells).hrg, of_cells("PCC", **cells).messages) == (hrg, ())


def test_day_of_death_in_paediatric_intensive_care() -> None:
    given = {"CCAC_01": "", "DISMETH": "4", "DISDATE": "20240601"}
    assert of_cells("PCC", **given).hrg == "XB05Z"
    assert of_cells("PCC", **{**given, "CCUF": "16"}).hrg == of_cells("PCC", **{**given, "DISMETH": "1"}).hrg == "XB09Z"
    assert of_cells("PCC", **{**given, "DISDATE": "20240602"}).hrg == "XB09Z"
    assert of_cells("PCC", **{**given, "DISDATE": "20240531"}).hrg == "XB09Z"  # a negative number of days


def test_codes_of_children_are_reported_and_ignored() -> None:
    result = of_cells("PCC", DIAG_01="nonsense", DIAG_02="T31.8", OPER_01="Q999")
    assert told(result) == [
        ("OPER_01", "Q999", "Procedure is invalid"),
        ("DIAG_01", "NONSENSE", "Diagnosis is invalid"),
    ]
    assert result.hrg == "XB02Z"


# The newborn


@pytest.mark.parametrize(
    ("cells", "hrg"),
    [
        ({"CCAC_01": "01"}, "XA01Z"), ({"CCAC_01": "02"}, "XA02Z"), ({"CCAC_01": "22"}, "XA03Z"),
        ({"CCAC_01": "22", "CCAC_02": "21"}, "XA04Z"), ({"CCAC_01": "99"}, "XA05Z"), ({"CCAC_01": "98", "CCUF": "04"}, "XA06Z"),
        ({"CCAC_01": "", "CCUF": "14"}, "XA05Z"),
    ],
)  # fmt: skip
def test_levels_of_the_newborn(cells: dict[str, str], hrg: str) -> None:
    assert (of_cells("NCC", **cells).hrg, of_cells("NCC", **cells).messages) == (hrg, ())


@pytest.mark.parametrize(
    ("cells", "category"),
    [
        ({"CCAC_01": ""}, "UZ11"), ({"CCAC_01": "22", "CCUF": "04"}, "UZ11"), ({"CCAC_01": "01", "CCAC_02": "50"}, "UZ21"),
        ({"CCAC_01": "97"}, "UZ21"),
    ],
)  # fmt: skip
def test_errors_of_the_newborn(cells: dict[str, str], category: str) -> None:
    result = of_cells("NCC", **cells)
    (message,) = result.messages
    assert (result.hrg, message.category, message.field, message.code) == (
        "UZ01Z",
        category,
        "CCUF",
        cells.get("CCUF", "13").lstrip("0"),
    )
    assert f"error category {category}" in str(result.explain())


@pytest.mark.parametrize(
    ("weight", "light"),
    [
        ("0.999", True), ("0.001", True), ("0.5", True), ("00.5", True), ("1", False), ("1.000", False), ("9.999", False),
        (".999", None), ("1.", None), ("0.9990", None), ("0", None), ("10", None), ("-0.5", None), ("500", None), ("", None),
    ],
)  # fmt: skip
def test_weights(weight: str, light: bool | None) -> None:
    """Below 1000 g on the first two days is intensive care; None is a weight that is not accepted."""
    result = of_cells("NCC", PERWT=weight, AGE_DAYS="1", CCAC_01="99")
    if light is None:
        text = "Value is invalid" if weight else "Mandatory field is blank"
        assert (result.hrg, told(result)) == ("UZ01Z", [("PERWT", weight, text)])
    else:
        assert (result.hrg, result.messages) == ("XA01Z" if light else "XA05Z", ())


@pytest.mark.parametrize(("days", "weeks", "hrg"), [("1", "26", "XA01Z"), ("2", "26", "XA05Z"), ("0", "27", "XA05Z")])
def test_very_early_births(days: str, weeks: str, hrg: str) -> None:
    assert of_cells("NCC", AGE_DAYS=days, GestLen=weeks, CCAC_01="99").hrg == hrg


@pytest.mark.parametrize(("field", "value"), [("GestLen", "9"), ("GestLen", "50"), ("AGE_DAYS", "100000"), ("GestLen", "")])
def test_bounds_of_numbers_of_the_newborn(field: str, value: str) -> None:
    assert (of_cells("NCC", **{field: value}).hrg, of_cells("NCC", GestLen="10").hrg, of_cells("NCC", GestLen="49").hrg) == (
        "UZ01Z",
        "XA01Z",
        "XA01Z",
    )


def test_weights_as_numbers() -> None:
    def day(weight: float | str) -> RecordResult:
        given = {"day": date(2024, 6, 1), "discharge": "20240620", "age_days": 1, "gestation": 38, "activities": ["99"]}
        return grouper_of("NCC").group_record(NeonatalDay("13", weight=weight, **given))  # type: ignore[arg-type]

    assert [day(weight).hrg for weight in (0.999, 1.0, 1, "3.250", 0.5)] == ["XA01Z", "XA05Z", "XA05Z", "XA05Z", "XA01Z"]
    assert told(day(0.9999)) == [("PERWT", "0.9999", "Value is invalid")]
