"""A new design package: an overlay of an installed design, or a copy of all its tables, ready to be installed and tested."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from hrgcore._core import typedefs as core
from hrgcore.authoring.flatten import whole_tables
from hrgcore.design import Design, load_design
from hrgcore.design.layers import table_of
from hrgcore.design.manifest import Source
from hrgcore.design.schema import REMOVE, REMOVE_COLUMNS, TABLES
from hrgcore.errors import ArgumentError
from hrgcore.files.outputs import new_tree
from hrgcore.grouper import Grouper
from hrgcore.plugins import host
from hrgcore.records import Episode

VERSION = "0.1.0"
LONGEST_NAME = 60
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
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
        return f"hrgdesign-{self.name}"

    @property
    def package(self) -> str:
        """Name of the package for Python."""
        return self.distribution.replace("-", "_")


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
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        cure = f"Use small letters, digits and single hyphens, at most {LONGEST_NAME}, such as my-trust-2025."
        raise ArgumentError(f"{name!r} cannot be the name of a design", place="name", cure=cure)
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
        for name, text in texts.items():
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in sorted(texts)]


def _texts(new: NewDesign) -> dict[str, str]:
    """The text of each file, by its path in the package."""
    values = _values(new)
    kind = "whole" if new.whole else "overlay"
    found = {
        "pyproject.toml": "pyproject.toml",
        ".gitignore": "gitignore",
        f"{new.package}/__init__.py": "init.py",
        f"{new.package}/design.toml": f"{kind}.toml",
        f"{new.package}/cases/example.yaml": "cases.yaml",
        "tests/test_design.py": "test_design.py",
    }
    texts = {path: _rendered(template, values) for path, template in found.items()}
    texts["README.md"] = _rendered(f"{kind}.md", values) + _rendered("work.md", values)
    tables = _tables_of(new.base) if new.whole else _empty_tables()
    return texts | {f"{new.package}/tables/{name}": text for name, text in tables.items()}


def _rendered(template: str, values: Mapping[str, Any]) -> str:
    text = files("hrgcore.authoring").joinpath("templates", f"{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _values(new: NewDesign) -> dict[str, Any]:
    """What templates ask for; texts of others are quoted as TOML, which YAML reads too."""
    manifest = new.base.manifest
    diagnosis, hrg = _first_case(new.base)
    quoted = {key: _toml(getattr(manifest, key)) for key in ("financial_year", "edition", "icd10", "opcs4", "core")}
    return {
        **quoted,
        "name": new.name,
        "distribution": new.distribution,
        "package": new.package,
        "version": VERSION,
        "label": _toml(new.label),
        "base": new.base.name,
        "quoted_base": _toml(new.base.name),
        "why": _toml(f"So the design {new.base.name} groups it."),
        "dependencies": _toml([f"hrgcore{manifest.core.replace(' ', '')}", *([] if new.whole else _package_of(new.base.name))]),
        "tables": _toml(list(TABLES)),
        "settings": "\n".join(f"{key} = {_toml(value)}" for key, value in manifest.grouping.items()),
        "sources": "\n".join(map(_source, dict.fromkeys(manifest.sources))),
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
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([_columns_of(name), *rows])
        texts[name] = text.getvalue()
    return texts


def _columns_of(file: str) -> tuple[str, ...]:
    return TABLES[table_of(file.removesuffix(".csv")) or ""].columns


def _source(source: Source) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in source._asdict().items()]
    return "\n".join(["[[sources]]", *lines, ""])


def _toml(value: Any) -> str:
    """A value of TOML, which takes texts, numbers and lists as JSON writes them; the delete character is escaped there only."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
