"""Runs in a process of its own, with the shim in it: makes every call that changes files go wrong, and asserts what is promised.

LD_PRELOAD=shim.so python -m tests.faults.driver SCENARIO DATASET [on-disk]
"""

from __future__ import annotations

import ctypes
import os
import random
import re
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EINTR, EIO, ENOSPC
from pathlib import Path

import hrgcore
from hrgcore.cli import main
from hrgcore.datasets import DATASETS
from hrgcore.errors import InputFileError, OutputFileError
from hrgcore.files import order, run

EXAMPLES = Path(__file__).parents[2] / "examples"
DESIGN = "2024-25"
RECORDS = 20
ROUNDS = int(os.environ.get("HRGCORE_EXAMPLES") or 10)  # of what is left to chance
TIMES = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
FAIL, FAIL_FROM, FAIL_WRITE, CUT_WRITE, SIGNAL_BEFORE, SIGNAL_AFTER, SLOW = range(1, 8)
NOBODY = 65534
Files = dict[str, bytes]


class Place:
    """A folder with an input, the files of an earlier run, and a file of somebody else."""

    def __init__(self, folder: Path, dataset: str, records: int = RECORDS, *, on_disk: bool = False) -> None:
        self.options: dict[str, int] = {"threads": 1}
        if on_disk:
            sort_on_disk()
            self.options["memory"] = 1
        self.grouper = hrgcore.Grouper(DESIGN, dataset)
        self.source = sample(folder / "in.csv", dataset, records)
        self.folder = folder / "out"
        self.folder.mkdir()
        self.output = self.folder / "o.csv"
        self.run()
        self.new = self.files()
        self.earlier = {name: b"earlier " + name.encode() for name in self.new if not name.endswith("_quality.csv")}
        self.earlier["else.csv"] = self.new["else.csv"] = b"of somebody else"
        self.restore()

    def restore(self) -> None:
        """All as it was after the earlier run."""
        for path in self.folder.iterdir():
            path.unlink()
        for name, data in self.earlier.items():
            (self.folder / name).write_bytes(data)

    def run(self) -> None:
        self.grouper.group_file(self.source, self.output, **self.options)

    def run_in_vain(self) -> None:
        """A run that finds no input."""
        try:
            self.grouper.group_file(self.source.with_name("none.csv"), self.output)
        except InputFileError:
            return
        raise AssertionError("a run without an input")

    def console(self) -> None:
        """A run of the console program, which ends the process."""
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background ignores it
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1), os.dup2(quiet, 2)
        logic = self.grouper.dataset
        main(["group", str(self.source), "-o", str(self.output), "--design", DESIGN, "-l", logic, "--threads", "1", "-q"])

    def files(self) -> Files:
        """What the folder holds; times are left out, and folders have no bytes."""
        return {path.name: TIMES.sub(b"TIME", path.read_bytes()) if path.is_file() else b"" for path in self.folder.iterdir()}

    def left_behind(self) -> list[Path]:
        return list(self.folder.glob(".hrgcore-*"))


def sort_on_disk() -> None:
    """Makes every file too large for the memory, so that it is sorted by runs on disk."""
    run.check_memory = lambda _size: None  # type: ignore[assignment]
    run.needed_memory = lambda _size: 1 << 60
    order.LEAST_BLOCK = 1500


def sample(path: Path, dataset: str, records: int) -> Path:
    """The first records of the example of a data set."""
    lines = (EXAMPLES / f"{dataset.lower()}_sample.csv").read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: records + 1]))
    return path


def shim() -> ctypes.CDLL:
    return ctypes.CDLL(None)


@contextmanager
def armed(place: Path, at: int, how: int, number: int = 0) -> Iterator[None]:
    shim().fault_arm(os.fsencode(place), ctypes.c_long(at), how, number)
    try:
        yield
    finally:
        shim().fault_disarm()


def calls_of(place: Place) -> int:
    """How many calls a whole run makes."""
    with armed(place.folder, -1, FAIL):
        place.run()
        calls: int = shim().fault_disarm()
    place.restore()
    files = len(place.new) - 1
    assert calls > 4 * files, "files are opened, written, closed and renamed without the shim"
    return calls


def forked(work: Callable[[], None], after: float = 0.0, number: int = 0) -> int:
    """Does work in a child; gives its exit code. If there is a number, it is a signal sent after these seconds."""
    ready, begins = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(begins)
            work()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except KeyboardInterrupt:
            code = 130
        finally:
            os._exit(code)
    os.close(begins)
    os.read(ready, 1)
    os.close(ready)
    if number:
        time.sleep(after)
        os.kill(child, number)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# Scenarios


def one_call_fails(place: Place) -> None:
    """An error with place and cure, and all as it was; the next run is none the wiser."""
    for at in range(calls_of(place)):
        for number in (ENOSPC, EIO):
            with armed(place.folder, at, FAIL, number):
                refused(place.run, at)
            assert place.files() == place.earlier, at
    place.run()
    assert place.files() == place.new


def all_calls_fail_from_one_on(place: Place) -> None:
    """The disk is gone for good: nothing of the earlier run is lost, and the next run finds it all."""
    for at in range(calls_of(place)):
        with armed(place.folder, at, FAIL_FROM, EIO):
            refused(place.run, at)
        place.run_in_vain()
        assert place.files() == place.earlier, at


def refused(run: Callable[[], None], at: int) -> None:
    try:
        run()
    except OutputFileError as error:
        assert error.place and error.cure, at
        return
    raise AssertionError(f"call {at} failed and the run did not")


def writes_are_cut_or_interrupted(place: Place) -> None:
    """A write that does half its work, or is interrupted, is no failure: the rest is written."""
    for at in range(calls_of(place)):
        for how, number in ((CUT_WRITE, 0), (FAIL_WRITE, EINTR)):
            with armed(place.folder, at, how, number):
                place.run()
            assert place.files() == place.new, (at, how)
            place.restore()


def killed_at_every_call(place: Place) -> None:
    """Each file is whole, the old or the new; the folder left behind is private; the next run clears up."""
    for at in range(calls_of(place)):
        for how in (SIGNAL_BEFORE, SIGNAL_AFTER):
            with armed(place.folder, at, how, signal.SIGKILL):
                assert forked(place.run) == -signal.SIGKILL
            check_killed(place)


def killed_at_random(place: Place) -> None:
    for after in moments(place):
        forked(place.run, after, signal.SIGKILL)
        check_killed(place)


def check_killed(place: Place) -> None:
    for name, data in place.files().items():
        assert name.startswith(".hrgcore-") or data in (place.earlier.get(name), place.new[name]), name
    for folder in place.left_behind():
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    place.run_in_vain()
    assert place.files() in (place.earlier, place.new)
    place.run()
    assert place.files() == place.new
    place.restore()


def interrupted_at_every_call(place: Place) -> None:
    """Nothing is left behind, and the files are the old or the new."""
    for at in range(calls_of(place)):
        for number in (signal.SIGINT, signal.SIGTERM):
            with armed(place.folder, at, SIGNAL_AFTER, number):
                assert forked(place.console) in (0, 1, 130), (at, number)
            check_interrupted(place)


def interrupted_at_random(place: Place) -> None:
    for after in moments(place):
        for number in (signal.SIGINT, signal.SIGTERM):
            forked(place.console, after, number)
            check_interrupted(place)


def check_interrupted(place: Place) -> None:
    assert place.files() in (place.earlier, place.new)
    place.restore()


def moments(place: Place) -> list[float]:
    """Moments of a run."""
    start = time.perf_counter()
    place.run()
    length = time.perf_counter() - start
    place.restore()
    return [random.uniform(0, 1.5 * length) for _ in range(ROUNDS)]


def two_at_once(place: Place) -> None:
    """Two processes write the same names: the files are all of one or all of the other."""
    sources = [place.source, sample(place.source.with_name("other.csv"), place.grouper.dataset, RECORDS // 2)]
    sets = []
    for source in sources:
        place.source = source
        place.run()
        sets.append(place.files())
    assert sets[0] != sets[1]
    for _ in range(2 * ROUNDS):
        with armed(place.folder, -1, SLOW, 500):
            race(place, sources)
        assert place.files() in sets


def race(place: Place, sources: list[Path]) -> None:
    """A process for each source, all started at once."""
    ready, go = os.pipe()
    children = []
    for source in sources:
        child = os.fork()
        if not child:
            place.source = source
            os.close(go)
            os.read(ready, 1)  # until the other end is closed
            code = 1
            try:
                place.run()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    os.close(ready)
    os.close(go)
    assert not any(os.waitpid(child, 0)[1] for child in children)


def read_only_folder(place: Place) -> None:
    """Permissions bind everybody but root, so the run is somebody else's."""

    def run_as_nobody() -> None:
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        refused(place.run, 0)

    place.folder.chmod(0o555)
    assert forked(run_as_nobody) == 0
    place.folder.chmod(0o755)
    assert place.files() == place.earlier


SCENARIOS = (
    one_call_fails,
    all_calls_fail_from_one_on,
    writes_are_cut_or_interrupted,
    killed_at_every_call,
    killed_at_random,
    interrupted_at_every_call,
    interrupted_at_random,
    two_at_once,
    read_only_folder,
)

if __name__ == "__main__":
    name, dataset, *how = sys.argv[1:]
    assert dataset in DATASETS
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # another user looks in
        {scenario.__name__: scenario for scenario in SCENARIOS}[name](Place(Path(folder), dataset, on_disk=how == ["on-disk"]))
