"""`hrg design import`, and the way from a design to a workbook and back."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from unit.tiny import overlay, tiny_design

import hrgcore
from hrgcore.authoring.importing import import_workbook
from hrgcore.authoring.importing.kinds import IGNORED, KINDS
from hrgcore.authoring.importing.mapfile import SheetMap
from hrgcore.authoring.importing.said import COMPLETE
from hrgcore.authoring.workbook import write_code_to_group
from hrgcore.cli import main
from hrgcore.design import Design, load_design
from hrgcore.plugins import host

from .official_form import ICD10, WHOLE, write_book

HRG = Callable[..., Result]
SPELLS = 3_000
POPULATION = Path(__file__).parents[2] / "benchmarks" / "population.py"


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


# Command


def test_command_makes_a_package_and_tells_sheet_by_sheet(hrg: HRG, tmp_path: Path) -> None:
    book = write_book(tmp_path / "Code to Group.xlsx", {**WHOLE, "Notes": (("Thanks",),)})
    done = hrg(
        "design", "import", book, "--base", tiny_design(tmp_path), "-o", tmp_path / "my-design", "--report", tmp_path / "r.md"
    )
    assert done.exit_code == 0, done.output
    for text in (
        "Sheet ICD-10: ICD-10 codes to roots; 8 of 8 rows used, 6 confirmed, 2 changed",
        "columns not used: Description",
        "Sheet Notes: not recognised (1 row)",
        "Left to the base: table rule: 4 rows",
        "Design tiny-imported over tiny 1.0",
        "Its base tiny is not installed",
    ):
        assert text in done.output, done.output
    assert "## Sheet Notes" in (tmp_path / "r.md").read_text(encoding="utf-8")
    assert (tmp_path / "my-design" / "hrgdesign_tiny_imported" / "design.toml").exists()


def test_command_shows_the_first_refused_rows_and_leaves_the_rest_to_the_report(hrg: HRG, tmp_path: Path) -> None:
    rows = (*ICD10, *((f"nonsense {number}", "", "AA02") for number in range(20)))
    book = write_book(tmp_path / "book.xlsx", {"ICD-10": rows})
    base = tiny_design(tmp_path)
    done = hrg("design", "import", book, "--base", base, "-o", tmp_path / "one")
    assert done.output.count("refused: 'nonsense") == 5 and "15 more rows refused (--report names them)" in done.output
    hrg("design", "import", book, "--base", base, "-o", tmp_path / "two", "--report", tmp_path / "r.md")
    assert (tmp_path / "r.md").read_text(encoding="utf-8").count("refused: 'nonsense") == 20


def test_names_of_sheets_cannot_command_the_terminal(hrg: HRG, tmp_path: Path) -> None:
    book = write_book(tmp_path / "book.xlsx", {"ICD-10": (*ICD10, ("\x1b[31mred", "", "AA02")), "\x1b bold": (("x",),)})
    done = hrg("design", "import", book, "--base", tiny_design(tmp_path), "-o", tmp_path / "made")
    assert done.exit_code == 0 and "\x1b" not in done.output and "[31mred" in done.output


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--name", "a b"), "'a b' cannot be the name of a design"),
        (("--name", "../up"), "cannot be the name of a design"),
        (("--name", "tiny"), "is the name of the base"),
        (("--base", "1999-00"), "no design named '1999-00' is installed"),
        (("--map", "none.toml"), "cannot be read"),
        (("--report", "none/r.md"), "there is no such folder"),
    ],
)
def test_command_fails_and_writes_nothing(hrg: HRG, tmp_path: Path, options: tuple[str, str], text: str) -> None:
    book = write_book(tmp_path / "book.xlsx", {"ICD-10": ICD10})
    done = hrg("design", "import", book, "--base", tiny_design(tmp_path), "-o", tmp_path / "made", *options)
    assert done.exit_code == 1 and text in done.output and not (tmp_path / "made").exists()


def test_command_names_the_package_of_an_installed_base(hrg: HRG, tmp_path: Path) -> None:
    book = write_book(tmp_path / "book.xlsx", {"x": (("ICD-10 Code", "HRG Root"), ("A000", "FD02"))})
    done = hrg("design", "import", book, "--base", "2024-25", "-o", tmp_path / "made", "--name", "2024-25-mine")
    assert done.exit_code == 0, done.output
    assert '"hrgdesign-2024-25==' in (tmp_path / "made" / "pyproject.toml").read_text(encoding="utf-8")


# There and back


def reimported(design: Design, base: Design, find: Callable[[str], Path], folder: Path) -> Design:
    """The design that the workbook of one gives over another."""
    with (folder / "book.xlsx").open("wb") as file:
        write_code_to_group(design, file)
    report = import_workbook(folder / "book.xlsx", folder / "made", base=base, find_base=find, name="made")
    assert report.own and not any(sheet.refused for sheet in report.sheets)
    return load_design(folder / "made" / "hrgdesign_made", find_base=find)


def test_an_export_over_its_own_base_differs_in_no_row(tmp_path: Path) -> None:
    folder = tiny_design(tmp_path)
    base = load_design(folder)
    made = reimported(base, base, lambda name: folder, tmp_path)
    assert list((tmp_path / "made" / "hrgdesign_made" / "tables").iterdir()) == []
    assert made.tables.arrays == base.tables.arrays


def test_an_export_over_another_base_is_the_same_design_again(tmp_path: Path) -> None:
    """Changed, added and withdrawn rows of every kind of table; rules in another order; a table that becomes empty."""
    folder = tiny_design(tmp_path)
    over = overlay(
        tmp_path,
        icd10="code\nD010\n",
        diagnosis="codes,root,child_root,rank,grade,child_grade\nD010,AA03,AA02,4,label,authored\n",
        procedure="codes,role,rank,root,grade\nM011,drives,7,PR02,label\n",
        programme="codes,category,grade\nA00,01X,authored\n",
        rule="stage,from,when,to,method,grade\nprocedure,PR02,age 0-1,PR01,,authored\nprocedure,PR01,age 5,PR02,,authored\n",
        cc_exclusion="primary,secondary,grade\n",
        dominance="stay,min_rank,grade\n0+,1,authored\n",
        cc="codes,subchapters,points,grade\nB000,PR,2,label\n",
        remove="table,key\nunbundled,U012\nopcs4,V011\n",
    )
    base, changed = load_design(folder), load_design(over, find_base=lambda name: folder)
    made = reimported(changed, base, lambda name: folder, tmp_path)
    for table in ("rule", "list", "dominance", "cc_exclusion", "message", "field"):
        assert [row.cells for row in made.rows[table]] == [row.cells for row in changed.rows[table]], table
    assert made.tables.icd10.codes == changed.tables.icd10.codes and made.tables.opcs4.codes == changed.tables.opcs4.codes
    for name in ("diag_root", "diag_child", "diag_rank", "diag_grade", "proc_role", "proc_root", "proc_rank", "unbundled_root"):
        assert made.tables.arrays[name] == changed.tables.arrays[name], name


@pytest.fixture(scope="module")
def spells() -> pa.Table:
    spec = importlib.util.spec_from_file_location("population", POPULATION)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    rows = list(module.generate_rows(SPELLS, 7, 0.03))
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(module.columns())})


def results(table: object) -> dict[str, list[object]]:
    """All columns, as texts: numbers of words differ from design to design."""
    read = pa.table(table)
    words = [column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column for column in read.columns]
    return {name: column.to_pylist() for name, column in zip(read.column_names, words, strict=True)}


def test_a_year_exported_and_imported_over_another_groups_the_same(spells: pa.Table, tmp_path: Path) -> None:
    original, below = host().load_design("2021-22"), host().load_design("2024-25")
    made = reimported(original, below, host().folder, tmp_path)
    one, other, without = hrgcore.group_table(spells, [original, made, below])
    assert results(one.records) == results(other.records) != results(without.records)
    assert results(one.spells) == results(other.spells) != results(without.spells)
    assert results(one.messages) == results(other.messages)


# Documentation


def test_kinds_and_columns_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| .+ \| (.*) ?\|$", text, re.MULTILINE))
    assert {name: re.findall(r"`(\w+)`", columns) for name, columns in rows.items()} == {
        **{name: list(kind.columns) for name, kind in KINDS.items()},
        IGNORED: [],
    }
    assert all(f"`{key}`" in text for key in SheetMap._fields if key not in ("kind", "columns"))
    assert f"at least {COMPLETE:.0%} of the codes".replace("%", " %") in text
