"""Columns of prices in files and tables, and totals in summaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from tools.test_prices import Book

import hrgcore
from hrgcore import ArgumentError, RunSummary, hookimpl, prices
from hrgcore.cli import hrggrouperc, main
from hrgcore.cli.hrggrouperc import ExitCode
from hrgcore.files import run
from hrgcore.plugins import PluginHost

from .apc import cells, definition, out, record, rows, with_header
from .data_sets import DESIGN, HRGS, SOUND, grouper_of
from .test_order import shuffled

SPINE, LUNG = "HC27N", "DZ23N"  # what the diagnoses of the records below lead to
LINES = [
    record(PROVSPNO="1", EPIDUR="2"),
    record(PROVSPNO="2", EPIDUR="7", ADMIMETH="21"),
    record(PROVSPNO="3", EPIDUR="3", ADMIMETH="21"),
    record(PROVSPNO="3", EPIDUR="1", ADMIMETH="21", EPIORDER="2"),
    record(PROVSPNO="4", CLASSPAT="2", EPIDUR="0"),
    record(PROVSPNO="5", DIAG_01=""),  # fails
    record(PROVSPNO="6", DIAG_01="J180"),  # has no price
]


class Costs(Book):
    """Made-up costs; a third decimal is rounded to pence in each row and in the total."""

    name, label, kind = "costs-00", "Made-up costs", "cost"
    prices: Mapping[tuple[str, str], float] = {
        (SPINE, "emergency"): 12.345, (SPINE, "elective"): 100.0, (SPINE, "day"): 0.5, (HRGS["EM"], "attendance"): 9.75,
    }  # fmt: skip


class Tariff(Book):
    """A made-up tariff, with trim points."""

    name, label = "tariff-00", "Made-up tariff"
    prices: Mapping[tuple[str, str], float] = {(SPINE, "emergency"): 7, (SPINE, "elective"): 5}
    trim_points: Mapping[tuple[str, str], int] = {(SPINE, "emergency"): 3}


class Offer:
    """A plugin that offers both."""

    @hookimpl
    def hrgcore_price_books(self) -> Mapping[str, type[Book]]:
        return {"costs-00": Costs, "tariff-00": Tariff}


@pytest.fixture(autouse=True)
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    own = PluginHost(discover=False)
    own.register(Offer(), "offer")
    monkeypatch.setattr(prices, "host", lambda: own)
    monkeypatch.delenv(prices.VARIABLE, raising=False)
    yield


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return with_header(tmp_path / "in.csv", *LINES)


def group(source: Path, *books: str, name: str = "out.csv", **options: object) -> tuple[Path, RunSummary]:
    output = source.with_name(name)
    return output, hrgcore.group_file(source, output, [DESIGN], prices=list(books), **options)[0]  # type: ignore[arg-type]


def column(output: Path, suffix: str, name: str) -> list[str]:
    return [row[name] for row in rows(output, suffix)]


def test_episodes_and_spells_have_what_they_cost(source: Path) -> None:
    output, _ = group(source, "costs-00")
    assert column(output, "_FCE", "FCE_HRG") == [SPINE] * 5 + ["UZ01Z", LUNG]
    assert column(output, "_FCE", "costs_00_gbp") == ["100.00", "12.34", "12.34", "12.34", "0.50", "", ""]
    assert column(output, "_FCE", "costs_00_setting") == ["elective", *["emergency"] * 3, "day", "", "elective"]
    assert column(output, "_spell", "costs_00_gbp") == ["100.00", "12.34", "12.34", "0.50", "", ""]


def test_a_tariff_has_all_its_prices_and_excess_bed_days(source: Path) -> None:
    output, _ = group(source, "tariff-00")
    assert column(output, "_spell", "tariff_00_gbp") == ["5.00", "7.00", "7.00", "", "", ""]
    assert column(output, "_spell", "tariff_00_emergency_gbp") == ["7.00"] * 4 + ["", ""]
    assert column(output, "_spell", "tariff_00_day_gbp") == [""] * 6
    assert column(output, "_spell", "tariff_00_excess_days") == ["", "4", "1", "", "", ""]
    assert column(output, "_FCE", "tariff_00_excess_days") == ["", "4", "0", "0", "", "", ""]


def test_official_columns_stay_as_they_are(source: Path) -> None:
    """Prices stand after the official columns and before the unbundled HRGs; files without them are the same bytes."""
    plain, _ = group(source, name="plain.csv")
    priced, _ = group(source, "costs-00", name="priced.csv")
    for suffix in ("_FCE", "_spell"):
        (plain_head, *plain_lines), (head, *lines) = cells(plain, suffix), cells(priced, suffix)
        place = len(plain_head) - 1
        assert head == [*plain_head[:place], "costs_00_setting", "costs_00_gbp", plain_head[place]]
        assert [[*line[:place], *line[place + 2 :]] for line in lines] == plain_lines
    for suffix in ("_sort", "_quality", "_FCE_rel", "_spell_rel", "_quality_rel", "_flag_rel", "_ub_rel"):
        assert out(plain, suffix).read_bytes() == out(priced, suffix).read_bytes()


def test_totals_are_told_and_written(source: Path) -> None:
    output, summary = group(source, "costs-00", "tariff-00")
    episodes, spells, paid_episodes, paid_spells = summary.prices
    assert episodes == ("costs-00", "episode", 10000 + 3 * 1234 + 50, 5, 2)
    assert spells == ("costs-00", "spell", 10000 + 2 * 1234 + 50, 4, 2)
    assert (paid_episodes.amount, paid_spells.amount) == (26, 19)
    assert [(total.priced, total.unpriced) for total in summary.prices[2:]] == [(4, 3), (3, 3)]
    (row,) = rows(output, "_summary")
    names = [f"{book} {unit} {head}" for book in ("costs-00", "tariff-00") for unit in ("FCE", "Spell") for head in HEADS]
    assert list(row)[-12:] == names
    assert [row[name] for name in names] == ["137.52", "5", "2", "125.18", "4", "2", "26.00", "4", "3", "19.00", "3", "3"]
    assert list(row)[:-12] == cells(group(source, name="plain.csv")[0], "_summary")[0]


HEADS = ("GBP", "Priced", "Without Price")


@pytest.mark.parametrize(("threads", "span"), [(1, 8192), (1, 7), (2, 16), (3, 50)])
def test_totals_are_the_sums_of_the_columns_however_the_work_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int, span: int
) -> None:
    monkeypatch.setattr(run, "SPAN", span)
    output, summary = group(with_header(tmp_path / "in.csv", *shuffled(200)), "costs-00", threads=threads)
    for total, suffix in zip(summary.prices, ("_FCE", "_spell"), strict=True):
        found = column(output, suffix, "costs_00_gbp")
        assert total.pence == sum(Decimal(price) * 100 for price in found if price)
        assert (total.priced, total.unpriced) == (sum(map(bool, found)), found.count(""))
        assert total.priced > 0


def test_the_environment_names_books_unless_the_caller_does(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(prices.VARIABLE, " costs-00, tariff-00,")
    summary = hrgcore.Grouper(DESIGN).group_file(source, source.with_name("out.csv"))
    assert [total.book for total in summary.prices] == ["costs-00", "costs-00", "tariff-00", "tariff-00"]
    assert group(source)[1].prices == ()


def test_each_design_has_totals_of_its_own(source: Path) -> None:
    """An older design groups in the same pass; what it costs stands in its own summary."""
    both = hrgcore.group_file(source, source.with_name("both.csv"), [DESIGN, "2021-22"], prices=["costs-00"])
    (older,) = hrgcore.group_file(source, source.with_name("older.csv"), ["2021-22"], prices=["costs-00"])
    assert [summary.prices for summary in both] == [group(source, "costs-00")[1].prices, older.prices]
    assert rows(source.with_name("both_2021-22.csv"), "_summary")[0]["costs-00 FCE GBP"] == f"{older.prices[0].amount:.2f}"


def test_the_official_command_takes_books_of_the_environment(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(prices.VARIABLE, "costs-00")
    monkeypatch.setenv("HRGCORE_DESIGN", DESIGN)
    layout = definition(source.with_name("in.rdf"))
    output = source.with_name("out.csv")
    assert hrggrouperc.run(["-i", str(source), "-o", str(output), "-d", str(layout), "-l", "APC", "-h"]) is ExitCode.SUCCESS
    assert column(output, "_spell", "costs_00_gbp")[:2] == ["100.00", "12.34"]


@pytest.mark.parametrize(
    ("books", "told"),
    [(["other"], r"no book of prices named 'other'.*installed: costs-00, tariff-00"), (["costs-00"] * 2, "twice")],
)
def test_books_that_cannot_be_used(source: Path, books: list[str], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        group(source, *books)
    assert list(source.parent.iterdir()) == [source]


def test_other_data_sets_have_prices_of_records(tmp_path: Path) -> None:
    fields = [field.name for field in grouper_of("EM")._dataset.fields if not field.most] + ["INV_01", "TREAT_01"]
    line = ",".join(SOUND["EM"].get(field, "") for field in fields)
    source = with_header(tmp_path / "in.csv", line, line, line.replace("30", ""), fields=fields)
    output, summary = group(source, "costs-00", dataset="EM")
    assert column(output, "_attend", "costs_00_gbp") == ["9.75", "9.75", ""]
    assert summary.prices == (("costs-00", "record", 1950, 2, 1),)
    _, summary = group(source, "tariff-00", dataset="EM")
    assert summary.prices == (("tariff-00", "record", 0, 0, 3),)
    assert column(output, "_summary", "tariff-00 Record GBP") == [""], "a total of no price is none"
    arguments = ["group", str(source), "-o", str(output), "-l", "EM", "--design", DESIGN, "--prices", "tariff-00"]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert "no GBP by tariff-00: 0 records, 3 without a price" in done.output


def test_the_command_tells_totals(source: Path) -> None:
    arguments = ["group", str(source), "-o", str(source.with_name("out.csv")), "--design", DESIGN, "--prices", "costs-00"]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert "137.52 GBP by costs-00: 5 episodes, 2 without a price" in done.output
    assert "125.18 GBP by costs-00: 4 spells, 2 without a price" in done.output


def test_tables_have_prices_in_the_order_of_their_rows(source: Path) -> None:
    """Null is what is not known; the totals are those of the official files."""
    parquet = pytest.importorskip("pyarrow.parquet")
    lines = with_header(source.with_name("turned.csv"), *reversed(LINES))
    arguments = ["group", str(lines), "-o", str(source.with_name("out.parquet")), "--design", DESIGN]
    done = CliRunner().invoke(main, [*arguments, "--prices", "costs-00,tariff-00"], catch_exceptions=False)
    assert "137.52 GBP by costs-00: 5 episodes, 2 without a price" in done.output
    records, spells = (parquet.read_table(source.with_name(f"out_{name}.parquet")).to_pydict() for name in ("records", "spells"))
    assert records["costs_00_gbp"] == [None, None, 0.5, 12.345, 12.345, 12.345, 100]
    assert records["tariff_00_excess_days"] == [None, None, None, 0, 0, 4, None]
    assert records["tariff_00_setting"] == ["elective", None, "day", *["emergency"] * 3, "elective"]
    assert spells["costs_00_gbp"] == [100, 12.345, 12.345, 0.5, None, None]


def test_columns_of_a_grouped_table(source: Path) -> None:
    csv = pytest.importorskip("pyarrow.csv")
    table = csv.read_csv(with_header(source.with_name("turned.csv"), *reversed(LINES)))
    grouper = hrgcore.Grouper(DESIGN)
    found = grouper.group(table, order="input").price_columns(Costs(), "episode")["costs_00_gbp"]
    assert found[2:].tolist() == [0.5, 12.345, 12.345, 12.345, 100]
    assert found[0] != found[0] and found[1] != found[1]
    official = grouper.group(table)
    assert official.price_columns(Costs(), "episode")["costs_00_gbp"][:5].tolist() == [100, 12.345, 12.345, 12.345, 0.5]
    assert official.price_columns(Costs(), "spell")["costs_00_gbp"][:4].tolist() == [100, 12.345, 12.345, 0.5]
