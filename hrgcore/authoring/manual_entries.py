"""The entries of a definitions manual: for each root what leads to it and away from it, for each code where it leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core import typedefs as core
from hrgcore.authoring.manual_leads import diagnoses_through_rules, procedures_through_rules
from hrgcore.authoring.reading import CATEGORY_SIZE, DIAGNOSIS, PROCEDURE, CodeOrder, Reading, Rule, Split, grouped
from hrgcore.design.schema import ROLES, ROOT_SIZE

if TYPE_CHECKING:
    from hrgcore.design import Design

PAGE_SIZE = 2  # characters of a code that name the page it stands on
ICD10, OPCS4 = "icd10", "opcs4"  # folders of the pages of codes
VAGUE, BARRED = ROLES[core.Role.VAGUE], ROLES[core.Role.BARRED]


class Way(NamedTuple):
    """Codes that lead to a root in one manner, as terms, with their number and the grade of their rows."""

    manner: str
    classification: str
    terms: list[str]
    codes: int
    grade: str


class HrgEntry(NamedTuple):
    """An HRG of a root: its label, its kind, and the splits that give it."""

    hrg: str
    label: str
    kind: str
    splits: list[Split]


class RootEntry(NamedTuple):
    """What leads to a root, what it becomes, and the HRGs that it splits into."""

    root: str
    label: str
    hrgs: list[HrgEntry]
    ways: list[Way]
    through_rules: list[Way]
    rules_in: list[Rule]
    rules_out: list[Rule]
    uses_cc: bool

    @property
    def codes(self) -> int:
        """How many codes lead to it by themselves."""
        return sum(way.codes for way in self.ways)


class SubchapterEntry(NamedTuple):
    """A subchapter: its roots, and the secondary diagnoses that score in it, by points."""

    name: str
    label: str
    roots: list[RootEntry]
    cc: list[Way]

    @property
    def hrgs(self) -> int:
        """How many HRGs it has."""
        return sum(len(root.hrgs) for root in self.roots)


class ChapterEntry(NamedTuple):
    """A chapter and its subchapters."""

    name: str
    label: str
    subchapters: list[SubchapterEntry]

    def count(self, what: str) -> int:
        """How many roots, HRGs or rules into its roots it has."""
        roots = [root for one in self.subchapters for root in one.roots]
        return {
            "roots": len(roots),
            "hrgs": sum(len(root.hrgs) for root in roots),
            "rules": len({rule.number for root in roots for rule in root.rules_in}),
            "codes": sum(root.codes for root in roots),
        }[what]


class Lead(NamedTuple):
    """Where a code leads in one manner, in words or empty: a root or error category, or nowhere; and the grade of the row."""

    manner: str
    target: str
    grade: str


class CodeEntry(NamedTuple):
    """A code, and what the design says of it.

    Attributes:
        code: without dot.
        leads: as primary diagnosis by age; or by its role, and as unbundled procedure.
        rank: of a primary diagnosis in its spell, or of a procedure; 0 for none.
        through_rules: the roots that it leads to only through rules.
        programme: programme budgeting category.
        lists: the lists it is on.
        cc: points that it scores as secondary diagnosis, with the subchapters.
        exclusions: numbers of the exclusions that name it, from 1, as primary and as secondary diagnosis.
        scores: family and scores.
    """

    code: str
    leads: tuple[Lead, ...]
    rank: int
    through_rules: tuple[str, ...]
    programme: str
    lists: tuple[str, ...]
    cc: tuple[tuple[int, str], ...]
    exclusions: tuple[tuple[int, ...], tuple[int, ...]]
    scores: tuple[str, ...]


class Entries:
    """All entries of one design."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.reading = Reading(design)
        self.order = {ICD10: CodeOrder(self.reading.icd10), OPCS4: CodeOrder(self.reading.opcs4)}
        self._child = f"age {design.tables.child_age_max} and under"
        self._adult = f"age {design.tables.child_age_max + 1} and over"

    # --- roots ---

    @cached_property
    def roots(self) -> Mapping[str, RootEntry]:
        """All roots in order; those of HRGs that no split gives too."""
        hrgs = grouped(self.reading.labels, lambda hrg: hrg[:ROOT_SIZE])
        return {root: self._root(root, hrgs.get(root, [])) for root in sorted({*self.reading.splits, *hrgs})}

    def _root(self, root: str, hrgs: list[str]) -> RootEntry:
        reading = self.reading
        splits = grouped(reading.splits.get(root, ()), lambda split: split.hrg)
        entries = [HrgEntry(hrg, reading.labels[hrg], reading.kinds[hrg], splits.get(hrg, [])) for hrg in hrgs]
        return RootEntry(
            root,
            common_or_first(reading, root, hrgs),
            entries,
            self._ways.get(root, []),
            self._through_rules.get(root, []),
            self._rules_in.get(root, []),
            self._rules_out.get(root, []),
            any(split.cc for split in reading.splits.get(root, ())),
        )

    def ways_to(self, target: str) -> list[Way]:
        """The ways to a root or an error category."""
        return self._ways.get(target, [])

    def rules_to(self, target: str) -> list[Rule]:
        """The rules that lead to a root or an error category."""
        return self._rules_in.get(target, [])

    @cached_property
    def _ways(self) -> Mapping[str, list[Way]]:
        """By root or error category the codes that lead there: procedures by falling rank, then primary diagnoses."""
        found: dict[str, list[Way]] = defaultdict(list)
        for classification, said in (
            (OPCS4, self._leading_procedures()),
            (ICD10, self._leading_diagnoses()),
            (OPCS4, self._leading_unbundled()),
        ):
            self._add_ways(found, classification, said)
        return found

    def _add_ways(self, found: dict[str, list[Way]], classification: str, said: Iterable[tuple[str, str, str, str]]) -> None:
        """Adds codes, each with its target, the manner and the grade."""
        codes: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for code, target, manner, grade in said:
            codes[target, manner, grade].append(code)
        for (target, manner, grade), some in codes.items():
            found[target].append(Way(manner, classification, self.order[classification].terms(some), len(some), grade))

    @cached_property
    def _through_rules(self) -> Mapping[str, list[Way]]:
        """By root the codes that lead there only through rules."""
        found: dict[str, list[Way]] = defaultdict(list)
        for classification, manner in ((OPCS4, "dominant procedure"), (ICD10, "primary diagnosis")):
            leads = self._rule_leads[classification]
            self._add_ways(found, classification, ((code, root, manner, "") for code in leads for root in leads[code]))
        return found

    @cached_property
    def _rule_leads(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """By classification and code the roots that it leads to only through rules."""
        pairs = {OPCS4: procedures_through_rules(self.reading), ICD10: diagnoses_through_rules(self.reading)}
        found: dict[str, dict[str, tuple[str, ...]]] = {OPCS4: {}, ICD10: {}}
        for classification, leads in found.items():
            for code, root in pairs[classification]:
                leads[code] = (*leads.get(code, ()), root)
        return found

    def _leading_procedures(self) -> Iterator[tuple[str, str, str, str]]:
        """Procedures by falling rank; those that are too vague or cannot be dominant lead to an error category."""
        grouping = self.design.manifest.grouping
        errors = {VAGUE: grouping["vague_procedure"], BARRED: grouping["no_procedure"]}
        for code, said in sorted(self.reading.procedures.items(), key=lambda item: (-item[1].rank, item[0])):
            if said.root:
                yield code, said.root, f"dominant procedure of rank {said.rank}", said.grade
            elif said.role in errors:
                rank = f" of rank {said.rank}" if said.rank else ""
                yield code, errors[said.role], f"{said.role} procedure{rank}", said.grade

    def _leading_diagnoses(self) -> Iterator[tuple[str, str, str, str]]:
        for code, said in self.reading.diagnoses.items():
            yield code, said.root, f"primary diagnosis, {self._adult if said.child_root else 'all ages'}", said.grade
            if said.child_root:
                yield code, said.child_root, f"primary diagnosis, {self._child}", said.child_grade

    def _leading_unbundled(self) -> Iterator[tuple[str, str, str, str]]:
        for code, said in self.reading.unbundled.items():
            times = f", counted by days of {said.multiplier}" if said.multiplier else ""
            yield code, said.root, f"unbundled procedure{times}", said.grade

    @cached_property
    def _rules_in(self) -> Mapping[str, list[Rule]]:
        return grouped(self.reading.rules, lambda rule: rule.to)

    @cached_property
    def _rules_out(self) -> Mapping[str, list[Rule]]:
        found: dict[str, list[Rule]] = defaultdict(list)
        for rule in self.reading.rules:
            for root in rule.roots:
                found[root].append(rule)
        return found

    # --- chapters ---

    @cached_property
    def chapters(self) -> list[ChapterEntry]:
        """The chapters in order."""
        by_chapter = grouped(self.subchapters, lambda name: name[:1])
        return [
            ChapterEntry(name, self.design.chapter_name(name), [self.subchapters[one] for one in names])
            for name, names in by_chapter.items()
        ]

    @cached_property
    def subchapters(self) -> Mapping[str, SubchapterEntry]:
        """The subchapters in order."""
        roots = grouped(self.roots, lambda root: root[:2])
        return {
            name: SubchapterEntry(name, self.design.chapter_name(name), [self.roots[root] for root in found], self._cc_list(name))
            for name, found in roots.items()
        }

    def _cc_list(self, subchapter: str) -> list[Way]:
        points, grades = self.reading.cc_points, self.reading.cc_grades
        scoring = (code for code in points if subchapter in points[code])
        codes = grouped(scoring, lambda code: (points[code][subchapter], grades[code][subchapter]))
        return [
            Way(f"{number} point{'s' if number != 1 else ''}", ICD10, self.order[ICD10].terms(some), len(some), grade)
            for (number, grade), some in sorted(codes.items())
        ]

    # --- codes ---

    def diagnosis_pages(self) -> Mapping[str, list[tuple[str, list[CodeEntry]]]]:
        """The ICD-10 codes by page, and on a page by category."""
        return _pages(map(self._diagnosis, self.reading.icd10))

    def procedure_pages(self) -> Mapping[str, list[tuple[str, list[CodeEntry]]]]:
        """The OPCS-4 codes by page, and on a page by category."""
        return _pages(map(self._procedure, self.reading.opcs4))

    def _diagnosis(self, code: str) -> CodeEntry:
        said = self.reading.diagnoses[code]
        adult = Lead(self._adult if said.child_root else "", said.root, said.grade)
        child = (Lead(self._child, said.child_root, said.child_grade),) if said.child_root else ()
        return CodeEntry(
            code,
            (adult, *child),
            said.rank,
            self._rule_leads[ICD10].get(code, ()),
            self.reading.programmes.get(code, ""),
            self._lists[DIAGNOSIS].get(code, ()),
            self._cc(code),
            (self._excluded["primary"].get(code, ()), self._excluded["secondary"].get(code, ())),
            (*self._family(code), *self._scores[DIAGNOSIS].get(code, ())),
        )

    def _procedure(self, code: str) -> CodeEntry:
        said = self.reading.procedures[code]
        leads = [Lead(said.role, said.root, said.grade)]
        if unbundled := self.reading.unbundled.get(code):
            times = f", days of {unbundled.multiplier}" if unbundled.multiplier else ""
            leads.append(Lead(f"leads{times}", unbundled.root, unbundled.grade))
        through = self._rule_leads[OPCS4].get(code, ())
        lists, scores = self._lists[PROCEDURE].get(code, ()), self._scores[PROCEDURE].get(code, ())
        return CodeEntry(code, tuple(leads), said.rank, through, "", lists, (), ((), ()), scores)

    def _cc(self, code: str) -> tuple[tuple[int, str], ...]:
        points = self.reading.cc_points[code]
        if id(points) not in self._cc_words:  # codes that score alike share one mapping
            names = grouped(points, points.__getitem__)
            self._cc_words[id(points)] = tuple((number, " ".join(some)) for number, some in sorted(names.items()))
        return self._cc_words[id(points)]

    @cached_property
    def _cc_words(self) -> dict[int, tuple[tuple[int, str], ...]]:
        return {}

    @cached_property
    def _lists(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """By kind and code the lists that it is on."""
        found: dict[str, dict[str, tuple[str, ...]]] = {DIAGNOSIS: {}, PROCEDURE: {}}
        for name, one in self.reading.lists.items():
            on = found.get(one.kind)
            if on is not None:
                on |= {code: (*on.get(code, ()), name) for code in one.members}
        return found

    @cached_property
    def _excluded(self) -> Mapping[str, Mapping[str, tuple[int, ...]]]:
        found: dict[str, dict[str, tuple[int, ...]]] = {"primary": {}, "secondary": {}}
        for number, one in enumerate(self.reading.exclusions, 1):
            for side, codes in (("primary", one.primary), ("secondary", one.secondary)):
                found[side] |= {code: (*found[side].get(code, ()), number) for code in codes}
        return found

    @cached_property
    def _scores(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """By kind and code its points of named scores; the two classifications have codes of the same letters and digits."""
        found: dict[str, dict[str, tuple[str, ...]]] = {DIAGNOSIS: {}, PROCEDURE: {}}
        for name, score in self.reading.scores.items():
            said = found[score.kind]
            said |= {code: (*said.get(code, ()), f"{name} {number}") for code, number in score.points.items()}
        return found

    def _family(self, code: str) -> tuple[str, ...]:
        family = self.reading.families.get(code)
        return (f"family {' '.join(family)}",) if family else ()


def common_or_first(reading: Reading, root: str, hrgs: list[str]) -> str:
    """What the labels of a root's HRGs have in common, or the first of them."""
    return reading.root_labels.get(root) or (reading.labels[hrgs[0]] if hrgs else "")


def _pages(entries: Iterable[CodeEntry]) -> dict[str, list[tuple[str, list[CodeEntry]]]]:
    found: dict[str, dict[str, list[CodeEntry]]] = {}
    for entry in entries:
        found.setdefault(entry.code[:PAGE_SIZE], {}).setdefault(entry.code[:CATEGORY_SIZE], []).append(entry)
    return {page: list(categories.items()) for page, categories in found.items()}
