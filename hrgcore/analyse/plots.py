"""Plots of evaluations and profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hrgcore.analyse.grouped import printable
from hrgcore.analyse.profile import ABOVE_ALARM, ABOVE_WARNING, ALARM, BELOW_ALARM, BELOW_WARNING, INSIDE, WARNING
from hrgcore.report.plots import BLUE, GREY, INK, ORANGE, SOFT, new_axes, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hrgcore.analyse.profile import Profile
    from hrgcore.analyse.variance import Evaluation

MOST_ROOTS = 20  # that are drawn
_OUTSIDE = {ABOVE_ALARM, ABOVE_WARNING, BELOW_WARNING, BELOW_ALARM}
# Verdicts -> marker, size, fill, edge, what the legend says; told apart by shape and fill too.
_MARKS: Mapping[tuple[str, ...], tuple[str, int, str, str, str]] = {
    (INSIDE,): ("o", 26, "none", SOFT, "inside the 95% limits"),
    (ABOVE_WARNING, BELOW_WARNING): ("s", 34, GREY, INK, "outside the 95% limits"),
    (ABOVE_ALARM, BELOW_ALARM): ("D", 40, INK, INK, "outside the 99.8% limits"),
}
_FEW = ("x", 22, SOFT, SOFT, "few records, not judged")
_AS_IT_IS: Mapping[str, Any] = {"parse_math": False}  # names of the data are no formulas
# Where a name is looked for, in points from its mark: right, left, above, below.
_PLACES = ((7, 0, "left", "center"), (-7, 0, "right", "center"), (0, 6, "center", "bottom"), (0, -6, "center", "top"))


def draw_variance(found: Evaluation) -> Figure:
    """The variance explained in each chapter, and the roots with most of the variance that is not explained."""
    chapters = found.chapters.to_pylist()
    roots = [root for root in found.roots.slice(0, MOST_ROOTS).to_pylist() if root["unexplained"]]
    figure = new_figure(11, max(4.0, 1.6 + 0.3 * max(len(chapters), len(roots))))
    left, right = new_axes(figure, 1, 2, 1), new_axes(figure, 1, 2, 2)
    places = np.arange(len(chapters))
    for name, offset, look in (
        ("r2", -0.2, {"color": BLUE, "label": f"all {found.records:,} records"}),
        (
            "trimmed_r2",
            0.2,
            {"color": "white", "edgecolor": INK, "hatch": "////", "label": f"without {found.trimmed:,} trimmed"},
        ),
    ):
        shares = [100 * (chapter[name] or 0) for chapter in chapters]
        left.barh(places + offset, shares, 0.38, linewidth=0.6, **look)
    left.set_yticks(places, [f"{printable(chapter['chapter'])} ({chapter['records']:,})" for chapter in chapters], **_AS_IT_IS)
    left.set_xlim(0, 100)
    left.set_xlabel(f"Variance of {printable(found.value)} within the chapter that its HRGs explain (%)", **_AS_IT_IS)
    left.set_ylabel("Chapter of HRGs (records)")
    left.set_title("Variance explained by chapter", loc="left")
    for place, chapter in zip(places, chapters, strict=True):
        if chapter["r2"] is None:
            left.text(1, place, "values are all the same", fontsize=8, va="center", color=SOFT)
    left.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2, frameon=False)
    right.barh(range(len(roots)), [100 * root["unexplained"] for root in roots], 0.6, color=ORANGE, edgecolor=INK, linewidth=0.6)
    right.set_yticks(range(len(roots)), [f"{printable(root['root'])} ({root['hrgs']})" for root in roots], **_AS_IT_IS)
    right.set_xlabel("Share of all variance that HRGs leave unexplained (%)")
    right.set_ylabel("Root (its HRGs)")
    right.set_title("Where most is left to explain", loc="left")
    for axes in (left, right):
        axes.invert_yaxis()
        axes.grid(axis="x")
    return figure


def draw_funnel(found: Profile) -> Figure:
    """The index of each provider against its effective number of records, with the control limits."""
    drawn = [row for row in found.providers.to_pylist() if row["effective_records"] is not None and row["index"] is not None]
    figure = new_figure(10, 6.5)
    axes = new_axes(figure)
    widest = max((row["effective_records"] for row in drawn), default=1.0) * 1.08
    _draw_limits(axes, found, widest)
    listed = {verdict for verdicts in _MARKS for verdict in verdicts}
    groups = {mark: [row for row in drawn if row["verdict"] in verdicts] for verdicts, mark in _MARKS.items()}
    groups[_FEW] = [row for row in drawn if row["verdict"] not in listed]
    for (marker, size, fill, edge, label), rows in groups.items():
        if not rows:
            continue
        look = {"color": edge} if marker == "x" else {"facecolors": fill, "edgecolors": edge}
        x, y = [row["effective_records"] for row in rows], [row["index"] for row in rows]
        axes.scatter(x, y, size, marker=marker, linewidths=0.9, label=f"{label} ({len(rows)})", zorder=3, **look)
    half = 1.15 * max(
        [
            10.0,
            *(abs(row["index"] - 100) for row in drawn),
            *(row["upper_998"] - 100 for row in drawn if row["verdict"] in listed),
        ]
    )
    axes.set(xlim=(0, widest), ylim=(max(0, 100 - half), 100 + half))
    axes.set_xlabel("Effective number of records (records of average spread that are as precise)")
    axes.set_ylabel(f"Index of {printable(found.value)}: 100 x observed / expected by HRG", **_AS_IT_IS)
    title = f"{printable(found.value)} by {printable(found.provider)}, adjusted for HRG: {found.records:,} records"
    axes.set_title(title, loc="left", **_AS_IT_IS)
    axes.grid()
    axes.legend(fontsize=9, loc="upper right")
    figure.draw_without_rendering()
    _name(axes, drawn)
    return figure


def _draw_limits(axes: Any, found: Profile, widest: float) -> None:
    axes.axhline(100, color=INK, linewidth=0.9, label="expected by HRG")
    if not np.isfinite(found.cv):
        return
    x = np.linspace(widest / 400, widest, 400)
    for z, line, label in ((WARNING, "--", "95% limits"), (ALARM, "-", "99.8% limits")):
        half = 100 * z * found.widened * found.cv / np.sqrt(x)
        axes.plot(x, 100 + half, line, color=SOFT, linewidth=1, label=label, zorder=2)
        axes.plot(x, 100 - half, line, color=SOFT, linewidth=1, zorder=2)


def _name(axes: Any, drawn: Sequence[Mapping[str, Any]]) -> None:
    """Names the providers outside the limits, those furthest out first, where there is room for the name."""
    scale = axes.figure.dpi / 72
    marks = axes.transData.transform([(row["effective_records"], row["index"]) for row in drawn]) if drawn else []
    taken = [(x - 4 * scale, y - 4 * scale, x + 4 * scale, y + 4 * scale) for x, y in marks]
    taken.append(axes.get_legend().get_window_extent().extents)
    for row in sorted(drawn, key=lambda row: -abs(row["z"])):
        if row["verdict"] not in _OUTSIDE:
            continue
        for x, y, across, up in _PLACES:
            text = axes.annotate(
                printable(row["provider"]),
                (row["effective_records"], row["index"]),
                xytext=(x, y),
                textcoords="offset points",
                ha=across,
                va=up,
                fontsize=8.5,
                zorder=4,
                **_AS_IT_IS,
            )
            box = text.get_window_extent().extents
            if not any(_meet(box, other) for other in taken):
                taken.append(box)
                break
            text.remove()


def _meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return bool(one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])
