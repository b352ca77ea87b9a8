"""A user's map from SNOMED CT codes, as the Emergency Care Data Set has them, to the A&E codes that emergency medicine groups by.

A CSV file with the columns `field` (INV, TREAT or AEPATIENTGROUP), `snomed` and `code`, one row a SNOMED CT code.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore._core.encode import Aliases
from hrgcore.design.fields import LAYOUTS, LISTED_FIELDS, REPEATED_FIELDS
from hrgcore.errors import InputFileError

if TYPE_CHECKING:
    from hrgcore.design import Design

NAME = "EM"
FIELDS = ("INV", "TREAT", "AEPATIENTGROUP")
COLUMNS = ["field", "snomed", "code"]
_SNOMED = re.compile("[1-9][0-9]{5,17}")


def read_code_map(path: Path, design: Design) -> Aliases:
    """Reads a map.

    Raises:
        InputFileError: it cannot be read, or a row is wrong; names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputFileError(
            f"cannot be read: {error}", place=str(path), cure="Save it as comma separated text in UTF-8."
        ) from None
    if not rows or rows[0] != COLUMNS:
        raise InputFileError(
            f"the columns must be {','.join(COLUMNS)}", place=f"{path} line 1", cure="Give them these names, in this order."
        )
    layout = [field.name for field in LAYOUTS[NAME]]
    by_field: list[dict[str, int]] = [{} for _ in layout]
    for line, row in enumerate(rows[1:], 2):
        if any(row):
            _add(row, by_field, layout, design, f"{path} line {line}")
    return Aliases(by_field)


def _add(row: list[str], by_field: list[dict[str, int]], layout: list[str], design: Design, place: str) -> None:
    if len(row) != len(COLUMNS):
        raise InputFileError(f"{len(row)} cells where the map has {len(COLUMNS)} columns", place=place)
    field, snomed, code = (cell.strip() for cell in row)
    if field not in FIELDS:
        raise InputFileError(f"{field!r} cannot be mapped", place=place, cure=f"Choose one of {', '.join(FIELDS)}.")
    if not _SNOMED.fullmatch(snomed):
        raise InputFileError(f"{snomed!r} is not a SNOMED CT code", place=place, cure="These have 6 to 18 digits.")
    repeated = field in REPEATED_FIELDS
    accepted = design.tables.items[REPEATED_FIELDS.index(field)] if repeated else design.tables.values[LISTED_FIELDS.index(field)]
    value = accepted.encode(code)
    if not value:
        raise InputFileError(f"{code!r} is not an accepted value of {field}", place=place, cure="See hrg fields -l EM.")
    known = by_field[layout.index(field)]
    if known.setdefault(snomed, value) != value:
        raise InputFileError(f"{snomed} stands twice, with different codes", place=place, cure="Keep one of the two.")
