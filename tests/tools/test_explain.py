"""Explanations: the rows behind each step, and what became of each code. Tiny designs have a made case for each outcome."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from property.random_design import write_random_design
from unit.data_sets import HRGS, OTHERS, of_cells
from unit.tiny import TABLES, changed, overlay, tiny_design

import hrgcore
from hrgcore import Episode, Explanation, Grouper
from hrgcore._core.typedefs import Step as Kind
from hrgcore.design import load_design
from hrgcore.explain import CodeOutcome, TableRow
from hrgcore.testing.reference.grouper import ReferenceGrouper
from hrgcore.testing.spells import Pools, pools_of, random_spell
from hrgcore.testing.twin import as_records

DOCS = Path(__file__).parents[2] / "docs" / "explain.md"


@pytest.fixture
def tiny(tmp_path: Path) -> Grouper:
    return Grouper(load_design(tiny_design(tmp_path)))


def explain(grouper: Grouper, *episodes: Episode) -> Explanation:
    return grouper.group_spell(episodes).explain()


def episode(diagnoses: str, procedures: str = "", *, age: int = 40, stay: int = 0, **given: str) -> Episode:
    return Episode(age, stay, diagnoses.split(), procedures.split(), **given)


def told(outcomes: Sequence[CodeOutcome]) -> list[tuple[str, str, bool]]:
    return [(one.code, one.outcome, one.counted) for one in outcomes]


def lines(rows: Sequence[TableRow]) -> list[str]:
    """The rows as they stand in their files."""
    return [",".join(row.cells.values()) for row in rows]


def line_of(row: TableRow) -> str:
    """The line of the tiny table that a row claims to be."""
    return TABLES[row.table].splitlines()[row.line - 1]


# Secondary diagnoses

CASES = [
    # diagnoses, outcome of the second, its text, code beside it, rows
    ("A000 B000", "counted", "scores 3 points", "", ["B000,AA,3,probed"]),
    ("A000 B001", "counted", "scores 1 point", "", ["B001,AA PR,1,probed"]),
    ("A000 C000", "not_listed", "does not score: it is not on the CC list of subchapter AA nor on any other", "", []),
    ("A001 B000", "excluded", "does not score: it is excluded beside primary diagnosis A001", "A001", ["A001,B000,authored"]),
    (
        "A000 B001 B000",
        "less_specific",
        "does not score: it stands beside B000, a more specific code of family mild",
        "B000",
        ["mild,general,B001,authored", "mild,specific,B000,authored"],
    ),
    ("A000 A000", "is_primary", "does not score: it is the primary diagnosis", "A000", []),
    ("A000 A99", "invalid", "does not score: it is not a valid code", "", []),
    ("A01X B000", "no_bands", "not counted: root AA02 is not split by CC score", "", []),
    ("Z000 B000", "failed", "not counted: the episode failed", "", []),
    ("A000 B002", "failed", "not counted: the episode failed", "", []),
]


@pytest.mark.parametrize(("codes", "outcome", "text", "beside", "rows"), CASES)
def test_secondary_diagnoses(tiny: Grouper, codes: str, outcome: str, text: str, beside: str, rows: list[str]) -> None:
    found = explain(tiny, episode(codes))
    one = found.diagnoses[0]
    assert (one.outcome, one.text, one.beside, lines(one.rows)) == (outcome, text, beside, rows)
    assert (one.part, one.episode, one.field) == ("Episode 1 (stay 0 days)", 1, "DIAG_02")
    assert one.counted == (outcome == "counted") and bool(one.points) == one.counted
    assert [line_of(row) for row in one.rows] == rows
    assert outcome == "invalid" or f"{one.code} {text}" in str(found)


def test_every_outcome_of_the_score_has_a_case() -> None:
    from hrgcore._core.typedefs import CCOutcome

    assert {outcome.name.lower().removeprefix("cc_") for outcome in CCOutcome} - {"repeated"} <= {case[1] for case in CASES}


def test_a_repeated_diagnosis(tiny: Grouper) -> None:
    found = explain(tiny, episode("A000 B000 - B000")).diagnoses
    assert told(found) == [("B000", "counted", True), ("-", "invalid", False), ("B000", "repeated", False)]
    assert [one.field for one in found] == ["DIAG_02", "DIAG_03", "DIAG_04"]
    blank = explain(tiny, Episode(40, 0, ["A000", "B000", " ", "B000"])).diagnoses
    assert [(one.field, one.outcome) for one in blank] == [("DIAG_02", "counted"), ("DIAG_04", "repeated")]


def test_of_two_general_codes_the_better_scores(tmp_path: Path) -> None:
    family = "family,level,codes,grade\nmild,general,B001 B000 A001,authored\n"
    points = "codes,subchapters,points,grade\nB000,AA,3,probed\nB001,AA PR,1,probed\nA001,AA,3,probed\n"
    grouper = Grouper(load_design(tiny_design(tmp_path, cc_family=family, cc=points)))
    found = explain(grouper, episode("A000 B001 B000 A001")).diagnoses
    assert told(found) == [("B001", "less_specific", False), ("B000", "counted", True), ("A001", "less_specific", False)]
    assert {one.beside for one in found if not one.counted} == {"B000"}
    assert found[0].text == "does not score: it stands beside B000, which scores for family mild"


def test_diagnoses_on_the_list_of_another_subchapter(tmp_path: Path) -> None:
    design = tiny_design(tmp_path, **changed("split", "PR01,PR01A,19+,,,,,label", "PR01,PR01A,19+,,,0+,,label"))
    found = explain(Grouper(load_design(design)), episode("A000 B000", "M011")).diagnoses
    assert told(found) == [("B000", "not_listed", False)]
    assert found[0].text == "does not score: it is not on the CC list of subchapter PR, but on that of 1 other"


def test_pooled_spell(tiny: Grouper) -> None:
    """The primary diagnosis of an episode that does not lead is secondary in the spell."""
    found = explain(tiny, episode("A01X B000"), episode("A000 B001"))
    parts = {part: told([one for one in found.diagnoses if one.part == part]) for part in {one.part for one in found.diagnoses}}
    assert parts == {
        "Episode 1 (stay 0 days)": [("B000", "no_bands", False)],
        "Episode 2 (stay 0 days)": [("B001", "counted", True)],
        "Spell, 2 episodes pooled": [
            ("A01X", "not_listed", False),
            ("B000", "counted", True),
            ("B001", "less_specific", False),
        ],
    }
    assert [(one.episode, one.field) for one in found.diagnoses[2:]] == [(1, "DIAG_01"), (1, "DIAG_02"), (2, "DIAG_02")]


def test_a_spell_that_fails_alone(tmp_path: Path) -> None:
    """A procedure too vague for the stay of the spell, but not driving in its own episode."""
    design = tiny_design(tmp_path, dominance="stay,min_rank,grade\n0-1,7,authored\n2+,2,authored\n")
    found = explain(Grouper(load_design(design)), episode("A000 B000", "V011", stay=1), episode("A000", stay=1))
    assert found.hrg == "UZ01Z"
    pooled = [one for one in (*found.diagnoses, *found.procedures) if one.part.startswith("Spell")]
    assert told(pooled) == [("B000", "failed", False), ("A000", "failed", False), ("V011", "vague", False)]
    assert pooled[0].text == "not counted: the spell failed"


# Procedures


@pytest.mark.parametrize(
    ("codes", "given", "outcomes"),
    [
        ("M011", {}, "dominant"),
        ("M011 M012", {}, "dominant later"),
        ("V011 M011", {}, "vague lower_rank"),
        ("Y011 M011 P011", {}, "modifier dominant intervention"),
        ("P011 P011", {}, "intervention intervention"),
        ("U011 U012 M011", {}, "unbundled unbundled dominant"),
        ("Q999 M011", {}, "invalid dominant"),
        ("Y011", {}, "modifier"),
        ("M011 U011", {"treatment_function": "191"}, "routed unbundled"),
    ],
)
def test_procedures(tiny: Grouper, codes: str, given: dict[str, str], outcomes: str) -> None:
    found = explain(tiny, episode("A000", codes, **given))
    assert [one.outcome for one in found.procedures] == outcomes.split()
    assert [one.code for one in found.procedures] == codes.split()
    for one in found.procedures:
        assert [line_of(row) for row in one.rows] == lines(one.rows)
        assert bool(one.rows) == (one.outcome not in ("invalid", "routed"))


def test_a_procedure_of_too_low_a_rank(tmp_path: Path) -> None:
    design = tiny_design(tmp_path, dominance="stay,min_rank,grade\n0-1,1,authored\n2+,6,authored\n")
    found = explain(Grouper(load_design(design)), episode("A000", "M011 Y011", stay=3))
    (one, _) = found.procedures
    assert (one.outcome, one.counted, lines(one.rows)) == (
        "rank_too_low", True, ["M01,drives,5,PR01,authored", "2+,6,authored"],
    )  # fmt: skip
    assert one.text == "does not drive: its rank 5 is too low at a stay of 3 days, which needs 6; it counts as an intervention"
    (step,) = [step for step in found.steps if step.name == "procedure" and "too low" in step.text]
    assert lines(step.rows) == lines(one.rows) and step.codes == ("M011",)


def test_why_others_do_not_drive(tiny: Grouper) -> None:
    _, other = explain(tiny, episode("A000", "M012 M011")).procedures
    assert other.text == "does not drive: M012 has the same rank 5 and stands before it" and other.beside == "M012"
    vague, low = explain(tiny, episode("A000", "M011 V011")).procedures[::-1]
    assert vague.text == "would drive, but is too vague: the episode fails"
    assert low.text == "does not drive: its rank 5 is below the 6 of V011" and low.beside == "V011"


def test_procedures_of_an_episode_that_failed_before_they_were_weighed(tiny: Grouper) -> None:
    found = explain(tiny, episode("Z000 B000", "M011 U011"))
    assert told(found.procedures) == [("M011", "failed", False), ("U011", "unbundled", False)]
    assert "M011, B000 not counted: the episode failed" in str(found)


# Steps and rows


def test_steps_have_names_codes_and_rows(tiny: Grouper) -> None:
    found = explain(tiny, episode("A000 B001", "M012 M011", stay=3))
    assert [(step.name, step.codes) for step in found.steps] == [
        ("procedure", ("M012",)), ("procedure", ("M011",)), ("dominant", ("M012",)), ("not_dominant", ("M011",)),
        ("rule", ()), ("split", ()), ("not_counted", ("B001",)), ("result", ()), ("grade", ()),
    ]  # fmt: skip
    cells = {"stage": "procedure", "from": "PR01", "when": "procedure in big and stay 3+", "to": "PR02"}
    cells |= {"method": "", "grade": "authored"}
    assert found.steps[4].rows == (  # the rule, and the list that its condition names
        TableRow("rule", "rule.csv", 4, cells, "authored", "tiny"),
        TableRow(
            "list", "list.csv", 3, {"list": "big", "kind": "procedure", "codes": "M012", "grade": "authored"}, "authored", "tiny"
        ),
    )
    for step in found.steps:
        assert step.source == (f"{step.rows[0].file} line {step.rows[0].line}" if step.rows else "")


def test_the_grade_of_a_row_is_that_of_the_root_it_gave(tmp_path: Path) -> None:
    table = "codes,root,child_root,rank,grade,child_grade\nA00 A01 B00 C000,AA01,AA02,1,label,probed\nZ000,UZ01,,1,label,\n"
    grouper = Grouper(load_design(tiny_design(tmp_path, diagnosis=table)))
    grades = [explain(grouper, episode("A000", age=age)).steps[0].rows[0].grade for age in (40, 10)]
    assert grades == ["label", "probed"]


def test_the_layer_of_a_row(tmp_path: Path) -> None:
    folder = tiny_design(tmp_path)
    over = overlay(tmp_path, procedure="codes,role,rank,root,grade\nM011,drives,7,PR02,authored\n")
    plugin = {"diagnosis": [{"codes": "A001", "root": "AA03", "rank": "1", "grade": "authored"}]}
    design = load_design(over, find_base=lambda _: folder, adjustments=[("local", plugin)])
    assert design.layers == ("tiny", "over", "local")
    layers = {
        row.file: row.layer
        for found in (explain(Grouper(design), episode("A001")), explain(Grouper(design), episode("A000", "M011")))
        for step in found.steps
        for row in step.rows
    }
    assert layers == {"plugin local diagnosis": "local", "procedure.csv": "over", "split.csv": "tiny"}


def test_names_are_documented() -> None:
    """Every step of the kernel, every outcome, and every key of the JSON."""
    text = DOCS.read_text(encoding="utf-8")
    steps = {kind.name.lower().removeprefix("step_") for kind in Kind} - {"episode", "spell"}
    more = {"not_dominant", "not_counted", "fault", "result", "grade", "period", "warning"}
    outcomes = {case[1] for case in CASES} | {"repeated", "no_score", "dominant", "lower_rank", "later", "rank_too_low", "vague"}
    outcomes |= {"unbundled", "routed", "modifier", "site", "intervention", "barred", "ignored", "no_role", "not_weighed"}
    assert [name for name in sorted(steps | more | outcomes) if f"`{name}`" not in text] == []


def test_json(tiny: Grouper) -> None:
    found = explain(tiny, episode("A000 B000", "U011"))
    data = json.loads(found.to_json())
    assert (
        data == json.loads(json.dumps(found.as_dict()))
        and found.to_json() == explain(tiny, episode("A000 B000", "U011")).to_json()
    )
    assert (data["hrg"], data["design"], data["dataset"], data["unbundled"]) == ("AA01A", "tiny 1.0", "APC", ["XD01Z"])
    assert data["diagnoses"][0]["rows"][0]["cells"] == {"codes": "B000", "subchapters": "AA", "points": "3", "grade": "probed"}
    text = DOCS.read_text(encoding="utf-8")
    keys = {*data, *data["steps"][0], *data["diagnoses"][0], *data["diagnoses"][0]["rows"][0]}
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


# Other data sets


@pytest.mark.parametrize("dataset", OTHERS)
def test_other_data_sets(dataset: str) -> None:
    found = of_cells(dataset).explain()
    assert (found.dataset, found.hrg) == (dataset, HRGS[dataset])
    assert [step for step in found.steps if step.name in ("decision", "split") and not step.rows] == []
    assert json.loads(found.to_json())["hrg"] == HRGS[dataset]
    assert found.hrg in found.to_html()


def test_the_level_of_a_category_has_its_row() -> None:
    (step,) = [step for step in of_cells("EM").explain().steps if step.name == "level" and "investigation" in step.text]
    (row,) = step.rows
    assert (row.table, row.cells["category"], row.cells["level"]) == ("category", "investigation", "2")
    assert "01" in row.cells["values"].split()


def test_codes_of_other_data_sets() -> None:
    found = of_cells("PCC", DIAG_01="J210", DIAG_02="Q211", OPER_01="E851").explain()
    assert told(found.diagnoses) == [("Q211", "no_score", False)]
    assert told(found.procedures) == [("E851", "not_weighed", False)]
    found = of_cells("NAC", OPER_01="M451", OPER_02="U052", OPER_03="Y981", OPER_04="zz").explain()
    assert [one.outcome for one in found.procedures] == ["dominant", "unbundled", "modifier", "invalid"]
    attended = of_cells("NAC", OPER_01="X621").explain()
    assert [one.outcome for one in attended.procedures] == ["ignored"] and attended.hrg == HRGS["NAC"]


# Any spell of the design as shipped, held against the tables as the reference grouper reads them


@pytest.fixture(scope="module")
def reference(design_folder: Path) -> ReferenceGrouper:
    return ReferenceGrouper(design_folder)


@pytest.fixture(scope="module")
def pools(reference: ReferenceGrouper) -> Pools:
    return pools_of(reference.design)


@pytest.mark.parametrize("seed", range(100))
def test_any_spell(grouper: Grouper, reference: ReferenceGrouper, pools: Pools, seed: int) -> None:
    records = as_records(random_spell(Random(seed), pools, most_episodes=3, sloppy=False))
    assert records
    check(grouper, reference, records)


@pytest.mark.parametrize("seed", range(25))
def test_any_spell_of_any_design(tmp_path: Path, seed: int) -> None:
    """Random designs use every word of the tables densely, and may be such as lint refuses."""
    random = Random(seed)
    folder = write_random_design(tmp_path / "random", random)
    grouper, reference = Grouper(load_design(folder)), ReferenceGrouper(folder)
    pools = pools_of(reference.design)
    for _ in range(20):
        if records := as_records(random_spell(random, pools)):
            check(grouper, reference, records)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("dataset", ["NAC", "PCC"])
def test_any_codes_of_other_data_sets(pools: Pools, dataset: str, seed: int) -> None:
    random = Random(seed)
    cells = {f"OPER_{number:02}": random.choice(random.choice(pools.procedures)) for number in range(1, random.randint(2, 9))}
    if dataset == "PCC":
        cells |= {f"DIAG_{number:02}": random.choice(random.choice(pools.diagnoses)) for number in range(1, random.randint(2, 9))}
    result = of_cells(dataset, **cells)
    found = result.explain()
    assert [one.code for one in found.procedures] == [code for name, code in cells.items() if name.startswith("OPER")]
    assert [one.code for one in found.diagnoses] == [code for name, code in cells.items() if name > "DIAG_01" and "DIAG" in name]
    drives = [one.code for one in found.procedures if one.outcome == "dominant"]
    assert not result.provenance or drives == ([result.dominant_procedure] if result.dominant_procedure else [])
    assert json.loads(found.to_json())["hrg"] == result.hrg and str(found)


def check(grouper: Grouper, reference: ReferenceGrouper, records: list[Episode]) -> None:
    result = grouper.group_spell(records)
    found = result.explain()
    ordered = [records[place] for place in result.order]
    units = {f"Episode {number}": part for number, part in enumerate(result.episodes, 1)}
    if len(records) > 1:
        units["Spell"] = result
    for name, unit in units.items():
        diagnoses = [one for one in found.diagnoses if one.part.split(" (")[0].split(",")[0] == name]
        procedures = [one for one in found.procedures if one.part.split(" (")[0].split(",")[0] == name]
        rows = range(len(ordered)) if name == "Spell" else [int(name.split()[1]) - 1]
        if name == "Spell" and not diagnoses and not procedures:
            assert not unit.provenance  # an episode failed, so that none was pooled
            continue
        cells = [len([code for code in ordered[row].diagnoses if code.strip(" .")]) for row in rows]
        blank = not ordered[next(iter(rows))].diagnoses or not ordered[next(iter(rows))].diagnoses[0].strip(" .")
        assert len(diagnoses) == sum(cells) - (0 if blank else 1)
        assert len(procedures) == sum(len([code for code in ordered[row].procedures if code.strip(" .")]) for row in rows)
        if unit.provenance:
            check_scores(reference, unit, diagnoses)
            drives = [one.code for one in procedures if one.outcome == "dominant"]
            assert drives == ([unit.dominant_procedure] if unit.dominant_procedure else [])
            counted = {one.code for one in procedures if one.counted and one.outcome != "dominant"}
            assert len(counted) == unit.interventions


def check_scores(
    reference: ReferenceGrouper,
    unit: hrgcore.EpisodeResult | hrgcore.SpellResult,
    diagnoses: Sequence[CodeOutcome],
) -> None:
    design = reference.design
    assert sum(one.points for one in diagnoses) == unit.cc_score
    subchapter = unit.hrg[:2]
    for one in diagnoses:
        listed = design.cc.get((subchapter, one.code), (0, ""))[0] > 0
        if one.outcome == "counted":
            assert listed and subchapter in one.rows[0].cells["subchapters"].split()
            assert one.code in design.icd10.expand(one.rows[0].cells["codes"])
        if one.outcome == "not_listed":
            assert not listed
        if one.outcome == "excluded":
            (row,) = one.rows
            assert listed and one.beside in design.icd10.expand(row.cells["primary"])
            assert one.code in design.icd10.expand(row.cells["secondary"])
        if one.outcome == "less_specific":
            own, other = one.rows
            assert one.code in design.icd10.expand(own.cells["codes"])
            assert one.beside in design.icd10.expand(other.cells["codes"])
            assert own.cells["family"] == other.cells["family"] and own.cells["level"] == "general"
            assert any(two.code == one.beside and two.counted for two in diagnoses)
