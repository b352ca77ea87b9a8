"""Why a record does not come out as expected, as far as the outputs of both sides tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hrgcore.conformance.outputs import FAULTS, ITERATION, hrg_heads
from hrgcore.datasets.apc import NAME as ADMITTED_CARE
from hrgcore.datasets.dataset import UNBUNDLED
from hrgcore.design.schema import ROOT_SIZE

# In the order of the steps of grouping: the first that fits is the reason of a record.
INPUT = "input"  # the output repeats another input than the one that was grouped
VALIDATION = "validation"  # it fails on one side only
METHOD = "method"  # another kind of grouping: procedure, diagnosis, trauma, burns, special route
DOMINANT = "dominant procedure"
LEAD = "leading episode"  # the spell has another primary diagnosis
ROOT = "root"
SPLIT = "split"  # the same root, but another age, stay, interventions or CC score, or another table of splits
ORDER = "order"  # only the number of the record differs
FAULT = "faults"
UNBUNDLING = "unbundled HRGs"
OTHER = "other columns"
COUNTS = "counts"
UNMATCHED = "no counterpart"
REASONS = (INPUT, VALIDATION, METHOD, DOMINANT, LEAD, ROOT, SPLIT, UNBUNDLING, FAULT, ORDER, OTHER, COUNTS, UNMATCHED)


class Deciding(NamedTuple):
    """The columns that tell how a record or a spell was grouped; empty where there is none."""

    hrg: str
    method: str = ""
    dominant: str = ""
    primary: str = ""


_SPELL = Deciding("SpellHRG", "SpellGroupingMethodFlag", "SpellDominantProcedure", "SpellPDiag")
_FAULT_COLUMNS = (FAULTS, "Code Type", "Code", "Error Message")


def deciding(dataset: str, column: str) -> Deciding:
    """The deciding columns of the level that a column belongs to."""
    if dataset == ADMITTED_CARE and column.startswith("Spell") and column != "SpellReportFlag":
        return _SPELL
    head = hrg_heads()[dataset]
    return Deciding(head, "GroupingMethodFlag", "DominantProcedure")


def reason_of(dataset: str, column: str, expected: Mapping[str, str], ours: Mapping[str, str], invalid: str) -> str:
    """The reason of a difference in a column.

    Args:
        dataset: of the record.
        column: that differs.
        expected, ours: the cells of both sides by column.
        invalid: the HRG of records that fail.
    """
    if column in (*_FAULT_COLUMNS, ITERATION):
        return FAULT
    if column == UNBUNDLED:
        return UNBUNDLING
    level = deciding(dataset, column)
    if column not in level or level.hrg not in expected or level.hrg not in ours:
        return OTHER
    return _of_level(level, expected, ours, invalid)


def _of_level(level: Deciding, expected: Mapping[str, str], ours: Mapping[str, str], invalid: str) -> str:
    hrg, other = expected[level.hrg], ours[level.hrg]
    if (hrg == invalid) != (other == invalid):
        return VALIDATION
    for column, reason in ((level.method, METHOD), (level.primary, LEAD), (level.dominant, DOMINANT)):
        if column in expected and column in ours and expected[column] != ours[column]:
            return reason
    return ROOT if hrg[:ROOT_SIZE] != other[:ROOT_SIZE] else SPLIT
