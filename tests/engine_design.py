"""Small design folders that engine and reference grouper both load."""

from collections.abc import Mapping
from pathlib import Path

MANIFEST = """
name = "small"
label = "Small design for tests"
financial_year = "2024/25"
edition = "costing"
version = "0"
icd10 = "a few codes"
opcs4 = "a few codes"
core = ">=0.1"
[grouping]
invalid_hrg = "UZ01Z"
unknown_primary = "UZ01"
no_procedure = "UZ05"
vague_procedure = "UZ06"
child_age_max = 18
age_rise = 1
episode_numbers_refused = [98, 99]
"""

CATEGORIES = {"UZ01": "bad primary", "UZ03": "age conflict", "UZ05": "no procedure", "UZ06": "vague procedure", "UZ15": "burns"}
KEYS = (
    "field_blank", "field_invalid", "episode_number", "primary_blank", "diagnosis_invalid", "procedure_invalid", "spell_sex",
    "spell_classpat", "spell_admisorc", "spell_admimeth", "spell_age", "duplicate_episode", "no_split",
)  # fmt: skip

TABLES = {
    "icd10": "code\nA000\nA001\nA01X\nB000\nB001\nB002\nC000\nD000\nD001\nT000\nZ000",
    "opcs4": "code\nM011\nM012\nH011\nI011\nV011\nY011\nN011\nU011\nU012\nU013\nX011",
    "hrg": "hrg,label,kind,grade\n" + "\n".join(
        f"{name},label of {name},{'unbundled' if name in ('XD01Z', 'VC04Z', 'SC97Z') else 'core'},label"
        for name in (
            "AA01A", "AA01B", "AA01C", "AA02Z", "AA03A", "AA03B", "AA05Z", "BB01A", "BB01B", "PA01Z", "PR01A", "PR01B", "PR02Z",
            "PR03Z", "PR04Z", "PR05Z", "RT01Z", "UZ01Z", "XD01Z", "VC04Z", "SC97Z",
        )
    ),
    "diagnosis": """codes,root,child_root,rank,grade,child_grade
A00,AA01,PA01,2,official,label
A01X,AA02,,5,official,
B00,AA01,,1,official,
C000,AA01,,2,official,
D000,UZ03,PA01,3,official,label
D001,BB01,,2,official,
T000,AA03,,2,official,
Z000,UZ01,,1,official,""",
    "procedure": """codes,role,rank,root,grade
H011,drives,9,PR01,label
M011,drives,2,PR02,authored
M012,drives,2,PR03,authored
V011,vague,5,,authored
I011,intervention,,,authored
Y011,modifier,,,authored
X011,barred,,,authored
U013,unbundled,,,authored
U011,intervention,,,authored""",
    "dominance": "stay,min_rank,grade\n0-1,2,probed\n2+,3,probed",
    "split": """root,hrg,age,stay,interventions,cc,when,grade
AA01,AA01A,,,2+,,,label
AA01,AA01B,,,0-1,3+,,label
AA01,AA01C,,,0-1,0-2,,label
AA02,AA02Z,,,,,,label
AA03,AA03B,,,,,,label
AA03,AA03A,,0-1,,,DISDEST in home,label
AA05,AA05Z,,,,,,label
BB01,BB01A,,,,2+,,label
BB01,BB01B,,,,0-1,,label
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
SC97,SC97Z,,,,,,label""",
    "rule": """stage,from,when,to,method,grade
check,,diagnosis in burn and not diagnosis in extent,UZ15,,label
route,,TRETSPEF in pain,RT01,G,authored
procedure,PR03 PR02,secondary in burnlike,PR04,,authored
procedure,PR04,count many 2+,PR05,,authored
procedure,PR05,age 0-1,PR04,,authored
diagnosis,AA02,interventions 1+,AA05,,authored
diagnosis,AA05,DISMETH in ended,AA03,,authored""",
    "list": """list,kind,codes,grade
burn,diagnosis,D001,authored
extent,diagnosis,T000,authored
burnlike,diagnosis,C000,authored
many,procedure,M011 U013,authored
ended,DISMETH,1,authored
pain,TRETSPEF,191,probed
home,DISDEST,19,probed""",
    "cc": """codes,subchapters,points,grade
B000,AA,2,probed
B001,AA,1,probed
B002,AA PA,3,authored
A001,AA,9,probed
A01X,AA,1,probed""",
    "cc_exclusion": "primary,secondary,grade\nC000,B000-B001,authored",
    "cc_family": "family,level,codes,grade",
    "score": "score,codes,kind,points,grade",
    "unbundled": "codes,root,multiplier,grade\nU011,XD01,,label\nU012,VC04,rehabilitation,label",
    "field": """dataset,field,required,kind,accepted,default,grade
APC,PROCODET,yes,text,,,official
APC,PROVSPNO,yes,text,,,official
APC,EPIORDER,yes,number,1+,,official
APC,STARTAGE,yes,number,0-130 999,,probed
APC,SEX,yes,values,1 2 9,9,probed
APC,CLASSPAT,yes,values,1 2,1,probed
APC,ADMISORC,yes,values,19 51,19,probed
APC,ADMIMETH,yes,values,11 21,21,probed
APC,DISDEST,yes,values,19 98,98,probed
APC,DISMETH,yes,values,1 8,8,probed
APC,EPIDUR,yes,number,0-99999,,official
APC,MAINSPEF,yes,values,100 300,300,probed
APC,NEOCARE,no,values,0 1,,official
APC,TRETSPEF,yes,values,100 191,100,probed
APC,DIAG_01,yes,diagnosis,,,official
APC,DIAG_02,no,diagnosis,,,official
APC,OPER_01,no,procedure,,,official
APC,CRITICALCAREDAYS,no,number,0-99999,0,official
APC,REHABILITATIONDAYS,no,number,0-99999,0,official
APC,SPCDAYS,no,number,0-99999,0,official""",
    "message": "key,category,text,grade\n" + "\n".join(
        [f"{key},{key},{text},label" for key, text in CATEGORIES.items()] + [f"{key},,{key},authored" for key in KEYS]
    ),
}  # fmt: skip


def write_design(folder: Path, tables: Mapping[str, str], manifest: str = MANIFEST) -> Path:
    """Writes a design folder of tables given as the text of their files."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "design.toml").write_text(manifest, encoding="utf-8")
    for name, text in tables.items():
        (folder / "tables" / f"{name}.csv").write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return folder


def write_small_design(folder: Path, **changed: str) -> Path:
    """The small design above with some of its tables exchanged."""
    return write_design(folder, {**TABLES, **changed})
