"""Golden witnesses: for each root of each installed design a record that must go on being grouped as it was.

`hrg design witnesses NAME --write tests/golden/witnesses/NAME.csv` writes a file again after tables have changed on purpose.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from hrgcore import Episode, Grouper
from hrgcore.evidence.witness import WITNESS_COLUMNS, core_roots
from hrgcore.plugins import host

FOLDER = Path(__file__).parent / "witnesses"
DESIGNS = sorted(host().designs())


@cache
def grouper(design: str) -> Grouper:
    return Grouper(design)


def witnesses(design: str) -> list[dict[str, str]]:
    with (FOLDER / f"{design}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert tuple(reader.fieldnames or ()) == WITNESS_COLUMNS
        return list(reader)


def episode(row: dict[str, str]) -> Episode:
    fields = dict(field.split("=") for field in row["fields"].split())
    cells = {"STARTAGE": row["age"], "EPIDUR": row["stay"], **fields}
    codes = {"DIAG": row["diagnoses"].split(), "OPER": row["procedures"].split()}

    def cell(field: str, position: int) -> str:
        found = codes.get(field, [])
        return cells.get(field, "") if not position else found[position - 1] if position <= len(found) else ""

    made = Episode.from_cells(cell)
    for name in made.__slots__:
        if getattr(made, name) == "":
            setattr(made, name, None)  # a field that is not given takes the default of the design
    return made


def test_there_is_a_design() -> None:
    assert DESIGNS


@pytest.mark.parametrize("design", DESIGNS)
def test_witnesses_are_grouped_as_before(design: str) -> None:
    different = []
    for row in witnesses(design):
        hrg = grouper(design).group_spell([episode(row)]).hrg
        if hrg != row["hrg"]:
            different.append(f"{row['root']}: {hrg}, not {row['hrg']}")
    assert different == []


@pytest.mark.parametrize("design", DESIGNS)
def test_every_core_root_has_a_witness(design: str) -> None:
    """No exceptions: roots that only other data sets reach have HRGs of kind `other` and are no core roots."""
    rows = witnesses(design)
    assert [row["root"] for row in rows] == [*core_roots(grouper(design).design)]
    assert all(row["hrg"].startswith(row["root"]) for row in rows)
