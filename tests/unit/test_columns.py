"""Columns in and out: every producer, every type of cell, every place of a border, and tables that are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hrgcore import ArgumentError, Grouper
from hrgcore._core.arrow import Source
from hrgcore._core.arrow_out import ArrowColumn, ArrowTable

pa = pytest.importorskip("pyarrow")

DIAGNOSES = [["J189", "I10X", None], ["I500"], ["S720", None, "E119"], ["M5490"], ["K359"], ["XXXX", "I10X"], [None, "I10X"]]
PROCEDURES = [[], ["X292"], ["W371", "Z843"], ["V373"], ["H011"], [], ["Q"]]
COLUMNS: dict[str, list[Any]] = {
    "PROCODET": ["RXX", "RXX", "RXX", "RXY", "RXY", "RXZ", "RXZ"],
    "PROVSPNO": ["1", "1", "2", "1", "3", "1", "1"],
    "EPIORDER": ["1", "2", "1", "1", "1", "1", "2"],
    "STARTAGE": ["70", "70", "81", "40", "12", "999", "50"],
    "SEX": ["1", "1", "2", "2", "1", "1", None],
    "CLASSPAT": ["1"] * 7,
    "ADMISORC": ["19"] * 7,
    "ADMIMETH": ["21"] * 7,
    "DISDEST": ["19"] * 7,
    "DISMETH": ["1"] * 7,
    "EPIDUR": ["3", "2", "9", "0", "1", "x", "2"],
    "MAINSPEF": ["300"] * 7,
    "NEOCARE": ["8"] * 7,
    "TRETSPEF": ["300"] * 7,
    "CRITICALCAREDAYS": ["0", None, "0", "0", "0", "0", "0"],
}
WIDE = {
    **COLUMNS,
    **{f"DIAG_{n:02}": [row[n - 1] if len(row) >= n else None for row in DIAGNOSES] for n in range(1, 4)},
    **{f"OPER_{n:02}": [row[n - 1] if len(row) >= n else None for row in PROCEDURES] for n in range(1, 3)},
}
NUMBERS = ("EPIORDER", "STARTAGE", "CRITICALCAREDAYS", "SEX", "CLASSPAT", "PROVSPNO")
Told = tuple[Any, Any, Any]


def wide() -> Any:
    return pa.table(WIDE)


def told(grouped: Any) -> Told:
    """All that was said of a table."""
    return tuple(
        pa.table(table).to_pylist() if table is not None else None for table in (grouped, grouped.spells, grouped.messages)
    )


@pytest.fixture(scope="module")
def expected(grouper: Grouper) -> Told:
    return told(grouper.group(wide()))


def test_says_what_files_say(grouper: Grouper, tmp_path: Path) -> None:
    lines = [",".join(WIDE), *(",".join(cell or "" for cell in row) for row in zip(*WIDE.values(), strict=True))]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
    run = grouper.group_file(tmp_path / "in.csv", tmp_path / "out.csv")
    grouped = grouper.group(wide())
    episodes, spells, messages = told(grouped)
    assert (run.records, run.record_errors, run.spells, run.spell_errors) == (
        len(grouped), grouped.record_errors, len(grouped.spells), grouped.spell_errors,
    )  # fmt: skip

    def column(suffix: str, name: str) -> list[str]:
        head, *rows = (line.split(",") for line in (tmp_path / f"out{suffix}.csv").read_text().splitlines())
        return [row[head.index(name)] for row in rows]

    for name, official in {"hrg": "FCE_HRG", "method": "GroupingMethodFlag", "dominant_procedure": "DominantProcedure",
                           "programme": "FCE_PBC"}.items():  # fmt: skip
        assert [row[name] for row in episodes] == column("_FCE", official)
    assert ["" if row["stay"] is None else str(row["stay"]) for row in episodes] == column("_FCE", "CalcEpidur")
    for name, official in {"hrg": "SpellHRG", "primary_diagnosis": "SpellPDiag", "PROCODET": "PROCODET", "PROVSPNO": "PROVSPNO",
                           "secondary_diagnosis": "SpellSDiag", "programme": "SpellPBC"}.items():  # fmt: skip
        assert [row[name] for row in spells] == column("_spell", official)
    assert [str(row["episodes"]) for row in spells] == column("_spell", "SpellEpisodeCount")
    rows = [f"{row['row'] + 1},{row['field']},{row['code']},{row['text']}" for row in messages]
    cells = (tmp_path / "out_quality_rel.csv").read_text().splitlines()[1:]
    assert rows == [f"{line.split(',', 2)[0]},{line.split(',', 2)[2]}" for line in cells]


# Producers -------------------------------------------------------------------------------------


class ArrayOnly:
    """A producer without a stream."""

    def __init__(self, batch: Any) -> None:
        self.batch = batch

    def __arrow_c_array__(self, requested_schema: object = None) -> Any:
        return self.batch.__arrow_c_array__()


def _polars(table: Any) -> Any:
    return pytest.importorskip("polars").from_arrow(table)


def _pandas(table: Any) -> Any:
    pytest.importorskip("pandas")
    return table.to_pandas()


def _duckdb(table: Any) -> Any:
    return pytest.importorskip("duckdb").from_arrow(table)


def _nanoarrow(table: Any) -> Any:
    return pytest.importorskip("nanoarrow").ArrayStream(table)


PRODUCERS: dict[str, Callable[[Any], Any]] = {
    "pyarrow": lambda table: table,
    "batch": lambda table: table.combine_chunks().to_batches()[0],
    "reader": lambda table: table.to_reader(max_chunksize=2),
    "array": lambda table: ArrayOnly(table.combine_chunks().to_batches()[0]),
    "struct": lambda table: table.to_struct_array().combine_chunks(),
    "polars": _polars,
    "pandas": _pandas,
    "duckdb": _duckdb,
    "nanoarrow": _nanoarrow,
}


@pytest.mark.parametrize("name", PRODUCERS)
def test_producers(grouper: Grouper, expected: Told, name: str) -> None:
    assert told(grouper.group(PRODUCERS[name](wide()))) == expected


def test_categories_of_producers(grouper: Grouper, expected: Told) -> None:
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    frame = polars.from_arrow(wide())
    assert told(grouper.group(frame.with_columns(polars.col("SEX", "DIAG_01", "PROCODET").cast(polars.Categorical)))) == expected
    assert told(grouper.group(frame.with_columns(polars.col("SEX").cast(polars.Enum(["2", "9", "1"]))))) == expected
    lists = frame.with_columns(polars.concat_list("DIAG_01", "DIAG_02", "DIAG_03").alias("DIAG")).drop(
        "DIAG_01", "DIAG_02", "DIAG_03"
    )
    assert told(grouper.group(lists)) == expected
    pytest.importorskip("pandas")
    assert told(grouper.group(wide().to_pandas().astype({"SEX": "category", "DIAG_01": "category"}))) == expected
    relation = duckdb.from_arrow(wide()).project("* replace (SEX::enum('1', '2') as SEX, EPIORDER::hugeint as EPIORDER)")
    with pytest.raises(ArgumentError, match="column 'EPIORDER' has the type"):
        grouper.group(relation)
    assert told(grouper.group(duckdb.from_arrow(wide()).project("* replace (SEX::enum('1', '2') as SEX)"))) == expected


def test_readers(grouper: Grouper, expected: Told) -> None:
    """What is handed out can be read by all, as often as they like."""
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    duckdb, nanoarrow = pytest.importorskip("duckdb"), pytest.importorskip("nanoarrow")
    grouped = grouper.group(wide())
    hrgs = [row["hrg"] for row in expected[0]]
    assert polars.DataFrame(grouped)["hrg"].to_list() == hrgs
    assert list(pandas.DataFrame.from_arrow(grouped)["hrg"]) == hrgs
    records = grouped.records
    assert [hrg for (hrg,) in duckdb.sql("select hrg from records order by spell").fetchall()] == hrgs
    assert nanoarrow.ArrayStream(grouped).read_all().child(2).to_pylist() == hrgs
    assert pa.table(grouped).equals(pa.table(grouped))
    assert pa.schema(grouped) == pa.table(grouped).schema == pa.schema(records)
    pa.table(grouped).validate(full=True)
    assert grouped.column_names == records.column_names == tuple(pa.table(grouped).column_names)
    assert len(grouped) == grouped.num_rows == len(records) == len(COLUMNS["SEX"])


def test_results_go_in_again() -> None:
    """A table that is handed out is a table that is taken in."""
    source = Source(ArrowTable([ArrowColumn("a", "n", 3, ())], 3).__arrow_c_stream__())
    assert source.names == ("a",)
    chunk = source.next((0,))
    assert chunk is not None and chunk.rows == 3
    assert source.next((0,)) is None


# Types of cells --------------------------------------------------------------------------------


def cast(*types: Any, names: Sequence[str] = tuple(WIDE)) -> Any:
    """The table with other types of these columns."""
    table = wide()
    for name in names:
        column = table[name]
        for type_ in types:
            column = column.cast(type_)
        table = table.set_column(table.column_names.index(name), name, column)
    return table


TEXTS = [
    pa.large_string(),
    pa.string_view(),
    pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.int32(), pa.large_string()),
]
INTEGERS = [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()]


@pytest.mark.parametrize("type_", TEXTS, ids=str)
def test_texts(grouper: Grouper, expected: Told, type_: Any) -> None:
    assert told(grouper.group(cast(type_))) == expected


@pytest.mark.parametrize("type_", INTEGERS, ids=str)
def test_keys_of_dictionaries(grouper: Grouper, expected: Told, type_: Any) -> None:
    table = wide()
    for number, name in enumerate(table.column_names):
        found = table[name].combine_chunks().dictionary_encode()
        made = pa.DictionaryArray.from_arrays(found.indices.cast(type_), found.dictionary.cast(pa.string_view()))
        table = table.set_column(number, name, made)
    assert told(grouper.group(table)) == expected


@pytest.mark.parametrize("type_", [*INTEGERS[2:], pa.float32(), pa.float64()], ids=str)
def test_numbers(grouper: Grouper, expected: Told, type_: Any) -> None:
    assert told(grouper.group(cast(pa.int32(), type_, names=NUMBERS))) == expected


def test_numbers_that_are_none(grouper: Grouper) -> None:
    table = wide().set_column(3, "STARTAGE", pa.array([70.5, float("nan"), float("inf"), -1.0, 1e300, None, 50.0]))
    messages = [(row["row"], row["code"]) for row in told(grouper.group(table))[2] if row["field"] == "STARTAGE"]
    assert messages == [(0, "70.5"), (1, ""), (2, "inf"), (3, "-1"), (4, "1e+300"), (5, "")]
    large = wide().set_column(3, "STARTAGE", pa.array([2**64 - 1, 999_999_999, 1_000_000_000, 0, 0, 0, 0], pa.uint64()))
    codes = [row["code"] for row in told(grouper.group(large))[2] if row["field"] == "STARTAGE"]
    assert codes == ["18446744073709551615", "999999999", "1000000000"]


def test_null_columns_are_blank(grouper: Grouper) -> None:
    table = wide()
    blank = table.set_column(table.column_names.index("NEOCARE"), "NEOCARE", pa.nulls(7))
    empty = table.set_column(table.column_names.index("NEOCARE"), "NEOCARE", pa.nulls(7, pa.string()))
    assert told(grouper.group(blank)) == told(grouper.group(empty))
    blank = table.set_column(table.column_names.index("SEX"), "SEX", pa.nulls(7))
    assert [row["row"] for row in told(grouper.group(blank))[2] if row["field"] == "SEX"] == list(range(7))


NCC = Grouper("2024-25", dataset="NCC")
DAYS = [date(2024, 2, 29), date(1800, 1, 1), date(2999, 12, 31), None, date(1969, 12, 31), date(1799, 12, 31), date(2024, 1, 1)]
NEONATES: dict[str, Any] = {
    "CCUF": ["13"] * 7, "AGE_DAYS": [1] * 7, "GestLen": [30] * 7, "DISMETH": ["1"] * 7,
    "PERWT": ["1.9", "0.85", "3.250", "1.2345", None, "2", "9.999"],
    "CCDate": [day and f"{day.year:04}{day.month:02}{day.day:02}" for day in DAYS], "DISDATE": ["20241103"] * 7,
    "activities": [["22"]] * 7,
}  # fmt: skip


@pytest.mark.parametrize(
    "type_", [pa.date32(), pa.date64(), *(pa.timestamp(unit) for unit in ("s", "ms", "us")), pa.timestamp("s", "UTC")], ids=str
)
def test_dates(type_: Any) -> None:
    days = pa.array(DAYS, pa.date32()).cast(type_ if pa.types.is_date(type_) else pa.timestamp(type_.unit)).cast(type_)
    assert told(NCC.group(pa.table({**NEONATES, "CCDate": days}))) == told(NCC.group(pa.table(NEONATES)))


def test_times_of_a_day_are_dropped() -> None:
    times = [datetime(2024, 2, 29, 23, 59, 59), datetime(1969, 12, 31, 0, 0, 1), datetime(1700, 1, 1, 5)]
    days = ["20240229", "19691231", "17000101"]
    some = {name: cells[:3] for name, cells in NEONATES.items()}
    for unit in ("ns", "us"):
        found = NCC.group(pa.table({**some, "CCDate": pa.array(times, pa.timestamp(unit))}))
        assert told(found) == told(NCC.group(pa.table({**some, "CCDate": days})))


@pytest.mark.parametrize("type_", [pa.float32(), pa.float64()], ids=str)
def test_weights(type_: Any) -> None:
    weights = pa.array([float(text) if text else None for text in NEONATES["PERWT"]]).cast(type_)
    assert told(NCC.group(pa.table({**NEONATES, "PERWT": weights}))) == told(NCC.group(pa.table(NEONATES)))


@pytest.mark.parametrize("field", ["STARTAGE", "DIAG_01", "SEX"])
@pytest.mark.parametrize(
    "type_", [pa.bool_(), pa.binary(), pa.date32(), pa.duration("s"), pa.decimal128(5), pa.struct([("a", pa.int8())]),
              pa.timestamp("s"), pa.list_(pa.list_(pa.string())), pa.list_(pa.string()), pa.float16(),
              pa.run_end_encoded(pa.int32(), pa.string())], ids=str,
)  # fmt: skip
def test_types_that_no_cell_has(grouper: Grouper, field: str, type_: Any) -> None:
    table = wide()
    column = pa.nulls(7, type_)
    with pytest.raises(ArgumentError, match=f"field {field}: column '{field}' has the type") as caught:
        grouper.group(table.set_column(table.column_names.index(field), field, column))
    assert caught.value.cure


def test_times_of_other_zones_are_refused() -> None:
    days = pa.nulls(7, pa.timestamp("s", "Europe/London"))
    with pytest.raises(ArgumentError, match="without a time zone"):
        NCC.group(pa.table({**NEONATES, "CCDate": days}))


# Lists -----------------------------------------------------------------------------------------


def listed(type_: Any = None, item: Any = None, names: tuple[str, str] = ("diagnoses", "procedures")) -> Any:
    type_ = (type_ or pa.list_)(item or pa.string())
    return pa.table({**COLUMNS, names[0]: pa.array(DIAGNOSES, type_), names[1]: pa.array(PROCEDURES, type_)})


@pytest.mark.parametrize("item", [pa.string(), pa.large_string()], ids=str)
@pytest.mark.parametrize("type_", [pa.list_, pa.large_list, pa.list_view, pa.large_list_view], ids=lambda type_: type_.__name__)
def test_lists_are_as_wide_columns(grouper: Grouper, expected: Told, type_: Any, item: Any) -> None:
    assert told(grouper.group(listed(type_, item))) == expected
    assert told(grouper.group(listed(type_, item).slice(2, 3))) == told(grouper.group(wide().slice(2, 3)))


@pytest.mark.parametrize("names", [("DIAG", "OPER"), ("diag", "Oper"), ("Diagnoses", "PROCEDURES")])
def test_names_of_lists(grouper: Grouper, expected: Told, names: tuple[str, str]) -> None:
    assert told(grouper.group(listed(names=names))) == expected


def test_lists_of_fixed_size_and_of_dictionaries(grouper: Grouper, expected: Told) -> None:
    cells = [[*row, None, None, None][:3] for row in DIAGNOSES]
    table = pa.table({**COLUMNS, "diagnoses": pa.array(cells, pa.list_(pa.string(), 3)), "procedures": PROCEDURES})
    assert told(grouper.group(table)) == expected
    assert told(grouper.group(table.slice(3))) == told(grouper.group(wide().slice(3)))
    coded = pa.array(DIAGNOSES, pa.list_(pa.dictionary(pa.int8(), pa.string())))
    assert told(grouper.group(table.set_column(table.column_names.index("diagnoses"), "diagnoses", coded))) == expected


def test_a_null_list_is_an_empty_one(grouper: Grouper) -> None:
    for cells in ([None] * 7, [[]] * 7, [[None]] * 7):
        table = pa.table({**COLUMNS, "diagnoses": pa.array(cells, pa.list_(pa.string()))})
        assert [row["field"] for row in told(grouper.group(table))[2]].count("DIAG_01") == 7


def test_lists_that_are_too_long(grouper: Grouper) -> None:
    table = listed().set_column(len(COLUMNS), "diagnoses", pa.array([*[["I10"]] * 6, ["I10"] * 100]))
    with pytest.raises(ArgumentError, match="column 'diagnoses': the list of row 6 has 100 cells, but a record has room for 99"):
        grouper.group(table)


# Slices, chunks, nulls -------------------------------------------------------------------------


@pytest.mark.parametrize("first", range(7))
def test_slices(grouper: Grouper, first: int) -> None:
    """A slice gives what a copy of it gives, whatever the type."""
    for table in (wide(), cast(pa.string_view()), cast(pa.dictionary(pa.int32(), pa.string())), listed()):
        cut = table.slice(first, 3)
        copy = pa.table({name: pa.array(cut[name].to_pylist(), cut.schema.field(name).type) for name in cut.column_names})
        assert told(grouper.group(cut)) == told(grouper.group(copy))


def test_slices_of_structs(grouper: Grouper) -> None:
    whole = wide().to_struct_array().combine_chunks()
    assert told(grouper.group(whole.slice(2, 4))) == told(grouper.group(wide().slice(2, 4)))


def test_a_null_row_is_blank(grouper: Grouper) -> None:
    rows = wide().to_pylist()
    blank = pa.array([*rows[:3], None, *rows[4:]], pa.struct(list(wide().schema)))
    empty = pa.table({name: [*cells[:3], None, *cells[4:]] for name, cells in WIDE.items()})
    assert told(grouper.group(blank)) == told(grouper.group(empty))


def borders(cuts: Sequence[int]) -> Any:
    table = wide()
    ends = [0, *cuts, table.num_rows]
    return pa.concat_tables([table.slice(start, end - start) for start, end in pairwise(ends)])


@pytest.mark.parametrize("cuts", [[n] for n in range(8)] + [[1, 2, 3, 4, 5, 6], [0, 0, 1, 1, 7]])
def test_borders_of_chunks_do_not_matter(grouper: Grouper, expected: Told, cuts: list[int]) -> None:
    assert told(grouper.group(borders(cuts))) == expected
    coded = borders(cuts)
    coded = pa.table(
        {name: pa.chunked_array([chunk.dictionary_encode() for chunk in coded[name].chunks]) for name in coded.column_names}
    )
    assert told(grouper.group(coded)) == expected


def test_no_rows(grouper: Grouper) -> None:
    for table in (wide().slice(0, 0), wide().schema.empty_table(), listed().slice(0, 0)):
        grouped = grouper.group(table)
        assert told(grouped) == ([], [], [])
        assert [len(part) for part in grouper.group_chunks(table)] == [0]


def test_input_that_was_read_already(grouper: Grouper) -> None:
    stream = wide().__arrow_c_stream__()

    class Once:
        def __arrow_c_stream__(self) -> Any:
            return stream

    grouper.group(Once())
    with pytest.raises(ArgumentError, match="has been read already"):
        grouper.group(Once())


# Order and stretches ---------------------------------------------------------------------------


@pytest.mark.parametrize("order", [[6, 5, 4, 3, 2, 1, 0], [1, 0, 3, 2, 6, 5, 4], [0, 2, 4, 6, 1, 3, 5]])
def test_order(grouper: Grouper, expected: Told, order: list[int]) -> None:
    table = wide().take(pa.array(order))
    episodes, spells, messages = told(grouper.group(table))
    renamed = {row: place for place, row in enumerate(order)}

    def moved(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
        return [{**row, name: renamed[row[name]]} for row in rows]

    assert episodes == moved(expected[0], "row")
    assert spells == moved(expected[1], "first_row")
    assert messages == moved(expected[2], "row")
    given = told(grouper.group(table, order="input"))
    assert given[0] == sorted(episodes, key=lambda row: row["row"])
    assert [row["row"] for row in given[0]] == list(range(7))
    assert given[1] == spells
    assert given[2] == sorted(messages, key=lambda row: row["row"])


def test_there_is_no_such_order(grouper: Grouper) -> None:
    with pytest.raises(ArgumentError, match="there is no order 'sorted'"):
        grouper.group(wide(), order="sorted")


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_stretches(grouper: Grouper, expected: Told, rows: int, size: int) -> None:
    parts = list(grouper.group_chunks(wide().to_reader(max_chunksize=size), rows=rows))
    found: list[list[dict[str, Any]]] = [[], [], []]
    for part in parts:
        spells = len(found[1])
        records, own, messages = told(part)
        found[0] += [{**row, "spell": row["spell"] + spells} for row in records]
        found[1] += own
        found[2] += messages
    assert tuple(found) == expected
    assert sum(len(part) for part in parts) == 7
    assert len(parts) > 1 or rows == 100 or size == 7


def test_stretches_of_data_sets_without_spells() -> None:
    whole = NCC.group(pa.table(NEONATES), order="input")
    with pytest.raises(ArgumentError, match="group"):
        list(NCC.group_chunks(pa.table({**NEONATES, "PROCODET": list("AABBAAC")})))
    attendances = Grouper("2024-25", dataset="EM")
    table = pa.table({"AGE": [1, 200, 3], "investigations": [["01"], ["x"], []]})
    parts = list(attendances.group_chunks(table.to_reader(max_chunksize=1), rows=1))
    assert [told(part)[0][0]["row"] for part in parts] == [0, 1, 2]
    assert [row for part in parts for row in told(part)[2]] == told(attendances.group(table))[2]
    assert whole.spells is None


def test_keys_that_fall(grouper: Grouper) -> None:
    table = wide().take(pa.array([0, 1, 3, 2]))
    with pytest.raises(ArgumentError, match=r"row 3: .* PROCODET and PROVSPNO fall\. Sort the table .* or use group"):
        list(grouper.group_chunks(table.to_reader(max_chunksize=1), rows=1))


@pytest.mark.parametrize("arguments", [{"threads": 0}, {"rows": 0}, {"order": "x"}, {"columns": 7}])
def test_arguments_are_checked_before_reading(grouper: Grouper, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        grouper.group_chunks(wide(), **arguments)


def test_threads_do_not_matter(grouper: Grouper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hrgcore.columns.door.LEAST_STEP", 3)
    table = pa.concat_tables([wide()] * 30).combine_chunks()
    ages = pa.array([str(n % 130) for n in range(table.num_rows)])
    table = table.set_column(3, "STARTAGE", ages)
    assert told(grouper.group(table, threads=4)) == told(grouper.group(table, threads=1))


# Names of columns ------------------------------------------------------------------------------


def renamed(**names: str) -> Any:
    table = wide()
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def test_columns_by_mapping(grouper: Grouper, expected: Told) -> None:
    table = renamed(STARTAGE="age at start", DIAG_02="second").append_column("STARTAGE", pa.array(["x"] * 7))
    assert told(grouper.group(table, columns={"startage": "age at start", "DIAG_02": "second"})) == expected
    assert told(grouper.group(listed(names=("dx", "px")), columns={"DIAG": "dx", "procedures": "px"})) == expected
    names = {"STARTAGE": "age", "EPIDUR": "duration", "ADMIMETH": "Admission_Method"}
    assert told(grouper.group(renamed(**names))) == expected


def test_columns_by_record_definition(grouper: Grouper, expected: Told, tmp_path: Path) -> None:
    names = wide().column_names
    path = tmp_path / "x.rdf"
    path.write_text("COMMA DELIMITED\n" + "".join(f"{name},my {name},{n},,,,\n" for n, name in enumerate(names, 1)))
    mine = wide().rename_columns([f"my {name}" for name in names])
    assert told(grouper.group(mine.select(mine.column_names[::-1]), columns=path)) == expected
    assert told(grouper.group(wide().rename_columns([f"c{n}" for n in range(len(names))]), columns=str(path))) == expected
    with pytest.raises(ArgumentError, match="stands in column 20, but the table has 19"):
        grouper.group(wide().rename_columns([f"c{n}" for n in range(len(names))]).select(range(19)), columns=path)
    text = path.read_text().replace("my DIAG_01,16,,,,", "my DIAG_01,16,AAAA.,,,-")
    path.write_text(text)
    cut = [None if code is None else f"{code[:1]}-{code[1:]}X" for code in WIDE["DIAG_01"]]
    assert told(grouper.group(mine.set_column(15, "my DIAG_01", pa.array(cut)), columns=path))[0][0]["hrg"]


@pytest.mark.parametrize(
    ("table", "columns", "fault"),
    [
        (lambda: wide().drop_columns(["SEX"]), None, "the required field SEX is missing"),
        (lambda: wide().drop_columns(["SEX", "DIAG_01"]), None, "the required fields SEX, DIAG_01 are missing"),
        (lambda: wide().append_column("sex", pa.array(["1"] * 7)), None, "SEX stands twice, in the columns 'SEX' and 'sex'"),
        (lambda: wide().append_column("SEX", pa.array(["1"] * 7)), None, "field SEX stands twice"),
        (lambda: wide().append_column("age", pa.array([1] * 7)), None, "field STARTAGE stands twice"),
        (lambda: wide().append_column("DIAG", pa.array([["I10"]] * 7)), None, "field DIAG_01 stands twice"),
        (wide, {"SEXES": "SEX"}, "has no field 'SEXES'"),
        (wide, {"SEX": "gender"}, "the table has 0 columns 'gender'"),
        (wide, {"SEX": 4}, "the name of a column is 4"),
        (lambda: wide().append_column("x", pa.array([1] * 7)), {"SEX": "SEX", "sex": "x"}, "field SEX stands twice"),
        (lambda: renamed(DIAG_01="DIAG").drop_columns(["DIAG_02", "DIAG_03"]), None, "column 'DIAG' has the type u"),
    ],
)  # fmt: skip
def test_columns_that_do_not_fit(grouper: Grouper, table: Callable[[], Any], columns: Any, fault: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        grouper.group(table(), columns=columns)
    assert fault in str(caught.value)
    assert caught.value.cure
