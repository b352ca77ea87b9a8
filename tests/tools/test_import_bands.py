"""Bands and codes as people write them."""

from __future__ import annotations

import pytest

from hrgcore._core.codes import CodeSet
from hrgcore.authoring.importing.bands import ANY, OPEN, Bands, band_of, misfit, phrase_of, phrases_of, stretched, text_of
from hrgcore.authoring.importing.codes import Codes, Found, grouped
from hrgcore.authoring.importing.kinds import KINDS, columns_of, plain
from hrgcore.authoring.importing.package import manifest_text
from hrgcore.design.manifest import Manifest, Source


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("", ANY), ("Any", ANY), ("-", ANY), ("19+", (19, OPEN)), ("0-4", (0, 4)), ("5", (5, 5)),
        ("2 – 18 years", (2, 18)),
        ("19 years and over", (19, OPEN)), ("18 and under", (0, 18)), ("1 year and under", (0, 1)),
        (">= 2 days", (2, OPEN)),
        (">18", (19, OPEN)), ("<19", (0, 18)), ("≤ 4", (0, 4)), ("between 2 and 18 years", (2, 18)),
        ("2 days or more", (2, OPEN)),
        ("0 days", (0, 0)), ("over 65", (66, OPEN)), ("under 1", (0, 0)),
        ("under 0", None), ("9-2", None), ("many", None),
        ("19+ or 3", None), ("٣", None), ("999999999999", None),
    ],
)  # fmt: skip
def test_band_of_a_cell(text: str, band: tuple[int, int] | None) -> None:
    assert band_of(text) == band


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("with CC Score 8+", ("cc", (8, OPEN))), ("CC Score 5-7", ("cc", (5, 7))), ("with CC Score 0", ("cc", (0, 0))),
        ("without Interventions", ("interventions", (0, 0))), ("with Single Intervention", ("interventions", (1, 1))),
        ("with Multiple Interventions", ("interventions", (2, OPEN))), ("with interventions 2+", ("interventions", (2, OPEN))),
        ("with Interventions", ("interventions", (1, OPEN))), ("19 years and over", ("age", (19, OPEN))),
        ("between 2 and 18 years", ("age", (2, 18))), ("1 year and under", ("age", (0, 1))),
        ("with length of stay 2 days or more", ("stay", (2, OPEN))), ("0 days", ("stay", (0, 0))),
        ("Same Day", ("stay", (0, 0))),
        ("with Intervention Score 2+", None), ("with Severity Score 3", None), ("Mouth", None),
        ("Band 4", None), ("Stage 3", None),
    ],
)  # fmt: skip
def test_phrase_of_a_label(text: str, phrase: tuple[str, tuple[int, int]] | None) -> None:
    assert phrase_of(text) == phrase


def test_phrases_of_a_text_are_all_understood_or_none() -> None:
    assert phrases_of("19 years and over, with CC Score 2+") == {"age": (19, OPEN), "cc": (2, OPEN)}
    assert phrases_of("19 years and over, on a Tuesday") is None
    assert phrases_of("19 years and over, 18 years and under") is None


def rows(*ages: tuple[int, int]) -> list[Bands]:
    return [(age, ANY, ANY, ANY) for age in ages]


def test_bands_of_a_root_fit_or_not() -> None:
    assert misfit(rows((0, 18), (19, OPEN))) == ""
    assert misfit(rows((0, 17), (19, OPEN))) == "no row takes age 18, stay 0, interventions 0, cc 0"
    assert misfit(rows((0, 19), (19, OPEN))) == "2 rows take age 19, stay 0, interventions 0, cc 0"
    assert misfit(rows(*((number, number) for number in range(300_000)))) == "too many bands to be checked"
    assert stretched(rows((2, 18), (19, 90))) == rows((0, 18), (19, OPEN))
    assert [text_of(band) for band in (ANY, (3, OPEN), (0, 0), (2, 4))] == ["", "3+", "0", "2-4"]


CODES = Codes("icd10", CodeSet(["A000", "A001", "A010", "A02X", "M5490", "M5491"], True))


@pytest.mark.parametrize(
    ("text", "codes", "how"),
    [
        ("A000", ("A000",), ""),
        ("a00.0", ("A000",), "code with dots, marks or small letters"),
        ("A02", ("A02X",), "code without its filler"),
        ("A00", ("A000", "A001"), "category"),
        ("A00.-", ("A000", "A001"), "category"),
        ("M54.9", ("M5490", "M5491"), "code for its subdivisions"),
        ("A00 to A01", ("A000", "A001", "A010"), "range of codes"),
        ("A00.0–A00.1", ("A000", "A001"), "range of codes"),
        ("A000; A010", ("A000", "A010"), "several codes in a cell"),
    ],
)
def test_codes_of_a_cell(text: str, codes: tuple[str, ...], how: str) -> None:
    found = CODES.read(text)
    assert (tuple(found.codes), found.how, found.new) == (codes, how, False)


def test_codes_that_are_new_and_texts_that_are_none() -> None:
    assert CODES.read("B99.1") == Found(("B991",), new=True, how="code with dots, marks or small letters")
    assert CODES.read("B99").codes == ("B99X",) and CODES.read("B99").new
    for text in ("", "-", "x", "Z00-A00", "5", "1-2", "A000 and more", "A0000000000", "B9"):
        assert CODES.read(text).codes in ((), []), text


def test_codes_of_the_same_cells_stand_in_a_row() -> None:
    ordered = ["A000", "A001", "A010", "A02X"]
    assert list(grouped({"A010": ("x",), "A000": ("y",), "A02X": ("x",), "A001": ("x",)}, ordered)) == [
        ("A000", "y"),
        ("A001-A02X", "x"),
    ]
    assert list(grouped({"A010": ("x",), "A000": ("x",)}, ordered)) == [("A000 A010", "x")]


def test_heads_without_case_years_and_editions() -> None:
    assert plain("OPCS-4.10 Code") == "opcs4 code" and plain("ICD 10\n5th Edition Code") == "icd10 code"
    assert plain("HRG Root 2024/25") == "hrg root" and plain("  HRG_Label -  Including Split ") == "hrg label including split"


def test_every_head_finds_its_column() -> None:
    """No head is written otherwise than `plain` leaves it, or it could never be found."""
    for kind in KINDS.values():
        for column, names in kind.columns.items():
            for name in names.split("|"):
                assert plain(name) == name
                assert columns_of(kind, [name]).get(column) == 0 or name in _shared(kind.columns, column), name


def _shared(columns: dict[str, str], column: str) -> set[str]:
    """Heads that an earlier column of the kind takes too."""
    earlier = list(columns)[: list(columns).index(column)]
    return {name for other in earlier for name in columns[other].split("|")}


def test_texts_of_a_manifest_are_toml_whatever_they_hold() -> None:
    import tomllib

    nasty = 'a"b\\c\n\x7f\x01\U0001f600é [x]'
    source = Source(nasty, nasty, (nasty,), "official")
    manifest = Manifest(
        nasty, nasty, "x", "x", "1", "x", "x", ">=0", "b", {"invalid_hrg": nasty, "age_rise": 1, "e": [98]}, (source,)
    )
    read = tomllib.loads(manifest_text(manifest))
    assert read["label"] == nasty and read["grouping"] == {"invalid_hrg": nasty, "age_rise": 1, "e": [98]}
    assert read["sources"] == [{"title": nasty, "licence": nasty, "tables": [nasty], "grade": "official"}]
