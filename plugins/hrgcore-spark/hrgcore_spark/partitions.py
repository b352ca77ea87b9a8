"""What an executor does: groups the Arrow batches of a partition as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from hrgcore import DesignError, Grouper
from hrgcore.datasets import dataset as data_set

if TYPE_CHECKING:
    import pyarrow as pa

    from hrgcore.columns.tables import GroupedTable
    from hrgcore.files.rdf import RecordDefinition

    Stretch = tuple[pa.Table, GroupedTable, int]  # rows, what was found of them, and how many came before

RECORDS, SPELLS, MESSAGES = "records", "spells", "messages"
# Numbers of rows and spells mean nothing where each partition has its own.
_LEFT_OUT = frozenset({"row", "first_row", "spell"})


@dataclass(frozen=True)
class PartitionGrouper:
    """Groups the batches of a partition; sent to the executors as it is.

    Attributes:
        design: the name by which each process loads it, once.
        version: of the design that the driver has.
        dataset: name of the data set.
        columns: which of the columns in use holds which field.
        used: names of the columns in use.
        level: records, spells or messages.
    """

    design: str
    version: str
    dataset: str
    columns: Mapping[str, str] | RecordDefinition
    used: tuple[str, ...]
    level: str

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The results of the rows, batch by batch."""
        grouper = _grouper(self.design, self.version, self.dataset)
        stretches = self._spell_by_spell if data_set(self.dataset).has_spells else self._batch_by_batch
        for rows, grouped, first in stretches(grouper, batches):
            yield from self.results(rows, grouped, first).to_batches()

    def results(self, rows: pa.Table, grouped: GroupedTable, first: int = 0) -> pa.Table:
        """The table of the level: of records and messages with the input columns before the others; rows count from `first`."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pa.table(getattr(grouped, self.level))
        kept = {name: _plain(found[name]) for name in found.column_names if name not in _LEFT_OUT}
        if self.level == SPELLS:
            return pa.table(kept)
        if self.level == MESSAGES:
            rows = rows.take(pc.subtract(found["row"], first))
        for name, column in kept.items():
            rows = rows.append_column(name, column)
        return rows

    def _batch_by_batch(self, grouper: Grouper, batches: Iterable[pa.RecordBatch]) -> Iterator[Stretch]:
        """Records that do not depend on one another."""
        import pyarrow as pa

        for batch in batches:
            given = batch.select(self.used)
            yield pa.Table.from_batches([batch]), grouper.group(given, columns=self.columns, order="input", threads=1), 0

    def _spell_by_spell(self, grouper: Grouper, batches: Iterator[pa.RecordBatch]) -> Iterator[Stretch]:
        """Episodes sorted by spell: rows are held until the spells that they belong to are complete."""
        import pyarrow as pa

        first = next(batches, None)
        if first is None:
            return
        held: list[pa.RecordBatch] = []
        done = 0

        def passed_on() -> Iterator[pa.RecordBatch]:
            for batch in chain((first,), batches):
                held.append(batch)
                yield batch.select(self.used)

        stream = pa.RecordBatchReader.from_batches(first.select(self.used).schema, passed_on())
        for grouped in grouper.group_chunks(stream, columns=self.columns, order="input", threads=1):
            rows = pa.Table.from_batches(held)
            held[:] = rows.slice(len(grouped)).to_batches()
            yield rows.slice(0, len(grouped)), grouped, done
            done += len(grouped)


@lru_cache(maxsize=8)
def _grouper(design: str, version: str, dataset: str) -> Grouper:
    """The grouper of this process."""
    grouper = Grouper(design, dataset)
    if grouper.design.database_version != version:
        raise DesignError(
            f"an executor has {grouper.design.database_version}, the driver {version}",
            place=f"design {design}",
            cure="Install the same packages on all executors.",
        )
    return grouper


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column without dictionary, which Spark does not take."""
    import pyarrow as pa

    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
