"""Some spells or records of a grouped table, grouped once more with the trace on: their events, codes and values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hrgcore._core.batch import Batch
from hrgcore._core.typedefs import FIELD_CELLS, Step
from hrgcore.compare.paths import Event
from hrgcore.compare.view import DesignView
from hrgcore.design.fields import LAYOUTS, LISTED_FIELDS, REPEATED_FIELDS, VALUES
from hrgcore.design.schema import MESSAGES

if TYPE_CHECKING:
    from hrgcore._core.encoded import EncodedRows
    from hrgcore.columns.tables import GroupedTable

ITEM_BITS = 8  # of an item that tell its value; those above tell its field
_REPEATED = (("diag_start", "diags"), ("proc_start", "procs"), ("item_start", "items"))
_WIDE = ("numbers", "values", "failed")


def spell_starts(table: GroupedTable) -> np.ndarray:
    """The first row of each spell of a grouped table, and the number of rows at the end; without spells each record is one."""
    rows = table.num_rows
    starts = table.encoded.starts() if table.grouped.dataset.has_spells else np.arange(rows + 1)
    return np.asarray(starts, np.int64)


def runs(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """All numbers of some runs, one after the other: of each from its start so many."""
    ends = np.cumsum(sizes)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + sizes, sizes)


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


class Traced:
    """Some spells of a grouped table (or records, where there are no spells) with their traces.

    Attributes:
        view: of the design.
        dataset: name of the data set.
        rows: the rows of the table, in order; those below are counted from the first of these.
        starts: the first row of each spell, and the number of rows at the end.
    """

    def __init__(self, view: DesignView, table: GroupedTable, spells: np.ndarray, like: Traced | None = None) -> None:
        """`like` are the same spells of a table that may have been encoded together with this one."""
        first = spell_starts(table)
        sizes = first[spells + 1] - first[spells]
        dataset = table.grouped.dataset
        self.view = view
        self.dataset = dataset.name
        self.rows = runs(first[spells], sizes)
        self.starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        self.encoded = table.encoded
        self.arrays = like.arrays if like and like.encoded is table.encoded else take_rows(table.encoded, self.rows)
        self.fields = view.tables.fields[dataset.name]
        self._faults = table.grouped.fault_events
        batch = Batch(self.fields, spell_start=self.starts, **self.arrays)
        kernel, results = dataset.kernel(view.design, True), dataset.results(batch)
        kernel.run(batch, results, 0, batch.spells)
        self.stays: Sequence[int] | None = results.columns["stay"].tolist() if dataset.has_spells else None
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

    def all_events(self) -> Sequence[Event]:
        """The events of all."""
        return self._events

    # --- what the records hold, as the design reads it ---

    @cached_property
    def _lists(self) -> dict[str, list[int]]:
        return {name: column.tolist() for name, column in self.arrays.items()}

    def diagnoses(self, row: int) -> list[str]:
        """The diagnoses of a record by cell; empty where there is none in force."""
        return self._codes(row, "diag_start", "diags", self.view.diagnoses)

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

    @cached_property
    def _fault_rows(self) -> np.ndarray:
        return np.frombuffer(self._faults.tobytes(), np.int32).reshape(-1, 4)

    def faults(self, row: int) -> Iterator[tuple[int, str, int, str]]:
        """The faults of a record: phase, field, position in it (0 = not repeated) and the key of the message."""
        found, number = self._fault_rows, int(self.rows[row])
        first, end = np.searchsorted(found[:, 0], (number, number + 1))
        for _, phase, code, message in found[first:end].tolist():
            field, position = divmod(code, FIELD_CELLS)
            key = MESSAGES[message] if message < len(MESSAGES) else self.view.tables.categories[message]
            yield phase, LAYOUTS[self.dataset][field].name, position, key


class Pair:
    """The same spells or records, traced with two designs."""

    def __init__(self, earlier: Traced, later: Traced) -> None:
        self.sides = earlier, later
        self._missing: list[dict[int, set[str]]] = [{}, {}]
        for start, name, names in (("diag_start", "diags", "diagnoses"), ("proc_start", "procs", "procedures")):
            self._find_missing(start, name, names)

    def _find_missing(self, start: str, name: str, names: str) -> None:
        """Notes the codes of records that are in force in one design only."""
        if self.sides[0].encoded is self.sides[1].encoded:
            return
        known = [_cells_in_force(side.arrays[start], side.arrays[name]) for side in self.sides]
        for lacking in (0, 1):
            texts = getattr(self.sides[1 - lacking].view, names)
            (cells, codes), (others, _) = known[1 - lacking], known[lacking]
            only = ~np.isin(cells, others, assume_unique=True)
            for cell, code in zip(cells[only].tolist(), codes[only].tolist(), strict=True):
                self._missing[lacking].setdefault(cell // FIELD_CELLS, set()).add(texts[code])

    def missing(self, side: int, rows: range) -> set[str]:
        """The codes of some rows that are in force in the other design only."""
        found = self._missing[side]
        return set().union(*(found[row] for row in rows if row in found)) if found else set()


def _cells_in_force(starts: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and place of each cell with a code in force, as one number, and the codes."""
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    places = np.arange(starts[-1]) - starts[rows]
    in_force = np.flatnonzero(codes[: starts[-1]])
    return rows[in_force] * FIELD_CELLS + places[in_force], codes[in_force]
