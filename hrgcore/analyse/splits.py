"""Splits of roots: do the HRGs of a root differ, and where would a further split explain more?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hrgcore.analyse.spread import Spread, means, ratio, sums
from hrgcore.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hrgcore.analyse.valued import Ids, Numbers, ValuedRecords

# Columns of outputs that could split an HRG, as they are looked for: ages, stays, CC scores, interventions.
STAYS = ("CalcEpidur", "SpellLOS", "stay")
CANDIDATES = ("STARTAGE", *STAYS, "cc_score", "interventions")
ALL_STAYS = {*STAYS, "EPIDUR", "ReportingEPIDUR", "ReportingSpellLOS"}
# Verdicts on two HRGs, or on the HRGs of a root.
DIFFER, SMALL, NOT_SHOWN, FEW, SINGLE = "differ", "small", "not shown", "few records", "one HRG"
LEVEL = 0.05  # of significance
SMALL_DIFFERENCE = 0.1  # of the mean
Columns = dict[str, Any]


def check_scipy() -> None:
    """Refuses tests where SciPy is not installed, before the work begins.

    Raises:
        ArgumentError: it is not.
    """
    try:
        import scipy.special  # noqa: F401
    except ImportError:
        raise ArgumentError("tests of differences need SciPy", place="evaluate", cure="Install hrgcore[report].") from None


def candidates_of(names: Sequence[str], value: str) -> tuple[str, ...]:
    """The columns of a table that could split its HRGs; a stay cannot where the value is one."""
    circular = {value, *ALL_STAYS} if value in ALL_STAYS else {value}
    return tuple(name for name in CANDIDATES if name in names and name not in circular)


def compare_neighbours(hrgs: Sequence[str], roots: Sequence[str], spread: Spread, least: int) -> Columns:
    """Tests each two neighbouring HRGs of a root: Welch's t test, which lets their variances differ.

    Args:
        hrgs, roots: the HRGs in order, and the root of each.
        spread: the statistics of each HRG.
        least: records that an HRG must have for a verdict.
    """
    from scipy import special

    order = sorted(range(len(hrgs)), key=lambda i: (roots[i], i))
    pairs = [(i, j) for i, j in pairwise(order) if roots[i] == roots[j]]
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    n, mean, variance = spread.n, spread.mean, spread.variance
    parts = [variance[side] / n[side] for side in (one, other)]
    difference, error = mean[one] - mean[other], np.sqrt(parts[0] + parts[1])
    t = ratio(difference, error)
    degrees = ratio(error**4, parts[0] ** 2 / (n[one] - 1).clip(1) + parts[1] ** 2 / (n[other] - 1).clip(1))
    p = np.where(error == 0, np.where(difference == 0, 1.0, 0.0), 2 * special.stdtr(degrees, -np.abs(t)))
    together = (n[one] * mean[one] + n[other] * mean[other]) / (n[one] + n[other])
    pooled = np.sqrt(ratio(spread.squares[one] + spread.squares[other], n[one] + n[other] - 2))
    relative = ratio(difference, np.where(together > 0, together, 0))
    judged = (np.minimum(n[one], n[other]) >= least) & ~np.isnan(p)
    adjusted = adjusted_p(p, judged)
    return {
        "root": [roots[i] for i in one],
        "hrg": [hrgs[i] for i in one],
        "next_hrg": [hrgs[j] for j in other],
        "records": n[one],
        "next_records": n[other],
        "mean": mean[one],
        "next_mean": mean[other],
        "difference": difference,
        "relative_difference": relative,
        "effect_size": ratio(difference, pooled),
        "t": t,
        "degrees": degrees,
        "p": p,
        "adjusted_p": adjusted,
        "verdict": _verdicts(adjusted, np.abs(relative), judged),
    }


def compare_within_roots(root_of: Ids, roots: Spread, hrgs: Spread, least: int) -> Columns:
    """Tests the HRGs of each root together: one-way analysis of variance.

    Args:
        root_of: the number of the root of each HRG.
        roots, hrgs: the statistics of each.
        least: records that two HRGs of a root must have for a verdict.
    """
    from scipy import special

    count = len(roots.n)
    splits = np.bincount(root_of, minlength=count)
    within = sums(hrgs.squares, root_of, count)
    between = np.maximum(roots.squares - within, 0)
    above, below = splits - 1, roots.n - splits
    f = ratio(ratio(between, above), ratio(within, below))
    p = np.where(np.isnan(f), np.nan, special.fdtrc(above.clip(1), below.clip(1), f))
    alike = (within == 0) & (above > 0) & (below > 0)  # in each HRG: the roots differ for certain, or not at all
    p = np.where(alike, np.where(between > 0, 0.0, 1.0), p)
    large = hrgs.n >= least
    judged = (sums(large, root_of, count) >= 2) & ~np.isnan(p)
    adjusted = adjusted_p(p, judged)
    highest, lowest = np.full(count, -np.inf), np.full(count, np.inf)
    np.maximum.at(highest, root_of[large], hrgs.mean[large])
    np.minimum.at(lowest, root_of[large], hrgs.mean[large])
    span = ratio(np.where(judged, highest - np.where(judged, lowest, 0), np.nan), np.where(roots.mean > 0, roots.mean, 0))
    verdicts = [SINGLE if n == 1 else verdict for n, verdict in zip(splits, _verdicts(adjusted, span, judged), strict=True)]
    return {"f": f, "p": p, "adjusted_p": adjusted, "span": span, "verdict": verdicts}


def _verdicts(adjusted: Numbers, relative: Numbers, judged: NDArray[np.bool_]) -> list[str]:
    found = np.where(relative < SMALL_DIFFERENCE, SMALL, DIFFER)
    found = np.where(adjusted < LEVEL, found, NOT_SHOWN)
    verdicts: list[str] = np.where(judged, found, FEW).tolist()
    return verdicts


def adjusted_p(p: Numbers, judged: NDArray[np.bool_]) -> Numbers:
    """Probabilities corrected for the number of tests that are judged (Benjamini and Hochberg); NaN for the others."""
    adjusted = np.full(len(p), np.nan)
    found = p[judged]
    order = np.argsort(found)[::-1]
    ranks = np.arange(len(found), 0, -1)
    lowered = np.minimum.accumulate(found[order] * len(found) / ranks)
    corrected = np.empty(len(found))
    corrected[order] = np.minimum(lowered, 1)
    adjusted[judged] = corrected
    return adjusted


def further_splits(records: ValuedRecords, candidates: Sequence[str], roots: Sequence[str], least: int, total: float) -> Columns:
    """The best split of each HRG in two by each candidate: the one after which least of its sum of squares is left.

    Args:
        records: those to split.
        candidates: names of columns of numbers; records where one is blank have no part in its splits.
        roots: the root of each HRG.
        least: records that each side must have.
        total: sum of squares of all records, of which a gain is a share.

    Raises:
        InputFileError: there is no such column, or a cell of it is no number.
    """
    found = [{"variable": name} | split for name in candidates for split in _splits(records, records.numbers(name), least)]
    found.sort(key=lambda split: (-split["squares"], split["hrg"], split["variable"]))
    return {
        "root": [roots[split["hrg"]] for split in found],
        "hrg": [records.hrgs[split["hrg"]] for split in found],
        "variable": [split["variable"] for split in found],
        **{
            name: [split[name] for split in found]
            for name in ("from", "records_below", "mean_below", "records_from", "mean_from")
        },
        "gain": [split["squares"] / total if total else np.nan for split in found],
        "share_of_hrg": [split["share"] for split in found],
    }


def _splits(records: ValuedRecords, candidate: Numbers, least: int) -> list[dict[str, Any]]:
    """The best split of each HRG by one candidate, exact: sums of all lower sides come from one running sum."""
    known = ~np.isnan(candidate)
    order = np.lexsort((candidate[known], records.hrg[known]))
    x, y, hrg = candidate[known][order], records.values[known][order], records.hrg[known][order]
    n = np.bincount(hrg, minlength=len(records.hrgs))
    present, group = np.unique(hrg, return_inverse=True)
    mean, squares = means(y, group, n[present])
    first = np.cumsum(n[present]) - n[present]
    running = np.cumsum(y - mean[group])
    lower = running - (running[first] - (y[first] - mean))[group]
    below = np.arange(len(x)) - first[group] + 1
    above = n[present][group] - below
    may = np.flatnonzero((below >= least) & (above >= max(least, 1)))
    may = may[(x[may] < x[may + 1]) & (squares[group[may]] > 0)]
    gain = lower[may] ** 2 * (1 / below[may] + 1 / above[may])
    ranked = np.lexsort((gain, group[may]))
    best = ranked[np.flatnonzero(np.diff(group[may[ranked]], append=len(present)))]  # the last of each HRG
    return [
        {
            "hrg": int(hrg[i]),
            "from": x[i + 1],
            "records_below": below[i],
            "mean_below": mean[group[i]] + lower[i] / below[i],
            "records_from": above[i],
            "mean_from": mean[group[i]] - lower[i] / above[i],
            "squares": explained,
            "share": explained / squares[group[i]],
        }
        for i, explained in zip(may[best], gain[best], strict=True)
        if explained > 0
    ]
