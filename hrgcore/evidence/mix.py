"""The HRGs of a file of records, set beside the national activity of their data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore.datasets.batches import group_batch, make_batch
from hrgcore.datasets.dataset import DataSet
from hrgcore.files.reader import encode_file, open_input
from hrgcore.report.plots import check_plot, new_axes, new_figure, save_figure

if TYPE_CHECKING:
    from hrgcore.design import Design

INCHES = (10, 5)


@dataclass(frozen=True, slots=True)
class HRGShare:
    """An HRG: how many records of the file have it, how many national ones, and both as shares of those that group."""

    hrg: str
    records: int
    national: int
    share: float
    national_share: float


@dataclass(frozen=True, slots=True)
class Mix:
    """The HRGs of a file.

    Attributes:
        hrgs: those of the file or the national activity, by name.
        records, failed: records of the file, and how many of them failed and have no part in the shares.
        national: national records.
    """

    hrgs: tuple[HRGShare, ...]
    records: int
    failed: int
    national: int

    @property
    def apart(self) -> float:
        """Share of the records that would have to change their HRG for the shares to be equal."""
        return sum(abs(one.share - one.national_share) for one in self.hrgs) / 2


def measure_mix(
    design: Design,
    dataset: DataSet,
    evidence: Iterable[Mapping[str, str]],
    source: Path,
    rdf: Path | None,
    header: bool | None,
) -> Mix:
    """Groups a file and sets its HRGs beside the national ones.

    Args:
        design: the design to group with.
        dataset: what the records of the file are.
        evidence: rows with data set, HRG and records.
        source, rdf, header: the file, as Grouper.group_file takes it.

    Raises:
        InputFileError, RecordDefinitionError: the file cannot be used.
    """
    with open_input(source, rdf, header, dataset) as file:
        file.definition.check(design, dataset)
        encoder, lines = encode_file(design, dataset, file)
    batch = make_batch(encoder, lines.spell_starts)
    results, _, _ = group_batch(design, dataset, batch)
    columns = results.columns
    found = Counter(design.tables.hrgs[hrg] for hrg, failed in zip(columns["hrg"], columns["failed"], strict=True) if not failed)
    national = {row["hrg"]: int(row["records"]) for row in evidence if row["dataset"] == dataset.name}
    whole, all_national = max(1, found.total()), max(1, sum(national.values()))
    return Mix(
        tuple(
            HRGShare(hrg, found[hrg], national.get(hrg, 0), found[hrg] / whole, national.get(hrg, 0) / all_national)
            for hrg in sorted(found.keys() | national.keys())
        ),
        batch.rows,
        sum(columns["failed"]),
        sum(national.values()),
    )


def plot_mix(mix: Mix, title: str, path: Path) -> None:
    """Draws both shares of each HRG side by side.

    Raises:
        ArgumentError: see `check_plot`.
        OutputFileError: the file cannot be written.
    """
    check_plot(path)
    figure = new_figure(*INCHES)
    axes = new_axes(figure)
    places, half = range(len(mix.hrgs)), 0.2
    national = [100 * one.national_share for one in mix.hrgs]
    ours = [100 * one.share for one in mix.hrgs]
    axes.bar([place - half for place in places], national, 2 * half, color="0.25", label=f"national ({mix.national:,})")
    axes.bar(
        [place + half for place in places],
        ours,
        2 * half,
        color="0.85",
        edgecolor="0.25",
        hatch="///",
        label=f"file ({mix.records - mix.failed:,})",
    )
    axes.set_xticks(list(places), [one.hrg for one in mix.hrgs], rotation=60 if len(mix.hrgs) > 14 else 0)
    axes.set_ylabel("Percent of the records that group")
    axes.set_title(
        f"{title}\n{mix.apart:.1%} of the records would have to change their HRG for the shares to be equal", loc="left"
    )
    axes.legend()
    axes.grid(axis="y", color="0.9", linewidth=0.5)
    axes.set_axisbelow(True)
    save_figure(figure, path)
