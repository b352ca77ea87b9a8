"""Tests of the unbundled HRGs of codes in admitted care: roots, rules with attributes, splits, helpers and errors."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hrgcore.testing.reference.grouper import ReferenceGrouper, SpellAnswer

from .small_design import episode, write_design

Group = Callable[..., SpellAnswer]


@pytest.fixture
def group(tmp_path: Path) -> Group:
    grouper = ReferenceGrouper(write_design(tmp_path))

    def group(procedures: str, **cells: str) -> SpellAnswer:
        """Procedures are separated by blanks; `-` is a blank cell."""
        codes = {f"OPER_{n:02}": code.strip("-") for n, code in enumerate(procedures.split(), 1)}
        return grouper.group([episode(**codes, **cells)])

    return group


def test_the_root_is_split_by_age(group: Group) -> None:
    assert group("U014").unbundled == ["RD01A"]
    assert group("U014", STARTAGE="18").unbundled == ["RD01B"]
    assert group("U014").hrg == "AA01C"


@pytest.mark.parametrize(
    ("procedures", "unbundled"),
    [
        ("U014 Y012", "RD02B"),
        ("U014 Y012 Z011", "RD02A"),  # the split asks for the attributes as well
        ("U014 Y012 Z011 Z011", "RD02A"),  # distinct codes
        ("U014 Y012 Z011 Y011", "RD02B"),
        ("U014 - Q999 Y012", "RD02B"),  # blank and unknown cells are skipped
        ("Y012 U014", "RD01A"),
        ("U014 I011 Y012", "RD01A"),
        ("U014 N011 Y012", "RD01A"),  # a valid code without a role
        ("U014 U013 Y012", "RD01A"),
        ("U014 U014 Y012", "RD01A RD02B"),
        ("U014 Y012 U014 Z011", "RD02B RD01A"),
    ],
)
def test_attributes(group: Group, procedures: str, unbundled: str) -> None:
    answer = group(procedures)
    assert answer.unbundled == unbundled.split()
    assert answer.hrg[:4] == "AA01"


def test_rules_are_read_once_in_order(group: Group) -> None:
    assert group("U014 Y012 Z011 Z012").unbundled == ["RD02B"]
    assert group("U014 Y012 Z011 Z012", EPIDUR="0").unbundled == ["RD03Z"]
    assert group("U014 Y012 Z011 Z012 M011", EPIDUR="0").unbundled == ["RD01A"]  # rule 1, 3, 5, and not 1 again
    assert group("U014", TRETSPEF="191").unbundled == ["RD03Z"]
    assert group("U014 U017", TRETSPEF="191").unbundled == ["RD01A", "RD01A"]


def test_multiplier(group: Group) -> None:
    assert group("U014 Y012 U011", SPCDAYS="4", REHABILITATIONDAYS="2").unbundled == ["RD02B*4", "XD01Z"]
    assert group("U014", SPCDAYS="0").unbundled == ["RD01A"]
    assert group("U016 Y012", SPCDAYS="4").unbundled == ["UZ01Z"]


def test_a_helper_puts_out_nothing(group: Group) -> None:
    plain = group("U015")
    assert (plain.hrg, plain.unbundled, plain.episodes[0].faults) == ("AA01C", [], [])
    assert group("U015", DIAG_02="T000").unbundled == ["LE01Z"]
    assert group("U015", DIAG_01="T000").unbundled == ["LE01Z"]
    changed = group("U014 Y012 Z011 Z012 Z013 U011", SPCDAYS="4")
    assert (changed.unbundled, changed.episodes[0].faults) == (["XD01Z"], [])


def test_error_categories_fail_the_record(group: Group) -> None:
    answer = group("M011 U016 Y012")
    assert (answer.hrg, answer.method, answer.unbundled, answer.grade) == ("UZ01Z", "U", ["UZ01Z"], "")
    assert answer.episodes[0].faults == [("OPER_02", "U016", "no procedure")]
    assert group("U014 U016 U011").unbundled == ["RD01A", "UZ01Z", "XD01Z"]


def test_messages_beside_unbundled_errors(group: Group) -> None:
    answer = group("U016 V011 Q999 U016", DIAG_02="D001")
    assert answer.unbundled == ["UZ01Z", "UZ01Z"]
    assert answer.episodes[0].faults == [
        ("OPER_03", "Q999", "procedure_invalid"),
        ("DIAG_01", "A000", "burn"),
        ("OPER_01", "U016", "no procedure"),
        ("OPER_04", "U016", "no procedure"),
    ]
    barred = group("Y011 X011 U016").episodes[0].faults
    assert barred == [("OPER_03", "U016", "no procedure")]


def test_failed_records_are_unbundled(group: Group) -> None:
    assert group("U014", SEX="").unbundled == ["RD01A"]
    # No age band takes an age that is not valid, and nothing is reported of the code.
    blank = group("U014 U011", STARTAGE="")
    assert (blank.unbundled, blank.episodes[0].faults) == (["XD01Z"], [("STARTAGE", "", "field_blank")])
    assert group("U014 Y012", STARTAGE="131").unbundled == ["RD02B"]


def test_a_failed_episode_fails_the_spell(tmp_path: Path) -> None:
    grouper = ReferenceGrouper(write_design(tmp_path))
    answer = grouper.group([episode(OPER_01="U014"), episode(EPIORDER="2", OPER_01="U016", DIAG_02="T000")])
    assert (answer.hrg, [part.hrg for part in answer.episodes]) == ("UZ01Z", ["AA01C", "UZ01Z"])
    assert answer.unbundled == ["RD01A", "UZ01Z"]


def test_each_episode_has_its_own_facts(tmp_path: Path) -> None:
    grouper = ReferenceGrouper(write_design(tmp_path))
    answer = grouper.group([episode(OPER_01="U015"), episode(EPIORDER="2", OPER_01="Y012", DIAG_02="T000", STARTAGE="41")])
    assert answer.unbundled == []
    answer = grouper.group([episode(OPER_01="U014"), episode(EPIORDER="2", OPER_01="Y012")])
    assert (answer.unbundled, answer.episodes[1].faults) == (["RD01A"], [("OPER_01", "Y012", "no procedure")])
