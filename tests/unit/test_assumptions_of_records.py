"""The numbered assumptions of docs/grouping-logic.md on outpatients and the data sets that rules decide."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from hrgcore import datasets
from hrgcore.design.fields import LAYOUTS
from hrgcore.results import field_name

from .apc import rows
from .data_sets import HRGS, OTHERS, group_rows, grouper_of, of_cells, told


@pytest.mark.parametrize(
    ("dataset", "cell", "text"),
    [
        ("EM", "INV_02", "Investigation is invalid"),
        ("EM", "TREAT_02", "Treatment is invalid"),
        ("PCC", "CCAC_02", "Critical care activity is invalid"),
        ("NCC", "CCAC_02", "Critical care activity is invalid"),
    ],
)
def test_a33_an_invalid_cell_of_a_repeated_field_is_reported_and_ignored(dataset: str, cell: str, text: str) -> None:
    result = of_cells(
        dataset, **{cell: "54"} if cell.startswith("CCAC") else {cell: "26"} if cell.startswith("T") else {cell: "9"}
    )
    assert [(found[0], found[2]) for found in told(result)] == [(cell, text)]
    assert result.hrg == HRGS[dataset]


def test_a34_too_many_respiratory_days_are_never_the_only_reason_of_a_warning() -> None:
    for days, level_two, level_three, basic, advanced in product(range(4), repeat=5):
        third = basic + advanced > days
        others = level_two + level_three > days or basic + advanced > level_two + level_three
        assert others or not third
        if days and (days, level_two, basic) in {(3, 3, 3), (1, 1, 2), (2, 3, 1), (3, 1, 2)} and level_three == advanced == 0:
            result = of_cells("ACC", CC_Discharge_Date=f"2024060{days}", CCL2D=str(level_two), BRSD=str(basic))
            assert (result.critical_care_days, result.warning) == (days, third or others)


def test_a35_heads_of_the_summary_and_fields_of_faults(tmp_path: Path) -> None:
    heads = {"NAC": "Attendance", "EM": "Attendance", "NRD": "Session", "ACC": "Period", "PCC": "Day", "NCC": "Day"}
    for dataset, head in heads.items():
        assert datasets.DATASETS[dataset].counts == (f"{head} Count", f"{head} Error Count")
    faults = {
        "NRD": ({"RENALACCESS": ""}, ("RENALMOD", "01", "UZ14")),
        "ACC": ({"CCUF": "13"}, ("CCUF", "13", "UZ13")),
        "NCC": ({"CCAC_01": "50"}, ("CCUF", "13", "UZ21")),
    }
    for dataset, (changed, expected) in faults.items():
        (found,) = of_cells(dataset, **changed).messages
        assert (found.field, found.code, found.category) == expected


def test_a36_a_blank_patient_group_stays_blank(tmp_path: Path) -> None:
    groups = ["70", "", "30", ""]
    group_rows("EM", tmp_path, *({"AEPATIENTGROUP": group} for group in groups))
    found = rows(tmp_path / "out.csv", "_attend")
    hrgs = [row["EM_HRG"] for row in found]
    assert hrgs == [of_cells("EM", AEPATIENTGROUP=group).hrg for group in groups] == ["VB99Z", "VB08Z", "VB08Z", "VB08Z"]


def test_a37_the_data_set_follows_from_the_fields() -> None:
    design = grouper_of("EM").design
    for dataset in datasets.DATASETS:
        names = {name for field in LAYOUTS[dataset] for name in field.cells()}
        assert datasets.fitting(design, names) == dataset
        assert datasets.fitting(design, names | {"WARD"}) == dataset
    assert datasets.fitting(design, {"DIAG_01"}) is None
    # the required fields of renal dialysis include those of emergency medicine: most of them decide
    assert datasets.fitting(design, {"AGE"}) == "EM"
    assert datasets.fitting(design, {"AGE", "RENALMOD", "RENALSITE"}) == "NRD"
    assert datasets.fitting(design, {"AGE", "CCUF"}) is None  # emergency medicine and adult critical care fit equally well
    assert datasets.nearest(design, {"AGE", "CCUF"}) is None


def test_a38_the_attendance_hrg_of_a_failed_record_is_the_error_group() -> None:
    for changed in ({"SEX": ""}, {"FIRSTATT": "5"}, {"OPER_01": "U219"}, {"OPER_01": "Z942"}):
        result = of_cells("NAC", **changed)
        assert (result.hrg, result.attendance_hrg, result.method) == ("UZ01Z", "UZ01Z", "U")


def test_a39_outpatient_procedures_are_judged_as_in_admitted_care_at_stay_0() -> None:
    alone = of_cells("NAC", OPER_01="Z942")
    assert [message.category for message in alone.messages] == ["UZ05"]
    routed = of_cells("NAC", OPER_01="X723")
    assert (routed.hrg, routed.method, routed.unbundled) == ("SB97Z", "G", ("SB12Z",))


@pytest.mark.parametrize("dataset", OTHERS)
def test_field_codes_name_the_fields_of_their_data_set(dataset: str) -> None:
    for number, field in enumerate(LAYOUTS[dataset]):
        assert field_name(dataset, number * 128)[0] == field.name
        assert field_name(dataset, number * 128 + 7)[0] == f"{field.name}_07"


@pytest.mark.parametrize(
    ("dataset", "missing", "meant"),
    [
        ("NRD", "RENALSITE", "NRD"),  # emergency medicine would fit
        ("PCC", "CCDate", "PCC"),  # adult critical care would fit
        ("NCC", "PERWT", "NCC"),  # paediatric critical care would fit
        ("NAC", "FIRSTATT", "NAC"),
        ("APC", "EPIDUR", "APC"),
        ("EM", "AGE", None),
    ],
)
def test_a37_a_definition_with_a_field_forgotten_is_of_no_other_data_set(dataset: str, missing: str, meant: str | None) -> None:
    design = grouper_of("EM").design
    names = {name for field in LAYOUTS[dataset] for name in field.cells()} - {missing}
    assert datasets.fitting(design, names) is None
    assert datasets.nearest(design, names) == meant


def test_a37_columns_that_are_only_carried_do_not_matter() -> None:
    names = {name for field in LAYOUTS["NAC"] for name in field.cells()} | {"PROCODET", "DIAG_01", "DIAG_02", "WARD"}
    assert datasets.fitting(grouper_of("EM").design, names) == "NAC"
