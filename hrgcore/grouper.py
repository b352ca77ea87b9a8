"""`Grouper`: a design and a data set, the one object a user holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrgcore import datasets
from hrgcore._core.records import SpellGrouper
from hrgcore.datasets import apc
from hrgcore.datasets.batches import encode_records
from hrgcore.datasets.rows import sort_faults
from hrgcore.design.design import Design
from hrgcore.design.fields import DATE, LAYOUTS, NUMBER, WEIGHT, Field
from hrgcore.errors import ArgumentError, DesignError
from hrgcore.plugins import host
from hrgcore.records import Episode, Record, record_class
from hrgcore.results import GroupedBatch, RecordResult, SpellResult

if TYPE_CHECKING:
    from hrgcore._core.batch import Batch
    from hrgcore.columns.mapping import Columns
    from hrgcore.columns.tables import GroupedTable
    from hrgcore.datasets.batches import Progress
    from hrgcore.datasets.dataset import Kernel
    from hrgcore.datasets.rows import FaultRow
    from hrgcore.files.run import RunSummary


_ALONE = (0,)


class Grouper:
    """Groups records with one design. Any number of threads may use it at once.

    Args:
        design: name of an installed design, such as `2024-25`, or a loaded Design; if left out, the default design: that of the
            environment variable HRGCORE_DESIGN, else the only one installed, else the only one that is no overlay of another.
        dataset: `APC` admitted patient care, `NAC` outpatients, `EM` emergency medicine, `NRD` renal dialysis, `ACC`, `PCC` and
            `NCC` adult, paediatric and neonatal critical care.

    Raises:
        DesignError: the design is not installed, is broken, or lacks the data set, or none is named and there is no default.
        ArgumentError: there is no such data set.
    """

    def __init__(self, design: str | Design | None = None, dataset: str = apc.NAME) -> None:
        self._dataset = datasets.dataset(dataset)
        self.design = design if isinstance(design, Design) else host().load_design(design or host().default_design())
        if dataset not in self.design.tables.fields:
            raise DesignError(f"has no data set {dataset}", place=f"design {self.design.name}", cure="Use another design.")
        self._record = record_class(dataset)
        self._defaults = apc.default_values(self.design)
        self._idle: list[SpellGrouper] = []
        self._kernels: list[Kernel] = []  # idle too

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return self._dataset.name

    def group_spell(self, episodes: Sequence[Episode]) -> SpellResult:
        """Groups the episodes of one spell.

        Args:
            episodes: in any order; sorted by their numbers.

        Returns:
            The result, which holds the faults of bad data as messages and can explain itself.

        Raises:
            ArgumentError: there is no episode, a value has the wrong type, or the data set is not admitted care.
        """
        if not self._dataset.has_spells:
            raise ArgumentError(f"data set {self.dataset} has no spells", cure="Use group_record.")
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
            raise _wrong(Episode, episodes, error) from None
        self._idle.append(worker)
        return SpellResult(self.design, records, order, snapshot)

    def group_record(self, record: Record) -> RecordResult:
        """Groups one record of a data set other than admitted care.

        Args:
            record: of the class of the data set, such as `EmergencyAttendance`.

        Returns:
            The result, which holds the faults of bad data as messages and can explain itself.

        Raises:
            ArgumentError: a value has the wrong type, or the data set is admitted care.
        """
        if self._dataset.has_spells:
            raise ArgumentError("admitted care is grouped by spell", cure="Use group_spell.")
        batch, faults = self.encode([record])
        try:
            kernel = self._kernels.pop()
        except IndexError:
            kernel = self._dataset.kernel(self.design, False)
        results = self._dataset.results(batch)
        kernel.run(batch, results, 0, 1)
        if self._dataset.finish:
            self._dataset.finish(batch, results)
        faults = sort_faults(faults + kernel.faults.rows())
        grouped = GroupedBatch(self.design, self._dataset, batch, results, faults, kernel.unbundled.rows())
        self._kernels.append(kernel)
        return RecordResult(record, grouped)

    def encode(self, spells: Iterable[Sequence[Episode]] | Iterable[Record]) -> tuple[Batch, list[FaultRow]]:
        """Encodes records once, for `group_batch`.

        Args:
            spells: of admitted care spells, each a list of episodes; of the other data sets records.

        Returns:
            The batch of ids, and the faults found in its cells.

        Raises:
            ArgumentError: a spell has no episode, or a value has the wrong type.
        """
        given: list[Any] = list(spells)
        try:
            if self._dataset.has_spells:
                return apc.encode_spells(self.design, given)
            _check_records(self._record, given)
            return encode_records(self.design, self._dataset, given)
        except _UNREADABLE as error:
            records = [episode for spell in given for episode in spell] if self._dataset.has_spells else given
            raise _wrong(self._record, records, error) from None

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
            batch: from `encode`, or made of arrays of ids; admitted care sorted by spell and episode number.
            cell_faults: the faults that `encode` gave with it.
            threads: how many to use; all cores if None.
            chunk: spells handed to a thread at a time; chosen if None.
            progress: called with the spells done and the spells in all.

        Raises:
            ArgumentError: threads or chunk is below 1.
        """
        return GroupedBatch.run(
            self.design, batch, cell_faults, dataset=self.dataset, threads=threads, chunk=chunk, progress=progress
        )

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
        code_map: str | Path | None = None,
        sticky_groups: bool = False,
    ) -> RunSummary:
        """Groups a file and writes the official set of files, all or none.

        Args:
            source: CSV file in the official form.
            output: name from which the output names are made: `out.csv` gives `out_FCE.csv` and so on.
            rdf: record definition file; the header of the source tells the columns if left out.
            header: whether the source starts with a header; None finds out.
            output_headers: whether the outputs start with one.
            threads: how many to use; all cores if None.
            progress: called with the work done and the work in all; each row counts three times, when it is read,
                grouped and written.
            code_map: for emergency medicine, a CSV file that maps SNOMED CT codes to A&E codes (columns field, snomed, code).
            sticky_groups: for emergency medicine, repeat the known defect of old official versions: a blank patient group
                takes that of the record before it.

        Raises:
            InputFileError, RecordDefinitionError, OutputFileError: nothing has been written or changed then.
        """
        from hrgcore.files.run import group_file

        return group_file(
            self.design,
            self._dataset,
            Path(source),
            Path(output),
            rdf=Path(rdf) if rdf else None,
            header=header,
            output_headers=output_headers,
            threads=threads,
            progress=progress,
            code_map=Path(code_map) if code_map else None,
            sticky_groups=sticky_groups,
        )

    def group(
        self,
        table: Any,
        *,
        columns: Columns = None,
        order: str = "official",
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> GroupedTable:
        """Groups a table of columns, whoever made it: pyarrow, polars, pandas 3, DuckDB, nanoarrow or others.

        Args:
            table: an object with `__arrow_c_stream__` or `__arrow_c_array__`. Cells are text, whole numbers or floats; those of
                fields with dates may be dates or times; those of repeated fields may be lists. Nulls are blanks.
            columns: which column holds which field: a mapping of field (`DIAG_01`), stem (`DIAG`) or attribute of the record
                class (`diagnoses`) to column, where the columns of other fields have such names themselves; or a record
                definition, or the path of one, by whose titles columns are found, or by its positions if none of them is there.
            order: of the records in the result: `official`, sorted by spell and episode number, or `input`.
            threads: how many to use; all cores if None.
            progress: called with the spells done and the spells in all, while they are grouped.

        Raises:
            ArgumentError: the object is no such table, a required field is missing, a field stands twice, or a column has a
                type that its field cannot have.
            RecordDefinitionError: the record definition is wrong.
        """
        from hrgcore.columns.door import group_table

        return group_table(self.design, self._dataset, table, columns=columns, order=order, threads=threads, progress=progress)

    def group_chunks(
        self,
        table: Any,
        *,
        columns: Columns = None,
        order: str = "official",
        rows: int = 65_536,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[GroupedTable]:
        """Groups a table that is larger than memory, stretch by stretch, as its chunks come.

        The rows of each spell must stand together, and spells in ascending order of their keys; a spell that crosses the border
        of chunks is held back until it is complete. Rows of data sets without spells and periods may come in any order.

        Args:
            table, columns, threads, progress: as of `group`; progress is told of each stretch.
            order: as of `group`, within each stretch.
            rows: how many rows a stretch has at least, but for the last.

        Raises:
            ArgumentError: as of `group`, or a key falls; names the row.
        """
        from hrgcore.columns.door import group_chunks

        return group_chunks(
            self.design, self._dataset, table, columns=columns, order=order, rows=rows, threads=threads, progress=progress
        )

    def __repr__(self) -> str:
        return f"<Grouper {self.design.name} {self.dataset}>"


_UNREADABLE = (AttributeError, IndexError, TypeError, ValueError)


def _check_records(kind: type[Record], records: Sequence[object]) -> None:
    fields = [(field, kind.attributes[field.name]) for field in LAYOUTS[kind.dataset] if field.name in kind.attributes]
    for record in records:
        if type(record) is not kind or any(_fault(field, getattr(record, name)) for field, name in fields):
            raise TypeError


def _wrong(kind: type[Record], records: Sequence[object], error: Exception) -> ArgumentError:
    """Names the first value that a record cannot have."""
    if isinstance(error, ArgumentError):
        return error
    noun, article = ("episode", "an") if kind is Episode else ("record", "a")
    cure = f"See hrgcore.{kind.__name__}."
    for number, record in enumerate(records, 1):
        if not isinstance(record, kind):
            fault = f"is {type(record).__name__}, not {article if kind is Episode else 'of type'} {kind.__name__}"
            return ArgumentError(fault, place=f"{noun} {number}", cure=cure)
        for field in LAYOUTS[kind.dataset]:
            name = kind.attributes.get(field.name)
            if name and (fault := _fault(field, getattr(record, name))):
                return ArgumentError(f"{name} {fault}", place=f"{noun} {number}", cure=cure)
    return ArgumentError(f"{article} {noun} has a value that cannot be read", cure=cure)


# What an attribute may be besides text, by the kind of its field.
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    NUMBER: ((int,), "a whole number"),
    DATE: ((date, str), "a date or text"),
    WEIGHT: ((int, float, str), "a number or text"),
}


def _fault(field: Field, value: object) -> str:
    if field.most:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return f"must be a list of codes, not {type(value).__name__}"
        if len(value) > field.most:
            return f"has {len(value)} codes, but a record has room for {field.most}"
        wrong = next((type(code).__name__ for code in value if type(code) is not str), "")
        return f"has a code that is {wrong}, not text" if wrong else ""
    types, name = _TYPES.get(field.kind, ((str,), "text"))
    if value is None or (isinstance(value, types) and type(value) is not bool):
        return ""
    return f"must be {name}, not {type(value).__name__}"
