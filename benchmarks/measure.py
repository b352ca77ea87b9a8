"""What the benchmarks share: rounds in turns, tables of figures and targets, new interpreters, populations."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
WORK = ROOT / "build" / "bench"  # files that benchmarks write
DESIGN = "2024-25"
SEED, FAULTS = 2024, 0.03
BASE_SPELLS = 100_000  # drawn; larger populations repeat them under other providers
BLOCK = 2_000  # rows of the base whose copies are shuffled together
WARM_UP = 1  # rounds that are not counted

Values = list[float]  # a figure of each round
sys.path[:0] = [str(ROOT)] if str(ROOT) not in sys.path else []  # this tree before an installed hrgcore


# --- rounds and tables ---


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure, one value a round, and what it should be.

    Attributes:
        what: in words.
        values: one a round.
        unit: of the values.
        target: what is to be reached, if anything.
        less: whether less is better.
    """

    what: str
    values: Sequence[float]
    unit: str
    target: float | None = None
    less: bool = False

    @property
    def best(self) -> float:
        """The best round."""
        return min(self.values) if self.less else max(self.values)

    @property
    def median(self) -> float:
        """The round in the middle."""
        return statistics.median(self.values)

    def cells(self) -> tuple[str, ...]:
        """As a row of a table; the last cell tells how many times the median reaches the target: 1 or more is well."""
        shown = (self.what, number(self.best), number(self.median), self.unit)
        if self.target is None:
            return (*shown, "", "")
        reached = self.target / self.median if self.less else self.median / self.target
        return (*shown, ("at most " if self.less else "at least ") + number(self.target), f"{reached:.2f}")


HEADS = ("", "best", "median", "", "target", "reached")


def number(value: float) -> str:
    """With as many digits as tell something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def show(title: str, figures: Sequence[Figure]) -> None:
    """Prints figures with their targets."""
    show_table(title, HEADS, [figure.cells() for figure in figures])


def show_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a plain table; all columns but the first are set to the right, if they hold numbers."""
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    print(f"\n{title}\n{machine()}")
    for row in (heads, *rows):
        cells = [
            cell.rjust(width) if n and cell[:1].isdigit() else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def machine() -> str:
    """The day and the machine."""
    place = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    return f"{date.today():%d %B %Y}, {place}"


def in_turns(rounds: int, jobs: Mapping[str, Callable[[], float]]) -> dict[str, Values]:
    """What each job tells in each round, most often its seconds; a round does all jobs, so that slow phases fall on all."""
    found: dict[str, Values] = {name: [] for name in jobs}
    for turn in range(-WARM_UP, rounds):
        for name, job in jobs.items():
            value = job()
            if turn >= 0:
                found[name].append(value)
    return found


def seconds(work: Callable[..., object], *given: object, clock: Callable[[], float] = time.perf_counter) -> float:
    """How long a call takes."""
    start = clock()
    work(*given)
    return clock() - start


def ratios(above: Values, below: Values) -> Values:
    """The ratio of two figures, round by round."""
    return [a / b for a, b in zip(above, below, strict=True)]


def options(text: str | None, *, rounds: int, rows: int | None = None) -> argparse.ArgumentParser:
    """The options that all benchmarks have; `text` is the docstring of the benchmark."""
    parser = argparse.ArgumentParser(description=(text or "").partition("\n")[0])
    if rows is not None:
        parser.add_argument("--rows", type=int, default=rows, help=f"records to measure with ({rows:,})")
    parser.add_argument(
        "--rounds", type=int, default=rounds, help=f"of all that is compared ({rounds}), after one that does not count"
    )
    return parser


# --- new interpreters ---


def fresh(program: str, *arguments: object) -> str:
    """What a program prints in an interpreter of its own, which finds the benchmarks and this tree and may write byte code."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH", ""), str(ROOT), str(FOLDER)]))
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


def fresh_json(program: str, *arguments: object) -> Any:
    """The same, read as JSON."""
    return json.loads(fresh(program, *arguments))


def peak_memory() -> int:
    """The most bytes that this process has had in memory.

    `ru_maxrss` would do, had it not been handed down from the process that started this one.
    """
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM:"))


# --- populations ---


def population_file(rows: int) -> Path:
    """A file of so many invented episodes of admitted care, in no order; written on first use."""
    path = WORK / f"apc_{rows}.csv"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        _write_population(unfinished, rows)
        unfinished.rename(path)
    return path


def _write_population(path: Path, rows: int) -> None:
    from generators.apc import columns, generate_rows

    base = [",".join(row) + "\n" for row in generate_rows(min(BASE_SPELLS, rows), SEED, FAULTS)]
    copies, left = -(-rows // len(base)), rows
    chance = random.Random(SEED)
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(",".join(columns()) + "\n")
        for first, end in pairwise([*range(0, len(base), BLOCK), len(base)]):
            block = [_of_provider(line, copy) for copy in range(copies) for line in base[first:end]]
            chance.shuffle(block)
            file.writelines(block[:left])
            left -= min(left, len(block))


def _of_provider(line: str, copy: int) -> str:
    """A row of a copy of the population: its providers have a number behind their codes."""
    provider, comma, rest = line.partition(",")
    return f"{provider}{copy or ''}{comma}{rest}"


def encoded_arrays(grouper: Any, rows: int) -> dict[str, Any]:
    """The arrays of a batch of so many episodes, encoded from their file and sorted, as NumPy has them."""
    import numpy as np

    from hrgcore.datasets.apc import DATASET
    from hrgcore.files.reader import encode_file, open_input

    with open_input(population_file(rows), None, True, DATASET) as file:
        encoder, lines = encode_file(grouper.design, DATASET, file)
    arrays = {name: np.asarray(cells) for name, cells in encoder.arrays.items()}
    for name, start in (("diags", "diag_start"), ("procs", "proc_start"), ("items", "item_start")):
        arrays[name] = arrays[name][: arrays[start][-1]]
    return {**arrays, "spell_start": np.asarray(lines.spell_starts)}


def repeated(arrays: Mapping[str, Any], times: int) -> dict[str, Any]:
    """The arrays of a batch in which all episodes come so many times."""
    import numpy as np

    def repeat(name: str) -> Any:
        if not name.endswith("_start"):
            return np.tile(arrays[name], times)
        starts = np.zeros((len(arrays[name]) - 1) * times + 1, np.int64)
        np.cumsum(np.tile(np.diff(arrays[name]), times), out=starts[1:])
        return starts

    return {name: repeat(name) for name in arrays}


def batch_of(grouper: Any, arrays: Mapping[str, Any]) -> Any:
    """A batch of admitted care."""
    from hrgcore._core.batch import Batch

    return Batch(grouper.design.tables.fields["APC"], **arrays)
