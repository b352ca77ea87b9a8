"""How long a program waits for its first Grouper, and what each loaded design costs in memory.

    python benchmarks/cold_start.py [--rounds 15] [--design 2024-25]

Each round starts an interpreter that does nothing, and one that imports hrgcore and makes a Grouper; their difference is the cold
start. One more interpreter imports hrgcore and loads all installed designs in turn: its resident memory after the import, and by
how much it grows with each design. Byte code is written first, as an installation does.
"""

from __future__ import annotations

from measure import DESIGN, Figure, fresh, fresh_json, in_turns, options, seconds, show

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


def main() -> None:
    """Measures, and prints a table."""
    parser = options(__doc__, rounds=15)
    parser.add_argument("--design", default=DESIGN, help="the design to start with")
    given = parser.parse_args()
    program = START.format(given.design)
    found = in_turns(given.rounds, {"bare": lambda: seconds(fresh, "pass"), "full": lambda: seconds(fresh, program)})
    above = [(full - bare) * 1000 for full, bare in zip(found["full"], found["bare"], strict=True)]
    memory = fresh_json(MEMORY, given.design)
    show(
        f"Cold start with design {given.design}",
        [
            Figure("a bare interpreter", [taken * 1000 for taken in found["bare"]], "ms", less=True),
            Figure("import and Grouper, above it", above, "ms", 100, less=True),
            Figure("memory after import", [memory.pop("import")], "MB", less=True),
            *(Figure(f"memory of design {name}", [size], "MB", 30, less=True) for name, size in memory.items()),
        ],
    )


if __name__ == "__main__":
    main()
