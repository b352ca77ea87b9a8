"""`hrg long-stays`."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import click

from hrgcore_mycolumns import LONG, YES

SHOWN = 5


@click.command("long-stays")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def long_stays(file: Path) -> None:
    """Counts the long spells of FILE, the spells of an output, by HRG."""
    spells, found = 0, Counter[str]()
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if not {"SpellHRG", "LongStay"} <= set(reader.fieldnames or ()):
            raise click.ClickException(f"{file} has no columns SpellHRG and LongStay: group it again with this plugin.")
        for row in reader:
            spells += 1
            found[row["SpellHRG"]] += row["LongStay"] == YES
    click.echo(f"{found.total():,} of {spells:,} spells lasted {LONG} days or longer.")
    for hrg, number in found.most_common(SHOWN):
        if number:
            click.echo(f"{number:>6,}  {hrg}")
