"""Which cells are hidden with small counts: few, never zeros, and the same for the same table. See also the attack on them."""

from __future__ import annotations

import numpy as np
import pytest

from hrgcore.analyse.suppression import CORNERS, bordered, hidden_cells


def hidden(*rows: list[int], threshold: int = 7) -> list[list[int]]:
    """The cells that are hidden, the totals included."""
    return np.argwhere(hidden_cells([bordered(np.array(rows))], threshold)).tolist()


def listed(*counts: int, threshold: int = 7) -> list[int]:
    """The same for a list, whose last place is the total."""
    found = hidden_cells([bordered(np.array(counts)[:, None])], threshold)
    assert (found[:, 0] == found[:, 1]).all(), "a list and its totals by line are one"
    return np.flatnonzero(found[:, 0]).tolist()


def test_borders() -> None:
    assert bordered(np.array([[1, 2], [3, 4]])).tolist() == [[1, 2, 3], [3, 4, 7], [4, 6, 10]]


def test_nothing_small_hides_nothing() -> None:
    assert hidden([8, 0], [20, 30]) == []
    assert listed(8, 9, 0) == []


@pytest.mark.parametrize(
    ("counts", "places"),
    [
        ((3, 40, 20), [0, 2]),  # with the smallest of the others
        ((3, 0, 20), [0, 2]),  # never with a zero
        ((7, 1, 20), [0, 1]),  # these two leave 1 to 7 for both
        ((3, 4, 20), [0, 1, 2]),  # these would not: each would be known to be at most 6
        ((3,), [0, 1]),  # with the total where nothing else is left
        ((3, 0), [0, 2]),
        ((2, 3), [0, 1, 2]),
    ],
)
def test_lists(counts: tuple[int, ...], places: list[int]) -> None:
    assert listed(*counts) == places


def test_a_rectangle_of_a_crossed_table() -> None:
    assert hidden([3, 50, 60], [40, 20, 70], [80, 90, 99]) == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_corners_must_be_large_enough() -> None:
    """Of 1, the neighbours must be able to fall by 6: 8 can, but a small count that is hidden anyway cannot."""
    assert hidden([1, 50, 60], [5, 50, 70], [8, 90, 99]) == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]


def test_small_totals_are_hidden_with_a_cell_beside_them() -> None:
    """The total of the first row could else be found from the rows below."""
    found = hidden([2, 3], [40, 50], [60, 70])
    assert [0, 2] in found
    assert [place for place in found if place[1] == 2 and place[0] > 0], "another total by row"


def test_spells_tell_of_episodes() -> None:
    """A cell is hidden if either is small, and nothing of it is shown."""
    spells, episodes = bordered(np.array([[5], [20], [30]])), bordered(np.array([[50], [60], [70]]))
    assert np.flatnonzero(hidden_cells([spells, episodes], 7)[:, 0]).tolist() == [0, 1]


def test_thresholds() -> None:
    assert listed(3, 40, 20, threshold=2) == []
    assert listed(3, 40, 20, threshold=3) == [0, 2]


def test_wide_tables_are_searched_near_what_is_small() -> None:
    """More places than are tried: the least loss is found all the same, and every small count has a rectangle."""
    counts = np.random.default_rng(6).integers(50, 5_000, 4 * CORNERS)
    counts[17] = 3
    found = listed(*counts.tolist())
    assert found == sorted([17, int(np.argmin(np.where(counts > 7, counts, 10_000)))])


def test_the_same_table_hides_the_same_cells() -> None:
    table = bordered(np.random.default_rng(6).integers(0, 40, (12, 9)))
    assert (hidden_cells([table], 7) == hidden_cells([table.copy()], 7)).all()
    assert not hidden_cells([table], 7)[table == 0].any()
