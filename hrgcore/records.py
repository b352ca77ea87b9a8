"""Typed records of the single-case API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Episode:
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

    def cell(self, field: str, position: int) -> str:
        """The text of a field by its official name; for DIAG and OPER with the position, counted from 1."""
        if field in _REPEATED:
            cells = getattr(self, _REPEATED[field])
            return cells[position - 1] if 0 < position <= len(cells) else ""
        value = getattr(self, ATTRIBUTES.get(field, ""), None)
        return "" if value is None else str(value)

    @classmethod
    def from_cells(cls, cell: Callable[[str, int], str]) -> Episode:
        """An episode from cells of text: `cell` gives the text of a field by official name and position (0 for a single field).

        A number that is not written in digits becomes -1, which no field accepts.
        """
        repeated = {name: [cell(field, n) for n in range(1, MOST_CELLS + 1)] for field, name in _REPEATED.items()}
        single = {name: cell(field, 0).strip() for field, name in ATTRIBUTES.items()}
        numbers = {name: _number(single.pop(name)) for name in NUMBER_ATTRIBUTES}
        return cls(**{name: _without_tail(codes) for name, codes in repeated.items()}, **single, **numbers)  # type: ignore[arg-type]


def _number(text: str) -> int | None:
    return None if not text else int(text) if text.isascii() and text.isdigit() else -1


def _without_tail(codes: list[str]) -> list[str]:
    """Blank cells after the last code are no cells."""
    while codes and not codes[-1].strip():
        codes.pop()
    return codes


MOST_CELLS = 99
CODE_ATTRIBUTES = ("diagnoses", "procedures")
NUMBER_ATTRIBUTES = ("number", "age", "duration", "critical_care_days", "rehabilitation_days", "palliative_care_days")
_REPEATED = {"DIAG": "diagnoses", "OPER": "procedures"}
ATTRIBUTES = {  # of the fields that stand once in a record, by official name
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
    "CRITICALCAREDAYS": "critical_care_days",
    "REHABILITATIONDAYS": "rehabilitation_days",
    "SPCDAYS": "palliative_care_days",
}
