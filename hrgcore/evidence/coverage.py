"""Coverage of a design: roots that records can come to, codes that are mapped, how well founded national activity is grouped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hrgcore._core import typedefs as core
from hrgcore.design.conditions import parse_band
from hrgcore.design.evidence import OUTPATIENTS
from hrgcore.design.schema import GRADES, ROLES, ROOT_SIZE
from hrgcore.errors import DesignError
from hrgcore.evidence.witness import Reach, core_roots, find_witnesses

if TYPE_CHECKING:
    from hrgcore._core.codes import CodeSet
    from hrgcore.design import Design

EvidenceRow = Mapping[str, str]

NOT_REACHABLE = "not reachable"  # in place of a grade
NO_ROLE = "none"  # in place of a role: the code has no row
_PROCEDURES = "procedure"  # kinds of a second mapping
_CHILD_DIAGNOSES = "child diagnosis"
_RANKS = {name: number for number, name in enumerate(GRADES)}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of HRGs, or all of them.

    Attributes:
        name: the first letter of its HRGs; empty for all chapters together.
        roots: core roots.
        reachable: core roots to which a witness was found.
        diagnoses: ICD-10 codes that lead to a root of the chapter as primary diagnosis.
        procedures: OPCS-4 codes of role `drives` that lead to a root of the chapter.
        episodes: national episodes of admitted care by grade, and those whose root is not reachable.
    """

    name: str
    roots: int
    reachable: int
    diagnoses: int
    procedures: int
    episodes: Mapping[str, int]

    @property
    def all_episodes(self) -> int:
        """National episodes of admitted care in core HRGs of the chapter."""
        return sum(self.episodes.values())

    def share(self, grade: str) -> float:
        """The share of the episodes that a grade has; 0 where there are none."""
        return self.episodes.get(grade, 0) / max(1, self.all_episodes)


@dataclass(frozen=True, slots=True)
class SecondMapping:
    """How codes fared that were mapped twice, neither time with a look at the other mapping. All attributes are numbers of codes.

    Attributes:
        codes: mapped twice.
        agreed: with the same result before settling.
        first, second, third: of the others, those for which the first mapping was kept, the second taken, or something else.
        not_settled: of the others, those without a decision yet.
    """

    codes: int
    agreed: int
    first: int
    second: int
    third: int
    not_settled: int

    @property
    def rate(self) -> float:
        """Share of the codes on which both mappings agreed before settling."""
        return self.agreed / max(1, self.codes)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a design covers.

    Attributes:
        reach: the witnesses, and what has none.
        chapters: by chapter, in order.
        whole: all chapters together.
        diagnosis_codes: ICD-10 codes of the code set.
        roles: OPCS-4 codes of the code set by role, and those without a row.
        left_out: national episodes of admitted care in HRGs that are not core HRGs of the design.
        second: the second mapping by kind; empty if there is none.
    """

    reach: Reach
    chapters: tuple[Chapter, ...]
    whole: Chapter
    diagnosis_codes: int
    roles: Mapping[str, int]
    left_out: int
    second: Mapping[str, SecondMapping]


def measure_coverage(design: Design, activity: Iterable[EvidenceRow], second: Iterable[EvidenceRow]) -> Coverage:
    """Measures a design.

    Args:
        design: the design.
        activity: evidence `activity`: national episodes by HRG and setting.
        second: evidence `second_mapping`.

    Raises:
        DesignError: the second mapping has a kind, a term or a code twice that it cannot have.
    """
    reach = find_witnesses(design)
    episodes, left_out = _episodes_by_chapter(design, reach, activity)
    roots = Counter(root[0] for root in core_roots(design))
    reached = Counter(root[0] for root in reach.witnesses)
    diagnoses, procedures = Counter(_chapters_of_diagnoses(design)), Counter(_chapters_of_procedures(design))
    names = sorted({*roots, *diagnoses, *procedures, *episodes})
    chapters = tuple(
        Chapter(name, roots[name], reached[name], diagnoses[name], procedures[name], episodes.get(name, Counter()))
        for name in names
    )
    return Coverage(
        reach=reach,
        chapters=chapters,
        whole=_together(chapters),
        diagnosis_codes=len(design.tables.icd10),
        roles=_roles(design),
        left_out=left_out,
        second=second_mappings(design, second),
    )


def _together(chapters: Iterable[Chapter]) -> Chapter:
    whole = Chapter("", 0, 0, 0, 0, Counter())
    for one in chapters:
        numbers = (
            whole.roots + one.roots,
            whole.reachable + one.reachable,
            whole.diagnoses + one.diagnoses,
            whole.procedures + one.procedures,
        )
        whole = Chapter("", *numbers, Counter(whole.episodes) + Counter(one.episodes))
    return whole


# --- codes ---


def _chapters_of_diagnoses(design: Design) -> Iterator[str]:
    """For each code that is no error at every age the chapter of its root, or else of its root for children."""
    tables = design.tables
    for root, child in zip(tables.arrays["diag_root"][1:], tables.arrays["diag_child"][1:], strict=True):
        leading = [one for one in (root, child) if 0 < one < core.ERROR_BASE]
        if leading:
            yield tables.roots[leading[0]][0]


def _chapters_of_procedures(design: Design) -> Iterator[str]:
    tables = design.tables
    for role, root in zip(tables.arrays["proc_role"], tables.arrays["proc_root"], strict=True):
        if role == core.Role.DRIVES:
            yield tables.roots[root][0]


def _roles(design: Design) -> dict[str, int]:
    number = Counter(design.tables.arrays["proc_role"][1:])
    return {role or NO_ROLE: number[place] for place, role in enumerate(ROLES)}


# --- activity ---


def _episodes_by_chapter(design: Design, reach: Reach, activity: Iterable[EvidenceRow]) -> tuple[dict[str, Counter[str]], int]:
    """National episodes of admitted care by chapter and grade, and those in HRGs that are left out."""
    grades = hrg_grades(design, reach)
    found: dict[str, Counter[str]] = {}
    left_out = 0
    for row in activity:
        if row["setting"] == OUTPATIENTS:
            continue
        if row["hrg"] in grades:
            found.setdefault(row["hrg"][0], Counter())[grades[row["hrg"]]] += int(row["episodes"])
        else:
            left_out += int(row["episodes"])
    return found, left_out


def hrg_grades(design: Design, reach: Reach) -> dict[str, str]:
    """The grade that each core HRG rests on, or that its root is not reachable.

    It is the weakest of three: the grade of the way to its root, the strongest that was found; the grade of its own row of
    table `split` (the strongest, if it has several); and, if every one of these rows asks for a CC score above 0, the
    strongest grade that the CC codes of the subchapter have.
    """
    roots = set(core_roots(design))
    rows: dict[str, list[tuple[str, int]]] = {}  # by HRG: grade of a split row, and the lowest CC score that it takes
    for row in design.rows["split"]:
        if row.cells[0] in roots:
            rows.setdefault(row.cells[1], []).append((row.cells[7], parse_band(row.cells[5])[0]))
    scoring = _cc_grades(design)
    grades = {}
    for hrg, found in rows.items():
        witness = reach.witnesses.get(hrg[:ROOT_SIZE])
        if witness is None:
            grades[hrg] = NOT_REACHABLE
            continue
        parts = [witness.grade, min((grade for grade, _ in found), key=_RANKS.__getitem__)]
        if all(lowest > 0 for _, lowest in found):
            parts.append(scoring.get(hrg[:2], ""))
        grades[hrg] = max(parts, key=_RANKS.__getitem__)
    return grades


def _cc_grades(design: Design) -> dict[str, str]:
    """By subchapter the strongest grade of the rows that give a code points there."""
    a, width = design.tables.arrays, design.tables.subchapters
    used = sorted(set(a["cc_class"]))
    found = {}
    for number, root in enumerate(design.tables.roots):
        column = a["root_subchapter"][number]
        grades = [a["cc_grade"][line * width + column] for line in used if a["cc_points"][line * width + column]]
        if root and grades:
            found[root[:2]] = GRADES[min(grades)]
    return found


# --- second mapping ---


def second_mappings(design: Design, rows: Iterable[EvidenceRow]) -> dict[str, SecondMapping]:
    """Counts a second mapping by kind.

    Raises:
        DesignError: a row has an unknown kind, or a code that another row has.
    """
    outcomes: dict[str, Counter[str]] = {}
    seen: set[tuple[str, int]] = set()
    for row in rows:
        for code in _codes(design, row):
            if (row["kind"], code) in seen:
                raise DesignError(f"a {row['kind']} of {row['codes']!r} stands in two rows", place="evidence second_mapping")
            seen.add((row["kind"], code))
            outcomes.setdefault(row["kind"], Counter())[_outcome(row)] += 1
    return {
        kind: SecondMapping(found.total(), *(found[name] for name in ("agreed", "first", "second", "third", "")))
        for kind, found in outcomes.items()
    }


def _codes(design: Design, row: EvidenceRow) -> Iterator[int]:
    sets: dict[str, CodeSet] = {_PROCEDURES: design.tables.opcs4, _CHILD_DIAGNOSES: design.tables.icd10}
    if row["kind"] not in sets:
        raise DesignError(f"{row['kind']!r} is not a kind: {', '.join(sets)}", place="evidence second_mapping")
    for first, last in sets[row["kind"]].spans(row["codes"]):
        yield from range(first, last + 1)  # nothing where the evidence is that of a base with more codes


def _outcome(row: EvidenceRow) -> str:
    """What came of the codes of a row: the decision is `first`, `second`, what was taken instead, or nothing yet."""
    first, second, decision = (row[column].strip() for column in ("first", "second", "decision"))
    if first == second:
        return "agreed"
    if not decision:
        return ""
    return "first" if decision in ("first", first) else "second" if decision in ("second", second) else "third"
