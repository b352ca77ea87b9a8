"""`hrg design new`: a package for a design of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from hrgcore.authoring.new import new_design, write_package


@click.command("new")
@click.argument("name")
@click.option("--base", help="The installed design to start from. [default: the one used where none is named]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the package. [default: hrgdesign-NAME]")
@click.option("--label", default="", help="One line that says what the design is.")
@click.option("--whole", is_flag=True, help="Copy all tables of the base, in place of lying over it.")
def command(name: str, base: str | None, output: Path | None, label: str, whole: bool) -> None:
    """Makes a package for a design NAME of your own, ready to be installed: small letters, digits and hyphens.

    The design is an overlay: it groups as its base until you add rows to its tables. With --whole it has all tables of the base,
    with all layers laid, and needs the base no more. The package has worked cases and tests, which run with pytest.

    \b
    Examples:
      hrg design new my-trust-2025 --base 2024-25
      python -m pip install -e ./hrgdesign-my-trust-2025
      hrg design lint my-trust-2025
    """
    new = new_design(name, base, label=label, whole=whole)
    folder = output or Path(new.distribution)
    paths = write_package(new, folder)
    click.echo(f"Package {new.distribution} in {folder}:")
    for path in paths:
        click.echo(f"  {path.relative_to(folder).as_posix()}")
