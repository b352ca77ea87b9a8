"""Output files that appear together or not at all: written beside their place, then renamed; on failure the old ones stay.

A run writes in a private folder `.hrgcore-*` beside the output: new files in `new`; what they replace waits in `old` until all
have been moved. The folder that a killed run leaves behind is cleared by the next run, which first undoes moves that were begun.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from hrgcore.errors import OutputFileError
from hrgcore.files.locks import FolderLock

_CURE = "Check the folder's rights and that the disk has room; no output file has been changed."
_CURE_OF_HALF = "The earlier files are kept in {}; the next run with this output name puts them back."
_PREFIX = ".hrgcore-"
_ANY_FILE = ".files"  # stands for the names of an OutputFolder
_REPLACED = "replaced"  # the tree that waits until a new one is in its place
_READABLE = 0o755  # rights of a folder that was private while it was written


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
        self._alive: FolderLock | None = None  # tells other runs that the folder is in use

    def path(self, suffix: str) -> Path:
        """Where the file of a suffix will be."""
        return self.output.with_name(f"{self.output.stem}{suffix}{self.output.suffix}")

    def __enter__(self) -> Self:
        try:
            self._check_names()
            self._make_folder()
        except BaseException as error:
            self._remove_folder()
            if isinstance(error, OSError):
                place = str(self.output.parent)
                raise OutputFileError(f"cannot be written to: {error.strerror}", place=place, cure=_CURE) from None
            raise
        return self

    def _check_names(self) -> None:
        parent = self.output.parent
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

    def _check(self, path: Path) -> None:
        if any(_same(path, kept) for kept in self._keep):
            raise OutputFileError("would overwrite an input of this run", place=str(path), cure="Choose another output name.")
        if path.is_dir():
            raise OutputFileError("is a folder", place=str(path), cure="Choose another output name.")

    def _make_folder(self) -> None:
        parent = self.output.parent
        with FolderLock(parent) as lock:
            if lock.held:
                self._clear_after_killed_runs()
            self._folder = parent / f"{_PREFIX}{secrets.token_hex(8)}"
            for folder in (self._folder, self._folder / "new", self._folder / "old"):
                folder.mkdir(mode=0o700)
            self._alive = FolderLock(self._folder)
            self._alive.take()

    def _clear_after_killed_runs(self) -> None:
        """Removes folders that no run uses; moves of files of this output that were not finished are undone first."""
        names = {self.path(suffix).name for suffix in self._suffixes}
        for folder in _own_folders(self.output.parent):
            with FolderLock(folder, wait=False) as lock:
                if not lock.held or (folder / _REPLACED).exists():  # a tree, whose place is not known here, is kept
                    continue
                if names.intersection(_moved(folder)):
                    _put_back(folder)
                _remove(folder)

    def open(self, suffix: str) -> BinaryIO:
        """A new file of the set."""
        assert self._folder is not None and suffix in self._suffixes
        self._files[suffix] = (self._folder / "new" / self.path(suffix).name).open("wb")
        return self._files[suffix]

    def scratch(self) -> Path:
        """A private folder for what the run puts aside; it goes with the run."""
        assert self._folder is not None
        folder = self._folder / "scratch"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def commit(self) -> list[Path]:
        """Moves all files to their places; if that fails, puts back what was there.

        Runs that write the same names take turns, so that all files are of the same run.

        Returns:
            The paths, in the order in which the files were opened.
        """
        assert self._folder is not None
        for file in self._files.values():
            file.close()
        paths = [self.path(suffix) for suffix in self._files]
        with FolderLock(self.output.parent):
            try:
                for path in paths:
                    _move(self._folder, path)
                _settle(self._folder)
            except BaseException:
                _put_back(self._folder)
                raise
        return paths

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for file in self._files.values():
            with suppress(OSError):
                file.close()
        cure = _CURE_OF_HALF.format(self._folder) if self._folder and _moved(self._folder) else _CURE
        self._remove_folder()
        if isinstance(error, OSError):
            raise OutputFileError(f"cannot be written: {error.strerror or error}", place=str(self.output), cure=cure) from error

    def _remove_folder(self) -> None:
        if self._folder is not None:
            _remove(self._folder)
        if self._alive is not None:
            self._alive.release()


class OutputFolder(OutputSet):
    """Files of any names in one folder, to be written as one; the folder is made if it is not there.

    Use as an OutputSet, with the names of files in place of suffixes.

    Args:
        folder: where the files will be.
        names: of all files that may be opened.
        keep: files that must not be overwritten.
    """

    def __init__(self, folder: Path, names: Iterable[str], keep: Iterable[Path] = ()) -> None:
        super().__init__(folder / _ANY_FILE, names, keep)
        self.folder = folder
        self._made = False

    def path(self, suffix: str) -> Path:
        """Where the file of a name will be."""
        return self.folder / suffix

    def __enter__(self) -> Self:
        self._made = _make(self.folder)
        try:
            return super().__enter__()
        except BaseException:
            self._unmake()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            self._unmake()

    def _unmake(self) -> None:
        """Removes the folder again if this run made it and nothing is in it."""
        if self._made:
            with suppress(OSError):
                self.folder.rmdir()


@contextmanager
def new_tree(folder: Path, marker: str = "") -> Iterator[Path]:
    """A folder with all that is in it, files and folders, which appears as a whole or not at all.

    Args:
        folder: where it will be. It must not be there yet, or be empty.
        marker: name of a file by which an earlier tree of the same kind is known; such a tree is replaced.

    Yields:
        A private folder beside it to write to, which is moved to its place in the end.

    Raises:
        OutputFileError: the folder holds something else, or cannot be made.
    """
    target = Path(os.path.realpath(folder))  # a link to a folder stays one
    private = target.parent / f"{_PREFIX}{secrets.token_hex(8)}"
    alive = FolderLock(private)
    try:
        _check_tree(folder, target, marker)
        with FolderLock(target.parent):  # so that no other run clears it away before it is taken
            for made in (private, private / "new"):
                made.mkdir(mode=0o700)
            alive.take()
        yield private / "new"
        (private / "new").chmod(_READABLE)
        if target.exists():
            os.replace(target, private / _REPLACED)
        os.replace(private / "new", target)
    except OSError as error:
        raise OutputFileError(f"cannot be written: {error.strerror or error}", place=str(folder), cure=_CURE) from error
    finally:
        _put_tree_back(private, target)
        _remove(private)
        alive.release()


def _check_tree(folder: Path, target: Path, marker: str) -> None:
    """Refuses a place where a tree must not go."""
    if not target.parent.is_dir():
        cure = "Make it first, or choose another name."
        raise OutputFileError("there is no such folder", place=str(folder.parent), cure=cure)
    if target == Path.cwd():
        raise OutputFileError("is the folder that you are in", place=str(folder), cure="Name a folder in it, or one beside it.")
    earlier = marker and (target / marker).is_file()
    if target.exists() and not earlier and (not target.is_dir() or any(target.iterdir())):
        cure = "Choose another folder, or remove it."
        raise OutputFileError("is there already and is not empty", place=str(folder), cure=cure)


def _put_tree_back(private: Path, target: Path) -> None:
    """Puts a tree back that was to be replaced, unless the new one is in its place."""
    replaced = private / _REPLACED
    if not os.path.exists(replaced) or os.path.exists(target):
        return
    try:
        os.replace(replaced, target)
    except OSError as error:
        cure = f"The folder that it was to replace is kept in {replaced}."
        raise OutputFileError(f"cannot be put back: {error.strerror}", place=str(target), cure=cure) from error


def _make(folder: Path) -> bool:
    """Makes a folder in one that is there; tells whether it was not there yet."""
    try:
        folder.mkdir()
    except FileExistsError:
        if folder.is_dir():
            return False
        raise OutputFileError("is a file, not a folder", place=str(folder), cure="Choose another name.") from None
    except OSError as error:
        cure = "Make the folder above it first, or choose another name."
        raise OutputFileError(f"cannot be made: {error.strerror}", place=str(folder), cure=cure) from None
    return True


def _move(folder: Path, path: Path) -> None:
    """Moves a new file to its place, and what was there to `old`: an empty folder if there was nothing."""
    if os.path.lexists(path):
        os.replace(path, folder / "old" / path.name)
    else:
        (folder / "old" / path.name).mkdir()
    os.replace(folder / "new" / path.name, path)


def _settle(folder: Path) -> None:
    """From here on nothing is to be undone."""
    (folder / "old").rename(folder / "done")


def _moved(folder: Path) -> list[str]:
    """The names of the files whose moves are not settled."""
    try:
        return os.listdir(folder / "old")
    except (FileNotFoundError, NotADirectoryError):
        return []


def _put_back(folder: Path) -> None:
    """Undoes all moves. The folders tell which were made, so that it does not matter where an interruption struck."""
    for name in _moved(folder):
        saved, path = folder / "old" / name, folder.parent / name
        if not saved.is_dir():
            os.replace(saved, path)
        elif not (folder / "new" / name).exists():
            path.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        _settle(folder)


def _remove(folder: Path) -> None:
    """Removes a folder, unless there are moves to undo."""
    if _moved(folder):
        return
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except BaseException:  # an interruption
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _own_folders(parent: Path) -> list[Path]:
    """The private folders of this user's runs."""
    with os.scandir(parent) as entries:
        found = [Path(entry) for entry in entries if entry.name.startswith(_PREFIX)]
    return [folder for folder in found if _is_own_folder(folder)]


def _is_own_folder(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:  # its run has just ended
        return False
    own = found.st_uid == os.geteuid() if hasattr(os, "geteuid") else True
    return stat.S_ISDIR(found.st_mode) and own


def _same(path: Path, other: Path) -> bool:
    try:
        return path.resolve() == other.resolve() or (path.exists() and other.exists() and path.samefile(other))
    except OSError:
        return False
