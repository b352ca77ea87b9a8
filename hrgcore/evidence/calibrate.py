"""Sets the national mentions of procedure codes against the national activity of the roots that they lead to.

Mentions count every code of every record, dominant or not; activity counts episodes. How the first are shared over the roots
stands in docs/calibration.md.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from hrgcore.design.evidence import OUTPATIENTS
from hrgcore.evidence.leads import Leads

if TYPE_CHECKING:
    from hrgcore.design import Design

MOST_ROUNDS = 500
SETTLED = 1e-4  # relative change of any allotment below which a further round of sharing is idle
_LOOSE_END = re.compile(r",?( (with|CC|Score|and|between|for|of|from|to|or)\b)*,?$")

Pools = Mapping[frozenset[str], float]  # mentions by the set of roots that they can be of


@dataclass(frozen=True, slots=True)
class RootCount:
    """What the mentions say of one root.

    Attributes:
        root, label: the root, and what the labels of its HRGs have in common.
        activity: its episodes of admitted care in the cost collection.
        codes: how many codes can lead to it.
        low: mentions of the codes that can lead to no other root.
        high: mentions of all codes that can lead to it.
        allotted: its share of the mentions, between `low` and `high`.
        unaided: whether diagnoses or routes lead to it too, so that procedures need not account for its activity.
        reason: why it may lie outside the factor, from the evidence file `calibration`; empty where none is given.
    """

    root: str
    label: str
    activity: int
    codes: int
    low: int
    high: int
    allotted: float
    unaided: bool
    reason: str

    @property
    def ratio(self) -> float:
        """Mentions allotted for each episode."""
        return self.allotted / self.activity

    def within(self, factor: float) -> bool:
        """Whether mentions and activity differ by at most a factor, 1 or more."""
        return 1 / factor <= self.ratio <= factor


@dataclass(frozen=True, slots=True)
class Calibration:
    """The roots with enough activity that need a procedure.

    Attributes:
        roots: the counts, by root: of all roots that procedures lead to, and of those that nothing leads to.
        factor: by which mentions and activity may differ.
        idle_reasons: roots with a reason that is not needed, or that are not reported.
    """

    roots: tuple[RootCount, ...]
    factor: float
    idle_reasons: tuple[str, ...]

    def verdict(self, root: RootCount) -> str:
        """`no code`, `within`, `explained`, `more` (mentions than the factor allows) or `fewer`."""
        if not root.codes:
            return "no code"
        if root.within(self.factor):
            return "within"
        if root.reason:
            return "explained"
        return "more" if root.ratio > 1 else "fewer"


def calibrate(
    design: Design,
    activity: Iterable[Mapping[str, str]],
    mentions: Iterable[Mapping[str, str]],
    reasons: Iterable[Mapping[str, str]] = (),
    *,
    factor: float = 3,
    at_least: int = 1000,
) -> Calibration:
    """Compares a design with national counts.

    Args:
        design: whose mapping from procedures to roots is looked at.
        activity: rows of the evidence file `activity`.
        mentions: rows of the evidence file `mentions`.
        reasons: rows of the evidence file `calibration`.
        factor: by which mentions and activity may differ.
        at_least: fewest episodes of a root that is reported.
    """
    labels = _labels(design)
    episodes = _episodes(design, activity)
    leads = Leads(design)
    number = {row["code"]: int(row["mentions"]) for row in mentions}
    codes = {code: roots for code, roots in leads.of_procedures() if roots}
    pools: Counter[frozenset[str]] = Counter()
    for code, reach in codes.items():
        pools[reach] += number.get(code, 0)
    allotted = share(pools, episodes)
    why = {row["root"]: row["reason"] for row in reasons}
    unaided = leads.without_procedure()
    leading = Counter(root for reach in codes.values() for root in reach)
    roots = tuple(
        RootCount(
            root=root,
            label=label,
            activity=episodes[root],
            codes=leading[root],
            low=pools[frozenset((root,))],
            high=sum(pool for reach, pool in pools.items() if root in reach),
            allotted=allotted.get(root, 0.0),
            unaided=root in unaided,
            reason=why.get(root, ""),
        )
        for root, label in sorted(labels.items())
        if episodes[root] >= at_least and (leading[root] or root not in unaided)
    )
    needed = {root.root for root in roots if not root.codes or not root.within(factor)}
    return Calibration(roots, factor, tuple(sorted(set(why) - needed)))


def share(pools: Pools, activity: Mapping[str, int]) -> dict[str, float]:
    """Shares pools of mentions over roots, so that mentions for each episode are as even as the pools allow.

    Iterative proportional fitting: each pool is shared in proportion to the weights of its roots, at first their activity; then
    the weight of each root is multiplied by its activity over its allotment, and so on. A root without activity gets nothing,
    unless no root of the pool has any.

    Returns:
        The mentions allotted to each root; they add up to those of the pools.
    """
    shares = [(pool, [root for root in sorted(reach) if activity.get(root)] or sorted(reach)) for reach, pool in pools.items()]
    # logarithms, since the weights of roots that cannot be evened out grow apart without end
    weights = {root: log(activity.get(root) or 1) for _, roots in shares for root in roots}
    before: dict[str, float] = {}
    for _ in range(MOST_ROUNDS):
        allotted = _allotted(shares, weights)
        if all(abs(allotted[root] - before.get(root, 0)) <= SETTLED * allotted[root] for root in allotted):
            break
        for root, number in allotted.items():
            if number > 0 and activity.get(root):
                weights[root] += log(activity[root] / number)
        before = allotted
    return allotted


def _allotted(shares: Sequence[tuple[float, list[str]]], weights: Mapping[str, float]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for pool, roots in shares:
        top = max(weights[root] for root in roots)
        parts = [exp(weights[root] - top) for root in roots]
        whole = sum(parts)
        for root, part in zip(roots, parts, strict=True):
            total[root] += pool * part / whole
    return total


def _episodes(design: Design, activity: Iterable[Mapping[str, str]]) -> Counter[str]:
    """Episodes of admitted care by root; those that failed have none."""
    root_of = {row.cells[1]: row.cells[0] for row in design.rows["split"]}
    root_of.pop(design.manifest.grouping["invalid_hrg"], None)
    found: Counter[str] = Counter()
    for row in activity:
        if row["hrg"] in root_of and row["setting"] != OUTPATIENTS:
            found[root_of[row["hrg"]]] += int(row["episodes"])
    return found


def _labels(design: Design) -> dict[str, str]:
    """The words with which the labels of the core HRGs of each root start alike: the bands in which they differ stand last."""
    label = {row.cells[0]: row.cells[1] for row in design.rows["hrg"] if row.cells[2] == "core"}
    words: dict[str, list[list[str]]] = defaultdict(list)
    for row in design.rows["split"]:
        if row.cells[1] in label:
            words[row.cells[0]].append(label[row.cells[1]].split(" "))
    return {root: _LOOSE_END.sub("", " ".join(_start(found) or found[0])) for root, found in words.items()}


def _start(texts: list[list[str]]) -> list[str]:
    """The words with which all texts start."""
    end = next((at for at, words in enumerate(zip(*texts, strict=False)) if len(set(words)) > 1), min(map(len, texts)))
    return texts[0][:end]
