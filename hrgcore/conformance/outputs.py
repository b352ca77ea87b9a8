"""Official outputs in: lines of a file of the set, as the part that repeats the input, the record number and the results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from hrgcore.datasets import DATASETS
from hrgcore.datasets.apc import EPISODE_COLUMNS
from hrgcore.datasets.apc import NAME as ADMITTED_CARE
from hrgcore.errors import InputFileError
from hrgcore.files.reader import LONGEST_LINE

ROW = "RowNo"
ITERATION = "Iteration"
FAULTS = "Faults"  # the name of what stands after RowNo in the file of faults by record
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line of an output.

    Attributes:
        echo: what it repeats of the input, as it stands; empty in files that do not.
        row: RowNo as it stands.
        results: what follows, as it stands.
    """

    echo: bytes
    row: bytes
    results: bytes


class OutputFile(NamedTuple):
    """The head of an official output.

    Attributes:
        path: of the file.
        echoed: names of the columns of the input that it repeats.
        columns: names of the columns after RowNo. The last one takes all further cells of a line.
    """

    path: Path
    echoed: tuple[str, ...]
    columns: tuple[str, ...]

    def lines(self) -> Iterator[Line]:
        """Its lines but the header.

        Raises:
            InputFileError: a line has too few cells or is too long; names it.
        """
        width = len(self.echoed)
        with _reading(self.path) as file:
            for number, line in enumerate(_lines(file, self.path), 1):
                if number == 1 or not line:
                    continue
                cells = line.split(b",", width + 1)
                if len(cells) <= width:
                    raise InputFileError(
                        f"has {len(cells)} cells where its header has {width + 1 + len(self.columns)}",
                        place=f"{self.path} line {number}",
                        cure="Give the file as the program wrote it.",
                    )
                results = cells[width + 1] if len(cells) > width + 1 else b""
                end = len(line) - len(results) - len(cells[width]) - (2 if len(cells) > width + 1 else 1)
                yield Line(line[: max(end, 0)], cells[width], results)

    def cells(self, results: bytes) -> tuple[str, ...]:
        """The results of a line, a text a column; those that are not there are empty."""
        if not self.columns:
            return ()
        found = results.decode("utf-8", "replace").split(",", len(self.columns) - 1)
        return (*found, *[""] * (len(self.columns) - len(found)))


def open_output(path: Path) -> OutputFile:
    """The head of an official output.

    Raises:
        InputFileError: it cannot be read, or has no header line.
    """
    head = read_head(path, path)
    if ROW not in head:
        raise InputFileError(
            "has no header line, so that its columns cannot be told",
            place=str(path),
            cure="Have the outputs written with header lines.",
        )
    at = len(head) - 1 - head[::-1].index(ROW)  # an input may have such a column itself
    columns = head[at + 1 :]
    if at and columns and "|" in columns[0]:  # faults by record: as many columns as a record has faults
        columns = [FAULTS]
    return OutputFile(path, tuple(head[:at]), tuple(columns))


def read_head(path: Path, place: Path) -> list[str]:
    """The cells of the first line of a file, without blanks around them; none of a file that is empty.

    Raises:
        InputFileError: it cannot be read.
    """
    with _reading(path) as file:
        line = next(_lines(file, path), b"")
    try:
        return [cell.strip() for cell in line.removeprefix(_BOM).decode().split(",")] if line else []
    except UnicodeDecodeError:
        raise InputFileError("is not UTF-8 text", place=str(path or place), cure="Give the file as it was written.") from None


def read_summary(path: Path) -> dict[str, str]:
    """The cells of a summary by their heads."""
    with _reading(path) as file:
        rows = [line.decode("utf-8", "replace").split(",") for line in _lines(file, path)][:2]
    return dict(zip(*rows, strict=False)) if len(rows) == 2 else {}


def hrg_heads() -> dict[str, str]:
    """By data set the name of the column of HRGs in its main file."""
    return {name: EPISODE_COLUMNS[0] if name == ADMITTED_CARE else f"{name}_HRG" for name in DATASETS}


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputFileError(f"cannot be read: {error.strerror}", place=str(path), cure="Check its name and rights.") from None


def _lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise InputFileError("is too long", place=f"{path} line {number}", cure="Give the file as the program wrote it.")
        yield line.rstrip(b"\r\n")
