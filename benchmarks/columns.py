"""Arrow in to Arrow out, against the engine's own time on the same columns; one thread.

    python benchmarks/columns.py [--rows 500000] [--rounds 5]

Measured is what it takes from a pyarrow table to pyarrow tables of the records and of the spells. It is compared with

- own: encoding the same columns, putting rows into order and grouping; opening the table, collecting messages and handing out
  columns are left out;
- kernel: grouping alone, of the same rows.

Each for columns of plain strings and of dictionary strings (but for the spell number, of which each spell has its own). The table
is a population read from CSV, all columns text, in no order.
"""

from __future__ import annotations

from typing import Any

import pyarrow
from measure import DESIGN, Figure, Values, in_turns, options, population_file, ratios, seconds, show
from pyarrow import csv

from hrgcore import Grouper
from hrgcore._core.apc import Kernel
from hrgcore._core.batch import Batch, Results
from hrgcore.columns.door import Door
from hrgcore.datasets.apc import DATASET

TARGET = 1.3
OWN_NUMBERS = "PROVSPNO"


def read_text(rows: int) -> Any:
    """A population as one chunk of columns of plain strings."""
    path = population_file(rows)
    with path.open(encoding="ascii") as file:
        names = file.readline().strip().split(",")
    text = csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=True)
    return csv.read_csv(path, convert_options=text).combine_chunks()


def with_dictionaries(table: Any) -> Any:
    """The same with dictionary strings."""
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    return pyarrow.table({name: text if name == OWN_NUMBERS else text.dictionary_encode() for name, text in columns.items()})


def arrow_to_arrow(grouper: Grouper, table: Any) -> None:
    """The whole way."""
    grouped = grouper.group(table, threads=1)
    pyarrow.table(grouped.records)
    pyarrow.table(grouped.spells)


def encode(door: Door) -> Batch:
    """The batch of an opened table."""
    rows = door.join([part for (found,) in door.encoded() for part in found])
    order = rows.order(door.sort_column)
    rows = rows if order is None else rows.take(order)
    return Batch(door.fields, spell_start=rows.starts(), **rows.arrays)


def measure(grouper: Grouper, table: Any, rounds: int) -> dict[str, Values]:
    """Seconds of each, in turns."""

    def door() -> Door:
        return Door([grouper.design], DATASET, table, threads=1)

    def group(batch: Batch) -> None:
        kernel.run(batch, Results(batch.rows, batch.spells), 0, batch.spells)

    kernel, encoded = Kernel(grouper.design.tables), encode(door())
    jobs = {
        "arrow": lambda: seconds(arrow_to_arrow, grouper, table),
        "own": lambda: seconds(lambda opened: group(encode(opened)), door()),
        "kernel": lambda: seconds(group, encoded),
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
