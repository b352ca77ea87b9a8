"""The kinds of sheets that an import knows, and how they are told by the heads of their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

HEADER_ROWS = 30  # the first rows of a sheet, in which its header is looked for


class Kind(NamedTuple):
    """A kind of sheet.

    Attributes:
        what: in words, for the report.
        columns: by the name that a map uses, the heads that the column may have.
        required: columns without which a sheet is not of this kind.
        any_of: at least one of these must be there too, if any is named.
        hints: words of sheet names; they only decide between kinds that fit equally well.
        classification: `icd10` or `opcs4`, of the column `code`.
    """

    what: str
    columns: Mapping[str, Sequence[str]]
    required: Sequence[str]
    any_of: Sequence[str] = ()
    hints: Sequence[str] = ()
    classification: str = ""


_GENERIC_CODE = ("code", "codes", "clinical code", "code no dot", "code without dot")
_ICD = ("icd10 code", "icd10 codes", "icd10", "icd code", "diagnosis code", "diagnosis", "primary diagnosis", "primary diagnosis code",
        "icd10 diagnosis code", "icd10 diagnosis", "icd10 primary diagnosis", "icd", "secondary diagnosis code")  # fmt: skip
_OPCS = ("opcs4 code", "opcs4 codes", "opcs4", "opcs code", "procedure code", "procedure", "opcs4 procedure code", "opcs4 procedure",
         "opcs")  # fmt: skip
_ROOT = ("hrg root", "root", "root hrg", "hrg root code", "core hrg root", "hrg4 root", "root code", "hrg root adult", "adult root",
         "adult hrg root", "hrg group", "group", "target root", "core hrg", "hrg", "hrg code")  # fmt: skip
_CHILD = ("hrg root child", "child root", "child hrg root", "paediatric root", "paediatric hrg root", "hrg root paediatric",
          "hrg root children", "hrg root 18 years and under", "hrg root 18 and under", "root child", "root paediatric")  # fmt: skip
_RANK = ("hierarchy value", "hierarchy", "hierarchy rank", "rank", "hierarchy number", "procedure hierarchy", "diagnosis hierarchy",
         "procedure hierarchy value", "diagnosis hierarchy value", "hierarchy score", "hierarchy level")  # fmt: skip
_PBC = ("programme budgeting category", "pbc", "pbc code", "programme budget category", "programme budgeting", "programme budgeting code",
        "programme budgeting category code", "programme budget code")  # fmt: skip
_HRG = ("hrg", "hrg code", "hrg4 code", "hrg4", "hrgs")
_LABEL = ("hrg label including split", "hrg description including split", "hrg label", "hrg description", "hrg name", "label",
          "description", "hrg4 label", "hrg title")  # fmt: skip
_GRADE = ("grade", "provenance", "provenance grade")
_SUBCHAPTER = ("subchapter", "hrg subchapter", "sub chapter", "hrg sub chapter", "subchapter code", "sub chapter code",
               "hrg subchapter code")  # fmt: skip
_SCORE = ("cc score", "score", "points", "cc points", "cc value", "cc", "complexity score", "comorbidity score", "value")

KINDS: Mapping[str, Kind] = {
    "hrg": Kind(
        "list of HRGs",
        {
            "hrg": _HRG,
            "label": _LABEL,
            "core_or_unbundled": (
                "hrg core c and unbundled u",
                "core or unbundled",
                "core c and unbundled u",
                "core unbundled",
                "core or unbundled hrg",
                "hrg type",
                "type",
            ),
            "kind": ("kind",),
            "grade": _GRADE,
        },
        ("hrg", "label"),
        hints=("hrg", "labels"),
    ),  # fmt: skip
    "split": Kind(
        "Group to Split",
        {
            "root": _ROOT[:-3],
            "root_label": ("hrg root description", "root description", "hrg root label", "hrg root name", "root label"),
            "hrg": _HRG,
            "label": _LABEL,
            "age": ("age", "age split", "age band", "age years", "age in years", "age range", "patient age"),
            "stay": (
                "length of stay",
                "los",
                "stay",
                "length of stay days",
                "los days",
                "los split",
                "length of stay split",
                "los band",
            ),
            "interventions": (
                "interventions",
                "intervention",
                "number of interventions",
                "interventions split",
                "intervention split",
            ),
            "cc": (
                "cc score",
                "cc",
                "cc split",
                "cc score split",
                "cc band",
                "cc score band",
                "cc level",
                "complications and comorbidities",
                "complexity and comorbidity",
                "complexity and comorbidity score",
            ),
            "condition": (
                "condition",
                "conditions",
                "split",
                "split condition",
                "split criteria",
                "split description",
                "split logic",
                "other",
                "other condition",
                "other split",
                "further condition",
            ),
            "grade": _GRADE,
        },
        ("hrg",),
        ("root", "age", "stay", "interventions", "cc", "condition"),
        hints=("split",),
    ),  # fmt: skip
    "chapter": Kind(
        "names of chapters",
        {
            "chapter": ("chapter", "hrg chapter", "chapter code", "hrg chapter code"),
            "label": (
                "chapter description",
                "chapter name",
                "chapter title",
                "hrg chapter description",
                "chapter label",
                *_LABEL[2:],
            ),
            "grade": _GRADE,
        },
        ("chapter", "label"),
        hints=("chapter",),
    ),
    "subchapter": Kind(
        "names of subchapters",
        {
            "chapter": _SUBCHAPTER,
            "label": (
                "subchapter description",
                "subchapter name",
                "sub chapter description",
                "sub chapter name",
                "subchapter title",
                "hrg subchapter description",
                "subchapter label",
                *_LABEL[2:],
            ),
            "grade": _GRADE,
        },
        ("chapter", "label"),
        hints=("subchapter", "sub chapter"),
    ),  # fmt: skip
    "icd10": Kind(
        "ICD-10 codes to roots",
        {
            "code": (*_ICD, *_GENERIC_CODE),
            "root": _ROOT,
            "child_root": _CHILD,
            "rank": _RANK,
            "grade": _GRADE,
            "child_grade": ("child grade",),
            "programme": _PBC,
            "programme_grade": ("pbc grade",),
        },
        ("code",),
        ("root", "child_root", "rank", "programme"),
        hints=("icd", "diagnosis", "pbc", "programme"),
        classification="icd10",
    ),
    "opcs4": Kind(
        "OPCS-4 codes to hierarchy values and roots",
        {"code": (*_OPCS, *_GENERIC_CODE), "root": _ROOT, "rank": _RANK, "role": ("role",), "grade": _GRADE},
        ("code",),
        ("root", "rank", "role"),
        hints=("opcs", "procedure"),
        classification="opcs4",
    ),
    "unbundled": Kind(
        "OPCS-4 codes to unbundled roots",
        {
            "code": (*_OPCS, *_GENERIC_CODE),
            "root": ("unbundled hrg root", "unbundled root", "unbundled hrg", "unbundled"),
            "multiplier": ("multiplier",),
            "grade": _GRADE,
        },
        ("code", "root"),
        hints=("unbundl",),
        classification="opcs4",
    ),
    "cc": Kind(
        "CC scores of ICD-10 codes",
        {
            "code": (*_ICD, "cc code", *_GENERIC_CODE),
            "list": ("cc list", "cc subchapter"),
            "subchapter": _SUBCHAPTER,
            "score": _SCORE,
            "grade": _GRADE,
        },
        ("code",),
        ("list", "score"),
        hints=("cc",),
        classification="icd10",
    ),
    "cc_exclusion": Kind(
        "CC exclusions",
        {
            "primary": ("primary diagnosis", "primary", "primary icd10 code", "primary diagnosis code", "principal diagnosis"),
            "secondary": (
                "secondary diagnosis",
                "secondary",
                "excluded code",
                "excluded cc",
                "excluded cc code",
                "excluded diagnosis",
                "secondary icd10 code",
                "cc code",
                "secondary diagnosis code",
                "excluded secondary diagnosis",
            ),
            "grade": _GRADE,
        },
        ("primary", "secondary"),
        hints=("exclusion",),
    ),  # fmt: skip
    "list": Kind(
        "a list of codes",
        {"code": (*_ICD, *_OPCS, *_GENERIC_CODE), "list": ("list", "list name"), "grade": _GRADE},
        ("code",),
        hints=("list", "trauma"),
    ),
}
IGNORED = "ignore"  # in a map: leave the sheet alone

_YEAR = re.compile(r"\b20\d\d(?: \d\d)?\b")
_ICD_EDITION = re.compile(r"\bicd ?10(?: (?:4th|5th) edition)?")
_OPCS_EDITION = re.compile(r"\bopcs ?4(?: \d{1,2})?\b")


def plain(head: str) -> str:
    """A head of a column without case, punctuation, line breaks, years and editions, by which heads are compared."""
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", head.lower()).split())
    words = _OPCS_EDITION.sub("opcs4", _ICD_EDITION.sub("icd10", _YEAR.sub("", words)))
    return " ".join(words.split())


def columns_of(kind: Kind, heads: Sequence[str]) -> dict[str, int]:
    """Where the columns of a kind stand in a row of plain heads. Of two heads for a column the first of its list is taken."""
    found: dict[str, int] = {}
    taken: set[int] = set()
    for column, names in kind.columns.items():
        for name in names:
            at = next((number for number, head in enumerate(heads) if head == name and number not in taken), None)
            if at is not None:
                found[column] = at
                taken.add(at)
                break
    return found


def is_of(kind: Kind, columns: Mapping[str, int]) -> bool:
    """Whether the columns found make a sheet of a kind."""
    return all(name in columns for name in kind.required) and (not kind.any_of or any(name in columns for name in kind.any_of))
