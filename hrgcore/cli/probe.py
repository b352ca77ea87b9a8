"""`hrg design probe`: what setting one field does to HRGs, here and in the official program."""

from __future__ import annotations

from pathlib import Path

import click

from hrgcore.cli.shared import needed_evidence, new_table, open_design, show
from hrgcore.evidence.probe import ProbeResult, run_probes


@click.command("probe")
@click.argument("name", metavar="DESIGN")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "-d", "--rdf", type=click.Path(path_type=Path), help="Record definition file. Without it the header tells the columns."
)
@click.option("--header/--no-header", default=None, help="Whether FILE starts with a header. [default: found out]")
def command(name: str, source: Path, rdf: Path | None, header: bool | None) -> None:
    """Sets one field of the spells of FILE and counts the HRGs that change, beside what the official program did.

    FILE holds admitted care, such as the sample of the official program; its spells of one episode that group are taken.
    Fields, values and the official counts stand in the evidence of DESIGN, the name of an installed design or a folder with a
    design.toml.

    \b
    Example:
      hrg design probe 2024-25 sample.csv --rdf apc.rdf
    """
    design, folder = open_design(name)
    results = run_probes(design, needed_evidence(folder, design, "probes"), source, rdf, header=header)
    click.echo(f"Design {design.database_version}: {results[0].records:,} spells of one episode that group")
    print_results(results)


def print_results(results: list[ProbeResult]) -> None:
    """The probes, for people."""
    table = new_table("field", "value", "official", "ours", "ours scaled", "difference")
    table.columns[1].justify = "left"
    for one in results:
        official, ours = f"{one.official_changed} of {one.official_records}", f"{one.changed} of {one.records}"
        table.add_row(one.field, one.value, official, ours, f"{one.scaled:.1f}", f"{one.difference:+.1f}")
    show(table)
