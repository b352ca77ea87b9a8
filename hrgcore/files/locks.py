"""Locks on folders, between processes and between threads: they leave no file behind and end with the process that holds them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class FolderLock:
    """Holds a folder for oneself from `take` to `release`, or as a context manager.

    Args:
        folder: it need not be writable.
        wait: until another holder is done.

    Attributes:
        held: whether it is. Without `wait` it may be another's; a system or a file system without locks never gives one.
    """

    def __init__(self, folder: Path, *, wait: bool = True) -> None:
        self.held = False
        self._folder = folder
        self._wait = wait
        self._handle = -1

    def take(self) -> None:
        """Takes the folder, if it can be had."""
        if fcntl is None:
            return
        try:
            self._handle = os.open(self._folder, os.O_RDONLY)
            fcntl.flock(self._handle, fcntl.LOCK_EX if self._wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.held = True
        except OSError:
            self.release()
        except BaseException:  # an interruption
            self.release()
            raise

    def release(self) -> None:
        """Lets the folder go."""
        self.held = False
        handle, self._handle = self._handle, -1
        if handle >= 0:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_UN)  # closing is not enough if a child of this process has the handle too
            with suppress(OSError):
                os.close(handle)

    def __enter__(self) -> FolderLock:
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
