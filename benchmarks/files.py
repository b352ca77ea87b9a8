"""Official CSV to all eleven files, against what pyarrow takes merely to read that CSV and to write it again.

    python benchmarks/files.py [--rows 1000000] [--rounds 3]
    python benchmarks/files.py --large [--rounds 1]

All run in a new process each time, which tells its time from opening the file to the last byte (start and imports are left out)
and the most memory that it took. Ours group in memory, on all cores and on one, and in bounded mode, where sorted runs go to the
disk; fewer than half a million rows fit into the bound and are grouped in memory there too. `--large` takes 10 million rows and a
bound of 1 GB. The files are in no order. What bounded mode writes is compared with what memory mode writes, by hashes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from measure import DESIGN, WORK, Figure, fresh_json, in_turns, options, peak_memory, population_file, ratios, seconds, show

ROWS, BOUND = 1_000_000, 1 << 28
LARGE_ROWS, LARGE_BOUND = 10_000_000, 1_000_000_000
UNBOUND = 1 << 40  # bytes: enough to group any file in memory
CORES = os.cpu_count() or 1
SUMMARY = "out_summary.csv"  # holds the time
OURS, ARROW, ONE, ARROW_ONE, BOUNDED = "ours", "pyarrow", "ours, 1 thread", "pyarrow, 1 thread", "bounded"


# --- in a process of their own ---


def group(source: str, output: str, threads: str, memory: str) -> None:
    """Groups a file, and prints seconds and bytes of memory."""
    from hrgcore import Grouper

    grouper = Grouper(DESIGN)
    taken = seconds(lambda: grouper.group_file(source, output, threads=int(threads), memory=int(memory)))
    print(json.dumps([taken, peak_memory()]))


def copy(source: str, output: str, threads: str) -> None:
    """Reads and writes a file with pyarrow, and prints the same."""
    import pyarrow
    from pyarrow import csv

    pyarrow.set_cpu_count(int(threads))
    one = threads == "1"
    taken = seconds(lambda: csv.write_csv(csv.read_csv(source, read_options=csv.ReadOptions(use_threads=not one)), output))
    print(json.dumps([taken, peak_memory()]))


# --- in this one ---


class Runs:
    """Runs functions above on a file, and remembers the memory that they took and the hashes of what they wrote."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.memory: dict[str, list[float]] = {}
        self.hashes: dict[str, dict[str, str]] = {}

    def job(self, name: str, function: str, *given: object, hashed: bool = False) -> Callable[[], float]:
        """What runs a function and tells its seconds."""
        program = f"import sys, files; files.{function}(*sys.argv[1:])"

        def run() -> float:
            with TemporaryDirectory(dir=WORK) as folder:
                taken, peak = fresh_json(program, self.source, Path(folder) / "out.csv", *given)
                self.memory.setdefault(name, []).append(peak)
                if hashed and name not in self.hashes:
                    self.hashes[name] = _hashes(Path(folder))
            return float(taken)

        return run


def _hashes(folder: Path) -> dict[str, str]:
    found = {}
    for path in folder.iterdir():
        if path.name != SUMMARY:
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def measure(source: Path, bound: int, rounds: int) -> tuple[dict[str, list[float]], Runs]:
    """Seconds of all runs, in turns."""
    runs = Runs(source)
    jobs = {
        OURS: runs.job(OURS, "group", CORES, UNBOUND, hashed=True),
        ARROW: runs.job(ARROW, "copy", CORES),
        ONE: runs.job(ONE, "group", 1, UNBOUND),
        ARROW_ONE: runs.job(ARROW_ONE, "copy", 1),
        BOUNDED: runs.job(BOUNDED, "group", CORES, bound, hashed=True),
    }
    return in_turns(rounds, jobs), runs


def figures(found: dict[str, list[float]], runs: Runs, rows: int, bound: int) -> list[Figure]:
    """What is shown."""
    size = runs.source.stat().st_size
    speeds = {name: Figure(name, [rows / taken for taken in values], "rows/s") for name, values in found.items()}
    share: Any = {name: [peak / size for peak in peaks] for name, peaks in runs.memory.items()}
    return [
        Figure(f"ours, {CORES} threads", speeds[OURS].values, "rows/s", 500_000),
        *(speeds[name] for name in (ARROW, ONE, ARROW_ONE, BOUNDED)),
        Figure(f"ours against pyarrow, both on {CORES} cores", ratios(found[ARROW], found[OURS]), "x", 1),
        Figure("ours against pyarrow, both on 1 thread", ratios(found[ARROW_ONE], found[ONE]), "x"),
        Figure("2 threads against 1", ratios(found[ONE], found[OURS]), "x"),
        Figure("time of bounded mode against memory mode", ratios(found[BOUNDED], found[OURS]), "x", 2.5, less=True),
        Figure("peak memory against the size of the file", share[OURS], "x", 2.5, less=True),
        Figure("peak memory of pyarrow against it", share[ARROW], "x", less=True),
        Figure("peak memory in bounded mode", [peak / 1e6 for peak in runs.memory[BOUNDED]], "MB", bound / 1e6, less=True),
    ]


def main() -> None:
    """Measures, and prints a table."""
    parser = options(__doc__, rows=ROWS, rounds=3)
    parser.add_argument("--large", action="store_true", help=f"{LARGE_ROWS:,} rows within {LARGE_BOUND:,} bytes")
    given = parser.parse_args()
    rows, bound = (LARGE_ROWS, LARGE_BOUND) if given.large else (given.rows, BOUND)
    source = population_file(rows)
    found, runs = measure(source, bound, given.rounds)
    title = f"Official CSV to eleven files, {rows:,} rows, {source.stat().st_size / 1e6:,.0f} MB, bound {bound / 1e6:,.0f} MB"
    show(title, figures(found, runs, rows, bound))
    same = runs.hashes[OURS] == runs.hashes[BOUNDED]
    print(f"bounded mode writes {'the same bytes as' if same else 'OTHER BYTES THAN'} memory mode")


if __name__ == "__main__":
    main()
