"""Workbooks of the form of the official one, which tests write: sheets over the tiny design, and their import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from unit.tiny import tiny_design

from hrgcore.authoring.importing import ImportReport, import_workbook
from hrgcore.authoring.importing.mapfile import SheetMap
from hrgcore.authoring.importing.report import SheetReport
from hrgcore.design import Design, load_design

Rows = Sequence[Sequence[Any]]

HRG: Rows = (
    ("HRG", "HRG Label - Including Split", "HRG Core (C) and Unbundled (U)"),
    ("AA01A", "Ailment, with CC Score 5+", "C"),
    ("AA01B", "Ailment, with CC Score 0-4", "C"),
    ("AA02Z", "Complaint", "C"),
    ("AA03Z", "Disease", "C"),
    ("PR01A", "Repair, 19 years and over", "C"),
    ("PR01B", "Repair, 18 years and under", "C"),
    ("PR02Z", "Great Repair", "C"),
    ("XD01Z", "Scan", "U"),
    ("VC04Z", "Rehabilitation", "U"),
)
SPLIT: Rows = (
    ("HRG Root", "HRG Root Description", "HRG", "Age", "CC Score"),
    ("AA01", "Ailment", "AA01A", "", "5+"),
    ("AA01", "Ailment", "AA01B", "", "0-4"),
    ("AA02", "Complaint", "AA02Z", "", ""),
    ("AA03", "Disease", "AA03Z", "", ""),
    ("PR01", "Repair", "PR01A", "19 years and over", ""),
    ("PR01", "Repair", "PR01B", "18 years and under", ""),
    ("PR02", "Repair", "PR02Z", "", ""),
    ("XD01", "Scan", "XD01Z", "", ""),
    ("VC04", "Rehabilitation", "VC04Z", "", ""),
)
ICD10: Rows = (
    ("ICD-10 Code", "Description", "HRG Root"),
    ("A00.0", "one", "AA01"),
    ("A00.1", "two", "AA02"),
    ("A01", "three", "AA02"),
    ("B00.0", "four", "AA02"),
    ("B00.1", "five", "AA02"),
    ("B00.2", "six", "AA02"),
    ("C00.0", "seven", "AA03"),
    ("Z00.0", "eight", "UZ01"),
)
OPCS4: Rows = (
    ("OPCS-4 Code", "Hierarchy Value", "HRG Root"),
    ("M01.1", 8, "PR01"),
    ("M01.2", 9, "PR02"),
    ("P01.1", 0, ""),
    ("U01.1", 0, "XD01"),
    ("U01.2", 0, "VC04"),
    ("U01.3", 0, "VC04"),
    ("V01.1", 6, "UZ06"),
    ("Y01.1", 0, ""),
)
CC: Rows = (
    ("ICD-10 Code", "Subchapter", "CC Score"),
    ("B00.0", "AA", 5),
    ("B00.2", "AA", 2),
)
WHOLE = {"HRG": HRG, "Group to Split": SPLIT, "ICD-10": ICD10, "OPCS-4": OPCS4, "CC List": CC}


def write_book(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """Writes a workbook; numbers as numbers, texts as texts."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


class Imported:
    """A workbook imported over a base: its report, its folder and its design."""

    def __init__(
        self, folder: Path, sheets: Mapping[str, Rows], maps: Mapping[str, SheetMap] | None = None, **tables: str
    ) -> None:
        self.base_folder = tiny_design(folder, **tables)
        self.base = load_design(self.base_folder)
        self.book = write_book(folder / "Code to Group.xlsx", sheets)
        self.folder = folder / "made"
        self.report: ImportReport = import_workbook(
            self.book, self.folder, base=self.base, find_base=self.find, name="made", maps=maps, today=date(2024, 4, 1)
        )
        self.design: Design = load_design(self.design_folder, find_base=self.find)

    def find(self, name: str) -> Path:
        return self.base_folder

    @property
    def design_folder(self) -> Path:
        return self.folder / "hrgdesign_made"

    def sheet(self, name: str) -> SheetReport:
        return next(sheet for sheet in self.report.sheets if sheet.name == name)

    def tables(self) -> dict[str, list[str]]:
        """The lines of the tables of the package, by name."""
        files = sorted((self.design_folder / "tables").glob("*.csv"))
        return {path.stem: path.read_text(encoding="utf-8").splitlines()[1:] for path in files}
