"""Write files of realistic, invented records with seeded faults, for each of the seven data sets.

For the demo, for tests and for benchmarks of millions of rows::

    python benchmarks/population.py --spells 3000 --seed 2024 --faults 0.03 --out FILE.csv [--rdf FILE.rdf] [--no-header]
    python benchmarks/population.py --dataset EM --records 5000 --seed 1 --faults 0.03 --out FILE.csv [...]

The columns are those of the data set in the official order, then ``dummy_field``: the case pattern, followed by ``+`` and
the fault if one was seeded (``pneumonia+spell_sex``). The same arguments give the same file. Nothing comes from a real
patient or a real hospital: all is drawn at random from the patterns in the ``*_mix.csv`` tables beside this file.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))  # for those who load this file by its path
from generators import acc, apc, em, nac, ncc, nrd, pcc
from generators.apc import columns, generate_rows
from generators.common import Fault, Records, Row

__all__ = ["DATASETS", "columns", "generate_rows", "main", "write"]

DATASETS: Mapping[str, type[Records]] = {
    "NAC": nac.Attendances, "EM": em.Attendances, "NRD": nrd.Sessions,
    "ACC": acc.Periods, "PCC": pcc.Days, "NCC": ncc.Days,
}  # fmt: skip


def write(path: Path, header: list[str] | None, rows: Iterable[Row]) -> int:
    """Write a file and return the number of its rows."""
    count = 0
    with path.open("w", encoding="ascii", newline="") as file:
        if header:
            file.write(",".join(header) + "\n")
        for row in rows:
            file.write(",".join(row) + "\n")
            count += 1
    return count


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; counts go to standard error."""
    options = _parser().parse_args(arguments)
    counts = Counter[str]()
    kinds: Mapping[str, Fault | apc.Kind]
    if options.dataset == "APC":
        width = options.diagnoses, options.procedures
        names, kinds, size = columns(*width), apc.FAULTS, f"{options.spells} spells"
        rows = generate_rows(options.spells, options.seed, options.faults, *width, counts)
    else:
        source = DATASETS[options.dataset]
        names, kinds, size = source.LAYOUT.columns, source.FAULTS, options.dataset
        rows = source(options.seed).rows(options.records, options.faults, counts)
    started = time.perf_counter()
    written = write(options.out, None if options.no_header else names, rows)
    speed = written / (time.perf_counter() - started)
    if options.rdf:
        fields = [f"{name},{name},{n},,,,\n" for n, name in enumerate(names, 1)]
        options.rdf.write_text("COMMA DELIMITED\n" + "".join(fields), encoding="ascii")
    print(f"{written} rows, {size}, {speed:.0f} rows/s", file=sys.stderr)
    print(*(f"  {name}: {counts[name]} ({kinds[name].outcome})" for name in kinds if counts[name]), sep="\n", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Write invented records with seeded faults.")
    parser.add_argument("--dataset", choices=["APC", *DATASETS], default="APC")
    parser.add_argument("--spells", type=int, default=3000, help="APC only")
    parser.add_argument("--records", type=int, default=5000, help="all others")
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--diagnoses", type=int, default=14, help="columns of them, APC only")
    parser.add_argument("--procedures", type=int, default=12, help="columns of them, APC only")
    parser.add_argument("--faults", type=float, default=0.03, help="share of the spells or records with a seeded fault")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rdf", type=Path, help="also write the record definition")
    parser.add_argument("--no-header", action="store_true")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
