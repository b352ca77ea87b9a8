"""Paediatric critical care: days on a unit or, with a listed activity, on a ward.

``pcc_mix.csv`` has states and stays (see ``stays.py``; the language is that of ``common.py``); a stay has besides its
sequences of diagnoses and of high-cost drugs.
"""

from __future__ import annotations

from typing import ClassVar

from generators.common import Fault, Layout, Records, Row, alternatives
from generators.stays import Stay, Stays

LAYOUT = Layout("PROCODET CCLocalID CCDate DISDATE DISMETH CCUF CCAC*20 OPER*20 DIAG*14")
DATE, DISDATE, DISMETH, UNIT = range(2, 6)
ACTIVITY, DRUG, DIAGNOSIS = LAYOUT.cells["CCAC"], LAYOUT.cells["OPER"], LAYOUT.cells["DIAG"]
BAD_DATES = "20241301 20250229 2024-05-01 010524 2024051"


def _lose_zero(_: Records, row: Row) -> None:
    row[UNIT] = row[UNIT].lstrip("0")
    for n in ACTIVITY:
        row[n] = row[n].lstrip("0")


def _no_activity(_: Records, row: Row) -> None:
    row[ACTIVITY.start : ACTIVITY.stop] = [""] * len(ACTIVITY)


def _dots(_: Records, row: Row) -> None:
    for n in (*DRUG, *DIAGNOSIS):
        row[n] = f"{row[n][:3]}.{row[n][3:]}" if row[n] else ""


def _leave_gap(_: Records, row: Row) -> None:
    for cells in (ACTIVITY, DIAGNOSIS):
        row[cells.start : cells.stop] = ["", *row[cells.start : cells.stop - 1]]


def _untidy(_: Records, row: Row) -> None:
    row[1], row[UNIT], row[ACTIVITY.start] = row[1] + " ", " " + row[UNIT], row[ACTIVITY.start] + " "


class Days(Stays):
    """Draws stays of children, one record a day and unit."""

    LAYOUT = LAYOUT
    MIX = "pcc_mix.csv"
    FAULTS: ClassVar[dict[str, Fault]] = {
        "blank_field": Fault(12, "fails", {"CCDate": "", "DISDATE": "", "DISMETH": "", "CCUF": ""}),
        "wrong_field": Fault(12, "fails", {"DISMETH": "6 7 A", "CCUF": "00 20 93 1A 123"}),
        "wrong_date": Fault(12, "fails", {"CCDate": BAD_DATES, "DISDATE": BAD_DATES}),
        "unit_for_adults": Fault(8, "design", {"CCUF": "01 05 06 13"}),
        "unknown_activity": Fault(10, "reported", {"CCAC": "00 17 30 49 54 7A 100"}),
        "no_activity": Fault(6, "accepted", edit=_no_activity),
        "unknown_procedure": Fault(8, "reported", {"OPER": "C992 A999 123 X8"}),
        "unknown_diagnosis": Fault(10, "reported", {"DIAG": "N180 I48X A09X XXXX 12345 Q"}),
        "discharge_before_day": Fault(6, "accepted", {"DISDATE": "20230930 20240101"}),
        "blank_key": Fault(4, "accepted", {"PROCODET": "", "CCLocalID": ""}),
        "lost_zero": Fault(8, "accepted", edit=_lose_zero, needs=lambda row: any(row[n][:1] == "0" for n in (UNIT, *ACTIVITY))),
        "dots": Fault(6, "accepted", edit=_dots),
        "gap_in_codes": Fault(6, "accepted", edit=_leave_gap),
        "untidy_cells": Fault(6, "accepted", edit=_untidy),
    }

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        stays = dict.fromkeys(self.stays)
        self.codes = {stay.name: (alternatives(stay.row["diagnoses"]), alternatives(stay.row["drugs"])) for stay in stays}

    def complete(self, stay: Stay, rows: list[tuple[Row, int, str]], ends: tuple[str, str]) -> None:
        """Fill in discharge, unit, diagnoses and drugs."""
        diagnoses, drugs = (self.choose(self.pick(sequences)) for sequences in self.codes[stay.name])
        for row, _, unit in rows:
            row[DISDATE], row[DISMETH], row[UNIT] = *ends, unit
            self.fill(row, "DIAG", diagnoses)
            self.fill(row, "OPER", drugs)
