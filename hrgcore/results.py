"""What grouping says: messages, results of single cases, and grouped batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from hrgcore import datasets
from hrgcore._core import typedefs as core
from hrgcore._core.messages import Shown, shown
from hrgcore.datasets.apc import NAME as ADMITTED_CARE
from hrgcore.datasets.batches import Progress, group_batch
from hrgcore.datasets.dataset import AnyResults, DataSet
from hrgcore.datasets.rows import FaultRow, UnbundledRow, sort_faults
from hrgcore.design.fields import DIAGNOSIS, LAYOUTS, LISTED_FIELDS, NUMBER, PROCEDURE, REPEATED_FIELDS, VALUES, Field
from hrgcore.design.schema import GRADES

if TYPE_CHECKING:
    import numpy as np

    from hrgcore._core.batch import Batch
    from hrgcore._core.events import Events
    from hrgcore.design import Design
    from hrgcore.explain import Explanation
    from hrgcore.prices import PriceBook
    from hrgcore.records import Episode, Record
    from hrgcore.whatif import WhatIf

CellText = Callable[[int, str, int], str]  # row, field, position -> the text as it was given


class Message(NamedTuple):
    """A fault of a record.

    Attributes:
        row: position of the record, from 0: in the spell for single cases, in the order of the batch for batches.
        field: official name of the field, such as `DIAG_01`.
        code: what stands in the cell, cleaned; empty where it is blank or the fault is one of the spell.
        text: what is wrong, in the words of the design.
        category: error category, such as UZ01; empty where the fault has none.
    """

    row: int
    field: str
    code: str
    text: str
    category: str


class Column(NamedTuple):
    """A column that a plugin adds to results: values are text, one for each of its level.

    `level` is `episode` or `spell` in admitted care, `record` in the other data sets; columns of other levels are left out.
    """

    name: str
    level: str
    values: Sequence[str]


def field_name(dataset: str, code: int) -> tuple[str, Field, int]:
    """Official name, field, and position of a field code."""
    number, position = divmod(code, core.FIELD_CELLS)
    field = LAYOUTS[dataset][number]
    return (f"{field.name}_{position:02d}" if position else field.name), field, position


def message(design: Design, dataset: str, fault: FaultRow, cell_text: CellText) -> Message:
    """The message of a fault."""
    row, phase, code, number = fault
    full, field, position = field_name(dataset, code)
    spell = phase == core.Phase.PHASE_SPELL
    text = "" if spell else shown(shown_as(design, field), cell_text(row, field.name, position))
    return Message(row, full, text, design.tables.messages[number], design.tables.categories[number])


def shown_as(design: Design, field: Field) -> Shown:
    """How a message shows a cell of a field."""
    if field.kind == DIAGNOSIS and design.tables.icd10.pads:
        return Shown.SHOWN_DIAGNOSIS
    if field.kind in (DIAGNOSIS, PROCEDURE):
        return Shown.SHOWN_CODE
    listed = design.tables.values if not field.most else design.tables.items
    names = LISTED_FIELDS if not field.most else REPEATED_FIELDS
    significant = field.kind == VALUES and listed[names.index(field.name)].exact
    return Shown.SHOWN_NUMBER if field.kind in (NUMBER, VALUES) and not significant else Shown.SHOWN_TRIMMED


def unbundled_text(design: Design, entry: UnbundledRow) -> str:
    """An unbundled HRG as the official files write it: with `*n` where a number of days multiplies it."""
    name = design.tables.hrgs[entry[1]]
    return f"{name}*{entry[2]}" if entry[2] else name


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """Grouping of one episode.

    Attributes:
        index: position of the episode in the list that was given.
        hrg: the HRG; the design's error group where the record failed.
        method: P procedure, D diagnosis, G global exception, M multiple trauma, B burns, U error.
        dominant_procedure: OPCS-4 code that drove the HRG, or empty.
        stay: CalcEpidur in days; None where the duration is not valid.
        report_flag: whether the episode holds the grouping variable of the spell.
        cc_score: points of the secondary diagnoses; 0 where the root has no CC bands.
        interventions: distinct interventions that were counted.
        unbundled: unbundled HRGs.
        programme: programme budgeting category of the primary diagnosis, such as 02A; empty on failure or where there is none.
        provenance: weakest grade of the table rows that gave the HRG: official, label, probed, authored; empty on failure.
    """

    index: int
    hrg: str
    method: str
    dominant_procedure: str
    stay: int | None
    report_flag: bool
    cc_score: int
    interventions: int
    unbundled: tuple[str, ...]
    programme: str
    provenance: str


class SpellResult:
    """Grouping of one spell, and of its episodes in the order of their numbers.

    Attributes:
        hrg: the HRG of the spell; the design's error group where an episode failed.
        method: as of EpisodeResult.
        dominant_procedure, primary_diagnosis, secondary_diagnosis: codes, or empty.
        stay: SpellLOS in days.
        critical_care_days: days in critical care.
        cc_score, interventions: as of EpisodeResult, on the pooled spell.
        programme: programme budgeting category of the primary diagnosis, as of EpisodeResult.
        order: position in the given list of each episode, in the order of their numbers.
        provenance: as of EpisodeResult.
    """

    __slots__ = (
        "_design",
        "_episode_rows",
        "_faults",
        "_records",
        "_unbundled",
        "cc_score",
        "critical_care_days",
        "dominant_procedure",
        "hrg",
        "interventions",
        "method",
        "order",
        "primary_diagnosis",
        "programme",
        "provenance",
        "secondary_diagnosis",
        "stay",
    )

    def __init__(
        self,
        design: Design,
        records: list[Episode],
        order: Sequence[int],
        snapshot: tuple[tuple[int, ...], list[tuple[int, ...]], list[FaultRow], list[UnbundledRow]],
    ) -> None:
        tables = design.tables
        spell, self._episode_rows, self._faults, self._unbundled = snapshot
        (
            hrg,
            method,
            dominant,
            primary,
            secondary,
            self.stay,
            self.critical_care_days,
            self.cc_score,
            self.interventions,
            programme,
            grade,
        ) = spell
        self._design = design
        self._records = records
        self.order = order
        self.hrg: str = tables.hrgs[hrg]
        self.method = chr(method)
        self.dominant_procedure: str = tables.opcs4.codes[dominant]
        self.primary_diagnosis: str = tables.icd10.codes[primary]
        self.secondary_diagnosis: str = tables.icd10.codes[secondary]
        self.programme: str = tables.programmes[programme]
        self.provenance = GRADES[grade]

    @property
    def episodes(self) -> tuple[EpisodeResult, ...]:
        """Results of the episodes, in the order of their numbers."""
        tables = self._design.tables
        return tuple(
            EpisodeResult(
                index=self.order[row],
                hrg=tables.hrgs[hrg],
                method=chr(method),
                dominant_procedure=tables.opcs4.codes[dominant],
                stay=stay if stay >= 0 else None,
                report_flag=bool(flag),
                cc_score=cc,
                interventions=interventions,
                unbundled=tuple(unbundled_text(self._design, entry) for entry in self._unbundled if entry[0] == row),
                programme=tables.programmes[programme],
                provenance=GRADES[grade],
            )
            for row, (hrg, method, dominant, stay, flag, cc, interventions, programme, grade) in enumerate(self._episode_rows)
        )

    @property
    def unbundled(self) -> tuple[str, ...]:
        """Unbundled HRGs of all episodes."""
        return tuple(unbundled_text(self._design, entry) for entry in self._unbundled)

    @property
    def messages(self) -> tuple[Message, ...]:
        """Every fault found, by episode and field."""
        return tuple(message(self._design, ADMITTED_CARE, fault, self._cell) for fault in sort_faults(self._faults))

    @property
    def label(self) -> str:
        """The label of the spell's HRG."""
        return self._design.label(self.hrg)

    def accepted(self, field: str, row: int = 0) -> str:
        """The value of a listed field, such as CLASSPAT, as the design took it; empty where it is blank or not accepted.

        Args:
            field: its official name.
            row: of the episode, in the order of their numbers.
        """
        left_out = self._records[row].value(field) is None
        text = self._design.defaults[ADMITTED_CARE][field] if left_out else self._records[row].cell(field, 0)
        values = self._design.tables.values[LISTED_FIELDS.index(field)]
        return values.values[values.encode(text)]

    def _cell(self, row: int, field: str, position: int) -> str:
        record = self._records[row]
        if field == "EPIORDER" and record.number is None:
            return str(self.order[row] + 1)
        return record.cell(field, position)

    def explain(self) -> Explanation:
        """Each step that led to the result, with the table rows that decided, and what became of each code; `print` it."""
        from hrgcore.explain import explain_spell

        return explain_spell(self._design, self._records, self)

    def what_if(self, prices: PriceBook | None = None) -> WhatIf:
        """The smallest single change of codes to each other HRG: a check of coding against the record, not advice to code.

        Args:
            prices: a book of prices, such as `hrgcore.plugins.host().price_book(name)`, to tell the direction of cost.
        """
        from hrgcore.whatif import what_if

        given = [record for _, record in sorted(zip(self.order, self._records, strict=True), key=lambda pair: pair[0])]
        return what_if(self._design, given, self.order, prices)

    def __repr__(self) -> str:
        return f"<SpellResult {self.hrg} method {self.method} episodes {len(self._episode_rows)}>"


class RecordResult:
    """Grouping of one record of a data set without spells.

    Attributes:
        hrg: the HRG; the design's error group where the record failed.
        method: in outpatients P procedure, G global exception, O attendance by default, U error; empty in other data sets.
        dominant_procedure: in outpatients the OPCS-4 code that drove the HRG, or empty.
        attendance_hrg: in outpatients the HRG as if no procedure but the markers of an attendance had been recorded; else empty.
        critical_care_days: in adult critical care Calc_CC_Days, the days of the period with its first and last; else None.
            -1 where the dates cannot be used.
        warning: in adult critical care whether the days of the record contradict one another (CC_Warning_Flag).
        provenance: weakest grade of the table rows that gave the HRG: official, label, probed, authored; empty on failure.
    """

    __slots__ = (
        "_dataset",
        "_design",
        "_faults",
        "_record",
        "_unbundled",
        "attendance_hrg",
        "critical_care_days",
        "dominant_procedure",
        "hrg",
        "method",
        "provenance",
        "warning",
    )

    def __init__(self, record: Record, grouped: GroupedBatch) -> None:
        tables, columns = grouped.design.tables, grouped.results.columns
        self._design = grouped.design
        self._dataset = grouped.dataset
        self._record = record
        self._faults = grouped.faults
        self._unbundled = grouped.unbundled
        method, days = columns["method"][0], columns["days"][0]
        self.hrg: str = tables.hrgs[columns["hrg"][0]]
        self.method = chr(method) if method else ""
        self.dominant_procedure: str = tables.opcs4.codes[columns["dominant"][0]]
        self.attendance_hrg: str = tables.hrgs[columns["attendance_hrg"][0]]
        self.critical_care_days: int | None = days if self._dataset.finish else None
        self.warning = bool(columns["warning"][0])
        self.provenance = GRADES[columns["grade"][0]]

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return self._dataset.name

    @property
    def unbundled(self) -> tuple[str, ...]:
        """Unbundled HRGs, of outpatients only."""
        return tuple(unbundled_text(self._design, entry) for entry in self._unbundled)

    @property
    def messages(self) -> tuple[Message, ...]:
        """Every fault found, by field."""
        return tuple(message(self._design, self._dataset.name, fault, self._cell) for fault in self._faults)

    @property
    def label(self) -> str:
        """The label of the HRG."""
        return self._design.label(self.hrg)

    def _cell(self, _row: int, field: str, position: int) -> str:
        return self._record.cell(field, position)

    def explain(self) -> Explanation:
        """Each step that led to the result, with the table rows that decided, and what became of each code; `print` it."""
        from hrgcore.explain import explain_record

        return explain_record(self._design, self._dataset, self._record, self)

    def __repr__(self) -> str:
        return f"<RecordResult {self.dataset} {self.hrg}>"


@dataclass(frozen=True)
class GroupedBatch:
    """A grouped batch: columns of ids, decoded when asked for.

    Attributes:
        design: the design that grouped.
        dataset: the data set of the records.
        batch: the encoded records.
        results: the arrays of the kernel, by name in `results.columns`.
        fault_events: rows of (row, phase, field code, message id), sorted.
        unbundled_events: rows of (row, HRG id, multiplier, 0), by row and position.
    """

    design: Design
    dataset: DataSet
    batch: Batch
    results: AnyResults
    fault_events: Events
    unbundled_events: Events

    @classmethod
    def run(
        cls,
        design: Design,
        batch: Batch,
        cell_faults: Iterable[FaultRow] = (),
        *,
        dataset: str = ADMITTED_CARE,
        threads: int | None = None,
        chunk: int | None = None,
        progress: Progress | None = None,
    ) -> GroupedBatch:
        """Groups an encoded batch; see Grouper.group_batch."""
        found = datasets.dataset(dataset)
        grouped = group_batch(design, found, batch, cell_faults, threads=threads, chunk=chunk, progress=progress)
        return cls(design, found, batch, *grouped)

    def column(self, name: str) -> np.ndarray:
        """A column of the kernel's results as a read-only NumPy view, without a copy.

        Args:
            name: of a column of the records (`hrg`, `method`, `dominant`, `grade`, `failed`; admitted care also `stay`,
                `report_flag`, `cc`, `interventions`, `programme`; outpatients `attendance_hrg`; adult critical care `days`,
                `warning`) or of the spells of admitted care (`spell_hrg`, `spell_stay`, ...). HRGs and codes are ids; stays are
                days, -1 where not known.
        """
        import numpy as np

        column = self.results.columns[name]
        view = np.frombuffer(column, dtype=column.format) if column else np.empty(0, dtype=column.format)
        view.flags.writeable = False
        return view

    @cached_property
    def faults(self) -> list[FaultRow]:
        """The faults as tuples."""
        return self.fault_events.rows()

    @cached_property
    def unbundled(self) -> list[UnbundledRow]:
        """The unbundled HRGs as tuples."""
        return self.unbundled_events.rows()

    @cached_property
    def hrg(self) -> list[str]:
        """HRG of each record."""
        return [self.design.tables.hrgs[number] for number in self.results.columns["hrg"]]

    @cached_property
    def spell_hrg(self) -> list[str]:
        """HRG of each spell of admitted care."""
        return [self.design.tables.hrgs[number] for number in self.results.columns["spell_hrg"]]

    def messages(self, cell_text: CellText) -> list[Message]:
        """The faults in words; `cell_text` gives the cell of a row, field and position as it was given."""
        return [message(self.design, self.dataset.name, fault, cell_text) for fault in self.faults]
