"""Files of tables in, files of tables out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from hrgcore import datasets
from hrgcore.columns.tables import INPUT, GroupedTable
from hrgcore.errors import ArgumentError
from hrgcore.files.outputs import OutputSet
from hrgcore.files.pipes import STANDARD, StandardOutput
from hrgcore.files.rdf import read_definition
from hrgcore.files.reader import open_stream
from hrgcore.files.run import RunSummary
from hrgcore.files.tables import PARQUET, TableFile, check_pyarrow, open_table, readable
from hrgcore.grouper import Grouper, group_table
from hrgcore.prices import PriceBook, PricedUnits, chosen_books, levels_of

if TYPE_CHECKING:
    import pyarrow as pa

    from hrgcore.datasets.batches import Progress

RECORDS, SPELLS, MESSAGES = "records", "spells", "messages"


def group_tables(
    groupers: Sequence[Grouper],
    source: Path,
    output: Path,
    form: str,
    *,
    rdf: Path | None = None,
    header: bool | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    files: Sequence[str] | None = None,
    prices: Sequence[str] | None = None,
) -> list[RunSummary]:
    """Groups a file with each of some designs and writes tables: records (the input with columns added), spells, messages.

    Args:
        groupers: of the same data set, one a design.
        source: a Parquet, Arrow or CSV file; `-` is standard input.
        output: `out.parquet` gives `out_records.parquet` and so on, with several designs `out_2024-25_records.parquet`; `-`
            writes the records to standard output.
        form: `parquet` or `arrow`.
        rdf: record definition file whose titles or positions tell the columns; their names tell if left out.
        header: of a CSV file, whether it starts with a header; None takes it that it does, unless there is a record definition.
        threads: how many to use; all cores if None.
        progress: called with the spells done and the spells in all, of each design.
        files: which of the tables to write; all if None.
        prices: names of books of prices, by which columns are added; if None those that HRGCORE_PRICES lists.

    Raises:
        InputFileError: the source is missing or no such table.
        ArgumentError: options do not go together, or the columns of the table do not fit the data set.
        OutputFileError: nothing has been written or changed then.
    """
    check_pyarrow()
    started = datetime.now()
    chosen = _chosen(groupers, output, files)
    books = chosen_books(prices)
    names = [f"_{grouper.design.name}" if len(groupers) > 1 else "" for grouper in groupers]
    outputs: OutputSet | StandardOutput = StandardOutput()
    if output != STANDARD:
        keep = [path for path in (source, rdf) if path]
        outputs = OutputSet(output, [f"{name}_{table}" for name in names for table in chosen], keep)
    columns = read_definition(rdf) if rdf else None
    summaries = []
    with outputs, open_stream(source) as stream:
        table = open_table(stream, source, header if header is not None else rdf is None)
        with readable(source):
            found = group_table(
                table.batches(),
                [grouper.design for grouper in groupers],
                dataset=groupers[0].dataset,
                columns=columns,
                order=INPUT,
                threads=threads,
                progress=progress,
            )
            for name, grouper, grouped in zip(names, groupers, found, strict=True):
                priced = _Priced(grouped, books)
                _write(outputs, name, chosen, form, table, priced)
                summaries.append((grouper, priced, tuple(outputs.path(f"{name}_{one}") for one in chosen)))
        outputs.commit()
    return [_summary(*found, started) for found in summaries]


class _Priced:
    """A grouped table with the columns of books of prices, and their totals."""

    def __init__(self, grouped: GroupedTable, books: Sequence[PriceBook]) -> None:
        self.grouped = grouped
        self.levels = levels_of(grouped.grouped.dataset)
        self.totals = tuple(PricedUnits(book, grouped.grouped, level).total() for book in books for level in self.levels)
        self._books = books

    @property
    def records(self) -> pa.Table:
        """What was found of each record."""
        import pyarrow as pa

        return self._with(pa.table(self.grouped), self.levels[0])

    @property
    def spells(self) -> pa.Table:
        """What was found of each spell."""
        import pyarrow as pa

        return self._with(pa.table(self.grouped.spells), self.levels[-1])

    def _with(self, table: pa.Table, level: str) -> pa.Table:
        """A table with the columns of prices of a level; what is not known is null."""
        import pyarrow as pa

        for book in self._books:
            for name, column in self.grouped.price_columns(book, level).items():
                unknown = column == "" if column.dtype == object else column < 0 if column.dtype.kind == "i" else None
                table = table.append_column(name, pa.array(column, mask=unknown, from_pandas=True))
        return table


def _chosen(groupers: Sequence[Grouper], output: Path, files: Sequence[str] | None) -> tuple[str, ...]:
    has_spells = datasets.dataset(groupers[0].dataset).has_spells
    known = (RECORDS, SPELLS, MESSAGES) if has_spells else (RECORDS, MESSAGES)
    for name in files or ():
        if name not in known:
            raise ArgumentError(f"there is no table {name!r}", cure=f"Choose of {', '.join(known)}.")
    chosen = tuple(name for name in known if files is None or name in files)
    if output == STANDARD:
        chosen = chosen if files else (RECORDS,)
        if len(chosen) * len(groupers) != 1:
            raise ArgumentError("standard output takes one table of one design", cure="Choose one, such as records.")
    return chosen


def _write(
    outputs: OutputSet | StandardOutput, name: str, chosen: Sequence[str], form: str, table: TableFile, priced: _Priced
) -> None:
    """Writes the tables of a design."""
    import pyarrow as pa

    for one in chosen:
        file = outputs.open(f"{name}_{one}")
        if one == RECORDS:
            schema, batches = _records(table, priced.records)
        else:
            found = priced.spells if one == SPELLS else pa.table(priced.grouped.messages)
            schema, batches = found.schema, iter(found.to_batches())
        with _writer(form, file, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)


def _records(table: TableFile, results: pa.Table) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The rows of the input, each with what was found of it."""
    import pyarrow as pa

    results = results.drop_columns(["row"])
    if both := [name for name in results.column_names if name in table.schema.names]:
        raise ArgumentError(
            f"the input has columns named like those that are added: {', '.join(both)}",
            place=str(table.path),
            cure="Rename them, or write only spells.",
        )
    columns = [column.combine_chunks() for column in results.columns]
    schema = pa.schema([*table.schema, *results.schema])

    def batches() -> Iterator[pa.RecordBatch]:
        first = 0
        for batch in table.batches():
            parts = [column.slice(first, batch.num_rows) for column in columns]
            yield pa.RecordBatch.from_arrays([*batch.columns, *parts], schema=schema)
            first += batch.num_rows

    return schema, batches()


def _writer(form: str, file: BinaryIO, schema: pa.Schema) -> Any:
    if form == PARQUET:
        from pyarrow.parquet import ParquetWriter

        return ParquetWriter(file, schema)
    from pyarrow.ipc import new_file

    return new_file(file, schema)


def _summary(grouper: Grouper, priced: _Priced, files: tuple[Path, ...], started: datetime) -> RunSummary:
    grouped, batch = priced.grouped, priced.grouped.grouped
    messages = Counter(batch.design.tables.messages[fault[3]] for fault in batch.faults)
    return RunSummary(
        design=grouper.design.database_version,
        dataset=grouper.dataset,
        records=grouped.num_rows,
        spells=batch.batch.spells if batch.dataset.has_spells else 0,
        record_errors=grouped.record_errors,
        spell_errors=grouped.spell_errors,
        messages=dict(messages.most_common()),
        files=files,
        started=started,
        ended=datetime.now(),
        prices=priced.totals,
    )
