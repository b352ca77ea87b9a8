"""The record definition file."""

from __future__ import annotations

from pathlib import Path

import pytest

import hrgcore
from hrgcore import RecordDefinitionError
from hrgcore.datasets import DATASETS
from hrgcore.files.rdf import (
    FieldColumn,
    RecordDefinition,
    default_definition,
    definition_of_header,
    definition_text,
    is_field,
    read_definition,
)

from .apc import FIELDS, definition

KEYWORD = "COMMA DELIMITED"
APC = DATASETS["APC"]


def read(folder: Path, text: str | bytes) -> RecordDefinition:
    path = folder / "my.rdf"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_definition(path)


def one(folder: Path, line: str) -> FieldColumn:
    """The field of a definition with one line."""
    (field,) = read(folder, f"{KEYWORD}\n{line}\n").fields
    return field


def test_default_layout(tmp_path: Path) -> None:
    """The official default file names the 43 columns that are taken where there is no file."""
    assert read_definition(definition(tmp_path / "apc.rdf")).fields == default_definition(APC).fields
    assert [field.name for field in default_definition(APC).fields] == FIELDS
    assert [field.position for field in default_definition(APC).fields] == list(range(1, 44))


@pytest.mark.parametrize("name", DATASETS)
def test_default_layout_of_each_data_set(tmp_path: Path, grouper: hrgcore.Grouper, name: str) -> None:
    """Written and read again it is the same, and it has all that is required."""
    default = default_definition(DATASETS[name])
    assert [field.position for field in default.fields] == list(range(1, len(default.fields) + 1))
    found = read(tmp_path, definition_text(default))
    assert found.fields == default.fields
    found.check(grouper.design, DATASETS[name])
    assert found.plan(DATASETS[name]).columns == len(default.fields)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False], ids=["newline at the end", "none at the end"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_line_ends(tmp_path: Path, newline: str, last: bool, mark: bytes) -> None:
    lines = [KEYWORD, "SEX,Sex,2,,,,", "EPIDUR,Days,1,,,,."]
    text = newline.join(lines) + (newline if last else "")
    assert read(tmp_path, mark + text.encode()).fields == (
        FieldColumn("SEX", "Sex", 2),
        FieldColumn("EPIDUR", "Days", 1, "", "."),
    )


def test_blank_lines_and_blanks_around_parts(tmp_path: Path) -> None:
    found = read(tmp_path, f"{KEYWORD}  \n\n SEX , Sex of patient , 02 ,, AA. ,,\n   \n")
    assert found.fields == (FieldColumn("SEX", "Sex of patient", 2, "AA."),)


@pytest.mark.parametrize(
    "line", ["SEX,SEX,5,AA.A,,,", "SEX,SEX,5,,AA.A,,", "SEX,SEX,5,,,AA.A,"], ids=["part 4", "part 5", "part 6"]
)
def test_picture(tmp_path: Path, line: str) -> None:
    assert one(tmp_path, line) == FieldColumn("SEX", "SEX", 5, "AA.A")


@pytest.mark.parametrize("extract", [".", "-*/", " ", ". "])
def test_extract(tmp_path: Path, extract: str) -> None:
    """Part 7 as it stands: a blank is a character to extract too."""
    assert one(tmp_path, f"DIAG_01,DIAG_01,15,,,,{extract}").extract == extract


def test_picture_and_extract_cut_a_cell(tmp_path: Path) -> None:
    plan = read(tmp_path, f"{KEYWORD}\nSEX,SEX,1,,,,-\nDIAG_01,D,2,.AA.AA,,,*\nOPER_01,O,3,,,,\n").plan(APC)
    assert plan.cut_cell(0, b"-1--") == b"1"
    assert plan.cut_cell(1, b"xA1.*9zz") == b"A19"
    assert plan.cut_cell(1, b"") == b""
    assert plan.cut_cell(2, b" M01.1 ") == b" M01.1 "


def test_unknown_fields_are_carried(tmp_path: Path) -> None:
    """Their titles are kept, but they need not be in the file."""
    found = read(tmp_path, f"{KEYWORD}\nSEX,SEX,2,,,,\nWARD,Ward name,4,,,,\nDIAG_100,,5,,,,\n")
    assert [field.name for field in found.fields] == ["SEX", "WARD", "DIAG_100"]
    assert found.plan(APC).columns == 2
    assert found.titles(5) == ["Column1", "SEX", "Column3", "Ward name", "DIAG_100"]
    assert [(field.name, field.position) for field in found.fields if field.name in ("WARD", "EPIDUR")] == [("WARD", 4)]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        *((name, True) for name in ("PROCODET", "EPIORDER", "NEOCARE", "DIAG_01", "DIAG_99", "OPER_99", "SPCDAYS")),
        *((name, True) for name in ("diag_01", "FIRSTATT", "INV_99", "CCAC_20", "GestLen", "GESTLEN", "cc_start_date")),
        *((name, False) for name in ("DIAG_00", "DIAG_1", "DIAG_100", "DIAG_", "OPER", "CCAC_21", "WARD", "", "DIAG_٠١")),
    ],
)
def test_fields_of_any_data_set(name: str, known: bool) -> None:
    assert is_field(name) is known


@pytest.mark.parametrize(
    ("text", "line", "message", "cure"),
    [
        ("", 1, f"the first line is not {KEYWORD}", "Make it the first line"),
        ("TAB DELIMITED\nSEX,SEX,5,,,,", 1, f"the first line is not {KEYWORD}", "Make it the first line"),
        ("SEX,SEX,5,,,,", 1, f"the first line is not {KEYWORD}", "Make it the first line"),
        (f"{KEYWORD}\nSEX,SEX,5,,,", 2, "6 parts where a field has 7", "Separate seven parts by commas"),
        (f"{KEYWORD}\nSEX,SEX,5,,,,,", 2, "8 parts where a field has 7", "Separate seven parts by commas"),
        (f"{KEYWORD}\nSEX;SEX;5;;;;", 2, "1 parts where a field has 7", "Separate seven parts by commas"),
        (f"{KEYWORD}\n\nSEX,SEX,,,,,", 3, "'' is not a column position", "in part 3"),
        (f"{KEYWORD}\nSEX,SEX,0,,,,", 2, "'0' is not a column position", "in part 3"),
        (f"{KEYWORD}\nSEX,SEX,-1,,,,", 2, "'-1' is not a column position", "in part 3"),
        (f"{KEYWORD}\nSEX,SEX,five,,,,", 2, "'five' is not a column position", "in part 3"),
        (f"{KEYWORD}\nSEX,SEX,10001,,,,", 2, "'10001' is not a column position from 1 to 10000", "in part 3"),
        (f"{KEYWORD}\nSEX,SEX,{'9' * 5000},,,,", 2, "is not a column position", "in part 3"),
        (f"{KEYWORD}\nSEX,SEX,²,,,,", 2, "'²' is not a column position", "in part 3"),
        (f"{KEYWORD}\nSEX,SEX,5,,,,\nEPIDUR,E,6,,,,\nSEX,SEX,7,,,,", 4, "field SEX stands twice", "Keep one of the two"),
        (
            f"{KEYWORD}\nSEX,SEX,5,,,,\nEPIDUR,E,5,,,,",
            3,
            "column 5 is named twice, for SEX and for EPIDUR",
            "a column of its own",
        ),
        (
            f"{KEYWORD}\nWARD,W,5,,,,\nEPIDUR,E,05,,,,",
            3,
            "column 5 is named twice, for WARD and for EPIDUR",
            "a column of its own",
        ),
        (f"{KEYWORD}\nSEX,SEX,5,AXA,,,", 2, "'AXA' is not a picture", "A (keep) and . (drop)"),
        (f"{KEYWORD}\nSEX,SEX,5,,aa,,", 2, "'aa' is not a picture", "in one of parts 4 to 6"),
        (f"{KEYWORD}\nSEX,SEX,5,AA,,A.,", 2, "'AA A.' is not a picture", "in one of parts 4 to 6"),
    ],
)
def test_errors(tmp_path: Path, text: str, line: int, message: str, cure: str) -> None:
    """Each names the line and the cure."""
    with pytest.raises(RecordDefinitionError) as caught:
        read(tmp_path, text)
    assert caught.value.place == f"{tmp_path / 'my.rdf'} line {line}"
    assert message in caught.value.message
    assert cure in caught.value.cure
    assert str(caught.value).startswith("[HRG-R] ")


@pytest.mark.parametrize("data", [KEYWORD.encode("utf-16"), b"\xff\xfe\xff"])
def test_not_text(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(RecordDefinitionError, match=r"my\.rdf: is not plain text\. Save it as plain text"):
        read(tmp_path, data)


@pytest.mark.parametrize("name", ["none.rdf", "."], ids=["missing", "folder"])
def test_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordDefinitionError, match="cannot be read") as caught:
        read_definition(tmp_path / name)
    assert caught.value.cure


def test_required_fields(tmp_path: Path, grouper: hrgcore.Grouper) -> None:
    """All but NEOCARE, the days and the codes after the primary diagnosis."""
    required = [*FIELDS[:12], "TRETSPEF", "DIAG_01"]
    read_definition(definition(tmp_path / "least.rdf", required)).check(grouper.design, APC)
    for name in required:
        lacking = read_definition(definition(tmp_path / "my.rdf", [field for field in required if field != name]))
        with pytest.raises(RecordDefinitionError) as caught:
            lacking.check(grouper.design, APC)
        assert caught.value.message == f"the required field {name} is missing"
        assert (caught.value.place, caught.value.cure) == (str(tmp_path / "my.rdf"), "Add a line for each.")
    with pytest.raises(RecordDefinitionError) as caught:
        read(tmp_path, KEYWORD).check(grouper.design, APC)
    assert caught.value.message == f"the required fields {', '.join(required)} are missing"


def test_header_as_definition() -> None:
    """Official names in any case, blanks around them; other columns stay what they are."""
    found = definition_of_header([" sex ", "Ward", "EPIDUR"], "in.csv line 1")
    assert found.fields == (FieldColumn("SEX", " sex ", 1), FieldColumn("EPIDUR", "EPIDUR", 3))
    with pytest.raises(RecordDefinitionError, match=r"in\.csv line 1: field SEX stands twice"):
        definition_of_header(["SEX", "Ward", "Ward", "sex"], "in.csv line 1")
