"""Three designs side by side with all outputs, against three runs of `hrg group` on the same file.

    python benchmarks/compare.py [--rows 1155000] [--rounds 3]

Each run is a program of its own, from its start to its end: `hrg group` writes the official set of files, once for each design;
`hrg compare` writes the page, the workbook and all tables. So many rows as stand above are more than a million spells.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import WORK, Figure, Values, fresh, in_turns, options, population_file, ratios, seconds, show

ROWS = 1_155_000
DESIGNS = ("2021-22", "2023-24", "2024-25")
MOST = 3.0  # times the three runs
HRG = "import sys; from hrgcore.cli import main; main(sys.argv[1:], prog_name='hrg')"
MOVED = "import sys; from pyarrow import parquet; print(parquet.read_metadata(sys.argv[1]).num_rows)"


def group(source: Path) -> Callable[[], float]:
    """Groups a file three times, each time by another design."""

    def run() -> float:
        with TemporaryDirectory(dir=WORK) as folder:
            return sum(
                seconds(fresh, HRG, "group", source, "-o", Path(folder) / "out.csv", "--design", name, "-q") for name in DESIGNS
            )

    return run


def compare(source: Path, found: dict[str, int]) -> Callable[[], float]:
    """Compares the designs; notes how many units moved and how large the report is."""

    def run() -> float:
        with TemporaryDirectory(dir=WORK) as folder:
            output = Path(folder) / "report"
            taken = seconds(fresh, HRG, "compare", source, "--designs", ",".join(DESIGNS), "-o", output, "-q")
            found["moved"] = int(fresh(MOVED, output / "moved.parquet"))
            found["page"] = (output / "report.html").stat().st_size
            return taken

    return run


def figures(found: dict[str, Values]) -> list[Figure]:
    """What is shown."""
    grouping, comparing = found["group"], found["compare"]
    return [
        Figure("hrg group, three runs", grouping, "s", less=True),
        Figure("hrg compare, three designs", comparing, "s", less=True),
        Figure("hrg compare against the three runs", ratios(comparing, grouping), "x", MOST, less=True),
    ]


def main() -> None:
    """Measures, and prints a table."""
    given = options(__doc__, rows=ROWS, rounds=3).parse_args()
    source, sizes = population_file(given.rows), dict[str, int]()
    found = in_turns(given.rounds, {"group": group(source), "compare": compare(source, sizes)})
    show(f"{', '.join(DESIGNS)} side by side, {given.rows:,} rows", figures(found))
    print(f"{sizes['moved']:,} episodes and spells moved; the page has {sizes['page'] / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
