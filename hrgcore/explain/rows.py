"""Finds the rows of the tables of a design that explanations name."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from hrgcore.design.conditions import parse_band
from hrgcore.design.schema import TABLES
from hrgcore.explain.explanation import TableRow

if TYPE_CHECKING:
    from hrgcore.design import Design


@lru_cache(maxsize=8)
def row_finder(design: Design) -> RowFinder:
    """The finder of a design; kept, since it learns where the CC lists stand."""
    return RowFinder(design)


class RowFinder:
    """The rows of a design by what they speak for."""

    def __init__(self, design: Design) -> None:
        self._design = design

    def cells(self, table: str, number: int) -> tuple[str, ...]:
        """The cells of a row by its number."""
        return self._design.rows[table][number].cells

    def row(self, table: str, number: int, grade: str = "grade") -> tuple[TableRow, ...]:
        """A row by its number; none if that is below 0. `grade` is the column of the grade that counts."""
        if number < 0:
            return ()
        row = self._design.rows[table][number]
        cells = dict(zip(TABLES[table].columns, row.cells, strict=True))
        return (TableRow(table, row.file, row.line, cells, cells.get(grade, ""), self._design.layers[row.layer]),)

    def of_code(self, table: str, code: int, grade: str = "grade") -> tuple[TableRow, ...]:
        """The row of a table by code that speaks for a code."""
        return self.row(table, self._design.code_rows[table][code], grade)

    def cc(self, code: int, subchapter: str) -> tuple[TableRow, ...]:
        """The row that gives a code its points in a subchapter; several rows of one layer may speak for one code."""
        number = self._design.code_rows["cc"][code]
        rows = self._design.rows["cc"]
        if subchapter not in rows[number].cells[1].split():
            layer = rows[number].layer
            found = (other for first, last, other in self._cc_lists[subchapter] if first <= code <= last)
            number = next((other for other in found if rows[other].layer == layer), number)
        return self.row("cc", number)

    @cached_property
    def _cc_lists(self) -> dict[str, list[tuple[int, int, int]]]:
        """The CC list of each subchapter: first and last code id, and number of the row."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        for number, row in enumerate(self._design.rows["cc"]):
            spans = [(first, last, number) for first, last in self._design.tables.icd10.spans(row.cells[0])]
            for subchapter in row.cells[1].split():
                found.setdefault(subchapter, []).extend(spans)
        return found

    def exclusion(self, primary: int, secondary: int) -> tuple[TableRow, ...]:
        """The first row that keeps a secondary diagnosis from counting beside a primary one."""
        for number, row in enumerate(self._design.rows["cc_exclusion"]):
            if self._names(row.cells[0], primary) and self._names(row.cells[1], secondary):
                return self.row("cc_exclusion", number)
        return ()

    def family(self, code: int) -> tuple[TableRow, ...]:
        """The row of the CC family that a code is in."""
        for number, row in enumerate(self._design.rows["cc_family"]):
            if self._names(row.cells[2], code):
                return self.row("cc_family", number)
        return ()

    def dominance(self, stay: int) -> tuple[TableRow, ...]:
        """The row that tells the rank that a procedure needs at a stay in days."""
        for number, row in enumerate(self._design.rows["dominance"]):
            low, high = parse_band(row.cells[0])
            if low <= stay <= high:
                return self.row("dominance", number)
        return ()

    def lists(self, when: str) -> tuple[TableRow, ...]:
        """The rows of the lists that a condition names."""
        words = set(when.split())
        rows = self._design.rows["list"] if words else ()
        return tuple(found for number, row in enumerate(rows) if row.cells[0] in words for found in self.row("list", number))

    def level(self, category: str, level: int) -> tuple[TableRow, ...]:
        """The rows of a category whose values have a level."""
        rows = enumerate(self._design.rows["category"])
        return tuple(
            found
            for number, row in rows
            if (row.cells[0], row.cells[3]) == (category, str(level))
            for found in self.row("category", number)
        )

    def _names(self, cell: str, code: int) -> bool:
        return any(first <= code <= last for first, last in self._design.tables.icd10.spans(cell))
