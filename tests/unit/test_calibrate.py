"""`hrg design calibrate`: which roots codes lead to, how mentions are shared, the report and its files."""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import hrgcore
from hrgcore import Episode
from hrgcore.cli import main
from hrgcore.design import load_design
from hrgcore.evidence.calibrate import Calibration, RootCount, calibrate, share
from hrgcore.evidence.leads import Leads

from .tiny import TABLES, changed, overlay, tiny_design

HRG = Callable[..., Result]
RULE = "procedure,PR01,procedure in big and stay 3+,PR02,,authored"
ACTIVITY = """hrg,setting,episodes
AA01A,elective,900
PR01A,day case,60
PR01A,outpatient procedure,5000
PR01B,elective,40
PR02Z,elective,50
XD01Z,elective,700
"""


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner(env={"COLUMNS": "120"}).invoke(main, [str(argument) for argument in arguments])


def leads(folder: Path, **tables: str) -> dict[str, set[str]]:
    design = load_design(tiny_design(folder, **tables))
    return {code: set(roots) for code, roots in Leads(design).of_procedures()}


def evidence(folder: Path, **files: str) -> Path:
    """Adds files of evidence to the folder of a design."""
    (folder / "evidence").mkdir()
    for name, text in files.items():
        (folder / "evidence" / f"{name}.csv").write_text(text)
    return folder


def calibrated(folder: Path, **more: str) -> Path:
    """A design whose second code has two roots: 80 mentions of the first code, 70 of the second."""
    tiny_design(folder, **changed("rule", RULE, "procedure,PR01,dominant in big and stay 3+,PR02,,authored"))
    return evidence(folder / "tiny", activity=ACTIVITY, mentions="code,mentions\nM011,80\nM012,70\nP011,9\n", **more)


# Which roots a code leads to


@pytest.mark.parametrize(
    ("condition", "first", "second"),
    [
        ("", {"PR02"}, {"PR02"}),
        ("primary in sorted", {"PR01", "PR02"}, {"PR01", "PR02"}),
        ("dominant in big", {"PR01"}, {"PR02"}),
        ("not dominant in big", {"PR02"}, {"PR01"}),
        ("procedure in big", {"PR01", "PR02"}, {"PR02"}),
        ("not procedure in big", {"PR01", "PR02"}, {"PR01"}),
        ("count big 1+", {"PR01", "PR02"}, {"PR02"}),
        ("count big 0", {"PR01", "PR02"}, {"PR01"}),
        ("dominant in big and age 5+ or interventions 1+", {"PR01"}, {"PR01", "PR02"}),
        ("dominant in big or interventions 0", {"PR02"}, {"PR02"}),
        ("stay 0-3", {"PR01", "PR02"}, {"PR01", "PR02"}),
        ("stay 0+", {"PR02"}, {"PR02"}),
    ],
)
def test_a_rule_applies_unless_the_code_settles_its_condition(
    condition: str, first: set[str], second: set[str], tmp_path: Path
) -> None:
    found = leads(tmp_path, **changed("rule", RULE, f"procedure,PR01,{condition},PR02,,authored"))
    assert found == {"M011": first, "M012": second}


def test_stays_at_which_a_rank_does_not_drive_count_for_nothing(tmp_path: Path) -> None:
    found = leads(tmp_path, **changed("dominance", "2+,2", "2+,6"))
    assert found == {"M011": {"PR01"}, "M012": {"PR01"}}, "the rule asks for 3 days"


def test_a_code_that_never_drives_leads_nowhere(tmp_path: Path) -> None:
    assert leads(tmp_path, dominance="stay,min_rank,grade\n0+,6,authored\n") == {}


def test_rules_are_followed_in_their_order(tmp_path: Path) -> None:
    back = "procedure,PR02,age 5+,PR01,,authored\nprocedure,PR01,,PR02,,authored"
    assert leads(tmp_path, **changed("rule", RULE, back)) == {"M011": {"PR02"}, "M012": {"PR02"}}


def test_roots_without_splits_are_left_out(tmp_path: Path) -> None:
    hrgs = TABLES["hrg"] + "PR99Z,On the way,helper,label\n"
    rules = TABLES["rule"].replace(RULE, "procedure,PR99,age 5+,PR02,,authored\nprocedure,PR99,,PR01,,authored")
    procedures = TABLES["procedure"].replace("drives,5,PR01", "drives,5,PR99")
    assert leads(tmp_path, hrg=hrgs, rule=rules, procedure=procedures)["M011"] == {"PR01", "PR02"}


def test_roots_without_a_procedure(tmp_path: Path) -> None:
    design = load_design(tiny_design(tmp_path))
    assert Leads(design).without_procedure() == {"AA01", "AA02", "AA03"}


def test_the_engine_never_finds_another_root(grouper: hrgcore.Grouper) -> None:
    design, random_ = grouper.design, random.Random(5)
    found = Leads(design)
    reach, unaided = dict(found.of_procedures()), found.without_procedure()
    driving, codes, diagnoses = list(reach), design.tables.opcs4.codes[1:], design.tables.icd10.codes[1:]
    spells = [
        [
            Episode(
                age=random_.choice((5, 40, 80)),
                duration=random_.choice((0, 1, 5)),
                diagnoses=random_.sample(diagnoses, 2),
                procedures=[random_.choice(driving), *random_.sample(codes, 2), random_.choice(driving)][random_.randint(0, 2) :],
            )
        ]
        for _ in range(5000)
    ]
    columns = grouper.group_batch(*grouper.encode(spells)).results.columns
    root_of = {row.cells[1]: row.cells[0] for row in design.rows["split"]}
    driven = 0
    for hrg, method, dominant in zip(columns["hrg"], columns["method"], columns["dominant"], strict=True):
        if chr(method) == "P":
            driven += 1
            assert root_of[design.tables.hrgs[hrg]] in reach[design.tables.opcs4.codes[dominant]]
        elif chr(method) != "U":
            assert root_of[design.tables.hrgs[hrg]] in unaided
    assert driven > 1000


# Sharing


def pools(**mentions: float) -> dict[frozenset[str], float]:
    """Mentions by roots of one letter: `AB=60` are those of a code that leads to A and B."""
    return {frozenset(roots): number for roots, number in mentions.items()}


@pytest.mark.parametrize(
    ("mentions", "activity", "expected"),
    [
        ({"A": 80, "B": 5}, {"A": 10, "B": 10}, {"A": 80, "B": 5}),
        ({"AB": 60}, {"A": 100, "B": 200}, {"A": 20, "B": 40}),
        ({"A": 80, "AB": 70}, {"A": 100, "B": 50}, {"A": 100, "B": 50}),
        ({"A": 160, "AB": 140}, {"A": 100, "B": 50}, {"A": 200, "B": 100}),
        ({"AB": 30, "BC": 30}, {"A": 20, "B": 20, "C": 20}, {"A": 20, "B": 20, "C": 20}),
        ({"A": 300, "AB": 60}, {"A": 100, "B": 100}, {"A": 300, "B": 60}),  # A has too much already
        ({"AB": 60}, {"A": 10}, {"A": 60}),
        ({"AB": 60}, {}, {"A": 30, "B": 30}),
        ({"AB": 0}, {"A": 1, "B": 1}, {"A": 0, "B": 0}),
        ({}, {"A": 1}, {}),
    ],
)
def test_mentions_are_shared_as_evenly_as_they_can_be(
    mentions: dict[str, float], activity: dict[str, int], expected: dict[str, float]
) -> None:
    found = share(pools(**mentions), activity)
    assert found == pytest.approx(expected, rel=0.01)
    assert sum(found.values()) == pytest.approx(sum(mentions.values()))


# Roots and verdicts


def test_counts_of_each_root(tmp_path: Path) -> None:
    design = load_design(calibrated(tmp_path))
    rows = list(csv.DictReader(ACTIVITY.splitlines()))
    mentions = [{"code": "M011", "mentions": "80"}, {"code": "M012", "mentions": "70"}]
    repair, major = calibrate(design, rows, mentions, at_least=50).roots
    assert (repair.root, repair.label, repair.activity, repair.codes, repair.low, repair.high) == (
        "PR01",
        "Repair",
        100,
        2,
        80,
        150,
    )
    assert (major.root, major.label, major.activity, major.codes, major.low, major.high) == ("PR02", "Major Repair", 50, 1, 0, 70)
    assert (repair.allotted, major.allotted) == (pytest.approx(100, rel=0.01), pytest.approx(50, rel=0.01))
    assert repair.ratio == pytest.approx(1, rel=0.01)
    assert not repair.unaided and not repair.reason
    assert [root.root for root in calibrate(design, rows, mentions, at_least=51).roots] == ["PR01"]


def root(**values: float | str) -> RootCount:
    fixed = {"root": "PR01", "label": "", "activity": 100, "codes": 1, "low": 0, "high": 0, "allotted": 0.0, "reason": ""}
    return RootCount(**{**fixed, "unaided": False, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"allotted": 300.0}, "within"),
        ({"allotted": 301.0}, "more"),
        ({"allotted": 34.0}, "within"),
        ({"allotted": 33.0}, "fewer"),
        ({"allotted": 0.0}, "fewer"),
        ({"allotted": 301.0, "reason": "why"}, "explained"),
        ({"allotted": 100.0, "reason": "why"}, "within"),
        ({"codes": 0}, "no code"),
        ({"codes": 0, "reason": "why"}, "no code"),
    ],
)
def test_verdicts(values: dict[str, float | str], verdict: str) -> None:
    assert Calibration((), 3, ()).verdict(root(**values)) == verdict


def test_a_root_that_nothing_leads_to_is_told(tmp_path: Path) -> None:
    procedures = TABLES["procedure"].replace("M01,drives,5,PR01", "M01,drives,5,PR02")
    design = load_design(tiny_design(tmp_path, procedure=procedures))
    found = calibrate(design, list(csv.DictReader(ACTIVITY.splitlines())), [], at_least=1)
    assert {one.root: found.verdict(one) for one in found.roots} == {"PR01": "no code", "PR02": "fewer"}


def test_a_root_that_diagnoses_lead_to_as_well_is_noted(tmp_path: Path) -> None:
    procedures = TABLES["procedure"].replace("M01,drives,5,PR01", "M01,drives,5,AA01")
    design = load_design(tiny_design(tmp_path, procedure=procedures))
    found = calibrate(design, list(csv.DictReader(ACTIVITY.splitlines())), [], at_least=500)
    assert [(one.root, one.unaided) for one in found.roots] == [("AA01", True)]


def test_reasons_that_are_not_needed_are_told(tmp_path: Path) -> None:
    design = load_design(calibrated(tmp_path))
    reasons = [{"root": name, "reason": "why"} for name in ("PR02", "PR01", "ZZ99")]
    mentions = [{"code": "M011", "mentions": "900"}, {"code": "M012", "mentions": "50"}]
    found = calibrate(design, list(csv.DictReader(ACTIVITY.splitlines())), mentions, reasons, at_least=1)
    assert {one.root: found.verdict(one) for one in found.roots} == {"PR01": "explained", "PR02": "within"}
    assert found.idle_reasons == ("PR02", "ZZ99")


# The command


def test_command(hrg: HRG, tmp_path: Path) -> None:
    folder = calibrated(tmp_path, calibration="root,reason\nPR02,Counted twice.\n")
    done = hrg("design", "calibrate", folder, "--at-least", 1, "--csv", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "Design tiny 1.0: 2 roots of at least 1 episodes that need a procedure"
    assert [line.split() for line in lines[1:3]] == [
        ["2", "100.0%", "within", "a", "factor", "of", "3"],
        ["0", "0.0%", "outside,", "with", "a", "reason"],
    ]
    assert lines[-1] == "Reasons that are not needed: PR02"
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["root"], row["activity"], row["mentions_low"], row["mentions_high"]) for row in rows] == [
        ("PR01", "100", "80", "150"),
        ("PR02", "50", "0", "70"),
    ]
    assert {row["verdict"] for row in rows} == {"within"}


def test_command_shows_what_is_not_within(hrg: HRG, tmp_path: Path) -> None:
    folder = calibrated(tmp_path, calibration="root,reason\nPR01,Recorded [twice].\n")
    (folder / "evidence" / "mentions.csv").write_text("code,mentions\nM011,900\n")
    done = hrg("design", "calibrate", folder, "--at-least", 1, "--factor", 4)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[1].split()[:6] == ["PR02", "50", "1", "0", "0.00", "fewer"]
    assert lines[2].split()[:6] == ["PR01", "100", "2", "900", "9.00", "explained"]
    assert lines[3].strip() == "Recorded [twice]."
    assert "PR01" in hrg("design", "calibrate", folder, "--at-least", 1, "--factor", 10, "--all").stdout


def test_command_names_roots_without_a_code(hrg: HRG, tmp_path: Path) -> None:
    folder = calibrated(tmp_path)
    (folder / "tables" / "procedure.csv").write_text(TABLES["procedure"].replace("M01,drives,5,PR01", "M01,drives,5,PR02"))
    done = hrg("design", "calibrate", folder, "--at-least", 1)
    assert "NO CODE, no diagnosis and no route leads to: PR01" in done.stdout


def test_command_on_an_overlay_takes_the_evidence_of_its_base(hrg: HRG, tmp_path: Path) -> None:
    folder = overlay(tmp_path, base="2024-25")
    done = hrg("design", "calibrate", folder)
    assert done.exit_code == 0
    assert "Design over 1.0: " in done.stdout


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["--csv", "none/out.csv"], "[HRG-O] none/out.csv: cannot be written"),
        (["--plot", "out.pdf"], "[HRG-A] plot: out.pdf does not end in .png or .svg"),
        (["--plot", "none/out.svg"], "[HRG-O] none/out.svg: cannot be written"),
    ],
)
def test_command_refuses(more: list[str], text: str, hrg: HRG, tmp_path: Path) -> None:
    if "none/out.svg" in more:
        pytest.importorskip("matplotlib")
    done = hrg("design", "calibrate", calibrated(tmp_path), "--at-least", 1, *more)
    assert done.exit_code == 1
    assert text in done.stderr


def test_command_without_evidence(hrg: HRG, tmp_path: Path) -> None:
    done = hrg("design", "calibrate", tiny_design(tmp_path))
    assert done.exit_code == 1
    assert "design tiny has no evidence 'activity' to compare with" in done.stderr


def test_wrong_evidence(hrg: HRG, tmp_path: Path) -> None:
    done = hrg("design", "calibrate", calibrated(tmp_path, calibration="root\nPR01\n"))
    assert done.exit_code == 1
    assert "calibration.csv: the columns are not root,reason" in done.stderr


def test_shipped_design(hrg: HRG) -> None:
    done = hrg("design", "calibrate", "2024-25")
    assert done.exit_code == 0
    assert " of at least 1,000 episodes that need a procedure" in done.stdout
    assert "  within a factor of 3\n" in done.stdout


# The picture


@pytest.mark.parametrize(("name", "start"), [("out.png", b"\x89PNG"), ("out.svg", b"<?xml")])
def test_picture(name: str, start: bytes, hrg: HRG, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    folder = calibrated(tmp_path)
    (folder / "evidence" / "mentions.csv").write_text("code,mentions\nM011,900\nM012,10\n")
    done = hrg("design", "calibrate", folder, "--at-least", 1, "--plot", tmp_path / name)
    assert done.exit_code == 0, done.output
    assert (tmp_path / name).read_bytes().startswith(start)


def test_picture_names_only_the_points_outside(tmp_path: Path) -> None:
    figures = pytest.importorskip("matplotlib.figure")
    from hrgcore.evidence import plot

    roots = tuple(
        root(root=name, activity=activity, allotted=float(allotted))
        for name, activity, allotted in (("AA01", 1000, 1200), ("AA02", 1000, 90000), ("AA03", 5000, 100), ("AA04", 1, 0))
    )
    drawn = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures.Figure, "savefig", lambda self, path, **_: drawn.append(self))
        plot.plot(Calibration(roots, 3, ()), "A title", tmp_path / "out.png")
    (axes,) = drawn[0].axes
    assert [text.get_text() for text in axes.texts] == ["AA02", "AA03"]
    assert axes.get_title(loc="left") == "A title\n1 of 3 roots lie within a factor of 3"


def test_picture_of_nothing(hrg: HRG, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    done = hrg("design", "calibrate", calibrated(tmp_path), "--at-least", 100000, "--plot", tmp_path / "out.png")
    assert done.exit_code == 0, done.output
    assert "Design tiny 1.0: 0 roots" in done.stdout


def test_picture_needs_its_extra(hrg: HRG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = hrg("design", "calibrate", "2024-25", "--plot", tmp_path / "out.png")
    assert done.exit_code == 1
    assert "[HRG-A] plot: pictures need matplotlib. Install hrgcore[plot]." in done.stderr
