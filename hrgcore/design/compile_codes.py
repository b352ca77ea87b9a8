"""Compiles what a design says of single codes: diagnoses, procedures, unbundled HRGs, CC points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import merge

from hrgcore._core import typedefs as core
from hrgcore._core.codes import Owners, set_points
from hrgcore.design.build import Build
from hrgcore.design.layers import Row
from hrgcore.design.schema import MULTIPLIERS, ROLES
from hrgcore.design.terms import Span, TermReader, ids

TOP_RANK = 255
REMOVED = -1
_NOT_ZERO = bytes([0] + [1] * 255)


def _columns(
    build: Build, table: str, reader: TermReader, values_of: Callable[[Build, Row], Sequence[int]], names: dict[str, str]
) -> None:
    """Compiles a table by code: for each code the values of the row that speaks for it, one array a name, 0 where no row does.

    Later layers override earlier ones code by code; codes that an overlay removed have no row.
    """
    owners = Owners(len(reader.code_set))
    rows = []
    for number, row in _in_order(build, table):
        if number == REMOVED:
            _give_up(row, reader, owners)
            continue
        rows.append(row)
        for first, last in reader.spans(row.cells[0], row):
            if twice := owners.claim(first, last, number, row.layer):
                build.faults.add(row, f"{reader.code_set.codes[twice]} stands in two rows of this table")
    # A row of a base that speaks for no code any more may name what its overlay does without.
    top, silent = build.layers.depth - 1, (0,) * len(names)
    speaking = set(owners.row) if top else set()
    values = [values_of(build, row) if row.layer == top or number in speaking else silent for number, row in enumerate(rows)]
    build.code_rows[table] = owners.row
    columns = zip(*values, strict=True) if values else [()] * len(names)
    for (name, code), column in zip(names.items(), columns, strict=True):
        build.arrays[name] = owners.spread(column, code)


def _in_order(build: Build, table: str) -> Iterable[tuple[int, Row]]:
    """The rows of a table with their numbers, and what layers remove, numbered REMOVED, before the rows of the same layer."""
    rows = enumerate(build.rows(table))
    if removed := build.layers.removed.get(table):
        return merge(((REMOVED, row) for row in removed), rows, key=lambda item: item[1].layer)
    return rows


def _give_up(removal: Row, reader: TermReader, owners: Owners) -> list[Span]:
    """Takes the codes of a removal from the rows that spoke for them; gives their spans."""
    spans = reader.spans(removal.cells[1], removal)
    for first, last in spans:
        owners.claim(first, last, -1, -1)
    return spans


def compile_diagnoses(build: Build) -> None:
    """Table `diagnosis`: roots, rank and grades by code; every code of the code set has a row."""
    names = {"diag_root": "H", "diag_child": "H", "diag_rank": "B", "diag_grade": "B", "diag_child_grade": "B"}
    _columns(build, "diagnosis", build.diagnoses, _diagnosis, names)
    rows = build.code_rows["diagnosis"]
    if -1 in rows[1:]:
        missing = [code for number, code in enumerate(build.icd10.codes) if number and rows[number] < 0]
        more = f" (and {len(missing) - 1} more codes)" if len(missing) > 1 else ""
        build.fault("diagnosis", f"{missing[0]} has no row{more}")


def _diagnosis(build: Build, row: Row) -> tuple[int, int, int, int, int]:
    _, root, child, rank, grade, child_grade = row.cells
    return (
        build.root_or_category(root, row),
        build.root_or_category(child, row) if child else 0,
        build.number(rank or "0", TOP_RANK, row),
        build.grade(grade, row),
        build.grade(child_grade, row) if child else 0,
    )


def compile_procedures(build: Build) -> None:
    """Table `procedure`: role, rank, root and grade by code."""
    names = {"proc_role": "B", "proc_rank": "B", "proc_root": "H", "proc_grade": "B"}
    _columns(build, "procedure", build.procedures, _procedure, names)


def _procedure(build: Build, row: Row) -> tuple[int, int, int, int]:
    _, name, rank, root, grade = row.cells
    role = build.choice(name, ROLES, "role", row)
    if role == core.Role.NO_ROLE:
        build.faults.add(row, "no role is given")
    ranked = role in (core.Role.DRIVES, core.Role.VAGUE)
    if ranked != bool(rank):
        build.faults.add(row, f"role {name} {'needs a' if ranked else 'has no'} rank")
    if (role == core.Role.DRIVES) != bool(root):
        build.faults.add(row, f"role {name} {'needs a' if role == core.Role.DRIVES else 'has no'} root")
    return role, build.number(rank or "0", TOP_RANK, row), build.root(root, row) if root else 0, build.grade(grade, row)


def compile_programmes(build: Build) -> None:
    """Table `programme`: programme budgeting category by diagnosis."""
    _columns(build, "programme", build.diagnoses, _programme, {"diag_programme": "B"})


def _programme(build: Build, row: Row) -> tuple[int]:
    _, category, grade = row.cells
    build.grade(grade, row)
    return (build.programme(category, row),)


def compile_unbundled(build: Build) -> None:
    """Table `unbundled`: root and multiplier by procedure code."""
    _columns(build, "unbundled", build.procedures, _unbundled, {"unbundled_root": "H", "unbundled_times": "B"})


def _unbundled(build: Build, row: Row) -> tuple[int, int]:
    _, name, multiplier, grade = row.cells
    build.grade(grade, row)
    return build.root_or_category(name, row), build.choice(multiplier, MULTIPLIERS, "multiplier", row)


class _Classes:
    """What a code can score: points in each subchapter, then the grades of these, each such line once. Class 0 scores nothing.

    A line is held as one big number, so that joining two lines is a single step.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._lines: list[int] = []
        self._scoring: list[int] = []  # a bit for each subchapter with points
        self._numbers: dict[int, int] = {}
        self._joined: dict[tuple[int, int], tuple[int, bool]] = {}
        self.number(bytes(2 * width))

    def number(self, line: bytes) -> int:
        """The class of a line."""
        return self._number(int.from_bytes(line), int.from_bytes(line[: self.width].translate(_NOT_ZERO)))

    def _number(self, line: int, scoring: int) -> int:
        found = self._numbers.setdefault(line, len(self._lines))
        if found == len(self._lines):
            self._lines.append(line)
            self._scoring.append(scoring)
        return found

    def join(self, one: int, other: int) -> tuple[int, bool]:
        """The class that has the points of two, and whether both have points in the same subchapter, which none should."""
        if (one, other) not in self._joined:
            lines, scoring = self._lines, self._scoring
            joined = self._number(lines[one] | lines[other], scoring[one] | scoring[other])
            self._joined[one, other] = joined, bool(scoring[one] & scoring[other])
        return self._joined[one, other]

    def lines(self) -> list[bytes]:
        """The lines by class."""
        return [line.to_bytes(2 * self.width) for line in self._lines]


def compile_cc(build: Build) -> None:
    """Table `cc`: the class of each code, and the points of each class in each subchapter.

    Codes that score alike in all subchapters share a class, so that the points of all codes fit a small matrix.
    """
    owners = Owners(len(build.icd10))
    classes = _Classes(len(build.subchapters))
    known: dict[tuple[str, ...], int] = {}
    numbers = []
    merged: dict[int, int] = {}  # class of the codes that several rows of a layer speak for
    for number, row in _in_order(build, "cc"):
        if number == REMOVED:
            _forget(ids(_give_up(row, build.diagnoses, owners)), merged)
            continue
        says = tuple(row.cells[1:])
        if says not in known:
            known[says] = classes.number(_points(build, row))
        numbers.append(known[says])
        for first, last in build.diagnoses.spans(row.cells[0], row):
            if owners.taken(first, last, row.layer):
                _merge(build, row, (first, last), owners.row[first : last + 1], numbers, classes, merged)
            elif merged:
                _forget(range(first, last + 1), merged)
            owners.claim(first, last, number, row.layer)
    build.code_rows["cc"] = owners.row
    cc_class = owners.spread(numbers, "H")
    for code, number in merged.items():
        cc_class[code] = number
    lines = classes.lines()
    build.arrays.update(
        cc_class=cc_class,
        cc_points=b"".join(line[: classes.width] for line in lines),
        cc_grade=b"".join(line[classes.width :] for line in lines),
    )


def _points(build: Build, row: Row) -> bytes:
    """The points of a row in each subchapter, then its grade in each of these."""
    line = bytearray(2 * len(build.subchapters))
    names = row.cells[1].split()
    points, grade = build.number(row.cells[2], TOP_RANK, row), build.grade(row.cells[3], row)
    unknown = set_points(line, build.subchapters, names, points, grade)
    if unknown is not None:
        build.faults.add(row, f"no root belongs to subchapter {unknown!r}")
    if not names:
        build.faults.add(row, "no subchapter is given")
    return bytes(line)


def _forget(codes: Iterable[int], merged: dict[int, int]) -> None:
    """A later layer replaces all that earlier rows said of its codes."""
    for code in codes:
        merged.pop(code, None)


def _merge(
    build: Build,
    row: Row,
    span: Span,
    before: Sequence[int],
    numbers: list[int],
    classes: _Classes,
    merged: dict[int, int],
) -> None:
    """Gives codes that another row of the layer speaks for too the points of both; later layers replace them all."""
    rows, number = build.rows("cc"), numbers[-1]
    for code, owner in enumerate(before, span[0]):
        if owner < 0 or rows[owner].layer != row.layer:
            merged.pop(code, None)
            continue
        merged[code], clash = classes.join(merged.get(code, numbers[owner]), number)
        if clash:
            build.faults.add(row, f"{build.icd10.codes[code]} stands in two rows of this table for the same subchapter")
