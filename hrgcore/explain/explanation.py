"""What an explanation is: steps, the table rows behind them, and what became of each code; as text, JSON and a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from hrgcore.results import Message
    from hrgcore.whatif import WhatIf


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table of the design.

    Attributes:
        table: its name, such as `cc_exclusion`.
        file, line: where it stands; of a plugin `plugin NAME TABLE` and the number of the row.
        cells: the text of each column.
        grade: how well founded it is; empty where the table has no grades.
        layer: name of the design, a base of it or the plugin that brings it.
    """

    table: str
    file: str
    line: int
    cells: Mapping[str, str] = field(hash=False)
    grade: str
    layer: str

    @property
    def source(self) -> str:
        """Where it stands, in words."""
        return f"{self.file} line {self.line}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        part: of the spell that it belongs to.
        text: what was decided.
        source: the table row that decided, or empty.
        name: stable name of the kind of step, see docs/explain.md.
        codes: that it is about.
        rows: of tables that it rests on, the one that decided first.
    """

    part: str
    text: str
    source: str
    name: str = field(default="", repr=False)
    codes: tuple[str, ...] = field(default=(), repr=False)
    rows: tuple[TableRow, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CodeOutcome:
    """What became of one code, an episode or a pooled spell at a time.

    Attributes:
        part: the part of the spell, as of the steps.
        episode: number of the episode or record that it stands in, from 1 in the order of their numbers.
        field: its cell, such as `DIAG_02`.
        code: as messages show it.
        outcome: stable name of what became of it, see docs/explain.md.
        text: the same in words, to be read after the code.
        counted: whether it scored; of a procedure whether it drove the HRG or counted as an intervention.
        points: that it scored.
        beside: the code that kept it from counting, or empty.
        rows: of tables that decided.
    """

    part: str
    episode: int
    field: str
    code: str
    outcome: str
    text: str
    counted: bool = False
    points: int = 0
    beside: str = ""
    rows: tuple[TableRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a spell or a record got its HRG. `str()` gives it as text.

    Attributes:
        title: one line.
        design: name and version of the design.
        dataset: name of the data set.
        hrg, label, method, provenance, unbundled, messages: those of the result.
        steps: in the order in which they were taken.
        diagnoses: what became of each secondary diagnosis.
        procedures: what became of each procedure.
    """

    title: str
    design: str
    dataset: str
    hrg: str
    label: str
    method: str
    provenance: str
    unbundled: tuple[str, ...]
    messages: tuple[Message, ...]
    steps: tuple[Step, ...]
    diagnoses: tuple[CodeOutcome, ...]
    procedures: tuple[CodeOutcome, ...]

    def __str__(self) -> str:
        lines = [self.title]
        for part, steps in by_part(self.steps).items():
            lines += ["", part, *(f"  {step.text}" + (f"  [{step.source}]" if step.source else "") for step in steps)]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """All of it as dictionaries, lists, texts and numbers; docs/explain.md lists the keys."""
        return {**asdict(self), "messages": [message._asdict() for message in self.messages]}

    def to_json(self, what_if: WhatIf | None = None) -> str:
        """The same as JSON, with the key `what_if` if one is given."""
        return json.dumps(self.as_dict() | ({"what_if": what_if.as_dict()} if what_if else {}), indent=2)

    def to_html(self, what_if: WhatIf | None = None) -> str:
        """A page that stands alone. It shows the codes of the record: keep it as safe as the record itself.

        Raises:
            ArgumentError: Jinja2 is not installed.
        """
        from hrgcore.report.pages import render

        episodes = max((one.episode for one in (*self.diagnoses, *self.procedures)), default=1)
        notice = what_if.notice if what_if else ""
        return render("explain.html", explanation=self, what_if=what_if, notice=notice, episodes=episodes, by_part=by_part)


_InPart = TypeVar("_InPart", Step, CodeOutcome)


def by_part(given: Iterable[_InPart]) -> dict[str, list[_InPart]]:
    """Steps or outcomes by the part of the spell that they belong to, in order."""
    found: dict[str, list[_InPart]] = {}
    for one in given:
        found.setdefault(one.part, []).append(one)
    return found
