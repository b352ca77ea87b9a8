"""Compiles what a design says of single codes: diagnoses, procedures, unbundled HRGs, CC points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import merge

from hrgcore._core import typedefs as core
from hrgcore._core.codes import Owners, Scores
from hrgcore._core.rows import Row
from hrgcore.design.build import GRADE_IDS, NUMBERS, Build
from hrgcore.design.schema import MULTIPLIERS, ROLES
from hrgcore.design.terms import TermReader

TOP_RANK = 255
REMOVED = -1
BLANK = {"": 0}
NO_ROLE, DRIVES = int(core.Role.NO_ROLE), int(core.Role.DRIVES)
RANKED = (DRIVES, int(core.Role.VAGUE))
_ROLE_IDS = {name: number for number, name in enumerate(ROLES)}


# Rows to columns of ids; None stands for a row that says nothing.
Rows = Sequence[Row | None]


def _columns(
    build: Build,
    table: str,
    reader: TermReader,
    columns_of: Callable[[Build, Rows], Sequence[Sequence[int]]],
    names: dict[str, str],
) -> None:
    """Compiles a table by code: for each code the values of the row that speaks for it, one array a name, 0 where no row does.

    Later layers override earlier ones code by code; codes that an overlay removed have no row.
    """
    owners = Owners(len(reader.code_set))
    for number, row in _in_order(build, table):
        if number == REMOVED:
            _give_up(row, reader, owners)
            continue
        for first, last in reader.spans(row.cells[0], row):
            if twice := owners.claim(first, last, number, row.layer):
                build.faults.add(row, f"{reader.code_set.codes[twice]} stands in two rows of this table")
    build.code_rows[table] = owners.row
    columns = columns_of(build, _speaking(build, build.rows(table), owners))
    for (name, code), column in zip(names.items(), columns, strict=True):
        build.arrays[name] = owners.spread(column, code)


def _speaking(build: Build, rows: list[Row], owners: Owners) -> Rows:
    """The rows, without those of a base that speak for no code any more: they may name what its overlay does without."""
    top = build.layers.depth - 1
    if not top:
        return rows
    speaking = set(owners.row)
    return [row if row.layer == top or number in speaking else None for number, row in enumerate(rows)]


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


def _diagnosis(build: Build, rows: Rows) -> tuple[Sequence[int], ...]:
    child = build.column(rows, 2, build.target_ids | BLANK, build.root_or_category)
    with_child = [row if has_child else None for row, has_child in zip(rows, child, strict=True)]
    return (
        build.column(rows, 1, build.target_ids, build.root_or_category),
        child,
        _ranks(build, rows, 3),
        build.column(rows, 4, GRADE_IDS, build.grade),
        build.column(with_child, 5, GRADE_IDS, build.grade),
    )


def _ranks(build: Build, rows: Rows, at: int) -> Sequence[int]:
    return build.column(rows, at, NUMBERS | BLANK, lambda cell, row: build.number(cell, TOP_RANK, row))


def compile_procedures(build: Build) -> None:
    """Table `procedure`: role, rank, root and grade by code."""
    names = {"proc_role": "B", "proc_rank": "B", "proc_root": "H", "proc_grade": "B"}
    _columns(build, "procedure", build.procedures, _procedure, names)


def _procedure(build: Build, rows: Rows) -> tuple[Sequence[int], ...]:
    roles = build.column(rows, 1, _ROLE_IDS, lambda cell, row: build.choice(cell, ROLES, "role", row))
    for row, role in zip(rows, roles, strict=True):
        if row is not None:
            _check_role(build, row, role)
    return (
        roles,
        _ranks(build, rows, 2),
        build.column(rows, 3, build.root_ids | BLANK, build.root),
        build.column(rows, 4, GRADE_IDS, build.grade),
    )


def _check_role(build: Build, row: Row, role: int) -> None:
    """What drives has a rank and a root; what is vague has a rank."""
    _, name, rank, root, _ = row.cells
    if role == NO_ROLE:
        build.faults.add(row, "no role is given")
    if (role in RANKED) != bool(rank):
        build.faults.add(row, f"role {name} {'has no' if rank else 'needs a'} rank")
    if (role == DRIVES) != bool(root):
        build.faults.add(row, f"role {name} {'has no' if root else 'needs a'} root")


def compile_programmes(build: Build) -> None:
    """Table `programme`: programme budgeting category by diagnosis."""
    _columns(build, "programme", build.diagnoses, _programme, {"diag_programme": "B"})


def _programme(build: Build, rows: Rows) -> tuple[Sequence[int], ...]:
    build.column(rows, 2, GRADE_IDS, build.grade)
    return (build.column(rows, 1, {}, build.programme),)


def compile_unbundled(build: Build) -> None:
    """Table `unbundled`: root and multiplier by procedure code."""
    _columns(build, "unbundled", build.procedures, _unbundled, {"unbundled_root": "H", "unbundled_times": "B"})


def _unbundled(build: Build, rows: Rows) -> tuple[Sequence[int], ...]:
    build.column(rows, 3, GRADE_IDS, build.grade)
    return (
        build.column(rows, 1, build.target_ids, build.root_or_category),
        build.column(rows, 2, {}, lambda cell, row: build.choice(cell, MULTIPLIERS, "multiplier", row)),
    )


def compile_cc(build: Build) -> None:
    """Table `cc`: the class of each code, and the points of each class in each subchapter.

    Codes that score alike in all subchapters share a class, so that the points of all codes fit a small matrix.
    """
    scores = Scores(len(build.icd10), build.subchapters)
    rows = build.rows("cc")
    points = build.column(rows, 2, NUMBERS, lambda cell, row: build.number(cell, TOP_RANK, row))
    grades = build.grades("cc", 3)
    for number, row in _in_order(build, "cc"):
        if number == REMOVED:
            _give_up(row, build.diagnoses, scores)
        else:
            _score(build, scores, (number, points[number], grades[number]), row)
    build.code_rows["cc"] = scores.row
    cc_class, lines = scores.classes()
    width = len(build.subchapters)
    build.arrays.update(
        cc_class=cc_class,
        cc_points=b"".join(line[:width] for line in lines),
        cc_grade=b"".join(line[width:] for line in lines),
    )


def _score(build: Build, scores: Scores, said: tuple[int, int, int], row: Row) -> None:
    """Gives the codes of a row their points; said are its number, points and grade."""
    number, points, grade = said
    spans = build.diagnoses.spans(row.cells[0], row)
    if not row.cells[1]:
        build.faults.add(row, "no subchapter is given")
    try:
        twice = scores.score(spans, row.cells[1], number, row.layer, points, grade)
    except KeyError as error:
        build.faults.add(row, f"no root belongs to subchapter {error}")
        return
    for code in twice:
        build.faults.add(row, f"{build.icd10.codes[code]} stands in two rows of this table for the same subchapter")
