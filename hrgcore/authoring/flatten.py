"""The tables of a design written out: all layers laid, so that a design of its own can start from an overlay and its base."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from hrgcore.design.in_force import code_cells, code_set, rows_by_code
from hrgcore.design.schema import CODE_SETS, TABLES

if TYPE_CHECKING:
    from hrgcore._core.codes import CodeSet
    from hrgcore._core.rows import Row
    from hrgcore.design import Design

Cells = tuple[str, ...]


def whole_tables(design: Design) -> dict[str, list[Cells]]:
    """The rows in force of each table that has any, by name of the file to write; a design of these files has the same hash.

    Rows of one file stay together where that keeps their order; where it does not, a table is one file.
    """
    found: dict[str, list[Cells]] = {}
    for name in TABLES:
        if name in CODE_SETS:
            found[f"{name}.csv"] = [(code,) for code in code_set(design, name).codes[1:]]
            continue
        rows = list(_by_code(design, name) if TABLES[name].by_code else _others(design, name))
        in_order = all(one.file <= other.file for (one, _), (other, _) in pairwise(rows))
        for row, cells in rows:
            found.setdefault(row.file if in_order else f"{name}.csv", []).append(cells)
    return found


def _by_code(design: Design, name: str) -> Iterator[tuple[Row, Cells]]:
    """The rows that are in force, as they stand where all codes that they name are left to them."""
    known = code_set(design, name)
    for row, codes in rows_by_code(design, name):
        named = sum(last - first + 1 for first, last in known.spans(row.cells[0]) if first <= last)
        if codes:
            cell = _known(known, row.cells[0]) if len(codes) == named else " ".join(codes)
            yield row, (cell, *row.cells[1:])


def _others(design: Design, name: str) -> Iterator[tuple[Row, Cells]]:
    for row in design.rows[name]:
        cells = list(row.cells)
        for place, known in code_cells(design, name, row).items():
            cells[place] = _known(known, cells[place])
        yield row, tuple(cells)


def _known(codes: CodeSet, cell: str) -> str:
    """The terms of a cell that still name a code; the others were retired by an overlay."""
    return " ".join(term for term, (first, last) in zip(cell.split(), codes.spans(cell), strict=True) if first <= last)
