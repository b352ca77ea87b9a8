"""Compiles lists, scores, conditions, rules, splits, CC exclusions and families to parallel arrays."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate

from hrgcore._core import typedefs as core
from hrgcore._core.codes import CodeSet, set_bits
from hrgcore._core.rows import Row
from hrgcore.design.build import GRADE_IDS, Build, int_array
from hrgcore.design.compile_fields import compile_categories
from hrgcore.design.conditions import ConditionParser
from hrgcore.design.faults import Place
from hrgcore.design.schema import DECIDING, MULTIPLIERS, STAGES
from hrgcore.design.terms import Span, TermReader, ids

WORD = 64
LIST_VALUES = 256
# What a route may set; procedure, diagnosis and error belong to the steps themselves.
METHODS = tuple(chr(m) for m in (core.Method.METHOD_BURNS, core.Method.METHOD_GLOBAL, core.Method.METHOD_TRAUMA))
ATTENDANCES, ATTENDANCE_METHOD = "NAC", chr(core.Method.METHOD_ATTENDANCE)
LEVELS = ("general", "specific")
POINTS_TOP = 1000


class BitMatrix:
    """One bit a number, one row a code."""

    def __init__(self, rows: int, numbers: int) -> None:
        self.words = max(1, -(-numbers // WORD))
        self.data = array("Q", bytes(8 * rows * self.words))

    def set(self, spans: list[Span], number: int) -> None:
        """Sets the bit of a number in the rows of some spans."""
        set_bits(self.data, self.words, spans, number)


def compile_lists(build: Build) -> None:
    """Tables `list`, `score` and `category`; afterwards conditions can be parsed."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in build.rows("list"):
        rows[row.cells[0]].append(row)
        build.grade(row.cells[3], row)
    kinds = {name: found[0].cells[1] for name, found in rows.items()}
    numbers: dict[str, tuple[int, str]] = {}
    for kind in ("diagnosis", "procedure"):
        numbers |= {name: (n, kind) for n, name in enumerate(name for name in rows if kinds[name] == kind)}
    valued = [name for name in rows if kinds[name] not in ("diagnosis", "procedure")]
    numbers |= {name: (n, kinds[name]) for n, name in enumerate(valued)}
    for name, found in rows.items():
        for row in found:
            if row.cells[1] != kinds[name]:
                build.faults.add(row, f"list {name} is of kind {kinds[name]} above")
    _code_lists(build, rows, numbers, "diagnosis", build.diagnoses, build.icd10, "diag")
    _code_lists(build, rows, numbers, "procedure", build.procedures, build.opcs4, "proc")
    _value_lists(build, [row for name in valued for row in rows[name]], numbers)
    _attendance_list(build, numbers)
    build.parser = ConditionParser(numbers, compile_scores(build), compile_categories(build))


def _code_lists(
    build: Build,
    rows: dict[str, list[Row]],
    numbers: dict[str, tuple[int, str]],
    kind: str,
    reader: TermReader,
    code_set: CodeSet,
    prefix: str,
) -> None:
    names = [name for name, (_, found) in numbers.items() if found == kind]
    bits = BitMatrix(len(code_set) + 1, len(names))
    for name in names:
        for row in rows[name]:
            bits.set(reader.spans(row.cells[2], row), numbers[name][0])
    build.arrays[f"{prefix}_lists"] = bits.data
    build.scalars[f"{prefix}_words"] = bits.words


def _value_lists(build: Build, rows: list[Row], numbers: dict[str, tuple[int, str]]) -> None:
    flags = bytearray(LIST_VALUES * len({row.cells[0] for row in rows}))
    for row in rows:
        name, field, values, _ = row.cells
        if field not in build.value_sets:
            build.faults.add(row, f"{field!r} is not a kind of list")
            continue
        for value in values.split():
            if number := build.value_sets[field].encode(value):
                flags[numbers[name][0] * LIST_VALUES + number] = 1
            else:
                build.faults.add(row, f"{value} is not an accepted value of {field}")
    build.arrays["value_lists"] = bytes(flags)


def _attendance_list(build: Build, numbers: dict[str, tuple[int, str]]) -> None:
    """The list of procedures that AttendanceHRG keeps; -1 if the design names none."""
    name = build.settings.get("attendance_list", "")
    number, kind = numbers.get(name, (-1, "procedure"))
    if (name and number < 0) or kind != "procedure":
        build.faults.add(Place("design.toml", 0), f"attendance_list: there is no list {name!r} of procedures")
    build.scalars["attendance_list"] = number


def compile_scores(build: Build) -> dict[str, int]:
    """Table `score`: points by code, one stretch of the array a score."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in build.rows("score"):
        rows[row.cells[0]].append(row)
    kinds, offsets, points = bytearray(), int_array([]), array("h")
    for name, found in rows.items():
        is_procedure = found[0].cells[2] == "procedure"
        reader, code_set = (build.procedures, build.opcs4) if is_procedure else (build.diagnoses, build.icd10)
        column = array("h", bytes(2 * (len(code_set) + 1)))
        for row in found:
            build.choice(row.cells[2], ("diagnosis", "procedure"), "kind of score", row)
            if row.cells[2] != found[0].cells[2]:
                build.faults.add(row, f"score {name} is of kind {found[0].cells[2]} above")
            build.grade(row.cells[4], row)
            value = build.number(row.cells[3], POINTS_TOP, row)
            for code in ids(reader.spans(row.cells[1], row)):
                column[code] = value
        kinds.append(is_procedure)
        offsets.append(len(points))
        points.extend(column)
    build.arrays.update(score_is_procedure=bytes(kinds), score_offset=offsets, score_points=points)
    return {name: number for number, name in enumerate(rows)}


def compile_rules(build: Build) -> None:
    """Table `rule`: one row a rule, and for each root the rules that take it, in order."""
    rows = build.rows("rule")
    stages = (*STAGES, *DECIDING)
    plain: dict[str, list[int]] = {stage: [] for stage in stages}
    taking: dict[str, dict[int, list[int]]] = {stage: defaultdict(list) for stage in stages}
    condition, to, method, grade = int_array([]), int_array([]), bytearray(), bytearray()
    for number, row in enumerate(rows):
        stage, roots, when, _, _, row_grade = row.cells
        known = stages[build.choice(stage, stages, "stage", row)]
        condition.append(build.condition(when, stage, row))
        to.append(_target(build, row))
        method.append(_method(build, row))
        grade.append(build.grade(row_grade, row))
        if not roots:
            plain[known].append(number)
            if known in ("procedure", "diagnosis"):
                build.faults.add(row, f"a rule of stage {known} needs a 'from'")
        elif known == "check" or known in DECIDING:
            build.faults.add(row, f"a rule of stage {known} has no 'from'")
        for name in roots.split():
            taking[known][build.root(name, row)].append(number)
    build.arrays.update(
        rule_condition=condition,
        rule_to=to,
        rule_method=bytes(method),
        rule_grade=bytes(grade),
        check_rules=int_array(plain["check"]),
        record_rules=int_array(plain["unbundled"]),
        route_rules=int_array(plain["route"]),
    )
    build.stages = {stage: int_array(plain[stage]) for stage in DECIDING}
    names = {"route": "routed", "procedure": "procedure", "diagnosis": "diagnosis", "unbundled": "unbundled"}
    for stage, name in names.items():
        start, numbers = int_array([0]) * (len(build.roots) + 1), int_array([])
        for root, rules in sorted(taking[stage].items()):
            numbers.extend(rules)
            start[root + 1] = len(rules)
        build.arrays[f"{name}_rule_start"], build.arrays[f"{name}_rules"] = int_array(accumulate(start)), numbers


# Tests that hold only for a record with a code of their list: the kind of the list by operator.
_ASKING: dict[int, str] = {
    core.Op.OP_PRIMARY: "diag",
    core.Op.OP_SECONDARY: "diag",
    core.Op.OP_DIAGNOSIS: "diag",
    core.Op.OP_BEFORE: "diag",
    core.Op.OP_PROCEDURE: "proc",
    core.Op.OP_UNBUNDLED: "proc",
}


def compile_route_codes(build: Build) -> None:
    """The lists of which a record must have a code for any route to hold, so that the engine can pass over all routes at once.

    Each clause of each route gives one list, the first that it asks for. If a clause asks for none, nothing can be passed over.
    """
    masks = {kind: array("Q", bytes(8 * build.scalars[f"{kind}_words"])) for kind in ("diag", "proc")}
    by_code = True
    for rule in build.arrays["route_rules"]:
        condition = build.arrays["rule_condition"][rule]
        for clause in build.conditions[condition] if condition >= 0 else ((),):
            test = next((test for test in clause if test.op in _ASKING and not test.negated), None)
            if test is None:
                by_code = False
            else:
                masks[_ASKING[test.op]][test.operand // WORD] |= 1 << test.operand % WORD
    build.arrays["route_diagnoses"], build.arrays["route_procedures"] = masks["diag"], masks["proc"]
    build.scalars["routes_by_code"] = by_code


def _target(build: Build, row: Row) -> int:
    if row.cells[0] == "check":
        return core.ERROR_BASE + build.category(row.cells[3], row)
    if row.cells[0] in DECIDING:
        return build.root_or_category(row.cells[3], row)
    return build.root(row.cells[3], row)


def _method(build: Build, row: Row) -> int:
    stage, roots, _, _, letter, _ = row.cells
    if stage == ATTENDANCES:
        if letter != ATTENDANCE_METHOD:
            build.faults.add(row, f"a rule of stage {stage} has method {ATTENDANCE_METHOD}")
        return core.Method.METHOD_ATTENDANCE
    if stage == "unbundled" and not roots:
        return build.choice(letter, MULTIPLIERS, "multiplier", row)
    if stage == "route" and not roots:
        if letter not in METHODS:
            build.faults.add(row, f"a route needs a method: {', '.join(METHODS)}")
            return 0
        return ord(letter)
    if letter:
        build.faults.add(row, f"a rule of stage {stage}{' with a root in from' if stage == 'route' else ''} has no method")
    return 0


def compile_splits(build: Build) -> None:
    """Table `split`: rows by root, those with a condition first."""
    rows = build.rows("split")
    roots = build.column(rows, 0, build.root_ids, build.root)
    order = sorted(
        range(len(rows)), key=[root * 2 + (not row.cells[6]) for root, row in zip(roots, rows, strict=True)].__getitem__
    )
    ordered = [rows[number] for number in order]
    condition = int_array([])
    start, uses_cc = int_array([0]) * (len(build.roots) + 1), bytearray(len(build.roots))
    for number, row in zip(order, ordered, strict=True):
        condition.append(build.condition(row.cells[6], "split", row))
        start[roots[number] + 1] += 1
        uses_cc[roots[number]] |= bool(row.cells[5])
    build.arrays.update(
        split_start=int_array(accumulate(start)),
        split_bands=b"".join([build.bands(row.cells[2:6], row) for row in ordered]),
        split_condition=condition,
        split_hrg=array("H", build.column(ordered, 1, build.hrg_ids, build.hrg)),
        split_grade=array("B", build.column(ordered, 7, GRADE_IDS, build.grade)),
        root_uses_cc=bytes(uses_cc),
        root_subchapter=bytes(build.subchapters.get(name[:2], 0) for name in build.roots),
    )
    build.code_rows["split"] = int_array(order)


def compile_conditions(build: Build) -> None:
    """The conditions met in rules and splits, flattened."""
    condition_start, clause_start = int_array([0]), int_array([0])
    op, negated = bytearray(), bytearray()
    operand, low, high = int_array([]), int_array([]), int_array([])
    for clauses in build.conditions:
        for clause in clauses:
            for test in clause:
                op.append(test.op)
                negated.append(test.negated)
                operand.append(test.operand)
                low.append(test.low)
                high.append(test.high)
            clause_start.append(len(op))
        condition_start.append(len(clause_start) - 1)
    build.arrays.update(
        condition_start=condition_start,
        clause_start=clause_start,
        test_op=bytes(op),
        test_negated=bytes(negated),
        test_operand=operand,
        test_low=low,
        test_high=high,
    )


def compile_exclusions(build: Build) -> None:
    """Table `cc_exclusion`: one bit a row, for the primary and for the secondary side."""
    rows = build.rows("cc_exclusion")
    size = len(build.icd10) + 1
    primary, secondary = BitMatrix(size, len(rows)), BitMatrix(size, len(rows))
    for number, row in enumerate(rows):
        build.grade(row.cells[2], row)
        for cell, bits in zip(row.cells[:2], (primary, secondary), strict=True):
            bits.set(build.diagnoses.spans(cell, row), number)
    build.arrays.update(exclusion_primary=primary.data, exclusion_secondary=secondary.data)
    build.scalars["exclusion_words"] = primary.words


def compile_families(build: Build) -> None:
    """Table `cc_family`: family and level by code."""
    size = len(build.icd10) + 1
    family, general = array("h", [-1]) * size, bytearray(size)
    numbers: dict[str, int] = {}
    for row, code in _family_codes(build):
        number = numbers.setdefault(row.cells[0], len(numbers))
        if family[code] >= 0:
            build.faults.add(row, f"{build.icd10.codes[code]} stands in two rows of this table")
        family[code] = number
        general[code] = row.cells[1] == LEVELS[0]
    build.arrays.update(family=family, family_general=bytes(general))
    build.scalars["families"] = max(1, len(numbers))


def _family_codes(build: Build) -> Iterator[tuple[Row, int]]:
    for row in build.rows("cc_family"):
        build.choice(row.cells[1], LEVELS, "level", row)
        build.grade(row.cells[3], row)
        for code in ids(build.diagnoses.spans(row.cells[2], row)):
            yield row, code
