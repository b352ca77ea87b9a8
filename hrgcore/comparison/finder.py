"""Finds why a record moves: not the first textual difference of two traces, but the point that decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from hrgcore.comparison.conditions import code_asked_for, why_it_differs
from hrgcore.comparison.failures import field_finding, why_it_fails
from hrgcore.comparison.measures import SCORE, other_interventions, other_score, other_split, rejected_measure
from hrgcore.comparison.paths import DECISION, DIAGNOSIS, PROCEDURE, ROUTE, RULE, Turn
from hrgcore.comparison.procedures import Views, another_driver, another_lead
from hrgcore.comparison.reasons import Finding, Reason
from hrgcore.comparison.unit import Unit
from hrgcore.comparison.view import RuleKey
from hrgcore.design.schema import ROOT_SIZE

_RULES = (ROUTE, RULE, DECISION)


class ReasonFinder:
    """Finds the reasons of moves from one design to another."""

    def __init__(self, views: Views) -> None:
        self.views = views

    def find(self, unit: Unit, hrgs: tuple[str, str]) -> Finding:
        """The reason of a record that moves from the first HRG to the second."""
        if any(unit.failed):
            return why_it_fails(self.views, unit, self._other_root) or self._not_explained(unit)
        roots = unit.paths[0].root, unit.paths[1].root
        if roots[0] == roots[1]:
            return self._same_root(unit) or self._not_explained(unit)
        found = self._other_root(unit) or self._not_explained(unit)
        return found if found.reason in (Reason.CODE, Reason.OTHER) else self._widened(found, hrgs)

    def _widened(self, found: Finding, hrgs: tuple[str, str]) -> Finding:
        """A retired or a new HRG, where what decided is only how a design does without the root or comes to it."""
        one, other = self.views
        detail = f"{found.reason}: {found.text}"
        if other.is_gone(hrgs[0]):
            return found._replace(reason=Reason.RETIRED, text=f"root {hrgs[0][:ROOT_SIZE]} of {one.name} is gone", detail=detail)
        if one.is_gone(hrgs[1]):
            return found._replace(reason=Reason.NEW, text=f"root {hrgs[1][:ROOT_SIZE]} came with {other.name}", detail=detail)
        return found

    def _not_explained(self, unit: Unit) -> Finding:
        """Cells that only one design accepts, without a failure; else nothing that is known."""
        if field := next(iter(unit.accepted_in_one()), ""):
            return field_finding(self.views, unit, field)
        return Finding(Reason.OTHER, "no deciding difference was found", "")

    # --- other roots ---

    def _other_root(self, unit: Unit) -> Finding | None:
        """Why the ways part after the last root that both passed."""
        one, other = (path.turns for path in unit.paths)
        places = {passed: place for place, passed in enumerate(_passed(other))}
        common = [(n, places[passed]) for n, passed in enumerate(_passed(one)) if passed in places]
        last, after = common[-1] if common else (-1, -1)
        before = one[last].root if common else ""
        turns = _next(one, last), _next(other, after)
        if last < 0 and not self._by_rules(turns):
            return self._other_start(unit, turns)
        return self._other_rule(unit, turns, before)

    @staticmethod
    def _by_rules(turns: tuple[Turn | None, Turn | None]) -> bool:
        """Whether rules alone decide where the ways start."""
        kinds = {turn.by for turn in turns if turn}
        return ROUTE in kinds or kinds == {DECISION}

    def _other_start(self, unit: Unit, turns: tuple[Turn | None, Turn | None]) -> Finding | None:
        """Another procedure or diagnosis drives the record, or the same one leads elsewhere."""
        codes = [turn.code if turn else "" for turn in turns]
        kinds = {turn.by for turn in turns if turn}
        if len(kinds) > 1 or (PROCEDURE in kinds and codes[0] != codes[1]):
            return another_driver(self.views, unit)
        if codes[0] != codes[1]:
            return another_lead(self.views, unit)
        kind = "procedure" if PROCEDURE in kinds else "diagnosis"
        roots = [turn.root if turn else "" for turn in turns]
        text = f"{kind} {codes[0]} leads to {roots[0]} in {self.views[0].name}, to {roots[1]} in {self.views[1].name}"
        step = PROCEDURE if PROCEDURE in kinds else DIAGNOSIS
        return Finding(Reason.ANOTHER_ROOT, text, step, "", *(view.code_row(kind, codes[0]) for view in self.views))

    def _other_rule(self, unit: Unit, turns: tuple[Turn | None, Turn | None], before: str) -> Finding | None:
        """A rule that one design lacks, or whose condition holds in one of them only."""
        taken = [(side, turn) for side, turn in enumerate(turns) if turn and turn.by in _RULES]
        whens = [self.views[side].when(turn.rule) for side, turn in taken]
        for when, (_, turn) in zip(whens, taken, strict=True):
            if found := code_asked_for(self.views, unit, when, turn.by):
                return found
        lacking = {side: turn for side, turn in taken if self._key(side, turn, before) not in self.views[1 - side].rules}
        if lacking:
            return self._lacking_rule(lacking, before)
        for when, (_, turn) in zip(whens, taken, strict=True):
            if found := why_it_differs(self.views, unit, when, turn.by):
                return found
        return another_driver(self.views, unit) or another_lead(self.views, unit) or self._other_order(unit, taken, before)

    def _key(self, side: int, turn: Turn, before: str) -> RuleKey:
        return self.views[side].rule_key(turn.rule, before)

    def _lacking_rule(self, lacking: Mapping[int, Turn], before: str) -> Finding:
        """Rules that were taken and that the other design lacks, by side; beside a single one stands the rule most like it."""
        side, turn = next(iter(lacking.items()))
        key = self._key(side, turn, before)
        source = f"from root {before} to" if before else "to"
        text = f"only {self.views[side].name} has the rule {source} {turn.root}" + (f" because {key[2]}" if key[2] else "")
        rows = [
            view.row("rule", lacking[n].rule if n in lacking else view.similar_rule(key)) for n, view in enumerate(self.views)
        ]
        return Finding(Reason.RULE, text, turn.by, "", *rows)

    def _other_order(self, unit: Unit, taken: list[tuple[int, Turn]], before: str) -> Finding | None:
        """Rules that both designs have, one of which comes first: those taken, or one that leads to the root too late."""
        if not taken:
            return None
        rows = {side: turn.rule for side, turn in taken}
        side, turn = taken[0]
        if len(rows) == 1 and (late := self._passed_by(unit, 1 - side, self._key(side, turn, before))) >= 0:
            view = self.views[1 - side]
            rows[1 - side] = late
            text = f"the rule from root {before} to {turn.root} stands before the one that leads to {before} in {view.name} only"
        else:
            rows.setdefault(1 - side, self.views[1 - side].rules[self._key(side, turn, before)])
            text = f"the rules from {before or 'the start'} stand in another order"
        return Finding(Reason.RULE, text, turn.by, "", *(view.row("rule", rows[n]) for n, view in enumerate(self.views)))

    def _passed_by(self, unit: Unit, side: int, key: RuleKey) -> int:
        """The rule by which a record came to the root that a rule takes, if it stands after that rule; else -1."""
        view = self.views[side]
        came = next((turn.rule for turn in reversed(unit.paths[side].turns) if turn.root == key[1]), -1)
        return came if came > view.rules[key] and view.stage(came) == key[0] else -1

    # --- the same root ---

    def _same_root(self, unit: Unit) -> Finding | None:
        """Why a root gives another HRG."""
        rows = self.views[0].split_row(unit.paths[0].split), self.views[1].split_row(unit.paths[1].split)
        if rows[0] is None or rows[1] is None:
            return None
        if rejected := rejected_measure(unit, rows[0]):
            return (other_score if rejected == SCORE else other_interventions)(self.views, unit)
        if found := other_split(self.views, unit, (rows[0], rows[1])):
            return found
        whens = (row.cells[6] for row in rows if row)
        return next((found for when in whens if (found := why_it_differs(self.views, unit, when, "split"))), None)


def _passed(turns: list[Turn]) -> Iterator[tuple[str, str, int]]:
    """The roots that were passed: each with what led to rules at all, since that says which rules are asked, and how often."""
    start, times = "", Counter[tuple[str, str]]()
    for turn in turns:
        start = start if turn.by == RULE else turn.by
        times[start, turn.root] += 1
        yield start, turn.root, times[start, turn.root]


def _next(turns: list[Turn], place: int) -> Turn | None:
    return turns[place + 1] if place + 1 < len(turns) else None
