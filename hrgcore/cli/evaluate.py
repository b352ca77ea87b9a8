"""`hrg evaluate`: how well HRGs explain a cost or a stay."""

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
    names,
    plain,
    share,
    write_outputs,
)
from hrgcore.cli.shared import show

if TYPE_CHECKING:
    from hrgcore.analyse.variance import Evaluation


@click.command("evaluate")
@grouped_options
@click.option(
    "--by", metavar="COLUMNS", help="Columns to look for further splits in, with commas between.  [default: age, stay ...]"
)
@click.option("--trim", default="iqr:1.5", show_default=True, help="Which high values to trim: iqr:N, percentile:N or none.")
@click.option(
    "--least", type=int, default=30, show_default=True, help="Records that a verdict or a side of a further split needs."
)
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, help="Lines to print of each table.")
@click.option(
    "--plot", "picture", type=click.Path(path_type=Path), help="Draw the variance explained into this file (.png or .svg)."
)
def command(
    file: Path,
    value: str,
    hrg: str | None,
    design: str | None,
    output: Path | None,
    by: str | None,
    trim: str,
    least: int,
    top: int,
    picture: Path | None,
) -> None:
    """Tells how well HRGs explain a cost or a length of stay in grouped data.

    FILE is an output of hrg group, such as out_FCE.csv, or any CSV, Parquet or Arrow file with a column of HRGs. Printed are the
    variance explained, by chapter too, the roots where most is left, the further splits that would explain most of it, and
    neighbouring HRGs that do not differ. docs/evaluate.md has the formulas.

    \b
    Examples:
      hrg evaluate out_FCE.csv --value CalcEpidur --design 2024-25
      hrg evaluate costed.parquet --value cost --hrg HRG --by age,cc_score -o report
    """
    from hrgcore.analyse.variance import evaluate

    check_outputs(output, picture)
    columns = [column.strip() for column in by.split(",")] if by else None
    found = evaluate(file, value, hrg=hrg, by=columns, design=design_named(design), trim=trim, least=least)
    print_summary(found)
    print_chapters(found)
    print_roots(found, top)
    print_further(found, top)
    print_alike(found, top)
    write_outputs(found, file, output, picture)


def print_summary(found: Evaluation) -> None:
    """What was read, and the variance explained."""
    click.echo(f"{found.records:,} records with an HRG ({found.hrg_column}) and a {found.value}{by_design(found.design)}")
    echo_left_out(found.left_out, found.value)
    if found.unknown:
        click.echo(f"Not in the design: {names(found.unknown)}")
    click.echo(f"Trimmed: {found.trimmed:,} values {found.trim.words}" if found.trim.kind != "none" else "Nothing is trimmed")
    if found.constant:
        click.echo(f"All values of {found.value} are the same: there is no variance to explain.")
    click.echo("\nVariance explained (R²):")
    table = figures("by", "groups", "R²", "adjusted", "trimmed R²", "adjusted")
    for level in found.levels.to_pylist():
        shares = (level[column] for column in ("r2", "adjusted_r2", "trimmed_r2", "trimmed_adjusted_r2"))
        table.add_row(level["level"], f"{level['groups']:,}", *map(share, shares))
    show(table)


def print_chapters(found: Evaluation) -> None:
    """The table by chapter."""
    click.echo("\nBy chapter, of its own variance:")
    table = figures("", "HRGs", "records", "mean", "median", "CV", "R²", "trimmed R²", "left")
    for one in found.chapters.to_pylist():
        values = amount(one["mean"]), amount(one["median"]), plain(one["cv"])
        shares = share(one["r2"]), share(one["trimmed_r2"]), share(one["unexplained"])
        table.add_row(name(one["chapter"]), f"{one['hrgs']:,}", f"{one['records']:,}", *values, *shares)
    show(table)
    click.echo("CV: standard deviation / mean; left: share of all variance that HRGs leave unexplained.")


def print_roots(found: Evaluation, top: int) -> None:
    """Roots where most is left to explain."""
    click.echo("\nRoots where most is left to explain:")
    table = figures("root", "HRGs", "records", "mean", "CV", "left", "gain", "its HRGs")
    for one in found.roots.slice(0, top).to_pylist():
        values = amount(one["mean"]), plain(one["cv"]), share(one["unexplained"]), share(one["gain"], 2)
        table.add_row(name(one["root"]), f"{one['hrgs']:,}", f"{one['records']:,}", *values, one["verdict"])
    show(table)
    click.echo("gain: what its splits add to the share of all variance explained; its HRGs: whether they differ.")


def print_further(found: Evaluation, top: int) -> None:
    """Splits that would explain more."""
    if not found.candidates:
        click.echo("\nNo column of age, stay, CC score or interventions to look for further splits in: name some with --by.")
        return
    click.echo(f"\nFurther splits by {', '.join(found.candidates)}, with {found.least} records or more on each side:")
    if not found.further.num_rows:
        click.echo("none")
        return
    table = figures("HRG", "by", "from", "records", "means", "gain", "own")
    for one in found.further.slice(0, top).to_pylist():
        records = f"{one['records_below']:,} / {one['records_from']:,}"
        means = f"{amount(one['mean_below'])} / {amount(one['mean_from'])}"
        gain = share(one["gain"], 3), share(one["share_of_hrg"])
        table.add_row(name(one["hrg"]), name(one["variable"]), f"{one['from']:,g}", records, means, *gain)
    show(table)
    click.echo("records, means: below / from that value; gain: in the share of all variance explained; own: in that of the HRG.")


def print_alike(found: Evaluation, top: int) -> None:
    """Neighbouring HRGs that do not differ."""
    from hrgcore.analyse.reports import alike, roots_alike

    roots, pairs = roots_alike(found), alike(found)
    click.echo(f"\nRoots whose HRGs do not differ, or by less than 10%: {len(roots):,}{': ' if roots else ''}{names(roots)}")
    click.echo(f"\nNeighbouring HRGs of {found.least} records or more that do not differ, or by less than 10%: {len(pairs):,}")
    if not pairs:
        return
    table = figures("HRGs", "records", "means", "apart", "d", "p", "corrected", "verdict")
    for one in pairs[:top]:
        records = f"{one['records']:,} / {one['next_records']:,}"
        means = f"{amount(one['mean'])} / {amount(one['next_mean'])}"
        tests = plain(one["effect_size"]), plain(one["p"], 3), plain(one["adjusted_p"], 3)
        table.add_row(
            name(f"{one['hrg']} {one['next_hrg']}"), records, means, share(one["relative_difference"], 0), *tests, one["verdict"]
        )
    show(table)
    click.echo("apart: difference of the means / mean of both; d: the same in standard deviations; p: Welch's t test, and")
    click.echo("corrected for the number of tests. That no difference is shown does not prove that there is none.")
