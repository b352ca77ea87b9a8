"""Files of admitted care for the tests: rows, record definitions, and what the outputs hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

LEADING = [
    "PROCODET", "PROVSPNO", "EPIORDER", "STARTAGE", "SEX", "CLASSPAT", "ADMISORC", "ADMIMETH", "DISDEST", "DISMETH", "EPIDUR",
    "MAINSPEF", "NEOCARE", "TRETSPEF",
]  # fmt: skip
DIAGNOSES = [f"DIAG_{n:02d}" for n in range(1, 15)]
PROCEDURES = [f"OPER_{n:02d}" for n in range(1, 13)]
DAYS = ["CRITICALCAREDAYS", "REHABILITATIONDAYS", "SPCDAYS"]
FIELDS = [*LEADING, *DIAGNOSES, *PROCEDURES, *DAYS]  # the official default layout

# A record that groups in every design of the tests, once it has a diagnosis.
SOUND = {
    "PROCODET": "RXX", "PROVSPNO": "1", "EPIORDER": "1", "STARTAGE": "40", "SEX": "1", "CLASSPAT": "1", "ADMISORC": "19",
    "ADMIMETH": "11", "DISDEST": "19", "DISMETH": "1", "EPIDUR": "2", "MAINSPEF": "100", "TRETSPEF": "100", "DIAG_01": "M5490",
    "CRITICALCAREDAYS": "0", "REHABILITATIONDAYS": "0", "SPCDAYS": "0",
}  # fmt: skip

SUFFIXES = (
    "", "_sort", "_FCE", "_spell", "_quality", "_FCE_rel", "_spell_rel", "_quality_rel", "_flag_rel", "_ub_rel", "_summary",
)  # fmt: skip


def record(fields: Sequence[str] = FIELDS, **cells: str) -> str:
    """One line: a sound record with some cells changed."""
    return ",".join({**SOUND, **cells}.get(field, "") for field in fields)


def write(path: Path, lines: Iterable[str], newline: str = "\n") -> Path:
    """A file of these lines."""
    path.write_bytes("".join(line + newline for line in lines).encode())
    return path


def with_header(path: Path, *lines: str, fields: Sequence[str] = FIELDS, newline: str = "\n") -> Path:
    """An input file with a header."""
    return write(path, [",".join(fields), *lines], newline)


def definition(path: Path, fields: Sequence[str] = FIELDS) -> Path:
    """A record definition file that names the fields by position."""
    return write(path, ["COMMA DELIMITED", *(f"{name},{name},{n},,,," for n, name in enumerate(fields, 1))], "\r\n")


def out(output: Path, suffix: str) -> Path:
    """The output file of a suffix."""
    return output.with_name(f"{output.stem}{suffix}{output.suffix}")


def cells(output: Path, suffix: str) -> list[list[str]]:
    """All lines of an output file, cut into cells."""
    return [line.split(",") for line in out(output, suffix).read_text().splitlines()]


def rows(output: Path, suffix: str) -> list[dict[str, str]]:
    """The lines of an output file by the names of its header; the ragged rest is in the last column, joined by blanks."""
    header, *lines = cells(output, suffix)
    last = len(header) - 1
    return [dict(zip(header, [*line[:last], " ".join(line[last:])], strict=True)) for line in lines]
