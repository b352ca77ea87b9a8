"""A book of prices that is read from tables: a manifest (TOML), prices by HRG and setting, and how admitted care is settled."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from hrgcore import PluginError

HRG = "hrg"
SETTLING = ("classification", "method", "stay", "setting")


class Settled(NamedTuple):
    """A row that says which episodes and spells of admitted care are in a setting.

    Attributes:
        classifications: values of CLASSPAT; empty for all.
        methods: values of ADMIMETH; empty for all.
        stays: the days of stay.
        setting: where they are.
    """

    classifications: frozenset[str]
    methods: frozenset[str]
    stays: range
    setting: str


class TableBook:
    """A book of prices, `hrgcore.prices.PriceBook`.

    Its manifest names two tables (CSV) in the folder `tables` beside its own: `prices`, one row an HRG with a column for each
    setting and each kind of trim point, blank where there is none; and `settling`, whose first row that fits an episode or
    spell of admitted care tells its setting.

    Attributes:
        name, label, year, kind, settings: as of `hrgcore.prices.PriceBook`.
        source: title and licence of what the prices were taken from, and the grade of their evidence.
    """

    def __init__(self, manifest: Path) -> None:
        """Reads the book.

        Args:
            manifest: the TOML file.

        Raises:
            PluginError: a file is missing or cannot be read, a table does not fit the manifest, an HRG stands twice, or a price
                is no price.
        """
        self._manifest = manifest
        try:
            said = tomllib.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise PluginError(f"cannot be read: {error}", place=manifest.name, cure="Write it in TOML, as UTF-8.") from None
        try:
            self._take(said)
        except KeyError as error:
            raise PluginError(f"has no {error}", place=manifest.name, cure="Write it as in the books of hrgcore-costs.") from None

    def _take(self, said: dict[str, Any]) -> None:
        """What a manifest says, and the tables that it names."""
        self.name: str = said["name"]
        self.label: str = said["label"]
        self.year: str = said["year"]
        self.kind: str = said["kind"]
        self.settings: Mapping[str, str] = MappingProxyType({name: part["title"] for name, part in said["settings"].items()})
        self.source: Mapping[str, str] = MappingProxyType(said["source"])
        self._of_data_sets: dict[str, str] = said["records"]
        self._trim_columns: dict[str, str] = said.get("trim_points", {})
        self._free = frozenset(said["free"])
        for name in (*self._of_data_sets.values(), *self._trim_columns):
            self._check_setting(name, self._manifest.name)
        tables = self._manifest.parents[1] / "tables"
        self._rows = dict(self._prices(tables / said["tables"]["prices"]))
        self._settled = tuple(self._settling(tables / said["tables"]["settling"]))

    @property
    def hrgs(self) -> Sequence[str]:
        """Every HRG that it says something of, in order."""
        return tuple(self._rows)

    def setting(self, patient_classification: str, admission_method: str, stay: int) -> str:
        """The setting of a spell or episode of admitted care; empty if the book has none for it.

        Args:
            patient_classification: CLASSPAT.
            admission_method: ADMIMETH.
            stay: days.
        """
        return next(
            (
                row.setting
                for row in self._settled
                if (not row.classifications or patient_classification in row.classifications)
                and (not row.methods or admission_method in row.methods)
                and stay in row.stays
            ),
            "",
        )

    def record_setting(self, dataset: str) -> str:
        """The setting of the records of a data set without spells; empty if the book has none for them."""
        return self._of_data_sets.get(dataset, "")

    def price(self, hrg: str, setting: str) -> float | None:
        """GBP for a unit of an HRG in a setting; None if the book has none."""
        return self._rows.get(hrg, {}).get(setting)

    def trim_point(self, hrg: str, setting: str) -> int | None:
        """Days of stay after which further days are excess bed days; None if the book has none."""
        days = self._rows.get(hrg, {}).get(self._trim_columns.get(setting, ""))
        return None if days is None else int(days)

    def __repr__(self) -> str:
        return f"<TableBook {self.name}>"

    def _prices(self, path: Path) -> Iterator[tuple[str, dict[str, float]]]:
        """Each HRG with what stands in its row."""
        seen: set[str] = set()
        expected = (HRG, *self.settings, *dict.fromkeys(self._trim_columns.values()))
        for place, row in _rows(path, expected):
            hrg = row.pop(HRG)
            if hrg in seen:
                raise PluginError(f"{hrg} stands twice", place=place, cure="Leave one row of it.")
            seen.add(hrg)
            yield hrg, {name: self._amount(text, hrg, f"{place}, {name}") for name, text in row.items() if text}

    def _amount(self, text: str, hrg: str, place: str) -> float:
        try:
            amount = float(text)
        except ValueError:
            amount = -1.0
        if not isfinite(amount) or amount < 0 or (amount == 0 and hrg not in self._free):
            raise PluginError(
                f"{text!r} of {hrg} is no amount",
                place=place,
                cure=f"Leave it blank where there is none; only HRGs that {self._manifest.name} lists as free may cost 0.",
            )
        return amount

    def _settling(self, path: Path) -> Iterator[Settled]:
        for place, row in _rows(path, SETTLING):
            self._check_setting(row["setting"], place)
            yield Settled(
                frozenset(row["classification"].split()),
                frozenset(row["method"].split()),
                _span(row["stay"], place),
                row["setting"],
            )

    def _check_setting(self, name: str, place: str) -> None:
        if name not in self.settings:
            raise PluginError(f"there is no setting {name!r}", place=place, cure=f"Name one of {', '.join(self.settings)}.")


_LONGEST = 1_000_000  # days; longer than any stay


def _span(text: str, place: str) -> range:
    """Days from text such as `0-1` or `2+`; blank is any."""
    first, dash, last = (text.removesuffix("+") or "0").partition("-")
    try:
        span = range(int(first), (int(last) if dash else _LONGEST if text.endswith("+") or not text else int(first)) + 1)
    except ValueError:
        span = range(0)
    if not span:
        raise PluginError(f"{text!r} is no span of days", place=place, cure="Write it like 0-1 or 2+.")
    return span


def _rows(path: Path, expected: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table and where they stand."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # spreadsheets begin a file with a mark
        lines = list(csv.reader(text.splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PluginError(f"cannot be read: {error}", place=path.name, cure="Give a CSV file in UTF-8.") from None
    heads, *rows = lines or [[]]
    if tuple(heads) != expected:
        raise PluginError(
            f"has columns {', '.join(heads)}", place=path.name, cure=f"The manifest asks for {', '.join(expected)}."
        )
    for number, cells in enumerate(rows, 2):
        place = f"{path.name} line {number}"
        if len(cells) != len(heads):
            raise PluginError(f"has {len(cells)} cells", place=place, cure=f"Each row has {len(heads)}.")
        yield place, dict(zip(heads, cells, strict=True))
