"""Any number of threads may use a Grouper at once. Needs no fixture, so that it runs wherever there is an interpreter to try."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from importlib import import_module
from itertools import groupby
from pathlib import Path

import pytest

from hrgcore import Grouper, RecordResult, SpellResult, records
from hrgcore.datasets import DATASETS
from hrgcore.records import Record

ROOT = Path(__file__).parents[2]
CORE = ROOT / "hrgcore" / "_core"
DESIGN = "2024-25"
THREADS = 8
RECORDS = 30
TIMES = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
Task = Callable[[], Hashable]


@cache
def lines(dataset: str) -> tuple[str, ...]:
    """The first lines of the example of a data set, in order of spells."""
    head, *records = (ROOT / "examples" / f"{dataset.lower()}_sample.csv").read_text().splitlines()[: RECORDS + 1]
    return head, *sorted(records)


@cache
def rows(dataset: str) -> tuple[dict[str, str], ...]:
    head, *records = lines(dataset)
    return tuple(dict(zip(head.split(","), line.split(","), strict=True)) for line in records)


def record(dataset: str, row: dict[str, str]) -> Record:
    kind = records.record_class(dataset)
    return kind.from_cells(lambda name, position: row.get(f"{name}_{position:02}" if position else name, ""))


def cases(dataset: str) -> list[list[Record]]:
    """Spells of admitted care; else single records."""
    if dataset != "APC":
        return [[record(dataset, row)] for row in rows(dataset)]
    spells = groupby(rows(dataset), key=lambda row: (row["PROCODET"], row["PROVSPNO"]))
    return [[record(dataset, row) for row in spell] for _, spell in spells]


def said(result: SpellResult | RecordResult) -> Hashable:
    return result.hrg, result.method, result.unbundled, result.messages, str(result.explain())


def single_cases(grouper: Grouper) -> Hashable:
    if grouper.dataset == "APC":
        return tuple(said(grouper.group_spell(case)) for case in cases("APC"))
    return tuple(said(grouper.group_record(case)) for (case,) in cases(grouper.dataset))


def batch(grouper: Grouper, threads: int) -> Hashable:
    given = cases(grouper.dataset)
    if grouper.dataset != "APC":
        given = [case for (case,) in given]
    grouped = grouper.group_batch(*grouper.encode(given), threads=threads, chunk=7)
    return tuple(grouped.hrg), tuple(grouped.faults), tuple(grouped.unbundled)


def file(grouper: Grouper, folder: Path, threads: int) -> Hashable:
    """Each run writes files of its own name in the same folder."""
    name = f"out-{threading.get_ident()}"
    source = folder / "in.csv"
    summary = grouper.group_file(source, folder / f"{name}.csv", threads=threads)
    return tuple(TIMES.sub(b"", path.read_bytes()).replace(name.encode(), b"") for path in summary.files)


def at_once(tasks: list[Task], rounds: int = 2) -> list[list[Hashable]]:
    """What each thread found for each task; all begin together, each in an order of its own."""
    start = threading.Barrier(THREADS)

    def work(number: int) -> list[Hashable]:
        order = list(range(len(tasks))) * rounds
        random.Random(number).shuffle(order)
        start.wait()
        found = [(task, tasks[task]()) for task in order]
        assert len({(task, result) for task, result in found}) == len(tasks)
        return [result for _, result in sorted(dict(found).items())]

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS)))


@pytest.mark.parametrize("dataset", DATASETS)
def test_threads_share_a_grouper(dataset: str, tmp_path: Path) -> None:
    grouper = Grouper(DESIGN, dataset)
    (tmp_path / "in.csv").write_text("\n".join(lines(dataset)))
    tasks: list[Task] = [
        partial(single_cases, grouper),
        partial(batch, grouper, 1),
        partial(batch, grouper, 2),
        partial(file, grouper, tmp_path, 1),
        partial(file, grouper, tmp_path, 2),
    ]
    alone = [task() for task in tasks]
    assert alone[1] == alone[2] and alone[3] == alone[4]
    assert at_once(tasks) == [alone] * THREADS


IN_A_NEW_PROCESS = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from hrgcore import Grouper
sys.setswitchinterval(1e-6)
sets = {sets!r} * 2
start = threading.Barrier(len(sets))
def make(dataset):
    start.wait()
    return Grouper({design!r}, dataset)
with ThreadPoolExecutor(len(sets)) as pool:
    made = list(pool.map(make, sets))
assert len({{id(grouper.design) for grouper in made}}) == 1, "more than one design"
"""


def test_threads_make_the_first_groupers_at_once() -> None:
    script = IN_A_NEW_PROCESS.format(sets=tuple(DATASETS), design=DESIGN)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(sys, "_is_gil_enabled"), reason="this interpreter has always its global lock")
def test_no_module_of_the_core_asks_for_the_global_lock() -> None:
    """A module that is not declared fit for it would turn the lock of a free-threaded interpreter on."""
    names = [f"hrgcore._core.{path.stem}" for path in CORE.glob("*.pyx")]
    before = "import sys; before = sys._is_gil_enabled(); " + "; ".join(f"import {name}" for name in names)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{before}; assert sys._is_gil_enabled() == before"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(import_module(name) for name in names)
