"""What every data set is made of: its fields, the order of its rows, its kernel, and the files that it writes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hrgcore._core.batch import Batch, RecordResults, Results
from hrgcore._core.csvfile import RecordLines, SortPart
from hrgcore._core.decide import RecordKernel
from hrgcore._core.events import Events
from hrgcore._core.output import Column, LetterColumn, TextColumn, Texts, UnbundledColumn
from hrgcore._core.tables import Tables
from hrgcore.design.fields import LAYOUTS, Field

if TYPE_CHECKING:
    from hrgcore.design import Design

AnyResults = Results | RecordResults
UNBUNDLED = "UnbundledHRGs"
PERIOD_ORDER = {"PROCODET": SortPart.SORT_PROVIDER, "CCLocalID": SortPart.SORT_LOCAL, "CCDate": SortPart.SORT_ORDER}


class Kernel(Protocol):
    """Groups a span of a batch: of spells in admitted care, of records elsewhere."""

    def run(self, batch: Batch, results: Any, first: int, end: int, /) -> None:
        """Groups first to end - 1 into the results."""

    @property
    def faults(self) -> Events:
        """Faults of the last run: row, phase, field code, message."""

    @property
    def unbundled(self) -> Events:
        """Unbundled HRGs of the last run: row, HRG, multiplier, 0."""

    @property
    def trace(self) -> Events | None:
        """Steps of the last run, if they are kept."""


class ExtraColumns(NamedTuple):
    """Columns that plugins add to the main file of a level."""

    names: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()


class DesignTexts:
    """The texts of a design's ids, as output files write them."""

    def __init__(self, tables: Tables) -> None:
        self.hrgs = Texts(tables.hrgs)
        self.diagnoses = Texts(tables.icd10.codes)
        self.procedures = Texts(tables.opcs4.codes)
        self.programmes = Texts(tables.programmes)


class Grouped(NamedTuple):
    """A grouped span of a file, as the makers of output tables see it.

    `lines` are those of the file, of which the span begins at row `first`; `starts` are its spells, `extra` the columns of
    plugins by level.
    """

    texts: DesignTexts
    lines: RecordLines
    first: int
    starts: array[int]
    batch: Batch
    results: AnyResults
    unbundled: UnbundledColumn
    extra: Mapping[str, ExtraColumns]

    def text(self, column: str, texts: Texts) -> Column:
        """A column of ids as text."""
        return TextColumn(texts, self.results.columns[column])

    def hrg(self, column: str) -> Column:
        """A column of HRGs."""
        return self.text(column, self.texts.hrgs)

    def letter(self, column: str) -> Column:
        """A column of letters."""
        return LetterColumn(self.results.columns[column])


class OutputTable(NamedTuple):
    """A span of an output file.

    It has heads of columns after the input line (if `echo`) and RowNo, the columns, and a number of lines;
    `rows` is the row of the span that each line belongs to, where that is not the line's own number.
    """

    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: int
    echo: bool = True
    rows: Sequence[int] | None = None


@lru_cache(maxsize=8)
def texts_of(tables: Tables) -> DesignTexts:
    """The texts of a design; of the last few designs that were asked for they are kept."""
    return DesignTexts(tables)


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set.

    Attributes:
        name: as the official program has it, such as `EM`.
        title: in words.
        unit: what a row is, in the singular.
        kernel: makes a kernel for a design; the second argument turns the trace on.
        tables: makes the output tables of a grouped file, by suffix.
        suffixes: of its official output files, the bare name first.
        counts: heads of the counts in the summary file: rows and failed rows, and for admitted care spells and failed spells.
        order: the part of fields in the order of the rows; empty if they stay as they come.
        finish: what is computed once all rows are grouped.
        has_spells: whether rows are episodes of spells, which are grouped too.
    """

    name: str
    title: str
    unit: str
    kernel: Callable[[Design, bool], Kernel]
    tables: Callable[[Grouped], dict[str, OutputTable]]
    suffixes: tuple[str, ...]
    counts: tuple[str, ...]
    order: Mapping[str, SortPart] = field(default_factory=dict)
    finish: Callable[[Batch, Any], None] | None = None
    has_spells: bool = False

    @property
    def main(self) -> str:
        """The suffix of its main file."""
        return next(suffix for suffix in self.suffixes if suffix not in ("", "_sort"))

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its fields, in official order."""
        return LAYOUTS[self.name]

    def results(self, batch: Batch) -> AnyResults:
        """Room for the results of a batch."""
        return Results(batch.rows, batch.spells) if self.has_spells else RecordResults(batch.rows)


def suffixes_of(main: str, *, sort: bool = False, unbundled: bool = False) -> tuple[str, ...]:
    """The suffixes of a data set without spells whose main file is this one, in official order."""
    sorted_rows = ("_sort",) if sort else ()
    keys = (f"{main}_rel", "_quality_rel", "_ub_rel") if unbundled else ("_quality_rel",)
    return ("", *sorted_rows, main, "_quality", *keys, "_summary")


def sorted_rows(grouped: Grouped) -> OutputTable:
    """The `_sort` file: the input in the order in which it was grouped."""
    return OutputTable((), (), grouped.batch.rows)


def decided_by_rules(
    name: str, *, blamed: str, age: str = "", kernel: type[RecordKernel] = RecordKernel
) -> Callable[[Design, bool], Kernel]:
    """The kernel of a data set whose rules decide, alone or at last.

    Args:
        name: of the data set, and of the stage of its rules.
        blamed: the field that faults of the rules name.
        age: the field with the age in completed years, if there is one.
        kernel: its class.
    """

    def make(design: Design, trace: bool) -> Kernel:
        tables = design.tables
        return kernel(tables, tables.fields[name], tables.stages[name], blamed, age, trace)

    return make


def one_hrg_column(main: str, head: str, *, sort: bool = False) -> Callable[[Grouped], dict[str, OutputTable]]:
    """The tables of a data set that only adds the HRG to its input."""

    def make(grouped: Grouped) -> dict[str, OutputTable]:
        table = main_table(grouped, (head,), (grouped.hrg("hrg"),))
        return {"_sort": sorted_rows(grouped), main: table} if sort else {main: table}

    return make


def main_table(
    grouped: Grouped, heads: tuple[str, ...], columns: tuple[Column, ...], *, level: str = "record", ragged: bool = False
) -> OutputTable:
    """The file that repeats the input and adds columns, those of plugins, and if `ragged` the unbundled HRGs."""
    extra = grouped.extra.get(level, ExtraColumns())
    last = (grouped.unbundled,) if ragged else ()
    names = (UNBUNDLED,) if ragged else ()
    return OutputTable((*heads, *extra.names, *names), (*columns, *extra.columns, *last), grouped.batch.rows)
