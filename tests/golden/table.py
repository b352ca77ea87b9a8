"""How golden tables are kept: CSV with a header, read as they were kept, written anew by `make golden` only."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

Row = tuple[str, ...]
SHOWN = 20


def read_table(file: Path, columns: Row) -> list[Row]:
    """The rows as they were kept."""
    with file.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert tuple(header) == columns
    return [tuple(row) for row in rows]


def write_table(file: Path, columns: Row, rows: Sequence[Row], what: str) -> None:
    """Writes the rows, and says how many changed."""
    before = dict(enumerate(read_table(file, columns))) if file.exists() else {}
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    moved = sum(before.get(number) != row for number, row in enumerate(rows))
    print(f"{file.name}: {len(rows)} {what}, {moved} changed")


def check_table(kept: Sequence[Row], now: Sequence[Row], what: str) -> None:
    """Fails with the rows that changed, old and new."""
    moved = [f"{' '.join(old)} -> {' '.join(new[2:])}" for old, new in zip(kept, now, strict=False) if old != new]
    assert len(kept) == len(now) and not moved, "\n".join(
        [
            f"{len(moved)} of {len(now)} {what} moved. If that is meant, run `make golden` and look through the difference.",
            *moved[:SHOWN],
        ]
    )
