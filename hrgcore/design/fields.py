"""The fields of each data set, in official order. What a field accepts stands in table `field` of a design.

Source: user manuals of the official program; the numbers of usual cells are those of its default record definition for admitted
care, and ours for the others.
"""

from __future__ import annotations

from typing import NamedTuple

from hrgcore._core.typedefs import FIELD_CELLS, CellKind, NumberKind

TEXT, NUMBER, DATE, WEIGHT, VALUES, DIAGNOSIS, PROCEDURE = "text", "number", "date", "weight", "values", "diagnosis", "procedure"
EXACT = "exact"  # listed values with significant leading zeros: a design may say so of a field of kind VALUES
NUMBER_KINDS = {NUMBER: NumberKind.KIND_NUMBER, DATE: NumberKind.KIND_DATE, WEIGHT: NumberKind.KIND_WEIGHT}
MOST_CELLS = 99


class Field(NamedTuple):
    """A field of a record.

    A repeated one (`most` above 0) stands in cells `NAME_01` to `NAME_<most>`, of which `usual` are in the default layout.
    """

    name: str
    kind: str
    most: int = 0
    usual: int = 0

    @property
    def row(self) -> str:
        """Its name in table `field`."""
        return f"{self.name}_01" if self.most else self.name

    def cell_names(self) -> list[str]:
        """The name of each cell by its number in a field code, of which there are FIELD_CELLS a field."""
        return [f"{self.name}_{n:02d}" if n else self.name for n in range(FIELD_CELLS)]

    def cells(self, number: int | None = None) -> list[str]:
        """The names of so many of its cells, by default of those of the default layout."""
        return [f"{self.name}_{n:02d}" for n in range(1, (number or self.usual) + 1)] if self.most else [self.name]


def _fields(kind: str, names: str) -> tuple[Field, ...]:
    return tuple(Field(name, kind) for name in names.split())


def _codes(name: str, kind: str, usual: int, most: int = MOST_CELLS) -> tuple[Field]:
    return (Field(name, kind, most, usual),)


_PERIOD = (*_fields(TEXT, "PROCODET CCLocalID"), *_fields(DATE, "CCDate DISDATE"))

LAYOUTS: dict[str, tuple[Field, ...]] = {
    "APC": (
        *_fields(TEXT, "PROCODET PROVSPNO"),
        *_fields(NUMBER, "EPIORDER STARTAGE"),
        *_fields(VALUES, "SEX CLASSPAT ADMISORC ADMIMETH DISDEST DISMETH"),
        *_fields(NUMBER, "EPIDUR"),
        *_fields(VALUES, "MAINSPEF NEOCARE TRETSPEF"),
        *_codes("DIAG", DIAGNOSIS, 14),
        *_codes("OPER", PROCEDURE, 12),
        *_fields(NUMBER, "CRITICALCAREDAYS REHABILITATIONDAYS SPCDAYS"),
    ),
    "NAC": (
        *_fields(NUMBER, "STARTAGE"),
        *_fields(VALUES, "SEX MAINSPEF TRETSPEF FIRSTATT"),
        *_codes("OPER", PROCEDURE, 12),
    ),
    "EM": (
        *_fields(NUMBER, "AGE"),
        *_fields(VALUES, "AEPATIENTGROUP"),
        *_codes("INV", VALUES, 12),
        *_codes("TREAT", VALUES, 12),
    ),
    "NRD": (*_fields(VALUES, "RENALMOD RENALSITE RENALACCESS HBV HCV HIV"), *_fields(NUMBER, "AGE")),
    "ACC": (
        *_fields(VALUES, "CCUF"),
        *_fields(NUMBER, "BCSD ACSD BRSD ARSD RSD NSD DSD LSD CCL2D CCL3D"),
        *_fields(DATE, "CC_Start_Date CC_Discharge_Date"),
    ),
    "PCC": (
        *_PERIOD,
        *_fields(VALUES, "DISMETH CCUF"),
        *_codes("CCAC", VALUES, 20, 20),
        *_codes("OPER", PROCEDURE, 20, 20),
        *_codes("DIAG", DIAGNOSIS, 14),
    ),
    "NCC": (
        *_PERIOD,
        *_fields(VALUES, "CCUF"),
        *_fields(NUMBER, "AGE_DAYS"),
        *_fields(VALUES, "DISMETH"),
        *_fields(NUMBER, "GestLen"),
        *_fields(WEIGHT, "PERWT"),
        *_codes("CCAC", VALUES, 20, 20),
    ),
}


def _places(numbers: bool, repeated: bool) -> tuple[str, ...]:
    """Names of fields in the order of the layouts, each once: their places for conditions and kernels."""
    kinds = tuple(NUMBER_KINDS) if numbers else (VALUES,)
    fields = (field for layout in LAYOUTS.values() for field in layout)
    return tuple(dict.fromkeys(field.name for field in fields if field.kind in kinds and bool(field.most) == repeated))


# By place.
LISTED_FIELDS = _places(numbers=False, repeated=False)
NUMBER_FIELDS = _places(numbers=True, repeated=False)
REPEATED_FIELDS = _places(numbers=False, repeated=True)
AGE_FIELDS = ("STARTAGE", "AGE")  # conditions call them `age`


def cell_places(dataset: str) -> dict[str, tuple[int, int]]:
    """Kind of cell and place of each cell of a data set's records, by official name: what an encoder has to know."""
    found: dict[str, tuple[int, int]] = {}
    values = numbers = items = 0
    for number, field in enumerate(LAYOUTS[dataset]):
        if field.kind in (DIAGNOSIS, PROCEDURE):
            kind = CellKind.CELL_DIAGNOSIS if field.kind == DIAGNOSIS else CellKind.CELL_PROCEDURE
            found |= {name: (int(kind), n) for n, name in enumerate(field.cells(field.most), 1)}
        elif field.most:
            found |= {
                name: (int(CellKind.CELL_ITEM), items * FIELD_CELLS + n) for n, name in enumerate(field.cells(field.most), 1)
            }
            items += 1
        elif field.kind == VALUES:
            found[field.name] = int(CellKind.CELL_VALUE), values
            values += 1
        elif field.kind == TEXT:
            found[field.name] = int(CellKind.CELL_TEXT), number
        else:
            found[field.name] = int(CellKind.CELL_NUMBER), numbers
            numbers += 1
    return found
