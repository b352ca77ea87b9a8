"""Rules of two designs compared: which came, went or changed, and which are read in another order.

A rule that takes several roots counts for each of them, so that it makes no difference how roots share rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from hrgcore.authoring.reading import Rule
from hrgcore.design.schema import DECIDING, STAGES

_STAGE_PLACES = {stage: place for place, stage in enumerate((*STAGES, *DECIDING))}

# kind, stage, roots, rule before, rule after
RuleChange = tuple[str, str, tuple[str], str, str]
# stage, roots, order before, order after
Move = tuple[str, tuple[str], str, str]


class _Entry(NamedTuple):
    """What a rule does to one root, empty for a rule of whole records; equal entries do the same."""

    stage: str
    root: str
    condition: str  # in one order of its clauses and tests, whatever the order in the table
    to: str
    method: str


class _Placed(NamedTuple):
    """An entry, the place of its rule among all, and the rule in words."""

    entry: _Entry
    place: int
    text: str


def changed_rules(before: Iterable[Rule], after: Iterable[Rule]) -> list[RuleChange]:
    """The rules that came, went or changed their condition or target, stage by stage in the order in which they are read."""
    old, new = list(_placed(before)), list(_placed(after))
    gone, came = _beyond(old, new), _beyond(new, old)
    lines: dict[tuple[str, str, str, str], list[str]] = {}
    places: dict[tuple[str, str, str, str], int] = {}
    for one, other in _pairs(gone, came):
        some = one or other
        assert some is not None
        kind = "changed" if one and other else "retired" if one else "new"
        line = kind, some.entry.stage, one.text if one else "", other.text if other else ""
        lines.setdefault(line, []).append(some.entry.root)
        places.setdefault(line, (other or some).place)
    ordered = sorted(lines, key=lambda line: (_STAGE_PLACES[line[1]], places[line], line))
    return [(line[0], line[1], (" ".join(sorted(set(lines[line]))),), *line[2:]) for line in ordered]


def moved_rules(before: Iterable[Rule], after: Iterable[Rule]) -> list[Move]:
    """Pairs of rules that stand in both designs and are read in another order, where the order can matter.

    It can where both take one root and lead to different ones, or where the one leads to a root that the other takes.
    """
    old = {one.entry: one for one in _placed(before)}
    new = {one.entry: one for one in _placed(after)}
    by_root: dict[tuple[str, str], list[_Placed]] = defaultdict(list)
    for entry, one in old.items():
        if entry in new:
            by_root[entry.stage, entry.root].append(one)
    found: dict[tuple[str, str, str], set[str]] = {}
    for first, second in _meeting(by_root):
        if (new[first.entry].place < new[second.entry].place) != (first.place < second.place):
            one, other = (first, second) if first.place < second.place else (second, first)
            found.setdefault((first.entry.stage, one.text, other.text), set()).add(first.entry.root)
    return [
        (stage, (" ".join(sorted(roots)),), f"{one}; then {other}", f"{other}; then {one}")
        for (stage, one, other), roots in found.items()
    ]


def _meeting(by_root: dict[tuple[str, str], list[_Placed]]) -> Iterator[tuple[_Placed, _Placed]]:
    for (stage, root), taking in by_root.items():
        for one, other in combinations(taking, 2):
            if one.entry[3:] != other.entry[3:] and one.place != other.place:
                yield one, other
        if root:
            for one in taking:
                for other in by_root.get((stage, one.entry.to), ()):
                    if one.place != other.place:
                        yield one, other


def _placed(rules: Iterable[Rule]) -> Iterator[_Placed]:
    for rule in rules:
        text = f"{rule.when or 'always'} → {rule.to}" + (f" ({rule.method})" if rule.method else "")
        for root in rule.roots or ("",):
            entry = _Entry(rule.stage, root, _canonical(rule.when), rule.to, rule.method)
            yield _Placed(entry, rule.number, text)


def _canonical(when: str) -> str:
    return " or ".join(sorted(" and ".join(sorted(clause.split(" and "))) for clause in when.split(" or ")))


def _beyond(some: Sequence[_Placed], others: Sequence[_Placed]) -> list[_Placed]:
    """The entries that the others do not have, or not so often."""
    left = Counter(one.entry for one in others)
    found = []
    for one in some:
        if left[one.entry]:
            left[one.entry] -= 1
        else:
            found.append(one)
    return found


def _pairs(gone: Sequence[_Placed], came: Sequence[_Placed]) -> Iterator[tuple[_Placed | None, _Placed | None]]:
    """What went beside what came in its place: another condition for one target, or another target for one condition."""
    rest = list(came)
    for kept in ((0, 1, 3, 4), (0, 1, 2)):  # parts of an entry that are the same
        waiting: dict[tuple[str, ...], list[_Placed]] = defaultdict(list)
        for one in rest:
            waiting[tuple(one.entry[part] for part in kept)].append(one)
        alone: list[_Placed] = []
        for one in gone:
            partners = waiting[tuple(one.entry[part] for part in kept)]
            if partners:
                yield one, partners.pop(0)
            else:
                alone.append(one)
        gone, rest = alone, [one for partners in waiting.values() for one in partners]
    yield from ((one, None) for one in gone)
    yield from ((None, one) for one in rest)
