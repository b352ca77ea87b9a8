"""The overlay that turns the tables of a base into those that are wanted: rows that differ, and keys that go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hrgcore.authoring.importing.codes import grouped
from hrgcore.design import Design
from hrgcore.design.schema import TABLES

Cells = tuple[str, ...]
ByCode = Mapping[str, Cells]  # code -> the cells behind column `codes`

_ORDERED = "rule"  # the table whose rows are read in order, within a stage


@dataclass(slots=True)
class Overlay:
    """What an overlay holds.

    Attributes:
        tables: rows by table. A table without a key that is here replaces that of the base, even if it is empty.
        remove: table and key of what goes.
    """

    tables: dict[str, list[Cells]] = field(default_factory=dict)
    remove: list[tuple[str, str]] = field(default_factory=list)

    def replace_codes(self, table: str, base: ByCode, wanted: ByCode, ordered: Sequence[str]) -> None:
        """Makes a table by code say what is wanted of each code of the ordered code set."""
        there = set(ordered)
        self._put(table, grouped({code: cells for code, cells in wanted.items() if base.get(code) != cells}, ordered))
        self.remove += ((table, code) for code in base if code not in wanted and code in there)

    def replace_scores(
        self, base: Mapping[str, Mapping[str, Cells]], wanted: Mapping[str, Mapping[str, Cells]], ordered: Sequence[str]
    ) -> None:
        """The same of table `cc`, where a code has points and grade in each of its subchapters."""
        by_points: dict[Cells, dict[str, Cells]] = defaultdict(dict)
        for code, scores in wanted.items():
            if scores == base.get(code, {}):
                continue
            for points in sorted(set(scores.values())):
                by_points[points][code] = (" ".join(sorted(name for name in scores if scores[name] == points)), *points)
            if not scores:
                self.remove.append(("cc", code))
        for cells_of in by_points.values():
            self._put("cc", grouped(cells_of, ordered))

    def replace_code_set(self, table: str, added: Iterable[str], withdrawn: Iterable[str]) -> None:
        """Adds and removes codes."""
        self._put(table, ((code,) for code in sorted(added)))
        self.remove += ((table, code) for code in sorted(withdrawn))

    def replace_rows(self, table: str, base: Sequence[Cells], wanted: Sequence[Cells]) -> None:
        """Makes a table that is not by code be what is wanted, row by row and in order."""
        if list(base) == list(wanted):
            return
        keys = [TABLES[table].columns.index(column) for column in TABLES[table].key]
        if not keys:
            self.tables[table] = list(wanted)
            return
        old, new = _groups(base, keys), _groups(wanted, keys)
        changed = {key for key in new if new[key] != old.get(key)}
        rows = [cells for cells in wanted if _key(cells, keys) in changed]
        if table == _ORDERED:
            kept = [cells for cells in base if _key(cells, keys) in new and _key(cells, keys) not in changed]
            if _by_stage([*kept, *rows]) != _by_stage(wanted):
                rows = list(wanted)
        self._put(table, rows)
        self.remove += ((table, " ".join(key)) for key in old if key not in new)

    def _put(self, table: str, rows: Iterable[Cells]) -> None:
        if found := list(rows):
            self.tables.setdefault(table, []).extend(found)


def _groups(rows: Iterable[Cells], keys: Sequence[int]) -> dict[Cells, list[Cells]]:
    groups: dict[Cells, list[Cells]] = {}
    for cells in rows:
        groups.setdefault(_key(cells, keys), []).append(cells)
    return groups


def _key(cells: Cells, keys: Sequence[int]) -> Cells:
    return tuple(cells[number] for number in keys)


def _by_stage(rows: Iterable[Cells]) -> dict[Cells, list[Cells]]:
    return _groups(rows, [0])


def rows_of(design: Design, table: str) -> list[Cells]:
    """The rows of a table of a design, as cells."""
    return [row.cells for row in design.rows[table]]


def by_code(design: Design, table: str) -> dict[str, Cells]:
    """What a table by code says of each code that a row speaks for."""
    rows = design.rows[table]
    code_set = design.tables.opcs4 if table in ("procedure", "unbundled") else design.tables.icd10
    owners = zip(code_set.codes, design.code_rows[table], strict=True)
    return {code: rows[number].cells[1:] for code, number in owners if number >= 0}
