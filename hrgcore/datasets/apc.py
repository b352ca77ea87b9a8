"""Admitted patient care: fields, encoding, the kernel on several threads, and the official output columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from hrgcore._core.apc import Kernel
from hrgcore._core.batch import Batch, Results
from hrgcore._core.encode import Encoder
from hrgcore._core.records import batch_arrays, encode_record
from hrgcore.datasets.rows import FaultRow, UnbundledRow, sort_faults
from hrgcore.design.schema import LISTED_FIELDS, NUMBER_FIELDS
from hrgcore.errors import ArgumentError

if TYPE_CHECKING:
    from hrgcore.design import Design
    from hrgcore.records import Episode

NAME = "APC"
MOST_CELLS = 99

# The record layout: fields in official order, and where the repeated ones stand.
LEADING_FIELDS = (
    "PROCODET",
    "PROVSPNO",
    "EPIORDER",
    "STARTAGE",
    "SEX",
    "CLASSPAT",
    "ADMISORC",
    "ADMIMETH",
    "DISDEST",
    "DISMETH",
    "EPIDUR",
    "MAINSPEF",
    "NEOCARE",
    "TRETSPEF",
)
REPEATED_FIELDS = ("DIAG", "OPER")
DAY_FIELDS = ("CRITICALCAREDAYS", "REHABILITATIONDAYS", "SPCDAYS")
DEFAULT_CELLS = {"DIAG": 14, "OPER": 12}

SPELL_KEY = ("PROCODET", "PROVSPNO")
_SPECIALISED = tuple(f"SSCs{n}" for n in range(1, 8))

EPISODE_COLUMNS = (
    "FCE_HRG",
    "GroupingMethodFlag",
    "DominantProcedure",
    "FCE_PBC",
    "CalcEpidur",
    "ReportingEPIDUR",
    "FCETrimpoint",
    "FCEExcessBeddays",
    "SpellReportFlag",
)
EPISODE_SPECIALISED_COLUMNS = ("FCESSC_Ct", *(f"FCE{name}" for name in _SPECIALISED))
SPELL_COLUMNS = (
    "SpellHRG",
    "SpellGroupingMethodFlag",
    "SpellDominantProcedure",
    "SpellPDiag",
    "SpellSDiag",
    "SpellEpisodeCount",
    "SpellLOS",
    "ReportingSpellLOS",
    "SpellTrimpoint",
    "SpellExcessBeddays",
    "SpellCCDays",
    "SpellPBC",
)
SPELL_FLAG_COLUMNS = (
    "SpellSSC_Ct",
    *(f"Spell{name}" for name in _SPECIALISED),
    "SpellBP_Ct",
    *(f"SpellBP{n}" for n in range(1, 8)),
    "SpellFlag_Ct",
    *(f"SpellFlag{n}" for n in range(1, 8)),
)

Progress = Callable[[int, int], None]  # work done, work in all


def default_values(design: Design) -> tuple[int, ...]:
    """Ids of the values that listed fields take when a caller of the single-case API leaves them out."""
    return tuple(design.tables.values[column].encode(design.defaults[field]) for column, field in enumerate(LISTED_FIELDS))


def encode_spells(design: Design, spells: Iterable[Sequence[Episode]]) -> tuple[Batch, list[FaultRow]]:
    """Encodes spells of records; the episodes of each spell are sorted by number.

    Returns:
        The batch and the faults found in its cells.
    """
    orders = [(spell, order_of(design, spell)) for spell in spells]
    flat = [episode for spell, _ in orders for episode in spell]
    encoder = Encoder(
        design.tables,
        batch_arrays(
            len(flat), sum(len(episode.diagnoses) for episode in flat), sum(len(episode.procedures) for episode in flat)
        ),
    )
    defaults = default_values(design)
    starts = [0]
    for spell, order in orders:
        for place in order:
            encode_record(encoder, spell[place], defaults, place + 1)
        starts.append(starts[-1] + len(spell))
    return make_batch(encoder, starts), encoder.faults.rows()


def order_of(design: Design, spell: Sequence[Episode]) -> list[int]:
    """Positions of the episodes in the order of their numbers; one whose number is not accepted comes last.

    An episode without a number has its place in the list as its number.

    Raises:
        ArgumentError: there is no episode.
    """
    if not spell:
        raise ArgumentError("a spell has no episodes", cure="Give at least one episode.")

    def key(position: int) -> tuple[bool, int]:
        number = spell[position].number
        if number is None:
            return False, position + 1
        accepted = isinstance(number, int) and design.tables.accepts_number(_EPISODE_NUMBER, number)
        return not accepted, number if accepted else 0

    return sorted(range(len(spell)), key=key)


_EPISODE_NUMBER = NUMBER_FIELDS.index("EPIORDER")


def make_batch(encoder: Encoder, starts: Sequence[int]) -> Batch:
    """The batch of an encoder that has read all its rows."""
    from array import array

    a = encoder.arrays
    return Batch(
        spell_start=starts if isinstance(starts, array) else array("q", starts),
        numbers=a["numbers"],
        values=a["values"],
        failed=a["failed"],
        diag_start=a["diag_start"],
        diags=a["diags"],
        proc_start=a["proc_start"],
        procs=a["procs"],
    )


def group_batch(
    design: Design,
    batch: Batch,
    cell_faults: Sequence[FaultRow] = (),
    *,
    threads: int | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> tuple[Results, list[FaultRow], list[UnbundledRow]]:
    """Groups an encoded batch; results do not depend on threads or chunk.

    Args:
        design: the design to group with.
        batch: sorted by spell and episode number.
        cell_faults: faults found while encoding.
        threads: how many to use; all cores if None.
        chunk: spells handed to a thread at a time; chosen if None.
        progress: called with the spells done and the spells in all.

    Returns:
        The results, the faults in order, and the unbundled HRGs by row and position.

    Raises:
        ArgumentError: threads or chunk is below 1, or an id or offset of the batch points outside its table.
    """
    if (threads is not None and threads < 1) or (chunk is not None and chunk < 1):
        raise ArgumentError("threads and chunk must be at least 1", cure="Leave them out to let hrgcore choose.")
    try:
        batch.check(design.tables)
    except ValueError as error:
        raise ArgumentError(str(error), place="batch", cure="Make batches with Grouper.encode.") from None
    workers = threads or os.cpu_count() or 1
    step = chunk or max(1, min(65_536, -(-batch.spells // workers)))
    cuts = [*range(0, batch.spells, step), batch.spells]
    results = Results(batch.episodes, batch.spells)
    faults: list[FaultRow] = list(cell_faults)
    unbundled: list[UnbundledRow] = []
    for done, (new_faults, new_unbundled) in _run(design, batch, results, list(pairwise(cuts)), workers):
        faults += new_faults
        unbundled += new_unbundled
        if progress:
            progress(done, batch.spells)
    return results, sort_faults(faults), unbundled


def _run(
    design: Design, batch: Batch, results: Results, spans: list[tuple[int, int]], workers: int
) -> Iterable[tuple[int, tuple[list[FaultRow], list[UnbundledRow]]]]:
    """Groups each span of spells and gives what it found, in order."""
    from threading import local

    own = local()

    def group(span: tuple[int, int]) -> tuple[list[FaultRow], list[UnbundledRow]]:
        kernel = getattr(own, "kernel", None)
        if kernel is None:
            kernel = own.kernel = Kernel(design.tables)
        kernel.run(batch, results, *span)
        return kernel.faults.rows(), kernel.unbundled.rows()

    if workers == 1 or len(spans) < 2:
        for span in spans:
            yield span[1], group(span)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        for span, found in zip(spans, pool.map(group, spans), strict=True):
            yield span[1], found
