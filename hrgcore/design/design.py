"""A loaded design: immutable, shared by any number of threads."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hrgcore
from hrgcore._core.rows import Row
from hrgcore._core.tables import Tables
from hrgcore.design.build import Build
from hrgcore.design.compiler import compile_tables
from hrgcore.design.faults import Faults
from hrgcore.design.layers import Layers, read_folder, rows_from_memory
from hrgcore.design.manifest import Manifest, laid_over, read_manifest
from hrgcore.errors import DesignError

# What a plugin may lay over a design: table name to rows, each a mapping of column to text.
Adjustment = Mapping[str, Iterable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A design ready to group with. It equals only itself, so that it can be a key.

    Attributes:
        manifest: what the design says of itself.
        tables: the compiled arrays.
        rows: the rows of each table in the order of their numbers in the arrays.
        code_rows: for tables by code the row number of each code id (-1 = none); for `split` that of each compiled row.
        defaults: by data set, the value of each field that a caller of the single-case API leaves out.
        adjusted_by: names of the plugins that adjusted the tables.
        layers: names of the designs, from the lowest base up, and of these plugins: those of the layers that rows count.
    """

    manifest: Manifest
    tables: Tables
    rows: Mapping[str, tuple[Row, ...]]
    code_rows: Mapping[str, array[int]]
    defaults: Mapping[str, Mapping[str, str]]
    adjusted_by: tuple[str, ...]
    layers: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name users give, such as `2024-25`."""
        return self.manifest.name

    @property
    def database_version(self) -> str:
        """Name and version in the form of the summary file."""
        return f"{self.manifest.name} {self.manifest.version}" + "".join(f" +{name}" for name in self.adjusted_by)

    def label(self, hrg: str) -> str:
        """The label of an HRG, or an empty text."""
        return next((row.cells[1] for row in self.rows["hrg"] if row.cells[0] == hrg), "")

    def chapter_name(self, name: str) -> str:
        """The name of a chapter of HRGs (one letter) or of a subchapter (two letters), or an empty text."""
        return next((row.cells[1] for row in self.rows["chapter"] if row.cells[0] == name), "")

    def __repr__(self) -> str:
        return f"<Design {self.name}>"


def load_design(
    folder: Path, *, find_base: Callable[[str], Path] | None = None, adjustments: Sequence[tuple[str, Adjustment]] = ()
) -> Design:
    """Loads and compiles the design of a folder.

    Args:
        folder: holds `design.toml` and `tables/`.
        find_base: gives the folder of a base design by name; needed for overlays.
        adjustments: plugin name and tables to lay over the design, in order.

    Raises:
        DesignError: the design is missing, broken, or not for this version of the core.
    """
    faults = Faults()
    with _no_collection():
        manifest, build = prepare(folder, faults, find_base, adjustments)
        tables = compile_tables(build)
        faults.raise_if_any(manifest.name)
        return freeze(manifest, build, tables, adjustments)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Tens of thousands of rows are made and kept: looking for garbage among them would take half of the loading time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def prepare(
    folder: Path, faults: Faults, find_base: Callable[[str], Path] | None, adjustments: Sequence[tuple[str, Adjustment]]
) -> tuple[Manifest, Build]:
    """Reads the manifest and lays all layers; the first half of loading, shared with lint."""
    folders, names, manifest = _chain(folder, find_base)
    layers = Layers()
    for path, name in zip(folders, names, strict=True):
        layers.lay(name, read_folder(path / "tables", layers.depth, faults), faults)
    for plugin, tables in adjustments:
        layers.lay(plugin, rows_from_memory(tables, f"plugin {plugin}", layers.depth, faults), faults)
    return manifest, Build(layers, manifest.grouping, faults)


def _chain(folder: Path, find_base: Callable[[str], Path] | None) -> tuple[list[Path], list[str], Manifest]:
    """Folders and names from the lowest base up to the design itself, and its manifest with what it inherits."""
    folders, manifests = [folder], [read_manifest(folder)]
    while base := manifests[0].base:
        if find_base is None:
            raise DesignError(f"its base design {base} is not known here", place=str(folders[0]), cure="Install the base design.")
        below = find_base(base)
        if below in folders:
            raise DesignError(f"its base designs run in a circle at {base}", place=str(folder))
        folders.insert(0, below)
        manifests.insert(0, read_manifest(below))
    whole: Manifest | None = None
    for manifest in manifests:
        whole = laid_over(manifest, whole, hrgcore.__version__)
    assert whole is not None
    return folders, [manifest.name for manifest in manifests], whole


def freeze(manifest: Manifest, build: Build, tables: Tables, adjustments: Sequence[tuple[str, Any]]) -> Design:
    """Makes the immutable design of a build without faults."""
    return Design(
        manifest=manifest,
        tables=tables,
        rows={name: tuple(rows) for name, rows in build.layers.tables.items()},
        code_rows=build.code_rows,
        defaults={
            dataset: {row.cells[1]: row.cells[5] for row in build.rows("field") if dataset in row.cells[0].split()}
            for dataset in build.fields
        },
        adjusted_by=tuple(name for name, _ in adjustments),
        layers=tuple(build.layers.names),
    )
