"""Adult critical care: periods on a unit.

``acc_mix.csv`` has one row a kind of patient: its weight, unit functions, stay in days, and organ support: ``BRSD:48:60``
means 48 % have it, for about 60 % of the days. Days of support, levels of care and dates agree with each other.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from generators.common import DATES, YEAR, Fault, Layout, Records, Row, numbers, read_mix, weighted

LAYOUT = Layout("CCUF BCSD ACSD BRSD ARSD RSD NSD DSD LSD CCL2D CCL3D CC_Start_Date CC_Discharge_Date")
BCSD, ACSD, BRSD, ARSD, RSD, NSD, DSD, LSD, LEVEL_2, LEVEL_3, START, END = range(1, 13)
SEVERE = 0.35  # share of the patients who stay longer and have more organs supported
WATCHED = 0.7  # share of those without support who have basic cardiovascular support after all: an arterial line
PAIRS = {BCSD: ACSD, BRSD: ARSD}  # basic support is not counted on the days of advanced support


class Patient:
    """One row of the mix."""

    def __init__(self, row: dict[str, str]) -> None:
        self.name, self.weight = row["pattern"], int(row["weight"])
        self.units, self.stay = weighted(row["units"]), numbers(row["stay"])
        support = [term.split(":") for term in row["support"].split()]
        self.support = [(LAYOUT.at[name], int(share) / 100, int(part) / 100) for name, share, part in support]


def _swap_dates(_: Records, row: Row) -> None:
    if row[START] == row[END]:
        row[START] = DATES[DATES.index(row[END]) + 3]
    else:
        row[START], row[END] = row[END], row[START]


def _more(column: int, days: int) -> Any:
    def edit(_: Records, row: Row) -> None:
        row[column] = str(int(row[column] or 0) + days)

    return edit


def _lose_zero(_: Records, row: Row) -> None:
    row[0] = row[0].lstrip("0")


def _untidy(_: Records, row: Row) -> None:
    row[0], row[BCSD], row[LEVEL_2] = row[0] + " ", "00" + row[BCSD], " " + row[LEVEL_2]


def _blank_dates(_: Records, row: Row) -> None:
    row[START] = row[END] = ""


class Periods(Records):
    """Draws periods of adult critical care."""

    LAYOUT = LAYOUT
    FAULTS: ClassVar[dict[str, Fault]] = {
        "blank_unit": Fault(10, "fails", {"CCUF": ""}),
        "wrong_unit": Fault(10, "fails", {"CCUF": "00 20 93 1A 123"}),
        "unit_for_children": Fault(10, "fails", {"CCUF": "04 13 14 16 17 92"}),
        "wrong_days": Fault(10, "reported", {"BCSD": "-1 two", "ARSD": "2.5", "RSD": "100000", "LSD": "x", "CCL3D": "-2"}),
        "wrong_date": Fault(
            10, "warned", {"CC_Start_Date": "20241301 20230229 2024-05-01 010524", "CC_Discharge_Date": "20250431 0 20241"}
        ),
        "blank_date": Fault(8, "warned", {"CC_Start_Date": "", "CC_Discharge_Date": ""}),
        "blank_dates": Fault(4, "warned", edit=_blank_dates),
        "discharge_before_start": Fault(10, "warned", edit=_swap_dates),
        "levels_above_days": Fault(8, "warned", edit=_more(LEVEL_2, 9)),
        "respiratory_above_levels": Fault(8, "warned", edit=_more(ARSD, 70)),
        "lost_zero": Fault(6, "accepted", edit=_lose_zero, needs=lambda row: row[0][:1] == "0"),
        "untidy_cells": Fault(6, "accepted", edit=_untidy),
    }

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        patients = [Patient(row) for row in read_mix("acc_mix.csv")]
        self.patients = [p for p in patients for _ in range(p.weight)]

    def case(self, number: int, most: int) -> tuple[str, list[Row]]:
        """Return a period."""
        patient, row, severe = self.pick(self.patients), self.blank(), self.chance() < SEVERE
        days, start = self._stay(patient, severe), int(self.chance() * YEAR[1])
        row[0], row[START], row[END] = self.pick(patient.units), DATES[start], DATES[start + days - 1]
        row[BCSD:START] = [str(n) for n in self._support(patient, days, severe)]
        return patient.name, [row]

    def _stay(self, patient: Patient, severe: bool) -> int:
        low, high, mean = patient.stay
        more = -math.log(1 - self.chance()) * (mean - low + 0.5) * (1.6 if severe else 0.8)
        return int(min(low + more, high))

    def _support(self, patient: Patient, days: int, severe: bool) -> list[int]:
        """Draw the days of each kind of support, and of the two levels of care."""
        chance, support, power = self.chance, [0] * (END - 1), 0.5 if severe else 2
        for organ, share, part in patient.support:
            if chance() < share**power:
                support[organ] = min(days, math.ceil(days * part * (0.5 + chance())))
        if not any(support) and chance() < WATCHED:
            support[BCSD] = math.ceil(days * (0.4 + chance() * 0.6))
        for basic, advanced in PAIRS.items():
            support[basic] = min(support[basic], days - support[advanced])
        organs = (support[BCSD] + support[ACSD], support[BRSD] + support[ARSD], *support[RSD:LEVEL_2])
        two_organs = sorted(organs)[-2]
        support[LEVEL_3] = max(support[ARSD], two_organs - int(chance() * 2), 0)
        ready = 1 if days > 1 and chance() < 0.4 else 0  # a last day that needs less
        support[LEVEL_2] = max(days - support[LEVEL_3] - ready, organs[1] - support[LEVEL_3], 0)
        return support[BCSD:START]
