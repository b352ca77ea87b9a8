"""Which sheet is what: sheets are found by the heads of their columns, not by their names or order."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from hrgcore.authoring.importing.codes import Codes
from hrgcore.authoring.importing.kinds import HEADER_ROWS, IGNORED, KINDS, Kind, columns_of, is_of, plain
from hrgcore.authoring.importing.mapfile import SheetMap
from hrgcore.authoring.importing.reader import Cells, RawSheet
from hrgcore.authoring.importing.report import SheetReport
from hrgcore.errors import ArgumentError

SAMPLE = 300  # rows in which a sheet is looked at to see what its codes are
FITS = 0.5  # share of the sampled rows from which on the codes are those of a kind
FEWEST_WIDE = 2  # columns named by subchapters, from which on a sheet has a column a subchapter
_FORMS = {
    "hrg": re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z]"),
    "split": re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z]"),
    "chapter": re.compile(r"[A-Za-z]"),
    "subchapter": re.compile(r"[A-Za-z]{2}"),
}


class Table(NamedTuple):
    """A sheet that was recognised.

    Attributes:
        kind: a name of KINDS.
        rows: row numbers, counted from 1, and by name of a column the text of the cell; blank rows are left out.
        wide: by subchapter the text of each cell, where a sheet of CC scores has a column a subchapter; one mapping a row.
        report: of the sheet.
        map: what the user said of it.
    """

    kind: str
    rows: Sequence[tuple[int, dict[str, str]]]
    wide: Sequence[dict[str, str]]
    report: SheetReport
    map: SheetMap


class _Candidate(NamedTuple):
    """A row that may be the header of a sheet of some kind, with what speaks for it, the weightiest first."""

    score: tuple[float, ...]
    kind: str
    header: int
    columns: dict[str, int]
    wide: dict[str, int]


class Recognition:
    """Recognises sheets.

    Args:
        codes: readers of both classifications, by name.
        subchapters: of the base design.
    """

    def __init__(self, codes: Mapping[str, Codes], subchapters: Collection[str]) -> None:
        self._subchapters = set(subchapters)
        self._known: dict[str, Callable[[str], object]] = {name: reader.knows for name, reader in codes.items()}

    def table(self, sheet: RawSheet, said: SheetMap | None, report: SheetReport) -> Table | None:
        """The table of a sheet, or None if it is of no known kind or is to be left alone.

        Raises:
            ArgumentError: the map names a column that the sheet does not have.
        """
        if said and said.kind == IGNORED:
            report.what = "left alone, as the map says"
            return None
        found = self._mapped(sheet, said) if said else self._best(sheet, report)
        return self._cut(sheet, found, said or SheetMap(found.kind), report) if found else None

    def _best(self, sheet: RawSheet, report: SheetReport) -> _Candidate | None:
        """The candidate for which most speaks; between equals the kind that stands first in KINDS, and the first row."""
        found = sorted(self._candidates(sheet), key=lambda one: one.score, reverse=True)
        if not found:
            return None
        best = found[0]
        others = {one.kind for one in found if one.score == best.score and one.kind != best.kind}
        if others:
            report.remarks.append(f"could also be of kind {', '.join(sorted(others))}: a map can say so")
        return best

    def _candidates(self, sheet: RawSheet) -> Iterator[_Candidate]:
        name = plain(sheet.name)
        seen = set()  # a header that is repeated further down is none
        for header, cells in enumerate(sheet.rows[:HEADER_ROWS]):
            if sum(map(bool, cells)) < 1:
                continue
            heads = [plain(cell) for cell in cells]
            for key, kind in KINDS.items():
                columns = columns_of(kind, heads)
                wide = self._wide(key, cells)
                heading = key, *columns.items(), *wide
                if heading in seen or not (is_of(kind, columns) or (wide and "code" in columns)):
                    continue
                seen.add(heading)
                fit = self._fit(key, kind, sheet.rows[header + 1 : header + 1 + SAMPLE], columns)
                hint = sum(word in name for word in kind.hints)
                matched = len(columns) + len(wide) + bool(kind.classification and fit >= FITS)
                if key != "list" or fit >= FITS:
                    yield _Candidate((fit >= FITS, matched, round(fit, 1), hint, -header), key, header, columns, wide)

    def _wide(self, key: str, cells: Cells) -> dict[str, int]:
        if key != "cc":
            return {}
        found = {cell.upper(): number for number, cell in enumerate(cells) if cell.upper() in self._subchapters}
        return found if len(found) >= FEWEST_WIDE else {}

    def _fit(self, key: str, kind: Kind, rows: Sequence[Cells], columns: Mapping[str, int]) -> float:
        """The share of rows whose first column holds what the kind needs."""
        at = columns[kind.required[0]]
        cells = [row[at] for row in rows if row[at]]
        if not cells:
            return 0
        if key in _FORMS:
            return sum(bool(_FORMS[key].fullmatch(cell)) for cell in cells) / len(cells)
        checks = [self._known[kind.classification]] if kind.classification else list(self._known.values())
        return max(sum(bool(check(cell)) for cell in cells) for check in checks) / len(cells)

    def _mapped(self, sheet: RawSheet, said: SheetMap) -> _Candidate:
        """The header that a map describes; columns that it does not name are found by their heads."""
        kind = KINDS[said.kind]
        place = f"map, sheet {sheet.name}"
        rows = range(said.header - 1, said.header) if said.header else range(min(HEADER_ROWS, len(sheet.rows)))
        missing: list[str] = list(said.columns.values())
        for header in rows:
            cells = sheet.rows[header] if header < len(sheet.rows) else []
            heads = [plain(cell) for cell in cells]
            named = {column: heads.index(plain(head)) for column, head in said.columns.items() if plain(head) in heads}
            missing = min(missing, [head for column, head in said.columns.items() if column not in named], key=len)
            columns = columns_of(kind, ["" if at in named.values() else head for at, head in enumerate(heads)]) | named
            wide = self._wide(said.kind, cells)
            fixed = bool(wide or said.subchapter)
            if len(named) == len(said.columns) and (is_of(kind, columns) or (fixed and "code" in columns)):
                return _Candidate((), said.kind, header, columns, wide)
        if missing:
            raise ArgumentError(
                f"no header row has {', '.join(map(repr, missing))}", place=place, cure="Name heads as they stand there."
            )
        needed = ", ".join(kind.required) + (f", and one of {', '.join(kind.any_of)}" if kind.any_of else "")
        raise ArgumentError(f"kind {said.kind} needs the columns {needed}", place=place, cure="Name their heads under `columns`.")

    def _cut(self, sheet: RawSheet, found: _Candidate, said: SheetMap, report: SheetReport) -> Table:
        """The rows below the header, as a table."""
        heads = sheet.rows[found.header]
        at = set(found.columns.values()) | set(found.wide.values())
        report.what, report.header = KINDS[found.kind].what, found.header + 1
        report.columns = {name: heads[number] for name, number in found.columns.items()} | {name: name for name in found.wide}
        report.unused = [head for number, head in enumerate(heads) if head and number not in at]
        rows, wide = [], []
        for number, cells in enumerate(sheet.rows[found.header + 1 :], found.header + 2):
            if not any(cells):
                continue
            report.read += 1
            if not any(cells[column] for column in at) or cells == heads:
                report.notes += 1
                continue
            rows.append((number, {name: cells[column] for name, column in found.columns.items()}))
            wide.append({name: cells[column] for name, column in found.wide.items()})
        return Table(found.kind, rows, wide, report, said)
