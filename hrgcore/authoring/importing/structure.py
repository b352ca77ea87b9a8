"""HRGs and splits: what the workbook says of them, laid over the base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hrgcore.authoring.importing.bands import ANY, AXES, Bands, band_of, misfit, phrases_of, stretched, text_of
from hrgcore.authoring.importing.difference import Cells, rows_of
from hrgcore.authoring.importing.report import CHANGED, CONFIRMED, NEW, SAME, ImportReport
from hrgcore.authoring.importing.said import AUTHORED, LABEL, Said, SplitRow, weakest
from hrgcore.design import Design
from hrgcore.design.schema import ROOT_SIZE

SUBCHAPTER_SIZE = 2  # characters of a root that are its subchapter
CORE, UNBUNDLED, HELPER = "core", "unbundled", "helper"
_GIVEN_UP = "its root is left to the base: see row {}"


class _Read(NamedTuple):
    """A row of Group to Split as it was read: weaker in grade than it stands there if the bands are not those of its columns."""

    bands: Bands
    when: str
    grade: str


class Structure:
    """The HRGs and splits that are wanted.

    Attributes:
        hrgs: by HRG its row.
        splits: by root its rows.
        from_sheet: roots whose rows are those of the workbook.
    """

    def __init__(self, base: Design, said: Said, report: ImportReport) -> None:
        self._base, self._said, self._report = base, said, report
        self.hrgs = {cells[0]: cells for cells in rows_of(base, "hrg")}
        self._base_hrgs = dict(self.hrgs)
        self.splits: dict[str, list[Cells]] = {}
        for cells in rows_of(base, "split"):
            self.splits.setdefault(cells[0], []).append(cells)
        self._base_splits = {root: list(rows) for root, rows in self.splits.items()}
        self._conditions = {cells[6] for rows in self.splits.values() for cells in rows if cells[6]}
        self.from_sheet: set[str] = set()
        self._lay_hrgs()
        self._lay_splits()

    def targets(self, categories: Sequence[str]) -> set[str]:
        """The roots and error categories that a code may lead to."""
        helpers = {hrg[:ROOT_SIZE] for hrg, cells in self.hrgs.items() if cells[2] == HELPER}
        return set(self.splits) | helpers | set(filter(None, categories))

    def unbundled_roots(self) -> set[str]:
        """The roots all whose HRGs are unbundled."""
        kinds: dict[str, set[str]] = {}
        for hrg, cells in self.hrgs.items():
            kinds.setdefault(hrg[:ROOT_SIZE], set()).add(cells[2])
        return {root for root, found in kinds.items() if found == {UNBUNDLED}}

    def withdraw(self, needed: set[str], rules: Sequence[Cells], invalid_hrg: str) -> list[Cells]:
        """Takes away roots and HRGs of the base that the workbook does not have, unless codes still need them.

        Args:
            needed: the roots to which codes lead.
            rules: the rows of table `rule`.
            invalid_hrg: the HRG of records that fail.

        Returns:
            The rules without those that lead to such a root, or take only such roots further.
        """
        kinds = {cells[2] for hrg, cells in self.hrgs.items() if hrg in self._said.hrgs} or {CORE, UNBUNDLED}
        gone = self._roots_to_go(needed | {invalid_hrg[:ROOT_SIZE]}, rules, kinds) if "split" in self._said.complete else set()
        for root in gone:
            del self.splits[root]
        kept_rules = self._without(gone, rules)
        if "hrg" in self._said.complete:
            led = {cells[1] for rows in self.splits.values() for cells in rows} | {invalid_hrg}
            named = needed | {root for cells in kept_rules for root in (*cells[1].split(), cells[3])}
            led |= {hrg for hrg, cells in self.hrgs.items() if cells[2] == HELPER and hrg[:ROOT_SIZE] in named}
            idle = {hrg for hrg, cells in self.hrgs.items() if hrg not in self._said.hrgs and cells[2] in kinds}
            self._find("HRG that the list of HRGs does not have, kept because a split leads to it", idle & led)
            for hrg in idle - led:
                del self.hrgs[hrg]
        return kept_rules

    def _roots_to_go(self, needed: set[str], rules: Sequence[Cells], kinds: set[str]) -> set[str]:
        """The roots that Group to Split does not have and that can go."""
        named = self._said.splits.keys() | self._said.torn.keys()
        absent = {root for root in self._base_splits if root not in named and self._is_of(root, kinds)}
        helpers = {hrg[:ROOT_SIZE] for hrg, cells in self.hrgs.items() if cells[2] == HELPER}
        needed = needed | {cells[3] for cells in rules if helpers.intersection(cells[1].split())}  # a helper must lead on
        gone = absent - needed
        # rows of CC scores may name no subchapter without roots, and those of a base cannot be taken back by subchapter
        scored = {name for cells in rows_of(self._base, "cc") for name in cells[1].split()}
        left = {root[:SUBCHAPTER_SIZE] for root in self.splits if root not in gone}
        gone -= {root for root in gone if root[:SUBCHAPTER_SIZE] in scored - left}
        self._find("root that Group to Split does not have, kept because the base leads to it", absent - gone)
        return gone

    def _without(self, gone: set[str], rules: Sequence[Cells]) -> list[Cells]:
        """The rules without the roots that are gone."""
        kept = []
        for cells in rules:
            starts = [root for root in cells[1].split() if root not in gone]
            if cells[3] in gone:
                self._report.dropped.append(f"{cells[0]} from {cells[1] or 'any'} to {cells[3]} when {cells[2] or 'always'}")
            elif starts or not cells[1]:
                kept.append((cells[0], " ".join(starts), *cells[2:]))
        return kept

    def check(self) -> None:
        """Notes HRGs to which nothing leads."""
        led = {cells[1] for rows in self.splits.values() for cells in rows}
        idle = {hrg for hrg in self._said.hrgs if hrg in self.hrgs and self.hrgs[hrg][2] in (CORE, UNBUNDLED)} - led
        self._find("HRG of the workbook to which no split leads", idle)

    def _is_of(self, root: str, kinds: set[str]) -> bool:
        return all(self._base_hrgs[cells[1]][2] in kinds for cells in self._base_splits[root] if cells[1] in self._base_hrgs)

    def _find(self, what: str, names: set[str]) -> None:
        if names:
            self._report.findings.append(f"{what}: {', '.join(sorted(names))}")

    # HRGs

    def _lay_hrgs(self) -> None:
        for hrg, words in self._said.hrgs.items():
            label = words["label"]
            old = self._base_hrgs.get(hrg)
            said_kind = words["kind"].text if "kind" in words else ""
            kind = said_kind or (old[2] if old else self._kind_of_new(hrg))
            if old and old[2] not in (CORE, UNBUNDLED) and not self._said.own:
                kind = old[2]  # the official list has no word for helpers and other data sets
            self._lay_hrg(hrg, label.text, kind, label.grade)
            sheet, _ = label.place
            new = self.hrgs[hrg]
            sheet.outcomes[NEW if old is None else SAME if new == old else CONFIRMED if new[:3] == old[:3] else CHANGED] += 1

    def _kind_of_new(self, hrg: str) -> str:
        """The kind of an HRG of which only the label is said: unbundled where all others of its subchapter are."""
        beside = {cells[2] for name, cells in self._base_hrgs.items() if name[:SUBCHAPTER_SIZE] == hrg[:SUBCHAPTER_SIZE]}
        return UNBUNDLED if beside == {UNBUNDLED} else CORE

    def _lay_hrg(self, hrg: str, label: str, kind: str, grade: str) -> None:
        self.hrgs[hrg] = (hrg, label, kind, grade)

    # Splits

    def _lay_splits(self) -> None:
        for root, rows in self._said.splits.items():
            if root in self._said.torn:
                for row in rows:
                    row.place[0].refuse(row.place[1], _GIVEN_UP.format(self._said.torn[root]))
                continue
            read = self._read_root(root, rows)
            old = self._base_splits.get(root)
            sheet = rows[0].place[0]
            if read is None:
                if old is None:
                    self._report.findings.append(f"root {root} is new, and its splits cannot be read: nothing can lead to it")
                continue
            self.splits[root] = read
            self.from_sheet.add(root)
            plain = [cells[:-1] for cells in read]
            same = old is not None and sorted(plain) == sorted(cells[:-1] for cells in old)
            sheet.outcomes[NEW if old is None else SAME if read == old else CONFIRMED if same else CHANGED] += 1

    def _read_root(self, root: str, rows: Sequence[SplitRow]) -> list[Cells] | None:
        """The rows of a root as tables have them; None if one cannot be read: then all are refused."""
        shared = _shared_parts([self._label(row) for row in rows])
        read: list[_Read] = []
        for row in rows:
            found = self._read_row(row, shared, alone=len(rows) == 1)
            if isinstance(found, str):
                self._give_up(rows, row, found)
                return None
            read.append(found)
        if not self._said.own:
            read = self._stretched(rows, read)
            if (fault := misfit([one.bands for one in read])) and not any(one.when for one in read):
                self._give_up(rows, rows[0], f"root {root}: {fault}")
                return None
        for row in rows:
            if row.hrg not in self.hrgs:
                self._lay_hrg(row.hrg, self._label(row), self._kind_of_new(row.hrg), row.grade)
        return [(root, row.hrg, *map(text_of, one.bands), one.when, one.grade) for row, one in zip(rows, read, strict=True)]

    def _give_up(self, rows: Sequence[SplitRow], at: SplitRow, reason: str) -> None:
        sheet, line = at.place
        sheet.refuse(line, reason)
        for row in rows:
            row.place[0].refuse(row.place[1], _GIVEN_UP.format(line))

    def _stretched(self, rows: Sequence[SplitRow], read: Sequence[_Read]) -> list[_Read]:
        wide = stretched([one.bands for one in read])
        if wide == [one.bands for one in read]:
            return list(read)
        rows[0].place[0].tolerated["root whose ages did not cover all: the outermost bands take the others, graded authored"] += 1
        return [one if one.bands == bands else _Read(bands, one.when, AUTHORED) for bands, one in zip(wide, read, strict=True)]

    def _label(self, row: SplitRow) -> str:
        """The label of a row's HRG: that of the row, of the list of HRGs, or of the base."""
        return row.cells.get("label", "") or self.hrgs.get(row.hrg, ("", ""))[1]

    def _read_row(self, row: SplitRow, shared: int, alone: bool) -> _Read | str:
        """The bands and the condition of a row, or why they cannot be read."""
        if row.hrg not in self.hrgs and not self._label(row):
            return f"HRG {row.hrg} is not in the list of HRGs, and has no label"
        bands = dict.fromkeys(AXES, ANY)
        for axis in (axis for axis in AXES if axis in row.cells):
            band = band_of(row.cells[axis])
            phrases = phrases_of(row.cells[axis]) if band is None else None
            if band is None and (phrases is None or set(phrases) != {axis}):
                return f"{axis} {row.cells[axis]!r} cannot be read"
            bands[axis] = band if band is not None else (phrases or {})[axis]
        when = row.cells.get("condition", "")
        if when and not self._said.own and when not in self._conditions:
            phrases, when = phrases_of(when), ""
            if phrases is None or any(bands[axis] != ANY for axis in phrases):
                return f"condition {row.cells['condition']!r} cannot be read"
            bands |= phrases
        if not when and not alone and not self._said.own and all(band == ANY for band in bands.values()):
            return self._from_label(row, shared)
        return _Read((bands["age"], bands["stay"], bands["interventions"], bands["cc"]), when, row.grade)

    def _from_label(self, row: SplitRow, shared: int) -> _Read | str:
        """The bands that the label names after the part that all labels of the root share."""
        parts = self._label(row).split(", ")[shared:]
        phrases = phrases_of(", ".join(parts)) if parts else None
        if not phrases:
            return f"nothing says when a record gets HRG {row.hrg}: no column does, and its label cannot be read"
        row.place[0].tolerated["bands taken from the label of the HRG, graded label"] += 1
        bands = dict.fromkeys(AXES, ANY) | phrases
        whole = bands["age"], bands["stay"], bands["interventions"], bands["cc"]
        return _Read(whole, "", weakest((row.grade, LABEL)))


def _shared_parts(labels: Sequence[str]) -> int:
    """How many parts between commas all labels begin with."""
    number = 0
    for parts in zip(*(label.split(", ") for label in labels), strict=False):
        if len(set(parts)) > 1:
            break
        number += 1
    return number


def split_rows(splits: Mapping[str, Sequence[Cells]]) -> list[Cells]:
    """All rows of table `split`."""
    return [cells for rows in splits.values() for cells in rows]
