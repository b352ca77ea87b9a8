"""`hrg design import`: a design package from a Code to Group workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.authoring.importing import as_markdown, import_workbook
from hrgcore.authoring.importing.mapfile import read_map
from hrgcore.authoring.importing.report import SHOWN, summary_cells
from hrgcore.cli.shared import folder_of, new_table, show, writing
from hrgcore.design import load_design
from hrgcore.plugins import host

if TYPE_CHECKING:
    from hrgcore.authoring.importing import ImportReport
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

    The design is laid over a base: it holds what the workbook says, graded `official`, and leaves the rest to the base. Sheets are
    found by the heads of their columns. The report tells, sheet by sheet, what was recognised, what changed, and which rows could
    not be used. A workbook written by `hrg design workbook` keeps the grades of its rows.

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

    report = import_workbook(
        workbook, folder, base=design, find_base=find_base, name=name, maps=maps, requires=_packages_of(design)
    )
    if report_file:
        with writing(report_file):
            report_file.write_text(as_markdown(report), encoding="utf-8")
    _show(report, folder, report_file)


def _packages_of(base: Design) -> Sequence[str]:
    """The package that brings a base, as a requirement; nothing if it is a folder that no plugin offers."""
    plugin = host().offered_by(base.name)
    return [f"{info.package}=={info.version}" for info in host().installed() if info.name == plugin and info.package]


def _show(report: ImportReport, folder: Path, report_file: Path | None) -> None:
    table = new_table(
        "sheet", "recognised as", "header", "rows", "used", "notes", "refused", "same", "confirmed", "changed", "new", tight=True
    )
    for sheet in report.sheets:
        table.add_row(*map(_shown, summary_cells(sheet)))
    show(table)
    click.echo("same, confirmed (with another grade), changed, new: codes, roots, HRGs or rows, held against the base")
    for sheet in report.sheets:
        for remark in sheet.remarks:
            click.echo(f"{sheet.name}: {remark}")
        if sheet.unused:
            click.echo(f"{sheet.name}: columns not used: {', '.join(sheet.unused)}")
        for row, reason in sorted(sheet.refused.items())[:SHOWN]:
            click.echo(f"{sheet.name} row {row} refused: {reason}")
        if len(sheet.refused) > SHOWN:
            click.echo(
                f"{sheet.name}: {len(sheet.refused) - SHOWN:,} more rows refused{'' if report_file else ' (--report names them)'}"
            )
    for title, lines in (("left to the base", report.left), ("to be looked at", report.findings)):
        for line in lines:
            click.echo(f"{title}: {line}")
    for what, number in report.withdrawn.items():
        click.echo(f"withdrawn from table {what}: {number:,}")
    rows = ", ".join(f"{name} {number:,}" for name, number in report.rows.items())
    click.echo(f"Design {report.name} over {report.base} in {folder} ({rows or 'no row differs from the base'}).")
    click.echo(f"Install it with: python -m pip install {folder}")


def _shown(cell: str) -> str:
    """Text of a workbook as it stands: no markup, no control characters."""
    from rich.markup import escape

    return escape("".join(letter for letter in cell if letter.isprintable()))
