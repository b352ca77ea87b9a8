"""`hrg design mix`: the HRGs of a file beside national activity."""

from __future__ import annotations

from pathlib import Path

import click

from hrgcore import datasets
from hrgcore.cli.shared import needed_evidence, new_table, open_design, show
from hrgcore.errors import DesignError
from hrgcore.evidence.mix import Mix, measure_mix, plot_mix
from hrgcore.report.plots import check_plot


@click.command("mix")
@click.argument("design")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-l", "--logic", type=click.Choice(list(datasets.DATASETS)), required=True, help="Data set of FILE.")
@click.option("-d", "--rdf", type=click.Path(path_type=Path), help="Its record definition file.")
@click.option("--header/--no-header", default=None, help="Whether FILE starts with a header. [default: found out]")
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="Draw both into this file (.png or .svg) too.")
def command(design: str, file: Path, logic: str, rdf: Path | None, header: bool | None, picture: Path | None) -> None:
    """Groups FILE by DESIGN and sets the shares of its HRGs beside those of the national cost collection.

    DESIGN is the name of an installed design or a folder with a design.toml; the national counts stand in its evidence.

    \b
    Example:
      hrg design mix 2024-25 attendances.csv -l EM --plot mix.png
    """
    if picture:
        check_plot(picture)
    loaded, folder = open_design(design)
    evidence = [row for row in needed_evidence(folder, loaded, "records") if row["dataset"] == logic]
    if not evidence:
        raise DesignError(
            f"design {loaded.name} has no national counts of data set {logic}", cure="Add rows to its evidence/records.csv."
        )
    found = measure_mix(loaded, datasets.DATASETS[logic], evidence, file, rdf, header)
    click.echo(f"Design {loaded.database_version}: {found.records:,} {datasets.DATASETS[logic].unit}s, {found.failed:,} failed")
    print_mix(found)
    if picture:
        plot_mix(found, f"{datasets.DATASETS[logic].title}, design {loaded.name}", picture)
        click.echo(f"Drawn in {picture}")


def print_mix(mix: Mix) -> None:
    """The shares, for people."""
    table = new_table("HRG", "file", "national", "file %", "national %", "difference")
    for one in mix.hrgs:
        share, national = 100 * one.share, 100 * one.national_share
        table.add_row(
            one.hrg, f"{one.records:,}", f"{one.national:,}", f"{share:.2f}", f"{national:.2f}", f"{share - national:+.2f}"
        )
    show(table)
    click.echo(f"{mix.apart:.1%} of the records would have to change their HRG for the shares to be equal.")
