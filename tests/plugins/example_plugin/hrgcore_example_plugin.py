"""A plugin that uses every hook but that for designs: a local change of a table, two columns of results, a command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from hrgcore import Column, hookimpl

if TYPE_CHECKING:
    import click

    from hrgcore import Design, GroupedBatch

DESIGN = "2024-25"
LOCAL = {"codes": "V373", "role": "drives", "rank": "7", "root": "HC60", "grade": "authored"}
LONG = 7  # days


@hookimpl
def hrgcore_adjust_tables(design: str) -> Mapping[str, Iterable[Mapping[str, str]]] | None:
    """One procedure leads to another root."""
    return {"procedure": [LOCAL]} if design == DESIGN else None


@hookimpl
def hrgcore_result_columns(design: Design, result: GroupedBatch) -> Sequence[Column]:
    """The CC score of each episode, and whether a spell was long; nothing in the other data sets."""
    if not result.dataset.has_spells:
        return []
    return [
        Column("LocalCCScore", "episode", [str(score) for score in result.column("cc")]),
        Column("LocalStay", "spell", ["long" if days >= LONG else "short" for days in result.column("spell_stay")]),
    ]


@hookimpl
def hrgcore_commands(group: click.Group) -> None:
    """`hrg local` shows the local change."""
    import click

    @group.command("local")
    def local() -> None:
        """Shows what is different here."""
        click.echo(f"{LOCAL['codes']} leads to {LOCAL['root']} in design {DESIGN}.")
