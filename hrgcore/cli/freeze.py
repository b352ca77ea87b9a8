"""`hrg design freeze`: the hash of a design, and whether it still is that of a lock file."""

from __future__ import annotations

from pathlib import Path

import click

from hrgcore.authoring.freeze import lock_of, read_lock, write_lock
from hrgcore.cli.shared import open_design


@click.command("freeze")
@click.argument("name", metavar="DESIGN")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write name, version and hashes by table to this lock file."
)
@click.option("--check", "lock_file", type=click.Path(path_type=Path), help="Compare DESIGN with this lock file.")
def command(name: str, output: Path | None, lock_file: Path | None) -> None:
    """Prints the hash of DESIGN, the name of an installed design or a folder with a design.toml.

    The hash is of everything that can change a result: all tables with all layers and plugins applied, and the settings of
    grouping. Name, label and version have no part in it, nor have names of files and, where it means nothing, the order of rows.
    The first 12 characters stand in the summary of every output.

    With --check the exit code is 1 if DESIGN is no longer as it was frozen, and the tables that differ are named.

    \b
    Examples:
      hrg design freeze 2024-25                     the hash
      hrg design freeze my-trust-2025 -o lock.toml
      hrg design freeze my-trust-2025 --check lock.toml
    """
    if output and lock_file:
        raise click.UsageError("-o and --check do not go together.")
    design, _ = open_design(name)
    now = lock_of(design)
    click.echo(f"Design {design.database_version}")
    click.echo(f"Hash {now.hash}")
    if output:
        write_lock(now, output)
    if lock_file:
        then = read_lock(lock_file)
        differences = list(then.differences(now))
        for text in differences:
            click.echo(text)
        if differences:
            raise click.ClickException(f"The design is not as it was frozen: {then.design} {then.version}, {then.hash}.")
        click.echo(f"As it was frozen: {then.design} {then.version}.")
