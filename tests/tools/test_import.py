"""The import of Code to Group workbooks: what the imported design does, and what the report says of it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from unit.tiny import TABLES

from hrgcore import Episode, Grouper
from hrgcore.authoring.importing import as_markdown
from hrgcore.authoring.importing.report import CHANGED, CONFIRMED, NEW
from hrgcore.design import load_design
from hrgcore.design.lint import lint_design
from hrgcore.errors import DesignError

from .official_form import CC, HRG, ICD10, OPCS4, SPLIT, WHOLE, Imported, Rows


def hrg(made: Imported, *codes: str, procedures: list[str] | None = None, age: int = 40) -> str:
    episode = Episode(age=age, duration=1, diagnoses=list(codes), procedures=procedures or [])
    return Grouper(made.design).group_spell([episode]).hrg


def grade(made: Imported, *codes: str, procedures: list[str] | None = None) -> str:
    return (
        Grouper(made.design)
        .group_spell([Episode(age=40, duration=1, diagnoses=list(codes), procedures=procedures or [])])
        .provenance
    )


# Meaning


def test_a_whole_workbook_is_what_the_design_groups_by(tmp_path: Path) -> None:
    made = Imported(tmp_path, WHOLE)
    assert hrg(made, "A001") == "AA02Z" and hrg(made, "A000") == "AA01B"  # the base leads both to AA01
    assert hrg(made, "A000", "B000") == "AA01A"  # 5 points reach the band 5+; the base gives 3 and asks for 3
    assert hrg(made, "A000", "B001") == "AA01B"  # no longer on the list
    assert hrg(made, "A000", procedures=["M012"]) == "PR02Z"
    assert hrg(made, "A000", procedures=["M011"], age=10) == "PR01B"
    assert Grouper(made.design).design.label("PR02Z") == "Great Repair"
    assert lint_design(made.design_folder, made.find) == []


def test_what_the_workbook_says_is_official(tmp_path: Path) -> None:
    made = Imported(tmp_path, WHOLE)
    assert grade(made, "A001") == "official"
    assert grade(Imported(tmp_path / "less", {"ICD-10": ICD10}), "A000") == "label"  # the split is that of the base


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    for name in ("less", "one", "two"):
        (tmp_path / name).mkdir()


def test_the_overlay_holds_only_what_the_workbook_says(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"Mapping": (*ICD10[:1], ("A00.1", "two", "AA02"))})
    assert made.tables() == {"diagnosis": ["A001,AA02,,2,official,"]}
    assert hrg(made, "A001") == "AA02Z" and hrg(made, "A000") == "AA01B"
    assert made.report.findings == [
        "7 codes of table icd10 are not in the workbook, which is not the whole list: left to the base"
    ]
    assert "table procedure: 5 rows" in made.report.left and "ranks of diagnoses (table diagnosis)" in made.report.left


def test_manifest_names_the_workbook(tmp_path: Path) -> None:
    made = Imported(tmp_path, WHOLE)
    manifest = tomllib.loads((made.design_folder / "design.toml").read_text(encoding="utf-8"))
    assert (manifest["name"], manifest["base"], manifest["financial_year"]) == ("made", "tiny", "2000/01")
    source = manifest["sources"][-1]
    assert source["grade"] == "official" and {"diagnosis", "procedure", "cc", "hrg", "split"} <= set(source["tables"])
    assert all(text in source["title"] for text in ("Code to Group.xlsx", made.report.sha256, "2024-04-01"))


def test_package_can_be_installed(tmp_path: Path) -> None:
    made = Imported(tmp_path, WHOLE)
    project = tomllib.loads((made.folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["name"] == "hrgdesign-made"
    assert project["project"]["entry-points"]["hrgcore"] == {"design-made": "hrgdesign_made"}
    names: dict[str, Any] = {"__file__": str(made.design_folder / "x")}
    exec((made.design_folder / "__init__.py").read_text(encoding="utf-8"), names)
    assert names["hrgcore_designs"]() == {"made": made.design_folder}


# Layouts


def test_header_under_titles_with_shuffled_columns_and_sheets(tmp_path: Path) -> None:
    def moved(rows: Rows) -> Rows:
        order = [2, 0, *range(3, len(rows[0])), 1]
        titles = (("Code to Group 2024/25",), (), ("Crown copyright",), (), ())
        return (*titles, *((None, *(row[at] for at in order), None) for row in rows), (), (None, "End of sheet"))

    sheets = {f"Table {number}": moved(rows) for number, rows in enumerate(reversed(WHOLE.values()))}
    one, two = Imported(tmp_path / "one", WHOLE), Imported(tmp_path / "two", sheets)
    assert two.tables() == one.tables()
    assert {sheet.header for sheet in two.report.sheets} == {6}
    assert two.sheet("Table 0").refused == {10: "no code is given"}  # the end of the sheet; blank rows are not read


def test_other_heads_of_the_same_columns(tmp_path: Path) -> None:
    sheets = {
        "HRG4 Labels": (("HRG", "HRG Description -\nIncluding Split", "Core or Unbundled?"), *HRG[1:]),
        "Group To Split": (("HRG ROOT", "HRG root description", "HRG code", "Age split", "CC score (band)"), *SPLIT[1:]),
        "dx": (("Diagnosis code", "Text", "Root"), *ICD10[1:]),
        "px": (("OPCS 4.10 code", "Procedure hierarchy", "HRG root 2024/25"), *OPCS4[1:]),
        "Complications": (("ICD 10", "Sub-chapter", "Points"), *CC[1:]),
    }
    assert Imported(tmp_path / "two", sheets).tables() == Imported(tmp_path / "one", WHOLE).tables()


def test_codes_decide_what_a_column_named_code_is(tmp_path: Path) -> None:
    sheets = {
        "Sheet1": (("Code", "Text", "HRG root"), *ICD10[1:]),
        "Sheet2": (("Code", "Value", "Root", "Hierarchy"), *((code, "", root, rank) for code, rank, root in OPCS4[1:])),
    }
    made = Imported(tmp_path, sheets)
    assert made.sheet("Sheet1").what == "ICD-10 codes to roots"
    assert made.sheet("Sheet2").what == "OPCS-4 codes to hierarchy values and roots"
    assert hrg(made, "A001", procedures=["M012"]) == "PR02Z" and made.sheet("Sheet2").unused == ["Value"]


def test_cc_lists_in_a_column_each_and_in_a_sheet_each(tmp_path: Path) -> None:
    wide = Imported(
        tmp_path / "one", {"CC": (("Code", "Text", "AA", "PR", "XD"), ("B000", "", 5, "", ""), ("B001", "", "", 2.0, 0))}
    )
    assert wide.tables()["cc"] == ["B000,AA,5,official", "B001,PR,2,official"]
    each = {"CC AA": (("Code", "Score"), ("B000", 5)), "CC PR": (("Code", "Score"), ("B001", 2))}
    assert Imported(tmp_path / "two", each).tables()["cc"] == wide.tables()["cc"]


def test_a_cc_list_of_one_subchapter_leaves_the_others(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"CC AA": (("ICD-10 Code", "CC Score"), ("B002", 4))})
    assert made.tables()["cc"] == ["B001,PR,1,probed", "B002,AA,4,official"]
    assert made.tables()["remove"] == ["cc,B000"]
    assert made.report.withdrawn["cc (a code in a subchapter)"] == 2


def test_marks_in_place_of_scores_are_one_point_and_not_official(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"CC": (("ICD-10 Code", "CC List", "Note"), ("B002", "AA", ""))})
    assert "B002,AA,1,authored" in made.tables()["cc"]
    assert made.sheet("CC").tolerated == {"CC without a score, taken as 1 point and graded authored": 1}


def test_children_ranks_and_programmes(tmp_path: Path) -> None:
    sheets = {
        "ICD-10": (("ICD-10 Code", "HRG Root", "Paediatric HRG Root"), ("A000", "AA01", "AA03"), ("A001", "AA01", "")),
        "Hierarchy": (("ICD-10 Code", "Hierarchy"), ("A000", 7)),
        "PBC": (("ICD-10 Code", "PBC"), ("A000", "01X")),
    }
    made = Imported(tmp_path, sheets)
    assert made.tables()["diagnosis"] == ["A000,AA01,AA03,7,official,official", "A001,AA01,,2,official,"]
    assert made.tables()["programme"] == ["A000,01X,official"]
    assert (hrg(made, "A000", age=9), hrg(made, "A000", age=30)) == ("AA03Z", "AA01B")
    assert [made.sheet(name).header for name in sheets] == [1, 1, 1]


def test_names_of_chapters(tmp_path: Path) -> None:
    sheets = {
        "Chapter": (("Chapter", "Chapter Description"), ("A", "Ailments of All"), ("Q", "Nothing"), ("9", "None")),
        "Subchapter": (("Subchapter", "Subchapter Description"), ("PR", "Great Repairs")),
    }
    made = Imported(tmp_path, sheets)
    assert made.tables()["chapter"] == ["A,Ailments of All,official", "PR,Great Repairs,official"]
    assert made.sheet("Chapter").refused == {3: "no HRG belongs to chapter Q", 4: "'9' is no chapter"}


def test_exclusions_and_lists(tmp_path: Path) -> None:
    sheets = {
        "CC Exclusions": (("Primary diagnosis", "Secondary diagnosis"), ("A00", "B00.1")),
        "sorted": (("ICD-10 Code", "Text"), ("B00.1", "")),
        "Multiple trauma": (("ICD-10 Code",), ("A00.0",)),
    }
    made = Imported(tmp_path, sheets)
    assert made.tables()["cc_exclusion"] == ["A000 A001,B001,official"]
    assert made.tables()["list"] == ["sorted,diagnosis,B001,official"]
    lost = made.sheet("Multiple trauma")
    assert (lost.read, lost.used, lost.refused) == (1, 0, {2: "the base has no list of this name"})


# Codes as people write them


def test_codes_are_read_as_people_write_them(tmp_path: Path) -> None:
    rows: Rows = (
        ("ICD-10 Code", "HRG Root"),
        ("Chapter I Certain diseases", ""),
        ("B00-B09", ""),
        ("b00.0 ", "AA03"),
        ("B00.1 - B00.2", "AA03"),
        ("A00.-", "AA02Z"),
        ("A00.1†", "AA03"),
        ("A01", "AA03"),
        ("a000, C00.0*", "AA03"),
        ("ICD-10 Code", "HRG Root"),
        ("Z00.0", "uz01"),
    )
    made = Imported(tmp_path, {"ICD-10": rows})
    report = made.sheet("ICD-10")
    roots = {code: hrg(made, code) for code in ("A000", "A001", "A01X", "B000", "B001", "C000")}
    assert set(roots.values()) == {"AA03Z"}
    assert dict(report.tolerated) == {
        "code with dots, marks or small letters": 3, "range of codes": 1, "category": 1, "HRG in place of its root": 1,
        "code without its filler": 1, "several codes in a cell": 1,
    }  # fmt: skip
    assert (report.read, report.notes, report.used, report.refused) == (10, 3, 7, {})


def test_a_single_code_is_above_a_range_wherever_it_stands(tmp_path: Path) -> None:
    for number, rows in enumerate(((("B00", "AA02"), ("B001", "AA03")), (("B001", "AA03"), ("B00", "AA02")))):
        folder = tmp_path / ("one", "two")[number]
        made = Imported(folder, {"ICD-10": (("ICD-10 Code", "HRG Root"), *rows)})
        assert (hrg(made, "B001"), hrg(made, "B000")) == ("AA03Z", "AA02Z") and not made.sheet("ICD-10").refused


def test_rows_that_cannot_be_used_are_named_with_their_reason(tmp_path: Path) -> None:
    rows: Rows = (
        ("ICD-10 Code", "HRG Root"), ("A000", "AA02"), ("A000", "AA03"), ("A000", "AA02"), ("nonsense", "AA02"), ("", "AA02"),
        ("A001", "Root?"), ("B000", "QQ01"), ("B999", "QQ01"),
    )  # fmt: skip
    made = Imported(tmp_path, {"ICD-10": rows})
    report = made.sheet("ICD-10")
    assert report.refused == {
        3: "A000 has another root in row 2 of sheet ICD-10",
        5: "'nonsense' is no code of ICD-10",
        6: "no code is given",
        7: "'Root?' is no HRG root",
        8: "root QQ01 has no splits, neither in the workbook nor in the base",
        9: "root QQ01 has no splits, neither in the workbook nor in the base",
    }
    assert report.tolerated["code that stands twice, with the same meaning"] == 1
    assert (report.read, report.used) == (8, 2) and made.tables() == {"diagnosis": ["A000,AA02,,2,official,"]}


def test_new_codes_join_the_code_set_and_missing_ones_leave_it(tmp_path: Path) -> None:
    rows = (*ICD10[:-2], ("C00.1", "new", "AA03"), ("D01", "new", "AA03"), *ICD10[-1:])
    made = Imported(tmp_path, {"ICD-10": rows}, {"ICD-10": _complete()})
    assert made.tables()["icd10"] == ["C001", "D01X"] and "icd10,C000" in made.tables()["remove"]
    assert hrg(made, "C001") == "AA03Z" and hrg(made, "C000") == "UZ01Z"
    assert made.report.withdrawn["icd10"] == 1
    assert made.sheet("ICD-10").outcomes == {CHANGED: 1, CONFIRMED: 6, NEW: 2}


def _complete() -> Any:
    from hrgcore.authoring.importing.mapfile import SheetMap

    return SheetMap("icd10", complete=True)


# Procedures


def test_hierarchy_values_and_roles(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"OPCS-4": OPCS4})
    assert made.tables()["procedure"] == [
        "M011,drives,8,PR01,official",
        "M012,drives,9,PR02,official",
        "U011-U013,unbundled,,,official",
        "V011,vague,6,,official",
    ]
    assert made.tables()["unbundled"] == [
        "U011,XD01,,official",
        "U012,VC04,rehabilitation,official",
        "U013,VC04,palliative,official",
    ]
    assert made.report.findings == ["2 procedures have no root or hierarchy value 0, and keep the role that the base gives them"]


def test_a_procedure_of_value_0_drives_no_longer(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"OPCS-4": (OPCS4[0], ("M01.1", 0.0, ""), ("P01.1", 4, "PR02"))})
    assert hrg(made, "A000", procedures=["M011"]) == "AA01B" and hrg(made, "A000", procedures=["P011"]) == "PR02Z"
    assert "1 procedures drive in the base and have hierarchy value 0 in the workbook: ignored" in made.report.findings


def test_a_root_without_hierarchy_value_keeps_the_rank_and_grade_of_the_base(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"OPCS-4": (("OPCS-4 Code", "HRG Root"), ("M011", "PR02"), ("Y011", "PR02"))})
    assert made.tables()["procedure"] == ["M011,drives,5,PR02,authored"]
    assert made.sheet("OPCS-4").refused == {3: "Y011: a root without a hierarchy value, and the base has none"}


def test_a_hierarchy_value_that_is_none(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"OPCS-4": (OPCS4[0], ("M01.1", 5.5, "PR01"), ("M01.2", "high", "PR01"), ("P01.1", 3, "PR01"))})
    assert set(made.sheet("OPCS-4").refused) == {2, 3} and made.sheet("OPCS-4").used == 1


# HRGs and splits


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        (("HRG", "CC"), (("AA01A", "with CC Score 2+"), ("AA01B", "0 to 1"))),
        (("HRG", "Condition"), (("AA01A", "with CC Score 2+"), ("AA01B", "CC Score 0-1"))),
        (("HRG", "CC Score"), (("AA01A", ">= 2"), ("AA01B", "<2"))),
    ],
)
def test_bands_in_words(tmp_path: Path, heads: tuple[str, ...], cells: Rows) -> None:
    made = Imported(tmp_path, {"Group to Split": (heads, *cells)})
    assert made.tables()["split"] == ["AA01,AA01A,,,,2+,,official", "AA01,AA01B,,,,0-1,,official"]
    assert made.sheet("Group to Split").outcomes == {CHANGED: 1}


@pytest.mark.parametrize("bad", [("PR01", "PR0!B", "0-18"), ("PR01", "PR02Z", "0-18"), ("", "PR01", "0-18")])
def test_a_root_of_which_a_row_is_refused_is_left_to_the_base(tmp_path: Path, bad: tuple[str, str, str]) -> None:
    """The band of the other row must not be stretched over it, nor the root be withdrawn."""
    rows = (("HRG Root", "HRG", "Age"), ("PR01", "PR01A", "10+"), bad, ("PR02", "PR02Z", ""))
    made = Imported(tmp_path, {"Group to Split": rows}, {"Group to Split": _kind("split")})
    assert sorted(made.sheet("Group to Split").refused) == [2, 3]
    assert [row for row in made.tables()["split"] if row.startswith("PR01")] == []
    assert {row.cells[1]: row.cells[2] for row in made.design.rows["split"] if row.cells[0] == "PR01"} == {
        "PR01A": "19+", "PR01B": "0-18",
    }  # fmt: skip


def test_a_new_hrg_of_an_unbundled_subchapter_is_unbundled(tmp_path: Path) -> None:
    hrgs = (("HRG", "Label"), ("XD02Z", "New Scan"), ("AA04Z", "New Disease"))
    splits = (("HRG Root", "HRG", "CC"), ("XD02", "XD02Z", ""), ("AA04", "AA04Z", ""))
    codes = (("OPCS-4 Code", "Hierarchy", "HRG Root"), ("U01.1", 0, "XD02"))
    made = Imported(tmp_path, {"HRG": hrgs, "Splits": splits, "OPCS": codes})
    assert made.tables()["hrg"] == ["XD02Z,New Scan,unbundled,official", "AA04Z,New Disease,core,official"]
    assert made.tables()["unbundled"] == ["U011,XD02,,official"]
    assert made.sheet("OPCS").outcomes == {CHANGED: 1}


def test_bands_of_labels_are_graded_so(tmp_path: Path) -> None:
    """Nothing in the workbook but the label says when a record gets the HRG."""
    labels = (("AA01", "AA01A", "Ailment, with CC Score 2+"), ("", "AA01B", "Ailment, with CC Score 0-1"))
    made = Imported(tmp_path, {"Group to Split": (("HRG Root", "HRG", "HRG Label"), *labels)})
    assert made.tables()["split"] == ["AA01,AA01A,,,,2+,,label", "AA01,AA01B,,,,0-1,,label"]
    assert made.sheet("Group to Split").tolerated["bands taken from the label of the HRG, graded label"] == 2


def test_ages_that_labels_leave_out_take_the_nearest_band(tmp_path: Path) -> None:
    rows = (("HRG", "Age"), ("PR01A", "60 years and over"), ("PR01B", "between 2 and 59 years"))
    made = Imported(tmp_path, {"Group to Split": rows})
    assert made.tables()["split"] == ["PR01,PR01A,60+,,,,,official", "PR01,PR01B,0-59,,,,,authored"]
    assert sum(made.sheet("Group to Split").tolerated.values()) == 1


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((("AA01A", "lots", ""), ("AA01B", "0-2", "")), "cc 'lots' cannot be read"),
        ((("AA01A", "3+", "on a Tuesday"), ("AA01B", "0-2", "")), "condition 'on a Tuesday' cannot be read"),
        ((("AA01A", "4+", ""), ("AA01B", "0-2", "")), "root AA01: no row takes age 0, stay 0, interventions 0, cc 3"),
        ((("AA01A", "2+", ""), ("AA01B", "0-2", "")), "root AA01: 2 rows take age 0, stay 0, interventions 0, cc 2"),
        ((("AA01A", "3+", ""), ("AA01C", "0-2", "")), "HRG AA01C is not in the list of HRGs, and has no label"),
    ],
)
def test_a_root_that_cannot_be_read_is_left_to_the_base(tmp_path: Path, rows: Rows, reason: str) -> None:
    made = Imported(tmp_path, {"Group to Split": (("HRG", "CC Score", "Condition"), *rows, ("AA02Z", "", ""))})
    report = made.sheet("Group to Split")
    assert reason in report.refused.values() and len(report.refused) == 2 and report.used == 1
    assert made.tables()["split"] == ["AA02,AA02Z,,,,,,official"]
    assert hrg(made, "A000", "B000") == "AA01A"


def test_new_roots_and_withdrawn_ones(tmp_path: Path) -> None:
    """VC04 is still needed by codes of the base and stays. The rules that lead to AA03 go with it; codes lead to AA09 instead."""
    hrgs = (*HRG[:4], *HRG[5:9], ("AA09Z", "Fresh", "C"))
    splits = (*SPLIT[:4], *SPLIT[5:9], ("AA09", "Fresh", "AA09Z", "", ""))
    codes = tuple((code, text, "AA09" if root == "AA03" else root) for code, text, root in ICD10)
    maps = {name: _kind(kind) for name, kind in (("HRG", "hrg"), ("Group to Split", "split"))}
    made = Imported(tmp_path, {"HRG": hrgs, "Group to Split": splits, "ICD-10": codes}, maps)
    assert hrg(made, "C000") == "AA09Z" and hrg(made, "A01X", "C000") == "AA02Z"
    assert made.report.dropped == [
        "route from any to AA03 when TRETSPEF in pain", "diagnosis from AA02 to AA03 when score sum 2+",
    ]  # fmt: skip
    assert [line for line in made.report.findings if "kept" in line] == [
        "root that Group to Split does not have, kept because the base leads to it: VC04",
        "HRG that the list of HRGs does not have, kept because a split leads to it: VC04Z",
    ]
    assert "diagnosis from AA02 to AA03" in as_markdown(made.report)


def test_rules_that_take_a_withdrawn_root_further_lose_it(tmp_path: Path) -> None:
    rules = TABLES["rule"] + "procedure,PR02 AA03,procedure in big,PR01,,authored\ndiagnosis,AA03,score sum 9+,AA01,,authored\n"
    hrgs, splits = (tuple(row for row in rows if "AA03" not in row and "AA03Z" not in row) for rows in (HRG, SPLIT))
    codes = tuple((code, text, "AA02" if root == "AA03" else root) for code, text, root in ICD10)
    maps = {name: _kind(kind) for name, kind in (("HRG", "hrg"), ("Group to Split", "split"))}
    made = Imported(tmp_path, {"HRG": hrgs, "Group to Split": splits, "ICD-10": codes}, maps, rule=rules)
    assert [row.cells[:4] for row in made.design.rows["rule"][-2:]] == [
        ("procedure", "PR01", "procedure in big and stay 3+", "PR02"), ("procedure", "PR02", "procedure in big", "PR01"),
    ]  # fmt: skip
    assert "AA03" not in made.design.tables.roots and lint_design(made.design_folder, made.find) == []


def test_the_only_roots_of_a_subchapter_that_scores_stay(tmp_path: Path) -> None:
    """A base whose rows of CC scores name a subchapter cannot be laid over without it."""
    splits = tuple(row for row in SPLIT if not str(row[0]).startswith("PR"))
    procedures = (OPCS4[0], ("M01.1", 0, ""), ("M01.2", 0, ""))
    maps = {"Group to Split": _kind("split")}
    made = Imported(tmp_path, {"Group to Split": splits, "OPCS-4": procedures}, maps, rule="stage,from,when,to,method,grade\n")
    assert "root that Group to Split does not have, kept because the base leads to it: PR01, PR02" in made.report.findings


def _kind(kind: str) -> Any:
    from hrgcore.authoring.importing.mapfile import SheetMap

    return SheetMap(kind, complete=True)


def test_hrgs_that_nothing_leads_to_are_told(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"HRG": (HRG[0], ("AA08Z", "Nowhere", "C"), ("AA01A", "Ailment, with CC Score 3+", "C"))})
    assert "HRG of the workbook to which no split leads: AA08Z" in made.report.findings
    assert made.sheet("HRG").outcomes == {NEW: 1, CONFIRMED: 1}


# Grades


def test_grades_of_a_column_are_kept(tmp_path: Path) -> None:
    rows = (("ICD-10 Code", "HRG Root", "Grade"), ("A001", "AA02", "authored"), ("A000", "AA02", ""), ("B000", "AA03", "certain"))
    made = Imported(tmp_path, {"ICD-10": rows})
    assert made.tables()["diagnosis"] == ["A000,AA02,,2,official,", "A001,AA02,,2,authored,"]
    assert made.sheet("ICD-10").refused == {4: "'certain' is not a grade: official, label, probed, authored"}


def test_a_workbook_of_ours_without_grades_is_not_official(tmp_path: Path) -> None:
    """Who strikes out the column of grades of an export gets the weakest grade, not the strongest."""
    sheets = {"ICD-10": (("ICD-10 Code", "HRG Root"), ("A001", "AA02")), "hrgcore settings": (("key", "value"),)}
    made = Imported(tmp_path, sheets, {"ICD-10": _partial()})
    assert made.report.own and made.tables()["diagnosis"] == ["A001,AA02,,2,authored,"]


def _partial() -> Any:
    from hrgcore.authoring.importing.mapfile import SheetMap

    return SheetMap("icd10", complete=False)


# Report


def test_sheets_that_cannot_be_placed_are_told(tmp_path: Path) -> None:
    made = Imported(tmp_path, {"Contents": (("Sheet", "What"), ("HRG", "the HRGs")), "Empty": (), "ICD-10": ICD10})
    assert [sheet.name for sheet in made.report.not_recognised] == ["Contents", "Empty"]
    assert (made.sheet("Contents").read, made.sheet("Contents").used) == (2, 0)


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    made = Imported(tmp_path, WHOLE)
    for name, rows in WHOLE.items():
        sheet = made.sheet(name)
        assert (sheet.read, sheet.used, sheet.notes, len(sheet.refused)) == (len(rows) - 1, len(rows) - 1, 0, 0), name
    assert made.sheet("ICD-10").outcomes == {CONFIRMED: 6, CHANGED: 2}
    assert made.sheet("CC List").outcomes == {CHANGED: 1, NEW: 1}
    assert made.sheet("HRG").outcomes == {CONFIRMED: 6, CHANGED: 3}


def test_rows_of_a_sheet_that_is_not_recognised_are_neither_used_nor_notes(tmp_path: Path) -> None:
    sheet = Imported(tmp_path, {"ICD-10": ICD10, "Dx": (("Diag", "Leads to"), ("A000", "AA02"))}).sheet("Dx")
    assert (sheet.read, sheet.used, sheet.notes, sheet.refused) == (2, 0, 0, {})


def test_report_in_markdown(tmp_path: Path) -> None:
    rows = (("ICD-10 Code", "HRG Root", "See <b>|x|</b>"), ("no|code", "AA02", ""), ("A000", "AA02", ""))
    text = as_markdown(Imported(tmp_path, {"ICD-10": rows}).report)
    assert "- row 2 refused: 'no\\|code' is no code of ICD-10" in text and "\\<b\\>\\|x\\|\\</b\\>" in text
    assert "| ICD-10 | ICD-10 codes to roots | 1 | 2 | 1 | 0 | 1 | 0 | 0 | 1 | 0 |" in text


def test_formulas_in_texts_stay_texts(tmp_path: Path) -> None:
    label = '=HYPERLINK("http://example.org","x")'
    made = Imported(tmp_path, {"HRG": (HRG[0], ("AA02Z", label, "C"))})
    assert made.design.label("AA02Z") == label


# Refusals


def test_a_workbook_without_a_known_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="no sheet of it was recognised") as caught:
        Imported(tmp_path, {"Sheet1": (("a", "b"), (1, 2))})
    assert "map" in caught.value.cure and not (tmp_path / "made").exists()


def test_nothing_is_written_where_the_design_has_faults(tmp_path: Path) -> None:
    """A list of the workbook that no code of a rule's kind is in: the design would not load."""
    sheets = {"hrgcore rule": ((*TABLES["rule"].split("\n")[0].split(","),), ("check", "", "nonsense", "UZ03", "", "authored"))}
    with pytest.raises(DesignError, match="has 1 fault, and nothing was written") as caught:
        Imported(tmp_path, sheets)
    assert "nonsense" in str(caught.value) and not (tmp_path / "made").exists()
    assert load_design(tmp_path / "tiny").name == "tiny"


def test_equal_rows_of_a_table_of_bands_are_a_fault_and_no_crash(tmp_path: Path) -> None:
    row = ("0+", "1", "authored")
    with pytest.raises(DesignError, match="the bands of stay overlap"):
        Imported(tmp_path, {"hrgcore dominance": (("stay", "min_rank", "grade"), row, row)})


def test_settings_that_are_no_numbers(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="setting age_rise is 'much', not a number"):
        Imported(tmp_path, {"ICD-10": ICD10, "hrgcore settings": (("key", "value"), ("age_rise", "much"))})


@pytest.mark.parametrize(
    ("sheet", "bad"),
    [("ICD-10", ("C00.0", "seven", "A1")), ("OPCS-4", ("P01.1", "many", ""))],
)
def test_codes_of_a_refused_row_are_not_withdrawn(tmp_path: Path, sheet: str, bad: tuple[str, str, str]) -> None:
    """A list that lacks nothing but what could not be read withdraws nothing."""
    rows = [bad if row[0] == bad[0] else row for row in WHOLE[sheet]]
    map_ = {sheet: _kind({"ICD-10": "icd10", "OPCS-4": "opcs4"}[sheet])}
    made = Imported(tmp_path, {sheet: rows}, map_)
    assert len(made.sheet(sheet).refused) == 1
    assert made.report.withdrawn == {}
    assert made.design.tables.icd10.codes == made.base.tables.icd10.codes
    assert made.design.tables.opcs4.codes == made.base.tables.opcs4.codes


def test_a_procedure_is_graded_by_the_weakest_of_its_words(tmp_path: Path) -> None:
    rank = (("OPCS-4 Code", "Hierarchy Value", "Grade"), ("M01.1", 8, "authored"))
    root = (("OPCS-4 Code", "HRG Root"), ("M01.1", "PR02"))
    made = Imported(tmp_path, {"OPCS hierarchy": rank, "OPCS roots": root})
    assert made.tables()["procedure"] == ["M011,drives,8,PR02,authored"]


def test_a_code_of_which_nothing_is_said_is_not_withdrawn(tmp_path: Path) -> None:
    rows = (*ICD10[:-2], ("C00.0", "seven", ""), ICD10[-1])
    made = Imported(tmp_path, {"ICD-10": rows}, {"ICD-10": _complete()})
    assert made.sheet("ICD-10").notes == 1 and "remove" not in made.tables()
    assert not any("C000" in line for line in made.tables()["diagnosis"])  # as in the base
