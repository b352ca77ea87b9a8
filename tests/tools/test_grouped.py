"""Grouped data in: the forms of files, the ragged end of official outputs, columns of numbers."""

from __future__ import annotations

import io
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

import hrgcore
from hrgcore.analyse.grouped import HRG_COLUMNS, column_of, hrg_column, numbers_of, place_of, printable, read_grouped, texts_of
from hrgcore.errors import ArgumentError, InputFileError

EXAMPLES = Path(__file__).parents[2] / "examples"


def written(folder: Path, text: str | bytes, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


# Official outputs


def test_ragged_end_of_official_outputs(tmp_path: Path) -> None:
    """Further unbundled HRGs are joined to the last column, and the lines keep their order."""
    path = written(tmp_path, 'a,FCE_HRG,UnbundledHRGs\r\n1,X,\r\n2,Y,U*2,V,W\r\n3,"Z,\r\n4,X,U,V\r\n5,Y,U\r\n')
    assert read_grouped(path).to_pydict() == {
        "a": ["1", "2", "3", "4", "5"],
        "FCE_HRG": ["X", "Y", '"Z', "X", "Y"],
        "UnbundledHRGs": ["", "U*2 V W", "", "U V", "U"],
    }


@pytest.mark.parametrize("lines", [("1,X,U,V",), ("1,X,U,V", "2,Y,U,V,W")])
def test_all_lines_ragged(tmp_path: Path, lines: tuple[str, ...]) -> None:
    path = written(tmp_path, "\n".join(["a,FCE_HRG,UnbundledHRGs", *lines]))
    assert read_grouped(path).column("UnbundledHRGs").to_pylist() == ["U V", "U V W"][: len(lines)]


def test_some_columns(tmp_path: Path) -> None:
    """Others are not read, and the lines keep their order."""
    path = written(tmp_path, "a,b,a,FCE_HRG,UnbundledHRGs\n1,2,3,X,\n4,5,6,Y,U,V\n7,8,9,Z,\n")
    seen = []

    def wanted(names: list[str]) -> list[str]:
        seen.append(names)
        return ["FCE_HRG", "b", "none"]

    assert read_grouped(path, wanted).to_pydict() == {"b": ["2", "5", "8"], "FCE_HRG": ["X", "Y", "Z"]}
    assert seen == [["a", "b", "a", "FCE_HRG", "UnbundledHRGs"]]
    plain = written(tmp_path, 'a,b,"c"\n1,2,3\n')
    assert read_grouped(plain, lambda _: ["a"]).to_pydict() == {"a": ["1"], "c": ["3"]}
    with pytest.raises(InputFileError, match="a quote is not closed"):
        read_grouped(written(tmp_path, 'a,b\n1,"2\n3,4\n'), lambda _: ["a"])
    parquet.write_table(pa.table({"a": [1, 2], "b": [3, 4]}), tmp_path / "in.parquet")
    assert read_grouped(tmp_path / "in.parquet", lambda _: ["b", "none"]).to_pydict() == {"b": [3, 4]}


def test_short_lines_of_official_outputs_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a,FCE_HRG,UnbundledHRGs\n1,X,\n2,Y,U,V\n3,secret\n")
    with pytest.raises(InputFileError, match=r"in\.csv record 3: has too few cells") as error:
        read_grouped(path)
    assert "secret" not in str(error.value)


def test_outputs_of_a_run(tmp_path: Path, grouper: hrgcore.Grouper) -> None:
    grouper.group_file(EXAMPLES / "apc_sample.csv", tmp_path / "out.csv", rdf=EXAMPLES / "apc.rdf")
    episodes, spells = (read_grouped(tmp_path / f"out_{name}.csv") for name in ("FCE", "spell"))
    plain = pd.read_csv(tmp_path / "out_FCE_rel.csv", dtype=str, keep_default_na=False)
    assert episodes.column("RowNo").to_pylist() == plain["RowNo"].tolist()
    assert episodes.column("FCE_HRG").to_pylist() == plain["FCE_HRG"].tolist()
    assert (episodes.num_rows, spells.num_rows) == (3444, 3000)
    joined = [text for cell in episodes.column("UnbundledHRGs").to_pylist() for text in cell.split()]
    assert joined == pd.read_csv(tmp_path / "out_ub_rel.csv")["UnbundledHRGs"].tolist()
    assert any(" " in cell for cell in spells.column("UnbundledHRGs").to_pylist())
    assert (hrg_column(episodes, None, ""), hrg_column(spells, None, "")) == ("FCE_HRG", "SpellHRG")


def test_a_million_lines_in_seconds(tmp_path: Path) -> None:
    """Here a tenth of it; what is slow is what goes line by line."""
    body = "".join(f"{row},X,{'U,V' if row % 50 == 0 else ''}\n" for row in range(100_000))
    table = read_grouped(written(tmp_path, f"a,FCE_HRG,UnbundledHRGs\n{body}"))
    assert numbers_of(table, "a", "").tolist() == list(range(100_000))


# Other files


def test_quoted_cells(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeff"hrg","the, cost",note\nX,"1",  "a ""b"", c\nd"\n"Y, or Z",2,\n'.replace('  "a', '"a'))
    assert read_grouped(path).to_pydict() == {
        "hrg": ["X", "Y, or Z"],
        "the, cost": ["1", "2"],
        "note": ['a "b", c\nd', ""],
    }


def test_cells_of_csv_files_stay_text(tmp_path: Path) -> None:
    table = read_grouped(written(tmp_path, "hrg,area,value\nX,007,1\nNA,,null\n"))
    assert table.to_pydict() == {"hrg": ["X", "NA"], "area": ["007", ""], "value": ["1", "null"]}


@pytest.mark.parametrize("text", ["", "\n", "hrg,cost\nX,1\nY\n", b"hrg,cost\nX,\xff\n"])
def test_files_that_are_no_tables(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(InputFileError, match=r"in\.csv: is no table that can be read") as error:
        read_grouped(written(tmp_path, text))
    assert error.value.cure


@pytest.mark.parametrize("text", ['hrg,note\nX,"1\nY,2\n', 'hrg,note\nX,1\nY,"2\nZ,3', 'hrg,note\nX,"1\r\nY,2\r\n'])
def test_a_quote_that_is_not_closed(tmp_path: Path, text: str) -> None:
    """All lines below would be one cell."""
    with pytest.raises(InputFileError, match="a quote is not closed"):
        read_grouped(written(tmp_path, text))


def test_a_header_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="has no header that can be read"):
        read_grouped(written(tmp_path, "x" * 200_000))


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_other_forms_of_files(tmp_path: Path, form: str) -> None:
    table = pa.table({"hrg": ["X", "Y"], "cost": [1.5, None]})
    path = tmp_path / f"in.{form}"
    parquet.write_table(table, path) if form == "parquet" else feather.write_feather(table, path, compression="uncompressed")
    assert read_grouped(path).equals(table)
    assert read_grouped(str(path)).equals(table)


def test_tables_of_other_libraries() -> None:
    columns = {"hrg": ["X", "Y"], "cost": [1.5, 2.5]}
    for table in (pl.DataFrame(columns), pd.DataFrame(columns), pa.table(columns), pa.table(columns).to_reader()):
        assert read_grouped(table).to_pydict() == columns
    with pytest.raises(ArgumentError, match="list is no table"):
        read_grouped([1])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"hrg,cost\nX,1\n")))
    assert read_grouped("-").to_pydict() == {"hrg": ["X"], "cost": ["1"]}
    assert (place_of("-"), place_of(Path("a.csv")), place_of(pa.table({}))) == ("standard input", "a.csv", "table")


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="there is no such file"):
        read_grouped(tmp_path / "none.csv")


# Columns


def test_columns_are_found_by_name() -> None:
    table = pa.table([["X"], ["1"], ["2"]], names=["hrg", "cost", "cost"])
    assert column_of(table, "hrg", "t").to_pylist() == ["X"]
    with pytest.raises(InputFileError, match="t: has 2 columns named 'cost'"):
        column_of(table, "cost", "t")
    with pytest.raises(InputFileError, match=r"t: has no column 'none'\. Name one of its columns: hrg, cost"):
        column_of(table, "none", "t")
    assert hrg_column(table, "hrg", "t") == hrg_column(table, None, "t") == "hrg"
    with pytest.raises(InputFileError, match="has no column of HRGs"):
        hrg_column(table.select([1]), None, "t")
    assert hrg_column(pa.table({name: ["X"] for name in HRG_COLUMNS[::-1]}), None, "t") == "FCE_HRG"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("AA10A", "AA10A"), ("a\x1b[1m\nb\u202e", "a?[1m?b?"), ("x" * 24, "x" * 24), ("x" * 25, "x" * 23 + "…"), ("é中", "é中")],
)
def test_names_as_they_are_shown(name: str, shown: str) -> None:
    assert printable(name) == shown


NAN = float("nan")


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (pa.array(["1", " 2.50 ", "", " ", "-3", ".5", "1e3", "7."]), [1, 2.5, NAN, NAN, -3, 0.5, 1000, 7]),
        (pa.array(["1", None], pa.large_string()), [1, NAN]),
        (pa.array(["1", None], pa.string_view()), [1, NAN]),
        (pa.array(["1", "1", None]).dictionary_encode(), [1, 1, NAN]),
        (pa.array([1, None, 2**62]), [1, NAN, 2.0**62]),
        (pa.array([1, 255], pa.uint8()), [1, 255]),
        (pa.array([1.5, None, NAN]), [1.5, NAN, NAN]),
        (pa.array([1.5], pa.float32()), [1.5]),
        (pa.array([Decimal("12.34"), None]), [12.34, NAN]),
        (pa.nulls(2), [NAN, NAN]),
        (pa.array([], pa.string()), []),
    ],
)
def test_numbers(cells: pa.Array, numbers: list[float]) -> None:
    found = numbers_of(pa.table({"cost": cells}), "cost", "t")
    assert found.dtype == np.float64
    assert np.array_equal(found, np.array(numbers, np.float64), equal_nan=True)


@pytest.mark.parametrize("cell", ["secret", "1,5", "£5", "nan", "inf", "-", "1 2", "0x1", "NULL", "1e", "--1"])
def test_texts_that_are_no_numbers(cell: str) -> None:
    """The message names row and column, not the cell."""
    with pytest.raises(InputFileError, match="t record 3: the cell of column cost is no number") as error:
        numbers_of(pa.table({"cost": ["1", "", cell, cell]}), "cost", "t")
    assert cell == "-" or cell not in str(error.value)


@pytest.mark.parametrize("cells", [pa.array(["1", "1e400"]), pa.array([1, float("inf")]), pa.array([1, -1e200])])
def test_numbers_that_are_no_amounts(cells: pa.Array) -> None:
    with pytest.raises(InputFileError, match="t record 2: the cell of column cost is too large"):
        numbers_of(pa.table({"cost": cells}), "cost", "t")


@pytest.mark.parametrize("cells", [pa.array([True]), pa.array([[1]]), pa.array([1], pa.date32()), pa.array([b"1"])])
def test_columns_of_other_things(cells: pa.Array) -> None:
    with pytest.raises(InputFileError, match="t: column cost is of type"):
        numbers_of(pa.table({"cost": cells}), "cost", "t")


def test_texts() -> None:
    table = pa.table({"a": pa.array([" X", "", None, "X "]).dictionary_encode(), "b": [1, 2, None, 4], "c": [[1], [], [], []]})
    assert texts_of(table, "a", "t").to_pylist() == ["X", None, None, "X"]
    assert texts_of(table, "b", "t").to_pylist() == ["1", "2", None, "4"]
    with pytest.raises(InputFileError, match="column c is of type"):
        texts_of(table, "c", "t")
