"""How golden tables are kept: CSV with a header, written anew only when a change is meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from hrgcore.files.outputs import OutputSet

Row = tuple[str, ...]
SHOWN = 20


def read_table(file: Path, columns: Row) -> list[Row]:
    """The rows as they were kept."""
    with file.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    if tuple(header) != columns:
        raise AssertionError(f"{file}: the columns are not {','.join(columns)}")
    return [tuple(row) for row in rows]


def write_table(file: Path, columns: Row, rows: Sequence[Row], what: str) -> str:
    """Writes the rows, and says how many changed."""
    before = dict(enumerate(read_table(file, columns))) if file.exists() else {}
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    with OutputSet(file, ("",)) as files:
        files.open("").write(text.getvalue().encode())
        files.commit()
    moved = sum(before.get(number) != row for number, row in enumerate(rows))
    return f"{file.name}: {len(rows)} {what}, {moved} changed"


def check_table(kept: Sequence[Row], now: Sequence[Row], what: str, cure: str) -> None:
    """Fails with the rows that changed, old and new; `cure` is the command that writes them anew."""
    __tracebackhide__ = True
    moved = [f"{' '.join(old)} -> {' '.join(new[2:])}" for old, new in zip(kept, now, strict=False) if old != new]
    if moved or len(kept) != len(now):
        head = f"{len(moved)} of {len(now)} {what} moved. If that is meant, run `{cure}` and look through the difference."
        raise AssertionError("\n".join([head, *moved[:SHOWN]]))
