"""What an import refuses: files that are no workbooks or would take all memory, and maps that do not fit."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from hrgcore.authoring.importing import guard
from hrgcore.authoring.importing.mapfile import SheetMap, read_map
from hrgcore.authoring.importing.reader import read_workbook
from hrgcore.errors import ArgumentError, HRGError, InputFileError, OutputFileError

from .official_form import ICD10, WHOLE, Imported, write_book

SHEET = "xl/worksheets/sheet1.xml"


def rezipped(path: Path, changes: Mapping[str, bytes]) -> Path:
    """The workbook with some parts replaced or added."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    changed = path.with_name("changed.xlsx")
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in {**parts, **changes}.items():
            book.writestr(name, data)
    return changed


def sheet_of(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book.xlsx", {"ICD-10": ICD10})


def refused(path: Path) -> InputFileError:
    begin = time.perf_counter()
    with pytest.raises(InputFileError) as caught:
        read_workbook(path)
    assert str(path) in caught.value.place and caught.value.cure
    assert time.perf_counter() - begin < 10
    return caught.value


# Files


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "is not an .xlsx workbook"),
        (b"code,root\nA00,AA01\n", "is not an .xlsx workbook"),
        (b"PK\x03\x04 and no more", "is not a whole .xlsx workbook"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "is of the old form .xls, or encrypted"),
    ],
)
def test_files_that_are_no_workbooks(tmp_path: Path, data: bytes, text: str) -> None:
    (tmp_path / "book.xlsx").write_bytes(data)
    assert text in str(refused(tmp_path / "book.xlsx"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in str(refused(tmp_path / "none.xlsx"))


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as made:
        made.writestr("readme.txt", "no workbook")
    assert "is not a whole .xlsx workbook" in str(refused(tmp_path / "book.xlsx"))


def test_a_workbook_cut_off_and_one_with_a_broken_sheet(book: Path) -> None:
    cut = book.with_name("cut.xlsx")
    cut.write_bytes(book.read_bytes()[:-200])
    assert "is not a whole" in str(refused(cut))
    assert "is not a whole" in str(refused(rezipped(book, {SHEET: sheet_of("<row><c>")[:-20]})))


def test_a_small_file_that_unpacks_to_very_much(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_BYTES", 30_000_000)
    bomb = rezipped(book, {"xl/media/image1.png": bytes(guard.MOST_BYTES + 1)})
    assert bomb.stat().st_size < 100_000
    assert "is too large" in str(refused(bomb))


def test_a_part_that_lies_about_its_size(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_BYTES", 200_000)
    changed = rezipped(book, {"xl/media/image1.png": bytes(500_000)})
    data = changed.read_bytes()
    size = (500_000).to_bytes(4, "little")
    assert data.count(size) == 2
    changed.write_bytes(data.replace(size, (1000).to_bytes(4, "little")))
    with pytest.raises(InputFileError):
        read_workbook(changed)


def test_two_cells_in_opposite_corners(book: Path) -> None:
    """A reader would lay out 17 billion cells."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert "1,048,576 rows and 16,384 columns" in str(refused(rezipped(book, {SHEET: sheet_of(rows)})))


def test_cells_without_places_count_too(book: Path) -> None:
    rows = "<row>" + "<c><v>1</v></c>" * 3000 + "</row>" + "<row><c><v>1</v></c></row>" * 5000
    assert "rows and 3,000 columns" in str(refused(rezipped(book, {SHEET: sheet_of(rows)})))


def test_a_long_text_in_very_many_cells(book: Path) -> None:
    texts = f'<?xml version="1.0"?><sst><si><t>{"x" * 30_000}</t></si></sst>'.encode()
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 10_000))
    changed = rezipped(book, {SHEET: sheet_of(rows), "xl/sharedStrings.xml": texts})
    assert changed.stat().st_size < 200_000
    assert "characters in its cells" in str(refused(changed))


def test_entities_are_not_expanded(book: Path) -> None:
    text = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    assert "declares a document type" in str(refused(rezipped(book, {"xl/sharedStrings.xml": text})))


def test_blank_rows_and_wide_claims_do_no_harm(book: Path) -> None:
    """Formatted rows without values down to the last, and a claim to fill the sheet, are read as what they hold."""
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>ICD-10 Code</t></is></c></row>'
    rows = first + '<row><c s="0"/></row>' * 50_000 + '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    sheet = sheet_of(rows).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    read = read_workbook(rezipped(book, {SHEET: sheet}))
    assert [row for row in read.sheets[0].rows if any(row)] == [["ICD-10 Code"]]


def test_values_of_formulas_and_wrong_cells(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["OPCS-4 Code", "Hierarchy Value", "HRG Root"])
        sheet.write_string(1, 0, "M01.1")
        sheet.write_formula(1, 1, "=2+5", None, 7)
        sheet.write_string(1, 2, "PR01")
        sheet.write_string(2, 0, "M01.2")
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        sheet.write_string(2, 2, "PR01")
        sheet.write_row(3, 0, ["P01.1", True, "PR01"])
    assert read_workbook(path).sheets[0].rows[1] == ["M01.1", "7", "PR01"]


def test_the_folder_must_be_new(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine.txt").write_text("kept")
    with pytest.raises(OutputFileError, match="is there already"):
        Imported(tmp_path, WHOLE)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["mine.txt"]


# Maps


def mapped(folder: Path, text: str) -> Mapping[str, SheetMap]:
    (folder / "map.toml").write_text(text)
    return read_map(folder / "map.toml")


def test_a_map_names_sheets_and_columns(tmp_path: Path) -> None:
    maps = mapped(
        tmp_path,
        """
        [sheets."Tab 7"]
        kind = "icd10"
        header = 3
        [sheets."Tab 7".columns]
        code = "Dx"
        root = "Goes to"
        [sheets.Notes]
        kind = "ignore"
        """,
    )
    sheets = {"Tab 7": (("Dx", "Goes to"), (), ("Dx", "Word", "Goes\nto"), ("A00.1", "", "AA02")), "Notes": ICD10}
    made = Imported(tmp_path, sheets, maps)
    assert made.tables() == {"diagnosis": ["A001,AA02,,2,official,"]}
    assert made.sheet("Tab 7").header == 3 and made.sheet("Notes").what == "left alone, as the map says"


def test_a_map_names_the_subchapter_and_the_list(tmp_path: Path) -> None:
    maps = mapped(tmp_path, '[sheets.x]\nkind = "cc"\nsubchapter = "PR"\n[sheets.y]\nkind = "list"\nlist = "big"\n')
    made = Imported(tmp_path, {"x": (("ICD-10 Code", "Text"), ("B002", "")), "y": (("Code",), ("M01.1",))}, maps)
    assert "B002,PR,1,authored" in made.tables()["cc"]
    assert made.tables()["list"] == ["big,procedure,M011,official"]


@pytest.mark.parametrize(
    ("text", "message", "cure"),
    [
        ("[sheet.x]", "unknown key 'sheet'", "Known: sheets."),
        ('[sheets.x]\nkind = "icd"', "'icd' is not a kind of sheet", "Known: hrg, split, chapter,"),
        ('[sheets.x]\nkind = "icd10"\nrows = 4', "unknown key 'rows'", "Known: kind, header, columns,"),
        ('[sheets.x]\nkind = "icd10"\n[sheets.x.columns]\nicd = "a"', "unknown key 'icd'", "Known: code, root, child_root,"),
        ('[sheets.x]\nkind = "icd10"\nheader = "4"', "is of type str, not int", "See the docs"),
        ('[sheets.x]\nkind = "icd10"\nheader = 400', "the header is not in the first 30 rows", "Remove"),
        ('[sheets.x]\nkind = "icd10"\n[sheets.x.columns]\ncode = 1', "is of type int, not str", "See the docs"),
        ("sheets = 1", "is of type int, not dict", "See the docs"),
        ("sheets = ", "cannot be read", "TOML"),
    ],
)
def test_faults_of_a_map(tmp_path: Path, text: str, message: str, cure: str) -> None:
    with pytest.raises(HRGError, match=message) as caught:
        mapped(tmp_path, text)
    assert cure in caught.value.cure and "map.toml" in caught.value.place


@pytest.mark.parametrize(
    ("maps", "message", "cure"),
    [
        ({"None": SheetMap("icd10")}, "the workbook has no sheet 'None'", "It has: ICD-10."),
        ({"ICD-10": SheetMap("icd10", columns={"root": "Goes to"})}, "no header row has 'Goes to'", "Name heads"),
        ({"ICD-10": SheetMap("opcs4")}, "kind opcs4 needs the columns code, and one of root, rank, role", "columns"),
    ],
)
def test_maps_that_do_not_fit_the_workbook(tmp_path: Path, maps: Mapping[str, SheetMap], message: str, cure: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        Imported(tmp_path, {"ICD-10": ICD10}, maps)
    assert cure in caught.value.cure and not (tmp_path / "made").exists()
