"""The same rows grouped by `Grouper.group` on one machine, in a form to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from hrgcore import Grouper

DESIGN = "2024-25"
EXAMPLES = Path(__file__).parents[3] / "examples"
ID = "record_id"  # names each row of the input
Found = list[dict[str, Any]]


def example(dataset: str) -> pa.Table:
    """The example of a data set as text, with an identifier for each row."""
    file = EXAMPLES / f"{dataset.lower()}_sample.csv"
    names = file.read_text(encoding="utf-8").partition("\n")[0].split(",")
    options = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""])
    return with_ids(csv.read_csv(file, convert_options=options))


def with_ids(table: pa.Table) -> pa.Table:
    return table.append_column(ID, pa.array(range(len(table)), pa.int64()))


def in_order(table: pa.Table) -> pa.Table:
    """Sorted by all columns, nulls first, so that ties of episode numbers fall as they do in Spark."""
    rows = [[(cell is not None, cell) for cell in row.values()] for row in table.to_pylist()]
    return table.take(sorted(range(len(rows)), key=rows.__getitem__))


def one_machine(table: pa.Table, level: str, *, dataset: str = "APC", columns: Any = None, design: str = DESIGN) -> Found:
    """The rows of a level, sorted."""
    table = in_order(table)
    grouped = Grouper(design, dataset).group(table, columns=columns, order="input", threads=1)
    found = pa.table(getattr(grouped, level)).to_pylist()
    if level != "spells":
        ids = table[ID].to_pylist()
        found = [{ID: ids[row["row"]], **row} for row in found]
    return ordered([{name: cell for name, cell in row.items() if name not in ("row", "spell", "first_row")} for row in found])


def ordered(rows: Found) -> Found:
    return sorted(rows, key=repr)
