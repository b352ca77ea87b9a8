"""Single records as JSON: text in, text out, and what is wrong with the text as data too.

`Grouper.group_json` is the way in; `docs/json.md` describes both forms, `hrgcore.json_schemas` makes their schemas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from hrgcore.datasets.apc import NAME as ADMITTED_CARE
from hrgcore.design.fields import LAYOUTS, NUMBER, WEIGHT, Field
from hrgcore.errors import ArgumentError
from hrgcore.records import Episode, Record, record_class
from hrgcore.results import EpisodeResult

if TYPE_CHECKING:
    from hrgcore.grouper import Grouper

MOST_BYTES = 1_000_000  # of a text, as UTF-8
MOST_EPISODES = 1_000
NUMBER_LIMIT = 10**18  # every number is smaller
EPISODES, IDENTIFIER = "episodes", "id"

# Code of an error -> what to do about it.
CURES = {
    "encoding": "Write the text as UTF-8.",
    "too_large": f"A record may have {MOST_BYTES:,} bytes.",
    "malformed": "Give one JSON object.",
    "number": "Numbers are finite and smaller than 10^18.",
    "duplicate": "Give each name once.",
    "missing": 'Give {"episodes": [...]}.',
    "unknown_field": "Name all fields by attribute or all by official name; see Grouper.json_schema('input').",
    "wrong_type": "See Grouper.json_schema('input').",
    "too_many": "Leave out what is beyond the limit, or group the record from a file.",
    "no_episodes": "Give at least one episode.",
}

SPELL_NAMES = (
    "hrg",
    "method",
    "dominant_procedure",
    "primary_diagnosis",
    "secondary_diagnosis",
    "stay",
    "critical_care_days",
    "cc_score",
    "interventions",
    "unbundled",
    "programme",
    "provenance",
)
EPISODE_NAMES = tuple(field.name for field in fields(EpisodeResult))
RECORD_NAMES = (
    "hrg",
    "method",
    "dominant_procedure",
    "attendance_hrg",
    "critical_care_days",
    "warning",
    "unbundled",
    "provenance",
)


class _Fault(Exception):
    """What is wrong with a text: a code of CURES, the place, and a message without any value."""

    def __init__(self, code: str, place: str, message: str) -> None:
        super().__init__(message)
        self.error = {"code": code, "place": place, "message": message, "cure": CURES[code]}


class Names(NamedTuple):
    """The names that fields of a data set go by: of attributes, and official ones with the position in a repeated field."""

    attributes: Mapping[str, Field]
    cells: Mapping[str, tuple[Field, int]]


def group_text(grouper: Grouper, text: str | bytes) -> str:
    """Groups one record; see Grouper.group_json."""
    if not isinstance(text, str | bytes):
        raise ArgumentError(f"must be text, not {type(text).__name__}", place="text", cure="Give str, or bytes in UTF-8.")
    design = grouper.design
    answer: dict[str, Any] = {
        "ok": False,
        "id": None,
        "dataset": grouper.dataset,
        "design": {"name": design.name, "version": design.manifest.version, "adjusted_by": design.adjusted_by},
        "error": None,
        "result": None,
    }
    try:
        given = _object(_parse(text), "")
        answer["id"] = _identifier(given.pop(IDENTIFIER, None))
        answer["result"] = _group_spell(grouper, given) if grouper.dataset == ADMITTED_CARE else _group_record(grouper, given)
        answer["ok"] = True
    except _Fault as fault:
        answer["error"] = fault.error
    return json.dumps(answer)


# --- reading the text ---


def _parse(text: str | bytes) -> object:
    try:
        raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        if len(raw) > MOST_BYTES:
            raise _Fault("too_large", "", f"the text has {len(raw):,} bytes")
        return json.loads(
            text if isinstance(text, str) else raw.decode(),
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_float,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise _Fault("encoding", "", f"the byte at {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        message = f"no JSON at line {error.lineno} column {error.colno}: {error.msg.partition(':')[0]}"
        raise _Fault("malformed", "", message) from None
    except RecursionError:
        raise _Fault("malformed", "", "nested too deeply") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _Fault("duplicate", _shown(name), "stands twice in one object")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= len(str(-NUMBER_LIMIT)) and abs(int(digits)) < NUMBER_LIMIT else _constant(digits)


def _float(digits: str) -> float:
    number = float(digits)
    return number if abs(number) < NUMBER_LIMIT else _constant(digits)


def _constant(_: str) -> NoReturn:
    raise _Fault("number", "", "a number is too large, or none")


# --- from JSON to records ---


def _object(value: object, place: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _Fault("wrong_type", place, f"must be an object, not {_kind(value)}")


def _list(value: object, place: str) -> list[Any]:
    if isinstance(value, list):
        return value
    raise _Fault("wrong_type", place, f"must be a list, not {_kind(value)}")


def _identifier(value: object) -> str | int | float | None:
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value
    raise _Fault("wrong_type", IDENTIFIER, f"must be text or a number, not {_kind(value)}")


def _kind(value: object) -> str:
    """What JSON calls a value."""
    kinds = {type(None): "null", bool: "a boolean", str: "text", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")


def _shown(name: str) -> str:
    """A name as an error may show it: only if it can be one of a field."""
    return name if re.fullmatch(r"\w{1,40}", name, re.ASCII) else "?"


@lru_cache
def names_of(dataset: str) -> Names:
    """The names of the fields of a data set that its class of records has."""
    given = record_class(dataset).attributes
    known = [field for field in LAYOUTS[dataset] if field.name in given]
    cells = {name: (field, n) for field in known for n, name in enumerate(field.cells(field.most or None), bool(field.most))}
    return Names({given[field.name]: field for field in known}, cells)


def _record(dataset: str, given: Mapping[str, object], place: str) -> Record:
    """A record: of official names if one of its names is, else of attributes; null is left out."""
    names = names_of(dataset)
    known: Mapping[str, object] = names.cells if any(name in names.cells for name in given) else names.attributes
    for name in given:
        if name not in known:
            raise _Fault("unknown_field", place + _shown(name), "is no field, or named in another way than the others")
    filled = {name: value for name, value in given.items() if value is not None}
    read = _by_official_name if known is names.cells else _by_attribute
    return record_class(dataset)(**read(dataset, filled, place))


def _by_attribute(dataset: str, given: Mapping[str, object], place: str) -> dict[str, Any]:
    known = names_of(dataset).attributes
    return {name: (_codes if known[name].most else _value)(known[name], value, place + name) for name, value in given.items()}


def _by_official_name(dataset: str, given: Mapping[str, object], place: str) -> dict[str, Any]:
    known, attributes = names_of(dataset).cells, record_class(dataset).attributes
    found: dict[str, Any] = {}
    for name in sorted(given):  # so that the cells of a repeated field come in order
        field, position = known[name]
        if position:
            cells = found.setdefault(attributes[field.name], [])
            cells += [""] * (position - 1 - len(cells)) + [_text(given[name], place + name)]
        else:
            found[attributes[field.name]] = _value(field, given[name], place + name)
    return found


def _codes(field: Field, value: object, place: str) -> list[str]:
    codes = _list(value, place)
    if len(codes) > field.most:
        raise _Fault("too_many", place, f"has {len(codes)} codes, but a record has room for {field.most}")
    return [_text(code, f"{place}[{n}]") for n, code in enumerate(codes)]


def _value(field: Field, value: object, place: str) -> str | int | float:
    if field.kind in (NUMBER, WEIGHT) and isinstance(value, int | float) and not isinstance(value, bool):
        if field.kind == WEIGHT:
            return value
        if value == int(value):
            return int(value)
        raise _Fault("wrong_type", place, "must be a whole number")
    if field.kind == NUMBER:
        raise _Fault("wrong_type", place, f"must be a whole number, not {_kind(value)}")
    return _text(value, place)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _Fault("wrong_type", place, f"must be text, not {_kind(value)}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise _Fault("encoding", place, "holds half of a character")
    return value


# --- grouping ---


def _group_spell(grouper: Grouper, given: Mapping[str, Any]) -> dict[str, Any]:
    for name in given:
        if name != EPISODES:
            raise _Fault("unknown_field", _shown(name), f"stands beside {EPISODES}, where only {IDENTIFIER} may")
    if EPISODES not in given:
        raise _Fault("missing", EPISODES, "is missing")
    episodes = _list(given[EPISODES], EPISODES)
    if not episodes:
        raise _Fault("no_episodes", EPISODES, "a spell has no episodes")
    if len(episodes) > MOST_EPISODES:
        raise _Fault("too_many", EPISODES, f"has {len(episodes)} episodes, but a spell may have {MOST_EPISODES:,}")
    result = grouper.group_spell([_episode(value, f"{EPISODES}[{place}]") for place, value in enumerate(episodes)])
    parts = [_picked(episode, EPISODE_NAMES) for episode in result.episodes]
    return {**_picked(result, SPELL_NAMES), EPISODES: parts, "messages": _messages(result.messages)}


def _episode(value: object, place: str) -> Episode:
    episode = _record(ADMITTED_CARE, _object(value, place), f"{place}.")
    assert isinstance(episode, Episode)
    return episode


def _group_record(grouper: Grouper, given: Mapping[str, Any]) -> dict[str, Any]:
    result = grouper.group_record(_record(grouper.dataset, given, ""))
    return {**_picked(result, RECORD_NAMES), "messages": _messages(result.messages)}


def _picked(result: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(result, name) for name in names}


def _messages(messages: Iterable[Any]) -> list[dict[str, Any]]:
    return [message._asdict() for message in messages]
