"""Overlays, section "Overlays" of docs/design-tables.md: layers of tables, the base first, laid over each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .tables import DesignError, Row, read_manifest, read_tables

Layer = dict[str, list[Row]]

BY_CODE = ("diagnosis", "procedure", "programme", "cc", "unbundled")
CODE_SETS = ("icd10", "opcs4")
WHOLE = ("dominance", "cc_exclusion")
KEYS = {
    "hrg": ("hrg",), "split": ("root",), "rule": ("stage", "from"), "list": ("list",), "cc_family": ("family",),
    "score": ("score",), "field": ("dataset", "field"), "message": ("key",), "category": ("category",), "organ": ("organ",),
    "chapter": ("chapter",),
}  # fmt: skip


def read_chain(folder: Path, bases: Mapping[str, Path]) -> tuple[dict[str, Any], list[Layer]]:
    """The grouping settings of a design with those of its bases, and the layers from the lowest base up."""
    manifest = read_manifest(folder)
    settings: dict[str, Any] = {}
    layers: list[Layer] = []
    if base := manifest.get("base"):
        settings, layers = read_chain(bases[base], bases)
    return {**settings, **manifest.get("grouping", {})}, [*layers, read_tables(folder)]


def key_of(table: str, row: Row) -> tuple[str, ...]:
    return tuple(row[column] for column in KEYS[table])


def lay(layers: Sequence[Layer]) -> Layer:
    """The rows of each table after all layers; rows of tables by code keep the number of their layer in column `layer`."""
    result = {table: list(rows) for table, rows in layers[0].items() if table != "remove"}
    for table in BY_CODE:
        result[table] = [{**row, "layer": "0"} for row in result[table]]
    for number, layer in enumerate(layers[1:], 1):
        for removal in layer["remove"]:
            _remove(result, removal["table"], removal["key"], number)
        for table, rows in layer.items():
            if table in BY_CODE:
                result[table] += [{**row, "layer": str(number)} for row in rows]
            elif table in CODE_SETS:
                result[table] += rows
            elif table in WHOLE:
                result[table] = list(rows) or result[table]
            elif table in KEYS:
                replaced = {key_of(table, row) for row in rows}
                result[table] = [row for row in result[table] if key_of(table, row) not in replaced] + rows
    return result


def _remove(result: Layer, table: str, key: str, number: int) -> None:
    if table in BY_CODE:
        # A row without values: it takes its codes away from the layers below.
        result[table].append({"codes": key, "layer": str(number), "removed": "yes"})
    elif table in CODE_SETS:
        gone = _terms_without_ranges(key)
        result[table] = [row for row in result[table] if not row["code"].startswith(gone)]
        result.setdefault(f"retired {table}", []).extend({"code": term} for term in gone)
    else:
        kept = [row for row in result[table] if " ".join(key_of(table, row)).strip() != key.strip()]
        if len(kept) == len(result[table]):
            raise DesignError(f"{table} has no row {key} to remove")
        result[table] = kept


def _terms_without_ranges(key: str) -> tuple[str, ...]:
    terms = tuple(key.split())
    if any("-" in term for term in terms):
        raise DesignError(f"a removal of codes has no ranges: {key}")
    return terms
