"""Tables of spells, and comparisons of small designs, for the tests of `hrgcore.compare`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from unit.tiny import tiny_design

from hrgcore import Comparison, Episode, compare
from hrgcore.design import Design, load_design
from hrgcore.design.fields import LAYOUTS

# What an episode has where a test says nothing; accepted by the tiny designs and by the shipped ones.
PLAIN = {
    "SEX": "1", "CLASSPAT": "1", "ADMISORC": "19", "ADMIMETH": "11", "DISDEST": "19", "DISMETH": "1", "MAINSPEF": "100",
    "TRETSPEF": "100", "STARTAGE": "40", "EPIDUR": "2", "CRITICALCAREDAYS": "0", "REHABILITATIONDAYS": "0", "SPCDAYS": "0",
}  # fmt: skip
Cells = Mapping[str, Any]


def episode(diagnoses: str = "", procedures: str = "", **cells: str) -> Cells:
    """The cells of an episode; codes are separated by blanks."""
    return {**PLAIN, "DIAG": diagnoses.split(), "OPER": procedures.split(), **cells}


def from_record(record: Episode) -> Cells:
    """The cells of an episode of the Python interface."""
    given = {name: record.cell(name, 0) for name in PLAIN if record.value(name) is not None}
    return {**PLAIN, **given, "DIAG": list(record.diagnoses), "OPER": list(record.procedures)}


def table(*spells: Sequence[Cells] | Cells) -> pa.Table:
    """A table of spells; one that is a mapping has a single episode."""
    rows = []
    for number, spell in enumerate(spells):
        episodes = [spell] if isinstance(spell, Mapping) else spell
        for order, cells in enumerate(episodes, 1):
            keys = {"PROCODET": f"R{number % 3}", "PROVSPNO": f"{number:06}", "EPIORDER": str(order)}
            rows.append({**keys, **cells})
    columns = [field for field in LAYOUTS["APC"] if field.most or any(field.name in row for row in rows)]
    kinds = {field.name: pa.list_(pa.string()) if field.most else pa.string() for field in columns}
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in kinds.items()})


def two_designs(folder: Path, before: Mapping[str, str], after: Mapping[str, str]) -> list[Design]:
    """Two tiny designs, each with some tables of its own."""
    return [load_design(tiny_design(folder, name=name, **tables)) for name, tables in (("one", before), ("two", after))]


def moved(comparison: Comparison, level: str = "spell") -> list[dict[str, Any]]:
    """What moved at a level, a row a unit, in the order of the input."""
    return sorted((row for row in comparison.moved.to_pylist() if row["level"] == level), key=lambda row: row["row"])


def compared(folder: Path, spells: Iterable[Sequence[Cells] | Cells], *, after: Mapping[str, str], **before: str) -> Comparison:
    """Spells compared by two tiny designs."""
    return compare(table(*spells), two_designs(folder, before, after))
