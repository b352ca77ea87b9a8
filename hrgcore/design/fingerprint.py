"""What makes a design group as it does, as hashes: one of each table, and one of all.

Each is a SHA-256 of a canonical text: JSON of the rows that are in force when all layers and plugins are laid. What has no part
in a result has no part in the text either: names of files, numbers of lines, the order of rows where order means nothing, and how
a cell writes its codes (`A00`, or `A000-A009`). So an overlay and a design that writes out the same rows have the same hash.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

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
_PROCEDURE_TABLES = ("procedure", "unbundled")
# Columns of codes: the classification, or the column that names it.
_CODE_COLUMNS = {
    "list": {"codes": "kind"},
    "score": {"codes": "kind"},
    "cc_exclusion": {"primary": "diagnosis", "secondary": "diagnosis"},
    "cc_family": {"codes": "diagnosis"},
}


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
    sets = {"diagnosis": design.tables.icd10, "procedure": design.tables.opcs4}
    if name in CODE_SETS:
        return sets["diagnosis" if name == "icd10" else "procedure"].codes[1:]
    if TABLES[name].by_code:
        return _by_code(design, name, sets["procedure" if name in _PROCEDURE_TABLES else "diagnosis"])
    rows: Iterable[tuple[str, ...]] = (row.cells for row in design.rows[name])
    if columns := _CODE_COLUMNS.get(name):
        rows = (_with_codes(name, cells, columns, sets) for cells in rows)
    if name in _ORDERED:
        column = TABLES[name].columns.index(_ORDERED[name])
        return sorted(rows, key=lambda cells: cells[column])
    return sorted(rows)


def _by_code(design: Design, name: str, code_set: CodeSet) -> list[tuple[str, ...]]:
    """What is said of codes, and of which: of each code by the layer that has the last word on it."""
    rows: Sequence[Row] = design.rows[name]
    codes = code_set.codes
    layers = array("i", [rows[number].layer if number >= 0 else -1 for number in design.code_rows[name]])
    said: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        layer, named = row.layer, said.setdefault(row.cells[1:], [])
        for first, last in code_set.spans(row.cells[0]):
            speaking = layers[first : last + 1]
            named += [code for code, top in zip(codes[first : last + 1], speaking, strict=True) if top == layer]
    return [(*cells, " ".join(sorted(said[cells]))) for cells in sorted(said) if said[cells]]


def _with_codes(table: str, cells: tuple[str, ...], columns: Mapping[str, str], sets: Mapping[str, CodeSet]) -> tuple[str, ...]:
    """The cells of a row, codes written in the one way that all terms of the same codes share; values of fields as they stand."""
    names = TABLES[table].columns
    row = dict(zip(names, cells, strict=True))
    for column, kind in columns.items():
        if code_set := sets.get(row.get(kind, kind)):
            row[column] = " ".join(
                f"{code_set.codes[first]}-{code_set.codes[last]}" for first, last in _merged(code_set, row[column])
            )
    return tuple(row.values())


def _merged(code_set: CodeSet, cell: str) -> list[tuple[int, int]]:
    """The codes of a cell as the fewest spans; terms whose codes have all been retired name none."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(code_set.spans(cell)):
        if first > last:
            continue
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged
