"""The picture of a summary: a bar for each category."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hrgcore.analyse.categories import FAILED
from hrgcore.analyse.totals import BED_DAYS, COST, TOTAL
from hrgcore.report.plots import BLUE, GREY, INK, SOFT, check_plot, new_axes, new_figure, save_figure

if TYPE_CHECKING:
    from hrgcore.analyse.summarise import Summary

INCHES = 9.0
HIGH = 0.27  # inches that a bar takes
ROOM = 1.6  # inches for title and axis
LONGEST = 40  # characters of a label
_UNITS = {COST: "Cost (GBP)", BED_DAYS: "Bed days"}


class Bar(NamedTuple):
    """A bar: its label, its length or None where that is hidden, and whether it stands apart from the categories."""

    label: str
    length: float | None
    apart: bool = False


def bars(summary: Summary, most: int) -> list[Bar]:
    """The largest categories, those that are hidden, one bar for all that are left, and last the records that failed.

    A bar for others is as long as what is shown leaves for it; it is hidden if the total is.
    """
    place = summary.columns.index(summary.main)
    lines = [row for row in summary.rows if TOTAL not in row.keys]
    found = [Bar(" / ".join(row.keys), row.values[place], FAILED in row.keys) for row in lines]
    found.sort(key=lambda bar: (bar.length is None, -(bar.length or 0)))
    categories, apart = [bar for bar in found if not bar.apart], [bar for bar in found if bar.apart]
    drawn, rest = categories[:most], categories[most:]
    if len(rest) < 2:
        return categories + apart
    length, total = None, summary.rows[-1].values[place]
    if all(bar.length is not None for bar in rest):
        length = sum(bar.length or 0 for bar in rest)
    elif total is not None and all(bar.length is not None for bar in drawn + apart):
        length = max(0, total - sum(bar.length or 0 for bar in drawn + apart))
    return [*drawn, Bar(f"{len(rest):,} others", length, True), *apart]


def plot_summary(summary: Summary, path: Path, most: int) -> None:
    """Draws it; see `Summary.plot`."""
    check_plot(path)
    drawn = bars(summary, most)
    figure = new_figure(INCHES, ROOM + HIGH * len(drawn))
    axes = new_axes(figure)
    unit = _UNITS.get(summary.main, summary.main.capitalize())
    for place, bar in enumerate(drawn):
        axes.barh(place, bar.length or 0, height=0.7, color=GREY if bar.apart else BLUE, edgecolor=INK, linewidth=0.4)
        _tell(axes, place, bar)
    axes.set_yticks(range(len(drawn)), [_short(bar.label) for bar in drawn], parse_math=False)
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="x")
    axes.set_xlabel(unit)
    title = "\n".join([f"{unit} by {', '.join(summary.by)}", *summary.notes])
    axes.set_title(title, loc="left", fontsize=10, parse_math=False)
    save_figure(figure, path)


def _tell(axes: Any, place: int, bar: Bar) -> None:
    """The number at the end of a bar, or the mark of a hidden one."""
    text, colour = ("* hidden", SOFT) if bar.length is None else (f"{bar.length:,.0f}", INK)
    axes.annotate(
        text, (bar.length or 0, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, color=colour
    )


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
