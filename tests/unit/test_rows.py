"""Rows of tables, columns of ids, and scores by code."""

from __future__ import annotations

import pytest

from hrgcore._core.codes import Scores
from hrgcore._core.rows import look_up, rows_of

ROWS = rows_of([["A", "x"], ["B", ""], ["A", "y"]], "a.csv", 2, 1)


def test_rows_know_their_place() -> None:
    assert [(row.cells, row.file, row.line, row.layer) for row in ROWS] == [
        (("A", "x"), "a.csv", 2, 1),
        (("B", ""), "a.csv", 3, 1),
        (("A", "y"), "a.csv", 4, 1),
    ]
    with pytest.raises(AttributeError):
        ROWS[0].line = 7  # type: ignore[misc]


def test_look_up() -> None:
    """No row has 0, and a cell that is not known -1."""
    assert list(look_up([*ROWS, None], 0, {"A": 7, "B": 3})) == [7, 3, 7, 0]
    assert list(look_up(ROWS, 1, {"x": 1, "": 0})) == [1, 0, -1]
    assert list(look_up([], 0, {})) == []
    with pytest.raises(IndexError):
        look_up(ROWS, 2, {})
    with pytest.raises(TypeError):
        look_up(["A"], 0, {})  # type: ignore[list-item]


def lines(scores: Scores) -> list[bytes]:
    classes, found = scores.classes()
    return [found[number] for number in classes]


def test_scores_of_one_layer_add_up() -> None:
    scores = Scores(4, ["AA", "BB"])
    assert scores.score([(1, 3)], "BB", 0, 0, 5, 2) == []
    assert scores.score([(2, 2), (4, 4)], "AA", 1, 0, 9, 3) == []
    assert scores.score([(2, 3)], "BB AA", 2, 0, 1, 1) == [2, 3]
    assert lines(scores)[:2] == [bytes(4), bytes([0, 5, 0, 2])] and lines(scores)[4] == bytes([9, 0, 3, 0])
    assert list(scores.row) == [-1, 0, 2, 2, 1]


def test_scores_of_a_later_layer_replace() -> None:
    """Also with no points, which have no grade; codes whose row is taken away score nothing."""
    scores = Scores(3, ["AA", "BB"])
    scores.score([(1, 3)], "AA BB", 0, 0, 5, 2)
    scores.score([(1, 1)], "BB", 1, 1, 7, 1)
    scores.score([(2, 2)], "BB", 2, 1, 0, 1)
    scores.claim(3, 3, -1, -1)
    assert lines(scores) == [bytes(4), bytes([0, 7, 0, 1]), bytes(4), bytes(4)]
    assert scores.classes()[0][2] == 0


def test_scores_refuse() -> None:
    scores = Scores(3, ["AA", "B"])
    for names in ("BB", "B", "AAA", "AA  CC", "Ä"):
        with pytest.raises(KeyError):
            scores.score([(1, 1)], names, 0, 0, 1, 1)
    for span in ((0, 1), (2, 1), (1, 4)):
        with pytest.raises(IndexError):
            scores.score([span], "AA", 0, 0, 1, 1)
    with pytest.raises(ValueError, match="255"):
        Scores(1, [f"{number:02x}" for number in range(256)])
