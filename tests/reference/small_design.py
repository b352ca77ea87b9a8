"""A small hand-made design in which every rule of the grouping logic has a row: admitted care, and what all data sets share."""

from pathlib import Path

from .small_records import RECORD_TABLES

MANIFEST = """
name = "test"
[grouping]
invalid_hrg = "UZ01Z"
unknown_primary = "UZ01"
no_procedure = "UZ05"
vague_procedure = "UZ06"
child_age_max = 18
age_rise = 1
episode_numbers_refused = [98, 99]
attendance_list = "markers"
"""

TABLES = {
    "icd10": "code\nA000\nA001\nA01X\nB000\nB001\nB002\nC000\nD000\nD001\nT000\nZ000",
    "opcs4": "code\nM011\nM012\nH011\nI011\nV011\nY011\nN011\nU011\nU012\nU013\nX011"
    "\nU014\nU015\nU016\nU017\nW011\nW012\nY012\nZ011\nZ012\nZ013",
    "hrg": "hrg,label,kind,grade\nLH01Z,dialysis,helper,authored\nRD04Z,imaging,helper,authored\nLE01Z,dialysis,unbundled,label",
    "diagnosis": """codes,root,child_root,rank,grade,child_grade
A00,AA01,PA01,2,official,label
A01X,AA02,,5,official,
C000,AA01,,2,official,
T000,AA03,,2,official,
D000,UZ03,PA01,3,official,label
Z000,UZ01,,1,official,
B00,AA01,,1,official,""",
    "procedure_a": """codes,role,rank,root,grade
H011,drives,9,PR01,label
M011,drives,2,PR02,authored
M012,drives,2,PR03,authored
V011,vague,5,,authored
I011,intervention,,,authored
Y011,modifier,,,authored
X011,barred,,,authored""",
    "procedure_b": "codes,role,rank,root,grade\nU013,unbundled,,,authored\nY012,modifier,,,authored\nZ01,site,,,authored\n"
    "W012,unbundled,,,authored\nU011,intervention,,,authored",
    "dominance": "stay,min_rank,grade\n0-1,2,probed\n2+,3,probed",
    "split": """root,hrg,age,stay,interventions,cc,when,grade
AA01,AA01A,,,2+,,,label
AA01,AA01B,,,0-1,3+,,label
AA01,AA01C,,,0-1,0-2,,label
AA02,AA02Z,,,,,,label
AA03,AA03B,,,,,,label
AA03,AA03A,,0-1,,,DISDEST in home,label
AA05,AA05Z,,,,,,label
PA01,PA01Z,,,,,,label
PR01,PR01A,19+,,,,,label
PR01,PR01B,0-18,,,,,label
PR02,PR02Z,,,,,,label
PR03,PR03Z,,,,,,label
PR04,PR04Z,,,,,,label
PR05,PR05Z,,,,,,label
RT01,RT01Z,,,,,,label
XD01,XD01Z,,,,,,label
VC04,VC04Z,,,,,,label
RD01,RD01A,19+,,,,,label
RD01,RD01B,0-18,,,,,label
RD02,RD02B,,,,,,label
RD02,RD02A,,,,,with parts 1,label
RD03,RD03Z,,,,,,label
LE01,LE01Z,,,,,,label""",
    "rule": """stage,from,when,to,method,grade
check,,diagnosis in burn and not diagnosis in extent,UZ15,,label
route,,TRETSPEF in pain,RT01,G,authored
route,,NEOCARE in special,RT01,P,label
procedure,PR09 PR02,secondary in burnlike,PR04,,authored
procedure,PR04,count many 2+,PR05,,authored
procedure,PR05,age 0-1,PR04,,authored
diagnosis,AA02,stay 5,AA02,,authored
diagnosis,AA02,interventions 1+,AA05,,authored
diagnosis,AA05,DISMETH in ended,AA03,,authored
unbundled,RD01,with contrast 1+,RD02,,authored
unbundled,RD01,TRETSPEF in pain,RD03,,authored
unbundled,RD02,with parts 2 and stay 0,RD03,,authored
unbundled,RD02,with parts 3+,RD04,,authored
unbundled,RD03,procedure in many or unbundled in second,RD01,,authored
unbundled,LH01,diagnosis in extent,LE01,,authored""",
    "list": """list,kind,codes,grade
burn,diagnosis,D001,authored
extent,diagnosis,T000,authored
burnlike,diagnosis,C000,authored
many,procedure,M011 U013,authored
contrast,procedure,Y012,authored
parts,procedure,Z01 Y011,authored
second,procedure,U017,authored
special,NEOCARE,1,authored
ended,DISMETH,1,authored
pain,TRETSPEF,191,probed
home,DISDEST,19,probed""",
    "cc": """codes,subchapters,points,grade
B000,AA,2,probed
B001,AA,1,probed
B002,AA PA,3,authored
A001,AA,9,probed
A01X,AA,1,probed
C000,AA,0,probed""",
    "cc_exclusion": "primary,secondary,grade\nC000,B000-B001,authored",
    "cc_family": "family,level,codes,grade",
    "score": "score,codes,kind,points,grade\nsum,A000,diagnosis,2,authored\nsum,M01,procedure,3,authored",
    "unbundled": "codes,root,multiplier,grade\nU011,XD01,,label\nU012,VC04,rehabilitation,label\nU014 U017,RD01,palliative,label"
    "\nU015,LH01,,label\nU016,UZ05,,label",
    "field": """dataset,field,required,kind,accepted,default,grade
EM,NOTHING,yes,text,,,probed
APC,ADMIMETH,yes,values,11 21,,probed
APC,ADMISORC,yes,values,19 51,,probed
APC,CLASSPAT,yes,values,1 2,,probed
APC,CRITICALCAREDAYS,no,number,0-99999,0,probed
APC,DIAG_01,yes,diagnosis,,,probed
APC,DIAG_02,no,diagnosis,,,probed
APC,DISDEST,yes,values,19 98,,probed
APC PCC NCC,DISMETH,yes,values,1 8,,probed
APC,EPIDUR,yes,number,0-99999,,probed
APC,EPIORDER,yes,number,0+,,probed
APC,NEOCARE,no,values,0 1,,probed
APC NAC,OPER_01,no,procedure,,,probed
APC,PROCODET,yes,text,,,probed
APC,PROVSPNO,yes,text,,,probed
APC,REHABILITATIONDAYS,no,number,0-99999,0,probed
APC,SPCDAYS,no,number,0-99999,0,probed
APC NAC,SEX,yes,values,1 2 X,,probed
APC NAC,STARTAGE,yes,number,0-130 999,,probed
APC NAC,TRETSPEF,yes,values,100 191,,probed""",
    "message": """key,category,text,grade
UZ01,UZ01,bad primary,probed
UZ03,UZ03,age conflict,probed
UZ05,UZ05,no procedure,probed
UZ06,UZ06,vague procedure,probed
UZ11,UZ11,not for babies,label
UZ13,UZ13,not for adults,label
UZ14,UZ14,kidney,label
UZ15,UZ15,burn,probed
UZ21,UZ21,wrong activity,label
""" + "".join(
        f"{key},,{key},authored\n"
        for key in ("field_blank", "field_invalid", "episode_number", "primary_blank", "diagnosis_invalid",
                    "procedure_invalid", "spell_sex", "spell_classpat", "spell_admisorc", "spell_admimeth",
                    "spell_age", "duplicate_episode", "no_split", "investigation_invalid", "treatment_invalid",
                    "activity_invalid")
    ),
}  # fmt: skip

BASE = {
    "PROCODET": "RXX", "PROVSPNO": "7", "EPIORDER": "1", "STARTAGE": "40", "SEX": "1", "CLASSPAT": "1",
    "ADMISORC": "19", "ADMIMETH": "21", "DISDEST": "98", "DISMETH": "8", "EPIDUR": "5", "TRETSPEF": "100",
    "DIAG_01": "A000",
}  # fmt: skip


def episode(**changes: str) -> dict[str, str]:
    return {**BASE, **changes}


def write_design(folder: Path, **changed: str) -> Path:
    (folder / "tables").mkdir()
    (folder / "design.toml").write_text(MANIFEST)
    for name, text in {**TABLES, **RECORD_TABLES, **changed}.items():
        (folder / "tables" / f"{name}.csv").write_text(text.rstrip("\n") + "\n")
    return folder
