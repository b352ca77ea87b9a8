"""Designs: loading, overlays, and what lint finds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

import hrgcore
from hrgcore import DesignError, Episode
from hrgcore.design import Design, load_design
from hrgcore.design.layers import table_of
from hrgcore.design.lint import lint_design

from .tiny import TABLES, changed, overlay, tiny_design

# Loading


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> Design:
    return load_design(tiny_design(tmp_path_factory.mktemp("design")))


def hrg(design: Design, *diagnoses: str, procedures: tuple[str, ...] = (), age: int = 40, duration: int = 1) -> str:
    episode = Episode(age=age, duration=duration, diagnoses=diagnoses, procedures=procedures)
    return hrgcore.Grouper(design).group_spell([episode]).hrg


def test_tiny_design_groups_and_has_no_fault(design: Design, tmp_path: Path) -> None:
    assert lint_design(tiny_design(tmp_path)) == []
    assert hrg(design, "A000", "B000") == "AA01A"
    assert hrg(design, "A000", procedures=("M011",), age=3) == "PR01B"
    assert hrg(design, "A01X", "C000") == "AA03Z"


def test_arrays_are_read_only(design: Design, grouper: hrgcore.Grouper) -> None:
    for one in (design, grouper.design):
        for name, view in one.tables.arrays.items():
            assert view.readonly, name
            with pytest.raises(TypeError):
                view[0] = 0


def test_design_is_frozen(design: Design) -> None:
    with pytest.raises((FrozenInstanceError, AttributeError)):
        design.rows = {}  # type: ignore[misc]
    with pytest.raises(AttributeError):
        design.tables.hrgs = ()  # type: ignore[misc]
    assert all(isinstance(rows, tuple) for rows in design.rows.values())
    with pytest.raises(AttributeError):
        design.rows["hrg"][0].cells = []  # type: ignore[misc]


def test_table_in_several_files(tmp_path: Path, design: Design) -> None:
    header, *lines = TABLES["split"].splitlines()
    folder = tiny_design(tmp_path, split="\n".join([header, *lines[:4]]), split_procedures="\n".join([header, *lines[4:]]))
    assert lint_design(folder) == []
    assert load_design(folder).tables.hrgs == design.tables.hrgs
    assert hrg(load_design(folder), "A000", procedures=("M011",)) == "PR01A"


@pytest.mark.parametrize(
    ("stem", "table"),
    [
        ("cc", "cc"),
        ("cc_family", "cc_family"),
        ("cc_family_more", "cc_family"),
        ("cc_x", "cc"),
        ("ccx", None),
        ("remove", "remove"),
    ],
)
def test_table_of_a_file(stem: str, table: str | None) -> None:
    assert table_of(stem) == table


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('name = "tiny"', "", "name is missing"),
        ('label = "Tiny', 'label = 3 # "Tiny', "label is missing or is not text"),
        ("child_age_max = 18", "", "[grouping] child_age_max is missing or is not of type int"),
        ('invalid_hrg = "UZ01Z"', "invalid_hrg = 1", "[grouping] invalid_hrg is missing or is not of type str"),
        ("[grouping]", "[grouping", "cannot be read"),
        ('licence = "none"', "", "a source lacks 'licence'"),
    ],
)
def test_bad_manifest(tmp_path: Path, old: str, new: str, fault: str) -> None:
    path = tiny_design(tmp_path) / "design.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DesignError) as caught:
        load_design(path.parent)
    assert fault in caught.value.message and caught.value.place in (str(path), "design tiny, design.toml")


@pytest.mark.parametrize("core_range", [">=0.1,<1", "==0.1", ">0.0.9", "<=0.1.0"])
def test_design_for_this_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, core_range: str) -> None:
    monkeypatch.setattr(hrgcore, "__version__", "0.1.0")
    path = tiny_design(tmp_path) / "design.toml"
    path.write_text(path.read_text().replace(">=0.1", core_range))
    assert load_design(path.parent).manifest.core == core_range


@pytest.mark.parametrize(
    ("core_range", "fault"),
    [(">=0.2", "needs hrgcore >=0.2, but this is 0.1.0"), (">0.0,<0.1", "needs"), ("0.1", "is not a range")],
)
def test_design_for_another_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, core_range: str, fault: str) -> None:
    monkeypatch.setattr(hrgcore, "__version__", "0.1.0")
    path = tiny_design(tmp_path) / "design.toml"
    path.write_text(path.read_text().replace(">=0.1", core_range))
    with pytest.raises(DesignError) as caught:
        load_design(path.parent)
    assert fault in caught.value.message and caught.value.place == "design tiny"


def test_no_manifest_and_no_tables(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match=r"there is no design\.toml"):
        load_design(tmp_path)
    folder = tiny_design(tmp_path)
    shutil.rmtree(folder / "tables")
    with pytest.raises(DesignError, match="there is no folder of tables"):
        load_design(folder)


# Overlays


@pytest.fixture
def over(tmp_path: Path) -> Callable[..., Design]:
    """Loads a design that is the tiny one plus changes."""

    def load(**tables: str) -> Design:
        tiny_design(tmp_path)
        return load_design(overlay(tmp_path, **tables), find_base=lambda name: tmp_path / name)

    return load


def header(table: str) -> str:
    return TABLES[table].splitlines()[0] + "\n"


def test_overlay_without_changes(over: Callable[..., Design], design: Design) -> None:
    same = over()
    assert (same.name, same.manifest.base, same.manifest.grouping) == ("over", "tiny", design.manifest.grouping)
    assert {name: [row.cells for row in rows] for name, rows in same.rows.items()} == {
        name: [row.cells for row in rows] for name, rows in design.rows.items()
    }


def test_overlay_replaces_the_rows_of_a_key(over: Callable[..., Design]) -> None:
    """The splits of the root AA01 as a whole, those of other roots stay."""
    changed_design = over(split=header("split") + "AA01,AA01B,,,,,,label\n")
    assert [row.cells[1] for row in changed_design.rows["split"] if row.cells[0] == "AA01"] == ["AA01B"]
    assert hrg(changed_design, "A000", "B000") == "AA01B"
    assert hrg(changed_design, "A01X") == "AA02Z"


def test_overlay_adds_rows(over: Callable[..., Design]) -> None:
    more = over(
        icd10="code\nD000\n",
        diagnosis=header("diagnosis") + "D000,AA04,,1,label,\n",
        split=header("split") + "AA04,AA04Z,,,,,,label\n",
        hrg=header("hrg") + "AA04Z,New,core,label\n",
    )
    assert hrg(more, "D000") == "AA04Z"
    assert more.label("AA04Z") == "New" and more.label("AA02Z") == "Complaint"


def test_overlay_overrides_codes(over: Callable[..., Design]) -> None:
    """One code of a row that names several: the others keep what they had."""
    own = over(diagnosis=header("diagnosis") + "A001,AA03,,1,label,\n")
    assert (hrg(own, "A001"), hrg(own, "A000")) == ("AA03Z", "AA01B")
    points = over_cc(own)
    assert points == {"B000": 3, "B001": 1}


def over_cc(design: Design) -> dict[str, int]:
    """The CC points of codes in the subchapter AA, where they have any."""
    subchapters = len({root[:2] for root in design.tables.roots[1:]})
    column = sorted({root[:2] for root in design.tables.roots[1:]}).index("AA")
    arrays = design.tables.arrays
    found = {
        code: arrays["cc_points"][arrays["cc_class"][number] * subchapters + column]
        for number, code in enumerate(design.tables.icd10.codes)
    }
    return {code: points for code, points in found.items() if points}


def test_a_row_of_the_base_that_speaks_for_no_code_may_name_what_went(over: Callable[..., Design], tmp_path: Path) -> None:
    """The root PR01 goes with its procedure; as long as one code leads there it may not."""
    gone = {"remove": "table,key\nsplit,PR01\nhrg,PR01A\nhrg,PR01B\nrule,procedure PR01\n"}
    own = over(**gone, procedure=header("procedure") + "M01,drives,5,PR02,label\n")
    assert hrg(own, "A000", procedures=("M011",)) == "PR02Z"
    with pytest.raises(DesignError, match="there is no root 'PR01'"):
        load_design(overlay(tmp_path, name="half", **gone), find_base=lambda name: tmp_path / name)


def test_overlay_overrides_points(over: Callable[..., Design]) -> None:
    assert over_cc(over(cc=header("cc") + "B001 C000,AA,2,probed\n")) == {"B000": 3, "B001": 2, "C000": 2}


def test_overlay_replaces_a_table_without_key(over: Callable[..., Design]) -> None:
    strict = over(dominance=header("dominance") + "0+,6,authored\n")
    assert hrg(strict, "A000", procedures=("M011",)) == "AA01B"


def test_overlay_cannot_remove_from_a_table_without_key(over: Callable[..., Design]) -> None:
    with pytest.raises(DesignError, match="table dominance has no row '2\\+' to remove"):
        over(remove="table,key\ndominance,2+\n")


def test_overlay_of_rules_stands_after_the_base(over: Callable[..., Design]) -> None:
    rules = over(rule=header("rule") + "diagnosis,AA01,secondary in sorted,AA02,,authored\n")
    assert [row.cells[0] for row in rules.rows["rule"]] == ["check", "route", "procedure", "diagnosis", "diagnosis"]


@pytest.mark.parametrize("key", ["M01", "M011 M012", "M011-M012"])
def test_overlay_removes_codes(over: Callable[..., Design], key: str) -> None:
    gone = over(remove=f"table,key\nprocedure,{key}\n")
    assert hrg(gone, "A000", procedures=("M011",)) == "AA01B"
    assert gone.code_rows["procedure"][gone.tables.opcs4.encode("M012")] == -1
    assert gone.code_rows["procedure"][gone.tables.opcs4.encode("Y011")] >= 0


def test_overlay_removes_points(over: Callable[..., Design], tmp_path: Path) -> None:
    assert over_cc(over(remove="table,key\ncc,B000\n")) == {"B001": 1}


def test_points_of_a_code_in_two_rows_can_be_removed(tmp_path: Path) -> None:
    tiny_design(tmp_path, **changed("cc", "B001,AA PR", "B000,PR,1,probed\nB001,AA PR"))
    gone = overlay(tmp_path, remove="table,key\ncc,B000\n")
    assert over_cc(load_design(gone, find_base=lambda name: tmp_path / name)) == {"B001": 1}


def test_overlay_removes_a_category_and_says_one_of_its_codes_anew(over: Callable[..., Design]) -> None:
    """What a layer removes goes before its own rows come."""
    one = over(remove="table,key\nprocedure,M01\n", procedure=header("procedure") + "M012,drives,5,PR02,authored\n")
    assert hrg(one, "A000", procedures=("M011",)) == "AA01B"
    assert hrg(one, "A000", procedures=("M012",)) == "PR02Z"


def test_what_one_layer_removes_the_next_may_bring_back(tmp_path: Path) -> None:
    tiny_design(tmp_path)
    overlay(tmp_path, remove="table,key\nprocedure,M01\n")
    last = overlay(tmp_path, base="over", name="last", procedure=header("procedure") + "M011,drives,5,PR01,authored\n")
    assert hrg(load_design(last, find_base=lambda name: tmp_path / name), "A000", procedures=("M011",)) == "PR01A"


def test_overlay_removes_rows_by_key(over: Callable[..., Design]) -> None:
    gone = over(remove="table,key\nrule,diagnosis AA02\nsplit,PR02\nrule,procedure PR01\nhrg,PR02Z\n")
    assert hrg(gone, "A01X", "C000") == "AA02Z"
    assert "PR02" not in gone.tables.roots and "PR02Z" not in gone.tables.hrgs


def test_overlay_removes_codes_of_the_code_set(over: Callable[..., Design]) -> None:
    """Rows that named nothing else name nothing then; that is no fault."""
    assert "A001" not in over(remove="table,key\nicd10,A001\nopcs4,M012 V011\n").tables.icd10.codes


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("ward,A", "remove.csv line 2: there is no table 'ward'"),
        ("split,ZZ99", "remove.csv line 2: table split has no row 'ZZ99'"),
        ("procedure,Q999", "remove.csv line 2: Q999 names no code of OPCS-4"),
    ],
)
def test_overlay_removes_what_is_not_there(over: Callable[..., Design], line: str, fault: str) -> None:
    with pytest.raises(DesignError) as caught:
        over(remove=f"table,key\n{line}\n")
    assert fault in str(caught.value)


def test_base_is_missing(tmp_path: Path) -> None:
    folder = overlay(tmp_path, base="nowhere")
    with pytest.raises(DesignError, match="its base design nowhere is not known") as caught:
        load_design(folder)
    assert caught.value.cure == "Install the base design."


def test_bases_run_in_a_circle(tmp_path: Path) -> None:
    overlay(tmp_path, base="two", name="one")
    with pytest.raises(DesignError, match="run in a circle"):
        load_design(overlay(tmp_path, base="one", name="two"), find_base=lambda name: tmp_path / name)


def test_plugin_adjusts_an_overlay(tmp_path: Path) -> None:
    tiny_design(tmp_path)
    folder = overlay(tmp_path, diagnosis=header("diagnosis") + "A000,AA02,,1,label,\n")
    rows: Mapping[str, Any] = {
        "diagnosis": [{"codes": "A000", "root": "AA03", "grade": "authored"}],
        "remove": [{"table": "procedure", "key": "M01"}],
    }
    adjusted = load_design(folder, find_base=lambda name: tmp_path / name, adjustments=[("mine", rows)])
    assert hrg(adjusted, "A000", procedures=("M011",)) == "AA03Z"
    assert adjusted.database_version == "over 1.0 +mine"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ({"ward": [{"a": "b"}]}, "plugin mine: there is no table 'ward'"),
        ({"cc": [{"codes": "B000", "point": "1"}]}, "plugin mine cc line 1: table cc has no column point"),
        (
            {"procedure": [{"codes": "M011", "role": "drives", "rank": "x", "root": "PR01", "grade": "label"}]},
            "'x' is not a whole number",
        ),
    ],
)
def test_plugin_adjusts_wrongly(tmp_path: Path, rows: Mapping[str, Any], fault: str) -> None:
    with pytest.raises(DesignError) as caught:
        load_design(tiny_design(tmp_path), adjustments=[("mine", rows)])
    assert fault in str(caught.value)


# Lint: one tiny design for each fault


def added(table: str, *lines: str) -> dict[str, str]:
    return {table: TABLES[table] + "".join(f"{line}\n" for line in lines)}


FAULTS = {
    "unknown HRG": (changed("split", "AA02,AA02Z", "AA02,AA02B"), "split.csv line 4: there is no HRG 'AA02B' in table hrg"),
    "unknown root": (changed("procedure", "PR01", "PR09"), "procedure.csv line 2: there is no root 'PR09' in table split"),
    "root of a diagnosis": (changed("diagnosis", "A00,AA01", "A00,AA09"), "diagnosis.csv line 2: there is no root 'AA09'"),
    "root of a rule": (changed("rule", "2+,AA03", "2+,AA09"), "rule.csv line 5: there is no root 'AA09' in table split"),
    "rule from an unknown root": (
        changed("rule", "PR01,procedure", "PR09,procedure"),
        "rule.csv line 4: there is no root 'PR09'",
    ),
    "unknown list": (
        changed("rule", "in big", "in small"),
        "rule.csv line 4: in 'procedure in small and stay 3+': there is no list",
    ),
    "unknown score": (
        changed("rule", "score sum", "score total"),
        "rule.csv line 5: in 'score total 2+': there is no score 'total'",
    ),
    "unknown category": (changed("rule", "UZ03", "UZ99"), "rule.csv line 2: there is no error category 'UZ99' in table message"),
    "condition": (
        changed("rule", "stay 3+", "stay long"),
        "rule.csv line 4: in 'procedure in big and stay long': 'long' is not a band",
    ),
    "unknown stage": (changed("rule", "check,", "first,"), "rule.csv line 2: 'first' is not a stage"),
    "check with a from": (changed("rule", "check,,", "check,AA01,"), "rule.csv line 2: a rule of stage check has no 'from'"),
    "rule without a from": (
        changed("rule", "diagnosis,AA02", "diagnosis,"),
        "rule.csv line 5: a rule of stage diagnosis needs a 'from'",
    ),
    "route without a method": (changed("rule", "AA03,G", "AA03,"), "rule.csv line 3: a route needs a method"),
    "route with a method of others": (
        changed("rule", "AA03,G", "AA03,P"),
        "rule.csv line 3: a route needs a method",
    ),
    "method elsewhere": (changed("rule", "PR02,", "PR02,B"), "rule.csv line 4: a rule of stage procedure has no method"),
    "rule in a circle": (changed("rule", "2+,AA03", "2+,AA02"), "rule.csv line 5: the rule turns AA02 into itself"),
    "gap": (changed("split", "0-18", "0-17"), "split.csv line 6: root PR01: no split takes age 18"),
    "gap at the end": (
        changed("split", "3+", "3-9"),
        "split.csv line 2: root AA01: no split takes age 0, stay 0, interventions 0, cc 10",
    ),
    "overlap": (changed("split", "19+", "18+"), "split.csv line 7: root PR01: PR01B and PR01A (split.csv line 6) overlap"),
    "gap where a condition is false": (
        changed("split", "AA02,AA02Z,,,,,,", "AA02,AA02Z,,,,,DISDEST in home,") | added("list", "home,DISDEST,19,authored"),
        "split.csv line 4: root AA02: no split takes age 0",
    ),
    "overlap of conditions": (
        changed(
            "split", "AA02,AA02Z,,,,,,label", "AA02,AA02Z,,,,,,label\nAA02,AA02Z,,,,,age 0-5,label\nAA02,AA02Z,,,,,age 5-9,label"
        ),
        "split.csv line 6: root AA02: AA02Z and AA02Z (split.csv line 5) overlap",
    ),
    "HRG of another root": (
        changed("split", "AA02,AA02Z", "AA02,AA03Z"),
        "split.csv line 4: HRG AA03Z does not belong to root AA02",
    ),
    "band backwards": (changed("split", "0-18", "18-0"), "split.csv line 7: the band 18-0 runs backwards"),
    "code not in the code set": (changed("cc", "B000", "B009"), "cc.csv line 2: B009 names no code of ICD-10"),
    "procedure not in the code set": (changed("list", "M012", "M019"), "list.csv line 3: M019 names no code of OPCS-4"),
    "code in two rows": (
        changed("diagnosis", "C000", "C000 A001"),
        "diagnosis.csv line 3: A001 stands in two rows of this table",
    ),
    "procedure in two rows": (changed("procedure", "P011", "P011 M012"), "procedure.csv line 3: M012 stands in two rows"),
    "points twice": (
        changed("cc", "B001,AA PR", "B000 B001,AA PR"),
        "cc.csv line 3: B000 stands in two rows of this table for the same",
    ),
    "unbundled twice": (changed("unbundled", "U012", "U011 U012"), "unbundled.csv line 3: U011 stands in two rows of this table"),
    "family twice": (
        added("cc_family", "other,general,B000,authored"),
        "cc_family.csv line 4: B000 stands in two rows of this table",
    ),
    "diagnosis without a row": (changed("diagnosis", " C000", ""), "diagnosis.csv: C000 has no row"),
    "code set twice": (changed("icd10", "B001", "B000"), "icd10.csv line 6: 'B000' stands twice"),
    "form of a code": (changed("opcs4", "P011", "PP11"), "opcs4.csv line 4: 'PP11' is not of the form of a code"),
    "HRG twice": (added("hrg", "AA02Z,Again,core,label"), "hrg.csv line 12: AA02Z stands twice"),
    "kind of HRG": (changed("hrg", "Complaint,core", "Complaint,main"), "hrg.csv line 4: 'main' is not a kind"),
    "no grade": (changed("split", "AA02,AA02Z,,,,,,label", "AA02,AA02Z,,,,,,"), "split.csv line 4: no grade is given"),
    "unknown grade": (changed("cc", "B000,AA,3,probed", "B000,AA,3,sure"), "cc.csv line 2: 'sure' is not a grade"),
    "no grade of a child root": (
        changed("diagnosis", "A00,AA01,,2,label,", "A00,AA01,AA02,2,label,"),
        "diagnosis.csv line 2: no grade",
    ),
    "helper root leaks": (
        added("hrg", "PR09Z,Helper,helper,label"),
        "hrg.csv line 12: helper root PR09 has no rule without a condition",
    ),
    "helper root with splits": (changed("hrg", "Complaint,core", "Complaint,helper"), "split.csv line 4: root AA02 is a helper"),
    "role": (changed("procedure", "modifier", "leads"), "procedure.csv line 6: 'leads' is not a role"),
    "role without a rank": (changed("procedure", "vague,6", "vague,"), "procedure.csv line 5: role vague needs a rank"),
    "role with a root": (changed("procedure", "modifier,,", "modifier,,PR01"), "procedure.csv line 6: role modifier has no root"),
    "rank": (changed("procedure", "drives,5", "drives,256"), "procedure.csv line 2: '256' is not a whole number from 0 to 255"),
    "unbundled code with another role": (changed("unbundled", "U011", "M011"), "unbundled.csv line 2: M011 has role drives"),
    "root of an unbundled code": (
        changed("unbundled", "U011,XD01", "U011,XD09"),
        "unbundled.csv line 2: there is no root 'XD09'",
    ),
    "multiplier of a rule": (
        added("rule", "unbundled,,age 1+,XD01,days,label"),
        "rule.csv line 6: 'days' is not a multiplier: rehabilitation, palliative",
    ),
    "multiplier of a rule with a root to change": (
        added("rule", "unbundled,XD01,age 1+,VC04,palliative,label"),
        "rule.csv line 6: a rule of stage unbundled has no method",
    ),
    "error category of an unbundled rule": (
        added("rule", "unbundled,XD01,age 1+,UZ06,,label"),
        "rule.csv line 6: there is no root 'UZ06' in table split",
    ),
    "attributes of no code": (
        added("rule", "diagnosis,AA01,with big 1+,AA02,,label"),
        "rule.csv line 6: in 'with big 1+': 'with' is not known at stage diagnosis",
    ),
    "organ": ({"organ": "organ,fields,grade\nheart,SEX,label\n"}, "organ.csv line 2: 'SEX' is not a field with a number"),
    "field of a category": (
        {"category": "category,field,values,level,grade\nscan,SEX,1,2,label\n"},
        "category.csv line 2: 'SEX' is not a repeated field",
    ),
    "field of another data set": (
        changed("field", "APC,NEOCARE", "APC NAC,NEOCARE"),
        "field.csv line 14: data set NAC has no field",
    ),
    "rule of a data set": (
        added("rule", "EM,AA01,age 1+,AA02,,label"),
        "rule.csv line 6: a rule of stage EM has no 'from'",
    ),
    "multiplier": (changed("unbundled", "palliative", "days"), "unbundled.csv line 4: 'days' is not a multiplier"),
    "family points": (
        changed("cc", "B001,AA PR,1", "B001,AA PR,9"),
        "cc_family.csv line 3: family mild: B000 has fewer points in AA",
    ),
    "level": (changed("cc_family", "general", "broad"), "cc_family.csv line 2: 'broad' is not a level"),
    "chapter without HRGs": (added("chapter", "Q,Nothing,label"), "chapter.csv line 5: no HRG belongs to chapter 'Q'"),
    "chapter of a root": (added("chapter", "AA01,Ailment,label"), "chapter.csv line 5: no HRG belongs to chapter 'AA01'"),
    "chapter twice": (added("chapter", "A,Illness,label"), "chapter.csv line 5: chapter A stands twice"),
    "chapter without a label": (added("chapter", "X,,label"), "chapter.csv line 5: no label is given"),
    "grade of a chapter": (changed("chapter", "PR,Repairs,label", "PR,Repairs,"), "chapter.csv line 4: no grade is given"),
    "subchapter": (changed("cc", "AA PR", "AA QQ"), "cc.csv line 3: no root belongs to subchapter 'QQ'"),
    "no programme": ({"programme": "codes,category,grade\nA000,,label\n"}, "programme.csv line 2: '' is not a programme"),
    "programme of two rows": (
        {"programme": "codes,category,grade\nA00,01X,label\nA001,02A,label\n"},
        "programme.csv line 3: A001 stands in two rows",
    ),
    "too many programmes": (
        {"programme": "codes,category,grade\n" + "".join(f"A000,{n},label\n" for n in range(256))},
        "programme.csv line 257: there are more than 255",
    ),
    "value of a list": (
        changed("list", "TRETSPEF,191", "TRETSPEF,999"),
        "list.csv line 4: 999 is not an accepted value of TRETSPEF",
    ),
    "kind of list": (changed("list", "TRETSPEF", "WARD"), "list.csv line 4: 'WARD' is not a kind of list"),
    "list of two kinds": (added("list", "big,diagnosis,A000,authored"), "list.csv line 5: list big is of kind procedure above"),
    "gap of stays": (changed("dominance", "2+", "3+"), "dominance.csv line 3: the bands of stay leave a gap at 2 days"),
    "overlap of stays": (changed("dominance", "2+", "1+"), "dominance.csv line 3: the bands of stay overlap at 1 days"),
    "far end of stays": (
        changed("dominance", "2+", "2-999999999"),
        "dominance.csv line 3: a band may not start or end after 1000 days",
    ),
    "end of stays": (changed("dominance", "2+", "2-9"), "dominance.csv: the bands of stay do not end open"),
    "unknown field": (changed("field", "NEOCARE", "WARD"), "field.csv line 14: data set APC has no field 'WARD'"),
    "field is lost": (changed("field", "APC,SEX,yes,values,1 2 9,9,probed\n", ""), "field.csv: there is no row for field SEX"),
    "required": (changed("field", "SEX,yes", "SEX,always"), "field.csv line 6: 'always' must be yes or no"),
    "message is lost": (changed("message", "spell_age", "spell_ages"), "message.csv: there is no message 'spell_age'"),
    "unknown message": (added("message", "more,,More,label"), "message.csv line 19: no fault has the key 'more'"),
    "comma in a message": (changed("message", "bad primary", '"bad, very"'), "message.csv line 2: a message may not hold commas"),
    "unknown table": ({"ward": "a\n"}, "ward.csv: the name of this file is not that of a table"),
    "cells": (changed("list", "big,procedure,", "big,"), "list.csv line 3: 3 cells where the table has 4 columns"),
    "columns": (changed("list", "kind", "sort"), "list.csv line 1: the columns must be list,kind,codes,grade, not list,sort,"),
}


@pytest.mark.parametrize(("tables", "fault"), FAULTS.values(), ids=list(FAULTS))
def test_lint(tmp_path: Path, tables: dict[str, str], fault: str) -> None:
    """Each fault is named with table and line."""
    found = [str(one) for one in lint_design(tiny_design(tmp_path, **tables))]
    assert any(one.startswith(fault) for one in found), found


def test_lint_of_the_manifest(tmp_path: Path) -> None:
    path = tiny_design(tmp_path) / "design.toml"
    text = path.read_text()
    path.write_text(text.replace("'cc', ", ""))
    assert {str(fault) for fault in lint_design(path.parent)} == {"design.toml: no source is given for table cc"}
    path.write_text(text.replace("grade = \"probed\"\ntables = ['cc', ", 'grade = "probed"\ntables = ['))
    assert [str(fault) for fault in lint_design(path.parent)] == [
        f"cc.csv line {line}: grade probed has no source in the manifest for table cc" for line in (2, 3)
    ]
    path.write_text(text.replace('invalid_hrg = "UZ01Z"', 'invalid_hrg = "UZ09Z"'))
    assert [str(fault) for fault in lint_design(path.parent)] == ["design.toml: there is no HRG 'UZ09Z' in table hrg"]


def test_lint_finds_all_faults_at_once(tmp_path: Path) -> None:
    folder = tiny_design(tmp_path, **changed("cc", "B000,AA,3,probed", "B009,AA,3,sure"), **changed("list", "M012", "M019"))
    assert len(lint_design(folder)) == 3
    with pytest.raises(DesignError, match=r"\(and 2 more\)"):
        load_design(folder)


def test_splits_of_a_root_in_two_files(tmp_path: Path) -> None:
    """Rows of two files may stand on lines of the same number."""
    rows = TABLES["split"].splitlines()[1:]
    one = [row for row in rows if row.startswith("PR01,PR01A")] + [row for row in rows if not row.startswith("PR01")]
    other = [row for row in rows if row.startswith("PR01,PR01B")]
    folder = tiny_design(
        tmp_path, **{name: header("split") + "\n".join(part) for name, part in (("split", one), ("split_b", other))}
    )
    assert lint_design(folder) == []


def test_explanation_names_the_row_of_the_subchapter(tmp_path: Path) -> None:
    """Two rows give points to one code, each in its own subchapter."""
    two = load_design(tiny_design(tmp_path, **added("cc", "B000,PR,2,probed")))
    spell = [Episode(age=40, duration=1, diagnoses=["A000", "B000"])]
    sources = {step.text: step.source for step in hrgcore.Grouper(two).group_spell(spell).explain().steps}
    assert sources["B000 scores 3 points"] == "cc.csv line 2"


def test_a_row_without_points_leaves_the_grade_of_another(tmp_path: Path) -> None:
    two = load_design(tiny_design(tmp_path, **added("cc", "B000,AA,0,authored")))
    result = hrgcore.Grouper(two).group_spell([Episode(age=40, duration=1, diagnoses=["A000", "B000"])])
    assert (result.cc_score, result.provenance) == (3, "probed")
