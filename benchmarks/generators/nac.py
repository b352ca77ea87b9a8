"""Non-admitted consultations: outpatient and ward attendances.

``nac_mix.csv`` has one row a clinic or outpatient procedure (the language is that of ``common.py``): its weight, ages,
female in percent, specialties (main specialty, ``/``, treatment function if it differs), first attendance codes (blank for
the usual mix) and procedures in coding order. About 85 % of the attendances have no procedure but a marker of the team.
"""

from __future__ import annotations

from typing import ClassVar

from generators.common import Fault, Layout, Records, Row, alternatives, numbers, read_mix, weighted

LAYOUT = Layout("STARTAGE SEX MAINSPEF TRETSPEF FIRSTATT OPER*12")
OPER = LAYOUT.cells["OPER"]
ATTENDANCES = "1*26 2*52 3*7 4*15"


class Clinic:
    """One row of the mix, its weighted lists written out."""

    def __init__(self, row: dict[str, str]) -> None:
        self.name, self.weight = row["pattern"], int(row["weight"])
        self.ages, self.female = numbers(row["ages"]), float(row["female"]) / 100
        pairs = [term.partition("/") for term in weighted(row["specialty"])]
        self.specialties = [(main, treatment or main) for main, _, treatment in pairs]
        self.attendances = weighted(row["attendances"] or ATTENDANCES)
        self.procedures = alternatives(row["procedures"])


def _only(outcome: str, *choices: str) -> Fault:
    def edit(gen: Records, row: Row) -> None:
        row[OPER.start : OPER.stop] = [""] * len(OPER)
        gen.fill(row, "OPER", gen.pick(choices).split())

    return Fault(8, outcome, edit=edit)


def _dots(_: Records, row: Row) -> None:
    for n in OPER:
        row[n] = f"{row[n][:3]}.{row[n][3:]}" if row[n] else ""


def _leave_gap(_: Records, row: Row) -> None:
    row[OPER.start : OPER.stop] = ["", *row[OPER.start : OPER.stop - 1]]


def _untidy(_: Records, row: Row) -> None:
    row[0], row[1], row[4] = "0" + row[0], "0" + row[1], " " + row[4]
    row[OPER.start] = row[OPER.start].lower() + " "


def _procedure(row: Row) -> bool:
    return row[OPER.start] != ""


class Attendances(Records):
    """Draws attendances."""

    LAYOUT = LAYOUT
    FAULTS: ClassVar[dict[str, Fault]] = {
        "blank_field": Fault(12, "fails", dict.fromkeys(LAYOUT.columns[:5], "")),
        "wrong_field": Fault(
            14, "fails", {"STARTAGE": "131 -1 4O", "SEX": "3 F", "MAINSPEF": "500 998 10A", "TRETSPEF": "998 10A 1"}
        ),
        "wrong_attendance": Fault(8, "fails", {"FIRSTATT": "0 6 9 A 12"}),
        "unknown_procedure": Fault(10, "reported", {"OPER": "C992 A999 H999 123 Q55"}),
        "only_modifiers": _only("fails", "Y981 Z926", "Z942", "Y809 Z921", "Y534", "Z274 Y842"),
        "vague_procedure": _only("design", "A579"),
        "vague_unbundled": _only("design", "U219 Y981", "U059 Y973 Y981", "S069 U089 Y981"),
        "dots": Fault(8, "accepted", edit=_dots, needs=_procedure),
        "gap_in_codes": Fault(8, "accepted", edit=_leave_gap, needs=_procedure),
        "untidy_cells": Fault(6, "accepted", edit=_untidy),
    }

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        clinics = [Clinic(row) for row in read_mix("nac_mix.csv")]
        self.clinics = [c for c in clinics for _ in range(c.weight)]

    def case(self, number: int, most: int) -> tuple[str, list[Row]]:
        """Return an attendance."""
        clinic, row = self.pick(self.clinics), self.blank()
        row[0], row[1] = str(self.number(*clinic.ages)), "2" if self.chance() < clinic.female else "1"
        row[2], row[3] = self.pick(clinic.specialties)
        row[4] = self.pick(clinic.attendances)
        self.fill(row, "OPER", self.choose(self.pick(clinic.procedures)))
        return clinic.name, [row]
