"""`hrg fields`: what the fields accept, and default record definition files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hrgcore.cli import main
from hrgcore.cli.hrggrouperc import run

from .apc import FIELDS, record, rows, write
from .data_sets import DESIGN, HRGS, SOUND

LOGICS = ("APC", "NAC", "EM", "NRD", "ACC", "PCC", "NCC")
MAIN = {"APC": "_FCE", "NAC": "_attend", "EM": "_attend", "NRD": "_renal", "ACC": "_acc", "PCC": "_pcc", "NCC": "_ncc"}
TREATMENTS_WITH_A_THIRD_FIGURE = (
    "011",
    "012",
    "031",
    "042",
    "091",
    "101",
    "181",
    "221",
    "236",
    "246",
    "282",
    "292",
    "519",
    "555",
)


pytestmark = pytest.mark.usefixtures("own_logging")


def fields(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["fields", *map(str, arguments)])


def test_accepted_values_of_emergency_medicine() -> None:
    done = fields("-l", "EM", "--design", DESIGN)
    assert done.exit_code == 0, done.output
    words = set(done.stdout.split())
    assert {"AGE", "AEPATIENTGROUP", "INV_01", "TREAT_01"} <= words
    assert {f"{n:02}" for n in (*range(1, 9), *range(10, 25), 99)} <= words
    assert {*TREATMENTS_WITH_A_THIRD_FIGURE, *(str(n) for n in range(10, 80, 10)), "0-130"} <= words
    assert "26" not in words  # never a treatment


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        ("NAC", "STARTAGE SEX MAINSPEF TRETSPEF FIRSTATT OPER_01"), ("NRD", "RENALMOD 111 RENALSITE RENALACCESS HBV POS NEG AGE"),
        ("ACC", "CCUF BCSD 0-99999 CC_Start_Date YYYYMMDD"), ("PCC", "PROCODET CCLocalID CCDate DISDATE CCAC_01 OPER_01 DIAG_01"),
        ("NCC", "AGE_DAYS GestLen 10-49 PERWT 1-9999 CCAC_01"), ("APC", "EPIORDER CLASSPAT 2A 2B DIAG_01 OPER_01 SPCDAYS"),
    ],
)  # fmt: skip
def test_fields_of_each_data_set(logic: str, expected: str) -> None:
    done = fields("-l", logic, "--design", DESIGN)
    assert done.stdout.startswith(f"{logic}: ")
    assert set(expected.split()) <= set(done.stdout.split())


def test_all_data_sets() -> None:
    lines = fields("--design", DESIGN).stdout.splitlines()
    assert [line[:3] for line in lines if line[3:5] == ": "] + [line[:2] for line in lines if line[2:4] == ": "] == [
        "APC", "NAC", "NRD", "ACC", "PCC", "NCC", "EM",
    ]  # fmt: skip


def test_wrong_usage(tmp_path: Path) -> None:
    assert fields("-l", "XYZ").exit_code == 2
    assert fields("--rdf", tmp_path / "none").exit_code == 2
    assert fields("--design", "1999-00").exit_code == 1


def test_record_definitions(tmp_path: Path) -> None:
    assert fields("--rdf", tmp_path).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {f"HRG4+_default_{logic}.rdf" for logic in LOGICS}
    text = (tmp_path / "HRG4+_default_APC.rdf").read_bytes().decode()
    assert text.startswith("COMMA DELIMITED\r\nPROCODET,PROCODET,1,,,,\r\n")
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == FIELDS


def test_one_record_definition(tmp_path: Path) -> None:
    done = fields("-l", "NRD", "--rdf", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["HRG4+_default_NRD.rdf"]
    assert "HRG4+_default_NRD.rdf" in done.stdout
    names = [line.split(",")[0] for line in (tmp_path / "HRG4+_default_NRD.rdf").read_text().splitlines()]
    assert names == ["COMMA DELIMITED", "RENALMOD", "RENALSITE", "RENALACCESS", "HBV", "HCV", "HIV", "AGE"]


@pytest.mark.parametrize("named", [True, False], ids=["logic named", "logic derived"])
@pytest.mark.parametrize("logic", LOGICS)
def test_the_console_program_takes_them(tmp_path: Path, logic: str, named: bool) -> None:
    """A file without a header in the default layout."""
    fields("-l", logic, "--rdf", tmp_path)
    rdf = tmp_path / f"HRG4+_default_{logic}.rdf"
    names = [line.split(",")[0] for line in rdf.read_text().splitlines()[1:]]
    line = record() if logic == "APC" else ",".join(SOUND[logic].get(name, "") for name in names)
    source = write(tmp_path / "in.csv", [line])
    arguments = ["-i", str(source), "-o", str(tmp_path / "out.csv"), "-d", str(rdf), *(["-l", logic] if named else [])]
    assert run(arguments) == 0
    (row,) = rows(tmp_path / "out.csv", MAIN[logic])
    assert row["FCE_HRG" if logic == "APC" else f"{logic}_HRG"] == {**HRGS, "APC": "HC27N"}[logic]
