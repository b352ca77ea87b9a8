"""The condition language of designs: parsed once, here, into tests that the kernel evaluates. No `eval`, no Python in a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from hrgcore._core import typedefs as core
from hrgcore.design.schema import FIELDS_WITHOUT_EFFECT, LISTED_FIELDS

_BAND = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9})|(\+))?")
_NUMBERS = {
    "age": core.Op.OP_AGE,
    "stay": core.Op.OP_STAY,
    "cc": core.Op.OP_CC,
    "interventions": core.Op.OP_INTERVENTIONS,
}
_MEMBERS = {
    "primary": (core.Op.OP_PRIMARY, "diagnosis"),
    "secondary": (core.Op.OP_SECONDARY, "diagnosis"),
    "diagnosis": (core.Op.OP_DIAGNOSIS, "diagnosis"),
    "dominant": (core.Op.OP_DOMINANT, "procedure"),
    "procedure": (core.Op.OP_PROCEDURE, "procedure"),
    "site": (core.Op.OP_SITE, "procedure"),
    "unbundled": (core.Op.OP_UNBUNDLED, "procedure"),
}
# Not known yet when rules of these stages are read.
_TOO_EARLY = {
    "check": ("dominant", "site", "interventions", "cc"),
    "route": ("dominant", "site", "interventions", "cc"),
    "procedure": ("cc",),
    "diagnosis": ("cc",),
    "split": ("cc",),
}


class ConditionError(ValueError):
    """A condition that does not parse, or that asks for what is not there."""


class Test(NamedTuple):
    """One test of a clause. `low` is the column for tests of a listed value, and the later list for tests of order."""

    op: int
    negated: bool
    operand: int
    low: int
    high: int


Clause = tuple[Test, ...]


def compiled_clauses(arrays: Mapping[str, Sequence[int]], condition: int) -> tuple[Clause, ...]:
    """The clauses of a condition as the compiler laid them out; one clause without tests if there is no condition (-1)."""
    if condition < 0:
        return ((),)
    columns = [arrays[name] for name in ("test_op", "test_negated", "test_operand", "test_low", "test_high")]
    first, end = arrays["condition_start"][condition], arrays["condition_start"][condition + 1]
    return tuple(
        tuple(
            Test(op, bool(negated), *rest) for op, negated, *rest in zip(*(column[start:stop] for column in columns), strict=True)
        )
        for start, stop in pairwise(arrays["clause_start"][first : end + 1])
    )


@lru_cache(maxsize=4096)
def parse_band(text: str) -> tuple[int, int]:
    """Reads `19+`, `2-18` or `0`; an empty band is everything from 0.

    Raises:
        ConditionError: it is none of these, or runs backwards.
    """
    if not text:
        return 0, core.OPEN_END
    match = _BAND.fullmatch(text)
    if match is None:
        raise ConditionError(f"{text!r} is not a band such as 19+, 2-18 or 0")
    low = int(match[1])
    high = int(match[2]) if match[2] else core.OPEN_END if match[3] else low
    if high < low:
        raise ConditionError(f"the band {text} runs backwards")
    return low, high


class ConditionParser:
    """Parses conditions against the lists and scores of a design.

    Args:
        lists: number and kind of each named list.
        scores: number of each named score.
    """

    def __init__(self, lists: Mapping[str, tuple[int, str]], scores: Mapping[str, int]) -> None:
        self._lists = lists
        self._scores = scores

    def parse(self, text: str, stage: str = "") -> tuple[Clause, ...]:
        """The clauses of a condition, any of which must hold.

        Raises:
            ConditionError: it does not parse, names an unknown list, or asks for what its stage cannot know.
        """
        words = text.split()
        clauses: list[list[Test]] = [[]]
        while words:
            test, words = self._test(words, stage)
            clauses[-1].append(test)
            if not words:
                break
            joint, words = words[0], words[1:]
            if joint not in ("and", "or") or not words:
                raise ConditionError(f"'and' or 'or' and a test are expected at {' '.join([joint, *words])!r}")
            if joint == "or":
                clauses.append([])
        return tuple(tuple(clause) for clause in clauses)

    def _test(self, words: list[str], stage: str) -> tuple[Test, list[str]]:
        negated = words[0] == "not"
        rest = words[1:] if negated else words
        word = rest[0] if rest else ""
        if word in _TOO_EARLY.get(stage, ()):
            raise ConditionError(f"{word!r} is not known at stage {stage}")
        if word in _NUMBERS:
            low, high = parse_band(_nth(rest, 1))
            return Test(_NUMBERS[word], negated, 0, low, high), rest[2:]
        if word in ("score", "count"):
            return self._points(word, rest, negated)
        if _nth(rest, 1) == "in":
            return self._member(word, _nth(rest, 2), negated), rest[3:]
        if word == "diagnosis" and _nth(rest, 2) == "before":
            before, after = (self._list(_nth(rest, n), "diagnosis") for n in (1, 3))
            return Test(core.Op.OP_BEFORE, negated, before, after, 0), rest[4:]
        raise ConditionError(f"{' '.join(words)!r} is not a test")

    def _points(self, word: str, rest: list[str], negated: bool) -> tuple[Test, list[str]]:
        name = _nth(rest, 1)
        low, high = parse_band(_nth(rest, 2))
        if word == "count":
            return Test(core.Op.OP_COUNT, negated, self._list(name, "procedure"), low, high), rest[3:]
        if name not in self._scores:
            raise ConditionError(f"there is no score {name!r}")
        return Test(core.Op.OP_SCORE, negated, self._scores[name], low, high), rest[3:]

    def _member(self, word: str, name: str, negated: bool) -> Test:
        if word in _MEMBERS:
            op, kind = _MEMBERS[word]
            return Test(op, negated, self._list(name, kind), 0, 0)
        if word in FIELDS_WITHOUT_EFFECT:
            raise ConditionError(f"{word} never has a part in grouping")
        if word not in LISTED_FIELDS:
            raise ConditionError(f"{word!r} is not a field with listed values")
        return Test(core.Op.OP_VALUE, negated, self._list(name, word), LISTED_FIELDS.index(word), 0)

    def _list(self, name: str, kind: str) -> int:
        if name not in self._lists:
            raise ConditionError(f"there is no list {name!r}")
        number, found = self._lists[name]
        if found != kind:
            raise ConditionError(f"list {name!r} is of kind {found}, not {kind}")
        return number


def _nth(words: list[str], n: int) -> str:
    if len(words) <= n:
        raise ConditionError(f"{' '.join(words)!r} breaks off")
    return words[n]
