"""`Grouper`: a design and a data set, the one object a user holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore import datasets
from hrgcore._core.records import SpellGrouper
from hrgcore.datasets import apc
from hrgcore.design.design import Design
from hrgcore.errors import ArgumentError
from hrgcore.plugins import host
from hrgcore.records import CODE_ATTRIBUTES, NUMBER_ATTRIBUTES, Episode
from hrgcore.results import GroupedBatch, SpellResult

if TYPE_CHECKING:
    from hrgcore._core.batch import Batch
    from hrgcore.datasets.apc import Progress
    from hrgcore.datasets.rows import FaultRow
    from hrgcore.files.run import RunSummary


_ALONE = (0,)


class Grouper:
    """Groups records with one design. Any number of threads may use it at once.

    Args:
        design: name of an installed design, such as `2024-25`, or a loaded Design; if left out, the default design: that of the
            environment variable HRGCORE_DESIGN, else the only one installed, else the only one that is no overlay of another.
        dataset: `APC`, admitted patient care.

    Raises:
        DesignError: the design is not installed, is broken, or none is named and there is no default.
        ArgumentError: there is no such data set.
    """

    def __init__(self, design: str | Design | None = None, dataset: str = apc.NAME) -> None:
        datasets.dataset(dataset)
        self.dataset = dataset
        self.design = design if isinstance(design, Design) else host().load_design(design or host().default_design())
        self._defaults = apc.default_values(self.design)
        self._idle: list[SpellGrouper] = []

    def group_spell(self, episodes: Sequence[Episode]) -> SpellResult:
        """Groups the episodes of one spell.

        Args:
            episodes: in any order; sorted by their numbers.

        Returns:
            The result, which holds the faults of bad data as messages and can explain itself.

        Raises:
            ArgumentError: there is no episode, or a value has the wrong type.
        """
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = SpellGrouper(self.design.tables, self._defaults)
        try:
            order: Sequence[int] = _ALONE if len(episodes) == 1 else apc.order_of(self.design, episodes)
            records = [episodes[i] for i in order]
            worker.group(records, order)
            snapshot = worker.snapshot()
        except _UNREADABLE as error:
            raise _wrong(episodes, error) from None
        self._idle.append(worker)
        return SpellResult(self.design, records, order, snapshot)

    def encode(self, spells: Iterable[Sequence[Episode]]) -> tuple[Batch, list[FaultRow]]:
        """Encodes spells of records once, for `group_batch`.

        Returns:
            The batch of ids, and the faults found in its cells.

        Raises:
            ArgumentError: a spell has no episode, or a value has the wrong type.
        """
        spells = list(spells)
        try:
            return apc.encode_spells(self.design, spells)
        except _UNREADABLE as error:
            raise _wrong([episode for spell in spells for episode in spell], error) from None

    def group_batch(
        self,
        batch: Batch,
        cell_faults: Sequence[FaultRow] = (),
        *,
        threads: int | None = None,
        chunk: int | None = None,
        progress: Progress | None = None,
    ) -> GroupedBatch:
        """Groups an encoded batch, arrays to arrays.

        Args:
            batch: from `encode`, or made of arrays of ids, sorted by spell and episode number.
            cell_faults: the faults that `encode` gave with it.
            threads: how many to use; all cores if None.
            chunk: spells handed to a thread at a time; chosen if None.
            progress: called with the spells done and the spells in all.

        Raises:
            ArgumentError: threads or chunk is below 1.
        """
        return GroupedBatch.run(self.design, batch, cell_faults, threads=threads, chunk=chunk, progress=progress)

    def group_file(
        self,
        source: str | Path,
        output: str | Path,
        *,
        rdf: str | Path | None = None,
        header: bool | None = None,
        output_headers: bool = True,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> RunSummary:
        """Groups a file of episodes and writes the official set of files, all or none.

        Args:
            source: CSV file in the official form.
            output: name from which the output names are made: `out.csv` gives `out_FCE.csv` and so on.
            rdf: record definition file; the header of the source tells the columns if left out.
            header: whether the source starts with a header; None finds out.
            output_headers: whether the outputs start with one.
            threads: how many to use; all cores if None.
            progress: called with the work done and the work in all; each row counts three times, when it is read,
                grouped and written.

        Raises:
            InputFileError, RecordDefinitionError, OutputFileError: nothing has been written or changed then.
        """
        from hrgcore.files.run import group_file

        return group_file(
            self.design,
            Path(source),
            Path(output),
            rdf=Path(rdf) if rdf else None,
            header=header,
            output_headers=output_headers,
            threads=threads,
            progress=progress,
        )

    def __repr__(self) -> str:
        return f"<Grouper {self.design.name} {self.dataset}>"


_UNREADABLE = (AttributeError, TypeError, ValueError)


def _wrong(records: Sequence[object], error: Exception) -> ArgumentError:
    """Names the first value that an episode cannot have."""
    if isinstance(error, ArgumentError):
        return error
    for number, record in enumerate(records, 1):
        if not isinstance(record, Episode):
            return ArgumentError(
                f"is {type(record).__name__}, not an Episode", place=f"episode {number}", cure="See hrgcore.Episode."
            )
        for name in record.__slots__:
            if fault := _fault(name, getattr(record, name)):
                return ArgumentError(f"{name} {fault}", place=f"episode {number}", cure="See hrgcore.Episode.")
    return ArgumentError("an episode has a value that cannot be read", cure="See hrgcore.Episode.")


def _fault(name: str, value: object) -> str:
    if name in CODE_ATTRIBUTES:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return f"must be a list of codes, not {type(value).__name__}"
        if len(value) > apc.MOST_CELLS:
            return f"has {len(value)} codes, but a record has room for {apc.MOST_CELLS}"
        wrong = next((type(code).__name__ for code in value if type(code) is not str), "")
        return f"has a code that is {wrong}, not text" if wrong else ""
    wanted = int if name in NUMBER_ATTRIBUTES else str
    if value is None or type(value) is wanted:
        return ""
    return f"must be {'a whole number' if wanted is int else 'text'}, not {type(value).__name__}"
