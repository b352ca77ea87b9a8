"""`hrg design import`: a design package from a Code to Group workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.authoring.importing import as_markdown, import_workbook
from hrgcore.authoring.importing.mapfile import read_map
from hrgcore.authoring.importing.report import OUTCOMES, SHOWN
from hrgcore.cli.shared import folder_of
from hrgcore.design import load_design
from hrgcore.files.outputs import OutputSet
from hrgcore.plugins import host

if TYPE_CHECKING:
    from hrgcore.authoring.importing import ImportReport
    from hrgcore.authoring.importing.report import SheetReport
    from hrgcore.design import Design


@click.command("import")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--base", required=True, metavar="DESIGN", help="The design that stands for all that the workbook does not say.")
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), required=True, help="New folder for the package.")
@click.option("--name", default="", help="Name of the new design; without it that of the base with -imported.")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="TOML file that names sheets and columns.")
@click.option("--report", "report_file", type=click.Path(path_type=Path), help="Write the whole report to this file (Markdown).")
def command(workbook: Path, base: str, folder: Path, name: str, map_file: Path | None, report_file: Path | None) -> None:
    """Makes a design package from a Code to Group WORKBOOK (.xlsx).

    The design is laid over a base: it holds what the workbook says, graded `official`, and leaves the rest to the base. Sheets
    are found by the heads of their columns. The report tells, sheet by sheet, what was recognised, what changed, and which rows
    could not be used. A workbook written by `hrg design workbook` keeps the grades of its rows.

    \b
    Examples:
      hrg design import "Code to Group.xlsx" --base 2024-25 -o my-design/
      hrg design import "Code to Group.xlsx" --base 2024-25 -o my-design/ --map map.toml --report report.md
    """
    maps = read_map(map_file) if map_file else None
    below = folder_of(base)
    design = load_design(below, find_base=host().folder)

    def find_base(asked: str) -> Path:
        return below if asked == design.name else host().folder(asked)

    requires = _packages_of(design)
    with ExitStack() as stack:
        files = stack.enter_context(OutputSet(report_file, [""], keep=[workbook])) if report_file else None
        report = import_workbook(workbook, folder, base=design, find_base=find_base, name=name, maps=maps, requires=requires)
        if files:
            files.open("").write(as_markdown(report).encode())
            files.commit()
    _show(report, folder, report_file)
    if not requires:
        click.echo(f"Its base {design.name} is not installed: it must be, as a package, for the new design to load.")


def _packages_of(base: Design) -> Sequence[str]:
    """The package that brings a base, as a requirement; nothing if it is a folder that no plugin offers."""
    plugin = host().offered_by(base.name)
    return [f"{info.package}=={info.version}" for info in host().installed() if info.name == plugin and info.package]


def _show(report: ImportReport, folder: Path, report_file: Path | None) -> None:
    for sheet in report.sheets:
        click.echo(f"Sheet {_plain(sheet.name)}: {_summary(sheet)}")
        for line in _details(sheet, report_file):
            click.echo(f"    {_plain(line)}")
    for title, lines in (("Left to the base", report.left), ("To be looked at", report.findings)):
        for line in lines:
            click.echo(f"{title}: {_plain(line)}")
    if report.dropped:
        hint = "" if report_file else " (--report names them)"
        click.echo(f"Dropped: {len(report.dropped):,} rules that lead to roots which the workbook does not have{hint}")
    for what, number in report.withdrawn.items():
        click.echo(f"Withdrawn from table {what}: {number:,}")
    rows = ", ".join(f"{name} {number:,}" for name, number in report.rows.items())
    click.echo(f"Design {report.name} over {report.base} in {folder} ({rows or 'no row differs from the base'}).")
    click.echo(f"Install it with: python -m pip install {folder}")


def _summary(sheet: SheetReport) -> str:
    """What became of a sheet, in a line."""
    if not sheet.header:
        return f"{sheet.what} ({sheet.read:,} row{'' if sheet.read == 1 else 's'})"
    parts = [f"{sheet.what}; {sheet.used:,} of {sheet.read:,} rows used"]
    parts += [f"{sheet.notes:,} notes"] if sheet.notes else []
    parts += [f"{len(sheet.refused):,} refused"] if sheet.refused else []
    parts += [f"{sheet.outcomes[name]:,} {name}" for name in OUTCOMES if sheet.outcomes[name]]
    return ", ".join(parts)


def _details(sheet: SheetReport, report_file: Path | None) -> Iterator[str]:
    """What else is to be said of a sheet; the first of its refused rows."""
    yield from sheet.remarks
    if sheet.unused:
        yield f"columns not used: {', '.join(sheet.unused)}"
    yield from (f"tolerated: {what} ({number:,})" for what, number in sheet.tolerated.items())
    yield from (f"row {row} refused: {reason}" for row, reason in sorted(sheet.refused.items())[:SHOWN])
    if len(sheet.refused) > SHOWN:
        yield f"{len(sheet.refused) - SHOWN:,} more rows refused{'' if report_file else ' (--report names them)'}"


def _plain(text: str) -> str:
    """Text of a workbook without characters that a terminal might obey."""
    return "".join(letter for letter in text if letter.isprintable())
