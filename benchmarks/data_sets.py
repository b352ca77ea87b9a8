"""The six data sets other than admitted care: arrays to arrays on one thread, and official CSV to official files on all cores.

python benchmarks/data_sets.py [--rows 200000] [--rounds 3]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import population
from measure import DESIGN, FAULTS, SEED, WORK, Figure, in_turns, options, seconds, show

from hrgcore import Grouper
from hrgcore.datasets import DATASETS
from hrgcore.datasets.batches import make_batch
from hrgcore.files.reader import encode_file, open_input


def write_records(folder: Path, name: str, rows: int) -> Path:
    """A file of invented records of a data set."""
    path, source = folder / f"{name}.csv", population.DATASETS[name]
    population.write(path, source.LAYOUT.columns, source(SEED).rows(rows, FAULTS, Counter()))
    return path


def engine_of(grouper: Grouper, path: Path) -> Callable[[], None]:
    """Groups the encoded records of a file; what is computed when all are grouped is included."""
    dataset, design = DATASETS[grouper.dataset], grouper.design
    with open_input(path, None, True, dataset) as file:
        encoder, lines = encode_file(design, dataset, file)
    batch = make_batch(encoder, lines.spell_starts)
    kernel, results = dataset.kernel(design, False), dataset.results(batch)

    def group() -> None:
        kernel.run(batch, results, 0, batch.rows)
        if dataset.finish:
            dataset.finish(batch, results)

    return group


def main() -> None:
    """Measures, and prints a table."""
    given = options(__doc__, rows=200_000, rounds=3).parse_args()
    figures = []
    WORK.mkdir(parents=True, exist_ok=True)
    for name in population.DATASETS:
        grouper = Grouper(DESIGN, name)
        with TemporaryDirectory(dir=WORK) as folder:
            path = write_records(Path(folder), name, given.rows)
            group, output = engine_of(grouper, path), Path(folder) / "out.csv"
            jobs = {
                "arrays to arrays, 1 thread": lambda group=group: seconds(group),
                "files": lambda grouper=grouper, path=path, output=output: seconds(grouper.group_file, path, output),
            }
            found = in_turns(given.rounds, jobs)
        figures += [Figure(f"{name} {what}", [given.rows / taken for taken in found[what]], "records/s") for what in jobs]
    show(f"Other data sets, {given.rows:,} records each", figures)


if __name__ == "__main__":
    main()
