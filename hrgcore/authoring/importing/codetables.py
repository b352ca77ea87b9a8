"""Codes: what the workbook says of diagnoses and procedures, laid over what the base says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hrgcore.authoring.importing.difference import Cells, by_code
from hrgcore.authoring.importing.report import CHANGED, CONFIRMED, NEW, SAME, ImportReport
from hrgcore.authoring.importing.said import OFFICIAL, ByCode, Said, Word, weakest
from hrgcore.authoring.workbook import scores_by_code
from hrgcore.design import Design

DRIVES, VAGUE, BARRED, IGNORED, UNBUNDLED = "drives", "vague", "barred", "ignored", "unbundled"
_NO_ROLE: Cells = ("", "", "", "")
_NOT_UNBUNDLED: Cells = ("", "", "")

Wanted = dict[str, Cells]


class CodeTables:
    """The tables by code that are wanted.

    Attributes:
        diagnosis, programme, procedure, unbundled: by code the cells behind column `codes`.
        scores: by code and subchapter points and grade.
        icd10, opcs4: the code sets, in order.
        base: the same tables of the base, by name.
    """

    def __init__(
        self, base: Design, said: Said, targets: Collection[str], unbundled_roots: Collection[str], report: ImportReport
    ):
        self._said, self._report = said, report
        self._targets, self._unbundled_roots = targets, unbundled_roots
        self._categories = set(filter(None, base.tables.categories))
        self._settings = base.manifest.grouping
        self.base = {name: by_code(base, name) for name in ("diagnosis", "programme", "procedure", "unbundled")}
        self.base_scores = dict(scores_by_code(base))
        self.diagnosis, self.programme = dict(self.base["diagnosis"]), dict(self.base["programme"])
        self.procedure, self.unbundled = dict(self.base["procedure"]), dict(self.base["unbundled"])
        self.scores: dict[str, Mapping[str, Cells]] = dict(self.base_scores)
        self._codes = {"icd10": set(base.tables.icd10.codes[1:]), "opcs4": set(base.tables.opcs4.codes[1:])}
        self.added: dict[str, set[str]] = {"icd10": set(), "opcs4": set()}
        self.withdrawn = {name: self._withdrawn(name) for name in self._codes}
        self._kept_roles = self._no_longer_driving = 0
        self._lay_diagnoses()
        self._lay_procedures()
        self._lay_unbundled()
        self.icd10, self.opcs4 = (sorted((self._codes[name] | self.added[name]) - self.withdrawn[name]) for name in self._codes)
        self._leave_withdrawn()
        self._lay_scores()
        self._find()

    def needed(self) -> set[str]:
        """The roots to which codes lead."""
        roots = {cells[at] for cells in self.diagnosis.values() for at in (0, 1)}
        return roots | {cells[2] for cells in self.procedure.values()} | {cells[0] for cells in self.unbundled.values()}

    def _withdrawn(self, name: str) -> set[str]:
        """Codes of the base that the workbook does not name at all, if it holds the whole list."""
        named: ByCode = getattr(self._said, name)
        return self._codes[name] - set(named) if name in self._said.complete else set()

    def _leave_withdrawn(self) -> None:
        for table, name in (("diagnosis", "icd10"), ("programme", "icd10"), ("procedure", "opcs4"), ("unbundled", "opcs4")):
            wanted: Wanted = getattr(self, table)
            for code in self.withdrawn[name]:
                wanted.pop(code, None)

    def _root(self, words: Mapping[str, Word], column: str) -> str | None:
        """The root that is said, if a code may lead to it; the row is refused otherwise."""
        word = words.get(column)
        if word is None:
            return None
        if word.text and word.text not in self._targets:
            word.place[0].refuse(word.place[1], f"root {word.text} has no splits, neither in the workbook nor in the base")
            return None
        return word.text

    @staticmethod
    def _count(words: Mapping[str, Word], old: Cells | None, new: Cells, grades: Collection[int]) -> None:
        """Notes in the report of the sheet what became of a code."""
        sheet = next(iter(words.values())).place[0]
        if old is None:
            sheet.outcomes[NEW] += 1
        elif old == new:
            sheet.outcomes[SAME] += 1
        else:
            same = all(one == other for at, (one, other) in enumerate(zip(old, new, strict=True)) if at not in grades)
            sheet.outcomes[CONFIRMED if same else CHANGED] += 1

    # Diagnoses

    def _lay_diagnoses(self) -> None:
        for code, words in self._said.icd10.items():
            if not words:
                continue
            old = self.base["diagnosis"].get(code)
            root, child = self._root(words, "root"), self._root(words, "child_root")
            if old is None and not root:
                self._refuse_new(code, words, "a code that the base does not have needs a root")
                continue
            was_root, was_child, was_rank, was_grade, was_child_grade = old or ("", "", "1", "", "")
            grade = words["root"].grade if root else was_grade
            child_grade = was_child_grade if child is None else words["child_root"].grade if child else ""
            rank = words["rank"].text if "rank" in words else was_rank
            new = (root or was_root, was_child if child is None else child, rank, grade, child_grade)
            self._add("icd10", code)
            self.diagnosis[code] = new
            self._count(words, old, new, (3, 4))
            if "programme" in words:
                self._lay_programme(code, words["programme"])

    def _lay_programme(self, code: str, word: Word) -> None:
        if word.text:
            self.programme[code] = (word.text, word.grade)
        else:
            self.programme.pop(code, None)

    def _add(self, name: str, code: str) -> None:
        if code not in self._codes[name]:
            self.added[name].add(code)

    @staticmethod
    def _refuse_new(code: str, words: Mapping[str, Word], reason: str) -> None:
        for word in words.values():
            word.place[0].refuse(word.place[1], f"{code}: {reason}")

    # Procedures

    def _lay_procedures(self) -> None:
        for code, words in self._said.opcs4.items():
            if not words:
                continue
            old = self.base["procedure"].get(code)
            root = self._root(words, "root")
            if root is None and "root" in words:
                if code not in self._codes["opcs4"]:
                    self._refuse_new(code, words, "a code that the base does not have needs a root with splits")
                continue
            new = self._as_said(words) if "role" in words else self._judged(code, words, root, old or _NO_ROLE)
            if isinstance(new, str):
                self._refuse_new(code, words, new)
                continue
            self._add("opcs4", code)
            if new[0]:
                self.procedure[code] = new
            else:
                self.procedure.pop(code, None)
            if new[0] != UNBUNDLED:
                self.unbundled.pop(code, None)
            elif root:
                multiplier = self.base["unbundled"].get(code, ("", "", ""))[1]
                self.unbundled[code] = (root, multiplier, words["root"].grade)
            self._count_procedure(code, words, old, new)

    def _count_procedure(self, code: str, words: Mapping[str, Word], old: Cells | None, new: Cells) -> None:
        """Counts a procedure by its role and by its unbundled root together: one row of a sheet may change either."""
        was, now = (mapping.get(code, _NOT_UNBUNDLED) for mapping in (self.base["unbundled"], self.unbundled))
        known = old is not None or code in self._codes["opcs4"]
        self._count(words, (*(old or _NO_ROLE), *was) if known else None, (*new, *now), (3, 6))

    @staticmethod
    def _as_said(words: Mapping[str, Word]) -> Cells | str:
        """The cells of a code whose role the sheet names."""
        role, grade = words["role"].text, words["role"].grade
        rank, root = (words[name].text if name in words else "" for name in ("rank", "root"))
        if not role:
            return _NO_ROLE
        if (role in (DRIVES, VAGUE)) != bool(rank) or (role == DRIVES) != bool(root):
            return f"role {role} does not go with hierarchy value {rank or 'none'} and root {root or 'none'}"
        return role, rank, root, grade

    def _judged(self, code: str, words: Mapping[str, Word], root: str | None, old: Cells) -> Cells | str:
        """The cells of a code by its hierarchy value and its root; what these do not say is that of the base."""
        rank = words["rank"].text if "rank" in words else ""
        grade = weakest(words[name].grade for name, text in (("root", root), ("rank", rank)) if text)
        was_role, was_rank, was_root, was_grade = old
        if root and (root in self._unbundled_roots or root in self._categories):
            return self._outside(root, rank or was_rank, grade)
        if root and rank != "0":
            if not (rank or was_rank):
                return "a root without a hierarchy value, and the base has none"
            return DRIVES, rank or was_rank, root, grade if rank else weakest((grade, was_grade))
        if rank == "0" and was_role in ("", DRIVES, VAGUE):
            self._no_longer_driving += was_role != ""
            return IGNORED, "", "", grade
        if rank and was_role in (DRIVES, VAGUE):
            return was_role, rank, was_root, weakest((grade, was_grade))
        self._kept_roles += 1
        return old

    def _outside(self, category: str, rank: str, grade: str) -> Cells | str:
        """The cells of a code that leads to an unbundled root or to an error category."""
        if category in self._unbundled_roots:
            return UNBUNDLED, "", "", grade
        if category == self._settings["no_procedure"]:
            return BARRED, "", "", grade
        if category == self._settings["vague_procedure"]:
            return (VAGUE, rank, "", grade) if rank and rank != "0" else "a procedure that is too vague needs a hierarchy value"
        return f"a procedure cannot lead to error category {category}"

    def _lay_unbundled(self) -> None:
        if UNBUNDLED in self._said.complete:
            self.unbundled = {code: cells for code, cells in self.unbundled.items() if code in self._said.unbundled}
        for code, words in self._said.unbundled.items():
            root, old = self._root(words, "root"), self.base["unbundled"].get(code)
            if not root:
                continue
            multiplier = words["multiplier"].text if "multiplier" in words else old[1] if old else ""
            self._add("opcs4", code)
            self.unbundled[code] = new = (root, multiplier, words["root"].grade)
            self._count(words, old, new, (2,))
            if self.procedure.get(code, _NO_ROLE)[0] != UNBUNDLED:
                self.procedure[code] = (UNBUNDLED, "", "", words["root"].grade)

    # CC scores

    def _lay_scores(self) -> None:
        covered = {name for scores in self._said.cc.values() for name in scores}
        whole = "cc" in self._said.complete
        there = set(self.icd10)
        self.scores = {
            code: {name: points for name, points in scores.items() if not whole and name not in covered}
            for code, scores in self.base_scores.items()
            if code in there
        }
        for code, words in self._said.cc.items():
            if code not in there:
                self._refuse_new(code, words, "not in the code set of the design")
                continue
            said = {name: (word.text, word.grade) for name, word in words.items() if word.text != "0"}
            old = self.base_scores.get(code, {})
            for name, word in words.items():
                if name in said or name in old:
                    self._count({name: word}, old.get(name), said.get(name, ("0", OFFICIAL)), (1,))
            self.scores[code] = {**self.scores.get(code, {}), **said}
        gone = sum(len(old.keys() & covered - self._said.cc.get(code, {}).keys()) for code, old in self.base_scores.items())
        if gone:
            self._report.withdrawn["cc (a code in a subchapter)"] = gone

    def _find(self) -> None:
        findings = self._report.findings
        for name, codes in self.withdrawn.items():
            if codes:
                self._report.withdrawn[name] = len(codes)
            left = len(self._codes[name] - set(getattr(self._said, name)) - codes)
            if getattr(self._said, name) and left:
                findings.append(
                    f"{left:,} codes of table {name} are not in the workbook, which is not the whole list: left to the base"
                )
            if self.added[name]:
                findings.append(f"{len(self.added[name]):,} codes are new in table {name}: {_some(self.added[name])}")
        if self._kept_roles:
            findings.append(
                f"{self._kept_roles:,} procedures have no root or hierarchy value 0, and keep the role that the base gives them"
            )
        if self._no_longer_driving:
            findings.append(
                f"{self._no_longer_driving:,} procedures drive in the base and have hierarchy value 0 in the workbook: ignored"
            )


def _some(codes: Collection[str]) -> str:
    shown = sorted(codes)[:10]
    return ", ".join(shown) + (" ..." if len(codes) > len(shown) else "")
