"""Batches made of arrays: what does not fit is refused before a kernel sees it."""

from array import array
from typing import Any

import numpy as np
import pytest

from hrgcore import ArgumentError, Episode, Grouper
from hrgcore._core.batch import Batch

SPELLS = [
    [Episode(age=40, duration=1, diagnoses=["M5490", "I10"], procedures=["V373"])],
    [Episode(age=70, duration=2, diagnoses=["J189"]), Episode(age=70, duration=3, diagnoses=["I500", "E119"])],
]


def arrays(grouper: Grouper) -> dict[str, Any]:
    """The arrays of a small sound batch: three episodes, two spells."""
    codes, procedures = grouper.design.tables.icd10.codes, grouper.design.tables.opcs4.codes
    diags = [codes.index(code) for code in ("M5490", "I10X", "J189", "I500", "E119")]
    value = [1] * 9 * 3
    return {
        "spell_start": np.array([0, 1, 3], dtype=np.int64),
        "numbers": np.array([1, 40, 1, -1, -1, -1, 1, 70, 2, -1, -1, -1, 2, 70, 3, -1, -1, -1], dtype=np.int32),
        "values": np.array(value, dtype=np.uint8),
        "diag_start": np.array([0, 2, 3, 5], dtype=np.int64),
        "diags": np.array(diags, dtype=np.uint16),
        "proc_start": np.array([0, 1, 1, 1], dtype=np.int64),
        "procs": np.array([procedures.index("V373")], dtype=np.uint16),
        "item_start": np.zeros(4, dtype=np.int64),
        "items": np.zeros(0, dtype=np.uint16),
        "failed": np.zeros(3, dtype=np.uint8),
    }


def batch(grouper: Grouper, **given: Any) -> Batch:
    """A batch of admitted care."""
    return Batch(grouper.design.tables.fields["APC"], **given)


def test_numpy_arrays_give_what_records_give(grouper: Grouper) -> None:
    made = grouper.group_batch(batch(grouper, **arrays(grouper)))
    encoded = grouper.group_batch(*grouper.encode(SPELLS))
    assert made.hrg == encoded.hrg
    assert made.spell_hrg == encoded.spell_hrg == [grouper.group_spell(spell).hrg for spell in SPELLS]


def test_columns_are_read_only_views(grouper: Grouper) -> None:
    grouped = grouper.group_batch(*grouper.encode(SPELLS))
    column = grouped.column("spell_stay")
    assert column.tolist() == [1, 5]
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 0


@pytest.mark.parametrize(
    ("name", "place", "value", "fault"),
    [
        ("diags", 3, 65535, "diags[3] is 65535"),
        ("procs", 0, 65535, "procs[0] is 65535"),
        ("diag_start", 1, 4, "diag_start falls"),
        ("diag_start", 3, 6, "diag_start runs to 6"),
        ("proc_start", 3, 2, "proc_start runs to 2"),
        ("item_start", 3, 1, "item_start runs to 1"),
        ("spell_start", 2, 4, "spell_start runs to 4"),
        ("spell_start", 2, 2, "spell_start ends at 2"),
        ("spell_start", 0, 1, "spell_start does not start at 0"),
    ],
)
def test_ids_and_offsets_that_point_outside(grouper: Grouper, name: str, place: int, value: int, fault: str) -> None:
    broken = arrays(grouper)
    broken[name][place] = value
    with pytest.raises(ArgumentError) as caught:
        grouper.group_batch(batch(grouper, **broken))
    assert fault in caught.value.message and caught.value.place == "batch"


def test_lengths_that_disagree(grouper: Grouper) -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        batch(grouper, **{**arrays(grouper), "failed": array("B", [0, 0])})


def test_a_stay_that_is_not_known_fails(grouper: Grouper) -> None:
    unknown = arrays(grouper)
    unknown["numbers"][2] = -1
    grouped = grouper.group_batch(batch(grouper, **unknown))
    assert grouped.column("failed").tolist() == [1, 0, 0]
    assert grouped.spell_hrg[0] == "UZ01Z"


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"chunk": 0}])
def test_threads_and_chunk_below_one(grouper: Grouper, wrong: dict[str, int]) -> None:
    with pytest.raises(ArgumentError, match="at least 1"):
        grouper.group_batch(batch(grouper, **arrays(grouper)), **wrong)


@pytest.mark.parametrize("spell", [[{"age": 40}], [Episode(age=40, duration=1, diagnoses=["I10"]), "I10"]])
def test_what_is_no_episode_is_named(grouper: Grouper, spell: list[Any]) -> None:
    for call in (lambda: grouper.group_spell(spell), lambda: grouper.encode([spell])):
        with pytest.raises(ArgumentError, match="not an Episode") as caught:
            call()
        assert caught.value.place == f"episode {len(spell)}"


def test_a_spell_without_episodes_is_refused(grouper: Grouper) -> None:
    for call in (lambda: grouper.group_spell([]), lambda: grouper.encode([[]])):
        with pytest.raises(ArgumentError, match="no episodes"):
            call()
