"""The drop-in console program: its switches and every exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import hrgcore
from hrgcore.cli import hrggrouperc
from hrgcore.cli.hrggrouperc import ExitCode, run
from hrgcore.design import load_design
from hrgcore.plugins import DESIGN_VARIABLE, host

from .apc import FIELDS, SUFFIXES, cells, definition, out, record, rows, with_header, write
from .tiny import tiny_design

PROGRAM = Path(sys.executable).with_name("HRGGrouperc")


pytestmark = pytest.mark.usefixtures("own_logging")


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    """The three files of a sound run, by switch."""
    return {
        "-i": str(with_header(tmp_path / "in.csv", record())),
        "-o": str(tmp_path / "out.csv"),
        "-d": str(definition(tmp_path / "apc.rdf")),
    }


def words(paths: dict[str, str], *more: str) -> list[str]:
    return [*(word for pair in paths.items() for word in pair), *more]


def test_success(paths: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words(paths, "-l", "APC", "-h")) is ExitCode.SUCCESS
    assert all(out(Path(paths["-o"]), suffix).is_file() for suffix in SUFFIXES)
    assert [row["SpellHRG"] for row in rows(Path(paths["-o"]), "_spell")] == ["HC27N"]
    told = capsys.readouterr()
    assert "1 episodes, 0 failed" in told.out and "1 spells, 0 failed" in told.out
    assert not told.err


def test_records_that_all_fail_are_a_success(paths: dict[str, str], tmp_path: Path) -> None:
    with_header(tmp_path / "in.csv", record(DIAG_01=""), record(PROVSPNO="2", SEX="Q"))
    assert run(words(paths, "-l", "APC", "-h")) is ExitCode.SUCCESS
    assert {row["FCE_HRG"] for row in rows(Path(paths["-o"]), "_FCE")} == {"UZ01Z"}


@pytest.mark.parametrize("switch", ["-x", "-H", "--help", "-?"])
def test_1_unknown_switch(paths: dict[str, str], switch: str) -> None:
    """`-?` may not stand with other switches."""
    assert run(words(paths, "-l", "APC", switch)) == 1


def test_1_question_mark_in_the_place_of_a_value(paths: dict[str, str]) -> None:
    assert run(["-i", "-?"]) == 1


def test_2_unknown_parameter(paths: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words(paths, "-l", "APC", "stray")) == 2
    assert "stray" in capsys.readouterr().err


@pytest.mark.parametrize(("switch", "code"), [("-d", 3), ("-i", 4), ("-o", 5)])
@pytest.mark.parametrize("value", [None, "", " "], ids=["missing", "empty", "blank"])
def test_3_4_5_blank(paths: dict[str, str], switch: str, code: int, value: str | None) -> None:
    if value is None:
        del paths[switch]
    else:
        paths[switch] = value
    assert run(words(paths, "-l", "APC")) == code


@pytest.mark.parametrize(("switch", "code"), [("-d", 3), ("-i", 4), ("-o", 5)])
def test_3_4_5_switch_without_its_value(paths: dict[str, str], switch: str, code: int) -> None:
    """The next switch is no value."""
    del paths[switch]
    assert run([switch, *words(paths, "-l", "APC", "-h")]) == code


@pytest.mark.parametrize("logic", ["XYZ", "apc", ""])
def test_6_unknown_logic(paths: dict[str, str], logic: str) -> None:
    assert run(words(paths, "-l", logic)) == 6


def test_7_logic_that_the_design_does_not_have(
    paths: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    design = load_design(tiny_design(tmp_path))
    monkeypatch.setattr(host(), "load_design", lambda _: design)
    assert run(words(paths, "-l", "EM", "-h")) == 7
    assert "design tiny: has no data set EM" in capsys.readouterr().err


def test_7_record_definition_of_another_logic(paths: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words(paths, "-l", "EM", "-h")) == 7
    assert "the required field AGE is missing" in capsys.readouterr().err


def test_7_no_records(paths: dict[str, str], tmp_path: Path) -> None:
    with_header(tmp_path / "in.csv")
    assert run(words(paths, "-l", "APC", "-h")) == 7
    assert sorted(path.name for path in tmp_path.iterdir()) == ["apc.rdf", "in.csv"]


def test_7_record_definition_cannot_be_loaded(paths: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    write(Path(paths["-d"]), ["TAB DELIMITED"])
    assert run(words(paths, "-l", "APC", "-h")) == 7
    assert "apc.rdf line 1" in capsys.readouterr().err


def test_7_record_definition_lacks_a_field(paths: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    definition(Path(paths["-d"]), FIELDS[:14])
    assert run(words(paths, "-l", "APC", "-h")) == 7
    assert "DIAG_01 is missing" in capsys.readouterr().err


def test_7_logic_cannot_be_derived(paths: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    definition(Path(paths["-d"]), ["PATIENT", "WARD"])
    assert run(words(paths, "-h")) == 7
    assert "none follows" in capsys.readouterr().err


def test_7_design_is_not_installed(
    paths: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(DESIGN_VARIABLE, "1999-00")
    assert run(words(paths, "-l", "APC", "-h")) == 7
    assert "1999-00" in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), ZeroDivisionError("nobody thought of it")], ids=repr)
def test_7_cancelled_or_unhandled(
    paths: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(hrgcore.Grouper, "group_file", fail)
    assert run(words(paths, "-l", "APC", "-h")) == 7
    assert "(exit code 7)" in capsys.readouterr().err


@pytest.mark.parametrize(("switch", "code"), [("-l", 8), ("-o", 9), ("-d", 10), ("-i", 11)])
def test_8_to_11_given_twice(paths: dict[str, str], switch: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    again = "NCC" if switch == "-l" else "other.csv"
    assert run(words(paths, "-l", "APC", switch, again)) == code
    assert "given twice" in capsys.readouterr().err


def test_given_twice_alike(paths: dict[str, str]) -> None:
    assert run(words(paths, "-l", "APC", "-h", "-h", "-l", "APC")) == 0


@pytest.mark.parametrize(
    ("switch", "name", "code"),
    [
        *(("-o", name, 9) for name in (".", "none/x.csv")),
        *(("-d", name, 10) for name in (".", "none.rdf", "n" * 5000)),
        *(("-i", name, 11) for name in (".", "none.csv", "n" * 5000)),
    ],
    ids=lambda value: str(value)[:10],
)
def test_9_10_11_cannot_be_a_file(
    paths: dict[str, str], tmp_path: Path, switch: str, name: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    paths[switch] = str(tmp_path / name)
    assert run(words(paths, "-l", "APC", "-h")) == code
    assert f"(exit code {code})" in capsys.readouterr().err


def test_no_right_to_read(paths: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hrggrouperc.os, "access", lambda path, mode: str(path) != paths["-i"])
    assert run(words(paths, "-l", "APC", "-h")) == 11


def test_logic_follows_from_the_record_definition(paths: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words(paths, "-h")) == 0
    assert "logic APC follows from the record definition" in capsys.readouterr().out


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-?"]) == 0
    told = capsys.readouterr().out
    assert all(switch in told for switch in ("-i", "-o", "-d", "-l", "-h", "-t", "-v", "-?", "APC|ACC|EM|NAC|PCC|NRD|NCC"))


def test_verbose_shows_where_an_internal_error_was(
    paths: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hrgcore.Grouper, "group_file", lambda *_, **__: [].pop())
    assert run(words(paths, "-l", "APC", "-h", "-v")) == 7
    told = capsys.readouterr()
    assert "Traceback" in told.out and "pop from empty list" in told.out
    assert "internal error IndexError" in told.err and "pop" not in told.err


def test_no_header_in_no_header_out(paths: dict[str, str], tmp_path: Path) -> None:
    """Without -h the first line is a record, with -t no output has a header."""
    write(tmp_path / "in.csv", [record(), record(PROVSPNO="2")])
    assert run(words(paths, "-l", "APC", "-t")) == 0
    output = Path(paths["-o"])
    assert [line[-1] for line in cells(output, "_sort")] == ["1", "2"]
    assert len(cells(output, "_spell")) == 2
    assert cells(output, "_quality") == cells(output, "_flag_rel") == []


def test_header_without_its_switch_is_a_record(paths: dict[str, str]) -> None:
    """As with the official program: -h says it, nothing else does."""
    assert run(words(paths, "-l", "APC")) == 0
    assert len(cells(Path(paths["-o"]), "_sort")) == 3


def test_verbose_lists_messages_and_files(paths: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_header(tmp_path / "in.csv", record(DIAG_01=""))
    assert run(words(paths, "-l", "APC", "-h")) == 0
    assert "Primary Diagnosis is blank" not in capsys.readouterr().out
    assert run(words(paths, "-l", "APC", "-h", "-v")) == 0
    told = capsys.readouterr().out
    assert "1 x Primary Diagnosis is blank" in told
    assert "out_FCE.csv" in told


def test_design_variable(paths: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names the design; empty is as good as not set."""
    for value in ("2024-25", ""):
        monkeypatch.setenv(DESIGN_VARIABLE, value)
        assert run(words(paths, "-l", "APC", "-h")) == 0
        summary = Path(paths["-o"]).with_name("out_summary.csv").read_text(encoding="utf-8")
        assert ",2024-25 " in summary


# The installed program


@pytest.fixture
def program() -> Callable[..., subprocess.CompletedProcess[str]]:
    if not PROGRAM.is_file():
        pytest.skip("the console programs are not installed")
    environment = {**os.environ, DESIGN_VARIABLE: "2024-25"}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)

    return call


def test_program_groups(program: Callable[..., subprocess.CompletedProcess[str]], paths: dict[str, str]) -> None:
    done = program(*words(paths, "-l", "APC", "-h"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 episodes" in done.stdout
    assert [row["SpellHRG"] for row in rows(Path(paths["-o"]), "_spell")] == ["HC27N"]


def test_program_fails(program: Callable[..., subprocess.CompletedProcess[str]], paths: dict[str, str]) -> None:
    done = program(*words(paths, "-l", "APC", "-x"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "unknown switch -x" in done.stderr


def test_program_reads_a_folder(
    program: Callable[..., subprocess.CompletedProcess[str]], paths: dict[str, str], tmp_path: Path
) -> None:
    done = program(*words({**paths, "-i": str(tmp_path)}, "-l", "APC"))
    assert done.returncode == 11
    assert "Traceback" not in done.stderr
