"""Evidence of a design: published counts in its folder `evidence`, which reports compare the design with.

Grouping never reads it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from hrgcore.design.manifest import read_manifest
from hrgcore.errors import DesignError

# file -> its columns; what each means stands in docs/calibration.md and docs/coverage.md
EVIDENCE = {
    "activity": ("hrg", "setting", "episodes"),
    "records": ("dataset", "hrg", "records"),
    "mentions": ("code", "mentions"),
    "probes": ("field", "value", "records", "changed"),
    "calibration": ("root", "reason"),
    "second_mapping": ("kind", "codes", "first", "second", "decision", "reason"),
}


OUTPATIENTS = "outpatient procedure"  # the one setting of `activity` that is not admitted care
# Of these files an overlay holds only what differs: its rows stand in place of those of the base with the same key.
KEYS = {"calibration": "root"}


def read_evidence(folder: Path, name: str, find_base: Callable[[str], Path]) -> list[dict[str, str]]:
    """The rows of an evidence file of a design, or of the nearest base that has it; empty if none has.

    Reasons of `calibration` are laid over those of the base, root by root.

    Args:
        folder: of the design.
        name: `activity`, `records`, `mentions`, `probes`, `calibration` or `second_mapping`.
        find_base: gives the folder of a base design by name.

    Raises:
        DesignError: the file has other columns, or its numbers are none.
    """
    path = folder / "evidence" / f"{name}.csv"
    own = _read(path, name) if path.exists() else []
    key = KEYS.get(name)
    if own and not key:
        return own
    base = read_manifest(folder).base
    below = read_evidence(find_base(base), name, find_base) if base else []
    replaced = {row[key] for row in own} if key else set()
    return [row for row in below if not key or row[key] not in replaced] + own


def _read(path: Path, name: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != EVIDENCE[name]:
            raise DesignError(f"the columns are not {','.join(EVIDENCE[name])}", place=str(path))
        rows = list(reader)
    for line, row in enumerate(rows, 2):
        for column in ("episodes", "mentions", "records", "changed"):
            if column in row and not (row[column].isascii() and row[column].isdigit()):
                raise DesignError(f"{column} {row[column]!r} is not a whole number", place=f"{path} line {line}")
    return rows
