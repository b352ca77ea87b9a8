"""`hrg design diff`: what changed from one design to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.cli.shared import new_table, open_design, show
from hrgcore.errors import ArgumentError

if TYPE_CHECKING:
    from hrgcore.authoring.diff import DesignDiff

FORMS = (".md", ".xlsx", ".html")
STEM = "changes"  # of the files in a folder


@click.command("diff")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write the summary to a file that ends in .md, .xlsx or .html, or all three to a folder.",
)
@click.option("--full", is_flag=True, help="Print the whole summary as Markdown, not its counts alone.")
def command(before: str, after: str, output: Path | None, full: bool) -> None:
    """Tells what changed from design BEFORE to design AFTER: a Summary of Changes.

    HRGs, roots and their splits, codes and where they lead, rules and their order, code lists, CC lists and what else a design
    holds. The designs are compared as they take effect, code by code: how rows are written or graded is no change. BEFORE and
    AFTER are names of installed designs or folders with a design.toml. The exit code is 0 whatever changed.

    \b
    Examples:
      hrg design diff 2021-22 2024-25                  how much changed
      hrg design diff 2021-22 2024-25 --full           all of it, as Markdown
      hrg design diff 2021-22 2024-25 -o changes.xlsx  a workbook with a sheet for each section
      hrg design diff 2024-25 my-design/ -o changes/   Markdown, workbook and page in a folder
    """
    from hrgcore.authoring.diff import design_diff
    from hrgcore.authoring.diff_report import as_markdown

    if output is not None:
        check_output(output)
    found = design_diff(open_design(before)[0], open_design(after)[0])
    if full:
        click.echo(as_markdown(found), nl=False)
    else:
        print_counts(found)
    if output is not None:
        for path in write(found, output):
            click.echo(f"Written: {path}")


def check_output(output: Path) -> None:
    """Refuses an output that cannot be written, before the work begins.

    Raises:
        ArgumentError: it has another ending, or a library is not installed.
    """
    from hrgcore.report.pages import check_pages
    from hrgcore.report.workbooks import check_workbooks

    kind = output.suffix.lower() if not output.is_dir() else ""
    if kind and kind not in FORMS:
        raise ArgumentError(
            f"{output.name} does not end in {', '.join(FORMS)}", place="output", cure="Choose one of these, or a folder."
        )
    if kind in ("", ".xlsx"):
        check_workbooks()
    if kind in ("", ".html"):
        check_pages()


def print_counts(found: DesignDiff) -> None:
    """How many things are new, retired or changed, by section."""
    from hrgcore.authoring.diff import KINDS

    click.echo(f"From design {found.before.database_version} to design {found.after.database_version}\n")
    table = new_table("", "", *KINDS, tight=True)
    table.columns[1].justify = "left"
    for section in found.sections:
        table.add_row(section.title, section.unit, *(f"{section.count(kind):,}" for kind in KINDS))
    show(table)


def write(found: DesignDiff, output: Path) -> list[Path]:
    """Writes the summary to a file, or in all forms to a folder; all files or none."""
    from hrgcore.authoring.diff_report import as_html, as_markdown, write_changes
    from hrgcore.files.outputs import OutputFolder, OutputSet

    kind = output.suffix.lower() if not output.is_dir() else ""
    files = {"": kind} if kind else {f"{STEM}{kind}": kind for kind in FORMS}
    with (OutputSet if kind else OutputFolder)(output, files) as outputs:
        for name, kind in files.items():
            file = outputs.open(name)
            if kind == ".xlsx":
                write_changes(found, file)
            else:
                file.write((as_markdown if kind == ".md" else as_html)(found).encode("utf-8"))
        return outputs.commit()
