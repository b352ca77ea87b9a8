"""What makes a design group as it does, as hashes: one of each table, and one of all.

Each is a SHA-256 of a canonical text: JSON of the rows that are in force when all layers and plugins are laid. What has no part
in a result has no part in the text either: names of files, numbers of lines, the order of rows where order means nothing, and how
a cell writes its codes (`A00`, or `A000-A009`). So an overlay and a design that writes out the same rows have the same hash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from hrgcore.design.in_force import code_cells, code_set, rows_by_code
from hrgcore.design.schema import CODE_SETS, TABLES

if TYPE_CHECKING:
    from hrgcore._core.codes import CodeSet
    from hrgcore._core.rows import Row
    from hrgcore.design.design import Design

SETTINGS = "settings"  # stands beside the tables: [grouping] of the manifest
SHORT = 12  # characters of a hash that summaries show
_FORM = "hrgcore design 1"  # another canonical text needs another number
# Rows keep their order among those that are alike in these columns; other tables are sorted.
_ORDERED = {"rule": "stage", "split": "root"}


def table_hashes(design: Design) -> dict[str, str]:
    """The hash of each table that has rows, and of the settings, by name."""
    texts: dict[str, Any] = {SETTINGS: dict(sorted(design.manifest.grouping.items()))}
    texts |= {name: rows for name in TABLES if (rows := _canonical(design, name))}
    return {name: _hash(text) for name, text in texts.items()}


def whole_hash(tables: Mapping[str, str]) -> str:
    """The hash of a design from those of its tables."""
    return _hash([_FORM, sorted(tables.items())])


def _hash(content: Any) -> str:
    return sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii")).hexdigest()


def _canonical(design: Design, name: str) -> Sequence[Any]:
    """The rows of a table in the one form and order that all tables of the same meaning share."""
    if name in CODE_SETS:
        return code_set(design, name).codes[1:]
    if TABLES[name].by_code:
        return _by_code(design, name)
    rows = [_with_codes(design, name, row) for row in design.rows[name]]
    if name in _ORDERED:
        column = TABLES[name].columns.index(_ORDERED[name])
        return sorted(rows, key=lambda cells: cells[column])
    return sorted(rows)


def _by_code(design: Design, name: str) -> list[tuple[str, ...]]:
    """What is said of codes, and of which."""
    said: dict[tuple[str, ...], list[str]] = {}
    for row, codes in rows_by_code(design, name):
        said.setdefault(row.cells[1:], []).extend(codes)
    return [(*cells, " ".join(sorted(said[cells]))) for cells in sorted(said) if said[cells]]


def _with_codes(design: Design, name: str, row: Row) -> tuple[str, ...]:
    """The cells of a row, codes written in the one way that all terms of the same codes share."""
    of_codes = code_cells(design, name, row)
    if not of_codes:
        return row.cells
    return tuple(_spans(of_codes[place], cell) if place in of_codes else cell for place, cell in enumerate(row.cells))


def _spans(codes: CodeSet, cell: str) -> str:
    """The codes of a cell as the fewest spans; terms whose codes have all been retired name none."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(codes.spans(cell)):
        if merged and first <= merged[-1][1] + 1 and first <= last:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        elif first <= last:
            merged.append((first, last))
    return " ".join(f"{codes.codes[first]}-{codes.codes[last]}" for first, last in merged)
