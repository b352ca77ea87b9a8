"""The years differ only where an overlay says so: what moves meets a row or a code that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import pytest

import hrgcore
from golden.population import population
from golden.snapshot import BASE
from hrgcore._core import typedefs as core
from hrgcore._core.records import SpellGrouper
from hrgcore._core.rows import Row
from hrgcore.datasets import apc
from hrgcore.design import Design
from hrgcore.testing.population import Spell

YEARS = [name for name in hrgcore.designs() if name != BASE]
TABLE_OF_STEP = {
    core.Step.STEP_UNBUNDLED: "unbundled", core.Step.STEP_CHECK: "rule", core.Step.STEP_ROUTE: "rule",
    core.Step.STEP_RULE: "rule",
    core.Step.STEP_PROCEDURE: "procedure", core.Step.STEP_DOMINANT: "procedure", core.Step.STEP_INTERVENTION: "procedure",
    core.Step.STEP_PRIMARY: "diagnosis", core.Step.STEP_CC: "cc", core.Step.STEP_SPLIT: "split",
}  # fmt: skip
BY_CODE = ("unbundled", "procedure", "diagnosis", "cc", "split")


@cache
def grouper(name: str) -> hrgcore.Grouper:
    return hrgcore.Grouper(name)


@cache
def spells() -> list[Spell]:
    return list(population(grouper(BASE).design))


def rows_met(design: Design, spell: Spell) -> Iterator[tuple[str, int, Row]]:
    """Table, number and row of each step that gave the HRG; the number is that of the code or the rule."""
    worker = SpellGrouper(design.tables, apc.default_values(design), trace=True)
    worker.group(spell.episodes, apc.order_of(design, spell.episodes))
    for step, number, *_ in worker.kernel.trace.rows() if worker.kernel.trace else ():
        if table := TABLE_OF_STEP.get(core.Step(step)):
            row = design.code_rows[table][number] if table in BY_CODE else number
            if row >= 0:
                yield table, number, design.rows[table][row]


def changed_lists(design: Design) -> set[str]:
    return {row.cells[0] for row in design.rows["list"] if row.layer > 0}


def is_explained(base: Design, year: Design, spell: Spell) -> bool:
    """Whether the spell holds a code that the year does not have, or meets a row that is new, replaced or gone in the year."""
    codes = {code for episode in spell.episodes for code in (*episode.diagnoses, *episode.procedures)}
    if codes & set(base.tables.opcs4.codes) - set(year.tables.opcs4.codes):
        return True
    lists = changed_lists(year)
    own = [row for _, _, row in rows_met(year, spell)]
    if any(row.layer > 0 or mentions(row, lists) for row in own):
        return True
    texts = {tuple(row.cells) for rows in year.rows.values() for row in rows}
    return any(tuple(row.cells) not in texts or mentions(row, lists) for _, _, row in rows_met(base, spell))


def mentions(row: Row, lists: Iterable[str]) -> bool:
    return any(set(cell.split()) & set(lists) for cell in row.cells)


def test_there_are_five_years() -> None:
    assert [*sorted([BASE, *YEARS])] == ["2021-22", "2022-23", "2023-24", "2024-25", "2025-26"]


@pytest.mark.parametrize("name", YEARS)
def test_spells_move_only_where_the_overlay_says_so(name: str) -> None:
    base, year = grouper(BASE), grouper(name)
    moved = [spell for spell in spells() if base.group_spell(spell.episodes).hrg != year.group_spell(spell.episodes).hrg]
    unexplained = [spell.case for spell in moved if not is_explained(base.design, year.design, spell)]
    assert unexplained == []


@pytest.mark.parametrize("name", ["2023-24", "2025-26"])
def test_years_without_known_differences_group_alike(name: str) -> None:
    base, year = grouper(BASE), grouper(name)
    assert all(base.group_spell(spell.episodes).hrg == year.group_spell(spell.episodes).hrg for spell in spells())


@pytest.mark.parametrize(("name", "in_force"), [("2021-22", False), ("2022-23", False), ("2023-24", True), ("2025-26", True)])
def test_codes_of_a_later_release_are_invalid(name: str, in_force: bool) -> None:
    """The code came with OPCS-4.10 in April 2023."""
    result = grouper(name).group_spell([hrgcore.Episode(age=60, duration=1, diagnoses=["J189"], procedures=["T751"])])
    assert [message.field for message in result.messages] == ([] if in_force else ["OPER_01"])
    assert (result.method, result.hrg[:4] == "DZ11") == (("P", False) if in_force else ("D", True))


def test_every_retired_hrg_is_in_the_design_of_2021_22() -> None:
    names = {row.cells[0] for row in grouper("2021-22").design.rows["hrg"]}
    now = {row.cells[0] for row in grouper(BASE).design.rows["hrg"]}
    assert len(names - now) == 59 and len(now - names) == 121
