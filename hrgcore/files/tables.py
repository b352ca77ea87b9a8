"""Tables in files: Parquet, Arrow and CSV files, read through pyarrow (extra `arrow`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hrgcore.datasets.dataset import DataSet
from hrgcore.errors import ArgumentError, HRGError, InputFileError
from hrgcore.files.pipes import spooled
from hrgcore.files.rdf import names_fields
from hrgcore.records import record_class

if TYPE_CHECKING:
    import pyarrow as pa

CSV, PARQUET, ARROW = "csv", "parquet", "arrow"
_MAGIC = {b"PAR1": PARQUET, b"ARROW1": ARROW}
_MAGIC_SIZE = max(map(len, _MAGIC))
_BATCH = 1 << 16  # rows
_LONGEST_HEADER = 1 << 20  # bytes


class TableFile(NamedTuple):
    """A file that holds a table: what its columns are, and a stream of its batches, anew at each call."""

    path: Path
    schema: pa.Schema
    batches: Callable[[], pa.RecordBatchReader]


def form_of(stream: BinaryIO) -> str:
    """What a file is, by its first bytes: what is neither Parquet nor Arrow counts as CSV."""
    stream.seek(0)
    head = stream.read(_MAGIC_SIZE)
    stream.seek(0)
    return next((form for magic, form in _MAGIC.items() if head.startswith(magic)), CSV)


def as_csv(stream: BinaryIO, path: Path, dataset: DataSet) -> BinaryIO:
    """A Parquet or Arrow file as a CSV file of the official form; lists become a column a cell, dates are written YYYYMMDD.

    Raises:
        InputFileError: it cannot be read, or a cell holds what the official form cannot.
    """
    check_pyarrow()
    names = {attribute.upper(): field for field, attribute in record_class(dataset.name).attributes.items()}
    with stream, readable(path), spooled() as spool:
        table = open_table(stream, path, header=True)
        widths = _list_widths(table)
        for number, batch in enumerate(table.batches()):
            plain = _plain_columns(batch, widths, names)
            _write_plain(plain, spool, number == 0, path)
    return spool


def _write_plain(table: pa.Table, spool: BinaryIO, header: bool, path: Path) -> None:
    from pyarrow import ArrowInvalid, csv

    try:
        csv.write_csv(table, spool, csv.WriteOptions(include_header=header, quoting_style="none", quoting_header="none"))
    except ArrowInvalid:
        raise InputFileError(
            "a cell holds a comma, a quote or a line end, which the official form cannot",
            place=str(path),
            cure="Leave its column out, or choose --format parquet.",
        ) from None


def _list_widths(table: TableFile) -> dict[str, int]:
    """The most cells of each column of lists."""
    from pyarrow import compute

    widths = {field.name: 1 for field in table.schema if _is_list(field.type)}
    for batch in table.batches() if widths else ():
        for name, width in widths.items():
            widths[name] = max(width, compute.max(compute.list_value_length(batch[name])).as_py() or 0)
    return widths


def _plain_columns(batch: pa.RecordBatch, widths: Mapping[str, int], names: Mapping[str, str]) -> pa.Table:
    """A batch with a column a cell, under the names of fields where these are known by others."""
    import pyarrow as pa
    from pyarrow import compute

    columns: dict[str, pa.Array] = {}
    for field, column in zip(batch.schema, batch.columns, strict=True):
        name = names.get(field.name.upper(), field.name)
        if field.name in widths:
            width = widths[field.name]
            padded = compute.list_slice(column, 0, width, return_fixed_size_list=True)
            columns |= {f"{name}_{cell + 1:02d}": compute.list_element(padded, cell) for cell in range(width)}
        elif pa.types.is_temporal(field.type):
            columns[name] = compute.strftime(column, "%Y%m%d")
        elif pa.types.is_floating(field.type):
            columns[name] = compute.if_else(compute.is_nan(column), None, column)
        else:
            columns[name] = column
    return pa.table(columns)


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return any(is_kind(kind) for is_kind in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list))


def check_pyarrow() -> None:
    """Refuses tables in files where pyarrow is not installed.

    Raises:
        ArgumentError: it is not.
    """
    if find_spec("pyarrow") is None:
        raise ArgumentError("tables in files need pyarrow", cure="Install hrgcore[arrow].")


def column_names(stream: BinaryIO, path: Path) -> list[str]:
    """The names of the columns of a Parquet or Arrow file; of a list that of its first cell too."""
    check_pyarrow()
    schema = open_table(stream, path, header=True).schema
    lists = [f"{field.name}_01" for field in schema if _is_list(field.type)]
    return [*schema.names, *lists]


def open_table(stream: BinaryIO, path: Path, header: bool | None) -> TableFile:
    """The table of a file. Whether a CSV file has a header is said, or found out (None): a cell of it is the name of a field."""
    form = form_of(stream)
    with readable(path):
        if form == PARQUET:
            from pyarrow.parquet import ParquetFile

            file = ParquetFile(stream)
            schema = file.schema_arrow
            return TableFile(path, schema, lambda: _reader(schema, file.iter_batches(_BATCH)))
        if form == ARROW:
            from pyarrow.ipc import open_file

            held = open_file(stream)
            return TableFile(path, held.schema, lambda: _reader(held.schema, map(held.get_batch, range(held.num_record_batches))))
        return _open_csv(stream, path, _starts_with_header(stream) if header is None else header)


def _starts_with_header(stream: BinaryIO) -> bool:
    """Whether a cell of the first line is the name of a field, as in files of the official form."""
    stream.seek(0)
    line = stream.readline(_LONGEST_HEADER).decode("utf-8-sig", "replace")
    stream.seek(0)
    return names_fields(line.split(","))


def _open_csv(stream: BinaryIO, path: Path, header: bool) -> TableFile:
    """A CSV file as the official form has it: no quotes, all cells text."""
    from pyarrow import csv, string

    reading = csv.ReadOptions(autogenerate_column_names=not header)
    parsing = csv.ParseOptions(quote_char=False)

    def opened(columns: Sequence[str] = ()) -> pa.RecordBatchReader:
        stream.seek(0)
        types = csv.ConvertOptions(column_types=dict.fromkeys(columns, string()), strings_can_be_null=False)
        # pyarrow closes what it reads
        return csv.open_csv(_Unclosed(stream), reading, parsing, types)

    names = opened().schema.names
    schema = opened(names).schema
    return TableFile(path, schema, lambda: opened(names))


class _Unclosed:
    """A stream that its reader cannot close."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def close(self) -> None:
        """It stays open."""


def _reader(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    from pyarrow import RecordBatchReader

    return RecordBatchReader.from_batches(schema, batches)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Says of what pyarrow cannot read which file it is; what pyarrow says may hold cells."""
    from pyarrow import ArrowException

    try:
        yield
    except HRGError:
        raise
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk
        raise InputFileError(
            f"is no table that can be read ({type(error).__name__})",
            place=str(path),
            cure="Give a Parquet, Arrow or comma separated file (UTF-8) whose lines have equally many cells.",
        ) from None
