"""The picture of a summary: a bar for each category."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hrgcore.analyse.totals import BED_DAYS, COST, TOTAL
from hrgcore.report.plots import BLUE, INK, SOFT, check_plot, new_axes, new_figure, save_figure

if TYPE_CHECKING:
    from hrgcore.analyse.summarise import Summary

INCHES = 9.0
HIGH = 0.27  # inches that a bar takes
ROOM = 1.6  # inches for title and axis
LONGEST = 40  # characters of a label
_UNITS = {COST: "Cost (GBP)", BED_DAYS: "Bed days"}


class Bar(NamedTuple):
    """A bar: its label, and its length or None where that is hidden."""

    label: str
    length: float | None


def bars(summary: Summary, most: int) -> list[Bar]:
    """The largest categories, the hidden ones after them, and one bar for all that are left, hidden if one of them is."""
    place = summary.columns.index(summary.main)
    rows = [row for row in summary.rows if TOTAL not in row.keys]
    found = [Bar(" / ".join(row.keys), None if row.hidden else row.values[place] or 0) for row in rows]
    found.sort(key=lambda bar: (bar.length is None, -(bar.length or 0)))
    if len(found) <= most:
        return found
    rest = [bar.length for bar in found[most:]]
    known = [length for length in rest if length is not None]
    return [*found[:most], Bar(f"{len(rest):,} others", sum(known) if len(known) == len(rest) else None)]


def plot_summary(summary: Summary, path: Path, most: int) -> None:
    """Draws it; see `Summary.plot`."""
    check_plot(path)
    drawn = bars(summary, most)
    figure = new_figure(INCHES, ROOM + HIGH * len(drawn))
    axes = new_axes(figure)
    unit = _UNITS.get(summary.main, summary.main.capitalize())
    axes.barh(range(len(drawn)), [bar.length or 0 for bar in drawn], height=0.7, color=BLUE, edgecolor=INK, linewidth=0.4)
    for place, bar in enumerate(drawn):
        _tell(axes, place, bar)
    axes.set_yticks(range(len(drawn)), [_short(bar.label) for bar in drawn], parse_math=False)
    axes.invert_yaxis()
    axes.margins(x=0.12, y=0.01)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="x")
    axes.set_xlabel(unit)
    axes.set_title("\n".join([f"{unit} by {', '.join(summary.by)}", *summary.notes]), fontsize=10, parse_math=False)
    save_figure(figure, path)


def _tell(axes: Any, place: int, bar: Bar) -> None:
    """The number at the end of a bar, or the mark of a hidden one."""
    text, colour = ("* hidden", SOFT) if bar.length is None else (f"{bar.length:,.0f}", INK)
    axes.annotate(
        text, (bar.length or 0, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, color=colour
    )


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
