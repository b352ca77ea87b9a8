"""The author's kit passes on a sound design, and fails on each fault that it is there to find."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import hrgcore.testing.reference
from hrgcore.design import load_design
from hrgcore.errors import DesignError
from hrgcore.evidence.witness import find_witnesses, write_witnesses
from hrgcore.testing import DesignTests
from hrgcore.testing.cases import check_case, read_cases
from hrgcore.testing.snapshot import COLUMNS, check_snapshot, main, snapshot
from hrgcore.testing.subject import Subject, subject_of

from .tiny import TABLES, changed, tiny_design

Tests = Callable[..., DesignTests]
CASES = """
- name: Two points
  episodes:
    - {age: 40, days: 2, diagnoses: [A000, B000]}
  hrg: AA01A
  why: B000 scores 3 points.
- name: Named beforehand
  episodes:
    - {age: 40, days: 0, diagnoses: [A000], specialty: "191"}
  roots: [AA03]
- name: No such diagnosis
  episodes:
    - {age: 40, days: 0, diagnoses: [Z000]}
  hrg: UZ01Z
  why: It is no primary diagnosis.
  error: UZ01
- name: A scan
  episodes:
    - {age: 40, days: 0, diagnoses: [A000], procedures: [U011]}
  hrg: AA01B
  why: The scan has an HRG of its own.
  unbundled: [XD01Z]
"""


@pytest.fixture
def tests(tmp_path: Path) -> Tests:
    """The tests of a tiny design with some tables changed, and with what was kept of the sound one."""

    def make(cases: str = CASES, **tables: str) -> DesignTests:
        sound = load_design(tiny_design(tmp_path))
        write_witnesses(tmp_path / "witnesses.csv", list(find_witnesses(sound).witnesses.values()))
        main([str(tmp_path / "tiny"), str(tmp_path / "snapshot.csv")])
        folder = tiny_design(tmp_path / "changed", **tables)
        (folder / "cases").mkdir()
        (folder / "cases" / "all.yaml").write_text(cases)
        own = type("Own", (DesignTests,), {"design": folder, "kept": tmp_path})
        return own()  # type: ignore[no-any-return]

    return make


def test_a_sound_design_passes(tests: Tests, tmp_path: Path) -> None:
    own = tests()
    own.test_lint()
    own.test_witnesses()
    own.test_snapshot()
    own.test_twin(tmp_path)
    for case in read_cases(own.subject.folder / "cases"):
        own.test_case(dict(case.content))
    type(own).kept = None
    own.test_witnesses()
    with pytest.raises(pytest.skip.Exception):
        own.test_snapshot()


# What it finds


def test_lint(tests: Tests) -> None:
    own = tests(**changed("split", "AA01,AA01B,,,,0-2,,label", "AA01,AA01B,,,,0-1,,label"))
    with pytest.raises(AssertionError, match=r"split\.csv line 2: .*AA01"):
        own.test_lint()


def test_witness_that_moves(tests: Tests) -> None:
    own = tests(**changed("procedure", "M01,drives,5,PR01", "M01,drives,5,PR02"))
    with pytest.raises(AssertionError, match=r"PR01: PR02Z, not PR01A(.|\n)*hrg design witnesses"):
        own.test_witnesses()


def test_root_without_a_kept_witness(tests: Tests, tmp_path: Path) -> None:
    own = tests()
    lines = (tmp_path / "witnesses.csv").read_text().splitlines(keepends=True)
    (tmp_path / "witnesses.csv").write_text("".join(line for line in lines if not line.startswith("PR02")))
    with pytest.raises(AssertionError, match="PR02 has no witness"):
        own.test_witnesses()


def test_root_that_no_record_reaches(tests: Tests) -> None:
    own = tests(rule=TABLES["rule"].replace("procedure in big and stay 3+", "procedure in big and count big 0"))
    type(own).kept = None
    with pytest.raises(AssertionError, match="no record comes to PR02"):
        own.test_witnesses()
    type(own).unreachable = frozenset({"PR02"})
    own.test_witnesses()
    type(own).unreachable = frozenset({"PR01", "PR02"})
    with pytest.raises(AssertionError, match="not unreachable any more, or no core roots: PR01"):
        own.test_witnesses()


def test_spells_that_move(tests: Tests) -> None:
    own = tests(**changed("split", "PR01,PR01A,19+", "PR01,PR01A,18+"))
    with pytest.raises(AssertionError, match=r"\d+ of 15000 spells moved(.|\n)*hrgcore\.testing\.snapshot"):
        own.test_snapshot()


@pytest.mark.parametrize(
    ("table", "code", "column", "value"),
    [("procedure", "M011", "root", "PR02"), ("diagnosis", "A000", "root", "AA02"), ("unbundled", "U011", "root", "VC04")],
)
def test_engine_and_reference_that_differ(tests: Tests, tmp_path: Path, table: str, code: str, column: str, value: str) -> None:
    """As a defect of the engine would show: with the one episode and the cells that it needs."""
    own = tests()
    rows = getattr(own.subject.reference.design, table)
    rows[code] = {**rows[code], column: value}
    with pytest.raises(AssertionError) as caught:
        own.test_twin(tmp_path)
    told = str(caught.value)
    assert code in told.replace(".", "").upper() and "reference" in told and "engine" in told
    assert told.count("{") == 1


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("hrg: AA01A", "hrg: AA01B", r"Two points: AA01A, not AA01B\nB000 scores 3 points\.\n(.|\n)*CC score 3"),
        ("[AA03]", "[AA01, AA02]", r"Named beforehand: AA03Z, of none of the roots \['AA01', 'AA02'\]"),
        ("error: UZ01", "error: UZ03", r"errors \['UZ01'\], not UZ03"),
        ("[XD01Z]", "[VC04Z]", r"unbundled \['XD01Z'\], not \['VC04Z'\]"),
        ("procedures: [U011]", "procedures: []", r"unbundled \[\], not \['XD01Z'\]"),
    ],
)
def test_cases_that_fail(tests: Tests, old: str, new: str, text: str) -> None:
    own = tests(CASES.replace(old, new))
    assert CASES.count(old) == 1
    with pytest.raises(AssertionError, match=text):
        for case in read_cases(own.subject.folder / "cases"):
            own.test_case(dict(case.content))


@pytest.mark.parametrize("value", [{"days": 3}, {"warning": "F"}])
def test_cases_of_records_that_fail(value: dict[str, object]) -> None:
    """Adult critical care of two days, without a warning."""
    record = {"CCUF": "01", "CC_Start_Date": "20240501", "CC_Discharge_Date": "20240502"}
    case = {"name": "two days", "dataset": "ACC", "record": record, "hrg": "XC07Z", "why": "No organ was supported."}
    grouper_of = subject_of("2024-25").grouper
    check_case({**case, "days": 2, "warning": ""}, grouper_of)
    with pytest.raises(AssertionError, match="two days: "):
        check_case({**case, **value}, grouper_of)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: b", "is not a list"),
        ("- x", "has no name"),
        ("- {name: 1}", "has no name"),
        ("- [", "cannot be read"),
        ("- {name: a, episodes: [], hrg: X}", "case 'a' lacks or should not have: why"),
        ("- {name: a, episodes: [], roots: [], why: x}", "lacks or should not have: why"),
        ("- {name: a, dataset: EM, record: {AGE: 3}, hrg: X, why: x}", "AGE is not text"),
        ("- {name: a, episodes: [], hrg: X, why: x, days: 3}", "lacks or should not have: days"),
        ("- {name: A b, episodes: [], roots: []}\n- {name: a-B, episodes: [], roots: []}", "two cases are named 'a-B'"),
        ("- !!python/object/apply:os.system [echo]", "cannot be read"),
    ],
)
def test_files_that_hold_no_cases(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "all.yaml").write_text(text)
    with pytest.raises(DesignError, match=re.escape(fault)):
        read_cases(tmp_path)


# The parts


def test_subject_leaves_out_what_plugins_adjust(tmp_path: Path) -> None:
    subject = Subject(tiny_design(tmp_path))
    assert subject.design.adjusted_by == () and subject.datasets == ()
    assert subject_of("2024-25").datasets == ("NAC", "EM", "NRD", "ACC", "PCC", "NCC")
    with pytest.raises(DesignError, match="no design named 'none'"):
        subject_of("none")


def test_snapshot_program(tmp_path: Path) -> None:
    folder, file = tiny_design(tmp_path), tmp_path / "snapshot.csv"
    command = [sys.executable, "-W", "error", "-m", "hrgcore.testing.snapshot"]
    done = subprocess.run([*command, folder, file], capture_output=True, text=True, check=True)
    assert done.stdout == "snapshot.csv: 15000 spells, 15000 changed\n"
    check_snapshot(load_design(folder), file)
    first, *rows = file.read_text().splitlines()
    assert first == ",".join(COLUMNS) and len(rows) == 15000
    assert {row.split(",")[2][:4] for row in rows} == {"AA01", "AA02", "AA03", "PR01", "PR02", "UZ01"}
    assert [tuple(row.split(",")) for row in rows] == snapshot(load_design(folder))
    done = subprocess.run([*command, "none", file], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith("Error: ") and "no design named 'none'" in done.stderr


def test_reference_shares_no_code_with_the_engine() -> None:
    """So that what both say alike is what the documents say."""
    sources = sorted(Path(hrgcore.testing.reference.__file__).parent.glob("*.py"))
    assert len(sources) > 10
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("hrgcore") for alias in node.names), source.name
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 or not str(node.module).startswith("hrgcore"), source.name


def test_nothing_else_loads_the_kit() -> None:
    code = "import sys, hrgcore.cli.design, hrgcore.grouper, hrgcore.evidence.coverage; print('hrgcore.testing' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
    with pytest.raises(AttributeError, match="nothing"):
        hrgcore.testing.nothing  # noqa: B018


def test_every_test_and_attribute_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "plugin-authoring.md").read_text(encoding="utf-8")
    section = page.partition("\n## Tests of a design\n")[2].partition("\n## ")[0]
    rows = {name for names in re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", names)}
    tests = {name for name in vars(DesignTests) if name.startswith("test_")}
    assert rows == tests | set(DesignTests.__annotations__)
