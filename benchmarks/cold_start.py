"""How long a program waits for its first Grouper, and what each loaded design costs in memory.

    python benchmarks/cold_start.py [--rounds 15] [--design 2024-25]

Each round starts an interpreter that does nothing, and one that imports hrgcore and makes a Grouper; their difference is the cold
start. The two take turns, so that slow phases of the machine fall on both. One more interpreter imports hrgcore and loads all
installed designs in turn: its resident memory after the import, and by how much it grows with each design. Byte code is written
first, as an installation does.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = "import hrgcore; hrgcore.Grouper({!r})"
MEMORY = """
import json, os, sys
import hrgcore
from hrgcore.grouper import Grouper

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

first = sys.argv[1]
names = [first, *(name for name in hrgcore.designs() if name != first)]
kept, sizes = [], [resident()]
for name in names:
    kept.append(Grouper(name))
    sizes.append(resident())
print(json.dumps({"import": sizes[0], **{name: after - before for name, before, after in zip(names, sizes, sizes[1:])}}))
"""


def run(*arguments: str) -> str:
    """Runs a new interpreter that may write byte code, and finds this tree before an installed hrgcore."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.run([sys.executable, *arguments], check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


def milliseconds(program: str) -> float:
    """The time of a whole process, its start and end included."""
    start = time.perf_counter()
    run("-c", program)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Measures, and prints a few lines."""
    parser = argparse.ArgumentParser(description="Cold start and memory of designs.")
    parser.add_argument("--rounds", type=int, default=15, help="starts of each kind")
    parser.add_argument("--design", default="2024-25", help="the design to start with")
    given = parser.parse_args()
    program = START.format(given.design)
    run("-c", program)  # writes byte code, and brings the files into memory
    bare, full = [], []
    for _ in range(given.rounds):
        bare.append(milliseconds("pass"))
        full.append(milliseconds(program))
    for name, of in (("median", statistics.median), ("minimum", min)):
        above = of(full) - of(bare)
        print(f"{name:8} {above:6.1f} ms above a bare interpreter of {of(bare):.1f} ms, {above / of(bare):.2f} times as long")
    for name, size in json.loads(run("-c", MEMORY, given.design)).items():
        print(f"{name:8} {size:6.1f} MB")


if __name__ == "__main__":
    main()
