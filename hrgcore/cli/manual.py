"""`hrg design manual`: a definitions manual as a site of static pages."""

from __future__ import annotations

from pathlib import Path

import click

from hrgcore.cli.shared import open_design


@click.command("manual")
@click.argument("name", metavar="DESIGN")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of the site: one that is not there yet, an empty one, or that of an earlier manual, which is replaced.",
)
def command(name: str, output: Path) -> None:
    """Writes a definitions manual of DESIGN: a site that opens from disk.

    Chapters and subchapters with their CC lists; each root with its HRGs, the codes and rules that lead to it and away from it;
    each code with where it leads; rules in order and in plain words; lists; a search; and the Code to Group workbook. DESIGN is
    the name of an installed design or a folder with a design.toml. Codes are given without descriptions.

    \b
    Examples:
      hrg design manual 2024-25 -o manual/
      hrg design manual my-design/ -o manual/      then open manual/index.html
    """
    from hrgcore.authoring.manual import write_manual

    design, _ = open_design(name)
    pages = write_manual(design, output)
    click.echo(f"Manual of design {design.database_version}: {pages:,} pages. Open {output / 'index.html'}")
