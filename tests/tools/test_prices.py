"""Prices of what was grouped: by HRG and setting, missing ones, excess bed days, single cases and batches alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from unit.data_sets import HRGS, OTHERS, SOUND, grouper_of, of_cells
from unit.tiny import tiny_design

from hrgcore import ArgumentError, Episode, Grouper
from hrgcore._core.typedefs import Value
from hrgcore.design import load_design
from hrgcore.prices import excess_days, price_columns, price_of, priced, setting_of
from hrgcore.results import GroupedBatch


class Book:
    """A made-up book, which keeps what it was asked."""

    name, label, year, kind = "made-up", "Made-up prices", "2000/01", "tariff"
    settings: Mapping[str, str] = {"day": "Day case", "elective": "Elective", "emergency": "Emergency"}
    prices: Mapping[tuple[str, str], float] = {
        ("AA02Z", "elective"): 100.0, ("AA02Z", "emergency"): 150.5, ("AA02Z", "day"): 70.0, ("AA03Z", "elective"): 30.0,
        (HRGS["EM"], "attendance"): 9.75,
    }  # fmt: skip
    trim_points: Mapping[tuple[str, str], int] = {("AA02Z", "elective"): 5, ("AA02Z", "emergency"): 9}

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def setting(self, patient_classification: str, admission_method: str, stay: int) -> str:
        assert stay >= 0
        return "day" if patient_classification == "2" else {"11": "elective", "21": "emergency"}[admission_method]

    def record_setting(self, dataset: str) -> str:
        return "attendance" if dataset == "EM" else ""

    def price(self, hrg: str, setting: str) -> float | None:
        self.asked.append((hrg, setting))
        return self.prices.get((hrg, setting))

    def trim_point(self, hrg: str, setting: str) -> int | None:
        return self.trim_points.get((hrg, setting))


STAY = Episode(age=40, duration=5, diagnoses=["B000"])  # elective, AA02Z; trim point at 5 days
EMERGENCY = replace(STAY, admission_method="21", duration=12)
SPELLS: Sequence[Sequence[Episode]] = [
    [STAY],
    [replace(STAY, duration=6)],
    [EMERGENCY],
    [replace(STAY, patient_classification="2", duration=0)],
    [replace(STAY, duration=4), replace(STAY, duration=3)],
    [replace(STAY, diagnoses=["Z000"])],  # fails: no primary diagnosis
    [replace(EMERGENCY, duration=1, number=2), replace(EMERGENCY, number=1)],
    [replace(STAY, diagnoses=["A000"])],  # AA01B, which the book does not have
]
PRICES = [100.0, 100.0, 150.5, 70.0, 100.0, None, 150.5, None]
EXCESS = [0, 1, 3, -1, 2, -1, 4, -1]


@pytest.fixture(scope="module")
def grouper(tmp_path_factory: pytest.TempPathFactory) -> Grouper:
    return Grouper(load_design(tiny_design(tmp_path_factory.mktemp("designs"))))


@pytest.fixture(scope="module")
def grouped(grouper: Grouper) -> GroupedBatch:
    batch, faults = grouper.encode(SPELLS)
    return grouper.group_batch(batch, faults)


def nullable(prices: np.ndarray) -> list[float | None]:
    return [None if np.isnan(price) else price for price in prices.tolist()]


def test_spells_are_priced_by_hrg_and_setting(grouped: GroupedBatch) -> None:
    assert grouped.spell_hrg == ["AA02Z"] * 5 + ["UZ01Z", "AA02Z", "AA01B"]
    assert nullable(priced(Book(), grouped, "spell")) == PRICES


def test_episodes_are_priced_by_their_own_stay(grouped: GroupedBatch) -> None:
    assert nullable(priced(Book(), grouped, "episode")) == [100.0, 100.0, 150.5, 70.0, 100.0, 100.0, None, 150.5, 150.5, None]
    assert excess_days(Book(), grouped, "episode").tolist() == [0, 1, 3, -1, 0, 0, -1, 3, 0, -1]


def test_days_beyond_the_trim_point_are_excess(grouped: GroupedBatch) -> None:
    """At the trim point there are none, a day later there is one; where the book has no trim point they are not known."""
    assert excess_days(Book(), grouped, "spell").tolist() == EXCESS


def test_settings_are_told(grouped: GroupedBatch) -> None:
    expected = ["elective", "elective", "emergency", "day", "elective", "", "emergency", "elective"]
    assert price_columns(Book(), grouped, "spell")["made_up_setting"].tolist() == expected


def test_all_can_be_priced_in_one_setting(grouped: GroupedBatch) -> None:
    assert nullable(priced(Book(), grouped, "spell", "emergency")) == [150.5] * 5 + [None, 150.5, None]


def test_a_book_is_asked_once_for_each_hrg_and_setting(grouped: GroupedBatch) -> None:
    book = Book()
    priced(book, grouped, "episode")
    assert len(book.asked) == len(set(book.asked)) == 4


@pytest.mark.parametrize("number", range(len(SPELLS)))
def test_single_spells_are_priced_alike(grouper: Grouper, grouped: GroupedBatch, number: int) -> None:
    spell = grouper.group_spell(SPELLS[number])
    assert price_of(Book(), spell) == PRICES[number]
    first = int(np.cumsum([0, *map(len, SPELLS)])[number])
    alone = [price_of(Book(), spell, episode) for episode in spell.episodes]
    assert alone == nullable(priced(Book(), grouped, "episode"))[first : first + len(alone)]


def test_the_setting_follows_from_what_the_design_took(grouper: Grouper) -> None:
    """Cells are cleaned, and what is left out takes the default of the design."""
    untidy = grouper.group_spell([replace(STAY, admission_method=" 21 ", patient_classification=" 1")])
    assert setting_of(Book(), untidy) == "emergency"
    assert setting_of(Book(), grouper.group_spell([STAY])) == "elective"
    failed = grouper.group_spell([replace(STAY, admission_method="")])
    assert (failed.accepted("ADMIMETH"), setting_of(Book(), failed)) == ("", "")


@pytest.mark.parametrize("dataset", OTHERS)
def test_records_of_other_data_sets(dataset: str) -> None:
    grouper, book = grouper_of(dataset), Book()
    result = of_cells(dataset)
    expected = 9.75 if dataset == "EM" else None
    assert price_of(book, result) == expected
    assert result.hrg == HRGS[dataset]
    batch, faults = grouper.encode([result._record] * 3)
    assert nullable(priced(book, grouper.group_batch(batch, faults), "record")) == [expected] * 3
    failed = of_cells(dataset, **dict.fromkeys(SOUND[dataset], ""))
    assert price_of(book, failed) is None


def test_values_of_a_batch(grouper: Grouper) -> None:
    """A listed field as ids, of which 0 is what is blank or not accepted; there are no fields beyond the last."""
    batch, _ = grouper.encode([[STAY], [EMERGENCY], [replace(STAY, admission_method="77")]])
    words = grouper.design.tables.values[batch.fields.value_place[Value.V_ADMIMETH]].values
    assert [words[number] for number in batch.value_column(Value.V_ADMIMETH)] == ["11", "21", ""]
    for place in (-1, Value.N_VALUES):
        with pytest.raises(IndexError):
            batch.value_column(place)


@pytest.mark.parametrize("level", ["record", "spells", ""])
def test_a_batch_of_admitted_care_has_no_other_level(grouped: GroupedBatch, level: str) -> None:
    with pytest.raises(ArgumentError, match="Choose of episode, spell"):
        priced(Book(), grouped, level)


def test_nothing_grouped_has_no_prices(grouper: Grouper) -> None:
    grouped = grouper.group_batch(*grouper.encode([]))
    assert priced(Book(), grouped, "spell").size == excess_days(Book(), grouped, "episode").size == 0
