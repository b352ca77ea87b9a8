"""Plots of reports (extra `plot`): one style, readable in black and white, with units on every axis."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrgcore.errors import ArgumentError, OutputFileError

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

KINDS = (".png", ".svg")
DOTS_PER_INCH = 130
# Colours that can be told apart by all readers, and in grey by their lightness.
INK, SOFT, BLUE, ORANGE, GREEN, GREY = "#1a1f24", "#56606b", "#0072b2", "#d55e00", "#009e73", "#b8c0c8"
_STYLE: dict[str, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "grid.color": "0.88",
    "grid.linewidth": 0.5,
    "text.parse_math": False,  # names in the data may have dollar signs
    "svg.fonttype": "none",  # text stays text: it can be searched, and read aloud
    "svg.hashsalt": "hrgcore",  # the same data give the same file
}


def check_plot(path: Path) -> None:
    """Refuses what cannot be drawn, before the work begins.

    Raises:
        ArgumentError: the name has another ending than .png or .svg, or the drawing library is not installed.
    """
    if path.suffix.lower() not in KINDS:
        raise ArgumentError(f"{path.name} does not end in {' or '.join(KINDS)}", place="plot", cure="Choose one of these.")
    check_drawing()


def check_drawing() -> None:
    """Refuses plots where the drawing library is not installed.

    Raises:
        ArgumentError: it is not.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ArgumentError("pictures need matplotlib", place="plot", cure="Install hrgcore[plot].") from None


def _styled() -> Any:
    import matplotlib

    style: Any = matplotlib.rc_context  # whose type lists all keys by name
    return style(_STYLE)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure in the style of reports; sizes are inches.

    Raises:
        ArgumentError: the drawing library is not installed.
    """
    check_drawing()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _styled():
        figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)  # measures labels, also for a file that is not made of dots
    return figure


def new_axes(figure: Figure, *args: Any, **options: Any) -> Any:
    """Axes of a figure in the style of reports; arguments are those of `Figure.add_subplot`."""

    with _styled():
        return figure.add_subplot(*args, **options)


def svg_of(figure: Figure, description: str) -> Markup:
    """A figure as an SVG element for a page, with a description for those who do not see it."""
    from markupsafe import Markup, escape

    text = io.StringIO()
    with _styled():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    drawing = text.getvalue()
    opening = f'<svg role="img" aria-label="{escape(description)}"'
    return Markup(drawing[drawing.index("<svg") :].replace("<svg", opening, 1))


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a figure to a file that ends in .png or .svg.

    Raises:
        ArgumentError: see `check_plot`.
        OutputFileError: the file cannot be written.
    """
    check_plot(path)

    metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
    try:
        with _styled():
            figure.savefig(path, dpi=DOTS_PER_INCH, metadata=metadata)
    except OSError as error:
        raise OutputFileError(f"cannot be written: {error.strerror}", place=str(path), cure="Check its folder.") from None
