"""A Summary of Changes as Markdown, as an Excel workbook and as a page of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO

from hrgcore.authoring.diff import KINDS, Change, DesignDiff, Section
from hrgcore.report.workbooks import MOST_NAME, Sheet, write_workbook

if TYPE_CHECKING:
    from hrgcore.report.workbooks import Cell

NOTE = (
    "Designs that come with hrgcore are open reconstructions, not the official product. Changes are those of the tables as they "
    "take effect; how rows are graded or written is no change."
)
_MARKUP = re.compile(r"([\\|`*<>\[\]])")
_MOST_CELL = 32_000  # characters, a little below what a cell of Excel holds


def heading(found: DesignDiff) -> str:
    """The title of the summary."""
    return f"Summary of Changes: {found.before.name} to {found.after.name}"


def numbered(found: DesignDiff) -> Iterator[tuple[int, Section]]:
    """The sections with changes, by their numbers."""
    yield from ((number, section) for number, section in enumerate(found.sections, 1) if section.changes)


def by_group(found: DesignDiff, section: Section) -> Iterator[tuple[str, list[Change]]]:
    """The changes of a section under their sub-headings, in order."""
    for group, changes in groupby(section.changes, key=lambda change: change.group):
        name = found.after.chapter_name(group) or found.before.chapter_name(group) if section.by_chapter else ""
        title = f"Chapter {group}" if section.by_chapter else f"{section.group} {group}" if group else ""
        yield f"{title}, {name}" if name else title, list(changes)


def value_columns(found: DesignDiff, section: Section) -> tuple[str, str]:
    """The heads of what the two designs say."""
    return f"{section.value} in {found.before.name}", f"{section.value} in {found.after.name}"


# --- Markdown ---


def as_markdown(found: DesignDiff) -> str:
    """The summary as Markdown, with tables as GitHub shows them."""
    lines = [f"# {_text(heading(found))}", "", _designs(found), "", NOTE, ""]
    lines += ["## Counts", "", *_table(("", "Section", "counts", *KINDS), list(_counts(found)), numbers=3)]
    for number, section in numbered(found):
        lines += ["", f"## {number}. {section.title}", "", _sentence(section)]
        columns = ("", *section.columns, *value_columns(found, section))
        for title, changes in by_group(found, section):
            lines += ["", *((f"### {_text(title)}", "") if title else ())]
            lines += _table(columns, [(one.kind, *one.what, one.before, one.after) for one in changes])
    return "\n".join(lines) + "\n"


def _designs(found: DesignDiff) -> str:
    before, after = found.before, found.after
    return (
        f"From design {_text(before.database_version)} ({_text(before.manifest.label)}) "
        f"to design {_text(after.database_version)} ({_text(after.manifest.label)})."
    )


def _sentence(section: Section) -> str:
    counts = [f"{section.count(kind):,} {kind}" for kind in KINDS if section.count(kind)]
    return f"{section.unit[:1].upper()}{section.unit[1:]}: {', '.join(counts)}."


def _counts(found: DesignDiff) -> Iterator[tuple[str, ...]]:
    for number, section in enumerate(found.sections, 1):
        yield str(number), section.title, section.unit, *(f"{section.count(kind):,}" for kind in KINDS)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> list[str]:
    """A table; so many columns at the end hold numbers."""
    rule = ["---"] * (len(columns) - numbers) + ["--:"] * numbers
    return [_line([_text(column) for column in columns]), _line(rule), *(_line([_text(cell) for cell in row]) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(cell: str) -> str:
    """Text that says what it says in Markdown too."""
    return _MARKUP.sub(r"\\\1", " ".join(cell.split()))


# --- Excel ---


def write_changes(found: DesignDiff, file: BinaryIO) -> None:
    """Writes the summary as a workbook: a sheet of counts, and one for each section with changes.

    Raises:
        ArgumentError: the library that writes workbooks is not installed.
    """
    write_workbook(file, _sheets(found))


def _sheets(found: DesignDiff) -> Iterator[Sheet]:
    title = f"{heading(found)}. {NOTE}"
    rows: list[list[Cell]] = [
        [number, section.title, section.unit, *(section.count(kind) for kind in KINDS)]
        for number, section in enumerate(found.sections, 1)
    ]
    yield Sheet("Counts", ("number", "section", "counts", *KINDS), rows, title)
    for number, section in numbered(found):
        columns = ("change", section.group.lower(), *section.columns, *value_columns(found, section), "number")
        name = f"{number} {section.title}"[:MOST_NAME]
        yield Sheet(name, columns, [_row(change) for change in section.changes], section.title)


def _row(change: Change) -> list[Cell]:
    texts = (change.kind, change.group, *change.what, change.before, change.after)
    return [*(text if len(text) <= _MOST_CELL else f"{text[:_MOST_CELL]} ..." for text in texts), change.size]


# --- HTML ---


def as_html(found: DesignDiff) -> str:
    """The summary as a page of HTML that stands alone.

    Raises:
        ArgumentError: the template library is not installed.
    """
    from hrgcore.report.pages import render

    sections = [
        (number, section, value_columns(found, section), list(by_group(found, section))) for number, section in numbered(found)
    ]
    return render("design_diff.html", heading=heading(found), found=found, kinds=KINDS, note=NOTE, sections=sections)
