"""Side by side with open groupers of the US classification, in one run on one machine.

    python benchmarks/side_by_side.py [--records 20000]

The peers (msdrg, drgpy) are installed into an environment of their own, `.venv-peers`. They group another classification, so
only the shape of the work compares: the same number of records, the same mean number of diagnosis and procedure codes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".venv-peers"
PACKAGES = ("msdrg==1.2.0", "drgpy==0.2.1", "orjson")
SECONDARIES, PROCEDURES = 6.5, 1.5

PEER_SCRIPT = """
import json, random, sys, time
records = int(sys.argv[1])
gen = random.Random(7)
pdx = ["I5020", "J189", "S72001A", "K8000", "N179", "I214", "A419", "E1165", "J441", "I639"]
sdx = ["E1165", "I10", "N179", "J449", "I2510", "E785", "F329", "D649", "I4891", "Z87891", "N183", "E669"]
pcs = ["0SR9019", "0FT44ZZ", "027034Z", "5A1935Z", "30233N1"]
claims = [
    (gen.choice(pdx), gen.sample(sdx, min(len(sdx), gen.choice([4, 5, 6, 7, 8, 9]))), gen.sample(pcs, gen.choice([0, 1, 2, 3])))
    for _ in range(records)
]
import msdrg
ready = [
    {"version": 431, "age": 65, "sex": 0, "discharge_status": 1, "pdx": {"code": p}, "sdx": [{"code": c} for c in s],
     "procedures": [{"code": c} for c in o]}
    for p, s, o in claims
]
with msdrg.MsdrgGrouper() as grouper:
    grouper.group(ready[0])
    start = time.perf_counter()
    for claim in ready:
        grouper.group(claim)
    msdrg_seconds = time.perf_counter() - start
from drgpy.msdrg import DRGEngine
engine = DRGEngine()
engine.get_drg(["I5020"], [])
start = time.perf_counter()
for p, s, o in claims:
    engine.get_drg([p, *s], o)
drgpy_seconds = time.perf_counter() - start
print(json.dumps({"msdrg": records / msdrg_seconds, "drgpy": records / drgpy_seconds}))
"""


def peer_python() -> Path:
    """The interpreter of the peers' environment, made on first use."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def ours(records: int) -> dict[str, float]:
    """Records a second: arrays to arrays on one thread, and single calls."""
    import random

    from hrgcore import Episode, Grouper
    from hrgcore._core.apc import Kernel
    from hrgcore._core.batch import Results

    grouper = Grouper("2024-25")
    gen = random.Random(7)
    tables = grouper.design.tables
    roots = tables.arrays["diag_root"]
    primary = [code for code, root in zip(tables.icd10.codes[1:], roots[1:], strict=True) if root < 0x8000]
    driving = [code for code, role in zip(tables.opcs4.codes[1:], tables.arrays["proc_role"][1:], strict=True) if role == 1]
    spells = [
        [
            Episode(
                age=gen.randint(19, 95),
                duration=gen.randint(0, 20),
                diagnoses=[gen.choice(primary) for _ in range(gen.choice([5, 6, 7, 8, 9, 10]))],
                procedures=[gen.choice(driving) for _ in range(gen.choice([0, 1, 2, 3]))],
            )
        ]
        for _ in range(records)
    ]
    batch, _ = grouper.encode(spells)
    kernel, results = Kernel(tables), Results(batch.rows, batch.spells)
    kernel.run(batch, results, 0, batch.spells)
    start = time.perf_counter()
    kernel.run(batch, results, 0, batch.spells)
    engine = records / (time.perf_counter() - start)
    start = time.perf_counter()
    for spell in spells:
        grouper.group_spell(spell)
    return {"arrays to arrays": engine, "single calls": records / (time.perf_counter() - start)}


def main() -> None:
    """Runs both and prints ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--records", type=int, default=20_000)
    records = parser.parse_args().records
    own = ours(records)
    done = subprocess.run([peer_python(), "-c", PEER_SCRIPT, str(records)], check=True, capture_output=True, text=True)
    peers = json.loads(done.stdout)
    version = sys.version.split()[0]
    print(
        f"{records} records of about {SECONDARIES} secondary diagnoses and {PROCEDURES} procedures, one thread, Python {version}"
    )
    for name, rate in {**own, **peers}.items():
        print(
            f"{name:<20} {rate:>14,.0f} records/s" + "".join(f"   {rate / other:>8.1f} x {peer}" for peer, other in peers.items())
        )


if __name__ == "__main__":
    main()
