"""`hrg design calibrate`: national activity of roots against national mentions of the codes that lead to them."""

from __future__ import annotations

import csv
from collections import Counter
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.cli.shared import evidence, needed_evidence, new_table, open_design, show, writing
from hrgcore.evidence.calibrate import Calibration, RootCount, calibrate
from hrgcore.evidence.plot import plot
from hrgcore.report.plots import check_plot

if TYPE_CHECKING:
    from hrgcore.design import Design

COLUMNS = (
    "root",
    "label",
    "activity",
    "codes",
    "mentions_low",
    "mentions_allotted",
    "mentions_high",
    "ratio",
    "verdict",
    "also_without_procedure",
    "reason",
)
TINY = 1e-9  # stands for no mentions where ratios are put in order


@click.command("calibrate")
@click.argument("name", metavar="DESIGN")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write all roots to this CSV file.")
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="Draw a picture, .png or .svg. Needs hrgcore[plot].")
@click.option(
    "--factor",
    type=click.FloatRange(1),
    default=3,
    show_default=True,
    help="By how much mentions and activity may differ.",
)
@click.option(
    "--at-least", type=click.IntRange(1), default=1000, show_default=True, help="Fewest episodes of a root that is looked at."
)
@click.option("--all", "show_all", is_flag=True, help="Show all roots, not only those outside the factor.")
def command(name: str, csv_file: Path | None, picture: Path | None, factor: float, at_least: int, show_all: bool) -> None:
    """Compares how DESIGN maps procedures with national counts, which stand in its folder of evidence.

    For each root, the mentions of the codes that can lead to it are set against its episodes of admitted care. DESIGN is the name
    of an installed design or a folder with a design.toml.

    \b
    Examples:
      hrg design calibrate 2024-25
      hrg design calibrate 2024-25 --csv calibration.csv --plot calibration.png
    """
    if picture:
        check_plot(picture)
    design, folder = open_design(name)
    activity, mentions = (needed_evidence(folder, design, file) for file in ("activity", "mentions"))
    found = calibrate(design, activity, mentions, evidence(folder, "calibration"), factor=factor, at_least=at_least)
    if csv_file:
        write_csv(found, csv_file)
    if picture:
        plot(
            found, f"Design {design.name}: how often procedures are recorded, and the activity of the roots they lead to", picture
        )
    shown = [root for root in found.roots if show_all or found.verdict(root) != "within"]
    if shown:
        print_table(found, shown)
    print_summary(found, design, at_least)


def write_csv(found: Calibration, path: Path) -> None:
    """All roots, one a line.

    Raises:
        OutputFileError: the file cannot be written.
    """
    with writing(path), path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for root in found.roots:
            numbers = root.activity, root.codes, root.low, round(root.allotted), root.high, f"{root.ratio:.3f}"
            unaided = "yes" if root.unaided else "no"
            writer.writerow((root.root, root.label, *numbers, found.verdict(root), unaided, root.reason))


def print_table(found: Calibration, roots: list[RootCount]) -> None:
    """The roots for people, those furthest off first."""
    from rich.markup import escape

    table = new_table("root", "episodes", "codes", "mentions", "ratio")
    table.add_column("", no_wrap=True)
    table.add_column("label, and why")
    for root in sorted(roots, key=lambda root: -abs(log(max(root.ratio, TINY)))):
        numbers = f"{root.activity:,}", f"{root.codes}", f"{root.allotted:,.0f}", f"{root.ratio:.2f}"
        unaided = "Diagnoses or routes lead here too." if root.unaided else ""
        text = escape("\n  ".join(part for part in (root.label, root.reason, unaided) if part))
        table.add_row(root.root, *numbers, found.verdict(root).replace("no code", "NO CODE"), text)
    show(table)


def print_summary(found: Calibration, design: Design, at_least: int) -> None:
    """How many roots there are of each verdict, and what asks for attention."""
    verdicts = Counter(found.verdict(root) for root in found.roots)
    whole = len(found.roots)
    click.echo(f"Design {design.database_version}: {whole} roots of at least {at_least:,} episodes that need a procedure")
    if not whole:
        return
    lines = {
        f"within a factor of {found.factor:g}": verdicts["within"],
        "outside, with a reason": verdicts["explained"],
        "outside: more mentions": verdicts["more"],
        "outside: fewer mentions": verdicts["fewer"],
        "NO CODE leads to them": verdicts["no code"],
    }
    for text, number in lines.items():
        click.echo(f"{number:>6} {number / whole:>6.1%}  {text}")
    if verdicts["no code"]:
        names = [root.root for root in found.roots if not root.codes]
        click.secho(f"NO CODE, no diagnosis and no route leads to: {', '.join(names)}", bold=True)
    if found.idle_reasons:
        click.echo(f"Reasons that are not needed: {', '.join(found.idle_reasons)}")
