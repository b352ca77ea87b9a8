"""Grouped data in: an output of `hrg group`, or any table with a column of HRGs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from hrgcore.datasets.dataset import UNBUNDLED
from hrgcore.errors import ArgumentError, InputFileError
from hrgcore.files.pipes import STANDARD
from hrgcore.files.reader import LONGEST_LINE, open_stream
from hrgcore.files.tables import CSV, check_pyarrow, form_of, open_table, readable

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Wanted = Callable[[Sequence[str]], Iterable[str]]
# Names of the column of HRGs. That of episodes comes first: a line of an episode tells the HRG of its spell too, once an episode.
HRG_COLUMNS = ("FCE_HRG", "SpellHRG", "hrg", "HRG", "NAC_HRG", "EM_HRG", "NRD_HRG", "ACC_HRG", "PCC_HRG", "NCC_HRG")
LONGEST_NAME = 24  # characters that are shown
_NUMBER = r"^-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"
_END = 16  # bytes
_MOST = 1e100  # what is larger is no amount, and its square might be no number


def read_grouped(source: Any, wanted: Wanted | None = None) -> pa.Table:
    """A table of grouped data.

    All cells of a CSV file are text, blank ones are empty texts, and cells with commas or line ends stand in quotes. A file whose
    last column is `UnbundledHRGs` has the form of the official outputs instead: no quotes, and lines with further cells, that are
    joined to that column with blanks between.

    Args:
        source: the path of a CSV, Parquet or Arrow file with a header, `-` for standard input, or an object with an Arrow stream.
        wanted: gives the columns that are read of a file, once its names are known; all if left out. The others take no memory.

    Raises:
        InputFileError: the file is missing or no such table.
        ArgumentError: the object offers no stream, or pyarrow is not installed.
    """
    check_pyarrow()
    import pyarrow as pa

    if not isinstance(source, str | Path):
        try:
            return pa.table(source)
        except (TypeError, ValueError):
            raise ArgumentError(
                f"{type(source).__name__} is no table with an Arrow interface", place="table", cure="Give one, or a path."
            ) from None
    path = Path(source)
    with open_stream(path) as stream, readable(path):
        if form_of(stream) == CSV:
            return _read_csv(stream, path, wanted)
        table = open_table(stream, path, header=True)
        columns = _chosen(table.schema.names, wanted)
        places = [place for place, name in enumerate(table.schema.names) if name in columns]
        schema = pa.schema([table.schema.field(place) for place in places])
        return pa.Table.from_batches((batch.select(places) for batch in table.batches()), schema)


class _OddLine(NamedTuple):
    """A line with another number of cells than the header: its place among the lines below, its number of cells, its text."""

    place: int
    cells: int
    text: str


def _chosen(names: Sequence[str], wanted: Wanted | None) -> set[str]:
    """The names of the columns that are read."""
    return set(names if wanted is None else wanted(names))


def _read_csv(stream: BinaryIO, path: Path, wanted: Wanted | None) -> pa.Table:
    """A CSV file in the form that its header tells."""
    import pyarrow as pa
    from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

    names, end = _header(stream, path), _end(stream)
    columns = _chosen(names, wanted)
    as_text = ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    stream.seek(0)
    if names[-1:] != [UNBUNDLED]:
        if wanted is not None:  # the last one too, which shows a quote that is not closed
            as_text.include_columns = [name for name in names if name in {*columns, names[-1]}]
        table = read_csv(stream, parse_options=ParseOptions(newlines_in_values=True), convert_options=as_text)
        if table.num_rows and "\n" in table.columns[-1][-1].as_py() and not end.rstrip().endswith(b'"'):
            raise InputFileError("ends within a cell: a quote is not closed", place=str(path), cure="Close it.")
        return table
    odd: list[_OddLine] = []

    def put_aside(row: Any) -> str:
        odd.append(_OddLine(row.number - 2, row.actual_columns, row.text))  # rows count from 1, and the header is one
        return "skip"

    if wanted is not None:
        as_text.include_columns = [name for name in names if name in columns]
    official = ParseOptions(quote_char=False, invalid_row_handler=put_aside)
    even = read_csv(stream, ReadOptions(use_threads=False), official, as_text)  # several threads do not know the numbers of lines
    short = next((line for line in odd if line.cells < len(names)), None)
    if short:
        place = f"{path} record {short.place + 1}"
        raise InputFileError("has too few cells", place=place, cure="Give the file as it was written.")
    return _with_ragged(even, odd, names) if odd else even


def _header(stream: BinaryIO, path: Path) -> list[str]:
    """The names of the columns of a CSV file."""
    stream.seek(0)
    head = stream.read(LONGEST_LINE).decode("utf-8-sig", "replace")
    try:
        return next(csv.reader(io.StringIO(head, newline="")), [])
    except csv.Error:
        raise InputFileError("has no header that can be read", place=str(path), cure="Give a CSV file with a header.") from None


def _end(stream: BinaryIO) -> bytes:
    """The last bytes of a file."""
    stream.seek(max(0, stream.seek(0, 2) - _END))
    return stream.read(_END)


def _with_ragged(even: pa.Table, ragged: Sequence[_OddLine], names: Sequence[str]) -> pa.Table:
    """Puts lines with a ragged end to their places between the others; `names` are those of all columns of the file."""
    import numpy as np
    import pyarrow as pa

    *cells, ends = zip(*(line.text.split(",", len(names) - 1) for line in ragged), strict=True)
    columns = [*cells, [end.replace(",", " ") for end in ends]]
    read = range(len(names)) if even.column_names == list(names) else [names.index(name) for name in even.column_names]
    added = pa.Table.from_arrays([pa.array(columns[place], pa.string()) for place in read], schema=even.schema)
    places = [line.place for line in ragged]
    rows = even.num_rows + len(ragged)
    is_ragged = np.zeros(rows, bool)
    is_ragged[places] = True
    order = np.empty(rows, np.int64)
    order[~is_ragged] = np.arange(even.num_rows)
    order[places] = np.arange(even.num_rows, rows)
    return pa.concat_tables([even, added]).take(order)


def place_of(source: Any) -> str:
    """How messages name a source."""
    if not isinstance(source, str | Path):
        return "table"
    return "standard input" if Path(source) == STANDARD else str(source)


def printable(name: str) -> str:
    """A name from the data as it can be shown: without control characters, and not too long for a line or a plot."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:LONGEST_NAME])
    return shown if len(name) <= LONGEST_NAME else f"{shown[:-1]}…"


def column_of(table: pa.Table, name: str, place: str) -> pa.ChunkedArray:
    """A column by its name.

    Raises:
        InputFileError: there is none, or several.
    """
    check_column(table.column_names, name, place)
    return table.column(name)


def check_column(names: Sequence[str], name: str, place: str) -> None:
    """Refuses a column that a table does not have once.

    Raises:
        InputFileError: there is none, or there are several.
    """
    count = list(names).count(name)
    if count != 1:
        fault = f"has {count} columns named {name!r}" if count else f"has no column {name!r}"
        raise InputFileError(fault, place=place, cure=f"Name one of its columns: {', '.join(names[:12])} ...")


def hrg_column(table: pa.Table, named: str | None, place: str) -> str:
    """The name of the column of HRGs: the one that was named, or the likeliest.

    Raises:
        InputFileError: there is none.
    """
    return hrg_name(table.column_names, named, place)


def hrg_name(names: Sequence[str], named: str | None, place: str) -> str:
    """The same by the names of columns.

    Raises:
        InputFileError: there is none, or there are several.
    """
    found = named or next((name for name in HRG_COLUMNS if name in names), None)
    if found is None:
        raise InputFileError(
            "has no column of HRGs",
            place=place,
            cure=f"Name it, or give an output of hrg group ({', '.join(HRG_COLUMNS[:3])} ...).",
        )
    check_column(names, found, place)
    return found


def texts_of(table: pa.Table, name: str, place: str) -> pa.ChunkedArray:
    """The cells of a column as text without blanks around it; a blank cell is null.

    Raises:
        InputFileError: there is no such column.
    """
    import pyarrow as pa
    from pyarrow import compute

    column = _plain(column_of(table, name, place))
    if not pa.types.is_string(column.type):
        column = _cast(column, pa.string(), name, place)
    column = compute.utf8_trim_whitespace(column)
    return compute.if_else(compute.equal(column, ""), None, column)


def numbers_of(table: pa.Table, name: str, place: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The cells of a column as numbers; NaN stands for a blank one.

    Args:
        table: what `read_grouped` gave.
        name: of the column, of texts or of numbers.
        place: how messages name the table.

    Raises:
        InputFileError: there is no such column, or a cell of it is no finite number.
    """
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute

    column = _plain(column_of(table, name, place))
    if pa.types.is_string(column.type):
        column = texts_of(table, name, place)
        _refuse(compute.invert(compute.match_substring_regex(column, _NUMBER)), "is no number", name, place)
    elif not _is_number(column.type):
        raise InputFileError(f"column {name} is of type {column.type}", place=place, cure="Name a column of numbers.")
    numbers = _cast(column, pa.float64(), name, place)
    _refuse(compute.greater(compute.abs(numbers), _MOST), "is too large", name, place)
    return np.asarray(numbers.combine_chunks().to_numpy(zero_copy_only=False), np.float64)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column without a dictionary, and texts as text of the usual type."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    is_text = pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type)
    return column.cast(pa.string()) if is_text else column


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return any(is_kind(kind) for is_kind in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null))


def _cast(column: pa.ChunkedArray, kind: pa.DataType, name: str, place: str) -> pa.ChunkedArray:
    import pyarrow as pa

    try:
        return column.cast(kind, safe=False)
    except pa.ArrowException:
        raise InputFileError(
            f"column {name} is of type {column.type}", place=place, cure=f"Give one that can be read as {kind}."
        ) from None


def _refuse(faults: pa.ChunkedArray, fault: str, name: str, place: str) -> None:
    """Raises an error for the first cell with a fault; it does not tell what the cell holds, for that may be patient data."""
    from pyarrow import compute

    first = compute.index(faults, True).as_py()
    if first >= 0:
        raise InputFileError(
            f"the cell of column {name} {fault}", place=f"{place} record {first + 1}", cure="Correct it, or leave it blank."
        )
