"""The golden snapshot of the other data sets: what the base design says of each record of the files in `examples/`.

`make golden` writes it anew; nothing else does. One line a record, in the order of the output: the HRG, in outpatients the
attendance HRG, in adult critical care the days and the warning flag, and the unbundled HRGs.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from hrgcore import Grouper
from hrgcore.testing.kept import Row, read_table, write_table

FILE = Path(__file__).parent / "records.csv"
EXAMPLES = Path(__file__).parents[2] / "examples"
DATASETS = ("NAC", "EM", "NRD", "ACC", "PCC", "NCC")
KEPT = ("NAC_HRG", "EM_HRG", "NRD_HRG", "ACC_HRG", "PCC_HRG", "NCC_HRG", "AttendanceHRG", "Calc_CC_Days", "CC_Warning_Flag")
MAIN = ("attend", "renal", "acc", "pcc", "ncc")  # the file of each data set that repeats the input
COLUMNS = ("data set", "row", "case", "result")


def grouped() -> list[Row]:
    """The rows of the snapshot, as the design groups now."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for dataset in DATASETS:
            source, output = EXAMPLES / f"{dataset.lower()}_sample.csv", Path(folder) / f"{dataset}.csv"
            grouper = Grouper("2024-25", dataset)
            grouper.group_file(source, output, rdf=EXAMPLES / f"{dataset.lower()}.rdf", header=True)
            main = next(path for path in Path(folder).glob(f"{dataset}_*.csv") if path.stem.split("_")[1] in MAIN)
            rows += _results(dataset, main)
    return rows


def _results(dataset: str, path: Path) -> list[Row]:
    with path.open(encoding="ascii", newline="") as file:
        header, *lines = csv.reader(file)
    case, number = header.index("dummy_field"), header.index("RowNo")
    places = [place for place, name in enumerate(header) if name in KEPT and place > number]
    unbundled = header.index("UnbundledHRGs") if "UnbundledHRGs" in header else None
    return [
        (
            dataset,
            line[number],
            line[case],
            " ".join(filter(None, [*(line[place] for place in places), *(line[unbundled:] if unbundled else ())])),
        )
        for line in lines
    ]


def read() -> list[Row]:
    """The rows as they were kept."""
    return read_table(FILE, COLUMNS)


if __name__ == "__main__":
    print(write_table(FILE, COLUMNS, grouped(), "records"))
