"""What if: the smallest single change of codes by which a spell would reach another HRG. A check of coding against the record.

Each change is made to a copy of the records, and the engine groups it anew; nothing is guessed from tables.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from enum import IntEnum
from itertools import combinations, islice
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from hrgcore.datasets.apc import NAME, encode_spells
from hrgcore.design.fields import LISTED_FIELDS, MOST_CELLS
from hrgcore.design.schema import ROOT_SIZE
from hrgcore.explain.units import DIAGNOSES, PROCEDURES, Mention, mentions
from hrgcore.results import GroupedBatch

if TYPE_CHECKING:
    from hrgcore.design import Design
    from hrgcore.prices import PriceBook
    from hrgcore.records import Episode

NOTICE = (
    "This is a quality check of coding against the clinical record: it tells on which single codes the HRG hangs. "
    "It is not advice to code. Codes must follow the clinical record and the national coding standards, never an HRG or a price."
)
CATEGORY = 3  # characters of a code that its siblings share
_WIDTH = 100  # characters of a line of text
_AT_ONCE = 2_000  # changed spells that are grouped together: they bound the memory


class Kind(IntEnum):
    """Kinds of changes, the smallest first: order, a related code in place of another, one code less, one code more."""

    SWAP_PROCEDURES = 0
    SWAP_PRIMARY = 1
    REPLACE_DIAGNOSIS = 2
    REPLACE_PROCEDURE = 3
    REMOVE_DIAGNOSIS = 4
    REMOVE_PROCEDURE = 5
    ADD_DIAGNOSIS = 6


_OF_PROCEDURES = (Kind.SWAP_PROCEDURES, Kind.REPLACE_PROCEDURE, Kind.REMOVE_PROCEDURE)


class Change(NamedTuple):
    """A single change of codes.

    Attributes:
        kind: of change.
        episode: number of the episode, from 1 in the order of their numbers.
        position: of the cell that changes, from 1.
        other: position of the cell that it changes places with, or 0.
        code: that stands there; empty where one is added.
        new: that would stand there instead; empty where one is taken out.
    """

    kind: Kind
    episode: int
    position: int
    other: int
    code: str
    new: str

    def __str__(self) -> str:
        texts = {
            Kind.SWAP_PROCEDURES: f"procedures {self.code} and {self.new} in the other order",
            Kind.SWAP_PRIMARY: f"{self.new} as primary diagnosis in place of {self.code or 'a blank'}, which would be secondary",
            Kind.REPLACE_DIAGNOSIS: f"diagnosis {self.new} in place of {self.code}",
            Kind.REPLACE_PROCEDURE: f"procedure {self.new} in place of {self.code}",
            Kind.REMOVE_DIAGNOSIS: f"without secondary diagnosis {self.code}",
            Kind.REMOVE_PROCEDURE: f"without procedure {self.code}",
            Kind.ADD_DIAGNOSIS: f"one more secondary diagnosis, such as {self.new}",
        }
        return f"episode {self.episode}: {texts[self.kind]}"


@dataclass(frozen=True, slots=True)
class Alternative:
    """The smallest single change that gives another HRG.

    Attributes:
        hrg, label: that it gives.
        change: what changes.
        alike: how many changes of this kind, this one among them, give this HRG.
        ways: how many changes of all kinds do.
        cc_score: of the changed spell; 0 where its HRG has no CC bands.
        points: by which the CC score changes.
        price: GBP of the HRG in the setting of the spell; None without a price.
        difference: GBP more than the spell costs now; None where one of the two has no price.
    """

    hrg: str
    label: str
    change: Change
    alike: int
    ways: int
    cc_score: int
    points: int
    price: float | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Which other HRGs a spell would reach by a single change of codes. `str()` gives it as text.

    Attributes:
        hrg, label: of the spell as it is.
        cc_score: of the spell as it is.
        price: GBP of its HRG in its setting; None without a price.
        prices: name of the book of prices, or empty.
        setting: that the spell belongs to in the book, or empty.
        tried: changes that were tried.
        unchanged: how many of them leave the HRG as it is.
        failed: how many of them make the spell invalid; these are not listed.
        alternatives: by HRG.
        notice: what this is for, and what not.
    """

    hrg: str
    label: str
    cc_score: int
    price: float | None
    prices: str
    setting: str
    tried: int
    unchanged: int
    failed: int
    alternatives: tuple[Alternative, ...]
    notice: str = NOTICE

    @property
    def dearer(self) -> tuple[Alternative, ...]:
        """Those that cost more, by the size of the change."""
        return self._by_size(1)

    @property
    def cheaper(self) -> tuple[Alternative, ...]:
        """Those that cost less, by the size of the change."""
        return self._by_size(-1)

    def _by_size(self, sign: int) -> tuple[Alternative, ...]:
        found = (one for one in self.alternatives if one.difference is not None and one.difference * sign > 0)
        return tuple(sorted(found, key=lambda one: (*_size(one.change, one.points), one.hrg)))

    def groups(self) -> list[tuple[str, tuple[Alternative, ...]]]:
        """The alternatives under headings: in both directions of cost, the smallest change first; without prices by HRG."""
        if not self.prices:
            return [("Other HRGs", self.alternatives)]
        told = {*self.dearer, *self.cheaper}
        same = tuple(one for one in self.alternatives if one.difference == 0)
        rest = tuple(one for one in self.alternatives if one not in told and one.difference != 0)
        others = [(heading, found) for heading, found in (("Same cost", same), ("Cost not known", rest)) if found]
        return [("Higher cost", self.dearer), ("Lower cost", self.cheaper), *others]

    def as_dict(self) -> dict[str, Any]:
        """All of it as dictionaries, lists, texts and numbers; docs/explain.md lists the keys."""
        smallest = {"dearer": self.dearer, "cheaper": self.cheaper}
        return {
            **asdict(self),
            "alternatives": [_as_dict(one) for one in self.alternatives],
            **{f"smallest_{name}": found[0].hrg if found else None for name, found in smallest.items()},
        }

    def __str__(self) -> str:
        lines = [f"What if: {self.tried:,} single changes of codes, each grouped anew", "", *wrap(self.notice, _WIDTH), ""]
        lines.append(f"Now {self.hrg} {self.label}{_pounds(self.price) if self.prices else ''}")
        if self.prices:
            lines.append(f"Prices of {self.prices}, setting {self.setting or 'not known'}")
        lines.append(f"{self.unchanged:,} changes leave the HRG as it is, {self.failed:,} make the spell invalid.")
        for heading, found in self.groups():
            lines += ["", heading, *([line for one in found for line in self._lines(one)] or ["  none"])]
        return "\n".join(lines)

    def _lines(self, one: Alternative) -> Iterator[str]:
        yield f"  {one.hrg} {one.label}{_pounds(one.price, one.difference) if self.prices else ''}"
        more = f" (one of {one.alike:,} such changes, {one.ways:,} of all kinds)" if one.ways > 1 else ""
        score = f", CC score {self.cc_score} to {one.cc_score}" if one.points else ""
        yield f"    {one.change}{more}{score}"


def _pounds(price: float | None, difference: float | None = None) -> str:
    if price is None:
        return ", no price"
    return f", £{price:,.0f}" + ("" if difference is None else f" ({'−' if difference < 0 else '+'}£{abs(difference):,.0f})")


def _as_dict(one: Alternative) -> dict[str, Any]:
    change = {**one.change._asdict(), "kind": one.change.kind.name.lower(), "text": str(one.change)}
    return {**asdict(one), "change": change}


def what_if(design: Design, given: Sequence[Episode], order: Sequence[int], prices: PriceBook | None = None) -> WhatIf:
    """Tries every single change of the codes of a spell.

    Args:
        design: to group with.
        given: the episodes as the caller gave them; they are not changed.
        order: place in it of each episode, in the order of their numbers.
        prices: a book of prices.
    """
    now = GroupedBatch.run(design, *encode_spells(design, [given]), threads=1)
    columns = now.results.columns
    book = _Book(design, prices, given[order[0]], columns["spell_stay"][0])
    tally = _Tally(now.spell_hrg[0], columns["spell_cc"][0])
    lead = max(columns["spell_lead"][0], 0)
    changes = _changes(design, given, order, tally.hrg[:ROOT_SIZE], lead)
    for change, hrg, score, failed in _grouped(design, given, order, changes):
        tally.note(change, hrg, score, failed)
    return WhatIf(
        hrg=tally.hrg,
        label=design.label(tally.hrg),
        cc_score=tally.score,
        price=book.price(tally.hrg),
        prices=prices.name if prices else "",
        setting=book.setting,
        tried=tally.tried,
        unchanged=tally.unchanged,
        failed=tally.failed,
        alternatives=tuple(tally.alternatives(design, book)),
    )


class _Tally:
    """What the changes of a spell give, beside its HRG and its CC score as it is."""

    def __init__(self, hrg: str, score: int) -> None:
        self.hrg, self.score = hrg, score
        self.tried = self.unchanged = self.failed = 0
        self._kinds: dict[str, Counter[Kind]] = {}
        self._smallest: dict[str, tuple[tuple[Any, ...], Change, int]] = {}

    def note(self, change: Change, hrg: str, score: int, failed: bool) -> None:
        """Counts a change by what it gives, and keeps it if none was smaller."""
        self.tried += 1
        self.failed += failed
        if failed:
            return
        if hrg == self.hrg:
            self.unchanged += 1
            return
        self._kinds.setdefault(hrg, Counter())[change.kind] += 1
        size = _size(change, score - self.score)
        if hrg not in self._smallest or size < self._smallest[hrg][0]:
            self._smallest[hrg] = size, change, score

    def alternatives(self, design: Design, book: _Book) -> Iterator[Alternative]:
        """The smallest change to each other HRG, by HRG."""
        for hrg, (_, change, score) in sorted(self._smallest.items()):
            yield Alternative(
                hrg=hrg,
                label=design.label(hrg),
                change=change,
                alike=self._kinds[hrg][change.kind],
                ways=self._kinds[hrg].total(),
                cc_score=score,
                points=score - self.score,
                price=book.price(hrg),
                difference=book.difference(self.hrg, hrg),
            )


def _size(change: Change, points: int) -> tuple[Any, ...]:
    """By which changes are ordered: their kind, the points by which the CC score changes, and their place."""
    return int(change.kind), abs(points), *change[1:]


def _grouped(
    design: Design, given: Sequence[Episode], order: Sequence[int], changes: Iterator[Change]
) -> Iterator[tuple[Change, str, int, bool]]:
    """Groups the changed spells: each change with the HRG and the CC score that it gives, and whether the spell fails."""
    while some := list(islice(changes, _AT_ONCE)):
        spells = [_changed_spell(given, order, change) for change in some]
        grouped = GroupedBatch.run(design, *encode_spells(design, spells), threads=1)
        columns = grouped.results.columns
        failed = map(bool, columns["spell_failed"])
        yield from zip(some, grouped.spell_hrg, columns["spell_cc"], failed, strict=True)


def _changed_spell(given: Sequence[Episode], order: Sequence[int], change: Change) -> list[Episode]:
    """A copy of a spell with one change."""
    spell, place = list(given), order[change.episode - 1]
    of_procedures = change.kind in _OF_PROCEDURES
    cells = list(spell[place].procedures if of_procedures else spell[place].diagnoses)
    at = change.position - 1
    if change.other:
        cells[at], cells[change.other - 1] = cells[change.other - 1], cells[at]
    else:
        cells[at : at + 1] = [change.new] if change.new else []
    spell[place] = replace(spell[place], procedures=cells) if of_procedures else replace(spell[place], diagnoses=cells)
    return spell


def _changes(design: Design, given: Sequence[Episode], order: Sequence[int], root: str, lead: int) -> Iterator[Change]:
    """Every single change of the codes of a spell; a diagnosis is added to the episode that leads it."""
    there: set[int] = set()
    for row, place in enumerate(order):
        diagnoses, procedures = (mentions(design, given[place], stem, row) for stem in (DIAGNOSES, PROCEDURES))
        there |= {one.number for one in diagnoses}
        yield from _changes_of_diagnoses(design, diagnoses)
        yield from _changes_of_procedures(design, procedures)
    cells = len(given[order[lead]].diagnoses)
    if 0 < cells < MOST_CELLS:
        for code in _scoring(design, root):
            if code not in there:
                yield Change(Kind.ADD_DIAGNOSIS, lead + 1, cells + 1, 0, "", design.tables.icd10.codes[code])


def _changes_of_diagnoses(design: Design, diagnoses: Sequence[Mention]) -> Iterator[Change]:
    primary = next((one.code for one in diagnoses if one.position == 1), "")
    for row, position, code, number in diagnoses:
        if position > 1 and number:
            yield Change(Kind.REMOVE_DIAGNOSIS, row + 1, position, 0, code, "")
            if code != primary:
                yield Change(Kind.SWAP_PRIMARY, row + 1, 1, position, primary, code)
        for sibling in _siblings(design.tables.icd10.codes, code):
            yield Change(Kind.REPLACE_DIAGNOSIS, row + 1, position, 0, code, sibling)


def _changes_of_procedures(design: Design, procedures: Sequence[Mention]) -> Iterator[Change]:
    for row, position, code, number in procedures:
        if number:
            yield Change(Kind.REMOVE_PROCEDURE, row + 1, position, 0, code, "")
        for sibling in _siblings(design.tables.opcs4.codes, code):
            yield Change(Kind.REPLACE_PROCEDURE, row + 1, position, 0, code, sibling)
    valid = [one for one in procedures if one.number]
    for first, second in combinations(valid, 2):
        if first.code != second.code:
            yield Change(Kind.SWAP_PROCEDURES, first.row + 1, first.position, second.position, first.code, second.code)


def _siblings(codes: Sequence[str], code: str) -> Iterable[str]:
    """The other codes of the category of a code, which may not be valid itself; `codes` are in order."""
    category = _category(code)
    first, end = (search(codes, category, key=_category) for search in (bisect_left, bisect_right))
    return [sibling for sibling in codes[first:end] if sibling != code]


def _category(code: str) -> str:
    return code[:CATEGORY]


def _scoring(design: Design, root: str) -> Iterator[int]:
    """Ids of the diagnoses on the CC list of a root; none if it has no CC bands."""
    tables, arrays = design.tables, design.tables.arrays
    number = tables.roots.index(root) if root in tables.roots else 0
    if number and arrays["root_uses_cc"][number]:
        points, width, subchapter = arrays["cc_points"], tables.subchapters, arrays["root_subchapter"][number]
        yield from (code for code, group in enumerate(arrays["cc_class"]) if points[group * width + subchapter])


class _Book:
    """A book of prices, as a spell sees it; no book has no price."""

    def __init__(self, design: Design, prices: PriceBook | None, first: Episode, stay: int) -> None:
        self._prices = prices
        self.setting = ""
        if prices:
            patient, method = (_accepted(design, first, field) for field in ("CLASSPAT", "ADMIMETH"))
            self.setting = prices.setting(patient, method, stay)

    def price(self, hrg: str) -> float | None:
        """GBP of an HRG in the setting of the spell."""
        return self._prices.price(hrg, self.setting) if self._prices and self.setting else None

    def difference(self, now: str, then: str) -> float | None:
        """GBP more of an HRG than of another."""
        one, other = self.price(now), self.price(then)
        return None if one is None or other is None else other - one


def _accepted(design: Design, episode: Episode, field: str) -> str:
    """The value of a listed field as the design has it; its default if it is left out."""
    values = design.tables.values[LISTED_FIELDS.index(field)]
    text = design.defaults[NAME][field] if episode.value(field) is None else episode.cell(field, 0)
    return str(values.values[values.encode(text)])
