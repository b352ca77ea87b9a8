"""Expected results as users have them: a zip file or a folder of official outputs, inputs with them or not."""

from __future__ import annotations

import lzma
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from hrgcore.conformance.outputs import hrg_heads, read_head
from hrgcore.datasets import DATASETS, required_fields
from hrgcore.errors import HRGError, InputFileError
from hrgcore.files.reader import named_fields

if TYPE_CHECKING:
    from hrgcore.design import Design

# A zip file that would unpack to more is refused: the official package is far smaller.
MOST_BYTES = 4 << 30
MOST_FILES = 10_000
_TEXTS = (".csv", ".txt")
_RDF = ".rdf"
# All suffixes of official outputs, the longest first, so that `_FCE_rel` is not taken for `_rel` of another name.
_SUFFIXES = sorted({suffix for dataset in DATASETS.values() for suffix in dataset.suffixes if suffix}, key=len, reverse=True)


class ExpectedSet(NamedTuple):
    """The outputs of one run of the official program.

    Attributes:
        name: the folder and the common part of the names of its files.
        dataset: the data set that it is of.
        outputs: its files by suffix, such as `_FCE`.
        source: the file that was grouped, if it is there; else the lines that the main output repeats are grouped.
        rdf: its record definition file, if there is one.
    """

    name: str
    dataset: str
    outputs: dict[str, Path]
    source: Path | None
    rdf: Path | None


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a package; a zip file is unpacked to a private one, which is removed in the end.

    Raises:
        InputFileError: there is no such file or folder, or the zip file is broken, encrypted or too large.
    """
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="hrgcore-") as folder:
        try:
            _unpack(path, Path(folder))
        except FileNotFoundError:
            raise InputFileError("there is no such file or folder", place=str(path), cure="Check the name.") from None
        except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise InputFileError(
                f"is no zip file that can be read ({type(error).__name__})",
                place=str(path),
                cure="Give the zip file of expected results, or a folder of outputs.",
            ) from None
        except OSError as error:
            raise InputFileError(
                f"cannot be read: {error.strerror or error}", place=str(path), cure="Unpack it, and give the folder."
            ) from None
        with told_of(Path(folder), path):
            yield Path(folder)


@contextmanager
def told_of(private: Path, place: Path) -> Iterator[None]:
    """Errors in a private folder or file, of which the user knows nothing, name the place where it came from."""
    try:
        yield
    except HRGError as error:
        if not error.place.startswith(str(private)):
            raise
        rest = error.place.removeprefix(str(private))
        rest = f": {rest[1:]}" if rest.startswith(os.sep) else rest
        raise type(error)(error.message, place=f"{place}{rest}", cure=error.cure) from None


def _unpack(path: Path, folder: Path) -> None:
    """Unpacks texts and record definitions; sizes are counted as they come, whatever the file says of itself."""
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if _wanted(info)]
        if len(members) > MOST_FILES:
            raise InputFileError(f"holds more than {MOST_FILES:,} files", place=str(path), cure="Unpack what you need of it.")
        room = MOST_BYTES
        for info in members:
            if info.flag_bits & 1:
                raise InputFileError("is encrypted", place=str(path), cure="Unpack it, and give the folder.")
            target = folder.joinpath(*_safe_parts(info.filename, path))
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, target.open("wb") as file:
                while block := source.read(min(1 << 20, room + 1)):
                    room -= len(block)
                    if room < 0:
                        raise InputFileError(
                            f"unpacks to more than {MOST_BYTES >> 30} GB", place=str(path), cure="Unpack it, and give the folder."
                        )
                    file.write(block)


def _wanted(info: zipfile.ZipInfo) -> bool:
    return not info.is_dir() and PurePosixPath(info.filename).suffix.lower() in (*_TEXTS, _RDF)


def _safe_parts(name: str, path: Path) -> tuple[str, ...]:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in ("..", "/") or ":" in part for part in parts):
        raise InputFileError("has a member that would be written outside its folder", place=str(path), cure="Do not use it.")
    return parts


def find_sets(folder: Path, design: Design) -> list[ExpectedSet]:
    """The sets of outputs in a folder and in those below it, by name.

    Raises:
        InputFileError: there is none, or a main file has no header line.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    groups: dict[tuple[Path, str], dict[str, Path]] = {}
    for path in files:
        suffix = _suffix(path)
        if suffix:
            groups.setdefault((path.parent, path.stem[: -len(suffix)]), {})[suffix] = path
    others = [path for path in files if not _suffix(path) and (path.parent, path.stem) not in groups]
    found = []
    for (parent, stem), outputs in groups.items():
        if dataset := _dataset(outputs, folder):
            rdf = _nearest(folder, parent, stem, [path for path in others if path.suffix.lower() == _RDF])
            source = _nearest(folder, parent, stem, _sources(others, rdf, design, dataset))
            name = str(PurePosixPath(parent.relative_to(folder)) / stem)
            found.append(ExpectedSet(name, dataset, outputs, source, rdf))
    if not found:
        raise InputFileError(
            "there are no outputs of the official program",
            place=str(folder),
            cure="They have names such as out_FCE.csv and out_spell.csv, and header lines. Unpack zip files within it.",
        )
    return found


def _suffix(path: Path) -> str:
    """The suffix of an official output; empty for another file."""
    if path.suffix.lower() not in _TEXTS:
        return ""
    stem = path.stem.lower()
    return next((suffix for suffix in _SUFFIXES if stem.endswith(suffix.lower())), "")


def _dataset(outputs: dict[str, Path], folder: Path) -> str | None:
    """The data set of a set of outputs, by the column of HRGs of its main file; None without such a file."""
    heads = hrg_heads()
    for suffix, path in outputs.items():
        names = set(read_head(path, folder))
        for dataset, head in heads.items():
            main = DATASETS[dataset].main
            if head in names and suffix in (main, f"{main}_rel"):
                return dataset
    return None


def _sources(others: Iterable[Path], rdf: Path | None, design: Design, dataset: str) -> list[Path]:
    """The files that may be the input: those whose fields fit the data set, by their header or by the record definition."""
    needed = set(required_fields(design, dataset))
    found = []
    for path in others:
        if path.suffix.lower() not in _TEXTS:
            continue
        try:
            names = named_fields(path, rdf, None)
        except HRGError:  # some other text
            continue
        if names is not None and needed <= names:
            found.append(path)
    return found


def _nearest(folder: Path, parent: Path, stem: str, files: Sequence[Path]) -> Path | None:
    """Of some files the one in the same folder, or else in or below one further up; of several the one of a like name."""
    while True:
        here = [path for path in files if path.is_relative_to(parent)]
        if here:
            alike = [path for path in here if stem.lower().startswith(path.stem.lower())]
            best = alike or here
            return best[0] if len(best) == 1 else None
        if parent == folder:
            return None
        parent = parent.parent
