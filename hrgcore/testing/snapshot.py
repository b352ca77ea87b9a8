"""The golden snapshot of a design: the HRG of every spell of the invented population, one a line.

A change of a table then shows as the lines of the spells that it moves. To write it, for the first time or after a change that is
meant::

    python -m hrgcore.testing.snapshot DESIGN FILE
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore.errors import HRGError
from hrgcore.grouper import Grouper
from hrgcore.testing.kept import Row, check_table, read_table, write_table
from hrgcore.testing.population import population
from hrgcore.testing.subject import subject_of

if TYPE_CHECKING:
    from hrgcore.design import Design

COLUMNS = ("spell", "case", "hrg")


def snapshot(design: Design) -> list[Row]:
    """The rows of the snapshot, as the design groups now."""
    grouper = Grouper(design)
    spells = enumerate(population(design), 1)
    return [(str(number), spell.case, grouper.group_spell(spell.episodes).hrg) for number, spell in spells]


def check_snapshot(design: Design, file: Path) -> None:
    """Fails with the spells that the design groups in another way than when the snapshot was written."""
    __tracebackhide__ = True
    check_table(read_table(file, COLUMNS), snapshot(design), "spells", f"python -m hrgcore.testing.snapshot {design.name} {file}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the snapshot of a design to a file, and says how many spells moved."""
    parser = argparse.ArgumentParser(prog="python -m hrgcore.testing.snapshot", description=main.__doc__)
    parser.add_argument("design", help="name of an installed design, or its folder")
    parser.add_argument("file", type=Path, help="CSV file to write")
    options = parser.parse_args(arguments)
    try:
        print(write_table(options.file, COLUMNS, snapshot(subject_of(options.design).design), "spells"))
    except HRGError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
