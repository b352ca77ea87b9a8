"""What commands share: opening a design with its evidence, options with several values, writing a file, showing a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hrgcore.design.evidence import read_evidence
from hrgcore.errors import DesignError, OutputFileError
from hrgcore.plugins import host

if TYPE_CHECKING:
    from rich.table import Table

    from hrgcore.design import Design


def listed(_context: click.Context, _option: click.Parameter, value: str | None) -> list[str] | None:
    """The parts of a list separated by commas."""
    return None if value is None else [part.strip() for part in value.split(",") if part.strip()]


def folder_of(name: str) -> Path:
    """The folder of a design: that folder itself, or that of the installed design of this name."""
    return Path(name) if Path(name).is_dir() else host().folder(name)


def open_design(name: str) -> tuple[Design, Path]:
    """A design by the name of an installed one or by its folder, and that folder."""
    from hrgcore.design import load_design

    folder = folder_of(name)
    return load_design(folder, find_base=host().folder) if Path(name).is_dir() else host().load_design(name), folder


def evidence(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of an evidence file of a design or its base; empty if there is none."""
    return read_evidence(folder, name, host().folder)


def needed_evidence(folder: Path, design: Design, name: str) -> list[dict[str, str]]:
    """The rows of an evidence file.

    Raises:
        DesignError: the design has no such evidence.
    """
    rows = evidence(folder, name)
    if not rows:
        cure = f"Put the file evidence/{name}.csv into its folder."
        raise DesignError(f"design {design.name} has no evidence {name!r} to compare with", cure=cure)
    return rows


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns the error of a file that cannot be written into one that names it and the cure."""
    try:
        yield
    except OSError as error:
        raise OutputFileError(f"cannot be written: {error.strerror}", place=str(path), cure="Check its folder.") from None


def new_table(first: str, *others: str, tight: bool = False) -> Table:
    """A plain table: the first column on the left, numbers on the right; `tight` leaves one blank between columns."""
    from rich.table import Table

    table = Table(first, box=None, pad_edge=False, collapse_padding=tight)
    for column in others:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def show(table: Table) -> None:
    """Prints a table."""
    from rich.console import Console

    Console(highlight=False).print(table)
