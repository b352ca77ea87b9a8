"""Tests of the reference grouper on small hand-made designs, by section of the logic."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hrgcore.testing.reference.grouper import ReferenceGrouper, SpellAnswer

from .small_design import episode, write_design

Group = Callable[..., SpellAnswer]


@pytest.fixture
def group(tmp_path: Path) -> Group:
    grouper = ReferenceGrouper(write_design(tmp_path))
    return lambda *episodes: grouper.group(list(episodes))


# Sections 1 and 2


def test_cleaning(group: Group) -> None:
    answer = group(episode(DIAG_01="\t a01. ", DIAG_02="b00.0", SEX="01", STARTAGE="040", EPIDUR="000", OPER_01=" h01.1 "))
    assert (answer.hrg, answer.episodes[0].faults, answer.primary_diagnosis) == ("PR01A", [], "A01X")
    faults = group(episode(SEX="x", STARTAGE="0000000001000", EPIDUR="4.0", ADMISORC="00")).episodes[0].faults
    assert [(f, c) for f, c, _ in faults] == [("ADMISORC", "0"), ("EPIDUR", "4.0"), ("SEX", "x"), ("STARTAGE", "1000")]
    assert group(episode(EPIORDER="1234567890")).episodes[0].faults == [("EPIORDER", "1234567890", "field_invalid")]


def test_faults_in_order_and_what_fails(group: Group) -> None:
    bad = episode(NEOCARE="7", CRITICALCAREDAYS="x", DIAG_03="Q99", OPER_02="q1.1", TRETSPEF="", EPIORDER="98")
    answer = group(bad)
    assert answer.episodes[0].faults == [
        ("CRITICALCAREDAYS", "x", "field_invalid"),
        ("DIAG_03", "Q99X", "diagnosis_invalid"),
        ("EPIORDER", "98", "episode_number"),
        ("NEOCARE", "7", "field_invalid"),
        ("OPER_02", "Q11", "procedure_invalid"),
        ("TRETSPEF", "", "field_blank"),
    ]
    assert (answer.hrg, answer.method, answer.stay, answer.grade) == ("UZ01Z", "U", 5, "")
    optional = group(episode(NEOCARE="7", CRITICALCAREDAYS="x", DIAG_03="Q99", OPER_02="q1.1"))
    assert (optional.hrg, optional.stay, len(optional.episodes[0].faults)) == ("AA01C", 5, 4)


@pytest.mark.parametrize(
    ("code", "age", "text"),
    [
        ("", "40", "primary_blank"), ("Q999", "40", "bad primary"), ("Z000", "4", "bad primary"),
        ("D000", "19", "age conflict"), ("D000", "18", None), ("D000", "999", "age conflict"), ("D001", "40", "burn"),
    ],
)  # fmt: skip
def test_primary_diagnosis(group: Group, code: str, age: str, text: str | None) -> None:
    answer = group(episode(DIAG_01=code, STARTAGE=age))
    assert answer.episodes[0].faults == ([("DIAG_01", code, text)] if text else [])
    assert answer.hrg == ("UZ01Z" if text else "PA01Z")


def test_check_rules_are_read_beside_other_faults_but_not_the_procedure_checks(group: Group) -> None:
    answer = group(episode(DIAG_02="D001", SEX="", OPER_01="Y011"))  # A5
    assert answer.episodes[0].faults == [("SEX", "", "field_blank"), ("DIAG_01", "A000", "burn")]
    assert group(episode(DIAG_01="Z000", DIAG_02="D001")).episodes[0].faults == [("DIAG_01", "Z000", "bad primary")]


# Section 3


def test_sorting(group: Group) -> None:
    answer = group(
        episode(EPIORDER=""), episode(EPIORDER="10"), episode(EPIORDER="9"), episode(EPIORDER="9", ADMIMETH="11"),
    )  # fmt: skip
    assert [e.source_index for e in answer.episodes] == [3, 2, 1, 0]
    assert answer.hrg == "UZ01Z"


def test_spell_checks(group: Group) -> None:
    answer = group(episode(SEX="2", STARTAGE="42"), episode(SEX="5", EPIORDER="2"), episode(EPIORDER="02"))
    every = [("SEX", "", "spell_sex"), ("STARTAGE", "", "spell_age")]
    same = ("EPIORDER", "", "duplicate_episode")
    assert [e.faults for e in answer.episodes] == [every, [*every, same], [("SEX", "5", "field_invalid"), *every, same]]
    assert answer.hrg == "UZ01Z"
    assert group(episode(STARTAGE="42", EPIDUR="360"), episode(EPIORDER="2")).hrg != "UZ01Z"
    refused = group(episode(EPIORDER="99"), episode(EPIORDER="99")).episodes[0].faults
    assert refused == [("EPIORDER", "99", "episode_number")]


@pytest.mark.parametrize("name", ["SEX", "CLASSPAT", "ADMISORC", "ADMIMETH"])
def test_constant_fields(group: Group, name: str) -> None:
    answer = group(episode(), episode(EPIORDER="2", **{name: ""}))
    for part in answer.episodes:
        assert (name, "", f"spell_{name.lower()}") in part.faults


# Section 5


def test_unbundling(group: Group) -> None:
    codes = {"OPER_01": "U012", "OPER_02": "U011", "OPER_04": "U012", "OPER_05": "U013"}
    answer = group(episode(REHABILITATIONDAYS="3", **codes))
    assert answer.unbundled == ["VC04Z*3", "XD01Z", "VC04Z*3"]
    assert (answer.hrg, answer.stay, answer.interventions) == ("AA01C", 2, 0)
    failed = group(episode(DIAG_01="", **codes))
    assert (failed.hrg, failed.unbundled) == ("UZ01Z", ["VC04Z", "XD01Z", "VC04Z"])


def test_dominance(group: Group) -> None:
    short = group(episode(EPIDUR="4", CRITICALCAREDAYS="3", OPER_01="M012", OPER_02="M011"))
    assert (short.hrg, short.method, short.dominant_procedure) == ("PR03Z", "P", "M012")  # A11
    assert short.interventions == 0
    long = group(episode(OPER_01="M012", OPER_02="M012"))
    assert (long.hrg, long.method, long.dominant_procedure, long.interventions) == ("AA01C", "D", "", 1)
    assert group(episode(OPER_01="M012", OPER_02="I011", OPER_03="Y011")).hrg == "AA01A"  # A13
    assert group(episode(OPER_01="V011", OPER_02="H011", STARTAGE="18")).hrg == "PR01B"
    assert group(episode(REHABILITATIONDAYS="1", SPCDAYS="2")).stay == 2
    assert group(episode(EPIDUR="2", CRITICALCAREDAYS="9")).episodes[0].calc_epidur == "0"


def test_vague_and_missing_procedures(group: Group) -> None:
    vague = group(episode(OPER_01="M011", OPER_02="V011"))
    assert vague.episodes[0].faults == [("OPER_02", "V011", "vague procedure")]
    nothing = group(episode(OPER_02="Y011", OPER_03="X011"))
    assert nothing.episodes[0].faults == [("OPER_02", "Y011", "no procedure")]
    assert group(episode(OPER_01="Y011", OPER_02="N011")).hrg == "AA01C"  # A12
    assert vague.hrg == nothing.hrg == "UZ01Z"


def test_rules(group: Group) -> None:
    routed = group(episode(TRETSPEF="191", OPER_01="V011"))
    assert (routed.hrg, routed.method, routed.dominant_procedure) == ("RT01Z", "G", "")
    as_procedure = group(episode(NEOCARE="1", OPER_01="H011"))
    assert (as_procedure.hrg, as_procedure.method, as_procedure.interventions) == ("RT01Z", "P", 0)
    mild = episode(EPIDUR="0", DIAG_02="C000", OPER_01="M011")
    assert group(mild).hrg == "PR04Z"
    assert group({**mild, "OPER_02": "M011"}).hrg == "PR05Z"
    assert group({**mild, "OPER_02": "M011", "STARTAGE": "1"}).hrg == "PR04Z"
    assert group({**mild, "OPER_02": "U013"}).hrg == "PR04Z"
    assert group(episode(DIAG_01="A01", OPER_01="I011")).hrg == "AA05Z"


def test_split_rows_with_a_condition_come_first(group: Group) -> None:
    assert group(episode(DIAG_01="T000", EPIDUR="1", DISDEST="19")).hrg == "AA03A"
    assert group(episode(DIAG_01="T000", EPIDUR="2", DISDEST="19")).hrg == "AA03B"


def test_no_split(tmp_path: Path) -> None:
    grouper = ReferenceGrouper(write_design(tmp_path, split="root,hrg,age,stay,interventions,cc,when,grade"))
    answer = grouper.group([episode()])
    assert (answer.hrg, answer.episodes[0].faults) == ("UZ01Z", [("DIAG_01", "A000", "no_split")])


# Section 6


def test_cc_score(group: Group) -> None:
    assert group(episode(DIAG_02="B000", DIAG_03="B000")).cc_score == 2
    assert group(episode(DIAG_02="B000", DIAG_03="B001")).hrg == "AA01B"
    assert group(episode(DIAG_01="A001", DIAG_02="A001")).cc_score == 0  # A14
    assert group(episode(DIAG_01="C000", DIAG_02="B000", DIAG_03="A01X")).cc_score == 1  # A15
    assert group(episode(DIAG_02="B002", STARTAGE="3")).cc_score == 0  # PA01 has no CC band


@pytest.mark.parametrize(
    ("codes", "score"), [("B000 B001", 2), ("B001 B002", 3), ("B000 B001 B002", 3), ("B000", 2), ("B000 C000", 2)]
)
def test_cc_families(tmp_path: Path, codes: str, score: int) -> None:
    text = "family,level,codes,grade\nheart,general,B000-B001,authored\nheart,specific,B002 C000,authored"
    grouper = ReferenceGrouper(write_design(tmp_path, cc_family=text))
    cells = {f"DIAG_{n:02}": code for n, code in enumerate(codes.split(), 2)}
    assert grouper.group([episode(**cells)]).cc_score == score  # A16


# Section 7


def test_spell_from_diagnoses(group: Group) -> None:
    first = episode(DIAG_02="B000", CRITICALCAREDAYS="2")
    second = episode(EPIORDER="2", DIAG_01="A01", DIAG_02="B001", OPER_01="I011", DISDEST="19", STARTAGE="41")
    answer = group(first, second, episode(EPIORDER="3", DIAG_01="A01X"))
    assert (answer.hrg, answer.method, answer.stay, answer.critical_care_days) == ("AA05Z", "D", 13, 2)
    assert (answer.primary_diagnosis, answer.secondary_diagnosis, answer.episode_count) == ("A01X", "B001", 3)
    assert [e.report_flag for e in answer.episodes] == [0, 1, 0]  # A18
    pooled = group(first, episode(EPIORDER="2", DIAG_01="B001"))
    assert (pooled.hrg, pooled.cc_score, pooled.secondary_diagnosis) == ("AA01B", 3, "B000")


def test_spell_from_procedures(group: Group) -> None:
    first = episode(DIAG_01="A01", OPER_01="X011", OPER_02="N011", STARTAGE="18")
    answer = group(first, episode(EPIORDER="2", OPER_01="H011", STARTAGE="19"))
    assert (answer.hrg, answer.dominant_procedure, answer.primary_diagnosis) == ("PR01B", "H011", "A000")  # A17, A19
    assert [e.report_flag for e in answer.episodes] == [0, 1]
    short = episode(EPIDUR="1", OPER_01="M011")
    both = group(short, {**short, "EPIORDER": "2"})
    assert ([e.hrg for e in both.episodes], both.hrg) == (["PR02Z", "PR02Z"], "AA01C")


def test_first_last_and_leading_fields(group: Group) -> None:
    part = episode(DIAG_01="A01X", OPER_01="I011")
    assert group(part, {**part, "EPIORDER": "2", "DISMETH": "1"}).hrg == "AA03B"
    assert group({**part, "DISMETH": "1"}, {**part, "EPIORDER": "2"}).hrg == "AA05Z"
    part = episode(DIAG_01="T000", EPIDUR="0")
    home = {**part, "EPIORDER": "2", "DISDEST": "19"}
    assert group(part, home).hrg == "AA03A"
    assert group({**part, "DISDEST": "19"}, {**part, "EPIORDER": "2"}).hrg == "AA03B"
    assert group(part, {**home, "TRETSPEF": "191"}).hrg == "AA03A"
    assert group(part, {**home, "TRETSPEF": "191", "DIAG_01": "A01X"}).hrg == "RT01Z"


def test_invalid_spells(group: Group) -> None:
    answer = group(episode(OPER_01="H011"), episode(EPIORDER="2", EPIDUR="", OPER_01="U011"))
    assert (answer.hrg, answer.method, answer.stay, answer.unbundled) == ("UZ01Z", "U", 5, ["XD01Z"])
    assert (answer.dominant_procedure, answer.primary_diagnosis, answer.secondary_diagnosis) == ("", "", "")
    assert [(e.hrg, e.report_flag, e.calc_epidur) for e in answer.episodes] == [("PR01A", 0, "5"), ("UZ01Z", 0, "")]
    # Pain episode routed at its own level; at spell level the vague procedure dominates.
    vague = group(episode(DIAG_01="A01X"), episode(EPIORDER="2", TRETSPEF="191", OPER_03="V011"))
    assert (vague.hrg, [e.hrg for e in vague.episodes]) == ("UZ01Z", ["AA02Z", "RT01Z"])
    assert vague.episodes[1].faults == [("OPER_03", "V011", "vague procedure")]
    assert [e.report_flag for e in vague.episodes] == [0, 0]


def test_spell_errors_and_checks_of_its_own(group: Group) -> None:
    # UZ05 is not asked at spell level.
    routed = episode(TRETSPEF="191", OPER_01="Y011")
    assert group(routed, episode(EPIORDER="2", DIAG_01="A01X")).hrg == "AA02Z"
    # At the age of the first episode the primary diagnosis of the second is an error.
    answer = group(episode(STARTAGE="19"), episode(EPIORDER="2", STARTAGE="18", DIAG_01="D000"))
    assert (answer.hrg, [e.hrg for e in answer.episodes]) == ("UZ01Z", ["AA01C", "PA01Z"])
    assert [e.faults for e in answer.episodes] == [[], [("DIAG_01", "D000", "age conflict")]]


# Section 8


def test_grades(group: Group) -> None:
    assert group(episode()).grade == "label"
    assert group(episode(OPER_01="M011")).grade == "probed"  # weighed, not dominant
    assert group(episode(DIAG_02="B001")).grade == "probed"
    assert group(episode(DIAG_02="B002")).grade == "authored"
    assert group(episode(OPER_01="H011", DIAG_02="B002")).grade == "probed"
    assert group(episode(DIAG_01="A01", OPER_01="I011")).grade == "authored"
    assert group(episode(DIAG_01="A01")).grade == "label"  # a rule that changes nothing
    assert group(episode(STARTAGE="18")).grade == "label"
