"""Which roots a procedure can lead to, and which roots records reach without one, as the compiled rules say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core import typedefs as core
from hrgcore.design.compile_rules import WORD
from hrgcore.design.conditions import Test, compiled_clauses

if TYPE_CHECKING:
    from hrgcore.design import Design


class Truth(NamedTuple):
    """Whether a condition may hold for some record, and whether it may fail for some."""

    can_hold: bool
    can_fail: bool


UNKNOWN = Truth(True, True)


class Leads:
    """The roots of a design that its codes lead to.

    A rule is taken to apply to some records and not to others, unless its condition is settled by the code that dominates (its
    lists, its number of mentions, the stays at which it may dominate). So the roots of a code are all those that records with it
    as dominant procedure get, and at worst a few that contradictory conditions keep from it.
    """

    def __init__(self, design: Design) -> None:
        self._tables = design.tables
        self._arrays = design.tables.arrays
        self._clauses = cache(partial(compiled_clauses, self._arrays))
        self._routed_rules = self._rules("routed")
        self._procedure_rules = self._rules("procedure")
        self._diagnosis_rules = self._rules("diagnosis")

    def _rules(self, kind: str) -> list[tuple[int, set[int]]]:
        """The rules of routed records, of procedures or of diagnoses in order, each with the roots that it takes."""
        starts, numbers = self._arrays[f"{kind}_rule_start"], self._arrays[f"{kind}_rules"]
        taken: dict[int, set[int]] = {}
        for root, (first, end) in enumerate(pairwise(starts)):
            for place in range(first, end):
                taken.setdefault(numbers[place], set()).add(root)
        return sorted(taken.items())

    def of_procedures(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Each procedure code that can dominate, and the roots it can lead to.

        A root without splits is never a result; it is left out.
        """
        roles, ranks, roots = (self._arrays[name] for name in ("proc_role", "proc_rank", "proc_root"))
        stays = {rank: _driving_stays(self._arrays["min_rank"], rank) for rank in {*ranks}}
        for code, name in enumerate(self._tables.opcs4.codes):
            if roles[code] == core.Role.DRIVES and stays[ranks[code]]:
                found = self._walk(roots[code], self._procedure_rules, self._settled_by(code, stays[ranks[code]]))
                yield name, self._names(found)

    def without_procedure(self) -> frozenset[str]:
        """The roots that diagnoses and routes can lead to."""
        starts = {*self._arrays["diag_root"], *self._arrays["diag_child"]} - {0}
        found: set[int] = set()
        for route in self._arrays["route_rules"]:
            found |= self._walk(self._arrays["rule_to"][route], self._routed_rules, lambda _: UNKNOWN)
        for root in starts:
            if root < core.ERROR_BASE:
                found |= self._walk(root, self._diagnosis_rules, lambda _: UNKNOWN)
        return self._names(found)

    def _names(self, roots: set[int]) -> frozenset[str]:
        starts = self._arrays["split_start"]
        return frozenset(self._tables.roots[root] for root in roots if starts[root + 1] > starts[root])

    def _walk(self, root: int, rules: list[tuple[int, set[int]]], settled: Callable[[Test], Truth]) -> set[int]:
        """The roots in which records can be after the rules of a stage, read in order."""
        here = {root}
        for rule, taken in rules:
            if met := here & taken:
                truth = self._condition(self._arrays["rule_condition"][rule], settled)
                if truth.can_hold:
                    here.add(self._arrays["rule_to"][rule])
                    here -= set() if truth.can_fail else met
        return here

    def _condition(self, condition: int, settled: Callable[[Test], Truth]) -> Truth:
        """Any of the clauses, each all of its tests; the tests are taken to be independent. A rule without a condition has -1."""
        can_hold, can_fail = False, True
        for clause in self._clauses(condition):
            tests = [settled(test) for test in clause]
            can_hold |= all(test.can_hold for test in tests)
            can_fail &= any(test.can_fail for test in tests)
        return Truth(can_hold, can_fail)

    def _settled_by(self, code: int, stays: tuple[tuple[int, int], ...]) -> Callable[[Test], Truth]:
        """What the dominant procedure settles of a test."""

        @cache
        def settled(test: Test) -> Truth:
            truth = UNKNOWN
            if test.op == core.Op.OP_DOMINANT:
                truth = _always(self._listed(code, test.operand))
            elif test.op == core.Op.OP_PROCEDURE and self._listed(code, test.operand):
                truth = _always(True)
            elif test.op == core.Op.OP_COUNT:
                truth = _of_band(test.low, test.high, ((int(self._listed(code, test.operand)), core.OPEN_END),))
            elif test.op == core.Op.OP_STAY:
                truth = _of_band(test.low, test.high, stays)
            elif test.op == core.Op.OP_INTERVENTIONS:
                truth = _of_band(test.low, test.high, ((0, 0),))
            return Truth(truth.can_fail, truth.can_hold) if test.negated else truth

        return settled

    def _listed(self, code: int, number: int) -> bool:
        word = self._arrays["proc_lists"][code * self._tables.proc_words + number // WORD]
        return bool(word >> (number % WORD) & 1)


def _always(holds: bool) -> Truth:
    return Truth(holds, not holds)


def _of_band(low: int, high: int, ranges: tuple[tuple[int, int], ...]) -> Truth:
    """Whether a number that lies in one of some ranges can lie in a band, and out of it."""
    return Truth(
        any(first <= high and low <= last for first, last in ranges), any(first < low or last > high for first, last in ranges)
    )


def _driving_stays(min_rank: memoryview[int], rank: int) -> tuple[tuple[int, int], ...]:
    """The ranges of stays in days at which a procedure of a rank may dominate; the last entry stands for all longer stays."""
    last = len(min_rank) - 1
    return tuple((stay, core.OPEN_END if stay == last else stay) for stay, needed in enumerate(min_rank) if rank >= needed)
