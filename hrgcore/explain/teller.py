"""The events of a trace in words: steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core import typedefs as core
from hrgcore.design.schema import ROLES
from hrgcore.explain.explanation import CodeOutcome, Step, TableRow
from hrgcore.explain.outcomes import SUBCHAPTER, Judge, plural, untraced
from hrgcore.explain.rows import RowFinder
from hrgcore.explain.units import Scoring, Unit

if TYPE_CHECKING:
    from hrgcore.design import Design

Names = tuple[str, ...]


class Told(NamedTuple):
    """An event in words, the codes it is about, and the rows that decided."""

    text: str
    codes: Names = ()
    rows: tuple[TableRow, ...] = ()


def as_step(part: str, name: str, told: Told) -> Step:
    """A step of a part."""
    return Step(part, told.text, told.rows[0].source if told.rows else "", name, told.codes, told.rows)


class Teller:
    """Turns the events of units into steps."""

    def __init__(self, design: Design, rows: RowFinder, judge: Judge) -> None:
        self._design = design
        self._tables = design.tables
        self._rows = rows
        self._judge = judge
        self._unit: Unit
        self._scorings: Iterator[Scoring]
        self._scoring: Scoring
        self._tell: dict[int, Callable[[int, int, int], Told | None]] = {
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

    def tell(self, unit: Unit, outcomes: Iterable[CodeOutcome]) -> Iterable[Step]:
        """The steps of a unit; codes that were not weighed at all stand at its end."""
        self._unit, self._scorings = unit, iter(unit.scorings)
        self._scoring = next(self._scorings)
        for step, a, b, c in unit.events:
            name = core.Step(step).name.lower().removeprefix("step_")
            if told := self._tell[step](a, b, c):
                yield as_step(unit.part, name, told)
            if step == core.Step.STEP_DOMINANT:
                yield from (as_step(unit.part, "not_dominant", one) for one in self._beaten())
        for (_, text), codes in untraced(tuple(outcomes)).items():
            yield as_step(unit.part, "not_counted", Told(f"{', '.join(dict.fromkeys(codes))} {text}", tuple(codes)))

    # --- names ---

    def _diagnosis(self, code: int) -> str:
        return str(self._tables.icd10.codes[code])

    def _operation(self, code: int) -> str:
        return str(self._tables.opcs4.codes[code])

    def _root(self, root: int) -> str:
        return str(self._tables.roots[root])

    def _target(self, to: int) -> str:
        """A root or an error category."""
        if to >= core.ERROR_BASE:
            return f"error category {self._tables.categories[to - core.ERROR_BASE]}"
        return f"root {self._root(to)}"

    def _rule_told(self, text: str, rule: int) -> Told:
        when = self._rows.cells("rule", rule)[2]
        rows = (*self._rows.row("rule", rule), *self._rows.lists(when))
        return Told(text + (f" because {when}" if when else ""), (), rows)

    # --- unbundled ---

    def _unbundled(self, code: int, hrg: int, days: int) -> Told:
        name, codes = (self._operation(code), (self._operation(code),)) if code else ("the record", ())
        if not hrg:
            return Told(f"{name} puts out no unbundled HRG, and leaves core grouping", codes)
        times = f"*{days}" if days else ""
        leaves = " and leaves core grouping" if code else ""
        return Told(f"{name} puts out {self._tables.hrgs[hrg]}{times}{leaves}", codes)

    def _unbundled_root(self, code: int, root: int, _c: int) -> Told:
        name, rows = self._operation(code), self._rows.of_code("unbundled", code)
        if root >= core.ERROR_BASE:
            return Told(f"{name} is in {self._target(root)}", (name,), rows)
        return Told(f"unbundled {name} leads to {self._target(root)}", (name,), rows)

    # --- data sets that rules decide ---

    def _level(self, category: int, level: int, _c: int) -> Told:
        name = list(dict.fromkeys(row.cells[0] for row in self._design.rows["category"]))[category]
        return Told(f"highest category of {name}: {level}", (), self._rows.level(name, level))

    def _organs(self, number: int, _b: int, _c: int) -> Told:
        return Told(f"{plural(number, 'organ')} supported")

    def _decision(self, rule: int, to: int, _c: int) -> Told:
        return self._rule_told(self._target(to), rule)

    # --- the root ---

    def _check(self, rule: int, _b: int, _c: int) -> Told:
        return self._rule_told("the record fails", rule)

    def _route(self, rule: int, root: int, _c: int) -> Told:
        return self._rule_told(f"special route to root {self._root(root)}", rule)

    def _procedure(self, code: int, role: int, may: int) -> Told:
        name, rows = self._operation(code), self._rows.of_code("procedure", code)
        if role not in (core.Role.DRIVES, core.Role.VAGUE):
            return Told(f"{name} cannot dominate: {ROLES[role] or 'it has no role in the design'}", (name,), rows)
        rank = self._tables.arrays["proc_rank"][code]
        if may:
            return Told(f"{name} has rank {rank}: may dominate", (name,), rows)
        return Told(
            f"{name} has rank {rank}: too low to drive at this stay", (name,), (*rows, *self._rows.dominance(self._unit.stay))
        )

    def _dominant(self, code: int, root: int, _c: int) -> Told:
        name = self._operation(code)
        text = f"{name} is the dominant procedure and leads to root {self._root(root)}"
        return Told(text, (name,), self._rows.of_code("procedure", code))

    def _beaten(self) -> Iterable[Told]:
        """The procedures that might have driven, but for the dominant one."""
        leader = self._unit.leader(self._tables.arrays["proc_rank"])
        for place, one in enumerate(self._unit.weighed):
            if one.may and place != leader:
                said, name = self._judge.weighed(self._unit, place, one), self._operation(one.number)
                yield Told(f"{name} {said.text}", (name,), said.rows)

    def _lead(self, row: int, _b: int, _c: int) -> Told:
        return Told(f"episode {row + 1} leads the spell")

    def _primary(self, code: int, root: int, child: int) -> Told:
        name, kind = self._diagnosis(code), " for children" if child else ""
        rows = self._rows.of_code("diagnosis", code, "child_grade" if child else "grade")
        return Told(f"primary diagnosis {name} leads to root {self._root(root)}{kind}", (name,), rows)

    def _rule(self, rule: int, before: int, after: int) -> Told:
        return self._rule_told(f"root {self._root(before)} becomes {self._root(after)}", rule)

    # --- the split ---

    def _intervention(self, code: int, _b: int, _c: int) -> Told:
        name = self._operation(code)
        return Told(f"{name} counts as an intervention", (name,), self._rows.of_code("procedure", code))

    def _interventions(self, number: int, _b: int, _c: int) -> Told | None:
        return Told(f"{plural(number, 'intervention')} in all") if number else None

    def _cc(self, code: int, outcome: int, points: int) -> Told:
        said = self._judge.score(self._unit, self._scoring, code, outcome, points)
        name = self._diagnosis(code)
        return Told(f"{name} {said.text}", (name,), said.rows)

    def _cc_score(self, score: int, root: int, _c: int) -> Told:
        self._scoring = next(self._scorings)
        return Told(f"CC score {score} in subchapter {self._root(root)[:SUBCHAPTER]}")

    def _split(self, row: int, hrg: int, _c: int) -> Told:
        number = self._design.code_rows["split"][row]
        cells = self._rows.cells("split", number)
        names = ("age", "stay", "interventions", "CC score")
        bands = [f"{name} {cell}" for name, cell in zip(names, cells[2:6], strict=True) if cell]
        if cells[6]:
            bands.append(cells[6])
        why = f" by {', '.join(bands)}" if bands else ", which is not split"
        rows = (*self._rows.row("split", number), *self._rows.lists(cells[6]))
        return Told(f"{self._tables.hrgs[hrg]} of root {cells[0]}{why}", (), rows)
