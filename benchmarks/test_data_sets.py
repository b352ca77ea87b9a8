"""Speed of the data sets other than admitted care, arrays to arrays on one thread, on generated records."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import population
import pytest

from hrgcore import Grouper
from hrgcore.datasets import DATASETS
from hrgcore.datasets.batches import make_batch
from hrgcore.files.reader import encode_file, open_input

RECORDS = 200_000
SEED = 2024
FAULTS = 0.03


@pytest.mark.parametrize("name", [name for name, dataset in DATASETS.items() if not dataset.has_spells])
def test_records(benchmark: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    """Records in, HRGs out; what is computed when all are grouped included."""
    path = tmp_path / f"{name}.csv"
    generator = population.DATASETS[name]
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(generator.LAYOUT.columns)
        writer.writerows(generator(SEED).rows(RECORDS, FAULTS, Counter()))
    dataset, design = DATASETS[name], Grouper("2024-25", name).design
    with open_input(path, None, True, dataset) as file:
        encoder, lines = encode_file(design, dataset, file)
    batch = make_batch(encoder, lines.spell_starts)
    kernel, results = dataset.kernel(design, False), dataset.results(batch)

    def group() -> None:
        kernel.run(batch, results, 0, batch.rows)
        if dataset.finish:
            dataset.finish(batch, results)

    benchmark(group)
    benchmark.extra_info["records_a_second"] = round(batch.rows / benchmark.stats.stats.median)
