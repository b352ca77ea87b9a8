"""Tests of the unbundled HRG of a record as a whole: rules of stage `unbundled` without a `from`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hrgcore.testing.reference.attendances import group_records
from hrgcore.testing.reference.conditions import parse
from hrgcore.testing.reference.derivation import Derivation
from hrgcore.testing.reference.grouper import ReferenceGrouper, SpellAnswer
from hrgcore.testing.reference.records import Fault
from hrgcore.testing.reference.tables import Design, DesignError

from .small_design import episode, write_design

Group = Callable[..., SpellAnswer]

TABLES = {
    "list_unbundled": """list,kind,codes,grade
woman,SEX,2,label
planned,ADMIMETH,11,label
day,CLASSPAT,2,label
team_lead,MAINSPEF,100,label""",
    "rule_unbundled": """stage,from,when,to,method,grade
unbundled,SD01 RD02,SEX in woman,SD02,,label
unbundled,,EPIDUR 3-4 and SPCDAYS 1+,SD01,palliative,label
unbundled,,not EPIDUR 0+ and FIRSTATT in phone,SD02,palliative,label
unbundled,,ADMIMETH in planned or CLASSPAT in day,SD02,rehabilitation,label
unbundled,,with contrast 1+ or with parts 1+,SD02,,label
unbundled,,count many 2+ and score sum 5+ or diagnosis burnlike before extent,SD03,,label
unbundled,,procedure in nose or unbundled in second,SD01,,label
unbundled,SD03,REHABILITATIONDAYS 2+ or CRITICALCAREDAYS 2 or EPIORDER 7,SD02,,label
unbundled,,MAINSPEF in team_lead and EPIORDER 0+,SD02,,label""",
    "split_unbundled": """root,hrg,age,stay,interventions,cc,when,grade
SD01,SD01A,19+,,,,,label
SD01,SD01B,0-18,,,,,label
SD02,SD02B,,1+,,,,label
SD02,SD02A,,0,,,,label
SD02,SD02C,,,,,with parts 1+,label""",
}


@pytest.fixture
def group(tmp_path: Path) -> Group:
    grouper = ReferenceGrouper(write_design(tmp_path, **TABLES))

    def group(procedures: str = "", **cells: str) -> SpellAnswer:
        codes = {f"OPER_{n:02}": code for n, code in enumerate(procedures.split(), 1)}
        return grouper.group([episode(**codes, **cells)])

    return group


def test_the_first_rule_gives_the_root(group: Group) -> None:
    assert group().unbundled == []
    assert group(ADMIMETH="11").unbundled == group(CLASSPAT="2").unbundled == ["SD02B"]
    assert group(ADMIMETH="11", EPIDUR="0").unbundled == ["SD02A"]
    assert group(ADMIMETH="11", EPIDUR="4", SPCDAYS="1").unbundled == ["SD01A*1"]
    assert group("N011").unbundled == group("N011 U013").unbundled == ["SD01A"]


def test_it_comes_before_those_of_the_codes(group: Group) -> None:
    answer = group("U011 U017", ADMIMETH="11")
    assert (answer.hrg, answer.unbundled, answer.grade) == ("AA01C", ["SD02B", "XD01Z", "RD01A"], "label")
    assert group("U011 U017").unbundled == ["SD01A", "XD01Z", "RD01A"]


def test_days_multiply_it(group: Group) -> None:
    assert group(ADMIMETH="11", REHABILITATIONDAYS="3", SPCDAYS="1").unbundled == ["SD02B*3"]
    assert group(ADMIMETH="11", REHABILITATIONDAYS="x").unbundled == ["SD02B"]
    # The multiplier of the rule, whatever changes the root.
    assert group(EPIDUR="4", SPCDAYS="2", SEX="2").unbundled == ["SD02B*2"]


def test_rules_with_a_source_have_the_same_words(group: Group) -> None:
    assert [group("U014 Y012", SEX=sex).unbundled for sex in ("1", "2")] == [["RD02B"], ["SD02B"]]
    helper = {"DIAG_01": "C000", "DIAG_02": "T000"}
    assert group(**helper, EPIORDER="7").unbundled == ["SD02B"]
    assert group(**helper, CRITICALCAREDAYS="2").unbundled == group(**helper, REHABILITATIONDAYS="2").unbundled == ["SD02B"]
    answer = group(**helper)
    assert (answer.unbundled, answer.episodes[0].faults) == ([], [])


def test_scores_counts_and_order(group: Group) -> None:
    assert group("M011 M011", EPIORDER="7").unbundled == ["SD02B"]
    assert group("M011 M012", EPIORDER="7").unbundled == group("M011 M011", EPIORDER="7", DIAG_01="B000").unbundled == []
    assert group(DIAG_01="T000", DIAG_02="C000", EPIORDER="7").unbundled == []


def test_the_record_has_no_attributes(group: Group) -> None:
    assert group("I011 Y012 Z011").unbundled == []
    assert group("Y012 Z011 N011", ADMIMETH="11").unbundled == ["SD02B"]
    assert group("U014 Y012 Z011", SEX="2", ADMIMETH="11").unbundled == ["SD02B", "SD02C"]


def test_failed_records(group: Group) -> None:
    assert group(ADMIMETH="11", SEX="").unbundled == ["SD02B"]
    assert group("U016 V011", ADMIMETH="11").unbundled == ["SD02B", "UZ01Z"]
    age: list[Fault] = [("STARTAGE", "", "field_blank")]
    banded, plain = group(EPIDUR="4", SPCDAYS="1", STARTAGE=""), group(ADMIMETH="11", STARTAGE="")
    assert (banded.unbundled, banded.episodes[0].faults) == ([], age)
    assert (plain.unbundled, plain.episodes[0].faults) == (["SD02B"], age)
    assert group(ADMIMETH="11", EPIDUR="").unbundled == []  # each row has a band of the stay


def test_each_episode_on_its_own(tmp_path: Path) -> None:
    grouper = ReferenceGrouper(write_design(tmp_path, **TABLES))
    first, second = episode(EPIDUR="4", SPCDAYS="1"), episode(EPIORDER="2", EPIDUR="3", OPER_01="U011")
    answer = grouper.group([first, {**second, "SPCDAYS": "2"}])
    assert answer.unbundled == ["SD01A*1", "SD01A*2", "XD01Z"]
    assert [part.unbundled for part in grouper.group([second, first]).episodes] == [["SD01A*1"], ["XD01Z"]]


def test_outpatients(tmp_path: Path) -> None:
    design = Design(write_design(tmp_path, **TABLES))
    base = {"STARTAGE": "40", "SEX": "1", "MAINSPEF": "100", "TRETSPEF": "100", "FIRSTATT": "1", "EPIORDER": "1", "SPCDAYS": "4"}

    def unbundled(*codes: str, **cells: str) -> list[str]:
        return group_records(design, "NAC", [{**base, **cells, "OPER": codes}])[0].unbundled

    assert unbundled() == []  # numbers of an episode are not known
    assert unbundled(FIRSTATT="4") == unbundled(FIRSTATT="4", SEX="") == ["SD02A"]
    assert unbundled("U011", "N011", STARTAGE="18") == ["SD01B", "XD01Z"]
    assert unbundled("N011", SEX="2") == ["SD02A"]
    assert unbundled("N011", STARTAGE="") == []


def test_words(tmp_path: Path) -> None:
    design = Design(write_design(tmp_path, **TABLES))
    for text in ("SEX in woman", "ADMIMETH in planned", "CLASSPAT in day", "MAINSPEF in team_lead"):
        assert parse(text, "unbundled", design)
        for stage in ("check", "route", "procedure", "diagnosis", "split", "NAC"):
            with pytest.raises(DesignError):
                parse(text, stage, design)


@pytest.mark.parametrize("rule", ["unbundled,,,UZ06,,label", "unbundled,RD01,age 5,UZ06,,label", "unbundled,,,SD01,P,label"])
def test_refused_rules(tmp_path: Path, rule: str) -> None:
    design = Design(write_design(tmp_path, rule_x=f"stage,from,when,to,method,grade\n{rule}"))
    with pytest.raises(DesignError):
        Derivation(design)
