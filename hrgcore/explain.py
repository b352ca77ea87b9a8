"""Explanations: the trace of the kernel in words, each step with the table row that decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hrgcore._core import typedefs as core
from hrgcore._core.records import SpellGrouper
from hrgcore.datasets import apc
from hrgcore.datasets.batches import encode_records
from hrgcore.datasets.dataset import DataSet
from hrgcore.design.schema import ROLES
from hrgcore.design.terms import ids

if TYPE_CHECKING:
    from hrgcore.design import Design
    from hrgcore.records import Episode, Record
    from hrgcore.results import RecordResult, SpellResult


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the part of the spell it belongs to, what was decided, and the table row that decided (or empty)."""

    part: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a spell or a record got its HRG. `str()` gives it as text."""

    title: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        lines, part = [self.title], ""
        for step in self.steps:
            if step.part != part:
                part = step.part
                lines += ["", part]
            lines.append(f"  {step.text}" + (f"  [{step.source}]" if step.source else ""))
        return "\n".join(lines)


def explain_spell(design: Design, records: list[Episode], result: SpellResult) -> Explanation:
    """Groups the records once more with the trace on, and puts it into words."""
    worker = SpellGrouper(design.tables, apc.default_values(design), trace=True)
    worker.group(records, result.order)
    teller = _Teller(design, [episode.stay for episode in result.episodes])
    steps = [*teller.tell(worker.kernel.trace.rows() if worker.kernel.trace else ()), *_outcome(result, "spell")]
    return Explanation(
        f"Spell of {_plural(len(records), 'episode')}, design {design.database_version}: {result.hrg} {result.label}",
        tuple(steps),
    )


def explain_record(design: Design, dataset: DataSet, record: Record, result: RecordResult) -> Explanation:
    """Groups a record of a data set without spells once more with the trace on, and puts it into words."""
    batch, _ = encode_records(design, dataset, [record])
    kernel = dataset.kernel(design, True)
    kernel.run(batch, dataset.results(batch), 0, 1)
    teller = _Teller(design, [None], noun=dataset.unit.capitalize())
    steps = [*teller.tell(kernel.trace.rows() if kernel.trace else ()), *_critical_care(result), *_outcome(result, "record")]
    return Explanation(
        f"{dataset.title}, {dataset.unit}, design {design.database_version}: {result.hrg} {result.label}", tuple(steps)
    )


def _critical_care(result: RecordResult) -> Iterable[Step]:
    days = result.critical_care_days
    if days is not None:
        known = (
            f"{_plural(days, 'day')} from start to discharge" if days >= 0 else "its days are not known: the dates cannot be used"
        )
        yield Step("Period", known, "")
    if result.warning:
        yield Step("Period", "warning flag: days of support or of a level of care do not fit its days", "")


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _outcome(result: SpellResult | RecordResult, unit: str) -> Iterable[Step]:
    for found in result.messages:
        where = f"episode {found.row + 1}, " if unit == "spell" else ""
        yield Step("Faults", f"{where}{found.field}{f' {found.code}' if found.code else ''}: {found.text}", "")
    if not result.provenance:
        yield Step("Result", f"{result.hrg}: the {unit} is invalid, because of the faults above", "")
        return
    method = f", method {result.method}" if result.method else ""
    yield Step("Result", f"{result.hrg} {result.label}{method}", "")
    yield Step("Result", f"weakest grade of the table rows it rests on: {result.provenance}", "")


Event = tuple[int, int, int, int]  # step, and what it says


def tell_all(
    design: Design, units: Iterable[tuple[Iterable[Event], list[int | None]]], noun: str = "Episode"
) -> Iterable[tuple[Step, ...]]:
    """The steps of some spells or records in words.

    Args:
        design: the design that grouped.
        units: of each the events that a kernel has kept, its records counted from 0, and the stay of each record in days (None
            where it is not known).
        noun: what a record is.
    """
    teller = _Teller(design, [], noun)
    for events, stays in units:
        yield tuple(teller.tell_next(events, stays))


class _Teller:
    """Turns events into steps."""

    def __init__(self, design: Design, stays: list[int | None], noun: str = "Episode") -> None:
        """`stays` are those of the episodes in days, None where not known; `noun` is what a record is."""
        self._design = design
        self._tables = design.tables
        self._stays = stays
        self._noun = noun
        self._part = ""
        self._subchapter = ""
        self._cc_rows: dict[str, dict[int, int]] = {}  # by subchapter
        self._tell: dict[int, Callable[[int, int, int], tuple[str, str] | None]] = {
            core.Step.STEP_EPISODE: self._episode,
            core.Step.STEP_SPELL: self._spell,
            core.Step.STEP_UNBUNDLED: self._unbundled,
            core.Step.STEP_UNBUNDLED_ROOT: self._unbundled_root,
            core.Step.STEP_CHECK: self._check,
            core.Step.STEP_ROUTE: self._route,
            core.Step.STEP_PROCEDURE: self._procedure,
            core.Step.STEP_DOMINANT: self._dominant,
            core.Step.STEP_LEAD: self._lead,
            core.Step.STEP_PRIMARY: self._primary,
            core.Step.STEP_RULE: self._rule,
            core.Step.STEP_INTERVENTION: self._intervention,
            core.Step.STEP_INTERVENTIONS: self._interventions,
            core.Step.STEP_CC: self._cc,
            core.Step.STEP_CC_SCORE: self._cc_score,
            core.Step.STEP_SPLIT: self._split,
            core.Step.STEP_LEVEL: self._level,
            core.Step.STEP_ORGANS: self._organs,
            core.Step.STEP_DECISION: self._decision,
        }

    def tell_next(self, events: Iterable[Event], stays: list[int | None]) -> Iterable[Step]:
        """The steps of another spell or record."""
        self._stays, self._part, self._subchapter = stays, "", ""
        return self.tell(events)

    def tell(self, events: Iterable[Event]) -> Iterable[Step]:
        """The steps of a trace."""
        for step, a, b, c in events:
            told = self._tell[step](a, b, c)
            if told:
                yield Step(self._part, *told)

    # --- names and places ---

    def _diagnosis(self, code: int) -> str:
        return str(self._tables.icd10.codes[code])

    def _operation(self, code: int) -> str:
        return str(self._tables.opcs4.codes[code])

    def _root(self, root: int) -> str:
        return str(self._tables.roots[root])

    def _row(self, table: str, number: int) -> str:
        if number < 0:
            return ""
        row = self._design.rows[table][number]
        return f"{row.file} line {row.line}"

    def _code_row(self, table: str, code: int) -> str:
        return self._row(table, self._design.code_rows[table][code])

    def _cc_row(self, code: int) -> str:
        """The row that gives a code its points in the subchapter of the root; several rows may speak for one code."""
        if (rows := self._cc_rows.get(self._subchapter)) is None:
            rows = self._cc_rows[self._subchapter] = self._find_cc_rows(self._subchapter)
        return self._row("cc", rows.get(code, self._design.code_rows["cc"][code]))

    def _find_cc_rows(self, subchapter: str) -> dict[int, int]:
        """The number of the row that speaks for each code in a subchapter."""
        found: dict[int, int] = {}
        rows, of_code = self._design.rows["cc"], self._design.code_rows["cc"]
        for number, row in enumerate(rows):
            if subchapter in row.cells[1].split():
                for code in ids(self._tables.icd10.spans(row.cells[0])):
                    if of_code[code] >= 0 and rows[of_code[code]].layer == row.layer:
                        found[code] = number
        return found

    def _rule_text(self, rule: int) -> str:
        when = self._design.rows["rule"][rule].cells[2]
        return f" because {when}" if when else ""

    # --- events ---

    def _episode(self, row: int, _b: int, _c: int) -> None:
        stay = self._stays[row]
        self._part = f"{self._noun} {row + 1}" + (f" (stay {_plural(stay, 'day')})" if stay is not None else "")

    def _spell(self, _a: int, _b: int, _c: int) -> None:
        self._part = f"Spell, {_plural(len(self._stays), 'episode')} pooled"

    def _unbundled(self, code: int, hrg: int, days: int) -> tuple[str, str]:
        name = self._operation(code) if code else "the record"
        if not hrg:
            return f"{name} puts out no unbundled HRG, and leaves core grouping", ""
        times = f"*{days}" if days else ""
        leaves = " and leaves core grouping" if code else ""
        return f"{name} puts out {self._tables.hrgs[hrg]}{times}{leaves}", ""

    def _unbundled_root(self, code: int, root: int, _c: int) -> tuple[str, str]:
        source = self._code_row("unbundled", code)
        if root >= core.ERROR_BASE:
            return f"{self._operation(code)} is in error category {self._tables.categories[root - core.ERROR_BASE]}", source
        return f"unbundled {self._operation(code)} leads to root {self._root(root)}", source

    def _level(self, category: int, level: int, _c: int) -> tuple[str, str]:
        names = list(dict.fromkeys(row.cells[0] for row in self._design.rows["category"]))
        return f"highest category of {names[category]}: {level}", ""

    def _organs(self, number: int, _b: int, _c: int) -> tuple[str, str]:
        return f"{_plural(number, 'organ')} supported", ""

    def _decision(self, rule: int, to: int, _c: int) -> tuple[str, str]:
        if to >= core.ERROR_BASE:
            return f"error category {self._tables.categories[to - core.ERROR_BASE]}{self._rule_text(rule)}", self._row(
                "rule", rule
            )
        return f"root {self._root(to)}{self._rule_text(rule)}", self._row("rule", rule)

    def _check(self, rule: int, _b: int, _c: int) -> tuple[str, str]:
        return f"the record fails{self._rule_text(rule)}", self._row("rule", rule)

    def _route(self, rule: int, root: int, _c: int) -> tuple[str, str]:
        self._subchapter = self._root(root)[:2]
        return f"special route to root {self._root(root)}{self._rule_text(rule)}", self._row("rule", rule)

    def _procedure(self, code: int, role: int, may: int) -> tuple[str, str]:
        name, source = self._operation(code), self._code_row("procedure", code)
        if role in (core.Role.DRIVES, core.Role.VAGUE):
            rank = self._tables.arrays["proc_rank"][code]
            return f"{name} has rank {rank}: " + ("may dominate" if may else "too low to drive at this stay"), source
        return f"{name} cannot dominate: {ROLES[role] or 'it has no role in the design'}", source

    def _dominant(self, code: int, root: int, _c: int) -> tuple[str, str]:
        self._subchapter = self._root(root)[:2]
        return f"{self._operation(code)} is the dominant procedure and leads to root {self._root(root)}", self._code_row(
            "procedure", code
        )

    def _lead(self, row: int, _b: int, _c: int) -> tuple[str, str]:
        return f"episode {row + 1} leads the spell", ""

    def _primary(self, code: int, root: int, child: int) -> tuple[str, str]:
        self._subchapter = self._root(root)[:2]
        kind = " for children" if child else ""
        return f"primary diagnosis {self._diagnosis(code)} leads to root {self._root(root)}{kind}", self._code_row(
            "diagnosis", code
        )

    def _rule(self, rule: int, before: int, after: int) -> tuple[str, str]:
        self._subchapter = self._root(after)[:2]
        return f"root {self._root(before)} becomes {self._root(after)}{self._rule_text(rule)}", self._row("rule", rule)

    def _intervention(self, code: int, _b: int, _c: int) -> tuple[str, str]:
        return f"{self._operation(code)} counts as an intervention", self._code_row("procedure", code)

    def _interventions(self, number: int, _b: int, _c: int) -> tuple[str, str] | None:
        return (f"{_plural(number, 'intervention')} in all", "") if number else None

    def _cc(self, code: int, outcome: int, points: int) -> tuple[str, str]:
        reasons = {
            core.CCOutcome.CC_NOT_LISTED: "is not on the list of this subchapter",
            core.CCOutcome.CC_REPEATED: "was counted already",
            core.CCOutcome.CC_IS_PRIMARY: "is the primary diagnosis",
            core.CCOutcome.CC_EXCLUDED: "is excluded beside this primary diagnosis",
            core.CCOutcome.CC_LESS_SPECIFIC: "stands beside a more specific or equal code of its family",
        }
        if outcome == core.CCOutcome.CC_COUNTED:
            return f"{self._diagnosis(code)} scores {_plural(points, 'point')}", self._cc_row(code)
        return f"{self._diagnosis(code)} does not score: it {reasons[core.CCOutcome(outcome)]}", ""

    def _cc_score(self, score: int, root: int, _c: int) -> tuple[str, str]:
        return f"CC score {score} in subchapter {self._root(root)[:2]}", ""

    def _split(self, row: int, hrg: int, _c: int) -> tuple[str, str]:
        number = self._design.code_rows["split"][row]
        cells = self._design.rows["split"][number].cells
        names = ("age", "stay", "interventions", "CC score")
        bands = [f"{name} {cell}" for name, cell in zip(names, cells[2:6], strict=True) if cell]
        if cells[6]:
            bands.append(cells[6])
        why = f" by {', '.join(bands)}" if bands else ", which is not split"
        return f"{self._tables.hrgs[hrg]} of root {cells[0]}{why}", self._row("split", number)
