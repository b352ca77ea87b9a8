"""Output files that appear together or not at all: written beside their place, then renamed; on failure the old ones stay."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from hrgcore.errors import OutputFileError

_CURE = "Check the folder's rights and that the disk has room; no output file has been changed."


class OutputSet:
    """A set of files to be written as one.

    Use as a context manager, write to `open(suffix)`, then call `commit`. Leaving without it removes what was written.

    Args:
        output: name from which the names are made: `out.csv` and suffix `_FCE` give `out_FCE.csv`.
        suffixes: of all files that may be opened.
        keep: files that must not be overwritten, such as the input.
    """

    def __init__(self, output: Path, suffixes: Iterable[str], keep: Iterable[Path] = ()) -> None:
        self.output = output
        self._suffixes = tuple(suffixes)
        self._keep = tuple(keep)
        self._files: dict[str, BinaryIO] = {}
        self._folder: Path | None = None

    def path(self, suffix: str) -> Path:
        """Where the file of a suffix will be."""
        return self.output.with_name(f"{self.output.stem}{suffix}{self.output.suffix}")

    def __enter__(self) -> OutputSet:
        parent = self.output.parent
        try:
            if self.output.is_dir() or not self.output.name:
                raise OutputFileError(
                    "is a folder, not a file name", place=str(self.output), cure="Name a file in it, such as out.csv."
                )
            if not parent.is_dir():
                raise OutputFileError(
                    "there is no such folder", place=str(parent), cure="Make it first, or choose another output name."
                )
            for suffix in self._suffixes:
                self._check(self.path(suffix))
            self._folder = Path(tempfile.mkdtemp(prefix=".hrgcore-", dir=parent))
            for part in ("new", "old"):
                (self._folder / part).mkdir()
        except OSError as error:
            raise OutputFileError(f"cannot be written to: {error.strerror}", place=str(parent), cure=_CURE) from None
        return self

    def _check(self, path: Path) -> None:
        if any(_same(path, kept) for kept in self._keep):
            raise OutputFileError("would overwrite an input of this run", place=str(path), cure="Choose another output name.")
        if path.is_dir():
            raise OutputFileError("is a folder", place=str(path), cure="Choose another output name.")

    def open(self, suffix: str) -> BinaryIO:
        """A new file of the set."""
        assert self._folder is not None and suffix in self._suffixes
        self._files[suffix] = (self._folder / "new" / self.path(suffix).name).open("wb")
        return self._files[suffix]

    def commit(self) -> list[Path]:
        """Moves all files to their places; if that fails, puts back what was there.

        Returns:
            The paths, in the order in which the files were opened.
        """
        assert self._folder is not None
        for file in self._files.values():
            file.close()
        paths = [self.path(suffix) for suffix in self._files]
        new, old = self._folder / "new", self._folder / "old"
        try:
            for path in paths:
                if path.exists():
                    os.replace(path, old / path.name)
                os.replace(new / path.name, path)
        except BaseException:
            _put_back(paths, new, old)
            raise
        return paths

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for file in self._files.values():
            with suppress(OSError):
                file.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise OutputFileError(f"cannot be written: {error.strerror or error}", place=str(self.output), cure=_CURE) from error


def _put_back(paths: Iterable[Path], new: Path, old: Path) -> None:
    """Undoes all moves. The folders tell which were made, so that it does not matter where an interruption struck."""
    for path in paths:
        if (old / path.name).exists():
            os.replace(old / path.name, path)
        elif not (new / path.name).exists():
            path.unlink(missing_ok=True)


def _same(path: Path, other: Path) -> bool:
    try:
        return path.resolve() == other.resolve() or (path.exists() and other.exists() and path.samefile(other))
    except OSError:
        return False
