"""Excel workbooks out (extra `excel`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple

from hrgcore.errors import ArgumentError

MOST_NAME = 31  # characters of the name of a sheet, as Excel has it
MOST_ROWS = 1_048_576  # of a sheet, the header included
MOST_WIDTH = 70  # characters that a column shows
Cell = str | int | float | None


class Sheet(NamedTuple):
    """A sheet: its name, the heads of its columns, its rows, and a line of text that stands above them or is empty.

    `formats` are number formats of Excel by column, such as `{"share": "0.0%"}`.
    """

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    title: str = ""
    formats: dict[str, str] = {}  # noqa: RUF012 - never changed


def check_workbooks() -> None:
    """Refuses workbooks where the library that writes them is not installed, before the work begins.

    Raises:
        ArgumentError: it is not.
    """
    try:
        import xlsxwriter  # noqa: F401
    except ImportError:
        raise ArgumentError("Excel workbooks need XlsxWriter", place="workbook", cure="Install hrgcore[excel].") from None


def write_workbook(file: BinaryIO, sheets: Iterable[Sheet]) -> None:
    """Writes sheets to a file of Excel. Texts stay texts: none becomes a formula or a link.

    Raises:
        ArgumentError: the library is not installed, or a sheet has more rows than Excel takes.
    """
    check_workbooks()
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(file, {**options, "in_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#F4F6F8"})
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            first = 2 if sheet.title else 0
            if sheet.title:
                page.write_string(0, 0, sheet.title, bold)
            page.write_row(first, 0, sheet.columns, head)
            page.freeze_panes(first + 1, 0)
            forms = [
                book.add_format({"num_format": sheet.formats[name]}) if name in sheet.formats else None for name in sheet.columns
            ]
            widths = [len(name) for name in sheet.columns]
            last = first
            for last, row in enumerate(sheet.rows, first + 1):
                if last >= MOST_ROWS:
                    raise ArgumentError(
                        f"sheet {sheet.name} has more than {MOST_ROWS - 1:,} rows", cure="Write the table as CSV or Parquet."
                    )
                for column, cell in enumerate(row):
                    if cell is None:
                        continue
                    page.write(last, column, cell, forms[column])
                    widths[column] = max(widths[column], len(str(cell)))
            for column, width in enumerate(widths):
                page.set_column(column, column, min(width, MOST_WIDTH) + 2)
            page.autofilter(first, 0, last, max(0, len(sheet.columns) - 1))
