"""Compiles what a design says of the fields of each data set: accepted values and numbers, categories of values, organs."""

from __future__ import annotations

from hrgcore._core import typedefs as core
from hrgcore._core.codes import ValueSet
from hrgcore._core.fields import FieldSet
from hrgcore._core.rows import Row
from hrgcore.design.build import Build
from hrgcore.design.fields import (
    DIAGNOSIS,
    EXACT,
    LAYOUTS,
    LISTED_FIELDS,
    NUMBER_FIELDS,
    NUMBER_KINDS,
    PROCEDURE,
    REPEATED_FIELDS,
    VALUES,
    Field,
)
from hrgcore.design.schema import ITEM_MESSAGES

ALWAYS_THERE = "APC"
ALWAYS_REQUIRED = {"APC": ("STARTAGE", "EPIDUR")}
FURTHER_CELLS = "DIAG_02"  # a row for readers: secondary diagnoses are optional where the primary one is required
LEVELS_TOP, LIST_VALUES = 255, 256
MOST_LEVELS, MOST_ORGANS = 8, 63
_REQUIRED = {"yes": True, "no": False}


def compile_fields(build: Build) -> None:
    """Table `field`: one FieldSet for each data set that the design has."""
    rows = _rows_by_field(build)
    build.value_sets = {field: _value_set(build, field, rows) for field in (*LISTED_FIELDS, *REPEATED_FIELDS)}
    for dataset, layout in LAYOUTS.items():
        if dataset in rows or dataset == ALWAYS_THERE:
            build.fields[dataset] = _field_set(build, dataset, layout, rows.get(dataset, {}))


def _rows_by_field(build: Build) -> dict[str, dict[str, Row]]:
    """The row of each field of each data set; a row may speak for several data sets."""
    found: dict[str, dict[str, Row]] = {}
    for row in build.rows("field"):
        datasets, name, needed, _, _, _, grade = row.cells
        build.grade(grade, row)
        if needed not in _REQUIRED:
            build.faults.add(row, f"{needed!r} must be yes or no")
        for dataset in datasets.split() or [datasets]:
            names = {field.row for field in LAYOUTS.get(dataset, ())} | {FURTHER_CELLS}
            if dataset not in LAYOUTS:
                build.faults.add(row, f"there is no data set {dataset!r}")
            elif name not in names:
                build.faults.add(row, f"data set {dataset} has no field {name!r}")
            elif name in found.setdefault(dataset, {}):
                build.faults.add(row, f"field {name} of data set {dataset} stands twice")
            else:
                found[dataset][name] = row
            if name in ALWAYS_REQUIRED.get(dataset, ()) and needed != "yes":
                build.faults.add(row, f"{name} must be required: no record can be grouped without it")
    return found


def _value_set(build: Build, name: str, rows: dict[str, dict[str, Row]]) -> ValueSet:
    """The accepted values of a listed field, which are the same in all data sets that have it."""
    stem = next(field.row for layout in LAYOUTS.values() for field in layout if field.name == name)
    found = [fields[stem] for fields in rows.values() if stem in fields]
    for row in found[1:]:
        if row.cells[3:5] != found[0].cells[3:5]:
            build.faults.add(row, f"{stem} accepts other values than in data set {found[0].cells[0]}")
    if not found:
        return ValueSet([])
    try:
        return ValueSet(found[0].cells[4].split(), found[0].cells[3] == EXACT)
    except ValueError as error:
        build.faults.add(found[0], f"{stem}: {error}")
        return ValueSet([])


def _field_set(build: Build, dataset: str, layout: tuple[Field, ...], rows: dict[str, Row]) -> FieldSet:
    required = bytearray(len(layout))
    numbers, values, items = [], [], []
    for number, field in enumerate(layout):
        row = rows.get(field.row)
        if row is None:
            build.fault("field", f"there is no row for field {field.row} of data set {dataset}")
            continue
        required[number] = _REQUIRED.get(row.cells[2], False)
        if row.cells[3] != field.kind and not (row.cells[3] == EXACT and field.kind == VALUES):
            build.faults.add(row, f"{field.row} is of kind {field.kind}, not {row.cells[3]!r}")
        elif field.kind in NUMBER_KINDS:
            numbers.append((number, int(NUMBER_KINDS[field.kind]), _bands(build, row), NUMBER_FIELDS.index(field.name)))
        elif field.kind == VALUES and field.most:
            message = build.message(ITEM_MESSAGES[field.name], row)
            items.append((number, build.value_sets[field.name], REPEATED_FIELDS.index(field.name), message))
        elif field.kind == VALUES:
            values.append((number, build.value_sets[field.name], LISTED_FIELDS.index(field.name)))
    return FieldSet(
        names=[field.name for field in layout],
        required=required,
        numbers=numbers,
        values=values,
        items=items,
        diagnoses=_number_of(layout, DIAGNOSIS),
        procedures=_number_of(layout, PROCEDURE),
    )


def _bands(build: Build, row: Row) -> list[tuple[int, int]]:
    """The bands that a number accepts; any date of the calendar where there are none."""
    if not row.cells[4] and row.cells[3] != "date":
        build.faults.add(row, f"{row.cells[1]} accepts no number")
    return [build.band(band, row) for band in row.cells[4].split() or [""]]


def _number_of(layout: tuple[Field, ...], kind: str) -> int:
    return next((number for number, field in enumerate(layout) if field.kind == kind), -1)


def compile_categories(build: Build) -> dict[str, int]:
    """Table `category`: the level of each value, one stretch of the array a category."""
    names: dict[str, int] = {}
    items, levels = bytearray(), bytearray()
    for row in build.rows("category"):
        name, field, values, level, grade = row.cells
        build.grade(grade, row)
        if field not in REPEATED_FIELDS:
            build.faults.add(row, f"{field!r} is not a repeated field with listed values")
            continue
        if name not in names:
            names[name] = len(names)
            items.append(REPEATED_FIELDS.index(field))
            levels.extend(bytes(LIST_VALUES))
        if items[names[name]] != REPEATED_FIELDS.index(field):
            build.faults.add(row, f"category {name} is one of {REPEATED_FIELDS[items[names[name]]]} above")
        for value in values.split():
            number = build.value_sets[field].encode(value)
            place = names[name] * LIST_VALUES + number
            if not number:
                build.faults.add(row, f"{value} is not an accepted value of {field}")
            elif levels[place]:
                build.faults.add(row, f"{value} stands in two rows of category {name}")
            else:
                levels[place] = build.number(level, LEVELS_TOP, row)
    if len(names) > MOST_LEVELS:
        build.fault("category", f"there are more than {MOST_LEVELS} categories")
    build.arrays.update(level_item=bytes(items), levels=bytes(levels))
    build.scalars["level_categories"] = min(len(names), MOST_LEVELS)
    return names


def compile_organs(build: Build) -> None:
    """Table `organ`: the organ that each number of days supports."""
    organ_of = bytearray(core.NUMBER_PLACES)
    for number, row in enumerate(build.rows("organ"), 1):
        build.grade(row.cells[2], row)
        if number > MOST_ORGANS:
            build.faults.add(row, f"there are more than {MOST_ORGANS} organs")
            break
        for field in row.cells[1].split():
            if field not in NUMBER_FIELDS:
                build.faults.add(row, f"{field!r} is not a field with a number")
            elif organ_of[NUMBER_FIELDS.index(field)]:
                build.faults.add(row, f"{field} supports two organs")
            else:
                organ_of[NUMBER_FIELDS.index(field)] = number
    build.arrays["organ_of_number"] = bytes(organ_of)
