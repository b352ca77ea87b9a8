"""How well HRGs explain a cost or a stay: spread within HRGs, variance explained, splits that fail, splits that are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from hrgcore.analyse.findings import Findings
from hrgcore.analyse.splits import (
    CANDIDATES,
    candidates_of,
    check_scipy,
    compare_neighbours,
    compare_within_roots,
    further_splits,
)
from hrgcore.analyse.spread import DEFAULT_TRIM, Spread, Trim, means, measure_spread, ratio, sums
from hrgcore.analyse.valued import LeftOut, find_design, read_valued, roots_of, table_of
from hrgcore.errors import ArgumentError

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure

    from hrgcore.analyse.valued import Ids, Numbers
    from hrgcore.design import Design

LEAST = 30  # records
CHAPTER, ROOT, HRG = "chapter", "root", "HRG"


@dataclass(frozen=True, slots=True)
class Evaluation(Findings):
    """What grouped data say of their HRGs. Shares are parts of 1; a figure that is not defined is null.

    Attributes:
        value: name of the column of values.
        hrg_column: name of the column of HRGs.
        design: name of the design, or empty.
        records: records with an HRG and a value.
        left_out: the other records.
        trim: how values are trimmed.
        trimmed: how many are.
        constant: whether all values are the same, so that there is nothing to explain.
        unknown: HRGs that the design does not have.
        least: records that a verdict or a side of a split needs.
        candidates: columns that further splits were looked for in.
        levels: variance explained by chapters, by roots and by HRGs.
        hrgs: one row an HRG: its spread.
        roots: one row a root: its spread, what its splits explain, and what is left.
        chapters: one row a chapter: its spread, and the share of its own variance that its HRGs explain.
        neighbours: one row for each two neighbouring HRGs of a root: whether they differ.
        further: the best further split of each HRG by each candidate, the most telling first.
    """

    files: ClassVar[str] = "evaluate"
    table_names: ClassVar[tuple[str, ...]] = ("levels", "chapters", "roots", "hrgs", "neighbours", "further")

    value: str
    hrg_column: str
    design: str
    records: int
    left_out: LeftOut
    trim: Trim
    trimmed: int
    constant: bool
    unknown: tuple[str, ...]
    least: int
    candidates: tuple[str, ...]
    levels: pa.Table
    hrgs: pa.Table
    roots: pa.Table
    chapters: pa.Table
    neighbours: pa.Table
    further: pa.Table

    @property
    def r2(self) -> float | None:
        """The share of the variance that HRGs explain; None if there is none."""
        return self._of_hrgs("r2")

    @property
    def trimmed_r2(self) -> float | None:
        """The same after trimming."""
        return self._of_hrgs("trimmed_r2")

    def draw(self) -> Figure:
        """The variance explained by chapter, and the roots where most is left."""
        from hrgcore.analyse.plots import draw_variance

        return draw_variance(self)

    def page(self) -> str:
        """All findings as a page that stands alone."""
        from hrgcore.analyse.reports import evaluation_page

        return evaluation_page(self)

    def _of_hrgs(self, name: str) -> float | None:
        share: float | None = self.levels.column(name)[-1].as_py()
        return share


def evaluate(
    source: Any,
    value: str,
    *,
    hrg: str | None = None,
    by: Sequence[str] | None = None,
    design: str | Design | None = None,
    trim: str = DEFAULT_TRIM,
    least: int = LEAST,
) -> Evaluation:
    """Tells how well the HRGs of grouped data explain a cost or a length of stay.

    Args:
        source: the path of an output of `hrg group` or of any CSV, Parquet or Arrow file with a header, `-`, or a table with an
            Arrow stream.
        value: name of the column of values, such as days or GBP.
        hrg: name of the column of HRGs; found if left out.
        by: columns of numbers in which further splits are looked for; left out, those of age, stay, CC score and interventions.
        design: the design that the records were grouped by, or its name: tells the error group, roots and labels.
        trim: `iqr:1.5`, `percentile:99` and the like, or `none`; see docs/evaluate.md.
        least: records that a verdict or a side of a further split needs.

    Raises:
        InputFileError: the file or a column of it cannot be used.
        ArgumentError: another argument cannot, or SciPy or pyarrow is not installed.
    """
    check_scipy()
    if isinstance(by, str) or len(set(by or ())) < len(by or ()):
        raise ArgumentError("no list of different columns", place="by", cure='Name columns, such as by=["STARTAGE"].')
    if least < 2:
        raise ArgumentError(f"{least} records are too few", place="least", cure="Give 2 or more.")
    rule, found = Trim.parse(trim), find_design(design)
    records = read_valued(source, value, hrg, found, needed=by or (), others=CANDIDATES)
    candidates = tuple(by) if by is not None else candidates_of(records.table.column_names, value)
    levels = _Levels(records.hrgs, roots_of(records.hrgs, found))
    whole = _Fit(records.values, records.hrg, levels)
    kept = rule.kept(records.values, records.hrg, whole.spreads[HRG])
    trimmed = _Fit(records.values[kept], records.hrg[kept], levels)
    labels = {row.cells[0]: row.cells[1] for row in found.rows["hrg"]} if found else {}
    root_of_hrg = [levels.names[ROOT][i] for i in levels.of_hrg[ROOT]]
    return Evaluation(
        value=value,
        hrg_column=records.hrg_column,
        design=found.name if found else "",
        records=len(records.values),
        left_out=records.left_out,
        trim=rule,
        trimmed=int(np.count_nonzero(~kept)),
        constant=not whole.total,
        unknown=tuple(name for name in records.hrgs if name not in labels) if found else (),
        least=least,
        candidates=candidates,
        levels=_level_table(whole, trimmed),
        hrgs=_hrg_table(
            records.hrgs, root_of_hrg, labels, whole, trimmed, rule.points(records.values, records.hrg, whole.spreads[HRG])
        ),
        roots=_root_table(levels, whole, trimmed, least),
        chapters=_chapter_table(levels, whole, trimmed),
        neighbours=table_of(compare_neighbours(records.hrgs, root_of_hrg, whole.spreads[HRG], least)),
        further=table_of(further_splits(records, candidates, root_of_hrg, least, whole.total)),
    )


class _Levels:
    """The three levels of HRGs: the names of each, and to which of them each HRG belongs."""

    def __init__(self, hrgs: Sequence[str], roots: Sequence[str]) -> None:
        self.names: dict[str, list[str]] = {}
        self.of_hrg: dict[str, Ids] = {}
        for level, members in ((CHAPTER, [name[:1] for name in hrgs]), (ROOT, roots), (HRG, hrgs)):
            names, of_hrg = np.unique(members, return_inverse=True)
            self.names[level], self.of_hrg[level] = names.tolist(), of_hrg


class _Fit:
    """What each level explains of some values. Each HRG has one at least."""

    def __init__(self, values: Numbers, hrg: Ids, levels: _Levels) -> None:
        self.records = len(values)
        self.total = float(means(values, np.zeros(self.records, np.int64), np.array([self.records]))[1][0])
        self.spreads = {
            level: measure_spread(values, of_hrg[hrg], len(levels.names[level])) for level, of_hrg in levels.of_hrg.items()
        }
        self._levels = levels

    def left(self, level: str) -> Numbers:
        """The sum of squares that is left within the HRGs of each group of a level."""
        return sums(self.spreads[HRG].squares, self._levels.of_hrg[level], len(self.spreads[level].n))

    def explained(self, level: str) -> tuple[float, float]:
        """The share of all variance that a level explains, and the same adjusted for its number of groups; NaN if undefined."""
        if not self.total:
            return np.nan, np.nan
        spread = self.spreads[level]
        share = 1 - float(spread.squares.sum()) / self.total
        free = self.records - len(spread.n)
        return share, 1 - (1 - share) * (self.records - 1) / free if free else np.nan

    def explained_within(self, level: str) -> tuple[Numbers, Numbers]:
        """The share of the variance of each group of a level that its HRGs explain, and the same adjusted for their number."""
        spread = self.spreads[level]
        share = 1 - ratio(self.left(level), spread.squares)
        free = spread.n - np.bincount(self._levels.of_hrg[level], minlength=len(spread.n))
        return share, 1 - (1 - share) * ratio(spread.n - 1, free)

    def unexplained(self, level: str) -> Numbers:
        """The share that each group of a level has in all variance that is not explained."""
        left = self.left(level)
        return ratio(left, np.full(len(left), left.sum()))


def _spread_columns(spread: Spread) -> dict[str, Any]:
    names = "n", "mean", "sd", "cv", "minimum", "q1", "median", "q3", "maximum", "iqr"
    return {"records" if name == "n" else name: getattr(spread, name) for name in names}


def _level_table(whole: _Fit, trimmed: _Fit) -> pa.Table:
    names = (CHAPTER, ROOT, HRG)
    columns: dict[str, Any] = {"level": names, "groups": [len(whole.spreads[name].n) for name in names]}
    for prefix, fit in (("", whole), ("trimmed_", trimmed)):
        shares = [fit.explained(name) for name in names]
        columns[f"{prefix}records"] = [fit.records] * len(names)
        columns[f"{prefix}r2"] = [share for share, _ in shares]
        columns[f"{prefix}adjusted_r2"] = [adjusted for _, adjusted in shares]
    return table_of(columns)


def _hrg_table(
    hrgs: Sequence[str], roots: Sequence[str], labels: Mapping[str, str], whole: _Fit, trimmed: _Fit, points: Numbers
) -> pa.Table:
    all_records, kept = whole.spreads[HRG], trimmed.spreads[HRG]
    return table_of(
        {
            "hrg": hrgs,
            "root": roots,
            "label": [labels.get(name, "") for name in hrgs],
            **_spread_columns(all_records),
            "unexplained": whole.unexplained(HRG),
            "trim_point": np.where(np.isfinite(points), points, np.nan),
            "trimmed": all_records.n - kept.n,
            "trimmed_mean": kept.mean,
            "trimmed_sd": kept.sd,
            "trimmed_cv": kept.cv,
        }
    )


def _root_table(levels: _Levels, whole: _Fit, trimmed: _Fit, least: int) -> pa.Table:
    """Roots in the order in which most is left to explain."""
    spread, left = whole.spreads[ROOT], whole.left(ROOT)
    splits = np.bincount(levels.of_hrg[ROOT], minlength=len(spread.n))
    gained = np.where(splits > 1, spread.squares - left, 0)
    table = table_of(
        {
            "root": levels.names[ROOT],
            "hrgs": splits,
            **_spread_columns(spread),
            "r2": whole.explained_within(ROOT)[0],
            "gain": ratio(gained, np.array([whole.total])),
            "unexplained": whole.unexplained(ROOT),
            "trimmed_unexplained": trimmed.unexplained(ROOT),
            **compare_within_roots(levels.of_hrg[ROOT], spread, whole.spreads[HRG], least),
        }
    )
    return table.sort_by([("unexplained", "descending"), ("root", "ascending")])


def _chapter_table(levels: _Levels, whole: _Fit, trimmed: _Fit) -> pa.Table:
    (share, adjusted), (trimmed_share, trimmed_adjusted) = whole.explained_within(CHAPTER), trimmed.explained_within(CHAPTER)
    return table_of(
        {
            "chapter": levels.names[CHAPTER],
            "hrgs": np.bincount(levels.of_hrg[CHAPTER], minlength=len(share)),
            **_spread_columns(whole.spreads[CHAPTER]),
            "r2": share,
            "adjusted_r2": adjusted,
            "unexplained": whole.unexplained(CHAPTER),
            "trimmed_records": trimmed.spreads[CHAPTER].n,
            "trimmed_r2": trimmed_share,
            "trimmed_adjusted_r2": trimmed_adjusted,
        }
    )
