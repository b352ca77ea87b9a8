"""Columns in to columns out, beside the engine's own time on the same columns: what it takes to encode and to group them.

The two are measured in turn, so that their ratio holds on a machine that others use too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Population

from hrgcore import Grouper
from hrgcore._core.apc import Kernel
from hrgcore._core.batch import Batch, Results
from hrgcore._core.encoded import EncodedRows
from hrgcore.columns.door import Door
from hrgcore.datasets.apc import DATASET

pa = pytest.importorskip("pyarrow")
ROUNDS = 9


def _plain(table: Any) -> Any:
    return table


def _dictionaries(table: Any) -> Any:
    names = [name for name in table.column_names if name != "PROVSPNO"]
    for name in names:
        table = table.set_column(table.column_names.index(name), name, table[name].combine_chunks().dictionary_encode())
    return table


def _table(grouper: Grouper, people: Population) -> Any:
    """The population as columns of text, blank cells as nulls, in official order."""
    from pyarrow import csv

    names = people.path.read_text(encoding="ascii").partition("\n")[0].split(",")
    options = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""])
    table = csv.read_csv(people.path, convert_options=options)
    return table.take(pa.table(grouper.group(table))["row"]).combine_chunks()


def _seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.parametrize("form", [_plain, _dictionaries])
def test_columns(benchmark: pytest.FixtureRequest, grouper: Grouper, people: Population, form: Callable[[Any], Any]) -> None:
    """One thread; `ratio` is that of the fastest rounds."""
    table = form(_table(grouper, people))
    fields = grouper.design.tables.fields[DATASET.name]
    kernel = Kernel(grouper.design.tables)

    def engine() -> None:
        door = Door(grouper.design, DATASET, table, threads=1)
        rows: EncodedRows = door.join([part for found in door.encoded() for part in found])
        batch = Batch(fields, spell_start=rows.starts(), **rows.arrays)
        kernel.run(batch, Results(batch.rows, batch.spells), 0, batch.spells)

    def whole() -> None:
        grouped = grouper.group(table, threads=1)
        pa.table(grouped), pa.table(grouped.spells)

    pairs = [(_seconds(whole), _seconds(engine)) for _ in range(ROUNDS)]
    best = [min(times) for times in zip(*pairs, strict=True)]
    benchmark.pedantic(whole, rounds=3)
    benchmark.extra_info["rows_a_second"] = round(table.num_rows / best[0])
    benchmark.extra_info["ratio"] = round(best[0] / best[1], 2)
