"""Batches of any data set: encoded from records, grouped on several threads."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from hrgcore._core.batch import Batch
from hrgcore._core.encode import Encoder, batch_arrays
from hrgcore._core.events import Events
from hrgcore.datasets.dataset import AnyResults, DataSet, Kernel
from hrgcore.datasets.rows import FaultRow
from hrgcore.design.fields import DIAGNOSIS, LAYOUTS, PROCEDURE, VALUES, Field, cell_places
from hrgcore.errors import ArgumentError

if TYPE_CHECKING:
    from hrgcore._core.tables import Tables
    from hrgcore.design import Design
    from hrgcore.records import Record

Progress = Callable[[int, int], None]  # work done, work in all
LARGEST_STEP = 8_192  # small enough that threads end at about the same time


def make_batch(encoder: Encoder, starts: Sequence[int]) -> Batch:
    """The batch of an encoder that has read all its rows."""
    a = encoder.arrays
    return Batch(
        encoder.fields,
        spell_start=starts if isinstance(starts, array) else array("q", starts),
        numbers=a["numbers"],
        values=a["values"],
        failed=a["failed"],
        diag_start=a["diag_start"],
        diags=a["diags"],
        proc_start=a["proc_start"],
        procs=a["procs"],
        item_start=a["item_start"],
        items=a["items"],
    )


def encodings(designs: Sequence[Design], dataset: str) -> list[list[int]]:
    """The numbers of designs by what they make of codes and fields: records are encoded once for those that stand together."""
    found: list[list[int]] = []
    for number, design in enumerate(designs):
        alike = (other for other in found if same_encoding(design.tables, designs[other[0]].tables, dataset))
        if (other := next(alike, None)) is not None:
            other.append(number)
        else:
            found.append([number])
    return found


def same_encoding(one: Tables, other: Tables, dataset: str) -> bool:
    """Whether two designs make the same ids and faults of cells, so that records need to be encoded only once."""
    return (
        one.icd10.codes == other.icd10.codes
        and one.icd10.pads == other.icd10.pads
        and one.opcs4.codes == other.opcs4.codes
        and one.unknown_primary == other.unknown_primary
        and one.fields[dataset].same_as(other.fields[dataset])
    )


def encode_records(design: Design, dataset: DataSet, records: Sequence[Record]) -> tuple[Batch, list[FaultRow]]:
    """Encodes records of a data set without spells, in their order.

    Returns:
        The batch and the faults found in its cells.
    """
    rooms = dict.fromkeys((DIAGNOSIS, PROCEDURE, VALUES), 0)
    for field in dataset.fields:
        if field.most:
            rooms[field.kind] += sum(len(record.repeated(field.name)) for record in records)
    fields = design.tables.fields[dataset.name]
    encoder = Encoder(design.tables, fields, batch_arrays(fields, len(records), *rooms.values()))
    places = _first_places(dataset.name)
    defaults = design.defaults[dataset.name]
    for record in records:
        encoder.encode_cells(_cells(record, places, defaults))
    return make_batch(encoder, range(len(records) + 1)), encoder.faults.rows()


@lru_cache
def _first_places(dataset: str) -> tuple[tuple[Field, int, int], ...]:
    """Each field of a data set, with the kind and the place of its first cell."""
    places = cell_places(dataset)
    return tuple((field, *places[field.row]) for field in LAYOUTS[dataset])


def _cells(
    record: Record, places: Iterable[tuple[Field, int, int]], defaults: Mapping[str, str]
) -> Iterator[tuple[int, int, str]]:
    """Kind, place and text of each cell of a record; a field left out takes the default of the design."""
    for field, kind, place in places:
        if field.most:
            for number, text in enumerate(record.repeated(field.name)):
                yield kind, place + number, text
        else:
            left_out = record.value(field.name) is None
            yield kind, place, defaults[field.name] if left_out else record.cell(field.name, 0)


def group_batch(
    design: Design,
    dataset: DataSet,
    batch: Batch,
    cell_faults: Iterable[FaultRow] = (),
    *,
    threads: int | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> tuple[AnyResults, Events, Events]:
    """Groups an encoded batch; results do not depend on threads or chunk.

    Args:
        design: the design to group with.
        dataset: the data set of the batch.
        batch: encoded records; admitted care sorted by spell and episode number.
        cell_faults: faults found while encoding.
        threads: how many to use; all cores if None.
        chunk: spells (or records, where there are none) handed to a thread at a time; chosen if None.
        progress: called with the spells done and the spells in all.

    Returns:
        The results, the faults in order, and the unbundled HRGs (row, HRG, multiplier, 0) by row and position.

    Raises:
        ArgumentError: threads or chunk is below 1, or an id or offset of the batch points outside its table.
    """
    if (threads is not None and threads < 1) or (chunk is not None and chunk < 1):
        raise ArgumentError("threads and chunk must be at least 1", cure="Leave them out to let hrgcore choose.")
    try:
        batch.check(design.tables)
    except ValueError as error:
        raise ArgumentError(str(error), place="batch", cure="Make batches with Grouper.encode.") from None
    if batch.fields is not design.tables.fields[dataset.name]:
        raise ArgumentError(
            "the batch was encoded with another design or data set", place="batch", cure="Encode it with this grouper."
        )
    if batch.spells != batch.rows and not dataset.has_spells:
        raise ArgumentError("each record must be a spell of its own", place="batch", cure="Make batches with Grouper.encode.")
    workers = threads or os.cpu_count() or 1
    step = chunk or max(1, min(LARGEST_STEP, -(-batch.spells // workers)))
    cuts = [*range(0, batch.spells, step), batch.spells]
    results = dataset.results(batch)
    faults, unbundled = Events(cell_faults), Events()
    for done, new_faults, new_unbundled in _run(
        lambda: dataset.kernel(design, False), batch, results, list(pairwise(cuts)), workers
    ):
        faults.extend(new_faults)
        unbundled.extend(new_unbundled)
        if progress:
            progress(done, batch.spells)
    if dataset.finish:
        dataset.finish(batch, results)
    faults.sort()
    return results, faults, unbundled


def _run(
    make_kernel: Callable[[], Kernel], batch: Batch, results: AnyResults, spans: list[tuple[int, int]], workers: int
) -> Iterator[tuple[int, Events, Events]]:
    """Groups each span of spells; gives its end, its faults and its unbundled HRGs, in order."""
    from threading import local

    own = local()

    def group(span: tuple[int, int]) -> tuple[int, Events, Events]:
        kernel = getattr(own, "kernel", None)
        if kernel is None:
            kernel = own.kernel = make_kernel()
        kernel.run(batch, results, *span)
        return span[1], kernel.faults.take(), kernel.unbundled.take()

    if workers == 1 or len(spans) < 2:
        yield from map(group, spans)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(group, spans)
