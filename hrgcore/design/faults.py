"""Faults of a design: collected, so that lint can name all of them, and raised as one error where a design must load."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from hrgcore.errors import DesignError


class Place(NamedTuple):
    """Where a row stands: file name and line, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file} line {self.line}" if self.line else self.file


class Located(Protocol):
    """What has a place: a row, or a place itself."""

    @property
    def file(self) -> str:
        """The name of the file."""

    @property
    def line(self) -> int:
        """The line in it, counted from 1."""


class Fault(NamedTuple):
    """One fault of a design: where, and what."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, place: Located, message: str) -> None:
        """Notes a fault at a place, or at a row, and goes on."""
        self.found.append(Fault(Place(place.file, place.line), message))

    def raise_if_any(self, design: str) -> None:
        """Raises DesignError naming the first fault and the number of all."""
        if not self.found:
            return
        first, others = self.found[0], len(self.found) - 1
        more = f" (and {others} more)" if others else ""
        raise DesignError(
            f"{first.message}{more}", place=f"design {design}, {first.place}", cure="Run `hrg design lint` for the whole list."
        )
