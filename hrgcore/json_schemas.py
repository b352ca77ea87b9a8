"""JSON Schemas (draft 2020-12) of what `Grouper.group_json` takes and gives, made from the layouts of the data sets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hrgcore import datasets
from hrgcore.datasets.apc import NAME as ADMITTED_CARE
from hrgcore.design.fields import DATE, NUMBER, WEIGHT, Field
from hrgcore.design.schema import GRADES
from hrgcore.errors import ArgumentError
from hrgcore.json_records import (
    CURES,
    EPISODE_NAMES,
    EPISODES,
    IDENTIFIER,
    MOST_EPISODES,
    NUMBER_LIMIT,
    RECORD_NAMES,
    SPELL_NAMES,
    names_of,
)

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer"}
_LETTERS = ("P", "D", "G", "M", "B", "O", "U", "")
_OF_RESULT: dict[str, Schema] = {
    "stay": _COUNT,
    "critical_care_days": _COUNT,
    "cc_score": _COUNT,
    "interventions": _COUNT,
    "index": _COUNT,
    "report_flag": {"type": "boolean"},
    "warning": {"type": "boolean"},
    "method": {"enum": list(_LETTERS)},
    "provenance": {"enum": list(GRADES)},
    "unbundled": {"type": "array", "items": _TEXT},
}
_MAY_BE_NULL = {"stay": {"type": ["integer", "null"]}, "critical_care_days": {"type": ["integer", "null"]}}


def schema_of(dataset: str, direction: str) -> Schema:
    """The schema of a data set's records (`input`) or answers (`output`); see Grouper.json_schema."""
    if direction == "input":
        body = _spell() if dataset == ADMITTED_CARE else _any_form(dataset, {IDENTIFIER: _identifier()})
    elif direction == "output":
        body = _answer(dataset)
    else:
        raise ArgumentError(f"there is no direction {direction!r}", place="direction", cure="Choose input or output.")
    title = f"{datasets.dataset(dataset).title}: {'record' if direction == 'input' else 'answer'}"
    return {"$schema": DRAFT, "title": title, **body}


def _closed(properties: Schema, *, required: Iterable[str] = (), **more: Any) -> Schema:
    """An object without other properties."""
    return {"type": "object", "properties": properties, "required": list(required), **more, "additionalProperties": False}


def _whole(properties: Schema) -> Schema:
    """An object that has all its properties and no others."""
    return _closed(properties, required=properties)


# --- what is given ---


def _identifier() -> Schema:
    return {"type": ["string", "number", "null"], "description": "repeated in the answer"}


def _spell() -> Schema:
    episodes = {"type": "array", "minItems": 1, "maxItems": MOST_EPISODES, "items": _any_form(ADMITTED_CARE, {})}
    return _closed({IDENTIFIER: _identifier(), EPISODES: episodes}, required=[EPISODES])


def _any_form(dataset: str, more: Schema) -> Schema:
    """A record by attributes, or by official names."""
    return {"anyOf": [_by_attribute(dataset, more), _by_official_name(dataset, more)]}


def _by_attribute(dataset: str, more: Schema) -> Schema:
    return _closed({**more, **{name: _field(field) for name, field in names_of(dataset).attributes.items()}})


def _by_official_name(dataset: str, more: Schema) -> Schema:
    known = names_of(dataset).attributes.values()
    cells = {
        f"^{field.name}_({'|'.join(f'{n:02d}' for n in range(1, field.most + 1))})$": {"type": ["string", "null"]}
        for field in known
        if field.most
    }
    return _closed({**more, **{field.name: _field(field) for field in known if not field.most}}, patternProperties=cells)


def _field(field: Field) -> Schema:
    if field.most:
        return {"type": ["array", "null"], "items": _TEXT, "maxItems": field.most, "description": f"{field.row} ..."}
    types = {NUMBER: ["integer"], WEIGHT: ["number", "string"]}.get(field.kind, ["string"])
    schema: Schema = {"type": [*types, "null"], "description": field.name + (", YYYYMMDD" if field.kind == DATE else "")}
    limits = {"exclusiveMinimum": -NUMBER_LIMIT, "exclusiveMaximum": NUMBER_LIMIT}
    return schema | limits if field.kind in (NUMBER, WEIGHT) else schema


# --- what is given back ---


def _answer(dataset: str) -> Schema:
    design = _whole({"name": _TEXT, "version": _TEXT, "adjusted_by": {"type": "array", "items": _TEXT}})
    error = _whole({"code": {"enum": list(CURES)}, "place": _TEXT, "message": _TEXT, "cure": _TEXT})
    result = _spell_result() if dataset == ADMITTED_CARE else _result(RECORD_NAMES, _MAY_BE_NULL, {"messages": _messages()})
    null = {"type": "null"}
    both = {
        "ok": {"type": "boolean"},
        "id": _identifier(),
        "dataset": {"const": dataset},
        "design": design,
        "error": {"anyOf": [error, null]},
        "result": {"anyOf": [result, null]},
    }
    grouped = {"properties": {"ok": {"const": True}, "error": null, "result": {"type": "object"}}}
    refused = {"properties": {"ok": {"const": False}, "error": {"type": "object"}, "result": null}}
    return {**_whole(both), "oneOf": [grouped, refused]}


def _spell_result() -> Schema:
    episodes = {"type": "array", "minItems": 1, "items": _result(EPISODE_NAMES, _MAY_BE_NULL, {})}
    return _result(SPELL_NAMES, {}, {EPISODES: episodes, "messages": _messages()})


def _result(names: Iterable[str], special: dict[str, Schema], more: Schema) -> Schema:
    return _whole({**{name: special.get(name) or _OF_RESULT.get(name, _TEXT) for name in names}, **more})


def _messages() -> Schema:
    message = {"row": _COUNT, "field": _TEXT, "code": _TEXT, "text": _TEXT, "category": _TEXT}
    return {"type": "array", "items": _whole(message)}
