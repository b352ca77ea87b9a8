"""Random spells: lists of episodes, each the official field names with the text of their cells."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from hypothesis import strategies as st

from reference.tables import Design, Row

Episode = dict[str, str]
Spell = list[Episode]

LEADING = (
    "PROCODET", "PROVSPNO", "EPIORDER", "STARTAGE", "SEX", "CLASSPAT", "ADMISORC", "ADMIMETH", "DISDEST", "DISMETH", "EPIDUR",
    "MAINSPEF", "NEOCARE", "TRETSPEF",
)  # fmt: skip
DAYS = ("CRITICALCAREDAYS", "REHABILITATIONDAYS", "SPCDAYS")
DIAGNOSES = tuple(f"DIAG_{n:02}" for n in range(1, 9))
PROCEDURES = tuple(f"OPER_{n:02}" for n in range(1, 7))
COLUMNS = (*LEADING, *DIAGNOSES, *PROCEDURES, *DAYS)

LISTED = ("SEX", "CLASSPAT", "ADMISORC", "ADMIMETH", "DISDEST", "DISMETH", "MAINSPEF", "NEOCARE", "TRETSPEF")
SAME_IN_SPELL = ("SEX", "CLASSPAT", "ADMISORC", "ADMIMETH")
STEERING = ("ADMISORC", "DISDEST", "DISMETH", "NEOCARE", "TRETSPEF")

AGES = (0, 1, 2, 5, 6, 15, 16, 18, 19, 40, 64, 65, 69, 70, 85, 130, 999)
STAYS = (0, 0, 0, 1, 1, 2, 3, 9, 10, 11, 12, 13, 14, 15, 28, 29, 31, 366)
ODD_CELLS = (
    "", " ", "0", "00", "1", "2", "02", "9", "19", "98", "99", "098", "130", "131", "999", "1000", "100", "191", "-1", "1.5", "x", "X", "2a",
    " 1 ", "\t1", "1 1", "99999", "100000", "999999999", "1234567890", "0000000000001", "é",
)  # fmt: skip
UNKNOWN_CODES = ("Q999", "Z99Z", "A1", "A0000000", "ABCD", "X", "1234", "A00 0", "É00", "Q99", "...")
MOST_CODES = 40  # of one theme


@dataclass(frozen=True)
class Theme:
    """Codes and values that go together: those of one rule, one family, one exclusion."""

    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]
    values: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Pools:
    """What spells of one design are drawn from; each of the inner tuples is equally likely."""

    diagnoses: tuple[tuple[str, ...], ...]
    procedures: tuple[tuple[str, ...], ...]
    themes: tuple[Theme, ...]
    accepted: dict[str, tuple[str, ...]]


# Pools of a design -----------------------------------------------------------------


def pools_of(design: Design) -> Pools:
    accepted = {row["field"]: tuple(row["accepted"].split()) for row in design.rows["field"] if row["field"] in LISTED}
    error_codes = [
        code for code, row in design.diagnosis.items() if {row["root"], row["child_root"]} & design.error_categories
    ]
    by_role = [
        [code for code, row in design.procedure.items() if row["role"] == role]
        for role in ("drives", "modifier", "intervention", "unbundled", "vague", "barred")
    ]
    without_role = [code for code in design.opcs4.ordered if code not in design.procedure]
    diagnoses = (
        design.icd10.ordered, [code for _, code in design.cc], error_codes, _listed(design, "diagnosis"),
        [code for levels in design.families.values() for codes in levels.values() for code in codes],
    )  # fmt: skip
    procedures = (design.opcs4.ordered, *by_role, without_role, list(design.unbundled), _listed(design, "procedure"))
    return Pools(_filled(diagnoses), _filled(procedures), tuple(_themes(design)), accepted)


def _filled(pools: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(pool for pool in (tuple(sorted(set(codes))) for codes in pools) if pool)


def _listed(design: Design, kind: str) -> list[str]:
    return [code for (_, of_kind), codes in design.lists.items() if of_kind == kind for code in codes]


def _some(codes: Iterable[str]) -> tuple[str, ...]:
    """At most so many codes, evenly spread."""
    ordered = sorted(set(codes))
    return tuple(ordered[:: len(ordered) // MOST_CODES + 1])


def _themes(design: Design) -> list[Theme]:
    themes = [_theme_of_rule(design, row) for row in chain(design.rows["rule"], design.rows["split"]) if row["when"]]
    themes += [Theme(_some(primaries) + _some(secondaries), (), {}) for primaries, secondaries in design.exclusions]
    themes += [Theme(_some(chain(*levels.values())), (), {}) for levels in design.families.values()]
    themes += [
        Theme(*(_some(code for of_kind, code in points if of_kind == kind) for kind in ("diagnosis", "procedure")), {})
        for points in design.scores.values()
    ]
    return themes or [Theme((), (), {})]


def _theme_of_rule(design: Design, row: Row) -> Theme:
    """Codes that lead to a root of the rule, and codes and values of the lists it asks for."""
    roots = set(row.get("from", row.get("root", "")).split())
    diagnoses = [_some(code for code, line in design.diagnosis.items() if {line["root"], line["child_root"]} & roots)]
    procedures = [_some(code for code, line in design.procedure.items() if line["root"] in roots)]
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
    *[lambda code: code] * 16,
    str.lower,
    lambda code: f"{code[:3]}.{code[3:]}",
    lambda code: f".{code}.",
    lambda code: f" {code}",
    lambda code: f"{code}\t ",
    lambda code: code[:3],
    lambda code: code + "X",
    lambda code: f"{code[:2]} {code[2:]}",
)


def _codes(pools: tuple[tuple[str, ...], ...], themed: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A code as it stands in a cell: mostly of the theme, sometimes none or unknown."""
    general = st.sampled_from(pools).flatmap(st.sampled_from)
    known = st.one_of(st.sampled_from(themed), st.sampled_from(themed), general) if themed else general
    return st.builds(lambda code, way: way(code), known, st.sampled_from(WAYS))


def _cells(code: st.SearchStrategy[str], odd: tuple[str, ...], most: int, least: int = 0) -> st.SearchStrategy[list[str]]:
    cell = st.one_of(*[code] * 9, st.sampled_from(("", *odd)))
    return st.lists(cell, min_size=least, max_size=most)


# Spells -------------------------------------------------------------------------------


@st.composite
def spells(draw: st.DrawFn, pools: Pools, most_episodes: int = 6, sloppy: bool | None = None) -> Spell:
    """The episodes of one spell; four of five have no odd field unless `sloppy` says so."""
    theme = draw(st.sampled_from(pools.themes))
    count = draw(st.sampled_from([n for n in (1, 1, 1, 2, 2, 2, 3, 4, 6) if n <= most_episodes]))
    if sloppy is None:
        sloppy = draw(st.sampled_from((False, False, False, False, True)))
    shared = {name: draw(_value(pools, theme, name)) for name in SAME_IN_SPELL}
    age = draw(st.sampled_from(AGES))
    odd = UNKNOWN_CODES if sloppy or draw(st.sampled_from((False, False, True))) else ()
    spell = [draw(_episodes(pools, theme, odd, shared, str(age), str(number))) for number in range(1, count + 1)]
    if count > 1 and age not in (130, 999) and draw(st.booleans()):
        spell[-1]["STARTAGE"] = str(age + 1)
    if sloppy:
        _spoil(draw, spell)
    return spell


def _value(pools: Pools, theme: Theme, name: str) -> st.SearchStrategy[str]:
    accepted = st.sampled_from(pools.accepted[name])
    themed = theme.values.get(name)
    return st.one_of(st.sampled_from(themed), st.sampled_from(themed), accepted) if themed else accepted


@st.composite
def _episodes(
    draw: st.DrawFn, pools: Pools, theme: Theme, odd: tuple[str, ...], shared: Episode, age: str, number: str
) -> Episode:
    episode = dict.fromkeys(COLUMNS, "")
    episode |= {"PROCODET": "RXX", "PROVSPNO": "1", "EPIORDER": number, "STARTAGE": age, **shared}
    for name in ("DISDEST", "DISMETH", "MAINSPEF", "NEOCARE", "TRETSPEF"):
        episode[name] = draw(_value(pools, theme, name))
    episode["EPIDUR"] = str(draw(st.sampled_from(STAYS)))
    days = draw(st.sampled_from(((), (), ("1", "", ""), ("", "2", "1"), ("0", "0", "0"), ("10", "1", "30"), ("3", "3", ""))))
    episode.update(zip(DAYS, days, strict=False))
    diagnosis = _codes(pools.diagnoses, theme.diagnoses)
    primary = draw(st.one_of(*[diagnosis] * 19, st.sampled_from(("", *odd))))
    secondary = draw(_cells(diagnosis, odd, len(DIAGNOSES) - 1))
    procedures = draw(_cells(_codes(pools.procedures, theme.procedures), odd, len(PROCEDURES)))
    episode.update(zip(DIAGNOSES, [primary, *secondary], strict=False))
    episode.update(zip(PROCEDURES, procedures, strict=False))
    return episode


def _spoil(draw: st.DrawFn, spell: Spell) -> None:
    """Puts odd text into a few fields."""
    fields = st.sampled_from((*LEADING[2:], "EPIORDER", "EPIORDER", "STARTAGE", *DAYS))
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from(spell))[draw(fields)] = draw(st.sampled_from(ODD_CELLS))


@st.composite
def batches(draw: st.DrawFn, pools: Pools, most_spells: int = 6) -> list[Episode]:
    """The rows of a file: spells of a few providers, in any order."""
    found = draw(st.lists(spells(pools), min_size=1, max_size=most_spells))
    rows = []
    for number, spell in enumerate(found):
        provider = draw(st.sampled_from(("RXX", "RXX", "RXX", "rx", "RXX1", " RXX", "")))
        name = draw(st.sampled_from((f"{number}", f"{number}", f"{number}", f" {number}", f"{number}\t", f"0{number}", "")))
        rows += [{**episode, "PROCODET": provider, "PROVSPNO": name} for episode in spell]
    return [rows[place] for place in draw(st.permutations(range(len(rows))))]
