"""`hrg compare`: the same records grouped by several designs, who moves, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore import datasets
from hrgcore.cli.interrupt import interrupted_by_sigterm
from hrgcore.cli.report import progress_shown
from hrgcore.cli.shared import new_table, open_design, show

if TYPE_CHECKING:
    from hrgcore.comparison.compare import Comparison


def _names(_context: click.Context, _option: click.Parameter, value: str) -> list[str]:
    """The parts of a list separated by commas."""
    return [part.strip() for part in value.split(",") if part.strip()]


@click.command("compare")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--designs",
    callback=_names,
    required=True,
    help="Designs to compare, in order, separated by commas: names of installed designs or folders with a design.toml.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the report; it is made if it is not there."
)
@click.option(
    "-d", "--rdf", type=click.Path(path_type=Path), help="Record definition file. Without it the header tells the columns."
)
@click.option("-l", "--logic", type=click.Choice(list(datasets.DATASETS)), default="APC", show_default=True, help="Data set.")
@click.option("--header/--no-header", default=None, help="Whether a CSV file starts with a header. [default: found out]")
@click.option(
    "--against",
    type=click.Choice(["previous", "first"]),
    default="previous",
    show_default=True,
    help="Compare each design with the one before it, or with the first.",
)
@click.option("--prices", help="Name of an installed book of prices: adds the effect on cost. Admitted care only.")
@click.option(
    "--examples",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="Examples of each reason and pair of HRGs that are told step by step.",
)
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help="Form of the tables."
)
@click.option("--threads", type=click.IntRange(1), help="Threads to use. [default: all cores]")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def command(
    source: Path,
    designs: list[str],
    output: Path,
    rdf: Path | None,
    logic: str,
    header: bool | None,
    against: str,
    prices: str | None,
    examples: int,
    form: str,
    threads: int | None,
    quiet: bool,
) -> None:
    """Groups SOURCE by several designs and reports who moves from one to the next, and why.

    SOURCE is a CSV file of the official form, or a Parquet or Arrow file. The folder gets a page that stands alone
    (report.html), a workbook (report.xlsx), one row for each unit that moved (moved.parquet), and the tables transitions,
    reasons, by_chapter, by_root, by_provider and examples. All files appear together, or none does.

    Each unit that moved has exactly one reason, such as "code not in force", "retired HRG" or "changed split", with the table
    rows of both designs that decided. Examples name rows of the input, counted from 0.

    \b
    Examples:
      hrg compare apc.csv --designs 2021-22,2024-25 -o report/
      hrg compare apc.parquet --designs 2021-22,2022-23,2023-24,2024-25 --against first -o report/
      hrg compare apc.csv --designs 2024-25,my-design/ -o report/
      hrg compare em.csv -l EM --designs 2023-24,2024-25 -o report/ --format parquet
    """
    from hrgcore.comparison.compare import compare
    from hrgcore.comparison.report import check_report

    check_report()
    with interrupted_by_sigterm(), progress_shown(quiet) as progress:
        found = compare(
            source,
            [open_design(name)[0] for name in designs],
            dataset=logic,
            columns=rdf,
            header=header,
            against=against,
            prices=prices,
            threads=threads,
            progress=progress,
        )
        files = found.write(output, form=form, examples=examples, keep=[path for path in (source, rdf) if path])
    if not quiet:
        _tell(found)
        click.echo(f"Files in {output.resolve()}:")
        for path in files:
            click.echo(f"  {path.name}")


def _tell(found: Comparison) -> None:
    """Who moved and why, as tables."""
    rows = found.reasons.to_pylist()
    for moves in found.moves:
        one, other = moves.designs
        share = f" ({len(moves.moved) / moves.units:.1%})" if moves.units else ""
        click.echo(f"{one} to {other}: {len(moves.moved):,} of {moves.units:,} {moves.level}s moved{share}")
        own = [row for row in rows if (row["from_design"], row["to_design"], row["level"]) == (one, other, moves.level)]
        if own:
            table = new_table("", "units", "of all", tight=True)
            for row in own:
                table.add_row(f"  {row['reason']}", f"{row['units']:,}", f"{row['share']:.2%}")
            show(table)
    click.echo("Designs that come with hrgcore are open reconstructions, not the official product.")
