"""The tables of a comparison, as pyarrow tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hrgcore.comparison.moves import SPELL, Moves
from hrgcore.comparison.reasons import Reason
from hrgcore.datasets.apc import SPELL_KEY
from hrgcore.design.schema import ROOT_SIZE

if TYPE_CHECKING:
    import pyarrow as pa

    from hrgcore.columns.tables import GroupedTable
    from hrgcore.comparison.compare import Comparison
    from hrgcore.comparison.examples import Example

_COST = ("cost_effect", "not_priced")
INT32 = 4  # bytes
CHAPTER_SIZE = 1  # characters of an HRG that are its chapter
_GROUPS = {"chapter": CHAPTER_SIZE, "root": ROOT_SIZE}
_Table = dict[str, list[Any]]


def reasons(comparison: Comparison) -> pa.Table:
    """Moves by reason, the more frequent first."""
    table = _new("reason", "units", "share", "share_of_moved", costs=comparison.prices is not None)
    for moves in comparison.moves:
        numbers = _numbers([finding.reason for finding in moves.findings], list(Reason))[moves.found]
        counts = np.bincount(numbers, minlength=len(Reason)).tolist()
        costs = _costs(moves, numbers, len(Reason))
        for number in sorted(range(len(Reason)), key=lambda n: -counts[n]):
            if counts[number]:
                shares = counts[number] / moves.units, counts[number] / len(moves.moved)
                _add(table, moves, [str(list(Reason)[number]), counts[number], *shares, *costs[number]])
    return _table(table)


def transitions(comparison: Comparison) -> pa.Table:
    """Pairs of HRGs, those of units that moved first, by number of units."""
    table = _new("from_hrg", "to_hrg", "moved", "units", "share", costs=comparison.prices is not None)
    for moves in comparison.moves:
        names, wide = [view.tables.hrgs for view in moves.views], len(moves.views[1].tables.hrgs)
        keys, counts = np.unique(_keys(moves.hrgs, wide), return_counts=True)
        totals = np.bincount(moves.hrgs[0], minlength=len(names[0])).tolist()
        place = np.searchsorted(keys, _keys(moves.moved_hrgs, wide))
        costs = _costs(moves, place, len(keys))
        rows = []
        for number, (key, count) in enumerate(zip(keys.tolist(), counts.tolist(), strict=True)):
            one, other = names[0][key // wide], names[1][key % wide]
            rows.append([one, other, one != other, count, count / totals[key // wide], *costs[number]])
        for row in sorted(rows, key=lambda row: (not row[2], -row[3], row[0], row[1])):
            _add(table, moves, row)
    return _table(table)


def _keys(hrgs: tuple[np.ndarray, np.ndarray], wide: int) -> np.ndarray:
    keys: np.ndarray = hrgs[0].astype(np.int64) * wide + hrgs[1]
    return keys


def by_group(comparison: Comparison, group: str) -> pa.Table:
    """Units and moves by `chapter` or `root` in the earlier design, and how many came to it in the later."""
    table = _new(group, "units", "moved", "share", "arrived", costs=comparison.prices is not None)
    for moves in comparison.moves:
        texts = [[hrg[: _GROUPS[group]] for hrg in view.tables.hrgs] for view in moves.views]
        names = sorted({name for found in texts for name in found if name})
        one, other = (_numbers(found, names) for found in texts)
        arrived = other[moves.moved_hrgs[1]]
        came = np.bincount(arrived[arrived != one[moves.moved_hrgs[0]]], minlength=len(names)).tolist()
        for row in _rows(moves, names, one[moves.hrgs[0]], one[moves.moved_hrgs[0]], came):
            _add(table, moves, row)
    return _table(table)


def by_provider(comparison: Comparison) -> pa.Table:
    """Units and moves by provider."""
    table = _new("provider", "units", "moved", "share", costs=comparison.prices is not None)
    for moves in comparison.moves:
        providers = _providers(comparison, moves)
        if providers is not None:
            numbers, names = providers
            for row in _rows(moves, names, numbers, numbers[moves.moved]):
                _add(table, moves, row)
    return _table(table)


def _rows(
    moves: Moves, names: Sequence[str], units: np.ndarray, moved: np.ndarray, more: Sequence[int] | None = None
) -> Iterator[list[Any]]:
    """A row for each group that has units; `more` is one more column."""
    all_units, all_moved = (np.bincount(numbers, minlength=len(names)).tolist() for numbers in (units, moved))
    costs = _costs(moves, moved, len(names))
    for number, name in enumerate(names):
        extra = [] if more is None else [more[number]]
        if all_units[number] or any(extra):
            share = all_moved[number] / all_units[number] if all_units[number] else 0.0
            yield [name, all_units[number], all_moved[number], share, *extra, *costs[number]]


def _providers(comparison: Comparison, moves: Moves) -> tuple[np.ndarray, list[str]] | None:
    """The number of the provider of each unit, and the names of providers; None where records have none."""
    if comparison.providers is None:
        return None
    numbers, names = comparison.providers
    side = comparison.sides_of(moves)[0]
    return numbers if moves.level == SPELL else np.repeat(numbers, side.run_sizes), names


def read_providers(table: GroupedTable) -> tuple[np.ndarray, list[str]] | None:
    """The number of the provider of each spell or period, and the names of providers; None in data sets without them."""
    if "PROCODET" not in table.grouped.dataset.order:
        return None
    import pyarrow as pa

    text, ends = table.encoded.key_part(0)
    kind = pa.binary() if ends.itemsize == INT32 else pa.large_binary()
    column = pa.Array.from_buffers(kind, len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(text)]).dictionary_encode()
    return np.asarray(column.indices, np.int64), [name.decode("utf-8", "replace") for name in column.dictionary.to_pylist()]


def moved(comparison: Comparison) -> pa.Table:
    """One row a unit that moved, in official order."""
    import pyarrow as pa

    parts = [_moved(comparison, moves) for moves in comparison.moves]
    return pa.concat_tables(parts).unify_dictionaries()


def _moved(comparison: Comparison, moves: Moves) -> pa.Table:
    import pyarrow as pa

    number = len(moves.moved)
    columns: dict[str, pa.Array] = {
        "from_design": _constant(moves.designs[0], number),
        "to_design": _constant(moves.designs[1], number),
        "level": _constant(moves.level, number),
        "row": pa.array(comparison.rows_of(moves.level, moves.moved)),
        **_keys_of(comparison, moves),
        "from_hrg": _named(moves.moved_hrgs[0], moves.views[0].tables.hrgs),
        "to_hrg": _named(moves.moved_hrgs[1], moves.views[1].tables.hrgs),
    }
    for name, read in _OF_FINDING.items():
        columns[name] = _named(moves.found, [read(finding) for finding in moves.findings])
    if moves.effect is not None:
        columns["cost_effect"] = pa.array(moves.effect, mask=np.isnan(moves.effect))
    return pa.table(columns)


_OF_FINDING: Mapping[str, Callable[[Any], str]] = {
    "reason": lambda finding: str(finding.reason),
    "text": lambda finding: finding.text,
    "step": lambda finding: finding.step,
    "detail": lambda finding: finding.detail,
    "row_from": lambda finding: str(finding.row_from or ""),
    "row_to": lambda finding: str(finding.row_to or ""),
}


def _keys_of(comparison: Comparison, moves: Moves) -> dict[str, pa.Array]:
    """Provider and spell number of units of admitted care, the provider where there are periods."""
    import pyarrow as pa

    table = comparison.grouped[0]
    if table.spells is None:
        found = _providers(comparison, moves)
        return {} if found is None else {"provider": _named(found[0][moves.moved], found[1])}
    spells = comparison.sides_of(moves)[0].spell_of(moves.moved) if moves.level != SPELL else moves.moved
    keys = pa.table(table.spells).select(list(SPELL_KEY)).take(spells).combine_chunks()
    provider, spell = (column.combine_chunks().cast(pa.string()) for column in keys.columns)
    return {"provider": provider.dictionary_encode(), "spell": spell}


def examples(found: Sequence[Example]) -> pa.Table:
    """Example records: the steps of both designs in words."""
    columns = ("level", "row", "from_hrg", "to_hrg", "reason", "text", "step", "detail", "row_from", "row_to")
    table: _Table = {name: [] for name in ("from_design", "to_design", *columns, "steps_from", "steps_to")}
    for example in found:
        why = [read(example.finding) for read in _OF_FINDING.values()]
        steps = ["; ".join(f"{step.part}: {step.text}" for step in one) for one in example.steps]
        values = [*example.designs, example.level, example.row, *example.hrgs, *why, *steps]
        for column, value in zip(table.values(), values, strict=True):
            column.append(value)
    return _table(table)


# --- parts ---


def _new(*columns: str, costs: bool) -> _Table:
    return {name: [] for name in ("from_design", "to_design", "level", *columns, *(_COST if costs else ()))}


def _add(table: _Table, moves: Moves, row: Sequence[Any]) -> None:
    for column, value in zip(table.values(), (*moves.designs, moves.level, *row), strict=True):
        column.append(value)


def _table(columns: _Table) -> pa.Table:
    """A table, with the types of its columns known where it has no rows."""
    import pyarrow as pa

    numbers = {"units", "moved", "arrived", "not_priced", "row"}
    floats = {"share", "share_of_moved", "cost_effect"}
    arrays = {}
    for name, column in columns.items():
        flags = name == "moved" and "to_hrg" in columns
        kind = pa.bool_() if flags else pa.int64() if name in numbers else pa.float64() if name in floats else pa.string()
        arrays[name] = pa.array(column, kind)
    return pa.table(arrays)


def _costs(moves: Moves, numbers: np.ndarray, groups: int) -> list[list[float | int | None]]:
    """For each group GBP by which prices change, and how many units have no price in one design; no cells without prices.

    The effect is None where no unit of the group has prices in both.
    """
    if moves.effect is None:
        return [[] for _ in range(groups)]
    unknown = np.isnan(moves.effect)
    sums = np.bincount(numbers, np.where(unknown, 0.0, moves.effect), minlength=groups)
    missing = np.bincount(numbers[unknown], minlength=groups)
    priced = np.bincount(numbers[~unknown], minlength=groups)
    return [
        [round(float(total), 2) if known else None, int(none)] for total, known, none in zip(sums, priced, missing, strict=True)
    ]


def _numbers(texts: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """The place of each text among names; 0 for what is none."""
    places = {name: number for number, name in enumerate(names)}
    return np.array([places.get(text, 0) for text in texts], np.int64)


def _named(ids: np.ndarray, names: Sequence[str]) -> pa.Array:
    """A column of ids with the texts that they stand for."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(ids.astype(np.int32)), pa.array(list(names), pa.string()))


def _constant(text: str, number: int) -> pa.Array:
    return _named(np.zeros(number, np.int32), [text])


def total_cost(moves: Moves) -> tuple[float | None, int]:
    """GBP by which all moves change prices (None if no unit has prices in both), and how many units have no price in one."""
    cells = _costs(moves, np.zeros(len(moves.moved), np.int64), 1)[0]
    return (None, 0) if not cells else (cells[0], int(cells[1] or 0))
