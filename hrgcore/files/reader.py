"""Opens an input file: refuses what is not the official form, with the line and the cure, and finds its lines."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from hrgcore._core.csvfile import CellPlan, RecordLines
from hrgcore._core.encode import Encoder, batch_arrays
from hrgcore._core.fields import FieldSet
from hrgcore._core.linesort import LineTable, join
from hrgcore.datasets.dataset import DataSet
from hrgcore.errors import InputFileError
from hrgcore.files.pipes import STANDARD, put_aside
from hrgcore.files.rdf import RecordDefinition, default_definition, definition_of_header, names_fields, official, read_definition
from hrgcore.files.tables import CSV, as_csv, column_names, form_of

if TYPE_CHECKING:
    from hrgcore.design import Design

LONGEST_LINE = 1 << 20  # bytes
_BOM = b"\xef\xbb\xbf"
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class InputFile:
    """An open input file whose head is read: use it as a context manager.

    Attributes:
        path: its name.
        definition: which column holds which field.
        header: the cells of its header, or made up.
        newline: its line end.
        plan: how its lines are read.
        start: where the first record stands, in bytes.
        size: bytes of the whole file.
    """

    path: Path
    definition: RecordDefinition
    header: tuple[str, ...]
    newline: bytes
    plan: CellPlan
    start: int
    size: int
    _stream: BinaryIO
    _lines_before: int  # the header's

    def __enter__(self) -> InputFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def whole(self) -> bytearray:
        """All its bytes."""
        self._stream.seek(0)
        data = bytearray(self.size)
        read = self._read_into(data)
        del data[read:]
        return data

    def blocks(self, size: int) -> Iterator[tuple[bytearray, int]]:
        """Its records as blocks of whole lines of about so many bytes, each with the number of lines before it."""
        self._stream.seek(self.start)
        rest, lines = b"", self._lines_before
        while True:
            block = bytearray(len(rest) + size)
            block[: len(rest)] = rest
            with memoryview(block) as view:
                read = self._read_into(view[len(rest) :])
            del block[len(rest) + read :]
            end = len(block) if read < size else block.rfind(b"\n") + 1
            if end == 0 and len(block) > LONGEST_LINE:
                raise _too_long(self.path, lines + 1)
            rest = bytes(memoryview(block)[end:])
            del block[end:]
            if block:
                yield block, lines
                lines += block.count(b"\n")
            if read < size:
                return

    def table(self, data: bytearray, start: int, end: int, fields: FieldSet | None, lines_before: int | None = None) -> LineTable:
        """The lines of a stretch of its bytes, checked.

        Args:
            data: bytes of the file.
            start: where the stretch begins.
            end: where it ends.
            fields: those of the design, if the lines are to be sorted.
            lines_before: how many lines of the file stand before the data; None if the data begin with the file.

        Raises:
            InputFileError: a line is not text, too long, or does not fit the definition.
        """
        before = lines_before or 0
        _check_bytes(data, start, end, self.path, before)
        table = LineTable(data, start, end, self.plan, fields)
        if table.longest > LONGEST_LINE:
            row = next(row for row in range(table.rows) if len(table.line(row)) > LONGEST_LINE)
            raise _too_long(self.path, before + _line_of(data, table.offset(row)))
        if table.short_row >= 0:
            place = f"{self.path} line {before + _line_of(data, table.offset(table.short_row))}"
            raise _short_line(table.line(table.short_row).decode(), self.plan.columns, self.definition, place)
        return table

    def no_records(self) -> InputFileError:
        """The error of a file without records."""
        return InputFileError(
            "there are no records" + (" below the header" if self._lines_before else ""),
            place=str(self.path),
            cure="Give a file with at least one record.",
        )

    def _read_into(self, room: bytearray | memoryview) -> int:
        """Reads until the room is full or the file ends; returns the number of bytes."""
        done = 0
        try:
            with memoryview(room) as view:
                while done < len(view) and (read := self._stream.readinto(view[done:])):  # type: ignore[attr-defined]
                    done += read
        except OSError as error:
            raise InputFileError(
                f"cannot be read: {error.strerror}", place=str(self.path), cure="Check its name and rights."
            ) from None
        return done


def open_input(path: Path, rdf: Path | None, header: bool | None, dataset: DataSet) -> InputFile:
    """Opens an input file and reads its head.

    Args:
        path: the file; `-` is standard input.
        rdf: its record definition; None takes the names of its header, or the default layout where it has none.
        header: whether the first line is a header; None finds out.
        dataset: what its records are.

    Raises:
        InputFileError: it is missing, empty, or its first line is too long.
        RecordDefinitionError: the record definition is wrong.
    """
    stream = open_stream(path)
    try:
        if form_of(stream) != CSV:
            stream = as_csv(stream, path, dataset)
        return _read_head(stream, path, rdf, header, dataset)
    except BaseException:
        stream.close()
        raise


def _read_head(stream: BinaryIO, path: Path, rdf: Path | None, header: bool | None, dataset: DataSet) -> InputFile:
    size = stream.seek(0, 2)
    head = _head(stream, path)
    start = len(_BOM) if head.startswith(_BOM) else 0
    first, _, rest = head[start:].partition(b"\n")
    if len(first) > LONGEST_LINE:
        raise _too_long(path, 1)
    newline = b"\r\n" if first.endswith(b"\r") else b"\n"
    _check_bytes(first, 0, len(first), path, 0)
    cells = first.rstrip(b"\r").decode().split(",")
    has_header = names_fields(cells) if header is None else header
    definition = _definition(rdf, cells if has_header else None, path, dataset)
    record = rest if has_header else head[start:]
    width = (record.lstrip(b"\r\n").partition(b"\n")[0]).count(b",") + 1
    return InputFile(
        path=path,
        definition=definition,
        header=tuple(cells) if has_header else tuple(definition.titles(width)),
        newline=newline,
        plan=definition.plan(dataset),
        start=min(start + len(first) + 1, size) if has_header else start,
        size=size,
        _stream=stream,
        _lines_before=int(has_header),
    )


def read_lines(file: InputFile, dataset: DataSet, fields: FieldSet | None = None) -> RecordLines:
    """All lines of a file: sorted as its data set is, and by spell, if the fields of a design are given; else as they stand."""
    data = file.whole()
    table = file.table(data, file.start, len(data), fields if dataset.order else None)
    if table.rows == 0:
        raise file.no_records()
    table.sort()
    return join([(table, 0, table.rows)], fields is not None and dataset.has_spells)


def encode_file(design: Design, dataset: DataSet, file: InputFile) -> tuple[Encoder, RecordLines]:
    """All records of a file, encoded in order, and their lines."""
    fields = design.tables.fields[dataset.name]
    lines = read_lines(file, dataset, fields)
    encoder = Encoder(design.tables, fields, arrays_for(file.plan, fields, lines.rows))
    lines.encode(encoder, 0, lines.rows)
    return encoder, lines


def arrays_for(plan: CellPlan, fields: FieldSet, rows: int) -> dict[str, array[int]]:
    """Room for so many rows of a plan."""
    cells = (rows * most for most in (plan.most_diagnoses, plan.most_procedures, plan.most_items))
    return batch_arrays(fields, rows, *cells)


def open_stream(path: Path) -> BinaryIO:
    """A stream of the file that can be read anew; what comes through a pipe is put aside first."""
    try:
        if path == STANDARD:
            return put_aside(sys.stdin.buffer)
        stream = cast(BinaryIO, path.open("rb", buffering=0))
        if stream.seekable():
            return stream
        with stream:
            return put_aside(stream)
    except FileNotFoundError:
        raise InputFileError("there is no such file", place=str(path), cure="Check the name.") from None
    except OSError as error:
        if isinstance(error, IsADirectoryError | PermissionError) and path.is_dir():
            raise InputFileError("is a folder, not a file", place=str(path), cure="Name the CSV file in it.") from None
        raise InputFileError(f"cannot be read: {error.strerror}", place=str(path), cure="Check its name and rights.") from None


def _head(stream: BinaryIO, path: Path) -> bytes:
    """The first bytes of a file, which is not empty."""
    stream.seek(0)
    head = b""
    while len(head) <= LONGEST_LINE and (part := stream.read(LONGEST_LINE + 4 - len(head))):
        head += part
    if not head.strip():
        raise InputFileError("is empty", place=str(path), cure="Give a file with at least one record.")
    return head


def _check_bytes(data: bytes | bytearray, start: int, end: int, path: Path, lines_before: int) -> None:
    """Refuses bytes that no text file has."""
    at = data.find(b"\0", start, end)
    if at >= 0:
        raise InputFileError(
            "holds a NUL byte",
            place=f"{path} line {lines_before + _line_of(data, at)}",
            cure="Save it as plain text (UTF-8), not as UTF-16 or as a workbook.",
        )
    if data.isascii():
        return
    try:
        str(memoryview(data)[start:end], "utf-8")
    except UnicodeDecodeError as error:
        line = lines_before + _line_of(data, start + error.start)
        raise InputFileError("is not UTF-8 text", place=f"{path} line {line}", cure="Save it as UTF-8 or plain ASCII.") from None


def _too_long(path: Path, line: int) -> InputFileError:
    return InputFileError(
        f"a line is longer than {LONGEST_LINE} bytes",
        place=f"{path} line {line}",
        cure="Check that lines end with a newline, and that it is a CSV file.",
    )


def _line_of(data: bytes | bytearray, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _definition(rdf: Path | None, header: list[str] | None, path: Path, dataset: DataSet) -> RecordDefinition:
    if rdf is not None:
        return read_definition(rdf)
    if header is not None and names_fields(header):
        return definition_of_header(header, f"{path} line 1")
    return default_definition(dataset)


def named_fields(path: Path, rdf: Path | None, header: bool | None) -> set[str] | None:
    """The names of the fields of an input, from its record definition or its header; None if it has neither."""
    if rdf is not None:
        return read_definition(rdf).names
    if path == STANDARD:
        return None
    with open_stream(path) as stream:
        if form_of(stream) != CSV:
            return set(map(official, column_names(stream, path)))
        first = _head(stream, path).removeprefix(_BOM).partition(b"\n")[0].decode(errors="replace")
    cells = first.rstrip("\r").split(",")
    if header is False or not names_fields(cells):
        return None
    return definition_of_header(cells, f"{path} line 1").names


def _short_line(text: str, columns: int, definition: RecordDefinition, place: str) -> InputFileError:
    found = text.count(",") + 1
    other = next((name for mark, name in _OTHER_DELIMITERS.items() if text.count(mark) > found), "")
    if other:
        return InputFileError(
            f"has its columns separated by {other}, not by commas", place=place, cure="Save it as comma separated text."
        )
    return InputFileError(
        f"{found} column{'s' if found > 1 else ''} where the record definition ({definition.origin}) needs {columns}",
        place=place,
        cure="Check the delimiter and the record definition; a dummy last column keeps trailing blanks.",
    )
