"""Speed of the engine. `make bench` runs all; results are times of this machine, so compare ratios within one run only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Population

from hrgcore import Grouper
from hrgcore._core.apc import Kernel
from hrgcore._core.batch import Results
from hrgcore.design import load_design
from hrgcore.plugins import host

COLD_START = """
import time
start = time.perf_counter()
import hrgcore
hrgcore.Grouper("2024-25")
print(time.perf_counter() - start)
"""


def test_arrays_to_arrays(benchmark: pytest.FixtureRequest, grouper: Grouper, people: Population) -> None:
    """Episodes and spells of admitted care, one thread, ids in and ids out."""
    kernel = Kernel(grouper.design.tables)
    results = Results(people.batch.rows, people.batch.spells)
    benchmark(kernel.run, people.batch, results, 0, people.batch.spells)
    benchmark.extra_info["episodes_a_second"] = round(people.batch.rows / benchmark.stats.stats.median)


@pytest.mark.parametrize("threads", [1, 2])
def test_batch(benchmark: pytest.FixtureRequest, grouper: Grouper, people: Population, threads: int) -> None:
    """The same through the public call, with messages collected and sorted."""
    benchmark(grouper.group_batch, people.batch, threads=threads)
    benchmark.extra_info["episodes_a_second"] = round(people.batch.rows / benchmark.stats.stats.median)


def test_single_spell(benchmark: pytest.FixtureRequest, grouper: Grouper, people: Population) -> None:
    """One `group_spell` call; each round takes the next spell of the population."""
    spells = people.spells
    turn = iter(range(10**9))
    benchmark.pedantic(
        lambda: grouper.group_spell(spells[next(turn) % len(spells)]), rounds=20_000, iterations=1, warmup_rounds=500
    )


def test_official_files(benchmark: pytest.FixtureRequest, grouper: Grouper, people: Population, tmp_path: Path) -> None:
    """CSV in, all eleven files out."""
    benchmark.pedantic(grouper.group_file, (people.path, tmp_path / "out.csv"), rounds=3, warmup_rounds=1)
    benchmark.extra_info["rows_a_second"] = round(people.batch.rows / benchmark.stats.stats.median)


def test_design_load(benchmark: pytest.FixtureRequest) -> None:
    """Reading the tables of the design and compiling them to frozen arrays."""
    benchmark.pedantic(load_design, (host().folder("2024-25"),), rounds=15, warmup_rounds=1)


def test_cold_start(benchmark: pytest.FixtureRequest) -> None:
    """A new interpreter: import and design load, without the interpreter's own start."""
    times = []

    def start() -> None:
        done = subprocess.run([sys.executable, "-c", COLD_START], check=True, capture_output=True, text=True)
        times.append(float(done.stdout))

    benchmark.pedantic(start, rounds=10, warmup_rounds=1)
    benchmark.extra_info["import_and_load_median_ms"] = round(sorted(times)[len(times) // 2] * 1000)
