"""What changed from one design to another, as a Summary of Changes tells it: by HRG, root, code, rule and list.

Designs are compared as they take effect, all layers laid and every table by code read code by code. How rows are written, and how
they are graded, is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from hrgcore.authoring.diff_rules import changed_rules, moved_rules
from hrgcore.authoring.reading import (
    DIAGNOSIS,
    PROCEDURE,
    CodeOrder,
    PrimaryDiagnosis,
    Procedure,
    Reading,
    Split,
    Unbundled,
    grouped,
)

if TYPE_CHECKING:
    from hrgcore.design import Design

CHAPTER, STAGE = "Chapter", "Stage"  # groups of lines
NEW, RETIRED, CHANGED = KINDS = ("new", "retired", "changed")


class Change(NamedTuple):
    """One line of a section.

    Attributes:
        kind: `new`, `retired` or `changed`.
        group: the chapter of HRGs, the first letter of codes or the stage of rules that it stands under, or empty.
        what: what changed; the section names the columns.
        before, after: what the two designs say of it; empty where a design does not have it.
        size: how many HRGs, codes or rules it counts for.
    """

    kind: str
    group: str
    what: tuple[str, ...]
    before: str
    after: str
    size: int = 1


class Section(NamedTuple):
    """The changes of one kind of thing.

    Attributes:
        title: heading.
        unit: what its numbers count.
        columns: the heads of `Change.what`.
        value: what `Change.before` and `Change.after` hold.
        changes: the lines in order.
        group: what `Change.group` is.
    """

    title: str
    unit: str
    columns: tuple[str, ...]
    value: str
    changes: tuple[Change, ...]
    group: str = "Letter"

    @property
    def by_chapter(self) -> bool:
        """Whether its lines stand under chapters of HRGs."""
        return self.group == CHAPTER

    def count(self, kind: str) -> int:
        """How many things are new, retired or changed."""
        return sum(change.size for change in self.changes if change.kind == kind)


@dataclass(frozen=True, slots=True)
class DesignDiff:
    """What changed from one design to another.

    Attributes:
        before, after: the designs.
        sections: all sections in order, those without a change too.
    """

    before: Design
    after: Design
    sections: tuple[Section, ...]

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(section.changes for section in self.sections)

    def section(self, title: str) -> Section:
        """The section of a title."""
        return next(section for section in self.sections if section.title == title)


def design_diff(before: Design, after: Design) -> DesignDiff:
    """Compares two designs as they take effect."""
    return DesignDiff(before, after, tuple(_Comparison(Reading(before), Reading(after)).sections()))


class _Comparison:
    def __init__(self, before: Reading, after: Reading) -> None:
        self._before, self._after = before, after
        self._icd10 = CodeOrder(before.icd10, after.icd10)
        self._opcs4 = CodeOrder(before.opcs4, after.opcs4)

    def sections(self) -> Iterator[Section]:
        yield from self._groups()
        yield from self._codes()
        yield from self._logic()
        yield from self._lists()
        yield from self._records()

    def _groups(self) -> Iterator[Section]:
        yield Section("HRGs", "HRGs", ("HRG",), "label", tuple(self._keyed(_hrgs, _chapter)), CHAPTER)
        yield Section("Roots", "roots", ("root",), "splits", tuple(self._keyed(_roots, _chapter)), CHAPTER)
        yield Section("Chapters", "names", ("chapter",), "name", tuple(self._keyed(_table("chapter", 1))))

    def _codes(self) -> Iterator[Section]:
        """Codes that came or went with what they do, then what others do now."""
        before, after = self._before, self._after
        diagnoses = ("ICD-10 codes", _by_code(before.diagnoses, after.diagnoses, self._icd10, _diagnosis))
        procedures = ("OPCS-4 codes", _by_code(before.procedures, after.procedures, self._opcs4, _procedure))
        for name, changes in (diagnoses, procedures):
            came_or_went = tuple(change for change in changes if change.kind != CHANGED)
            yield Section(f"{name} in force", "codes", ("codes",), "leads to", came_or_went)
        titles = {"ICD-10 codes": "Primary diagnoses", "OPCS-4 codes": "Procedures"}
        for name, changes in (diagnoses, procedures):
            still_there = tuple(change for change in changes if change.kind == CHANGED)
            yield Section(titles[name], "codes", ("codes",), "leads to", still_there)
        unbundled = _by_code(before.unbundled, after.unbundled, self._opcs4, _unbundled)
        yield Section("Unbundled procedures", "codes", ("codes",), "leads to", tuple(unbundled))
        programmes = _by_code(before.programmes, after.programmes, self._icd10, str)
        yield Section("Programme budgeting", "codes", ("codes",), "category", tuple(programmes))

    def _logic(self) -> Iterator[Section]:
        rules = self._before.rules, self._after.rules
        changed = tuple(Change(*change) for change in changed_rules(*rules))
        yield Section("Rules", "rules", ("from",), "condition and target", changed, STAGE)
        moved = tuple(Change(CHANGED, *move) for move in moved_rules(*rules))
        yield Section("Order of rules", "pairs", ("from",), "order", moved, STAGE)
        dominance = tuple(_dominance(self._before.dominance, self._after.dominance))
        yield Section("Dominance of procedures", "bands", ("stay in days",), "rank needed", dominance)

    def _lists(self) -> Iterator[Section]:
        yield Section("Code lists", "lists", ("list", "kind"), "only there", tuple(self._code_lists()))
        yield Section("CC lists", "codes by subchapter", ("subchapter", "codes"), "points", tuple(self._cc_lists()), CHAPTER)
        yield Section("CC exclusions", "primary codes", ("primary",), "secondary, only there", tuple(self._exclusions()))
        families = _by_code(self._before.families, self._after.families, self._icd10, " ".join)
        yield Section("CC families", "codes", ("codes",), "family and level", tuple(families))
        yield Section("Scores", "codes", ("score", "codes"), "points", tuple(self._scores()))

    def _records(self) -> Iterator[Section]:
        yield Section("Categories of values", "values", ("category", "field", "value"), "level", tuple(self._keyed(_levels)))
        yield Section("Organs", "organs", ("organ",), "fields", tuple(self._keyed(_table("organ", 1))))
        yield Section("Fields", "fields", ("data set", "field"), "accepts", tuple(self._keyed(_fields)))
        yield Section("Messages", "messages", ("key",), "text", tuple(self._keyed(_table("message", 1))))
        yield Section("Settings", "settings", ("setting",), "value", tuple(self._keyed(_settings)))

    def _keyed(
        self, read: Callable[[Reading], Mapping[tuple[str, ...], str]], group: Callable[[tuple[str, ...]], str] = lambda key: ""
    ) -> Iterator[Change]:
        """The changes of what has a key of its own."""
        before, after = read(self._before), read(self._after)
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            if old != new:
                yield Change(_kind(old, new), group(key), key, old or "", new or "")

    def _code_lists(self) -> Iterator[Change]:
        before, after = self._before.lists, self._after.lists
        for name in sorted({*before, *after}):
            one, other = before.get(name), after.get(name)
            if one and other and one.kind != other.kind:  # a list of other things: the one went, the other came
                for old, new, found in ((one, None, one), (None, other, other)):
                    yield self._list_change(name, found.kind, old, new)
            elif (one and one.members) != (other and other.members):
                yield self._list_change(name, (one or other).kind, one, other)  # type: ignore[union-attr]

    def _list_change(self, name: str, kind: str, before: Any, after: Any) -> Change:
        old, new = (set(found.members) if found else set() for found in (before, after))
        gone, came = (self._members(kind, members) for members in (old - new, new - old))
        return Change(_kind(before, after), "", (name, kind), gone, came)

    def _members(self, kind: str, members: set[str]) -> str:
        order = {DIAGNOSIS: self._icd10, PROCEDURE: self._opcs4}.get(kind)
        return " ".join(order.terms(members) if order else sorted(members))

    def _cc_lists(self) -> Iterator[Change]:
        before, after = self._before.cc_points, self._after.cc_points
        found: dict[tuple[str, int | None, int | None], list[str]] = {}
        # thousands of codes share few pairs of mappings, so each pair is compared once
        pairs = grouped(sorted({*before, *after}), lambda code: (id(before.get(code)), id(after.get(code))))
        for codes in pairs.values():
            old, new = (side.get(codes[0], {}) for side in (before, after))
            for subchapter in {*old, *new}:
                points = old.get(subchapter), new.get(subchapter)
                if points[0] != points[1]:
                    found.setdefault((subchapter, *points), []).extend(codes)
        for (subchapter, was, now), codes in sorted(found.items(), key=lambda item: (item[0][0], min(item[1]))):
            what = subchapter, " ".join(self._icd10.terms(codes))
            yield Change(_kind(was, now), subchapter[:1], what, _text(was), _text(now), len(codes))

    def _exclusions(self) -> Iterator[Change]:
        before, after = (_excluded(reading) for reading in (self._before, self._after))
        nothing: frozenset[str] = frozenset()
        pairs = grouped(sorted({*before, *after}), lambda code: (before.get(code, nothing), after.get(code, nothing)))
        for (old, new), codes in pairs.items():
            if old != new:
                gone, came = (" ".join(self._icd10.terms(secondary)) for secondary in (old - new, new - old))
                primary = " ".join(self._icd10.terms(codes))
                yield Change(_kind(old or None, new or None), "", (primary,), gone, came, len(codes))

    def _scores(self) -> Iterator[Change]:
        before, after = self._before.scores, self._after.scores
        for name in sorted({*before, *after}):
            for kind, order in ((DIAGNOSIS, self._icd10), (PROCEDURE, self._opcs4)):
                old, new = (side[name].points if name in side and side[name].kind == kind else {} for side in (before, after))
                for change in _by_code(old, new, order, str):
                    yield change._replace(what=(name, *change.what))


# --- how the parts of a design are read, by key ---


def _hrgs(reading: Reading) -> Mapping[tuple[str, ...], str]:
    """Labels; the kind is said where it is not that of most."""
    kinds = reading.kinds
    return {(hrg,): label + (f" ({kinds[hrg]})" if kinds[hrg] != "core" else "") for hrg, label in reading.labels.items()}


def _roots(reading: Reading) -> Mapping[tuple[str, ...], str]:
    """Splits with a condition stand first and as they are read, since several may hold; the bands of others never overlap."""
    found: dict[tuple[str, ...], str] = {}
    for root, splits in reading.splits.items():
        conditional = [_split(split) for split in splits if split.when]
        others = sorted(_split(split) for split in splits if not split.when)
        found[root,] = "; ".join([*conditional, *others]) or "helper, never put out"
    return found


def _split(split: Split) -> str:
    names = ("age", "stay", "interventions", "CC score")
    bands = [f"{name} {band}" for name, band in zip(names, split[1:5], strict=True) if band not in ("", "0+")]
    return f"{split.hrg} " + (", ".join([*bands, *filter(None, (split.when,))]) or "every record")


def _table(name: str, keys: int) -> Callable[[Reading], Mapping[tuple[str, ...], str]]:
    """A reader of a table whose first cells are its key; the last cell is the grade."""

    def read(reading: Reading) -> Mapping[tuple[str, ...], str]:
        return {row.cells[:keys]: ", ".join(filter(None, row.cells[keys:-1])) for row in reading.design.rows[name]}

    return read


def _levels(reading: Reading) -> Mapping[tuple[str, ...], str]:
    return {
        (category, field, value): level
        for category, field, values, level, _ in (row.cells for row in reading.design.rows["category"])
        for value in values.split()
    }


def _fields(reading: Reading) -> Mapping[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for datasets, field, required, kind, accepted, default, _ in (row.cells for row in reading.design.rows["field"]):
        values = " ".join(sorted(accepted.split()))
        text = (
            f"{kind} {values}".strip() + (", required" if required == "yes" else "") + (f", default {default}" if default else "")
        )
        found |= {(dataset, field): text for dataset in datasets.split()}
    return found


def _settings(reading: Reading) -> Mapping[tuple[str, ...], str]:
    manifest = reading.design.manifest
    editions = {"icd10": manifest.icd10, "opcs4": manifest.opcs4, "edition": manifest.edition}
    return {(name,): str(value) for name, value in {**editions, **manifest.grouping}.items()}


def _excluded(reading: Reading) -> Mapping[str, frozenset[str]]:
    """By primary diagnosis the secondary ones that do not score beside it."""
    rows: dict[str, list[int]] = {}
    for number, exclusion in enumerate(reading.exclusions):
        for code in exclusion.primary:
            rows.setdefault(code, []).append(number)
    found: dict[str, frozenset[str]] = {}
    for numbers, codes in grouped(rows, lambda code: tuple(rows[code])).items():
        secondary = frozenset().union(*(reading.exclusions[number].secondary for number in numbers))
        found |= dict.fromkeys(codes, secondary)
    return found


# --- what is said of codes ---


def _by_code(
    before: Mapping[str, Any], after: Mapping[str, Any], order: CodeOrder, text: Callable[[Any], str]
) -> list[Change]:  # fmt: skip
    """The changes of what is said of codes, one for all codes of a letter of which the same was said and the same is said now."""
    found = []
    said = {code: (_said(before, code, text), _said(after, code, text)) for code in sorted({*before, *after})}
    for (letter, old, new), codes in grouped(said, lambda code: (code[0], *said[code])).items():
        if old != new:
            found.append(Change(_kind(old, new), letter, (" ".join(order.terms(codes)),), old or "", new or "", len(codes)))
    return found


def _said(mapping: Mapping[str, Any], code: str, text: Callable[[Any], str]) -> str | None:
    return text(mapping[code]) if code in mapping else None


def _diagnosis(said: PrimaryDiagnosis) -> str:
    child = f", children {said.child_root}" if said.child_root else ""
    return f"{said.root}{child}, rank {said.rank}"


def _procedure(said: Procedure) -> str:
    return " ".join(filter(None, (said.role, str(said.rank or ""), said.root)))


def _unbundled(said: Unbundled) -> str:
    return f"{said.root}, {said.multiplier}" if said.multiplier else said.root


def _dominance(before: tuple[int, ...], after: tuple[int, ...]) -> Iterator[Change]:
    """Ranks needed by stay, in bands of days that change alike."""
    days = max(len(before), len(after))
    pairs = [(before[min(day, len(before) - 1)], after[min(day, len(after) - 1)]) for day in range(days)]
    first = 0
    for day in range(1, days + 1):
        if day == days or pairs[day] != pairs[first]:
            band = f"{first}+" if day == days else str(first) if day == first + 1 else f"{first}-{day - 1}"
            if pairs[first][0] != pairs[first][1]:
                yield Change(CHANGED, "", (band,), str(pairs[first][0]), str(pairs[first][1]))
            first = day


def _chapter(key: tuple[str, ...]) -> str:
    return key[0][0]


def _kind(before: object, after: object) -> str:
    return NEW if before is None else RETIRED if after is None else CHANGED


def _text(value: object) -> str:
    return "" if value is None else str(value)
