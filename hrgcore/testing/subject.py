"""The design that tests are about: as the engine loads it, and as the reference grouper reads it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from random import Random

from hrgcore.design import Design, load_design
from hrgcore.grouper import Grouper
from hrgcore.plugins import host
from hrgcore.testing import records
from hrgcore.testing.records_twin import check_file
from hrgcore.testing.reference.grouper import ReferenceGrouper
from hrgcore.testing.spells import pools_of, random_batch
from hrgcore.testing.twin import Pair, check_files

RECORDS_A_FILE = 12


class Subject:
    """A design by its folder. What plugins adjust is left out, so that it is the tables of the folder that are tested.

    Args:
        folder: holds `design.toml` and `tables/`; the bases of an overlay are those that are installed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._groupers: dict[str, Grouper] = {}

    @cached_property
    def design(self) -> Design:
        """The design as the engine loads it."""
        return load_design(self.folder, find_base=host().folder)

    @cached_property
    def reference(self) -> ReferenceGrouper:
        """The design as the reference grouper reads it."""
        bases: Mapping[str, Path] = host().designs() if self.design.manifest.base else {}
        return ReferenceGrouper(self.folder, bases=bases)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that the design groups, beside admitted care."""
        return tuple(name for name in records.DATASETS if name in self.design.defaults)

    def grouper(self, dataset: str = "APC") -> Grouper:
        """The engine, for a data set."""
        if dataset not in self._groupers:
            self._groupers[dataset] = Grouper(self.design, dataset)
        return self._groupers[dataset]

    def check_spells(self, folder: Path, files: int, seed: int) -> None:
        """Fails if engine and reference do not agree on random files of spells, with the smallest on which they do not."""
        random, pools = Random(seed), pools_of(self.reference.design)
        for _ in range(files):
            check_files(Pair(self.grouper(), self.reference), folder, random_batch(random, pools))

    def check_records(self, dataset: str, folder: Path, files: int, seed: int) -> None:
        """The same for random files of records of another data set."""
        random, source = Random(seed), records.source_of(self.reference.design, dataset)
        for _ in range(files):
            rows = records.random_file(random, source, RECORDS_A_FILE)
            check_file(self.grouper(dataset), self.reference.design, rows, folder)


@cache
def subject_of(design: str | Path) -> Subject:
    """The subject of a folder, or of the name of an installed design.

    Raises:
        DesignError: there is no such design.
    """
    return Subject(Path(design) if Path(design).is_dir() else host().folder(str(design)))
