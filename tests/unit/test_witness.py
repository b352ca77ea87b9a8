"""The search for witnesses: each word of the condition language, rules in the way, and what cannot be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrgcore import Design, Grouper
from hrgcore.design import load_design
from hrgcore.evidence.witness import WITNESS_COLUMNS, core_roots, find_witnesses, write_witnesses

from .tiny import TABLES, changed, overlay, tiny_design

RULE = "stage,from,when,to,method,grade\n"
LISTS = """list,kind,codes,grade
rare,diagnosis,B002,authored
usual,diagnosis,A000 B002,authored
later,diagnosis,C000,authored
ailments,diagnosis,A00,authored
big,procedure,M012,authored
needles,procedure,P011,authored
places,procedure,Y011 M011,authored
scans,procedure,U01 M011,authored
pain,TRETSPEF,191,authored
elsewhere,DISDEST,98,authored
"""
CODES = {
    "list": LISTS,
    "procedure": TABLES["procedure"].replace("Y011,modifier", "Y011,site"),
    "score": "score,codes,kind,points,grade\nsum,C000 B000,diagnosis,2,authored\nwork,P011 M01,procedure,3,authored\n",
}


def design_with(folder: Path, *rules: str, **tables: str) -> Design:
    """The tiny design with other lists and with these rules only."""
    return load_design(tiny_design(folder, rule=RULE + "".join(f"{rule}\n" for rule in rules), **(CODES | tables)))


@pytest.mark.parametrize(
    "when",
    [
        "age 70+",
        "not age 0-60",
        "stay 3+",
        "not stay 0-40",
        "primary in rare",
        "secondary in rare and not primary in rare",
        "diagnosis in rare and not primary in usual",
        "diagnosis rare before later",
        "diagnosis usual before later and not secondary in rare",
        "dominant in big",
        "dominant in big and primary in rare and age 0-18 and stay 0",
        "procedure in needles and not procedure in big",
        "procedure in places and procedure in needles",
        "site in places",
        "site in places and procedure in needles and unbundled in scans",
        "unbundled in scans",
        "count big 3+",
        "count needles 2 and count big 0",
        "score sum 4+",
        "score work 3 and not score sum 0-1",
        "TRETSPEF in pain and DISDEST in elsewhere",
        "stay 900000+ or age 4",
    ],
)
def test_rules_of_procedures(tmp_path: Path, when: str) -> None:
    """The root to which only the rule leads has a witness."""
    reach = find_witnesses(design_with(tmp_path, f"procedure,PR01,{when},PR02,,authored"))
    assert reach.witnesses["PR02"].hrg == "PR02Z"
    assert reach.witnesses["PR02"].grade == "authored"
    assert reach.idle_rules == ()


@pytest.mark.parametrize(
    ("stage", "root", "when"),
    [
        ("diagnosis", "AA02", "interventions 1+"),
        ("diagnosis", "AA02", "age 0-18 and stay 0"),
        ("diagnosis", "AA01", "procedure in needles and interventions 1"),
        ("diagnosis", "AA02", "primary in later and secondary in ailments"),
        ("diagnosis", "AA01", "unbundled in scans and not secondary in usual"),
        ("diagnosis", "AA02", "score sum 4+ and stay 0"),
        ("diagnosis", "AA02", "score work 1+"),
        ("diagnosis", "AA02", "diagnosis in rare and not primary in usual"),
        ("route", "", "TRETSPEF in pain"),
        ("route", "", "not TRETSPEF in pain and score sum 2-3 and procedure in big"),
        ("route", "", "primary in rare and count big 2+ and age 80+"),
        ("route", "", "diagnosis later before rare and unbundled in scans"),
    ],
)
def test_rules_of_diagnoses_and_routes(tmp_path: Path, stage: str, root: str, when: str) -> None:
    method = "M" if stage == "route" else ""
    reach = find_witnesses(design_with(tmp_path, f"{stage},{root},{when},AA03,{method},authored"))
    assert reach.witnesses["AA03"].hrg == "AA03Z"
    assert reach.idle_rules == ()


@pytest.mark.parametrize(
    "rules",
    [
        ["procedure,PR01,not procedure in needles,PR02,,authored"],
        ["procedure,PR01,procedure in needles,PR02,,authored", "procedure,PR01,age 0-60 or stay 2+,PR02,,authored"],
        ["check,,diagnosis in ailments and not diagnosis in rare,UZ03,,authored", "procedure,PR01,age 1,PR02,,authored"],
        ["route,,not TRETSPEF in pain and not secondary in rare,AA03,G,authored", "procedure,PR01,count big 2,PR02,,authored"],
        ["procedure,PR01,age 0-18,PR02,,authored", "procedure,PR02,primary in rare,PR01,,authored"],
    ],
)
def test_rules_in_the_way(tmp_path: Path, rules: list[str]) -> None:
    """A record that a rule takes away from a root is changed until it stays there."""
    reach = find_witnesses(design_with(tmp_path, *rules))
    assert {"AA01", "AA02", "PR01", "PR02"} <= set(reach.witnesses)
    assert reach.idle_rules == ()


def test_rules_of_routed_records(tmp_path: Path) -> None:
    """A rule of stage `route` with a `from` changes the root of records that were routed, of no others."""
    rules = ["route,,diagnosis in rare,PR02,B,authored", "route,PR02,score sum 2,AA03,,authored"]
    reach = find_witnesses(design_with(tmp_path, *rules))
    assert {"PR02", "AA03"} <= set(reach.witnesses) and reach.idle_rules == ()
    assert "B002" in reach.witnesses["AA03"].episode.diagnoses


def test_scores_that_only_codes_of_the_same_list_give(tmp_path: Path) -> None:
    """A code that scores too much gives way to another one of the list that the condition asks for."""
    scores = "score,codes,kind,points,grade\nsum,A000 A001,diagnosis,3,authored\nsum,B002,diagnosis,2,authored\n"
    rule = "procedure,PR01,secondary in usual and score sum 2,PR02,,authored"
    reach = find_witnesses(design_with(tmp_path, rule, score=scores))
    assert "B002" in reach.witnesses["PR02"].episode.diagnoses


def test_chain_of_rules_through_a_helper(tmp_path: Path) -> None:
    hrgs = TABLES["hrg"] + "XX01,Between,helper,authored\n"
    procedures = CODES["procedure"].replace("5,PR01", "5,XX01")
    rules = ["procedure,XX01,site in places,PR02,,authored", "procedure,XX01,,PR01,,authored"]
    reach = find_witnesses(design_with(tmp_path, *rules, hrg=hrgs, procedure=procedures))
    assert {"PR01", "PR02"} <= set(reach.witnesses)


def test_what_cannot_be_reached(tmp_path: Path) -> None:
    reach = find_witnesses(design_with(tmp_path, "procedure,PR01,procedure in needles and count needles 0,PR02,,authored"))
    assert reach.unreachable == ("AA03", "PR02")
    assert [row.cells[2] for row in reach.idle_rules] == ["procedure in needles and count needles 0"]


def test_the_witness_is_on_the_strongest_way_and_small(tmp_path: Path) -> None:
    reach = find_witnesses(load_design(tiny_design(tmp_path)))
    assert reach.unreachable == () and reach.idle_rules == ()
    assert {root: found.grade for root, found in reach.witnesses.items()} == {
        "AA01": "label",
        "AA02": "label",
        "AA03": "authored",
        "PR01": "authored",
        "PR02": "authored",
    }
    assert len(reach.witnesses["AA01"].episode.diagnoses) == 1
    strong = load_design(
        tiny_design(tmp_path / "b", **changed("procedure", "M01,drives,5,PR01,authored", "M01,drives,5,PR01,label"))
    )
    assert find_witnesses(strong).witnesses["PR01"].grade == "authored"  # a procedure was weighed: table dominance


def test_core_roots_leave_out_other_kinds_and_the_error_group(tmp_path: Path) -> None:
    hrgs = TABLES["hrg"].replace("Data Invalid for Grouping,other", "Data Invalid for Grouping,core")
    hrgs = hrgs.replace("Disease,core", "Disease,other")
    splits = TABLES["split"] + "UZ01,UZ01Z,,,,,,label\n"
    assert core_roots(load_design(tiny_design(tmp_path, hrg=hrgs, split=splits))) == ("AA01", "AA02", "PR01", "PR02")


def test_overlays_and_the_same_every_time(tmp_path: Path) -> None:
    base = tiny_design(tmp_path)
    over = overlay(tmp_path, diagnosis="codes,root,child_root,rank,grade,child_grade\nA000,AA03,,1,authored,\n")
    design = load_design(over, find_base={"tiny": base}.__getitem__)
    first, second = find_witnesses(design), find_witnesses(design)
    assert first == second
    assert first.witnesses["AA03"].episode.diagnoses == ["A000"]


def test_every_witness_groups_to_its_root(grouper: Grouper) -> None:
    reach = find_witnesses(grouper.design)
    assert [*sorted({*reach.witnesses, *reach.unreachable})] == [*core_roots(grouper.design)]
    for root, found in reach.witnesses.items():
        result = grouper.group_spell([found.episode])
        assert (result.hrg, result.hrg[:4]) == (found.hrg, root)


def test_write(tmp_path: Path) -> None:
    reach = find_witnesses(design_with(tmp_path, "route,,TRETSPEF in pain,AA03,G,authored"))
    assert reach.witnesses["AA03"].fields == {"TRETSPEF": "191"}
    write_witnesses(tmp_path / "out.csv", list(reach.witnesses.values()))
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == ",".join(WITNESS_COLUMNS)
    assert lines[1].startswith("AA01,AA01B,50,5,,A000,")
    assert [line.split(",")[4] for line in lines[1:] if line.startswith("AA03")] == ["TRETSPEF=191"]
    assert [line[:4] for line in lines[1:]] == sorted(reach.witnesses)
