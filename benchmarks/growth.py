"""How the time per episode grows: with the number of episodes, and with their number of codes; the kernel on one thread.

    python benchmarks/growth.py [--rows 10000000] [--rounds 3] [--plot docs/growth.png]

- Episodes: populations of 10 thousand, 100 thousand and so on up to `--rows`; beyond 100,000 they are those of a population again
  and again. Small ones are grouped several times in a round.
- Codes: single episodes whose codes are drawn from those of a population (the primary diagnosis from the primary ones), with 0 to
  14 diagnoses and one procedure, and with 0 to 12 procedures and 6 diagnoses. An episode without a diagnosis is only reported.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from measure import (
    DESIGN,
    SEED,
    Figure,
    Values,
    batch_of,
    encoded_arrays,
    in_turns,
    number,
    options,
    peak_memory,
    repeated,
    seconds,
    show,
    show_table,
)

from hrgcore import Grouper
from hrgcore._core.apc import Kernel
from hrgcore._core.batch import Results

LEAST, BASE = 10_000, 100_000  # episodes
A_ROUND = 1_000_000  # episodes that are grouped at least to measure once
EPISODES = 50_000  # of a number of codes
DIAGNOSES, PROCEDURES = range(15), range(13)
USUAL_DIAGNOSES, USUAL_PROCEDURES = 6, 1  # while the other number grows
NANO = 1e9
TARGET = 1.15

Arrays = dict[str, Any]


def job(grouper: Grouper, arrays: Arrays, least: int) -> Callable[[], float]:
    """What groups some arrays, again until so many episodes have been grouped, and tells nanoseconds an episode."""
    batch, kernel = batch_of(grouper, arrays), Kernel(grouper.design.tables)
    results = Results(batch.rows, batch.spells)
    times = -(-least // batch.rows)

    def run() -> float:
        taken = sum(seconds(kernel.run, batch, results, 0, batch.spells) for _ in range(times))
        return taken * NANO / (times * batch.rows)

    return run


# --- more episodes ---


def sizes(most: int) -> list[int]:
    """Ten thousand and its multiples by ten."""
    return [size for size in (LEAST * 10**step for step in range(9)) if size <= most]


def with_episodes(grouper: Grouper, rounds: int, most: int) -> dict[int, Values]:
    """Nanoseconds an episode, by number of episodes."""
    bases = {size: encoded_arrays(grouper, min(size, BASE)) for size in sizes(most)}
    jobs = {str(size): job(grouper, repeated(base, max(1, size // BASE)), A_ROUND) for size, base in bases.items()}
    return {int(name): values for name, values in in_turns(rounds, jobs).items()}


# --- more codes ---


class Codes:
    """Episodes of any number of codes, drawn from a population."""

    def __init__(self, arrays: Arrays) -> None:
        first = arrays["diag_start"][:-1][np.diff(arrays["diag_start"]) > 0]
        others = np.ones(len(arrays["diags"]), bool)
        others[first] = False
        self._arrays = arrays
        self._primary = _known(arrays["diags"][first])
        self._secondary = _known(arrays["diags"][others])
        self._procedures = _known(arrays["procs"])

    def arrays(self, episodes: int, diagnoses: int, procedures: int) -> Arrays:
        """Spells of one episode each."""
        chance = np.random.default_rng(SEED)
        rows = chance.integers(len(self._arrays["failed"]), size=episodes)

        def cells(name: str) -> Any:
            return self._arrays[name].reshape(len(self._arrays["failed"]), -1)[rows].ravel()

        diags = chance.choice(self._secondary, (episodes, diagnoses))
        if diagnoses:
            diags[:, 0] = chance.choice(self._primary, episodes)
        numbers = np.arange(episodes + 1)
        return {
            "spell_start": numbers,
            "numbers": cells("numbers"),
            "values": cells("values"),
            "failed": np.full(episodes, diagnoses == 0, np.uint8),
            "diag_start": numbers * diagnoses,
            "diags": diags.ravel(),
            "proc_start": numbers * procedures,
            "procs": chance.choice(self._procedures, episodes * procedures),
            "item_start": numbers * 0,
            "items": np.zeros(0, np.uint16),
        }


def _known(ids: Any) -> Any:
    return ids[ids > 0]


def with_codes(grouper: Grouper, rounds: int, episodes: int) -> dict[str, dict[int, Values]]:
    """Nanoseconds an episode, by number of diagnoses and by number of procedures."""
    codes = Codes(encoded_arrays(grouper, min(episodes, BASE)))
    mixes = {
        "diagnoses": {n: (n, USUAL_PROCEDURES) for n in DIAGNOSES},
        "procedures": {n: (USUAL_DIAGNOSES, n) for n in PROCEDURES},
    }
    found = {}
    for kind, of in mixes.items():
        jobs = {str(n): job(grouper, codes.arrays(min(episodes, EPISODES), *mix), 1) for n, mix in of.items()}
        found[kind] = {int(name): values for name, values in in_turns(rounds, jobs).items()}
    return found


# --- results ---


def draw(path: Path, by_size: dict[int, Values], by_codes: dict[str, dict[int, Values]]) -> None:
    """Both as a picture."""
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(10, 4), layout="constrained")
    left, right = picture.subplots(1, 2)
    left.plot(list(by_size), [median(values) for values in by_size.values()], "o-")
    left.set(xscale="log", xlabel="episodes in the batch", title="Growth with episodes")
    for kind, marker in (("diagnoses", "o-"), ("procedures", "s-")):
        right.plot(list(by_codes[kind]), [median(values) for values in by_codes[kind].values()], marker, label=kind)
    right.set(xlabel="codes of an episode", title="Growth with codes")
    right.legend()
    for plot in (left, right):
        plot.set_ylabel("time per episode, median round (ns)")
        plot.margins(y=0.1)
        plot.set_ylim(bottom=0)
        plot.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, dpi=110)


def main() -> None:
    """Measures, prints tables, and draws."""
    parser = options(__doc__, rows=10_000_000, rounds=3)
    parser.add_argument("--plot", type=Path, help="PNG to draw")
    given = parser.parse_args()
    grouper = Grouper(DESIGN)
    by_codes = with_codes(grouper, given.rounds, given.rows)
    by_size = with_episodes(grouper, given.rounds, given.rows)
    growth = [Figure(f"{size:,} episodes", values, "ns an episode", less=True) for size, values in by_size.items()]
    drift = max(figure.best for figure in growth) / min(figure.best for figure in growth)
    show("Growth with episodes", [*growth, Figure("slowest size against the fastest", [drift], "x", TARGET, less=True)])
    print(f"peak memory {peak_memory() / 1e9:.2f} GB, all of these batches and their results included")
    for kind, found in by_codes.items():
        rows = [(str(n), number(min(values)), number(sorted(values)[len(values) // 2])) for n, values in found.items()]
        show_table(f"Growth with {kind}: ns an episode", (kind, "best", "median"), rows)
    if given.plot:
        draw(given.plot, by_size, by_codes)


if __name__ == "__main__":
    main()
