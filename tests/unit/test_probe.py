"""`hrg design probe`: what setting one field changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hrgcore.cli import main
from hrgcore.design import Design, load_design
from hrgcore.errors import DesignError, InputFileError
from hrgcore.evidence.probe import ProbeResult, run_probes

from .apc import record, with_header
from .tiny import tiny_design

HRG = Callable[..., Result]
OFFICIAL = Path(__file__).parents[3] / "shared" / "data" / "official"


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner(env={"COLUMNS": "120"}).invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def design(tmp_path: Path) -> Design:
    return load_design(tiny_design(tmp_path))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three spells of one episode that group to PR01A, PR02Z and AA01B, one that fails, and one of two episodes."""
    return with_header(
        tmp_path / "in.csv",
        record(PROVSPNO="1", DIAG_01="A000", OPER_01="M012", EPIDUR="2"),
        record(PROVSPNO="2", DIAG_01="A000", OPER_01="M012", EPIDUR="9"),
        record(PROVSPNO="3", DIAG_01="A000", EPIDUR="9"),
        record(PROVSPNO="4", DIAG_01="", OPER_01="M012"),
        record(PROVSPNO="5", DIAG_01="A000", OPER_01="M012", EPIDUR="1"),
        record(PROVSPNO="5", DIAG_01="A000", OPER_01="M012", EPIDUR="1", EPIORDER="2"),
    )


def probe(field: str, value: str, records: int = 30, changed: int = 9) -> dict[str, str]:
    return {"field": field, "value": value, "records": str(records), "changed": str(changed)}


@pytest.mark.parametrize(
    ("field", "value", "changed"),
    [
        ("EPIDUR", "0", 1),  # the second is too short for the major repair
        ("EPIDUR", "3", 1),  # the first is long enough for it
        ("EPIDUR", "9", 1),
        ("STARTAGE", "5", 1),  # the first falls into the split of children
        ("STARTAGE", "50", 0),
        ("TRETSPEF", "191", 3),  # a route takes all
        ("TRETSPEF", "100", 0),
        ("ADMISORC", "51", 0),
        ("CRITICALCAREDAYS", "7", 1),  # leaves 2 days of the second
    ],
)
def test_changes(field: str, value: str, changed: int, design: Design, source: Path) -> None:
    assert run_probes(design, [probe(field, value)], source, None) == [ProbeResult(field, value, 30, 9, 3, changed)]


def test_probes_do_not_disturb_each_other(design: Design, source: Path) -> None:
    probes = [probe("TRETSPEF", "191"), probe("EPIDUR", "0"), probe("TRETSPEF", "100"), probe("TRETSPEF", "191")]
    assert [one.changed for one in run_probes(design, probes, source, None)] == [3, 1, 0, 3]


def test_scaling() -> None:
    one = ProbeResult("EPIDUR", "0", official_records=490, official_changed=19, records=245, changed=10)
    assert (one.scaled, one.difference) == (20, 1)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("EPIDUR", "-1", "EPIDUR does not accept '-1'"),
        ("STARTAGE", "131", "STARTAGE does not accept '131'"),
        ("TRETSPEF", "999", "TRETSPEF does not accept '999'"),
        ("EPIORDER", "1", "a probe cannot set field 'EPIORDER'"),
        ("DIAG_01", "A000", "a probe cannot set field 'DIAG_01'"),
    ],
)
def test_impossible_probes(field: str, value: str, message: str, design: Design, source: Path) -> None:
    with pytest.raises(DesignError, match=message):
        run_probes(design, [probe(field, value)], source, None)


def test_a_file_without_a_fitting_spell(design: Design, tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", record(DIAG_01=""))
    with pytest.raises(InputFileError, match="has no spell of one episode that groups"):
        run_probes(design, [probe("EPIDUR", "0")], source, None)


def test_command(hrg: HRG, source: Path, tmp_path: Path) -> None:
    folder = tiny_design(tmp_path)
    (folder / "evidence").mkdir()
    (folder / "evidence" / "probes.csv").write_text("field,value,records,changed\nEPIDUR,0,30,9\nTRETSPEF,191,30,29\n")
    done = hrg("design", "probe", folder, source)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == "Design tiny 1.0: 3 spells of one episode that group"
    assert [line.split() for line in done.stdout.splitlines()[2:]] == [
        ["EPIDUR", "0", "9", "of", "30", "1", "of", "3", "10.0", "+1.0"],
        ["TRETSPEF", "191", "29", "of", "30", "3", "of", "3", "30.0", "+1.0"],
    ]


def test_command_without_probes(hrg: HRG, source: Path, tmp_path: Path) -> None:
    done = hrg("design", "probe", tiny_design(tmp_path), source)
    assert done.exit_code == 1
    assert "design tiny has no evidence 'probes' to compare with" in done.stderr


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="no folder of reference data beside the project")
def test_the_official_sample(hrg: HRG) -> None:
    """The stays at which procedures drive are those of the official program, as near as the table of ranks can say it."""
    source, rdf = OFFICIAL / "apc_sample_2024_25.csv", OFFICIAL / "HRG4+_default_APC.rdf"
    done = hrg("design", "probe", "2024-25", source, "--rdf", rdf)
    assert done.exit_code == 0, done.output
    rows = {tuple(line.split()[:2]): line.split() for line in done.stdout.splitlines()[2:]}
    assert all(abs(float(rows["EPIDUR", value][-1])) < 25 for value in ("0", "1", "10", "14"))
