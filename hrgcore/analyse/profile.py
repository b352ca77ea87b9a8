"""Providers compared on a cost or a stay, adjusted for casemix: what was observed against what is expected by HRG."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from hrgcore.analyse.findings import Findings
from hrgcore.analyse.spread import NONE, Trim, measure_spread, ratio, sums
from hrgcore.analyse.valued import LeftOut, coded, find_design, read_valued, table_of
from hrgcore.errors import ArgumentError, InputFileError

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure

    from hrgcore.analyse.valued import Ids, Numbers
    from hrgcore.design import Design

PROVIDER = "PROCODET"
LEAST = 30  # records
WARNING, ALARM = (NormalDist().inv_cdf(0.5 + share / 2) for share in (0.95, 0.998))  # standard deviations
WINSORISED = 0.1  # of the z-scores at each end
# Verdicts, in the order of the index.
ABOVE_ALARM, ABOVE_WARNING, INSIDE, BELOW_WARNING, BELOW_ALARM = "above 99.8%", "above 95%", "inside", "below 95%", "below 99.8%"
FEW, NOT_COMPARABLE = "few records", "not comparable"


@dataclass(frozen=True, slots=True)
class Profile(Findings):
    """Providers side by side. A figure that is not defined is null.

    Attributes:
        value, provider, hrg_column: names of the columns.
        design: name of the design, or empty.
        records: records that are compared.
        left_out: the other records.
        trim: how values were trimmed.
        trimmed: how many were, and have no part.
        least: records that a verdict needs.
        mean: of all values.
        cv: standard deviation within HRGs as a share of the mean, over all HRGs; NaN where it is not defined.
        phi: overdispersion: how much more the z-scores vary than chance says (1: as chance); NaN without providers to judge.
        widened: by how much the limits were widened for it, as a factor; 1 if they were not.
        providers: one row a provider.
        provider_hrgs: one row a provider and HRG: where its excess comes from.
    """

    files: ClassVar[str] = "profile"
    table_names: ClassVar[tuple[str, ...]] = ("providers", "provider_hrgs")

    value: str
    provider: str
    hrg_column: str
    design: str
    records: int
    left_out: LeftOut
    trim: Trim
    trimmed: int
    least: int
    mean: float
    cv: float
    phi: float
    widened: float
    providers: pa.Table
    provider_hrgs: pa.Table

    def draw(self) -> Figure:
        """The funnel plot."""
        from hrgcore.analyse.plots import draw_funnel

        return draw_funnel(self)

    def page(self) -> str:
        """All findings as a page that stands alone."""
        from hrgcore.analyse.reports import profile_page

        return profile_page(self)


def profile(
    source: Any,
    value: str,
    provider: str = PROVIDER,
    *,
    hrg: str | None = None,
    design: str | Design | None = None,
    trim: str = NONE,
    least: int = LEAST,
    overdispersion: bool = False,
) -> Profile:
    """Compares providers on a cost or a length of stay, adjusted for their HRGs by indirect standardisation.

    Each record is expected to have the mean of its HRG over all providers. The index of a provider is 100 x observed / expected.
    Its limits follow from the variances within HRGs; see docs/evaluate.md.

    Args:
        source: the path of an output of `hrg group` or of any CSV, Parquet or Arrow file with a header, `-`, or a table with an
            Arrow stream.
        value: name of the column of values, such as days or GBP.
        provider: name of the column of providers, or of whatever is to be compared.
        hrg: name of the column of HRGs; found if left out.
        design: the design that the records were grouped by, or its name: tells the error group.
        trim: leaves out high values, as `evaluate` does: `iqr:1.5`, `percentile:99` and the like.
        least: records that a provider needs for a verdict.
        overdispersion: widen the limits where providers vary more than chance says.

    Raises:
        InputFileError: the file or a column of it cannot be used.
        ArgumentError: another argument cannot, or pyarrow is not installed.
    """
    if least < 1:
        raise ArgumentError(f"{least} records are too few", place="least", cure="Give 1 or more.")
    rule, found = Trim.parse(trim), find_design(design)
    records = read_valued(source, value, hrg, found, provider=provider)
    names, provider_of_row = coded(records.table, provider, records.place)
    kept = rule.kept(records.values, records.hrg, measure_spread(records.values, records.hrg, len(records.hrgs)))
    values, hrgs = records.values[kept], records.hrg[kept]
    present, providers = np.unique(provider_of_row[records.rows[kept]], return_inverse=True)
    if len(present) < 2:
        raise InputFileError(
            f"has one {provider} only", place=records.place, cure="Give the records of several, to compare them."
        )
    compared = _Comparison(values, hrgs, providers)
    phi = compared.overdispersion(least)
    widened = phi**0.5 if overdispersion and phi > 1 else 1.0
    return Profile(
        value=value,
        provider=provider,
        hrg_column=records.hrg_column,
        design=found.name if found else "",
        records=len(values),
        left_out=records.left_out,
        trim=rule,
        trimmed=int(np.count_nonzero(~kept)),
        least=least,
        mean=compared.mean,
        cv=compared.cv,
        phi=phi,
        widened=widened,
        providers=compared.table([names[i] for i in present], least, widened),
        provider_hrgs=compared.by_hrg([names[i] for i in present], records.hrgs),
    )


class _Comparison:
    """Observed and expected sums of each provider, and how far they may be apart by chance."""

    def __init__(self, values: Numbers, hrg: Ids, provider: Ids) -> None:
        self.spread = spread = measure_spread(values, hrg, int(hrg.max()) + 1)
        self.n = np.bincount(provider)
        width = len(spread.n)
        cells, cell = np.unique(provider * width + hrg, return_inverse=True)
        self.cell_provider, self.cell_hrg = np.divmod(cells, width)
        self.cell_n = np.bincount(cell)
        self.cell_excess = sums(values - spread.mean[hrg], cell, len(cells))
        self.expected = self._by_provider(self.cell_n * spread.mean[self.cell_hrg])
        self.excess = self._by_provider(self.cell_excess)
        # A provider's own records are in the mean that they are set against: of its n of all N only 1 - n/N can part from it.
        share = self.cell_n / spread.n[self.cell_hrg]
        variance = np.where(spread.n > 1, spread.variance, 0)
        self.sd = np.sqrt(self._by_provider(self.cell_n * (1 - share) * variance[self.cell_hrg]))
        self.z = ratio(self.excess, self.sd)
        self.mean = float(values.mean())
        free = len(values) - width
        within = (float(spread.squares.sum()) / free) ** 0.5 if free else np.nan
        self.cv = within / self.mean if self.mean > 0 else np.nan
        self.lowest = float(values.min())

    def _by_provider(self, cells: Numbers) -> Numbers:
        return sums(cells, self.cell_provider, len(self.n))

    def overdispersion(self, least: int) -> float:
        """The mean square of the z-scores of providers with enough records, the extreme ones drawn in; NaN if there is none."""
        judged = self.z[(self.n >= least) & ~np.isnan(self.z)]
        if not len(judged):
            return float("nan")
        ends = np.quantile(judged, (WINSORISED, 1 - WINSORISED))
        return float((np.clip(judged, *ends) ** 2).mean())

    def table(self, names: list[str], least: int, widened: float) -> pa.Table:
        """The providers."""
        expected = np.where(self.expected > 0, self.expected, 0)
        error = ratio(self.sd, expected)
        error[error == 0] = np.nan
        index = 100 * (1 + ratio(self.excess, expected))
        limits: dict[str, Numbers] = {}
        for name, z in (("95", WARNING), ("998", ALARM)):
            lower = 100 * (1 - z * widened * error)
            limits[f"lower_{name}"] = np.maximum(lower, 0) if self.lowest >= 0 else lower
            limits[f"upper_{name}"] = 100 * (1 + z * widened * error)
        return table_of(
            {
                "provider": names,
                "records": self.n,
                "effective_records": (self.cv / error) ** 2,
                "observed_mean": (self.expected + self.excess) / self.n,
                "expected_mean": self.expected / self.n,
                "excess": self.excess,
                "index": index,
                "z": self.z,
                **limits,
                "verdict": self._verdicts(error, least, widened),
            }
        )

    def _verdicts(self, error: Numbers, least: int, widened: float) -> list[str]:
        z = self.z / widened
        cases = [np.isnan(error), self.n < least, z > ALARM, z > WARNING, z < -ALARM, z < -WARNING]
        verdicts = [NOT_COMPARABLE, FEW, ABOVE_ALARM, ABOVE_WARNING, BELOW_ALARM, BELOW_WARNING]
        found: list[str] = np.select(cases, verdicts, INSIDE).tolist()
        return found

    def by_hrg(self, names: list[str], hrgs: tuple[str, ...]) -> pa.Table:
        """The providers HRG by HRG: where an excess comes from, the largest first."""
        expected = self.spread.mean[self.cell_hrg]
        table = table_of(
            {
                "provider": [names[i] for i in self.cell_provider],
                "hrg": [hrgs[i] for i in self.cell_hrg],
                "records": self.cell_n,
                "observed_mean": expected + self.cell_excess / self.cell_n,
                "expected_mean": expected,
                "excess": self.cell_excess,
            }
        )
        return table.sort_by([("provider", "ascending"), ("excess", "descending"), ("hrg", "ascending")])
