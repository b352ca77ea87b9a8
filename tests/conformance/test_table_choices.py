"""The choices in the tables of 2024-25 that docs/grouping-logic.md numbers (from A21 on; that of A29 is with the tables)."""

import pytest

from hrgcore import Episode, Grouper

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


def test_a30_imaging_gives_the_hrg_of_one_area(grouper: Grouper) -> None:
    result = grouper.group_spell([Episode(age=60, duration=5, diagnoses=["I639"], procedures=["U051", "U052"])])
    assert [hrg[:4] for hrg in result.unbundled] == ["RD20", "RD01"]
