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
        self._last = self._whole.shape[0] - 1, self._whole.shape[1] - 1
        # The corners that were taken last in each column and row: they will often do again.
        self._used_rows, self._used_columns = [self._last[0]] * (self._last[1] + 1), [self._last[1]] * (self._last[0] + 1)

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
        """For cells of some parts: up to the threshold with the first part, down to 1 with all."""
        import numpy as np

        up, down = np.zeros_like(parts), parts.copy()
        up[0] = self._threshold - parts[0]
        down[np.flatnonzero(parts)[0]] -= 1
        risen, fallen = self._can_fall(up), self._can_fall(down)
        return _Room(np.where(self._is_total, fallen, risen), np.where(self._is_total, risen, fallen))

    def _can_fall(self, parts: np.ndarray) -> np.ndarray:
        """Which cells can lose some parts and still hold a record."""
        import numpy as np

        enough: np.ndarray = np.logical_and.reduce(self._parts >= parts[:, None, None]) & (self._whole > parts.sum())
        return enough

    def _protect(self, row: int, column: int, room: _Room) -> None:
        """Hides the rectangle of a cell; where a total of it is small too, one that moves this total with the cell."""
        small_row, small_column = self._small[row, -1], self._small[-1, column]
        if small_row or not small_column:
            self._hide_rectangle(row, column, room, beyond=self._last[1] if small_row else None)
        if small_column:
            self._hide_rectangle(row, column, room, other=self._last[0])

    def _hide_rectangle(self, row: int, column: int, room: _Room, other: int | None = None, beyond: int | None = None) -> None:
        """Hides the rectangle, with another row and column if these are not given, that hides the fewest records."""
        import numpy as np

        if self._is_hidden(row, column, room, other, beyond):
            return
        rows = self._near(room.beside[:, column], self._loss[:, column], row) if other is None else np.array([other])
        columns = self._near(room.beside[row], self._loss[row], column) if beyond is None else np.array([beyond])
        corners = np.ix_(rows, columns)
        loss = self._loss[corners] + self._loss[rows, column][:, None] + self._loss[row, columns]
        best = np.unravel_index(np.argmin(np.where(room.opposite[corners], loss, np.inf)), loss.shape)
        other, beyond = int(rows[best[0]]), int(columns[best[1]])
        self._loss[[row, other, other], [beyond, column, beyond]] = 0
        self._used_rows[column], self._used_columns[row] = other, beyond

    def _is_hidden(self, row: int, column: int, room: _Room, other: int | None, beyond: int | None) -> bool:
        """Whether the rectangle with the row and column that were used last is hidden already, and does."""
        other = self._used_rows[column] if other is None else other
        beyond = self._used_columns[row] if beyond is None else beyond
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
