"""Grouped data in: an output of `hrg group`, or any table with a column of HRGs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrgcore.errors import ArgumentError, InputFileError
from hrgcore.files.pipes import STANDARD
from hrgcore.files.reader import open_stream
from hrgcore.files.tables import check_pyarrow, open_table, readable

if TYPE_CHECKING:
    import pyarrow as pa

# Names of the column of HRGs, the more likely first: of spells, of episodes, of tables, of the other data sets.
HRG_COLUMNS = ("SpellHRG", "FCE_HRG", "hrg", "NAC_HRG", "EM_HRG", "NRD_HRG", "ACC_HRG", "PCC_HRG", "NCC_HRG")


def read_grouped(source: Any) -> pa.Table:
    """A table of grouped data.

    Args:
        source: the path of a CSV, Parquet or Arrow file with a header, `-` for standard input, or an object with an Arrow stream.

    Raises:
        InputFileError: the file is missing or no such table.
        ArgumentError: the object offers no stream, or pyarrow is not installed.
    """
    check_pyarrow()
    import pyarrow as pa

    if not isinstance(source, str | Path):
        try:
            return pa.table(source)
        except TypeError:
            raise ArgumentError(
                f"{type(source).__name__} is no table with an Arrow interface", place="table", cure="Give one, or a path."
            ) from None
    path = Path(source)
    with open_stream(path) as stream, readable(path):
        return open_table(stream, path, header=True).batches().read_all()


def place_of(source: Any) -> str:
    """How messages name a source."""
    if not isinstance(source, str | Path):
        return "table"
    return "standard input" if Path(source) == STANDARD else str(source)


def column_of(table: pa.Table, name: str, place: str) -> pa.ChunkedArray:
    """A column by its name.

    Raises:
        InputFileError: there is none, or several.
    """
    found = [number for number, other in enumerate(table.column_names) if other == name]
    if len(found) != 1:
        known = ", ".join(table.column_names[:12])
        fault = f"has {len(found)} columns named {name!r}" if found else f"has no column {name!r}"
        raise InputFileError(fault, place=place, cure=f"Name one of its columns: {known} ...")
    return table.column(found[0])


def hrg_column(table: pa.Table, named: str | None, place: str) -> str:
    """The name of the column of HRGs: the one that was named, or the likeliest.

    Raises:
        InputFileError: there is none.
    """
    if named is not None:
        column_of(table, named, place)
        return named
    found = next((name for name in HRG_COLUMNS if name in table.column_names), None)
    if found is None:
        raise InputFileError(
            "has no column of HRGs",
            place=place,
            cure=f"Name it, or give an output of hrg group ({', '.join(HRG_COLUMNS[:3])} ...).",
        )
    return found
