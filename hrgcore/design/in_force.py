"""The rows of a loaded design that are in force, codes that an overlay took from them left out; and which cells name codes."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

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
