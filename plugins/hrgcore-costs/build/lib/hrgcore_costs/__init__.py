"""Costs and prices for hrgcore: national average unit costs and tariff prices by HRG and setting, as books of prices.

Contains public sector information licensed under the Open Government Licence v3.0 (NHS England).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from hrgcore import hookimpl
from hrgcore_costs.book import TableBook

__all__ = ["TableBook"]

BOOKS = Path(__file__).parent / "books"


@hookimpl
def hrgcore_price_books() -> Mapping[str, Callable[[], TableBook]]:
    """Offers the books of this package."""
    return {path.stem: partial(TableBook, path) for path in BOOKS.glob("*.toml")}
