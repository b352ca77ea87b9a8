"""`hrg json`: single records as JSON, one a line."""

from __future__ import annotations

import json
from typing import BinaryIO

import click

from hrgcore import datasets
from hrgcore.datasets.apc import NAME as ADMITTED_CARE
from hrgcore.grouper import Grouper


@click.command("json")
@click.argument("source", type=click.File("rb"), default="-")
@click.option(
    "-l", "--logic", type=click.Choice(list(datasets.DATASETS)), default=ADMITTED_CARE, show_default=True, help="Data set."
)
@click.option("--design", help="Design to group with. [default: HRGCORE_DESIGN, else the only one that is no overlay]")
@click.option("--schema", type=click.Choice(["input", "output"]), help="Print the JSON Schema of the records or answers instead.")
def command(source: BinaryIO, logic: str, design: str | None, schema: str | None) -> None:
    """Groups the JSON records of SOURCE, one a line, and prints an answer for each, one a line.

    SOURCE is a file, or - for what is piped in, which is answered line by line. Blank lines are left out. A line that is
    not right gets an answer with an error; the others are grouped all the same.

    \b
    Examples:
      hrg json spells.ndjson > answers.ndjson
      hrg json -l EM -
      hrg json -l NCC --schema input
    """
    grouper = Grouper(design, logic)
    if schema:
        click.echo(json.dumps(grouper.json_schema(schema), indent=2))
        return
    for line in source:
        if line.strip():
            click.echo(grouper.group_json(line))
