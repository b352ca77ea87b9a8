"""An invented population, the same wherever and whenever it is made, from the codes of a design alone.

Every procedure code once, then primary diagnoses of all chapters at all ages, so that a change of any table is likely to move
some spell.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core import typedefs as core
from hrgcore.records import Episode

if TYPE_CHECKING:
    from hrgcore.design import Design

SPELLS = 15_000
SEED = 20_250_401
AGES = (0, 0, 1, 3, 7, 12, 16, 18, 19, 34, 45, 52, 60, 68, 73, 79, 84, 91)  # completed years
STAYS = (0, 0, 0, 1, 1, 2, 3, 5, 9, 16, 40)  # days


class Spell(NamedTuple):
    """A spell and what it is there for, such as a procedure code or a primary diagnosis."""

    case: str
    episodes: list[Episode]


def population(design: Design, spells: int = SPELLS) -> Iterator[Spell]:
    """So many spells of one episode. A code that comes to the design or goes changes the spells after it too."""
    random = Random(SEED)
    tables = design.tables
    procedures, diagnoses = tables.opcs4.codes[1:], tables.icd10.codes[1:]
    roots, roles = tables.arrays["diag_root"][1:], tables.arrays["proc_role"][1:]
    primaries = [code for code, root in zip(diagnoses, roots, strict=True) if root < core.ERROR_BASE]
    markers = [code for code, role in zip(procedures, roles, strict=True) if role in (core.Role.MODIFIER, core.Role.SITE)]
    for code in procedures:
        yield Spell(code, [_operated(random, code, markers or procedures, primaries)])
    treated = max(0, spells - len(procedures))
    for number in range(treated):
        code = primaries[number * len(primaries) // treated]
        yield Spell(code, [_treated(random, code, procedures, primaries)])


def _operated(random: Random, code: str, markers: list[str] | tuple[str, ...], primaries: list[str]) -> Episode:
    return Episode(
        age=random.choice(AGES),
        duration=random.choice(STAYS),
        diagnoses=random.choices(primaries, k=random.randint(1, 5)),
        procedures=[code, *random.choices(markers, k=random.randint(0, 3))],
    )


def _treated(random: Random, code: str, procedures: tuple[str, ...], primaries: list[str]) -> Episode:
    return Episode(
        age=random.choice(AGES),
        duration=random.choice(STAYS),
        diagnoses=[code, *random.choices(primaries, k=random.randint(0, 9))],
        procedures=random.choices(procedures, k=random.choice((0, 0, 1, 2))),
    )
