"""Sets one field of many records to a value and counts the HRGs that change, as was done with the official program."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore._core.encode import Encoder
from hrgcore.datasets.apc import DATASET
from hrgcore.datasets.batches import group_batch, make_batch
from hrgcore.design.fields import LISTED_FIELDS, NUMBER_FIELDS
from hrgcore.errors import DesignError, InputFileError
from hrgcore.files.reader import encode_file, open_input

if TYPE_CHECKING:
    from hrgcore.design import Design

EPISODE_NUMBER = "EPIORDER"  # orders the episodes of a spell: nothing to set


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One probe, and what our grouping does on a file of its own.

    Attributes:
        field, value: the field that was set, and to what.
        official_records, official_changed: records of the official run, and how many of their HRGs changed.
        records, changed: spells of our run, and how many of their HRGs changed.
    """

    field: str
    value: str
    official_records: int
    official_changed: int
    records: int
    changed: int

    @property
    def scaled(self) -> float:
        """Our changes, had our file as many records as the official run."""
        return self.changed / self.records * self.official_records

    @property
    def difference(self) -> float:
        """Our scaled changes less the official ones."""
        return self.scaled - self.official_changed


def run_probes(
    design: Design, probes: Iterable[Mapping[str, str]], source: Path, rdf: Path | None, *, header: bool | None = None
) -> list[ProbeResult]:
    """Makes each probe on the one-episode spells of a file that group.

    Args:
        design: to group with.
        probes: rows of the evidence file `probes`.
        source: file of admitted care.
        rdf: its record definition; None takes the names of its header, or the default layout where it has none.
        header: whether it starts with a header; None finds out.

    Raises:
        InputFileError, RecordDefinitionError: the file cannot be used, or none of its one-episode spells groups.
        DesignError: a probe sets a field that it cannot, or to a value that the design does not accept.
    """
    encoder, starts = _encode(design, source, rdf, header)
    hrgs, failed = _group(design, encoder, starts)
    spells = [spell for spell, bad in enumerate(failed) if not bad and starts[spell + 1] - starts[spell] == 1]
    if not spells:
        raise InputFileError("has no spell of one episode that groups", place=str(source), cure="Probe with another file.")
    results = []
    for probe in probes:
        field, value = probe["field"], probe["value"]
        changed = _set(design, encoder, starts, field, value)
        number = sum(changed[spell] != hrgs[spell] for spell in spells)
        results.append(ProbeResult(field, value, int(probe["records"]), int(probe["changed"]), len(spells), number))
    return results


def _encode(design: Design, source: Path, rdf: Path | None, header: bool | None) -> tuple[Encoder, array[int]]:
    """The rows of a file as ids, and where its spells start."""
    with open_input(source, rdf, header, DATASET) as file:
        file.definition.check(design, DATASET)
        encoder, lines = encode_file(design, DATASET, file)
    return encoder, lines.spell_starts


def _group(design: Design, encoder: Encoder, starts: array[int]) -> tuple[Sequence[int], Sequence[int]]:
    """HRG id of each spell, and whether it failed."""
    results, _, _ = group_batch(design, DATASET, make_batch(encoder, starts))
    return results.columns["spell_hrg"], results.columns["spell_failed"]


def _set(design: Design, encoder: Encoder, starts: array[int], field: str, value: str) -> Sequence[int]:
    """HRG id of each spell with a field of all rows set to a value; the rows are as before afterwards."""
    fields = design.tables.fields[DATASET.name]
    if field in fields.names and field in NUMBER_FIELDS and field != EPISODE_NUMBER:
        name, columns, column = "numbers", fields.n_numbers, NUMBER_FIELDS.index(field)
        number = int(value) if value.isascii() and value.isdigit() else -1
        accepted = number >= 0 and fields.accepts_number(column, number)
    elif field in fields.names and field in LISTED_FIELDS:
        name, columns, column = "values", fields.n_values, LISTED_FIELDS.index(field)
        number = design.tables.values[column].encode(value)
        accepted = number > 0
    else:
        raise DesignError(f"a probe cannot set field {field!r}", place="evidence probes")
    if not accepted:
        raise DesignError(f"{field} does not accept {value!r}", place="evidence probes")
    cells = encoder.arrays[name]
    before = cells[column::columns]
    cells[column::columns] = array(cells.typecode, [number]) * len(before)
    hrgs, _ = _group(design, encoder, starts)
    cells[column::columns] = before
    return hrgs
