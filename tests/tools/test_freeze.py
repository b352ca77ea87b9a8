"""The hash of a design: what moves it and what does not, where it is told, and lock files."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.tiny import GROUPING, TABLES, changed, overlay, tiny_design

import hrgcore
from hrgcore import Design
from hrgcore.authoring.freeze import lock_of, read_lock, write_lock
from hrgcore.cli import main
from hrgcore.design import load_design
from hrgcore.errors import DesignError, OutputFileError

HRG = Callable[..., Result]
# Of the tiny design. It may change with that design, and with _FORM in hrgcore.design.fingerprint, but not otherwise.
PINNED = "cec2d8c6d8faee6083892c404ab7e3a70f0b72cdde23f92ad92f47cd88e1e961"


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def tiny(folder: Path, **tables: str) -> Design:
    return load_design(tiny_design(folder, **tables))


def moved(one: Design, other: Design) -> set[str]:
    """The tables whose hashes differ."""
    names = one.table_hashes.keys() | other.table_hashes.keys()
    return {name for name in names if one.table_hashes.get(name) != other.table_hashes.get(name)}


def lines(table: str) -> tuple[str, list[str]]:
    head, *rows = TABLES[table].splitlines()
    return head, rows


# What the hash is of


def test_hash_is_the_same_everywhere(tmp_path: Path) -> None:
    """On every machine, with every version of Python."""
    design = tiny(tmp_path)
    assert design.hash == PINNED
    assert design.short_hash == PINNED[:12]


CHANGES = [
    ("chapter", "PR,Repairs", "PR,Mending"),
    ("icd10", "B002\n", "B002\nB003\n"),
    ("opcs4", "Y011\n", "Y011\nY012\n"),
    ("hrg", "Complaint", "Grievance"),
    ("split", "AA01,AA01B,,,,0-2,,label", "AA01,AA01B,,,,0-2,,probed"),
    ("diagnosis", "A00,AA01,,2,label,", "A00,AA01,,3,label,"),
    ("procedure", "M01,drives,5,", "M01,drives,6,"),
    ("dominance", "0-1,1,", "0-1,2,"),
    ("rule", "stay 3+", "stay 4+"),
    ("list", "big,procedure,M012", "big,procedure,M011"),
    ("cc", "B000,AA,3", "B000,AA,2"),
    ("cc_exclusion", "A001,B000", "A001,B001"),
    ("cc_family", "mild,specific,B000", "mild,specific,B002"),
    ("score", "sum,C000,diagnosis,2", "sum,C000,diagnosis,1"),
    ("unbundled", "rehabilitation", "palliative"),
    ("field", "1 2 9,9,", "1 2 9,1,"),
    ("message", "bad primary", "worse primary"),
]


@pytest.mark.parametrize(("table", "old", "new"), CHANGES)
def test_every_table_counts(tmp_path: Path, table: str, old: str, new: str) -> None:
    """Rows that name the category of a new code name one code more."""
    one, other = tiny(tmp_path), tiny(tmp_path / "other", **changed(table, old, new))
    assert moved(one, other) == {table, *({"diagnosis"} if table == "icd10" else ())}
    assert one.hash != other.hash


def test_no_table_was_forgotten() -> None:
    assert {table for table, _, _ in CHANGES} == set(TABLES)


@pytest.mark.parametrize("table", ["category", "organ", "programme"])
def test_a_table_without_rows_is_none(tmp_path: Path, table: str) -> None:
    """So that a table which a later version of the core knows does not change the hash of designs that do not have it."""
    assert table not in tiny(tmp_path).table_hashes


def test_settings_count(tmp_path: Path) -> None:
    folder = tiny_design(tmp_path / "other")
    manifest = folder / "design.toml"
    manifest.write_text(manifest.read_text().replace("age_rise = 1", "age_rise = 2"))
    assert GROUPING.count("age_rise = 1") == 1
    assert moved(tiny(tmp_path), load_design(folder)) == {"settings"}


def test_name_label_version_and_comments_do_not_count(tmp_path: Path) -> None:
    folder = tiny_design(tmp_path, name="other")
    manifest = folder / "design.toml"
    text = manifest.read_text().replace('"1.0"', '"2.0"').replace("Tiny design", "Another design")
    manifest.write_text(f"# a comment\n{text}")
    other = load_design(folder)
    assert (other.name, other.manifest.version) == ("other", "2.0")
    assert other.hash == PINNED


@pytest.mark.parametrize("table", [name for name in TABLES if name not in ("rule", "split")])
def test_order_of_rows_does_not_count(tmp_path: Path, table: str) -> None:
    head, rows = lines(table)
    assert tiny(tmp_path, **{table: "\n".join([head, *reversed(rows)]) + "\n"}).hash == PINNED


@pytest.mark.parametrize("table", [name for name in TABLES if name not in ("icd10", "opcs4")])
def test_files_of_a_table_do_not_count(tmp_path: Path, table: str) -> None:
    """Nor does how a cell is quoted."""
    head, rows = lines(table)
    folder = tiny_design(tmp_path, **{table: f"{head}\n"})
    for number, row in enumerate(rows):
        (cells,) = csv.reader([row])
        with (folder / "tables" / f"{table}_{number:02}.csv").open("w", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([head.split(","), cells])
    assert load_design(folder).hash == PINNED


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("diagnosis", "A00,AA01", "A000-A001,AA01"),
        ("diagnosis", "A01 B00 C000", "C000 B000-B00 A01X"),
        ("procedure", "M01,drives", "M012 M011,drives"),
        ("list", "sorted,diagnosis,B002", "sorted,diagnosis,B002-B002"),
        ("cc_exclusion", "A001,B000", "A001-A001,B000 B000"),
    ],
)
def test_how_codes_are_written_does_not_count(tmp_path: Path, table: str, old: str, new: str) -> None:
    assert tiny(tmp_path, **changed(table, old, new)).hash == PINNED


def test_order_counts_where_it_has_a_meaning(tmp_path: Path) -> None:
    """Rules of one stage are read in order; those of different stages never meet."""
    head, rows = lines("rule")
    assert tiny(tmp_path, rule="\n".join([head, *reversed(rows)]) + "\n").hash == PINNED
    more = [*rows, "diagnosis,AA02,age 90+,AA01,,authored"]
    one, other = (
        tiny(tmp_path / name, rule="\n".join([head, *rules]) + "\n") for name, rules in (("one", more), ("other", more[::-1]))
    )
    assert moved(one, other) == {"rule"}


# Layers


def test_overlay_has_the_hash_of_the_rows_that_are_in_force(tmp_path: Path) -> None:
    """Of an overlay, and of the same rows written out."""
    base = tiny_design(tmp_path)
    over = overlay(
        tmp_path,
        diagnosis="codes,root,child_root,rank,grade,child_grade\nA001,AA03,,4,label,\n",
        cc="codes,subchapters,points,grade\nB001,AA,2,probed\n",
        rule="stage,from,when,to,method,grade\nroute,,TRETSPEF in pain and age 19+,AA03,G,authored\n",
        remove="table,key\nopcs4,M011\nprocedure,P011\nunbundled,U013\n",
    )
    flat = tiny_design(
        tmp_path,
        name="flat",
        **changed("diagnosis", "A00,AA01,,2,label,", "A000,AA01,,2,label,\nA001,AA03,,4,label,"),
        **changed("cc", "B001,AA PR,1,probed", "B001,AA,2,probed"),
        **changed("rule", "TRETSPEF in pain,", "TRETSPEF in pain and age 19+,"),
        **changed("opcs4", "M011\n", ""),
        **changed("procedure", "P011,intervention,,,authored\n", ""),
        **changed("unbundled", "U013,VC04,palliative,label\n", ""),
    )
    one, other = load_design(over, find_base=lambda name: base), load_design(flat)
    assert moved(one, other) == set()
    assert one.hash == other.hash != PINNED
    assert moved(load_design(base), one) == {"diagnosis", "cc", "rule", "opcs4", "procedure", "unbundled"}


def test_what_a_plugin_adjusts_counts(tmp_path: Path) -> None:
    row = {"codes": "M012", "role": "drives", "rank": "9", "root": "PR02", "grade": "authored"}
    adjusted = load_design(tiny_design(tmp_path), adjustments=[("local", {"procedure": [row]})])
    assert moved(tiny(tmp_path / "own"), adjusted) == {"procedure"}
    assert lock_of(adjusted).adjusted_by == ("local",)


def test_years_of_the_same_tables_have_the_same_hash() -> None:
    hashes = {name: hrgcore.Grouper(name).design.hash for name in hrgcore.designs()}
    assert hashes["2023-24"] == hashes["2024-25"] == hashes["2025-26"]
    assert len(set(hashes.values())) == 3


def test_grouping_does_not_ask_for_the_hash() -> None:
    """A single case should not pay for it."""
    code = (
        "import sys, hrgcore; hrgcore.Grouper('2024-25').group_spell([hrgcore.Episode(age=40, duration=0, diagnoses=['M5490'])]);"
        "print('hrgcore.design.fingerprint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# Where it is told


def test_hash_in_summaries(hrg: HRG, tmp_path: Path, own_logging: None) -> None:
    example = Path(__file__).parents[2] / "examples" / "em_sample.csv"
    grouper = hrgcore.Grouper("2024-25", "EM")
    run = grouper.group_file(example, tmp_path / "out.csv")
    assert run.design_hash == grouper.design.hash
    with (tmp_path / "out_summary.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["Database Version"] == f"{grouper.design.database_version} {grouper.design.short_hash}"
    done = hrg("group", example, "--design", "2024-25", "-o", tmp_path / "again.csv")
    assert f"Hash of the design: {grouper.design.short_hash}\n" in done.output


def test_hash_in_the_summary_of_tables(tmp_path: Path) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"AGE": ["30"], "INV_01": ["01"], "TREAT_01": ["22"]}), tmp_path / "in.parquet")
    grouper = hrgcore.Grouper("2024-25", "EM")
    assert grouper.group_file(tmp_path / "in.parquet", tmp_path / "out.parquet").design_hash == grouper.design.hash


# Lock files


def test_lock_comes_back_as_it_was(tmp_path: Path) -> None:
    lock = lock_of(tiny(tmp_path))
    write_lock(lock, tmp_path / "lock.toml")
    assert read_lock(tmp_path / "lock.toml") == lock
    assert (lock.design, lock.version, lock.core, lock.hash) == ("tiny", "1.0", hrgcore.__version__, PINNED)
    assert list(lock.differences(lock)) == []


def test_freeze_and_check(hrg: HRG, tmp_path: Path) -> None:
    folder = tiny_design(tmp_path)
    lock = tmp_path / "lock.toml"
    done = hrg("design", "freeze", folder, "-o", lock)
    assert (done.exit_code, done.output) == (0, f"Design tiny 1.0\nHash {PINNED}\n")
    done = hrg("design", "freeze", folder, "--check", lock)
    assert done.exit_code == 0 and "As it was frozen: tiny 1.0.\n" in done.output
    (folder / "tables" / "cc.csv").write_text(TABLES["cc"].replace("B000,AA,3", "B000,AA,2"))
    (folder / "tables" / "score.csv").write_text("score,codes,kind,points,grade\n")
    (folder / "tables" / "rule.csv").write_text(TABLES["rule"].replace("score sum 2+", "stay 2+"))
    (folder / "tables" / "programme.csv").write_text("codes,category,grade\nA00,01A,label\n")
    done = hrg("design", "freeze", folder, "--check", lock)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[2:] == ["cc differs", "programme is new", "rule differs", "score has no rows any more"]
    assert f"not as it was frozen: tiny 1.0, {PINNED}" in done.stderr


def test_lock_whose_hash_was_changed(hrg: HRG, tmp_path: Path) -> None:
    folder, lock = tiny_design(tmp_path), tmp_path / "lock.toml"
    hrg("design", "freeze", folder, "-o", lock)
    lock.write_text(lock.read_text().replace(PINNED, "0" * 64))
    done = hrg("design", "freeze", folder, "--check", lock)
    assert done.exit_code == 1 and "the lock was changed by hand" in done.stdout


@pytest.mark.parametrize("text", ["", "x", "design = 1\n", 'hash = "a"\n[tables]\n', "\udcff"])
def test_what_is_no_lock_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "lock.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DesignError, match=r"lock\.toml"):
        read_lock(tmp_path / "lock.toml")


def test_names_of_any_text_are_kept(tmp_path: Path) -> None:
    folder = tiny_design(tmp_path)
    manifest = folder / "design.toml"
    manifest.write_text(manifest.read_text().replace('"1.0"', r'"1 \" \\ ] \n \u007f é 😀"'), encoding="utf-8")
    lock = lock_of(load_design(folder))
    write_lock(lock, tmp_path / "lock.toml")
    assert read_lock(tmp_path / "lock.toml") == lock


def test_freeze_fails(hrg: HRG, tmp_path: Path) -> None:
    folder = tiny_design(tmp_path)
    assert hrg("design", "freeze", folder, "-o", tmp_path / "none" / "lock.toml").exit_code == 1
    assert hrg("design", "freeze", folder, "--check", tmp_path / "none.toml").exit_code == 1
    assert hrg("design", "freeze", folder, "-o", "a", "--check", "b").exit_code == 2
    assert hrg("design", "freeze", "1999-00").exit_code == 1
    with pytest.raises(OutputFileError):
        write_lock(lock_of(load_design(folder)), tmp_path)
