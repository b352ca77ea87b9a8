"""Totals by any columns: counted, added up, put into bands, hidden, written and drawn."""

from __future__ import annotations

import csv
import doctest
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet
from python_calamine import load_workbook

import hrgcore
from hrgcore.analyse.categories import icd10_chapters
from hrgcore.analyse.summary_plot import bars
from hrgcore.cli import main
from hrgcore.errors import ArgumentError, InputFileError
from hrgcore.plugins import host

EXAMPLES = Path(__file__).parents[2] / "examples"
HRG = Callable[..., Result]


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of admitted care, grouped: the official files and tables."""
    folder = tmp_path_factory.mktemp("grouped")
    for name in ("out.csv", "out.parquet"):
        arguments = ["group", str(EXAMPLES / "apc_sample.csv"), "-o", str(folder / name), "--design", "2024-25", "-q"]
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def episodes(grouped: Path) -> pd.DataFrame:
    """The official file of episodes, without the ragged end of its lines, and with columns of a user's own."""
    with (grouped / "out_FCE.csv").open(encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    frame = pd.DataFrame([line[: len(header)] for line in lines], columns=header)
    frame["area"] = [f"E{int(number) % 7}" for number in frame["PROVSPNO"]]
    frame["cost"] = [None if number % 11 == 0 else 100.25 * (number % 37) for number in range(len(frame))]
    return frame


def table(**columns: list[Any]) -> pa.Table:
    return pa.table(columns)


def values(found: hrgcore.Summary, column: str) -> dict[Any, Any]:
    """A column by category; of one column by its label alone."""
    place = found.columns.index(column)
    return {row.keys[0] if len(row.keys) == 1 else row.keys: row.values[place] for row in found.rows}


# What is counted


def test_totals_are_those_of_an_independent_count(episodes: pd.DataFrame) -> None:
    found = hrgcore.summarise(pa.Table.from_pandas(episodes), ["area"], cost="cost")
    groups = episodes.assign(days=pd.to_numeric(episodes["CalcEpidur"])).groupby("area")
    assert found.columns == ("spells", "episodes", "bed_days", "cost", *found.columns[4:])
    for column, expected in {
        "episodes": groups.size(),
        "spells": groups.apply(lambda rows: len(rows[["PROCODET", "PROVSPNO"]].drop_duplicates())),
        "bed_days": groups["days"].sum(),
        "cost": groups["cost"].sum(),
        "mean_cost": groups["cost"].mean().round(2),
        "share": (groups["cost"].sum() / episodes["cost"].sum()).round(6),
        "without_cost": groups["cost"].apply(lambda cells: cells.isna().sum()),
    }.items():
        assert values(found, column) == pytest.approx({**expected.to_dict(), "total": values(found, column)["total"]}), column
    assert values(found, "cost")["total"] == pytest.approx(episodes["cost"].sum())
    assert values(found, "episodes")["total"] == len(episodes)
    assert f"{episodes['cost'].isna().sum()} episodes have no cost; they add nothing to it." in found.notes


@pytest.mark.parametrize("by", [["programme"], ["icd10-chapter"], ["chapter", "SEX"], ["chapter", "subchapter", "area"]])
def test_parts_add_up_to_their_totals(episodes: pd.DataFrame, by: list[str]) -> None:
    found = hrgcore.summarise(pa.Table.from_pandas(episodes), by)
    for column in ("spells", "episodes", "bed_days"):
        numbers = values(found, column)
        parts = {key: number for key, number in numbers.items() if "total" not in (key if len(by) > 1 else (key,))}
        assert sum(parts.values()) == numbers["total" if len(by) == 1 else ("total",) * len(by)]
        if len(by) == 2:
            rows = Counter[str]()
            for (first, _), number in parts.items():
                rows[first] += number
            assert rows == {first: number for (first, second), number in numbers.items() if second == "total" != first}


def test_every_level_counts_the_same_spells(grouped: Path, episodes: pd.DataFrame) -> None:
    """Spells counted among episodes, one row a spell of the same table, and the file of spells."""
    table = pa.Table.from_pandas(episodes)
    among = hrgcore.summarise(table, ["SpellHRG"])
    of_episodes = hrgcore.summarise(table, ["SpellHRG"], level="spells")
    of_spells = hrgcore.summarise(grouped / "out_spell_rel.csv", ["SpellHRG"])
    tables = hrgcore.summarise(grouped / "out_spells.parquet", ["hrg"])
    for column in ("spells", "episodes", "bed_days"):
        assert values(of_episodes, column) == values(of_spells, column) == values(tables, column)
    assert values(among, "spells") == values(of_spells, "spells")
    assert values(among, "episodes") == values(of_spells, "episodes")
    assert values(of_spells, "spells")["total"] == 3000


def test_a_spell_counts_once_with_the_episode_that_leads_it() -> None:
    rows = table(
        PROCODET=["A", "A", "A", "B", "B"],
        PROVSPNO=["1", "1", "2", "1", "1"],
        SpellReportFlag=["0", "1", "1", "0", "0"],
        GroupingMethodFlag=["D", "D", "D", "D", "U"],
        FCE_HRG=["AB12Z", "CD12Z", "CD13Z", "AB12Z", "XX99Z"],
    )
    found = hrgcore.summarise(rows, ["chapter"])
    assert values(found, "spells") == {"A": 0, "C": 2, "failed": 1, "total": 3}
    assert values(found, "episodes") == {"A": 2, "C": 2, "failed": 1, "total": 5}
    without_keys = hrgcore.summarise(rows.drop_columns(["PROCODET"]), ["chapter"])
    assert values(without_keys, "spells")["total"] == 2, "only the flags are left to tell"
    assert "spells" not in hrgcore.summarise(rows.drop_columns(["PROCODET", "SpellReportFlag"]), ["chapter"]).columns


def test_records_of_other_tables() -> None:
    found = hrgcore.summarise(table(hrg=["AB12Z", "AB12Z", "CD12Z"], stay=[1, None, 2.5]), ["hrg"])
    assert found.columns == ("records", "bed_days", "without_bed_days", "share")
    assert [row.values for row in found.rows] == [(2, 1, 1, 0.666667), (1, 2.5, 0, 0.333333), (3, 3.5, 1, 1.0)]


def test_failed_records_stand_apart(grouped: Path) -> None:
    found = hrgcore.summarise(grouped / "out_spell_rel.csv", ["chapter"], sort="size")
    failed = pd.read_csv(grouped / "out_spell_rel.csv")["SpellGroupingMethodFlag"].eq("U").sum()
    assert values(found, "spells")["failed"] == failed
    assert [row.keys[0] for row in found.rows[-2:]] == ["failed", "total"]
    assert f"{failed} spells failed to group." in found.notes
    sizes = [row.values[0] for row in found.rows[:-2]]
    assert sizes == sorted(sizes, reverse=True)  # type: ignore[type-var]


def test_failed_records_without_a_method(grouped: Path) -> None:
    tables = parquet.read_table(grouped / "out_records.parquet")
    by_method = hrgcore.summarise(tables, ["root"])
    assert hrgcore.summarise(tables.drop_columns(["method"]), ["root"]).rows == by_method.rows, "column failed tells it"
    plain = table(EM_HRG=["VB01Z", "ZZ99Z", "VB02Z"])
    assert values(hrgcore.summarise(plain, ["hrg"], failed_hrg="ZZ99Z"), "records")["failed"] == 1
    assert "failed" not in values(hrgcore.summarise(plain, ["hrg"]), "records")


# Categories


def test_every_code_of_a_design_has_one_chapter() -> None:
    design = host().load_design("2024-25")
    codes = [code for code in design.tables.icd10.codes if code]
    found = hrgcore.summarise(table(DIAG_01=codes), ["icd10-chapter"])
    assert values(found, "records")["total"] == len(codes) > 16_000
    numbers = [row.keys[0] for row in found.rows[:-1]]
    assert len(numbers) == len(icd10_chapters()) == 22
    expected = Counter(next(f"{n} {a}-{b}" for n, a, b in icd10_chapters() if a <= code[:3] <= b) for code in codes)
    assert {key: number for key, number in values(found, "records").items() if key != "total"} == expected


def test_chapters_do_not_overlap_and_their_numbers_follow() -> None:
    chapters = icd10_chapters()
    assert [number for number, _, _ in chapters][::5] == ["I", "VI", "XI", "XVI", "XXI"]
    assert all(before[2] < after[1] for before, after in pairwise(sorted(chapters, key=lambda chapter: chapter[1])))


def test_codes_as_they_are_written() -> None:
    found = hrgcore.summarise(table(DIAG_01=[" i10 ", "I10X", "I10.9", "", None, "?", "Q999"]), ["icd10-chapter"])
    assert values(found, "records") == {"IX I00-I99": 3, "XVII Q00-Q99": 1, "blank": 2, "not in a chapter": 1, "total": 7}


def test_words_of_hrgs_and_of_other_columns() -> None:
    rows = table(FCE_HRG=["AB12Z", "AB13A"], SpellHRG=["CD12Z", "CD12Z"], PROCODET=["x", "x"], PROVSPNO=["1", "1"])
    for word, names in {"chapter": "A", "subchapter": "AB"}.items():
        assert values(hrgcore.summarise(rows, [word]), "episodes") == {names: 2, "total": 2}
    assert list(values(hrgcore.summarise(rows, ["root"]), "episodes")) == ["AB12", "AB13", "total"]
    assert list(values(hrgcore.summarise(rows, ["root:SpellHRG"]), "episodes")) == ["CD12", "total"]
    assert list(values(hrgcore.summarise(rows, ["hrg"], level="spells"), "spells")) == ["CD12Z", "total"]


def test_bands() -> None:
    ages = [0, 17, 18, 64, 65, 130, 131, -1, 999, 17.9]
    found = hrgcore.summarise(table(age=[*map(str, ages), "", "old"]), ["age"], bands={"age": "0-17, 18-64, 65-130"})
    assert values(found, "records") == {"0-17": 3, "18-64": 2, "65-130": 2, "blank": 1, "not in a band": 4, "total": 12}
    assert [row.keys[0] for row in found.rows] == ["0-17", "18-64", "65-130", "blank", "not in a band", "total"]
    assert values(hrgcore.summarise(table(age=[3, 5, 200]), ["age"], bands={"age": "5-9,10+"}), "records") == {
        "5-9": 1, "10+": 1, "not in a band": 1, "total": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bands", "text"),
    [
        ("0-17,19-64", "band 19-64 does not follow on 0-17"),
        ("0-17,17+", r"band 17\+ does not follow on 0-17"),
        ("18+,0-17", r"band 0-17 does not follow on 18\+"),
        ("young", "'young' is not a band"),
        ("17-0", "runs backwards"),
        ("0-17,", "a band is empty"),
    ],
)
def test_bands_that_are_refused(bands: str, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        hrgcore.summarise(table(age=[1]), ["age"], bands={"age": bands})


def test_months_and_years() -> None:
    days = ["20240331", "2024-04-01", "20250331", "20241301", "", "2024-04-09T10:00"]
    months = {"2024-03": 1, "2024-04": 2, "2025-03": 1, "blank": 1, "not a date": 1, "total": 6}
    assert values(hrgcore.summarise(table(end=days), ["month:end"]), "records") == months
    years = {"2023/24": 1, "2024/25": 3, "blank": 1, "not a date": 1, "total": 6}
    assert values(hrgcore.summarise(table(end=days), ["year:end"]), "records") == years
    for column in (pd.to_datetime(["2024-03-31", "2024-04-01"]), [20240331, 20240401]):
        found = hrgcore.summarise(pa.table({"end": pa.array(column)}), ["month:end"])
        assert values(found, "records") == {"2024-03": 1, "2024-04": 1, "total": 2}


def test_lists_of_diagnoses() -> None:
    rows = table(hrg=["AB12Z"] * 3, report_flag=[True] * 3, diagnoses=[["A000", "I10X"], [], ["I10X"]])
    assert values(hrgcore.summarise(rows, ["icd10-chapter"]), "episodes") == {
        "I A00-B99": 1, "IX I00-I99": 1, "blank": 1, "total": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "by", "options", "text"),
    [
        ({"a": ["x"]}, ["b"], {}, "has no column 'b'"),
        ({"a": ["x"]}, ["month"], {}, "month needs a column of dates"),
        ({"a": ["x"]}, ["chapter"], {}, "has no column for chapter"),
        ({"a": ["x"]}, [], {}, "no list of different columns"),
        ({"a": ["x"]}, ["a", "a"], {}, "no list of different columns"),
        ({"a": ["x"]}, ["a"], {"level": "patients"}, "there is no level 'patients'"),
        ({"a": ["x"]}, ["a"], {"totals": ["cost"]}, "there is no total 'cost'"),
        ({"a": ["x"]}, ["a"], {"suppress": 0}, "0 is below 1"),
        ({"a": ["x"]}, ["a"], {"rounding": 1}, "1 is below 2"),
        ({"a": ["x"]}, ["a"], {"sort": "colour"}, "'colour' is no way to sort"),
        ({"a": ["x"]}, ["a"], {"bands": {"b": "0+"}}, "no column 'b'"),
        ({"a": ["x", "y"], "b": ["1", "2 GBP"]}, ["a"], {"cost": "b"}, "record 2: the cell of column b is no number"),
        ({"a": ["x", "total"]}, ["a"], {}, "column a has a category with the name of another"),
        ({"a": ["", "blank"]}, ["a"], {}, "column a has a category with the name of another"),
        ({"a": [{"b": 1}]}, ["a"], {}, "is no table that can be read"),
        ({"a": ["x"], "stay": [{"b": 1}]}, ["a"], {}, "column stay is of type"),
        ({"a": pa.array([], pa.string())}, ["a"], {}, "has no rows"),
        ({"SpellHRG": ["AB12Z"], "SpellEpisodeCount": ["0"]}, ["hrg"], {}, "has a spell without an episode"),
    ],
)
def test_what_is_refused(rows: dict[str, Any], by: list[str], options: dict[str, Any], text: str) -> None:
    with pytest.raises((ArgumentError, InputFileError), match=text):
        hrgcore.summarise(pa.table(rows), by, **options)


def test_rates() -> None:
    rows = table(area=["N"] * 30 + ["S"] * 10 + [""] * 5, sex=["1", "2"] * 22 + ["1"])
    people = table(area=["N", "S", "W"], population=[2000, 500, 1500])
    found = hrgcore.summarise(rows, ["area"], population=people)
    assert values(found, "rate") == {"N": 15.0, "S": 20.0, "blank": None, "total": 11.25}
    both = table(area=["N", "N", "S"], sex=["1", "2", "1"], population=["1000", "1000", "500"])
    rates = values(hrgcore.summarise(rows, ["area", "sex"], population=both), "rate")
    assert (rates["N", "1"], rates["N", "total"], rates["total", "2"], rates["S", "2"]) == (15.0, 15.0, 22.0, None)
    assert rates["total", "1"] == round(23 / 1.5, 4)
    for wrong in ({"population": [1, 1]}, {"population": [1, 0], "area": ["N", "S"]}):
        with pytest.raises(InputFileError):
            hrgcore.summarise(rows, ["area"], population=table(**{"area": ["N", "N"], **wrong}))


# Hidden


SMALL = {"area": ["N"] * 90 + ["S"] * 4013 + ["E"] * 6007 + ["W"] * 3}


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d+", text.replace(",", "")))


def test_hidden_lines_hold_nothing_in_any_form(tmp_path: Path) -> None:
    """Costs and days are such that no other number of the outputs is theirs."""
    rows = pa.table({**SMALL, "cost": [1.0] * 10110 + [777.0] * 3, "stay": [2] * 10110 + [5] * 3})
    people = table(area=["N", "S", "E", "W"], population=[10_000, 300_000, 300_000, 100_000])
    found = hrgcore.summarise(rows, ["area"], cost="cost", main="records", suppress=7, population=people)
    assert [row.keys[0] for row in found.rows if row.hidden] == ["N", "W"]
    for row in found.rows:
        assert not row.hidden or set(row.values) == {None}
    secret = {"90", "3", "2331", "777", "180", "15", "9", "003"}
    assert found.rows[-1].values[0] == 10113
    for name in ("t.csv", "t.xlsx", "t.parquet"):
        found.write(tmp_path / name)
    found.plot(tmp_path / "t.svg")
    assert "W,*,*,*,*,*,*\n" in (tmp_path / "t.csv").read_text()
    sheet = load_workbook(tmp_path / "t.xlsx").get_sheet_by_index(0).to_python()
    assert ["W", *["*"] * 6] in sheet
    read = parquet.read_table(tmp_path / "t.parquet")
    assert read.filter(pa.compute.field("hidden")).drop_columns(["area", "hidden"]).to_pandas().isna().all(axis=None)
    lines = (tmp_path / "t.csv").read_text() + str(sheet) + str(read.to_pydict())
    assert not secret & numbers_in(lines)
    text = " ".join(re.findall(r">([^<>]+)</text>", (tmp_path / "t.svg").read_text()))
    assert "* hidden" in text and "4,013" in text and not {"90", "3", "2331"} & numbers_in(text.replace("1 to 7", ""))


def test_statistics_of_a_parquet_file_tell_nothing(tmp_path: Path) -> None:
    hrgcore.summarise(pa.table(SMALL), ["area"], suppress=7).write(tmp_path / "t.parquet")
    column = parquet.ParquetFile(tmp_path / "t.parquet").metadata.row_group(0).column(1)
    assert (column.statistics.min, column.statistics.max) == (4013, 10113)


def test_the_order_of_hidden_lines_tells_nothing() -> None:
    rows = table(area=[*"a" * 3, *"b" * 50, *"c" * 5, *"d" * 20, *"e" * 12])
    found = hrgcore.summarise(rows, ["area"], suppress=7, sort="size")
    assert [row.keys[0] for row in found.rows] == ["b", "d", "e", "a", "c", "total"]
    assert [bar.label for bar in bars(found, 20)] == ["b", "d", "e", "a", "c"]


def test_shares_do_not_tell_a_hidden_total() -> None:
    found = hrgcore.summarise(table(area=["a"] * 3 + ["b"] * 0), ["area"], suppress=7)
    assert "share" not in found.columns and all(row.hidden for row in found.rows)


def test_rows_without_a_value_are_not_counted_where_counts_are_hidden() -> None:
    rows = table(area=["a"] * 30 + ["b"] * 40, cost=[None] * 3 + [10.0] * 67)
    found = hrgcore.summarise(rows, ["area"], cost="cost", suppress=7)
    assert found.columns == ("records", "cost", "share"), "the mean would tell how many have a cost"
    assert "Some records have no cost." in found.notes and not any("3" in note for note in found.notes)
    assert "mean_cost" in hrgcore.summarise(rows.slice(3), ["area"], cost="cost", suppress=7).columns


def test_failed_records_are_not_told_beside_a_table_with_hidden_counts() -> None:
    rows = table(area=["a"] * 40, hrg=["AB12Z"] * 40, method=["D"] * 37 + ["U"] * 3)
    assert "3 records failed to group." in hrgcore.summarise(rows, ["area"]).notes
    assert len(hrgcore.summarise(rows, ["area"], suppress=7).notes) == 1


def test_rounding() -> None:
    rows = table(area=["a"] * 12 + ["b"] * 13 + ["c"] * 2 + ["d"] * 8, cost=[1_000.0] * 35, stay=[1] * 35)
    found = hrgcore.summarise(rows, ["area"], cost="cost", rounding=5)
    assert values(found, "records") == {"a": 10, "b": 15, "d": 10, "total": 35}, "what rounds to none is left out"
    assert values(found, "cost") == {"a": 10_000, "b": 15_000, "d": 10_000, "total": 35_000}
    assert values(found, "bed_days") == {"a": 10, "b": 15, "d": 10, "total": 35}
    assert values(found, "mean_cost")["a"] == 1_000 and values(found, "share")["a"] == round(10 / 35, 6)
    both = hrgcore.summarise(rows, ["area"], rounding=5, suppress=7)
    assert values(both, "records") == {"a": 10, "b": 15, "c": None, "d": None, "total": 35}


@pytest.mark.parametrize("by", [["hrg"], ["hrg", "sex"], ["root:FCE_HRG"]])
def test_costs_of_totals_do_not_tell_counts_of_hrgs(by: list[str]) -> None:
    """3 x 1,000 + 40 x 1,700 is a sum that only these counts give, for those who know both prices and the number of spells."""
    hrgs, sexes = ["AB12Z"] * 3 + ["CD12Z"] * 40 + ["EF12Z"] * 90, ["1"] * 3 + ["1", "2"] * 65
    rows = table(FCE_HRG=hrgs, sex=sexes, cost=[1_000.0] * 3 + [1_700.0] * 40 + [2_000.0] * 90)
    found = hrgcore.summarise(rows, by, cost="cost", main="episodes", suppress=7)
    column = found.columns.index("cost")
    shown = {row.keys: row.values[column] for row in found.rows if row.values[column] is not None}
    assert shown and not any(key[0] == "total" for key in shown if key[-1] in ("1", "total"))
    assert found.rows[-1].values[0] == 133 and "*" in found.lines().rows[-1]
    assert any("who knows the prices" in note for note in found.notes)
    assert hrgcore.summarise(rows, ["chapter"], cost="cost", suppress=7).rows[-1].values[1] == 251_000


@pytest.mark.parametrize(
    ("by", "value", "unit"),
    [("SpellLOS", "SpellLOS", "bed_days"), ("SpellEpisodeCount", "SpellEpisodeCount", "episodes"), ("tariff", "tariff", "cost")],
)
def test_totals_of_what_lines_tell_do_not_tell_counts(by: str, value: str, unit: str) -> None:
    """3 x 1 + 12 x 2 days is 27: with 15 spells in both lines, no other counts are."""
    columns = {"SpellLOS": [0] * 133, "SpellEpisodeCount": [1] * 133, "tariff": [0.0] * 133}
    columns[value] = [1] * 3 + [2] * 12 + [3] * 118
    rows = table(SpellHRG=["AB12Z"] * 133, **columns)
    found = hrgcore.summarise(rows, [by], cost="tariff", main="spells", suppress=7)
    total = dict(zip(found.columns, found.rows[-1].values, strict=True))
    assert total["spells"] == 133 and total.pop(unit) is None
    assert None not in {total[name] for name in {"episodes", "bed_days", "cost"} - {unit}}, "the others tell nothing"
    assert found.rows[2].values[found.columns.index(unit)] == 354
    assert any("totals with hidden lines are hidden" in note for note in found.notes)
    banded = hrgcore.summarise(rows, [by], bands={by: "0-1,2,3+"}, cost="tariff", suppress=7)
    assert banded.rows[-1].values[banded.columns.index(unit)] is None


def test_means_do_not_tell_a_total_that_is_not_given() -> None:
    """The cost by its mean is the number of episodes, from which that of the spells follows."""
    spells = [*range(50), *(spell for spell in range(50, 53) for _ in "ab"), *(spell for spell in range(53, 73) for _ in "abc")]
    sizes = [1] * 50 + [2] * 6 + [3] * 60
    rows = table(FCE_HRG=["AB12Z"] * 116, spell=spells, episodes=sizes, cost=[7.0] * 116)
    found = hrgcore.summarise(rows, ["episodes"], cost="cost", totals=["spells", "cost"], main="cost", suppress=7)
    total = dict(zip(found.columns, found.rows[-1].values, strict=True))
    assert (total["spells"], total["mean_cost"]) == (73, None)


# Shapes, files and the command


def test_matrix(tmp_path: Path) -> None:
    rows = table(area=["a"] * 20 + ["b"] * 30 + ["c"] * 3, sex=["1", "2"] * 25 + ["1"] * 3)
    found = hrgcore.summarise(rows, ["area", "sex"])
    assert found.matrix().columns == ("area", "1", "2", "total")
    assert found.matrix().rows == [("a", 10, 10, 20), ("b", 15, 15, 30), ("c", 3, 0, 3), ("total", 28, 25, 53)]
    assert found.matrix("share").rows[2][1] == round(3 / 53, 6)
    costs = hrgcore.summarise(rows.append_column("cost", [[5.0] * 53]), ["area", "sex"], cost="cost")
    assert costs.matrix("mean_cost").rows[2] == ("c", 5, None, 5), "there is no mean of nothing"
    hidden = hrgcore.summarise(rows, ["area", "sex"], suppress=7).matrix().rows
    assert hidden[2] == ("c", "*", 0, "*") and hidden[3][3] == 53
    for wrong in (hrgcore.summarise(rows, ["area"]), found):
        with pytest.raises(ArgumentError):
            wrong.matrix("colour")
    for name in ("m.csv", "m.xlsx", "m.parquet"):
        hrgcore.summarise(rows, ["area", "sex"], suppress=7).write(tmp_path / name, matrix=True)
    assert (tmp_path / "m.csv").read_text().splitlines()[3] == "c,*,0,*"
    assert parquet.read_table(tmp_path / "m.parquet").to_pylist()[2] == {"area": "c", "1": None, "2": 0, "total": None}
    assert ["c", "*", 0, "*"] in load_workbook(tmp_path / "m.xlsx").get_sheet_by_index(0).to_python()


def test_files_of_odd_data(tmp_path: Path) -> None:
    """A category with the name of the mark, and more days than whole numbers hold."""
    rows = table(area=["*"] * 10 + ["b"] * 10, sex=["1", "2"] * 10, stay=[1e30] * 20)
    found = hrgcore.summarise(rows, ["area", "sex"], suppress=4)
    found.write(tmp_path / "lines.parquet")
    assert parquet.read_table(tmp_path / "lines.parquet")["bed_days"][-1].as_py() == pytest.approx(2e31)
    found.write(tmp_path / "matrix.parquet", matrix=True)
    assert parquet.read_table(tmp_path / "matrix.parquet")["area"].to_pylist() == ["*", "b", "total"]


@pytest.mark.parametrize("name", ["rows.csv", "people.csv"])
def test_the_command_keeps_its_inputs(hrg: HRG, tmp_path: Path, name: str) -> None:
    texts = {"rows.csv": "area\na\n", "people.csv": "area,population\na,100\n"}
    for file, text in texts.items():
        (tmp_path / file).write_text(text)
    people = ["--population", tmp_path / "people.csv"]
    done = hrg("summarise", tmp_path / "rows.csv", "--by", "area", *people, "-o", tmp_path / name)
    assert done.exit_code == 1 and "would overwrite an input" in done.stderr
    assert {file: (tmp_path / file).read_text() for file in texts} == texts


def test_others_share_a_bar_of_what_is_shown() -> None:
    rows = table(
        area=[*chain.from_iterable([name] * size for name, size in zip("abcdef", (60, 50, 40, 30, 20, 10), strict=True))]
    )
    found = bars(hrgcore.summarise(rows, ["area"]), 3)
    assert found[-1][:2] == ("3 others", 60) and [bar.length for bar in found[:-1]] == [60, 50, 40]
    hidden = hrgcore.summarise(rows, ["area"], suppress=12)
    assert [row.hidden for row in hidden.rows] == [False] * 4 + [True] * 2 + [False]
    assert bars(hidden, 3)[-1][:2] == ("3 others", 60), "the total less what is shown"
    assert [bar.length for bar in bars(hidden, 5)] == [60, 50, 40, 30, None, None], "one is no others"
    no_total = hrgcore.summarise(table(area=["a"] * 3 + ["b"] * 3 + ["c"] * 3), ["area"], suppress=12)
    assert bars(no_total, 1)[-1][:2] == ("2 others", None)
    three = table(area=["a"] * 90 + ["b"] * 3 + ["c"] * 3 + ["d"] * 4)
    assert bars(hrgcore.summarise(three, ["area"], suppress=7), 2)[-1][:2] == ("2 others", None), (
        "one of three hidden stands alone"
    )
    failed = table(hrg=["AB12Z"] * 9 + ["CD12Z"] * 10, method=["U"] * 9 + ["D"] * 10)
    assert bars(hrgcore.summarise(failed, ["hrg"]), 1) == [("CD12Z", 10, False), ("failed", 9, True)]


def test_the_command(hrg: HRG, grouped: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("out.csv", "out.svg")]
    done = hrg(
        "summarise", grouped / "out_records.parquet", "--by", "chapter,STARTAGE", "--bands", "STARTAGE=0-17,18-64,65-130",
        "--matrix", "--suppress", 7, "-o", files[0], "--plot", files[1], "--top", 5,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[:2] == ["spells:", "chapter 0-17 18-64 65-130 total"]
    assert "* hidden: a count of 1 to 7, or what would give one away." in lines
    shown = [line.replace(",", "").split() for line in lines[2:-1]]
    assert [line.split(",") for line in files[0].read_text().splitlines()[1:]] == shown
    assert "others" in files[1].read_text()


def test_the_command_shows_lines(hrg: HRG, tmp_path: Path) -> None:
    source = tmp_path / "own.csv"
    source.write_text("hrg,price\nAB12Z,1000.5\nAB12Z,\nCD12Z,3000\n")
    done = hrg("summarise", source, "--by", "hrg", "--cost", "price", "--sort", "size")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[:4] == [
        "hrg records cost without cost mean cost share",
        "CD12Z 1 3,000 0 3,000 75.0%",
        "AB12Z 2 1,000 1 1,000 25.0%",
        "total 3 4,000 1 2,000 100.0%",
    ]


def test_labels_are_shown_as_they_are(hrg: HRG, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("area,[b]\n[/b] $x^$,1\n=1+1,2\n<svg>,3\n")
    done = hrg("summarise", tmp_path / "own.csv", "--by", "area,[b]", "--plot", tmp_path / "p.svg", "-o", tmp_path / "o.xlsx")
    assert done.exit_code == 0, done.output
    assert "[/b] $x^$" in done.stdout and "[b]" in done.stdout and "=1+1" in done.stdout
    assert "<svg> / 3" not in (tmp_path / "p.svg").read_text() and "&lt;svg&gt; / 3" in (tmp_path / "p.svg").read_text()
    assert ["=1+1", "2", 1, 0.333333] in load_workbook(tmp_path / "o.xlsx").get_sheet_by_index(0).to_python()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--by", "hrg", "--bands", "age"], "Write COLUMN=BANDS"),
        (["--by", "hrg", "-o", "out.txt"], "does not end in .csv, .parquet, .xlsx"),
        (["--by", "hrg", "--plot", "out.gif"], "does not end in .png or .svg"),
        (["--by", "hrg", "--matrix"], "a matrix is of two columns"),
        (["--by", "colour"], "has no column 'colour'"),
        (["--by", "hrg", "-o", "none/out.csv"], "there is no such folder"),
    ],
)
def test_the_command_refuses(hrg: HRG, tmp_path: Path, options: list[str], text: str) -> None:
    source = tmp_path / "own.csv"
    source.write_text("hrg,age\nAB12Z,1\n")
    done = hrg("summarise", source, *options)
    assert done.exit_code != 0 and text in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["own.csv"]


def test_the_commands_of_the_documentation(hrg: HRG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They follow on one another, and print what the page says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "out").mkdir()
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    page = (EXAMPLES.parent / "docs" / "summarise.md").read_text(encoding="utf-8")
    parts = [
        part for block in re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL) for part in block.split("$ ")[1:]
    ]
    assert len(parts) == 5
    for part in parts:
        command, _, want = part.partition("\n")
        done = hrg(*shlex.split(command)[1:])
        assert done.exit_code == 0, done.output
        same = doctest.OutputChecker().check_output(want, done.stdout, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        assert same, f"{command}\nprints\n{done.stdout}"
