"""The picture of a calibration: the activity of each root against the mentions allotted to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, log, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrgcore.report.plots import check_plot, new_axes, new_figure, save_figure

if TYPE_CHECKING:
    from hrgcore.evidence.calibrate import Calibration, RootCount

INCHES = (10, 9)
ROOM = 1.5  # between the outermost points and the edge, as a factor
POINT = 4  # half the size of a mark, in points of 1/72 inch, as all lengths below
FAR = (7, 12, 18, 25, 33, 42, 52, 63, 75)
# Where a name is looked for, in degrees from the direction that leads away from the band.
TURNS = (0, 45, -45, 22, -22, 67, -67, 90, -90, 120, -120)
# verdict -> marker, fill, what the legend says; told apart by shape and fill, so that a print in black and white can be read
_MARKS = {
    "within": ("o", "none", "within a factor of {factor:g}"),
    "explained": ("s", "0.7", "outside, with a reason"),
    "more": ("^", "black", "outside: more mentions than that"),
    "fewer": ("v", "black", "outside: fewer mentions than that"),
}


def plot(calibration: Calibration, title: str, path: Path) -> None:
    """Draws activity against mentions allotted, both on logarithmic axes, with the band of the factor.

    Points outside the band are labelled with their roots; roots without codes or mentions have no point.

    Args:
        calibration: what to draw.
        title: the first line above the picture.
        path: of the file, which ends in .png or .svg.

    Raises:
        ArgumentError: see `check_plot`.
        OutputFileError: the file cannot be written.
    """
    check_plot(path)
    figure = new_figure(*INCHES)
    axes = new_axes(figure)
    drawn = [root for root in calibration.roots if root.codes and root.allotted >= 1]
    _draw(axes, calibration, drawn)
    within = sum(root.within(calibration.factor) for root in drawn)
    axes.set_title(f"{title}\n{within} of {len(drawn)} roots lie within a factor of {calibration.factor:g}", loc="left")
    outside = [root for root in drawn if not root.within(calibration.factor)]
    figure.draw_without_rendering()
    _label(axes, sorted(outside, key=lambda root: -abs(log(root.ratio))), drawn)
    save_figure(figure, path)


def _draw(axes: Any, calibration: Calibration, roots: Sequence[RootCount]) -> None:
    """Points, band, axes and legend."""
    activity, mentions = [root.activity for root in roots] or [1], [root.allotted for root in roots] or [1]
    across, up = (min(activity) / ROOM, max(activity) * ROOM), (min(mentions) / ROOM, max(mentions) * ROOM)
    ends = [min(across[0], up[0]), max(across[1], up[1])]
    axes.set(xscale="log", yscale="log", xlim=across, ylim=up)
    axes.set_xlabel("Episodes of admitted care in a year (cost collection)")
    axes.set_ylabel("Mentions of procedure codes in a year that are allotted to the root")
    axes.fill_between(
        ends, [end / calibration.factor for end in ends], [end * calibration.factor for end in ends], color="0.93", zorder=0
    )
    axes.plot(ends, ends, color="0.5", linewidth=0.8, zorder=1, label="as many mentions as episodes")
    for verdict, (marker, fill, legend) in _MARKS.items():
        found = [root for root in roots if calibration.verdict(root) == verdict]
        axes.scatter(
            [root.activity for root in found],
            [root.allotted for root in found],
            s=22,
            marker=marker,
            facecolors=fill,
            edgecolors="0.45" if verdict == "within" else "black",
            linewidths=0.7,
            zorder=3 if verdict == "within" else 4,
            label=f"{legend.format(factor=calibration.factor)} ({len(found)})",
        )
    for name in ("x", "y"):
        getattr(axes, f"{name}axis").set_major_formatter(lambda number, _: f"{number:,.0f}")
    axes.grid(color="0.88", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", fontsize=9)


def _label(axes: Any, outside: Sequence[RootCount], drawn: Sequence[RootCount]) -> None:
    """Puts each root's name where it covers no point and no other name; a thin line leads to it.

    The names furthest out come first; one without room is left out rather than put over another.
    """
    scale = axes.figure.dpi / 72
    taken = [_box(axes.get_legend().get_window_extent())]
    for root in drawn:
        x, y = axes.transData.transform((root.activity, root.allotted))
        taken.append((x - POINT * scale, y - POINT * scale, x + POINT * scale, y + POINT * scale))
    frame = _box(axes.get_window_extent())
    for root in outside:
        text = axes.text(root.activity, root.allotted, root.root, fontsize=7.5, ha="center", va="center", zorder=5)
        x0, y0, x1, y1 = _box(text.get_window_extent())
        place = next(
            (
                (x, y)
                for x, y in _places(root.ratio > 1, (x1 - x0) / scale / 2, (y1 - y0) / scale / 2)
                if _inside(box := (x0 + x * scale, y0 + y * scale, x1 + x * scale, y1 + y * scale), frame)
                and not any(_meet(box, other) for other in taken)
            ),
            None,
        )
        text.remove()
        if place:
            taken.append((x0 + place[0] * scale, y0 + place[1] * scale, x1 + place[0] * scale, y1 + place[1] * scale))
            line = {"arrowstyle": "-", "linewidth": 0.4, "color": "0.35", "shrinkA": 1, "shrinkB": 3}
            axes.annotate(
                root.root,
                (root.activity, root.allotted),
                xytext=place,
                textcoords="offset points",
                fontsize=7.5,
                ha="center",
                va="center",
                zorder=5,
                arrowprops=line,
            )


def _places(above: bool, half_width: float, half_height: float) -> Iterator[tuple[float, float]]:
    """The middles of a name of a given size in the order in which they are tried, as seen from the point."""
    away = 135 if above else -45
    for far in FAR:
        for turn in TURNS:
            x, y = cos(radians(away + turn)), sin(radians(away + turn))
            yield x * (far + half_width), y * (far + half_height)


Box = tuple[float, float, float, float]


def _box(extent: Any) -> Box:
    return extent.x0, extent.y0, extent.x1, extent.y1


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(box: Box, frame: Box) -> bool:
    return box[0] > frame[0] and box[1] > frame[1] and box[2] < frame[2] and box[3] < frame[3]
