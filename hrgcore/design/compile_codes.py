"""Compiles what a design says of single codes: diagnoses, procedures, unbundled HRGs, CC points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import merge

from hrgcore._core import typedefs as core
from hrgcore._core.codes import Owners, Scores
from hrgcore.design.build import Build
from hrgcore._core.rows import Row
from hrgcore.design.schema import MULTIPLIERS, ROLES
from hrgcore.design.terms import TermReader

TOP_RANK = 255
REMOVED = -1


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


def _give_up(removal: Row, reader: TermReader, owners: Owners) -> None:
    """Takes the codes of a removal from the rows that spoke for them."""
    for first, last in reader.spans(removal.cells[1], removal):
        owners.claim(first, last, -1, -1)


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


def compile_cc(build: Build) -> None:
    """Table `cc`: the class of each code, and the points of each class in each subchapter.

    Codes that score alike in all subchapters share a class, so that the points of all codes fit a small matrix.
    """
    scores = Scores(len(build.icd10), build.subchapters)
    for number, row in _in_order(build, "cc"):
        if number == REMOVED:
            _give_up(row, build.diagnoses, scores)
        else:
            _score(build, scores, number, row)
    build.code_rows["cc"] = scores.row
    cc_class, lines = scores.classes()
    width = len(build.subchapters)
    build.arrays.update(
        cc_class=cc_class,
        cc_points=b"".join(line[:width] for line in lines),
        cc_grade=b"".join(line[width:] for line in lines),
    )


def _score(build: Build, scores: Scores, number: int, row: Row) -> None:
    """Gives the codes of a row their points."""
    codes, subchapters, points_cell, grade_cell = row.cells
    points, grade = build.number(points_cell, TOP_RANK, row), build.grade(grade_cell, row)
    names, spans = subchapters.split(), build.diagnoses.spans(codes, row)
    if not names:
        build.faults.add(row, "no subchapter is given")
    try:
        twice = scores.score(spans, names, number, row.layer, points, grade)
    except KeyError as error:
        build.faults.add(row, f"no root belongs to subchapter {error}")
        return
    for code in twice:
        build.faults.add(row, f"{build.icd10.codes[code]} stands in two rows of this table for the same subchapter")
