"""The fixed population of the golden snapshots: that of hrgcore.testing, and spells of the generator of the benchmarks."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from hrgcore import Episode
from hrgcore.design import Design
from hrgcore.testing import population as kit
from hrgcore.testing.population import SEED, Spell

GENERATOR = Path(__file__).parents[2] / "benchmarks" / "population.py"
GENERATED = 5_000
SPELLS = kit.SPELLS + GENERATED


def population(design: Design) -> Iterator[Spell]:
    """The spells; the codes of the first are those of a design."""
    yield from kit.population(design)
    yield from _generated()


def _generated() -> Iterator[Spell]:
    spec = importlib.util.spec_from_file_location("population", GENERATOR)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names = module.columns()
    rows = [dict(zip(names, row, strict=True)) for row in module.generate_rows(GENERATED, SEED, 0.03)]
    rows.sort(key=_key)
    for _, episodes in groupby(rows, key=lambda row: _key(row)[:2]):
        found = list(episodes)
        yield Spell(found[0]["dummy_field"], [_episode(row) for row in found])


def _key(row: dict[str, str]) -> tuple[str, str, str]:
    return row["PROCODET"], row["PROVSPNO"], row["EPIORDER"].zfill(4)


def _episode(row: dict[str, str]) -> Episode:
    return Episode.from_cells(lambda field, number: row.get(f"{field}_{number:02d}" if number else field, ""))
