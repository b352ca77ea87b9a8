"""`hrg design workbook`: a design as a Code to Group workbook."""

from __future__ import annotations

from pathlib import Path

import click

from hrgcore.authoring.workbook import write_code_to_group
from hrgcore.cli.shared import open_design
from hrgcore.files.outputs import OutputSet
from hrgcore.report.workbooks import check_workbooks


@click.command("workbook")
@click.argument("name", metavar="DESIGN")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The workbook to write (.xlsx).")
def command(name: str, output: Path) -> None:
    """Writes DESIGN as a Code to Group workbook for Excel.

    Its sheets have the form of the official workbook, one row a code, with a column for the grade of each row; what that form
    does not have stands in sheets named `hrgcore ...`. `hrg design import` makes the same design from it again. DESIGN is the
    name of an installed design or a folder with a design.toml.

    \b
    Examples:
      hrg design workbook 2024-25 -o "Code to Group.xlsx"
    """
    check_workbooks()
    design, folder = open_design(name)
    with OutputSet(output, [""], keep=[folder / "design.toml"]) as files:
        write_code_to_group(design, files.open(""))
        files.commit()
    click.echo(f"Design {design.database_version} (an open reconstruction, not the official product)\n{output}")
