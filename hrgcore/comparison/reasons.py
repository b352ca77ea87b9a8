"""Why a record moves: a small closed vocabulary, and what is found of one record."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """Why a record has another HRG in another design. Each moved record has exactly one; the value is the name in tables."""

    CODE = "code not in force"
    VALIDATION = "validation"
    RETIRED = "retired HRG"
    NEW = "new HRG"
    ANOTHER_ROOT = "another root"
    RULE = "rule"
    LIST = "code list"
    RANK = "procedure rank"
    DOMINANCE = "dominance"
    UNBUNDLED = "unbundled"
    LEAD = "leading episode"
    SPLIT = "changed split"
    CC = "CC list"
    INTERVENTIONS = "interventions"
    OTHER = "not explained"

    @property
    def meaning(self) -> str:
        """What the reason means, in a sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    Reason.CODE: "A code of the record that decides in one design is not in the code set of the other.",
    Reason.VALIDATION: "The record fails in one design only: a check, an accepted value or an error category differs.",
    Reason.RETIRED: "The root that the record had is gone from the later design, and its HRGs with it.",
    Reason.NEW: "The root that the record has now did not exist in the earlier design.",
    Reason.ANOTHER_ROOT: "The same procedure or primary diagnosis leads to another root; both designs have both roots.",
    Reason.RULE: "A rule that sends the record to its root stands in one design only, or in another place.",
    Reason.LIST: "Both designs have the rule, but a list, score or category that it asks for has other codes or values.",
    Reason.RANK: "A procedure has another role or rank, so that another procedure, or none, drives the record.",
    Reason.DOMINANCE: "Procedures have the same ranks, but the rank that a procedure needs to drive at this stay differs.",
    Reason.UNBUNDLED: "A procedure leaves core grouping as an unbundled one in one design only.",
    Reason.LEAD: "Another episode leads the spell, because a primary diagnosis has another rank.",
    Reason.SPLIT: "The root is the same, but its split into HRGs is another.",
    Reason.CC: "Root and split are the same, but the CC score differs: points, exclusions or families of diagnoses.",
    Reason.INTERVENTIONS: "Root and split are the same, but other procedures count as interventions.",
    Reason.OTHER: "None of these: please report it with the example.",
}


class RowRef(NamedTuple):
    """A row of a table of a design: its file, its line, and its cells as they stand there."""

    file: str
    line: int
    cells: tuple[str, ...]

    @property
    def place(self) -> str:
        """File and line, as explanations name them."""
        return f"{self.file} line {self.line}"

    def __str__(self) -> str:
        return f"{self.place}: {','.join(self.cells)}"


class Finding(NamedTuple):
    """Why a record moved.

    Attributes:
        reason: of the closed vocabulary.
        text: in one line.
        step: the step of grouping at which the ways part, such as `dominant procedure` or `split`.
        detail: in one line, what decided at that step, where the reason is a wider one; else empty.
        row_from: the table row of the earlier design that decided, if there is one.
        row_to: that of the later design.
    """

    reason: Reason
    text: str
    step: str
    detail: str = ""
    row_from: RowRef | None = None
    row_to: RowRef | None = None
