"""Why records move: designs with a single difference, and the reason and table rows that it must give."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from unit.tiny import TABLES, changed, overlay, tiny_design

from hrgcore import compare
from hrgcore.comparison.reasons import Reason
from hrgcore.design import load_design
from hrgcore.plugins import host

from .comparisons import Cells, compared, episode, moved, table, two_designs

EXAMPLES = Path(__file__).parents[2] / "examples"


def more(name: str, *rows: str, base: Mapping[str, str] = TABLES) -> dict[str, str]:
    """A table with rows added."""
    return {name: base[name] + "".join(row + "\n" for row in rows)}


def without(name: str, *starts: str, base: Mapping[str, str] = TABLES) -> dict[str, str]:
    """A table without the rows that start so."""
    lines = base[name].splitlines(keepends=True)
    assert all(any(line.startswith(start) for line in lines) for start in starts)
    return {name: "".join(line for line in lines if not line.startswith(starts))}


class Difference(NamedTuple):
    """The tables of the later design, a spell, its HRGs, and the reason with the rows of both designs, or None."""

    name: str
    after: Mapping[str, str]
    spell: Any
    hrgs: tuple[str, str]
    reason: Reason
    rows: tuple[str | None, str | None]  # how the rows begin, after their place
    before: Mapping[str, str] = {}
    detail: str = ""


RETIRED_PR01 = {
    **without("hrg", "PR01A", "PR01B"),
    **without("split", "PR01"),
    **changed("procedure", "M01,drives,5,PR01", "M01,drives,5,PR02"),
    **without("rule", "procedure,PR01"),
}
THIRD = {**more("hrg", "AA04Z,Sickness,core,label"), **more("split", "AA04,AA04Z,,,,,,label")}
SITES = {
    **changed("procedure", "Y011,modifier,", "Y011,site,"),
    **changed("list", "big,procedure,M012", "big,procedure,Y011"),
    **changed("rule", "procedure in big and stay 3+", "site in big"),
}
PRESENT_BIG = changed("rule", "procedure in big and stay 3+", "unbundled in big")
WITH_INTERVENTIONS = {
    "split": TABLES["split"].replace("AA01,AA01A,,,,3+,", "AA01,AA01A,,,1+,,").replace("AA01,AA01B,,,,0-2,", "AA01,AA01B,,,0,,")
}
MILD_ONLY = {"cc_family": "family,level,codes,grade\nmild,general,B001,authored\n"}
LONG = episode("A000", "M012", EPIDUR="4")

DIFFERENCES = [
    Difference(
        "retired root",
        RETIRED_PR01,
        episode("A000", "M011"),
        ("PR01A", "PR02Z"),
        Reason.RETIRED,
        ("M01,drives,5,PR01", "M01,drives,5,PR02"),
        detail="another root: procedure M011 leads to PR01 in one, to PR02 in two",
    ),
    Difference(
        "new root",
        {
            **THIRD,
            **changed("diagnosis", "A01 B00 C000,AA02", "A01 B00 C000,AA04"),
            **changed("rule", "diagnosis,AA02", "diagnosis,AA04"),
        },
        episode("B000"),
        ("AA02Z", "AA04Z"),
        Reason.NEW,
        ("A01 B00 C000,AA02", "A01 B00 C000,AA04"),
        detail="another root: diagnosis B000 leads to AA02 in one, to AA04 in two",
    ),
    Difference(
        "another root of a diagnosis",
        {"diagnosis": TABLES["diagnosis"].replace("A01 B00 C000,AA02", "A01 B00 C000,AA03")},
        episode("B000"),
        ("AA02Z", "AA03Z"),
        Reason.ANOTHER_ROOT,
        ("A01 B00 C000,AA02", "A01 B00 C000,AA03"),
    ),
    Difference(
        "another root of children",
        changed("diagnosis", "A01 B00 C000,AA02,,1,label,", "A01 B00 C000,AA02,AA03,1,label,label"),
        episode("B000", STARTAGE="7"),
        ("AA02Z", "AA03Z"),
        Reason.ANOTHER_ROOT,
        ("A01 B00 C000,AA02,,", "A01 B00 C000,AA02,AA03,"),
    ),
    Difference(
        "another root of a procedure",
        changed("procedure", "M01,drives,5,PR01", "M01,drives,5,PR02"),
        episode("A000", "M011"),
        ("PR01A", "PR02Z"),
        Reason.ANOTHER_ROOT,
        ("M01,drives,5,PR01", "M01,drives,5,PR02"),
    ),
    Difference(
        "rank",
        changed("procedure", "M01,drives,5,PR01,authored", "M011,drives,5,PR01,authored\nM012,drives,7,PR02,authored"),
        episode("A000", "M011 M012"),
        ("PR01A", "PR02Z"),
        Reason.RANK,
        ("M01,drives,5", "M012,drives,7"),
    ),
    Difference(
        "role",
        changed("procedure", "M01,drives,5,PR01,authored", "M01,intervention,,,authored"),
        episode("A000", "M011"),
        ("PR01A", "AA01B"),
        Reason.RANK,
        ("M01,drives,5", "M01,intervention"),
    ),
    Difference(
        "dominance",
        changed("dominance", "2+,2", "2+,6"),
        episode("A000", "M011"),
        ("PR01A", "AA01B"),
        Reason.DOMINANCE,
        ("2+,2,", "2+,6,"),
    ),
    Difference(
        "unbundled",
        {
            **changed("procedure", "M01,drives,5,PR01,authored", "M011,unbundled,,,authored\nM012,drives,5,PR01,authored"),
            **more("unbundled", "M011,XD01,,label"),
        },
        episode("A000", "M011"),
        ("PR01A", "AA01B"),
        Reason.UNBUNDLED,
        ("M01,drives,5", "M011,XD01"),
    ),
    Difference(
        "unbundled in a condition",
        {
            **PRESENT_BIG,
            **changed("procedure", "P011,intervention", "P011,unbundled"),
            **changed("list", "big,procedure,M012", "big,procedure,P011"),
        },
        episode("A000", "M011 P011"),
        ("PR01A", "PR02Z"),
        Reason.UNBUNDLED,
        ("P011,intervention", "P011,unbundled"),
        before={**PRESENT_BIG, **changed("list", "big,procedure,M012", "big,procedure,P011")},
    ),
    Difference("rule gone", without("rule", "procedure,PR01"), LONG, ("PR02Z", "PR01A"), Reason.RULE, ("procedure,PR01", None)),
    Difference(
        "rule changed",
        changed("rule", "stay 3+", "stay 9+"),
        LONG,
        ("PR02Z", "PR01A"),
        Reason.RULE,
        ("procedure,PR01,procedure in big and stay 3+", "procedure,PR01,procedure in big and stay 9+"),
    ),
    Difference(
        "route gone",
        without("rule", "route,"),
        episode("A000", TRETSPEF="191"),
        ("AA03Z", "AA01B"),
        Reason.RULE,
        ("route,,TRETSPEF in pain", None),
    ),
    Difference(
        "list of procedures",
        changed("list", "big,procedure,M012", "big,procedure,M011"),
        LONG,
        ("PR02Z", "PR01A"),
        Reason.LIST,
        ("big,procedure,M012", "big,procedure,M011"),
    ),
    Difference(
        "list of values",
        changed("list", "pain,TRETSPEF,191", "pain,TRETSPEF,100"),
        episode("A000", TRETSPEF="191"),
        ("AA03Z", "AA01B"),
        Reason.LIST,
        ("pain,TRETSPEF,191", "pain,TRETSPEF,100"),
    ),
    Difference(
        "score",
        changed("score", "sum,C000,diagnosis,2", "sum,C000,diagnosis,1"),
        episode("B000 C000"),
        ("AA03Z", "AA02Z"),
        Reason.LIST,
        ("sum,C000,diagnosis,2", "sum,C000,diagnosis,1"),
    ),
    Difference(
        "role of a site",
        {**SITES, **changed("procedure", "Y011,modifier,", "Y011,modifier,")},
        episode("A000", "M011 Y011"),
        ("PR02Z", "PR01A"),
        Reason.RANK,
        ("Y011,site", "Y011,modifier"),
        before=SITES,
    ),
    Difference(
        "split changed",
        changed("split", "PR01,PR01A,19+,,,,,label\nPR01,PR01B,0-18", "PR01,PR01A,65+,,,,,label\nPR01,PR01B,0-64"),
        episode("A000", "M011"),
        ("PR01A", "PR01B"),
        Reason.SPLIT,
        ("PR01,PR01A,19+", "PR01,PR01B,0-64"),
    ),
    Difference(
        "split by score given up",
        {
            **changed(
                "split",
                "AA01,AA01A,,,,3+,,label\nAA01,AA01B,,,,0-2,,label",
                "AA01,AA01A,19+,,,,,label\nAA01,AA01B,0-18,,,,,label",
            )
        },
        episode("A000"),
        ("AA01B", "AA01A"),
        Reason.SPLIT,
        ("AA01,AA01B,,,,0-2", "AA01,AA01A,19+"),
    ),
    Difference(
        "list of a split",
        changed("list", "big,procedure,M012", "big,procedure,M011"),
        episode("A000", "M011"),
        ("PR01B", "PR01A"),
        Reason.LIST,
        ("big,procedure,M012", "big,procedure,M011"),
        before=(
            BY_LIST := {
                "split": TABLES["split"]
                .replace("PR01,PR01A,19+,,,,,label", "PR01,PR01A,,,,,procedure in big,label")
                .replace("PR01,PR01B,0-18", "PR01,PR01B,")
            }
        ),
    ),
    Difference(
        "points",
        changed("cc", "B000,AA,3", "B000,AA,1"),
        episode("A000 B000"),
        ("AA01A", "AA01B"),
        Reason.CC,
        ("B000,AA,3", "B000,AA,1"),
    ),
    Difference("CC row gone", without("cc", "B000"), episode("A000 B000"), ("AA01A", "AA01B"), Reason.CC, ("B000,AA,3", None)),
    Difference(
        "exclusion",
        changed("cc_exclusion", "A001,B000", "A00,B000"),
        episode("A000 B000"),
        ("AA01A", "AA01B"),
        Reason.CC,
        (None, "A00,B000"),
    ),
    Difference(
        "family",
        {**MILD_ONLY, **changed("cc", "B000,AA,3", "B000,AA,2")},
        episode("A000 B000 B001"),
        ("AA01B", "AA01A"),
        Reason.CC,
        ("mild,general,B001", "mild,general,B001"),
        before=changed("cc", "B000,AA,3", "B000,AA,2"),
    ),
    Difference(
        "interventions",
        changed("procedure", "P011,intervention", "P011,ignored"),
        episode("A000", "P011"),
        ("AA01A", "AA01B"),
        Reason.INTERVENTIONS,
        ("P011,intervention", "P011,ignored"),
        before=WITH_INTERVENTIONS,
    ),
    Difference(
        "leading episode",
        changed("diagnosis", "A01 B00 C000,AA02,,1", "A01 B00 C000,AA02,,3"),
        [episode("A000"), episode("B000")],
        ("AA01A", "AA02Z"),
        Reason.LEAD,
        ("A01 B00 C000,AA02,,1", "A01 B00 C000,AA02,,3"),
    ),
    Difference(
        "a check",
        changed("list", "sorted,diagnosis,B002", "sorted,diagnosis,B001"),
        episode("A000 B001"),
        ("AA01B", "UZ01Z"),
        Reason.VALIDATION,
        ("sorted,diagnosis,B002", "sorted,diagnosis,B001"),
        detail="code list: B001 is on list sorted in two only",
    ),
    Difference(
        "error category",
        changed("diagnosis", "A01 B00 C000,AA02", "A01 C000,AA02,,1,label,\nB00,UZ01"),
        episode("B000"),
        ("AA02Z", "UZ01Z"),
        Reason.VALIDATION,
        ("A01 B00 C000,AA02", "B00,UZ01"),
    ),
    Difference(
        "accepted values",
        changed("field", "APC,STARTAGE,yes,number,0-130 999", "APC,STARTAGE,yes,number,0-30 999"),
        episode("A000"),
        ("AA01B", "UZ01Z"),
        Reason.VALIDATION,
        ("APC,STARTAGE,yes,number,0-130", "APC,STARTAGE,yes,number,0-30"),
    ),
    Difference(
        "vague procedure",
        changed("procedure", "M01,drives,5,PR01,authored", "M01,vague,5,,authored"),
        episode("A000", "M011"),
        ("PR01A", "UZ01Z"),
        Reason.VALIDATION,
        ("M01,drives,5", "M01,vague,5"),
    ),
]


@pytest.mark.parametrize("one", DIFFERENCES, ids=lambda one: one.name)
def test_a_single_difference(one: Difference, tmp_path: Path) -> None:
    """Its reason is found with the rows of both designs; turned round it is found too, with the rows exchanged."""
    before = {**one.before}
    after = {**before, **one.after}
    designs = two_designs(tmp_path, before, after)
    spells = table(one.spell, episode("A000"))
    (row,) = [row for row in moved(compare(spells, designs)) if row["row"] == 0]
    assert (row["from_hrg"], row["to_hrg"]) == one.hrgs
    assert (row["reason"], row["detail"]) == (one.reason, one.detail)
    assert row["text"] and row["step"]
    _rows_begin(one.rows, (row["row_from"], row["row_to"]))

    (back,) = [row for row in moved(compare(spells, designs[::-1])) if row["row"] == 0]
    exchanged = {Reason.RETIRED: Reason.NEW, Reason.NEW: Reason.RETIRED}
    assert back["reason"] == exchanged.get(one.reason, one.reason)
    _rows_begin(one.rows[::-1], (back["row_from"], back["row_to"]))


def _rows_begin(expected: tuple[str | None, str | None], found: tuple[str, str]) -> None:
    for start, row in zip(expected, found, strict=True):
        if start is None:
            assert row == ""
        else:
            assert row.partition(": ")[2].startswith(start), (start, row)


class Code(NamedTuple):
    """A code that comes into force, tables that speak of it, a spell with it, and its HRGs."""

    name: str
    table: str
    code: str
    rows: Mapping[str, str]
    spell: Any
    hrgs: tuple[str, str]


CODES = [
    Code(
        "dominant procedure",
        "opcs4",
        "M099",
        more("procedure", "M099,drives,8,PR02,authored"),
        episode("A000", "M099"),
        ("AA01B", "PR02Z"),
    ),
    Code(
        "dominant procedure of two",
        "opcs4",
        "M099",
        more("procedure", "M099,drives,8,PR02,authored"),
        episode("A000", "M011 M099"),
        ("PR01A", "PR02Z"),
    ),
    Code("primary diagnosis", "icd10", "A029", more("diagnosis", "A029,AA03,,1,label,"), episode("A029"), ("UZ01Z", "AA03Z")),
    Code("CC list", "icd10", "B009", more("cc", "B009,AA,4,authored"), episode("A000 B009"), ("AA01B", "AA01A")),
    Code(
        "list of a rule",
        "opcs4",
        "Y099",
        {**more("procedure", "Y099,modifier,,,authored"), **changed("list", "big,procedure,M012", "big,procedure,M012 Y099")},
        episode("A000", "M011 Y099", EPIDUR="3"),
        ("PR01A", "PR02Z"),
    ),
    Code(
        "procedure that cannot stand alone",
        "opcs4",
        "Y099",
        more("procedure", "Y099,barred,,,authored"),
        episode("A000", "Y099"),
        ("AA01B", "UZ01Z"),
    ),
]


@pytest.mark.parametrize("one", CODES, ids=lambda one: one.name)
def test_a_code_that_comes_into_force(one: Code, tmp_path: Path) -> None:
    designs = two_designs(tmp_path, {}, {**more(one.table, one.code), **one.rows})
    for order in (designs, designs[::-1]):
        (row,) = moved(compare(table(one.spell), order))
        hrgs = one.hrgs if order is designs else one.hrgs[::-1]
        assert (row["from_hrg"], row["to_hrg"], row["reason"]) == (*hrgs, Reason.CODE)
        kind = "procedure" if one.table == "opcs4" else "diagnosis"
        assert row["text"] == f"{kind} {one.code} is not in force in one"
        known, unknown = (row["row_to"], row["row_from"]) if order is designs else (row["row_from"], row["row_to"])
        assert one.code in known and not unknown


def test_a_code_without_effect_is_no_reason(tmp_path: Path) -> None:
    """A code that only one design knows, and other words of the traces, do not matter where something else decided."""
    after = {
        **more("opcs4", "Y099"),
        **more("procedure", "Y099,modifier,,,authored", base=changed("procedure", "P011,intervention", "P011,modifier")),
        **changed("split", "PR01,PR01A,19+,,,,,label\nPR01,PR01B,0-18", "PR01,PR01A,65+,,,,,label\nPR01,PR01B,0-64"),
    }
    found = compared(tmp_path, [episode("A000", "Y099 P011 M011")], after=after)
    assert [row["reason"] for row in moved(found)] == [Reason.SPLIT]


def test_the_code_goes_before_the_retired_root(tmp_path: Path) -> None:
    after = {**RETIRED_PR01, **more("opcs4", "M099"), **more("procedure", "M099,drives,8,PR02,authored", base=RETIRED_PR01)}
    found = compared(tmp_path, [episode("A000", "M011 M099"), episode("A000", "M011")], after=after)
    assert [row["reason"] for row in moved(found)] == [Reason.CODE, Reason.RETIRED]


def test_ways_that_meet_again_are_told_by_what_comes_after(tmp_path: Path) -> None:
    """Another dominant procedure does not decide, if rules lead both to one root and only then apart."""
    both = {
        **changed("procedure", "M01,drives,5,PR01,authored", "M011,drives,5,PR02,authored\nM012,drives,6,PR01,authored"),
        **changed("rule", "procedure,PR01,procedure in big and stay 3+,PR02", "procedure,PR02,,PR01"),
    }
    after = {
        **changed("procedure", "M01,drives,5,PR01,authored", "M011,drives,7,PR02,authored\nM012,drives,6,PR01,authored"),
        "rule": both["rule"] + "procedure,PR01,age 19+,AA03,,authored\n",
    }
    found = compared(tmp_path, [episode("A000", "M011 M012")], after=after, **both)
    (row,) = moved(found)
    assert (row["from_hrg"], row["to_hrg"], row["reason"]) == ("PR01A", "AA03Z", Reason.RULE)
    assert "age 19+" in row["row_to"] and row["row_from"] == ""


def test_rules_in_another_order(tmp_path: Path) -> None:
    rules = ("route,,procedure in big,AA02,G,authored", "route,,age 19+,PR02,G,authored")
    one, two = ({"rule": TABLES["rule"] + "\n".join(order) + "\n"} for order in (rules, rules[::-1]))
    found = compared(tmp_path, [episode("A000", "M012")], after=two, **one)
    (row,) = moved(found)
    assert (row["from_hrg"], row["to_hrg"], row["reason"]) == ("AA02Z", "PR02Z", Reason.RULE)
    assert "another order" in row["text"]
    assert "procedure in big" in row["row_from"] and "age 19+" in row["row_to"]


def test_a_rule_that_leads_to_a_root_too_late(tmp_path: Path) -> None:
    """Both designs have both rules; where the second step stands before the first one, it is never taken."""
    rules = ("procedure,PR01,age 19+,PR02,,authored", "procedure,PR02,procedure in big,AA03,,authored")
    none = without("rule", "procedure,PR01")["rule"]
    one, two = ({"rule": none + "\n".join(order) + "\n"} for order in (rules, rules[::-1]))
    for earlier, later, side in ((one, two, "two"), (two, one, "one")):
        (tmp_path / side).mkdir()
        (row,) = moved(compared(tmp_path / side, [episode("A000", "M012")], after=later, **earlier))
        text = f"the rule from root PR02 to AA03 stands before the one that leads to PR02 in {side} only"
        assert (row["reason"], row["text"]) == (Reason.RULE, text)
        taken, late = ("row_from", "row_to") if side == "two" else ("row_to", "row_from")
        assert "procedure,PR02" in row[taken] and "procedure,PR01" in row[late]


def test_a_root_that_is_passed_twice(tmp_path: Path) -> None:
    """What decides is the rule that leads back to the root, and not the one that was taken from it before."""
    rules = (
        "procedure,PR01,procedure in big,PR02,,authored",
        "procedure,PR02,age 19+,PR01,,authored",
        "procedure,PR01,stay 0,AA03,,authored",
        "procedure,PR02,stay 0,AA02,,authored",
    )
    none = without("rule", "procedure,PR01", "diagnosis")["rule"]
    one, two = ({"rule": none + "\n".join(order) + "\n"} for order in (rules, (rules[0], *rules[2:])))
    (row,) = moved(compared(tmp_path, [episode("A000", "M012", EPIDUR="0")], after=two, **one))
    assert (row["from_hrg"], row["to_hrg"], row["reason"]) == ("AA03Z", "AA02Z", Reason.RULE)
    assert row["text"] == "only one has the rule from root PR02 to PR01 because age 19+"
    assert "age 19+" in row["row_from"]


def test_a_root_that_is_come_to_by_a_special_route_and_by_a_diagnosis(tmp_path: Path) -> None:
    """Other rules are asked then, so that the route decides and not the rule after the root."""
    route = "route,,procedure in big,AA02,G,authored\n"
    further = "route,AA02,age 19+,AA03,,authored\n"
    none = without("rule", "diagnosis")["rule"]
    before, after = (
        {"rule": none + route + further},
        {"rule": none + further, **changed("procedure", "M01,drives,5,PR01", "M01,ignored,,")},
    )
    (row,) = moved(compared(tmp_path, [episode("B000", "M012")], after=after, **before))
    assert (row["from_hrg"], row["to_hrg"], row["reason"]) == ("AA03Z", "AA02Z", Reason.RULE)
    assert row["text"] == "only one has the rule to AA02 because procedure in big"


def test_a_spell_takes_the_reason_of_the_episode_that_fails_it(tmp_path: Path) -> None:
    after = {
        **changed("diagnosis", "A01 B00 C000,AA02", "A01 C000,AA02,,1,label,\nB00,UZ01"),
        **changed("procedure", "M01,drives,5,PR01", "M01,drives,5,PR02"),
    }
    found = compared(tmp_path, [[episode("A000", "M011"), episode("B000")]], after=after)
    assert [row["reason"] for row in moved(found, "episode")] == [Reason.ANOTHER_ROOT, Reason.VALIDATION]
    (spell,) = moved(found)
    assert (spell["reason"], spell["to_hrg"]) == (Reason.VALIDATION, "UZ01Z")
    assert spell["row_to"].endswith("B00,UZ01,,1,label,")


def test_a_failure_whose_own_rows_are_the_same_is_told_by_the_way_of_the_record(tmp_path: Path) -> None:
    """A vague procedure fails the record as soon as no route takes it."""
    after = changed("list", "pain,TRETSPEF,191", "pain,TRETSPEF,100")
    (row,) = moved(compared(tmp_path, [episode("A000", "V011", TRETSPEF="191")], after=after))
    assert (row["to_hrg"], row["reason"], row["step"]) == ("UZ01Z", Reason.VALIDATION, "special route")
    assert row["detail"] == "code list: 191 is on list pain in one only"
    assert "vague procedure" in row["text"] and row["row_from"].endswith("pain,TRETSPEF,191,authored")


def test_a_value_that_is_refused_goes_before_a_code(tmp_path: Path) -> None:
    """The record would fail for its age with every code."""
    after = {
        **changed("field", "APC,STARTAGE,yes,number,0-130 999", "APC,STARTAGE,yes,number,0-30 999"),
        **changed("opcs4", "M012\n", ""),
        **changed("list", "big,procedure,M012", "big,procedure,M011"),
    }
    (row,) = moved(compared(tmp_path, [episode("A000", "M012")], after=after))
    assert (row["from_hrg"], row["reason"]) == ("PR01A", Reason.VALIDATION)
    assert "(STARTAGE)" in row["text"]


@pytest.mark.parametrize(
    ("dataset", "name", "row", "detail"),
    [
        ("EM", "field", "EM,AGE,no,number,0-130 999,,authored", ""),
        ("PCC", "field", "PCC,DIAG_01,yes,diagnosis,,,official", ""),
        ("ACC", "list", "adult_unit,CCUF,90 91,official", "code list: "),
    ],
)
def test_failures_in_other_data_sets(dataset: str, name: str, row: str, detail: str, tmp_path: Path) -> None:
    """A field that is required in one design only, though both report it; a list by which a rule fails records."""
    heads = {"field": "dataset,field,required,kind,accepted,default,grade", "list": "list,kind,codes,grade"}
    later = load_design(overlay(tmp_path, base="2024-25", **{name: f"{heads[name]}\n{row}\n"}), find_base=host().folder)
    source = EXAMPLES / f"{dataset.lower()}_sample.csv"
    rows = moved(compare(source, ["2024-25", later], dataset=dataset), "record")
    assert rows and {one["reason"] for one in rows} == {Reason.VALIDATION}
    assert all(one["row_to"].endswith(row) and one["detail"].startswith(detail) for one in rows)


def test_overlays_name_the_rows_of_their_layers(tmp_path: Path) -> None:
    """Base and overlay: a procedure that the overlay speaks for, and one that it takes away."""
    base = tiny_design(tmp_path)
    over = overlay(tmp_path, procedure="codes,role,rank,root,grade\nM011,drives,5,PR02,label\n")
    designs = [load_design(folder, find_base=lambda name: tmp_path / name) for folder in (base, over)]
    (row,) = moved(compare(table(episode("A000", "M011"), episode("A000", "M012", EPIDUR="0")), designs))
    assert (row["row_from"], row["row_to"]) == (
        "procedure.csv line 2: M01,drives,5,PR01,authored",
        "procedure.csv line 2: M011,drives,5,PR02,label",
    )


def test_every_reason_has_a_meaning() -> None:
    assert all(reason.meaning.endswith((".", "example.")) for reason in Reason)
    assert len({reason.meaning for reason in Reason}) == len(Reason)


EDITS = [
    *((one.before, {**one.before, **one.after}) for one in DIFFERENCES),
    *(({}, {**one.rows, **more(one.table, one.code)}) for one in CODES),
]
DRAWN = {
    "diagnoses": "A000 A001 A01X B000 B001 B002 C000 B009 A029",
    "procedures": "M011 M012 P011 U011 U012 V011 Y011 M099 Y099",
}


def drawn(random: Random) -> Cells:
    """An episode of any codes of the tiny designs."""
    codes = [
        " ".join(random.choices(DRAWN[kind].split(), k=random.randint(least, 3)))
        for kind, least in (("diagnoses", 1), ("procedures", 0))
    ]
    fields = {"STARTAGE": ("3", "20", "40", "70"), "EPIDUR": ("0", "1", "3", "9"), "TRETSPEF": ("100", "100", "100", "191")}
    return episode(*codes, **{name: random.choice(values) for name, values in fields.items()})


def test_pairs_of_differences(tmp_path: Path) -> None:
    """Designs with a difference each, and spells of any codes: all moves have reasons, whose rows are not the same."""
    random, seen = Random(6), set()
    spells = table(*([drawn(random) for _ in range(random.choice((1, 1, 2, 3)))] for _ in range(120)))
    for number in range(60):
        (_, one), (_, other) = random.sample(EDITS, 2)
        found = compare(spells, two_designs(tmp_path / str(number), one, other))
        for row in found.moved.to_pylist():
            seen.add(row["reason"])
            assert row["reason"] != Reason.OTHER, row
            assert row["row_from"].partition(": ")[2] != row["row_to"].partition(": ")[2], row
    assert len(seen) >= 10
