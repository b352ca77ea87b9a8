"""The kinds of sheets that an import knows, and how they are told by the heads of their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

HEADER_ROWS = 30  # the first rows of a sheet, in which its header is looked for
IGNORED = "ignore"  # in a map: leave the sheet alone


class Kind(NamedTuple):
    """A kind of sheet.

    Attributes:
        what: in words, for the report.
        columns: by the name that a map uses, the heads that the column may have, parted by bars; see `plain`.
        required: columns without which a sheet is not of this kind.
        any_of: at least one of these must be there too, if any is named.
        hints: words of sheet names; they only decide between kinds that fit equally well.
        classification: `icd10` or `opcs4`, of the column `code`.
    """

    what: str
    columns: Mapping[str, str]
    required: Sequence[str]
    any_of: Sequence[str] = ()
    hints: Sequence[str] = ()
    classification: str = ""


_CODE = "code|codes|clinical code|code no dot|code without dot"
_ICD = (
    "icd10 code|icd10 codes|icd10|icd code|icd|icd10 diagnosis code|icd10 diagnosis|icd10 primary diagnosis|diagnosis code"
    "|diagnosis|primary diagnosis|primary diagnosis code|secondary diagnosis code"
)
_OPCS = "opcs4 code|opcs4 codes|opcs4|opcs code|opcs|opcs4 procedure code|opcs4 procedure|procedure code|procedure"
_SPLIT_ROOT = (
    "hrg root|root|root hrg|hrg root code|core hrg root|hrg4 root|root code|hrg root adult|adult root|adult hrg root|hrg group"
    "|group|target root"
)
_ROOT = f"{_SPLIT_ROOT}|core hrg|hrg|hrg code"  # a mapping may name the root in a column of HRGs
_CHILD = (
    "hrg root child|child root|child hrg root|root child|hrg root children|paediatric root|paediatric hrg root"
    "|hrg root paediatric|root paediatric|hrg root 18 years and under|hrg root 18 and under"
)
_RANK = (
    "hierarchy value|hierarchy|hierarchy rank|rank|hierarchy number|hierarchy score|hierarchy level|procedure hierarchy"
    "|procedure hierarchy value|diagnosis hierarchy|diagnosis hierarchy value"
)
_PROGRAMME = (
    "programme budgeting category|pbc|pbc code|programme budget category|programme budgeting|programme budgeting code"
    "|programme budgeting category code|programme budget code"
)
_HRG = "hrg|hrg code|hrg4 code|hrg4|hrgs"
_ANY_LABEL = "label|description|name|title"
_HRG_LABEL = (
    "hrg label including split|hrg description including split|hrg label|hrg description|hrg name|hrg4 label|label|description"
)
_GRADE = "grade|provenance|provenance grade"
_SUBCHAPTER = "subchapter|hrg subchapter|sub chapter|hrg sub chapter|subchapter code|sub chapter code|hrg subchapter code"

# Between kinds that fit equally well the first one here is taken.
KINDS: Mapping[str, Kind] = {
    "hrg": Kind(
        "list of HRGs",
        {
            "hrg": _HRG,
            "label": _HRG_LABEL,
            "core_or_unbundled": "hrg core c and unbundled u|core or unbundled|core c and unbundled u|core unbundled|hrg type",
            "kind": "kind",
            "grade": _GRADE,
        },
        ("hrg", "label"),
        hints=("hrg", "labels"),
    ),
    "split": Kind(
        "Group to Split",
        {
            "root": _SPLIT_ROOT,
            "root_label": "hrg root description|root description|hrg root label|hrg root name|root label",
            "hrg": _HRG,
            "label": _HRG_LABEL,
            "age": "age|age split|age band|age years|age in years|age range|patient age",
            "stay": "length of stay|los|stay|length of stay days|los days|los split|length of stay split|los band",
            "interventions": "interventions|intervention|number of interventions|interventions split|intervention split",
            "cc": "cc score|cc|cc split|cc score split|cc band|cc score band|cc level|complications and comorbidities"
            "|complexity and comorbidity|complexity and comorbidity score",
            "condition": "condition|conditions|split|split condition|split criteria|split description|split logic|other"
            "|other condition|other split|further condition",
            "grade": _GRADE,
        },
        ("hrg",),
        ("root", "age", "stay", "interventions", "cc", "condition"),
        hints=("split",),
    ),
    "chapter": Kind(
        "names of chapters",
        {
            "chapter": "chapter|hrg chapter|chapter code|hrg chapter code",
            "label": f"chapter description|chapter name|chapter title|hrg chapter description|chapter label|{_ANY_LABEL}",
            "grade": _GRADE,
        },
        ("chapter", "label"),
        hints=("chapter",),
    ),
    "subchapter": Kind(
        "names of subchapters",
        {
            "chapter": _SUBCHAPTER,
            "label": "subchapter description|subchapter name|sub chapter description|sub chapter name|subchapter title"
            f"|hrg subchapter description|subchapter label|{_ANY_LABEL}",
            "grade": _GRADE,
        },
        ("chapter", "label"),
        hints=("subchapter", "sub chapter"),
    ),
    "icd10": Kind(
        "ICD-10 codes to roots",
        {
            "code": f"{_ICD}|{_CODE}",
            "root": _ROOT,
            "child_root": _CHILD,
            "rank": _RANK,
            "grade": _GRADE,
            "child_grade": "child grade",
            "programme": _PROGRAMME,
            "programme_grade": "pbc grade",
        },
        ("code",),
        ("root", "child_root", "rank", "programme"),
        hints=("icd", "diagnosis", "pbc", "programme"),
        classification="icd10",
    ),
    "opcs4": Kind(
        "OPCS-4 codes to hierarchy values and roots",
        {"code": f"{_OPCS}|{_CODE}", "root": _ROOT, "rank": _RANK, "role": "role", "grade": _GRADE},
        ("code",),
        ("root", "rank", "role"),
        hints=("opcs", "procedure"),
        classification="opcs4",
    ),
    "unbundled": Kind(
        "OPCS-4 codes to unbundled roots",
        {
            "code": f"{_OPCS}|{_CODE}",
            "root": "unbundled hrg root|unbundled root|unbundled hrg|unbundled",
            "multiplier": "multiplier",
            "grade": _GRADE,
        },
        ("code", "root"),
        hints=("unbundl",),
        classification="opcs4",
    ),
    "cc": Kind(
        "CC scores of ICD-10 codes",
        {
            "code": f"{_ICD}|cc code|{_CODE}",
            "list": "cc list|cc subchapter",
            "subchapter": _SUBCHAPTER,
            "score": "cc score|score|points|cc points|cc value|cc|complexity score|comorbidity score|value",
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
            "primary": "primary diagnosis|primary|primary icd10 code|primary diagnosis code|principal diagnosis",
            "secondary": "secondary diagnosis|secondary|secondary icd10 code|secondary diagnosis code"
            "|excluded secondary diagnosis|excluded code|excluded cc|excluded cc code|excluded diagnosis|cc code",
            "grade": _GRADE,
        },
        ("primary", "secondary"),
        hints=("exclusion",),
    ),
    "list": Kind(
        "a list of codes",
        {"code": f"{_ICD}|{_OPCS}|{_CODE}", "list": "list|list name", "grade": _GRADE},
        ("code",),
        hints=("list", "trauma"),
    ),
}

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
    for column, names in kind.columns.items():
        free = {head: at for at, head in reversed(list(enumerate(heads))) if at not in found.values()}
        at = next((free[name] for name in names.split("|") if name in free), None)
        if at is not None:
            found[column] = at
    return found


def is_of(kind: Kind, columns: Mapping[str, int]) -> bool:
    """Whether the columns found make a sheet of a kind."""
    return all(name in columns for name in kind.required) and (not kind.any_of or any(name in columns for name in kind.any_of))
