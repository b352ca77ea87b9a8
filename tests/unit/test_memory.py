"""Results do not depend on how memory is allocated: with the checks of Python's debug allocator they are the same bytes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hrgcore.datasets import DATASETS

EXAMPLES = Path(__file__).parents[2] / "examples"
TIMES = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
GROUP_ALL = """
import sys
from hrgcore import Grouper
from hrgcore.datasets import DATASETS
examples, folder, threads = sys.argv[1:]
for dataset in DATASETS:
    source = f"{examples}/{dataset.lower()}_sample.csv"
    Grouper("2024-25", dataset).group_file(source, f"{folder}/{dataset}.csv", threads=int(threads))
"""


def outputs(folder: Path, *options: str, threads: int = 1, memory: str = "") -> dict[str, bytes]:
    """All files of all data sets, grouped in a process of its own."""
    command = [sys.executable, *options, "-c", GROUP_ALL, str(EXAMPLES), str(folder), str(threads)]
    done = subprocess.run(command, env={**os.environ, "PYTHONMALLOC": memory}, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    found = {path.name: TIMES.sub(b"", path.read_bytes()) for path in folder.iterdir()}
    assert len(found) > 4 * len(DATASETS)
    return {name: data.replace(os.fsencode(folder), b"") for name, data in found.items()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return outputs(tmp_path_factory.mktemp("plain"))


def test_threads(plain: dict[str, bytes], tmp_path: Path) -> None:
    assert outputs(tmp_path, threads=2) == plain


@pytest.mark.parametrize("threads", [1, 2])
def test_debug_allocator(plain: dict[str, bytes], tmp_path: Path, threads: int) -> None:
    assert outputs(tmp_path, threads=threads, memory="debug") == plain


def test_development_mode(plain: dict[str, bytes], tmp_path: Path) -> None:
    """All warnings are errors, such as that of a file that nobody has closed."""
    assert outputs(tmp_path, "-X", "dev", "-W", "error", threads=2, memory="debug") == plain
