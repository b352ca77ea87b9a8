"""Workbooks with cells, rows and heads changed at random: an import gives a design that loads or refuses the workbook."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from unit.tiny import tiny_design

from hrgcore.authoring.importing import as_markdown, import_workbook
from hrgcore.authoring.importing.kinds import KINDS
from hrgcore.authoring.workbook import sheets_of
from hrgcore.design import load_design
from hrgcore.errors import HRGError

from .official_form import WHOLE, write_book

HEADS = [head for kind in KINDS.values() for heads in kind.columns.values() for head in heads.split("|")]
CELLS = [
    *("", "A00", "A000", "A00.-", "M01", "M011", "AA01", "AA01A", "PR02Z", "UZ01", "UZ06", "XD01", "AA", "5", "0", "3+", "0-4"),
    *("19 years and over", "-", "–", "official", "drives", "A000-", "-A000", "x" * 50, "é", "=1", "1e9", "٣", "ß", "B00-A00"),
    *(7, 2.5, True, -1, 1e300, "C", "U", "big", "a b c", "A000 A000", "A000,,A001", "procedure in big"),
]
SEEDS = 60


def changed(rows: list[list[Any]], random: Random) -> list[list[Any]]:
    """The rows of a sheet with some changes."""
    rows = [list(row) for row in rows]
    for _ in range(random.randint(0, 8)):
        at = random.randrange(len(rows))
        row = rows[at]
        kind = random.random()
        if kind < 0.5 and row:
            row[random.randrange(len(row))] = random.choice(CELLS)
        elif kind < 0.6:
            rows.insert(at, [random.choice(CELLS) for _ in range(random.randint(0, 6))])
        elif kind < 0.7:
            rows.insert(at, list(random.choice(rows)))
        elif kind < 0.8 and len(rows) > 1:
            del rows[at]
        elif kind < 0.9 and row:
            row[random.randrange(len(row))] = random.choice(HEADS)
        else:
            rows[0] = [random.choice(HEADS) for _ in range(random.randint(1, 6))]
    return rows


@pytest.mark.parametrize("own", [False, True], ids=["official form", "export"])
def test_a_changed_workbook_gives_a_design_or_is_refused(tmp_path: Path, own: bool) -> None:
    folder = tiny_design(tmp_path)
    base = load_design(folder)
    sheets = {sheet.name: [sheet.columns, *sheet.rows] for sheet in sheets_of(base)} if own else WHOLE
    made = 0
    for seed in range(SEEDS):
        random = Random(seed)
        chosen = random.sample(sorted(sheets), random.randint(1, 5))
        place = tmp_path / str(seed)
        place.mkdir()
        book = write_book(place / "book.xlsx", {name: changed([list(row) for row in sheets[name]], random) for name in chosen})
        try:
            report = import_workbook(book, place / "made", base=base, find_base=lambda name: folder, name="made")
        except HRGError as error:
            assert error.place and not (place / "made").exists(), seed
            assert own or "no sheet of it was recognised" in str(error), seed  # rows are refused, not the whole workbook
            continue
        made += 1
        load_design(place / "made" / "hrgdesign_made", find_base=lambda name: folder)
        assert as_markdown(report)
        for sheet in report.sheets:
            told = sheet.used + sheet.notes + len(sheet.refused)
            assert sheet.used >= 0 and told == (0 if sheet in report.not_recognised else sheet.read), (seed, sheet)
    assert made > SEEDS / 3
