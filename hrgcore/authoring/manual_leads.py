"""Which codes can lead to a root through rules, where they do not lead there by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hrgcore.authoring.reading import DIAGNOSIS, Reading, Rule
from hrgcore.evidence.leads import Leads

_PRIMARY = "primary in "
_NOT_PRIMARY = f"not {_PRIMARY}"


class _DiagnosisRule(NamedTuple):
    """A rule of primary diagnoses: for each clause the codes that it asks for and those that it refuses."""

    roots: frozenset[str]
    to: str
    clauses: tuple[tuple[tuple[frozenset[str], ...], tuple[frozenset[str], ...]], ...]

    def may_take(self, code: str) -> bool:
        """Whether its condition can hold for a record with this primary diagnosis."""
        return not self.clauses or any(
            all(code in members for members in asked) and not any(code in members for members in refused)
            for asked, refused in self.clauses
        )


def procedures_through_rules(reading: Reading) -> Iterator[tuple[str, str]]:
    """Each procedure with each root that it can lead to as dominant procedure only through rules."""
    for code, roots in Leads(reading.design).of_procedures():
        yield from ((code, root) for root in sorted(roots - {reading.procedures[code].root}))


def diagnoses_through_rules(reading: Reading) -> Iterator[tuple[str, str]]:
    """Each primary diagnosis with each root that it can lead to only through rules.

    What a rule asks of other codes or of the record is taken to hold for some record.
    """
    rules = [_diagnosis_rule(reading, rule) for rule in reading.rules if rule.stage == DIAGNOSIS]
    taken = frozenset().union(*(rule.roots for rule in rules))
    for code, said in reading.diagnoses.items():
        direct = {said.root, said.child_root} - {""}
        if direct & taken:
            yield from ((code, root) for root in sorted(_walked(code, direct, rules) - direct) if reading.splits[root])


def _walked(code: str, direct: Iterable[str], rules: Iterable[_DiagnosisRule]) -> set[str]:
    """The roots in which records with this primary diagnosis can be after the rules, and those that they came through."""
    here = set(direct)
    for rule in rules:
        if here & rule.roots and rule.may_take(code):
            here.add(rule.to)
    return here


def _diagnosis_rule(reading: Reading, rule: Rule) -> _DiagnosisRule:
    clauses = []
    for clause in rule.when.split(" or ") if rule.when else ():
        asked, refused = (
            tuple(
                frozenset(reading.lists[test.removeprefix(word)].members)
                for test in clause.split(" and ")
                if test.startswith(word)
            )
            for word in (_PRIMARY, _NOT_PRIMARY)
        )
        clauses.append((asked, refused))
    return _DiagnosisRule(frozenset(rule.roots), rule.to, tuple(clauses))
