"""`hrg group`: a file of episodes in, the official set of files out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.cli.interrupt import interrupted_by_sigterm
from hrgcore.grouper import Grouper

if TYPE_CHECKING:
    from hrgcore.datasets.apc import Progress
    from hrgcore.files.run import RunSummary

log = logging.getLogger("hrgcore")
_LINES_OF_PROGRESS = 4


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
@click.option("-l", "--logic", default="APC", show_default=True, help="Data set.")
@click.option("--header/--no-header", default=None, help="Whether the input starts with a header. [default: found out]")
@click.option(
    "--output-headers/--no-output-headers", default=True, show_default=True, help="Whether the outputs start with headers."
)
@click.option("--threads", type=click.IntRange(1), help="Threads to use. [default: all cores]")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def command(
    source: Path,
    output: Path,
    rdf: Path | None,
    design: str | None,
    logic: str,
    header: bool | None,
    output_headers: bool,
    threads: int | None,
    quiet: bool,
) -> None:
    """Groups a file of admitted-care episodes (CSV) and writes the eleven official files.

    All files appear together, or none does and what was there stays. Records that fail validation are grouped to the error
    group and listed in the quality files; they are no failure of the run.

    \b
    Examples:
      hrg group apc.csv -o out/apc.csv
      hrg group apc.txt -o out.csv --rdf apc.rdf --no-header --design 2024-25
    """
    with interrupted_by_sigterm(), _progress(quiet) as progress:
        summary = Grouper(design, logic).group_file(
            source, output, rdf=rdf, header=header, output_headers=output_headers, threads=threads, progress=progress
        )
    if not quiet:
        print_summary(summary)


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
        f"{summary.episodes:>9,} episodes, {summary.episode_errors:,} failed ({_share(summary.episode_errors, summary.episodes)})"
    )
    click.echo(f"{summary.spells:>9,} spells, {summary.spell_errors:,} failed ({_share(summary.spell_errors, summary.spells)})")
    click.echo(f"{seconds:>9.2f} seconds")
    for text, number in summary.messages.items():
        click.echo(f"{number:>9,} x {text}")
    click.echo(f"Files in {summary.files[-1].resolve().parent}:")
    for path in summary.files:
        click.echo(f"  {path.name}")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}"
