"""A design as a Code to Group workbook: what its sheets hold, and the command that writes it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from python_calamine import load_workbook
from unit.tiny import TABLES as TINY
from unit.tiny import overlay, tiny_design

from hrgcore.authoring.workbook import OFFICIAL_FORM, write_code_to_group
from hrgcore.cli import main
from hrgcore.design import Design, load_design
from hrgcore.design.schema import TABLES
from hrgcore.plugins import host

Sheets = dict[str, list[list[Any]]]


def written(design: Design) -> Sheets:
    file = BytesIO()
    write_code_to_group(design, file)
    file.seek(0)
    book = load_workbook(file)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def records(sheet: list[list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(sheet[0], row, strict=True)) for row in sheet[1:])


def by(sheet: list[list[Any]], column: str) -> dict[Any, dict[str, Any]]:
    return {row[column]: row for row in records(sheet)}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    return written(load_design(tiny_design(tmp_path_factory.mktemp("tiny"))))


def test_sheets_in_order(tiny: Sheets) -> None:
    assert list(tiny)[:11] == [
        "Intro", "HRG", "Intro to Group to Split", "Group to Split", "Chapter", "Subchapter",
        "ICD-10", "OPCS-4", "CC List", "Unbundled",
        "hrgcore settings",
    ]  # fmt: skip
    own = {f"hrgcore {name}" for name in TABLES if name not in OFFICIAL_FORM}
    assert own <= set(tiny)


def test_every_code_has_one_row(tiny: Sheets) -> None:
    diagnoses, procedures = by(tiny["ICD-10"], "ICD-10 Code"), by(tiny["OPCS-4"], "OPCS-4 Code")
    assert list(diagnoses) == TINY["icd10"].split()[1:] and list(procedures) == TINY["opcs4"].split()[1:]
    assert (diagnoses["A001"]["HRG Root"], diagnoses["A001"]["Hierarchy Value"]) == ("AA01", 2)
    assert diagnoses["Z000"]["HRG Root"] == "UZ01"
    assert (procedures["M012"]["Role"], procedures["M012"]["Hierarchy Value"], procedures["M012"]["HRG Root"]) == (
        "drives",
        5,
        "PR01",
    )
    assert procedures["Y011"]["Role"] == "modifier" and procedures["Y011"]["Hierarchy Value"] == ""
    assert by(tiny["Unbundled"], "OPCS-4 Code")["U013"]["Multiplier"] == "palliative"


def test_scores_stand_by_code_and_subchapter(tiny: Sheets) -> None:
    assert [tuple(row) for row in tiny["CC List"][1:]] == [
        ("B000", "AA", 3, "probed"), ("B001", "AA", 1, "probed"), ("B001", "PR", 1, "probed"),
    ]  # fmt: skip


def test_group_to_split_names_roots_and_bands(tiny: Sheets) -> None:
    splits, hrgs = by(tiny["Group to Split"], "HRG"), by(tiny["HRG"], "HRG")
    assert splits["AA01A"] == {
        "HRG Root": "AA01", "HRG Root Description": "Ailment", "HRG": "AA01A",
        "HRG Label - Including Split": "Ailment, with CC Score 3+",
        "Age": "", "Length of Stay": "", "Interventions": "", "CC Score": "3+", "Condition": "", "Grade": "label",
    }  # fmt: skip
    assert splits["AA02Z"]["HRG Root Description"] == "Complaint"
    assert [hrgs[name]["HRG Core (C) and Unbundled (U)"] for name in ("AA01A", "XD01Z", "UZ01Z")] == ["C", "U", ""]


def test_other_tables_stand_as_they_are(tiny: Sheets) -> None:
    assert ["\t".join(row) for row in tiny["hrgcore rule"]] == [line.replace(",", "\t") for line in TINY["rule"].split("\n")[:-1]]
    assert dict(tiny["hrgcore settings"][1:])["episode_numbers_refused"] == "98 99"  # type: ignore[arg-type]


def test_an_overlay_is_written_as_a_whole(tmp_path: Path) -> None:
    """Codes that went are not there, and those that an overlay speaks for have its row."""
    folder = tiny_design(tmp_path)
    over = overlay(
        tmp_path,
        procedure="codes,role,rank,root,grade\nM011,drives,7,PR02,label\n",
        remove="table,key\nicd10,C000\nprocedure,P011\n",
    )
    sheets = written(load_design(over, find_base=lambda name: folder))
    procedures = by(sheets["OPCS-4"], "OPCS-4 Code")
    assert "C000" not in by(sheets["ICD-10"], "ICD-10 Code")
    assert (procedures["M011"]["HRG Root"], procedures["M011"]["Grade"]) == ("PR02", "label")
    assert procedures["M012"]["HRG Root"] == "PR01" and procedures["P011"]["Role"] == ""


def test_names_of_chapters_have_sheets_of_their_own(tiny: Sheets) -> None:
    assert tiny["Chapter"][1:] == [["A", "Ailments", "label"]]
    assert tiny["Subchapter"][1:] == [["AA", "Ailments and Complaints", "label"], ["PR", "Repairs", "label"]]


def test_a_formula_in_a_label_stays_text(tmp_path: Path) -> None:
    label = '=HYPERLINK("http://example.org")'
    design = load_design(
        tiny_design(tmp_path, hrg=TINY["hrg"].replace("AA02Z,Complaint", 'AA02Z,"=HYPERLINK(""http://example.org"")"'))
    )
    assert by(written(design)["HRG"], "HRG")["AA02Z"]["HRG Label - Including Split"] == label


def test_command_writes_a_shipped_design(tmp_path: Path) -> None:
    """All codes of 2024-25, in seconds and not minutes."""
    begin = time.perf_counter()
    done = CliRunner().invoke(main, ["design", "workbook", "2024-25", "-o", str(tmp_path / "Code to Group.xlsx")])
    assert done.exit_code == 0 and "open reconstruction" in done.output
    assert time.perf_counter() - begin < 60
    book, design = load_workbook(tmp_path / "Code to Group.xlsx"), host().load_design("2024-25")
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert len(sheets["ICD-10"]) == len(design.tables.icd10) + 1 and len(sheets["OPCS-4"]) == len(design.tables.opcs4) + 1
    grades = Counter(row["Grade"] for row in records(sheets["Group to Split"]))
    assert grades == Counter(row.cells[-1] for row in design.rows["split"])
    assert not any(" " in str(row[0]) for row in sheets["ICD-10"][1:])  # codes, no terms and no descriptions


def test_command_writes_nothing_where_it_fails(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["design", "workbook", "1999-00", "-o", str(tmp_path / "out.xlsx")])
    assert done.exit_code == 1 and list(tmp_path.iterdir()) == []
    done = CliRunner().invoke(main, ["design", "workbook", "2024-25", "-o", str(tmp_path / "none" / "out.xlsx")])
    assert done.exit_code == 1 and "there is no such folder" in done.output
