"""The files of a design package that is an overlay: pyproject.toml, a module, a manifest and tables."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hrgcore.authoring.importing.difference import Overlay
from hrgcore.design.manifest import Manifest, Source
from hrgcore.design.schema import REMOVE, REMOVE_COLUMNS, TABLES
from hrgcore.errors import ArgumentError

VERSION = "0.1.0"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,48}[A-Za-z0-9])?")

_PYPROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = {project}
version = "{version}"
description = {description}
requires-python = ">=3.11"
dependencies = {dependencies}

[project.entry-points.hrgcore]
{plugin} = "{module}"

[tool.setuptools]
packages = ["{module}"]

[tool.setuptools.package-data]
{module} = ["design.toml", "tables/*.csv"]
"""
_MODULE = '''\
"""A design for hrgcore, imported from a Code to Group workbook; see design.toml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hrgcore.hookspecs import hookimpl


@hookimpl
def hrgcore_designs() -> Mapping[str, Path]:
    """Offers the design."""
    return {{{name}: Path(__file__).parent}}
'''


class Package(NamedTuple):
    """What a package is made of.

    Attributes:
        manifest: of the design, with the settings and sources that it has beside those of its base.
        overlay: its tables.
        requires: packages that it needs beside hrgcore, such as that of its base.
    """

    manifest: Manifest
    overlay: Overlay
    requires: Sequence[str] = ()


def check_name(name: str) -> None:
    """Refuses names of designs that cannot be names of packages.

    Raises:
        ArgumentError: the name has other characters than letters, digits, dots and hyphens.
    """
    if not _NAME.fullmatch(name):
        cure = "Take letters, digits, dots and hyphens, at most 50, such as 2025-26-official."
        raise ArgumentError(f"{name!r} cannot be the name of a design", place="name", cure=cure)


def write_package(folder: Path, package: Package) -> Path:
    """Writes the files of a package into an empty folder.

    Returns:
        The folder of the design in it.
    """
    manifest = package.manifest
    slug = re.sub(r"[^a-z0-9]+", "-", manifest.name.lower())
    module = f"hrgdesign_{slug.replace('-', '_')}"
    texts = {
        "project": _toml(f"hrgdesign-{slug}"),
        "version": VERSION,
        "description": _toml(f"{manifest.label}; a design for hrgcore"),
        "dependencies": _toml(["hrgcore>=0.1,<1", *package.requires]),
        "plugin": f"design-{slug}",
        "module": module,
        "name": json.dumps(manifest.name),
    }
    (folder / "pyproject.toml").write_text(_PYPROJECT.format(**texts), encoding="utf-8")
    design = folder / module
    (design / "tables").mkdir(parents=True)
    (design / "__init__.py").write_text(_MODULE.format(**texts), encoding="utf-8")
    (design / "design.toml").write_text(manifest_text(manifest), encoding="utf-8")
    for name, rows in package.overlay.tables.items():
        _write_table(design / "tables" / f"{name}.csv", TABLES[name].columns, rows)
    if package.overlay.remove:
        _write_table(design / "tables" / f"{REMOVE}.csv", REMOVE_COLUMNS, package.overlay.remove)
    return design


def manifest_text(manifest: Manifest) -> str:
    """The manifest of an overlay as TOML."""
    entries = ("name", "label", "financial_year", "edition", "version", "icd10", "opcs4", "core", "base")
    lines = [f"{key} = {_toml(getattr(manifest, key))}" for key in entries]
    if manifest.grouping:
        lines += ["", "[grouping]", *(f"{key} = {_toml(value)}" for key, value in manifest.grouping.items())]
    for source in manifest.sources:
        lines += ["", "[[sources]]", *_source_lines(source)]
    return "\n".join(lines) + "\n"


def _source_lines(source: Source) -> list[str]:
    values: Mapping[str, Any] = source._asdict()
    return [f"{key} = {_toml(list(value) if key == 'tables' else value)}" for key, value in values.items()]


def _toml(value: Any) -> str:
    """A text, a number or a list of these as TOML, whose escapes are those of JSON but for the character DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
