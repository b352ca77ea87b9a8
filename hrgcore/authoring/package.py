"""What design packages are made of, whoever makes them: names, the files around a design, texts of tables and manifests."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from hrgcore.design.manifest import Source
from hrgcore.errors import ArgumentError

VERSION = "0.1.0"  # of a new package
LONGEST_NAME = 60
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_name(name: str) -> None:
    """Refuses names of designs that cannot be names of packages.

    Raises:
        ArgumentError: the name has other characters than small letters, digits and single hyphens, or is too long.
    """
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        cure = f"Use small letters, digits and single hyphens, at most {LONGEST_NAME}, such as my-trust-2025."
        raise ArgumentError(f"{name!r} cannot be the name of a design", place="name", cure=cure)


def distribution_of(name: str) -> str:
    """Name of the package of a design for pip."""
    return f"hrgdesign-{name}"


def module_of(name: str) -> str:
    """Name of the package of a design for Python."""
    return distribution_of(name).replace("-", "_")


def frame(name: str, label: str, dependencies: Sequence[str]) -> dict[str, str]:
    """The texts of the files around the design of a package, by their paths in it."""
    values = {
        "name": name,
        "distribution": distribution_of(name),
        "package": module_of(name),
        "version": VERSION,
        "label": toml_of(label),
        "dependencies": toml_of(list(dependencies)),
    }
    found = {
        "pyproject.toml": "pyproject.toml",
        ".gitignore": "gitignore",
        f"{module_of(name)}/__init__.py": "init.py",
        "tests/test_design.py": "test_design.py",
    }
    return {path: rendered(template, values) for path, template in found.items()}


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """A template with its values."""
    text = files("hrgcore.authoring").joinpath("templates", f"{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def write_texts(texts: Mapping[str, str], folder: Path) -> None:
    """Writes files by their paths in a folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def table_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue()


def source_text(source: Source) -> str:
    """A source of rows as a manifest has it."""
    lines = [f"{key} = {toml_of(value)}" for key, value in source._asdict().items()]
    return "\n".join(["[[sources]]", *lines, ""])


def toml_of(value: Any) -> str:
    """A value of TOML, which takes texts, numbers and lists as JSON writes them; the delete character is escaped there only."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
