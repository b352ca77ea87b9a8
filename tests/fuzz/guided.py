"""The same as `fuzz_files`, led by what each case reaches in the core: needs atheris and a core compiled for it.

    python -m tests.fuzz.guided [-max_total_time=600] FOLDER...

The first folder takes new cases, the others are read too; the options are those of libFuzzer.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

from .fuzz_files import CORPUS, LARGEST, MEMORY, Mutator, run

OWN = 0.5  # share of the changes that know the form of a case


def main() -> None:
    corpus = [path.read_bytes() for path in sorted(CORPUS.iterdir())]
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:

        def mutate(data: bytes, most: int, seed: int) -> bytes:
            random = Random(seed)
            if random.random() < OWN:
                return Mutator([*corpus, data], random).change(data)[:most]
            return bytes(atheris.Mutate(data, min(most, LARGEST)))

        atheris.Setup(sys.argv, lambda data: run(data, Path(folder)), custom_mutator=mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
