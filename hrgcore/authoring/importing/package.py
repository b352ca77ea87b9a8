"""The files of a design package that is an overlay over its base, with what a workbook says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hrgcore.authoring.importing.difference import Overlay
from hrgcore.authoring.package import frame, module_of, rendered, source_text, table_text, toml_of, write_texts
from hrgcore.design import Design
from hrgcore.design.manifest import Manifest
from hrgcore.design.schema import REMOVE, REMOVE_COLUMNS, TABLES


class Package(NamedTuple):
    """What a package is made of.

    Attributes:
        manifest: of the design, with the settings and sources that it has beside those of its base.
        overlay: its tables.
        base: the design that it is laid over.
        workbook: name of the file it was made from.
        requires: packages that it needs beside hrgcore, such as that of its base.
    """

    manifest: Manifest
    overlay: Overlay
    base: Design
    workbook: str
    requires: Sequence[str] = ()


def write_files(package: Package, tree: Path, name: str) -> Path:
    """Writes the files of a package into an empty folder, which will have this name.

    Returns:
        The folder of the design in it.
    """
    manifest, module = package.manifest, module_of(package.manifest.name)
    texts = frame(manifest.name, manifest.label, [f"hrgcore{manifest.core.replace(' ', '')}", *package.requires])
    texts["README.md"] = rendered(
        "imported.md",
        {
            "name": manifest.name,
            "base": package.base.name,
            "base_version": package.base.manifest.version,
            "workbook": package.workbook,
            "folder": name,
        },
    )
    texts[f"{module}/design.toml"] = manifest_text(manifest)
    for table, rows in package.overlay.tables.items():
        texts[f"{module}/tables/{table}.csv"] = table_text(TABLES[table].columns, rows)
    if package.overlay.remove:
        texts[f"{module}/tables/{REMOVE}.csv"] = table_text(REMOVE_COLUMNS, package.overlay.remove)
    (tree / module / "tables").mkdir(parents=True)
    write_texts(texts, tree)
    return tree / module


def manifest_text(manifest: Manifest) -> str:
    """The manifest of an overlay as TOML."""
    entries = ("name", "label", "financial_year", "edition", "version", "icd10", "opcs4", "core", "base")
    lines = [f"{key} = {toml_of(getattr(manifest, key))}" for key in entries]
    if manifest.grouping:
        lines += ["", "[grouping]", *(f"{key} = {toml_of(value)}" for key, value in manifest.grouping.items())]
    return "\n".join([*lines, "", *map(source_text, manifest.sources)])
