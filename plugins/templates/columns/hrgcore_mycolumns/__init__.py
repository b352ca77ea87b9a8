"""Further columns of results, and a command that counts by one of them: a template to copy and rename."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hrgcore import Column, hookimpl

if TYPE_CHECKING:
    import click

    from hrgcore import Design, GroupedBatch

LONG = 21  # days
YES, NO = "Y", "N"


@hookimpl
def hrgcore_result_columns(design: Design, result: GroupedBatch) -> Sequence[Column]:
    """The CC score of each episode, and whether a spell was long; nothing in the other data sets.

    Called for some thousand rows at a time, by several threads: say nothing here that depends on the whole file.
    """
    if not result.dataset.has_spells:
        return []
    return [
        Column("CCScore", "episode", [str(points) for points in result.column("cc")]),
        Column("LongStay", "spell", [YES if days >= LONG else NO for days in result.column("spell_stay")]),
    ]


@hookimpl
def hrgcore_commands(group: click.Group) -> None:
    """Adds `hrg long-stays`."""
    from hrgcore_mycolumns.command import long_stays

    group.add_command(long_stays)
