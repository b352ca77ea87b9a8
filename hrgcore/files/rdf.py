"""Record definition files: which column of an input file holds which field, and how its cells are cut.

One line a field, of seven parts: internal name, title, position (from 1), three parts of which one may be the picture, and the
extract characters. The first line is a keyword. Source: the files shipped with the official program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore._core.csvfile import CellPlan
from hrgcore._core.typedefs import CellKind
from hrgcore.datasets import required_fields
from hrgcore.datasets.dataset import DataSet
from hrgcore.design.fields import LAYOUTS, cell_places
from hrgcore.errors import RecordDefinitionError

if TYPE_CHECKING:
    from hrgcore.design import Design

KEYWORD = "COMMA DELIMITED"
PARTS = 7
MOST_COLUMNS = 10_000
_POSITION = re.compile("[0-9]{1,9}")
_PICTURE_LETTERS = frozenset("A.")
# The official names of all fields by their names in capitals.
_OFFICIAL = {name.upper(): name for dataset in LAYOUTS for name in cell_places(dataset)}


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """One field of a record definition: name, title, position from 1, picture and extract (empty = none)."""

    name: str
    title: str
    position: int
    picture: str = ""
    extract: str = ""


@dataclass(frozen=True, slots=True)
class RecordDefinition:
    """The fields of an input file, and where the definition comes from (for messages and the summary)."""

    fields: tuple[FieldColumn, ...]
    origin: str

    @property
    def names(self) -> set[str]:
        """The names of its fields."""
        return {field.name for field in self.fields}

    def check(self, design: Design, dataset: DataSet) -> None:
        """Refuses a definition that lacks a required field of a data set.

        Raises:
            RecordDefinitionError: naming the fields.
        """
        if missing := [name for name in required_fields(design, dataset.name) if name not in self.names]:
            fields, are = ("fields", "are") if len(missing) > 1 else ("field", "is")
            raise RecordDefinitionError(
                f"the required {fields} {', '.join(missing)} {are} missing",
                place=self.origin,
                cure="Add a line for each.",
            )

    def plan(self, dataset: DataSet) -> CellPlan:
        """The plan by which lines of a data set are read."""
        cells = cell_places(dataset.name)
        used = [field for field in self.fields if field.name in cells]
        columns = max((field.position for field in used), default=0)
        kinds, places, parts = [int(CellKind.CELL_UNUSED)] * columns, [0] * columns, [0] * columns
        pictures, extracts = [b""] * columns, [b""] * columns
        for field in used:
            at = field.position - 1
            kinds[at], places[at] = cells[field.name]
            parts[at] = dataset.order.get(field.name, 0)
            pictures[at], extracts[at] = field.picture.encode(), field.extract.encode()
        return CellPlan(kinds, places, parts, pictures, extracts)

    def titles(self, columns: int) -> list[str]:
        """Titles of so many columns; one that the definition does not name has a made-up title."""
        by_position = {field.position: field.title or field.name for field in self.fields}
        return [by_position.get(number, f"Column{number}") for number in range(1, columns + 1)]


def names_fields(cells: Iterable[str]) -> bool:
    """Whether some cells are those of a header line: one of them is the name of a field."""
    return any(is_field(cell.strip()) for cell in cells)


def is_field(name: str) -> bool:
    """Whether any data set has a field of this name, in any case."""
    return name.upper() in _OFFICIAL


def default_definition(dataset: DataSet) -> RecordDefinition:
    """The layout of the default record definition of a data set."""
    names = [name for field in dataset.fields for name in field.cells()]
    return RecordDefinition(tuple(FieldColumn(name, name, number) for number, name in enumerate(names, 1)), "default layout")


def definition_text(definition: RecordDefinition) -> str:
    """A record definition as a file has it."""
    lines = [f"{field.name},{field.title},{field.position},{field.picture},,,{field.extract}" for field in definition.fields]
    return "\r\n".join([KEYWORD, *lines]) + "\r\n"


def definition_of_header(header: Sequence[str], origin: str) -> RecordDefinition:
    """The definition that a header line of official field names amounts to.

    Raises:
        RecordDefinitionError: a field stands twice.
    """
    names = [official(name) for name in header]
    columns = [FieldColumn(name, title, number) for number, (name, title) in enumerate(zip(names, header, strict=True), 1)]
    return _checked(((0, column) for column in columns if is_field(column.name)), origin)


def read_definition(path: Path) -> RecordDefinition:
    """Reads a record definition file (CRLF or LF, with or without a newline at its end).

    Raises:
        RecordDefinitionError: it cannot be read or is wrong; names the line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RecordDefinitionError(
            f"cannot be read: {error.strerror}", place=str(path), cure="Check its name and rights."
        ) from None
    except UnicodeDecodeError:
        raise RecordDefinitionError("is not plain text", place=str(path), cure="Save it as plain text.") from None
    lines = text.splitlines()
    if not lines or lines[0].strip() != KEYWORD:
        raise RecordDefinitionError(f"the first line is not {KEYWORD}", place=f"{path} line 1", cure="Make it the first line.")
    return _checked(
        ((number, _field(line, f"{path} line {number}")) for number, line in enumerate(lines[1:], 2) if line.strip()), str(path)
    )


def _field(line: str, place: str) -> FieldColumn:
    parts = line.split(",")
    if len(parts) != PARTS:
        raise RecordDefinitionError(
            f"{len(parts)} parts where a field has {PARTS}", place=place, cure="Separate seven parts by commas."
        )
    name, title, position, *pictures, extract = parts
    if not (_POSITION.fullmatch(position.strip()) and 1 <= int(position) <= MOST_COLUMNS):
        raise RecordDefinitionError(
            f"{position!r} is not a column position from 1 to {MOST_COLUMNS}",
            place=place,
            cure="Put the number of the field's column in part 3.",
        )
    given = [picture for picture in (part.strip() for part in pictures) if picture]
    if len(given) > 1 or any(set(picture) - _PICTURE_LETTERS for picture in given):
        raise RecordDefinitionError(
            f"{' '.join(given)!r} is not a picture",
            place=place,
            cure="A picture is made of A (keep) and . (drop), in one of parts 4 to 6.",
        )
    return FieldColumn(official(name), title.strip(), int(position), given[0] if given else "", extract)


def official(name: str) -> str:
    """The official spelling of a field's name; another name as it stands."""
    return _OFFICIAL.get(name.strip().upper(), name.strip())


def _checked(fields: Iterable[tuple[int, FieldColumn]], origin: str) -> RecordDefinition:
    names: set[str] = set()
    positions: dict[int, str] = {}
    found = []
    for line, field in fields:
        place = f"{origin} line {line}" if line else origin
        if field.name in names:
            raise RecordDefinitionError(f"field {field.name} stands twice", place=place, cure="Keep one of the two.")
        if field.position in positions:
            raise RecordDefinitionError(
                f"column {field.position} is named twice, for {positions[field.position]} and for {field.name}",
                place=place,
                cure="Give each field a column of its own.",
            )
        names.add(field.name)
        positions[field.position] = field.name
        found.append(field)
    return RecordDefinition(tuple(found), origin)
