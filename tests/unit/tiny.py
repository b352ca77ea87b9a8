"""A tiny design without faults, to be changed by tests: invented roots, a handful of codes, every table."""

from __future__ import annotations

from pathlib import Path

MANIFEST = """
name = "{name}"
label = "Tiny design for tests"
financial_year = "2000/01"
edition = "costing"
version = "1.0"
icd10 = "ICD-10"
opcs4 = "OPCS-4"
core = ">=0.1"
base = "{base}"
{grouping}
{sources}
"""
GROUPING = """
[grouping]
invalid_hrg = "UZ01Z"
unknown_primary = "UZ01"
no_procedure = "UZ05"
vague_procedure = "UZ06"
child_age_max = 18
age_rise = 1
episode_numbers_refused = [98, 99]
"""
MESSAGES = {
    "field_blank": "Mandatory field is blank", "field_invalid": "Value is invalid", "episode_number": "Episode number refused",
    "primary_blank": "Primary Diagnosis is blank", "diagnosis_invalid": "Diagnosis is invalid",
    "procedure_invalid": "Procedure is invalid", "spell_sex": "Sex is inconsistent in spell",
    "spell_classpat": "Patient classification is inconsistent in spell", "spell_admisorc": "Source is inconsistent in spell",
    "spell_admimeth": "Method is inconsistent in spell", "spell_age": "Age rises by more than expected in the spell",
    "duplicate_episode": "Episode number is repeated in spell", "no_split": "No HRG of the root fits the record",
}  # fmt: skip
CATEGORIES = {"UZ01": "bad primary", "UZ03": "age conflict", "UZ05": "no procedure", "UZ06": "vague procedure"}

TABLES = {
    "icd10": "code\nA000\nA001\nA01X\nB000\nB001\nB002\nC000\nZ000\n",
    "opcs4": "code\nM011\nM012\nP011\nU011\nU012\nU013\nV011\nY011\n",
    "hrg": """hrg,label,kind,grade
AA01A,"Ailment, with CC Score 3+",core,label
AA01B,"Ailment, with CC Score 0-2",core,label
AA02Z,Complaint,core,label
AA03Z,Disease,core,label
PR01A,"Repair, 19 years and over",core,label
PR01B,"Repair, 18 years and under",core,label
PR02Z,Major Repair,core,label
UZ01Z,Data Invalid for Grouping,other,label
VC04Z,Rehabilitation,unbundled,label
XD01Z,Scan,unbundled,label
""",
    "split": """root,hrg,age,stay,interventions,cc,when,grade
AA01,AA01A,,,,3+,,label
AA01,AA01B,,,,0-2,,label
AA02,AA02Z,,,,,,label
AA03,AA03Z,,,,,,label
PR01,PR01A,19+,,,,,label
PR01,PR01B,0-18,,,,,label
PR02,PR02Z,,,,,,label
VC04,VC04Z,,,,,,label
XD01,XD01Z,,,,,,label
""",
    "diagnosis": """codes,root,child_root,rank,grade,child_grade
A00,AA01,,2,label,
A01 B00 C000,AA02,,1,label,
Z000,UZ01,,1,label,
""",
    "procedure": """codes,role,rank,root,grade
M01,drives,5,PR01,authored
P011,intervention,,,authored
U01,unbundled,,,authored
V011,vague,6,,authored
Y011,modifier,,,authored
""",
    "dominance": "stay,min_rank,grade\n0-1,1,authored\n2+,2,authored\n",
    "rule": """stage,from,when,to,method,grade
check,,diagnosis in sorted,UZ03,,authored
route,,TRETSPEF in pain,AA03,G,authored
procedure,PR01,procedure in big and stay 3+,PR02,,authored
diagnosis,AA02,score sum 2+,AA03,,authored
""",
    "list": "list,kind,codes,grade\nsorted,diagnosis,B002,authored\nbig,procedure,M012,authored\npain,TRETSPEF,191,authored\n",
    "cc": "codes,subchapters,points,grade\nB000,AA,3,probed\nB001,AA PR,1,probed\n",
    "cc_exclusion": "primary,secondary,grade\nA001,B000,authored\n",
    "cc_family": "family,level,codes,grade\nmild,general,B001,authored\nmild,specific,B000,authored\n",
    "score": "score,codes,kind,points,grade\nsum,C000,diagnosis,2,authored\n",
    "unbundled": "codes,root,multiplier,grade\nU011,XD01,,label\nU012,VC04,rehabilitation,label\nU013,VC04,palliative,label\n",
    "field": """dataset,field,required,kind,accepted,default,grade
APC,PROCODET,yes,text,,,probed
APC,PROVSPNO,yes,text,,,probed
APC,EPIORDER,yes,number,1+,,probed
APC,STARTAGE,yes,number,0-130 999,,probed
APC,SEX,yes,values,1 2 9,9,probed
APC,CLASSPAT,yes,values,1 2,1,probed
APC,ADMISORC,yes,values,19 51,19,probed
APC,ADMIMETH,yes,values,11 21,11,probed
APC,DISDEST,yes,values,19 98,19,probed
APC,DISMETH,yes,values,1 8,1,probed
APC,EPIDUR,yes,number,0-99999,,probed
APC,MAINSPEF,yes,values,100,100,probed
APC,NEOCARE,no,values,0 1,,probed
APC,TRETSPEF,yes,values,100 191,100,probed
APC,DIAG_01,yes,diagnosis,,,probed
APC,DIAG_02,no,diagnosis,,,probed
APC,OPER_01,no,procedure,,,probed
APC,CRITICALCAREDAYS,no,number,0-99999,0,probed
APC,REHABILITATIONDAYS,no,number,0-99999,0,probed
APC,SPCDAYS,no,number,0-99999,0,probed
""",
    "chapter": "chapter,label,grade\nA,Ailments,label\nAA,Ailments and Complaints,label\nPR,Repairs,label\n",
    "message": "key,category,text,grade\n"
    + "".join(f"{key},{key},{text},label\n" for key, text in CATEGORIES.items())
    + "".join(f"{key},,{text},label\n" for key, text in MESSAGES.items()),
}
SOURCES = "".join(
    f'[[sources]]\ntitle = "{grade}"\nlicence = "none"\ngrade = "{grade}"\ntables = {sorted(TABLES)}\n'
    for grade in ("label", "probed", "authored")
)


def tiny_design(folder: Path, *, name: str = "tiny", **changed: str) -> Path:
    """Writes the design to a folder of its own, with some tables changed or added; gives that folder."""
    return _write(folder / name, MANIFEST.format(name=name, base="", grouping=GROUPING, sources=SOURCES), {**TABLES, **changed})


def overlay(folder: Path, *, base: str = "tiny", name: str = "over", **tables: str) -> Path:
    """Writes a design that is a base plus changes; its grouping settings are those of the base."""
    return _write(folder / name, MANIFEST.format(name=name, base=base, grouping="", sources=SOURCES), tables)


def _write(folder: Path, manifest: str, tables: dict[str, str]) -> Path:
    (folder / "tables").mkdir(parents=True)
    (folder / "design.toml").write_text(manifest)
    for name, text in tables.items():
        (folder / "tables" / f"{name}.csv").write_text(text)
    return folder


def changed(table: str, old: str, new: str) -> dict[str, str]:
    """The text of one table with one piece replaced, by the name of the table."""
    assert TABLES[table].count(old) == 1, (table, old)
    return {table: TABLES[table].replace(old, new)}
