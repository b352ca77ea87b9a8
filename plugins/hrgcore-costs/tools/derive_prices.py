"""Derive the tables of prices from reference data, as their manifests ask for.

Run by the authors of this package, not by its users: it needs the folder of reference data, which is no part of the project.

    python derive_prices.py REFERENCE_FOLDER

It writes `tables/NAME.csv` for each manifest `books/NAME.toml`: one row an HRG, a column a setting, sorted, blank where the
source has no figure. What it leaves out, and what looks odd, it tells.

The second column of the source of trim points, `emergency`, is left out. It has about one figure for the HRGs of adults of a
chapter and one for those of children, from 230 to 461, and none for HRGs that are not paid: that is what the price of a day
beyond the trim point looks like, and no number of days.
"""

import argparse
import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "hrgcore_costs"
COLLECTIONS = {"cost-2024-25": "ncc_2024_25", "cost-2023-24": "ncc_previous_year"}
TARIFFS = {"tariff-2024-25": ("tariff_2024_25", "trimpoints")}
TRIM_POINT = "trim_elective"

Cell = tuple[str, str, str]  # HRG, column of the source, figure


def read(reference: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a file of the reference data."""
    with (reference / "hrg" / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def cells_of_collection(reference: Path, name: str) -> Iterator[Cell]:
    """Unit costs: a row for each department and HRG."""
    for row in read(reference, COLLECTIONS[name]):
        yield row["currency_code"], row["department_code"], row["unit_cost"]


def cells_of_tariff(reference: Path, name: str) -> Iterator[Cell]:
    """Prices: a row for each HRG with a column for each setting; and trim points."""
    prices, trim_points = TARIFFS[name]
    for row in read(reference, prices):
        hrg = row.pop("hrg")
        yield from ((hrg, column, figure) for column, figure in row.items())
    for row in read(reference, trim_points):
        yield row["sushrg"], TRIM_POINT, row["elective"]


def plain(figure: str) -> str:
    """A figure without the decimals that say nothing; blank where there is none."""
    return f"{float(figure):.2f}".removesuffix(".00") if figure not in ("", "-") else ""


def pivoted(cells: Iterable[Cell], columns: dict[str, str]) -> dict[str, dict[str, str]]:
    """Rows by HRG with the figure of each setting.

    Args:
        cells: of the source.
        columns: the setting that each column of the source is.
    """
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    for hrg, column, figure in cells:
        setting = columns[column]
        if setting in rows[hrg]:
            raise SystemExit(f"{hrg} has two figures for {setting}.")
        rows[hrg][setting] = plain(figure)
    return rows


def derive(reference: Path, manifest: Path) -> None:
    """Writes the table of prices of a book."""
    book = tomllib.loads(manifest.read_text(encoding="utf-8"))
    name = book["name"]
    columns = {part["source"]: setting for setting, part in book["settings"].items()}
    columns |= {trim: trim for trim in book.get("trim_points", {}).values()}
    rows = pivoted((cells_of_collection if name in COLLECTIONS else cells_of_tariff)(reference, name), columns)
    known = {row["hrg"] for row in read(reference, "hrg_list")}
    kept = {hrg: row for hrg, row in sorted(rows.items()) if any(row.values())}
    heads = list(dict.fromkeys(columns.values()))
    with (PACKAGE / "tables" / book["tables"]["prices"]).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["hrg", *heads])
        writer.writerows([hrg, *(row.get(head, "") for head in heads)] for hrg, row in kept.items())
    free = sorted({hrg for hrg, row in kept.items() if any(figure and float(figure) == 0 for figure in row.values())})
    print(f"{name}: {len(kept)} HRGs, {sum(bool(figure) for row in kept.values() for figure in row.values())} figures")
    print(f"  no figure in any setting: {' '.join(sorted(rows.keys() - kept.keys())) or 'none'}")
    print(f"  not in the list of HRGs: {' '.join(sorted(kept.keys() - known)) or 'none'}")
    print(f"  0 in a setting: {' '.join(free) or 'none'}")
    if free != book["free"]:
        raise SystemExit(f"{manifest.name} lists other HRGs as free: {' '.join(book['free']) or 'none'}.")


def main() -> None:
    """Read the command line and write the tables."""
    parser = argparse.ArgumentParser(description="Derive the tables of prices from reference data.")
    parser.add_argument("reference", type=Path, help="folder of the reference data")
    reference = parser.parse_args().reference
    for manifest in sorted((PACKAGE / "books").glob("*.toml")):
        derive(reference, manifest)


if __name__ == "__main__":
    main()
