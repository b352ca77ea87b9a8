"""The worked cases of every design package under designs/: each spell gets the HRG that a coder expects."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from hrgcore import Episode, Grouper
from hrgcore.design import Design, load_design

DESIGNS = Path(__file__).parents[2] / "designs"
KEYS = {"name", "episodes", "hrg", "why"}
KEYS_OF_VIGNETTES = {"name", "episodes", "roots"}
ROOT_SIZE = 4
ATTRIBUTES = {
    "days": "duration",
    "source": "admission_source",
    "destination": "discharge_destination",
    "specialty": "treatment_function",
}


@cache
def folders() -> dict[str, Path]:
    """Every design package of the project: name of the design to its folder."""
    manifests = DESIGNS.glob("*/*/design.toml")
    return {tomllib.loads(path.read_text(encoding="utf-8"))["name"]: path.parent for path in sorted(manifests)}


@cache
def grouper_of(design: str) -> Grouper:
    return Grouper(load_design(folders()[design], find_base=folders().__getitem__))


def design_of(design: str) -> Design:
    return grouper_of(design).design


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


@pytest.mark.parametrize(("design", "case"), CASES)
def test_case(design: str, case: dict[str, Any]) -> None:
    result = grouper_of(design).group_spell(
        [Episode(**{ATTRIBUTES.get(key, key): value for key, value in episode.items()}) for episode in case["episodes"]]
    )
    if "roots" in case:
        assert result.hrg[:ROOT_SIZE] in case["roots"], result.explain()
    else:
        assert result.hrg == case["hrg"], f"{case['why']}\n{result.explain()}"
    if "error" in case:
        assert case["error"] in {message.category for message in result.messages}


def test_cases_are_there_and_say_what_they_must() -> None:
    ids = [case.id for case in CASES]
    assert ids
    assert len(ids) == len(set(ids))
    for _, case in (param.values for param in CASES):
        assert set(case) - {"error", "second"} in (KEYS, KEYS_OF_VIGNETTES), case["name"]


@pytest.mark.parametrize("design", folders())
def test_every_subchapter_has_a_worked_case(design: str) -> None:
    """An overlay has the cases of its base, and its own."""
    if not design_of(design).manifest.base:
        roots = {row.cells[0][:2] for row in design_of(design).rows["split"]}
        grouped = {
            hrg[:2] for _, case in (param.values for param in CASES) for hrg in (case.get("hrg"), *case.get("roots", [])) if hrg
        }
        assert roots - grouped == set()
