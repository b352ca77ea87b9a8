"""What a design covers: chapters, codes, activity by grade, the second mapping, and the two commands that tell it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hrgcore.cli import main
from hrgcore.design import load_design
from hrgcore.errors import DesignError
from hrgcore.evidence.coverage import NOT_REACHABLE, Coverage, SecondMapping, hrg_grades, measure_coverage, second_mappings
from hrgcore.evidence.witness import find_witnesses

from .tiny import TABLES, changed, tiny_design

HRG = Callable[..., Result]
ACTIVITY = """hrg,setting,episodes
AA01A,elective,10
AA01B,day case,20
AA01B,outpatient procedure,1000
PR01A,elective,40
PR02Z,elective,5
VC04Z,elective,7
"""
SECOND = """kind,codes,first,second,decision,reason
procedure,M011,drives 5 PR01,drives 5 PR01,,
procedure,M012 P011,drives 5 PR01,drives 6 PR02,second,larger
procedure,Y011,modifier,site,modifier,
procedure,V011,vague,barred,intervention,neither
child diagnosis,A00,PA01,PA01,,
child diagnosis,B00,PA01,PA02,first,
child diagnosis,C000,PA01,PA02,,
"""


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def with_evidence(folder: Path, **files: str) -> Path:
    (folder / "evidence").mkdir()
    for name, text in files.items():
        (folder / "evidence" / f"{name}.csv").write_text(text)
    return folder


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def measured(folder: Path, **tables: str) -> Coverage:
    return measure_coverage(load_design(tiny_design(folder, **tables)), rows(ACTIVITY), rows(SECOND))


# Counts


def test_chapters(tmp_path: Path) -> None:
    found = measured(tmp_path)
    assert [(one.name, one.roots, one.reachable, one.diagnoses, one.procedures) for one in found.chapters] == [
        ("A", 3, 3, 7, 0),  # Z000 is an error
        ("P", 2, 2, 0, 2),
    ]
    assert (found.whole.roots, found.whole.reachable, found.whole.diagnoses, found.whole.procedures) == (5, 5, 7, 2)
    assert found.diagnosis_codes == 8
    assert found.roles == {
        "drives": 2, "modifier": 1, "site": 0, "intervention": 1, "unbundled": 3, "vague": 1, "barred": 0,
        "ignored": 0, "none": 0,
    }  # fmt: skip


def test_activity_by_grade(tmp_path: Path) -> None:
    """Outpatient procedures do not count, and HRGs of other kinds are left out."""
    found = measured(tmp_path)
    assert [dict(one.episodes) for one in found.chapters] == [{"probed": 10, "label": 20}, {"authored": 45}]
    assert found.whole.share("authored") == 45 / 75 and found.whole.share(NOT_REACHABLE) == 0
    assert found.left_out == 7


def test_activity_of_roots_that_no_record_reaches(tmp_path: Path) -> None:
    found = measured(tmp_path, rule=TABLES["rule"].replace("procedure in big and stay 3+", "procedure in big and count big 0"))
    assert found.reach.unreachable == ("PR02",)
    assert dict(found.chapters[1].episodes) == {"authored": 40, NOT_REACHABLE: 5}
    assert (found.chapters[1].reachable, found.chapters[1].roots) == (1, 2)


def test_grades_of_hrgs(tmp_path: Path) -> None:
    """The way to the root, the split row, and the CC codes if points are needed: the weakest counts."""
    design = load_design(tiny_design(tmp_path, **changed("split", "AA02,AA02Z,,,,,,label", "AA02,AA02Z,,,,,,probed")))
    grades = hrg_grades(design, find_witnesses(design))
    assert grades == {
        "AA01A": "probed", "AA01B": "label", "AA02Z": "probed", "AA03Z": "authored",
        "PR01A": "authored", "PR01B": "authored", "PR02Z": "authored",
    }  # fmt: skip


# Second mapping


def test_second_mapping(tmp_path: Path) -> None:
    found = measured(tmp_path).second
    assert found == {
        "procedure": SecondMapping(codes=5, agreed=1, first=1, second=2, third=1, not_settled=0),
        "child diagnosis": SecondMapping(codes=6, agreed=2, first=3, second=0, third=0, not_settled=1),
    }
    assert found["procedure"].rate == 0.2
    assert SecondMapping(0, 0, 0, 0, 0, 0).rate == 0


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("drug,M011,a,a,,", "'drug' is not a kind: procedure, child diagnosis"),
        ("procedure,M01,a,a,,\nprocedure,M012,a,b,first,", "a procedure of 'M012' stands in two rows"),
    ],
)
def test_faults_of_a_second_mapping(tmp_path: Path, row: str, text: str) -> None:
    design = load_design(tiny_design(tmp_path))
    with pytest.raises(DesignError, match=text):
        second_mappings(design, rows(f"{SECOND.splitlines()[0]}\n{row}\n"))


# Commands


def test_coverage_command(hrg: HRG, tmp_path: Path) -> None:
    folder = with_evidence(tiny_design(tmp_path), activity=ACTIVITY, second_mapping=SECOND)
    done = hrg("design", "coverage", folder, "--csv", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "A 3/3 7 0 30 0.0% 66.7% 33.3% 0.0% 0.0%" in lines
    assert "all 5/5 7 2 75 0.0% 26.7% 13.3% 60.0% 0.0%" in lines
    assert "procedure 5 1 20.0% 1 2 1 0" in lines
    assert "5 of 5 core roots have a witness" in lines
    assert not any(line.startswith("Not reachable") for line in lines)
    table = rows((tmp_path / "out.csv").read_text())
    assert [row["chapter"] for row in table] == ["A", "P", "all"]
    assert (table[2]["episodes"], table[2]["authored"], table[2]["not_reachable"]) == ("75", "45", "0")


def test_coverage_without_evidence_names_what_cannot_be_reached(hrg: HRG, tmp_path: Path) -> None:
    rules = TABLES["rule"].replace("procedure in big and stay 3+", "procedure in big and count big 0")
    done = hrg("design", "coverage", tiny_design(tmp_path, rule=rules))
    assert done.exit_code == 0
    for text in (
        "no second mapping",
        "no evidence of activity",
        "Not reachable: PR02",
        "no record was found to take: rule.csv line 4",
    ):
        assert text in done.stdout


def test_witnesses_command(hrg: HRG, tmp_path: Path) -> None:
    done = hrg("design", "witnesses", tiny_design(tmp_path), "--write", tmp_path / "out.csv")
    assert done.exit_code == 0 and "5 of 5 core roots have a witness" in done.stdout
    assert [row["root"] for row in rows((tmp_path / "out.csv").read_text())] == ["AA01", "AA02", "AA03", "PR01", "PR02"]


@pytest.mark.parametrize(("command", "option"), [("coverage", "--csv"), ("witnesses", "--write")])
def test_commands_fail(hrg: HRG, tmp_path: Path, command: str, option: str) -> None:
    done = hrg("design", command, tiny_design(tmp_path), option, tmp_path / "none" / "out.csv")
    assert done.exit_code == 1 and "cannot be written" in done.stderr
    assert hrg("design", command, "1999-00").exit_code == 1
    bad = with_evidence(tiny_design(tmp_path, name="bad"), second_mapping="kind,codes\n")
    done = hrg("design", "coverage", bad)
    assert done.exit_code == 1 and "the columns are not kind,codes,first,second,decision,reason" in done.stderr
