"""Disk full, killed, interrupted, read-only, two at once: see the driver, which does it in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hrgcore.datasets import DATASETS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COMPILER = shutil.which(os.environ.get("CC") or "cc") or shutil.which("gcc")
SCENARIOS = (
    "one_call_fails",
    "all_calls_fail_from_one_on",
    "writes_are_cut_or_interrupted",
    "killed_at_every_call",
    "killed_at_random",
    "interrupted_at_every_call",
    "interrupted_at_random",
    "two_at_once",
    "read_only_folder",
)
# All data sets share the writer, so that the normal run tries one; HRGCORE_EXAMPLES=100 tries them all.
TRIED = tuple(DATASETS) if os.environ.get("HRGCORE_EXAMPLES") else ("EM",)

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the shim is for Linux"),
    pytest.mark.skipif(not COMPILER, reason="the shim needs a C compiler"),
]


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert COMPILER
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", library, HERE / "shim.c", "-ldl"], check=True)
    return library


@pytest.mark.parametrize("dataset", TRIED)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_faults(shim: Path, scenario: str, dataset: str) -> None:
    drive(shim, scenario, dataset)


@pytest.mark.parametrize("scenario", ["one_call_fails", "all_calls_fail_from_one_on", "killed_at_every_call", "two_at_once"])
def test_faults_while_a_file_is_sorted_on_disk(shim: Path, scenario: str) -> None:
    drive(shim, scenario, "APC", "on-disk")


def drive(shim: Path, *arguments: str) -> None:
    before = os.environ.get("LD_PRELOAD", "")  # a sanitizer comes first
    environment = {**os.environ, "LD_PRELOAD": f"{before} {shim}".strip()}
    command = [sys.executable, "-m", "tests.faults.driver", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
