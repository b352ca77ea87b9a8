"""The map of an import: a TOML file in which a user names sheets and columns where their heads differ from those known."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hrgcore.authoring.importing.kinds import HEADER_ROWS, IGNORED, KINDS
from hrgcore.errors import ArgumentError, InputFileError

_KEYS: Mapping[str, type] = {"kind": str, "header": int, "columns": dict, "subchapter": str, "list": str, "complete": bool}


class SheetMap(NamedTuple):
    """What a map says of a sheet.

    Attributes:
        kind: a name of KINDS, or `ignore`.
        header: row of the heads, counted from 1; 0 to look for it.
        columns: by name of a column, its head.
        subchapter: of a sheet that holds the CC list of one subchapter.
        list: the list of the design that the sheet replaces.
        complete: whether codes that the sheet does not name have been withdrawn; None to judge by their number.
    """

    kind: str
    header: int = 0
    columns: Mapping[str, str] = {}
    subchapter: str = ""
    list: str = ""
    complete: bool | None = None


def read_map(path: Path) -> Mapping[str, SheetMap]:
    """Reads a map: by name of a sheet what it says of it.

    Raises:
        InputFileError: the file cannot be read or is not TOML.
        ArgumentError: it has an unknown key, kind or column, or a value of the wrong type.
    """
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(f"cannot be read: {error}", place=str(path), cure="A map is a TOML file; see the docs.") from None
    place = path.name
    _check_keys(data, ("sheets",), place)
    sheets = _typed(data.get("sheets", {}), dict, f"{place}, sheets")
    return {name: _sheet(entry, f'{place}, sheets."{name}"') for name, entry in sheets.items()}


def _sheet(entry: Any, place: str) -> SheetMap:
    _check_keys(_typed(entry, dict, place), tuple(_KEYS), place)
    for key, value in entry.items():
        _typed(value, _KEYS[key], f"{place}, {key}")
    kind = entry.get("kind", "")
    if kind not in (*KINDS, IGNORED):
        raise ArgumentError(f"{kind!r} is not a kind of sheet", place=place, cure=f"Known: {', '.join((*KINDS, IGNORED))}.")
    if not 0 <= entry.get("header", 0) <= HEADER_ROWS:
        raise ArgumentError(f"the header is not in the first {HEADER_ROWS} rows", place=place, cure="Remove the rows above it.")
    columns = entry.get("columns", {})
    if kind != IGNORED:
        _check_keys(columns, tuple(KINDS[kind].columns), f"{place}.columns")
    for column, head in columns.items():
        _typed(head, str, f"{place}.columns, {column}")
    return SheetMap(**entry)


def _check_keys(found: Mapping[str, Any], known: Collection[str], place: str) -> None:
    if unknown := [key for key in found if key not in known]:
        raise ArgumentError(f"unknown key {', '.join(map(repr, unknown))}", place=place, cure=f"Known: {', '.join(known)}.")


def _typed(value: Any, kind: type, place: str) -> Any:
    if type(value) is not kind:
        raise ArgumentError(f"is of type {type(value).__name__}, not {kind.__name__}", place=place, cure="See the docs of maps.")
    return value
