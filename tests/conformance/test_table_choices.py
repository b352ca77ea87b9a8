"""The choices in the tables of 2024-25 that docs/grouping-logic.md numbers, from A21 on.

That of A29 is with the tables, those of A40 to A59 are among the worked cases.
"""

from typing import Any

import pytest

from hrgcore import Attendance, Episode, Grouper

SKULL_AND_LEG = ("S020", "S720")


def spell(grouper: Grouper, *diagnoses: str, age: int = 40, days: int = 0, procedures: tuple[str, ...] = ()) -> tuple[str, str]:
    result = grouper.group_spell([Episode(age=age, duration=days, diagnoses=diagnoses, procedures=procedures)])
    return result.hrg, result.method


@pytest.mark.parametrize(
    ("rank", "drives_at"), [(1, {0}), (2, {0}), (3, {0, 1}), (4, {0, 1}), (5, {0, 1, 2, 30}), (12, {0, 1, 2, 30})]
)
def test_a21_the_rank_that_a_procedure_needs_rises_with_the_stay(grouper: Grouper, rank: int, drives_at: set[int]) -> None:
    tables = grouper.design.tables
    ranks, roles = tables.arrays["proc_rank"], tables.arrays["proc_role"]
    code = next(code for n, code in enumerate(tables.opcs4.codes) if roles[n] == 1 and ranks[n] == rank)
    found = {days for days in (0, 1, 2, 30) if spell(grouper, "J189", days=days, procedures=(code,))[1] == "P"}
    assert found == drives_at


def test_a22_an_age_outside_the_labels_of_a_root_takes_the_nearest_band(grouper: Grouper) -> None:
    rows = [row.cells for row in grouper.design.rows["split"] if row.cells[0] == "GA15"]
    assert sorted(cells[2] for cells in rows) == ["0-1", "18+", "2-17"]
    adult_only = [row.cells for row in grouper.design.rows["split"] if row.cells[0] == "BZ41"]
    assert {cells[2] for cells in adult_only} == {""}


def test_a23_injuries_of_two_regions_are_multiple_trauma(grouper: Grouper) -> None:
    assert spell(grouper, *SKULL_AND_LEG, days=9) == ("VA10C", "M")
    operated = spell(grouper, *SKULL_AND_LEG, days=9, procedures=("W192", "Z762", "Z943"))
    assert operated == ("VA12C", "M")
    two_of_one_region = spell(grouper, "S7200", "S8220", days=9)
    assert two_of_one_region[1] == "D"


@pytest.mark.parametrize(
    ("diagnoses", "age", "procedures", "hrg"),
    [
        (("T242", "T310"), 40, (), "JB48B"),
        (("T242", "T310"), 15, (), "JB57Z"),
        (("G409", "T242", "T310"), 40, (), "JB48B"),  # in any position
        (("T243", "T310"), 40, ("S352",), "JB46A"),
        (("T293", "T314"), 40, ("S352", "S372"), "JB40A"),
        (("T240", "T310"), 40, (), "JB60A"),
        (("T241", "T310"), 40, (), "JB49Z"),
    ],
)
def test_a24_burns_go_by_severity_interventions_and_age(
    grouper: Grouper, diagnoses: tuple[str, ...], age: int, procedures: tuple[str, ...], hrg: str
) -> None:
    assert spell(grouper, *diagnoses, age=age, days=4, procedures=procedures)[0] == hrg


@pytest.mark.parametrize("diagnoses", [("T242",), ("T242", "I10X"), ("I10X", "T242"), ("G409", "T310", "T242"), ("T241",)])
def test_a24_a_burn_without_a_later_extent_is_an_error(grouper: Grouper, diagnoses: tuple[str, ...]) -> None:
    result = grouper.group_spell([Episode(age=40, duration=1, diagnoses=diagnoses)])
    assert [message.category for message in result.messages] == ["UZ15"]


def test_a24_a_severe_burn_that_leaves_at_once_is_a_transfer(grouper: Grouper) -> None:
    moved = Episode(age=40, duration=1, diagnoses=["T243", "T312"], discharge_destination="51")
    assert grouper.group_spell([moved]).hrg == "JB61A"


def test_a25_every_cc_code_counts_one_point(grouper: Grouper) -> None:
    assert {row.cells[2] for row in grouper.design.rows["cc"]} == {"1"}


def rank(grouper: Grouper, code: str) -> int:
    tables = grouper.design.tables
    return int(tables.arrays["diag_rank"][tables.icd10.codes.index(code)])


def test_a27_what_costs_more_leads(grouper: Grouper) -> None:
    """A broken hip before pneumonia before a wound, and any disease before a symptom."""
    assert rank(grouper, "S7200") > rank(grouper, "J189") > rank(grouper, "S010") > rank(grouper, "R074")
    assert {rank(grouper, code) for code in ("R074", "Z509", "Z380")} == {1}


@pytest.mark.parametrize(
    ("diagnoses", "procedures", "specialty", "days", "root"),
    [
        (("C509", "Z511"), ("X723", "X702"), "370", 0, "SB97"),
        (("C509", "Z511"), ("X723", "X702"), "370", 1, "JA12"),
        (("C61X", "Z510"), ("X654", "Y911"), "800", 0, "SC97"),
        (("N185", "Z491"), ("X403",), "361", 0, "LA97"),
        (("G409",), ("U052", "Y803"), "420", 0, "RD98"),
        (("G35X",), ("U052",), "812", 0, "RD97"),
        (("G35X",), ("U052",), "400", 0, "AA30"),
        (("C61X",), ("U141",), "371", 0, "RN97"),
        (("C187", "Z511"), ("X723", "H333"), "100", 0, "FF31"),  # an operation leads
    ],
)
def test_a28_same_day_cores(
    grouper: Grouper, diagnoses: tuple[str, ...], procedures: tuple[str, ...], specialty: str, days: int, root: str
) -> None:
    case = Episode(age=60, duration=days, diagnoses=diagnoses, procedures=procedures, treatment_function=specialty)
    assert grouper.group_spell([case]).hrg.startswith(root)


def unbundled(
    grouper: Grouper, *procedures: str, diagnoses: tuple[str, ...] = ("I639",), age: int = 60, days: int = 5, **more: Any
) -> tuple[str, ...]:
    case = Episode(age=age, duration=days, diagnoses=diagnoses, procedures=procedures, **more)
    return grouper.group_spell([case]).unbundled


@pytest.mark.parametrize(
    ("procedures", "hrgs"),
    [
        (("U211",), ("RD01A",)),
        (("U051", "U211"), ("RD20A", "RD01A")),
        (("U211", "Y982", "U051", "Y981"), ("RD04Z", "RD20A")),  # each has the codes that follow it
    ],
)
def test_a60_a_code_has_a_root_that_what_follows_it_changes(
    grouper: Grouper, procedures: tuple[str, ...], hrgs: tuple[str, ...]
) -> None:
    assert unbundled(grouper, *procedures) == hrgs


def test_a60_the_age_splits_the_root(grouper: Grouper) -> None:
    assert [unbundled(grouper, "U211", age=age) for age in (19, 18, 6, 5)] == [("RD01A",), ("RD01B",), ("RD01B",), ("RD01C",)]


@pytest.mark.parametrize(
    ("codes", "hrg"),
    [
        (("Y981",), "RD20A"), (("Y982",), "RD23Z"), (("Y983",), "RD25"), (("Y984",), "RD27Z"), (("Y985",), "RD27Z"),
        (("Y982", "Y984", "Y981"), "RD27Z"), (("Z921", "Z924", "Z926"), "RD20A"),
    ],
)  # fmt: skip
def test_a61_the_number_of_areas_is_what_a_code_says(grouper: Grouper, codes: tuple[str, ...], hrg: str) -> None:
    (found,) = unbundled(grouper, "U212", *codes)
    assert found.startswith(hrg)


@pytest.mark.parametrize(
    ("codes", "hrg"),
    [
        (("Y971",), "RD03Z"), (("Y972", "Y973"), "RD03Z"), (("Y973",), "RD02A"), (("Y978",), "RD02A"), (("Y979",), "RD02A"),
        (("Y972",), "RD01A"), (("Y982", "Y971"), "RD05Z"), (("Y982", "Y979"), "RD05Z"), (("Y982", "Y972"), "RD04Z"),
    ],
)  # fmt: skip
def test_a62_contrast(grouper: Grouper, codes: tuple[str, ...], hrg: str) -> None:
    assert unbundled(grouper, "U211", *codes) == (hrg,)


def test_a63_scans_with_a_place_of_their_own(grouper: Grouper) -> None:
    assert unbundled(grouper, "U211", "Y987", "Y984", "Y971") == ("RD07Z",)
    assert [unbundled(grouper, code) for code in ("U354", "U211")] == [("RD21A",), ("RD01A",)]
    assert unbundled(grouper, "U354", "Y982") == unbundled(grouper, "U212", "Y982", "Y973") == ("RD24Z",)
    assert [unbundled(grouper, code, "Y984") for code in ("U103", "U101", "U175")] == [("RD08Z",), ("RD60Z",), ("RD61Z",)]


@pytest.mark.parametrize(
    ("procedures", "hrg"),
    [
        (("U121",), "RD30Z"), (("U121", "Y982"), "RD30Z"), (("U121", "Y983"), "RD31Z"), (("U121", "Y985"), "RD32Z"),
        (("U121", "Y986"), "RD33Z"), (("U216", "Y983"), "RD42Z"), (("U216", "Y973"), "RD41Z"),
        (("U216", "Y973", "Y986"), "RD44Z"), (("U201", "Y986"), "RD51A"), (("T901",), "RD30Z"), (("X311",), "RD30Z"),
    ],
)  # fmt: skip
def test_a64_fluoroscopy_and_ultrasound_go_by_time(grouper: Grouper, procedures: tuple[str, ...], hrg: str) -> None:
    assert unbundled(grouper, *procedures) == (hrg,)


@pytest.mark.parametrize(
    ("procedures", "root"),
    [
        (("U214",), "RN08"), (("U214", "Y941", "Y984"), "RN11"), (("U214", "Z135"), "RN24"), (("U018", "Y944"), "RN25"),
        (("U018",), "RN34"), (("U214", "Y942", "Z131"), "RN10"),
    ],
)  # fmt: skip
def test_a65_the_tracer_and_then_the_organ_name_a_scan(grouper: Grouper, procedures: tuple[str, ...], root: str) -> None:
    (found,) = unbundled(grouper, *procedures)
    assert found.startswith(root)


@pytest.mark.parametrize(
    ("procedures", "hrg"),
    [
        (("X729",), "SB17Z"), (("X709",), "SB16Z"), (("X654",), "SC29Z"), (("X654", "Y911"), "SC23Z"),
        (("X654", "Y912"), "SC22Z"), (("X654", "Y917"), "SC22Z"), (("X654", "Y913", "Y801"), "SC21Z"),
        (("X654", "Y911", "Y801"), "SC24Z"),
        (("X674", "Y921"), "SC46Z"), (("X674", "Y922"), "SC45Z"),
    ],
)  # fmt: skip
def test_a66_chemotherapy_and_radiotherapy(grouper: Grouper, procedures: tuple[str, ...], hrg: str) -> None:
    assert unbundled(grouper, *procedures) == (hrg,)


@pytest.mark.parametrize(
    ("code", "root"), [("X401", "LE01"), ("X403", "LE01"), ("X404", "LE01"), ("X402", "LE02"), ("X405", "LE02")]
)
def test_a67_dialysis_counts_with_an_acute_kidney_injury(grouper: Grouper, code: str, root: str) -> None:
    assert unbundled(grouper, code) == ()
    for diagnoses in (("N179", "I10X"), ("I639", "I10X", "N170")):
        (found,) = unbundled(grouper, code, diagnoses=diagnoses)
        assert found.startswith(root)


def test_a68_days_multiply_treatments_and_palliative_care(grouper: Grouper) -> None:
    assert unbundled(grouper, "U543", "X609", rehabilitation_days=3) == ("VC04Z*3", "VC01Z")
    assert unbundled(grouper, treatment_function="315", palliative_care_days=4) == ("SD01A*4",)
    assert unbundled(grouper, treatment_function="315", days=0) == ("SD02A",)
    assert unbundled(grouper, diagnoses=("I639", "Z515"), palliative_care_days=4) == ("SD03A*4",)
    assert unbundled(grouper, diagnoses=("I639", "Z515"), palliative_care_days=0) == ()
    seen = [Attendance(age=60, first_attendance="1", treatment_function="315", main_specialty=own) for own in ("950", "300")]
    assert [Grouper(grouper.design, "NAC").group_record(one).unbundled for one in seen] == [("SD05A",), ("SD04A",)]
    assert unbundled(grouper, "U262") == ()


def test_a69_imaging_of_no_known_kind_is_an_error(grouper: Grouper) -> None:
    result = grouper.group_spell([Episode(age=60, duration=5, diagnoses=["I639"], procedures=["U051", "U219", "Y981"])])
    assert (result.hrg, result.unbundled) == ("UZ01Z", ("RD20A", "UZ01Z"))
    assert [(message.field, message.code, message.category) for message in result.messages] == [("OPER_02", "U219", "UZ06")]
    erring = {row.cells[0] for row in grouper.design.rows["unbundled"] if row.cells[1].startswith("UZ")}
    assert {code[0] + code[3] for cell in erring for code in cell.split()} == {"U9"}
