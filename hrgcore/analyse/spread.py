"""Mean, median and spread of the values of each group, and which values are trimmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from hrgcore.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hrgcore.analyse.valued import Ids, Numbers

IQR, PERCENTILE, NONE = "iqr", "percentile", "none"  # ways to trim
DEFAULT_TRIM = "iqr:1.5"
_PRECISION = 4 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True)
class Spread:
    """Statistics of groups, one cell a group; NaN where a group has too few values. Each group has a value.

    Attributes:
        n: values.
        mean: their mean.
        sd: their standard deviation, with n - 1; NaN for one value.
        minimum, q1, median, q3, maximum: quartiles by linear interpolation between values.
        squares: sum of squares about the mean.
    """

    n: Ids
    mean: Numbers
    sd: Numbers
    minimum: Numbers
    q1: Numbers
    median: Numbers
    q3: Numbers
    maximum: Numbers
    squares: Numbers

    @property
    def iqr(self) -> Numbers:
        """Interquartile range."""
        return self.q3 - self.q1

    @property
    def cv(self) -> Numbers:
        """Coefficient of variation, sd / mean; NaN where the mean is not above 0."""
        return ratio(self.sd, np.where(self.mean > 0, self.mean, 0))

    @property
    def variance(self) -> Numbers:
        """The square of `sd`."""
        return self.sd**2


def measure_spread(values: Numbers, group: Ids, groups: int) -> Spread:
    """The statistics of each group.

    Args:
        values: of all records.
        group: the number of the group of each.
        groups: how many groups there are; each has a record.
    """
    n = np.bincount(group, minlength=groups)
    mean, squares = means(values, group, n)
    ordered = values[np.lexsort((values, group))]
    first = np.cumsum(n) - n
    minimum, q1, median, q3, maximum = (_quantile(ordered, first, n, share) for share in (0, 0.25, 0.5, 0.75, 1))
    return Spread(n, mean, np.sqrt(ratio(squares, n - 1)), minimum, q1, median, q3, maximum, squares)


def means(values: Numbers, group: Ids, n: Ids) -> tuple[Numbers, Numbers]:
    """Mean and sum of squares about it of each group, in two passes: no digits are lost where values are large and alike.

    Values that differ by no more than the precision of their numbers are the same: their squares are 0.
    """
    rough = sums(values, group, len(n)) / n
    mean = rough + sums(values - rough[group], group, len(n)) / n
    squares = sums((values - mean[group]) ** 2, group, len(n))
    return mean, np.where(squares > n * (_PRECISION * mean) ** 2, squares, 0)


def sums(values: NDArray[Any], group: Ids, groups: int) -> Numbers:
    """The sum of each group."""
    return np.asarray(np.bincount(group, values, groups), np.float64)


def ratio(above: Numbers | Ids, below: Numbers | Ids) -> Numbers:
    """A division cell by cell; NaN where it is by 0."""
    whole = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=whole, where=below != 0)
    return whole


def _quantile(ordered: Numbers, first: Ids, n: Ids, share: float) -> Numbers:
    """A quantile of each group of values that stand in order, groups one after the other."""
    place = (n - 1) * share
    lower = place.astype(np.int64)
    low, high = ordered[first + lower], ordered[first + np.minimum(lower + 1, n - 1)]
    quantile: Numbers = low + (high - low) * (place - lower)
    return quantile


class Trim(NamedTuple):
    """Which values of an HRG are trimmed: those above its trim point. Low values never are.

    Attributes:
        kind: `iqr`: the trim point is Q3 + number x (Q3 - Q1), and there is none where the quartiles are equal;
            `percentile`: it is that percentile; `none`: there is none.
        number: of quartile ranges, or the percentile.
    """

    kind: str
    number: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `iqr`, `iqr:3`, `percentile:99` or `none`.

        Raises:
            ArgumentError: it is none of these.
        """
        kind, _, number = text.partition(":")
        try:
            found = cls(kind, float(number or {IQR: 1.5, PERCENTILE: 99, NONE: 0}[kind]))
        except (KeyError, ValueError):
            found = cls("", 0)
        fine = {IQR: 0 <= found.number < np.inf, PERCENTILE: 50 <= found.number <= 100, NONE: not number}
        if not fine.get(found.kind):
            raise ArgumentError(
                f"{text!r} is no way to trim",
                place="trim",
                cure="Give iqr, iqr:NUMBER, percentile:NUMBER from 50 to 100, or none.",
            )
        return found

    @property
    def words(self) -> str:
        """The rule in words."""
        if self.kind == IQR:
            return f"above Q3 + {self.number:g} x (Q3 - Q1) of their HRG"
        return f"above percentile {self.number:g} of their HRG" if self.kind == PERCENTILE else "none"

    def points(self, values: Numbers, hrg: Ids, spread: Spread) -> Numbers:
        """The trim point of each HRG; infinite where there is none."""
        if self.kind == IQR:
            return np.where(spread.iqr > 0, spread.q3 + self.number * spread.iqr, np.inf)
        if self.kind == PERCENTILE:
            ordered = values[np.lexsort((values, hrg))]
            return _quantile(ordered, np.cumsum(spread.n) - spread.n, spread.n, self.number / 100)
        return np.full(len(spread.n), np.inf)

    def kept(self, values: Numbers, hrg: Ids, spread: Spread) -> NDArray[np.bool_]:
        """Which records are not trimmed."""
        return values <= self.points(values, hrg, spread)[hrg]
