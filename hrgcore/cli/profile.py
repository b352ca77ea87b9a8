"""`hrg profile`: providers compared on a cost or a stay, adjusted for casemix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.cli.grouped import (
    amount,
    by_design,
    check_outputs,
    design_named,
    echo_left_out,
    figures,
    grouped_options,
    name,
    plain,
    write_outputs,
)
from hrgcore.cli.shared import show

if TYPE_CHECKING:
    from hrgcore.analyse.profile import Profile


@click.command("profile")
@grouped_options
@click.option("--provider", metavar="COLUMN", default="PROCODET", show_default=True, help="Column of what is compared.")
@click.option("--trim", default="none", show_default=True, help="Which high values to leave out: iqr:N, percentile:N or none.")
@click.option("--least", type=int, default=30, show_default=True, help="Records that a provider needs for a verdict.")
@click.option("--overdispersion", is_flag=True, help="Widen the limits where providers vary more than chance says.")
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="Draw the funnel plot into this file (.png or .svg).")
def command(
    file: Path,
    value: str,
    hrg: str | None,
    design: str | None,
    output: Path | None,
    provider: str,
    trim: str,
    least: int,
    overdispersion: bool,
    picture: Path | None,
) -> None:
    """Compares providers on a cost or a length of stay in grouped data, adjusted for their HRGs.

    FILE is an output of hrg group, such as out_spell.csv, or any CSV, Parquet or Arrow file with columns of HRGs and of
    providers. Each record is expected to have the mean of its HRG over all providers; the index is 100 x observed / expected.
    docs/evaluate.md has the formulas.

    \b
    Examples:
      hrg profile out_spell.csv --value SpellLOS --design 2024-25 --plot funnel.png
      hrg profile costed.parquet --value cost --provider trust --trim percentile:99 -o report
    """
    from hrgcore.analyse.profile import profile

    check_outputs(output, picture)
    found = profile(
        file,
        value,
        provider,
        hrg=hrg,
        design=design_named(design),
        trim=trim,
        least=least,
        overdispersion=overdispersion,
    )
    print_profile(found)
    write_outputs(found, file, output, picture)


def print_profile(found: Profile) -> None:
    """What was read, and the providers."""
    click.echo(f"{found.records:,} records with an HRG ({found.hrg_column}) and a {found.value}{by_design(found.design)}")
    click.echo(f"Mean of all: {amount(found.mean)}")
    echo_left_out(found.left_out, found.value)
    if found.trimmed:
        click.echo(f"Trimmed: {found.trimmed:,} values {found.trim.words}")
    table = figures(found.provider, "records", "observed", "expected", "index", "95% limits", "99.8% limits", "verdict")
    for one in found.providers.to_pylist():
        means = amount(one["observed_mean"]), amount(one["expected_mean"]), plain(one["index"], 1)
        limits = (f"{plain(one[f'lower_{limit}'], 1)} to {plain(one[f'upper_{limit}'], 1)}" for limit in ("95", "998"))
        table.add_row(name(one["provider"]), f"{one['records']:,}", *means, *limits, one["verdict"])
    show(table)
    click.echo("observed, expected: means; index: 100 x observed / expected by HRG; limits: of the index, by chance alone.")
    widened = f"; the limits are widened by the factor {plain(found.widened)}" if found.widened > 1 else ""
    click.echo(f"Overdispersion (1 is what chance says): {plain(found.phi)}{widened}")
