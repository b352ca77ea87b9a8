"""The golden snapshot: the HRG of every spell of the fixed population by each installed design.

`make golden` writes it anew; nothing else does. One line a spell, so that the change of a table shows as the lines of the
spells that it moves: the case, the HRG of the base design, and the HRGs of the other designs where they differ from it.
"""

from __future__ import annotations

from pathlib import Path

import hrgcore
from golden.population import population
from hrgcore.testing.kept import Row, read_table, write_table

FILE = Path(__file__).parent / "spells.csv"
BASE = "2024-25"
COLUMNS = ("spell", "case", "hrg", "other designs")


def grouped() -> list[Row]:
    """The rows of the snapshot, as the designs group now."""
    designs = [BASE, *(name for name in hrgcore.designs() if name != BASE)]
    groupers = {name: hrgcore.Grouper(name) for name in designs}
    rows = []
    for number, spell in enumerate(population(groupers[BASE].design), 1):
        hrgs = {name: grouper.group_spell(spell.episodes).hrg for name, grouper in groupers.items()}
        others = " ".join(f"{name}:{hrg}" for name, hrg in hrgs.items() if hrg != hrgs[BASE])
        rows.append((str(number), spell.case, hrgs[BASE], others))
    return rows


def read() -> list[Row]:
    """The rows as they were kept."""
    return read_table(FILE, COLUMNS)


if __name__ == "__main__":
    print(write_table(FILE, COLUMNS, grouped(), "spells"))
