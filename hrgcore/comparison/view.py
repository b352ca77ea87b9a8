"""A design as comparisons see it: by names, not by ids, since ids differ from design to design."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from typing import NamedTuple

from hrgcore._core.typedefs import ERROR_BASE, Role
from hrgcore.comparison.reasons import RowRef
from hrgcore.design import Design
from hrgcore.design.fields import DIAGNOSIS, LISTED_FIELDS, PROCEDURE, REPEATED_FIELDS
from hrgcore.design.in_force import RowSearch, code_set
from hrgcore.design.schema import ROOT_SIZE


class Code(NamedTuple):
    """A code of a record; the same text may be a code of both classifications."""

    kind: str  # diagnosis or procedure
    text: str

    def __str__(self) -> str:
        return f"{self.kind} {self.text}"


class _Columns(NamedTuple):
    """Where a table of lists has what is listed: of which kind, the members, and what each counts (0 = nothing)."""

    kind: int
    members: int
    weight: int = 0


_LISTS = {"list": _Columns(1, 2), "score": _Columns(2, 1, 3), "category": _Columns(1, 2, 3)}
RuleKey = tuple[str, str, str, str, str]  # stage, root before (or empty), when, to, method
Said = tuple[int, int, str]  # role, rank and root of a procedure


class DesignView:
    """What a design says, asked for by codes, roots and the texts of rules."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.name = design.name
        self.tables = design.tables
        self.roots = design.tables.roots
        self.diagnoses = design.tables.icd10.codes
        self.procedures = design.tables.opcs4.codes
        self.hrgs = set(design.tables.hrgs)
        self._members: dict[tuple[str, str], dict[str, str]] = {}
        self._search = RowSearch(design)
        self.cc_row = cache(self._cc_row)
        self.exclusion_row = cache(self._exclusion_row)

    # --- rows ---

    def row(self, table: str, number: int) -> RowRef | None:
        """A row by its number; None for -1."""
        if number < 0:
            return None
        found = self.design.rows[table][number]
        return RowRef(found.file, found.line, found.cells)

    def code_row(self, table: str, code: str) -> RowRef | None:
        """The row of a table by code that speaks for a diagnosis or procedure; None if none does."""
        number = code_set(self.design, table).encode(code)
        return self.row(table, self.design.code_rows[table][number]) if number else None

    def _cc_row(self, code: str, subchapter: str) -> RowRef | None:
        """The row that gives a diagnosis its points in a subchapter."""
        return self.row("cc", self._search.cc(self.tables.icd10.encode(code), subchapter))

    def _exclusion_row(self, primary: str, code: str) -> RowRef | None:
        """The row by which a diagnosis does not score beside a primary diagnosis."""
        return self.row("cc_exclusion", self._search.exclusion(*map(self.tables.icd10.encode, (primary, code))))

    def family_row(self, code: str) -> RowRef | None:
        """The row of the family of a diagnosis."""
        return self.row("cc_family", self._search.family(self.tables.icd10.encode(code)))

    def dominance_row(self, stay: int) -> RowRef | None:
        """The row that says which rank drives at a stay."""
        return self.row("dominance", self._search.dominance(max(stay, 0)))

    def field_row(self, dataset: str, field: str) -> RowRef | None:
        """The row of a field of a data set."""
        rows = self.design.rows["field"]
        return next(
            (self.row("field", n) for n, row in enumerate(rows) if dataset in row.cells[0].split() and row.cells[1] == field),
            None,
        )

    def organ_row(self, field: str) -> RowRef | None:
        """The row of the organ that days of a field support."""
        rows = self.design.rows["organ"]
        return next((self.row("organ", n) for n, row in enumerate(rows) if field in row.cells[1].split()), None)

    def field_of_category(self, name: str) -> str:
        """The repeated field whose values a category grades."""
        return next((row.cells[1] for row in self.design.rows["category"] if row.cells[0] == name), "")

    def message(self, key: str) -> str:
        """The text of a message, as the design has it."""
        return next((row.cells[2] for row in self.design.rows["message"] if row.cells[0] == key), key)

    def list_row(self, table: str, name: str, member: str) -> RowRef | None:
        """The row of a list, score or category that names a member, or else its first row."""
        numbers = [n for n, row in enumerate(self.design.rows[table]) if row.cells[0] == name]
        return self.row(table, next((n for n in numbers if member in self._expanded(table, n)), numbers[0])) if numbers else None

    @cached_property
    def labels(self) -> dict[str, str]:
        """The label of each HRG."""
        return {row.cells[0]: row.cells[1] for row in self.design.rows["hrg"]}

    # --- codes ---

    def said_of(self, procedure: str) -> Said:
        """Role, rank and root of a procedure."""
        number, arrays = self.tables.opcs4.encode(procedure), self.tables.arrays
        return arrays["proc_role"][number], arrays["proc_rank"][number], self.roots[arrays["proc_root"][number]]

    def diagnosis_rank(self, code: str) -> int:
        """The rank by which a primary diagnosis leads a spell."""
        return self.tables.arrays["diag_rank"][self.tables.icd10.encode(code)]

    def is_unbundled(self, procedure: str) -> bool:
        """Whether a procedure leaves core grouping."""
        number = self.tables.opcs4.encode(procedure)
        return self.said_of(procedure)[0] == Role.UNBUNDLED or bool(self.tables.arrays["unbundled_root"][number])

    # --- roots, rules, splits ---

    @cached_property
    def roots_with_hrgs(self) -> frozenset[str]:
        """The roots that lead to HRGs."""
        return frozenset(row.cells[0] for row in self.design.rows["split"])

    def is_gone(self, hrg: str) -> bool:
        """Whether the design has neither an HRG nor its root."""
        return hrg not in self.hrgs and hrg[:ROOT_SIZE] not in self.roots_with_hrgs

    def rule_key(self, rule: int, before: str) -> RuleKey:
        """A rule as it takes a root, so that the same rule is known in another design."""
        stage, roots, when, to, method, _ = self.design.rows["rule"][rule].cells
        return stage, before if roots else "", when, to, method

    @cached_property
    def rules(self) -> dict[RuleKey, int]:
        """The rules by their keys, the first of equals."""
        found: dict[RuleKey, int] = {}
        for number, row in enumerate(self.design.rows["rule"]):
            for before in row.cells[1].split() or [""]:
                found.setdefault(self.rule_key(number, before), number)
        return found

    def similar_rule(self, key: RuleKey) -> int:
        """The rule of a stage that takes the same root to the same one, or under the same condition; -1 if there is none."""
        stage, before, when, to, _ = key
        alike = [(other, number) for other, number in self.rules.items() if other[:2] == (stage, before)]
        same_root = (number for other, number in alike if other[3] == to)
        same_condition = (number for other, number in alike if when and other[2] == when)
        return next(same_root, next(same_condition, -1))

    def stage(self, rule: int) -> str:
        """The stage of a rule."""
        return self.design.rows["rule"][rule].cells[0]

    def when(self, rule: int) -> str:
        """The condition of a rule."""
        return self.design.rows["rule"][rule].cells[2]

    def target(self, to: int) -> str:
        """The name of a root or error category that a rule gives."""
        return self.tables.categories[to - ERROR_BASE] if to >= ERROR_BASE else self.roots[to]

    def split_row(self, compiled: int) -> RowRef | None:
        """The row of a compiled row of splits."""
        return self.row("split", self.design.code_rows["split"][compiled])

    @cached_property
    def splits(self) -> dict[str, frozenset[tuple[str, ...]]]:
        """The rows of each root, without their grades."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for row in self.design.rows["split"]:
            found.setdefault(row.cells[0], set()).add(row.cells[1:-1])
        return {root: frozenset(rows) for root, rows in found.items()}

    # --- lists ---

    def says_of(self, table: str, name: str, member: str) -> str | None:
        """What a list, score or category says of a code or value: its points or level, empty on a list; None if nothing."""
        if (members := self._members.get((table, name))) is None:
            weight = _LISTS[table].weight
            members = self._members[table, name] = {
                member: row.cells[weight] if weight else ""
                for number, row in enumerate(self.design.rows[table])
                if row.cells[0] == name
                for member in self._expanded(table, number)
            }
        return members.get(member)

    def kind_of(self, table: str, name: str) -> str:
        """What a list or score holds: `diagnosis`, `procedure` or values of a field; empty if there is none of the name."""
        kind = _LISTS[table].kind
        return next((row.cells[kind] for row in self.design.rows[table] if row.cells[0] == name), "")

    def _expanded(self, table: str, number: int) -> Iterable[str]:
        """The codes or values of a row of a list, score or category."""
        cells, columns = self.design.rows[table][number].cells, _LISTS[table]
        kind, cell = cells[columns.kind], cells[columns.members]
        if kind in (DIAGNOSIS, PROCEDURE):
            codes = self.tables.icd10 if kind == DIAGNOSIS else self.tables.opcs4
            return {codes.codes[code] for first, last in codes.spans(cell) for code in range(first, last + 1)}
        sets, names = (self.tables.values, LISTED_FIELDS) if kind in LISTED_FIELDS else (self.tables.items, REPEATED_FIELDS)
        values = sets[names.index(kind)]
        return {values.values[values.encode(value)] for value in cell.split()}
