"""Standard input and output in place of files."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from hrgcore.errors import OutputFileError

STANDARD = Path("-")  # names both
SPOOLED = 1 << 28  # bytes of a pipe that are kept in memory before they go to a private file
_PART = 1 << 20


@contextmanager
def spooled() -> Iterator[BinaryIO]:
    """A private file that is gone once it is closed, which its user does; an error here closes it."""
    spool = cast(BinaryIO, tempfile.SpooledTemporaryFile(SPOOLED))  # noqa: SIM115
    try:
        yield spool
    except BaseException:
        spool.close()
        raise


def put_aside(stream: BinaryIO) -> BinaryIO:
    """All that comes through a pipe, as a file that can be read anew."""
    with spooled() as spool:
        while part := stream.read(_PART):
            spool.write(part)
    return spool


class StandardOutput:
    """Standard output as a set of one file; what is written is gone at once."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> StandardOutput:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._folder:
            self._folder.cleanup()
        if isinstance(error, OSError):
            raise OutputFileError(
                f"cannot be written: {error.strerror or error}", place="standard output", cure="Check what reads it."
            ) from error

    def scratch(self) -> Path:
        """A private folder for what the run puts aside; it goes with the run."""
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="hrgcore-")
        return Path(self._folder.name)

    def open(self, _suffix: str) -> BinaryIO:
        """The stream."""
        return sys.stdout.buffer

    def path(self, _suffix: str) -> Path:
        """Its name."""
        return STANDARD

    def commit(self) -> list[Path]:
        """Sees to it that all is written."""
        sys.stdout.buffer.flush()
        return [STANDARD]
