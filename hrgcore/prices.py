"""Books of prices: what a unit of care costs, by HRG and setting. They are data with a year, and plugins bring them.

A price that a book does not have is None in single cases and NaN in arrays: never 0. All amounts are GBP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from hrgcore.results import GroupedBatch

COST, TARIFF = "cost", "tariff"  # kinds of books


class PriceBook(Protocol):
    """Prices of one year and kind.

    Attributes:
        name: by which it is asked for, such as `cost-2024-25`.
        label: one line for lists and reports.
        year: financial year, such as `2024/25`.
        kind: `cost` (what providers say that a unit cost them) or `tariff` (what is paid for it).
    """

    name: str
    label: str
    year: str
    kind: str

    def setting(self, patient_classification: str, admission_method: str, stay: int) -> str:
        """The setting that a spell or episode of admitted care belongs to, in the words of the book; empty if it has none for it.

        Args:
            patient_classification: CLASSPAT, as accepted by the design.
            admission_method: ADMIMETH.
            stay: days.
        """

    def price(self, hrg: str, setting: str) -> float | None:
        """GBP for a unit of an HRG in a setting; None if the book has none."""

    def trim_point(self, hrg: str, setting: str) -> int | None:
        """Days of stay after which further days are excess bed days; None if the book has none."""


def priced(book: PriceBook, grouped: GroupedBatch, level: str) -> np.ndarray:
    """The price of each episode or spell of a grouped batch of admitted care.

    Args:
        book: of prices.
        grouped: the batch.
        level: `episode` or `spell`. The first episode tells the setting of a spell, its stay is that of the spell.

    Returns:
        GBP in the order of the batch; NaN where the book has no price, and where the record failed.
    """
    raise NotImplementedError
