"""The choices in the tables of 2024-25 that docs/grouping-logic.md numbers (A21 to A25)."""

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


def test_a23_multiple_trauma_is_not_recognised_yet(grouper: Grouper) -> None:
    assert not spell(grouper, *SKULL_AND_LEG)[0].startswith("VA")
    assert len({row.cells[3] for row in grouper.design.rows["score"] if row.cells[0] == "trauma_diagnosis"}) == 1


def test_a24_a_burn_of_a_named_region_is_an_error_as_primary_diagnosis(grouper: Grouper) -> None:
    result = grouper.group_spell([Episode(age=40, duration=1, diagnoses=["T242", "T310"])])
    assert [message.category for message in result.messages] == ["UZ15"]


def test_a25_every_cc_code_counts_one_point(grouper: Grouper) -> None:
    assert {row.cells[2] for row in grouper.design.rows["cc"]} == {"1"}
