"""Bands of Group to Split, as our tables write them or in the words of HRG labels, and whether those of a root fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

AXES = ("age", "stay", "interventions", "cc")
MOST_POINTS = 200_000  # of the bands of a root, at which they are checked
OPEN = 10**9  # stands for no upper limit
ANY = (0, OPEN)

Band = tuple[int, int]
Bands = tuple[Band, Band, Band, Band]

_NO_CONDITION = {"", "any", "all", "n/a", "na", "none", "-", "–", "*"}
# Numbers alone, in a column that says of what.
_PLAIN: Sequence[tuple[str, str]] = (
    (r"(?:>=|≥) ?(\d+)|(\d+) ?(?:\+|or more|and over|or over|and above)", "from"),
    (r"> ?(\d+)|over (\d+)|more than (\d+)", "above"),
    (r"(?:<=|≤) ?(\d+)|(\d+) ?(?:and under|or under|or less|or fewer)", "to"),
    (r"< ?(\d+)|under (\d+)|less than (\d+)|fewer than (\d+)", "below"),
    (r"(\d+) ?(?:-|–|to) ?(\d+)|between (\d+) and (\d+)", "between"),
    (r"(\d+)", "only"),
)
_UNITS = re.compile(r" ?\b(years?|yrs?|days?|points?|interventions?|procedures?|of age|old)\b")
# Whole phrases, as labels have them: the axis, and what comes before or after its numbers.
_AGE = re.compile(r"(?:aged? )?(.*\d.*?) ?(?:years?|yrs?)(?: of age| old)?(.*)")
_STAY = re.compile(r"(?:with )?(?:(?:a )?length of stay|los|stay)(?: of)?[ :=]*(.*\d.*)|(.*\d.*days?.*)")
_CC = re.compile(r"(?:with )?(?:cc|complexity and comorbidity)(?: score)?[ :=]*(.*\d.*)")
_INTERVENTIONS = re.compile(r"(?:with )?interventions?[ :=]*(.*\d.*)|(?:with )?(.*\d.*?) ?interventions?")
_WORDS: Mapping[str, tuple[str, Band]] = {
    "without interventions": ("interventions", (0, 0)),
    "without intervention": ("interventions", (0, 0)),
    "no interventions": ("interventions", (0, 0)),
    "with interventions": ("interventions", (1, OPEN)),
    "with single intervention": ("interventions", (1, 1)),
    "with multiple interventions": ("interventions", (2, OPEN)),
    "without cc": ("cc", (0, 0)),
    "with cc": ("cc", (1, OPEN)),
    "same day": ("stay", (0, 0)),
}


def band_of(text: str) -> Band | None:
    """The band that the cell of a column of bands names, such as `19+`, `0-4`, `>= 2 days` or `18 and under`; None if none."""
    words = " ".join(_UNITS.sub("", text.lower()).split())
    if words in _NO_CONDITION:
        return ANY
    for pattern, kind in _PLAIN:
        if match := re.fullmatch(pattern, words, re.ASCII):
            return _made(kind, [int(number) for number in match.groups() if number and len(number) < 9])
    return None


def _made(kind: str, numbers: Sequence[int]) -> Band | None:
    if not numbers or (kind == "below" and not numbers[0]):
        return None
    first, last = numbers[0], numbers[-1]
    band = {
        "from": (first, OPEN), "above": (first + 1, OPEN), "to": (0, first), "below": (0, first - 1),
        "between": (first, last), "only": (first, first),
    }[kind]  # fmt: skip
    return band if band[0] <= band[1] else None


def phrase_of(text: str) -> tuple[str, Band] | None:
    """The axis and the band that a part of a label names, such as `19 years and over` or `with CC Score 8+`; None if none."""
    words = " ".join(text.lower().split())
    if words in _WORDS:
        return _WORDS[words]
    for axis, pattern in (("cc", _CC), ("interventions", _INTERVENTIONS), ("stay", _STAY), ("age", _AGE)):
        if match := pattern.fullmatch(words):
            parts = [part for part in match.groups() if part]
            band = band_of(" ".join(parts))
            return (axis, band) if band else None
    return None


def phrases_of(text: str) -> dict[str, Band] | None:
    """The bands that parts of a text between commas or semicolons name; None if one is not understood or two are of an axis."""
    found: dict[str, Band] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        phrase = phrase_of(part)
        if phrase is None or phrase[0] in found:
            return None
        found[phrase[0]] = phrase[1]
    return found


def text_of(band: Band) -> str:
    """A band as tables write it; empty if it sets no limit."""
    low, high = band
    if high == OPEN:
        return f"{low}+" if low else ""
    return str(low) if low == high else f"{low}-{high}"


def stretched(rows: Sequence[Bands]) -> list[Bands]:
    """The rows with the lowest and the highest ages open: an age that no label of the root names takes the nearest band."""
    low, high = min(row[0][0] for row in rows), max(row[0][1] for row in rows)
    return [((0 if row[0][0] == low else row[0][0], OPEN if row[0][1] == high else row[0][1]), *row[1:]) for row in rows]


def misfit(rows: Sequence[Bands]) -> str:
    """A point that no row or more than one takes, in words; empty if the rows fit.

    It is enough to look where a band starts or has just ended.
    """
    ends = [
        sorted({0, *(row[axis][0] for row in rows), *(row[axis][1] + 1 for row in rows if row[axis][1] < OPEN)})
        for axis in range(4)
    ]
    if prod(map(len, ends)) > MOST_POINTS:
        return "too many bands to be checked"
    for point in product(*ends):
        fitting = sum(all(low <= n <= high for n, (low, high) in zip(point, row, strict=True)) for row in rows)
        if fitting != 1:
            where = ", ".join(f"{axis} {n}" for axis, n in zip(AXES, point, strict=True))
            return f"{'no row takes' if not fitting else f'{fitting} rows take'} {where}"
    return ""
