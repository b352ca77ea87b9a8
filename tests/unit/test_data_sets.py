"""The output sets of the data sets beside admitted care: names, heads, widths, counts; and both programs that write them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import hrgcore
from hrgcore import Grouper, RecordDefinitionError
from hrgcore.cli import main
from hrgcore.cli.hrggrouperc import run

from .apc import cells, definition, out, record, rows, with_header, write
from .data_sets import DESIGN, HRGS, OTHERS, SOUND, group_rows, grouper_of, write_rows

ATTEND = (
    "NAC_HRG,GroupingMethodFlag,DominantProcedure,AttendanceHRG,"
    "AttendSSC_Ct,AttendSSC1,AttendSSC2,AttendSSC3,AttendSSC4,AttendSSC5,"
    "AttendBP_Ct,AttendBP1,AttendBP2,AttendBP3,AttendBP4,AttendBP5,"
    "AttendFlag_Ct,AttendFlag1,AttendFlag2,AttendFlag3,AttendFlag4,AttendFlag5,UnbundledHRGs"
)
QUALITY = {"_quality": "*,RowNo,Code Type|Code|Error Message", "_quality_rel": "RowNo,Iteration,Code Type,Code,Error Message"}
# The heads of each file of each data set; `*` stands for the columns of the input.
HEADS = {
    "NAC": {
        "_attend": f"*,RowNo,{ATTEND}",
        "_attend_rel": "RowNo,NAC_HRG,GroupingMethodFlag,DominantProcedure,AttendanceHRG",
        "_ub_rel": "RowNo,Iteration,UnbundledHRGs",
        **QUALITY,
    },
    "EM": {"_attend": "*,RowNo,EM_HRG", **QUALITY},
    "NRD": {"_renal": "*,RowNo,NRD_HRG", **QUALITY},
    "ACC": {"_acc": "*,RowNo,ACC_HRG,Calc_CC_Days,CC_Warning_Flag", **QUALITY},
    "PCC": {"_sort": "*,RowNo", "_pcc": "*,RowNo,PCC_HRG", **QUALITY},
    "NCC": {"_sort": "*,RowNo", "_ncc": "*,RowNo,NCC_HRG", **QUALITY},
}
NUMBER_OF_FILES = {"NAC": 7, "EM": 5, "NRD": 5, "ACC": 5, "PCC": 6, "NCC": 6}
UNITS = {"NAC": "Attendance", "EM": "Attendance", "NRD": "Session", "ACC": "Period", "PCC": "Day", "NCC": "Day"}
SUMMARY = (
    "Grouper Version,Database Version,{0} Count,{0} Error Count,Run Start Date/Time,Run End Date/Time,"
    "Input Filename,Output Filename,RDF path and name"
)
MAIN = {"NAC": "_attend", "EM": "_attend", "NRD": "_renal", "ACC": "_acc", "PCC": "_pcc", "NCC": "_ncc"}
FAULT = {"NAC": "FIRSTATT", "EM": "AGE", "NRD": "RENALMOD", "ACC": "CCUF", "PCC": "CCUF", "NCC": "PERWT"}
ALL = pytest.mark.parametrize("dataset", OTHERS)


def mixed(dataset: str) -> list[dict[str, str]]:
    """A sound record, a failed one and one with a fault, in the order in which they come out."""
    first = {**SOUND[dataset], "ward": "7a"}
    second = {**first, FAULT[dataset]: ""}
    third = {**first, "CCDate": "20240602"} if "CCDate" in first else first
    if "CCDate" in first:
        second["CCDate"] = "20240601"
        first = {**first, "CCDate": "20240531"}
    return [first, second, third]


def heads(dataset: str, columns: str) -> dict[str, str]:
    found = {suffix: head.replace("*", columns) for suffix, head in HEADS[dataset].items()}
    return {**found, "_summary": SUMMARY.format(UNITS[dataset])}


def contents(folder: Path, stem: str = "out") -> dict[str, bytes]:
    """All files of an output, without the times of the summary."""
    found = {path.name: path.read_bytes() for path in sorted(folder.glob(f"{stem}*"))}
    lines = [line.split(b",") for line in found[f"{stem}_summary.csv"].splitlines()]
    found[f"{stem}_summary.csv"] = b"\n".join(b",".join(line[:4] + line[6:]) for line in lines)
    return found


# Names and heads


@ALL
def test_names_and_heads(tmp_path: Path, dataset: str) -> None:
    source = write_rows(tmp_path / "in.csv", mixed(dataset))
    summary = grouper_of(dataset).group_file(source, tmp_path / "out.csv")
    expected = heads(dataset, source.read_text().splitlines()[0])
    names = {f"out{suffix}.csv" for suffix in ("", *expected)}
    assert {path.name for path in tmp_path.iterdir()} - {"in.csv"} == names
    assert {path.name for path in summary.files} == names
    assert len(names) == NUMBER_OF_FILES[dataset]
    for suffix, head in expected.items():
        assert out(tmp_path / "out.csv", suffix).read_text().splitlines()[0] == head, suffix
    assert set(out(tmp_path / "out.csv", "").read_text().splitlines()) == names - {"out.csv"}


@ALL
def test_lines(tmp_path: Path, dataset: str) -> None:
    """Each line of the main file is the input, the row number and the result; faults stand in both quality files."""
    given = mixed(dataset)
    source = write_rows(tmp_path / "in.csv", given)
    grouper_of(dataset).group_file(source, tmp_path / "out.csv")
    lines = source.read_text().splitlines()[1:]
    main_lines = out(tmp_path / "out.csv", MAIN[dataset]).read_text().splitlines()
    width = main_lines[0].count(",")
    found = rows(tmp_path / "out.csv", MAIN[dataset])
    assert [row[f"{dataset}_HRG"] for row in found] == [HRGS[dataset], "UZ01Z", HRGS[dataset]]
    for number, (line, result) in enumerate(zip(lines, main_lines[1:], strict=True), 1):
        assert result.startswith(f"{line},{number},")
        assert result.count(",") == width
    fault = f"{FAULT[dataset]}||Mandatory field is blank"
    assert out(tmp_path / "out.csv", "_quality").read_text().splitlines()[1:] == [f"{lines[1]},2,{fault}"]
    assert out(tmp_path / "out.csv", "_quality_rel").read_text().splitlines()[1:] == ["2,1," + fault.replace("|", ",")]
    if "_sort" in HEADS[dataset]:
        assert out(tmp_path / "out.csv", "_sort").read_text().splitlines()[1:] == [
            f"{line},{n}" for n, line in enumerate(lines, 1)
        ]


def test_columns_of_the_payment_edition_are_empty(tmp_path: Path) -> None:
    group_rows("NAC", tmp_path, {})
    (row,) = rows(tmp_path / "out.csv", "_attend")
    names = ATTEND.split(",")[4:]
    assert {name: row[name] for name in names} == {name: "0" if name.endswith("_Ct") else "" for name in names}


def test_ragged_width(tmp_path: Path) -> None:
    """Unbundled HRGs take as many cells as there are."""
    group_rows("NAC", tmp_path, {}, {"OPER_01": "U052"}, {"OPER_01": "U052", "OPER_02": "X723", "OPER_03": "U051"})
    lines = cells(tmp_path / "out.csv", "_attend")
    assert [len(line) - len(lines[0]) for line in lines] == [0, 0, 0, 2]
    assert [line[len(lines[0]) - 1 :] for line in lines[1:]] == [[""], ["RD01A"], ["RD01A", "SB12Z", "RD20A"]]
    assert cells(tmp_path / "out.csv", "_ub_rel")[1:] == [
        ["2", "1", "RD01A"],
        ["3", "1", "RD01A"],
        ["3", "2", "SB12Z"],
        ["3", "3", "RD20A"],
    ]
    names = HEADS["NAC"]["_attend_rel"].split(",")
    assert rows(tmp_path / "out.csv", "_attend_rel") == [
        {name: row[name] for name in names} for row in rows(tmp_path / "out.csv", "_attend")
    ]


@ALL
def test_summary(tmp_path: Path, dataset: str) -> None:
    before = datetime.now().replace(microsecond=0)
    source = write_rows(tmp_path / "in.csv", mixed(dataset))
    summary = grouper_of(dataset).group_file(source, tmp_path / "out.csv")
    assert (summary.dataset, summary.records, summary.record_errors, summary.spells) == (dataset, 3, 1, 0)
    assert summary.messages == {"Mandatory field is blank": 1}
    (row,) = rows(tmp_path / "out.csv", "_summary")
    assert (row[f"{UNITS[dataset]} Count"], row[f"{UNITS[dataset]} Error Count"]) == ("3", "1")
    assert row["Grouper Version"].startswith(f"hrgcore {hrgcore.__version__}")
    assert row["Database Version"].startswith(DESIGN)
    started, ended = (datetime.fromisoformat(row[f"Run {name} Date/Time"]) for name in ("Start", "End"))
    assert before <= started <= ended
    assert (row["Input Filename"], row["Output Filename"]) == (str(source), str(tmp_path / "out.csv"))


@ALL
def test_line_ends_are_those_of_the_input(tmp_path: Path, dataset: str) -> None:
    """The end of a line is no part of its last cell."""
    columns = [*(name for name in SOUND[dataset] if name != FAULT[dataset]), FAULT[dataset]]
    text = write_rows(tmp_path / "in.csv", mixed(dataset), columns).read_bytes()
    grouper_of(dataset).group_file(tmp_path / "in.csv", tmp_path / "out.csv")
    (tmp_path / "in.csv").write_bytes(text.replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    grouper_of(dataset).group_file(tmp_path / "in.csv", tmp_path / "win.csv")
    for suffix in (MAIN[dataset], "_quality_rel", "_quality"):
        lines = out(tmp_path / "win.csv", suffix).read_bytes()
        assert lines == out(tmp_path / "out.csv", suffix).read_bytes().replace(b"\n", b"\r\n"), suffix


# Both programs


@ALL
def test_both_programs_write_the_same(tmp_path: Path, own_logging: None, dataset: str) -> None:
    """The same bytes but for the times, whether the logic is named or follows from the record definition."""
    given = mixed(dataset)
    source = write_rows(tmp_path / "in.csv", given)
    rdf = definition(tmp_path / "my.rdf", list(given[0]))
    (tmp_path / "o").mkdir()
    paths = [str(path) for path in (source, tmp_path / "o" / "out.csv", rdf)]
    hrg = ["group", paths[0], "-o", paths[1], "--rdf", paths[2]]
    console = ["-i", paths[0], "-o", paths[1], "-d", paths[2], "-h"]
    found = []
    for logic in ([], ["-l", dataset]):
        done = CliRunner().invoke(main, [*hrg, "--design", DESIGN, *logic])
        assert done.exit_code == 0, done.output
        assert f"3 {UNITS[dataset].lower()}s, 1 failed" in done.stdout
        found.append(contents(tmp_path / "o"))
        assert run([*console, *logic]) == 0
        found.append(contents(tmp_path / "o"))
    assert len(found[0]) == NUMBER_OF_FILES[dataset]
    assert found[0] == found[1] == found[2] == found[3]


@ALL
def test_logic_follows_from_the_header(tmp_path: Path, dataset: str) -> None:
    """In any order of the columns, and in any case."""
    source = write_rows(tmp_path / "in.csv", mixed(dataset), list(mixed(dataset)[0])[::-1])
    header, *lines = source.read_text().splitlines()
    write(source, [header.lower(), *lines])
    done = CliRunner().invoke(main, ["group", str(source), "-o", str(tmp_path / "out.csv"), "--design", DESIGN])
    assert done.exit_code == 0, done.output
    hrgs = [row[f"{dataset}_HRG"] for row in rows(tmp_path / "out.csv", MAIN[dataset])]
    assert sorted(hrgs) == sorted([HRGS[dataset], "UZ01Z", HRGS[dataset]])


@ALL
def test_without_headers(tmp_path: Path, own_logging: None, dataset: str) -> None:
    given = mixed(dataset)
    rdf = definition(tmp_path / "my.rdf", list(given[0]))
    lines = write_rows(tmp_path / "with.csv", given).read_text().splitlines()[1:]
    source = write(tmp_path / "in.csv", lines)
    assert run(["-i", str(source), "-o", str(tmp_path / "out.csv"), "-d", str(rdf), "-t"]) == 0
    for suffix, head in heads(dataset, ",".join(given[0])).items():
        assert head not in out(tmp_path / "out.csv", suffix).read_text().splitlines()
    assert [line[: len(text)] for line, text in zip(_lines(tmp_path, MAIN[dataset]), lines, strict=True)] == lines


def _lines(folder: Path, suffix: str) -> list[str]:
    return out(folder / "out.csv", suffix).read_text().splitlines()


@pytest.mark.parametrize("fields", [["PATIENT", "WARD"], ["AGE", "CCUF"], ["SEX", "OPER_01"]])
def test_exit_code_7_where_no_logic_follows(
    tmp_path: Path, own_logging: None, capsys: pytest.CaptureFixture[str], fields: list[str]
) -> None:
    """Because there is no required field, not all of any data set, or those of two."""
    source = write(tmp_path / "in.csv", [",".join("1" for _ in fields)])
    rdf = definition(tmp_path / "my.rdf", fields)
    arguments = ["-i", str(source), "-o", str(tmp_path / "out.csv"), "-d", str(rdf)]
    assert run(arguments) == 7
    assert "none follows" in capsys.readouterr().err
    assert not list(tmp_path.glob("out*"))


@ALL
def test_exit_code_7_where_a_required_field_is_missing(
    tmp_path: Path, own_logging: None, capsys: pytest.CaptureFixture[str], dataset: str
) -> None:
    fields = [name for name in SOUND[dataset] if name != FAULT[dataset]]
    source = write_rows(tmp_path / "in.csv", [SOUND[dataset]], fields)
    rdf = definition(tmp_path / "my.rdf", fields)
    assert run(["-i", str(source), "-o", str(tmp_path / "out.csv"), "-d", str(rdf), "-l", dataset, "-h"]) == 7
    assert f"{FAULT[dataset]} is missing" in capsys.readouterr().err
    with pytest.raises(RecordDefinitionError, match=FAULT[dataset]):
        grouper_of(dataset).group_file(source, tmp_path / "out.csv")


def test_a_file_of_another_data_set(tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", record())
    with pytest.raises(RecordDefinitionError, match="AGE is missing"):
        grouper_of("EM").group_file(source, tmp_path / "out.csv")
    for header, said in (("HIV,x", "no data set follows"), ("RENALMOD,HIV", "RENALSITE, AGE are missing")):
        odd = write(tmp_path / "odd.csv", [header, "01,POS"])
        done = CliRunner().invoke(main, ["group", str(odd), "-o", str(tmp_path / "out.csv"), "--design", DESIGN])
        assert done.exit_code == 1
        assert said in done.output


def test_fields_of_other_data_sets_are_carried_along(tmp_path: Path) -> None:
    """Even where they hold what no field of that name accepts."""
    group_rows("EM", tmp_path, {"PERWT": "heavy", "DIAG_01": "no code", "CCUF": "00"})
    (row,) = rows(tmp_path / "out.csv", "_attend")
    assert (row["EM_HRG"], row["PERWT"], row["CCUF"]) == ("VB08Z", "heavy", "00")
    assert rows(tmp_path / "out.csv", "_quality_rel") == []


# Other designs, and calls of the wrong kind


@pytest.mark.parametrize("design", hrgcore.designs())
def test_every_year_has_every_data_set(tmp_path: Path, design: str) -> None:
    for dataset in OTHERS:
        source = write_rows(tmp_path / "in.csv", [SOUND[dataset]])
        assert Grouper(design, dataset).group_file(source, tmp_path / "out.csv").record_errors == 0
        (row,) = rows(tmp_path / "out.csv", MAIN[dataset])
        assert row[f"{dataset}_HRG"] == HRGS[dataset]


@ALL
def test_there_are_no_spells(dataset: str) -> None:
    with pytest.raises(hrgcore.ArgumentError, match="no spells"):
        grouper_of(dataset).group_spell([hrgcore.Episode(40, 1, ["M5490"])])
    with pytest.raises(hrgcore.ArgumentError):
        grouper_of(dataset).group_record(hrgcore.Episode(40, 1, ["M5490"]))
    with pytest.raises(hrgcore.ArgumentError, match="group_spell"):
        Grouper(DESIGN).group_record(hrgcore.EmergencyAttendance(40))
