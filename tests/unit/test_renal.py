"""Renal dialysis: modality, site, access, virus and age."""

from __future__ import annotations

import pytest

from hrgcore import DialysisSession

from .data_sets import grouper_of, of_cells, row_behind, told

# The grid of the labels: (modality, site, access, virus) -> root.
GRID = {
    ("01", "01", "01", "NEG"): "LD01", ("01", "01", "03", "NEG"): "LD02", ("01", "01", "01", "POS"): "LD03",
    ("01", "01", "03", "POS"): "LD04", ("01", "03", "01", "NEG"): "LD05", ("01", "03", "03", "NEG"): "LD06",
    ("01", "03", "01", "POS"): "LD07", ("01", "03", "03", "POS"): "LD08", ("01", "02", "01", "NEG"): "LD09",
    ("01", "02", "03", "NEG"): "LD10", ("10", "02", "", ""): "LD11", ("12", "02", "", ""): "LD12", ("16", "02", "", ""): "LD13",
}  # fmt: skip
UZ14 = "UZ14 - Renal (NRD) Error"


def test_the_grid_has_every_root() -> None:
    assert sorted(GRID.values()) == [f"LD{n:02}" for n in range(1, 14)]


@pytest.mark.parametrize(("age", "letter"), [("0", "B"), ("18", "B"), ("19", "A"), ("130", "A")])
@pytest.mark.parametrize("key", GRID)
def test_every_hrg(key: tuple[str, str, str, str], age: str, letter: str) -> None:
    modality, site, access, virus = key
    given = {"RENALMOD": modality, "RENALSITE": site, "RENALACCESS": access, "HBV": virus, "HCV": virus, "HIV": virus}
    result = of_cells("NRD", **given, AGE=age)
    assert (result.hrg, result.messages, result.method) == (f"{GRID[key]}{letter}", (), "")
    record = DialysisSession(int(age), modality, site, access, virus, virus, virus)
    assert grouper_of("NRD").group_record(record).hrg == result.hrg


@pytest.mark.parametrize("virus", ["HBV", "HCV", "HIV"])
def test_one_virus_is_enough(virus: str) -> None:
    others = dict.fromkeys(("HBV", "HCV", "HIV"), "NEG")
    assert of_cells("NRD", **{**others, virus: "POS"}).hrg == "LD03A"
    assert of_cells("NRD", **{**others, virus: "UNK"}).hrg == of_cells("NRD", **others).hrg == "LD01A"
    lower = of_cells("NRD", **{virus: "pos"})
    assert (lower.hrg, told(lower)) == ("LD01A", [(virus, "pos", "Value is invalid")])


@pytest.mark.parametrize("virus", ["NEG", "POS"])
def test_a_virus_makes_no_difference_at_home(virus: str) -> None:
    assert of_cells("NRD", RENALSITE="02", HBV=virus).hrg == "LD09A"
    assert of_cells("NRD", RENALMOD="10", HBV=virus).hrg == "LD11A"


@pytest.mark.parametrize(
    "cells",
    [
        {"RENALACCESS": ""}, {"RENALACCESS": "06"}, {"RENALMOD": "19"}, {"RENALMOD": "20"}, {"RENALMOD": "41"},
        {"RENALACCESS": "", "RENALSITE": "02"}, {"RENALACCESS": "", "RENALSITE": "03", "HIV": "POS"},
    ],
)  # fmt: skip
def test_what_no_label_names_fails(cells: dict[str, str]) -> None:
    result = of_cells("NRD", **cells)
    assert (result.hrg, result.provenance) == ("UZ01Z", "")
    assert told(result) == [("RENALMOD", cells.get("RENALMOD", "01"), UZ14)]
    assert result.messages[0].category == "UZ14"
    assert row_behind(result, "error category UZ14").startswith("NRD,,,UZ14")


def test_access_that_is_not_accepted_counts_as_blank() -> None:
    """So do its lost zeros."""
    for access in ("9", "1", "001"):
        assert told(of_cells("NRD", RENALACCESS=access)) == [
            ("RENALACCESS", access, "Value is invalid"),
            ("RENALMOD", "01", UZ14),
        ]
    assert of_cells("NRD", RENALACCESS="1", RENALMOD="10").hrg == "LD11A"


@pytest.mark.parametrize("field", ["RENALMOD", "RENALSITE"])
def test_leading_zeros_are_significant(field: str) -> None:
    result = of_cells("NRD", **{field: "1"})
    assert (result.hrg, told(result)) == ("UZ01Z", [(field, "1", "Value is invalid")])
    assert of_cells("NRD", **{field: "001"}).hrg == "UZ01Z"
    assert of_cells("NRD", **{field: " 01\t"}).hrg == "LD01A"


def test_three_figures_are_another_modality() -> None:
    assert [of_cells("NRD", RENALMOD=code).hrg for code in ("11", "111", "12", "121")] == ["LD11A", "LD11A", "LD12A", "LD13A"]


@pytest.mark.parametrize("field", ["RENALMOD", "RENALSITE", "AGE"])
def test_required_fields(field: str) -> None:
    assert told(of_cells("NRD", **{field: ""})) == [(field, "", "Mandatory field is blank")]


@pytest.mark.parametrize("age", ["131", "999", "x"])
def test_ages_that_are_not_accepted(age: str) -> None:
    result = of_cells("NRD", AGE=age)
    assert (result.hrg, [message.field for message in result.messages]) == ("UZ01Z", ["AGE"])


def test_explanation_names_the_rows_that_decided() -> None:
    result = of_cells("NRD", RENALMOD="12", AGE="18")
    assert row_behind(result, "root LD12 because RENALMOD in modality_apd") == "NRD,,RENALMOD in modality_apd,LD12,,label"
    assert row_behind(result, "LD12B of root LD12 by age 0-18") == "LD12,LD12B,0-18,,,,,label"
