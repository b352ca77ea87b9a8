"""`hrg design witnesses`: a record for each root of a design."""

from __future__ import annotations

from pathlib import Path

import click

from hrgcore.cli.coverage import print_reach
from hrgcore.cli.shared import open_design, writing
from hrgcore.evidence.witness import find_witnesses, write_witnesses


@click.command("witnesses")
@click.argument("name", metavar="DESIGN")
@click.option("--write", "path", type=click.Path(path_type=Path), help="Write the witnesses to this CSV file.")
def command(name: str, path: Path | None) -> None:
    """Looks for a witness of each core root of DESIGN: a record of one episode that is grouped to it.

    DESIGN is the name of an installed design or a folder with a design.toml. The exit code is 0 whatever is found.

    \b
    Example:
      hrg design witnesses 2024-25 --write witnesses.csv
    """
    design, _ = open_design(name)
    reach = find_witnesses(design)
    if path:
        with writing(path):
            write_witnesses(path, list(reach.witnesses.values()))
    click.echo(f"Design {design.database_version}")
    print_reach(reach)
