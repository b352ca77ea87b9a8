"""The engine and the reference grouper agree on every output of random records of each data set beside admitted care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from conftest import DESIGN
from hypothesis import given, settings

import hrgcore
from hrgcore import Grouper, Message, RecordResult
from hrgcore.records import record_class
from hrgcore.testing.records import Cells, Source, random_file
from hrgcore.testing.records_twin import check_file, write_file
from hrgcore.testing.reference.attendances import group_records
from hrgcore.testing.reference.cells import stem_of
from hrgcore.testing.reference.tables import Design

from .random_records import DATASETS, source_of
from .strategies import SEEDS

RECORDS_A_FILE = 12
HALF = settings(max_examples=max(1, settings.default.max_examples // 2))


@dataclass(frozen=True)
class Both:
    """A data set: the engine, the tables of the reference grouper, and what records are made of."""

    engine: Grouper
    design: Design
    source: Source


@pytest.fixture(scope="module")
def design(design_folder: Path) -> Design:
    return Design(design_folder)


@pytest.fixture(scope="module", params=DATASETS)
def both(request: pytest.FixtureRequest, design: Design) -> Both:
    return Both(Grouper(DESIGN, request.param), design, source_of(design, request.param))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("records")


# Files -------------------------------------------------------------------------------------


def test_files(both: Both, folder: Path) -> None:
    """Also a check of the records: they must reach every HRG of the smaller data sets."""
    reached: set[str] = set()

    @given(SEEDS)
    def check(random: Random) -> None:
        rows = random_file(random, both.source, RECORDS_A_FILE)
        reached.update(check_file(both.engine, both.design, rows, folder))

    check()
    enough = settings.default.derandomize or settings.default.max_examples >= 1000
    if enough and both.engine.dataset != "NAC":
        assert reached == {"UZ01Z", *hrgs_of(both.design, both.engine.dataset)}


def hrgs_of(design: Design, dataset: str) -> set[str]:
    roots = {row["to"] for row in design.rows["rule"] if row["stage"] == dataset}
    return {row["hrg"] for row in design.rows["split"] if row["root"] in roots}


# Single records ------------------------------------------------------------------------------

Told = list[tuple[str, str, str]]


def record_of(dataset: str, row: Cells) -> tuple[hrgcore.Record, Cells]:
    """The record of some cells, and its own cells: a number that is none is -1 in it, the keys of a sorted file are not in it."""
    kind = record_class(dataset)
    record = kind.from_cells(lambda name, position: row.get(f"{name}_{position:02}" if position else name, ""))
    cells = {}
    for name in row:
        stem = stem_of(name)
        if stem in kind.attributes:
            cells[name] = record.cell(stem, int(name.rpartition("_")[2]) if stem != name else 0)
    return record, cells


def told(messages: Sequence[Message]) -> Told:
    return [(message.field, message.code, message.text) for message in messages]


def answer_of(result: RecordResult) -> dict[str, object]:
    return {
        "hrg": result.hrg, "method": result.method, "dominant": result.dominant_procedure, "days": result.critical_care_days,
        "attendance_hrg": result.attendance_hrg, "unbundled": list(result.unbundled), "warning": "F" if result.warning else "",
        "messages": told(result.messages), "grade": result.provenance, "failed": not result.provenance,
    }  # fmt: skip


def test_single_records(both: Both, folder: Path) -> None:
    """A single call, a batch, a file and the reference grouper say the same of a record."""
    dataset, engine = both.engine.dataset, both.engine

    @HALF
    @given(SEEDS)
    def check(random: Random) -> None:
        pairs = [record_of(dataset, row) for row in random_file(random, both.source, 5)]
        records, cells = [record for record, _ in pairs], [cells for _, cells in pairs]
        results = [engine.group_record(record) for record in records]
        for answer in group_records(both.design, dataset, cells):
            expected = {name: value for name, value in vars(answer).items() if name != "index"}
            assert answer_of(results[answer.index]) == expected, records[answer.index]
        batch = engine.group_batch(*engine.encode(records), threads=random.choice((1, 2)), chunk=random.choice((None, 1, 2)))
        assert batch.hrg == [result.hrg for result in results]
        found = batch.messages(lambda row, name, position: records[row].cell(name, position))
        for row, result in enumerate(results):
            assert told([message for message in found if message.row == row]) == told(result.messages), records[row]
        check_file(engine, both.design, cells, folder)

    check()


# Threads and chunks ---------------------------------------------------------------------------


def test_results_do_not_depend_on_threads_or_chunks(both: Both, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No byte of a file and no result of a batch."""
    rows = random_file(Random(both.engine.dataset), both.source, 400)
    source = write_file(folder / "in.csv", rows)
    found = []
    for threads, step in ((1, 50_000), (3, 7), (2, 1)):
        monkeypatch.setattr("hrgcore.files.run.SPAN", step)
        run = both.engine.group_file(source, folder / "out.csv", threads=threads)
        found.append({path.name: path.read_bytes() for path in run.files if path.name != "out_summary.csv"})
    assert found[0] == found[1] == found[2]
    encoded = both.engine.encode([record_of(both.engine.dataset, row)[0] for row in rows])
    whole = both.engine.group_batch(*encoded, threads=1)
    for threads, chunk in ((3, 7), (2, 1), (1, 13)):
        batch = both.engine.group_batch(*encoded, threads=threads, chunk=chunk)
        assert (batch.faults, batch.unbundled) == (whole.faults, whole.unbundled)
        assert all(batch.results.columns[name] == column for name, column in whole.results.columns.items())
