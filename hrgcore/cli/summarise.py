"""`hrg summarise`: totals of grouped data by any columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.analyse.categories import LEVELS
from hrgcore.analyse.summarise import MEAN, NAME, RATE, SHARE, SIZE, TOTALS, summarise
from hrgcore.analyse.totals import COST
from hrgcore.cli.grouped import inputs
from hrgcore.cli.shared import new_table, show
from hrgcore.report.plots import check_plot
from hrgcore.report.tables import check_table

if TYPE_CHECKING:
    from hrgcore.analyse.summarise import Lines
    from hrgcore.report.workbooks import Cell

_FORMS = {COST: "{:,.0f}", MEAN: "{:,.0f}", SHARE: "{:.1%}", RATE: "{:.2f}"}


def _listed(_context: click.Context, _option: click.Parameter, value: str | None) -> list[str] | None:
    """The parts of a list separated by commas."""
    return None if value is None else [part.strip() for part in value.split(",") if part.strip()]


def _bands(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """The bands of each column."""
    pairs = [value.partition("=") for value in values]
    if not all(column and bands for column, _, bands in pairs):
        raise click.BadParameter("Write COLUMN=BANDS, such as STARTAGE=0-17,18-64,65+.")
    return {column.strip(): bands for column, _, bands in pairs}


@click.command("summarise")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--by", callback=_listed, required=True, help="Columns, or the words above, separated by commas.")
@click.option("--cost", help="Column with the cost of each row in GBP.")
@click.option("--totals", callback=_listed, help=f"Which to give, of {', '.join(TOTALS)}. [default: all that there are]")
@click.option(
    "--main", type=click.Choice(TOTALS), help="Total that shares, sizes and the picture are of. [default: cost, else spells]"
)
@click.option("--level", type=click.Choice(list(LEVELS)), help="What a row stands for. [default: found out]")
@click.option(
    "--bands", callback=_bands, multiple=True, metavar="COLUMN=BANDS", help="Bands of numbers: STARTAGE=0-17,18-64,65+."
)
@click.option("--sort", type=click.Choice([NAME, SIZE]), default=NAME, show_default=True, help="Order of the lines.")
@click.option("--matrix", is_flag=True, help="Two columns: the first down, the second across.")
@click.option("--suppress", type=click.IntRange(1), metavar="N", help="Hide counts of 1 to N, and what would give them away.")
@click.option("--round", "rounding", type=click.IntRange(2), metavar="N", help="Round counts to N, and costs to 1,000 times N.")
@click.option(
    "--population", type=click.Path(path_type=Path), help="Table with the columns of --by and population, for rates per 1,000."
)
@click.option("--failed", "failed_hrg", metavar="HRG", help="HRG of records that failed, where no column tells which did.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the table too (.csv, .xlsx or .parquet).")
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="Draw the main total too (.png or .svg).")
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="Bars of the picture; the others share one.")
def command(
    file: Path,
    by: list[str],
    cost: str | None,
    totals: list[str] | None,
    main: str | None,
    level: str | None,
    bands: dict[str, str],
    sort: str,
    matrix: bool,
    suppress: int | None,
    rounding: int | None,
    population: Path | None,
    failed_hrg: str | None,
    output: Path | None,
    picture: Path | None,
    top: int,
) -> None:
    """Totals episodes, spells, bed days and cost of FILE, an output of `hrg group` or another table, by the columns of --by.

    Words stand for what follows from the columns: programme (budgeting category), icd10-chapter (of the primary diagnosis),
    chapter, subchapter, root and hrg, of the column that FILE has for them or of another (chapter:SpellHRG); month:COLUMN and
    year:COLUMN (April to March) of a date. Records that failed to group are a category of their own there.

    With --suppress, counts that small are hidden (*), and as many others that none can be found by subtraction.

    \b
    Examples:
      hrg summarise out_FCE.csv --by programme
      hrg summarise out_spell.csv --by hrg --cost UnitCost --sort size --plot cost.png
      hrg summarise out_FCE.csv --by area,STARTAGE --bands STARTAGE=0-17,18-64,65+ --matrix --suppress 7 --round 5 -o table.xlsx
      hrg summarise out_FCE.csv --by area --level spells --population people.csv
    """
    if output:
        check_table(output)
    if picture:
        check_plot(picture)
    found = summarise(
        file,
        by,
        cost=cost,
        totals=totals,
        main=main,
        level=level,
        bands=bands,
        sort=sort,
        suppress=suppress,
        rounding=rounding,
        population=population,
        failed_hrg=failed_hrg,
    )
    lines = found.matrix() if matrix else found.lines()
    if output:
        found.write(output, matrix=matrix, keep=[*inputs(file), *([population] if population else [])])
    if picture:
        found.plot(picture, most=top)
    print_lines(lines, 1 if matrix else len(by), found.main if matrix else None)
    for note in found.notes:
        click.echo(note)


def print_lines(lines: Lines, keys: int, only: str | None) -> None:
    """The lines, for people; all of one value if `only` names it."""
    from rich.markup import escape

    if only is not None:
        click.echo(f"{only.replace('_', ' ')}:")
    heads = [name.replace("_", " ") if only is None else name for name in lines.columns[keys:]]
    table = new_table(*map(escape, (*lines.columns[:keys], *heads)))
    for column in table.columns[1:keys]:
        column.justify = "left"
    forms = [only or name for name in lines.columns]
    for row in lines.rows:
        table.add_row(*(escape(_text(name, cell)) for name, cell in zip(forms, row, strict=True)))
    show(table)


def _text(name: str, cell: Cell) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    return _FORMS.get(name, "{:,}").format(cell)
