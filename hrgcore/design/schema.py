"""The tables of a design: their columns, and how a later layer overrides an earlier one. See docs/design-tables.md."""

from __future__ import annotations

from typing import NamedTuple

GRADES = ("", "official", "label", "probed", "authored")  # by id, from the strongest to the weakest


class TableSchema(NamedTuple):
    """Columns of a table, and its key: rows of a later layer replace all earlier rows of the same key.

    `by_code` tables are overridden code by code instead. A table without a key is replaced as a whole.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    by_code: bool = False


TABLES: dict[str, TableSchema] = {
    "icd10": TableSchema(("code",), key=("code",)),
    "opcs4": TableSchema(("code",), key=("code",)),
    "hrg": TableSchema(("hrg", "label", "kind", "grade"), key=("hrg",)),
    "split": TableSchema(("root", "hrg", "age", "stay", "interventions", "cc", "when", "grade"), key=("root",)),
    "diagnosis": TableSchema(("codes", "root", "child_root", "rank", "grade", "child_grade"), by_code=True),
    "procedure": TableSchema(("codes", "role", "rank", "root", "grade"), by_code=True),
    "dominance": TableSchema(("stay", "min_rank", "grade")),
    "rule": TableSchema(("stage", "from", "when", "to", "method", "grade"), key=("stage", "from")),
    "list": TableSchema(("list", "kind", "codes", "grade"), key=("list",)),
    "cc": TableSchema(("codes", "subchapters", "points", "grade"), by_code=True),
    "cc_exclusion": TableSchema(("primary", "secondary", "grade")),
    "cc_family": TableSchema(("family", "level", "codes", "grade"), key=("family",)),
    "score": TableSchema(("score", "codes", "kind", "points", "grade"), key=("score",)),
    "programme": TableSchema(("codes", "category", "grade"), by_code=True),
    "unbundled": TableSchema(("codes", "root", "multiplier", "grade"), by_code=True),
    "category": TableSchema(("category", "field", "values", "level", "grade"), key=("category",)),
    "organ": TableSchema(("organ", "fields", "grade"), key=("organ",)),
    "field": TableSchema(("dataset", "field", "required", "kind", "accepted", "default", "grade"), key=("dataset", "field")),
    "message": TableSchema(("key", "category", "text", "grade"), key=("key",)),
    "chapter": TableSchema(("chapter", "label", "grade"), key=("chapter",)),
}

CODE_SETS = ("icd10", "opcs4")
ROOT_SIZE = 4  # characters of an HRG that are its root

# Overlays name here the keys that go: table, and the key's cells separated by blanks (for tables by code: the codes).
REMOVE = "remove"
REMOVE_COLUMNS = ("table", "key")

HRG_KINDS = ("core", "unbundled", "helper", "other")
ROLES = ("", "drives", "modifier", "intervention", "unbundled", "vague", "barred", "site", "ignored")  # by id
CORE_STAGES = ("check", "route", "procedure", "diagnosis")
STAGES = (*CORE_STAGES, "unbundled")  # of records with procedures
DECIDING = ("NAC", "EM", "NRD", "ACC", "PCC", "NCC")  # stages whose first rule that holds gives the root: data sets
MULTIPLIERS = ("", "rehabilitation", "palliative")  # by id
MESSAGES = (  # by id
    "field_blank",
    "field_invalid",
    "episode_number",
    "primary_blank",
    "diagnosis_invalid",
    "procedure_invalid",
    "spell_sex",
    "spell_classpat",
    "spell_admisorc",
    "spell_admimeth",
    "spell_age",
    "duplicate_episode",
    "no_split",
    "investigation_invalid",
    "treatment_invalid",
    "activity_invalid",
    "code_unmapped",
)
ITEM_MESSAGES = {"INV": "investigation_invalid", "TREAT": "treatment_invalid", "CCAC": "activity_invalid"}
OPTIONAL_MESSAGES = (*ITEM_MESSAGES.values(), "code_unmapped")  # needed only where a design has such fields
# Validated only: the conditions of a design may not ask for them.
FIELDS_WITHOUT_EFFECT = ("SEX", "CLASSPAT", "ADMIMETH", "MAINSPEF")
