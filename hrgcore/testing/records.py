"""Random records of the data sets beside admitted care: files of them, with the cells as text under the official field names.

They are drawn from what the fields accept and the rules ask for, so that rare rules are reached, or taken from realistic ones
that the caller has; a third of both gets some wild cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from hrgcore.testing.reference.cells import LAYOUTS, MOST_CELLS, stem_of
from hrgcore.testing.reference.records import rows_of
from hrgcore.testing.reference.tables import LISTED, Design, Row, in_bands, parse_bands
from hrgcore.testing.spells import ODD_CELLS, SPOILING_WAYS, WAYS, Theme, pools_of

Cells = dict[str, str]
DATASETS = tuple(LAYOUTS)
EXTRA = "dummy_field"  # a column that is no field; it counts where rows are sorted by all their bytes
CODES = ("diagnosis", "procedure")

NUMBERS = (0, 0, 0, 1, 1, 2, 3, 4, 5, 7, 10, 15, 18, 19, 22, 26, 27, 28, 30, 36, 40, 49, 50, 64, 99, 130, 131, 999)
WILD_NUMBERS = (
    *ODD_CELLS, "007", "1e3", "+5", "5 5", "018", "0026", "027", "9", "10", "49", "50", "128", "1000000", "00000000000000000005",
    "4294967297", "2147483648", "-0", "0x1", "\uff11", "1.", "12 ", "\t12", "O1",
)  # fmt: skip
DATES = (
    "20240227", "20240228", "20240229", "20240301", "20240302", "20240430", "20240501", "20231231", "20240101", "20250228",
    "20250301", "20000229",
)  # fmt: skip
WILD_DATES = (
    "", " ", "20230229", "19000229", "21000229", "20241301", "20240431", "20240100", "20240001", "2024-05-01", "240501",
    "18000101", "17991231", "29991231", "30000101", "00000000", "99999999", " 20240501 ", "\t20240501", "020240501", "202405011",
    "2024050", "2024 501", "2024O501", "+2024501", "-2024501", "01052024", "2024/5/1", "x",
)  # fmt: skip
WEIGHTS = ("3.25", "0.999", "1.000", "0.001", "9.999", "1", "0.5", "2.1", "3.250", "0.850", "03.25", "00.9")
WILD_WEIGHTS = (
    "", " ", "1.", ".5", "3.2501", "0", "0.000", "10", "10.0", "9.9999", "3.2x", "3. 2", " 3.25 ", "\t1.5", "-1.5", "+1.5", "1e0",
    "1.2.3", "3250", "NaN", "inf", "0.0001", "0000000003.25", "12345678901.5", "..", ".", "é", "999999.999", "4294967.297",
)  # fmt: skip
TEXTS = ("RXX", "RXX", "RYY", "rxx", " RXX", "RXX\t", "RX", "RXX1", "", " ", "é", "1", "01", "10", "2", "-", "+")
WILD_VALUES = (
    "", " ", "0", "00", "000", "1", "001", "011", "11", "1A", "a", "X", "x", "é", "13016003", "1269434001", "9" * 18,
    "-1", "1.0", "0099", "9999", "POS ", "pos", "Neg", "UNK", "neg", "0x", "\t", "  01", "01\t", "1 ", "\u0661",
    "0" * 300 + "1", "9" * 300,
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """What records of a data set are made of."""

    dataset: str
    rows: dict[str, Row]  # of table `field`, in official order
    realistic: tuple[Cells, ...]
    themes: tuple[Theme, ...]
    codes: dict[str, tuple[str, ...]]  # by kind of cell
    unknown: tuple[str, ...]  # what stands in cells of codes and is none


def source_of(design: Design, dataset: str, realistic: Sequence[Cells] = ()) -> Source:
    """What records of a data set of a design are made of.

    Args:
        design: as the reference grouper reads it.
        dataset: its name.
        realistic: records that most of those drawn are made from, if there are any.
    """
    names = LAYOUTS[dataset].split()
    offered = rows_of(dataset, design)
    rows = {name: offered[name] for name in names if name in offered}
    asked = {stem_of(name) for name in names}
    themes, codes, unknown = _pools(design)
    own = [theme for theme in themes if asked & set(theme.values) or (dataset == "NAC" and theme.procedures)]
    return Source(dataset, rows, tuple(realistic), tuple(own) or (Theme((), (), {}),), codes, unknown)


@lru_cache(maxsize=4)
def _pools(design: Design) -> tuple[tuple[Theme, ...], dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The themes of the rules; codes by kind, of which those of lists and of unbundling are likelier; and what are no codes."""
    listed: dict[str, list[str]] = {"diagnosis": [], "procedure": []}
    for (_, kind), members in sorted(design.lists.items()):
        listed.setdefault(kind, []).extend(sorted(members))
    codes = {
        "diagnosis": (*listed["diagnosis"], *design.icd10.ordered),
        "procedure": (*design.unbundled, *listed["procedure"], *design.procedure, *design.opcs4.ordered),
    }
    pools = pools_of(design)
    return pools.themes, codes, pools.unknown


# One cell ------------------------------------------------------------------------------

WAYS_OF_VALUES: tuple[Callable[[str], str], ...] = (
    lambda text: "0" + text, lambda text: "00" + text, lambda text: text.lstrip("0"), str.lower, lambda text: f" {text}",
    lambda text: text + "\t", lambda text: text + "1", lambda text: text[:1], lambda text: text[::-1], lambda text: text + ".",
)  # fmt: skip


def _wild(random: Random, row: Row, source: Source) -> str:
    """What a careless or a hostile hand might put there."""
    kind = row["kind"]
    if kind in LISTED and random.random() < 0.6:
        return random.choice(WAYS_OF_VALUES)(random.choice(row["accepted"].split()))
    if kind in CODES:
        if random.random() < 0.4:
            code = source.codes[kind][0]
            return random.choice((*source.unknown, code * 80, "." * 300 + code))
        return random.choice((*WAYS, *SPOILING_WAYS))(random.choice(source.codes[kind]))
    pool = {"number": WILD_NUMBERS, "date": WILD_DATES, "weight": WILD_WEIGHTS, "text": TEXTS}.get(kind, WILD_VALUES)
    return random.choice(pool)


def _drawn(random: Random, row: Row, source: Source, theme: Theme) -> str:
    """A cell in good order; all that is accepted is equally likely, what the theme asks for likelier."""
    kind = row["kind"]
    if kind in LISTED:
        themed = theme.values.get(stem_of(row["field"]))
        return random.choice(themed if themed and random.random() < 0.6 else row["accepted"].split())
    if kind in CODES:
        themed = theme.diagnoses if kind == "diagnosis" else theme.procedures
        code = random.choice(themed if themed and random.random() < 0.6 else source.codes[kind])
        return code if random.random() < 0.9 else random.choice(WAYS)(code)
    if kind == "weight":
        return random.choice(WEIGHTS) if random.random() < 0.5 else f"{random.randint(1, 9999) / 1000:.3f}"
    if kind == "number":
        bands = parse_bands(row["accepted"])
        fitting = [number for number in NUMBERS if in_bands(number, bands)]
        return str(random.choice(fitting) if random.random() < 0.8 else random.randint(10, 49))
    return random.choice(DATES if kind == "date" else TEXTS)


# One record ----------------------------------------------------------------------------


def random_record(random: Random, source: Source, columns: Sequence[str], wild: float) -> Cells:
    """A record with these cells; `wild` is the chance of wild ones."""
    if source.realistic and random.random() < 0.6:
        made = random.choice(source.realistic)
        record = {name: made.get(name, "") for name in columns}
    else:
        record = _drawn_record(random, source, columns)
    if random.random() < wild:
        for name in random.choices(columns, k=random.choice((1, 1, 2, 3))):
            record[name] = _wild(random, _row(source, name), source)
    return record


def _row(source: Source, name: str) -> Row:
    return source.rows.get(name) or source.rows[f"{stem_of(name)}_01"]


def _drawn_record(random: Random, source: Source, columns: Sequence[str]) -> Cells:
    theme = random.choice(source.themes)
    most = {name: random.choice((0, 1, 1, 1, 2, 2, 3, 5, 99)) for name in source.rows if name.endswith("_01")}
    record = {}
    for name in columns:
        stem, _, number = name.rpartition("_")
        row = _row(source, name)
        there = random.random() < 0.96 if name == row["field"] != f"{stem}_01" else int(number) <= most[row["field"]]
        record[name] = _drawn(random, row, source, theme) if there else ""
    if {"CCDate", "DISDATE"} <= record.keys() and random.random() < 0.4:
        record["DISDATE"] = record["CCDate"]
    if source.dataset == "ACC" and random.random() < 0.6:  # few organs, and days near the bounds of the warnings
        record.update({name: random.choice("0001234") for name in columns if source.rows[name]["kind"] == "number"})
    return record


# A file of them ------------------------------------------------------------------------


def random_columns(random: Random, source: Source) -> list[str]:
    """The columns of a file: some optional ones are left out, and their order is free."""
    columns: list[str] = []
    for name, row in source.rows.items():
        if row["required"] != "yes" and random.random() < 0.06:
            continue
        stem = name.removesuffix("_01")
        most = MOST_CELLS.get((source.dataset, stem), 99)
        width = min(most, random.choice((1, 2, 4, 6, 12, 12, 20, 20) if random.random() < 0.98 else (99,)))
        columns += [f"{stem}_{n:02}" for n in range(1, width + 1)] if stem != name else [name]
    if random.random() < 0.05:
        columns = [name for name in columns if name not in ("DIAG_01", "OPER_01", "INV_02")]
    if random.random() < 0.3:
        random.shuffle(columns)
    return columns


def random_file(random: Random, source: Source, records: int, wild: float = 0.35) -> list[Cells]:
    """The records of a file, all with the same columns, of which the last is no field."""
    columns = random_columns(random, source)
    rows = [{**random_record(random, source, columns, wild), EXTRA: random.choice(("x", "y", ""))} for _ in range(records)]
    keys = random.choices(TEXTS, k=3)
    for row in rows:  # few stays with many days, for the order
        row.update({name: random.choice(keys) for name in ("PROCODET", "CCLocalID") if name in row and random.random() < 0.5})
    for _ in range(records // 8):  # the same again, or nearly
        again = dict(random.choice(rows))
        name = random.choice(columns)
        again[name] = random.choice(rows)[name]
        rows[random.randrange(records)] = again
    return rows
