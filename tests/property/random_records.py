"""Random records of the data sets beside admitted care, most of them as the population generator of the benchmarks writes them.

To count how many of them the engine and the reference grouper agree on::

    python -m tests.property.random_records --records 100000 [--dataset EM] [--seed 1]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from random import Random

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "benchmarks")]  # when run as a script
from population import DATASETS as GENERATORS

from hrgcore.testing import records
from hrgcore.testing.records import Source, random_file
from hrgcore.testing.reference.tables import Design

DATASETS = tuple(GENERATORS)
FAULTS = 0.1  # share of the records of the generator with a seeded fault


def source_of(design: Design, dataset: str, seed: int = 0, realistic: int = 1500) -> Source:
    generator = GENERATORS[dataset](seed)
    columns = generator.LAYOUT.columns
    rows = islice(generator.rows(realistic, FAULTS), realistic)
    return records.source_of(design, dataset, [dict(zip(columns[:-1], row, strict=False)) for row in rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints how many of so many random records of each data set the engine and the reference grouper agree on."""
    from hrgcore import Grouper
    from hrgcore.plugins import host
    from hrgcore.testing.records_twin import differences, group_both

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--chunk", type=int, default=2000, help="records of a file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dataset", choices=DATASETS, action="append")
    parser.add_argument("--design", default="2024-25")
    options = parser.parse_args(arguments)
    design = Design(host().folder(options.design))
    wrong = 0
    for dataset in options.dataset or DATASETS:
        grouper, started, agreed = Grouper(options.design, dataset), time.perf_counter(), 0
        hrgs, unbundled = Counter[str](), set[str]()
        with tempfile.TemporaryDirectory() as folder:
            for number, first in enumerate(range(0, options.records, options.chunk)):
                random = Random(f"{options.seed} {dataset} {number}")
                source = source_of(design, dataset, seed=options.seed * 100_000 + number, realistic=options.chunk // 2)
                rows = random_file(random, source, min(options.chunk, options.records - first))
                expected, found = group_both(grouper, design, rows, Path(folder))
                differ = differences(expected, found)
                agreed += len(rows) - len(differ)
                hrgs.update(expected.hrgs)
                unbundled.update(line.rpartition(",")[2] for line in expected.lines.get("_ub_rel", []))
                for line in differ[:3]:
                    print(line, file=sys.stderr)
        wrong += options.records - agreed
        seconds = time.perf_counter() - started
        print(f"{dataset}: {agreed:,} of {options.records:,} records agree, {seconds:.0f} s")
        most = ", ".join(f"{hrg} {count}" for hrg, count in hrgs.most_common(12))
        print(f"  {len(hrgs)} HRGs: {most} ..., {len(unbundled)} unbundled", flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
