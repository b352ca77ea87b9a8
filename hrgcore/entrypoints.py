"""The entry points of installed packages, found without `importlib.metadata`, whose import would take a sixth of a start.

They stand in `entry_points.txt` in the folder of metadata of each package, next to the package in a folder of `sys.path`.
Packages inside zip files are not found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

_METADATA_FOLDERS = (".dist-info", ".egg-info")


class EntryPoint(NamedTuple):
    """One entry point: its name, the module or object that it names, and the folder of metadata of its package."""

    name: str
    value: str
    folder: Path

    def load(self) -> object:
        """Imports the module, or the object of a module where one is named."""
        module, _, attributes = self.value.partition(":")
        return reduce(getattr, attributes.strip().split(".") if attributes else [], import_module(module.strip()))

    def package(self) -> tuple[str, str]:
        """Name and version of the package that brings it."""
        file = next((file for name in ("METADATA", "PKG-INFO") if (file := self.folder / name).exists()), None)
        head = file.read_text(encoding="utf-8").partition("\n\n")[0] if file else ""
        said = dict(line.split(": ", 1) for line in head.splitlines() if line.startswith(("Name: ", "Version: ")))
        return said.get("Name", ""), said.get("Version", "")


def entry_points(group: str) -> list[EntryPoint]:
    """The entry points of a group. Of two installations of one package the first in `sys.path` counts, as in an import."""
    return [point for folder in _metadata_folders() for point in _read(folder, group)]


def _metadata_folders() -> Iterator[str]:
    seen: set[str] = set()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:  # sys.path may name what is not there, or a zip file
            continue
        for name in names:
            if name.endswith(_METADATA_FOLDERS):
                package = name.rpartition(".")[0].partition("-")[0].replace(".", "_").lower()
                if package not in seen:
                    seen.add(package)
                    yield os.path.join(folder, name)


def _read(folder: str, group: str) -> Iterator[EntryPoint]:
    """The entry points of a group in one folder of metadata."""
    try:
        with open(os.path.join(folder, "entry_points.txt"), encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except OSError:  # most packages have none
        return
    section = ""
    for line in lines:
        if line.startswith("["):
            section = line.strip("[]")
        elif section == group and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield EntryPoint(name.strip(), value.partition("[")[0].strip(), Path(folder))
