"""Typed records of the data sets other than admitted care: see `hrgcore.records`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from hrgcore.records import Date, Record


@dataclass(slots=True)
class Attendance(Record):
    """An outpatient or ward attendance (NAC).

    Attributes:
        age: completed years at the appointment (STARTAGE).
        first_attendance: FIRSTATT: 1 first face-to-face, 2 follow-up face-to-face, 3 first and 4 follow-up not face-to-face.
        procedures: OPCS-4 codes in order (OPER_01 ...).
        sex: SEX.
        main_specialty: MAINSPEF.
        treatment_function: TRETSPEF.
    """

    age: int | None = None
    first_attendance: str | None = None
    procedures: Sequence[str] = ()
    sex: str | None = None
    main_specialty: str | None = None
    treatment_function: str | None = None

    dataset: ClassVar[str] = "NAC"
    attributes: ClassVar[Mapping[str, str]] = {
        "STARTAGE": "age",
        "SEX": "sex",
        "MAINSPEF": "main_specialty",
        "TRETSPEF": "treatment_function",
        "FIRSTATT": "first_attendance",
        "OPER": "procedures",
    }


@dataclass(slots=True)
class EmergencyAttendance(Record):
    """An attendance in emergency medicine (EM).

    Attributes:
        age: completed years at arrival (AGE); checked, but without a part in grouping.
        investigations: A&E investigations, two digits each (INV_01 ...).
        treatments: A&E treatments, two digits and for some a third (TREAT_01 ...).
        patient_group: A&E patient group (AEPATIENTGROUP); 70 is dead on arrival.
    """

    age: int | None = None
    investigations: Sequence[str] = ()
    treatments: Sequence[str] = ()
    patient_group: str | None = None

    dataset: ClassVar[str] = "EM"
    attributes: ClassVar[Mapping[str, str]] = {
        "AGE": "age",
        "AEPATIENTGROUP": "patient_group",
        "INV": "investigations",
        "TREAT": "treatments",
    }


@dataclass(slots=True)
class DialysisSession(Record):
    """A session of haemodialysis, or a day of peritoneal dialysis (NRD).

    Attributes:
        age: completed years on the day (AGE).
        modality: renal treatment modality (RENALMOD).
        site: place of the supervision (RENALSITE).
        access: type of access (RENALACCESS).
        hepatitis_b, hepatitis_c, hiv: NEG, POS or UNK (HBV, HCV, HIV).
    """

    age: int | None = None
    modality: str | None = None
    site: str | None = None
    access: str | None = None
    hepatitis_b: str | None = None
    hepatitis_c: str | None = None
    hiv: str | None = None

    dataset: ClassVar[str] = "NRD"
    attributes: ClassVar[Mapping[str, str]] = {
        "RENALMOD": "modality",
        "RENALSITE": "site",
        "RENALACCESS": "access",
        "HBV": "hepatitis_b",
        "HCV": "hepatitis_c",
        "HIV": "hiv",
        "AGE": "age",
    }


@dataclass(slots=True)
class CriticalCarePeriod(Record):
    """A period of adult critical care (ACC). All but the unit and the dates are days.

    Attributes:
        unit: critical care unit function (CCUF).
        basic_cardiovascular, advanced_cardiovascular, basic_respiratory, advanced_respiratory, renal, neurological,
            dermatological, liver: days of support (BCSD, ACSD, BRSD, ARSD, RSD, NSD, DSD, LSD).
        level_2, level_3: days of these levels (CCL2D, CCL3D).
        start, discharge: dates (CC_Start_Date, CC_Discharge_Date).
    """

    unit: str | None = None
    basic_cardiovascular: int | None = None
    advanced_cardiovascular: int | None = None
    basic_respiratory: int | None = None
    advanced_respiratory: int | None = None
    renal: int | None = None
    neurological: int | None = None
    dermatological: int | None = None
    liver: int | None = None
    level_2: int | None = None
    level_3: int | None = None
    start: Date = None
    discharge: Date = None

    dataset: ClassVar[str] = "ACC"
    attributes: ClassVar[Mapping[str, str]] = {
        "CCUF": "unit",
        "BCSD": "basic_cardiovascular",
        "ACSD": "advanced_cardiovascular",
        "BRSD": "basic_respiratory",
        "ARSD": "advanced_respiratory",
        "RSD": "renal",
        "NSD": "neurological",
        "DSD": "dermatological",
        "LSD": "liver",
        "CCL2D": "level_2",
        "CCL3D": "level_3",
        "CC_Start_Date": "start",
        "CC_Discharge_Date": "discharge",
    }


@dataclass(slots=True)
class PaediatricDay(Record):
    """A day of paediatric critical care (PCC).

    Attributes:
        unit: critical care unit function (CCUF).
        day, discharge: the day (CCDate) and the date of discharge (DISDATE).
        activities: critical care activity codes (CCAC_01 ...).
        diagnoses: ICD-10 codes, the primary one first (DIAG_01 ...).
        procedures: OPCS-4 codes (OPER_01 ...).
        discharge_method: DISMETH.
    """

    unit: str | None = None
    day: Date = None
    discharge: Date = None
    activities: Sequence[str] = ()
    diagnoses: Sequence[str] = ()
    procedures: Sequence[str] = ()
    discharge_method: str | None = None

    dataset: ClassVar[str] = "PCC"
    attributes: ClassVar[Mapping[str, str]] = {
        "CCDate": "day",
        "DISDATE": "discharge",
        "DISMETH": "discharge_method",
        "CCUF": "unit",
        "CCAC": "activities",
        "OPER": "procedures",
        "DIAG": "diagnoses",
    }


@dataclass(slots=True)
class NeonatalDay(Record):
    """A day of neonatal critical care (NCC).

    Attributes:
        unit: critical care unit function (CCUF).
        day, discharge: the day (CCDate) and the date of discharge (DISDATE).
        age_days: completed days on that day (AGE_DAYS).
        gestation: length of gestation at birth in weeks (GestLen).
        weight: weight in kilograms (PERWT), a number or text with at most three decimals.
        activities: critical care activity codes (CCAC_01 ...).
        discharge_method: DISMETH.
    """

    unit: str | None = None
    day: Date = None
    discharge: Date = None
    age_days: int | None = None
    gestation: int | None = None
    weight: float | str | None = None
    activities: Sequence[str] = ()
    discharge_method: str | None = None

    dataset: ClassVar[str] = "NCC"
    attributes: ClassVar[Mapping[str, str]] = {
        "CCDate": "day",
        "DISDATE": "discharge",
        "CCUF": "unit",
        "AGE_DAYS": "age_days",
        "DISMETH": "discharge_method",
        "GestLen": "gestation",
        "PERWT": "weight",
        "CCAC": "activities",
    }
