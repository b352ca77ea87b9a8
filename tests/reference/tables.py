"""Reading a design folder: manifest, CSV tables, code terms and bands.

Written from docs/design-tables.md only, and meant to be read rather than to be fast: what many records ask again is kept.
"""

import csv
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

Row = Mapping[str, str]
Bands = tuple[tuple[int, int | None], ...]

# Kinds of fields: of those that conditions compare with a list, and of those that they compare with bands.
LISTED = ("values", "exact")
MEASURED = ("number", "weight")

TABLE_NAMES = (
    "icd10", "opcs4", "hrg", "split", "diagnosis", "procedure", "dominance", "rule",
    "list", "cc", "cc_exclusion", "cc_family", "score", "programme", "unbundled", "field", "message",
    "category", "organ", "chapter", "remove",
)  # fmt: skip

# Section 8: from the strongest to the weakest.
GRADES = ("official", "label", "probed", "authored")


class DesignError(Exception):
    """The design breaks a rule of docs/design-tables.md."""


def read_manifest(folder: Path) -> dict[str, Any]:
    with open(folder / "design.toml", "rb") as file:
        return tomllib.load(file)


def table_of_file(stem: str) -> str:
    """`procedure` and `procedure_eyes` belong to `procedure`; `cc_family` to itself."""
    if stem in TABLE_NAMES:
        return stem
    best = ""
    for name in TABLE_NAMES:
        if stem.startswith(name + "_") and len(name) > len(best):
            best = name
    return best


def read_tables(folder: Path) -> dict[str, list[Row]]:
    """All rows of all tables; the files of one table in sorted order of their names."""
    tables: dict[str, list[Row]] = {name: [] for name in TABLE_NAMES}
    for path in sorted((folder / "tables").glob("*.csv"), key=lambda path: path.name):
        name = table_of_file(path.stem)
        if not name:
            raise DesignError(f"{path.name} belongs to no table")
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                tables[name].append(row)
    return tables


class CodeSet:
    """The codes of `icd10` or `opcs4`, in plain string order."""

    def __init__(self, rows: Sequence[Row], retired: Sequence[Row] = ()) -> None:
        self.retired = [row["code"] for row in retired]
        self.members = {row["code"] for row in rows}
        self.ordered = sorted(self.members)

    def between(self, first: str, last: str) -> list[str]:
        start = bisect_left(self.ordered, first)
        end = bisect_right(self.ordered, last)
        return self.ordered[start:end]

    def category(self, category: str) -> list[str]:
        """All codes that begin with a category of three characters."""
        found = []
        for code in self.ordered[bisect_left(self.ordered, category) :]:
            if not code.startswith(category):
                break
            found.append(code)
        return found

    def term(self, term: str) -> list[str]:
        if "-" in term:
            first, last = term.split("-")
            found = self.between(first, last)
            if len(last) == 3:
                # A category as the last term includes all its codes.
                for code in self.category(last):
                    if code >= first and code not in found:
                        found.append(code)
        elif len(term) == 3:
            found = self.category(term)
        else:
            found = [term] if term in self.members else []
        if not found and not self._went(term):
            raise DesignError(f"term {term} names no code of the code set")
        return found

    def _went(self, term: str) -> bool:
        """Whether the term named codes that an overlay has taken away."""
        first, _, last = term.partition("-")
        return any(first <= code and (code <= (last or first) or code.startswith(last or first)) for code in self.retired)

    def expand(self, text: str) -> list[str]:
        """The codes of a `codes` cell, each once, in the order of the terms."""
        codes: dict[str, None] = {}
        for term in text.split():
            for code in self.term(term):
                codes[code] = None
        return list(codes)


@cache
def parse_bands(text: str) -> Bands:
    """`19+`, `2-18`, `0`; several are separated by blanks; empty is no condition."""
    bands: list[tuple[int, int | None]] = []
    for word in text.split():
        try:
            if word.endswith("+"):
                bands.append((int(word[:-1]), None))
            elif "-" in word:
                low, high = word.split("-")
                bands.append((int(low), int(high)))
            else:
                bands.append((int(word), int(word)))
        except ValueError:
            raise DesignError(f"{word} is not a band") from None
    return tuple(bands)


def in_bands(number: int | None, bands: Bands) -> bool:
    """No band is no condition; a number that is not known is in no band."""
    if not bands:
        return True
    if number is None:
        return False
    return any(number >= low and (high is None or number <= high) for low, high in bands)


def without_zeros(text: str) -> str:
    """Section 1: without leading zeros, while more than one character remains."""
    while len(text) > 1 and text.startswith("0"):
        text = text[1:]
    return text


@cache
def values_of(kind: str, text: str) -> frozenset[str]:
    """The values of a cell of a table, as those of a field of this kind are compared."""
    return frozenset(word if kind == "exact" else without_zeros(word) for word in text.split())


def weakest(grades: list[str]) -> str:
    """Section 8: the weakest grade; an empty grade says nothing."""
    result = ""
    for grade in grades:
        if not grade:
            continue
        if grade not in GRADES:
            raise DesignError(f"{grade} is not a grade")
        if not result or GRADES.index(grade) > GRADES.index(result):
            result = grade
    return result


class Design:
    """The tables of one design, with the code terms written out; `bases` gives the folders of base designs by name."""

    def __init__(
        self,
        folder: Path,
        overrides: Mapping[str, list[Row]] | None = None,
        bases: Mapping[str, Path] | None = None,
    ) -> None:
        from .layers import lay, read_chain

        self.settings, layers = read_chain(folder, bases or {})
        self.rows = lay(layers)
        for name, rows in (overrides or {}).items():
            if name not in TABLE_NAMES:
                raise DesignError(f"{name} is not a table")
            self.rows[name] = list(rows)
        self.icd10 = CodeSet(self.rows["icd10"], self.rows.get("retired icd10", []))
        self.opcs4 = CodeSet(self.rows["opcs4"], self.rows.get("retired opcs4", []))
        self.messages = {row["key"]: row["text"] for row in self.rows["message"]}
        # "The keys of error categories are the categories themselves."
        self.error_categories = {row["key"] for row in self.rows["message"] if row["category"] == row["key"]}
        self.diagnosis = self._by_code("diagnosis", self.icd10)
        self.procedure = self._by_code("procedure", self.opcs4)
        self.programme = self._by_code("programme", self.icd10)
        self.unbundled = self._by_code("unbundled", self.opcs4)
        self.cc = self._read_cc()
        self.exclusions = [
            (set(self.icd10.expand(row["primary"])),
             set(self.icd10.expand(row["secondary"])))
            for row in self.rows["cc_exclusion"]
        ]  # fmt: skip
        # family -> level -> codes
        self.families: dict[str, dict[str, set[str]]] = {}
        for row in self.rows["cc_family"]:
            levels = self.families.setdefault(row["family"], {"general": set(), "specific": set()})
            levels[row["level"]].update(self.icd10.expand(row["codes"]))
        # "A listed field that several data sets have must accept the same values in all of them": one kind a name.
        self.kinds = {row["field"].removesuffix("_01"): row["kind"] for row in self.rows["field"]}
        self.lists = self._read_lists()
        self.categories = self._read_categories()
        self.organs = self._read_organs()
        self.scores = self._read_scores()

    def message(self, key: str) -> str:
        """The text of a fault; a key without a row stands for itself."""
        return self.messages.get(key, key)

    def _by_code(self, table: str, code_set: CodeSet) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for row in self.rows[table]:
            for code in code_set.expand(row["codes"]):
                if code in found and found[code].get("layer") == row.get("layer") and "removed" not in found[code]:
                    raise DesignError(f"{table}: {code} stands in two rows")
                found[code] = row
        return {code: row for code, row in found.items() if "removed" not in row}

    def _read_cc(self) -> dict[tuple[str, str], tuple[int, str]]:
        """(subchapter, code) -> (points, grade)."""
        found: dict[tuple[str, str], tuple[int, str]] = {}
        owner: dict[str, str] = {}
        for row in self.rows["cc"]:
            codes = self.icd10.expand(row["codes"])
            for code in codes:
                # A later layer speaks for its codes in place of those below.
                if owner.get(code, "") != row.get("layer", ""):
                    for key in [key for key in found if key[1] == code] if code in owner else []:
                        del found[key]
                    owner[code] = row.get("layer", "")
            for subchapter in row.get("subchapters", "").split():
                for code in codes:
                    if (subchapter, code) in found:
                        raise DesignError(f"cc: {code} twice in {subchapter}")
                    found[subchapter, code] = (int(row["points"]), row["grade"])
        return found

    def _codes_of_kind(self, kind: str, text: str) -> Iterable[str]:
        if kind == "diagnosis":
            return self.icd10.expand(text)
        if kind == "procedure":
            return self.opcs4.expand(text)
        return values_of(self.kinds.get(kind, "values"), text)

    def _read_lists(self) -> dict[tuple[str, str], set[str]]:
        """(list, kind) -> codes or values; rows of one list and kind add up."""
        found: dict[tuple[str, str], set[str]] = {}
        for row in self.rows["list"]:
            codes = self._codes_of_kind(row["kind"], row["codes"])
            found.setdefault((row["list"], row["kind"]), set()).update(codes)
        return found

    def _read_categories(self) -> dict[str, dict[str, dict[str, int]]]:
        """category -> field -> value -> level; of two levels of a value the higher."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for row in self.rows["category"]:
            levels = found.setdefault(row["category"], {}).setdefault(row["field"], {})
            for value in values_of(self.kinds.get(row["field"], "values"), row["values"]):
                levels[value] = max(levels.get(value, 0), int(row["level"]))
        return found

    def _read_organs(self) -> dict[str, set[str]]:
        """organ -> fields"""
        found: dict[str, set[str]] = {}
        for row in self.rows["organ"]:
            found.setdefault(row["organ"], set()).update(row["fields"].split())
        return found

    def _read_scores(self) -> dict[str, dict[tuple[str, str], int]]:
        """score -> (kind, code) -> points; rows that name a code twice add up."""
        found: dict[str, dict[tuple[str, str], int]] = {}
        for row in self.rows["score"]:
            points = found.setdefault(row["score"], {})
            for code in self._codes_of_kind(row["kind"], row["codes"]):
                key = (row["kind"], code)
                points[key] = points.get(key, 0) + int(row["points"])
        return found
