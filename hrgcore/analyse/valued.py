"""Grouped records with a value each, such as their cost or their stay: what statistics are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hrgcore._core.typedefs import Method
from hrgcore.analyse.grouped import check_column, hrg_column, hrg_name, numbers_of, place_of, read_grouped, texts_of
from hrgcore.errors import InputFileError
from hrgcore.plugins import host

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from hrgcore.design import Design

    Numbers = NDArray[np.float64]
    Ids = NDArray[np.int64]

BLANK = -1  # in place of an id
# Column of HRGs -> column with the method of grouping, in the outputs that have one.
METHOD_COLUMNS = {
    "FCE_HRG": "GroupingMethodFlag",
    "SpellHRG": "SpellGroupingMethodFlag",
    "NAC_HRG": "GroupingMethodFlag",
    "hrg": "method",
}
_FAILED = chr(Method.METHOD_ERROR)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Records without a part in the statistics. Each is counted once, at the first reason that holds.

    Attributes:
        no_hrg: their HRG is blank.
        failed: they are in the error group; None if this cannot be told, for want of a design and of a column of methods.
        no_value: their value is blank.
        no_provider: their provider is blank, where providers are compared.
    """

    no_hrg: int
    failed: int | None
    no_value: int
    no_provider: int = 0


@dataclass(frozen=True, slots=True)
class ValuedRecords:
    """Records with an HRG and a value.

    Attributes:
        table: all records that were read.
        place: how messages name the table.
        hrg_column: name of the column of HRGs.
        hrgs: the HRGs, by name.
        hrg: of each record the number of its HRG in `hrgs`.
        values: of each record.
        rows: of each record its place in the table.
        left_out: what else is in the table.
    """

    table: pa.Table
    place: str
    hrg_column: str
    hrgs: tuple[str, ...]
    hrg: Ids
    values: Numbers
    rows: Ids
    left_out: LeftOut

    def numbers(self, column: str) -> Numbers:
        """The numbers of another column for the same records."""
        return numbers_of(self.table, column, self.place)[self.rows]


def read_valued(
    source: Any,
    value: str,
    hrg: str | None,
    design: Design | None,
    *,
    provider: str | None = None,
    needed: Iterable[str] = (),
    others: Iterable[str] = (),
) -> ValuedRecords:
    """Reads grouped data and leaves out what has no HRG or no value.

    Args:
        source: as `read_grouped` takes it.
        value: name of the column of values.
        hrg: name of the column of HRGs; None finds it.
        design: tells the error group; without it the method of grouping does.
        provider: name of a column that must not be blank either.
        needed: names of further columns to read.
        others: names of columns to read where they are there.

    Raises:
        InputFileError: a column is missing, a value is no number, or no record is left.
    """
    place = place_of(source)
    further = [*needed, *([provider] if provider is not None else [])]

    def wanted(names: Sequence[str]) -> Iterable[str]:
        column = hrg_name(names, hrg, place)
        for name in (value, *further):
            check_column(names, name, place)
        return {column, value, *further, METHOD_COLUMNS.get(column, column), *others}

    table = read_grouped(source, wanted)
    column = hrg_column(table, hrg, place)
    names, ids = coded(table, column, place)
    values = numbers_of(table, value, place)
    nothing = np.zeros(len(ids), bool)
    failures = _failures(table, place, column, names, ids, design)
    no_provider = nothing if provider is None else coded(table, provider, place)[1] == BLANK
    rows, counts = _rest(ids == BLANK, nothing if failures is None else failures, np.isnan(values), no_provider)
    if not len(rows):
        raise InputFileError(f"no record has an HRG and a {value}", place=place, cure="Check the names of the columns.")
    present, group = np.unique(ids[rows], return_inverse=True)
    left_out = LeftOut(counts[0], None if failures is None else counts[1], *counts[2:])
    return ValuedRecords(table, place, column, tuple(names[i] for i in present), group, values[rows], rows, left_out)


def coded(table: pa.Table, column: str, place: str) -> tuple[tuple[str, ...], Ids]:
    """The texts of a column in their order, and of each cell the number of its text, or BLANK.

    Raises:
        InputFileError: there is no such column, or it is none of texts.
    """
    cells = texts_of(table, column, place).combine_chunks().dictionary_encode()
    texts = cells.dictionary.to_pylist()
    order = sorted(range(len(texts)), key=texts.__getitem__)
    number = np.empty(len(texts) + 1, np.int64)
    number[order] = np.arange(len(texts))
    number[BLANK] = BLANK
    indices = cells.indices.fill_null(BLANK).to_numpy(zero_copy_only=False)
    return tuple(texts[i] for i in order), number[indices]


def find_design(design: str | Design | None) -> Design | None:
    """A design by its name, or itself."""
    return host().load_design(design) if isinstance(design, str) else design


def roots_of(hrgs: tuple[str, ...], design: Design | None) -> list[str]:
    """The root of each HRG, as the design has it; of one that it does not know the name without its last character."""
    known = {row.cells[1]: row.cells[0] for row in design.rows["split"]} if design else {}
    return [known.get(hrg, hrg[:-1]) for hrg in hrgs]


def table_of(columns: Mapping[str, Any]) -> pa.Table:
    """A table whose cells are null where a figure is not defined (NaN)."""
    import pyarrow as pa

    return pa.table({name: pa.array(cells, from_pandas=True) for name, cells in columns.items()})


def _failures(
    table: pa.Table, place: str, column: str, names: tuple[str, ...], ids: Ids, design: Design | None
) -> NDArray[np.bool_] | None:
    """Which records are in the error group; None if this cannot be told."""
    if design is not None:
        error_group = design.tables.hrgs[design.tables.invalid_hrg]
        return ids == names.index(error_group) if error_group in names else np.zeros(len(ids), bool)
    method = METHOD_COLUMNS.get(column, "")
    if method not in table.column_names:
        return None
    methods, found = coded(table, method, place)
    return found == methods.index(_FAILED) if _FAILED in methods else np.zeros(len(ids), bool)


def _rest(*reasons: NDArray[np.bool_]) -> tuple[Ids, list[int]]:
    """The rows for which no reason to leave them out holds, and how many each reason, in turn, leaves out."""
    kept, counts = np.ones(len(reasons[0]), bool), []
    for reason in reasons:
        counts.append(int(np.count_nonzero(kept & reason)))
        kept &= ~reason
    return np.flatnonzero(kept), counts
