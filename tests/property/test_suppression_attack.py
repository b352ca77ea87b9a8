"""An attacker who solves for what is hidden: over whole numbers, with all that is shown, with spells bounding episodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

import hrgcore
from hrgcore.analyse.suppression import bordered, hidden_cells

TABLES = st.tuples(st.integers(1, 5), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.one_of(st.integers(0, 9), st.integers(0, 9), st.just(0), st.integers(10, 60)),
        min_size=shape[0] * shape[1],
        max_size=shape[0] * shape[1],
    ).map(lambda cells: np.array(cells).reshape(shape))
)
EXTRA = st.lists(st.sampled_from((0, 0, 0, 1, 2, 5, 30)), min_size=20, max_size=20)
THRESHOLDS = st.integers(1, 10)


def lines(shape: tuple[int, int]) -> Iterator[list[tuple[int, int]]]:
    """The cells of each row and column, the last of which is the sum of the others."""
    rows, columns = shape
    yield from ([(row, column) for column in range(columns)] for row in range(rows))
    yield from ([(row, column) for row in range(rows)] for column in range(columns))


class Attacker:
    """Knows which cells are hidden, the counts of the others, and that a hidden cell is not empty."""

    def __init__(self, counts: Sequence[np.ndarray], hidden: np.ndarray) -> None:
        shape, kinds = hidden.shape, len(counts)
        self.numbers = {
            (kind, *cell): i for i, (kind, cell) in enumerate((k, c) for k in range(kinds) for c in np.ndindex(shape))
        }
        matrix, low, high = [], [], []

        def say(weights: dict[tuple[int, int, int], float], least: float, most: float) -> None:
            row = np.zeros(len(self.numbers))
            for key, weight in weights.items():
                row[self.numbers[key]] = weight
            matrix.append(row), low.append(least), high.append(most)

        for kind, table in enumerate(counts):
            for *parts, total in lines(shape):
                say({**{(kind, *part): 1 for part in parts}, (kind, *total): -1}, 0, 0)
            for cell in np.ndindex(shape):
                if not hidden[cell]:
                    say({(kind, *cell): 1}, table[cell], table[cell])
                elif kind:
                    say({(kind, *cell): 1, (kind - 1, *cell): -1}, 0, np.inf)
        for cell in np.argwhere(hidden):
            say({(kinds - 1, *cell): 1}, 1, np.inf)
        self.known = LinearConstraint(np.array(matrix), low, high)

    def range_of(self, kind: int, cell: tuple[int, int]) -> tuple[int, int]:
        """The least and the greatest that a count can be."""
        found = []
        for sign in (1, -1):
            goal = np.zeros(len(self.numbers))
            goal[self.numbers[kind, *cell]] = sign
            done = milp(goal, constraints=self.known, integrality=np.ones(len(goal)), bounds=Bounds(0, 10_000))
            assert done.success, done.message
            found.append(round(done.fun * sign))
        return found[0], found[1]


def check(counts: Sequence[np.ndarray], threshold: int) -> None:
    attack(counts, hidden_cells(counts, threshold), threshold)


def attack(counts: Sequence[np.ndarray], hidden: np.ndarray, threshold: int) -> None:
    whole = counts[-1]
    assert not hidden[whole == 0].any(), "zeros are shown"
    attacker = Attacker(counts, hidden)
    for kind, table in enumerate(counts):
        for row, column in np.argwhere((table >= 1) & (table <= threshold)):
            assert hidden[row, column]
            least, most = attacker.range_of(kind, (row, column))
            parts = whole[:-1] if row == whole.shape[0] - 1 else whole[[row]]
            parts = parts[:, :-1] if column == whole.shape[1] - 1 else parts[:, [column]]
            assert least <= (parts > 0).sum(), "what is in it is not 0; for a cell this is 1"
            assert most >= threshold


@settings(max_examples=60, deadline=None)
@given(body=TABLES, threshold=THRESHOLDS)
def test_nothing_small_is_found_out(body: np.ndarray, threshold: int) -> None:
    check([bordered(body)], threshold)


@settings(max_examples=30, deadline=None)
@given(spells=TABLES, extra=EXTRA, threshold=THRESHOLDS)
def test_nothing_is_found_out_from_spells_and_episodes_together(spells: np.ndarray, extra: list[int], threshold: int) -> None:
    episodes = spells + np.array(extra[: spells.size]).reshape(spells.shape)
    check([bordered(spells), bordered(episodes)], threshold)


@settings(max_examples=40, deadline=None)
@given(cells=st.lists(st.integers(0, 30), min_size=1, max_size=8), threshold=THRESHOLDS)
def test_nothing_of_a_list_is_found_out(cells: list[int], threshold: int) -> None:
    check([bordered(np.array(cells)[:, None])], threshold)


@settings(max_examples=40, deadline=None)
@given(roots=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=7), threshold=THRESHOLDS)
def test_nothing_of_a_hierarchy_is_found_out(roots: list[tuple[int, int]], threshold: int) -> None:
    """Roots within chapters: a crossed table in which each column has one cell."""
    body = np.zeros((3, len(roots)), dtype=int)
    for column, (chapter, count) in enumerate(roots):
        body[chapter, column] = count
    check([bordered(body)], threshold)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("aaaaabbbbc"), st.sampled_from("xxxxyyz"), st.integers(0, 40)), min_size=1, max_size=120)
)
def test_nothing_is_found_out_from_a_summary(episodes: list[tuple[str, str, int]]) -> None:
    """From the lines that are put out: what is not there is 0."""
    places, kinds, spells = zip(*episodes, strict=True)
    table = pa.table({"place": places, "kind": kinds, "spell": spells, "report_flag": [False] * len(spells)})
    shown = hrgcore.summarise(table, ["place", "kind"], suppress=5).lines().rows
    axes = [[*sorted({row[side] for row in shown} - {"total"}), "total"] for side in (0, 1)]
    known = {row[:2]: row[2:4] for row in shown}
    hidden = np.array([[known.get((down, across), (0, 0))[0] == "*" for across in axes[1]] for down in axes[0]])
    firsts = {spell: (place, kind) for place, kind, spell in reversed(episodes)}
    counts = []
    for number, cells in enumerate((list(firsts.values()), list(zip(places, kinds, strict=True)))):
        body = np.array([[cells.count((down, across)) for across in axes[1][:-1]] for down in axes[0][:-1]])
        counts.append(bordered(body))
        for i, j in np.argwhere(~hidden):
            assert known.get((axes[0][i], axes[1][j]), (0, 0))[number] == counts[-1][i, j]
    attack(counts, hidden, 5)


def test_small_totals_move_with_their_cells() -> None:
    """The first row has 7 spells, a small total, but many episodes: each cell could give the other all that it needs."""
    spells, further = np.array([[3, 4], [30, 40], [50, 60]]), np.array([[10, 10], [0, 0], [0, 0]])
    check([bordered(spells), bordered(spells + further)], 7)


def test_the_attacker_finds_what_is_hidden_alone() -> None:
    """The tests above would pass with an attacker that finds nothing."""
    table = bordered(np.array([[3], [20], [40]]))
    hidden = np.zeros(table.shape, dtype=bool)
    hidden[0] = True
    assert Attacker([table], hidden).range_of(0, (0, 0)) == (3, 3)
    hidden[1] = True
    assert Attacker([table], hidden).range_of(0, (0, 0)) == (1, 22)


def test_hiding_small_counts_alone_would_not_do() -> None:
    table = bordered(np.array([[3, 20], [40, 50]]))
    hidden = (table >= 1) & (table <= 7)
    assert Attacker([table], hidden).range_of(0, (0, 0)) == (3, 3)
    least, most = Attacker([table], hidden_cells([table], 7)).range_of(0, (0, 0))
    assert least <= 1 and most >= 7
