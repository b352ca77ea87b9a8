"""Looks through an .xlsx file before a reader lays its cells out in memory, so that no small file can ask for more than there is.

A workbook is a zip of XML. A reader makes a dense table of each sheet, from its first cell to its last, and a text of its own for
each cell: two cells in opposite corners, or one long shared text in a million cells, would be enough to fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from hrgcore.errors import InputFileError

MOST_BYTES = 400_000_000  # of all parts together, unpacked
MOST_PARTS = 2_000
MOST_CELLS = 12_000_000  # of a sheet from its first cell to its last, the empty ones too
MOST_TEXT = 200_000_000  # characters in all cells
_BLOCK = 1 << 16
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")  # begins .xls files and encrypted workbooks
_ZIP = b"PK"
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_DIGITS = "0123456789"
_VALUES = ("v", "t")  # elements that hold what a cell or a shared text says
_SHARED = "xl/sharedstrings.xml"


def check_file(path: Path) -> None:
    """Refuses what is no workbook or too large.

    Raises:
        InputFileError: the file cannot be read, is of another type, is encrypted or broken, or would take too much memory.
    """
    try:
        with path.open("rb") as file:
            _check_type(file.read(len(_OLE)), path)
            with ZipFile(file) as parts:
                _check_parts(parts, path)
    except OSError as error:
        raise InputFileError(f"cannot be read: {error.strerror or error}", place=str(path), cure="Check its name.") from None
    except (BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise broken(path, error) from None
    except Exception as error:
        if type(error).__module__ != "zlib":
            raise
        raise broken(path, error) from None


def broken(path: Path, error: object) -> InputFileError:
    """The error of a workbook that cannot be read."""
    return InputFileError(
        f"is not a whole .xlsx workbook: {error}",
        place=str(path),
        cure="Download it again, or open it in a spreadsheet program and save it anew as .xlsx, without a password.",
    )


def _check_type(head: bytes, path: Path) -> None:
    if head == _OLE:
        raise InputFileError(
            "is of the old form .xls, or encrypted",
            place=str(path),
            cure="Open it in a spreadsheet program and save it as .xlsx, without a password.",
        )
    if not head.startswith(_ZIP):
        raise InputFileError("is not an .xlsx workbook", place=str(path), cure="Name the workbook itself, as downloaded.")


def _check_parts(parts: ZipFile, path: Path) -> None:
    infos = parts.infolist()
    size = sum(info.file_size for info in infos)
    if size > MOST_BYTES or len(infos) > MOST_PARTS:
        raise _too_large(f"unpacks to {size:,} bytes in {len(infos):,} parts", path)
    if len({info.filename.lower() for info in infos}) < len(infos):
        raise broken(path, "two of its parts have the same name")
    infos.sort(key=lambda info: info.filename.lower() != _SHARED)  # the texts first, for their lengths
    reading = _Reading(path)
    for info in infos:
        with parts.open(info) as part:
            reading.read(part, shared=info.filename.lower() == _SHARED)


def _too_large(what: str, path: Path) -> InputFileError:
    cure = "Delete the empty rows and columns of its sheets, and sheets that are not needed, and save it anew."
    return InputFileError(f"is too large: it {what}", place=str(path), cure=cure)


class _Reading:
    """What the parts read so far hold: lengths of shared texts, and characters in cells."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lengths: list[int] = []
        self._columns: dict[str, int] = {}
        self._text = 0
        self._unpacked = 0

    def read(self, part: IO[bytes], shared: bool) -> None:
        """Reads a part; what is no XML has no cells, unless it claims to be a sheet."""
        self._shared = shared
        self._row = self._column = self._height = self._width = 0
        self._kind, self._value = "", ""
        self._value_open = False
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        seen_sheet = False
        parse: Callable[[bytes, bool], object] | None = parser.Parse
        while block := part.read(_BLOCK):
            self._unpacked += len(block)
            if self._unpacked > MOST_BYTES:
                raise _too_large(f"unpacks to more than {MOST_BYTES:,} bytes", self._path)
            seen_sheet |= b"sheetData" in block
            try:
                if parse:
                    parse(block, False)
            except expat.ExpatError as error:
                if seen_sheet:
                    raise broken(self._path, error) from None
                parse = None  # a picture, a setting of a printer
            if seen_sheet and not parse:
                raise broken(self._path, "a sheet is not well-formed")

    def _refuse_doctype(self, *_: object) -> None:
        raise broken(self._path, "it declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2] if ":" in name else name
        if name == "c":
            self._place(attributes.get("r", ""))
            self._kind, self._value = attributes.get("t", ""), ""
        elif name in _VALUES:
            self._value_open = True
        elif name == "row":
            self._row = _number(attributes.get("r", "")) or self._row + 1
            self._column = 0
        elif name == "si":
            self._value = ""

    def _place(self, place: str) -> None:
        """Where a cell stands: where it says, or beside the one before."""
        letters = place.rstrip(_DIGITS)
        column = self._columns.get(letters, 0)
        if not column and _PLACE.fullmatch(place):
            column = self._columns[letters] = _column(letters)
        self._column = column or self._column + 1
        if column:
            self._row = max(self._row, int(place[len(letters) :] or 1))

    def _characters(self, text: str) -> None:
        if self._value_open:
            self._value += text

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2] if ":" in name else name
        if name in _VALUES:
            self._value_open = False
        elif name == "c" and self._value:
            self._fill()
        elif name == "si" and self._shared:
            self._lengths.append(len(self._value))

    def _fill(self) -> None:
        """A cell with a value: the sheet reaches at least to here."""
        if self._row > self._height or self._column > self._width:
            self._height, self._width = max(self._height, self._row), max(self._width, self._column)
            if self._height * self._width > MOST_CELLS:
                raise _too_large(f"has a sheet of {self._height:,} rows and {self._width:,} columns", self._path)
        shared = _number(self._value) if self._kind == "s" else -1
        self._text += self._lengths[shared] if 0 <= shared < len(self._lengths) else len(self._value)
        if self._text > MOST_TEXT:
            raise _too_large(f"has more than {MOST_TEXT:,} characters in its cells", self._path)


def _number(text: str) -> int:
    return int(text) if len(text) < 9 and text.isdecimal() and text.isascii() else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
