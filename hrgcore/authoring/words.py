"""Conditions and bands of a design in plain words."""

from __future__ import annotations

from typing import NamedTuple

from hrgcore.design.fields import REPEATED_FIELDS

_NUMBERS = {
    "age": ("age", "years"),
    "stay": ("the stay", "days"),
    "cc": ("the CC score", ""),
    "interventions": ("the number of interventions", ""),
    "organs": ("the number of organs supported", ""),
}
# what is asked, that it is on a list, that it is not
_MEMBERS = {
    "primary": ("the primary diagnosis is on", "the primary diagnosis is not on"),
    "secondary": ("a secondary diagnosis is on", "no secondary diagnosis is on"),
    "diagnosis": ("a diagnosis is on", "no diagnosis is on"),
    "dominant": ("the dominant procedure is on", "the dominant procedure is not on"),
    "site": ("the site of the dominant procedure is on", "the site of the dominant procedure is not on"),
    "procedure": ("a procedure is on", "no procedure is on"),
    "unbundled": ("an unbundled procedure is on", "no unbundled procedure is on"),
}
_BANDED = {"score": "the score", "highest": "the highest level of"}  # followed by a name and a band
_COUNTED = {"count": "the number of procedures on", "with": "the number of attributes on"}  # followed by a list and a band


class Part(NamedTuple):
    """A piece of a sentence: text, or the name of a list."""

    text: str
    is_list: bool = False


Sentence = tuple[Part, ...]


def condition_words(when: str) -> list[list[Sentence]]:
    """A condition that a design has loaded: the clauses, any of which must hold, each with its tests, all of which must."""
    words = when.split()
    clauses: list[list[Sentence]] = [[]] if words else []
    while words:
        test, words = _test(words)
        clauses[-1].append(test)
        if words[:1] == ["or"]:
            clauses.append([])
        words = words[1:]
    return clauses


def _test(words: list[str]) -> tuple[Sentence, list[str]]:
    """The first test in words, and the words after it."""
    negated = words[0] == "not"
    word, *rest = words[1:] if negated else words
    if word in _COUNTED:
        return (Part(_COUNTED[word]), Part(rest[0], True), Part(_band("", rest[1], "", negated))), rest[2:]
    if word not in (*_NUMBERS, *_BANDED, "days"):
        if rest[0] == "in":
            return _member(word, rest[1], negated), rest[2:]
        if rest[1:2] == ["before"]:
            lead = "no diagnosis on" if negated else "a diagnosis on"
            return (Part(lead), Part(rest[0], True), Part("stands before one on"), Part(rest[2], True)), rest[3:]
    name, unit, taken = _number(word, rest)
    return (Part(_band(name, rest[taken], unit, negated)),), rest[taken + 1 :]


def _number(word: str, rest: list[str]) -> tuple[str, str, int]:
    """What is a number: in words, its unit, and how many words name it before its band."""
    if word in _BANDED:
        return f"{_BANDED[word]} {rest[0]}", "", 1
    if word == "days":
        return f"the time from {rest[0]} to {rest[2]}", "days", 3
    return *_NUMBERS.get(word, (word, "")), 0


def _member(word: str, name: str, negated: bool) -> Sentence:
    if word in _MEMBERS:
        return Part(_MEMBERS[word][negated]), Part(name, True)
    if word in REPEATED_FIELDS:
        return Part(f"{'no' if negated else 'a'} value of {word} is on"), Part(name, True)
    return Part(f"{word} is {'not ' if negated else ''}on"), Part(name, True)


def _band(name: str, band: str, unit: str, negated: bool = False) -> str:
    return " ".join(filter(None, (name, "is not" if negated else "is", band_words(band, unit))))


def band_words(band: str, unit: str = "") -> str:
    """A band such as `19+`, `2-18` or `0` in words."""
    low, dash, high = band.rstrip("+").partition("-")
    if dash:
        return " ".join(filter(None, (f"{low} to {high}", unit)))
    unit = unit.removesuffix("s") if low == "1" else unit
    return " ".join(filter(None, (low, unit, "or more" if band.endswith("+") else "")))


def bands_words(age: str, stay: str, interventions: str, cc: str) -> list[str]:
    """The bands of a split in words; a band that takes everything is left out."""
    given = zip(("age", "stay", "interventions", "cc"), (age, stay, interventions, cc), strict=True)
    return [_band(*_NUMBERS[name][:1], band, _NUMBERS[name][1]) for name, band in given if band not in ("", "0+")]
