"""The worked cases of every design package under designs/: each spell or record gets the HRG that a coder expects."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from hrgcore import Episode, Grouper, Record, RecordResult, SpellResult
from hrgcore.design import Design, load_design
from hrgcore.records import record_class

DESIGNS = Path(__file__).parents[2] / "designs"
KEYS = {"name", "episodes", "hrg", "why"}
KEYS_OF_RECORDS = {"name", "dataset", "record", "hrg", "why"}
KEYS_OF_VIGNETTES = {"name", "episodes", "roots"}
OPTIONAL = {"error", "second", "unbundled"}
OPTIONAL_OF = {"NAC": {"attendance_hrg"}, "ACC": {"days", "warning"}}
ROOT_SIZE = 4
ATTRIBUTES = {
    "days": "duration",
    "source": "admission_source",
    "destination": "discharge_destination",
    "specialty": "treatment_function",
}
PREFIXES = {"NAC": "WF", "EM": "VB", "NRD": "LD", "ACC": "XC", "PCC": "XB", "NCC": "XA"}


@cache
def folders() -> dict[str, Path]:
    """Every design package of the project: name of the design to its folder."""
    manifests = DESIGNS.glob("*/*/design.toml")
    return {tomllib.loads(path.read_text(encoding="utf-8"))["name"]: path.parent for path in sorted(manifests)}


@cache
def design_of(design: str) -> Design:
    return load_design(folders()[design], find_base=folders().__getitem__)


@cache
def grouper_of(design: str, dataset: str = "APC") -> Grouper:
    return Grouper(design_of(design), dataset)


def all_cases() -> list[Any]:
    """One parameter a case, with an id such as `2024-25-surgical-gallbladder-out-by-keyhole-day-case`."""
    found = []
    for design, folder in folders().items():
        for path in sorted(folder.glob("cases/*.yaml")):
            for case in yaml.safe_load(path.read_text(encoding="utf-8")):
                words = re.sub(r"[^a-z0-9]+", "-", case["name"].lower()).strip("-")
                found.append(pytest.param(design, case, id=f"{design}-{path.stem}-{words}"))
    return found


CASES = all_cases()


def record_of(case: dict[str, Any]) -> Record:
    """The record of a case: official names, all values text; a number that is none is one that no field accepts."""
    kind = record_class(case["dataset"])
    numbers = {field.name for field in dataclasses.fields(kind) if field.type == "int | None"}
    given = {kind.attributes[name]: value for name, value in case["record"].items()}
    for name in numbers & given.keys():
        text = given[name]
        given[name] = (int(text) if text.isdigit() else -1) if text else None
    return kind(**given)


def group(design: str, case: dict[str, Any]) -> SpellResult | RecordResult:
    if "record" in case:
        return grouper_of(design, case["dataset"]).group_record(record_of(case))
    episodes = [{ATTRIBUTES.get(key, key): value for key, value in episode.items()} for episode in case["episodes"]]
    return grouper_of(design).group_spell([Episode(**episode) for episode in episodes])


@pytest.mark.parametrize(("design", "case"), CASES)
def test_case(design: str, case: dict[str, Any]) -> None:
    result = group(design, case)
    if "roots" in case:
        assert result.hrg[:ROOT_SIZE] in case["roots"], result.explain()
    else:
        assert result.hrg == case["hrg"], f"{case['why']}\n{result.explain()}"
    if "error" in case:
        assert case["error"] in {message.category for message in result.messages}
    if "unbundled" in case:
        assert list(result.unbundled) == case["unbundled"], f"{case['why']}\n{result.explain()}"
    if isinstance(result, RecordResult):
        found = {
            "attendance_hrg": result.attendance_hrg, "days": result.critical_care_days, "warning": "F" if result.warning else "",
        }  # fmt: skip
        assert found == {**found, **{key: case[key] for key in found.keys() & case.keys()}}, case["why"]


def test_cases_are_there_and_say_what_they_must() -> None:
    ids = [case.id for case in CASES]
    assert ids
    assert len(ids) == len(set(ids))
    for _, case in (param.values for param in CASES):
        optional = OPTIONAL | OPTIONAL_OF.get(case.get("dataset", ""), set())
        assert set(case) - optional in (KEYS, KEYS_OF_RECORDS, KEYS_OF_VIGNETTES), case["name"]


def test_cases_of_records_are_text() -> None:
    """As in a file, so that leading zeros stay."""
    for _, case in (param.values for param in CASES):
        for name, value in case.get("record", {}).items():
            cells = value if isinstance(value, list) else [value]
            assert all(isinstance(cell, str) for cell in cells), (case["name"], name)


@pytest.mark.parametrize("design", folders())
def test_every_subchapter_has_a_worked_case(design: str) -> None:
    """An overlay has the cases of its base, and its own."""
    if not design_of(design).manifest.base:
        roots = {row.cells[0][:2] for row in design_of(design).rows["split"]}
        grouped = {
            hrg[:2]
            for _, case in (param.values for param in CASES)
            for hrg in (case.get("hrg"), *case.get("roots", []), *case.get("unbundled", []))
            if hrg
        }
        assert roots - grouped == set()


@pytest.mark.parametrize("dataset", PREFIXES)
@pytest.mark.parametrize("design", folders())
def test_every_hrg_of_a_data_set_has_a_worked_case(design: str, dataset: str) -> None:
    """All HRGs that have a label and are not made by a procedure, and each error category that its rules can give."""
    if design_of(design).manifest.base:
        return
    cases = [case for _, case in (param.values for param in CASES) if case.get("dataset") == dataset]
    labels = {row.cells[0] for row in design_of(design).rows["hrg"] if row.cells[0].startswith(PREFIXES[dataset])}
    assert labels and labels - {case["hrg"] for case in cases} == set()
    targets = {row.cells[3] for row in design_of(design).rows["rule"] if row.cells[0] == dataset}
    categories = {target for target in targets if target in design_of(design).tables.categories}
    assert categories - {case.get("error") for case in cases} == set()
