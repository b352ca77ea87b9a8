"""Checks a design against expected results: groups what was grouped, and compares all files of each set."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hrgcore import datasets
from hrgcore._core.csvfile import RecordLines
from hrgcore.conformance.agreement import SUMMARY, Comparer, Difference, FileAgreement
from hrgcore.conformance.outputs import open_output
from hrgcore.conformance.package import ExpectedSet, find_sets, opened, told_of
from hrgcore.datasets.apc import SPELL_KEY
from hrgcore.datasets.dataset import DataSet
from hrgcore.errors import ArgumentError, InputFileError
from hrgcore.files.reader import open_input, read_lines
from hrgcore.files.span import CellTexts
from hrgcore.grouper import Grouper, group_file
from hrgcore.records import Episode, record_class

if TYPE_CHECKING:
    from hrgcore.design import Design

TRACES = 20  # by default
_LIST, _SORTED = "", "_sort"


@dataclass(frozen=True, slots=True)
class SetConformance:
    """How the results for one set of expected outputs agree.

    Attributes:
        name: of the set: folder and common part of the names of its files.
        dataset: its data set.
        source: where the records came from: the name of the input file, or that of the output that repeats them.
        files: each file that was compared.
        not_compared: files of the set that were not, since we do not write them or were told not to.
        traces: why we group as we do, for the first records that differ: RowNo on our side to the explanation in words.
    """

    name: str
    dataset: str
    source: str
    files: tuple[FileAgreement, ...]
    not_compared: tuple[str, ...]
    traces: dict[int, str]

    @property
    def share(self) -> float:
        """The lowest share of lines that agree in one of the files of records; the summary has a single line."""
        return min((file.share for file in self.files if file.file != SUMMARY), default=1.0)


@dataclass(frozen=True, slots=True)
class Conformance:
    """How a design agrees with expected results.

    Attributes:
        design: name and version.
        design_hash: the first digits of its hash.
        threshold: the share of lines that must agree in every file.
        sets: one each.
    """

    design: str
    design_hash: str
    threshold: float
    sets: tuple[SetConformance, ...]

    @property
    def passed(self) -> bool:
        """Whether every file of every set reaches the threshold; if all must agree, the counts of the summaries too."""
        return all(one.share >= self.threshold for one in self.sets) and (self.threshold < 1 or not self.differences)

    @property
    def differences(self) -> list[tuple[str, Difference]]:
        """All differences, each with the name of its set."""
        return [(one.name, difference) for one in self.sets for file in one.files for difference in file.differences]


def conform(
    expected: str | Path,
    design: str | Design | None = None,
    *,
    threshold: float = 1.0,
    files: Collection[str] | None = None,
    columns: Collection[str] | None = None,
    source: str | Path | None = None,
    rdf: str | Path | None = None,
    traces: int = TRACES,
    progress: Callable[[str], None] | None = None,
) -> Conformance:
    """Groups records whose official results are known, and compares.

    Args:
        expected: the zip file of expected results, or a folder of outputs of the official program; its sets are found by the
            names of the files (`..._FCE.csv`, `..._spell.csv`).
        design: name of an installed design, or a loaded one.
        threshold: the share of lines, from 0 to 1, that must agree in every file that is compared.
        files: which outputs to compare, by suffix without the dash (`FCE`, `spell_rel`); all that both sides have if None.
        columns: the only columns to compare, such as `FCE_HRG`; all that both sides have if None.
        source: the input that was grouped; found beside the outputs if None, else taken from what the main output repeats.
        rdf: its record definition file; found beside the outputs if None.
        traces: for how many records that differ to keep the explanation of our result.
        progress: told the name of each set.

    Raises:
        InputFileError: the package cannot be read, or holds no outputs with header lines.
        ArgumentError: an option is wrong, or a column is in none of the files.
        DesignError: the design is not installed, or lacks a data set.
    """
    if not 0 <= threshold <= 1:
        raise ArgumentError(f"{threshold} is not a share from 0 to 1", place="threshold", cure="1 means that all must agree.")
    loaded = Grouper(design).design
    with opened(Path(expected)) as folder:
        sets = find_sets(folder, loaded)
        if (source or rdf) and len(sets) > 1:
            raise ArgumentError(
                f"an input goes with one set of outputs, but there are {len(sets)}",
                place="input",
                cure="Name the folder of the set.",
            )
        seen: set[str] = set()
        found = []
        for one in sets:
            if progress:
                progress(one.name)
            given = one._replace(source=Path(source) if source else one.source, rdf=Path(rdf) if rdf else one.rdf)
            run = _Run(loaded, given, folder, files, columns)
            found.append(run.compare(traces))
            seen |= run.comparer.seen
    _check_columns(columns, seen)
    return Conformance(loaded.database_version, loaded.short_hash, threshold, tuple(found))


def _check_columns(columns: Collection[str] | None, seen: Collection[str]) -> None:
    for name in columns or ():
        if name not in seen:
            raise ArgumentError(
                f"no file that was compared has a column {name!r} on both sides",
                cure=f"Choose of {', '.join(sorted(seen)[:12])} ...",
            )


class _Run:
    """One set: what was grouped is grouped again in a private folder, and the outputs are compared."""

    def __init__(
        self, design: Design, expected: ExpectedSet, folder: Path, files: Collection[str] | None, columns: Collection[str] | None
    ) -> None:
        self.design = design
        self.expected = expected
        self.folder = folder
        self.dataset = datasets.dataset(expected.dataset)
        self.files = files
        invalid = design.tables.hrgs[design.tables.invalid_hrg]
        self.comparer = Comparer(self.dataset, invalid, columns)

    def compare(self, traces: int) -> SetConformance:
        chosen = self._chosen()
        with tempfile.TemporaryDirectory(prefix="hrgcore-") as private:
            source, origin, named = self._source(Path(private))
            output = Path(private) / "ours.csv"
            with told_of(source, origin):
                group_file(source, output, [self.design], dataset=self.dataset.name, rdf=self.expected.rdf)
            ours = {suffix: output.with_name(f"ours{suffix}.csv") for suffix in self.dataset.suffixes}
            self._match(ours)
            found = tuple(self.comparer.compare(suffix, self.expected.outputs[suffix], ours[suffix]) for suffix in chosen)
            told = self._traces(found, source, traces)
        if self.comparer.columns is not None:  # a file without one of them would seem to agree
            found = tuple(file for file in found if file.columns)
        compared = {file.file for file in found}
        left_out = tuple(sorted(suffix for suffix in self.expected.outputs if suffix not in compared))
        return SetConformance(self.expected.name, self.dataset.name, named, found, left_out, told)

    def _chosen(self) -> list[str]:
        """The files to compare; the list of files is none of them."""
        known = [suffix for suffix in self.dataset.suffixes if suffix != _LIST]
        for name in self.files or ():
            if f"_{name}" not in known:
                raise ArgumentError(
                    f"data set {self.dataset.name} has no file {name!r}", cure=f"Choose of {', '.join(n[1:] for n in known)}."
                )
        return [s for s in known if s in self.expected.outputs and (self.files is None or s[1:] in self.files)]

    def _source(self, private: Path) -> tuple[Path, Path, str]:
        """The file to group, the file that it came from, and what it is: the input, or the lines that an output repeats."""
        if self.expected.source is not None:
            source = self.expected.source
            return source, source, str(source.relative_to(self.folder) if source.is_relative_to(self.folder) else source)
        suffix = self._repeating()
        if suffix is None:
            raise InputFileError(
                "there is neither the input nor an output that repeats it",
                place=self.expected.name,
                cure=f"Name the input, or add the file {self.dataset.main}.",
            )
        file = open_output(self.expected.outputs[suffix])
        path = private / "input.csv"
        with path.open("wb") as target:
            target.write(",".join(file.echoed).encode() + b"\n")
            target.writelines(line.echo + b"\n" for line in file.lines())
        return path, file.path, f"what {file.path.name} repeats of it"

    def _repeating(self) -> str | None:
        """The suffix of the output that repeats the input."""
        return next((suffix for suffix in (self.dataset.main, _SORTED) if suffix in self.expected.outputs), None)

    def _match(self, ours: dict[str, Path]) -> None:
        if suffix := self._repeating():
            regrouped = self.expected.source is None
            self.comparer.match(self.expected.outputs[suffix], ours[suffix], regrouped=regrouped)

    def _traces(self, files: tuple[FileAgreement, ...], source: Path, most: int) -> dict[int, str]:
        """Explanations of the first records that differ, by our RowNo."""
        rows = list(dict.fromkeys(one.our_row for file in files for one in file.differences if one.our_row))[:most]
        if not rows:
            return {}
        grouper = Grouper(self.design, self.dataset.name)
        with open_input(source, self.expected.rdf, None, self.dataset) as file:
            fields = self.design.tables.fields[self.dataset.name]
            lines = read_lines(file, self.dataset, fields)
        cells = CellTexts(file, lines)
        return {row: _explained(grouper, self.dataset, cells, row - 1, lines) for row in rows if row <= lines.rows}


def _explained(grouper: Grouper, dataset: DataSet, cells: CellTexts, row: int, lines: RecordLines) -> str:
    """Why we group a record, or the spell that it belongs to, as we do."""
    if not dataset.has_spells:
        return str(grouper.group_record(record_class(dataset.name).from_cells(partial(cells, row))).explain())
    episodes = [Episode.from_cells(partial(cells, each)) for each in _spell_rows(cells, row, lines.rows)]
    return str(grouper.group_spell(episodes).explain())


def _spell_rows(cells: CellTexts, row: int, rows: int) -> Iterator[int]:
    """The rows of a spell, which stand together."""

    def key(number: int) -> list[str]:
        return [cells(number, name, 0).strip() for name in SPELL_KEY]

    first = row
    while first > 0 and key(first - 1) == key(row):
        first -= 1
    while first < rows and key(first) == key(row):
        yield first
        first += 1
