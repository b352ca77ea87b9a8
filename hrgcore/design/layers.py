"""Reads a design's tables and lays overlays over their base: a year is its base year plus the rows that changed or went."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from pathlib import Path

from hrgcore._core.rows import Row, rows_of
from hrgcore.design.faults import Faults, Place
from hrgcore.design.schema import CODE_SETS, REMOVE, REMOVE_COLUMNS, TABLES
from hrgcore.errors import DesignError


class Layers:
    """The tables of a design, all layers applied.

    `names` are those of the designs and plugins that brought the layers. `removed` holds what later layers took from tables by
    code, `retired` the codes that they took out of the code sets.
    """

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.removed: dict[str, list[Row]] = {}
        self.retired: dict[str, set[str]] = {name: set() for name in CODE_SETS}
        self.names: list[str] = []

    @property
    def depth(self) -> int:
        """How many layers there are."""
        return len(self.names)

    def lay(self, layer: str, tables: Mapping[str, list[Row]], faults: Faults) -> None:
        """Lays one more layer over what is there; `layer` is the name of its design or plugin."""
        by_key: dict[str, list[Row]] = {}
        gone: dict[str, set[str]] = {}
        for row in tables.get(REMOVE, []):
            self._remove(row, by_key, gone, faults)
        for name, codes in gone.items():
            self.retired[name] |= codes
            self.tables[name] = [_without(old, codes) for old in self.tables[name]]
        for name, removals in by_key.items():
            self._remove_keys(name, removals, faults)
        for name, rows in tables.items():
            if name == REMOVE:
                continue
            self.tables[name] = _laid(name, self.tables[name], rows)
        self.names.append(layer)

    def _remove(self, row: Row, by_key: dict[str, list[Row]], gone: dict[str, set[str]], faults: Faults) -> None:
        """Notes one removal: rows that go by key, and codes that go from a code set, to go through each table but once."""
        name, key = row.cells
        schema = TABLES.get(name)
        if schema is None:
            faults.add(row, f"there is no table {name!r} to remove from")
        elif name in CODE_SETS:
            gone.setdefault(name, set()).update(key.split())
        elif schema.by_code:
            self.removed.setdefault(name, []).append(row)
        else:
            by_key.setdefault(name, []).append(row)

    def _remove_keys(self, name: str, removals: Sequence[Row], faults: Faults) -> None:
        there = [" ".join(key) for key in _keys(name, self.tables[name])]
        gone, known = {row.cells[1] for row in removals}, set(there)
        for row in removals:
            if row.cells[1] not in known:
                faults.add(row, f"table {name} has no row {row.cells[1]!r} to remove")
        self.tables[name] = [old for old, key in zip(self.tables[name], there, strict=True) if key not in gone]


def _without(row: Row, codes: set[str]) -> Row:
    """The row of a code set, without codes that have been retired."""
    return Row(tuple([code for code in row.cells if code not in codes]), row.file, row.line, row.layer)


def _keys(name: str, rows: list[Row]) -> Iterable[tuple[str, ...]]:
    """The key of each row; empty where the table has none."""
    columns = [TABLES[name].columns.index(column) for column in TABLES[name].key]
    if not columns:
        return repeat((), len(rows))
    return zip(*([row.cells[column] for row in rows] for column in columns), strict=True)


def _laid(name: str, old: list[Row], new: list[Row]) -> list[Row]:
    schema = TABLES[name]
    if not old or schema.by_code or name in CODE_SETS:
        return old + new
    if not schema.key:
        return new
    replaced = set(_keys(name, new))
    return [row for row, key in zip(old, _keys(name, old), strict=True) if key not in replaced] + new


def table_of(stem: str) -> str | None:
    """The table that a file belongs to: the one of its name, or the longest whose name stands before a `_` of its name."""
    if stem in TABLES or stem == REMOVE:
        return stem
    fitting = [name for name in TABLES if stem.startswith(name + "_")]
    return max(fitting, key=len) if fitting else None


def read_folder(folder: Path, layer: int, faults: Faults) -> dict[str, list[Row]]:
    """Reads all tables of a folder. Files of one table are read in the order of their names.

    Raises:
        DesignError: the folder is missing or a file cannot be read as UTF-8 text.
    """
    if not folder.is_dir():
        raise DesignError("there is no folder of tables", place=str(folder))
    tables: dict[str, list[Row]] = {}
    for path in sorted(folder.glob("*.csv"), key=attrgetter("name")):
        name = table_of(path.stem)
        if name is None:
            faults.add(Place(path.name, 0), "the name of this file is not that of a table")
            continue
        tables.setdefault(name, []).extend(_read_file(path, name, layer, faults))
    return tables


def _read_file(path: Path, name: str, layer: int, faults: Faults) -> Iterable[Row]:
    columns = REMOVE_COLUMNS if name == REMOVE else TABLES[name].columns
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, strict=True)) if name not in CODE_SETS else []
            codes = file.read().split() if name in CODE_SETS else []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DesignError(f"cannot be read: {error}", place=str(path), cure="Save it as comma separated text in UTF-8.") from None
    header = tuple(lines[0]) if lines else tuple(codes[:1])
    if header != columns:
        faults.add(Place(path.name, 1), f"the columns must be {','.join(columns)}, not {','.join(header)}")
        return []
    if name in CODE_SETS:
        return [Row(tuple(codes[1:]), path.name, 2, layer)]
    del lines[0]
    if bad := [number for number, cells in enumerate(lines) if len(cells) != len(columns)]:
        for number in bad:
            faults.add(Place(path.name, number + 2), f"{len(lines[number])} cells where the table has {len(columns)} columns")
        return []
    return rows_of(lines, path.name, 2, layer)


def rows_from_memory(
    tables: Mapping[str, Iterable[Mapping[str, str]]], origin: str, layer: int, faults: Faults
) -> dict[str, list[Row]]:
    """Turns the rows that a plugin hands over into a layer; a column that is left out is empty. Line is the row's number."""
    result: dict[str, list[Row]] = {}
    for name, rows in tables.items():
        columns = REMOVE_COLUMNS if name == REMOVE else TABLES[name].columns if name in TABLES else None
        if columns is None:
            faults.add(Place(origin, 0), f"there is no table {name!r}")
            continue
        if name in CODE_SETS:
            result[name] = [Row(tuple(row["code"] for row in rows), f"{origin} {name}", 1, layer)]
            continue
        for number, row in enumerate(rows, 1):
            file = f"{origin} {name}"
            if unknown := set(row) - set(columns):
                faults.add(Place(file, number), f"table {name} has no column {', '.join(sorted(unknown))}")
            result.setdefault(name, []).append(Row(tuple(row.get(column, "") for column in columns), file, number, layer))
    return result
