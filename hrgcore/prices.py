"""Books of prices: what a unit of care costs, by HRG and setting. They are data with a year, and plugins bring them.

A price that a book does not have is None in single cases and NaN in arrays: never 0. All amounts are GBP.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from hrgcore._core.typedefs import Value
from hrgcore.errors import ArgumentError
from hrgcore.plugins import host

if TYPE_CHECKING:
    import numpy as np

    from hrgcore.datasets.dataset import DataSet
    from hrgcore.results import EpisodeResult, GroupedBatch, RecordResult, SpellResult

COST, TARIFF = "cost", "tariff"  # kinds of books
EPISODE, SPELL, RECORD = "episode", "spell", "record"  # levels of what is priced
VARIABLE = "HRGCORE_PRICES"
_SETTLING = Value.V_CLASSPAT, Value.V_ADMIMETH


class PriceBook(Protocol):
    """Prices of one year and kind.

    Attributes:
        name: by which it is asked for, such as `cost-2024-25`.
        label: one line for lists and reports.
        year: financial year, such as `2024/25`.
        kind: `cost` (what providers say that a unit cost them) or `tariff` (what is paid for it).
        settings: title of each setting that it has prices for, by name.
    """

    name: str
    label: str
    year: str
    kind: str
    settings: Mapping[str, str]

    def setting(self, patient_classification: str, admission_method: str, stay: int) -> str:
        """The setting that a spell or episode of admitted care belongs to, in the words of the book; empty if it has none for it.

        Args:
            patient_classification: CLASSPAT, as accepted by the design.
            admission_method: ADMIMETH.
            stay: days.
        """

    def record_setting(self, dataset: str) -> str:
        """The setting that the records of a data set without spells belong to, such as `EM`; empty if it has none for them."""

    def price(self, hrg: str, setting: str) -> float | None:
        """GBP for a unit of an HRG in a setting; None if the book has none."""

    def trim_point(self, hrg: str, setting: str) -> int | None:
        """Days of stay after which further days are excess bed days; None if the book has none."""


def price_books() -> list[str]:
    """Names of the books of prices that plugins offer.

    Raises:
        PluginError: two plugins offer a book of the same name.
    """
    return host().price_books()


def price_book(name: str) -> PriceBook:
    """A book of prices by its name, such as `cost-2024-25`; the same object on every call.

    Raises:
        ArgumentError: no plugin offers it.
    """
    return host().price_book(name)


def chosen_books(names: Sequence[str] | None) -> list[PriceBook]:
    """The books by whose prices a file is to have columns.

    Args:
        names: of the books; None takes those that the environment variable `HRGCORE_PRICES` lists, separated by commas.

    Raises:
        ArgumentError: no plugin offers one of them, or one is named twice.
    """
    if names is None:
        names = [part.strip() for part in os.environ.get(VARIABLE, "").split(",") if part.strip()]
    if len(set(names)) < len(names):
        raise ArgumentError("a book of prices is named twice", place="prices", cure="Name each once.")
    return [price_book(name) for name in names]


# --- single cases ---


def price_of(book: PriceBook, result: SpellResult | RecordResult, episode: EpisodeResult | None = None) -> float | None:
    """GBP for a spell, for one of its episodes, or for a record of another data set; None if the book has no price.

    Args:
        book: of prices.
        result: what grouping found.
        episode: the episode of the spell that is meant; the spell as a whole if None.
    """
    unit = result if episode is None else episode
    setting = setting_of(book, result, episode)
    return book.price(unit.hrg, setting) if setting else None


def setting_of(book: PriceBook, result: SpellResult | RecordResult, episode: EpisodeResult | None = None) -> str:
    """The setting in which `price_of` prices; empty if the spell, episode or record failed, or the book has none for it."""
    from hrgcore.results import RecordResult

    unit = result if episode is None else episode
    if not unit.provenance:
        return ""
    if isinstance(result, RecordResult):
        return book.record_setting(result.dataset)
    row = 0 if episode is None else result.order.index(episode.index)
    stay = result.stay if episode is None else episode.stay
    return "" if stay is None else book.setting(result.accepted("CLASSPAT", row), result.accepted("ADMIMETH", row), stay)


# --- batches ---


def levels_of(dataset: DataSet) -> tuple[str, ...]:
    """What of a data set can be priced."""
    return (EPISODE, SPELL) if dataset.has_spells else (RECORD,)


def priced(book: PriceBook, grouped: GroupedBatch, level: str, setting: str | None = None) -> np.ndarray:
    """The price of each episode or spell of a grouped batch of admitted care, or of each record of another data set.

    Args:
        book: of prices.
        grouped: the batch.
        level: `episode`, `spell` or `record`. The first episode tells the setting of a spell, its stay is that of the spell.
        setting: the setting to price all of them in, whatever their own; None prices each in its own.

    Returns:
        GBP in the order of the batch; NaN where the book has no price, and where the record failed.

    Raises:
        ArgumentError: the batch has no such level.
    """
    units = PricedUnits(book, grouped, level)
    return units.spread(units.prices(setting))


def excess_days(book: PriceBook, grouped: GroupedBatch, level: str) -> np.ndarray:
    """Excess bed days: the days of stay of each episode or spell beyond the trim point of its HRG and setting.

    Args:
        book: of prices.
        grouped: a batch of admitted care.
        level: `episode` or `spell`.

    Returns:
        Days in the order of the batch; -1 where the book has no trim point, and where the record failed.
    """
    return PricedUnits(book, grouped, level).excess_days()


def price_columns(book: PriceBook, grouped: GroupedBatch, level: str) -> dict[str, np.ndarray]:
    """What a book says of each episode, spell or record of a batch, as columns.

    They are named after the book, such as `cost_2024_25_setting` and `cost_2024_25_gbp`. A tariff has for admitted care also
    the price of the HRG in each of its settings and the excess bed days.

    Args:
        book: of prices.
        grouped: the batch.
        level: `episode`, `spell` or `record`.

    Returns:
        Columns by name, in the order of the batch: text, empty where there is none; GBP, NaN where there is no price; or days, -1
        where they are not known.
    """
    units = PricedUnits(book, grouped, level)
    columns = {name: units.spread(answers) for name, answers in units.columns().items()}
    return columns | {name: units.excess_days() for name in units.days_columns}


class PricedUnits:
    """The episodes, spells or records of a batch as a book sees them: it is asked once for each HRG and setting that occurs.

    Attributes:
        book: of prices.
        level: `episode`, `spell` or `record`.
        pairs: HRG and setting; the setting is empty where the book has none, and None where the unit failed.
        places: which of the pairs each unit is.
    """

    def __init__(self, book: PriceBook, grouped: GroupedBatch, level: str) -> None:
        """See `priced`."""
        if level not in (levels := levels_of(grouped.dataset)):
            raise ArgumentError(
                f"data set {grouped.dataset.name} has no level {level!r}", place="level", cure=f"Choose of {', '.join(levels)}."
            )
        self.book = book
        self.level = level
        self._grouped = grouped
        names, numbers = self._settings()
        hrgs = grouped.design.tables.hrgs
        keys, self.places = _distinct(self._column("hrg") * len(names) + numbers, len(hrgs) * len(names))
        self.pairs = [(hrgs[key // len(names)], names[key % len(names)]) for key in keys]

    def prices(self, setting: str | None = None) -> list[float | None]:
        """GBP of each pair: in its own setting, or all in one."""
        wanted = [(hrg, own if setting is None or own is None else setting) for hrg, own in self.pairs]
        return [self.book.price(hrg, name) if name else None for hrg, name in wanted]

    def columns(self) -> dict[str, list[str] | list[float | None]]:
        """The columns of a book, by name, but for days: what stands there for each pair."""
        stem = self._stem
        found: dict[str, list[str] | list[float | None]] = {
            f"{stem}_setting": [setting or "" for _, setting in self.pairs],
            f"{stem}_gbp": self.prices(),
        }
        if self._has_days:
            found |= {f"{stem}_{setting}_gbp": self.prices(setting) for setting in self.book.settings}
        return found

    @property
    def days_columns(self) -> tuple[str, ...]:
        """The names of the columns of days: excess bed days, of a tariff."""
        return (f"{self._stem}_excess_days",) if self._has_days else ()

    def spread(self, answers: Sequence[str] | Sequence[float | None]) -> np.ndarray:
        """What stands for each pair, put to the units: text, or numbers with NaN for none."""
        import numpy as np

        dtype = object if answers and isinstance(answers[0], str) else float
        found: np.ndarray = np.array(answers, dtype=dtype)[self.places]
        return found

    def excess_days(self) -> np.ndarray:
        """See the function of this name."""
        import numpy as np

        trim_points = self.spread([self.book.trim_point(hrg, setting) if setting else None for hrg, setting in self.pairs])
        beyond = np.maximum(self._column("stay") - trim_points, 0)
        return np.where(np.isnan(beyond), -1, beyond).astype(np.int32)

    def total(self) -> PriceTotal:
        """What all units cost together."""
        import numpy as np

        times = np.bincount(self.places, minlength=len(self.pairs)).tolist()
        known = [(pence(price), number) for price, number in zip(self.prices(), times, strict=True) if price is not None]
        priced = sum(number for _, number in known)
        return PriceTotal(
            self.book.name, self.level, sum(price * number for price, number in known), priced, len(self.places) - priced
        )

    @property
    def _has_days(self) -> bool:
        return self.book.kind == TARIFF and self.level != RECORD

    @property
    def _stem(self) -> str:
        """The name of the book as the names of columns begin with it."""
        return re.sub(r"\W+", "_", self.book.name)

    def _column(self, name: str) -> np.ndarray:
        """A column of the results."""
        import numpy as np

        return self._grouped.column(f"spell_{name}" if self.level == SPELL else name).astype(np.int64)

    def _settings(self) -> tuple[list[str | None], np.ndarray]:
        """The settings that occur, the first of them that of failed units, and the number of the setting of each unit."""
        import numpy as np

        failed = self._column("failed").astype(bool)
        if self.level == RECORD:
            return [None, self.book.record_setting(self._grouped.dataset.name)], np.where(failed, 0, 1)
        (classifications, classified), (methods, admitted) = (self._listed(field) for field in _SETTLING)
        stays = self._column("stay")
        cases, places = np.unique(
            np.where(failed | (stays < 0), -1, (stays << 16) + (classified << 8) + admitted), return_inverse=True
        )
        found = [
            None if case < 0 else self.book.setting(classifications[case >> 8 & 0xFF], methods[case & 0xFF], case >> 16)
            for case in cases.tolist()
        ]
        names = [None, *sorted({name for name in found if name is not None})]
        return names, np.array([names.index(name) for name in found], dtype=np.int64)[places]

    def _listed(self, field: Value) -> tuple[Sequence[str], np.ndarray]:
        """The texts of a listed field of admitted care by id, and the ids of the episodes, or of the first ones of the spells."""
        import numpy as np

        batch = self._grouped.batch
        ids = np.frombuffer(batch.value_column(field), dtype=np.uint8).astype(np.int64)
        if self.level == SPELL:
            lengths = np.frombuffer(batch.spell_rows(), dtype=np.int32)
            ids = ids[np.cumsum(lengths) - lengths]
        return self._grouped.design.tables.values[batch.fields.value_place[field]].values, ids


def _distinct(keys: np.ndarray, size: int) -> tuple[list[int], np.ndarray]:
    """The keys that occur, all below a size, and which of them each is; faster than to sort them."""
    import numpy as np

    numbers = np.zeros(size, dtype=np.int64)
    numbers[keys] = 1
    found = np.flatnonzero(numbers)
    numbers[found] = np.arange(len(found))
    return found.tolist(), numbers[keys]


def pence(price: float) -> int:
    """A price in whole pence, as files show it and totals add it."""
    return round(price * 100)


class PriceTotal(NamedTuple):
    """What a run or a batch costs by a book.

    Attributes:
        book: its name.
        level: `episode`, `spell` or `record`.
        pence: the sum of the prices, each rounded to pence, so that it does not depend on the order in which they are added.
        priced: how many have a price.
        unpriced: how many have none, those that failed among them.
    """

    book: str
    level: str
    pence: int
    priced: int
    unpriced: int

    @property
    def amount(self) -> float:
        """GBP; 0 if nothing has a price, which `priced` tells."""
        return self.pence / 100

    @property
    def text(self) -> str:
        """The amount as it stands in files: blank if nothing has a price."""
        return f"{self.amount:.2f}" if self.priced else ""


def totals(parts: Iterable[PriceTotal]) -> tuple[PriceTotal, ...]:
    """The total of each book and level over all parts of a run."""
    found: dict[tuple[str, str], PriceTotal] = {}
    for part in parts:
        key = part.book, part.level
        before = found.get(key, PriceTotal(*key, 0, 0, 0))
        found[key] = PriceTotal(*key, before.pence + part.pence, before.priced + part.priced, before.unpriced + part.unpriced)
    return tuple(found.values())
