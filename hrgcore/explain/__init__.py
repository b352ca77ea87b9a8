"""Explanations: the trace of the kernel in words, each step with the table rows that decided, and what became of each code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from hrgcore._core.records import SpellGrouper
from hrgcore._core.typedefs import Step as Kind
from hrgcore.datasets import apc
from hrgcore.datasets.batches import encode_records
from hrgcore.datasets.dataset import DataSet
from hrgcore.explain.explanation import CodeOutcome, Explanation, Step, TableRow
from hrgcore.explain.outcomes import Judge, plural
from hrgcore.explain.rows import row_finder
from hrgcore.explain.teller import Teller, Told, as_step
from hrgcore.explain.units import Cells, Event, Unit

if TYPE_CHECKING:
    from hrgcore._core.events import Events
    from hrgcore.design import Design
    from hrgcore.records import Episode, Record
    from hrgcore.results import RecordResult, SpellResult

__all__ = ["CodeOutcome", "Event", "Explanation", "Step", "TableRow", "explain_record", "explain_spell", "tell_all"]


def explain_spell(design: Design, records: list[Episode], result: SpellResult) -> Explanation:
    """Groups the records once more with the trace on, and puts it into words."""
    worker = SpellGrouper(design.tables, apc.default_values(design), trace=True)
    worker.group(records, result.order)
    events = _events(worker.kernel.trace)
    episodes = result.episodes
    stays = [episode.stay for episode in episodes]
    failed = [not episode.provenance for episode in episodes]
    units = _units(events, stays, failed, "Episode", not result.provenance, result.stay)
    title = f"Spell of {plural(len(records), 'episode')}, design {design.database_version}: {result.hrg} {result.label}"
    return _explained(design, apc.NAME, records, result, units, title, "Episode", list(_outcome(result, "spell")))


def explain_record(design: Design, dataset: DataSet, record: Record, result: RecordResult) -> Explanation:
    """Groups a record of a data set without spells once more with the trace on, and puts it into words."""
    batch, _ = encode_records(design, dataset, [record])
    kernel = dataset.kernel(design, True)
    kernel.run(batch, dataset.results(batch), 0, 1)
    noun = dataset.unit.capitalize()
    units = _units(_events(kernel.trace), [None], [not result.provenance], noun)
    title = f"{dataset.title}, {dataset.unit}, design {design.database_version}: {result.hrg} {result.label}"
    ends = [*_critical_care(result), *_outcome(result, "record")]
    return _explained(design, dataset.name, [record], result, units, title, noun, ends)


def _explained(
    design: Design,
    dataset: str,
    records: Sequence[Record],
    result: SpellResult | RecordResult,
    units: Sequence[Unit],
    title: str,
    noun: str,
    ends: list[Step],
) -> Explanation:
    rows = row_finder(design)
    judge = Judge(design, rows, Cells.of_records(design, records), noun)
    teller = Teller(design, rows, judge)
    steps: list[Step] = []
    diagnoses: list[CodeOutcome] = []
    procedures: list[CodeOutcome] = []
    for unit in units:
        own = judge.procedures(unit), judge.diagnoses(unit)
        steps += teller.tell(unit, [*own[0], *own[1]])
        procedures += own[0]
        diagnoses += own[1]
    return Explanation(
        title=title,
        design=design.database_version,
        dataset=dataset,
        hrg=result.hrg,
        label=result.label,
        method=result.method,
        provenance=result.provenance,
        unbundled=result.unbundled,
        messages=result.messages,
        steps=(*steps, *ends),
        diagnoses=tuple(diagnoses),
        procedures=tuple(procedures),
    )


def tell_all(
    design: Design, traces: Iterable[tuple[Iterable[Event], Sequence[int | None], Sequence[int]]], noun: str = "Episode"
) -> Iterator[tuple[Step, ...]]:
    """The steps of some spells or records in words, without what became of each code.

    Args:
        design: that grouped.
        traces: of each the events that a kernel has kept, its records counted from 0; the stay of each record in days, None
            where it is not known; and the id of its primary diagnosis, 0 where it has none.
        noun: what a record is.
    """
    rows = row_finder(design)
    for events, stays, primaries in traces:
        teller = Teller(design, rows, Judge(design, rows, Cells.of_primaries(primaries), noun))
        units = _units(events, stays, [False] * len(stays), noun, spell_stay=sum(filter(None, stays)))
        yield tuple(step for unit in units for step in teller.tell(unit, ()))


def _events(trace: Events | None) -> list[Event]:
    return trace.rows() if trace else []


def _units(
    events: Iterable[Event],
    stays: Sequence[int | None],
    failed: Sequence[bool],
    noun: str,
    spell_failed: bool = False,
    spell_stay: int = 0,
) -> list[Unit]:
    """The trace by unit. `stays` are those of the records in days, None where not known or without meaning."""
    units: list[Unit] = []
    for event in events:
        step, row = event[:2]
        if step == Kind.STEP_EPISODE:
            stay = stays[row]
            part = f"{noun} {row + 1}" + (f" (stay {plural(stay, 'day')})" if stay is not None else "")
            units.append(Unit(part, (row,), stay or 0, row, pooled=False, failed=failed[row]))
        elif step == Kind.STEP_SPELL:
            part, rows = f"Spell, {plural(len(stays), 'episode')} pooled", range(len(stays))
            units.append(Unit(part, rows, spell_stay, 0, pooled=True, failed=spell_failed))
        else:
            units[-1].add(event)
    return units


def _critical_care(result: RecordResult) -> Iterable[Step]:
    days = result.critical_care_days
    if days is not None:
        known = (
            f"{plural(days, 'day')} from start to discharge" if days >= 0 else "its days are not known: the dates cannot be used"
        )
        yield as_step("Period", "period", Told(known))
    if result.warning:
        yield as_step("Period", "warning", Told("warning flag: days of support or of a level of care do not fit its days"))


def _outcome(result: SpellResult | RecordResult, unit: str) -> Iterable[Step]:
    for found in result.messages:
        where = f"episode {found.row + 1}, " if unit == "spell" else ""
        text = f"{where}{found.field}{f' {found.code}' if found.code else ''}: {found.text}"
        yield as_step("Faults", "fault", Told(text, (found.code,) if found.code else ()))
    if not result.provenance:
        yield as_step("Result", "result", Told(f"{result.hrg}: the {unit} is invalid, because of the faults above"))
        return
    method = f", method {result.method}" if result.method else ""
    yield as_step("Result", "result", Told(f"{result.hrg} {result.label}{method}"))
    yield as_step("Result", "grade", Told(f"weakest grade of the table rows it rests on: {result.provenance}"))
