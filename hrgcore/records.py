"""Typed records of the single-case API: what they share, and episodes; the others stand in `hrgcore.attendances`.

In all of them what is left out (None) takes the design's neutral default, or is blank where it has none; an empty text is a
blank cell and fails where the field is required. Codes are text. Source of the layouts: HRG4+ user manuals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import ClassVar, Self

from hrgcore.design.fields import LAYOUTS, NUMBER, Field

Value = str | int | float | date | None
Date = date | str | None  # a date, or text YYYYMMDD


class Record:
    """A record of a data set. `attributes` names the attribute of each field."""

    __slots__ = ()
    dataset: ClassVar[str]
    attributes: ClassVar[Mapping[str, str]]

    def value(self, field: str) -> Value:
        """The value of a field that stands once, by its official name; None if left out, or if the class has no such field."""
        attribute = self.attributes.get(field)
        return getattr(self, attribute) if attribute else None

    def repeated(self, field: str) -> Sequence[str]:
        """The cells of a repeated field, by its stem."""
        cells: Sequence[str] = getattr(self, self.attributes[field])
        return cells

    def cell(self, field: str, position: int) -> str:
        """The text of a field by its official name; for a repeated one with the position, counted from 1."""
        if position:
            cells = self.repeated(field)
            return cells[position - 1] if position <= len(cells) else ""
        value = self.value(field)
        if isinstance(value, date):
            return value.strftime("%Y%m%d")
        return "" if value is None else str(value)

    @classmethod
    def from_cells(cls, cell: Callable[[str, int], str]) -> Self:
        """A record from cells of text: `cell` gives the text of a field by official name and position (0 for a single field).

        A number that is not written in digits becomes -1, which no field accepts.
        """
        found: dict[str, object] = {}
        for field in LAYOUTS[cls.dataset]:
            attribute = cls.attributes.get(field.name)
            if attribute:
                found[attribute] = _read(field, cell)
        return cls(**found)


def _read(field: Field, cell: Callable[[str, int], str]) -> object:
    if field.most:
        return _without_tail([cell(field.name, n) for n in range(1, field.most + 1)])
    text = cell(field.name, 0).strip()
    return _number(text) if field.kind == NUMBER else text


def _number(text: str) -> int | None:
    return None if not text else int(text) if text.isascii() and text.isdigit() else -1


def _without_tail(codes: list[str]) -> list[str]:
    """Blank cells after the last code are no cells."""
    while codes and not codes[-1].strip():
        codes.pop()
    return codes


@dataclass(slots=True)
class Episode(Record):
    """A finished consultant episode of admitted care, as the official record layout has it.

    Codes are text, with or without dots. What is left out (None) takes the design's neutral default, so that it neither fails nor
    steers; an empty text is a blank cell and fails where the field is required. Source of the layout: HRG4+ user manuals.

    Attributes:
        age: completed years at the start of the episode (STARTAGE).
        duration: days from start to end of the episode (EPIDUR).
        diagnoses: ICD-10 codes, the primary one first (DIAG_01 ...).
        procedures: OPCS-4 codes in order (OPER_01 ...).
        number: order of the episode in its spell (EPIORDER); its place in the list if left out.
        sex: SEX.
        patient_classification: CLASSPAT.
        admission_source: ADMISORC.
        admission_method: ADMIMETH.
        discharge_destination: DISDEST.
        discharge_method: DISMETH.
        main_specialty: MAINSPEF.
        neonatal_care: NEOCARE.
        treatment_function: TRETSPEF.
        critical_care_days: days of the episode in critical care (CRITICALCAREDAYS).
        rehabilitation_days: days of rehabilitation (REHABILITATIONDAYS).
        palliative_care_days: days of specialist palliative care (SPCDAYS).
    """

    age: int | None = None
    duration: int | None = None
    diagnoses: Sequence[str] = ()
    procedures: Sequence[str] = ()
    number: int | None = None
    sex: str | None = None
    patient_classification: str | None = None
    admission_source: str | None = None
    admission_method: str | None = None
    discharge_destination: str | None = None
    discharge_method: str | None = None
    main_specialty: str | None = None
    neonatal_care: str | None = None
    treatment_function: str | None = None
    critical_care_days: int | None = None
    rehabilitation_days: int | None = None
    palliative_care_days: int | None = None

    dataset: ClassVar[str] = "APC"
    attributes: ClassVar[Mapping[str, str]] = {
        "EPIORDER": "number",
        "STARTAGE": "age",
        "SEX": "sex",
        "CLASSPAT": "patient_classification",
        "ADMISORC": "admission_source",
        "ADMIMETH": "admission_method",
        "DISDEST": "discharge_destination",
        "DISMETH": "discharge_method",
        "EPIDUR": "duration",
        "MAINSPEF": "main_specialty",
        "NEOCARE": "neonatal_care",
        "TRETSPEF": "treatment_function",
        "DIAG": "diagnoses",
        "OPER": "procedures",
        "CRITICALCAREDAYS": "critical_care_days",
        "REHABILITATIONDAYS": "rehabilitation_days",
        "SPCDAYS": "palliative_care_days",
    }


_CLASSES = {
    "NAC": "Attendance",
    "EM": "EmergencyAttendance",
    "NRD": "DialysisSession",
    "ACC": "CriticalCarePeriod",
    "PCC": "PaediatricDay",
    "NCC": "NeonatalDay",
}


def record_class(dataset: str) -> type[Record]:
    """The class of the records of a data set, imported when first asked for."""
    if dataset == Episode.dataset:
        return Episode
    found: type[Record] = getattr(import_module("hrgcore.attendances"), _CLASSES[dataset])
    return found
