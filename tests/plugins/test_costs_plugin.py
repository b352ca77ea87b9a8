"""The plugin with books of costs and prices: its figures, where they come from, its settings, and columns made of it.

Checks against the reference data skip where no folder `shared` is beside the project.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit.apc import record, rows, with_header
from unit.data_sets import HRGS, OTHERS, of_cells

import hrgcore
from hrgcore import Episode, Grouper, PluginError, prices
from hrgcore.plugins import PluginHost

PACKAGE = Path(__file__).parents[2] / "plugins" / "hrgcore-costs"
DATA = PACKAGE.parents[2] / "shared" / "data" / "hrg"
DESIGN = "2024-25"
NOW, BEFORE, TARIFF = "cost-2024-25", "cost-2023-24", "tariff-2024-25"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no folder of reference data beside the project")

sys.path.insert(0, str(PACKAGE))
import hrgcore_costs  # noqa: E402
from hrgcore_costs.book import TableBook  # noqa: E402

sys.path.remove(str(PACKAGE))


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> PluginHost:
    """A host with this plugin alone, for prices."""
    found = PluginHost(discover=False)
    found.register(hrgcore_costs, "costs")
    monkeypatch.setattr(prices, "host", lambda: found)
    return found


@pytest.fixture(scope="module")
def books() -> Mapping[str, TableBook]:
    return {name: make() for name, make in hrgcore_costs.hrgcore_price_books().items()}


def reference(name: str) -> Iterator[dict[str, str]]:
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def sources(book: TableBook) -> dict[str, str]:
    """The setting of each department or column of the source, as the manifest has it."""
    said = tomllib.loads((PACKAGE / "hrgcore_costs" / "books" / f"{book.name}.toml").read_text(encoding="utf-8"))
    return {part["source"]: setting for setting, part in said["settings"].items()}


def figures(book: TableBook) -> set[tuple[str, str, float]]:
    """All prices of a book."""
    found = ((hrg, setting, book.price(hrg, setting)) for hrg in book.hrgs for setting in book.settings)
    return {(hrg, setting, price) for hrg, setting, price in found if price is not None}


# --- books ---


def test_books_are_offered(own: PluginHost, books: Mapping[str, TableBook]) -> None:
    assert own.price_books() == [BEFORE, NOW, TARIFF]
    assert own.price_book(NOW) is own.price_book(NOW)
    assert {name: (book.name, book.year, book.kind) for name, book in books.items()} == {
        BEFORE: (BEFORE, "2023/24", "cost"),
        NOW: (NOW, "2024/25", "cost"),
        TARIFF: (TARIFF, "2024/25", "tariff"),
    }
    assert all(book.source["licence"] == "OGL-UK-3.0" and book.source["grade"] == "official" for book in books.values())


@pytest.mark.parametrize(
    ("book", "hrg", "setting", "price"),
    [
        (NOW, "AA22C", "elective", 11921.56),
        (NOW, "AA22C", "non_elective_long", 8732.98),
        (NOW, "SB97Z", "day_case", 440.59),
        (NOW, "XC06Z", "critical_care", 1862.81),
        (NOW, "XA06Z", "critical_care_transport", 2914.05),
        (NOW, "VB08Z", "emergency_care", 269.19),
        (NOW, "RD01A", "imaging", 190.83),
        (NOW, "LD05A", "renal_dialysis", 220.05),
        (NOW, "AA22C", "emergency_care", None),
        (NOW, "AA23C", "day_case", None),  # blank at the source
        (NOW, "AA22C", "", None),
        (NOW, "ZZ99Z", "elective", None),
        (NOW, "WF01A", "consultant_led", None),
        (BEFORE, "AA22C", "elective", 6202.37),
        (BEFORE, "WF01A", "consultant_led", 192.28),
        (BEFORE, "RD97Z", "day_case", 0.0),
        (TARIFF, "AA22C", "day_case", 9647.0),
        (TARIFF, "AA22C", "non_elective", 11113.0),
        (TARIFF, "BZ34A", "day_case", 927.0),
        (TARIFF, "BZ34A", "elective", 1063.0),
        (TARIFF, "AB17Z", "elective", None),  # ended before 2024/25; it has a trim point
    ],
)
def test_prices(books: Mapping[str, TableBook], book: str, hrg: str, setting: str, price: float | None) -> None:
    assert books[book].price(hrg, setting) == price


def test_trim_points(books: Mapping[str, TableBook]) -> None:
    tariff = books[TARIFF]
    assert [tariff.trim_point("AA22C", setting) for setting in tariff.settings] == [90, 90, None]
    assert tariff.trim_point("NZ30A", "elective") is None
    assert books[NOW].trim_point("AA22C", "elective") is None


def test_settings_of_admitted_care(books: Mapping[str, TableBook]) -> None:
    """By patient classification and admission method; a stay of a day or less is a short one, in non-elective care only."""
    elective, others = ("11", "12", "13"), accepted("ADMIMETH") - {"11", "12", "13"}
    for book in (books[NOW], books[BEFORE]):
        for ordinary in "15":
            assert {book.setting(ordinary, method, stay) for method in elective for stay in (0, 1, 2, 400)} == {"elective"}
            assert {book.setting(ordinary, method, stay) for method in others for stay in (0, 1)} == {"non_elective_short"}
            assert {book.setting(ordinary, method, stay) for method in others for stay in (2, 99999)} == {"non_elective_long"}
        assert {book.setting("2", method, stay) for method in accepted("ADMIMETH") for stay in (0, 9)} == {"day_case"}
        assert {book.setting(regular, method, 0) for method in accepted("ADMIMETH") for regular in "34"} == {"regular"}
    tariff = books[TARIFF]
    assert {tariff.setting("1", method, stay) for method in elective for stay in (0, 1, 2, 400)} == {"elective"}
    assert {tariff.setting("5", method, stay) for method in others for stay in (0, 1, 2, 400)} == {"non_elective"}
    assert {tariff.setting("2", method, 0) for method in accepted("ADMIMETH")} == {"day_case"}


def test_settings_that_a_book_does_not_have(books: Mapping[str, TableBook]) -> None:
    """Other maternity events; regular admissions in the tariff; values that no design accepts."""
    assert [books[NOW].setting("8", "11", 0), books[NOW].setting("", "11", 0), books[NOW].setting("1", "", 0)] == [""] * 3
    assert [books[TARIFF].setting(regular, "11", 0) for regular in "348"] == [""] * 3


def test_every_classification_of_the_design_is_settled_or_known_not_to_be(books: Mapping[str, TableBook]) -> None:
    assert {value for value in accepted("CLASSPAT") if not books[NOW].setting(value, "11", 1)} == {"8"}


def accepted(field: str) -> set[str]:
    """The values of a field that the designs accept."""
    from hrgcore.design.fields import LISTED_FIELDS

    return {*Grouper(DESIGN).design.tables.values[LISTED_FIELDS.index(field)].values} - {""}


def test_records_of_other_data_sets(books: Mapping[str, TableBook]) -> None:
    found = {dataset: prices.price_of(books[NOW], of_cells(dataset)) for dataset in OTHERS}
    assert found == {
        "NAC": None,  # an attendance; only procedures have a price
        "EM": 269.19, "NRD": books[NOW].price(HRGS["NRD"], "renal_dialysis"), "ACC": 1862.81,
        "PCC": books[NOW].price(HRGS["PCC"], "critical_care"), "NCC": 2334.2,
    }  # fmt: skip
    assert None not in {found["NRD"], found["PCC"]}


def test_the_package_holds_all_that_it_reads() -> None:
    """Each table and manifest is package data, each table belongs to a book, and the entry point is there."""
    said = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))
    assert said["project"]["entry-points"]["hrgcore"] == {"costs": "hrgcore_costs"}
    folder = PACKAGE / "hrgcore_costs"
    packed = {path for pattern in said["tool"]["setuptools"]["package-data"]["hrgcore_costs"] for path in folder.glob(pattern)}
    assert {*folder.glob("books/*"), *folder.glob("tables/*")} < packed
    used = {table for path in folder.glob("books/*.toml") for table in tomllib.loads(path.read_text())["tables"].values()}
    assert used == {path.name for path in folder.glob("tables/*")}


# --- where the figures come from ---


@needs_data
@pytest.mark.parametrize(("name", "file"), [(NOW, "ncc_2024_25"), (BEFORE, "ncc_previous_year")])
def test_unit_costs_are_those_of_the_cost_collection(books: Mapping[str, TableBook], name: str, file: str) -> None:
    setting = sources(books[name])
    expected = {
        (row["currency_code"], setting[row["department_code"]], float(row["unit_cost"]))
        for row in reference(file)
        if row["unit_cost"]
    }
    assert figures(books[name]) == expected


@needs_data
def test_tariff_prices_and_trim_points_are_those_of_the_source(books: Mapping[str, TableBook]) -> None:
    tariff, setting = books[TARIFF], sources(books[TARIFF])
    expected = {(row["hrg"], setting[name], float(row[name])) for row in reference("tariff_2024_25") for name in setting}
    assert figures(tariff) == expected
    trim_points = {row["sushrg"]: int(row["elective"]) for row in reference("trimpoints")}
    assert {hrg: tariff.trim_point(hrg, "elective") for hrg in tariff.hrgs if hrg in trim_points} == trim_points
    assert not [hrg for hrg in tariff.hrgs if hrg not in trim_points and tariff.trim_point(hrg, "elective") is not None]


@needs_data
def test_the_other_column_of_trim_points_is_no_number_of_days() -> None:
    """Why it is left out: two or three figures a chapter, all from 230 to 461, and none for what is not paid."""
    by_chapter: dict[str, set[int]] = defaultdict(set)
    for row in reference("trimpoints"):
        if row["emergency"] not in ("-", "0"):
            by_chapter[row["sushrg"][0]].add(int(row["emergency"]))
    assert max(map(len, by_chapter.values())) <= 3
    assert (min(map(min, by_chapter.values())), max(map(max, by_chapter.values()))) == (230, 461)


@needs_data
def test_what_the_collection_spent_is_plausible(books: Mapping[str, TableBook]) -> None:
    """Activity x unit cost: an average day case costs less than a short stay plus a night, and a long stay several thousands."""
    means = {name: mean_costs(books[name], file) for name, file in ((NOW, "ncc_2024_25"), (BEFORE, "ncc_previous_year"))}
    for found in means.values():
        assert 900 < found["day_case"] < 1200
        assert 700 < found["non_elective_short"] < found["day_case"] < found["non_elective_long"] < found["elective"] < 7000
        assert 350 < found["regular"] < 500
        assert 200 < found["outpatient_procedure"] < 260
        assert 1800 < found["critical_care"] < 2100
    for setting in ("day_case", "elective", "non_elective_long", "non_elective_short", "critical_care", "emergency_care"):
        assert 1 < means[NOW][setting] / means[BEFORE][setting] < 1.1


def mean_costs(book: TableBook, file: str) -> dict[str, float]:
    """The mean unit cost of each setting, weighted by activity."""
    setting = sources(book)
    spent: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in reference(file):
        name = setting[row["department_code"]]
        if (price := book.price(row["currency_code"], name)) is not None:
            spent[name].append((float(row["activity"]), price))
    return {name: sum(n * price for n, price in units) / sum(n for n, _ in units) for name, units in spent.items()}


@needs_data
def test_every_hrg_is_known(books: Mapping[str, TableBook]) -> None:
    known = {row["hrg"] for row in reference("hrg_list")}
    assert all(known.issuperset(book.hrgs) for book in books.values())


# --- columns ---


def test_columns_of_a_file(tmp_path: Path, books: Mapping[str, TableBook]) -> None:
    source = with_header(
        tmp_path / "in.csv",
        record(PROVSPNO="1", EPIDUR="60"),
        record(PROVSPNO="2", EPIDUR="1", ADMIMETH="21"),
        record(PROVSPNO="3", CLASSPAT="3", EPIDUR="0"),
        record(PROVSPNO="4", DIAG_01=""),
    )
    (summary,) = hrgcore.group_file(source, tmp_path / "out.csv", [DESIGN], prices=[NOW, TARIFF])
    found = rows(tmp_path / "out.csv", "_spell")
    hrg = found[0]["SpellHRG"]
    assert [row["SpellHRG"] for row in found] == [hrg] * 3 + ["UZ01Z"]
    assert [row["cost_2024_25_setting"] for row in found] == ["elective", "non_elective_short", "regular", ""]
    costs = [books[NOW].price(hrg, row["cost_2024_25_setting"]) for row in found]
    assert [row["cost_2024_25_gbp"] for row in found] == ["" if cost is None else f"{cost:.2f}" for cost in costs]
    trim_point = books[TARIFF].trim_point(hrg, "elective")
    assert trim_point is not None
    assert [row["tariff_2024_25_excess_days"] for row in found] == [str(60 - trim_point), "", "", ""]
    assert [row["tariff_2024_25_gbp"] for row in found][2:] == ["", ""]
    assert {row["tariff_2024_25_day_case_gbp"] for row in found[:3]} == {f"{books[TARIFF].price(hrg, 'day_case'):.2f}"}
    assert [total.priced + total.unpriced for total in summary.prices] == [4] * 4


@pytest.mark.parametrize(("beyond", "expected"), [(-1, 0), (0, 0), (1, 1), (30, 30)])
def test_excess_days_at_the_trim_point(books: Mapping[str, TableBook], beyond: int, expected: int) -> None:
    grouper = Grouper(DESIGN)
    hrg = grouper.group_spell([stay(2)]).hrg
    trim_point = books[TARIFF].trim_point(hrg, "elective")
    assert trim_point is not None
    grouped = grouper.group_batch(*grouper.encode([[stay(trim_point + beyond)]]))
    assert grouped.spell_hrg == [hrg]
    assert prices.excess_days(books[TARIFF], grouped, "spell").tolist() == [expected]


def stay(days: int) -> Episode:
    return Episode(age=40, duration=days, diagnoses=["M5490"], admission_method="11")


def test_error_groups_have_no_price(books: Mapping[str, TableBook]) -> None:
    """Even where the collection has a figure for it."""
    grouper = Grouper(DESIGN)
    failed = [Episode(age=40, duration=1, diagnoses=[], admission_method="11")]
    assert books[BEFORE].price(grouper.group_spell(failed).hrg, "elective") is not None
    assert prices.price_of(books[BEFORE], grouper.group_spell(failed)) is None
    grouped = grouper.group_batch(*grouper.encode([failed]))
    assert np.isnan(prices.priced(books[BEFORE], grouped, "spell")).all()


# --- books that are wrong ---


def made(folder: Path, prices: str = "", settling: str = "", free: str = "[]") -> TableBook:
    for name in ("books", "tables"):
        (folder / name).mkdir()
    (folder / "tables" / "prices.csv").write_text("hrg,day,stay,trim\n" + (prices or "AA01Z,10.5,,7\n"))
    (folder / "tables" / "settling.csv").write_text("classification,method,stay,setting\n" + (settling or "1,,2-4,stay\n"))
    manifest = folder / "books" / "own.toml"
    manifest.write_text(
        f"""name = "own"\nlabel = "Own prices"\nyear = "2025/26"\nkind = "tariff"\nfree = {free}\n
[source]\n[tables]\nprices = "prices.csv"\nsettling = "settling.csv"\n[records]\n[trim_points]\nstay = "trim"
[settings]\nday = {{ title = "Day" }}\nstay = {{ title = "Stay" }}\n"""
    )
    return TableBook(manifest)


def test_a_book_of_ones_own(tmp_path: Path) -> None:
    book = made(tmp_path)
    assert (book.price("AA01Z", "day"), book.price("AA01Z", "stay"), book.trim_point("AA01Z", "stay")) == (10.5, None, 7)
    assert [book.setting("1", "11", stay) for stay in (1, 2, 4, 5)] == ["", "stay", "stay", ""]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"prices": "AA01Z,0,,\n"}, "prices.csv line 2, day: '0' of AA01Z is no amount"),
        ({"prices": "AA01Z,-1,,\n"}, "'-1' of AA01Z"),
        ({"prices": "AA01Z,nan,,\n"}, "'nan' of AA01Z"),
        ({"prices": "AA01Z,ten,,\n"}, "'ten' of AA01Z"),
        ({"prices": "AA01Z,1,,\nAA01Z,2,,\n"}, "prices.csv line 3: AA01Z stands twice"),
        ({"prices": "AA01Z,1\n"}, "line 2: has 2 cells"),
        ({"settling": "1,,,night\n"}, "there is no setting 'night'"),
        ({"settling": "1,,soon,day\n"}, "'soon' is no span of days"),
        ({"settling": "1,,5-1,day\n"}, "'5-1' is no span of days"),
        ({"settling": '"1,,,day\n'}, "settling.csv: cannot be read"),
    ],
)
def test_books_that_are_wrong(tmp_path: Path, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(PluginError, match=told):
        made(tmp_path, **wrong)


@pytest.mark.parametrize(
    ("said", "instead", "told"),
    [
        ('year = "2025/26"', "", "own.toml: has no 'year'"),
        ('year = "2025/26"', "year", "own.toml: cannot be read"),
        ('prices = "prices.csv"', 'prices = "none.csv"', "none.csv: cannot be read"),
        ('stay = "trim"', 'night = "trim"', "own.toml: there is no setting 'night'"),
        ("[records]", '[records]\nEM = "night"', "own.toml: there is no setting 'night'"),
    ],
)
def test_manifests_that_are_wrong(tmp_path: Path, said: str, instead: str, told: str) -> None:
    made(tmp_path)
    manifest = tmp_path / "books" / "own.toml"
    text = manifest.read_text()
    assert said in text
    manifest.write_text(text.replace(said, instead))
    with pytest.raises(PluginError, match=told):
        TableBook(manifest)


def test_a_blank_cell_of_settings_is_any_value(tmp_path: Path) -> None:
    book = made(tmp_path, settling="2,,,day\n,,,stay\n")
    assert [book.setting(classification, "21", 3) for classification in ("1", "2", "")] == ["stay", "day", "stay"]


def test_tables_that_a_spreadsheet_wrote(tmp_path: Path) -> None:
    """With a mark at their beginning."""
    made(tmp_path)
    table = tmp_path / "tables" / "prices.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert TableBook(tmp_path / "books" / "own.toml").price("AA01Z", "day") == 10.5


def test_a_price_of_nothing_must_be_meant(tmp_path: Path) -> None:
    assert made(tmp_path, prices="AA01Z,0,,\n", free='["AA01Z"]').price("AA01Z", "day") == 0
