"""Opens an input file: refuses what is not the official form, with the line and the cure, and finds its lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore._core.csvfile import RecordFile
from hrgcore._core.encode import Aliases, Encoder, batch_arrays
from hrgcore.datasets.batches import Progress
from hrgcore.datasets.dataset import DataSet
from hrgcore.errors import InputFileError
from hrgcore.files.rdf import RecordDefinition, default_definition, definition_of_header, is_field, read_definition

if TYPE_CHECKING:
    from hrgcore.design import Design

STEP = 50_000  # rows read, grouped or written between two reports of progress
LONGEST_LINE = 1 << 20  # bytes
_BOM = b"\xef\xbb\xbf"
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class InputFile:
    """An input file, read and checked: its definition, its header cells (of the input, or made up), its lines."""

    path: Path
    definition: RecordDefinition
    header: tuple[str, ...]
    newline: bytes
    lines: RecordFile


def open_input(path: Path, rdf: Path | None, header: bool | None, dataset: DataSet) -> InputFile:
    """Reads an input file into memory.

    Args:
        path: the file.
        rdf: its record definition; None takes the names of its header, or the default layout where it has none.
        header: whether the first line is a header; None finds out.
        dataset: what its records are.

    Raises:
        InputFileError: it is missing, empty, not text, not comma separated, or a line does not fit the definition.
        RecordDefinitionError: the record definition is wrong.
    """
    data = _read(path)
    start = len(_BOM) if data.startswith(_BOM) else 0
    _check_bytes(data, path)
    first, _, _ = data[start : start + LONGEST_LINE + 1].partition(b"\n")
    if len(first) > LONGEST_LINE:
        raise _too_long(path, 1)
    newline = b"\r\n" if first.endswith(b"\r") else b"\n"
    cells = first.rstrip(b"\r").decode().split(",")
    has_header = any(is_field(cell.strip()) for cell in cells) if header is None else header
    definition = _definition(rdf, cells if has_header else None, path, dataset)
    if has_header:
        start += len(first) + 1
    plan = definition.plan(dataset)
    lines = RecordFile(data, start, plan)
    if lines.longest > LONGEST_LINE:
        row = next(row for row in range(lines.rows) if len(lines.line(row)) > LONGEST_LINE)
        raise _too_long(path, _line_of(data, lines.line_start[row]))
    if lines.rows == 0:
        raise InputFileError(
            "there are no records" + (" below the header" if has_header else ""),
            place=str(path),
            cure="Give a file with at least one record.",
        )
    _check_columns(lines, plan.columns, has_header, definition, path)
    width = lines.line(0).count(b",") + 1
    titles = tuple(cells) if has_header else tuple(definition.titles(width))
    return InputFile(path, definition, titles, newline, lines)


def encode_file(
    design: Design, dataset: DataSet, file: InputFile, aliases: Aliases | None = None, progress: Progress | None = None
) -> Encoder:
    """Sorts the rows of a file as its data set is, and encodes them."""
    lines, plan, fields = file.lines, file.lines.plan, design.tables.fields[dataset.name]
    if dataset.order:
        lines.sort(fields)
    if not dataset.has_spells:
        lines.each_alone()
    cells = (lines.rows * most for most in (plan.most_diagnoses, plan.most_procedures, plan.most_items))
    encoder = Encoder(design.tables, fields, batch_arrays(fields, lines.rows, *cells), aliases)
    for first in range(0, lines.rows, STEP):
        end = min(first + STEP, lines.rows)
        lines.encode(encoder, first, end)
        if progress:
            progress(end, lines.rows)
    return encoder


def _read(path: Path, most: int = -1) -> bytes:
    """The bytes of a file, or so many of them."""
    try:
        with path.open("rb") as file:
            data = file.read(most)
    except FileNotFoundError:
        raise InputFileError("there is no such file", place=str(path), cure="Check the name.") from None
    except OSError as error:
        if isinstance(error, IsADirectoryError | PermissionError) and path.is_dir():
            raise InputFileError("is a folder, not a file", place=str(path), cure="Name the CSV file in it.") from None
        raise InputFileError(f"cannot be read: {error.strerror}", place=str(path), cure="Check its name and rights.") from None
    if not data.strip():
        raise InputFileError("is empty", place=str(path), cure="Give a file with at least one record.")
    return data


def _check_bytes(data: bytes, path: Path) -> None:
    """Refuses bytes that no text file has."""
    at = data.find(b"\0")
    if at >= 0:
        raise InputFileError(
            "holds a NUL byte",
            place=f"{path} line {_line_of(data, at)}",
            cure="Save it as plain text (UTF-8), not as UTF-16 or as a workbook.",
        )
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise InputFileError(
            "is not UTF-8 text", place=f"{path} line {_line_of(data, error.start)}", cure="Save it as UTF-8 or plain ASCII."
        ) from None


def _too_long(path: Path, line: int) -> InputFileError:
    return InputFileError(
        f"a line is longer than {LONGEST_LINE} bytes",
        place=f"{path} line {line}",
        cure="Check that lines end with a newline, and that it is a CSV file.",
    )


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _definition(rdf: Path | None, header: list[str] | None, path: Path, dataset: DataSet) -> RecordDefinition:
    if rdf is not None:
        return read_definition(rdf)
    if header is not None and any(is_field(cell.strip()) for cell in header):
        return definition_of_header(header, f"{path} line 1")
    return default_definition(dataset)


def named_fields(path: Path, rdf: Path | None, header: bool | None) -> set[str] | None:
    """The names of the fields of an input, from its record definition or its header; None if it has neither."""
    if rdf is not None:
        return read_definition(rdf).names
    data = _read(path, LONGEST_LINE)
    first = data.removeprefix(_BOM).partition(b"\n")[0].decode(errors="replace")
    cells = first.rstrip("\r").split(",")
    if header is False or not any(is_field(cell.strip()) for cell in cells):
        return None
    return definition_of_header(cells, f"{path} line 1").names


def _check_columns(lines: RecordFile, columns: int, has_header: bool, definition: RecordDefinition, path: Path) -> None:
    row = lines.short_line()
    if row < 0:
        return
    text = lines.line(row).decode()
    found = text.count(",") + 1
    other = next((name for mark, name in _OTHER_DELIMITERS.items() if text.count(mark) > found), "")
    number = _line_of(lines.data, lines.line_start[row])
    if other:
        raise InputFileError(
            f"has its columns separated by {other}, not by commas",
            place=f"{path} line {number}",
            cure="Save it as comma separated text.",
        )
    raise InputFileError(
        f"{found} column{'s' if found > 1 else ''} where the record definition ({definition.origin}) needs {columns}",
        place=f"{path} line {number}",
        cure="Check the delimiter and the record definition; a dummy last column keeps trailing blanks.",
    )
