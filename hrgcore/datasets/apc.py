"""Admitted patient care: episodes and the spells that they make up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hrgcore._core.apc import Kernel as SpellKernel
from hrgcore._core.batch import Batch
from hrgcore._core.csvfile import SortPart
from hrgcore._core.encode import Encoder, batch_arrays
from hrgcore._core.output import Column, ConstantColumn, JoinedColumns, KeyColumn, MappedColumns, NumberColumn
from hrgcore._core.records import encode_record
from hrgcore._core.typedefs import Number
from hrgcore.datasets.batches import make_batch
from hrgcore.datasets.dataset import UNBUNDLED, DataSet, ExtraColumns, Grouped, Kernel, OutputTable, main_table, sorted_rows
from hrgcore.datasets.rows import FaultRow
from hrgcore.design.fields import LISTED_FIELDS
from hrgcore.errors import ArgumentError

if TYPE_CHECKING:
    from hrgcore.design import Design
    from hrgcore.records import Episode

NAME = "APC"
SPELL_KEY = ("PROCODET", "PROVSPNO")
SPECIALISED = 7
_BLANKS = b"," * (SPECIALISED - 1)  # so many blank cells
_SPECIALISED = tuple(f"SSCs{n}" for n in range(1, SPECIALISED + 1))

EPISODE_COLUMNS = (
    "FCE_HRG",
    "GroupingMethodFlag",
    "DominantProcedure",
    "FCE_PBC",
    "CalcEpidur",
    "ReportingEPIDUR",
    "FCETrimpoint",
    "FCEExcessBeddays",
    "SpellReportFlag",
)
EPISODE_SPECIALISED_COLUMNS = ("FCESSC_Ct", *(f"FCE{name}" for name in _SPECIALISED))
SPELL_COLUMNS = (
    "SpellHRG",
    "SpellGroupingMethodFlag",
    "SpellDominantProcedure",
    "SpellPDiag",
    "SpellSDiag",
    "SpellEpisodeCount",
    "SpellLOS",
    "ReportingSpellLOS",
    "SpellTrimpoint",
    "SpellExcessBeddays",
    "SpellCCDays",
    "SpellPBC",
)
SPELL_FLAG_COLUMNS = (
    "SpellSSC_Ct",
    *(f"Spell{name}" for name in _SPECIALISED),
    "SpellBP_Ct",
    *(f"SpellBP{n}" for n in range(1, SPECIALISED + 1)),
    "SpellFlag_Ct",
    *(f"SpellFlag{n}" for n in range(1, SPECIALISED + 1)),
)


def default_values(design: Design) -> tuple[int, ...]:
    """Ids of the values that listed fields take when a caller of the single-case API leaves them out."""
    tables = design.tables
    defaults = design.defaults[NAME]
    places = tables.fields[NAME].value_place
    return tuple(tables.values[place].encode(defaults[LISTED_FIELDS[place]]) for place in places)


def encode_spells(design: Design, spells: Iterable[Sequence[Episode]]) -> tuple[Batch, list[FaultRow]]:
    """Encodes spells of records; the episodes of each spell are sorted by number.

    Returns:
        The batch and the faults found in its cells.
    """
    orders = [(spell, order_of(design, spell)) for spell in spells]
    flat = [episode for spell, _ in orders for episode in spell]
    diagnoses = sum(len(episode.diagnoses) for episode in flat)
    procedures = sum(len(episode.procedures) for episode in flat)
    fields = design.tables.fields[NAME]
    encoder = Encoder(design.tables, fields, batch_arrays(fields, len(flat), diagnoses, procedures))
    defaults = default_values(design)
    starts = [0]
    for spell, order in orders:
        for place in order:
            encode_record(encoder, spell[place], defaults, place + 1)
        starts.append(starts[-1] + len(spell))
    return make_batch(encoder, starts), encoder.faults.rows()


def order_of(design: Design, spell: Sequence[Episode]) -> list[int]:
    """Positions of the episodes in the order of their numbers; one whose number is not accepted comes last.

    An episode without a number has its place in the list as its number.

    Raises:
        ArgumentError: there is no episode.
    """
    if not spell:
        raise ArgumentError("a spell has no episodes", cure="Give at least one episode.")
    fields = design.tables.fields[NAME]

    def key(position: int) -> tuple[bool, int]:
        number = spell[position].number
        if number is None:
            return False, position + 1
        accepted = isinstance(number, int) and fields.accepts_number(Number.N_EPIORDER, number)
        return not accepted, number if accepted else 0

    return sorted(range(len(spell)), key=key)


def _kernel(design: Design, trace: bool) -> Kernel:
    return SpellKernel(design.tables, trace)


# --- the official files ---


def _tables(grouped: Grouped) -> dict[str, OutputTable]:
    rows, spells, starts = grouped.batch.rows, grouped.batch.spells, grouped.starts
    episode, spell = JoinedColumns(_episode_columns(grouped), rows), JoinedColumns(_spell_columns(grouped), spells)
    key = (KeyColumn(grouped.lines, SortPart.SORT_PROVIDER), KeyColumn(grouped.lines, SortPart.SORT_LOCAL))
    key_columns = (MappedColumns(key, starts[:spells]), spell)
    of_spell = MappedColumns((spell,), grouped.batch.spell_of_rows())
    spell_heads = (*SPELL_KEY, *SPELL_COLUMNS)
    extra = grouped.extra.get("spell", ExtraColumns())
    flags = (ConstantColumn(b",".join([b"0," + _BLANKS] * 3)), *extra.columns, grouped.unbundled.by_spell(starts))
    return {
        "_sort": sorted_rows(grouped),
        "_FCE": main_table(
            grouped,
            (*EPISODE_COLUMNS, *EPISODE_SPECIALISED_COLUMNS, *SPELL_COLUMNS),
            (episode, ConstantColumn(b"0," + _BLANKS), of_spell),
            level="episode",
            ragged=True,
        ),
        "_spell": OutputTable(
            (*spell_heads, *SPELL_FLAG_COLUMNS, *extra.names, UNBUNDLED), (*key_columns, *flags), spells, echo=False, rows=starts
        ),
        "_FCE_rel": OutputTable(EPISODE_COLUMNS, (episode,), rows, echo=False),
        "_spell_rel": OutputTable(spell_heads, key_columns, spells, echo=False, rows=starts),
    }


def _episode_columns(grouped: Grouped) -> tuple[Column, ...]:
    columns = grouped.results.columns
    return (
        grouped.hrg("hrg"),
        grouped.letter("method"),
        grouped.text("dominant", grouped.texts.procedures),
        grouped.text("programme", grouped.texts.programmes),
        NumberColumn(columns["stay"]),
        ConstantColumn(b",,"),  # reporting duration, trim point, excess bed days
        NumberColumn(columns["report_flag"]),
    )


def _spell_columns(grouped: Grouped) -> tuple[Column, ...]:
    columns = grouped.results.columns
    return (
        grouped.hrg("spell_hrg"),
        grouped.letter("spell_method"),
        grouped.text("spell_dominant", grouped.texts.procedures),
        grouped.text("spell_primary", grouped.texts.diagnoses),
        grouped.text("spell_secondary", grouped.texts.diagnoses),
        NumberColumn(grouped.batch.spell_rows()),
        NumberColumn(columns["spell_stay"]),
        ConstantColumn(b",,"),
        NumberColumn(columns["spell_critical_care"]),
        grouped.text("spell_programme", grouped.texts.programmes),
    )


DATASET = DataSet(
    name=NAME,
    title="Admitted patient care",
    unit="episode",
    kernel=_kernel,
    tables=_tables,
    suffixes=(
        "",
        "_sort",
        "_FCE",
        "_spell",
        "_quality",
        "_FCE_rel",
        "_spell_rel",
        "_quality_rel",
        "_flag_rel",
        "_ub_rel",
        "_summary",
    ),
    counts=("FCE Count", "Spell Count", "FCE Error Count", "Spell Error Count"),
    has_spells=True,
    order={"PROCODET": SortPart.SORT_PROVIDER, "PROVSPNO": SortPart.SORT_LOCAL, "EPIORDER": SortPart.SORT_ORDER},
)
