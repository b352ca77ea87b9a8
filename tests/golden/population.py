"""The fixed population of the golden snapshots: 20,000 invented spells, the same wherever and whenever they are made.

Every procedure code once, primary diagnoses of all chapters at all ages, and spells as the generator of the benchmarks
writes them, so that a change of any table is likely to move some spell.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from random import Random
from typing import NamedTuple

from hrgcore import Episode
from hrgcore._core import typedefs as core
from hrgcore.design import Design

GENERATOR = Path(__file__).parents[2] / "benchmarks" / "population.py"
SPELLS = 20_000
GENERATED = 5_000
SEED = 20_250_401
AGES = (0, 0, 1, 3, 7, 12, 16, 18, 19, 34, 45, 52, 60, 68, 73, 79, 84, 91)
STAYS = (0, 0, 0, 1, 1, 2, 3, 5, 9, 16, 40)


class Spell(NamedTuple):
    """A spell and what it is there for: a procedure code, a primary diagnosis, or a pattern of the generator."""

    case: str
    episodes: list[Episode]


def population(design: Design) -> Iterator[Spell]:
    """The spells; the codes are those of a design, so that a code that comes or goes moves the spells after it."""
    random = Random(SEED)
    tables = design.tables
    procedures, diagnoses = tables.opcs4.codes[1:], tables.icd10.codes[1:]
    roots, roles = tables.arrays["diag_root"][1:], tables.arrays["proc_role"][1:]
    primaries = [code for code, root in zip(diagnoses, roots, strict=True) if root < core.ERROR_BASE]
    markers = [code for code, role in zip(procedures, roles, strict=True) if role in (core.Role.MODIFIER, core.Role.SITE)]
    for code in procedures:
        yield Spell(code, [_operated(random, code, markers, primaries)])
    step = len(primaries) / (SPELLS - GENERATED - len(procedures))
    for number in range(SPELLS - GENERATED - len(procedures)):
        code = primaries[int(number * step)]
        yield Spell(code, [_treated(random, code, procedures, primaries)])
    yield from _generated()


def _operated(random: Random, code: str, markers: list[str], primaries: list[str]) -> Episode:
    return Episode(
        age=random.choice(AGES),
        duration=random.choice(STAYS),
        diagnoses=random.choices(primaries, k=random.randint(1, 5)),
        procedures=[code, *random.choices(markers, k=random.randint(0, 3))],
    )


def _treated(random: Random, code: str, procedures: list[str], primaries: list[str]) -> Episode:
    return Episode(
        age=random.choice(AGES),
        duration=random.choice(STAYS),
        diagnoses=[code, *random.choices(primaries, k=random.randint(0, 9))],
        procedures=random.choices(procedures, k=random.choice((0, 0, 1, 2))),
    )


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
