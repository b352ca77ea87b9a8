"""Where the time from official CSV to eleven files goes, on one thread, beside what the machine needs for the bytes alone.

    python benchmarks/profile_files.py [--rows 500000] [--rounds 3] [--plot docs/profile.png]

The real path runs with a clock around its steps: processor time, so that waiting does not count, each step without those inside
it, and how many pages of memory it touched for the first time (page faults). The round that took least is shown. In the same run,
on the same bytes and the same disk, the physical limits: reading the input from the cache of the system into new memory, looking
at each byte once (memchr), copying input and output once (memcpy), and writing the output.
"""

from __future__ import annotations

import functools
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np
from measure import DESIGN, WORK, number, options, population_file, seconds, show_table

from hrgcore import Grouper
from hrgcore._core.linesort import LineTable
from hrgcore.datasets.apc import DATASET
from hrgcore.files import order, outputs, reader, run, span

REST, LINES, KEYS = "the rest", "finding lines", "keys of lines"
MESSAGES = "lines of _quality and _quality_rel"
# What is called, and the step that its time belongs to. Steps with a star are done by the calling thread alone.
STEPS = (
    (span.DesignJob, "__init__", "texts of the design *"),
    (reader.InputFile, "whole", "reading *"),
    (reader, "_check_bytes", "checking bytes"),
    (reader, "LineTable", KEYS),
    (order.Order, "_sorted_table", "sorting"),
    (order, "join", "spells *"),
    (span.Span, "__init__", "cutting into spans *"),
    (span.Worker, "_encode", "encoding"),
    (span.Worker, "_group", "grouping"),
    (span.Worker, "_count", "counting"),
    (span.Worker, "_write", "columns of output, _ub_rel"),
    (span.Worker, "_write_faults", MESSAGES),
    (run._Run, "_put", "writing *"),
    (outputs.OutputSet, "commit", "closing and moving files *"),
)
TABLE = "lines of "  # and the suffix
NANO = 1e9
WARM = 2  # passes over memory or a file before the one that counts


class Clock:
    """Charges processor time and page faults to the innermost step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.faults: dict[str, float] = defaultdict(float)
        self._steps = [REST]
        self._last = self._now()

    @staticmethod
    def _now() -> tuple[float, float]:
        return process_time(), getrusage(RUSAGE_SELF).ru_minflt

    def _charge(self) -> None:
        now, step = self._now(), self._steps[-1]
        self.seconds[step] += now[0] - self._last[0]
        self.faults[step] += now[1] - self._last[1]
        self._last = now

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What is done inside belongs to a step."""
        self._charge()
        self._steps.append(name)
        try:
            yield
        finally:
            self._charge()
            self._steps.pop()

    def around(self, call: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        """The same call, timed."""

        @functools.wraps(call)
        def timed(*given: Any, **named: Any) -> Any:
            with self.step(name(*given)):
                return call(*given, **named)

        return timed


@contextmanager
def clocked() -> Iterator[Clock]:
    """Puts a clock around all steps."""
    clock = Clock()
    named = [(owner, name, lambda *_, step=step: step) for owner, name, step in STEPS]
    named.append((span.Worker, "_write_table", lambda worker, job, suffix, *_: TABLE + suffix))
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in named]
    for owner, name, step in named:
        setattr(owner, name, clock.around(getattr(owner, name), step))
    try:
        yield clock
        clock._charge()
    finally:
        for owner, name, call in kept:
            setattr(owner, name, call)


def profile(grouper: Grouper, source: Path, folder: Path) -> Clock:
    """One run of the whole path; finding the lines and reading their keys are told apart by finding them once more."""
    with clocked() as clock:
        grouper.group_file(source, folder / "out.csv", threads=1, memory=1 << 40)
    with reader.open_input(source, None, True, DATASET) as file:
        data = file.whole()
        taken = _warm(lambda: LineTable(data, file.start, len(data), file.plan))
    clock.seconds[LINES] = min(taken, clock.seconds[KEYS])
    clock.seconds[KEYS] -= clock.seconds[LINES]
    return clock


# --- limits ---


def limits(source: Path, folder: Path) -> dict[str, float]:
    """Seconds that the bytes alone take, and under `page fault` those of one."""
    written = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
    data, room = np.fromfile(source, np.uint8), np.ones(max(source.stat().st_size, len(written)), np.uint8)
    output, text = np.frombuffer(written, np.uint8), data.tobytes()

    def read() -> None:
        with source.open("rb", buffering=0) as file:
            file.readinto(np.empty(len(data), np.uint8))

    def write() -> None:
        with (folder / "copy").open("wb", buffering=0) as file:
            view = memoryview(written)
            while view:
                view = view[file.write(view) :]

    return {
        "read() into new memory": _warm(read),
        "memchr of the input": _warm(lambda: text.find(b"\0")),
        "memcpy of the input": _warm(lambda: np.copyto(room[: len(data)], data)),
        "memcpy of the output": _warm(lambda: np.copyto(room[: len(output)], output)),
        "write()": _warm(write),
    }


def _warm(work: Callable[[], object]) -> float:
    return min(seconds(work, clock=process_time) for _ in range(WARM + 1))


# --- results ---


def ordered(clock: Clock) -> dict[str, float]:
    """Steps in the order in which they are done."""
    names = [name for _, _, name in STEPS]
    names.insert(names.index(KEYS), LINES)
    tables = sorted(name for name in clock.seconds if name.startswith(TABLE) and name != MESSAGES)
    at = names.index(MESSAGES)
    return {name: clock.seconds[name] for name in [*names[:at], *tables, *names[at:], REST]}


def draw(path: Path, steps: Mapping[str, float], least: Mapping[str, float], rows: int) -> None:
    """Both as stacked bars."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(11, 4.5), layout="constrained")
    plot = picture.subplots()
    for bar, parts, colours in (("measured", steps, colormaps["tab20"]), ("limit", least, colormaps["Greys"])):
        left = 0.0
        for place, (name, taken) in enumerate(parts.items()):
            width = taken * NANO / rows
            colour = colours(place) if bar == "measured" else colours(0.3 + 0.6 * place / len(parts))
            plot.barh(bar, width, left=left, color=colour, edgecolor="white", label=f"{name} {number(width)}")
            left += width
    plot.invert_yaxis()
    plot.set_xlabel("processor time on one thread (ns a row)")
    picture.legend(loc="outside right", fontsize="x-small")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, dpi=110)


def show(clock: Clock, least: Mapping[str, float], rows: int) -> None:
    """Prints the tables, and what follows from them."""
    steps = ordered(clock)
    total, bytes_alone = sum(steps.values()), sum(least.values())

    def a_row(taken: float) -> str:
        return number(taken * NANO / rows)

    found = [*((name, taken, clock.faults[name]) for name, taken in steps.items()), ("all", total, sum(clock.faults.values()))]
    cells = [(name, a_row(taken), number(100 * taken / total), number(1000 * faults / rows)) for name, taken, faults in found]
    show_table(f"Where the time goes, {rows:,} rows, one thread", ("step", "ns a row", "%", "page faults a 1,000 rows"), cells)
    limit = [*least.items(), ("all", bytes_alone)]
    show_table("The bytes alone", ("limit", "ns a row"), [(name, a_row(taken)) for name, taken in limit])
    print(f"\nthe path takes {total / bytes_alone:.1f} times what its bytes take")
    alone = sum(taken for name, taken in steps.items() if name.endswith("*") or name == REST) / total
    cores = os.cpu_count() or 1
    bounds = f"{1 / (alone + (1 - alone) / cores):.2f} times faster on {cores} threads, {1 / alone:.1f} times on any number"
    print(f"steps of the calling thread (*, and the rest): {100 * alone:.1f} %; by Amdahl at most {bounds}")


def main() -> None:
    """Measures, prints tables, and draws."""
    parser = options(__doc__, rows=500_000, rounds=3)
    parser.add_argument("--plot", type=Path, help="PNG to draw")
    given = parser.parse_args()
    grouper, source = Grouper(DESIGN), population_file(given.rows)
    with TemporaryDirectory(dir=WORK) as name:
        folder = Path(name)
        clocks = [profile(grouper, source, folder) for _ in range(given.rounds)]
        clock = min(clocks, key=lambda each: sum(each.seconds.values()))
        least = limits(source, folder)
    show(clock, least, given.rows)
    if given.plot:
        draw(given.plot, ordered(clock), least, given.rows)


if __name__ == "__main__":
    main()
