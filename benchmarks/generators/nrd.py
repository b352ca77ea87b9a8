"""Renal dialysis: sessions of haemodialysis and days of peritoneal dialysis.

``nrd_mix.csv`` has one row a kind of dialysis (the language is that of ``common.py``): its weight, ages, modality, site
of supervision, access (``-`` is blank), and the percentage with a virus.
"""

from __future__ import annotations

from typing import ClassVar

from generators.common import Fault, Layout, Records, Row, numbers, read_mix, weighted

LAYOUT = Layout("RENALMOD RENALSITE RENALACCESS HBV HCV HIV AGE")
MODALITY, SITE, ACCESS, HBV, HCV, HIV, AGE = range(7)
VIRUSES = (HBV,) * 4 + (HCV,) * 5 + (HIV,) * 2
RESULTS = [result.replace("-", "") for result in weighted("NEG*18 UNK -")]


class Dialysis:
    """One row of the mix, its weighted lists written out."""

    def __init__(self, row: dict[str, str]) -> None:
        self.name, self.weight = row["pattern"], int(row["weight"])
        self.ages, self.positive = numbers(row["ages"]), float(row["positive"]) / 100
        self.modality, self.site = weighted(row["modality"]), weighted(row["site"])
        self.access = [code.replace("-", "") for code in weighted(row["access"])]


def _haemodialysis(row: Row) -> bool:
    return row[MODALITY][:1] == "0"


def _lose_zero(gen: Records, row: Row) -> None:
    column = gen.pick((MODALITY, SITE, ACCESS) if _haemodialysis(row) else (SITE,))
    row[column] = row[column].lstrip("0")


def _untidy(_: Records, row: Row) -> None:
    row[MODALITY], row[HBV], row[AGE] = row[MODALITY] + " ", " " + row[HBV], "0" + row[AGE]


class Sessions(Records):
    """Draws sessions."""

    LAYOUT = LAYOUT
    FAULTS: ClassVar[dict[str, Fault]] = {
        "blank_field": Fault(12, "fails", {"RENALMOD": "", "RENALSITE": "", "AGE": ""}),
        "wrong_field": Fault(12, "fails", {"RENALMOD": "06 99 0A HD", "RENALSITE": "04 00 H", "AGE": "131 -1 6O"}),
        "lost_zero": Fault(14, "fails", edit=_lose_zero),
        "missing_access": Fault(12, "fails", {"RENALACCESS": ""}, needs=_haemodialysis),
        "access_for_peritoneal": Fault(8, "fails", {"RENALACCESS": "06"}, needs=_haemodialysis),
        "wrong_access": Fault(8, "fails", {"RENALACCESS": "08 00 AVF"}, needs=_haemodialysis),
        "not_dialysis": Fault(8, "fails", {"RENALMOD": "20 29 80 90"}),
        "wrong_virus": Fault(10, "reported", {"HBV": "Y N POSITIVE", "HCV": "1 +", "HIV": "unk pos"}),
        "untidy_cells": Fault(6, "accepted", edit=_untidy),
    }

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        kinds = [Dialysis(row) for row in read_mix("nrd_mix.csv")]
        self.dialysis = [kind for kind in kinds for _ in range(kind.weight)]

    def case(self, number: int, most: int) -> tuple[str, list[Row]]:
        """Return a session."""
        pick, kind, row = self.pick, self.pick(self.dialysis), self.blank()
        row[MODALITY], row[SITE], row[ACCESS] = pick(kind.modality), pick(kind.site), pick(kind.access)
        row[HBV:AGE] = [result] * 3 if (result := pick(RESULTS)) != "NEG" else ["NEG", "NEG", pick(RESULTS)]
        if self.chance() < kind.positive:
            row[pick(VIRUSES)] = "POS"
        row[AGE] = str(self.number(*kind.ages))
        return kind.name, [row]
