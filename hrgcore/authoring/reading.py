"""A design read by name: what its compiled arrays and rows say of each code, list, root and rule.

The diff and the manual read a design through this module, so that they tell what the kernel does and not how rows are written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hrgcore._core import typedefs as core
from hrgcore.design.fields import LISTED_FIELDS, REPEATED_FIELDS
from hrgcore.design.schema import GRADES, MULTIPLIERS, ROLES, ROOT_SIZE
from hrgcore.design.terms import ids

if TYPE_CHECKING:
    from hrgcore._core.codes import CodeSet, ValueSet
    from hrgcore._core.rows import Row
    from hrgcore.design import Design

CATEGORY_SIZE = 3  # characters of a code that are its category
IGNORED = ROLES[core.Role.IGNORED]
DIAGNOSIS, PROCEDURE = "diagnosis", "procedure"  # kinds of lists of codes
_DANGLING = {"with", "without", "cc", "score", "and", "or", "interventions"}  # words that do not end the label of a root

Item = TypeVar("Item")
Key = TypeVar("Key")


class PrimaryDiagnosis(NamedTuple):
    """What a code does as primary diagnosis: the root or error category it leads to, that of children, its rank in a spell."""

    root: str
    child_root: str
    rank: int
    grade: str
    child_grade: str


class Procedure(NamedTuple):
    """What a procedure code does: its role, its rank (0 for none), and the root that it leads to."""

    role: str
    rank: int
    root: str
    grade: str


class Unbundled(NamedTuple):
    """The unbundled root or error category of a procedure code, and the multiplier of its HRG."""

    root: str
    multiplier: str
    grade: str


class CodeList(NamedTuple):
    """A named list: its kind, its members in order, and the grades of its rows."""

    kind: str
    members: tuple[str, ...]
    grades: tuple[str, ...]


class Score(NamedTuple):
    """A named score: its kind, and the points of each code that has some."""

    kind: str
    points: Mapping[str, int]


class Rule(NamedTuple):
    """A rule in force. `number` is its place among all rules; rules of one stage are read in this order."""

    number: int
    stage: str
    roots: tuple[str, ...]
    when: str
    to: str
    method: str
    grade: str
    source: str


class Split(NamedTuple):
    """One way from a root to an HRG: bands of age (completed years), stay (days), interventions and CC score, and a condition."""

    hrg: str
    age: str
    stay: str
    interventions: str
    cc: str
    when: str
    grade: str
    source: str


class Exclusion(NamedTuple):
    """Secondary codes that do not score beside some primary diagnoses."""

    primary: frozenset[str]
    secondary: frozenset[str]
    grade: str


class Reading:
    """One design, read by name."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self._tables = design.tables
        self._arrays = design.tables.arrays

    # --- codes ---

    @cached_property
    def icd10(self) -> tuple[str, ...]:
        """The ICD-10 codes in force, in order."""
        return self._tables.icd10.codes[1:]

    @cached_property
    def opcs4(self) -> tuple[str, ...]:
        """The OPCS-4 codes in force, in order."""
        return self._tables.opcs4.codes[1:]

    def _target(self, number: int) -> str:
        """The name of a root or error category by its id; empty for none."""
        if number >= core.ERROR_BASE:
            return self._tables.categories[number - core.ERROR_BASE]
        return self._tables.roots[number]

    def _columns(self, *names: str) -> Iterator[tuple[int, ...]]:
        """The values of some arrays by code, for each code."""
        return zip(*(self._arrays[name][1:] for name in names), strict=True)

    @cached_property
    def diagnoses(self) -> Mapping[str, PrimaryDiagnosis]:
        """What each ICD-10 code does as primary diagnosis."""
        columns = self._columns("diag_root", "diag_child", "diag_rank", "diag_grade", "diag_child_grade")
        return {
            code: PrimaryDiagnosis(self._target(root), self._target(child), rank, GRADES[grade], GRADES[child_grade])
            for code, (root, child, rank, grade, child_grade) in zip(self.icd10, columns, strict=True)
        }

    @cached_property
    def procedures(self) -> Mapping[str, Procedure]:
        """What each OPCS-4 code does. A code without a row is ignored."""
        columns = self._columns("proc_role", "proc_rank", "proc_root", "proc_grade")
        return {
            code: Procedure(ROLES[role] or IGNORED, rank, self._target(root), GRADES[grade])
            for code, (role, rank, root, grade) in zip(self.opcs4, columns, strict=True)
        }

    @cached_property
    def unbundled(self) -> Mapping[str, Unbundled]:
        """The OPCS-4 codes that lead to an unbundled root."""
        columns = self._columns("unbundled_root", "unbundled_times")
        rows, numbers = self.design.rows["unbundled"], self.design.code_rows["unbundled"][1:]
        return {
            code: Unbundled(self._target(root), MULTIPLIERS[times], rows[number].cells[3])
            for code, (root, times), number in zip(self.opcs4, columns, numbers, strict=True)
            if root
        }

    @cached_property
    def programmes(self) -> Mapping[str, str]:
        """The programme budgeting category of each primary diagnosis that has one."""
        names = self._tables.programmes
        return {
            code: names[number] for code, (number,) in zip(self.icd10, self._columns("diag_programme"), strict=True) if number
        }

    # --- CC score ---

    @cached_property
    def cc_points(self) -> Mapping[str, Mapping[str, int]]:
        """By ICD-10 code the points it scores as secondary diagnosis, by subchapter; codes that score alike share a mapping."""
        return self._scoring("cc_points")

    @cached_property
    def cc_grades(self) -> Mapping[str, Mapping[str, str]]:
        """The grades of these points."""
        grades = self._scoring("cc_grade")
        named = {id(found): {name: GRADES[grade] for name, grade in found.items()} for found in grades.values()}
        return {code: named[id(found)] for code, found in grades.items()}

    def _scoring(self, array: str) -> Mapping[str, Mapping[str, int]]:
        """The values of an array by class of codes and subchapter, but those that are 0."""
        columns = {root[:2]: self._arrays["root_subchapter"][number] for number, root in enumerate(self._tables.roots) if root}
        values, width = self._arrays[array], self._tables.subchapters
        classes: dict[int, dict[str, int]] = {}
        for (number,) in self._columns("cc_class"):
            if number not in classes:
                row = values[number * width : (number + 1) * width]
                classes[number] = {name: row[column] for name, column in sorted(columns.items()) if row[column]}
        return {code: classes[number] for code, (number,) in zip(self.icd10, self._columns("cc_class"), strict=True)}

    @cached_property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """The exclusions in the order of their rows."""
        found = []
        for row in self.design.rows["cc_exclusion"]:
            primary, secondary = (frozenset(self.members(self._tables.icd10, cell)) for cell in row.cells[:2])
            found.append(Exclusion(primary, secondary, row.cells[2]))
        return tuple(found)

    @cached_property
    def families(self) -> Mapping[str, tuple[str, str]]:
        """By ICD-10 code its family and its level there."""
        found: dict[str, tuple[str, str]] = {}
        for row in self.design.rows["cc_family"]:
            found |= dict.fromkeys(self.members(self._tables.icd10, row.cells[2]), (row.cells[0], row.cells[1]))
        return found

    # --- lists and scores ---

    @staticmethod
    def members(code_set: CodeSet, cell: str) -> Iterator[str]:
        """The codes that a cell of terms names."""
        return (code_set.codes[number] for number in ids(code_set.spans(cell)))

    @cached_property
    def lists(self) -> Mapping[str, CodeList]:
        """The named lists, in the order of their rows."""
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.design.rows["list"]:
            rows[row.cells[0]].append(row)
        return {name: self._list(found) for name, found in rows.items()}

    def _list(self, rows: Sequence[Row]) -> CodeList:
        kind = rows[0].cells[1]
        cell = " ".join(row.cells[2] for row in rows)
        grades = tuple(sorted({row.cells[3] for row in rows}, key=GRADES.index))
        if kind in (DIAGNOSIS, PROCEDURE):
            code_set = self._tables.icd10 if kind == DIAGNOSIS else self._tables.opcs4
            return CodeList(kind, tuple(sorted(set(self.members(code_set, cell)))), grades)
        values = self._values(kind)
        return CodeList(kind, tuple(values.values[n] for n in sorted({values.encode(value) for value in cell.split()})), grades)

    def _values(self, field: str) -> ValueSet:
        """The accepted values of a listed field."""
        if field in REPEATED_FIELDS:
            return self._tables.items[REPEATED_FIELDS.index(field)]
        return self._tables.values[LISTED_FIELDS.index(field)]

    @cached_property
    def scores(self) -> Mapping[str, Score]:
        """The named scores."""
        names = list(dict.fromkeys(row.cells[0] for row in self.design.rows["score"]))
        found = {}
        for number, name in enumerate(names):
            kind = PROCEDURE if self._arrays["score_is_procedure"][number] else DIAGNOSIS
            codes = self.opcs4 if kind == PROCEDURE else self.icd10
            start = self._arrays["score_offset"][number] + 1
            points = self._arrays["score_points"][start : start + len(codes)]
            found[name] = Score(kind, {code: value for code, value in zip(codes, points, strict=True) if value})
        return found

    # --- roots, splits and rules ---

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The label of each HRG, helpers included, in the order of table `hrg`."""
        return {row.cells[0]: row.cells[1] for row in self.design.rows["hrg"]}

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The kind of each HRG."""
        return {row.cells[0]: row.cells[2] for row in self.design.rows["hrg"]}

    @cached_property
    def splits(self) -> Mapping[str, tuple[Split, ...]]:
        """By root its splits in the order in which they are read; those with a condition first. A helper has none."""
        rows, order, starts = self.design.rows["split"], self.design.code_rows["split"], self._arrays["split_start"]
        found = {}
        for number, root in enumerate(self._tables.roots[1:], 1):
            taken = [rows[order[place]] for place in range(starts[number], starts[number + 1])]
            found[root] = tuple(Split._make((*row.cells[1:], _source(row))) for row in taken)
        return found

    @cached_property
    def root_labels(self) -> Mapping[str, str]:
        """What the labels of the HRGs of each root have in common."""
        labels: dict[str, list[str]] = defaultdict(list)
        for hrg, label in self.labels.items():
            labels[hrg[:ROOT_SIZE]].append(label)
        return {root: common_label(labels[root]) for root in self._tables.roots[1:]}

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules in the order in which they are read."""
        found = []
        for number, row in enumerate(self.design.rows["rule"]):
            stage, roots, when, to, method, grade = row.cells
            found.append(Rule(number, stage, tuple(roots.split()), " ".join(when.split()), to, method, grade, _source(row)))
        return tuple(found)

    @cached_property
    def dominance(self) -> tuple[int, ...]:
        """The rank that a procedure needs to drive by stay in days; the last entry stands for all longer stays."""
        return tuple(self._arrays["min_rank"])


def _source(row: Row) -> str:
    return f"{row.file} line {row.line}"


def common_label(labels: Sequence[str]) -> str:
    """What the labels of a root's HRGs have in common, in whole words."""
    common: list[str] = []
    for words in zip(*(label.split() for label in labels), strict=False):
        if len(set(words)) > 1:
            break
        common.append(words[0])
    if len(labels) > 1:
        while common and common[-1].strip(",").lower() in _DANGLING:
            common.pop()
    return " ".join(common).rstrip(",")


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Codes, roots, rules or splits by what is said of them, in their order."""
    found: dict[Key, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


class CodeOrder:
    """The codes of one or more code sets in order, to write some of them in few terms."""

    def __init__(self, *code_sets: Iterable[str]) -> None:
        codes = sorted(set().union(*code_sets))
        self._places = {code: place for place, code in enumerate(codes)}
        self._sizes = Counter(code[:CATEGORY_SIZE] for code in codes)

    def terms(self, codes: Collection[str]) -> list[str]:
        """Codes as terms of tables: single codes, ranges of neighbours, and whole categories."""
        runs: list[list[str]] = []
        for code in sorted(codes):
            if runs and self._places[code] == self._places[runs[-1][-1]] + 1:
                runs[-1].append(code)
            else:
                runs.append([code])
        return [self._term(run) for run in runs]

    def _term(self, run: Sequence[str]) -> str:
        if len(run) == 1:
            return run[0]
        first, last = run[0], run[-1]
        categories = {code[:CATEGORY_SIZE] for code in run}
        if len(run) == sum(self._sizes[category] for category in categories):
            first, last = first[:CATEGORY_SIZE], last[:CATEGORY_SIZE]
        return first if first == last else f"{first}-{last}"
