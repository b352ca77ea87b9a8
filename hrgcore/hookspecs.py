"""The hooks that plugins may implement. Project name for pluggy and entry points: `hrgcore`.

A plugin is a module or object whose functions are marked with `hrgcore.hookimpl`, named by an entry point in group `hrgcore`.
Built-in features use the same hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from hrgcore.design import Design
    from hrgcore.design.design import Adjustment
    from hrgcore.prices import PriceBook
    from hrgcore.results import Column, GroupedBatch

PROJECT = "hrgcore"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def hrgcore_designs() -> Mapping[str, Path]:  # type: ignore[empty-body]
    """Offers designs: name, such as `2024-25`, to the folder that holds its `design.toml`.

    Nothing is read until a design is asked for.
    """


@hookspec
def hrgcore_adjust_tables(design: str) -> Adjustment | None:
    """Adjusts the tables of a design as it loads.

    Args:
        design: the name of the design.

    Returns:
        Rows to lay over the tables, table name to rows (each a mapping of column to text), or None. A table by code is
        overridden code by code; other tables by their key (see docs/design-tables.md).
    """


@hookspec
def hrgcore_result_columns(design: Design, result: GroupedBatch) -> Sequence[Column] | None:
    """Adds columns to the results of a batch.

    Args:
        design: the design that grouped.
        result: the grouped batch, not to be changed.

    Returns:
        Columns, each for episodes or for spells, as long as there are of these; or None.
    """


@hookspec
def hrgcore_price_books() -> Mapping[str, Callable[[], PriceBook]]:  # type: ignore[empty-body]
    """Offers books of prices: name, such as `cost-2024-25`, to a function that reads the book.

    Nothing is read until a book is asked for.
    """


@hookspec
def hrgcore_commands(group: click.Group) -> Any:
    """Adds commands to `hrg`.

    Args:
        group: the click group to add commands to.
    """
