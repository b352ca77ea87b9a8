"""Books of prices: what a unit of care costs, by HRG and setting. They are data with a year, and plugins bring them.

A price that a book does not have is None in single cases and NaN in arrays: never 0. All amounts are GBP.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    return [host().price_book(name) for name in names]


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
    return _spread(book.price, *_pairs(book, grouped, level, setting))


def settings(book: PriceBook, grouped: GroupedBatch, level: str) -> np.ndarray:
    """The setting of each episode, spell or record, as text in the order of the batch; empty where it failed or has none."""
    import numpy as np

    names, numbers = _settings(book, grouped, level)
    found: np.ndarray = np.array(names, dtype=object)[numbers]
    return found


def excess_days(book: PriceBook, grouped: GroupedBatch, level: str) -> np.ndarray:
    """Excess bed days: the days of stay of each episode or spell beyond the trim point of its HRG and setting.

    Args:
        book: of prices.
        grouped: a batch of admitted care.
        level: `episode` or `spell`.

    Returns:
        Days in the order of the batch; -1 where the book has no trim point, and where the record failed.
    """
    import numpy as np

    trim_points = _spread(book.trim_point, *_pairs(book, grouped, level))
    beyond = np.maximum(_column(grouped, level, "stay") - trim_points, 0)
    return np.where(np.isnan(beyond), -1, beyond).astype(np.int32)


def _column(grouped: GroupedBatch, level: str, name: str) -> np.ndarray:
    """A column of the results of a level."""
    return grouped.column(f"spell_{name}" if level == SPELL else name)


def _pairs(
    book: PriceBook, grouped: GroupedBatch, level: str, setting: str | None = None
) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Each HRG and setting that occurs, and which of these every unit of a batch is."""
    import numpy as np

    names, numbers = _settings(book, grouped, level, setting)
    keys, places = np.unique(_column(grouped, level, "hrg").astype(np.int64) * len(names) + numbers, return_inverse=True)
    hrgs = grouped.design.tables.hrgs
    return [(hrgs[key // len(names)], names[key % len(names)]) for key in keys.tolist()], places


def _settings(book: PriceBook, grouped: GroupedBatch, level: str, setting: str | None = None) -> tuple[list[str], np.ndarray]:
    """The settings that occur, the first of them none, and the number of that of each unit of a batch."""
    import numpy as np

    if level not in (levels := levels_of(grouped.dataset)):
        raise ArgumentError(
            f"data set {grouped.dataset.name} has no level {level!r}", place="level", cure=f"Choose of {', '.join(levels)}."
        )
    failed = _column(grouped, level, "failed").astype(bool)
    if setting is None and level == RECORD:
        setting = book.record_setting(grouped.dataset.name)
    if setting is not None:
        return ["", setting], np.where(failed, 0, 1)
    (classifications, classified), (methods, admitted) = (_listed(grouped, level, field) for field in _SETTLING)
    stays = _column(grouped, level, "stay").astype(np.int64)
    cases = np.where(failed | (stays < 0), -1, (stays << 16) + (classified << 8) + admitted)
    keys, places = np.unique(cases, return_inverse=True)
    found = [
        "" if key < 0 else book.setting(classifications[key >> 8 & 0xFF], methods[key & 0xFF], key >> 16) for key in keys.tolist()
    ]
    names = ["", *sorted({*found} - {""})]
    return names, np.array([names.index(name) for name in found], dtype=np.int64)[places]


def _listed(grouped: GroupedBatch, level: str, field: Value) -> tuple[Sequence[str], np.ndarray]:
    """The texts of a listed field of admitted care by id, and the ids of the episodes, or of the first ones of the spells."""
    import numpy as np

    batch = grouped.batch
    ids = np.frombuffer(batch.value_column(field), dtype=np.uint8).astype(np.int64)
    if level == SPELL:
        lengths = np.frombuffer(batch.spell_rows(), dtype=np.int32)
        ids = ids[np.cumsum(lengths) - lengths]
    return grouped.design.tables.values[batch.fields.value_place[field]].values, ids


def _spread(ask: Callable[[str, str], float | int | None], pairs: list[tuple[str, str]], places: np.ndarray) -> np.ndarray:
    """What a book answers to each HRG and setting, put where these occur; NaN for no answer and no setting."""
    import numpy as np

    answers = [ask(hrg, setting) if setting else None for hrg, setting in pairs]
    found: np.ndarray = np.array([np.nan if answer is None else answer for answer in answers], dtype=float)[places]
    return found


# --- columns and totals ---


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
    stem = _stem(book)
    columns = {f"{stem}_setting": settings(book, grouped, level), f"{stem}_gbp": priced(book, grouped, level)}
    if book.kind == TARIFF and level != RECORD:
        columns |= {f"{stem}_{setting}_gbp": priced(book, grouped, level, setting) for setting in book.settings}
        columns[f"{stem}_excess_days"] = excess_days(book, grouped, level)
    return columns


def cells_of(column: np.ndarray) -> list[str]:
    """The cells of a column of prices as files have them: GBP with pence, blank where there is none."""
    import numpy as np

    if column.dtype == object:
        return list(column)
    values, places = np.unique(column, return_inverse=True)
    if column.dtype.kind == "f":
        texts = ["" if np.isnan(value) else f"{value / 100:.2f}" for value in _pence(values)]
    else:
        texts = ["" if value < 0 else str(value) for value in values]
    return [texts[place] for place in places.tolist()]


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
        """GBP."""
        return self.pence / 100


def total_of(book: PriceBook, level: str, columns: Mapping[str, np.ndarray]) -> PriceTotal:
    """The total of what `price_columns` gave."""
    import numpy as np

    prices = columns[f"{_stem(book)}_gbp"]
    found = prices[~np.isnan(prices)]
    return PriceTotal(book.name, level, int(_pence(found).astype(np.int64).sum()), found.size, prices.size - found.size)


def totals(parts: Iterable[PriceTotal]) -> tuple[PriceTotal, ...]:
    """The total of each book and level over all parts of a run."""
    found: dict[tuple[str, str], PriceTotal] = {}
    for part in parts:
        key = part.book, part.level
        before = found.get(key, PriceTotal(*key, 0, 0, 0))
        found[key] = PriceTotal(*key, before.pence + part.pence, before.priced + part.priced, before.unpriced + part.unpriced)
    return tuple(found.values())


def _pence(prices: np.ndarray) -> np.ndarray:
    """Prices in whole pence, as cells show them and totals add them."""
    import numpy as np

    pence: np.ndarray = np.rint(prices * 100)
    return pence


def _stem(book: PriceBook) -> str:
    """The name of a book as the names of columns begin with it."""
    return re.sub(r"\W+", "_", book.name)
