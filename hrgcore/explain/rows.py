"""Finds the rows of the tables of a design that explanations name."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hrgcore.design.in_force import RowSearch
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
        self._search = RowSearch(design)

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
        """The row that gives a code its points in a subchapter."""
        return self.row("cc", self._search.cc(code, subchapter))

    def exclusion(self, primary: int, secondary: int) -> tuple[TableRow, ...]:
        """The first row that keeps a secondary diagnosis from counting beside a primary one."""
        return self.row("cc_exclusion", self._search.exclusion(primary, secondary))

    def family(self, code: int) -> tuple[TableRow, ...]:
        """The row of the CC family that a code is in."""
        return self.row("cc_family", self._search.family(code))

    def dominance(self, stay: int) -> tuple[TableRow, ...]:
        """The row that tells the rank that a procedure needs at a stay in days."""
        return self.row("dominance", self._search.dominance(stay))

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
