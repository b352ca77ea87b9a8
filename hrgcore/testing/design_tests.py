"""The tests of a design package, to be collected by pytest from a class of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from hrgcore.design.lint import lint_design
from hrgcore.evidence.witness import find_witnesses
from hrgcore.plugins import host
from hrgcore.testing.cases import check_case, read_cases
from hrgcore.testing.snapshot import check_snapshot
from hrgcore.testing.subject import Subject, subject_of
from hrgcore.testing.witnesses import check_witnesses


class DesignTests:
    """Tests that every design should pass. A test module of the package has a class that names the design::

        from hrgcore.testing import DesignTests

        class TestMyDesign(DesignTests):
            design = Path(__file__).parents[1] / "hrgdesign_my_design"

    Attributes:
        design: folder of the design, or the name of an installed one.
        kept: folder of what results are compared with, if it is there: `witnesses.csv` (by `hrg design witnesses --write`) and
            `snapshot.csv` (by `python -m hrgcore.testing.snapshot`).
        unreachable: core roots that are known to have no witness.
        files: random files on which the engine is compared with the reference grouper, for each data set; 0 leaves that out.
        seed: of these files.
    """

    design: ClassVar[str | Path]
    kept: ClassVar[Path | None] = None
    unreachable: ClassVar[frozenset[str]] = frozenset()
    files: ClassVar[int] = 10
    seed: ClassVar[int] = 1

    @property
    def subject(self) -> Subject:
        """The design under test."""
        return subject_of(self.design)

    def kept_file(self, name: str) -> Path | None:
        """A file of results that were kept, if it is there."""
        file = self.kept / name if self.kept else None
        return file if file and file.is_file() else None

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """One test a worked case, and one a data set beside admitted care."""
        if "case" in metafunc.fixturenames:
            cases = read_cases(self.subject.folder / "cases")
            metafunc.parametrize("case", [pytest.param(case.content, id=case.id) for case in cases])
        if "dataset" in metafunc.fixturenames:
            metafunc.parametrize("dataset", self.subject.datasets)

    def test_lint(self) -> None:
        """The tables have no fault."""
        faults = lint_design(self.subject.folder, host().folder)
        assert not faults, "\n".join(map(str, faults))

    def test_witnesses(self) -> None:
        """Every core root has a record that is grouped to it: the one that was kept, or one that a search finds."""
        if file := self.kept_file("witnesses.csv"):
            check_witnesses(self.subject.grouper(), file)
        else:
            missing = set(find_witnesses(self.subject.design).unreachable)
            unknown, reached = sorted(missing - self.unreachable), sorted(self.unreachable - missing)
            assert not unknown, f"no record comes to {', '.join(unknown)}"
            assert not reached, f"not unreachable any more, or no core roots: {', '.join(reached)}"

    def test_snapshot(self) -> None:
        """No spell of the invented population moves unless it is meant."""
        if not (file := self.kept_file("snapshot.csv")):
            pytest.skip("no snapshot is kept")
        check_snapshot(self.subject.design, file)

    def test_twin(self, tmp_path: Path) -> None:
        """Engine and reference grouper agree on random spells."""
        self._needs_files()
        self.subject.check_spells(tmp_path, self.files, self.seed)

    def test_twin_of_records(self, dataset: str, tmp_path: Path) -> None:
        """They agree on random records of the other data sets."""
        self._needs_files()
        self.subject.check_records(dataset, tmp_path, self.files, self.seed)

    def test_case(self, case: dict[str, Any]) -> None:
        """The worked cases are grouped as coders expect."""
        check_case(case, self.subject.grouper)

    def _needs_files(self) -> None:
        if not self.files:
            pytest.skip("no files are to be compared")
