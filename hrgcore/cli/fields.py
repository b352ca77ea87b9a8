"""`hrg fields`: the fields of a data set with what they accept, and default record definition files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore import datasets
from hrgcore.cli.shared import new_table, show
from hrgcore.files.outputs import OutputSet
from hrgcore.files.rdf import default_definition, definition_text
from hrgcore.grouper import Grouper

if TYPE_CHECKING:
    from hrgcore.datasets.dataset import DataSet
    from hrgcore.design import Design
    from hrgcore.design.fields import Field

RDF_NAME = "HRG4+_default"


@click.command("fields")
@click.option("-l", "--logic", type=click.Choice(list(datasets.DATASETS)), help="Data set. [default: all]")
@click.option(
    "--design", help="Design that says what is accepted. [default: HRGCORE_DESIGN, else the only one that is no overlay]"
)
@click.option(
    "--rdf",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Write default record definition files into this folder instead.",
)
def command(logic: str | None, design: str | None, folder: Path | None) -> None:
    """Prints the fields of a data set: kind, whether a record must have it, and the values that are accepted.

    With --rdf it writes default record definition files, HRG4+_default_APC.rdf and so on, which name the columns of a file
    without a header in official order.

    \b
    Examples:
      hrg fields -l EM
      hrg fields --rdf definitions/
    """
    chosen = [datasets.DATASETS[logic]] if logic else list(datasets.DATASETS.values())
    if folder is not None:
        _write(folder, chosen)
        return
    loaded = Grouper(design).design
    for dataset in chosen:
        if dataset.name in loaded.tables.fields:
            _print(loaded, dataset)


def _write(folder: Path, chosen: list[DataSet]) -> None:
    suffixes = [f"_{dataset.name}" for dataset in chosen]
    with OutputSet(folder / f"{RDF_NAME}.rdf", suffixes) as outputs:
        for dataset, suffix in zip(chosen, suffixes, strict=True):
            outputs.open(suffix).write(definition_text(default_definition(dataset)).encode())
        for path in outputs.commit():
            click.echo(path)


def _print(design: Design, dataset: DataSet) -> None:
    click.echo(f"{dataset.name}: {dataset.title}, one row for each {dataset.unit} (design {design.database_version})")
    table = new_table("field", "must be given", "kind", "accepted", "left out")
    for column in table.columns:
        column.justify = "left"
    table.columns[-2].no_wrap = False
    rows = {row.cells[1]: row.cells for row in design.rows["field"] if dataset.name in row.cells[0].split()}
    for field in dataset.fields:
        _, _, required, kind, accepted, default, _ = rows[field.row]
        table.add_row(_name(field), required, kind, accepted or _any(kind), default)
    show(table)
    click.echo()


def _name(field: Field) -> str:
    return f"{field.cells(field.most)[0]} to _{field.most}" if field.most else field.name


def _any(kind: str) -> str:
    """What a field accepts for which a design lists nothing."""
    return {"date": "YYYYMMDD", "text": "any text", "diagnosis": "ICD-10 codes", "procedure": "OPCS-4 codes"}.get(kind, "")
