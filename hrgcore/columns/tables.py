"""Tables out: results, spells and messages as columns that any reader of Arrow data takes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from hrgcore._core.arrow_out import ArrowColumn, ArrowTable, bits, known_bits
from hrgcore._core.encoded import EncodedRows, counts_to_ends, differences, gather, inverse, row_numbers, shifted, spell_numbers
from hrgcore._core.typedefs import FIELD_CELLS, Method
from hrgcore.datasets.apc import SPELL_KEY
from hrgcore.design.fields import DIAGNOSIS, LAYOUTS, PROCEDURE, VALUES, cell_places
from hrgcore.design.schema import GRADES
from hrgcore.prices import SPELL, PriceBook, price_columns
from hrgcore.results import GroupedBatch, Message, unbundled_text

if TYPE_CHECKING:
    import numpy as np
    from typing_extensions import Buffer

    from hrgcore._core.tables import Tables
    from hrgcore.design import Design

OFFICIAL, INPUT = "official", "input"  # orders of the records
WIDEST = 2**31 - 1  # what offsets of 32 bits can say
_METHODS = ("", *(chr(method) for method in Method))
_METHOD_IDS = bytes(_METHODS.index(chr(letter)) if chr(letter) in _METHODS else 0 for letter in range(256))


class GroupedTable:
    """A grouped table: what was found of each record and spell, as columns with the Arrow C stream interface.

    It is itself a table, that of `records`.

    Attributes:
        grouped: the batch behind it, in official order.
    """

    def __init__(
        self,
        grouped: GroupedBatch,
        rows: EncodedRows,
        starts: array[int],
        order: array[int] | None,
        first: int,
        wanted: str,
    ) -> None:
        """`order` is the place in the input of each row of the batch, counted from `first`; None if they stand as they came."""
        self.grouped = grouped
        self._rows = rows
        self._starts = starts
        self._order = order
        self._first = first
        self._place = inverse(order) if order is not None and wanted == INPUT else None

    @property
    def encoded(self) -> EncodedRows:
        """The records as the design of the batch reads their cells, in official order."""
        return self._rows

    @property
    def input_rows(self) -> array[int]:
        """The place in the input of each record, in official order."""
        return self._input_rows

    @cached_property
    def records(self) -> ArrowTable:
        """One row a record, in official order or that of the input."""
        return ArrowTable(self._record_columns(), self._rows.rows)

    @cached_property
    def spells(self) -> ArrowTable | None:
        """One row a spell of admitted care, in official order; None in other data sets."""
        return ArrowTable(self._spell_columns(), self.grouped.batch.spells) if self.grouped.dataset.has_spells else None

    @cached_property
    def messages(self) -> ArrowTable:
        """One row a fault, by record and field."""
        found = self.grouped.messages(_CellTexts(self.grouped, self._rows))
        rows = [self._input_rows[message.row] for message in found]
        if self._place is not None:
            order = sorted(range(len(rows)), key=rows.__getitem__)
            found, rows = [found[i] for i in order], [rows[i] for i in order]
        columns = [_texts(name, [getattr(message, name).encode() for message in found]) for name in Message._fields[1:]]
        return ArrowTable([_plain("row", "l", array("q", rows)), *columns], len(rows))

    @property
    def record_errors(self) -> int:
        """How many records failed."""
        return bytes(self.grouped.results.columns["failed"]).count(1)

    @property
    def spell_errors(self) -> int:
        """How many spells of admitted care failed."""
        return bytes(self.grouped.results.columns["spell_failed"]).count(1) if self.grouped.dataset.has_spells else 0

    @property
    def num_rows(self) -> int:
        """How many records there are."""
        return self._rows.rows

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns of `records`."""
        return self.records.column_names

    def __len__(self) -> int:
        return self.num_rows

    def __arrow_c_schema__(self) -> object:
        """As that of `records`."""
        return self.records.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """As that of `records`."""
        return self.records.__arrow_c_stream__(requested_schema)

    def price_columns(self, book: PriceBook, level: str) -> dict[str, np.ndarray]:
        """What a book of prices says of each row of `records` or `spells`: the columns of `hrgcore.prices.price_columns`.

        Args:
            book: of prices.
            level: `episode` or `spell` of admitted care, `record` of the other data sets.
        """
        columns = price_columns(book, self.grouped, level)
        if self._place is None or level == SPELL:
            return columns
        return {name: column[self._place] for name, column in columns.items()}

    def __repr__(self) -> str:
        return f"<GroupedTable {self.grouped.dataset.name} {self.num_rows} records, {self.record_errors} failed>"

    def _column(self, name: str) -> Buffer:
        """A column of the kernel's results of each record, in the order that was asked for."""
        column: Buffer = self.grouped.results.columns[name]
        return column if self._place is None else self._ordered(column)

    def _ordered(self, column: Buffer) -> Buffer:
        assert self._place is not None
        return gather(column, self._place)

    def _record_columns(self) -> list[ArrowColumn]:
        words, dataset = _words_of(self.grouped.design.tables), self.grouped.dataset
        columns = [self._rows_column(), _ids("hrg", self._column("hrg"), words.hrgs)]
        procedures = "_ub_rel" in dataset.suffixes  # admitted care and outpatients
        if dataset.has_spells:
            spells = spell_numbers(self._starts)
            columns.insert(1, _plain("spell", "i", spells if self._place is None else self._ordered(spells)))
        if procedures:
            columns.append(_methods(self._column("method")))
            columns.append(_ids("dominant_procedure", self._column("dominant"), words.procedures))
        if dataset.has_spells:
            columns += [
                _days("stay", self._column("stay")),
                _flags("report_flag", self._column("report_flag")),
                _plain("cc_score", "i", self._column("cc")),
                _plain("interventions", "i", self._column("interventions")),
                _ids("programme", self._column("programme"), words.programmes),
            ]
        elif procedures:
            columns.append(_ids("attendance_hrg", self._column("attendance_hrg"), words.hrgs))
        elif dataset.finish:
            columns.append(_plain("critical_care_days", "i", self._column("days")))
            columns.append(_flags("warning", self._column("warning")))
        if procedures:
            columns.append(self._unbundled_of_records())
        return [*columns, _ids("provenance", self._column("grade"), _GRADE_WORDS), _flags("failed", self._column("failed"))]

    @cached_property
    def _input_rows(self) -> array[int]:
        """The place in the input of each record, in official order."""
        return row_numbers(self._first, self._rows.rows) if self._order is None else shifted(self._order, self._first)

    def _rows_column(self) -> ArrowColumn:
        """The place of each record in the input."""
        return _plain("row", "l", self._input_rows if self._place is None else row_numbers(self._first, self._rows.rows))

    def _spell_columns(self) -> list[ArrowColumn]:
        columns, words, starts = self.grouped.results.columns, _words_of(self.grouped.design.tables), self._starts
        return [
            *(_keys(name, *self._rows.key_part(part)) for part, name in enumerate(SPELL_KEY)),
            _plain("first_row", "l", gather(self._input_rows, starts[:-1])),
            _plain("episodes", "i", differences(starts)),
            _ids("hrg", columns["spell_hrg"], words.hrgs),
            _methods(columns["spell_method"]),
            _ids("dominant_procedure", columns["spell_dominant"], words.procedures),
            _ids("primary_diagnosis", columns["spell_primary"], words.diagnoses),
            _ids("secondary_diagnosis", columns["spell_secondary"], words.diagnoses),
            _days("stay", columns["spell_stay"]),
            _plain("critical_care_days", "i", columns["spell_critical_care"]),
            _plain("cc_score", "i", columns["spell_cc"]),
            _plain("interventions", "i", columns["spell_interventions"]),
            _ids("programme", columns["spell_programme"], words.programmes),
            self._unbundled_of_spells(),
            _ids("provenance", columns["spell_grade"], _GRADE_WORDS),
            _flags("failed", columns["spell_failed"]),
        ]

    @cached_property
    def _unbundled(self) -> tuple[array[int], list[bytes]]:
        """The rows of the unbundled HRGs in official order, and their texts."""
        texts = _UnbundledTexts(self.grouped.design)
        entries = self.grouped.unbundled
        return array("q", [entry[0] for entry in entries]), [texts[entry[1:]] for entry in entries]

    @cached_property
    def _official_lists(self) -> tuple[array[int], ArrowColumn]:
        """Where the unbundled HRGs of each row end in official order, and their texts as a column."""
        rows, cells = self._unbundled
        return counts_to_ends(rows, self._rows.rows), _texts("item", cells)

    def _unbundled_of_records(self) -> ArrowColumn:
        if self._order is None or self._place is None:
            return _lists("unbundled", *self._official_lists)
        rows, cells = self._unbundled
        order = self._order
        placed = sorted(range(len(rows)), key=lambda i: order[rows[i]])
        ends = counts_to_ends(array("q", [order[rows[i]] for i in placed]), self._rows.rows)
        return _lists("unbundled", ends, _texts("item", [cells[i] for i in placed]))

    def _unbundled_of_spells(self) -> ArrowColumn:
        ends, items = self._official_lists
        return _lists("unbundled", gather(ends, self._starts), items)


class _UnbundledTexts(dict[tuple[int, ...], bytes]):
    """The text of an unbundled HRG by its id and what follows it in an entry."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self._design = design

    def __missing__(self, entry: tuple[int, int, int]) -> bytes:
        text = self[entry] = unbundled_text(self._design, (0, *entry)).encode()
        return text


class _CellTexts:
    """Gives the text of a cell by row, field and position, as messages ask for it.

    The cells with faults are kept as they were given; others, which a kernel blames, are told from their ids.
    """

    def __init__(self, grouped: GroupedBatch, rows: EncodedRows) -> None:
        self._tables = grouped.design.tables
        self._fields = {field.name: (number, field) for number, field in enumerate(LAYOUTS[grouped.dataset.name])}
        self._places = cell_places(grouped.dataset.name)
        self._rows = rows
        self._kept = rows.fault_texts()

    def __call__(self, row: int, field: str, position: int) -> str:
        """The text of a cell; empty where it is blank."""
        number, layout = self._fields[field]
        text = self._kept.get((row, number * FIELD_CELLS + position))
        if text is not None:
            return text
        arrays, fields = self._rows.arrays, self._rows.fields
        if layout.kind == DIAGNOSIS:
            return self._code(row, position, "diag_start", "diags", self._tables.icd10.codes)
        if layout.kind == PROCEDURE:
            return self._code(row, position, "proc_start", "procs", self._tables.opcs4.codes)
        place = self._places[field][1]
        if layout.kind == VALUES:
            return self._tables.values[fields.value_place[place]].values[arrays["values"][row * fields.n_values + place]]
        value = arrays["numbers"][row * fields.n_numbers + place]
        return str(value) if value >= 0 else ""

    def _code(self, row: int, position: int, start: str, name: str, codes: Sequence[str]) -> str:
        arrays = self._rows.arrays
        cell = arrays[start][row] + position - 1
        return codes[arrays[name][cell]] if cell < arrays[start][row + 1] else ""


# --- columns ---


def _plain(name: str, form: str, numbers: Buffer) -> ArrowColumn:
    """A column of numbers."""
    return ArrowColumn(name, form, len(memoryview(numbers)), (None, numbers))


def _days(name: str, numbers: Buffer) -> ArrowColumn:
    """A column of days; those not known are null."""
    valid, unknown = known_bits(numbers)
    return ArrowColumn(name, "i", len(memoryview(numbers)), (valid if unknown else None, numbers), nulls=unknown)


def _flags(name: str, flags: Buffer) -> ArrowColumn:
    """A column of true and false."""
    return ArrowColumn(name, "b", len(memoryview(flags)), (None, bits(flags)))


def _ids(name: str, ids: Buffer, words: ArrowColumn) -> ArrowColumn:
    """A column of ids, which a dictionary puts into words."""
    view = memoryview(ids)
    return ArrowColumn(name, "S" if view.itemsize == 2 else "C", len(view), (None, ids), dictionary=words)


def _methods(letters: Buffer) -> ArrowColumn:
    return _ids("method", bytes(letters).translate(_METHOD_IDS), _METHOD_WORDS)


def _lists(name: str, ends: array[int], items: ArrowColumn) -> ArrowColumn:
    """A column of lists of texts, by where those of each row end (with a 0 before)."""
    return ArrowColumn(name, "+l", len(ends) - 1, (None, ends), children=(items,))


def _texts(name: str, cells: Sequence[bytes]) -> ArrowColumn:
    """A column of texts."""
    ends = list(accumulate(map(len, cells), initial=0))
    wide = ends[-1] > WIDEST
    return ArrowColumn(name, "U" if wide else "u", len(cells), (None, array("q" if wide else "i", ends), b"".join(cells)))


def _words(texts: Iterable[str]) -> ArrowColumn:
    """The texts that ids stand for."""
    return _texts("", [text.encode() for text in texts])


_GRADE_WORDS, _METHOD_WORDS = _words(GRADES), _words(_METHODS)


class _Words:
    """The dictionaries of a design."""

    def __init__(self, tables: Tables) -> None:
        self.hrgs = _words(tables.hrgs)
        self.diagnoses = _words(tables.icd10.codes)
        self.procedures = _words(tables.opcs4.codes)
        self.programmes = _words(tables.programmes)


@lru_cache(maxsize=8)
def _words_of(tables: Tables) -> _Words:
    return _Words(tables)


def _keys(name: str, text: bytes, ends: array[int]) -> ArrowColumn:
    """A column of texts that stand one after the other; what is no text in them is replaced."""
    if text.isascii():
        return ArrowColumn(name, "u" if ends.itemsize == 4 else "U", len(ends) - 1, (None, ends, text))
    cells = (text[first:end].decode("utf-8", "replace") for first, end in pairwise(ends))
    return _texts(name, [cell.encode() for cell in cells])
