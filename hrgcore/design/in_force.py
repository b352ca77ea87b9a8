"""The rows of a loaded design that are in force, without codes that an overlay took from them, and what they speak for."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from hrgcore.design.conditions import parse_band
from hrgcore.design.schema import TABLES

if TYPE_CHECKING:
    from hrgcore._core.codes import CodeSet
    from hrgcore._core.rows import Row
    from hrgcore.design.design import Design

DIAGNOSIS, PROCEDURE = "diagnosis", "procedure"
_BY_PROCEDURE = ("procedure", "unbundled")  # of the tables by code
# Other columns that hold codes: of which classification, or the column that names it.
_CODE_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "list": {"codes": "kind"},
    "score": {"codes": "kind"},
    "cc_exclusion": {"primary": DIAGNOSIS, "secondary": DIAGNOSIS},
    "cc_family": {"codes": DIAGNOSIS},
}


def code_set(design: Design, table: str) -> CodeSet:
    """The classification of a code set or of a table by code."""
    return design.tables.opcs4 if table == "opcs4" or table in _BY_PROCEDURE else design.tables.icd10


def rows_by_code(design: Design, table: str) -> Iterator[tuple[Row, list[str]]]:
    """Each row of a table by code with the codes that it has the last word on, none if it is not in force."""
    rows, known = design.rows[table], code_set(design, table)
    layers = array("i", [rows[number].layer if number >= 0 else -1 for number in design.code_rows[table]])
    for row in rows:
        layer, codes = row.layer, []
        for first, last in known.spans(row.cells[0]):
            named, speaking = known.codes[first : last + 1], layers[first : last + 1]
            codes += [code for code, top in zip(named, speaking, strict=True) if top == layer]
        yield row, codes


def code_cells(design: Design, table: str, row: Row) -> dict[int, CodeSet]:
    """The cells of a row of any other table that hold codes, by position, with their classification."""
    columns, sets = TABLES[table].columns, {DIAGNOSIS: design.tables.icd10, PROCEDURE: design.tables.opcs4}
    found = {}
    for column, kind in _CODE_COLUMNS.get(table, {}).items():
        name = row.cells[columns.index(kind)] if kind in columns else kind
        if name in sets:  # a list may hold values of a field instead
            found[columns.index(column)] = sets[name]
    return found


class RowSearch:
    """The numbers of the rows that speak for codes and stays, where no array tells them; -1 where none does. Codes are ids."""

    def __init__(self, design: Design) -> None:
        self._design = design

    def cc(self, code: int, subchapter: str) -> int:
        """The row that gives a code its points in a subchapter; several rows of one layer may speak for one code."""
        speaking, rows = self._design.code_rows["cc"][code], self._design.rows["cc"]
        if speaking < 0 or subchapter in rows[speaking].cells[1].split():
            return speaking
        found = (number for first, last, number in self._cc_lists.get(subchapter, ()) if first <= code <= last)
        return next((number for number in found if rows[number].layer == rows[speaking].layer), -1)

    @cached_property
    def _cc_lists(self) -> dict[str, list[tuple[int, int, int]]]:
        """The CC list of each subchapter: first and last code id, and number of the row."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        for number, row in enumerate(self._design.rows["cc"]):
            spans = [(first, last, number) for first, last in self._design.tables.icd10.spans(row.cells[0])]
            for subchapter in row.cells[1].split():
                found.setdefault(subchapter, []).extend(spans)
        return found

    def exclusion(self, primary: int, secondary: int) -> int:
        """The first row that keeps a secondary diagnosis from counting beside a primary one."""
        rows = enumerate(self._design.rows["cc_exclusion"])
        return next((n for n, row in rows if self._names(row.cells[0], primary) and self._names(row.cells[1], secondary)), -1)

    def family(self, code: int) -> int:
        """The row of the CC family that a code is in."""
        return next((n for n, row in enumerate(self._design.rows["cc_family"]) if self._names(row.cells[2], code)), -1)

    def dominance(self, stay: int) -> int:
        """The row that tells the rank that a procedure needs at a stay in days."""
        bands = (parse_band(row.cells[0]) for row in self._design.rows["dominance"])
        return next((number for number, (low, high) in enumerate(bands) if low <= stay <= high), -1)

    def _names(self, cell: str, code: int) -> bool:
        return any(first <= code <= last for first, last in self._design.tables.icd10.spans(cell))
