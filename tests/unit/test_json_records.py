"""Records as JSON: the same results as records of Python, and answers of one shape whatever the text is."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from property.strategies import spells

from hrgcore import ArgumentError, Episode, Grouper, RecordResult, SpellResult
from hrgcore.cli import main
from hrgcore.datasets import DATASETS
from hrgcore.json_records import CURES, MOST_BYTES, MOST_EPISODES, RECORD_NAMES, SPELL_NAMES
from hrgcore.records import record_class
from hrgcore.testing.reference.tables import Design
from hrgcore.testing.spells import Pools, pools_of
from hrgcore.testing.twin import as_records

from .data_sets import DESIGN, HRGS, OTHERS, SOUND, grouper_of

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
NAMES = ["ok", "id", "dataset", "design", "error", "result"]
CASE = {"age": 71, "duration": 9, "diagnoses": ["S72.0", "I10"], "procedures": ["W371"]}
FEWER = settings(max_examples=max(1, settings.default.max_examples // 3))


def validator(grouper: Grouper, direction: str) -> jsonschema.Draft202012Validator:
    schema = grouper.json_schema(direction)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


INPUTS = {name: validator(grouper_of(name), "input") for name in DATASETS}
OUTPUTS = {name: validator(grouper_of(name), "output") for name in DATASETS}


def answer_to(text: str | bytes, dataset: str = "APC") -> dict[str, Any]:
    """The answer, which is right by its schema, in one line, and always of the same shape."""
    line = grouper_of(dataset).group_json(text)
    assert line.isascii() and "\n" not in line
    answer: dict[str, Any] = json.loads(line)
    OUTPUTS[dataset].validate(answer)
    assert list(answer) == NAMES
    return answer


def error_of(text: str | bytes, dataset: str = "APC") -> tuple[str, str, str]:
    """Code, place and message of the error of a text."""
    answer = answer_to(text, dataset)
    error = answer["error"]
    assert error["cure"] == CURES[error["code"]]
    return error["code"], error["place"], error["message"]


def of_episodes(*episodes: object, **more: object) -> str:
    return json.dumps({"episodes": list(episodes), **more})


def shown(result: SpellResult | RecordResult) -> dict[str, Any]:
    """A result of Python as the answer has it."""
    names = SPELL_NAMES if isinstance(result, SpellResult) else RECORD_NAMES
    found = {name: getattr(result, name) for name in names}
    if isinstance(result, SpellResult):
        found["episodes"] = [{name: getattr(e, name) for name in e.__slots__} for e in result.episodes]
    found["messages"] = [message._asdict() for message in result.messages]
    return json.loads(json.dumps(found))


# --- the same as in Python ---


@pytest.fixture(scope="module")
def pools(design_folder: Path) -> Pools:
    return pools_of(Design(design_folder))


def filled(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.attributes.values() if getattr(record, name) is not None}


def officially(record: Any) -> dict[str, Any]:
    """A record by official names; blank cells of repeated fields are left out."""
    found: dict[str, Any] = {}
    for field, name in record.attributes.items():
        value = getattr(record, name)
        if isinstance(value, list):
            found |= {f"{field}_{n:02d}": code for n, code in enumerate(value, 1) if code}
        elif value is not None:
            found[field] = value
    return found


def test_spells_get_what_group_spell_gives(pools: Pools) -> None:
    grouper = grouper_of("APC")

    @FEWER
    @given(spells(pools), st.booleans())
    def check(rows: list[dict[str, str]], official: bool) -> None:
        records = as_records(rows)
        if records is None:
            return
        body = of_episodes(*map(officially if official else filled, records), id=1)
        INPUTS["APC"].validate(json.loads(body))
        answer = answer_to(body)
        assert (answer["ok"], answer["id"], answer["error"]) == (True, 1, None)
        assert answer["result"] == shown(grouper.group_spell(records))

    check()


@pytest.mark.parametrize("dataset", OTHERS)
def test_records_get_what_group_record_gives(dataset: str) -> None:
    @FEWER
    @given(st.randoms(use_true_random=True))
    def check(random: Random) -> None:
        odd = ["", "1", "2", "02", "99", "20240601", "x", "é", "130", "1.5", "M451"]
        row = {name: random.choice(odd) if random.random() < 0.2 else text for name, text in SOUND[dataset].items()}
        record = record_class(dataset).from_cells(lambda name, n: row.get(f"{name}_{n:02}" if n else name, ""))
        for body in (filled(record), officially(record)):
            INPUTS[dataset].validate(body)
            answer = answer_to(json.dumps(body), dataset)
            assert answer["result"] == shown(grouper_of(dataset).group_record(record))

    check()


@pytest.mark.parametrize("dataset", OTHERS)
def test_sound_records_by_official_names(dataset: str) -> None:
    record = record_class(dataset).from_cells(lambda name, n: SOUND[dataset].get(f"{name}_{n:02}" if n else name, ""))
    answer = answer_to(json.dumps({"id": "a", **officially(record)}), dataset)
    assert (answer["id"], answer["result"]["hrg"]) == ("a", HRGS[dataset])


def test_values_that_json_may_write_in_another_way() -> None:
    plain = answer_to(of_episodes(CASE))["result"]
    assert answer_to(of_episodes({**CASE, "age": 71.0, "number": None, "sex": None}).encode())["result"] == plain
    by_cell = {"STARTAGE": 71, "EPIDUR": 9, "DIAG_02": "I10", "DIAG_01": "S720", "OPER_01": "W371", "OPER_02": None}
    assert answer_to(of_episodes(by_cell))["result"] == plain
    gap = {"STARTAGE": 71, "EPIDUR": 9, "DIAG_01": "S720", "DIAG_04": "xx"}
    assert [m["field"] for m in answer_to(of_episodes(gap))["result"]["messages"]] == ["DIAG_04"]
    assert answer_to('{"weight": 1.9, "unit": "13"}', "NCC")["ok"]
    assert answer_to('{"weight": "1.900", "unit": "13"}', "NCC")["ok"]


def test_bad_data_is_a_result() -> None:
    answer = answer_to(of_episodes({**CASE, "age": -1, "diagnoses": ["Z509"]}))
    assert answer["ok"] and answer["result"]["method"] == "U"
    assert [m["field"] for m in answer["result"]["messages"]] == ["STARTAGE", "DIAG_01"]
    assert answer_to(of_episodes({**CASE, "age": 10**18 - 1, "number": 2**31}))["result"]["method"] == "U"


# --- errors as data ---

ERRORS = {
    "": ("malformed", ""),
    "{": ("malformed", ""),
    '{"episodes": []} x': ("malformed", ""),
    "\ufeff{}": ("malformed", ""),
    "[" * 100_000: ("malformed", ""),
    '{"episodes":' + '[{"a":' * 50_000: ("malformed", ""),
    "x" * (MOST_BYTES + 1): ("too_large", ""),
    "é" * (MOST_BYTES // 2 + 1): ("too_large", ""),
    "NaN": ("number", ""),
    "[-Infinity]": ("number", ""),
    '{"id": 1e999}': ("number", ""),
    '{"id": 1e18}': ("number", ""),
    '{"id": %s}' % ("9" * 9_000): ("number", ""),
    '{"id": 1, "id": 2}': ("duplicate", "id"),
    '{"a b": 1, "a b": 2}': ("duplicate", "?"),
    "[]": ("wrong_type", ""),
    "null": ("wrong_type", ""),
    '{"id": true}': ("wrong_type", "id"),
    '{"id": []}': ("wrong_type", "id"),
    "{}": ("missing", "episodes"),
    '{"episodes": null}': ("wrong_type", "episodes"),
    '{"episodes": []}': ("no_episodes", "episodes"),
    '{"episodes": [{}], "sex": "1"}': ("unknown_field", "sex"),
    of_episodes(CASE, 3): ("wrong_type", "episodes[1]"),
    of_episodes(CASE, {**CASE, "age": "71"}): ("wrong_type", "episodes[1].age"),
    of_episodes({"age": 7.5}): ("wrong_type", "episodes[0].age"),
    of_episodes({"age": True}): ("wrong_type", "episodes[0].age"),
    of_episodes({"sex": 1}): ("wrong_type", "episodes[0].sex"),
    of_episodes({"diagnoses": "S720"}): ("wrong_type", "episodes[0].diagnoses"),
    of_episodes({"diagnoses": ["S720", None]}): ("wrong_type", "episodes[0].diagnoses[1]"),
    of_episodes({"procedures": ["W371"] * 100}): ("too_many", "episodes[0].procedures"),
    of_episodes(*[{}] * (MOST_EPISODES + 1)): ("too_many", "episodes"),
    of_episodes({"DIAG_1": "S720"}): ("unknown_field", "episodes[0].DIAG_1"),
    of_episodes({"DIAG_01": ["S720"]}): ("wrong_type", "episodes[0].DIAG_01"),
    of_episodes({"PROVSPNO": "1"}): ("unknown_field", "episodes[0].PROVSPNO"),
    of_episodes({"AGE": 1}): ("unknown_field", "episodes[0].AGE"),
    of_episodes({"age": 1, "DIAG_01": "S720"}): ("unknown_field", "episodes[0].age"),
    of_episodes({"a name of my own": 1}): ("unknown_field", "episodes[0].?"),
    r'{"episodes": [{"sex": "\ud800"}]}': ("encoding", "episodes[0].sex"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "place"), [(text, *found) for text, found in ERRORS.items()], ids=lambda value: value[:30]
)
def test_errors(text: str, code: str, place: str) -> None:
    assert error_of(text)[:2] == (code, place)
    assert error_of(text.encode())[:2] == (code, place)


def test_every_code_of_an_error_is_tested_and_documented() -> None:
    assert {code for code, _ in ERRORS.values()} == set(CURES)
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE.partition("\n## Errors\n")[2], re.MULTILINE)) == set(CURES)


def test_errors_by_bytes_and_in_other_data_sets() -> None:
    assert error_of(b"\xff") == ("encoding", "", "the byte at 0 is not UTF-8")
    assert error_of('{"episodes": [{}]}', "EM")[:2] == ("unknown_field", "episodes")
    assert error_of(json.dumps({"activities": ["1"] * 21}), "PCC")[:2] == ("too_many", "activities")
    assert error_of('{"weight": true}', "NCC")[:2] == ("wrong_type", "weight")
    assert error_of('{"CCAC_21": "1"}', "PCC")[:2] == ("unknown_field", "CCAC_21")


def test_the_identifier_comes_back_with_an_error_too() -> None:
    assert answer_to('{"id": "x-1", "episodes": []}')["id"] == "x-1"
    assert answer_to('{"id": "\\ud800", "episodes": []}')["id"] == "\ud800"


def test_no_value_stands_in_an_error() -> None:
    for body in (of_episodes({"age": "secret"}), '{"episodes": [{"sex": "secret"', of_episodes({"sex": ["secret"]})):
        assert "secret" not in json.dumps(answer_to(body)["error"])


@pytest.mark.parametrize("text", [None, 3, {"episodes": []}, bytearray(b"{}")])
def test_what_is_no_text_is_misuse(text: Any) -> None:
    with pytest.raises(ArgumentError, match="must be text"):
        grouper_of("APC").group_json(text)


KEYS = st.sampled_from(["age", "sex", "diagnoses", "DIAG_01", "STARTAGE"]) | st.text()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["S720", "1", "20240601"]),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.parametrize("dataset", DATASETS)
@FEWER
@given(st.one_of(st.binary(), st.text(), JSON.map(json.dumps), JSON.map(lambda value: of_episodes(value, value))))
def test_no_text_raises(dataset: str, text: str | bytes) -> None:
    answer_to(text, dataset)


@pytest.mark.parametrize("dataset", DATASETS)
@FEWER
@given(st.data())
def test_what_the_schema_accepts_is_grouped(dataset: str, data: st.DataObject) -> None:
    """And what it refuses is an error: the schema and the reader agree, but for text that is no Unicode."""
    attributes = list(record_class(dataset).attributes.values())
    cells = [*record_class(dataset).attributes, "DIAG_01", "OPER_02", "CCAC_20", "INV_99", "TREAT_100"]
    scalar = (
        st.none() | st.integers(-5, 200) | st.sampled_from(["1", "", "I10", "20240601", 1.5, 70.0, True, 10**18, -(10**18) + 1])
    )
    value = scalar | st.lists(st.sampled_from(["1", "I10", None]), max_size=3)
    names = st.sampled_from(attributes) | (st.sampled_from(cells) if data.draw(st.booleans()) else st.nothing())
    body: dict[str, Any] = data.draw(st.dictionaries(names, value, max_size=4))
    body = {"episodes": [body]} if dataset == "APC" else body
    assert answer_to(json.dumps(body), dataset)["ok"] == INPUTS[dataset].is_valid(body)


def test_no_such_direction() -> None:
    with pytest.raises(ArgumentError, match="no direction 'both'"):
        grouper_of("APC").json_schema("both")


# --- the command ---


def test_command_answers_line_by_line() -> None:
    lines = [of_episodes(CASE, id=1).encode(), b"", b"\xff", of_episodes(id=3).encode()]
    done = CliRunner().invoke(main, ["json", "--design", DESIGN], input=BytesIO(b"\n".join(lines)))
    answers = [json.loads(line) for line in done.output.splitlines()]
    assert (done.exit_code, [(answer["ok"], answer["id"]) for answer in answers]) == (0, [(True, 1), (False, None), (False, 3)])


def test_command_reads_a_file_of_another_data_set(tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text('{"age": 30, "investigations": ["01"], "treatments": ["22"]}\n')
    done = CliRunner().invoke(main, ["json", "--design", DESIGN, "-l", "EM", str(tmp_path / "in.ndjson")])
    assert json.loads(done.output)["result"]["hrg"] == "VB08Z"
    assert CliRunner().invoke(main, ["json", str(tmp_path / "missing")]).exit_code == 2


def test_command_prints_schemas() -> None:
    done = CliRunner().invoke(main, ["json", "--design", DESIGN, "--schema", "output"])
    assert json.loads(done.output) == grouper_of("APC").json_schema("output")


def test_an_episode_has_no_attribute_that_json_needs() -> None:
    assert not {"id", "episodes"} & {name for dataset in DATASETS for name in record_class(dataset).attributes.values()}
    assert Episode.dataset == "APC"
