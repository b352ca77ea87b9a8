"""Code terms of tables (`M5490`, `M54`, `A000-A059`) to spans of ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hrgcore._core.codes import CodeSet
from hrgcore.design.faults import Faults, Located

Span = tuple[int, int]  # first and last id, both included


class TermReader:
    """Reads the `codes` cells of one classification."""

    def __init__(self, code_set: CodeSet, classification: str, faults: Faults) -> None:
        self.code_set = code_set
        self._name = classification
        self._faults = faults

    def spans(self, cell: str, place: Located) -> list[Span]:
        """The spans of ids that a cell names; a term that names no code is a fault."""
        spans = self.code_set.spans(cell)
        if not spans:
            self._faults.add(place, "no codes are given")
        for first, last in spans:
            if first > last:
                return self._only_known(cell, spans, place)
        return spans

    def _only_known(self, cell: str, spans: list[Span], place: Located) -> list[Span]:
        for term, (first, last) in zip(cell.split(), spans, strict=True):
            if first > last:
                self._faults.add(place, f"{term} names no code of {self._name}")
        return [span for span in spans if span[0] <= span[1]]


def ids(spans: Iterable[Span]) -> Iterator[int]:
    """Each id of some spans."""
    for first, last in spans:
        yield from range(first, last + 1)
