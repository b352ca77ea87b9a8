"""Kept witnesses: for each core root of a design a record that must go on being grouped as it was.

`hrg design witnesses DESIGN --write FILE` writes them.
"""

from __future__ import annotations

import csv
from pathlib import Path

from hrgcore.evidence.witness import WITNESS_COLUMNS, core_roots
from hrgcore.grouper import Grouper
from hrgcore.records import Episode


def read_witnesses(file: Path) -> list[dict[str, str]]:
    """The rows of a file of witnesses."""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != WITNESS_COLUMNS:
            raise AssertionError(f"{file}: the columns are not {','.join(WITNESS_COLUMNS)}")
        return list(reader)


def episode_of(row: dict[str, str]) -> Episode:
    """The record of a witness; a field that is not given takes the default of the design."""
    fields = dict(field.split("=") for field in row["fields"].split())
    cells = {"STARTAGE": row["age"], "EPIDUR": row["stay"], **fields}
    codes = {"DIAG": row["diagnoses"].split(), "OPER": row["procedures"].split()}

    def cell(field: str, position: int) -> str:
        found = codes.get(field, [])
        return cells.get(field, "") if not position else found[position - 1] if position <= len(found) else ""

    made = Episode.from_cells(cell)
    for name in made.__slots__:
        if getattr(made, name) == "":
            setattr(made, name, None)
    return made


def check_witnesses(grouper: Grouper, file: Path) -> None:
    """Fails if a witness is grouped in another way than it was, or a core root has none."""
    __tracebackhide__ = True
    rows = read_witnesses(file)
    cure = f"If that is meant, run `hrg design witnesses {grouper.design.name} --write {file}` and look through the difference."
    grouped = [(row, grouper.group_spell([episode_of(row)]).hrg) for row in rows]
    moved = [f"{row['root']}: {hrg}, not {row['hrg']}" for row, hrg in grouped if hrg != row["hrg"]]
    if moved:
        raise AssertionError("\n".join(["Witnesses moved.", *moved, cure]))
    kept, roots = {row["root"] for row in rows}, set(core_roots(grouper.design))
    if kept != roots:
        lines = [
            *(f"{root} has no witness" for root in sorted(roots - kept)),
            *(f"{root} is no root" for root in sorted(kept - roots)),
        ]
        raise AssertionError("\n".join([*lines, cure]))
