"""Some spells or records of a grouped table, grouped once more with the trace on: their events, codes and values."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hrgcore._core.batch import Batch
from hrgcore._core.typedefs import FIELD_CELLS, Step
from hrgcore.comparison.view import Code, DesignView
from hrgcore.design.fields import DIAGNOSIS, LAYOUTS, LISTED_FIELDS, PROCEDURE, REPEATED_FIELDS, VALUES
from hrgcore.design.schema import MESSAGES
from hrgcore.explain import Event

if TYPE_CHECKING:
    from hrgcore._core.encoded import EncodedRows
    from hrgcore.columns.tables import GroupedTable

ITEM_BITS = 8  # of an item that tell its value; those above tell its field
_REPEATED = (("diag_start", "diags"), ("proc_start", "procs"), ("item_start", "items"))
_WIDE = ("numbers", "values", "failed")


def runs(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """All numbers of some runs, one after the other: of each from its start so many."""
    ends = np.cumsum(sizes)
    numbers: np.ndarray = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + sizes, sizes)
    return numbers


def take_rows(encoded: EncodedRows, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of some rows of encoded records."""
    arrays = {name: np.asarray(column) for name, column in encoded.arrays.items()}
    taken = {name: arrays[name].reshape(encoded.rows, -1)[rows].ravel() for name in _WIDE} if encoded.rows else {}
    for start, name in _REPEATED:
        firsts = arrays[start][rows]
        sizes = arrays[start][rows + 1] - firsts
        taken[start] = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        taken[name] = arrays[name][runs(firsts, sizes)]
    return taken


class Side:
    """A grouped table and its design, as one side of a comparison.

    Attributes:
        view: of the design.
        table: the grouped table.
        starts: the first row of each spell, and the number of rows at the end; without spells each record is one.
        faults: the faults, one a line: row, phase, field code, message; by row.
    """

    def __init__(self, view: DesignView, table: GroupedTable) -> None:
        self.view = view
        self.table = table
        self.dataset = table.grouped.dataset
        starts = table.encoded.starts() if self.dataset.has_spells else np.arange(table.num_rows + 1)
        self.starts = np.asarray(starts, np.int64)
        self.faults = np.frombuffer(table.grouped.fault_events.tobytes(), np.int32).reshape(-1, 4)

    @property
    def run_sizes(self) -> np.ndarray:
        """How many records each spell or period has."""
        return np.diff(np.asarray(self.table.encoded.starts(), np.int64))

    def column(self, name: str) -> np.ndarray:
        """A column of the results; see GroupedBatch.column."""
        return self.table.grouped.column(name)

    def spell_of(self, rows: np.ndarray) -> np.ndarray:
        """The spells of some rows."""
        return np.searchsorted(self.starts, rows, "right") - 1


class Traced:
    """Some spells of a grouped table (or records, where there are no spells) with their traces.

    Attributes:
        view: of the design.
        dataset: name of the data set.
        rows: the rows of the table, in order; other rows in this class are counted from the first of these.
        starts: the first row of each spell, and the number of rows at the end.
    """

    def __init__(self, side: Side, spells: np.ndarray, like: Traced | None = None) -> None:
        """`like` are the same spells of the other side, whose records may have been encoded together with these."""
        sizes = side.starts[spells + 1] - side.starts[spells]
        self.view = side.view
        self.dataset = side.dataset.name
        self.rows = runs(side.starts[spells], sizes)
        self.starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        self.encoded = side.table.encoded
        shared = like.arrays if like and like.encoded is self.encoded else None
        self.arrays: dict[str, Any] = shared or take_rows(self.encoded, self.rows)
        self.fields = self.view.tables.fields[self.dataset]
        self._faults = side.faults
        batch = Batch(self.fields, spell_start=array("q", self.starts.tobytes()), **self.arrays)
        kernel, results = side.dataset.kernel(self.view.design, True), side.dataset.results(batch)
        kernel.run(batch, results, 0, batch.spells)
        self.stays: list[int] | None = results.columns["stay"].tolist() if side.dataset.has_spells else None
        self._keep(np.frombuffer(kernel.trace.tobytes() if kernel.trace else b"", np.int32).reshape(-1, 4))

    def _keep(self, events: np.ndarray) -> None:
        """Keeps where the events of each episode and of each pooled spell stand."""
        marks = np.flatnonzero((events[:, 0] == Step.STEP_EPISODE) | (events[:, 0] == Step.STEP_SPELL))
        ends = np.append(marks[1:], len(events))
        spells = events[marks, 0] == Step.STEP_SPELL
        self._events: list[Event] = events.tolist()
        self._of_row = dict(zip(events[marks[~spells], 1].tolist(), zip(marks[~spells], ends[~spells], strict=True), strict=True))
        self._of_spell = dict(zip(events[marks[spells], 1].tolist(), zip(marks[spells], ends[spells], strict=True), strict=True))

    def episode(self, row: int) -> Sequence[Event]:
        """The events of an episode or record."""
        first, end = self._of_row[row]
        return self._events[first:end]

    def pooled(self, spell: int) -> Sequence[Event]:
        """The events of a spell of several episodes; none if it failed before it was pooled."""
        first, end = self._of_spell.get(spell, (0, 0))
        return self._events[first:end]

    # --- what the records hold, as the design reads it ---

    @cached_property
    def _lists(self) -> dict[str, list[int]]:
        return {name: column.tolist() for name, column in self.arrays.items()}

    def diagnoses(self, row: int) -> list[str]:
        """The diagnoses of a record by cell; empty where there is none in force."""
        return self._codes(row, "diag_start", "diags", self.view.diagnoses)

    def primary(self, row: int) -> int:
        """The id of the primary diagnosis of a record; 0 if it has none in force."""
        first, end = self._lists["diag_start"][row : row + 2]
        return self._lists["diags"][first] if first < end else 0

    def procedures(self, row: int) -> list[str]:
        """The procedures of a record by cell; empty where there is none in force."""
        return self._codes(row, "proc_start", "procs", self.view.procedures)

    def _codes(self, row: int, start: str, name: str, names: Sequence[str]) -> list[str]:
        first, end = self._lists[start][row], self._lists[start][row + 1]
        return [names[code] for code in self._lists[name][first:end]]

    def values(self, row: int, field: str) -> list[str]:
        """The accepted values of a listed field; of a repeated one those of all its cells."""
        if field in REPEATED_FIELDS:
            place = REPEATED_FIELDS.index(field)
            first, end = self._lists["item_start"][row], self._lists["item_start"][row + 1]
            items = (item for item in self._lists["items"][first:end] if item >> ITEM_BITS == place)
            return [self.view.tables.items[place].values[item & ((1 << ITEM_BITS) - 1)] for item in items]
        places = list(self.fields.value_place)
        place = LISTED_FIELDS.index(field)
        if place not in places:
            return []
        value = self._lists["values"][row * self.fields.n_values + places.index(place)]
        return [self.view.tables.values[place].values[value]]

    @cached_property
    def listed_fields(self) -> list[str]:
        """The names of the fields with listed values."""
        return [field.name for field in LAYOUTS[self.dataset] if field.kind == VALUES]

    def numbers(self, row: int) -> list[int]:
        """The numbers of a record, -1 where not accepted."""
        width = self.fields.n_numbers
        return self._lists["numbers"][row * width : (row + 1) * width]

    def faults(self, row: int) -> Iterator[tuple[int, str, int, str]]:
        """The faults of a record: phase, field, position in it (0 = not repeated) and the key of the message."""
        found, number = self._faults, int(self.rows[row])
        first, end = np.searchsorted(found[:, 0], (number, number + 1))
        for _, phase, code, message in found[first:end].tolist():
            field, position = divmod(code, FIELD_CELLS)
            key = MESSAGES[message] if message < len(MESSAGES) else self.view.tables.categories[message]
            yield phase, LAYOUTS[self.dataset][field].name, position, key


class Pair:
    """The same spells or records, traced with two designs."""

    def __init__(self, earlier: Traced, later: Traced) -> None:
        self.sides = earlier, later
        self._missing: tuple[dict[int, set[Code]], dict[int, set[Code]]] = {}, {}
        if earlier.encoded is not later.encoded:
            self._find_missing(DIAGNOSIS, "diag_start", "diags")
            self._find_missing(PROCEDURE, "proc_start", "procs")

    def _find_missing(self, kind: str, start: str, name: str) -> None:
        """Notes the codes of records that are in force in one design only."""
        known = [_cells_in_force(side.arrays[start], side.arrays[name]) for side in self.sides]
        for lacking in (0, 1):
            view = self.sides[1 - lacking].view
            texts = view.diagnoses if kind == DIAGNOSIS else view.procedures
            (cells, codes), (others, _) = known[1 - lacking], known[lacking]
            only = ~np.isin(cells, others, assume_unique=True)
            for cell, code in zip(cells[only].tolist(), codes[only].tolist(), strict=True):
                self._missing[lacking].setdefault(cell // FIELD_CELLS, set()).add(Code(kind, texts[code]))

    def missing(self, side: int, rows: range) -> set[Code]:
        """The codes of some rows that are in force in the other design only."""
        found = self._missing[side]
        return set().union(*(found[row] for row in rows if row in found)) if found else set()


def _cells_in_force(starts: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and place of each cell with a code in force, as one number, and the codes."""
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    places = np.arange(starts[-1]) - starts[rows]
    in_force = np.flatnonzero(codes[: starts[-1]])
    return rows[in_force] * FIELD_CELLS + places[in_force], codes[in_force]
