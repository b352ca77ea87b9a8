"""Random files of records and record definitions: grouped, or refused with an error of hrgcore, and nothing else.

    python -m tests.fuzz.fuzz_files --seconds 600 [--seed 1]    the kept corpus once, then changes of it
    python -m tests.fuzz.fuzz_files FILE...                     these cases alone

A case is a file whose first line names the data set, then `rdf` if a record definition follows (up to a line `====`), then
`header` or `no-header` if it is said whether there is one. The rest are the records. What is found is written to `out/fuzz`;
once it is mended, it belongs to the corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from hrgcore import Grouper, HRGError
from hrgcore.datasets import DATASETS
from hrgcore.files import order
from hrgcore.files import run as run_module

CORPUS = Path(__file__).parent / "corpus"
DESIGN = "2024-25"
END_OF_DEFINITION = b"====\n"
TIMES = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
MEMORY = Path("/dev/shm")
LARGEST = 1 << 16


class Case(NamedTuple):
    """A file to be grouped."""

    dataset: str
    definition: bytes | None
    header: bool | None
    records: bytes


def parse(data: bytes) -> Case:
    """Any bytes are a case."""
    first, _, rest = data.partition(b"\n")
    name, *options = first.decode(errors="replace").split() or [""]
    dataset = name if name in DATASETS else list(DATASETS)[len(first) % len(DATASETS)]
    definition = None
    if "rdf" in options:
        definition, _, rest = rest.partition(END_OF_DEFINITION)
    header = True if "header" in options else False if "no-header" in options else None
    return Case(dataset, definition, header, rest)


@cache
def grouper(dataset: str) -> Grouper:
    return Grouper(DESIGN, dataset)


def run(data: bytes, folder: Path) -> str:
    """Groups a case with one thread, with two, and on disk; gives the code of the error that refuses it, or an empty text."""
    case = parse(data)
    one, two = group(case, folder, 1), group(case, folder, 2)
    assert one == two, "the result depends on the threads"
    with sorted_on_disk():
        assert one == group(case, folder, 1, memory=1), "the result depends on the memory"
    return one if isinstance(one, str) else ""


@contextmanager
def sorted_on_disk() -> Iterator[None]:
    """Makes every file too large for the memory, which holds a few lines."""
    before = run_module.check_memory, run_module.needed_memory, order.LEAST_BLOCK
    run_module.check_memory, run_module.needed_memory, order.LEAST_BLOCK = (lambda _: None), (lambda _: 1 << 60), 700
    try:
        yield
    finally:
        run_module.check_memory, run_module.needed_memory, order.LEAST_BLOCK = before


def group(case: Case, folder: Path, threads: int, **options: int) -> dict[str, bytes] | str:
    """The output files, or the code of the error."""
    source, definition, out = folder / "in.csv", folder / "my.rdf", folder / "out"
    source.write_bytes(case.records)
    definition.write_bytes(case.definition or b"")
    out.mkdir(exist_ok=True)
    rdf = None if case.definition is None else definition
    try:
        summary = grouper(case.dataset).group_file(source, out / "o.csv", rdf=rdf, header=case.header, threads=threads, **options)
    except HRGError as error:
        assert not any(out.iterdir()), "an error left files behind"
        return error.code
    check_lines(case, {path.stem: path.read_bytes() for path in summary.files}, summary.records)
    files = {path.name: TIMES.sub(b"", path.read_bytes()) for path in out.iterdir()}
    assert len(files) == len(summary.files)
    for path in out.iterdir():
        path.unlink()
    return files


def check_lines(case: Case, files: dict[str, bytes], records: int) -> None:
    """Every record is counted, and has its line in the files that repeat the input."""
    lines = case.records.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    filled = [line not in (b"", b"\r") for line in lines]
    headed = [sum(filled[1:])] if case.header is not False else []
    plain = [sum(filled)] if not case.header else []
    assert records in headed + plain, "a record is lost"
    main = [name for name in files if name.removeprefix("o_") in ("sort", "FCE", "attend", "renal", "acc", "pcc", "ncc")]
    for name in main:
        assert files[name].count(b"\n") == records + 1, f"lines of {name}"


# Changes of cases


class Mutator:
    """Changes of cases that keep some of their form, and some that do not."""

    CELLS = (
        b"", b" ", b"0", b"-1", b"0000000000001", b"4294967296", b"2147483648", b"9" * 40, b"A" * 300, b"\xc3\xa9", b"\xff",
        b"\x00", b"\t1", b"1 ", b'"', b'"a', b"1e9", b"20240230", b"20240229", b"3.25", b".5", b"5.", b"A00.0", b"a00", b"XXXX",
        b"Z999999", b"99", b"999", b"\r", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\x0b", b"\x0c", b"\x1c", b"\x85",
    )  # fmt: skip
    PICTURES = (b"A", b".", b"AAAA", b"....", b".A.A.A", b"A" * 300, b"." * 300, b"B", b"A ", b"")
    EXTRACTS = (b"*", b"-+.", b"0123456789", b" ", b"\xc3\xa9", b"A" * 300, b"\t", b"")

    def __init__(self, corpus: Sequence[bytes], random: Random) -> None:
        self._corpus = corpus
        self._random = random
        self._ways = (
            self._cell, self._cell, self._cell, self._column, self._line, self._ends, self._field, self._field, self._field,
            self._bytes, self._cut, self._splice, self._first, self._repeat,
        )  # fmt: skip

    def case(self) -> bytes:
        """A new case."""
        return self.change(self._random.choice(self._corpus))

    def change(self, data: bytes) -> bytes:
        """A case changed in some ways."""
        for _ in range(self._random.choice((1, 1, 2, 3, 5, 10, 20))):
            data = self._random.choice(self._ways)(data)
        return data[:LARGEST]

    def _lines(self, data: bytes) -> list[bytes]:
        return data.split(b"\n")

    def _one(self, lines: Sequence[bytes]) -> int:
        """A line, but seldom the first, which is not of the file."""
        return self._random.randrange(1 if len(lines) > 1 else 0, len(lines))

    def _cell(self, data: bytes) -> bytes:
        """A cell of another line, another column, or an odd one."""
        lines = self._lines(data)
        at = self._one(lines)
        cells = lines[at].split(b",")
        other = self._random.choice(lines[self._one(lines)].split(b","))
        cells[self._random.randrange(len(cells))] = self._random.choice((self._random.choice(self.CELLS), other))
        lines[at] = b",".join(cells)
        return b"\n".join(lines)

    def _column(self, data: bytes) -> bytes:
        """A cell more or less."""
        lines = self._lines(data)
        at = self._one(lines)
        cells = lines[at].split(b",")
        place = self._random.randrange(len(cells))
        cells[place : place + self._random.randrange(2)] = [self._random.choice(self.CELLS)] * self._random.choice((0, 1, 2, 50))
        lines[at] = b",".join(cells)
        return b"\n".join(lines)

    def _line(self, data: bytes) -> bytes:
        """A line twice, none, moved, or an empty one."""
        lines = self._lines(data)
        line = lines[self._one(lines)]
        lines[self._one(lines) : self._one(lines)] = [self._random.choice((line, b"", b"\r", b" ", b","))]
        return b"\n".join(lines)

    def _ends(self, data: bytes) -> bytes:
        """Other ends of lines."""
        first, _, rest = data.partition(b"\n")
        old, new = self._random.choice(((b"\n", b"\r\n"), (b"\r\n", b"\n"), (b"\n", b"\r"), (b"\n", b"\n\n"), (b"\n", b"\r\r\n")))
        count = self._random.choice((1, -1))
        return first + b"\n" + rest.replace(old, new, count)

    def _field(self, data: bytes) -> bytes:
        """A part of a field of the record definition."""
        head, mark, records = data.partition(END_OF_DEFINITION)
        if not mark:
            return self._cell(data)
        lines = self._lines(head)
        at = self._one(lines)
        parts = lines[at].removesuffix(b"\r").split(b",")
        if len(parts) != 7:
            return data
        new = self._random.choice((
            (2, str(self._random.choice((0, 1, 2, 5, 43, 44, 60, 9999, 10_000, 10_001, self._random.randrange(100)))).encode()),
            (self._random.randrange(3, 6), self._random.choice(self.PICTURES)),
            (6, self._random.choice(self.EXTRACTS)),
            (self._random.randrange(7), self._random.choice(self.CELLS)),
        ))  # fmt: skip
        parts[new[0]] = new[1]
        lines[at] = b",".join(parts)
        return b"\n".join(lines) + mark + records

    def _bytes(self, data: bytes) -> bytes:
        """Some bytes are others."""
        changed = bytearray(data or b"\n")
        for _ in range(self._random.choice((1, 1, 2, 8))):
            changed[self._random.randrange(len(changed))] = self._random.choice((self._random.randrange(256), *b",\n\r\0 \xef"))
        return bytes(changed)

    def _cut(self, data: bytes) -> bytes:
        """A stretch less."""
        first, last = sorted(self._random.randrange(len(data) + 1) for _ in range(2))
        return data[:first] + data[min(last, first + self._random.choice((1, 10, 100, LARGEST))) :]

    def _splice(self, data: bytes) -> bytes:
        """The end is that of another case."""
        other = self._random.choice(self._corpus)
        return data[: self._random.randrange(len(data) + 1)] + other[self._random.randrange(len(other) + 1) :]

    def _first(self, data: bytes) -> bytes:
        """Another data set, other options."""
        dataset = self._random.choice(list(DATASETS))
        options = self._random.choice(("", " header", " no-header", " rdf", " rdf header", " rdf no-header"))
        return f"{dataset}{options}\n".encode() + data.partition(b"\n")[2]

    def _repeat(self, data: bytes) -> bytes:
        """A line many times."""
        lines = self._lines(data)
        lines += [lines[self._one(lines)]] * self._random.choice((10, 100, 300))
        return b"\n".join(lines)


# The run


def cases(corpus: Sequence[bytes], seconds: float, seed: int) -> Iterator[bytes]:
    """The corpus, then changes of it for some time."""
    end = time.monotonic() + seconds
    yield from corpus
    mutator = Mutator(corpus, Random(seed))
    while time.monotonic() < end:
        yield mutator.case()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument("--found", type=Path, default=Path("out/fuzz"), help="folder of the findings")
    options = parser.parse_args(arguments)
    corpus = [path.read_bytes() for path in options.files or sorted(CORPUS.iterdir())]
    print(f"{len(corpus)} cases kept, seed {options.seed}", flush=True)
    counts: Counter[str] = Counter()
    findings: set[str] = set()
    options.found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        for data in cases(corpus, 0 if options.files else options.seconds, options.seed):
            (options.found / "last").write_bytes(data)  # where a sanitizer ends the process
            try:
                counts[run(data, Path(folder)) or "grouped"] += 1
            except Exception as error:
                counts["found"] += 1
                keep(options.found, data, error, findings)
                for path in (Path(folder) / "out").iterdir():
                    path.unlink() if path.is_file() else None
    print(", ".join(f"{number:,} {name}" for name, number in sorted(counts.items())))
    return 1 if findings else 0


def keep(folder: Path, data: bytes, error: Exception, findings: set[str]) -> None:
    """Writes a finding down, if there is none like it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    kind = f"{type(error).__name__} {frame.filename}:{frame.lineno} {error if isinstance(error, AssertionError) else ''}"
    if kind not in findings:
        findings.add(kind)
        path = folder / hashlib.sha1(data).hexdigest()[:12]
        path.write_bytes(data)
        print(f"{path}: {kind}", flush=True)
        traceback.print_exception(error)


if __name__ == "__main__":
    sys.exit(main())
