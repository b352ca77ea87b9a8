"""Two open groupers of the US classification, msdrg and drgpy, to compare with.

They are installed into an environment of their own, `.venv-peers`, on first use, and run in a process of their own: this file is
also the program that it runs. They group another classification, so that only the shape of the work compares: the same number of
records, the same mean number of diagnosis and procedure codes.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

PEERS = Path(__file__).resolve().parents[1] / ".venv-peers"
PACKAGES = ("msdrg==1.2.0", "drgpy==0.2.1", "orjson")
MSDRG, DRGPY = "msdrg", "drgpy"
SECONDARIES, PROCEDURES = (4, 5, 6, 7, 8, 9), (0, 1, 2, 3)  # how many codes a record has: each as often as the others
SEED = 7

PRIMARY_CODES = ["I5020", "J189", "S72001A", "K8000", "N179", "I214", "A419", "E1165", "J441", "I639"]
SECONDARY_CODES = ["E1165", "I10", "N179", "J449", "I2510", "E785", "F329", "D649", "I4891", "Z87891", "N183", "E669"]
PROCEDURE_CODES = ["0SR9019", "0FT44ZZ", "027034Z", "5A1935Z", "30233N1"]


class Pass(NamedTuple):
    """What a pass over all records took, in seconds: all calls, and the call in the middle."""

    total: float
    call: float


@contextmanager
def peers(records: int) -> Iterator[Callable[[str], Pass]]:
    """Starts the peers; what it gives lets the named one group all records once."""
    with subprocess.Popen(
        [_python(), __file__, str(records)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin and process.stdout

        def run(name: str) -> Pass:
            print(name, file=process.stdin)
            return Pass(*json.loads(process.stdout.readline()))  # type: ignore[union-attr]

        yield run
        process.stdin.close()


def _python() -> Path:
    python = PEERS / "bin" / "python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


# --- in their process ---


def _claims(records: int) -> list[tuple[str, list[str], list[str]]]:
    chance = random.Random(SEED)

    def sample(codes: list[str], sizes: tuple[int, ...]) -> list[str]:
        return chance.sample(codes, chance.choice(sizes))

    return [
        (chance.choice(PRIMARY_CODES), sample(SECONDARY_CODES, SECONDARIES), sample(PROCEDURE_CODES, PROCEDURES))
        for _ in range(records)
    ]


def _pass(call: Callable[..., Any], given: list[tuple[Any, ...]]) -> Pass:
    taken = []
    start = time.perf_counter()
    for each in given:
        before = time.perf_counter()
        call(*each)
        taken.append(time.perf_counter() - before)
    return Pass(time.perf_counter() - start, statistics.median(taken))


def main() -> None:
    """Reads names of peers from standard input, and prints what a pass of each took."""
    import drgpy.msdrg
    import msdrg

    claims = _claims(int(sys.argv[1]))
    constant = {"version": 431, "age": 65, "sex": 0, "discharge_status": 1}
    ready = [
        ({**constant, "pdx": {"code": p}, "sdx": [{"code": c} for c in s], "procedures": [{"code": c} for c in o]},)
        for p, s, o in claims
    ]
    coded = [([p, *s], o) for p, s, o in claims]
    with msdrg.MsdrgGrouper() as grouper:
        work = {MSDRG: (grouper.group, ready), DRGPY: (drgpy.msdrg.DRGEngine().get_drg, coded)}
        for line in sys.stdin:
            print(json.dumps(_pass(*work[line.strip()])), flush=True)


if __name__ == "__main__":
    main()
