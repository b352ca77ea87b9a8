"""Tables of reports in files: Parquet, CSV or Excel, by the ending of the name (extras `arrow`, `excel`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hrgcore.errors import ArgumentError
from hrgcore.report.workbooks import Sheet, check_workbooks, write_workbook

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = (".csv", ".parquet", ".xlsx")


def check_table(path: Path) -> None:
    """Refuses what cannot be written as a table, before the work begins.

    Raises:
        ArgumentError: the name has another ending than .csv, .parquet or .xlsx, or a library is not installed.
    """
    if path.suffix.lower() not in KINDS:
        raise ArgumentError(f"{path.name} does not end in {', '.join(KINDS)}", place="table", cure="Choose one of these.")
    if path.suffix.lower() == ".xlsx":
        check_workbooks()


def write_table(file: BinaryIO, name: str, table: pa.Table) -> None:
    """Writes a table in the form that the ending of a name tells; the name without it is that of the sheet of a workbook."""
    kind = Path(name).suffix.lower()
    if kind == ".parquet":
        from pyarrow.parquet import write_table as write

        write(table, file)
    elif kind == ".xlsx":
        write_workbook(file, [as_sheet(Path(name).stem, table)])
    else:
        from pyarrow import csv

        csv.write_csv(table, file, csv.WriteOptions(quoting_style="needed", quoting_header="needed"))


def as_sheet(name: str, table: pa.Table, title: str = "") -> Sheet:
    """A table as a sheet of a workbook."""
    columns = [column.to_pylist() for column in table.columns]
    return Sheet(name, table.column_names, zip(*columns, strict=True), title)
