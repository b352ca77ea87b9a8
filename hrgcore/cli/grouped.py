"""What the commands on grouped data share: their options, and how they print figures and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hrgcore.analyse.grouped import printable
from hrgcore.cli.shared import new_table, open_design
from hrgcore.files.pipes import STANDARD

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from hrgcore.analyse.findings import Findings
    from hrgcore.analyse.valued import LeftOut
    from hrgcore.design import Design

MOST_NAMES = 10
_LARGE = 1e15
UNKNOWN = "-"  # in place of a figure that is not defined


def grouped_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command its file of grouped data, the columns of it, and where the results go."""
    for option in (
        click.option(
            "-o", "--output", type=click.Path(path_type=Path), help="Write all tables, a workbook and a page into this folder."
        ),
        click.option(
            "--design",
            metavar="DESIGN",
            help="Design that FILE was grouped by: a name or a folder. Tells roots and the error group.",
        ),
        click.option("--hrg", metavar="COLUMN", help="Column of HRGs.  [default: found by its name]"),
        click.option("--value", metavar="COLUMN", required=True, help="Column of values: a cost or a length of stay."),
        click.argument("file", type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command


def design_named(name: str | None) -> Design | None:
    """The design that an option names, if it does."""
    return open_design(name)[0] if name else None


def check_outputs(output: Path | None, picture: Path | None) -> None:
    """Refuses what cannot be written, before the work begins."""
    from hrgcore.analyse.reports import check_reports
    from hrgcore.report.plots import check_plot

    if picture:
        check_plot(picture)
    if output:
        check_reports()


def write_outputs(found: Findings, file: Path, output: Path | None, picture: Path | None) -> None:
    """Writes the folder and the picture that were asked for, and says so."""
    if output:
        echo_files(found.write(output, inputs(file)))
    if picture:
        found.plot(picture)
        echo_files([picture])


def by_design(design: str) -> str:
    """How a summary names the design, if there is one."""
    return f", design {design} (an open reconstruction, not the official product)" if design else ""


def inputs(file: Path) -> Iterable[Path]:
    """What outputs must not overwrite."""
    return () if file == STANDARD else (file,)


def share(number: float | None, digits: int = 1) -> str:
    """A share as a percentage."""
    return UNKNOWN if number is None else f"{number:.{digits}%}"


def plain(number: float | None, digits: int = 2) -> str:
    """A figure with separators of thousands; one beyond all amounts in powers of ten."""
    if number is None or isnan(number):
        return UNKNOWN
    return f"{number:,.{digits}f}" if abs(number) < _LARGE else f"{number:.3g}"


def name(text: str) -> Text:
    """A name from the data for a table: it is never markup."""
    from rich.text import Text

    return Text(printable(text))


def names(texts: Sequence[str]) -> str:
    """The first of some names."""
    shown = ", ".join(map(printable, texts[:MOST_NAMES]))
    return shown + (f" and {len(texts) - MOST_NAMES:,} more" if len(texts) > MOST_NAMES else "")


def amount(number: float | None) -> str:
    """A value, large ones without decimals."""
    return plain(number, 2 if number is None or abs(number) < 1000 else 0)


def figures(first: str, *others: str) -> Table:
    """A tight table of figures whose first column is never cut."""
    table = new_table("", *others, tight=True)
    table.columns[0].header = name(first)
    table.columns[0].no_wrap = True
    return table


def echo_left_out(left_out: LeftOut, value: str) -> None:
    """Prints what has no part in the figures."""
    from hrgcore.analyse.reports import left_out_lines

    for line in left_out_lines(left_out, value):
        click.echo(f"Left out: {line}")


def echo_files(paths: Iterable[Path]) -> None:
    """Prints what was written."""
    for path in paths:
        click.echo(f"Wrote {path}")
