"""What a run tells while it goes on, and when it is done: to people on a terminal, as log lines to programs."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from hrgcore import datasets
from hrgcore.design.fingerprint import SHORT

if TYPE_CHECKING:
    from hrgcore.datasets.batches import Progress
    from hrgcore.files.run import RunSummary

log = logging.getLogger("hrgcore")
LOG_FORMAT = "time=%(asctime)s level=%(levelname)s %(message)s"
_SECONDS_BETWEEN_LINES = 5.0
_UNMAPPED_SHOWN = 10


@contextmanager
def progress_shown(quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal, log lines of names and values elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = TextColumn("grouping"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S%z", stream=sys.stderr)
        yield _log_progress()


def _log_progress() -> Progress:
    """A line every few seconds, and one at the end."""
    told = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if done == total or now - told >= _SECONDS_BETWEEN_LINES:
            told = now
            log.info("event=progress done=%d total=%d percent=%d", done, total, done * 100 // max(1, total))

    return progress


def tell(summaries: Sequence[RunSummary], *, quiet: bool, err: bool) -> None:
    """The end of a run: a log line where progress was logged, a summary for people."""
    if quiet:
        return
    for summary in summaries:
        if not sys.stderr.isatty():
            log.info(
                "event=done design=%s dataset=%s records=%d record_errors=%d spells=%d spell_errors=%d seconds=%.2f",
                summary.design.replace(" ", "_"),
                summary.dataset,
                summary.records,
                summary.record_errors,
                summary.spells,
                summary.spell_errors,
                (summary.ended - summary.started).total_seconds(),
            )
        print_summary(summary, err)


def print_summary(summary: RunSummary, err: bool) -> None:
    """The summary of a run, for people; on standard error if the result went to standard output."""
    for line in _summary_lines(summary):
        click.echo(line, err=err)
    if not err:
        click.echo(f"Files in {summary.files[-1].resolve().parent}:")
        for path in summary.files:
            click.echo(f"  {path.name}")


def _summary_lines(summary: RunSummary) -> Iterator[str]:
    seconds = (summary.ended - summary.started).total_seconds()
    yield f"Design {summary.design} (an open reconstruction, not the official product)"
    yield (
        f"{summary.records:>9,} {datasets.dataset(summary.dataset).unit}s, "
        f"{summary.record_errors:,} failed ({_share(summary.record_errors, summary.records)})"
    )
    if summary.spells:
        yield f"{summary.spells:>9,} spells, {summary.spell_errors:,} failed ({_share(summary.spell_errors, summary.spells)})"
    yield f"{seconds:>9.2f} seconds"
    for total in summary.prices:
        amount = f"{total.amount:,.2f}" if total.priced else "no"
        yield f"{amount:>9} GBP by {total.book}: {total.priced:,} {total.level}s, {total.unpriced:,} without a price"
    for text, number in summary.messages.items():
        yield f"{number:>9,} x {text}"
    for code, number in list(summary.unmapped.items())[:_UNMAPPED_SHOWN]:
        yield f"{number:>9,} x not in the map: {code}"
    if len(summary.unmapped) > _UNMAPPED_SHOWN:
        yield f"{'':>9} and {len(summary.unmapped) - _UNMAPPED_SHOWN:,} more codes; see the quality files"
    yield f"Hash of the design: {summary.design_hash[:SHORT]}"
    for warning in summary.warnings:
        yield f"Warning: {warning}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}"
