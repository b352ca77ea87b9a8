"""What the sheets of a workbook say, gathered: by code, HRG, root and chapter, each word with the row it stands in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hrgcore.authoring.importing.codes import Codes, Found
from hrgcore.authoring.importing.recognition import Table
from hrgcore.authoring.importing.report import SheetReport
from hrgcore.design import Design
from hrgcore.design.schema import GRADES, MULTIPLIERS, ROLES, ROOT_SIZE

OFFICIAL, LABEL, AUTHORED = "official", "label", "authored"
COMPLETE = 0.9  # share of the codes or HRGs of the base from which on a sheet is taken for the whole list
TOP_RANK = 255
_HRG = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z]?")
_MEMBER = {"y", "yes", "x", "✓", "✔", "true"}  # marks of a CC list without scores
_NUMBER = re.compile(r"[0-9]{1,9}")
_KINDS = {"c": "core", "core": "core", "u": "unbundled", "unbundled": "unbundled"}

_OWN_GRADE = {"child_root": "child_grade", "programme": "programme_grade"}  # columns with a grade of their own

Place = tuple[SheetReport, int]  # a sheet and a row of it


class Word(NamedTuple):
    """Something that a row of a sheet says of a code: a text, its grade, whether of single codes, and where it stands."""

    text: str
    grade: str
    wide: bool
    place: Place


class SplitRow(NamedTuple):
    """A row of Group to Split as it stands: the texts of its columns, its grade and its place."""

    hrg: str
    cells: Mapping[str, str]
    grade: str
    place: Place


ByCode = dict[str, dict[str, Word]]  # code -> what of it -> word


@dataclass(slots=True)
class Said:
    """What a workbook says.

    Attributes:
        own: whether it is an export of hrgcore: then a row without a grade is `authored`, in others `official`.
        icd10, opcs4, unbundled: by code.
        cc: by code and subchapter the points.
        hrgs: by HRG its `label`, and its `kind` if that is said.
        splits: by root the rows of Group to Split.
        torn: by root a row of Group to Split that was refused: the others are not all of it.
        names: by chapter or subchapter its name.
        lists: by list of the design its codes.
        exclusions: pairs of codes cells, with their grade and place.
        complete: kinds of which the workbook holds the whole list: what it does not name has been withdrawn.
    """

    own: bool
    icd10: ByCode = field(default_factory=dict)
    opcs4: ByCode = field(default_factory=dict)
    unbundled: ByCode = field(default_factory=dict)
    cc: ByCode = field(default_factory=dict)
    hrgs: ByCode = field(default_factory=dict)
    splits: dict[str, list[SplitRow]] = field(default_factory=dict)
    torn: dict[str, int] = field(default_factory=dict)
    names: dict[str, Word] = field(default_factory=dict)
    lists: dict[str, ByCode] = field(default_factory=dict)
    exclusions: list[tuple[str, str, Word]] = field(default_factory=list)
    complete: set[str] = field(default_factory=set)


class Gathering:
    """Gathers what tables say.

    Args:
        base: the design that the import is laid over.
        codes: readers of both classifications.
        own: whether the workbook is an export of hrgcore.
    """

    def __init__(self, base: Design, codes: Mapping[str, Codes], own: bool) -> None:
        self.said = Said(own)
        self._base = base
        self._codes = codes
        self._subchapters = {root[:2] for root in base.tables.roots[1:]}
        self._of: Mapping[str, Callable[[Table], None]] = {
            "hrg": self._hrgs, "split": self._splits, "chapter": self._names, "subchapter": self._names,
            "icd10": self._diagnoses, "opcs4": self._procedures, "unbundled": self._unbundled,
            "cc": self._scores, "cc_exclusion": self._exclusions, "list": self._list,
        }  # fmt: skip

    def take(self, table: Table) -> None:
        """Gathers what a table says; rows that cannot be used are refused in its report."""
        self._of[table.kind](table)

    def judge_complete(self, tables: Sequence[Table]) -> None:
        """Decides which mappings are whole lists: by the map, or if they name nearly all that the base has."""
        base = self._base
        known = {
            "icd10": ({code for code, words in self.said.icd10.items() if "root" in words}, set(base.tables.icd10.codes[1:])),
            "opcs4": (self.said.opcs4, set(base.tables.opcs4.codes[1:])),
            "hrg": (self.said.hrgs, {row.cells[0] for row in base.rows["hrg"] if row.cells[2] in _KINDS.values()}),
            "split": (self.said.splits, {row.cells[0] for row in base.rows["split"]}),
        }
        for kind, (named, there) in known.items():
            mapped = [table.map.complete for table in tables if table.kind == kind and table.map.complete is not None]
            share = len(there & set(named)) / max(1, len(there))
            if mapped[-1] if mapped else named and (self.said.own or share >= COMPLETE):
                self.said.complete.add(kind)
        if self.said.own:
            self.said.complete |= {table.kind for table in tables}

    # Sheets by code

    def _diagnoses(self, table: Table) -> None:
        columns = ("root", "child_root", "rank", "programme")
        for row, cells, found, grade in self._by_code(table, "icd10", columns):
            words: dict[str, tuple[str, str]] = {}
            for column in (column for column in columns if column in cells):
                text = self._value(column, cells[column], table, row)
                if text or (text is not None and column in _OWN_GRADE):  # an empty cell of these says that there is none
                    words[column] = text, self._grade_of(column, cells, table, row, grade)
            if not words and row not in table.report.refused:
                table.report.notes += 1  # a code of which nothing is said; it is named all the same
            self._note(self.said.icd10, found, words, (table.report, row))

    def _procedures(self, table: Table) -> None:
        for row, cells, found, grade in self._by_code(table, "opcs4", ("root", "rank", "role")):
            role = cells.get("role", "").lower()
            if role not in ROLES:
                table.report.refuse(row, f"{role!r} is no role of a procedure: {', '.join(ROLES[1:])}")
            values = {name: self._value(name, cells[name], table, row) for name in ("root", "rank") if name in cells}
            words = {name: (text, grade) for name, text in values.items() if text is not None}
            if "role" in cells:
                words["role"] = role, grade
            self._note(self.said.opcs4, found, words, (table.report, row))

    def _unbundled(self, table: Table) -> None:
        for row, cells, found, grade in self._by_code(table, "opcs4", ("root",)):
            root, multiplier = self._value("root", cells["root"], table, row), cells.get("multiplier", "").lower()
            if not root:
                table.report.refuse(row, "no root is given")
            elif multiplier not in MULTIPLIERS:
                table.report.refuse(row, f"{multiplier!r} is no multiplier: {', '.join(MULTIPLIERS[1:])}")
            else:
                words = {"root": (root, grade)} | ({"multiplier": (multiplier, grade)} if "multiplier" in cells else {})
                self._note(self.said.unbundled, found, words, (table.report, row))

    def _scores(self, table: Table) -> None:
        fixed = self._subchapter_of(table)
        wide = dict(zip((row for row, _ in table.rows), table.wide, strict=True))
        for row, cells, found, grade in self._by_code(table, "icd10", ("score", "subchapter", "list")):
            named = wide[row] or {(cells.get("list") or cells.get("subchapter") or fixed).upper(): cells.get("score", "x")}
            words = {}
            for subchapter, text in named.items():
                points = self._points(text, table)
                if subchapter not in self._subchapters:
                    table.report.refuse(
                        row, f"{subchapter!r} is no subchapter that has roots" if subchapter else "no subchapter is given"
                    )
                elif points is None:
                    table.report.refuse(row, f"{text!r} is no CC score from 0 to {TOP_RANK}")
                else:
                    words[subchapter] = points, AUTHORED if text.lower() in _MEMBER else grade
            self._note(self.said.cc, found, words, (table.report, row))

    def _subchapter_of(self, table: Table) -> str:
        """The subchapter of a sheet that holds one list, by the map or by its name."""
        if table.map.subchapter:
            return table.map.subchapter
        words = re.findall(r"\b[A-Za-z]{2}\b", table.report.name)
        named = {word.upper() for word in words} & self._subchapters
        return named.pop() if len(named) == 1 else ""

    def _points(self, text: str, table: Table) -> str | None:
        if text.lower() in _MEMBER:
            table.report.tolerated["CC without a score, taken as 1 point and graded authored"] += 1
            return "1"
        return "0" if not text else _whole(text)

    def _exclusions(self, table: Table) -> None:
        reader = self._codes["icd10"]
        for row, cells in table.rows:
            sides = [reader.read(cells[name]) for name in ("primary", "secondary")]
            grade = self._grade(cells, table, row)
            if not all(side.codes and not side.new for side in sides):
                table.report.refuse(row, "primary and secondary are not both codes of the code set")
            elif grade:
                texts = [" ".join(side.codes) for side in sides]
                self.said.exclusions.append((texts[0], texts[1], Word("", grade, False, (table.report, row))))

    def _list(self, table: Table) -> None:
        kinds = {row.cells[0]: row.cells[1] for row in self._base.rows["list"]}
        name = table.map.list or re.sub(r"[^a-z0-9]+", "_", table.report.name.lower()).strip("_")
        kind = {"diagnosis": "icd10", "procedure": "opcs4"}.get(kinds.get(name, ""), "")
        if not kind:
            table.report.what = "a list of codes that the base has no list for"
            table.report.remarks.append('left to the base; to replace a list of the base, name it in a map: list = "..."')
            for row, _ in table.rows:
                table.report.refuse(row, "the base has no list of this name")
            return
        table.report.remarks.append(f"replaces list {name} of the base")
        for row, _, found, grade in self._by_code(table, kind, ()):
            self._note(self.said.lists.setdefault(name, {}), found, {"member": ("", grade)}, (table.report, row))

    def _by_code(
        self, table: Table, classification: str, others: Sequence[str]
    ) -> Iterator[tuple[int, Mapping[str, str], Found, str]]:
        """The rows of a table whose codes and grade can be read. A text without codes beside which nothing stands is a note."""
        reader = self._codes[classification]
        for row, cells in table.rows:
            found = reader.read(cells["code"])
            empty = not any(cells.get(name) for name in others)
            if not found.codes and cells["code"] and others and empty:
                table.report.notes += 1
            elif others and empty and found.wide:
                table.report.notes += 1  # the heading of a category
            elif not found.codes:
                table.report.refuse(
                    row, f"{cells['code']!r} is no code of {reader.name}" if cells["code"] else "no code is given"
                )
            elif grade := self._grade(cells, table, row):
                if found.how:
                    table.report.tolerated[found.how] += 1
                yield row, cells, found, grade

    def _note(self, by_code: ByCode, found: Found, words: Mapping[str, tuple[str, str]], place: Place) -> None:
        """Notes words of some codes. What a row says of a single code is above one of a range; else the first speaks."""
        sheet, row = place
        if row in sheet.refused:
            words = {}  # the codes are named all the same: they have not been withdrawn
        for code in found.codes:
            there = by_code.setdefault(code, {})
            for column, (text, grade) in words.items():
                old = there.get(column)
                if old is None or (old.wide and not found.wide):
                    there[column] = Word(text, grade, found.wide, place)
                elif old.text != text and (old.wide or not found.wide):
                    sheet.refuse(row, f"{code} has another {column} in row {old.place[1]} of sheet {old.place[0].name}")
                elif old.place[0] is sheet and not found.wide and not old.wide:
                    sheet.tolerated["code that stands twice, with the same meaning"] += 1
                    break

    # Other sheets

    def _hrgs(self, table: Table) -> None:
        for row, cells in table.rows:
            hrg, label = cells["hrg"].upper(), cells["label"]
            if not (_HRG.fullmatch(hrg) and len(hrg) > ROOT_SIZE):
                self._refuse_or_note(table, row, cells, "hrg", f"{cells['hrg']!r} is no HRG")
                continue
            kind = cells.get("kind", "") or _KINDS.get(cells.get("core_or_unbundled", "").lower(), "")
            grade = self._grade(cells, table, row)
            if not label:
                table.report.refuse(row, "no label is given")
            elif grade:
                words = {"label": (label, grade)} | ({"kind": (kind, grade)} if kind else {})
                self._note(self.said.hrgs, Found((hrg,)), words, (table.report, row))

    def _splits(self, table: Table) -> None:
        for row, cells in table.rows:
            hrg = cells["hrg"].upper()
            root = hrg[:ROOT_SIZE]
            if not (_HRG.fullmatch(hrg) and len(hrg) > ROOT_SIZE):
                self._refuse_or_note(table, row, cells, "hrg", f"{cells['hrg']!r} is no HRG")
                if row in table.report.refused:
                    self.said.torn.setdefault(cells.get("root", "").upper() or root, row)
                continue
            if cells.get("root") and cells["root"].upper() != root:
                table.report.refuse(row, f"HRG {hrg} does not belong to root {cells['root']}")
                self.said.torn.setdefault(cells["root"].upper(), row)
                continue
            if "root" in cells and not cells["root"]:
                table.report.tolerated["root taken from its HRG"] += 1
            if grade := self._grade(cells, table, row):
                self.said.splits.setdefault(root, []).append(SplitRow(hrg, cells, grade, (table.report, row)))
            else:
                self.said.torn.setdefault(root, row)

    def _names(self, table: Table) -> None:
        size = 1 if table.kind == "chapter" else 2
        for row, cells in table.rows:
            name = cells["chapter"].upper()
            grade = self._grade(cells, table, row)
            if len(name) != size or not name.isalpha():
                self._refuse_or_note(table, row, cells, "chapter", f"{cells['chapter']!r} is no {table.kind}")
            elif not cells["label"]:
                table.report.refuse(row, "no name is given")
            elif name in self.said.names:
                table.report.refuse(row, f"{name} stands twice")
            elif grade:
                self.said.names[name] = Word(cells["label"], grade, False, (table.report, row))

    def _refuse_or_note(self, table: Table, row: int, cells: Mapping[str, str], key: str, reason: str) -> None:
        """A text beside which nothing stands is a heading or a note; anything else is refused."""
        if cells[key] and not any(text for name, text in cells.items() if name != key):
            table.report.notes += 1
        else:
            table.report.refuse(row, reason)

    # Cells

    def _grade_of(self, column: str, cells: Mapping[str, str], table: Table, row: int, grade: str) -> str:
        """The grade of a column: that of the row, unless it has one of its own, which in our own workbooks is never guessed."""
        own = _OWN_GRADE.get(column, "")
        return self._grade(cells, table, row, own) if own and (self.said.own or cells.get(own)) else grade

    def _grade(self, cells: Mapping[str, str], table: Table, row: int, column: str = "grade") -> str:
        """The grade of a row: what the row says; else that of the workbook. Empty if it is none: the row is refused."""
        grade = cells.get(column, "").lower()
        if not grade:
            return AUTHORED if self.said.own else OFFICIAL
        if grade not in GRADES:
            table.report.refuse(row, f"{grade!r} is not a grade: {', '.join(GRADES[1:])}")
            return ""
        return grade

    def _value(self, column: str, text: str, table: Table, row: int) -> str | None:
        """A root, a rank or a category as tables write it; None if it is none: the row is refused."""
        if not text:
            return text
        if column == "programme":
            if "," in text:
                table.report.refuse(row, f"{text!r} is no programme budgeting category")
                return None
            return text
        if column == "rank":
            rank = _whole(text)
            if rank is None:
                table.report.refuse(row, f"{text!r} is no hierarchy value from 0 to {TOP_RANK}")
            return rank
        root = text.upper()
        if not _HRG.fullmatch(root):
            table.report.refuse(row, f"{text!r} is no HRG root")
            return None
        if len(root) > ROOT_SIZE:
            table.report.tolerated["HRG in place of its root"] += 1
        return root[:ROOT_SIZE]


def weakest(grades: Iterable[str]) -> str:
    """The grade of what rests on several words; empty if there is none."""
    return max(grades, key=GRADES.index, default="")


def _whole(text: str) -> str | None:
    """A whole number up to TOP_RANK without leading zeros, or None."""
    return str(int(text)) if _NUMBER.fullmatch(text) and int(text) <= TOP_RANK else None
