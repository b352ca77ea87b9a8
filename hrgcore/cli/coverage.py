"""`hrg design coverage`: what a design covers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.cli.shared import evidence, new_table, open_design, show, writing
from hrgcore.design.schema import GRADES
from hrgcore.evidence.coverage import NOT_REACHABLE, measure_coverage

if TYPE_CHECKING:
    from hrgcore.evidence.coverage import Chapter, Coverage, SecondMapping
    from hrgcore.evidence.witness import Reach

SHARES = (*GRADES[1:], NOT_REACHABLE)
COLUMNS = (
    *("chapter", "core_roots", "reachable", "icd10_codes", "opcs4_codes", "episodes"),
    *(name.replace(" ", "_") for name in SHARES),
)
ALL = "all"  # in place of a chapter


@click.command("coverage")
@click.argument("name", metavar="DESIGN")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the table by chapter to this CSV file.")
def command(name: str, csv_file: Path | None) -> None:
    """Tells what DESIGN covers: roots that records can come to, codes that are mapped, and how well founded activity is grouped.

    National activity and the second mapping stand in the evidence of DESIGN, the name of an installed design or a folder with a
    design.toml. The exit code is 0 whatever is found.

    \b
    Examples:
      hrg design coverage 2024-25
      hrg design coverage 2024-25 --csv coverage.csv
    """
    design, folder = open_design(name)
    activity, second = (evidence(folder, file) for file in ("activity", "second_mapping"))
    found = measure_coverage(design, activity, second)
    if csv_file:
        with writing(csv_file):
            write_csv(found, csv_file)
    click.echo(f"Design {design.database_version}\n")
    print_chapters(found)
    print_codes(found)
    print_second_mapping(found)
    print_reach(found.reach)


def write_csv(found: Coverage, path: Path) -> None:
    """The chapters, one a line, and then all of them; episodes as numbers."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in (*found.chapters, found.whole):
            numbers = one.roots, one.reachable, one.diagnoses, one.procedures, one.all_episodes
            writer.writerow((one.name or ALL, *numbers, *(one.episodes.get(grade, 0) for grade in SHARES)))


def print_chapters(found: Coverage) -> None:
    """The table by chapter."""
    table = new_table("", "roots", "ICD-10", "OPCS-4", "episodes", *SHARES[:-1], "none", tight=True)
    for one in found.chapters:
        table.add_row(*_cells(one))
    table.add_section()
    table.add_row(*_cells(found.whole))
    show(table)
    click.echo("roots: core roots with a witness, of all; ICD-10, OPCS-4: codes that lead to a root of the chapter.")
    click.echo("episodes: national admitted care, and their share by the grade that the HRG rests on; none: not reachable.")
    if not found.whole.all_episodes:
        click.echo("The design has no evidence of activity.")
    if found.left_out:
        click.echo(f"{found.left_out:,} more episodes are in HRGs that are no core HRGs of the design.")


def _cells(one: Chapter) -> list[str]:
    codes = f"{one.diagnoses:,}", f"{one.procedures:,}"
    shares = [f"{one.share(grade):.1%}" if one.all_episodes else "" for grade in SHARES]
    return [one.name or ALL, f"{one.reachable}/{one.roots}", *codes, f"{one.all_episodes:,}", *shares]


def print_codes(found: Coverage) -> None:
    """How many codes of the code sets the tables say something of."""
    click.echo(
        f"\nICD-10 codes that lead to a root: {found.whole.diagnoses:,} of {found.diagnosis_codes:,}; the others are errors"
    )
    click.echo(f"OPCS-4 codes by role, {sum(found.roles.values()):,} in all:")
    for role, number in sorted(found.roles.items(), key=lambda item: -item[1]):
        click.echo(f"{number:>8,}  {role}")


def print_second_mapping(found: Coverage) -> None:
    """What a second, independent mapping of some codes showed."""
    if not found.second:
        click.echo("\nno second mapping")
        return
    click.echo("\nSecond mapping, made without knowing the first; numbers of codes:")
    table = new_table("", "codes", "agreed", "rate", "kept first", "took second", "third", "not settled", tight=True)
    for kind, counted in found.second.items():
        table.add_row(kind, *_second_cells(counted))
    show(table)


def _second_cells(counted: SecondMapping) -> list[str]:
    settled = counted.first, counted.second, counted.third, counted.not_settled
    return [f"{counted.codes:,}", f"{counted.agreed:,}", f"{counted.rate:.1%}", *(f"{number:,}" for number in settled)]


def print_reach(reach: Reach) -> None:
    """What has no witness, by name."""
    known = len(reach.witnesses)
    click.echo(f"\n{known:,} of {known + len(reach.unreachable):,} core roots have a witness")
    if reach.unreachable:
        click.echo(f"Not reachable: {', '.join(reach.unreachable)}")
    files: dict[str, list[str]] = {}
    for row in reach.idle_rules:
        files.setdefault(row.file, []).append(str(row.line))
    for file, lines in files.items():
        click.echo(f"Rules that no record was found to take: {file} line {', '.join(lines)}")
