"""Lock files: the hashes of a design and of its tables, to tell later whether it still is the same, and which table is not."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hrgcore
from hrgcore.errors import DesignError
from hrgcore.files.outputs import OutputSet

if TYPE_CHECKING:
    from hrgcore.design import Design

_HEAD = "# Written by `hrg design freeze`: the hashes of a design, to be compared with `hrg design freeze --check`.\n"
_TEXTS = ("design", "version", "core", "hash")
_CURE = "Write it anew with `hrg design freeze DESIGN -o FILE`."


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock file says.

    Attributes:
        design: name of the design.
        version: version of its tables.
        core: version of hrgcore that wrote the file.
        hash: of the whole design.
        adjusted_by: names of the plugins that adjusted its tables.
        tables: hash of each table that has rows, and of the settings, by name.
    """

    design: str
    version: str
    core: str
    hash: str
    adjusted_by: tuple[str, ...]
    tables: Mapping[str, str]

    def differences(self, now: Lock) -> Iterator[str]:
        """What another lock says differently of the tables, in words."""
        for name in sorted({*self.tables, *now.tables}):
            then, later = self.tables.get(name), now.tables.get(name)
            if then != later:
                what = "is new" if then is None else "has no rows any more" if later is None else "differs"
                yield f"{name} {what}"
        if self.hash != now.hash and self.tables == now.tables:
            yield "the hash differs, the tables do not: the lock was changed by hand, or is of another form"

    def text(self) -> str:
        """The lock as TOML."""
        lines = [f"{key} = {_quoted(getattr(self, key))}" for key in _TEXTS]
        lines += [f"adjusted_by = [{', '.join(map(_quoted, self.adjusted_by))}]", "", "[tables]"]
        lines += [f"{name} = {_quoted(text)}" for name, text in self.tables.items()]
        return _HEAD + "\n".join(lines) + "\n"


def lock_of(design: Design) -> Lock:
    """What a lock file of a design says."""
    return Lock(
        design=design.name,
        version=design.manifest.version,
        core=hrgcore.__version__,
        hash=design.hash,
        adjusted_by=design.adjusted_by,
        tables=design.table_hashes,
    )


def write_lock(lock: Lock, path: Path) -> None:
    """Writes a lock file.

    Raises:
        OutputFileError: it cannot be written.
    """
    with OutputSet(path, ("",)) as files:
        files.open("").write(lock.text().encode())
        files.commit()


def read_lock(path: Path) -> Lock:
    """Reads a lock file.

    Raises:
        DesignError: the file cannot be read or is no lock file.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DesignError(f"cannot be read: {error}", place=str(path), cure=_CURE) from None
    texts: dict[str, Any] = {key: data.get(key) for key in _TEXTS}
    tables, plugins = data.get("tables"), data.get("adjusted_by")
    if not isinstance(tables, dict) or not isinstance(plugins, list) or not _all_texts(texts, tables):
        raise DesignError("is not a lock file", place=str(path), cure=_CURE)
    return Lock(**texts, tables=tables, adjusted_by=tuple(map(str, plugins)))


def _all_texts(*found: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for values in found for value in values.values())


def _quoted(text: str) -> str:
    """A basic string of TOML, which takes the escapes of JSON; the delete character is none of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
