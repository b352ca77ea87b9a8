"""`hrg design diff`: designs compared as they take effect, against tables and dates of validity, and what is written."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.tiny import TABLES, changed, overlay, tiny_design

from hrgcore._core.codes import CodeSet
from hrgcore.authoring.diff import CHANGED, NEW, RETIRED, Change, DesignDiff, Section, design_diff
from hrgcore.authoring.diff_report import as_html, as_markdown
from hrgcore.authoring.reading import CodeOrder, Reading, common_label
from hrgcore.cli import main
from hrgcore.design import Design, load_design
from hrgcore.errors import DesignError
from hrgcore.plugins import host

SHARED = Path(__file__).parents[3] / "shared" / "data"
YEARS = ("2021-22", "2022-23", "2023-24", "2024-25", "2025-26")
PAIRS = list(combinations(YEARS, 2))
FLIPPED = {NEW: RETIRED, RETIRED: NEW, CHANGED: CHANGED}


@cache
def year(name: str) -> Design:
    return host().load_design(name)


@cache
def between(before: str, after: str) -> DesignDiff:
    return design_diff(year(before), year(after))


def tiny_diff(folder: Path, **tables: str) -> DesignDiff:
    """What changes from the tiny design to one with other tables."""
    return design_diff(load_design(tiny_design(folder)), load_design(tiny_design(folder, name="other", **tables)))


def changes(found: DesignDiff) -> dict[str, list[tuple[str, str, str, str]]]:
    """By section the kind, what, before and after of each change."""
    return {
        section.title: [(one.kind, " ".join(one.what), one.before, one.after) for one in section.changes]
        for section in found.sections
        if section.changes
    }


def added(table: str, *lines: str) -> dict[str, str]:
    return {table: TABLES[table] + "".join(f"{line}\n" for line in lines)}


def names(section: Section, kind: str) -> set[str]:
    return {one.what[0] for one in section.changes if one.kind == kind}


# --- years ---


@pytest.mark.parametrize("name", ["2021-22", "2024-25"])
def test_a_year_does_not_differ_from_itself(name: str) -> None:
    assert not between(name, name)
    assert changes(between(name, name)) == {}


def flipped(one: Change) -> Change:
    return one._replace(kind=FLIPPED[one.kind], before=one.after, after=one.before)


@pytest.mark.parametrize(("before", "after"), [("2021-22", "2024-25"), ("2022-23", "2025-26")])
def test_the_way_back_is_the_mirror(before: str, after: str) -> None:
    for one, other in zip(between(before, after).sections, between(after, before).sections, strict=True):
        assert sorted(one.changes) == sorted(map(flipped, other.changes)), one.title


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_hrgs_are_those_of_the_tables(before: str, after: str) -> None:
    tables = [{row.cells[0]: row.cells[1:3] for row in year(name).rows["hrg"]} for name in (before, after)]
    section = between(before, after).section("HRGs")
    assert names(section, NEW) == tables[1].keys() - tables[0].keys()
    assert names(section, RETIRED) == tables[0].keys() - tables[1].keys()
    assert names(section, CHANGED) == {hrg for hrg in tables[0].keys() & tables[1].keys() if tables[0][hrg] != tables[1][hrg]}


@pytest.mark.skipif(not SHARED.is_dir(), reason="no folder of reference data beside the project")
@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_hrgs_are_those_that_the_validity_dates_say(before: str, after: str) -> None:
    with (SHARED / "hrg" / "hrg_list.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def valid(name: str) -> set[str]:
        start = f"{name[:4]}-04-01"
        return {row["hrg"] for row in rows if row["valid_from"] <= start and (not row["valid_to"] or row["valid_to"] >= start)}

    section = between(before, after).section("HRGs")
    helpers = {row.cells[0] for name in (before, after) for row in year(name).rows["hrg"] if row.cells[2] == "helper"}
    assert names(section, NEW) - helpers == valid(after) - valid(before)
    assert names(section, RETIRED) - helpers == valid(before) - valid(after)


def test_2021_22_to_2024_25() -> None:
    found = between("2021-22", "2024-25")
    section = found.section("HRGs")
    assert (section.count(NEW), section.count(RETIRED)) == (121, 59)
    came = set(year("2024-25").tables.opcs4.codes) - set(year("2021-22").tables.opcs4.codes)
    codes = CodeSet(year("2024-25").tables.opcs4.codes[1:], False)
    told = [one.what[0] for one in found.section("OPCS-4 codes in force").changes]
    assert {codes.codes[n] for cell in told for first, last in codes.spans(cell) for n in range(first, last + 1)} == came
    assert ("changed", "opcs4", "OPCS-4.9", "OPCS-4.10") in changes(found)["Settings"]
    root = next(one for one in found.section("Roots").changes if one.what == ("CA60",))
    assert (root.kind, root.before) == (CHANGED, "CA60A age 19+; CA60B age 0-18")


def test_procedures_are_those_whose_compiled_values_differ() -> None:
    one, other = (year(name) for name in ("2021-22", "2024-25"))

    def said(design: Design) -> dict[str, tuple[int, int, str]]:
        arrays = design.tables.arrays
        columns = zip(arrays["proc_role"], arrays["proc_rank"], arrays["proc_root"], strict=True)
        values = [(role if role else 8, rank, design.tables.roots[root]) for role, rank, root in columns]
        return dict(zip(design.tables.opcs4.codes, values, strict=True))

    before, after = said(one), said(other)
    differing = {code for code in before.keys() & after.keys() if before[code] != after[code]}
    section = between("2021-22", "2024-25").section("Procedures")
    assert section.count(CHANGED) == len(differing) > 100


# --- what counts as a change ---

NO_CHANGE = {
    "a category as its codes": changed("diagnosis", "A00,AA01,,2", "A000-A001,AA01,,2"),
    "a row as two": changed("procedure", "M01,drives,5,PR01,authored", "M011,drives,5,PR01,authored\nM012,drives,5,PR01,label"),
    "a grade": changed("split", "AA02,AA02Z,,,,,,label", "AA02,AA02Z,,,,,,authored"),
    "a band from 0": changed("split", "AA02,AA02Z,,,,,,label", "AA02,AA02Z,,,0+,,,label"),
    "tests in another order": changed("rule", "procedure in big and stay 3+", "stay 3+ and procedure in big"),
    "a list in two rows": changed("list", "sorted,diagnosis,B002", "sorted,diagnosis,B002,label\nsorted,diagnosis,B002"),
    "points by category": changed("cc", "B000,AA,3,probed", "B000-B000,AA,3,probed"),
    "order of accepted values": changed("field", "values,1 2 9,9", "values,9 2 1,9"),
    "order of rows": {"hrg": "\n".join([*TABLES["hrg"].splitlines()[:1], *sorted(TABLES["hrg"].splitlines()[1:])]) + "\n"},
}


@pytest.mark.parametrize("tables", NO_CHANGE.values(), ids=list(NO_CHANGE))
def test_what_is_no_change(tmp_path: Path, tables: dict[str, str]) -> None:
    assert changes(tiny_diff(tmp_path, **tables)) == {}


def test_a_code_without_a_role_is_ignored(tmp_path: Path) -> None:
    without, ignored = (
        changed("procedure", "Y011,modifier,,,authored\n", ""),
        changed("procedure", "Y011,modifier", "Y011,ignored"),
    )
    pair = [load_design(tiny_design(tmp_path, name=name, **tables)) for name, tables in (("one", without), ("two", ignored))]
    assert changes(design_diff(*pair)) == {}


def test_a_rule_of_two_roots_may_stand_as_two(tmp_path: Path) -> None:
    one = added("rule", "diagnosis,AA01 AA02,age 90+,AA03,,label")
    two = added("rule", "diagnosis,AA02,age 90+,AA03,,label", "diagnosis,AA01,age 90+,AA03,,label")
    pair = [load_design(tiny_design(tmp_path, name=name, **tables)) for name, tables in (("one", one), ("two", two))]
    assert changes(design_diff(*pair)) == {}


CHANGES = {
    "new HRG": (
        added("hrg", "AA04Z,Other,core,label") | added("split", "AA04,AA04Z,,,,,,label"),
        {"HRGs": [("new", "AA04Z", "", "Other")], "Roots": [("new", "AA04", "", "AA04Z every record")]},
    ),
    "label": (changed("hrg", "AA02Z,Complaint", "AA02Z,Grievance"), {"HRGs": [("changed", "AA02Z", "Complaint", "Grievance")]}),
    "kind": (
        changed("hrg", "Complaint,core", "Complaint,other"),
        {"HRGs": [("changed", "AA02Z", "Complaint", "Complaint (other)")]},
    ),
    "split": (
        {"split": TABLES["split"].replace("PR01A,19+", "PR01A,18+").replace("0-18", "0-17")},
        {"Roots": [("changed", "PR01", "PR01A age 19+; PR01B age 0-18", "PR01A age 18+; PR01B age 0-17")]},
    ),
    "new code": (
        changed("icd10", "A01X", "A01X\nA020") | changed("diagnosis", "A01 B00", "A01 A02 B00"),
        {"ICD-10 codes in force": [("new", "A020", "", "AA02, rank 1")]},
    ),
    "root of a diagnosis": (
        changed("diagnosis", "A00,AA01,,2,label,", "A000,AA01,,2,label,\nA001,AA02,AA01,2,label,label"),
        {"Primary diagnoses": [("changed", "A001", "AA01, rank 2", "AA02, children AA01, rank 2")]},
    ),
    "rank of a procedure": (
        changed("procedure", "M01,drives,5", "M01,drives,6"),
        {"Procedures": [("changed", "M01", "drives 5 PR01", "drives 6 PR01")]},
    ),
    "multiplier": (
        changed("unbundled", "U013,VC04,palliative", "U013,VC04,"),
        {"Unbundled procedures": [("changed", "U013", "VC04, palliative", "VC04")]},
    ),
    "programme": (
        {"programme": "codes,category,grade\nA00,01X,label\n"},
        {"Programme budgeting": [("new", "A00", "", "01X")]},
    ),
    "condition": (
        changed("rule", "stay 3+", "stay 4+"),
        {"Rules": [("changed", "PR01", "procedure in big and stay 3+ → PR02", "procedure in big and stay 4+ → PR02")]},
    ),
    "target": (
        changed("rule", "score sum 2+,AA03", "score sum 2+,AA01"),
        {"Rules": [("changed", "AA02", "score sum 2+ → AA03", "score sum 2+ → AA01")]},
    ),
    "new rule": (
        added("rule", "diagnosis,AA01 AA02,age 90+,AA03,,label"),
        {"Rules": [("new", "AA01 AA02", "", "age 90+ → AA03")]},
    ),
    "members": (
        changed("list", "sorted,diagnosis,B002", "sorted,diagnosis,B00"),
        {"Code lists": [("changed", "sorted diagnosis", "", "B000-B001")]},
    ),
    "CC points": (
        changed("cc", "B001,AA PR,1", "B001,AA,2"),
        {"CC lists": [("changed", "AA B001", "1", "2"), ("retired", "PR B001", "1", "")]},
    ),
    "exclusion": (
        changed("cc_exclusion", "A001,B000", "A001,B00"),
        {"CC exclusions": [("changed", "A001", "", "B001-B002")]},
    ),
    "family": (
        changed("cc_family", "mild,specific,B000", "mild,specific,B000 B002"),
        {"CC families": [("new", "B002", "", "mild specific")]},
    ),
    "score": (changed("score", "C000,diagnosis,2", "C000,diagnosis,3"), {"Scores": [("changed", "sum C000", "2", "3")]}),
    "dominance": (
        {"dominance": "stay,min_rank,grade\n0-1,1,authored\n2-3,3,authored\n4+,2,authored\n"},
        {"Dominance of procedures": [("changed", "2-3", "2", "3")]},
    ),
    "field": (
        changed("field", "CRITICALCAREDAYS,no,number,0-99999,0", "CRITICALCAREDAYS,no,number,0-99,"),
        {"Fields": [("changed", "APC CRITICALCAREDAYS", "number 0-99999, default 0", "number 0-99")]},
    ),
    "message": (
        changed("message", "bad primary", "no such code"),
        {"Messages": [("changed", "UZ01", "UZ01, bad primary", "UZ01, no such code")]},
    ),
    "chapter": (changed("chapter", "PR,Repairs", "PR,Mending"), {"Chapters": [("changed", "PR", "Repairs", "Mending")]}),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "expected"), CHANGES.values(), ids=list(CHANGES))
def test_each_change_is_told_once(tmp_path: Path, tables: dict[str, str], expected: dict[str, list[tuple[str, ...]]]) -> None:
    pair = [load_design(tiny_design(tmp_path)), load_design(tiny_design(tmp_path, name="other", **tables))]
    found, back = design_diff(*pair), design_diff(*reversed(pair))
    assert changes(found) == expected
    for one, other in zip(found.sections, back.sections, strict=True):
        assert sorted(one.changes) == sorted(map(flipped, other.changes))


def test_order_of_rules_matters_where_both_take_a_root(tmp_path: Path) -> None:
    first, second, other = (
        "diagnosis,AA01,age 90+,AA03,,label",
        "diagnosis,AA01,age 80+,AA02,,label",
        "diagnosis,AA03,stay 9+,AA02,,label",
    )

    def designed(name: str, *rules: str) -> Design:
        return load_design(tiny_design(tmp_path, name=name, **added("rule", *rules)))

    one = designed("one", first, second, other)
    found = changes(design_diff(one, designed("two", second, first, other)))
    assert found == {
        "Order of rules": [("changed", "AA01", "age 90+ → AA03; then age 80+ → AA02", "age 80+ → AA02; then age 90+ → AA03")]
    }
    chain = changes(design_diff(one, designed("three", other, first, second)))
    assert [line[1:3] for line in chain["Order of rules"]] == [("AA01", "age 90+ → AA03; then stay 9+ → AA02")]
    apart = "diagnosis,AA02,stay 5+,AA01,,label"  # takes another root, and none of those rules leads there
    assert changes(design_diff(designed("four", other, apart), designed("five", apart, other))) != {}
    assert changes(design_diff(designed("six", first, "procedure,PR01,age 5+,PR02,,label"),
                               designed("seven", "procedure,PR01,age 5+,PR02,,label", first))) == {}  # fmt: skip


def test_an_overlay_and_the_same_tables_written_out_do_not_differ(tmp_path: Path) -> None:
    tiny = tiny_design(tmp_path)
    over = overlay(
        tmp_path, procedure="codes,role,rank,root,grade\nM012,drives,9,PR02,label\n", remove="table,key\nprocedure,Y011\n"
    )
    whole = tiny_design(
        tmp_path,
        name="whole",
        procedure="codes,role,rank,root,grade\nM011,drives,5,PR01,label\nM012,drives,9,PR02,label\nP011,intervention,,,label\n"
        "U01,unbundled,,,label\nV011,vague,6,,label\n",
    )
    assert changes(design_diff(load_design(over, find_base=lambda _: tiny), load_design(whole))) == {}


# --- codes as terms ---

CODES = [f"{letter}{number}{last}" for letter in "AB" for number in ("00", "01", "02") for last in "0123"]


@given(st.sets(st.sampled_from(CODES)), st.sets(st.sampled_from(CODES)))
@settings(max_examples=100)
def test_terms_name_the_codes_and_no_other(known: set[str], picked: set[str]) -> None:
    code_set, wanted = CodeSet(known, False), picked & known
    cell = " ".join(CodeOrder(known).terms(wanted))
    spans = code_set.spans(cell)
    assert {code_set.codes[n] for first, last in spans for n in range(first, last + 1)} == wanted
    assert len(spans) <= len(wanted)


def test_order_of_splits_matters_where_they_have_conditions(tmp_path: Path) -> None:
    first, second, other = "PR02,PR01A,,,,,stay 5+,label", "PR02,PR01B,,,,,age 60+,label", "PR01,PR01A,19+,,,,,label"
    one = load_design(tiny_design(tmp_path, name="one", **added("split", first, second)))
    assert TABLES["split"].count(other) == 1
    moved = {"split": added("split", second, first)["split"].replace(f"{other}\n", "") + f"{other}\n"}
    found = changes(design_diff(one, load_design(tiny_design(tmp_path, name="two", **moved))))
    a, b, rest = "PR01A stay 5+", "PR01B age 60+", "PR02Z every record"
    assert found == {"Roots": [("changed", "PR02", f"{a}; {b}; {rest}", f"{b}; {a}; {rest}")]}


def test_labels_of_roots() -> None:
    assert common_label(["Repair, 19 years and over", "Repair, 18 years and under"]) == "Repair"
    assert common_label(["Very Major Repair with CC Score 2+", "Very Major Repair with CC Score 0-1"]) == "Very Major Repair"
    assert common_label(["Repair with CC"]) == "Repair with CC"
    assert common_label(["One", "Other"]) == ""


def test_reading_agrees_with_the_lists_that_the_engine_has() -> None:
    design = year("2024-25")
    reading, arrays = Reading(design), design.tables.arrays
    numbers = [name for name, found in reading.lists.items() if found.kind == "procedure"]
    words = design.tables.proc_words
    for number, name in enumerate(numbers):
        bits = {
            code
            for place, code in enumerate(design.tables.opcs4.codes)
            if arrays["proc_lists"][place * words + number // 64] >> (number % 64) & 1
        }
        assert bits == set(reading.lists[name].members), name


# --- what is written ---


def hrg(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["design", "diff", *map(str, arguments)])


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """The tiny design, and one with changes and a label that would be markup."""
    label = "<script>alert(1)</script> | *bold* [link](x) `code`"
    tables = changed("hrg", "AA02Z,Complaint", f"AA02Z,{label}") | changed("procedure", "M01,drives,5", "M01,drives,6")
    return tiny_design(tmp_path), tiny_design(tmp_path, name="other", **tables)


def test_counts_on_the_screen(pair: tuple[Path, Path]) -> None:
    result = hrg(*pair)
    assert result.exit_code == 0
    counted = {line.split()[0]: line.split()[-3:] for line in result.output.splitlines() if line.strip()}
    assert counted["HRGs"] == ["0", "0", "1"] and counted["Procedures"] == ["0", "0", "2"]
    assert result.output.startswith("From design tiny 1.0 to design other 1.0\n")


def test_full_on_the_screen(pair: tuple[Path, Path]) -> None:
    result = hrg(*pair, "--full")
    assert result.output.startswith("# Summary of Changes: tiny to other\n")
    assert r"| changed | AA02Z | Complaint | \<script\>alert(1)\</script\> \| \*bold\* \[link\](x) \`code\` |" in result.output
    assert "| changed | M01 | drives 5 PR01 | drives 6 PR01 |" in result.output
    assert "### Chapter A, Ailments\n" in result.output


def test_folder_of_all_forms(pair: tuple[Path, Path], tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    result = hrg(*pair, "-o", tmp_path / "changes")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "changes").iterdir()) == ["changes.html", "changes.md", "changes.xlsx"]
    book = CalamineWorkbook.from_path(tmp_path / "changes" / "changes.xlsx")
    assert book.sheet_names == ["Counts", "1 HRGs", "7 Procedures"]
    assert book.get_sheet_by_name("7 Procedures").to_python()[2:] == [
        ["change", "letter", "codes", "leads to in tiny", "leads to in other", "number"],
        ["changed", "M", "M01", "drives 5 PR01", "drives 6 PR01", 2.0],
    ]
    page = (tmp_path / "changes" / "changes.html").read_text(encoding="utf-8")
    assert "<script>" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("kind", [".md", ".xlsx", ".html"])
def test_one_file(pair: tuple[Path, Path], tmp_path: Path, kind: str) -> None:
    result = hrg(*pair, "-o", tmp_path / f"summary{kind}")
    assert result.exit_code == 0 and f"summary{kind}" in result.output.splitlines()[-1].replace("\n", "")
    assert (tmp_path / f"summary{kind}").stat().st_size > 500


def test_refusals(pair: tuple[Path, Path], tmp_path: Path) -> None:
    result = hrg(*pair, "-o", tmp_path / "summary.txt")
    assert result.exit_code == 1 and "does not end in .md, .xlsx, .html" in result.output
    assert hrg("no-such-design", pair[1]).exit_code == 1
    result = hrg(*pair, "-o", tmp_path / "none" / "summary.md")
    assert result.exit_code == 1 and "there is no such folder" in result.output


def test_a_broken_design_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DesignError):
        tiny_diff(tmp_path, **changed("split", "AA02,AA02Z", "AA02,AA09Z"))


def cells(lines: Iterable[str]) -> list[int]:
    """How many cells each line of a table has."""
    return [line.replace(r"\|", "").count("|") for line in lines if line.startswith("|")]


def test_forms_of_a_year_hold_all_changes() -> None:
    found = between("2021-22", "2024-25")
    markdown, page = as_markdown(found), as_html(found)
    tables = [block.splitlines() for block in markdown.split("\n\n") if block.startswith("|")]
    assert all(len(set(cells(table))) == 1 for table in tables)
    lines = sum(len(section.changes) for section in found.sections)
    assert sum(len(table) - 2 for table in tables) == lines + len(found.sections)
    assert page.count('<tr><td class="') - len(found.sections) == lines
