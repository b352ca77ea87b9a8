"""The sheets `hrgcore ...` of our own workbooks: tables row by row, settings and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hrgcore.authoring.importing.difference import Cells
from hrgcore.authoring.importing.reader import RawSheet
from hrgcore.authoring.importing.report import NEW, SAME, SheetReport
from hrgcore.authoring.workbook import OWN, SETTINGS, SETTINGS_COLUMNS, SOURCE_COLUMNS, SOURCES
from hrgcore.design.schema import GRADES, TABLES


@dataclass(slots=True)
class OwnSheets:
    """What the sheets of our own say.

    Attributes:
        tables: all rows of a table, in order.
        settings: entries of the manifest.
        sources: title, licence, tables and grade of each.
    """

    tables: dict[str, list[Cells]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    sources: list[Cells] = field(default_factory=list)

    def take(self, sheet: RawSheet, base: Mapping[str, Sequence[Cells]], report: SheetReport) -> bool:
        """Takes a sheet of our own; False if it is none."""
        name = _name_of(sheet)
        columns = {SETTINGS: SETTINGS_COLUMNS, SOURCES: SOURCE_COLUMNS}.get(name) or (
            TABLES[name].columns if name in TABLES else ()
        )
        if not columns or not sheet.rows:
            return False
        if tuple(filter(None, sheet.rows[0])) != columns:
            report.remarks.append(f"has the name of a sheet of hrgcore, whose columns are {', '.join(columns)}")
            return False
        report.what, report.header = f"table {name}, row by row", 1
        report.columns = dict.fromkeys(columns, "")
        rows = list(self._rows(sheet, columns, report))
        if name == SETTINGS:
            self.settings = {cells[0]: cells[1] for cells in rows}
        elif name == SOURCES:
            self.sources = rows
        else:
            self.tables[name] = rows
            there = set(base.get(name, ()))
            for cells in rows:
                report.outcomes[SAME if cells in there else NEW] += 1
        return True

    @staticmethod
    def _rows(sheet: RawSheet, columns: Sequence[str], report: SheetReport) -> list[Cells]:
        found = []
        for number, row in enumerate(sheet.rows[1:], 2):
            if not any(row):
                continue
            report.read += 1
            cells = tuple(row[: len(columns)])
            if "grade" in columns and cells[columns.index("grade")] not in GRADES[1:]:
                report.refuse(number, f"{cells[columns.index('grade')]!r} is not a grade: {', '.join(GRADES[1:])}")
                continue
            found.append(cells)
        return found


def _name_of(sheet: RawSheet) -> str:
    """The table that a sheet of our own holds, by its name; empty if it is none."""
    prefix, _, name = sheet.name.partition(" ")
    return name if prefix == OWN else ""


def is_own(sheets: Sequence[RawSheet]) -> bool:
    """Whether a workbook is an export of hrgcore."""
    return any(_name_of(sheet) for sheet in sheets)
