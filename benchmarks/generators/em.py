"""Emergency medicine: attendances at emergency departments, walk-in centres and minor injury units.

``em_mix.csv`` has one row a presentation: its weight, ages, patient groups, and the sequences of investigations and of
treatments (the language is that of ``common.py``). Nothing is drawn HRG by HRG: the weights are those of presentations.
"""

from __future__ import annotations

from typing import ClassVar

from generators.common import Fault, Layout, Records, Row, alternatives, numbers, read_mix, weighted

LAYOUT = Layout("AGE AEPATIENTGROUP INV*12 TREAT*12")
INV, TREAT = LAYOUT.cells["INV"], LAYOUT.cells["TREAT"]


class Presentation:
    """One row of the mix, its weighted lists written out."""

    def __init__(self, row: dict[str, str]) -> None:
        self.name, self.weight = row["pattern"], int(row["weight"])
        self.ages, self.groups = numbers(row["ages"]), weighted(row["groups"])
        self.investigations, self.treatments = alternatives(row["investigations"]), alternatives(row["treatments"])


def _with_zero(row: Row) -> list[int]:
    """Positions of the codes that are not a code without their zero."""
    return [n for n in (*INV, *TREAT) if row[n].startswith("0") and len(row[n]) == 2]


def _lose_zero(gen: Records, row: Row) -> None:
    position = gen.pick(_with_zero(row))
    row[position] = row[position].lstrip("0")


def _leave_gap(_: Records, row: Row) -> None:
    row[INV.start : INV.stop] = ["", *row[INV.start : INV.stop - 1]]
    row[TREAT.start : TREAT.stop] = ["", *row[TREAT.start : TREAT.stop - 1]]


def _repeat(gen: Records, row: Row) -> None:
    row[gen.LAYOUT.free(row, "TREAT")] = row[TREAT.start]
    row[gen.LAYOUT.free(row, "INV")] = row[INV.start]


def _untidy(_: Records, row: Row) -> None:
    row[0], row[1], row[TREAT.start] = "0" + row[0], row[1] + " ", " " + row[TREAT.start]


def _treated(row: Row) -> bool:
    return row[TREAT.start] != ""


class Attendances(Records):
    """Draws attendances."""

    LAYOUT = LAYOUT
    FAULTS: ClassVar[dict[str, Fault]] = {
        "blank_age": Fault(10, "fails", {"AGE": ""}),
        "wrong_age": Fault(10, "fails", {"AGE": "131 -1 4O 30.5 1984"}),
        "wrong_group": Fault(8, "reported", {"AEPATIENTGROUP": "8 15 90 7O RTA"}),
        "unknown_investigation": Fault(10, "reported", {"INV": "25 98 0A XR 100"}),
        "unknown_treatment": Fault(10, "reported", {"TREAT": "26 58 98 0B 1000"}),
        "retired_code": Fault(6, "design", {"INV": "09", "TREAT": "07"}),
        "local_investigation": Fault(6, "reported", {"INV": "011 123 021 101"}),
        "unknown_sub_analysis": Fault(6, "reported", {"TREAT": "019 121 053 237 309"}),
        "lost_zero": Fault(12, "reported", edit=_lose_zero, needs=lambda row: bool(_with_zero(row))),
        "sub_analysis_lost_zero": Fault(6, "accepted", {"TREAT": "11 12 31 32 33 41 42 43 51 52"}),
        "snomed_code": Fault(6, "reported", {"INV": "168537006 29303009", "TREAT": "413334001 266712008"}),
        "gap_in_codes": Fault(8, "accepted", edit=_leave_gap, needs=_treated),
        "repeated_code": Fault(6, "accepted", edit=_repeat, needs=_treated),
        "untidy_cells": Fault(6, "accepted", edit=_untidy, needs=_treated),
    }

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        presentations = [Presentation(row) for row in read_mix("em_mix.csv")]
        self.presentations = [p for p in presentations for _ in range(p.weight)]

    def case(self, number: int, most: int) -> tuple[str, list[Row]]:
        """Return an attendance."""
        pick, row = self.pick, self.blank()
        presentation = pick(self.presentations)
        row[0], row[1] = str(self.number(*presentation.ages)), pick(presentation.groups)
        self.fill(row, "INV", self.choose(pick(presentation.investigations)))
        self.fill(row, "TREAT", self.choose(pick(presentation.treatments)))
        return presentation.name, [row]
