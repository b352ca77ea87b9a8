"""What an import did, sheet by sheet: for the screen and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SHOWN = 5  # refused rows of a sheet that the screen shows
# What became of the codes, roots, HRGs or rows that a sheet names, held against the base.
SAME, CONFIRMED, CHANGED, NEW = "same", "confirmed", "changed", "new"
OUTCOMES: Mapping[str, str] = {
    SAME: "as in the base",
    CONFIRMED: "as in the base, with another grade",
    CHANGED: "other than in the base",
    NEW: "not in the base",
}
NOT_RECOGNISED = "not recognised"


@dataclass(slots=True)
class SheetReport:
    """What an import made of a sheet.

    Attributes:
        name: of the sheet.
        what: what was recognised, in words.
        header: row of the heads of columns, counted from 1; 0 if there is none.
        columns: name of a column as maps have it, and the head that stands for it.
        unused: heads of columns that the import has no use for.
        read: rows below the header that are not blank.
        notes: of these, headings, notes and repeated headers.
        refused: row number and reason of rows that could not be used.
        tolerated: what was read although it is not written as in a table, and how often.
        outcomes: how many of the codes, roots, HRGs or rows are as in the base, new and so on.
        remarks: what else there is to say.
    """

    name: str
    what: str = NOT_RECOGNISED
    header: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    read: int = 0
    notes: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    tolerated: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    @property
    def used(self) -> int:
        """Rows that the design now says something of."""
        return 0 if self.what == NOT_RECOGNISED else self.read - self.notes - len(self.refused)

    def refuse(self, row: int, reason: str) -> None:
        """Notes that a row cannot be used, and why; the first reason stays."""
        self.refused.setdefault(row, reason)


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        workbook: file name of the workbook.
        sha256: of the file.
        base: name and version of the base design.
        name: of the design that was made.
        own: whether the workbook is an export of hrgcore, whose rows keep their grades.
        sheets: in the order of the workbook.
        left: tables and columns of which the workbook says nothing, which are those of the base.
        withdrawn: how many keys of a table the design takes from the base.
        findings: what does not fit together and should be looked at.
        dropped: rules of the base that lead to roots which the workbook does not have.
        rows: how many rows each table of the new package holds.
    """

    workbook: str
    sha256: str
    base: str
    name: str
    own: bool = False
    sheets: list[SheetReport] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    withdrawn: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)

    @property
    def not_recognised(self) -> Sequence[SheetReport]:
        """Sheets that the import could not place."""
        return [sheet for sheet in self.sheets if sheet.what == NOT_RECOGNISED]


def as_markdown(report: ImportReport) -> str:
    """The whole report, with every refused row."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: ImportReport) -> Iterator[str]:
    yield f"# Import of {_plain(report.workbook)}"
    yield ""
    yield f"Design {report.name}, laid over {report.base}. SHA-256 of the workbook: {report.sha256}."
    if report.own:
        yield "The workbook is an export of hrgcore: its rows keep the grades that it gives them."
    yield ""
    yield "| Sheet | Recognised as | Header | Rows | Used | Notes | Refused | Same | Confirmed | Changed | New |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for sheet in report.sheets:
        yield f"| {' | '.join(map(_plain, summary_cells(sheet)))} |"
    yield ""
    yield "Same: as in the base. Confirmed: the same with another grade. These count codes, roots, HRGs or rows."
    for sheet in report.sheets:
        yield from _details(sheet)
    yield from _section("Left to the base", report.left)
    yield from _section("Withdrawn", (f"{number:,} of table {table}" for table, number in report.withdrawn.items()))
    yield from _section("To be looked at", report.findings)
    yield from _section("Rules dropped, since the workbook does not have their roots", report.dropped)
    yield from _section("Rows of the design", (f"{table}: {number:,}" for table, number in report.rows.items()))


def _details(sheet: SheetReport) -> Iterator[str]:
    yield from ("", f"## Sheet {_plain(sheet.name)}", "")
    if sheet.what == NOT_RECOGNISED:
        yield "Not recognised."
    else:
        columns = ", ".join(f"{name} ({_plain(head)})" for name, head in sheet.columns.items())
        yield f"Recognised as: {sheet.what}. Columns: {columns or 'none'}."
    if sheet.unused:
        yield f"Columns not used: {', '.join(map(_plain, sheet.unused))}."
    yield from (f"- {_plain(remark)}" for remark in sheet.remarks)
    yield from (f"- tolerated: {what} ({number:,})" for what, number in sorted(sheet.tolerated.items()))
    yield from (f"- row {row} refused: {_plain(reason)}" for row, reason in sorted(sheet.refused.items()))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    if found := list(lines):
        yield from ("", f"## {title}", "")
        yield from (f"- {_plain(line)}" for line in found)


def summary_cells(sheet: SheetReport) -> list[str]:
    """The line of a sheet in a table of all."""
    outcomes = (f"{sheet.outcomes[name]:,}" for name in OUTCOMES)
    numbers = (f"{number:,}" for number in (sheet.read, sheet.used, sheet.notes, len(sheet.refused)))
    return [sheet.name, sheet.what, str(sheet.header or "–"), *numbers, *outcomes]


def _plain(text: str) -> str:
    """Text of a workbook that cannot break a table or begin a link of Markdown."""
    return "".join(f"\\{letter}" if letter in "|`*_<>[]\\#" else letter for letter in text if letter.isprintable())
