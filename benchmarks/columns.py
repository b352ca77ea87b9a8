"""Arrow in to Arrow out, against the engine's own time on the same columns; one thread.

    python benchmarks/columns.py [--rows 500000] [--rounds 5]

Measured is `pyarrow.table(grouper.group(table))`: importing the table, encoding, putting rows into order, grouping, and exporting
the columns of records. It is compared with

- own: encoding the same columns, putting rows into order and grouping, with the table imported beforehand and nothing exported;
- kernel: grouping alone, of the same rows.

Each for columns of plain strings and of dictionary strings; the table is a population read from CSV, all columns text, in no
order.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyarrow
from hrgcore.columns.door import STEP, _Door
from measure import DESIGN, Figure, Values, in_turns, options, population_file, ratios, seconds, show
from pyarrow import csv

from hrgcore import Grouper
from hrgcore._core.apc import Kernel
from hrgcore._core.batch import Batch, Results
from hrgcore.datasets.apc import DATASET

TARGET = 1.3


def read_text(rows: int) -> Any:
    """A population as one chunk of columns of plain strings."""
    path = population_file(rows)
    with path.open(encoding="ascii") as file:
        names = file.readline().strip().split(",")
    text = csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=True)
    return csv.read_csv(path, convert_options=text).combine_chunks()


def with_dictionaries(table: Any) -> Any:
    """The same with dictionary strings."""
    return pyarrow.table({name: table[name].combine_chunks().dictionary_encode() for name in table.column_names})


class Own:
    """The engine on columns that are imported already."""

    def __init__(self, grouper: Grouper, table: Any) -> None:
        self._door = _Door(grouper.design, DATASET, table, None, "official", 1, None)
        self._chunk = self._door._next()
        self._kernel = Kernel(grouper.design.tables)
        self._batch = self._encode()

    def _encode(self) -> Batch:
        spans = pairwise([*range(0, self._chunk.rows, STEP), self._chunk.rows])
        parts = [self._door._encode(self._chunk, first, end, 0) for first, end in spans]
        rows = self._door.join([(part, 0, part.rows) for part in parts])
        order = rows.order(self._door.sort_column)
        rows = rows if order is None else rows.take(order)
        return Batch(self._door.fields, spell_start=rows.starts(), **rows.arrays)

    def run(self) -> None:
        """Encodes, orders and groups."""
        self._group(self._encode())

    def group(self) -> None:
        """Groups alone."""
        self._group(self._batch)

    def _group(self, batch: Batch) -> None:
        self._kernel.run(batch, Results(batch.rows, batch.spells), 0, batch.spells)


def measure(grouper: Grouper, table: Any, rounds: int) -> dict[str, Values]:
    """Seconds of each, in turns."""
    own = Own(grouper, table)
    jobs = {
        "arrow": lambda: seconds(lambda: pyarrow.table(grouper.group(table, threads=1))),
        "own": lambda: seconds(own.run),
        "kernel": lambda: seconds(own.group),
    }
    return in_turns(rounds, jobs)


def main() -> None:
    """Measures, and prints a table."""
    given = options(__doc__, rows=500_000, rounds=5).parse_args()
    grouper, plain = Grouper(DESIGN), read_text(given.rows)
    figures = []
    for kind, table in (("plain strings", plain), ("dictionary strings", with_dictionaries(plain))):
        found = measure(grouper, table, given.rounds)
        names = {"arrow": "Arrow to Arrow", "own": "own", "kernel": "kernel"}
        figures += [Figure(f"{kind}: {names[n]}", [given.rows / t for t in values], "rows/s") for n, values in found.items()]
        figures.append(Figure(f"{kind}: time against own", ratios(found["arrow"], found["own"]), "x", TARGET, less=True))
        figures.append(Figure(f"{kind}: time against kernel", ratios(found["arrow"], found["kernel"]), "x", less=True))
    show(f"Arrow in to Arrow out, {given.rows:,} rows", figures)


if __name__ == "__main__":
    main()
