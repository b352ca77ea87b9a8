"""`hrg explain`: why a case gets its HRG."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from hrgcore.errors import InputFileError
from hrgcore.grouper import Grouper
from hrgcore.records import Episode
from hrgcore.results import SpellResult


@click.command("explain")
@click.option("--age", type=int, help="Completed years at the start of the episode.")
@click.option("--days", type=int, default=0, show_default=True, help="Days from start to end of the episode.")
@click.option("-d", "--diagnosis", "diagnoses", multiple=True, help="ICD-10 code, the primary one first; repeat for more.")
@click.option("-p", "--procedure", "procedures", multiple=True, help="OPCS-4 code, in order; repeat for more.")
@click.option("--source", help="Source of admission (ADMISORC).")
@click.option("--destination", help="Discharge destination (DISDEST).")
@click.option("--specialty", help="Treatment function (TRETSPEF).")
@click.option("--file", "file", type=click.Path(path_type=Path), help="Take the spell from this file of episodes instead.")
@click.option("--spell", help="With --file: the spell number (PROVSPNO).")
@click.option("--provider", help="With --file: the provider (PROCODET), if several have the spell number.")
@click.option("--rdf", type=click.Path(path_type=Path), help="With --file: its record definition file.")
@click.option("--design", help="Design to group with. [default: HRGCORE_DESIGN, else the only one that is no overlay]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    age: int | None,
    days: int,
    diagnoses: tuple[str, ...],
    procedures: tuple[str, ...],
    source: str | None,
    destination: str | None,
    specialty: str | None,
    file: Path | None,
    spell: str | None,
    provider: str | None,
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
    """
    if file is not None:
        if not spell:
            raise click.UsageError("--file needs --spell, the number of the spell to explain.")
        episodes = read_spell(file, rdf, spell, provider)
    else:
        if not diagnoses:
            raise click.UsageError("Give at least one --diagnosis, or --file and --spell.")
        episodes = [
            Episode(
                age=age,
                duration=days,
                diagnoses=diagnoses,
                procedures=procedures,
                admission_source=source,
                discharge_destination=destination,
                treatment_function=specialty,
            )
        ]
    result = Grouper(design).group_spell(episodes)
    click.echo(as_text(result) if as_json else str(result.explain()))


def as_text(result: SpellResult) -> str:
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


def read_spell(path: Path, rdf: Path | None, spell: str, provider: str | None) -> list[Episode]:
    """The episodes of one spell of a file.

    Raises:
        InputFileError: the file cannot be used, the spell is not in it, or several providers have it.
    """
    from hrgcore.files.reader import open_input
    from hrgcore.files.run import CellTexts

    file = open_input(path, rdf, None)
    cells = CellTexts(file)
    rows = [
        row
        for row in range(file.lines.rows)
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
