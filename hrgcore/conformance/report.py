"""The report of a check against expected results: a page, and tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore.files.outputs import OutputFolder
from hrgcore.report.pages import render

if TYPE_CHECKING:
    from hrgcore.conformance.check import Conformance

MOST_SHOWN = 500  # differences on the page; the table has all
PAGE = "report.html"


def write_report(found: Conformance, folder: Path) -> list[Path]:
    """Writes the page and the tables to a folder, all or none.

    Raises:
        ArgumentError: the template library is not installed.
        OutputFileError: the folder cannot be written to; nothing has been changed then.
    """
    tables = {f"{name}.csv": table for name, table in _tables(found).items()}
    with OutputFolder(folder, [PAGE, *tables]) as outputs:
        page = render("conform.html", found=found, most=MOST_SHOWN, tables=sorted(tables))
        outputs.open(PAGE).write(page.encode())
        for name, rows in tables.items():
            outputs.open(name).write(_csv(rows))
        return outputs.commit()


def _tables(found: Conformance) -> dict[str, list[Sequence[object]]]:
    """The rows of each table, the first of them the heads."""
    columns: list[Sequence[object]] = [("set", "file", "column", "cells", "agree")]
    chapters: list[Sequence[object]] = [("set", "file", "chapter", "lines", "same_hrg")]
    reasons: list[Sequence[object]] = [("set", "file", "reason", "lines")]
    for one in found.sets:
        for file in one.files:
            columns += [(one.name, file.file, name, *counts) for name, counts in file.columns.items()]
            chapters += [(one.name, file.file, name, *counts) for name, counts in file.chapters.items()]
            reasons += [(one.name, file.file, name, lines) for name, lines in file.reasons.items()]
    heads = ("set", "file", "row", "our_row", "column", "expected", "ours", "reason")
    differences: list[Sequence[object]] = [heads, *((name, *one) for name, one in found.differences)]
    return {"columns": columns, "chapters": chapters, "reasons": reasons, "differences": differences}


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
