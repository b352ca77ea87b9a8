"""`hrg explain`: why a case gets its HRG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from hrgcore import datasets
from hrgcore.datasets.apc import NAME as ADMITTED_CARE
from hrgcore.design.fields import cell_places
from hrgcore.errors import InputFileError
from hrgcore.files.outputs import OutputSet
from hrgcore.files.pipes import STANDARD
from hrgcore.grouper import Grouper
from hrgcore.plugins import host
from hrgcore.records import Episode, Record, record_class
from hrgcore.report.pages import check_pages
from hrgcore.results import RecordResult, SpellResult

if TYPE_CHECKING:
    from hrgcore.explain import Explanation
    from hrgcore.files.span import CellTexts
    from hrgcore.whatif import WhatIf

TEXT, JSON, HTML = FORMS = ("text", "json", "html")


@click.command("explain")
@click.option(
    "-l", "--logic", type=click.Choice(list(datasets.DATASETS)), default=ADMITTED_CARE, show_default=True, help="Data set."
)
@click.option("--age", type=int, help="Admitted care: completed years at the start of the episode.")
@click.option("--days", type=int, default=0, show_default=True, help="Admitted care: days from start to end of the episode.")
@click.option(
    "-d", "--diagnosis", "diagnoses", multiple=True, help="Admitted care: ICD-10 code, the primary one first; repeat for more."
)
@click.option("-p", "--procedure", "procedures", multiple=True, help="Admitted care: OPCS-4 code, in order; repeat for more.")
@click.option("--source", help="Admitted care: source of admission (ADMISORC).")
@click.option("--destination", help="Admitted care: discharge destination (DISDEST).")
@click.option("--specialty", help="Admitted care: treatment function (TRETSPEF).")
@click.option(
    "-f", "--field", "cells", multiple=True, metavar="NAME=VALUE", help="Other data sets: a cell of the record; repeat for more."
)
@click.option("--file", "file", type=click.Path(path_type=Path), help="Take the case from this file of records instead.")
@click.option("--spell", help="With --file, admitted care: the spell number (PROVSPNO).")
@click.option("--provider", help="With --file, admitted care: the provider (PROCODET), if several have the spell number.")
@click.option(
    "--row", type=click.IntRange(1), help="With --file, other data sets: the number of the row, from 1, without the header."
)
@click.option("--rdf", type=click.Path(path_type=Path), help="With --file: its record definition file.")
@click.option("--design", help="Design to group with. [default: HRGCORE_DESIGN, else the only one that is no overlay]")
@click.option(
    "--what-if", "what_if", is_flag=True, help="Admitted care: also the smallest single change of codes to each other HRG."
)
@click.option("--prices", metavar="NAME", help="With --what-if: an installed book of prices, to tell the direction of cost.")
@click.option("--format", "form", type=click.Choice(FORMS), default=TEXT, show_default=True, help="Of what is given out.")
@click.option("--json", "form", flag_value=JSON, help="The same as --format json.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write to this file, whole or not at all, instead of printing."
)
def command(
    logic: str,
    age: int | None,
    days: int,
    diagnoses: tuple[str, ...],
    procedures: tuple[str, ...],
    source: str | None,
    destination: str | None,
    specialty: str | None,
    cells: tuple[str, ...],
    file: Path | None,
    spell: str | None,
    provider: str | None,
    row: int | None,
    rdf: Path | None,
    design: str | None,
    what_if: bool,
    prices: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Explains the grouping of one case: each step, and the table row that decided it.

    What is given out shows the codes of the record: keep it as safe as the record itself. --what-if is a check of coding against
    the record and not advice to code.

    \b
    Examples:
      hrg explain --age 40 --days 0 -d M5490
      hrg explain --age 71 --days 9 -d S720 -d I10 -d E119 -p W371 -p Z843
      hrg explain --file apc.csv --spell 1004595488
      hrg explain -l EM -f AGE=30 -f INV_01=01 -f TREAT_01=22
      hrg explain -l NCC --file days.csv --row 12
      hrg explain --file apc.csv --spell 1004595488 --what-if --prices cost-2024-25
      hrg explain --file apc.csv --spell 1004595488 --what-if --format html -o spell.html
    """
    if prices and not what_if:
        raise click.UsageError("--prices needs --what-if.")
    if what_if and logic != ADMITTED_CARE:
        raise click.UsageError("--what-if is for admitted care.")
    _refuse_unused(logic, file)
    if form == HTML:
        check_pages()
    book = host().price_book(prices) if prices else None
    result: SpellResult | RecordResult
    if logic != ADMITTED_CARE:
        result = Grouper(design, logic).group_record(_record(logic, cells, file, row, rdf))
    elif file is not None:
        if not spell:
            raise click.UsageError("--file needs --spell, the number of the spell to explain.")
        result = Grouper(design).group_spell(read_spell(file, rdf, spell, provider))
    else:
        if not diagnoses:
            raise click.UsageError("Give at least one --diagnosis, or --file and --spell.")
        episode = Episode(
            age=age,
            duration=days,
            diagnoses=diagnoses,
            procedures=procedures,
            admission_source=source,
            discharge_destination=destination,
            treatment_function=specialty,
        )
        result = Grouper(design).group_spell([episode])
    changes = result.what_if(book) if what_if and isinstance(result, SpellResult) else None
    text = in_form(form, result.explain(), changes)
    if output is None or output == STANDARD:
        click.echo(text)
    else:
        write(output, text, keep=[path for path in (file, rdf) if path])


_OF_CASES = ("age", "days", "diagnoses", "procedures", "source", "destination", "specialty")  # an episode by its options


def _refuse_unused(logic: str, file: Path | None) -> None:
    """Refuses options that would be left aside: what is explained then is not the case that was meant."""
    admitted = logic == ADMITTED_CARE
    unused = {"cells", "row"} if admitted else {*_OF_CASES, "spell", "provider"}
    unused |= {*_OF_CASES, "cells"} if file else {"spell", "provider", "row", "rdf"}
    context = click.get_current_context()
    given = ParameterSource.COMMANDLINE
    for option in context.command.params:
        if option.name in unused and context.get_parameter_source(option.name) == given:
            where = f"{logic} {'with' if file else 'without'} --file"
            raise click.UsageError(f"{max(option.opts, key=len)} has no part in {where}.")


def in_form(form: str, explanation: Explanation, what_if: WhatIf | None) -> str:
    """An explanation, and what would change it if that is asked for, as text, JSON or a page."""
    if form == JSON:
        return explanation.to_json(what_if)
    if form == HTML:
        return explanation.to_html(what_if)
    return "\n\n".join(str(one) for one in (explanation, what_if) if one)


def write(path: Path, text: str, keep: Iterable[Path]) -> None:
    """Writes a file, whole or not at all.

    Raises:
        OutputFileError: it cannot be written, or is one of the files to keep.
    """
    with OutputSet(path, [""], keep) as outputs:
        outputs.open("").write(f"{text}\n".encode())
        outputs.commit()


def _record(logic: str, cells: tuple[str, ...], file: Path | None, row: int | None, rdf: Path | None) -> Record:
    """The record of a data set without spells, from its cells or from a row of a file."""
    if file is not None:
        if row is None:
            raise click.UsageError("--file needs --row, the number of the row to explain.")
        return read_record(file, rdf, logic, row)
    if not cells:
        raise click.UsageError("Give the cells of the record, such as -f AGE=30, or --file and --row.")
    given: dict[str, str] = {}
    for cell in cells:
        name, equals, value = cell.partition("=")
        if not equals or name not in cell_places(logic):
            raise click.UsageError(
                f"{cell!r} is not a cell of {logic} such as {next(iter(cell_places(logic)))}=... (see hrg fields)."
            )
        given[name] = value
    record = record_class(logic).from_cells(partial(_given, given))
    for field, attribute in record.attributes.items():
        if getattr(record, attribute) == "":  # what is left out takes the default of the design
            setattr(record, attribute, given.get(field))
    return record


def _given(cells: Mapping[str, str], field: str, position: int) -> str:
    return cells.get(f"{field}_{position:02d}" if position else field, "")


def read_record(path: Path, rdf: Path | None, logic: str, row: int) -> Record:
    """One record of a file.

    Raises:
        InputFileError: the file cannot be used, or has no such row.
    """
    cells, rows = _read_cells(path, rdf, logic)
    if row > rows:
        raise InputFileError(f"there is no row {row}", place=str(path), cure=f"It has {rows} rows.")
    return record_class(logic).from_cells(partial(cells, row - 1))


def _read_cells(path: Path, rdf: Path | None, logic: str) -> tuple[CellTexts, int]:
    """The cells of a file by row, field and position, and the number of its rows."""
    from hrgcore.files.reader import open_input, read_lines
    from hrgcore.files.span import CellTexts

    dataset = datasets.DATASETS[logic]
    with open_input(path, rdf, None, dataset) as file:
        lines = read_lines(file, dataset)
    return CellTexts(file, lines), lines.rows


def read_spell(path: Path, rdf: Path | None, spell: str, provider: str | None) -> list[Episode]:
    """The episodes of one spell of a file.

    Raises:
        InputFileError: the file cannot be used, the spell is not in it, or several providers have it.
    """
    cells, count = _read_cells(path, rdf, ADMITTED_CARE)
    rows = [
        row
        for row in range(count)
        if cells(row, "PROVSPNO", 0).strip() == spell and (provider is None or cells(row, "PROCODET", 0).strip() == provider)
    ]
    if not rows:
        raise InputFileError(f"there is no spell {spell}", place=str(path), cure="Check --spell and --provider.")
    providers = sorted({cells(row, "PROCODET", 0).strip() for row in rows})
    if len(providers) > 1:
        raise InputFileError(
            f"providers {', '.join(providers)} have a spell {spell}", place=str(path), cure="Choose one with --provider."
        )
    return [Episode.from_cells(partial(cells, row)) for row in rows]
