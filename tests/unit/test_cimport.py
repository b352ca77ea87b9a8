"""The `.pxd` files serve others: a small extension that cimports the core is built and run."""

import subprocess
import sys
from pathlib import Path

import pytest

import hrgcore

pytest.importorskip("Cython")

SOURCE = """
from hrgcore._core.codes cimport CELL_ROOM, clean_code, CodeSet

def number_of(CodeSet codes, bytes text):
    cdef char cleaned[CELL_ROOM]
    cdef const char* raw = text
    return codes.find(cleaned, clean_code(raw, len(text), cleaned))
"""
BUILD = """
from Cython.Build import cythonize
from setuptools import setup
setup(script_args=["build_ext", "--inplace"], ext_modules=cythonize("small.pyx", language_level=3, include_path=[{root!r}]))
"""
RUN = """
import small
from hrgcore._core.codes import CodeSet
print(small.number_of(CodeSet(["A000", "A01X"], True), b" a.01"))
"""


def test_an_extension_can_cimport_the_core(tmp_path: Path) -> None:
    (tmp_path / "small.pyx").write_text(SOURCE)
    root = str(Path(hrgcore.__file__).parents[1])
    for script in (BUILD.format(root=root), RUN):
        done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert done.stdout == "2\n"
