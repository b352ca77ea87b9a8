"""Pictures of a comparison: flows between HRGs, a waterfall of reasons, bars by chapter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from hrgcore.report.plots import BLUE, GREEN, GREY, INK, ORANGE, SOFT, new_axes, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 10.0  # inches
MOST_FLOWS = 16
GAP = 0.02  # between two nodes of a side, as a share of all units drawn
BAR = 0.025  # width of a node
NODE_TEXT = 8.5  # points
LEAST_NODE = 0.033  # of the height, so that the names of two nodes do not touch


class Flow(NamedTuple):
    """So many units that go from one HRG to another."""

    start: str
    end: str
    units: float


class Group(NamedTuple):
    """A bar: its name, how many units it has, how many moved, and GBP by which their prices change (None if not known)."""

    name: str
    units: int
    moved: int
    cost: float | None


def draw_flows(flows: Sequence[Flow], designs: tuple[str, str], unit: str) -> Figure:
    """The largest flows between HRGs; the height of a ribbon is the number of units.

    Args:
        flows: the largest first; at most MOST_FLOWS are drawn.
        designs: the names on both sides.
        unit: what is counted, in the plural.
    """
    drawn = flows[:MOST_FLOWS]
    figure = new_figure(WIDTH, 1.6 + 0.36 * len(drawn))
    axes = new_axes(figure)
    total = sum(flow.units for flow in flows)
    shown = sum(flow.units for flow in drawn)
    axes.set_axis_off()
    axes.set(xlim=(-0.28, 1.28), ylim=(1.05, -0.1))
    left = _places([(flow.start, flow.units) for flow in drawn])
    # the right side follows the left one, so that ribbons cross little
    right = _places([(flow.end, flow.units) for flow in sorted(drawn, key=lambda flow: left[flow.start][0])])
    scale = min(_scale(left), _scale(right))
    for x, nodes, name, align in ((0.0, left, designs[0], "right"), (1.0, right, designs[1], "left")):
        axes.text(x, -0.05, name, ha="center", va="center", fontsize=10, fontweight="bold", color=INK)
        for node, (top, units) in nodes.items():
            axes.add_patch(_box(x - BAR / 2, top, units * scale))
            text = f"{node}  {units:,.0f}" if align == "left" else f"{units:,.0f}  {node}"
            middle = top + max(units * scale, 0) / 2
            axes.text(
                x + (0.025 if align == "left" else -0.025), middle, text, ha=align, va="center", fontsize=NODE_TEXT, color=INK
            )
    _ribbons(axes, drawn, (left, right), scale)
    axes.set_title(f"The {len(drawn)} largest of {len(flows):,} flows: {shown:,.0f} of {total:,.0f} {unit} that moved")
    return figure


Nodes = dict[str, tuple[float, float]]  # name to top and units


def _places(ends: Sequence[tuple[str, float]]) -> Nodes:
    """Where the nodes of a side begin, from the top down, each with room for its name."""
    sums: dict[str, float] = {}
    for name, units in ends:
        sums[name] = sums.get(name, 0) + units
    whole = sum(sums.values()) or 1
    heights = {name: max(units / whole * (1 - GAP * len(sums)), LEAST_NODE) for name, units in sums.items()}
    stretch = (1 - GAP * len(sums)) / sum(heights.values())
    found, top = {}, 0.0
    for name, units in sums.items():
        found[name] = top, units
        top += heights[name] * stretch + GAP
    return found


def _scale(nodes: Nodes) -> float:
    """The height of a unit, so that no node reaches the next one."""
    tops = [*(top for top, _ in nodes.values()), 1.0 + GAP]
    return min((after - top - GAP) / units for (top, units), after in zip(nodes.values(), tops[1:], strict=True))


def _box(x: float, y: float, height: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), BAR, height, facecolor=INK, edgecolor="none")


def _ribbons(axes: Any, flows: Sequence[Flow], nodes: tuple[Nodes, Nodes], scale: float) -> None:
    """A ribbon for each flow, between the parts of its nodes that are still free."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    free = [{name: top for name, (top, _) in side.items()} for side in nodes]
    x0, x1 = BAR / 2, 1 - BAR / 2
    for flow in sorted(flows, key=lambda flow: (nodes[0][flow.start][0], nodes[1][flow.end][0])):
        height = flow.units * scale
        a, b = free[0][flow.start], free[1][flow.end]
        free[0][flow.start] += height
        free[1][flow.end] += height
        middle = (x0 + x1) / 2
        points = [
            *((x0, a), (middle, a), (middle, b), (x1, b)),
            *((x1, b + height), (middle, b + height), (middle, a + height), (x0, a + height), (x0, a)),
        ]
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        axes.add_patch(PathPatch(Path(points, codes), facecolor=BLUE, alpha=0.45, edgecolor=BLUE, linewidth=0.4))


def draw_reasons(reasons: Sequence[Group], unit: str) -> Figure:
    """A waterfall of reasons, from none to all units that moved; with prices a second one in GBP."""
    costs = any(reason.cost is not None for reason in reasons)
    figure = new_figure(WIDTH, (1.5 + 0.36 * (len(reasons) + 1)))
    parts: list[tuple[str, list[float | None]]] = [(f"{unit} that moved", [float(reason.moved) for reason in reasons])]
    if costs:
        parts.append(("effect on cost, GBP", [reason.cost for reason in reasons]))
    for place, (title, values) in enumerate(parts, 1):
        axes = new_axes(figure, 1, len(parts), place)
        _waterfall(axes, [reason.name for reason in reasons], values, title, place == 1)
    return figure


def _waterfall(axes: Any, names: Sequence[str], known: Sequence[float | None], title: str, named: bool) -> None:
    """Bars one after the other; what is not known has no bar, and says so."""
    values = [value or 0.0 for value in known]
    start, total = 0.0, sum(values)
    reach = max([abs(total), *(abs(value) for value in values)], default=1) or 1
    for place, value in enumerate(values):
        colour, hatch = (BLUE, "") if value >= 0 else (ORANGE, "///")
        axes.barh(place, value, left=start, color=colour, hatch=hatch, edgecolor="white", height=0.68)
        end = start + value
        axes.plot([end, end], [place - 0.34, place + 1.34], color=SOFT, linewidth=0.6)
        text = "no price" if known[place] is None else _signed(value)
        axes.text(max(start, end) + 0.01 * reach, place, text, va="center", fontsize=NODE_TEXT, color=INK)
        start = end
    axes.barh(len(values), total, color=GREY, edgecolor=SOFT, height=0.68)
    axes.text(max(total, 0) + 0.01 * reach, len(values), _signed(total), va="center", fontsize=NODE_TEXT, color=INK)
    axes.set_yticks(range(len(values) + 1), [*names, "all"] if named else [""] * (len(values) + 1))
    axes.invert_yaxis()
    axes.set_xlabel(title)
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
    axes.grid(axis="x")


def _signed(value: float) -> str:
    return f"{round(value):,}".replace("-", "−")


def draw_chapters(chapters: Sequence[Group], design: str, unit: str) -> Figure:
    """The share of the units of each chapter that moved, and how many that are."""
    drawn = [chapter for chapter in chapters if chapter.units]
    figure = new_figure(WIDTH, 1.3 + 0.27 * len(drawn))
    axes = new_axes(figure)
    shares = [100 * chapter.moved / chapter.units for chapter in drawn]
    axes.barh(range(len(drawn)), shares, color=GREEN, height=0.7)
    for place, (chapter, share) in enumerate(zip(drawn, shares, strict=True)):
        text = f"{share:.1f}%: {chapter.moved:,} of {chapter.units:,}"
        axes.text(share + max(shares, default=1) * 0.01, place, text, va="center", fontsize=NODE_TEXT, color=INK)
    axes.set_yticks(range(len(drawn)), [chapter.name for chapter in drawn])
    axes.invert_yaxis()
    axes.set_xlabel(f"share of the {unit} of a chapter that moved, %")
    axes.set_ylabel(f"chapter in {design}")
    axes.margins(x=0.16)
    axes.grid(axis="x")
    return figure
