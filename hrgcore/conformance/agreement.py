"""Two sets of official outputs compared: cell by cell, and counted by column, chapter and reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import NamedTuple

from hrgcore.conformance.outputs import ITERATION, ROW, Line, OutputFile, open_output, read_summary
from hrgcore.conformance.reasons import COUNTS, INPUT, ORDER, REASONS, UNMATCHED, deciding, reason_of
from hrgcore.datasets.dataset import DataSet

SUMMARY = "_summary"


class Difference(NamedTuple):
    """A cell that is not as expected, or a line that one side does not have.

    Attributes:
        file: suffix of the output, such as `_FCE`.
        row: RowNo on the expected side; that of ours if only ours has the line; 0 in the summary.
        our_row: RowNo on our side, 0 if only the other has the line.
        column: that differs.
        expected, ours: both cells.
        reason: one of `reasons.REASONS`.
    """

    file: str
    row: int
    our_row: int
    column: str
    expected: str
    ours: str
    reason: str


@dataclass(slots=True)
class FileAgreement:
    """How a file agrees.

    Attributes:
        file: its suffix.
        rows: lines of both sides together: pairs, and lines that only one side has.
        columns: by column that both sides have, how many cells were compared and how many of them agree.
        left_out: columns that only one side has.
        chapters: by first letter of the expected HRG, how many lines there are and in how many the HRG agrees.
        differences: all of them.
    """

    file: str
    rows: int = 0
    columns: dict[str, tuple[int, int]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    chapters: dict[str, tuple[int, int]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def equal_rows(self) -> int:
        """Lines that agree in all that was compared."""
        return self.rows - len({(one.row, one.our_row) for one in self.differences})

    @property
    def share(self) -> float:
        """The share of lines that agree; 1 where there are none."""
        return self.equal_rows / self.rows if self.rows else 1.0

    @property
    def reasons(self) -> dict[str, int]:
        """Lines that differ by their reason, the one that comes first of the reasons of their cells."""
        first: dict[tuple[int, int], str] = {}
        for one in self.differences:
            key = one.row, one.our_row
            first[key] = min(first.get(key, one.reason), one.reason, key=REASONS.index)
        found = Counter(first.values())
        return {reason: found[reason] for reason in REASONS if found[reason]}


class Side(NamedTuple):
    """The lines of an output by RowNo; relational files have several of one number."""

    file: OutputFile
    lines: dict[bytes, list[Line]]


class Comparer:
    """Compares the outputs of one set with ours, file by file."""

    def __init__(self, dataset: DataSet, invalid: str, columns: Collection[str] | None) -> None:
        """`invalid` is the HRG of records that fail; `columns` are the only ones to compare, or None for all."""
        self.dataset = dataset
        self.invalid = invalid
        self.columns = columns
        self.pairs: dict[bytes, bytes] = {}  # expected RowNo -> ours
        self.gaps = False  # whether expected numbers may leave some out
        self.seen: set[str] = set()  # columns that were compared in some file

    def match(self, expected: Path, ours: Path, *, regrouped: bool) -> None:
        """Finds which record is which by the input that a main output or a sorted one repeats.

        Args:
            expected, ours: the output of both sides.
            regrouped: whether it was these expected lines that we grouped. If they are a part of a file, their numbers have gaps,
                and ours, which cannot, count as the same.
        """
        there = defaultdict[bytes, dict[bytes, None]](dict)
        for line in open_output(ours).lines():
            there[line.echo][line.row] = None
        file = open_output(expected)
        self.gaps = regrouped and _ascending(file)
        for line in [] if self.gaps else file.lines():  # of equal records each keeps its number if it can
            if line.row in there[line.echo]:
                del there[line.echo][line.row]
                self.pairs[line.row] = line.row
        rest = {echo: iter(rows) for echo, rows in there.items()}
        for line in file.lines():
            if line.row not in self.pairs and (row := next(rest.get(line.echo, iter(())), None)):
                self.pairs[line.row] = row

    def same_number(self, row: bytes, our_row: bytes) -> bool:
        """Whether the numbers of a record agree."""
        return row == our_row or (self.gaps and self.pairs.get(row) == our_row)

    def compare(self, suffix: str, expected: Path, ours: Path) -> FileAgreement:
        """Compares a file of the set."""
        if suffix == SUMMARY:
            return self._summary(read_summary(expected), read_summary(ours))
        one, other = open_output(expected), open_output(ours)
        return _Files(self, suffix, Side(one, self._lines(one, True)), Side(other, self._lines(other, False))).compare()

    def _lines(self, file: OutputFile, mapped: bool) -> dict[bytes, list[Line]]:
        """The lines of a file by RowNo, in our numbers if `mapped`."""
        found = defaultdict[bytes, list[Line]](list)
        for line in file.lines():
            found[self.pairs.get(line.row, line.row) if mapped else line.row].append(line)
        return found

    def wanted(self, column: str) -> bool:
        """Whether a column is to be compared."""
        return self.columns is None or column in self.columns

    def _summary(self, expected: Mapping[str, str], ours: Mapping[str, str]) -> FileAgreement:
        found = FileAgreement(SUMMARY)
        names = [name for name in self.dataset.counts if name in expected and name in ours and self.wanted(name)]
        found.left_out = tuple(name for name in self.dataset.counts if name not in expected)
        found.rows = 1 if names else 0
        self.seen.update(names)
        for name in names:
            equal = expected[name].strip() == ours[name].strip()
            found.columns[name] = 1, int(equal)
            if not equal:
                found.differences.append(Difference(SUMMARY, 0, 0, name, expected[name], ours[name], COUNTS))
        return found


class _Files:
    """One file of both sides."""

    def __init__(self, comparer: Comparer, suffix: str, expected: Side, ours: Side) -> None:
        self.comparer = comparer
        self.suffix = suffix
        self.expected, self.ours = expected, ours
        heads, our_heads = expected.file.columns, ours.file.columns
        self.names = [name for name in heads if name in our_heads and comparer.wanted(name)]
        comparer.seen.update(self.names)
        self.alike = heads == our_heads
        self.found = FileAgreement(suffix, left_out=tuple(sorted(set(heads) ^ set(our_heads))))
        self.compared = 0
        self.wrong: Counter[str] = Counter()
        level = deciding(comparer.dataset.name, "SpellHRG" if "spell" in suffix else "")
        self.hrg = level.hrg if level.hrg in self.names else ""
        self.chapters: Counter[str] = Counter()
        self.moved: Counter[str] = Counter()

    def compare(self) -> FileAgreement:
        lonely: list[Line] = []
        ours_lonely: list[Line] = []
        for row in {**self.expected.lines, **self.ours.lines}:
            one, other = self.expected.lines.get(row, []), self.ours.lines.get(row, [])
            if len(one) > 1 or len(other) > 1:
                one, other = self._without_equal(one, other)
            if len(one) == len(other):
                for pair in zip(one, other, strict=True):
                    self._pair(*pair)
            else:
                lonely += one
                ours_lonely += other
        self._unmatched(*self._without_renumbered(lonely, ours_lonely))
        counted = {name: (self.compared, self.compared - self.wrong[name]) for name in self.names}
        self.found.columns = ({ROW: (self.compared, self.compared - self.wrong[ROW])} if self.wrong[ROW] else {}) | counted
        self.found.chapters = {name: (n, n - self.moved[name]) for name, n in sorted(self.chapters.items())}
        return self.found

    def _pair(self, one: Line, other: Line) -> None:
        """Compares two lines of the same record."""
        self.found.rows += 1
        self.compared += 1
        same = one.results == other.results and self.alike
        if not same or self.hrg:
            cells = self._cells(one, self.expected)
            our_cells = cells if same else self._cells(other, self.ours)
            if self.hrg:
                self.chapters[cells[self.hrg][:1]] += 1
                self.moved[cells[self.hrg][:1]] += cells[self.hrg] != our_cells[self.hrg]
            for name in [] if same else self.names:
                if cells[name] != our_cells[name]:
                    self._differ(one, other, name, cells, our_cells)
        if one.echo != other.echo and self.expected.file.echoed:
            self._input_differs(one, other)
        elif self.expected.file.echoed:
            self._renumbered(one, other)

    def _differ(self, one: Line, other: Line, name: str, cells: Mapping[str, str], our_cells: Mapping[str, str]) -> None:
        reason = reason_of(self.comparer.dataset.name, name, cells, our_cells, self.comparer.invalid)
        self._note(one, other, name, cells[name], our_cells[name], reason)

    def _input_differs(self, one: Line, other: Line) -> None:
        """Names the first column of the input that differs."""
        pairs = zip_longest(self.expected.file.echoed, one.echo.split(b","), other.echo.split(b","), fillvalue=b"")
        for name, cell, our_cell in pairs:
            if cell != our_cell and self.comparer.wanted(str(name)):
                self._note(one, other, str(name), _text(cell), _text(our_cell), INPUT)
                return

    def _note(self, one: Line | None, other: Line | None, name: str, cell: str, our_cell: str, reason: str) -> None:
        self.wrong[name] += 1
        self.found.differences.append(Difference(self.suffix, _row(one or other), _row(other), name, cell, our_cell, reason))

    def _cells(self, line: Line, side: Side) -> dict[str, str]:
        return dict(zip(side.file.columns, side.file.cells(line.results), strict=True))

    def _content(self, line: Line, side: Side) -> tuple[bytes, tuple[str, ...]]:
        """What a line repeats and says, without the numbers of record and iteration."""
        cells = self._cells(line, side)
        return line.echo, tuple(cells[name] for name in self.names if name != ITERATION)

    def _without_equal(self, one: Sequence[Line], other: Sequence[Line]) -> tuple[list[Line], list[Line]]:
        """Pairs the lines of one record that say the same, in whatever order they stand; gives those that stay."""
        left, rest = [], list(other)
        for line in one:
            match = next((each for each in rest if self._content(each, self.ours) == self._content(line, self.expected)), None)
            if match is None:
                left.append(line)
                continue
            rest.remove(match)
            if len(one) == len(other):
                self._pair(line, match)
            else:  # the lines after one that is missing have other numbers within the record
                self.found.rows += 1
                self.compared += 1
        return left, rest

    def _without_renumbered(self, lonely: Sequence[Line], ours: Sequence[Line]) -> tuple[list[Line], list[Line]]:
        """Pairs lines that are equal but for the number of the record; gives those that stay."""
        there = defaultdict[tuple[bytes, tuple[str, ...]], list[Line]](list)
        for other in ours:
            there[self._content(other, self.ours)].append(other)
        left = []
        for one in lonely:
            if matches := there.get(self._content(one, self.expected)):
                self.found.rows += 1
                self.compared += 1
                self._renumbered(one, matches.pop(0))
            else:
                left.append(one)
        return left, [other for lines in there.values() for other in lines]

    def _renumbered(self, one: Line, other: Line) -> None:
        if self.comparer.wanted(ROW) and not self.comparer.same_number(one.row, other.row):
            self._note(one, other, ROW, _text(one.row), _text(other.row), ORDER)

    def _unmatched(self, lonely: Sequence[Line], ours: Sequence[Line]) -> None:
        """Notes the lines that only one side has; of one record they are told as pairs."""
        rest = defaultdict[bytes, list[Line]](list)
        for other in ours:
            rest[other.row].append(other)
        for one in lonely:
            others = rest.get(self.comparer.pairs.get(one.row, one.row))
            self._alone(one, others.pop(0) if others else None)
        for other in [line for lines in rest.values() for line in lines]:
            self._alone(None, other)

    def _alone(self, one: Line | None, other: Line | None) -> None:
        self.found.rows += 1
        name = self.names[-1] if self.names else ROW  # a sorted file has no results
        if not self.comparer.wanted(name):
            return
        cell = _text(one.results) if one else ""
        our_cell = _text(other.results) if other else ""
        reason = reason_of(self.comparer.dataset.name, name, {}, {}, "") if one and other else UNMATCHED
        self._note(one, other, name, cell, our_cell, reason)


def _ascending(file: OutputFile) -> bool:
    """Whether the numbers of the records never fall from line to line."""
    return all(row <= after for row, after in pairwise(_row(line) for line in file.lines()))


def _row(line: Line | None) -> int:
    return int(line.row) if line is not None and line.row.strip().isdigit() else 0


def _text(cell: bytes) -> str:
    return cell.decode("utf-8", "replace")
