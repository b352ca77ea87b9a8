"""`hrg design lint`: faults in the tables of a design."""

from __future__ import annotations

import click

from hrgcore.cli.shared import folder_of
from hrgcore.design.lint import lint_design
from hrgcore.plugins import host


@click.command("lint")
@click.argument("design")
def command(design: str) -> None:
    """Checks the tables of DESIGN, the name of an installed design or a folder with a design.toml.

    Every fault names table and line. Exit code 1 if there is any.
    """
    faults = lint_design(folder_of(design), host().folder)
    for fault in faults:
        click.echo(str(fault))
    if faults:
        raise click.ClickException(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in design {design}.")
    click.echo(f"Design {design}: no faults.")
