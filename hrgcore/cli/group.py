"""`hrg group`: a file of records in, the official set of files or tables out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore import datasets
from hrgcore.cli.interrupt import interrupted_by_sigterm
from hrgcore.cli.report import progress_shown, tell
from hrgcore.cli.shared import listed
from hrgcore.errors import ArgumentError, InputFileError
from hrgcore.files.pipes import STANDARD
from hrgcore.files.tables import ARROW, CSV, PARQUET
from hrgcore.grouper import Grouper, group_file

if TYPE_CHECKING:
    from hrgcore.files.run import FileOptions, RunSummary

_FORMS = {".parquet": PARQUET, ".arrow": ARROW, ".feather": ARROW}
_OF_FILES = ("code_map", "sticky_groups", "memory")  # options that tables do not have


def _output(_context: click.Context, _option: click.Parameter, value: str) -> Path:
    """The name of the output; one that ends in a slash must be a folder."""
    path = Path(value)
    if value.endswith("/") and not path.is_dir():
        raise click.BadParameter(f"there is no folder {path}. Make it first.")
    return path


def _memory(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    from hrgcore.files.memory import memory_size

    try:
        return None if value is None else memory_size(value)
    except ArgumentError as error:
        raise click.BadParameter(str(error)) from None


@click.command("group")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    callback=_output,
    required=True,
    help="Name of the output; out.csv gives out_FCE.csv and so on. A folder takes the name of the input; - is standard output.",
)
@click.option(
    "-d", "--rdf", type=click.Path(path_type=Path), help="Record definition file. Without it the header tells the columns."
)
@click.option(
    "--design",
    callback=listed,
    help="Design to group with, or several separated by commas. [default: HRGCORE_DESIGN, else the only one that is no overlay]",
)
@click.option(
    "-l",
    "--logic",
    type=click.Choice(list(datasets.DATASETS)),
    help="Data set. [default: follows from the record definition or the header, else APC]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([CSV, PARQUET, ARROW]),
    help="Official CSV files, or tables. [default: follows from the name of the output, else csv]",
)
@click.option(
    "--files",
    callback=listed,
    help="Which files to write, such as FCE,spell,summary, or records,spells,messages of tables. [default: all]",
)
@click.option("--header/--no-header", default=None, help="Whether the input starts with a header. [default: found out]")
@click.option(
    "--output-headers/--no-output-headers", default=True, show_default=True, help="Whether the outputs start with headers."
)
@click.option("--threads", type=click.IntRange(1), help="Threads to use. [default: all cores]")
@click.option(
    "--memory",
    callback=_memory,
    metavar="SIZE",
    help="Memory to keep within, such as 1GB; a larger file is sorted on disk. [default: half of what is free]",
)
@click.option(
    "--ecds-map",
    "code_map",
    type=click.Path(path_type=Path),
    help="With EM: CSV file that maps SNOMED CT codes (ECDS) to A&E codes: field,snomed,code.",
)
@click.option(
    "--sticky-groups", is_flag=True, help="With EM: a blank patient group takes the one before it, as old official versions did."
)
@click.option(
    "--prices",
    callback=listed,
    help="Books of prices, separated by commas, by which columns and totals are added. [default: HRGCORE_PRICES, else none]",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def command(
    source: Path,
    output: Path,
    rdf: Path | None,
    design: list[str] | None,
    logic: str | None,
    form: str | None,
    files: list[str] | None,
    header: bool | None,
    output_headers: bool,
    threads: int | None,
    memory: int | None,
    code_map: Path | None,
    sticky_groups: bool,
    prices: list[str] | None,
    quiet: bool,
) -> None:
    """Groups a file of records and writes the official set of files of its data set (CSV), or tables (Parquet, Arrow).

    Data sets: APC admitted care, NAC outpatients, EM emergency medicine, NRD renal dialysis, ACC, PCC and NCC adult,
    paediatric and neonatal critical care. `hrg fields` lists their fields.

    All files appear together, or none does and what was there stays. Records that fail validation are grouped to the error
    group and listed in the quality files; they are no failure of the run. SOURCE may be - for what is piped in.

    \b
    Examples:
      hrg group apc.csv -o out/apc.csv
      hrg group apc.txt -o out.csv --rdf apc.rdf --no-header --design 2024-25
      hrg group apc.csv -o out.csv --design 2023-24,2024-25 --files FCE,spell
      hrg group -l EM attendances.csv -o out/em.csv
      hrg group episodes.parquet -o out/ --format parquet
      hrg group apc.csv -o out/ --prices cost-2024-25,tariff-2024-25
      zcat apc.csv.gz | hrg group - -o - --files FCE > grouped.csv
    """
    options: FileOptions = {
        "rdf": rdf,
        "header": header,
        "output_headers": output_headers,
        "threads": threads,
        "code_map": code_map,
        "sticky_groups": sticky_groups,
        "memory": memory,
        "files": files,
        "prices": prices,
    }
    form = form or _FORMS.get(output.suffix.lower(), CSV)
    with interrupted_by_sigterm(), progress_shown(quiet) as options["progress"]:
        groupers = _groupers(design or [None], logic, source, rdf, header)
        summaries = _group(groupers, source, _named(output, source, form), form, options)
    tell(summaries, quiet=quiet, err=output == STANDARD)


def _group(groupers: list[Grouper], source: Path, output: Path, form: str, options: FileOptions) -> list[RunSummary]:
    if form == CSV:
        return group_file(source, output, [grouper.design for grouper in groupers], dataset=groupers[0].dataset, **options)
    from hrgcore.columns.files import group_tables

    if not options["output_headers"] or any(options.get(name) for name in _OF_FILES):
        raise ArgumentError(
            f"--format {form} does not go with --no-output-headers, --ecds-map, --sticky-groups or --memory",
            cure="Leave them out, or choose --format csv.",
        )
    rdf = options["rdf"]
    return group_tables(
        groupers,
        source,
        output,
        form,
        rdf=Path(rdf) if rdf else None,
        header=options["header"],
        threads=options["threads"],
        progress=options["progress"],
        files=options["files"],
        prices=options["prices"],
    )


def _named(output: Path, source: Path, form: str) -> Path:
    """The name of the output; in a folder that of the input."""
    if not output.is_dir() or output == STANDARD:
        return output
    name = source if source != STANDARD else Path("out")
    return output / f"{name.stem}{(source.suffix or '.csv') if form == CSV else '.' + form}"


def _groupers(
    designs: list[str] | list[None], logic: str | None, source: Path, rdf: Path | None, header: bool | None
) -> list[Grouper]:
    """Groupers of the data set that is named, or that follows from the names of the fields."""
    first = Grouper(designs[0], logic) if logic else _fitting(Grouper(designs[0]), source, rdf, header)
    return [first, *(Grouper(design, first.dataset) for design in designs[1:])]


def _fitting(grouper: Grouper, source: Path, rdf: Path | None, header: bool | None) -> Grouper:
    from hrgcore.files.reader import named_fields

    names = named_fields(source, rdf, header)
    if names is None:
        return grouper
    found = datasets.fitting(grouper.design, names) or datasets.nearest(grouper.design, names)
    if found is None:
        raise InputFileError(
            "no data set follows from its fields", place=str(rdf or source), cure="Name the data set with -l, such as -l EM."
        )
    return Grouper(grouper.design, found)
