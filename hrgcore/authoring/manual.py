"""A definitions manual of a design: a site of static pages that opens from disk, with no request to any network.

Pages stand in folders by what they tell of; all links are relative. A script searches an index that is a script too, since pages
opened from disk may not read other files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrgcore.authoring.manual_entries import ICD10, OPCS4, PAGE_SIZE, Entries
from hrgcore.authoring.reading import PROCEDURE, grouped
from hrgcore.authoring.words import bands_words, condition_words
from hrgcore.design.schema import DECIDING, GRADES, STAGES, TABLES
from hrgcore.files.outputs import new_tree
from hrgcore.report.pages import check_pages, render
from hrgcore.report.workbooks import check_workbooks

if TYPE_CHECKING:
    from hrgcore.authoring.manual_entries import CodeEntry
    from hrgcore.design import Design

MARKER = ".hrgcore-manual"  # by this file an earlier manual is known, which a new one replaces
WORKBOOK = "code-to-group.xlsx"
STAGE_WORDS = {
    "check": "Read before anything else. The first rule whose condition holds makes the record an error.",
    "route": "Read before procedures and diagnoses are looked at. The first rule without a root that holds sends the record to "
    "its root; rules with a root then change it.",
    "procedure": "Read after the dominant procedure has given a root. A rule that takes the current root and whose condition "
    "holds changes it; reading goes on with the next rule.",
    "diagnosis": "Read after the primary diagnosis has given a root, in the same way as for procedures.",
    "unbundled": "Read for each unbundled code after its root is known. Rules without a root are for the record as a whole.",
}
ERROR_WORDS = {
    "unknown_primary": "Records whose primary diagnosis is no ICD-10 code in force.",
    "no_procedure": "Records with procedures of which none can stand alone.",
    "vague_procedure": "Records whose procedure of the highest rank is too vague.",
}
DATA_SET_WORDS = "The first rule whose condition holds gives the root of a record of data set {}."


def write_manual(design: Design, folder: Path) -> int:
    """Writes the manual of a design to a folder, which appears as a whole or not at all.

    Args:
        design: the design.
        folder: where the site will be. It must not be there yet, be empty, or hold an earlier manual, which is replaced.

    Returns:
        The number of pages.

    Raises:
        ArgumentError: a library is not installed.
        OutputFileError: the folder holds something else, or cannot be written.
    """
    from hrgcore.authoring.workbook import write_code_to_group

    check_pages()
    check_workbooks()
    with new_tree(folder, MARKER) as site:
        count = 0
        for name, text in _Site(design).files():
            path = site / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            count += path.suffix == ".html"
        (site / MARKER).write_text(f"{design.database_version}\n", encoding="utf-8")
        with (site / WORKBOOK).open("wb") as file:
            write_code_to_group(design, file)
    return count


def safe(name: str) -> str:
    """A name as part of a path or of an address: letters and digits stand for themselves, all else is written as hexadecimal."""
    return "".join(c if c.isascii() and (c.isupper() or c.isdigit()) else f"_{c.encode().hex()}" for c in name)


def anchor(name: str) -> str:
    """A name as the place on a page that an address points to."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else f".{c.encode().hex()}" for c in name)


class _Site:
    """The files of a manual."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._entries = Entries(design)
        tables = design.tables
        self._categories = frozenset(filter(None, tables.categories))
        self._shared: dict[str, Any] = {
            "design": design,
            "entries": self._entries,
            "safe": safe,
            "anchor": anchor,
            "condition_words": condition_words,
            "bands_words": bands_words,
            "is_error": self._categories.__contains__,
            "page_size": PAGE_SIZE,
            "workbook": WORKBOOK,
        }

    def files(self) -> Iterator[tuple[str, str]]:
        """Each file by its path in the site, and its text."""
        yield "index.html", self._page("index")
        yield "style.css", render("manual/style.css")
        yield "search.js", render("manual/search.js")
        yield "index.js", self._index()
        yield from self._groups()
        yield from self._codes(ICD10, self._entries.diagnosis_pages)
        yield from self._codes(OPCS4, self._entries.procedure_pages)
        yield from self._rules()
        for name in ("rules", "lists", "comorbidity", "errors", "settings"):
            yield f"{name}.html", self._page(name, **getattr(self, f"_of_{name}")())

    def _page(self, template: str, up: str = "", **values: Any) -> str:
        """A page; `up` leads from its folder to that of the index."""
        return render(f"manual/{template}.html", up=up, **self._shared, **values)

    def _groups(self) -> Iterator[tuple[str, str]]:
        entries = self._entries
        for chapter in entries.chapters:
            yield f"chapters/{safe(chapter.name)}.html", self._page("chapter", "../", chapter=chapter)
        for subchapter in entries.subchapters.values():
            yield f"subchapters/{safe(subchapter.name)}.html", self._page("subchapter", "../", subchapter=subchapter)
        for root in entries.roots.values():
            yield f"roots/{safe(root.root)}.html", self._page("root", "../", root=root)

    def _codes(
        self, folder: str, pages_of: Callable[[], Any]
    ) -> Iterator[tuple[str, str]]:  # fmt: skip
        pages: dict[str, list[tuple[str, list[CodeEntry]]]] = pages_of()
        title = "ICD-10" if folder == ICD10 else "OPCS-4"
        letters = list(grouped(pages, lambda name: name[0]).items())
        number = sum(len(codes) for categories in pages.values() for _, codes in categories)
        yield f"{folder}.html", self._page("code_index", title=title, folder=folder, letters=letters, number=number)
        for name, categories in pages.items():
            yield (
                f"{folder}/{name}.html",
                self._page("codes", "../", title=title, folder=folder, name=name, categories=categories),
            )

    def _rules(self) -> Iterator[tuple[str, str]]:
        for stage, rules in self._stages().items():
            words = STAGE_WORDS.get(stage, DATA_SET_WORDS.format(stage))
            yield f"rules/{stage}.html", self._page("stage", "../", stage=stage, words=words, rules=rules)

    def _stages(self) -> dict[str, list[Any]]:
        """The rules by stage, without stages that have none."""
        rules = self._entries.reading.rules
        found = {stage: [rule for rule in rules if rule.stage == stage] for stage in (*STAGES, *DECIDING)}
        return {stage: some for stage, some in found.items() if some}

    def _of_rules(self) -> dict[str, Any]:
        return {"stages": self._stages(), "words": STAGE_WORDS, "data_set_words": DATA_SET_WORDS}

    def _of_lists(self) -> dict[str, Any]:
        """The lists, each with the rules that ask for it."""
        asking: dict[str, list[Any]] = {}
        for rule in self._entries.reading.rules:
            for name in dict.fromkeys(_lists_in(rule.when)):
                asking.setdefault(name, []).append(rule)
        return {"asking": asking}

    def _of_comorbidity(self) -> dict[str, Any]:
        """Families and scores as terms; what else the page tells is in the entries."""
        reading, order = self._entries.reading, self._entries.order
        families = grouped(reading.families, reading.families.__getitem__)
        scores = []
        for name, (kind, points) in reading.scores.items():
            classification = OPCS4 if kind == PROCEDURE else ICD10
            for number, codes in sorted(grouped(points, points.__getitem__).items()):
                scores.append((name, number, classification, order[classification].terms(codes)))
        return {"families": {key: order[ICD10].terms(codes) for key, codes in families.items()}, "scores": scores}

    def _of_errors(self) -> dict[str, Any]:
        """The error categories with their texts."""
        rows = self._design.rows["message"]
        grouping = self._design.manifest.grouping
        given: dict[str, list[str]] = {}
        for setting, words in ERROR_WORDS.items():
            given.setdefault(grouping[setting], []).append(words)
        return {"categories": [(row.cells[0], row.cells[2], given.get(row.cells[0], [])) for row in rows if row.cells[1]]}

    def _of_settings(self) -> dict[str, Any]:
        """The rows of the tables by grade."""
        counts = []
        for name, schema in TABLES.items():
            if "grade" in schema.columns and self._design.rows[name]:
                at = schema.columns.index("grade")
                grades = [row.cells[at] for row in self._design.rows[name]]
                counts.append((name, [grades.count(grade) for grade in GRADES[1:]]))
        manifest = self._design.manifest
        editions = [("icd10", manifest.icd10), ("opcs4", manifest.opcs4)]
        return {"counts": counts, "grades": GRADES[1:], "settings": [*editions, *manifest.grouping.items()]}

    def _index(self) -> str:
        """What the search looks through, as a script."""
        entries, reading = self._entries, self._entries.reading
        found = {
            "hrgs": [[one.hrg, one.label, f"roots/{safe(root.root)}.html#{anchor(one.hrg)}"] for root in entries.roots.values()
                     for one in root.hrgs],
            "roots": [[root.root, root.label, f"roots/{safe(root.root)}.html"] for root in entries.roots.values()],
            "chapters": [
                *([one.name, one.label, f"chapters/{safe(one.name)}.html"] for one in entries.chapters),
                *([one.name, one.label, f"subchapters/{safe(one.name)}.html"] for one in entries.subchapters.values()),
            ],
            "lists": [[name, one.kind, f"lists.html#{anchor(name)}"] for name, one in reading.lists.items()],
            "icd10": " ".join(f"{code} {said.root}" for code, said in reading.diagnoses.items()),
            "opcs4": " ".join(f"{code} {said.root or said.role}" for code, said in reading.procedures.items()),
            "page": PAGE_SIZE,
        }  # fmt: skip
        return f"const MANUAL = {json.dumps(found, separators=(',', ':'))};\n"


def _lists_in(when: str) -> Iterator[str]:
    return (part.text for clause in condition_words(when) for test in clause for part in test if part.is_list)
