"""Code terms of tables (`M5490`, `M54`, `A000-A059`) to spans of ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from hrgcore._core.codes import CodeSet
from hrgcore.design.faults import Faults, Located

Span = tuple[int, int]  # first and last id, both included


class TermReader:
    """Reads the `codes` cells of one classification. A term whose codes have all been retired by an overlay names nothing."""

    def __init__(self, code_set: CodeSet, classification: str, retired: Collection[str], faults: Faults) -> None:
        self.code_set = code_set
        self._name = classification
        self._retired = retired
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
            if first > last and not self._is_retired(term):
                self._faults.add(place, f"{term} names no code of {self._name}")
        return [span for span in spans if span[0] <= span[1]]

    def _is_retired(self, term: str) -> bool:
        first, _, last = term.partition("-")
        return any(first <= code and (code <= (last or first) or code.startswith(last or first)) for code in self._retired)


def ids(spans: Iterable[Span]) -> Iterator[int]:
    """Each id of some spans."""
    for first, last in spans:
        yield from range(first, last + 1)
