"""Workbooks in: the sheets of an .xlsx file as texts (extra `excel`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hrgcore.authoring.importing.guard import broken, check_file
from hrgcore.errors import ArgumentError

LONGEST = 32_767  # characters of a cell, as Excel has it

Cells = list[str]


class RawSheet(NamedTuple):
    """A sheet as it stands: its name, and its rows from the first on, each a list of texts of the same length."""

    name: str
    rows: Sequence[Cells]


class RawWorkbook(NamedTuple):
    """A workbook as it stands.

    Attributes:
        file: its file name.
        sha256: of the file.
        sheets: in order; hidden ones too.
    """

    file: str
    sha256: str
    sheets: Sequence[RawSheet]


def read_workbook(path: Path) -> RawWorkbook:
    """Reads all sheets of a workbook. Formulas give the values that were saved with them.

    Raises:
        InputFileError: the file is no .xlsx workbook, is broken, encrypted or too large.
        ArgumentError: the library that reads workbooks is not installed.
    """
    check_file(path)
    try:
        from python_calamine import CalamineError, SheetTypeEnum, load_workbook
    except ImportError:
        cure = "Install hrgcore[excel]."
        raise ArgumentError("reading Excel workbooks needs python-calamine", place="workbook", cure=cure) from None
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with load_workbook(str(path)) as book:
            names = [one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
            sheets = [RawSheet(name, _texts(book.get_sheet_by_name(name))) for name in names]
    except CalamineError as error:
        raise broken(path, error) from None
    return RawWorkbook(path.name, digest, sheets)


def _texts(sheet: Any) -> list[Cells]:
    return [[text_of(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def text_of(cell: object) -> str:
    """A cell as a text: a whole number has no decimals, runs of blanks and line breaks are one blank."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell)[:LONGEST].split())
