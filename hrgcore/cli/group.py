"""`hrg group`: a file of episodes in, the official set of files out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore import datasets
from hrgcore.cli.interrupt import interrupted_by_sigterm
from hrgcore.errors import InputFileError
from hrgcore.grouper import Grouper

if TYPE_CHECKING:
    from hrgcore.datasets.batches import Progress
    from hrgcore.files.run import RunSummary

log = logging.getLogger("hrgcore")
_LINES_OF_PROGRESS = 4
_UNMAPPED_SHOWN = 10


@click.command("group")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Name of the output; out.csv gives out_FCE.csv and so on.",
)
@click.option(
    "-d", "--rdf", type=click.Path(path_type=Path), help="Record definition file. Without it the header tells the columns."
)
@click.option("--design", help="Design to group with. [default: HRGCORE_DESIGN, else the only one that is no overlay]")
@click.option(
    "-l",
    "--logic",
    type=click.Choice(list(datasets.DATASETS)),
    help="Data set. [default: follows from the record definition or the header, else APC]",
)
@click.option("--header/--no-header", default=None, help="Whether the input starts with a header. [default: found out]")
@click.option(
    "--output-headers/--no-output-headers", default=True, show_default=True, help="Whether the outputs start with headers."
)
@click.option("--threads", type=click.IntRange(1), help="Threads to use. [default: all cores]")
@click.option(
    "--ecds-map",
    "code_map",
    type=click.Path(path_type=Path),
    help="With EM: CSV file that maps SNOMED CT codes (ECDS) to A&E codes: field,snomed,code.",
)
@click.option(
    "--sticky-groups", is_flag=True, help="With EM: a blank patient group takes the one before it, as old official versions did."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def command(
    source: Path,
    output: Path,
    rdf: Path | None,
    design: str | None,
    logic: str | None,
    header: bool | None,
    output_headers: bool,
    threads: int | None,
    code_map: Path | None,
    sticky_groups: bool,
    quiet: bool,
) -> None:
    """Groups a file of records (CSV) and writes the official set of files of its data set.

    Data sets: APC admitted care, NAC outpatients, EM emergency medicine, NRD renal dialysis, ACC, PCC and NCC adult,
    paediatric and neonatal critical care. `hrg fields` lists their fields.

    All files appear together, or none does and what was there stays. Records that fail validation are grouped to the error
    group and listed in the quality files; they are no failure of the run.

    \b
    Examples:
      hrg group apc.csv -o out/apc.csv
      hrg group apc.txt -o out.csv --rdf apc.rdf --no-header --design 2024-25
      hrg group -l EM attendances.csv -o out/em.csv
    """
    with interrupted_by_sigterm(), _progress(quiet) as progress:
        summary = _grouper(design, logic, source, rdf, header).group_file(
            source,
            output,
            rdf=rdf,
            header=header,
            output_headers=output_headers,
            threads=threads,
            progress=progress,
            code_map=code_map,
            sticky_groups=sticky_groups,
        )
    if not quiet:
        print_summary(summary)


def _grouper(design: str | None, logic: str | None, source: Path, rdf: Path | None, header: bool | None) -> Grouper:
    """The grouper of the data set that is named, or that follows from the names of the fields."""
    from hrgcore.files.reader import named_fields

    if logic:
        return Grouper(design, logic)
    grouper = Grouper(design)
    names = named_fields(source, rdf, header)
    if names is None:
        return grouper
    found = datasets.fitting(grouper.design, names) or datasets.nearest(grouper.design, names)
    if found is None:
        raise InputFileError(
            "no data set follows from its fields", place=str(rdf or source), cure="Name the data set with -l, such as -l EM."
        )
    return Grouper(grouper.design, found)


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal, plain lines elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = TextColumn("reading, grouping, writing"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
        yield _log_progress()


def _log_progress() -> Progress:
    told = 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        part = done * _LINES_OF_PROGRESS // max(1, total)
        if part > told:
            told = part
            log.info("%d %% done", done * 100 // total)

    return progress


def print_summary(summary: RunSummary) -> None:
    """The summary of a run, for people."""
    seconds = (summary.ended - summary.started).total_seconds()
    click.echo(f"Design {summary.design} (an open reconstruction, not the official product)")
    click.echo(
        f"{summary.records:>9,} {datasets.dataset(summary.dataset).unit}s, "
        f"{summary.record_errors:,} failed ({_share(summary.record_errors, summary.records)})"
    )
    if summary.spells:
        click.echo(
            f"{summary.spells:>9,} spells, {summary.spell_errors:,} failed ({_share(summary.spell_errors, summary.spells)})"
        )
    click.echo(f"{seconds:>9.2f} seconds")
    for text, number in summary.messages.items():
        click.echo(f"{number:>9,} x {text}")
    for code, number in list(summary.unmapped.items())[:_UNMAPPED_SHOWN]:
        click.echo(f"{number:>9,} x not in the map: {code}")
    if len(summary.unmapped) > _UNMAPPED_SHOWN:
        click.echo(f"{'':>9} and {len(summary.unmapped) - _UNMAPPED_SHOWN:,} more codes; see the quality files")
    for warning in summary.warnings:
        click.echo(f"Warning: {warning}")
    click.echo(f"Files in {summary.files[-1].resolve().parent}:")
    for path in summary.files:
        click.echo(f"  {path.name}")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}"
