"""What the benchmarks measure on: a population of episodes, written by the generator, and the design 2024-25."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import population
import pytest

from hrgcore import Episode, Grouper
from hrgcore._core.batch import Batch
from hrgcore.datasets.apc import DATASET
from hrgcore.datasets.batches import make_batch
from hrgcore.files.reader import encode_file, open_input

SPELLS = 100_000
SEED = 2024
FAULTS = 0.03


@dataclass(frozen=True)
class Population:
    """A file of episodes, and the same encoded."""

    path: Path
    batch: Batch
    spells: list[list[Episode]]


@pytest.fixture(scope="session")
def grouper() -> Grouper:
    return Grouper("2024-25")


@pytest.fixture(scope="session")
def people(grouper: Grouper, tmp_path_factory: pytest.TempPathFactory) -> Population:
    path = tmp_path_factory.mktemp("population") / "apc.csv"
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(population.columns(14, 12))
        writer.writerows(population.generate_rows(SPELLS, SEED, FAULTS))
    with open_input(path, None, True, DATASET) as file:
        encoder, lines = encode_file(grouper.design, DATASET, file)
    return Population(path, make_batch(encoder, lines.spell_starts), _records(path))


def _records(path: Path) -> list[list[Episode]]:
    """The first spells of one episode each, as records."""
    with path.open(encoding="ascii") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(2_000), strict=False)]
    return [[Episode.from_cells(lambda field, n, row=row: row.get(f"{field}_{n:02d}" if n else field) or "")] for row in rows]
