"""Pages of HTML that stand alone: style, plots and scripts inside, no request to any network, readable on paper.

Templates stand in the folder `templates` beside this module. All values are escaped, but for pictures of `report.plots`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import hrgcore
from hrgcore.errors import ArgumentError

if TYPE_CHECKING:
    from jinja2 import Environment


def check_pages() -> None:
    """Refuses pages where the template library is not installed, before the work begins.

    Raises:
        ArgumentError: it is not.
    """
    try:
        import jinja2  # noqa: F401
    except ImportError:
        raise ArgumentError("HTML pages need Jinja2", place="report", cure="Install hrgcore[report].") from None


def render(template: str, **values: Any) -> str:
    """A page of a template, such as `compare.html`, with the values that it asks for.

    Raises:
        ArgumentError: the template library is not installed.
    """
    check_pages()
    return _environment().get_template(template).render(version=hrgcore.__version__, **values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hrgcore.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"count": _count, "share": _share, "pounds": _pounds}
    return environment


def _count(number: float) -> str:
    """A whole number with separators of thousands."""
    return f"{number:,.0f}"


def _share(number: float) -> str:
    """A share as a percentage."""
    return f"{number:.1%}"


def _pounds(number: float | None) -> str:
    """An amount in GBP; a dash where it is not known."""
    if number is None:
        return "–"
    return f"{'−' if number < 0 else ''}£{abs(number):,.0f}"
