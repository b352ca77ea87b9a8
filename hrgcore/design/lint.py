"""The linter of designs: what compiles but cannot be right. Every fault names table and line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product
from pathlib import Path

from hrgcore._core import typedefs as core
from hrgcore._core.rows import Row
from hrgcore._core.tables import Tables
from hrgcore.design.build import Build
from hrgcore.design.compile_rules import LIST_VALUES
from hrgcore.design.compiler import compile_tables
from hrgcore.design.conditions import UNBUNDLED
from hrgcore.design.design import prepare
from hrgcore.design.faults import Fault, Faults, Place
from hrgcore.design.fields import LISTED_FIELDS
from hrgcore.design.manifest import Manifest
from hrgcore.design.schema import DECIDING, GRADES, ROOT_SIZE, TABLES

CHAPTER_SIZES = (1, 2)  # letters of an HRG that are its chapter and its subchapter
BAND_NAMES = ("age", "stay", "interventions", "cc")


def lint_design(folder: Path, find_base: Callable[[str], Path] | None = None) -> list[Fault]:
    """All faults of the design of a folder.

    Raises:
        DesignError: the manifest or a table file cannot be read at all.
    """
    faults = Faults()
    manifest, build = prepare(folder, faults, find_base, ())
    tables = compile_tables(build)
    if not faults.found:
        _check_splits(build)
        _check_roots(build)
        _check_procedures(build)
        _check_families(build, tables)
        _check_texts(build)
        _check_chapters(build)
        _check_sources(build, manifest)
    return faults.found


def _check_splits(build: Build) -> None:
    by_root: dict[str, list[Row]] = defaultdict(list)
    for row in build.rows("split"):
        by_root[row.cells[0]].append(row)
        if row.cells[1][:ROOT_SIZE] != row.cells[0]:
            build.faults.add(row, f"HRG {row.cells[1]} does not belong to root {row.cells[0]}")
    for root, rows in by_root.items():
        if root in build.helpers:
            build.faults.add(rows[0], f"root {root} is a helper, but has splits")
        _check_partition(build, root, rows)


def _check_partition(build: Build, root: str, rows: list[Row]) -> None:
    """For every truth value of the conditions, the rows that apply cut the space of the bands with no gap and no overlap.

    Rows with a condition take precedence, so that only rows of one kind may not overlap.
    """
    bands = {id(row): [build.band(cell, row) for cell in row.cells[2:6]] for row in rows}
    for truth in _assignments(build, rows):
        given = [row for row in rows if row.cells[6] and truth(row)]
        plain = [row for row in rows if not row.cells[6]]
        for kind in (given, plain):
            for one, other in combinations(kind, 2):
                if _overlap(bands[id(one)], bands[id(other)]):
                    where = Place(one.file, one.line)
                    build.faults.add(other, f"root {root}: {other.cells[1]} and {one.cells[1]} ({where}) overlap")
                    return
        gap = _gap([bands[id(row)] for row in (*given, *plain)])
        if gap:
            build.faults.add(rows[0], f"root {root}: no split takes {gap}")
            return


def _assignments(build: Build, rows: list[Row]) -> Iterator[Callable[[Row], bool]]:
    """Every way in which the atoms of the rows' conditions can be true or false: a number in one band, a field of one value."""
    numbers = {row.cells[6]: build.condition(row.cells[6], "split", row) for row in rows if row.cells[6]}
    tests = {
        (test.op, test.operand, test.low, test.high)
        for n in numbers.values()
        for clause in build.conditions[n]
        for test in clause
    }
    by_number: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    by_place: dict[int, list[Atom]] = defaultdict(list)
    switches: list[Atom] = []
    for op, operand, low, high in sorted(tests):
        if op in (core.Op.OP_SCORE, core.Op.OP_COUNT, core.Op.OP_AGE, core.Op.OP_STAY, core.Op.OP_INTERVENTIONS):
            by_number[op, operand].append((low, high))
        elif op == core.Op.OP_VALUE:
            by_place[low].append((op, operand, low, high))
        else:
            switches.append((op, operand, low, high))
    points = {
        key: sorted({0, *(low for low, _ in found), *(high + 1 for _, high in found if high != core.OPEN_END)})
        for key, found in by_number.items()
    }
    fields = [_value_truths(build, place, atoms) for place, atoms in by_place.items()]
    ways = product(product((False, True), repeat=len(switches)), product(*fields), product(*points.values()))
    for values, by_field, chosen in ways:
        on = dict(zip(switches, values, strict=True)) | {atom: truth for found in by_field for atom, truth in found}
        at = dict(zip(points, chosen, strict=True))

        def holds(row: Row, on: dict[Atom, bool] = on, at: dict[tuple[int, int], int] = at) -> bool:
            return any(
                all(
                    (on[key] if (key := (t.op, t.operand, t.low, t.high)) in on else t.low <= at[t.op, t.operand] <= t.high)
                    != t.negated
                    for t in clause
                )
                for clause in build.conditions[numbers[row.cells[6]]]
            )

        yield holds


def _value_truths(build: Build, place: int, atoms: list[Atom]) -> list[tuple[tuple[Atom, bool], ...]]:
    """The ways in which tests of one listed field can be true, over its values, and blank where some data set allows that."""
    field, flags = LISTED_FIELDS[place], build.arrays["value_lists"]
    required = all(row.cells[2] == "yes" for row in build.rows("field") if row.cells[1] == field)
    values = range(1 if required else 0, len(build.value_sets[field].values))
    return sorted({tuple((atom, bool(flags[atom[1] * LIST_VALUES + value])) for atom in atoms) for value in values})


Atom = tuple[int, int, int, int]  # operator, operand, low, high
Bands = list[tuple[int, int]]


def _overlap(one: Bands, other: Bands) -> bool:
    return all(a[0] <= b[1] and b[0] <= a[1] for a, b in zip(one, other, strict=True))


def _gap(rows: list[Bands]) -> str:
    """A point that no row takes, in words, or an empty text. It is enough to look where a band starts or has just ended."""
    axes = []
    for axis in range(len(BAND_NAMES)):
        ends = {0} | {row[axis][0] for row in rows} | {row[axis][1] + 1 for row in rows if row[axis][1] != core.OPEN_END}
        axes.append(sorted(ends))
    for point in product(*axes):
        if not any(all(low <= n <= high for n, (low, high) in zip(point, row, strict=True)) for row in rows):
            return ", ".join(f"{name} {n}" for name, n in zip(BAND_NAMES, point, strict=True))
    return ""


def _check_roots(build: Build) -> None:
    """A helper root must never be put out: some rule without a condition takes it further."""
    leaving = {root for row in build.rows("rule") if not row.cells[2] for root in row.cells[1].split()}
    # a helper among unbundled roots puts out nothing
    unbundled = {row.cells[1] for row in build.rows("unbundled")}
    unbundled |= {row.cells[3] for row in build.rows("rule") if row.cells[0] == UNBUNDLED}
    for row in build.rows("hrg"):
        root = row.cells[0][:ROOT_SIZE]
        if row.cells[2] == "helper" and root not in leaving | unbundled:
            build.faults.add(row, f"helper root {root} has no rule without a condition that takes it further")
    for row in build.rows("rule"):
        if row.cells[3] in row.cells[1].split():
            build.faults.add(row, f"the rule turns {row.cells[3]} into itself")
        if row.cells[0] in DECIDING and row.cells[3] in build.helpers:
            build.faults.add(row, f"the rule leads to helper root {row.cells[3]}, which no further rule of this stage changes")


def _check_procedures(build: Build) -> None:
    """What has an unbundled HRG has the role to match."""
    roles = {number: row.cells[1] for number, row in enumerate(build.rows("procedure"))}
    for row in build.rows("unbundled"):
        for first, last in build.procedures.spans(row.cells[0], row):
            for code in range(first, last + 1):
                role = roles.get(build.code_rows["procedure"][code], "")
                if role != "unbundled":
                    build.faults.add(
                        row, f"{build.opcs4.codes[code]} has role {role or 'none'} in table procedure, not unbundled"
                    )


def _check_families(build: Build, tables: Tables) -> None:
    """A specific code has at least the points of the general ones, or adding it could lower a score."""
    points, classes, width = tables.arrays["cc_points"], tables.arrays["cc_class"], tables.subchapters
    by_family: dict[str, dict[str, list[tuple[Row, int]]]] = defaultdict(lambda: {"general": [], "specific": []})
    for row in build.rows("cc_family"):
        for first, last in build.diagnoses.spans(row.cells[2], row):
            by_family[row.cells[0]][row.cells[1]] += [(row, code) for code in range(first, last + 1)]
    for name, levels in by_family.items():
        for subchapter, column in build.subchapters.items():
            top = max((points[classes[code] * width + column] for _, code in levels["general"]), default=0)
            for row, code in levels["specific"]:
                own = points[classes[code] * width + column]
                if 0 < own < top:
                    build.faults.add(
                        row, f"family {name}: {build.icd10.codes[code]} has fewer points in {subchapter} than a general code"
                    )


def _check_texts(build: Build) -> None:
    """Messages go into files whose cells have no quotes."""
    for row in build.rows("message"):
        if set(row.cells[2]) & set(',|"\r\n'):
            build.faults.add(row, "a message may not hold commas, bars, quotes or line ends")


def _check_chapters(build: Build) -> None:
    """Each chapter or subchapter has one name, and some HRG."""
    seen = {""}
    known = {row.cells[0][:length] for row in build.rows("hrg") for length in CHAPTER_SIZES}
    for row in build.rows("chapter"):
        name, label, grade = row.cells
        build.grade(grade, row)
        if name in seen:
            build.faults.add(row, f"chapter {name} stands twice" if name else "no chapter is given")
        elif name not in known:
            build.faults.add(row, f"no HRG belongs to chapter {name!r}")
        if not label:
            build.faults.add(row, "no label is given")
        seen.add(name)


def _check_sources(build: Build, manifest: Manifest) -> None:
    """Every table with rows has a source in the manifest, and no row claims more than its table's sources give."""
    sourced: dict[str, set[str]] = defaultdict(set)
    for source in manifest.sources:
        if source.grade not in GRADES[1:]:
            build.faults.add(Place("design.toml", 0), f"source {source.title!r} has grade {source.grade!r}")
        for table in source.tables:
            sourced[table].add(source.grade)
    for table, rows in build.layers.tables.items():
        if rows and table not in sourced:
            build.faults.add(Place("design.toml", 0), f"no source is given for table {table}")
    for table, row, grade in _graded(build):
        if sourced.get(table) and grade not in sourced[table]:
            build.faults.add(row, f"grade {grade} has no source in the manifest for table {table}")


def _graded(build: Build) -> Iterable[tuple[str, Row, str]]:
    for table, schema in TABLES.items():
        for column in ("grade", "child_grade"):
            if column in schema.columns:
                at = schema.columns.index(column)
                yield from ((table, row, row.cells[at]) for row in build.rows(table) if row.cells[at])
