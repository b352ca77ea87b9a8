"""Codes as people write them in sheets: dots, small letters, missing fillers, categories, ranges."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from hrgcore._core.codes import CodeSet

_MARKS = re.compile(r"[.*†‡+\u00a0]")  # dots, and the marks of dagger and asterisk codes
_RANGE = re.compile(r"\s*(?:[-–—]|\bTO\b)\s*")
_FORMS = {"icd10": re.compile(r"[A-Z][0-9]{2}[0-9X][0-9]?"), "opcs4": re.compile(r"[A-Z][0-9]{3}")}
NAMES = {"icd10": "ICD-10", "opcs4": "OPCS-4"}
_CATEGORY = 3  # characters of a category


class Found(NamedTuple):
    """What a text names.

    Attributes:
        codes: the codes, empty if it names none.
        wide: whether it is a category or a range, which single codes stand above.
        how: what was tolerated, empty if it is written as in the code set.
        new: whether the code has the right form but is not in the code set.
    """

    codes: Sequence[str]
    wide: bool = False
    how: str = ""
    new: bool = False


class Codes:
    """Reads the codes of one classification against a code set.

    Args:
        table: `icd10` or `opcs4`.
        code_set: of the base design.
    """

    def __init__(self, table: str, code_set: CodeSet) -> None:
        self.table, self.name = table, NAMES[table]
        self._set = code_set
        self._codes = code_set.codes[1:]

    def knows(self, text: str) -> bool:
        """Whether a text is a single code of the code set."""
        return bool(self._set.encode(_MARKS.sub("", text)[:8]))

    def read(self, text: str) -> Found:
        """The codes that a cell names; several are separated by blanks, commas or semicolons."""
        terms = re.split(r"[,;\s]+", _RANGE.sub("-", _MARKS.sub("", text.upper())).strip(" ,;"))
        found = [self._term(term) for term in terms]
        if not all(one.codes for one in found):
            return Found(())
        if len(found) == 1:
            rewritten = found[0].how or (
                "code with dots, marks or small letters" if found[0].codes[0] != text and not found[0].wide else ""
            )
            return found[0]._replace(how=rewritten)
        codes = [code for one in found for code in one.codes]
        return Found(codes, any(one.wide for one in found), "several codes in a cell", any(one.new for one in found))

    def _term(self, term: str) -> Found:
        first, dash, last = term.partition("-")
        if dash and last:
            return Found(self._span(first, last), wide=True, how="range of codes")
        if not dash and (number := self._set.encode(first)):
            code = self._set.codes[number]
            return Found((code,), how="code without its filler" if len(code) > len(first) else "")
        if below := self._below(first):
            return Found(below, wide=True, how="category" if len(first) == _CATEGORY else "code for its subdivisions")
        code = first + "X" if self._set.pads and len(first) == _CATEGORY else first
        return Found((code,), new=True) if _FORMS[self.table].fullmatch(code) else Found(())

    def _span(self, first: str, last: str) -> Sequence[str]:
        if not (first and last and first[0].isalpha() and last[0].isalpha()):
            return ()
        return [code for low, high in self._set.spans(f"{first}-{last}") for code in self._set.codes[low : high + 1]]

    def _below(self, start: str) -> Sequence[str]:
        if len(start) < _CATEGORY:
            return ()
        return self._codes[bisect_left(self._codes, start) : bisect_left(self._codes, start + "~")]


def grouped(cells_of: dict[str, tuple[str, ...]], ordered: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Rows of a table by code: codes of the same cells stand in one row, in the order of the first of them."""
    places = {code: number for number, code in enumerate(ordered)}
    by_cells: dict[tuple[str, ...], list[str]] = {}
    for code in sorted(cells_of, key=places.__getitem__):
        by_cells.setdefault(cells_of[code], []).append(code)
    for cells, codes in by_cells.items():
        yield " ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in _runs(codes, places)), *cells


def _runs(codes: Iterable[str], places: dict[str, int]) -> Iterator[list[str]]:
    """Codes in order, cut where one of the code set lies between."""
    for _, run in groupby(enumerate(codes), key=lambda item: places[item[1]] - item[0]):
        yield [code for _, code in run]
