"""A new design package: an overlay of an installed design, or a copy of all its tables, ready to be installed and tested."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hrgcore._core import typedefs as core
from hrgcore.authoring.flatten import whole_tables
from hrgcore.authoring.package import (
    VERSION,
    check_name,
    distribution_of,
    frame,
    module_of,
    rendered,
    source_text,
    table_text,
    toml_of,
    write_texts,
)
from hrgcore.design import Design, load_design
from hrgcore.design.layers import table_of
from hrgcore.design.schema import REMOVE, REMOVE_COLUMNS, TABLES
from hrgcore.errors import ArgumentError
from hrgcore.files.outputs import new_tree
from hrgcore.grouper import Grouper
from hrgcore.plugins import host
from hrgcore.records import Episode

# What local designs change most. Tables that are replaced as a whole must not stand there without rows.
_FIRST_TABLES = ("procedure", "diagnosis", "list", "rule", "cc")
_AGE, _DAYS = 40, 2  # of the first worked case: completed years, days


@dataclass(frozen=True, slots=True)
class NewDesign:
    """What a package is made of.

    Attributes:
        name: of the design, such as `my-trust-2025`.
        label: one line for lists and reports.
        base: the installed design that it lies over, or whose tables it copies.
        whole: whether it copies them.
    """

    name: str
    label: str
    base: Design
    whole: bool

    @property
    def distribution(self) -> str:
        """Name of the package for pip."""
        return distribution_of(self.name)

    @property
    def package(self) -> str:
        """Name of the package for Python."""
        return module_of(self.name)


def new_design(name: str, base: str | None = None, *, label: str = "", whole: bool = False) -> NewDesign:
    """What a new package is made of, after a look at its name and its base.

    Args:
        name: of the design: small letters, digits and single hyphens.
        base: name of an installed design; that which is used where none is named, if left out.
        label: one line for lists and reports; made of the names if left out.
        whole: copy the tables of the base in place of lying over it.

    Raises:
        ArgumentError: the name or the label cannot be used, or a design of this name is installed.
        DesignError: there is no such base.
    """
    check_name(name)
    if name in host().designs():
        raise ArgumentError(f"a design named {name!r} is installed already", place="name", cure="Choose another name.")
    if not label.isprintable():
        raise ArgumentError("is not one line of plain text", place="label", cure="Leave out line ends and control characters.")
    base = base or host().default_design()
    design = load_design(host().folder(base), find_base=host().folder)
    return NewDesign(name, label.strip() or f"{name}: {base}{'' if whole else ' with changes'}", design, whole)


def write_package(new: NewDesign, folder: Path) -> list[Path]:
    """Writes a package to a folder that is not there yet or is empty, as a whole or not at all; gives its files, sorted.

    Raises:
        OutputFileError: the folder holds something, or cannot be written.
    """
    texts = _texts(new)
    with new_tree(folder) as tree:
        write_texts(texts, tree)
    return [folder / name for name in sorted(texts)]


def _texts(new: NewDesign) -> dict[str, str]:
    """The text of each file of a package, by its path in it."""
    values, module = _values(new), new.package
    kind = "whole" if new.whole else "overlay"
    texts = frame(new.name, new.label, _dependencies(new))
    texts[f"{module}/design.toml"] = rendered(f"{kind}.toml", values)
    texts[f"{module}/cases/example.yaml"] = rendered("cases.yaml", values)
    texts["README.md"] = rendered(f"{kind}.md", values) + rendered("work.md", values)
    tables = _tables_of(new.base) if new.whole else _empty_tables()
    return texts | {f"{module}/tables/{name}": text for name, text in tables.items()}


def _dependencies(new: NewDesign) -> list[str]:
    core = f"hrgcore{new.base.manifest.core.replace(' ', '')}"
    return [core, *([] if new.whole else _package_of(new.base.name))]


def _values(new: NewDesign) -> dict[str, Any]:
    """What templates ask for; texts of others are quoted as TOML, which YAML reads too."""
    manifest = new.base.manifest
    diagnosis, hrg = _first_case(new.base)
    quoted = {key: toml_of(getattr(manifest, key)) for key in ("financial_year", "edition", "icd10", "opcs4", "core")}
    return {
        **quoted,
        "name": new.name,
        "distribution": new.distribution,
        "package": new.package,
        "version": VERSION,
        "label": toml_of(new.label),
        "base": new.base.name,
        "quoted_base": toml_of(new.base.name),
        "why": toml_of(f"So the design {new.base.name} groups it."),
        "tables": toml_of(list(TABLES)),
        "settings": "\n".join(f"{key} = {toml_of(value)}" for key, value in manifest.grouping.items()),
        "sources": "\n".join(map(source_text, dict.fromkeys(manifest.sources))),
        "age": _AGE,
        "days": _DAYS,
        "diagnosis": diagnosis,
        "hrg": hrg,
    }


def _package_of(design: str) -> list[str]:
    """The requirement of the package that brings a design; none where it was registered by hand."""
    plugin = host().offered_by(design)
    return [f"{info.package}>={info.version}" for info in host().installed() if info.name == plugin]


def _first_case(base: Design) -> tuple[str, str]:
    """The first diagnosis that groups by itself, and its HRG."""
    grouper = Grouper(base)
    roots = base.tables.arrays["diag_root"]
    for code, root in zip(base.tables.icd10.codes[1:], roots[1:], strict=True):
        if root < core.ERROR_BASE:
            result = grouper.group_spell([Episode(age=_AGE, duration=_DAYS, diagnoses=[code])])
            if not result.messages:
                return code, result.hrg
    raise ArgumentError("no diagnosis groups by itself", place=f"design {base.name}", cure="Choose another base.")


def _empty_tables() -> dict[str, str]:
    heads = {name: TABLES[name].columns for name in _FIRST_TABLES} | {REMOVE: REMOVE_COLUMNS}
    return {f"{name}.csv": ",".join(columns) + "\n" for name, columns in heads.items()}


def _tables_of(base: Design) -> dict[str, str]:
    """All tables of a design; a table without rows is left out."""
    texts = {}
    for name, rows in whole_tables(base).items():
        texts[name] = table_text(_columns_of(name), rows)
    return texts


def _columns_of(file: str) -> tuple[str, ...]:
    return TABLES[table_of(file.removesuffix(".csv")) or ""].columns
