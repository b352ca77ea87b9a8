"""Builds the compiled core.

HRGCORE_DEBUG=1 builds it with bounds checks and without optimisation; HRGCORE_SANITIZE=address,undefined with these sanitizers of
the compiler, for processes that have their library loaded first.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("HRGCORE_DEBUG", "") not in ("", "0")
SANITIZE = os.environ.get("HRGCORE_SANITIZE", "")
CHECKS = [f"-fsanitize={SANITIZE}", "-fno-sanitize-recover=all"] if SANITIZE else []
COMPILE = ["-O0", "-g", "-UNDEBUG"] if DEBUG else ["-O1", "-g1", "-fno-omit-frame-pointer"] if SANITIZE else ["-O3"]

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": True,
    "freethreading_compatible": True,
    "embedsignature": True,
}

MODULES = sorted(Path("hrgcore/_core").glob("*.pyx"))

setup(
    ext_modules=cythonize(
        [
            Extension(
                ".".join(path.with_suffix("").parts),
                [str(path)],
                include_dirs=["hrgcore/include"],
                extra_compile_args=[*COMPILE, *CHECKS],
                extra_link_args=CHECKS,
            )
            for path in MODULES
        ],
        compiler_directives=DIRECTIVES,
        build_dir="build/debug" if DEBUG else "build/sanitize" if SANITIZE else "build/release",
        annotate=os.environ.get("HRGCORE_ANNOTATE", "") not in ("", "0"),
        nthreads=os.cpu_count() or 1,
    ),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
