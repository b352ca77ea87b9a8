"""Which column of a table holds which field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core.arrow import Form, ListForm
from hrgcore._core.csvfile import CellPlan
from hrgcore.datasets import required_fields
from hrgcore.datasets.dataset import DataSet
from hrgcore.design.fields import DATE, cell_places
from hrgcore.errors import ArgumentError
from hrgcore.files.rdf import RecordDefinition, read_definition
from hrgcore.records import record_class

if TYPE_CHECKING:
    from hrgcore.design import Design

Columns = Mapping[str, str] | str | Path | RecordDefinition | None  # see Grouper.group
Type = tuple[int, int, str]  # Form, ListForm, the type as the Arrow specification writes it

_DAYS = range(Form.FORM_DATE32, Form.FORM_NANOSECONDS + 1)


class UsedColumn(NamedTuple):
    """A column in use: its number and name, the field it holds, by official name or by stem, and how its cells are cut."""

    number: int
    name: str
    field: str
    picture: str = ""
    extract: str = ""


class ColumnMap(NamedTuple):
    """The columns in use, the plan by which they are read, and by place in it the kind and the most cells of those with lists."""

    used: tuple[UsedColumn, ...]
    plan: CellPlan
    lists: Mapping[int, tuple[int, int]]


class _Names:
    """The names that a data set knows a field by: official, stem of a repeated field, attribute of its record class."""

    def __init__(self, dataset: DataSet) -> None:
        self.dataset = dataset
        self.places = cell_places(dataset.name)
        self.stems = {field.name: field for field in dataset.fields if field.most}
        self.layouts = {cell: field for field in dataset.fields for cell in (field.name, *field.cells(field.most))}
        self.fields = {name.upper(): name for name in (*self.places, *self.stems)}
        for field, attribute in record_class(dataset.name).attributes.items():
            self.fields.setdefault(attribute.upper(), field)

    def field(self, name: str) -> str | None:
        """The official name or the stem that a name stands for, in any case."""
        return self.fields.get(name.strip().upper())

    def first_place(self, field: str) -> tuple[int, int]:
        """Kind of cell and place of a field, of a repeated one those of its first cell."""
        return self.places[self.stems[field].row if field in self.stems else field]


def map_columns(design: Design, dataset: DataSet, names: Sequence[str], types: Sequence[Type], columns: Columns) -> ColumnMap:
    """The columns of a table that are fields of a data set.

    Args:
        design: says which fields are required.
        dataset: the data set.
        names: of the columns of the table.
        types: of the columns of the table.
        columns: see Grouper.group.

    Raises:
        ArgumentError: a field stands twice or is required and missing, a column that is named is not there, or has a type that
            its field cannot have.
    """
    known = _Names(dataset)
    if columns is None or isinstance(columns, Mapping):
        used = _by_name(known, names, columns or {})
    elif isinstance(columns, RecordDefinition):
        used = _by_definition(known, names, columns)
    elif isinstance(columns, str | Path):
        used = _by_definition(known, names, read_definition(Path(columns)))
    else:
        raise ArgumentError(
            f"columns is {type(columns).__name__}",
            cure="Give a mapping of field to column, or the path of a record definition file.",
        )
    _check_fields(design, known, used)
    for column in used:
        _check_type(known, column, types[column.number])
    return _plan(known, used, types)


def _by_name(known: _Names, names: Sequence[str], given: Mapping[str, str]) -> list[UsedColumn]:
    """The columns that a mapping names, and for other fields those with their names."""
    used = [_named(known, names, name, column) for name, column in given.items()]
    taken = {column.number for column in used}
    fields = {field for column in used for field in _same_cells(known, column.field)}
    for number, name in enumerate(names):
        field = known.field(name)
        if field and number not in taken and field not in fields:
            used.append(UsedColumn(number, name, field))
    return used


def _same_cells(known: _Names, field: str) -> set[str]:
    """A field and, if it is the stem or a cell of a repeated one, all names of its cells that would hold the same."""
    if field in known.stems:
        return {field, *known.stems[field].cells(known.stems[field].most)}
    layout = known.layouts[field]
    return {field, layout.name} if layout.most else {field}


def _named(known: _Names, names: Sequence[str], name: object, column: object) -> UsedColumn:
    """The column that a mapping gives to a field."""
    field = known.field(name) if isinstance(name, str) else None
    if field is None:
        raise ArgumentError(
            f"data set {known.dataset.name} has no field {name!r}", place="columns", cure=f"It has {', '.join(_all(known))}."
        )
    if not isinstance(column, str) or (found := names.count(column)) != 1:
        fault = f"the table has {found} columns {column!r}" if isinstance(column, str) else f"the name of a column is {column!r}"
        raise ArgumentError(fault, place=f"columns {field}", cure="Name one column of the table.")
    return UsedColumn(names.index(column), column, field)


def _all(known: _Names) -> Iterator[str]:
    return (field.name for field in known.dataset.fields)


def _by_definition(known: _Names, names: Sequence[str], definition: RecordDefinition) -> list[UsedColumn]:
    """The columns with the titles of a record definition; if there is none, those at its positions."""
    fields = [field for field in definition.fields if field.name in known.places]
    titled = [field for field in fields if (field.title or field.name) in names]
    used = []
    for field in titled or fields:
        title = field.title or field.name
        number = names.index(title) if titled else field.position - 1
        if number >= len(names):
            raise ArgumentError(
                f"field {field.name} stands in column {field.position}, but the table has {len(names)}",
                place=definition.origin,
                cure="Give the table that the record definition describes.",
            )
        if titled and names.count(title) > 1:
            raise _twice(field.name, [title, title])
        used.append(UsedColumn(number, names[number], field.name, field.picture, field.extract))
    return used


def _check_fields(design: Design, known: _Names, used: Sequence[UsedColumn]) -> None:
    """Refuses fields that stand twice and required ones that are missing."""
    by_cell: dict[str, list[str]] = {}
    for column in used:
        cells = known.stems[column.field].cells(known.stems[column.field].most) if column.field in known.stems else [column.field]
        for cell in cells:
            by_cell.setdefault(cell, []).append(column.name)
    for cell, columns in by_cell.items():
        if len(columns) > 1:
            raise _twice(cell, columns)
    if missing := [name for name in required_fields(design, known.dataset.name) if name not in by_cell]:
        fields, are = ("fields", "are") if len(missing) > 1 else ("field", "is")
        raise ArgumentError(
            f"the required {fields} {', '.join(missing)} {are} missing",
            place="table",
            cure='Name the columns after the fields, or tell which column holds which: columns={"STARTAGE": "age_at_start"}.',
        )


def _twice(field: str, columns: Iterable[str]) -> ArgumentError:
    return ArgumentError(
        f"field {field} stands twice, in the columns {' and '.join(map(repr, columns))}",
        place="table",
        cure='Leave one of them out, or tell which holds it: columns={"STARTAGE": "age_at_start"}.',
    )


def _check_type(known: _Names, column: UsedColumn, found: Type) -> None:
    """Refuses a type that cells of a field cannot have."""
    form, list_form, written = found
    layout = known.layouts[column.field]
    is_list = list_form != ListForm.LIST_NONE
    if is_list != (column.field in known.stems) and form != Form.FORM_NULL:
        cure = (
            f"Give one cell a row, or name it {layout.name} to give lists."
            if is_list
            else f"Give a list a row, or name it {layout.row}."
        )
        if not layout.most:
            cure = "Give one cell a row."
        raise ArgumentError(f"column {column.name!r} has the type {written}", place=f"field {column.field}", cure=cure)
    if form == Form.FORM_OTHER or (form in _DAYS and layout.kind != DATE):
        cure = "Cast it to text" + (", or to dates without a time zone." if layout.kind == DATE else " or to numbers.")
        raise ArgumentError(f"column {column.name!r} has the type {written}", place=f"field {column.field}", cure=cure)


def _plan(known: _Names, used: Sequence[UsedColumn], types: Sequence[Type]) -> ColumnMap:
    places = [known.first_place(column.field) for column in used]
    plan = CellPlan(
        [kind for kind, _ in places],
        [place for _, place in places],
        [known.dataset.order.get(column.field, 0) for column in used],
        [column.picture.encode() for column in used],
        [column.extract.encode() for column in used],
    )
    lists = {
        place: (places[place][0], known.stems[column.field].most)
        for place, column in enumerate(used)
        if types[column.number][1] != ListForm.LIST_NONE
    }
    return ColumnMap(tuple(used), plan, lists)
