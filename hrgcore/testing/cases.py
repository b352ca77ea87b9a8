"""Worked cases of a design: YAML files of invented spells and records, each with the result that a coder expects.

What a case may hold stands in docs/design-tables.md.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hrgcore.design.schema import ROOT_SIZE
from hrgcore.errors import ArgumentError, DesignError
from hrgcore.grouper import Grouper
from hrgcore.records import Episode, Record, record_class
from hrgcore.results import RecordResult, SpellResult

KEYS = {"name", "episodes", "hrg", "why"}
KEYS_OF_RECORDS = {"name", "dataset", "record", "hrg", "why"}
KEYS_OF_VIGNETTES = {"name", "episodes", "roots"}
OPTIONAL = {"error", "second", "unbundled"}
OPTIONAL_OF = {"NAC": {"attendance_hrg"}, "ACC": {"days", "warning"}}
ATTRIBUTES = {
    "days": "duration",
    "source": "admission_source",
    "destination": "discharge_destination",
    "specialty": "treatment_function",
}


class Case(NamedTuple):
    """A worked case: an id made of its file and its name, and what the file says of it."""

    id: str
    content: Mapping[str, Any]


def read_cases(folder: Path) -> list[Case]:
    """The cases of the YAML files of a folder, by file; none if it is not there.

    Raises:
        DesignError: a file is no list of cases, or a case does not say what it must.
        ArgumentError: PyYAML is not installed.
    """
    found: list[Case] = []
    for path in sorted(folder.glob("*.yaml")):
        names: set[str] = set()
        for content in _read(path):
            words = _checked(content, path)
            if words in names:
                raise DesignError(
                    f"two cases are named {content['name']!r}", place=str(path), cure="Give each a name of its own."
                )
            names.add(words)
            found.append(Case(f"{path.stem}-{words}", content))
    return found


def _read(path: Path) -> list[Any]:
    try:
        import yaml
    except ImportError:
        raise ArgumentError("worked cases need PyYAML", place="cases", cure="Install hrgcore[testing].") from None
    try:
        cases = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DesignError(f"cannot be read: {error}", place=str(path)) from None
    if not isinstance(cases, list):
        raise DesignError("is not a list of cases", place=str(path), cure="Begin each case with `- name: ...`.")
    return cases


def _checked(content: Any, path: Path) -> str:
    """The words of the name of a case, after a look at its keys; values of records are text, so that leading zeros stay."""
    name = content.get("name") if isinstance(content, dict) else None
    if not isinstance(name, str):
        raise DesignError("a case has no name", place=str(path), cure="Begin each case with `- name: ...`.")
    keys = set(content) - OPTIONAL - OPTIONAL_OF.get(content.get("dataset", ""), set())
    if keys not in (KEYS, KEYS_OF_RECORDS, KEYS_OF_VIGNETTES):
        wanted = KEYS_OF_RECORDS if "record" in keys else KEYS_OF_VIGNETTES if "roots" in keys else KEYS
        wrong = ", ".join(sorted(map(str, keys ^ wanted)))
        raise DesignError(f"case {name!r} lacks or should not have: {wrong}", place=str(path), cure="See docs/design-tables.md.")
    for field, value in content.get("record", {}).items():
        if not all(isinstance(cell, str) for cell in (value if isinstance(value, list) else [value])):
            raise DesignError(f"case {name!r}: {field} is not text", place=str(path), cure="Put its values into quotes.")
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def check_case(content: Mapping[str, Any], grouper_of: Callable[[str], Grouper]) -> None:
    """Fails, with the explanation, if a case is not grouped as it says.

    Args:
        content: of a case.
        grouper_of: gives the grouper of a data set.
    """
    __tracebackhide__ = True
    result = _grouped(content, grouper_of)
    if "roots" in content:
        _same(
            result, content, result.hrg[:ROOT_SIZE] in content["roots"], f"{result.hrg}, of none of the roots {content['roots']}"
        )
    else:
        _same(result, content, result.hrg == content["hrg"], f"{result.hrg}, not {content['hrg']}")
    categories = sorted({message.category for message in result.messages} - {""})
    error, unbundled = content.get("error"), content.get("unbundled")
    _same(result, content, error is None or error in categories, f"errors {categories}, not {error}")
    found = list(result.unbundled)
    _same(result, content, unbundled is None or unbundled == found, f"unbundled {found}, not {unbundled}")
    if isinstance(result, RecordResult):
        for key, value in _of_record(result).items():
            _same(result, content, key not in content or content[key] == value, f"{key} {value!r}, not {content.get(key)!r}")


def _of_record(result: RecordResult) -> dict[str, Any]:
    warning = "F" if result.warning else ""
    return {"attendance_hrg": result.attendance_hrg, "days": result.critical_care_days, "warning": warning}


def _same(result: SpellResult | RecordResult, content: Mapping[str, Any], holds: bool, text: str) -> None:
    __tracebackhide__ = True
    if not holds:
        raise AssertionError(f"{content['name']}: {text}\n{content.get('why', '')}\n{result.explain()}")


def _grouped(content: Mapping[str, Any], grouper_of: Callable[[str], Grouper]) -> SpellResult | RecordResult:
    if "record" in content:
        return grouper_of(content["dataset"]).group_record(_record_of(content))
    episodes = [{ATTRIBUTES.get(key, key): value for key, value in episode.items()} for episode in content["episodes"]]
    return grouper_of("APC").group_spell([Episode(**episode) for episode in episodes])


def _record_of(content: Mapping[str, Any]) -> Record:
    """The record of a case: official names, all values text; a number that is none is one that no field accepts."""
    kind: type[Any] = record_class(content["dataset"])
    numbers = {field.name for field in dataclasses.fields(kind) if field.type == "int | None"}
    given = {kind.attributes[name]: value for name, value in content["record"].items()}
    for name in numbers & given.keys():
        text = given[name]
        given[name] = (int(text) if text.isdigit() else -1) if text else None
    made: Record = kind(**given)
    return made
