"""Files in any order, of any size: the same bytes in memory, streamed, and by sorted runs on disk."""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hrgcore
from hrgcore.datasets import dataset
from hrgcore.datasets.batches import encodings
from hrgcore.files import memory as memory_module
from hrgcore.files import order as order_module
from hrgcore.files import run as run_module
from hrgcore.files.order import Order, Unsorted
from hrgcore.files.reader import open_input

from .apc import FIELDS, SUFFIXES, definition, out, record, with_header, write
from .data_sets import DESIGN, SOUND, grouper_of, write_rows

WORDS = ("1", "2", "10", "A", "a", " 1", "2 ", "", "Z9", "x" * 12, "x" * 24, "x" * 24 + "y", "x" * 60, "x" * 60 + "1", "é")
NUMBERS = ("1", "2", "02", "", "x", "10", "99")
MADE = [suffix for suffix in SUFFIXES if suffix not in ("", "_summary")]


@cache
def grouper() -> hrgcore.Grouper:
    return hrgcore.Grouper(DESIGN)


def expected_order(rows: Sequence[Sequence[str]]) -> list[str]:
    """Provider, spell, number (one that is not accepted last), bytes of the line."""

    def key(row: Sequence[str]) -> tuple[bytes, bytes, int, bytes]:
        provider, spell, number = (cell.strip(" \t") for cell in row[:3])
        accepted = number.isdigit() and int(number) in range(100)
        return provider.encode(), spell.encode(), int(number) if accepted else 1 << 40, ",".join(row).encode()

    return [",".join(row) for row in sorted(rows, key=key)]


def shuffled(spells: int, seed: int = 1, *, order: Callable[[list[str]], None] | None = None) -> list[str]:
    """Rows of spells of one to four episodes, in random order."""
    random_ = random.Random(seed)
    rows = []
    for spell in range(spells):
        for episode in range(random_.randint(1, 4)):
            faulty = random_.random() < 0.1
            rows.append(
                record(
                    PROCODET=random_.choice(("RXX", "RA1", "RB2")),
                    PROVSPNO=f"{spell * 7919 % 1000:04d}",
                    EPIORDER=str(episode + 1),
                    SEX="9x" if faulty else "1",
                    OPER_01=random_.choice(("", "X403", "W371")),
                    DIAG_02=random_.choice(("", "E119", "bad")),
                )
            )
    random_.shuffle(rows)
    return rows


def small_blocks(monkeypatch: pytest.MonkeyPatch, size: int = 400) -> None:
    """Makes every file too large for the memory, which holds so many bytes."""
    monkeypatch.setattr(run_module, "check_memory", lambda size: None)
    monkeypatch.setattr(run_module, "needed_memory", lambda _size: 1 << 60)
    monkeypatch.setattr(order_module, "LEAST_BLOCK", size)


def outputs(source: Path, output: Path, **options: object) -> dict[str, bytes]:
    grouper().group_file(source, output, **options)
    return {suffix: out(output, suffix).read_bytes() for suffix in MADE}


rows_of_cells = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(NUMBERS), st.sampled_from(["", "b", "a", "\r"])),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(rows=rows_of_cells, workers=st.integers(1, 4), block=st.integers(1, 600))
def test_order(tmp_path_factory: pytest.TempPathFactory, rows: list[Sequence[str]], workers: int, block: int) -> None:
    """In memory, by runs on disk, and streamed once it is sorted."""
    folder = tmp_path_factory.mktemp("order")
    columns = ["PROCODET", "PROVSPNO", "EPIORDER", "NOTE"]
    expected = expected_order(rows)
    lines = [",".join(row) for row in rows]
    given_file = write(folder / "given.csv", [",".join(columns), *lines], "\r\n")
    sorted_file = write(folder / "sorted.csv", [",".join(columns), *expected], "\r\n")
    apc = dataset("APC")
    fields = grouper().design.tables.fields["APC"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order_module, "LEAST_PIECE", 1)
        patch.setattr(order_module, "LEAST_BLOCK", block)
        with open_input(given_file, None, True, apc) as file:
            order = Order(file, fields, True, workers, None)
            whole = order.in_memory()
            assert [whole.line(row).decode() for row in range(whole.rows)] == expected
            merged = [
                found.line(row).decode() for found in order.merged(0, folder, lambda done: None) for row in range(found.rows)
            ]
            assert merged == expected
            streams = lines == expected
            if not streams:
                with pytest.raises(Unsorted):
                    list(order.streamed(0))
        with open_input(sorted_file, None, True, apc) as file:
            found = list(Order(file, fields, True, workers, None).streamed(0))
    assert [lines.line(row).decode() for lines in found for row in range(lines.rows)] == expected
    # no spell is cut in two
    keys = [tuple(line.split(",")[n].strip() for n in (0, 1)) for line in expected]
    starts = [row for row in range(len(keys)) if row == 0 or keys[row] != keys[row - 1]]
    assert list(whole.spell_starts) == [*starts, len(rows)]
    assert sum(lines.spells for lines in found) == len(starts)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("block", [150, 400, 5000])
@pytest.mark.parametrize("is_sorted", [False, True])
def test_same_bytes_within_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int, block: int, is_sorted: bool
) -> None:
    lines = shuffled(150)
    if is_sorted:
        lines = expected_order([line.split(",") for line in lines])
    source = with_header(tmp_path / "in.csv", *lines, newline="\r\n")
    whole = outputs(source, tmp_path / "whole.csv")
    monkeypatch.setattr(run_module, "SPAN", 7)
    spans = outputs(source, tmp_path / "spans.csv", threads=threads)
    small_blocks(monkeypatch, block)
    bounded = outputs(source, tmp_path / "bounded.csv", threads=threads, memory=1000)
    assert whole == spans == bounded
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_spell_longer_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [record(PROVSPNO="1", EPIORDER=str(n)) for n in range(1, 90)] + [record(PROVSPNO="2")]
    whole = outputs(with_header(tmp_path / "in.csv", *lines), tmp_path / "whole.csv")
    small_blocks(monkeypatch, 300)
    assert outputs(tmp_path / "in.csv", tmp_path / "sorted.csv", memory=1) == whole
    assert outputs(with_header(tmp_path / "back.csv", *reversed(lines)), tmp_path / "merged.csv", memory=1) == whole


def test_disorder_at_the_very_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written until then is void."""
    lines = [record(PROVSPNO=f"{n:03d}", SEX="x" if n % 10 == 0 else "1") for n in range(100)]
    source = with_header(tmp_path / "in.csv", *lines[1:], lines[0])
    whole = outputs(source, tmp_path / "whole.csv")
    small_blocks(monkeypatch)
    monkeypatch.setattr(run_module, "SPAN", 3)
    for _ in range(20):  # what is in hand when disorder shows must not count
        summary = grouper().group_file(source, tmp_path / "bounded.csv", memory=1, threads=3)
        assert {suffix: out(tmp_path / "bounded.csv", suffix).read_bytes() for suffix in MADE} == whole
        assert (summary.records, summary.record_errors, summary.messages) == (100, 10, {"Value is invalid": 10})


def test_data_sets_without_an_order_stay_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = [{"AGE": str(n % 90), "INV_01": "x" if n % 5 == 0 else "01"} for n in range(80)]
    source = write_rows(tmp_path / "in.csv", [{**SOUND["EM"], **cells} for cells in changes])
    for name in ("whole", "bounded"):
        grouper_of("EM").group_file(source, tmp_path / f"{name}.csv")
        small_blocks(monkeypatch, 100)
    for suffix in ("_attend", "_quality", "_quality_rel"):
        assert out(tmp_path / "whole.csv", suffix).read_bytes() == out(tmp_path / "bounded.csv", suffix).read_bytes()
    ages = [line.split(",")[0] for line in out(tmp_path / "whole.csv", "_attend").read_text().splitlines()[1:]]
    assert ages == [str(n % 90) for n in range(80)]


def test_sticky_groups_do_not_end_at_a_span(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = [{"AEPATIENTGROUP": "70" if n == 3 else ""} for n in range(40)]
    source = write_rows(tmp_path / "in.csv", [{**SOUND["EM"], **cells} for cells in changes])
    monkeypatch.setattr(run_module, "SPAN", 4)
    grouper_of("EM").group_file(source, tmp_path / "out.csv", sticky_groups=True, threads=4)
    hrgs = [line.split(",")[-1] for line in out(tmp_path / "out.csv", "_attend").read_text().splitlines()[1:]]
    assert len(set(hrgs[:3])) == 1 and len(set(hrgs[3:])) == 1 and hrgs[0] != hrgs[3]


@pytest.mark.parametrize("place", [1, 60, 150])
def test_faulty_line_is_named_whatever_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    lines = [record(PROVSPNO=str(n * 7919 % 1000)) for n in range(150)]
    lines[place - 1] = "short,line"
    source = with_header(tmp_path / "in.csv", *lines)
    for _ in range(2):
        with pytest.raises(hrgcore.InputFileError, match=rf"line {place + 1}: 2 columns where"):
            grouper().group_file(source, tmp_path / "out.csv", memory=1 << 30)
        small_blocks(monkeypatch)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("bad", [b"\0", b"\xff"])
def test_bytes_that_are_no_text_are_named_whatever_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: bytes
) -> None:
    source = with_header(tmp_path / "in.csv", *(record(PROVSPNO=str(n)) for n in range(90)))
    lines = source.read_bytes().split(b"\n")
    lines[70] = lines[70].replace(b"RXX", b"R" + bad)
    source.write_bytes(b"\n".join(lines))
    for _ in range(2):
        with pytest.raises(hrgcore.InputFileError, match="line 71: "):
            grouper().group_file(source, tmp_path / "out.csv", memory=1 << 30)
        small_blocks(monkeypatch)


def test_no_records_whatever_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "in.csv", [",".join(FIELDS), "", ""])
    for _ in range(2):
        with pytest.raises(hrgcore.InputFileError, match="no records below the header"):
            grouper().group_file(source, tmp_path / "out.csv", memory=1 << 30)
        small_blocks(monkeypatch)


# Several designs, chosen files, pipes


def test_several_designs_give_what_each_gives(tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", *shuffled(60))
    designs = ["2021-22", DESIGN, "2025-26"]
    summaries = hrgcore.group_file(source, tmp_path / "all.csv", designs)
    for design, summary in zip(designs, summaries, strict=True):
        alone = hrgcore.Grouper(design).group_file(source, tmp_path / "alone.csv")
        for suffix in MADE:
            assert (tmp_path / f"all_{design}{suffix}.csv").read_bytes() == out(tmp_path / "alone.csv", suffix).read_bytes()
        assert (summary.design, summary.record_errors, summary.messages) == (alone.design, alone.record_errors, alone.messages)
        assert [path.name for path in summary.files] == [path.name.replace("alone", f"all_{design}") for path in alone.files]
        assert all(path.exists() for path in summary.files)
    assert (tmp_path / f"all_{DESIGN}.csv").read_text().split()[0] == f"all_{DESIGN}_sort.csv"


def test_records_are_encoded_once_for_designs_with_the_same_codes() -> None:
    designs = [hrgcore.Grouper(name).design for name in ("2021-22", "2024-25", "2022-23", "2025-26")]
    assert encodings(designs, "APC") == [[0, 2], [1, 3]]  # OPCS-4.9 and OPCS-4.10


@pytest.mark.parametrize("designs", [[], [DESIGN, DESIGN]])
def test_designs_must_be_named_once(tmp_path: Path, designs: list[str]) -> None:
    source = with_header(tmp_path / "in.csv", record())
    with pytest.raises(hrgcore.ArgumentError, match="named twice"):
        hrgcore.group_file(source, tmp_path / "out.csv", designs)


def test_chosen_files(tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", *shuffled(20))
    whole = outputs(source, tmp_path / "whole.csv")
    summary = grouper().group_file(source, tmp_path / "out.csv", files=["spell", "quality", "list"])
    assert [path.name for path in summary.files] == ["out_spell.csv", "out_quality.csv", "out.csv"]
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.csv", "out_quality.csv", "out_spell.csv"]
    assert out(tmp_path / "out.csv", "_spell").read_bytes() == whole["_spell"]
    assert out(tmp_path / "out.csv", "").read_text().split() == ["out_spell.csv", "out_quality.csv"]
    with pytest.raises(hrgcore.ArgumentError, match=r"no file .fce..*Choose of list, sort, FCE"):
        grouper().group_file(source, tmp_path / "out.csv", files=["fce"])


class _Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


class _Standard:
    def __init__(self, buffer: io.BytesIO) -> None:
        self.buffer = buffer


@pytest.mark.parametrize("bounded", [False, True])
def test_pipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bounded: bool) -> None:
    source = with_header(tmp_path / "in.csv", *shuffled(40))
    whole = outputs(source, tmp_path / "whole.csv")
    sink = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", _Standard(_Pipe(source.read_bytes())))
    monkeypatch.setattr(sys, "stdout", _Standard(sink))
    if bounded:
        small_blocks(monkeypatch)
    summary = grouper().group_file("-", "-")
    assert sink.getvalue() == whole["_FCE"]
    assert summary.files == (Path("-"),)
    with pytest.raises(hrgcore.ArgumentError, match="one file of one design"):
        grouper().group_file(source, "-", files=["FCE", "spell"])


def test_definition_for_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Standard(_Pipe((record() + "\n").encode())))
    summary = grouper().group_file("-", tmp_path / "out.csv", rdf=definition(tmp_path / "in.rdf"))
    assert (summary.records, summary.record_errors) == (1, 0)


# Memory


@pytest.mark.parametrize(
    ("text", "size"), [("1GB", 1 << 30), ("512MB", 1 << 29), ("1.5 g", 3 << 29), ("300000000", 300_000_000), ("1GiB", 1 << 30)]
)
def test_memory_size(text: str, size: int) -> None:
    assert memory_module.memory_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "1 PB", "-1GB", "1e9", "GB"])
def test_no_memory_size(text: str) -> None:
    with pytest.raises(hrgcore.ArgumentError, match="is not a size of memory"):
        memory_module.memory_size(text)


@pytest.mark.parametrize("size", [0, 1 << 20])
def test_too_little_memory(tmp_path: Path, size: int) -> None:
    with pytest.raises(hrgcore.ArgumentError, match="too few"):
        grouper().group_file(tmp_path / "in.csv", tmp_path / "out.csv", memory=size)


def test_memory_by_default_is_a_share_of_what_is_free() -> None:
    assert memory_module.LEAST <= memory_module.available_memory() < 1 << 50
