"""`hrg explain`: why a case gets its HRG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore import datasets
from hrgcore.datasets.apc import NAME as ADMITTED_CARE
from hrgcore.design.fields import cell_places
from hrgcore.errors import InputFileError
from hrgcore.grouper import Grouper
from hrgcore.records import Episode, Record, record_class
from hrgcore.results import RecordResult, SpellResult

if TYPE_CHECKING:
    from hrgcore.files.span import CellTexts


@click.command("explain")
@click.option(
    "-l", "--logic", type=click.Choice(list(datasets.DATASETS)), default=ADMITTED_CARE, show_default=True, help="Data set."
)
@click.option("--age", type=int, help="Admitted care: completed years at the start of the episode.")
@click.option("--days", type=int, default=0, show_default=True, help="Admitted care: days from start to end of the episode.")
@click.option(
    "-d", "--diagnosis", "diagnoses", multiple=True, help="Admitted care: ICD-10 code, the primary one first; repeat for more."
)
@click.option("-p", "--procedure", "procedures", multiple=True, help="Admitted care: OPCS-4 code, in order; repeat for more.")
@click.option("--source", help="Admitted care: source of admission (ADMISORC).")
@click.option("--destination", help="Admitted care: discharge destination (DISDEST).")
@click.option("--specialty", help="Admitted care: treatment function (TRETSPEF).")
@click.option(
    "-f", "--field", "cells", multiple=True, metavar="NAME=VALUE", help="Other data sets: a cell of the record; repeat for more."
)
@click.option("--file", "file", type=click.Path(path_type=Path), help="Take the case from this file of records instead.")
@click.option("--spell", help="With --file, admitted care: the spell number (PROVSPNO).")
@click.option("--provider", help="With --file, admitted care: the provider (PROCODET), if several have the spell number.")
@click.option(
    "--row", type=click.IntRange(1), help="With --file, other data sets: the number of the row, from 1, without the header."
)
@click.option("--rdf", type=click.Path(path_type=Path), help="With --file: its record definition file.")
@click.option("--design", help="Design to group with. [default: HRGCORE_DESIGN, else the only one that is no overlay]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    logic: str,
    age: int | None,
    days: int,
    diagnoses: tuple[str, ...],
    procedures: tuple[str, ...],
    source: str | None,
    destination: str | None,
    specialty: str | None,
    cells: tuple[str, ...],
    file: Path | None,
    spell: str | None,
    provider: str | None,
    row: int | None,
    rdf: Path | None,
    design: str | None,
    as_json: bool,
) -> None:
    """Explains the grouping of one case: each step, and the table row that decided it.

    \b
    Examples:
      hrg explain --age 40 --days 0 -d M5490
      hrg explain --age 71 --days 9 -d S720 -d I10 -d E119 -p W371 -p Z843
      hrg explain --file apc.csv --spell 1004595488
      hrg explain -l EM -f AGE=30 -f INV_01=01 -f TREAT_01=22
      hrg explain -l NCC --file days.csv --row 12
    """
    result: SpellResult | RecordResult
    if logic != ADMITTED_CARE:
        result = Grouper(design, logic).group_record(_record(logic, cells, file, row, rdf))
    elif file is not None:
        if not spell:
            raise click.UsageError("--file needs --spell, the number of the spell to explain.")
        result = Grouper(design).group_spell(read_spell(file, rdf, spell, provider))
    else:
        if not diagnoses:
            raise click.UsageError("Give at least one --diagnosis, or --file and --spell.")
        episode = Episode(
            age=age,
            duration=days,
            diagnoses=diagnoses,
            procedures=procedures,
            admission_source=source,
            discharge_destination=destination,
            treatment_function=specialty,
        )
        result = Grouper(design).group_spell([episode])
    click.echo(as_text(result) if as_json else str(result.explain()))


def _record(logic: str, cells: tuple[str, ...], file: Path | None, row: int | None, rdf: Path | None) -> Record:
    """The record of a data set without spells, from its cells or from a row of a file."""
    if file is not None:
        if row is None:
            raise click.UsageError("--file needs --row, the number of the row to explain.")
        return read_record(file, rdf, logic, row)
    if not cells:
        raise click.UsageError("Give the cells of the record, such as -f AGE=30, or --file and --row.")
    given: dict[str, str] = {}
    for cell in cells:
        name, equals, value = cell.partition("=")
        if not equals or name not in cell_places(logic):
            raise click.UsageError(
                f"{cell!r} is not a cell of {logic} such as {next(iter(cell_places(logic)))}=... (see hrg fields)."
            )
        given[name] = value
    record = record_class(logic).from_cells(partial(_given, given))
    for field, attribute in record.attributes.items():
        if getattr(record, attribute) == "":  # what is left out takes the default of the design
            setattr(record, attribute, given.get(field))
    return record


def _given(cells: Mapping[str, str], field: str, position: int) -> str:
    return cells.get(f"{field}_{position:02d}" if position else field, "")


def as_text(result: SpellResult | RecordResult) -> str:
    """The result and its explanation as JSON."""
    explanation = result.explain()
    return json.dumps(
        {
            "hrg": result.hrg,
            "label": result.label,
            "method": result.method,
            "provenance": result.provenance,
            "unbundled": result.unbundled,
            "messages": [message._asdict() for message in result.messages],
            "steps": [asdict(step) for step in explanation.steps],
        },
        indent=2,
    )


def read_record(path: Path, rdf: Path | None, logic: str, row: int) -> Record:
    """One record of a file.

    Raises:
        InputFileError: the file cannot be used, or has no such row.
    """
    cells, rows = _read_cells(path, rdf, logic)
    if row > rows:
        raise InputFileError(f"there is no row {row}", place=str(path), cure=f"It has {rows} rows.")
    return record_class(logic).from_cells(partial(cells, row - 1))


def _read_cells(path: Path, rdf: Path | None, logic: str) -> tuple[CellTexts, int]:
    """The cells of a file by row, field and position, and the number of its rows."""
    from hrgcore.files.reader import open_input, read_lines
    from hrgcore.files.span import CellTexts

    dataset = datasets.DATASETS[logic]
    with open_input(path, rdf, None, dataset) as file:
        lines = read_lines(file, dataset)
    return CellTexts(file, lines), lines.rows


def read_spell(path: Path, rdf: Path | None, spell: str, provider: str | None) -> list[Episode]:
    """The episodes of one spell of a file.

    Raises:
        InputFileError: the file cannot be used, the spell is not in it, or several providers have it.
    """
    cells, count = _read_cells(path, rdf, ADMITTED_CARE)
    rows = [
        row
        for row in range(count)
        if cells(row, "PROVSPNO", 0).strip() == spell and (provider is None or cells(row, "PROCODET", 0).strip() == provider)
    ]
    if not rows:
        raise InputFileError(f"there is no spell {spell}", place=str(path), cure="Check --spell and --provider.")
    providers = sorted({cells(row, "PROCODET", 0).strip() for row in rows})
    if len(providers) > 1:
        raise InputFileError(
            f"providers {', '.join(providers)} have a spell {spell}", place=str(path), cure="Choose one with --provider."
        )
    return [Episode.from_cells(partial(cells, row)) for row in rows]
