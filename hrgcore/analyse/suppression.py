"""Small numbers hidden, and what that hides made safe against subtraction.

A *bordered* table has a last row and a last column of totals. A list of categories is a table of one column.

First every count of 1 to a threshold is hidden. Then each hidden cell gets a rectangle: itself, a cell of its row, a cell of its
column and the one opposite, all hidden. Raise the cell by one: its neighbours must fall by one and the opposite cell rise (totals
move the other way), so that no row, no column and no total shows it. If the corners are large enough, the cell can be moved like
that down to 1 and up to the threshold: by all that is shown, it may be any number between. The rectangle that hides the fewest
records is taken; the one that the totals of its row, its column and the table make always fits.

What is shown therefore allows, for each hidden count, each number from 1 to the threshold. For a total that is itself small the
range begins at the number of its cells that are not 0: zeros are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np


def bordered(body: np.ndarray) -> np.ndarray:
    """A table with its totals as last row and last column."""
    import numpy as np

    table = np.zeros((body.shape[0] + 1, body.shape[1] + 1), dtype=body.dtype)
    table[:-1, :-1] = body
    table[-1, :-1] = body.sum(axis=0)
    table[:, -1] = table[:, :-1].sum(axis=1)
    return table


def hidden_cells(counts: Sequence[np.ndarray], threshold: int) -> np.ndarray:
    """Which cells of a bordered table must not be shown.

    Args:
        counts: the counts that are shown of each cell, as bordered tables of whole numbers. Each is at least the one before, as
            episodes are at least as many as spells: both are then safe, also for those who know that.
        threshold: the highest count to be hidden, such as 7.

    Returns:
        True where a cell is hidden, with all that is known of it.
    """
    return _Hiding(counts, threshold).run()


class _Move(NamedTuple):
    """How far a cell has to be moved, each part of its count by a number of its own."""

    up: np.ndarray
    down: np.ndarray


class _Hiding:
    """One table while its cells are hidden.

    Counts that bound one another are taken apart into parts that do not: spells, and further episodes.
    """

    def __init__(self, counts: Sequence[np.ndarray], threshold: int) -> None:
        import numpy as np

        stacked = np.stack(counts)
        small: np.ndarray = (stacked >= 1) & (stacked <= threshold)
        self._parts = np.diff(stacked, axis=0, prepend=0)
        self._whole: np.ndarray = stacked[-1]
        self._threshold = threshold
        self._small: np.ndarray = np.logical_or.reduce(small)
        self._hidden: np.ndarray = self._small.copy()
        self._is_total: np.ndarray = np.zeros(
            self._whole.shape, dtype=bool
        )  # of a row or of a column; that of the table moves as cells do
        self._is_total[-1, :-1] = self._is_total[:-1, -1] = True

    def run(self) -> np.ndarray:
        """Hides what is small, and a rectangle for each such cell: those that need most room first."""
        import numpy as np

        found = np.argwhere(self._small[:-1, :-1])
        order = np.argsort(self._whole[:-1, :-1][tuple(found.T)], kind="stable")
        for row, column in found[order].tolist():
            self._protect(row, column)
        return self._hidden

    def _protect(self, row: int, column: int) -> None:
        """Hides the rectangle of a cell; where a total of it is small too, one that moves this total with the cell."""
        import numpy as np

        move, last = self._move(row, column), np.array([-1])
        rows, columns = (np.arange(-1, size - 1) for size in self._whole.shape)
        if self._small[row, -1]:
            self._hide_rectangle(row, column, rows, last, move)
        if self._small[-1, column]:
            self._hide_rectangle(row, column, last, columns, move)
        elif not self._small[row, -1]:
            self._hide_rectangle(row, column, rows, columns, move)

    def _move(self, row: int, column: int) -> _Move:
        """Up to the threshold, and down to 1: with all its parts if the whole is small, else with the first."""
        import numpy as np

        parts = self._parts[:, row, column]
        up, down = np.zeros_like(parts), np.zeros_like(parts)
        up[0] = self._threshold - parts[0]
        down[0] = parts[0]
        if self._whole[row, column] <= self._threshold:
            down[:] = parts
        down[np.flatnonzero(down)[:1]] -= 1
        return _Move(up, down)

    def _hide_rectangle(self, row: int, column: int, rows: np.ndarray, columns: np.ndarray, move: _Move) -> None:
        """Hides the rectangle with corners in some rows and columns that hides the fewest records."""
        import numpy as np

        rows, columns = rows[rows != row], columns[columns != column]
        beside = np.where(self._is_total[row, columns], self._room(row, columns, move.down), self._room(row, columns, move.up))
        below = np.where(self._is_total[rows, column], self._room(rows, column, move.down), self._room(rows, column, move.up))
        rows, columns = rows[below], columns[beside]
        corners = np.ix_(rows, columns)
        down, across = corners
        fits = np.where(self._is_total[corners], self._room(down, across, move.up), self._room(down, across, move.down))
        loss = self._loss(down, across) + self._loss(rows, column)[:, None] + self._loss(row, columns)
        best = np.unravel_index(np.argmin(np.where(fits, loss, np.inf)), loss.shape)
        other, beyond = rows[best[0]], columns[best[1]]
        self._hidden[[row, other, other], [beyond, column, beyond]] = True

    def _room(self, rows: int | np.ndarray, columns: int | np.ndarray, needed: np.ndarray) -> np.ndarray:
        """Which cells can fall by what is needed, and still hold a record."""
        import numpy as np

        parts: np.ndarray = self._parts[:, rows, columns]
        whole: np.ndarray = self._whole[rows, columns]
        room: np.ndarray = np.logical_and.reduce(parts >= needed.reshape(-1, *[1] * whole.ndim)) & (whole > needed.sum())
        return room

    def _loss(self, rows: int | np.ndarray, columns: int | np.ndarray) -> np.ndarray:
        """How many records would no longer be shown if cells were hidden, and at least one a cell."""
        import numpy as np

        whole: np.ndarray = self._whole[rows, columns]
        return np.where(self._hidden[rows, columns], 0.0, whole + 1.0)
