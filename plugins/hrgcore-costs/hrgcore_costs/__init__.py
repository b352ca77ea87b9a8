"""Costs and prices for hrgcore: national average unit costs and tariff prices by HRG and setting, as books of prices.

Contains public sector information licensed under the Open Government Licence v3.0 (NHS England).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore import hookimpl

if TYPE_CHECKING:
    from hrgcore_costs.book import TableBook

BOOKS = Path(__file__).parent / "books"


@hookimpl
def hrgcore_price_books() -> Mapping[str, Callable[[], TableBook]]:
    """Offers the books of this package."""
    return {path.stem: partial(_read, path) for path in BOOKS.glob("*.toml")}


def _read(path: Path) -> TableBook:
    from hrgcore_costs.book import TableBook  # every program that groups loads this plugin, and few ask for prices

    return TableBook(path)
