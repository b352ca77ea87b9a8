"""The workbench of the compiler: layered tables in, names resolved to ids, arrays out, faults collected."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from hrgcore._core import typedefs as core
from hrgcore._core.codes import CodeSet, ValueSet
from hrgcore._core.fields import FieldSet
from hrgcore._core.rows import Row, look_up
from hrgcore.design.conditions import Clause, ConditionError, ConditionParser, parse_band
from hrgcore.design.faults import Faults, Located, Place
from hrgcore.design.layers import Layers
from hrgcore.design.schema import GRADES, HRG_KINDS, MESSAGES, OPTIONAL_MESSAGES
from hrgcore.design.terms import TermReader

HELPER = "helper"
UNBOUNDED = (-1, core.OPEN_END)
MOST_PROGRAMMES = 255
GRADE_IDS = {name: number for number, name in enumerate(GRADES) if name}
_HRG_KIND_IDS = {name: number for number, name in enumerate(HRG_KINDS)}
NUMBERS = {str(number): number for number in range(256)}


class Build:
    """Names and ids of one design while it is compiled."""

    def __init__(self, layers: Layers, settings: Mapping[str, Any], faults: Faults) -> None:
        self.layers = layers
        self.settings = settings
        self.faults = faults
        self.arrays: dict[str, array[Any] | bytes] = {}
        self.scalars: dict[str, int] = {}
        self.icd10 = self._code_set("icd10", pads=True)
        self.opcs4 = self._code_set("opcs4", pads=False)
        self.diagnoses = TermReader(self.icd10, "ICD-10", layers.retired["icd10"], faults)
        self.procedures = TermReader(self.opcs4, "OPCS-4", layers.retired["opcs4"], faults)
        self.code_rows: dict[str, array[int]] = {}
        self.fields: dict[str, FieldSet] = {}
        self.value_sets: dict[str, ValueSet] = {}
        self.stages: dict[str, array[int]] = {}
        self.programmes = [""]
        self._name_hrgs()
        self._name_messages()
        self._bands: dict[tuple[str, ...], bytes] = {}
        self.conditions: list[tuple[Clause, ...]] = []
        self._condition_numbers: dict[tuple[str, str], int] = {}
        self.parser = ConditionParser({}, {})

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, in order."""
        return self.layers.tables[table]

    def fault(self, table: str, message: str) -> None:
        """Notes a fault of a table as a whole."""
        rows = self.rows(table)
        self.faults.add(Place(rows[0].file if rows else f"{table}.csv", 0), message)

    def _code_set(self, table: str, pads: bool) -> CodeSet:
        codes = chain.from_iterable(row.cells for row in self.rows(table))
        try:
            return CodeSet(codes, pads)
        except ValueError as error:
            self.faults.add(self._place_of_code(table, str(error)), str(error))
            return CodeSet([], pads)

    def _place_of_code(self, table: str, message: str) -> Place:
        for row in self.rows(table):
            lines = [number for number, code in enumerate(row.cells) if repr(code) in message]
            if lines:
                return Place(row.file, row.line + lines[-1])
        return Place(f"{table}.csv", 0)

    def _name_hrgs(self) -> None:
        self.hrgs = ["", *(row.cells[0] for row in self.rows("hrg"))]
        self.hrg_ids = {name: number for number, name in enumerate(self.hrgs) if name}
        self.helpers = {row.cells[0][:4] for row in self.rows("hrg") if row.cells[2] == HELPER}
        self.column(self.rows("hrg"), 2, _HRG_KIND_IDS, lambda cell, row: self.choice(cell, HRG_KINDS, "kind", row))
        self.grades("hrg", 3)
        if len(self.hrg_ids) != len(self.hrgs) - 1:
            seen: set[str] = set()
            for row in self.rows("hrg"):
                if row.cells[0] in seen:
                    self.faults.add(row, f"{row.cells[0]} stands twice")
                seen.add(row.cells[0])
        splits = dict.fromkeys(row.cells[0] for row in self.rows("split"))
        self.roots = ["", *sorted(self.helpers | set(splits))]
        self.root_ids = {name: number for number, name in enumerate(self.roots) if name}
        self.subchapters = {name: number for number, name in enumerate(sorted({root[:2] for root in self.roots[1:]}))}

    def _name_messages(self) -> None:
        rows = {row.cells[0]: row for row in self.rows("message")}
        categories = [key for key, row in rows.items() if row.cells[1]]
        self.messages = [rows[key].cells[2] if key in rows else "" for key in (*MESSAGES, *categories)]
        self.categories = ["" for _ in MESSAGES] + [rows[key].cells[1] for key in categories]
        self._message_id = {key: number for number, key in enumerate((*MESSAGES, *categories))}
        self.target_ids = self.root_ids | {key: core.ERROR_BASE + self._message_id[key] for key in categories}
        for key in MESSAGES:
            if key not in rows and key not in OPTIONAL_MESSAGES:
                self.fault("message", f"there is no message {key!r}")
        for key, row in rows.items():
            self.grade(row.cells[3], row)
            if key not in self._message_id:
                self.faults.add(row, f"no fault has the key {key!r}")

    # --- cells to ids ---

    def column(self, rows: Sequence[Row | None], at: int, ids: dict[str, int], read: Callable[[str, Row], int]) -> array[int]:
        """The ids of a column of cells, 0 of no row. A cell that is not among the usual ones is read by `read`."""
        found = look_up(rows, at, ids)
        if -1 in found:
            for number, row in enumerate(rows):
                if row is not None and found[number] < 0:
                    found[number] = read(row.cells[at], row)
        return found

    def grades(self, table: str, at: int) -> array[int]:
        """The grades of the rows of a table."""
        return self.column(self.rows(table), at, GRADE_IDS, self.grade)

    def hrg(self, name: str, place: Located) -> int:
        """Id of an HRG of table `hrg`."""
        if number := self.hrg_ids.get(name):
            return number
        self.faults.add(place, f"there is no HRG {name!r} in table hrg")
        return 0

    def root(self, name: str, place: Located) -> int:
        """Id of a root that has splits or is a helper."""
        if number := self.root_ids.get(name):
            return number
        self.faults.add(place, f"there is no root {name!r} in table split")
        return 0

    def programme(self, name: str, place: Located) -> int:
        """Id of a programme budgeting category; the ids follow the rows."""
        if not name or set(name) & set(',"\r\n'):
            self.faults.add(place, f"{name!r} is not a programme budgeting category")
            return 0
        if name not in self.programmes:
            if len(self.programmes) == MOST_PROGRAMMES:
                self.faults.add(place, f"there are more than {MOST_PROGRAMMES} programme budgeting categories")
                return 0
            self.programmes.append(name)
        return self.programmes.index(name)

    def message(self, key: str, place: Located) -> int:
        """Id of a message that only some designs need."""
        number = self._message_id[key]
        if not self.messages[number]:
            self.faults.add(place, f"it needs a message {key!r} in table message")
        return number

    def category(self, name: str, place: Located) -> int:
        """Message id of an error category."""
        number = self._message_id.get(name, 0)
        if number < len(MESSAGES):
            self.faults.add(place, f"there is no error category {name!r} in table message")
            return len(MESSAGES)
        return number

    def root_or_category(self, name: str, place: Located) -> int:
        """Id of a root, or of an error category above ERROR_BASE."""
        return self.target_ids.get(name) or self.root(name, place)

    def grade(self, name: str, place: Located) -> int:
        """Id of a provenance grade."""
        if number := GRADE_IDS.get(name):
            return number
        self.faults.add(place, f"{name!r} is not a grade: {', '.join(GRADES[1:])}" if name else "no grade is given")
        return len(GRADES) - 1

    def choice(self, name: str, names: Sequence[str], what: str, place: Located) -> int:
        """Position of a word among the words a column allows."""
        if name not in names:
            self.faults.add(place, f"{name!r} is not a {what}: {', '.join(filter(None, names))}")
            return 0
        return names.index(name)

    def number(self, text: str, top: int, place: Located) -> int:
        """A whole number from 0 to top."""
        if not (text.isascii() and text.isdigit() and int(text) <= top):
            self.faults.add(place, f"{text!r} is not a whole number from 0 to {top}")
            return 0
        return int(text)

    def band(self, text: str, place: Located) -> tuple[int, int]:
        """A band of a numeric column."""
        try:
            return parse_band(text)
        except ConditionError as error:
            self.faults.add(place, str(error))
            return 0, core.OPEN_END

    def bands(self, cells: tuple[str, ...], place: Located) -> bytes:
        """Low and high of several bands, as they stand in an array; few combinations occur, so each is read once."""
        if (known := self._bands.get(cells)) is None:
            # no band takes what is not known (-1) too: an unbundled HRG is put out even if the age is not valid
            bands = (self.band(cell, place) if cell else UNBOUNDED for cell in cells)
            known = self._bands[cells] = int_array(chain.from_iterable(bands)).tobytes()
        return known

    def condition(self, text: str, stage: str, place: Located) -> int:
        """Number of a condition, -1 for none; equal texts share one."""
        if not text:
            return -1
        if (text, stage) not in self._condition_numbers:
            try:
                clauses = self.parser.parse(text, stage)
            except ConditionError as error:
                self.faults.add(place, f"in {text!r}: {error}")
                return -1
            self._condition_numbers[text, stage] = len(self.conditions)
            self.conditions.append(clauses)
        return self._condition_numbers[text, stage]


def int_array(numbers: Iterable[int]) -> array[int]:
    """An array of 32-bit integers."""
    return array("i", numbers)
