"""The worked cases of the shipped designs are complete; `test_designs` runs them."""

from __future__ import annotations

from functools import cache

import pytest

from hrgcore.design import Design
from hrgcore.testing.cases import Case, read_cases
from hrgcore.testing.subject import subject_of

from .test_designs import FOLDERS

PREFIXES = {"NAC": "WF", "EM": "VB", "NRD": "LD", "ACC": "XC", "PCC": "XB", "NCC": "XA"}


@cache
def cases() -> list[Case]:
    return [case for folder in FOLDERS.values() for case in read_cases(folder / "cases")]


@pytest.fixture(params=[name for name, folder in FOLDERS.items() if not subject_of(folder).design.manifest.base])
def whole(request: pytest.FixtureRequest) -> Design:
    """A design that is no overlay; an overlay has the cases of its base, and its own."""
    return subject_of(FOLDERS[request.param]).design


def test_there_are_cases() -> None:
    assert len(cases()) > 1000


def test_every_subchapter_has_a_worked_case(whole: Design) -> None:
    roots = {row.cells[0][:2] for row in whole.rows["split"]}
    grouped = {
        hrg[:2] for _, case in cases() for hrg in (case.get("hrg"), *case.get("roots", []), *case.get("unbundled", [])) if hrg
    }
    assert roots - grouped == set()


@pytest.mark.parametrize("dataset", PREFIXES)
def test_every_hrg_of_a_data_set_has_a_worked_case(whole: Design, dataset: str) -> None:
    """All HRGs that have a label and are not made by a procedure, and each error category that its rules can give."""
    own = [case for _, case in cases() if case.get("dataset") == dataset]
    labels = {row.cells[0] for row in whole.rows["hrg"] if row.cells[0].startswith(PREFIXES[dataset])}
    assert labels and labels - {case["hrg"] for case in own} == set()
    targets = {row.cells[3] for row in whole.rows["rule"] if row.cells[0] == dataset}
    categories = {target for target in targets if target in whole.tables.categories}
    assert categories - {case.get("error") for case in own} == set()
