"""The report of a comparison: its files, its page in a browser, its workbook, and the command."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from browser import check_page, needs_browser
from click.testing import CliRunner, Result
from pyarrow import csv, parquet
from python_calamine import CalamineWorkbook
from unit.tiny import overlay

from hrgcore import ArgumentError, Comparison, OutputFileError, compare
from hrgcore.cli import main
from hrgcore.comparison import moves, pictures
from hrgcore.comparison.pictures import Flow, Group
from hrgcore.comparison.reasons import Reason
from hrgcore.comparison.report import TABLES
from hrgcore.report.plots import svg_of

from .comparisons import episode, table
from .test_compare import EXAMPLE, Book, made_up

NAMES = ["report.html", "report.xlsx", "moved.parquet", *(f"{name}.csv" for name in TABLES)]


@cache
def found() -> Comparison:
    """Three designs on spells that move for several reasons."""
    spells = [
        episode("M1712", "W371", STARTAGE="70"),
        *[episode("L400", "S122", STARTAGE="15", EPIDUR="0", TRETSPEF="330")] * 4,
        *[episode("M5490", "A577", EPIDUR="0")] * 3,
        episode("D122", "H207", EPIDUR="0"),
        episode("K802", "U177", EPIDUR="0"),
        [episode("J189", EPIDUR="3"), episode("D122", "H207", EPIDUR="1")],
    ]
    return compare(table(*spells), ["2021-22", "2022-23", "2024-25"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compare") / "report"
    assert [file.name for file in found().write(path)] == NAMES
    return path


def hrg(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


# Files


def test_tables_in_files_are_those_of_the_comparison(folder: Path, tmp_path: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert parquet.read_table(folder / "moved.parquet").to_pylist() == found().moved.to_pylist()
    for name in TABLES:
        expected = csv.read_csv(folder / f"{name}.csv")
        if name != "examples":
            own = getattr(found(), name)
            assert expected.num_rows == own.num_rows > 0 and expected.column_names == own.column_names
    found().write(tmp_path / "again", form="parquet", examples=1)
    assert parquet.read_table(tmp_path / "again" / "reasons.parquet").equals(found().reasons)
    examples = parquet.read_table(tmp_path / "again" / "examples.parquet").to_pylist()
    assert len(examples) == len({(*list(row.values())[:3], row["reason"], row["from_hrg"], row["to_hrg"]) for row in examples})


def test_examples_name_rows_and_no_keys(folder: Path) -> None:
    told = csv.read_csv(folder / "examples.csv")
    assert not {"provider", "spell"} & set(told.column_names)
    text = (folder / "report.html").read_text(encoding="utf-8")
    spells = set(found().moved["spell"].to_pylist())
    assert spells and not any(spell in text for spell in spells)


def test_the_workbook_has_the_same_figures(folder: Path) -> None:
    book = CalamineWorkbook.from_path(folder / "report.xlsx")
    assert book.sheet_names == ["summary", "meanings", *TABLES]
    title, _, head, *rows = book.get_sheet_by_name("reasons").to_python()
    assert title[0] == "Why units moved"
    expected = found().reasons
    assert head == expected.column_names
    assert [row[3:5] for row in rows] == [[row["reason"], row["units"]] for row in expected.to_pylist()]
    _, _, head, *rows = book.get_sheet_by_name("transitions").to_python()
    assert "moved" not in head and all(row[3] != row[4] for row in rows)
    assert len(rows) == found().transitions["moved"].to_pylist().count(True)


def test_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for options, words in (({"form": "xml"}, "no form 'xml'"), ({"examples": -1}, "must not be negative")):
        with pytest.raises(ArgumentError, match=words):
            found().write(tmp_path / "out", **options)  # type: ignore[arg-type]
    with pytest.raises(OutputFileError):
        found().write(tmp_path / "none" / "out")
    monkeypatch.setattr(Comparison, "by_root", property(lambda _: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        found().write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


# The page


def test_the_page_stands_alone(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"""(?:src|href|action|data|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", page) == []
    assert page.count("<svg role=") == 3 * 2  # three pictures for each pair of designs
    for words in (
        "2021-22 to 2022-23: spells",
        "spells that moved",
        "share of the spells of a chapter that moved, %",
        "open reconstructions",
        "is not in force in",
    ):
        assert words in page
    assert all(reason.meaning in page for reason in Reason if reason is not Reason.OTHER)


def test_cells_are_escaped(tmp_path: Path) -> None:
    """Providers come from the input."""
    given = table(episode("M5490", "A577", EPIDUR="0", PROCODET="<script>alert(1)</script>"))
    compare(given, ["2021-22", "2024-25"]).write(tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


@needs_browser
def test_the_page_opens_in_a_browser_without_errors(folder: Path) -> None:
    """And the script has made the filter usable."""
    page = check_page(folder / "report.html")
    assert page.dom.count('<p class="filter screen">') == len([one for one in found().moves if len(one.moved)])


# Pictures


def test_flows_that_are_more_than_can_be_drawn() -> None:
    flows = [Flow(f"AA{n:02}Z", f"BB{n % 7:02}Z", 1000 / (n + 1)) for n in range(40)]
    figure = pictures.draw_flows(flows, ("one", "two"), "spells")
    text = str(svg_of(figure, "flows"))
    assert f"The {pictures.MOST_FLOWS} largest of 40 flows" in text and "spells that moved" in text
    assert "AA15Z" in text and "AA16Z" not in text


def test_nodes_of_a_side_do_not_overlap() -> None:
    for units in ([1], [5, 1, 1], [1000, 1, 1, 1], [3] * 16):
        nodes = pictures._places([(str(n), one) for n, one in enumerate(units)])
        scale = pictures._scale(nodes)
        ends = [(top, top + size * scale) for top, size in nodes.values()]
        assert all(end <= start for (_, end), (start, _) in pairwise(ends))
        assert ends[-1][1] <= 1 + 1e-9 and scale > 0


def test_a_waterfall_in_pounds_where_there_are_prices() -> None:
    reasons = [Group("rule", 10, 3, -200.0), Group("changed split", 10, 2, None)]
    assert "effect on cost, GBP" in (text := str(svg_of(pictures.draw_reasons(reasons, "spells"), "why")))
    assert "−200" in text and "spells that moved" in text
    assert text.count("no price") == 1  # an effect that is not known is not drawn as 0
    plain = [group._replace(cost=None) for group in reasons]
    assert "GBP" not in str(svg_of(pictures.draw_reasons(plain, "spells"), "why"))


def test_a_report_with_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "priced", made_up)
    monkeypatch.setattr(Book, "prices", {"AB17Z": 300.0, "AB26Z": 200.0, "FE30Z": 500.0})
    spells = [episode("M5490", "A577", EPIDUR="0"), episode("D122", "H207", EPIDUR="0")]
    compare(table(*spells), ["2021-22", "2024-25"], prices=Book()).write(tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Made-up prices" in page and "−£100" in page and "without price" in page
    (priced, unpriced) = (
        row for row in csv.read_csv(tmp_path / "out" / "transitions.csv").to_pylist() if row["moved"] and row["level"] == "spell"
    )
    assert (priced["cost_effect"], priced["not_priced"]) == (-100.0, 0)
    assert (unpriced["cost_effect"], unpriced["not_priced"]) == (None, 1)


# The command


def test_the_command(tmp_path: Path) -> None:
    result = hrg(EXAMPLE, "--designs", "2021-22,2024-25", "-o", tmp_path / "report", "--examples", "1")
    assert result.exit_code == 0, result.output
    assert re.search(r"2021-22 to 2024-25: [\d,]+ of [\d,]+ spells moved \(\d+\.\d%\)", result.output)
    assert "changed split" in result.output and "report.html" in result.output
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == sorted(NAMES)
    quiet = hrg(EXAMPLE, "--designs", "2023-24,2024-25", "-o", tmp_path / "report", "-q", "--format", "parquet")
    assert (quiet.exit_code, quiet.output) == (0, "")
    assert (tmp_path / "report" / "reasons.parquet").is_file()


def test_the_command_takes_folders_of_designs(tmp_path: Path) -> None:
    """A design of one's own beside the one that it lies over."""
    overlay(tmp_path, base="2024-25", name="mine", procedure="codes,role,rank,root,grade\nA577,drives,3,AB27,authored\n")
    source = tmp_path / "apc.parquet"
    parquet.write_table(table(episode("M5490", "A577", EPIDUR="0")), source)
    result = hrg(source, "--designs", f"2024-25,{tmp_path / 'mine'}", "-o", tmp_path / "report")
    assert result.exit_code == 0, result.output
    assert "2024-25 to mine: 1 of 1 spells moved (100.0%)" in result.output and "another root" in result.output


def test_the_command_keeps_its_input(tmp_path: Path) -> None:
    source = tmp_path / "moved.parquet"
    parquet.write_table(table(episode("M5490")), source)
    before = source.read_bytes()
    result = hrg(source, "--designs", "2021-22,2024-25", "-o", tmp_path)
    assert result.exit_code == 1 and "would overwrite an input" in result.output
    assert source.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--designs", "2024-25"], "at least two designs"),
        (["--designs", "2021-22,2024-25", "--prices", "none-such"], "none-such"),
        (["--designs", "2021-22,2024-25", "-l", "EM"], "required field AGE is missing"),
    ],
)
def test_what_the_command_refuses(options: list[str], words: str, tmp_path: Path) -> None:
    result = hrg(EXAMPLE, *options, "-o", tmp_path / "report")
    assert result.exit_code == 1 and words in result.output
    assert not (tmp_path / "report").exists()


def test_help_teaches() -> None:
    assert "hrg compare apc.csv --designs 2021-22,2024-25 -o report/" in hrg("--help").output
