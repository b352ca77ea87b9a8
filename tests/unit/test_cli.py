"""The command line `hrg`: help, results, exit codes, errors."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import hrgcore
from hrgcore.cli import COMMANDS, main
from hrgcore.files.outputs import OutputSet

from .apc import SUFFIXES, definition, out, record, rows, with_header, write
from .tiny import changed, tiny_design

DESIGN = ("--design", "2024-25")
HRG = Callable[..., Result]


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return with_header(tmp_path / "in.csv", record(), record(PROVSPNO="2", DIAG_01=""))


# Help


def test_help_lists_the_commands(hrg: HRG) -> None:
    done = hrg("--help")
    assert done.exit_code == 0
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    assert "not the official product" in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", [*COMMANDS, "design lint"])
@pytest.mark.parametrize("switch", ["-h", "--help"])
def test_help_of_each_command(hrg: HRG, command: str, switch: str) -> None:
    done = hrg(*command.split(), switch)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Usage: main {command}")
    assert not done.stderr


@pytest.mark.parametrize("command", ["group", "explain"])
def test_help_explains_every_option_and_has_an_example(hrg: HRG, command: str) -> None:
    click_command = main.get_command(click.Context(main), command)
    assert click_command
    assert [one.name for one in click_command.params if isinstance(one, click.Option) and not one.help] == []
    assert f"hrg {command}" in hrg(command, "--help").stdout


def test_version(hrg: HRG) -> None:
    assert hrgcore.__version__ in hrg("--version").stdout


@pytest.mark.parametrize(
    "arguments", [["nonesuch"], ["group"], ["group", "in.csv"], ["explain", "--age", "old"], ["design", "lint"]]
)
def test_wrong_usage(hrg: HRG, arguments: list[str]) -> None:
    done = hrg(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Error: " in done.stderr


# hrg group


def test_group(hrg: HRG, source: Path, tmp_path: Path) -> None:
    done = hrg("group", source, "-o", tmp_path / "out.csv", *DESIGN)
    assert done.exit_code == 0
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0].startswith("Design 2024-25 ") and "not the official product" in lines[0]
    assert {"2 episodes, 1 failed (50.0%)", "2 spells, 1 failed (50.0%)", "1 x Primary Diagnosis is blank"} <= set(lines)
    assert {out(tmp_path / "out.csv", suffix).name for suffix in SUFFIXES} <= set(lines)
    assert [row["SpellHRG"] for row in rows(tmp_path / "out.csv", "_spell")] == ["HC27N", "UZ01Z"]


def test_group_quietly(hrg: HRG, source: Path, tmp_path: Path) -> None:
    done = hrg("group", source, "-o", tmp_path / "out.csv", "-q", *DESIGN)
    assert (done.exit_code, done.output) == (0, "")


def test_group_with_every_option(hrg: HRG, tmp_path: Path) -> None:
    write(tmp_path / "in.txt", [record()])
    done = hrg(
        "group", tmp_path / "in.txt", "--output", tmp_path / "out.csv", "--rdf", definition(tmp_path / "a.rdf"), *DESIGN,
        "--logic", "APC", "--no-header", "--no-output-headers", "--threads", 2, "--quiet",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert out(tmp_path / "out.csv", "_sort").read_text() == f"{record()},1\n"


@pytest.mark.parametrize(
    ("more", "code", "text"),
    [
        (["--design", "1999-00"], 1, "[HRG-D] no design named '1999-00' is installed"),
        (["--logic", "EM"], 1, "the required field AGE is missing"),
        (["--logic", "XYZ"], 2, "Invalid value for '-l' / '--logic': 'XYZ' is not one of 'APC', 'NAC', 'EM'"),
        (["--rdf", "none.rdf"], 1, "[HRG-R] none.rdf: cannot be read"),
        (["--threads", "0"], 2, "Invalid value for '--threads'"),
        (["-o", "none/out.csv"], 1, "[HRG-O] none: there is no such folder"),
    ],
)
def test_group_fails(hrg: HRG, source: Path, tmp_path: Path, more: list[str], code: int, text: str) -> None:
    done = hrg("group", source, "-o", tmp_path / "out.csv", *more)
    assert (done.exit_code, done.stdout) == (code, "")
    assert text in done.stderr and "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == [source]


def test_group_without_the_input(hrg: HRG, tmp_path: Path) -> None:
    done = hrg("group", tmp_path / "none.csv", "-o", tmp_path / "out.csv", *DESIGN)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: [HRG-I] ") and "none.csv: there is no such file" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def keyboard() -> Iterator[None]:
    """A process that was started in the background ignores Ctrl+C; here it counts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("keyboard")
@pytest.mark.parametrize("how", ["keyboard", "terminate"])
def test_interrupted_group(hrg: HRG, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Ctrl+C, or a request to end, in the middle of writing: no file is left."""

    def stop(self: OutputSet) -> None:
        os.kill(os.getpid(), signal.SIGTERM if how == "terminate" else signal.SIGINT)
        signal.pause()  # the handler runs here, if not before

    monkeypatch.setattr(OutputSet, "commit", stop)
    done = hrg("group", source, "-o", tmp_path / "out.csv", "-q", *DESIGN)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Aborted!" in done.stderr
    assert list(tmp_path.iterdir()) == [source]


def test_no_patient_data_in_errors_or_summary(hrg: HRG, tmp_path: Path) -> None:
    """What is told is rows, fields, messages; never what else stands in a record."""
    secret = record(PROCODET="SECRET", PROVSPNO="SECRET", SEX="SECRET", DIAG_02="SECRET")
    sound = with_header(tmp_path / "in.csv", secret)
    short = with_header(tmp_path / "short.csv", record(), secret[:80])
    broken = tmp_path / "broken.csv"
    broken.write_bytes(sound.read_bytes() + b"SECRET,\xff\n")
    for source, code in ((sound, 0), (short, 1), (broken, 1)):
        done = hrg("group", source, "-o", tmp_path / "out.csv", *DESIGN)
        assert done.exit_code == code
        assert "SECRET" not in done.output
    assert "short.csv line 3" in hrg("group", short, "-o", tmp_path / "out.csv", *DESIGN).stderr


# hrg explain


def test_explain(hrg: HRG) -> None:
    done = hrg("explain", "--age", 40, "--days", 3, "-d", "M54.90", "-d", "J181", *DESIGN)
    assert done.exit_code == 0
    assert done.stdout.startswith("Spell of 1 episode, design 2024-25")
    for text in ("primary diagnosis M5490 leads to root HC27", "J181 scores 1 point", "CC score 1 in subchapter HC", "Result"):
        assert text in done.stdout
    assert "diagnosis.csv line " in done.stdout and "split.csv line " in done.stdout


def test_explain_as_json(hrg: HRG) -> None:
    done = hrg("explain", "--age", 10, "-d", "M5490", "--json", *DESIGN)
    told = json.loads(done.stdout)
    assert (told["hrg"], told["method"], told["messages"], told["unbundled"]) == ("PH34D", "D", [], [])
    assert told["label"] and told["provenance"] in ("official", "label", "probed", "authored")
    assert all(set(step) >= {"part", "text", "source"} for step in told["steps"])
    assert [step["part"] for step in told["steps"]][-1] == "Result"


def test_explain_a_failure(hrg: HRG) -> None:
    """A record that fails is a result, not an error."""
    done = hrg("explain", "--age", 30, "-d", "P704", "--json", *DESIGN)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["hrg"], told["provenance"]) == (0, "UZ01Z", "")
    assert told["messages"] == [
        {"row": 0, "field": "DIAG_01", "code": "P704", "text": "UZ03 - Diagnosis Conflicts with Age", "category": "UZ03"}
    ]


def test_explain_passes_every_option(hrg: HRG, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[hrgcore.Episode] = []
    plain = hrgcore.Grouper.group_spell

    def group_spell(self: hrgcore.Grouper, episodes: list[hrgcore.Episode]) -> hrgcore.SpellResult:
        asked.extend(episodes)
        return plain(self, episodes)

    monkeypatch.setattr(hrgcore.Grouper, "group_spell", group_spell)
    options = ["--age", 0, "--days", 9, "-d", "P704", "-p", "X011", "--source", "51", "--destination", "19", "--specialty", "191"]
    assert hrg("explain", *options, *DESIGN).exit_code == 0
    assert asked == [
        hrgcore.Episode(
            age=0, duration=9, diagnoses=("P704",), procedures=("X011",), admission_source="51", discharge_destination="19",
            treatment_function="191",
        )
    ]  # fmt: skip


def test_explain_a_spell_of_a_file(hrg: HRG, tmp_path: Path) -> None:
    """The same HRG as the files have, episodes in any order."""
    source = with_header(
        tmp_path / "in.csv",
        record(PROVSPNO="7", EPIORDER="2", OPER_01="V373"),
        record(PROVSPNO="8"),
        record(PROVSPNO="7", EPIORDER="1", STARTAGE="x"),
        record(PROVSPNO="9", PROCODET="RYY"),
        record(PROVSPNO="9", PROCODET="RZZ", OPER_01="V373"),
    )
    hrg("group", source, "-o", tmp_path / "out.csv", "-q", *DESIGN)
    grouped = {(row["PROCODET"], row["PROVSPNO"]): row["SpellHRG"] for row in rows(tmp_path / "out.csv", "_spell")}
    for (provider, spell), expected in grouped.items():
        done = hrg("explain", "--file", source, "--spell", spell, "--provider", provider, "--json", *DESIGN)
        assert json.loads(done.stdout)["hrg"] == expected
    invalid = hrg("explain", "--file", source, "--spell", "7", *DESIGN)
    assert "Spell of 2 episodes" in invalid.stdout and "episode 1, STARTAGE" in invalid.stdout
    rdf = ("--rdf", definition(tmp_path / "apc.rdf"))
    assert (
        hrg("explain", "--file", source, "--spell", "8", *rdf, *DESIGN).stdout
        == hrg("explain", "--file", source, "--spell", "8", *DESIGN).stdout
    )


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ([], 2, "Give at least one --diagnosis, or --file and --spell"),
        (["--file", "in.csv"], 2, "--file needs --spell"),
        (["--file", "in.csv", "--spell", "3"], 1, "[HRG-I] in.csv: there is no spell 3"),
        (["--file", "in.csv", "--spell", "2"], 1, "[HRG-I] in.csv: providers RXX, RYY have a spell 2"),
        (["--file", "none.csv", "--spell", "2"], 1, "[HRG-I] none.csv: there is no such file"),
        (["-d", "M5490", "--design", "1999-00"], 1, "[HRG-D] no design named"),
    ],
)
def test_explain_fails(
    hrg: HRG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, text: str
) -> None:
    with_header(tmp_path / "in.csv", record(), record(PROVSPNO="2"), record(PROVSPNO="2", PROCODET="RYY"))
    monkeypatch.chdir(tmp_path)
    done = hrg("explain", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert text in done.stderr and "Traceback" not in done.output


# hrg designs, plugins, design lint


def test_designs(hrg: HRG) -> None:
    done = hrg("designs")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("2024-25 ")]
    assert "HRG4+ 2024/25" in line and "ICD-10" in line and "OPCS-4" in line and "from plugin " in line
    assert done.exit_code == 0


def test_plugins(hrg: HRG) -> None:
    done = hrg("plugins")
    assert done.exit_code == 0
    assert any("hrgdesign-2024-25" in line for line in done.stdout.splitlines())


def test_lint_by_name_and_by_folder(hrg: HRG, design_folder: Path) -> None:
    assert (hrg("design", "lint", "2024-25").output) == "Design 2024-25: no faults.\n"
    assert hrg("design", "lint", design_folder).exit_code == 0


def test_lint_with_faults(hrg: HRG, tmp_path: Path) -> None:
    folder = tiny_design(tmp_path, **changed("cc", "B000,AA,3,probed", "B009,AA,3,sure"))
    done = hrg("design", "lint", folder)
    assert done.exit_code == 1
    assert sorted(line.split(": ", 1)[0] for line in done.stdout.splitlines()) == ["cc.csv line 2", "cc.csv line 2"]
    assert done.stderr == f"Error: 2 faults in design {folder}.\n"


def test_lint_of_what_is_no_design(hrg: HRG, tmp_path: Path) -> None:
    done = hrg("design", "lint", tmp_path)
    assert done.exit_code == 1 and "there is no design.toml" in done.stderr
    done = hrg("design", "lint", "1999-00")
    assert done.exit_code == 1 and "no design named '1999-00'" in done.stderr


def test_progress_is_told_in_lines_where_there_is_no_terminal(hrg: HRG, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = with_header(tmp_path / "in.csv", *(record(PROVSPNO=str(n)) for n in range(10)))
    with caplog.at_level("INFO", logger="hrgcore"):
        hrg("group", source, "-o", tmp_path / "out.csv", *DESIGN)
    size = source.stat().st_size - source.read_bytes().index(b"\n") - 1
    assert caplog.messages[0] == f"event=progress done={size} total={size} percent=100"
    assert caplog.messages[-1].startswith("event=done design=2024-25") and " records=10 " in caplog.messages[-1]
