"""Neonatal critical care: days of babies on neonatal units, transitional care and maternity wards.

``ncc_mix.csv`` has states and stays (see ``stays.py``; the language is that of ``common.py``); a stay has besides the
gestation at birth in weeks and the age in days on its first day. Babies lose some weight at first and grow from then on.
"""

from __future__ import annotations

from typing import ClassVar

from generators.common import Fault, Layout, Records, Row, numbers
from generators.stays import Stay, Stays

LAYOUT = Layout("PROCODET CCLocalID CCDate DISDATE CCUF AGE_DAYS DISMETH GestLen PERWT CCAC*20")
DATE, DISDATE, UNIT, AGE, DISMETH, GESTATION, WEIGHT = range(2, 9)
ACTIVITY = LAYOUT.cells["CCAC"]
BAD_DATES = "20241301 20250229 2024-05-01 010524 2024051"
FIRST_WEEK = 22  # of the usual weights at birth in grams
GRAMS = [480, 560, 650, 760, 880, 1000, 1140, 1290, 1450, 1620, 1810, 2020, 2250, 2480, 2720, 2950, 3150, 3320, 3460, 3570, 3640]
LOSS, REGAINED, GROWTH = 0.07, 11, 1.013  # share lost by day 4, day of birth weight again, growth a day after it


def grown(birth: float, age: int) -> float:
    """Weight at an age in days."""
    if age <= 4:
        return birth * (1 - LOSS * age / 4)
    if age <= REGAINED:
        return birth * (1 - LOSS * (REGAINED - age) / (REGAINED - 4))
    return birth * float(GROWTH ** (age - REGAINED))


def _lose_zero(_: Records, row: Row) -> None:
    for n in ACTIVITY:
        row[n] = row[n].lstrip("0")


def _no_activity(_: Records, row: Row) -> None:
    row[ACTIVITY.start : ACTIVITY.stop] = [""] * len(ACTIVITY)


def _weight(text: str) -> Fault:
    return Fault(6, "fails", {"PERWT": text})


def _leave_gap(_: Records, row: Row) -> None:
    row[ACTIVITY.start : ACTIVITY.stop] = ["", *row[ACTIVITY.start : ACTIVITY.stop - 1]]


def _untidy(_: Records, row: Row) -> None:
    row[1], row[AGE], row[WEIGHT] = row[1] + " ", "0" + row[AGE], " " + row[WEIGHT]


def _short_weight(_: Records, row: Row) -> None:
    row[WEIGHT] = row[WEIGHT][:-1].rstrip("0").rstrip(".")


class Days(Stays):
    """Draws stays of babies, one record a day and unit."""

    LAYOUT = LAYOUT
    MIX = "ncc_mix.csv"
    FAULTS: ClassVar[dict[str, Fault]] = {
        "blank_field": Fault(12, "fails", dict.fromkeys(LAYOUT.columns[DATE : WEIGHT + 1], "")),
        "wrong_field": Fault(12, "fails", {"DISMETH": "6 7 A", "CCUF": "00 20 93 1A", "AGE_DAYS": "-1 1.5 D"}),
        "wrong_date": Fault(10, "fails", {"CCDate": BAD_DATES, "DISDATE": BAD_DATES}),
        "wrong_gestation": Fault(8, "fails", {"GestLen": "5 9 50 27+3 36.5"}),
        "weight_of_zero": _weight("0 0.000"),
        "weight_in_grams": _weight("3250 980"),
        "weight_not_a_number": _weight("3.2500 -1.2 3kg 10.000"),
        "unit_for_others": Fault(10, "fails", {"CCUF": "01 04 05 16 17"}),
        "activity_of_children": Fault(12, "fails", {"CCAC": "50 59 63 70 73"}),
        "unknown_activity": Fault(8, "reported", {"CCAC": "00 17 30 49 54 9A 100"}),
        "no_activity": Fault(8, "design", edit=_no_activity),
        "discharge_before_day": Fault(6, "accepted", {"DISDATE": "20230930 20240101"}),
        "blank_key": Fault(4, "accepted", {"PROCODET": "", "CCLocalID": ""}),
        "lost_zero": Fault(6, "accepted", edit=_lose_zero, needs=lambda row: any(row[n][:1] == "0" for n in ACTIVITY)),
        "fewer_decimals": Fault(6, "accepted", edit=_short_weight),
        "gap_in_codes": Fault(6, "accepted", edit=_leave_gap),
        "untidy_cells": Fault(6, "accepted", edit=_untidy),
    }

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.born = {stay.name: (numbers(stay.row["gestation"]), numbers(stay.row["age"])) for stay in dict.fromkeys(self.stays)}

    def complete(self, stay: Stay, rows: list[tuple[Row, int, str]], ends: tuple[str, str]) -> None:
        """Fill in discharge, unit, age, gestation and weight."""
        gestation, age = (self.number(*band) for band in self.born[stay.name])
        birth = GRAMS[gestation - FIRST_WEEK] * (0.75 + (self.chance() + self.chance()) * 0.25)
        for row, day, unit in rows:
            row[DISDATE], row[DISMETH] = ends
            row[UNIT], row[AGE], row[GESTATION] = unit, str(age + day), str(gestation)
            row[WEIGHT] = f"{grown(birth, age + day) / 1000:.3f}"

    def _days_after(self) -> int:
        return int(self.chance() * 1.3)
