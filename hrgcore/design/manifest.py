"""The manifest of a design: `design.toml`."""

from __future__ import annotations

import operator
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hrgcore.errors import DesignError

_SETTINGS: dict[str, type] = {
    "invalid_hrg": str,
    "unknown_primary": str,
    "no_procedure": str,
    "vague_procedure": str,
    "child_age_max": int,
    "age_rise": int,
    "episode_numbers_refused": list,
}
_OPTIONAL_SETTINGS: dict[str, type] = {"attendance_list": str}  # of designs with outpatients


class Source(NamedTuple):
    """Where rows of a grade come from, and under which licence."""

    title: str
    licence: str
    tables: tuple[str, ...]
    grade: str


class Manifest(NamedTuple):
    """What a design says of itself.

    Attributes:
        name: the name users give, such as `2024-25`.
        label: one line for lists and reports.
        financial_year: such as `2024/25`.
        edition: `costing` or `payment`.
        version: version of the design's tables.
        icd10, opcs4: editions of the classifications.
        core: range of hrgcore versions that the design needs, such as `>=0.1,<1`.
        base: name of the design that this one overlays, or empty.
        grouping: settings of the grouping logic (see docs/grouping-logic.md).
        sources: where the rows come from.
    """

    name: str
    label: str
    financial_year: str
    edition: str
    version: str
    icd10: str
    opcs4: str
    core: str
    base: str
    grouping: Mapping[str, Any]
    sources: tuple[Source, ...]


def read_manifest(folder: Path) -> Manifest:
    """Reads `design.toml` as it stands; an overlay leaves to its base what it does not say.

    Raises:
        DesignError: the file is missing, is not TOML, or lacks an entry.
    """
    path = folder / "design.toml"
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except FileNotFoundError:
        raise DesignError("there is no design.toml", place=str(folder), cure="Name the folder that holds it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise DesignError(f"cannot be read: {error}", place=str(path)) from None
    texts = ("name", "label", "financial_year", "edition", "version", "icd10", "opcs4", "core")
    return Manifest(
        **{key: _text(data, key, path) for key in texts},
        base=str(data.get("base", "")),
        grouping=data.get("grouping", {}),
        sources=tuple(_source(entry, path) for entry in data.get("sources", [])),
    )


def laid_over(manifest: Manifest, base: Manifest | None, version: str) -> Manifest:
    """The manifest with the settings and sources of its base, if it has one, checked against a version of the core.

    Raises:
        DesignError: a setting is missing or of the wrong type, or the design is not for this version.
    """
    _check_core(manifest, version)
    below = base or manifest
    settings = {**below.grouping, **manifest.grouping}
    return manifest._replace(
        grouping=_checked_settings(settings, f"design {manifest.name}, design.toml"),
        sources=((*base.sources, *manifest.sources) if base else manifest.sources),
    )


def _check_core(manifest: Manifest, version: str) -> None:
    """Refuses a design that needs another version of the core.

    Raises:
        DesignError: the version is outside the range, or the range cannot be read.
    """
    for part in manifest.core.split(","):
        match = _RANGE_PART.fullmatch(part.strip())
        if match is None:
            raise DesignError(f"core = {manifest.core!r} is not a range such as >=0.1,<1", place=f"design {manifest.name}")
        if not _COMPARE[match[1]](_version(version), _version(match[2])):
            raise DesignError(
                f"needs hrgcore {manifest.core}, but this is {version}",
                place=f"design {manifest.name}",
                cure="Install a version of the design, or of hrgcore, that fits.",
            )


def _version(text: str) -> tuple[int, ...]:
    """Numbers of a version, without zeros at the end, so that 1 equals 1.0."""
    numbers = [int(number) for number in text.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


_RANGE_PART = re.compile(r"(>=|<=|==|<|>)\s*(\d+(?:\.\d+)*)")
_COMPARE = {">=": operator.ge, "<=": operator.le, "==": operator.eq, "<": operator.lt, ">": operator.gt}


def _text(data: Mapping[str, Any], key: str, path: Path) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise DesignError(f"{key} is missing or is not text", place=str(path), cure=f'Add a line {key} = "...".')
    return value


def _checked_settings(data: Mapping[str, Any], place: str) -> dict[str, Any]:
    for key, kind in _SETTINGS.items():
        if not isinstance(data.get(key), kind):
            raise DesignError(f"[grouping] {key} is missing or is not of type {kind.__name__}", place=place)
    optional = {key: data[key] for key, kind in _OPTIONAL_SETTINGS.items() if isinstance(data.get(key), kind)}
    return {key: data[key] for key in _SETTINGS} | optional


def _source(entry: Mapping[str, Any], path: Path) -> Source:
    try:
        return Source(entry["title"], entry["licence"], tuple(entry["tables"]), entry["grade"])
    except KeyError as error:
        raise DesignError(f"a source lacks {error}", place=str(path)) from None
