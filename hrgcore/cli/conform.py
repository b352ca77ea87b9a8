"""`hrg conform`: a design against expected results."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.cli.shared import listed, new_table, open_design, show
from hrgcore.conformance.check import TRACES, conform

if TYPE_CHECKING:
    from hrgcore.conformance.check import SetConformance

FAILED = 3  # exit code where the results do not agree
MOST_SHOWN = 10  # differences on screen


@click.command("conform")
@click.argument("expected", type=click.Path(path_type=Path))
@click.option(
    "--design",
    help="Design to check, or its folder. [default: HRGCORE_DESIGN, else the only one that is no overlay]",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Share of the lines that must agree in every file that is compared.",
)
@click.option("--files", callback=listed, help="Which outputs to compare, such as FCE,spell. [default: all that are there]")
@click.option("--columns", callback=listed, help="The only columns to compare, such as FCE_HRG,SpellHRG. [default: all]")
@click.option("--input", "source", type=click.Path(path_type=Path), help="The input, if it is not found beside the outputs.")
@click.option("-d", "--rdf", type=click.Path(path_type=Path), help="Its record definition file, if it is not found.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the report and the tables.")
@click.option(
    "--traces", type=click.IntRange(0), default=TRACES, show_default=True, help="Records that differ to explain in the report."
)
@click.option("-q", "--quiet", is_flag=True, help="Only the verdict.")
def command(
    expected: Path,
    design: str | None,
    threshold: float,
    files: list[str] | None,
    columns: list[str] | None,
    source: Path | None,
    rdf: Path | None,
    output: Path | None,
    traces: int,
    quiet: bool,
) -> None:
    """Groups records whose official results are known with a design, and tells how far the results agree.

    EXPECTED is the zip file "Test Data and Expected Results" that comes with the official program, or any folder of its outputs,
    with header lines. Sets of outputs are found by the names of their files; where the input is not beside them, the lines that
    the main output repeats are grouped. Nothing leaves this machine.

    Exit code 0 if enough lines of every file agree, 3 if not, 1 if it could not be found out.

    \b
    Examples:
      hrg conform expected-results.zip --design my-design
      hrg conform official-outputs/ --design 2024-25 --columns FCE_HRG,SpellHRG --threshold 0.9
      hrg conform official-outputs/ --design my-design -o report/
    """
    if output:
        from hrgcore.report.pages import check_pages

        check_pages()
    found = conform(
        expected,
        open_design(design)[0] if design else None,
        threshold=threshold,
        files=files,
        columns=columns,
        source=source,
        rdf=rdf,
        traces=traces if output else 0,
        progress=None if quiet else lambda name: click.echo(f"{name} ...", err=True),
    )
    if output:
        from hrgcore.conformance.report import write_report

        write_report(found, output)
    if not quiet:
        for one in found.sets:
            print_set(one)
    verdict = "conforms" if found.passed else "DOES NOT CONFORM"
    lowest = min(one.share for one in found.sets)
    number = len(found.differences)
    click.echo(
        f"Design {found.design} {verdict}: at least {lowest:.2%} of the lines of each file agree, {threshold:.2%} must; "
        f"{number:,} difference{'' if number == 1 else 's'}."
    )
    if output:
        click.echo(f"Report: {output / 'report.html'}")
    if not found.passed:
        sys.exit(FAILED)


def print_set(found: SetConformance) -> None:
    """A set for people."""
    click.secho(f"\n{found.name}: data set {found.dataset}, grouped from {found.source}", bold=True)
    table = new_table("file", "lines", "agree", "share", "differences")
    for file in found.files:
        numbers = f"{file.rows:,}", f"{file.equal_rows:,}", f"{file.share:.2%}", f"{len(file.differences):,}"
        table.add_row(file.file.removeprefix("_"), *numbers)
    show(table)
    if found.not_compared:
        click.echo(f"Not compared: {', '.join(name.removeprefix('_') for name in found.not_compared)}")
    print_parts(found)
    differing = [one for file in found.files for one in file.differences]
    for one in differing[:MOST_SHOWN]:
        place = f"{one.file.removeprefix('_')} line of RowNo {one.row}" if one.row else one.file.removeprefix("_")
        click.echo(f"  {place}, {one.column}: expected {one.expected!r}, ours {one.ours!r} ({one.reason})")
    if len(differing) > MOST_SHOWN:
        click.echo(f"  ... and {len(differing) - MOST_SHOWN:,} more: write a report with -o")


def print_parts(found: SetConformance) -> None:
    """Columns that differ, chapters and reasons."""
    columns = [
        (file.file, name, *counts) for file in found.files for name, counts in file.columns.items() if counts[0] > counts[1]
    ]
    if columns:
        table = new_table("column", "file", "cells", "agree", "share")
        for suffix, name, compared, equal in columns:
            table.add_row(name, suffix.removeprefix("_"), f"{compared:,}", f"{equal:,}", f"{equal / compared:.2%}")
        show(table)
        table = new_table("chapter", "file", "lines", "same HRG", "share")
        for file in found.files:
            for chapter, (lines, equal) in file.chapters.items():
                if lines > equal:
                    table.add_row(
                        chapter or "(blank)", file.file.removeprefix("_"), f"{lines:,}", f"{equal:,}", f"{equal / lines:.2%}"
                    )
        show(table)
    for file in found.files:
        for reason, lines in file.reasons.items():
            click.echo(f"{lines:>8,}  {file.file.removeprefix('_')}: {reason}")
