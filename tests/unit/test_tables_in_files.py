"""Parquet and Arrow files in and out, and tables with several designs."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import hrgcore
from hrgcore.cli import main

from .apc import FIELDS, definition, out, record, rows, with_header, write
from .data_sets import DESIGN, SOUND
from .test_order import _Pipe, _Standard, shuffled

pa = pytest.importorskip("pyarrow")
csv = pytest.importorskip("pyarrow.csv")
ipc = pytest.importorskip("pyarrow.ipc")
parquet = pytest.importorskip("pyarrow.parquet")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["group", *map(str, arguments), "--design", DESIGN])


def table_of(path: Path) -> Any:
    options = csv.ConvertOptions(column_types=dict.fromkeys(FIELDS, pa.string()))
    return csv.read_csv(path, convert_options=options)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return with_header(tmp_path / "in.csv", *shuffled(50))


@pytest.fixture
def expected(source: Path, tmp_path: Path) -> list[dict[str, str]]:
    """The official file, by the lines of the input."""
    hrgcore.Grouper(DESIGN).group_file(source, tmp_path / "expected.csv")
    return rows(tmp_path / "expected.csv", "_FCE")


def key(row: dict[str, str]) -> tuple[str, str, str]:
    return row["PROCODET"], row["PROVSPNO"], row["EPIORDER"]


def check_records(found: Any, source: Path, expected: list[dict[str, str]]) -> None:
    """The rows of the input in their order, with the HRGs of the official file."""
    assert found.select(FIELDS).to_pylist() == table_of(source).to_pylist()
    hrgs = {key(row): (row["FCE_HRG"], row["SpellReportFlag"] == "1") for row in expected}
    assert [(row["hrg"], row["report_flag"]) for row in found.to_pylist()] == [hrgs[key(row)] for row in found.to_pylist()]


def test_parquet_in_and_out(source: Path, expected: list[dict[str, str]], tmp_path: Path) -> None:
    parquet.write_table(table_of(source), tmp_path / "episodes.parquet", row_group_size=17)
    (tmp_path / "out").mkdir()
    done = run(tmp_path / "episodes.parquet", "-o", tmp_path / "out", "--format", "parquet")
    assert done.exit_code == 0, done.stderr
    names = ["episodes_messages.parquet", "episodes_records.parquet", "episodes_spells.parquet"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    check_records(parquet.read_table(tmp_path / "out" / names[1]), source, expected)
    spells = parquet.read_table(tmp_path / "out" / names[2]).to_pylist()
    assert [(spell["PROVSPNO"], spell["hrg"]) for spell in spells] == [
        (row["PROVSPNO"], row["SpellHRG"]) for row in rows(tmp_path / "expected.csv", "_spell")
    ]
    assert len(parquet.read_table(tmp_path / "out" / names[0])) == len(rows(tmp_path / "expected.csv", "_quality_rel"))


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_csv_to_tables(source: Path, expected: list[dict[str, str]], tmp_path: Path, form: str) -> None:
    done = run(source, "-o", tmp_path / f"out.{form}", "--files", "records", "-q")
    assert done.exit_code == 0, done.stderr
    path = tmp_path / f"out_records.{form}"
    found = parquet.read_table(path) if form == "parquet" else ipc.open_file(path).read_all()
    check_records(found, source, expected)
    assert not (tmp_path / f"out_spells.{form}").exists()


@pytest.mark.parametrize("options", [[], ["--header"]])
def test_csv_with_a_definition_and_a_header(
    source: Path, expected: list[dict[str, str]], tmp_path: Path, options: list[str]
) -> None:
    """The header is found by the names of fields in it, as in the official form."""
    done = run(source, "-o", tmp_path / "out.parquet", "--rdf", definition(tmp_path / "in.rdf"), "-q", *options)
    assert done.exit_code == 0, done.output
    check_records(parquet.read_table(tmp_path / "out_records.parquet"), source, expected)


def test_csv_with_a_definition_and_no_header(source: Path, expected: list[dict[str, str]], tmp_path: Path) -> None:
    bare = write(tmp_path / "bare.csv", source.read_text().splitlines()[1:])
    done = run(bare, "-o", tmp_path / "out.parquet", "--rdf", definition(tmp_path / "in.rdf"), "--no-header", "-q")
    assert done.exit_code == 0, done.stderr
    found = parquet.read_table(tmp_path / "out_records.parquet")
    check_records(found.rename_columns([*FIELDS, *found.column_names[len(FIELDS) :]]), source, expected)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("lists", [False, True])
def test_tables_to_official_files(source: Path, expected: list[dict[str, str]], tmp_path: Path, form: str, lists: bool) -> None:
    table = table_of(source)
    if lists:
        for stem, name in (("DIAG", "diagnoses"), ("OPER", "OPER")):
            columns = [field for field in FIELDS if field.startswith(f"{stem}_")]
            cells = [[cell for cell in row.values() if cell] for row in table.select(columns).to_pylist()]
            table = table.drop_columns(columns).append_column(name, pa.array(cells, pa.list_(pa.string())))
    path = tmp_path / f"episodes.{form}"
    if form == "parquet":
        parquet.write_table(table, path, row_group_size=30)
    else:
        with ipc.new_file(path, table.schema) as file:
            file.write_table(table, max_chunksize=30)
    done = run(path, "-o", tmp_path / "out.csv", "-q")
    assert done.exit_code == 0, done.stderr
    assert out(tmp_path / "out.csv", "_FCE_rel").read_bytes() == out(tmp_path / "expected.csv", "_FCE_rel").read_bytes()
    assert out(tmp_path / "out.csv", "_quality_rel").read_bytes() == out(tmp_path / "expected.csv", "_quality_rel").read_bytes()


def test_dates_and_weights_to_official_files(tmp_path: Path) -> None:
    from datetime import date

    table = pa.table(
        {
            **{name: [cell] for name, cell in SOUND["NCC"].items()},
            "CCDate": [date(2024, 6, 1)],
            "DISDATE": [date(2024, 6, 20)],
            "PERWT": [3.25],
            "AGE_DAYS": [5.0],
            "CCAC_02": [float("nan")],
        }
    )
    parquet.write_table(table, tmp_path / "days.parquet")
    done = run(tmp_path / "days.parquet", "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.stderr
    (row,) = rows(tmp_path / "out.csv", "_ncc")
    assert (row["CCDate"], row["DISDATE"], row["PERWT"], row["AGE_DAYS"], row["CCAC_02"], row["NCC_HRG"]) == (
        "20240601", "20240620", "3.25", "5", "", "XA01Z",
    )  # fmt: skip


def test_tables_through_pipes(source: Path, expected: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    given, sink = io.BytesIO(), io.BytesIO()
    parquet.write_table(table_of(source), given)
    monkeypatch.setattr(sys, "stdin", _Standard(_Pipe(given.getvalue())))
    monkeypatch.setattr(sys, "stdout", _Standard(sink))
    from hrgcore.columns.files import group_tables

    (summary,) = group_tables([hrgcore.Grouper(DESIGN)], Path("-"), Path("-"), "arrow")
    check_records(ipc.open_file(io.BytesIO(sink.getvalue())).read_all(), source, expected)
    assert summary.records == len(expected) and summary.record_errors > 0


def test_several_designs(source: Path, tmp_path: Path) -> None:
    designs = ["2021-22", DESIGN, "2022-23"]
    table = table_of(source)
    found = hrgcore.group_table(table, designs, order="input")
    alone = [hrgcore.Grouper(design).group(table, order="input") for design in designs]
    for one, other in zip(found, alone, strict=True):
        assert pa.table(one).equals(pa.table(other)) and pa.table(one.spells).equals(pa.table(other.spells))
        assert pa.table(one.messages).equals(pa.table(other.messages))
    done = CliRunner().invoke(main, ["group", str(source), "-o", str(tmp_path / "o.parquet"), "--design", ",".join(designs)])
    assert done.exit_code == 0, done.stderr
    for design, grouped in zip(designs, found, strict=True):
        read = parquet.read_table(tmp_path / f"o_{design}_records.parquet")
        assert read["hrg"].to_pylist() == pa.table(grouped)["hrg"].to_pylist()
    with pytest.raises(hrgcore.ArgumentError, match="no design"):
        hrgcore.group_table(table, [])


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--files", "FCE"], "there is no table 'FCE'"),
        (["--memory", "1GB"], "does not go with"),
        (["--no-output-headers"], "does not go with"),
    ],
)
def test_options_that_tables_do_not_have(source: Path, tmp_path: Path, options: list[str], error: str) -> None:
    done = run(source, "-o", tmp_path / "out.parquet", *options)
    assert done.exit_code == 1 and error in done.stderr
    assert list(tmp_path.glob("out*")) == []


def test_output_folder_must_be_there(source: Path, tmp_path: Path) -> None:
    done = run(source, "-o", f"{tmp_path}/none/", "--format", "parquet")
    assert done.exit_code == 2 and "none. Make it first." in done.stderr
    assert not (tmp_path / "none").exists()


def test_added_columns_do_not_hide_those_of_the_input(tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", record() + ",x", fields=[*FIELDS, "hrg"])
    done = run(source, "-o", tmp_path / "out.parquet")
    assert done.exit_code == 1 and "named like those that are added: hrg" in done.stderr
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + b"\0" * 50 + b"PAR1", b"ARROW1\0\0" + b"x" * 40])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_broken_tables(tmp_path: Path, data: bytes, form: str) -> None:
    (tmp_path / "in.parquet").write_bytes(data)
    done = run(tmp_path / "in.parquet", "-o", tmp_path / f"out.{form}")
    assert done.exit_code == 1 and "in.parquet: is no table that can be read" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_uneven_csv_to_tables(tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", record(), "a,b")
    done = run(source, "-o", tmp_path / "out.parquet")
    assert done.exit_code == 1 and "in.csv: is no table that can be read" in done.stderr and "a,b" not in done.stderr


def test_cells_that_the_official_form_cannot_hold(source: Path, tmp_path: Path) -> None:
    table = table_of(source)
    parquet.write_table(table.append_column("note", pa.array(["a,b"] * len(table))), tmp_path / "in.parquet")
    done = run(tmp_path / "in.parquet", "-o", tmp_path / "out.csv")
    assert done.exit_code == 1 and "in.parquet: a cell holds a comma" in done.stderr
    assert "a,b" not in done.stderr  # it may be about a patient
