"""Random spells: lists of episodes, each the official field names with the text of their cells.

All codes and values are those of a design. `random` draws them: hundreds of draws a spell are too many for Hypothesis, and its
liking for odd values would make nearly every spell invalid. `smallest` does the shrinking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from string import ascii_uppercase

from hrgcore.testing.reference.conditions import DATASETS
from hrgcore.testing.reference.tables import Design, Row

Episode = dict[str, str]
Spell = list[Episode]
CodesByRoot = Mapping[str, Sequence[str]]  # root to codes

LEADING = (
    "PROCODET", "PROVSPNO", "EPIORDER", "STARTAGE", "SEX", "CLASSPAT", "ADMISORC", "ADMIMETH", "DISDEST", "DISMETH", "EPIDUR",
    "MAINSPEF", "NEOCARE", "TRETSPEF",
)  # fmt: skip
DAYS = ("CRITICALCAREDAYS", "REHABILITATIONDAYS", "SPCDAYS")
DIAGNOSES = tuple(f"DIAG_{n:02}" for n in range(1, 9))
PROCEDURES = tuple(f"OPER_{n:02}" for n in range(1, 7))
COLUMNS = (*LEADING, *DIAGNOSES, *PROCEDURES, *DAYS)

LISTED = ("SEX", "CLASSPAT", "ADMISORC", "ADMIMETH", "DISDEST", "DISMETH", "MAINSPEF", "NEOCARE", "TRETSPEF")
SPOILT = (*LEADING[2:], "EPIORDER", "EPIORDER", "STARTAGE", *DAYS)
SAME_IN_SPELL = ("SEX", "CLASSPAT", "ADMISORC", "ADMIMETH")
STEERING = ("ADMISORC", "DISDEST", "DISMETH", "NEOCARE", "TRETSPEF")

AGES = (0, 1, 2, 5, 6, 15, 16, 18, 19, 40, 64, 65, 69, 70, 85, 130, 999)
STAYS = (0, 0, 0, 1, 1, 2, 3, 9, 10, 11, 12, 13, 14, 15, 28, 29, 31, 366)
ODD_CELLS = (
    "", " ", "0", "00", "1", "2", "02", "9", "19", "98", "99", "098", "130", "131", "999", "1000", "100", "191", "-1", "1.5", "x",
    "X", "2a", " 1 ", "\t1", "1 1", "99999", "100000", "999999999", "1234567890", "0000000000001", "é",
)  # fmt: skip
NO_CODES = ("Z99Z", "A1", "A0000000", "ABCD", "X", "1234", "A00 0", "É00", "Q99", "...")
MOST_CODES = 40  # of one theme


@dataclass(frozen=True)
class Theme:
    """Codes and values that go together: those of one rule, one family, one exclusion."""

    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]
    values: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Pools:
    """What spells of one design are drawn from; each of the inner tuples is equally likely. `unknown` is no code of any."""

    primaries: tuple[tuple[str, ...], ...]
    diagnoses: tuple[tuple[str, ...], ...]
    procedures: tuple[tuple[str, ...], ...]
    themes: tuple[Theme, ...]
    accepted: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]


# Pools of a design -----------------------------------------------------------------


def pools_of(design: Design) -> Pools:
    """What spells of a design are drawn from."""
    accepted = {row["field"]: tuple(row["accepted"].split()) for row in design.rows["field"] if row["field"] in LISTED}
    by_role = [
        [code for code, row in design.procedure.items() if row["role"] == role]
        for role in ("drives", "modifier", "site", "intervention", "unbundled", "vague", "barred", "ignored")
    ]
    without_role = [code for code in design.opcs4.ordered if code not in design.procedure]
    diagnoses = (
        design.icd10.ordered, [code for _, code in design.cc], _listed(design, "diagnosis"),
        [code for levels in design.families.values() for codes in levels.values() for code in codes],
    )  # fmt: skip
    procedures = (
        design.opcs4.ordered,
        *by_role[:1] * 4,
        *by_role,
        without_role,
        list(design.unbundled),
        _listed(design, "procedure"),
    )
    return Pools(_primaries(design), _filled(diagnoses), _filled(procedures), tuple(_themes(design)), accepted, _unknown(design))


def _unknown(design: Design) -> tuple[str, ...]:
    """What stands in cells of codes and is none: the first is of the right form, the others of none."""
    known = design.icd10.members | design.opcs4.members
    formed = (f"{letter}{number}" for letter in ascii_uppercase for number in range(999, 99, -1))
    return (next(code for code in formed if code not in known), *NO_CODES)


def _primaries(design: Design) -> tuple[tuple[str, ...], ...]:
    """Mostly codes that can be a primary diagnosis at any age."""
    bad = {code for code, row in design.diagnosis.items() if {row["root"], row["child_root"]} & design.error_categories}
    return (*_filled([set(design.icd10.members) - bad]) * 9, *_filled([bad or design.icd10.members]))


def _filled(pools: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(pool for pool in (tuple(sorted(set(codes))) for codes in pools) if pool)


def _listed(design: Design, kind: str) -> list[str]:
    return [code for (_, of_kind), codes in design.lists.items() if of_kind == kind for code in codes]


def _some(codes: Iterable[str]) -> tuple[str, ...]:
    """At most so many codes, evenly spread."""
    ordered = sorted(set(codes))
    return tuple(ordered[:: len(ordered) // MOST_CODES + 1])


def _themes(design: Design) -> list[Theme]:
    rules = [row for row in design.rows["rule"] if row["stage"] not in DATASETS]
    leading = (
        _by_root(design.diagnosis, "root", "child_root"),
        _by_root(design.procedure, "root"),
        _by_root(design.unbundled, "root"),
    )
    themes = [_theme_of_rule(design, row, *leading) for row in chain(rules, design.rows["split"]) if row["when"]]
    themes += [Theme(_some(primaries) + _some(secondaries), (), {}) for primaries, secondaries in design.exclusions]
    themes += [Theme(_some(chain(*levels.values())), (), {}) for levels in design.families.values()]
    for points in design.scores.values():
        diagnoses, procedures = (
            _some(code for of_kind, code in points if of_kind == kind) for kind in ("diagnosis", "procedure")
        )
        themes.append(Theme(diagnoses, procedures, {}))
    return themes or [Theme((), (), {})]


def _by_root(table: Mapping[str, Row], *columns: str) -> dict[str, list[str]]:
    """The codes that lead to each root."""
    found: dict[str, list[str]] = {}
    for code, row in table.items():
        for column in columns:
            found.setdefault(row[column], []).append(code)
    return found


def _theme_of_rule(design: Design, row: Row, of_diagnoses: CodesByRoot, *of_procedures: CodesByRoot) -> Theme:
    """Codes that lead to a root of the rule, and codes and values of the lists it asks for."""
    roots = set(row.get("from", row.get("root", "")).split())
    diagnoses = [_some(chain(*(of_diagnoses.get(root, ()) for root in roots)))]
    procedures = [_some(chain(*(table.get(root, ()) for root in roots))) for table in of_procedures]
    values: dict[str, tuple[str, ...]] = {}
    words = row["when"].split()
    for (name, kind), codes in design.lists.items():
        if name not in words:
            continue
        if kind == "diagnosis":
            diagnoses.append(_some(codes))
        elif kind == "procedure":
            procedures.append(_some(codes))
        else:
            values[kind] = _some(codes)
    return Theme(tuple(chain(*diagnoses)), tuple(chain(*procedures)), values)


# How a code may be written ------------------------------------------------------------

WAYS: tuple[Callable[[str], str], ...] = (
    str.lower,
    lambda code: f"{code[:3]}.{code[3:]}",
    lambda code: f".{code}.",
    lambda code: f" {code}",
    lambda code: f"{code}\t ",
    lambda code: code.removesuffix("X"),
)
SPOILING_WAYS: tuple[Callable[[str], str], ...] = (
    lambda code: code[:3],
    lambda code: code + "X",
    lambda code: f"{code[:2]} {code[2:]}",
)


def _code(random: Random, pools: Pools, kind: tuple[tuple[str, ...], ...], themed: tuple[str, ...], odd: bool) -> str:
    """A code as it stands in a cell: mostly of the theme, sometimes unknown."""
    if odd and random.random() < 0.08:
        return random.choice(pools.unknown)
    code = random.choice(themed if themed and random.random() < 0.65 else random.choice(kind))
    way = random.random()
    if way < 0.12:
        return random.choice(WAYS)(code)
    return random.choice(SPOILING_WAYS)(code) if odd and way < 0.16 else code


def _cells(
    random: Random, pools: Pools, kind: tuple[tuple[str, ...], ...], themed: tuple[str, ...], odd: bool, most: int
) -> list[str]:
    """So many cells at most; short lists are likelier, some cells are blank or repeat an earlier one."""
    cells: list[str] = []
    for _ in range(min(random.randint(0, most), random.randint(0, most))):
        luck = random.random()
        if luck < 0.07:
            cells.append("")
        elif luck < 0.17 and cells:
            cells.append(random.choice(cells))
        else:
            cells.append(_code(random, pools, kind, themed, odd))
    return cells


# Spells -------------------------------------------------------------------------------


def random_spell(random: Random, pools: Pools, *, most_episodes: int = 6, sloppy: bool | None = None) -> Spell:
    """The episodes of one spell. A sloppy one has odd text in its fields; one of six is, unless the caller says."""
    theme = random.choice(pools.themes)
    count = random.choice([n for n in (1, 1, 1, 1, 2, 2, 2, 3, 4, 5, 6) if n <= most_episodes])
    if sloppy is None:
        sloppy = random.random() < 1 / 6
    odd = sloppy or random.random() < 0.25
    shared = {name: _value(random, pools, theme, name) for name in SAME_IN_SPELL}
    age = random.choice(AGES) if random.random() < 0.7 else random.randint(0, 100)
    spell = [
        _episode(random, pools, theme, odd, {**shared, "STARTAGE": str(age), "EPIORDER": str(n)}) for n in range(1, count + 1)
    ]
    if count > 1 and age not in (130, 999) and random.random() < 0.5:
        spell[-1]["STARTAGE"] = str(age + 1)
    if sloppy:
        for _ in range(random.randint(1, 3)):
            random.choice(spell)[random.choice(SPOILT)] = random.choice(ODD_CELLS)
    return spell


def _value(random: Random, pools: Pools, theme: Theme, name: str) -> str:
    themed = theme.values.get(name)
    return random.choice(themed if themed and random.random() < 0.7 else pools.accepted[name])


def _episode(random: Random, pools: Pools, theme: Theme, odd: bool, given: Episode) -> Episode:
    episode = {**dict.fromkeys(COLUMNS, ""), "PROCODET": "RXX", "PROVSPNO": "1", **given}
    for name in ("DISDEST", "DISMETH", "MAINSPEF", "NEOCARE", "TRETSPEF"):
        episode[name] = _value(random, pools, theme, name)
    episode["EPIDUR"] = str(random.choice(STAYS))
    if random.random() < 0.5:
        episode.update({name: random.choice(("", "0", "1", "2", "3", "10", "30")) for name in DAYS})
    primary = _code(random, pools, pools.primaries, theme.diagnoses, odd)
    if odd and random.random() < 0.03:
        primary = ""
    secondary = _cells(random, pools, pools.diagnoses, theme.diagnoses, odd, len(DIAGNOSES) - 1)
    procedures = _cells(random, pools, pools.procedures, theme.procedures, odd, len(PROCEDURES))
    episode.update(zip(DIAGNOSES, [primary, *secondary], strict=False))
    episode.update(zip(PROCEDURES, procedures, strict=False))
    return episode


def random_batch(random: Random, pools: Pools, most_spells: int = 8) -> Spell:
    """The rows of a file: spells of a few providers, in any order."""
    rows = []
    for number in range(random.randint(1, most_spells)):
        provider = random.choice(("RXX",) * 9 + ("rx", "RXX1", " RXX", ""))
        name = random.choice((f"{number}",) * 9 + (f" {number}", f"{number}\t", f"0{number}", ""))
        rows += [{**episode, "PROCODET": provider, "PROVSPNO": name} for episode in random_spell(random, pools)]
    random.shuffle(rows)
    return rows


# Shrinking ----------------------------------------------------------------------------


def smallest(rows: Spell, fails: Callable[[Spell], bool]) -> Spell:
    """The rows without episodes and cells that the failure does not need."""
    for place in reversed(range(len(rows))):
        fewer = rows[:place] + rows[place + 1 :]
        if fewer and fails(fewer):
            rows = fewer
    for place in range(len(rows)):
        for name in reversed([name for name in COLUMNS[2:] if rows[place][name]]):
            changed = [*rows[:place], {**rows[place], name: ""}, *rows[place + 1 :]]
            if fails(changed):
                rows = changed
    return rows
