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


CORNERS = 50  # that are tried in each row and column, besides the totals


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


class _Room(NamedTuple):
    """Which cells can take their part in moving a cell down to 1 and up to the threshold: in its row or column, and opposite."""

    beside: np.ndarray
    opposite: np.ndarray


class _Hiding:
    """One table while its cells are hidden.

    Counts that bound one another are taken apart into parts that do not: spells, and further episodes.
    """

    def __init__(self, counts: Sequence[np.ndarray], threshold: int) -> None:
        import numpy as np

        stacked = np.stack(counts)
        small: np.ndarray = (stacked >= 1) & (stacked <= threshold)
        self._threshold = threshold
        self._parts = np.diff(stacked, axis=0, prepend=0)
        self._whole: np.ndarray = stacked[-1]
        self._small: np.ndarray = np.logical_or.reduce(small)
        self._loss: np.ndarray = np.where(self._small, 0.0, self._whole + 1.0)  # records that hiding a cell would take away
        # Totals of a row or a column move against their cells; that of the table moves with them.
        self._is_total: np.ndarray = np.zeros(self._whole.shape, dtype=bool)
        self._is_total[-1, :-1] = self._is_total[:-1, -1] = True
        # The corners that were taken last in each column and row, at first the totals: they will often do again.
        height, width = self._whole.shape
        self._used_rows, self._used_columns = [height - 1] * width, [width - 1] * height

    def run(self) -> np.ndarray:
        """Hides what is small, and a rectangle for each such cell: those that have to move far up first."""
        import numpy as np

        cells = np.argwhere(self._small[:-1, :-1])
        parts = self._parts[:, cells[:, 0], cells[:, 1]]
        down = np.where(parts.sum(axis=0) <= self._threshold, parts, parts * (np.arange(len(parts)) == 0)[:, None])
        kinds, kind_of = np.unique(down, axis=1, return_inverse=True)
        for kind, parts in enumerate(kinds.T):
            room = self._room(parts)
            for row, column in cells[kind_of.reshape(-1) == kind].tolist():
                self._protect(row, column, room)
        hidden: np.ndarray = self._loss == 0
        return hidden

    def _room(self, parts: np.ndarray) -> _Room:
        """For cells of some parts: up to the threshold with the first part, down to 1 with all.

        Where the total of a row or column is small, no other cell of it has room for one to rise. So the total is the corner
        then, and can be moved with its cells.
        """
        import numpy as np

        down = parts.copy()
        down[np.flatnonzero(parts)[0]] -= 1
        fall = np.logical_and.reduce(self._parts >= down[:, None, None]) & (self._whole > down.sum())
        rise = self._parts[0] > self._threshold - parts[0]
        return _Room(np.where(self._is_total, fall, rise), np.where(self._is_total, rise, fall))

    def _protect(self, row: int, column: int, room: _Room) -> None:
        """Hides the rectangle of a cell that hides the fewest records."""
        import numpy as np

        if self._is_protected(row, column, room):
            return
        rows = self._near(room.beside[:, column], self._loss[:, column], row)
        columns = self._near(room.beside[row], self._loss[row], column)
        corners = np.ix_(rows, columns)
        loss = self._loss[corners] + self._loss[rows, column][:, None] + self._loss[row, columns]
        best = np.unravel_index(np.argmin(np.where(room.opposite[corners], loss, np.inf)), loss.shape)
        other, beyond = int(rows[best[0]]), int(columns[best[1]])
        self._loss[[row, other, other], [beyond, column, beyond]] = 0
        self._used_rows[column], self._used_columns[row] = other, beyond

    def _is_protected(self, row: int, column: int, room: _Room) -> bool:
        """Whether the rectangle with the row and column that were used last is hidden already, and does."""
        other, beyond = self._used_rows[column], self._used_columns[row]
        loss, beside = self._loss, room.beside
        if other == row or beyond == column or loss[other, column] or loss[row, beyond] or loss[other, beyond]:
            return False
        return bool(beside[other, column] and beside[row, beyond] and room.opposite[other, beyond])

    def _near(self, usable: np.ndarray, loss: np.ndarray, own: int) -> np.ndarray:
        """The places in a row or column that can be corners: of many those that hide the fewest records, and the total."""
        import numpy as np

        places = np.flatnonzero(usable)
        places = places[places != own]
        if len(places) > CORNERS:
            near = np.argpartition(loss[places], CORNERS)[:CORNERS]
            places = np.append(places[np.sort(near)], len(loss) - 1)
        return places
