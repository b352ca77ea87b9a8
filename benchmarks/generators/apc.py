"""Admitted care: episodes of invented spells.

``case_mix.csv`` has one row a pattern (``kind`` is day, inpatient, emergency, maternity, newborn or regular) or a pool of
codes (``kind`` is pool, codes in ``primary``). The language of the cells is that of ``common.py``.

- ``weight``: share of the spells; ``ages`` and ``stay``: ``low-usual-high``, for a stay ``low-mean-high``, or one number
- ``female``: percent; ``specialty``: main specialty, ``/``, treatment function (only if it differs)
- ``primary``: primary diagnoses; ``with``: codes that always follow, ``A/B/-`` being one of A, B and nothing
- ``procedures``: alternatives separated by ``|``, ``3:`` before one being its weight; written like ``with``, in coding order
- ``pools``: pools and codes that secondary diagnoses are drawn from; ``secondaries``: their mean number
- ``critical``: percent of episodes with days of critical care
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from generators.common import FOLDER, PROVIDERS, Chance, alternatives, sequence, weighted

Rows = list[list[str]]

CASE_MIX = FOLDER / "case_mix.csv"
FIXED = "PROCODET,PROVSPNO,EPIORDER,STARTAGE,SEX,CLASSPAT,ADMISORC,ADMIMETH,DISDEST,DISMETH,EPIDUR,MAINSPEF,NEOCARE,TRETSPEF"
ORDER, AGE, SEX, CLASSPAT, ADMISORC, ADMIMETH, DISDEST, DISMETH, EPIDUR, MAINSPEF, NEOCARE, TRETSPEF, DIAG = range(2, 15)
DAYS = ["CRITICALCAREDAYS", "REHABILITATIONDAYS", "SPCDAYS"]
MAX_EPISODES = 12
EPISODES_BY_STAY = ((0, 0.03), (2, 0.13), (7, 0.27), (9999, 0.45))  # chance of a second episode at up to so many days
FURTHER_EPISODE = 0.25, 0.6  # chance of one more at up to 28 days, and beyond
BLOCK = 2000  # spells whose rows are shuffled together


CLASSES = {"day": "2", "regular": "3"}  # all others 1
METHODS = {
    "day": weighted("11*3 12 13"),
    "regular": weighted("11 13*3"),
    "inpatient": weighted("11*6 12*4 13*2 81"),
    "emergency": weighted("21*10 22*2 23 24 25 28 2A*3 2B 2D 81"),
    "maternity": weighted("31*3 32"),
    "newborn": weighted("82*60 83 2C"),
}
HOME = ["19"]
SOURCES = {"newborn": ["79"], "maternity": weighted("19*60 51"), "emergency": weighted("19*55 51*2 29 49 65")}
SOURCES_OLD = weighted("19*24 54*2 65 85 51")
DESTINATIONS = weighted("19*50 29 51*2 65 49")
DESTINATIONS_OLD = weighted("19*22 54*2 65 85 51*2 29")
TRANSFER_SPECIALTIES = weighted("300*3 430*2 100 110 320 340 301 314")


class Pattern:
    """One case pattern, its weighted lists written out."""

    def __init__(self, row: dict[str, str], pools: dict[str, list[str]]) -> None:
        self.name, self.kind, self.weight = row["pattern"], row["kind"], int(row["weight"])
        low, usual, high = (row["ages"].split("-") * 3)[:3]
        self.ages = int(low), int(high), int(usual)
        low, mean, high = (row["stay"].split("-") * 3)[:3]
        self.stay = int(low), float(mean), int(high)
        self.female, self.critical = float(row["female"]) / 100, float(row["critical"]) / 100
        self.specialty, _, treatment = row["specialty"].partition("/")
        self.treatment = treatment or self.specialty
        self.primary, self.following = weighted(row["primary"]), sequence(row["with"])
        self.procedures = alternatives(row["procedures"])
        self.pool = [code for term in weighted(row["pools"]) for code in pools.get(term, [term])]
        self.secondaries = float(row["secondaries"])


def read_case_mix(path: Path = CASE_MIX) -> tuple[list[Pattern], dict[str, list[str]]]:
    """Return the patterns and the pools of a case mix file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pools = {row["pattern"]: weighted(row["primary"]) for row in rows if row["kind"] == "pool"}
    return [Pattern(row, pools) for row in rows if row["kind"] != "pool"], pools


class Generator(Chance):
    """Draws spells."""

    def __init__(self, seed: int, diagnoses: int, procedures: int) -> None:
        super().__init__(seed)
        self.diagnoses, self.procedures = diagnoses, procedures
        self.oper = DIAG + diagnoses
        self.days = self.oper + procedures
        patterns, pools = read_case_mix()
        self.complications = pools["complications"]
        self.patterns = [pattern for pattern in patterns for _ in range(pattern.weight)]
        self.adults = [p for p in self.patterns if p.kind == "emergency" and p.ages[0] >= 16 and p.stay[2] > 3]

    def spell(self, number: int, adult: bool = False, least: int = 1) -> tuple[str, Rows]:
        """Return pattern name and rows of a spell, ``dummy_field`` still blank."""
        chance, pick = self.chance, self.pick
        pattern = pick(self.adults if adult else self.patterns)
        kind, emergency = pattern.kind, pattern.kind == "emergency"
        age = max(int(self.rng.triangular(*pattern.ages)), 19 if adult else 0)
        old = emergency and age > 75
        stay, episodes = self._stay(pattern, least)
        died = emergency and chance() < (0.06 if old else 0.008)
        # 7919 has no factor in common with the modulus: numbers without an order, none twice
        key, sex = str(10_000_000 + number * 7919 % 89_999_999), "2" if chance() < pattern.female else "1"
        common = [pick(PROVIDERS), key, "", "", sex]
        common += [CLASSES.get(kind, "1"), pick(SOURCES_OLD if old else SOURCES.get(kind, HOME)), pick(METHODS[kind])]
        if kind == "maternity" and pattern.specialty == "560":
            common[CLASSPAT] = "5"  # mother and baby using delivery facilities only
        ends = [*sorted(int(chance() * (stay + 1)) for _ in range(episodes - 1)), stay]
        birthday, operated = int(chance() * 365) if age else 0, int(chance() * chance() * episodes)
        rows, before, primary, main, treatment = [], 0, pick(pattern.primary), pattern.specialty, pattern.treatment
        for episode, end in enumerate(ends):
            days, critical = end - before, 0
            if days and pattern.critical and chance() < pattern.critical:
                critical = 1 + int(days * chance() * chance())
            if episode and emergency and age > 18 and chance() < 0.6:
                main = treatment = pick(TRANSFER_SPECIALTIES)
                primary = pick(self.complications) if chance() < 0.4 else primary
            row = common.copy()
            row[ORDER], row[AGE] = str(episode + 1), str(age + (birthday + before) // 365)
            if episode < episodes - 1 or died:
                row += ("98", "8") if episode < episodes - 1 else ("79", "4")
            else:
                row += pick(DESTINATIONS_OLD if old else DESTINATIONS if emergency else HOME), "1" if chance() < 0.96 else "2"
            level = "8" if kind != "newborn" else pick("123") if critical else pick("0001")
            row += str(days), main, level, treatment
            codes = self._diagnoses(pattern, primary)
            procedures = self.choose(pick(pattern.procedures))[: self.procedures] if episode == operated else []
            row += codes + [""] * (self.diagnoses - len(codes)) + procedures + [""] * (self.procedures - len(procedures))
            left, rehabilitation, palliative = days - critical, 0, 0
            if left and any(code[:2] == "U5" for code in procedures):
                rehabilitation = 1 + int(left * chance())
            elif left and "Z515" in codes and chance() < 0.4:
                palliative = 1 + int(left * chance())
            row += str(critical), str(rehabilitation), str(palliative), ""
            rows.append(row)
            before = end
        return pattern.name, rows

    def _stay(self, pattern: Pattern, least: int) -> tuple[int, int]:
        """Draw days of the spell (with a long tail) and its number of episodes."""
        chance, episodes = self.chance, least
        days, mean, high = pattern.stay
        if mean > days:
            more = int(-math.log(1 - chance()) / math.log(1 + 1 / (mean - days)))
            days = min(days + more * (3 if chance() < 0.03 else 1), high)
        if pattern.kind not in CLASSES:
            if chance() < next(share for most, share in EPISODES_BY_STAY if days <= most):
                episodes = 2
            while 1 < episodes < MAX_EPISODES and chance() < FURTHER_EPISODE[days > 28]:
                episodes += 1
        return days, episodes

    def _diagnoses(self, pattern: Pattern, primary: str) -> list[str]:
        """Draw the primary diagnosis, the codes that always follow and some of the pool, each once."""
        chance, pool = self.chance, pattern.pool
        codes = dict.fromkeys([primary, *self.choose(pattern.following)])
        for _ in range(int((chance() + chance()) * (pattern.secondaries + 0.7))):
            codes[pool[int(chance() * len(pool))]] = None
        return list(codes)[: self.diagnoses]


class Kind(NamedTuple):
    """A kind of fault: its share, the columns with the values to put there, what becomes of the spell, and the spell it needs.

    ``outcome``: ``fails`` (at least one record), ``reported`` (a message only), ``accepted`` (untidy) or ``design`` (depends on
    its tables). With several ``episodes`` the last one gets a value that the first has not.
    """

    weight: int
    outcome: str = "fails"
    values: dict[int, str] | None = None
    adult: bool = False
    episodes: int = 1


_BLANK = dict.fromkeys([ORDER, AGE, SEX, CLASSPAT, ADMISORC, ADMIMETH, DISDEST, DISMETH, EPIDUR, MAINSPEF, TRETSPEF], "")
_WRONG = {
    ORDER: "A", AGE: "131 -1 4O", SEX: "3 F", CLASSPAT: "10 6", ADMISORC: "11 26", ADMIMETH: "14 2Z", DISDEST: "26 18",
    DISMETH: "6 7", EPIDUR: "-1 3.5 100000", MAINSPEF: "500 999", TRETSPEF: "999 10A",
}  # fmt: skip
PROCEDURES = {"unknown_procedure": ["C992", "A999", "H999 L001", "123"], "vague_procedure": ["A579"]}
PROCEDURES["procedures_cannot_lead"] = ["Y981 Z926", "Z942", "Y809 Z921", "Y534", "Z274 Y842"]
# PROCODET and PROVSPNO are never damaged: that would mix spells which have nothing to do with each other.
FAULTS = {
    "blank_field": Kind(10, "fails", _BLANK),
    "blank_primary": Kind(10, "fails", {DIAG: ""}),
    "wrong_field": Kind(12, "fails", _WRONG),
    "wrong_optional": Kind(4, "reported", {NEOCARE: "7 X", -4: "-2", -3: "two", -2: "1.5"}),
    "not_primary": Kind(12, "fails", {DIAG: "Z740 Z740 Z501 Z509 Z370 B962 Y95X W190"}),
    "vague_primary": Kind(8, "fails", {DIAG: "T140 T140 R69X T07X T149 T009"}),
    "unknown_primary": Kind(8, "fails", {DIAG: "N180 I48X A09X K359 XXXX 12345"}),
    "child_primary": Kind(6, "fails", {DIAG: "P599 P073 Z380 P220 P704"}, adult=True),
    "wrong_site": Kind(3, "fails", {DIAG: "M7217 M7968 M4031"}),
    "burn_without_area": Kind(3),
    "unknown_secondary": Kind(10, "reported", {DIAG + 2: "I48X L89X H547 I84X Q"}),
    "unknown_procedure": Kind(6, "reported"),
    "procedures_cannot_lead": Kind(8),
    "vague_procedure": Kind(3, "design"),
    "spell_sex": Kind(6, "fails", {SEX: "1 2"}, True, 2),
    "spell_classpat": Kind(4, "fails", {CLASSPAT: "1 2 5"}, True, 2),
    "spell_admisorc": Kind(4, "fails", {ADMISORC: "19 29 51 65"}, True, 2),
    "spell_admimeth": Kind(6, "fails", {ADMIMETH: "11 13 21 22 28"}, True, 2),
    "age_jump": Kind(6, adult=True, episodes=2),
    "duplicate_episode": Kind(6, adult=True, episodes=2),
    "episode_98_99": Kind(5, "fails", {ORDER: "98 99"}),
    "missing_filler": Kind(8, "accepted"),
    "dots": Kind(8, "accepted"),
    "untidy_cells": Kind(4, "accepted"),
    "gap_in_codes": Kind(4, "accepted"),
}


def damage(gen: Generator, rows: Rows, fault: str) -> None:
    """Seed a fault into the rows of a spell."""
    kind, row, last, oper = FAULTS[fault], gen.pick(rows), rows[-1], gen.oper
    if kind.values:
        column, text = gen.pick(list(kind.values.items()))
        values = text.split() or [""]
        if kind.episodes > 1:
            last[column] = gen.pick([value for value in values if value != rows[0][column]])
        else:
            row[column] = gen.pick(values)
    elif fault in PROCEDURES:
        codes = gen.pick(PROCEDURES[fault]).split()
        row[oper : gen.days] = codes + [""] * (gen.procedures - len(codes))
    elif fault == "burn_without_area":
        row[DIAG:oper] = [gen.pick(["T212", "T232", "T242"]), "X100", *[""] * (gen.diagnoses - 2)]
    elif fault == "age_jump":
        last[AGE] = str(int(last[AGE]) + 5 + int(gen.chance() * 12))
    elif fault == "duplicate_episode":
        last[ORDER] = rows[-2][ORDER]
    elif fault == "gap_in_codes":
        row[DIAG + 1 : oper] = ["", *row[DIAG + 1 : oper - 1]]
    elif fault == "missing_filler":
        if "I10X" not in row[DIAG:oper]:
            row[DIAG + 2] = "I10X"
        row[DIAG:oper] = [code[:3] if code[3:] == "X" else code for code in row[DIAG:oper]]
    elif fault == "dots":
        row[DIAG : gen.days] = [f"{code[:3]}.{code[3:]}" if code else "" for code in row[DIAG : gen.days]]
    else:  # untidy_cells
        row[SEX], row[CLASSPAT], row[EPIDUR] = "0" + row[SEX], " " + row[CLASSPAT], "00" + row[EPIDUR]
        row[DIAG], row[oper] = row[DIAG].lower() + " ", row[oper].lower()


def columns(diagnoses: int = 14, procedures: int = 12) -> list[str]:
    """Return the header: the default record definition and ``dummy_field``."""
    codes = [f"DIAG_{n:02d}" for n in range(1, diagnoses + 1)] + [f"OPER_{n:02d}" for n in range(1, procedures + 1)]
    return [*FIXED.split(","), *codes, *DAYS, "dummy_field"]


def generate_rows(
    spells: int, seed: int, faults: float, diagnoses: int = 14, procedures: int = 12, counts: Counter[str] | None = None
) -> Iterator[list[str]]:
    """Yield the rows of so many spells, shuffled within blocks; ``faults`` is the share of the spells with a seeded fault.

    ``counts`` receives the number of spells of each kind of fault.
    """
    if min(diagnoses, procedures + 1) < 3:
        raise ValueError("at least three columns of diagnoses and two of procedures")
    gen, counts = Generator(seed, diagnoses, procedures), Counter() if counts is None else counts
    kinds = [name for name, kind in FAULTS.items() for _ in range(kind.weight)]
    first = list(FAULTS)  # each kind once before the weights count, so that a small file shows all
    gen.rng.shuffle(first)
    block: Rows = []
    for number in range(1, spells + 1):
        fault = "" if gen.chance() >= faults else first.pop() if first else gen.pick(kinds)
        kind = FAULTS.get(fault, Kind(0))
        name, rows = gen.spell(number, kind.adult, kind.episodes)
        if fault:
            damage(gen, rows, fault)
            counts[fault] += 1
            name += "+" + fault
        for row in rows:
            row[-1] = name
        block += rows
        if number % BLOCK == 0 or number == spells:
            gen.rng.shuffle(block)
            yield from block
            block = []
