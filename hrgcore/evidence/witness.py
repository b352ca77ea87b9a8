"""Witnesses: for each root of a design a record of one episode that the engine groups to it.

The search runs backwards through the tables. Every code that leads to a root by itself gives first records; a rule is met by
changing records that come to its `from` until its condition holds; and where another rule takes a record away too early, the
record is changed until that rule no longer does. What a record comes to is always the engine's word.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core import typedefs as core
from hrgcore._core.records import SpellGrouper
from hrgcore.datasets import apc
from hrgcore.design.conditions import Clause, Test
from hrgcore.design.schema import CORE_STAGES, GRADES
from hrgcore.evidence.changes import Changes, Sketch, field_names
from hrgcore.grouper import Grouper
from hrgcore.records import Episode

if TYPE_CHECKING:
    from hrgcore._core.rows import Row
    from hrgcore.design import Design

FIRST_AGES = (50, 5, 0)  # completed years of the first records
FIRST_STAY = 5  # days
MOST_BASES = 8  # records of a kind that are changed to meet a clause of a rule
MOST_TRIES = 300  # changes of one record for one clause
MOST_IN_ALL = 3000  # records that are tried for one clause or one root before the search goes on to the next
MOST_REPAIRS = 60  # changes of one record to keep it from a rule
MOST_FAILING_CLAUSES = 40  # ways to make a condition with several clauses fail
DEEPEST_REPAIR = 4  # rules kept from a record one after the other
ENOUGH = 6  # records that a rule has taken, after which no more are looked for
START = -1  # in place of a rule: the root of the code itself

WITNESS_COLUMNS = ("root", "hrg", "age", "stay", "fields", "diagnoses", "procedures")


@dataclass(frozen=True, slots=True)
class Witness:
    """A record that comes to a root.

    Attributes:
        root: the root.
        hrg: the HRG of the record, one of that root.
        fields: the listed fields that differ from the defaults of the design, by official name.
        episode: the record.
        grade: the weakest grade on the way to the root: of the row of the code that led there, of table `dominance` if a
            procedure was weighed, of each rule that changed the root. Of the records found, that on the strongest way is the
            witness.
    """

    root: str
    hrg: str
    fields: Mapping[str, str]
    episode: Episode
    grade: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What records of a design can come to.

    Attributes:
        witnesses: by core root, in the order of the roots.
        unreachable: core roots to which no record was found.
        idle_rules: rules that no record was found to take, in order.
    """

    witnesses: Mapping[str, Witness]
    unreachable: tuple[str, ...]
    idle_rules: tuple[Row, ...]


class Trial(NamedTuple):
    """A record and the way that the engine took with it.

    Attributes:
        sketch: the record.
        way: rule (START for none) and the root that it gave, from the first; root 0 where a rule of stage `check` refused the
            record.
        stage: of the rules that change its root: `procedure` if a procedure leads it, `diagnosis`, or `route`.
        root: where it ended; 0 if it failed.
        grade: the weakest on the way, as a number.
    """

    sketch: Sketch
    way: tuple[tuple[int, int], ...]
    stage: str
    root: int
    grade: int

    def taken(self) -> list[int]:
        """The rules on the way."""
        return [rule for rule, _ in self.way if rule != START]

    def next_after(self, root: int) -> int | None:
        """The rule that took the record away from a root; None if none did."""
        places = [place for place, (_, reached) in enumerate(self.way[:-1]) if reached == root]
        return self.way[places[-1] + 1][0] if places else None


def core_roots(design: Design) -> tuple[str, ...]:
    """The roots of a design that have splits to HRGs of kind `core`, sorted; the error group is none of them."""
    kinds = {row.cells[0]: row.cells[2] for row in design.rows["hrg"]}
    kinds[design.manifest.grouping["invalid_hrg"]] = ""
    return tuple(sorted({row.cells[0] for row in design.rows["split"] if kinds[row.cells[1]] == "core"}))


def find_witnesses(design: Design) -> Reach:
    """Looks for a witness of each core root. The same design gives the same witnesses every time."""
    return _Search(design).run()


def write_witnesses(path: Path, witnesses: Sequence[Witness]) -> None:
    """Writes witnesses as CSV, one row a root; fields as `NAME=value`, codes with a blank between."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(WITNESS_COLUMNS)
        for found in witnesses:
            episode = found.episode
            fields = " ".join(f"{name}={value}" for name, value in found.fields.items())
            codes = " ".join(episode.diagnoses), " ".join(episode.procedures)
            lines.writerow((found.root, found.hrg, episode.age, episode.duration, fields, *codes))


def _without_unbundling(events: list[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """The steps of core grouping: what lies between the root of an unbundled HRG and its putting out is none of them."""
    unbundling = False
    for event in events:
        if event[0] in (core.Step.STEP_UNBUNDLED_ROOT, core.Step.STEP_DECISION):
            unbundling = True
        elif event[0] == core.Step.STEP_UNBUNDLED:
            unbundling = False
        elif not unbundling:
            yield event


class _Search:
    def __init__(self, design: Design) -> None:
        self._design = design
        self._tables = design.tables
        self._arrays = design.tables.arrays
        self._changes = Changes(design)
        self._engine = SpellGrouper(design.tables, apc.default_values(design), trace=True)
        self._known: dict[Sketch, Trial] = {}
        self._through: dict[int, list[Trial]] = defaultdict(list)  # by root, the records that come to it, for good or in passing
        self._best: dict[int, Trial] = {}  # by root
        self._by_rule: dict[int, list[Trial]] = defaultdict(list)
        self._left = 0  # records that may still be tried for the present clause or root
        self._seen_by: dict[int, int] = {}  # by rule, how many records could be changed for it when that last failed
        self._plain: list[Trial] = []  # what rules without a `from` start from
        self._from: dict[int, list[int]] = defaultdict(list)  # the roots that a rule takes
        for stage in ("routed", "procedure", "diagnosis"):
            starts, numbers = self._arrays[f"{stage}_rule_start"], self._arrays[f"{stage}_rules"]
            for root, (first, end) in enumerate(pairwise(starts)):
                for place in range(first, end):
                    self._from[numbers[place]].append(root)
        self._stages = [row.cells[0] for row in design.rows["rule"]]
        self._rules = [rule for rule, stage in enumerate(self._stages) if stage in CORE_STAGES]

    def run(self) -> Reach:
        """First records, then rules and repairs for as long as they bring something new."""
        self._first_records()
        roots = [self._tables.roots.index(name) for name in core_roots(self._design)]
        before = (-1, -1)
        while before != (now := (len(self._by_rule), len(self._best))):
            before = now
            for rule in self._rules:
                if len(self._by_rule[rule]) < ENOUGH:
                    self._meet_rule(rule)
            self._by_rule = defaultdict(list, {rule: found for rule, found in self._by_rule.items() if found})
            for root in roots:
                if root not in self._best:
                    self._end_at(root)
        return self._reach(roots)

    def _reach(self, roots: list[int]) -> Reach:
        grouper = Grouper(self._design)
        witnesses = {}
        for root in roots:
            if root in self._best:
                witness = self._witness(root, grouper)
                witnesses[witness.root] = witness
        names = [self._tables.roots[root] for root in roots]
        rules = self._design.rows["rule"]
        return Reach(
            witnesses=witnesses,
            unreachable=tuple(name for name in names if name not in witnesses),
            idle_rules=tuple(rules[number] for number in self._rules if number not in self._by_rule),
        )

    def _witness(self, root: int, grouper: Grouper) -> Witness:
        """The best record of a root, grouped once more as any caller would have it grouped."""
        trial = self._best[root]
        episode = self._episode(trial.sketch)
        hrg = grouper.group_spell([episode]).hrg
        name = self._tables.roots[root]
        if not hrg.startswith(name):
            raise AssertionError(f"the search and the grouper disagree on {name}: {hrg}")
        return Witness(name, hrg, field_names(trial.sketch), episode, GRADES[trial.grade])

    # --- trials ---

    def _episode(self, sketch: Sketch) -> Episode:
        diagnoses, procedures = self._tables.icd10.codes, self._tables.opcs4.codes
        return Episode(
            age=sketch.age,
            duration=sketch.stay,
            diagnoses=[diagnoses[code] for code in sketch.diagnoses],
            procedures=[procedures[code] for code in sketch.procedures],
            **{Episode.attributes[name]: text for name, text in field_names(sketch).items()},  # type: ignore[arg-type]
        )

    def _try(self, sketch: Sketch) -> Trial:
        """Groups a record, unless that was done before, and notes it if it is the best of its root."""
        self._left -= 1
        if sketch in self._known:
            return self._known[sketch]
        self._engine.group([self._episode(sketch)], (0,))
        trace = self._engine.kernel.trace
        trial = self._told(sketch, trace.rows() if trace else [])
        self._known[sketch] = trial
        if trial.root:
            best = self._best.get(trial.root)
            if best is None or (trial.grade, sketch.size) < (best.grade, best.sketch.size):
                self._best[trial.root] = trial
        return trial

    def _told(self, sketch: Sketch, events: list[tuple[int, int, int, int]]) -> Trial:
        """Reads the way and its grade from a trace."""
        a, place = self._arrays, self._changes.dominant_place(sketch)
        way = [(START, self._changes.start_root(sketch))]
        grade, ended, stage = 0, False, "procedure" if place >= 0 else "diagnosis"
        for step, one, _, three in _without_unbundling(events):
            if step == core.Step.STEP_PROCEDURE and a["proc_role"][one] in (core.Role.DRIVES, core.Role.VAGUE):
                grade = max(grade, a["min_rank_grade"][min(sketch.stay, len(a["min_rank_grade"]) - 1)])
            elif step == core.Step.STEP_DOMINANT:
                grade = max(grade, a["proc_grade"][one])
            elif step == core.Step.STEP_PRIMARY:
                grade = max(grade, a["diag_child_grade" if three else "diag_grade"][one])
            elif step in (core.Step.STEP_RULE, core.Step.STEP_ROUTE, core.Step.STEP_CHECK):
                grade = max(grade, a["rule_grade"][one])
                way.append((one, 0 if step == core.Step.STEP_CHECK else a["rule_to"][one]))
                stage = "route" if step == core.Step.STEP_ROUTE else stage
            elif step == core.Step.STEP_SPLIT:
                ended = True
        return Trial(sketch, tuple(way), stage, way[-1][1] if ended else 0, grade)

    def _keep(self, trial: Trial) -> None:
        """Makes a record one that others are made from."""
        for root in {root for _, root in trial.way}:
            self._through[root].append(trial)
        for rule in trial.taken():
            self._by_rule[rule].append(trial)

    # --- first records ---

    def _first_records(self) -> None:
        """Every code that leads to a root by itself, and plain records for rules that take any root."""
        plain = self._changes.plain_diagnoses
        for age in FIRST_AGES:
            self._plain += [self._try(Sketch(age, stay, (code,))) for code in plain[:2] for stay in (FIRST_STAY, 0)]
            for code in range(1, len(self._tables.icd10) + 1):
                if 0 < self._changes.diagnosis_root(code, age) < core.ERROR_BASE:
                    self._keep(self._try(Sketch(age, FIRST_STAY, (code,))))
            for code in range(1, len(self._tables.opcs4) + 1) if plain else ():
                for stay in self._changes.driving_stays(code)[:1]:
                    self._keep(self._try(Sketch(age, stay, (plain[0],), (code,))))

    # --- rules ---

    def _meet_rule(self, rule: int) -> None:
        """Looks for records that a rule takes, unless there is nothing new to make them from."""
        sources = sum(len(self._through[root]) for root in self._from[rule])
        if self._seen_by.get(rule) == sources:
            return
        self._seen_by[rule] = sources
        for clause in self._changes.clauses(self._arrays["rule_condition"][rule]):
            self._meet_clause(rule, clause)

    def _meet_clause(self, rule: int, clause: Clause) -> None:
        """Changes each base until the clause holds; only if that is not enough, looks for what is in the way of the rule."""
        bases = self._bases(rule, clause)
        failing: list[tuple[Trial, list[Trial]]] = []
        for base in bases:
            if len(self._by_rule[rule]) < ENOUGH:
                failing.append((base, self._fail_to_take(base, rule, clause)))
        for base, trials in failing:
            self._left = MOST_IN_ALL // len(bases)
            for trial in trials:
                if len(self._by_rule[rule]) < ENOUGH and self._left > 0:
                    self._keep_new(self._repaired(trial, base, rule, DEEPEST_REPAIR), rule)

    def _fail_to_take(self, base: Trial, rule: int, clause: Clause) -> list[Trial]:
        """Keeps the first record made from a base that the rule takes; without one gives some that it does not take."""
        failing = []
        for sketch in islice(self._changes.to_hold(base.sketch, clause), MOST_TRIES):
            trial = self._try(sketch)
            if rule in trial.taken():
                self._keep_new(trial, rule)
                return []
            failing.append(trial)
        return failing[:ENOUGH]

    def _keep_new(self, trial: Trial | None, rule: int) -> None:
        if trial and trial.sketch not in {known.sketch for known in self._by_rule[rule]}:
            self._keep(trial)

    def _repaired(self, trial: Trial, base: Trial, rule: int, depth: int) -> Trial | None:
        """A record like a failing one that the rule takes, once the rules in its way are kept from it."""
        in_the_way = [other for other in trial.taken() if other not in base.taken()]
        left_by = [other for root in self._from[rule] if (other := trial.next_after(root)) is not None]
        for blocking in dict.fromkeys((*in_the_way, *left_by)):
            for sketch in islice(self._not_taken(trial.sketch, blocking), MOST_REPAIRS):
                changed = self._try(sketch)
                if rule in changed.taken():
                    return changed
                if self._left < 0:
                    return None
                if depth > 1 and blocking not in changed.taken() and (found := self._repaired(changed, base, rule, depth - 1)):
                    return found
        return None

    def _not_taken(self, sketch: Sketch, rule: int) -> Iterator[Sketch]:
        """Records like this one for which the condition of a rule may fail: in each clause that holds one test is changed."""
        condition = self._arrays["rule_condition"][rule]
        if condition >= 0:
            holding = [clause for clause in self._changes.clauses(condition) if self._changes.clause_holds(sketch, clause)]
            for tests in islice(product(*holding), MOST_FAILING_CLAUSES):
                yield from self._changes.to_fail(sketch, tests)

    def _bases(self, rule: int, clause: Clause) -> list[Trial]:
        """Records that come to the `from` of a rule, the most promising first: a spread of codes, ages and ranks."""
        if not self._from[rule]:
            return self._plain
        stage = self._stages[rule]
        pool = [trial for root in self._from[rule] for trial in self._through[root] if trial.stage == stage]
        groups: dict[tuple[int, bool], list[Trial]] = defaultdict(list)
        for trial in pool:
            agreeing = sum(self._agrees(trial.sketch, test) for test in clause)
            groups[agreeing, trial.root in self._from[rule]].append(trial)
        return [trial for key in sorted(groups, reverse=True) for trial in _spread(groups[key], MOST_BASES)]

    def _agrees(self, sketch: Sketch, test: Test) -> bool:
        """Whether a record need not change its age, its dominant procedure or its primary diagnosis for a test."""
        if test.op == core.Op.OP_AGE:
            return (test.low <= sketch.age <= test.high) != test.negated
        if test.op == core.Op.OP_PRIMARY:
            return bool(self._changes.diagnosis_lists[sketch.diagnoses[0]] >> test.operand & 1) != test.negated
        if test.op == core.Op.OP_DOMINANT:
            place = self._changes.dominant_place(sketch)
            lists = self._changes.procedure_lists[sketch.procedures[place]] if place >= 0 else 0
            return bool(lists >> test.operand & 1) != test.negated
        return True

    # --- roots that records only pass ---

    def _end_at(self, root: int) -> None:
        """Looks for a record that stays at a root, among those that come to it and are taken further."""
        for trial in _spread(self._through[root], 4 * MOST_BASES):
            self._left = MOST_IN_ALL
            self._kept_at(trial, root, DEEPEST_REPAIR)
            if root in self._best:
                self._keep(self._best[root])
                return

    def _kept_at(self, trial: Trial, root: int, depth: int) -> None:
        blocking = trial.next_after(root)
        if blocking is None or not depth:
            return
        for sketch in islice(self._not_taken(trial.sketch, blocking), MOST_REPAIRS):
            changed = self._try(sketch)
            if root in self._best or self._left < 0:
                return
            if blocking not in changed.taken():
                self._kept_at(changed, root, depth - 1)


def _spread(trials: list[Trial], most: int) -> list[Trial]:
    """Some of many records, evenly from the first to the last."""
    step = max(1, -(-len(trials) // most))
    return trials[::step]
