"""The condition language of designs: parsed once, here, into tests that the kernel evaluates. No `eval`, no Python in a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from hrgcore._core import typedefs as core
from hrgcore.design.fields import (
    AGE_FIELDS,
    DIAGNOSIS,
    LAYOUTS,
    LISTED_FIELDS,
    NUMBER_FIELDS,
    PROCEDURE,
    REPEATED_FIELDS,
)
from hrgcore.design.schema import DECIDING, FIELDS_WITHOUT_EFFECT

_BAND = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9})|(\+))?")
_NUMBERS = {
    "age": core.Op.OP_AGE,
    "stay": core.Op.OP_STAY,
    "cc": core.Op.OP_CC,
    "interventions": core.Op.OP_INTERVENTIONS,
    "organs": core.Op.OP_ORGANS,
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
UNBUNDLED, SPLIT = "unbundled", "split"  # stages
_OF_ONE_RECORD = ("organs", "highest", "days", *REPEATED_FIELDS, *(name for name in NUMBER_FIELDS if name not in AGE_FIELDS))
# What is not known when rules of these stages are read.
_UNKNOWN: dict[str, set[str]] = {
    "check": {"dominant", "site", "interventions", "cc", "with", *_OF_ONE_RECORD},
    "route": {"dominant", "site", "interventions", "cc", "with", *_OF_ONE_RECORD},
    "procedure": {"cc", "with", *_OF_ONE_RECORD},
    "diagnosis": {"cc", "with", *_OF_ONE_RECORD},
    SPLIT: {"cc", *_OF_ONE_RECORD},
    UNBUNDLED: {"dominant", "site", "interventions", "cc", "organs", "highest", "days", *REPEATED_FIELDS},
}


def _words_of(dataset: str) -> set[str]:
    """The words that rules which alone decide a data set may use."""
    fields = LAYOUTS[dataset]
    names, kinds = {field.name for field in fields}, {field.kind for field in fields}
    words = names | {"organs", "highest", "days"}
    words |= {"age"} if names & set(AGE_FIELDS) else set()
    words |= {"primary", "secondary", "diagnosis"} if DIAGNOSIS in kinds else set()
    return words | ({"procedure", "unbundled"} if PROCEDURE in kinds else set())


_KNOWN = {dataset: _words_of(dataset) for dataset in DECIDING}


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
        categories: number of each category of values.
    """

    def __init__(
        self, lists: Mapping[str, tuple[int, str]], scores: Mapping[str, int], categories: Mapping[str, int] | None = None
    ) -> None:
        self._lists = lists
        self._scores = scores
        self._categories = categories or {}

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
        if word in _UNKNOWN.get(stage, ()) or (stage in _KNOWN and word and word not in _KNOWN[stage]):
            raise ConditionError(f"{word!r} is not known at stage {stage}")
        if number := self._number(word, rest, negated):
            return number
        if _nth(rest, 1) == "in":
            return self._member(word, _nth(rest, 2), negated, stage), rest[3:]
        if word == "diagnosis" and _nth(rest, 2) == "before":
            before, after = (self._list(_nth(rest, n), "diagnosis") for n in (1, 3))
            return Test(core.Op.OP_BEFORE, negated, before, after, 0), rest[4:]
        raise ConditionError(f"{' '.join(words)!r} is not a test")

    def _number(self, word: str, rest: list[str], negated: bool) -> tuple[Test, list[str]] | None:
        """A test of a number, if the word starts one."""
        if word in _NUMBERS:
            return Test(_NUMBERS[word], negated, 0, *parse_band(_nth(rest, 1))), rest[2:]
        if word in NUMBER_FIELDS and word not in AGE_FIELDS:
            return Test(core.Op.OP_NUMBER, negated, NUMBER_FIELDS.index(word), *parse_band(_nth(rest, 1))), rest[2:]
        if word == "days":
            return _days(rest, negated), rest[5:]
        return self._points(word, rest, negated) if word in ("score", "count", "with", "highest") else None

    def _points(self, word: str, rest: list[str], negated: bool) -> tuple[Test, list[str]]:
        name = _nth(rest, 1)
        low, high = parse_band(_nth(rest, 2))
        if word in ("count", "with"):
            op = core.Op.OP_COUNT if word == "count" else core.Op.OP_WITH
            return Test(op, negated, self._list(name, "procedure"), low, high), rest[3:]
        if word == "highest":
            if name not in self._categories:
                raise ConditionError(f"there is no category {name!r}")
            return Test(core.Op.OP_HIGHEST, negated, self._categories[name], low, high), rest[3:]
        if name not in self._scores:
            raise ConditionError(f"there is no score {name!r}")
        return Test(core.Op.OP_SCORE, negated, self._scores[name], low, high), rest[3:]

    def _member(self, word: str, name: str, negated: bool, stage: str) -> Test:
        if word in _MEMBERS:
            op, kind = _MEMBERS[word]
            return Test(op, negated, self._list(name, kind), 0, 0)
        if word in FIELDS_WITHOUT_EFFECT and stage != UNBUNDLED:
            raise ConditionError(f"{word} never has a part in grouping")
        if word in REPEATED_FIELDS:
            return Test(core.Op.OP_ITEM, negated, self._list(name, word), REPEATED_FIELDS.index(word), 0)
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


def _days(rest: list[str], negated: bool) -> Test:
    """`days FIELD to FIELD BAND`."""
    first, to, last = (_nth(rest, n) for n in (1, 2, 3))
    if to != "to" or first not in NUMBER_FIELDS or last not in NUMBER_FIELDS:
        raise ConditionError(f"{' '.join(rest[:5])!r} is not 'days FIELD to FIELD BAND' of two dates")
    low, high = parse_band(_nth(rest, 4))
    return Test(core.Op.OP_DAYS, negated, NUMBER_FIELDS.index(first) * core.NUMBER_PLACES + NUMBER_FIELDS.index(last), low, high)


def _nth(words: list[str], n: int) -> str:
    if len(words) <= n:
        raise ConditionError(f"{' '.join(words)!r} breaks off")
    return words[n]
