"""Columns say what files say: random records as random columns, and columns that are no records."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import DESIGN
from hypothesis import given, settings

from hrgcore import ArgumentError, Grouper
from hrgcore.datasets import DATASETS
from hrgcore.design.fields import LAYOUTS
from hrgcore.records import record_class
from hrgcore.testing.records import WILD_NUMBERS, WILD_VALUES, Cells, random_file
from hrgcore.testing.reference.tables import Design
from hrgcore.testing.spells import pools_of, random_batch

from .random_records import DATASETS as OTHERS
from .random_records import source_of
from .strategies import SEEDS

pa = pytest.importorskip("pyarrow")

RECORDS = 12
SHARE = settings(max_examples=max(1, settings.default.max_examples // 30))  # of each data set, of files and of nonsense
PLACE = "place"  # the first column: rows that are equal in all else stay in the order of the input
MAIN = {"APC": "_FCE", "NAC": "_attend", "EM": "_attend", "NRD": "_renal", "ACC": "_acc", "PCC": "_pcc", "NCC": "_ncc"}
HRG = {"APC": "FCE_HRG", "NAC": "NAC_HRG", "EM": "EM_HRG", "NRD": "NRD_HRG", "ACC": "ACC_HRG", "PCC": "PCC_HRG", "NCC": "NCC_HRG"}
ALSO = {
    "APC": {"method": "GroupingMethodFlag", "dominant_procedure": "DominantProcedure", "programme": "FCE_PBC"},
    "NAC": {"method": "GroupingMethodFlag", "dominant_procedure": "DominantProcedure", "attendance_hrg": "AttendanceHRG"},
}
DAYS = re.compile("(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])")
WHOLE = re.compile("0|[1-9][0-9]{0,7}")


@dataclass(frozen=True)
class Maker:
    """A grouper, and what makes random records for it."""

    grouper: Grouper
    make: Callable[[Random], list[Cells]]


@pytest.fixture(scope="module")
def design(design_folder: Path) -> Design:
    return Design(design_folder)


@pytest.fixture(scope="module", params=DATASETS)
def maker(request: pytest.FixtureRequest, design: Design) -> Maker:
    grouper = Grouper(DESIGN, request.param)
    if request.param not in OTHERS:
        pools = pools_of(design)
        return Maker(grouper, lambda random: random_batch(random, pools, 4))
    source = source_of(design, request.param)
    return Maker(grouper, lambda random: random_file(random, source, RECORDS))


# What files say --------------------------------------------------------------------------------


def lines_of(path: Path) -> list[dict[str, str]]:
    head, *lines = (line.split(",") for line in path.read_text(encoding="utf-8").split("\n")[:-1])
    return [dict(zip(head, line, strict=False)) for line in lines]


def said_by_files(grouper: Grouper, rows: Sequence[Cells], folder: Path) -> dict[str, Any]:
    numbered = [{PLACE: f"{number:09}", **row} for number, row in enumerate(rows)]
    text = "\n".join([",".join(numbered[0]), *(",".join(row.values()) for row in numbered), ""])
    (folder / "in.csv").write_text(text, encoding="utf-8", newline="")
    run = grouper.group_file(folder / "in.csv", folder / "out.csv")
    main = lines_of(folder / f"out{MAIN[grouper.dataset]}.csv")
    places = [int(line[PLACE]) for line in main]
    found: dict[str, Any] = {
        "row": places,
        "hrg": [line[HRG[grouper.dataset]] for line in main],
        "errors": (run.record_errors, run.spell_errors),
        **{name: [line[head] for line in main] for name, head in ALSO.get(grouper.dataset, {}).items()},
    }
    quality = (folder / "out_quality_rel.csv").read_text(encoding="utf-8").split("\n")[1:-1]
    told = [line.split(",", 4) for line in quality]
    found["messages"] = [(places[int(row) - 1], field, code, words) for row, _, field, code, words in told]
    unbundled: dict[int, list[str]] = {}
    if "_ub_rel" in DATASETS[grouper.dataset].suffixes:
        for line in lines_of(folder / "out_ub_rel.csv"):
            unbundled.setdefault(places[int(line["RowNo"]) - 1], []).append(line["UnbundledHRGs"])
        found["unbundled"] = [unbundled.get(place, []) for place in places]
    if grouper.dataset == "APC":
        spells = lines_of(folder / "out_spell.csv")
        found["spells"] = [(line["PROCODET"], line["PROVSPNO"], line["SpellHRG"], line["SpellLOS"]) for line in spells]
    return found


# The same as columns ---------------------------------------------------------------------------


def columns_of(random: Random, dataset: str, rows: Sequence[Cells]) -> dict[str, Any]:
    """The cells as columns of random types; blank cells are nulls or empty."""
    names = list(rows[0])
    columns: dict[str, Any] = {}
    for field in LAYOUTS[dataset]:
        cells = [name for name in names if field.most and name.rpartition("_")[0] == field.name]
        if cells and cells == field.cells(len(cells)) and random.random() < 0.5:
            columns[random.choice((field.name, record_class(dataset).attributes[field.name]))] = list_column(random, rows, cells)
            names = [name for name in names if name not in cells]
    kinds = {field.name: field.kind for field in LAYOUTS[dataset]}
    for name in names:
        columns[random.choice((name, name.lower()))] = column(random, [row[name] for row in rows], kinds.get(name, ""))
    return dict(random.sample(list(columns.items()), len(columns)))


def list_column(random: Random, rows: Sequence[Cells], names: Sequence[str]) -> Any:
    lists = [[row[name] or random.choice((None, "")) for name in names] for row in rows]
    for cells in lists:
        while cells and not cells[-1] and random.random() < 0.9:
            cells.pop()
    item = random.choice((pa.string(), pa.large_string(), pa.string_view()))
    return pa.array(
        [cells or random.choice((None, [])) for cells in lists], random.choice((pa.list_, pa.large_list, pa.list_view))(item)
    )


def column(random: Random, cells: Sequence[str], kind: str) -> Any:
    given = [cell or random.choice((None, None, "")) for cell in cells]
    there = [cell for cell in cells if cell]
    ways = [pa.string(), pa.large_string(), pa.string_view(), "dictionary", "dictionary"]
    if all(WHOLE.fullmatch(cell) for cell in there) and kind not in ("diagnosis", "procedure"):
        ways += [pa.int32(), pa.int64(), pa.uint32(), pa.float64()]
    if kind == "date" and all(DAYS.fullmatch(cell) for cell in there):
        ways += [pa.date32(), pa.timestamp("us"), pa.timestamp("ns")] * 2
    if not there and random.random() < 0.5:
        return pa.nulls(len(cells))
    way = random.choice(ways)
    if way == "dictionary":
        return coded(random, given)
    if pa.types.is_date(way) or pa.types.is_timestamp(way):
        return pa.array([datetime.strptime(cell, "%Y%m%d") if cell else None for cell in cells], pa.timestamp("s")).cast(way)
    if pa.types.is_integer(way) or pa.types.is_floating(way):
        return pa.array([int(cell) if cell else None for cell in cells], way)
    return pa.array(given, way)


def coded(random: Random, cells: Sequence[str | None]) -> Any:
    """A dictionary with entries that no cell points to, with some that stand twice, perhaps with a null."""
    entries = list({cell for cell in cells if cell is not None}) + random.sample(WILD_VALUES, 3) + random.choice(([], [None]))
    random.shuffle(entries)
    keys = [random.choice([place for place, entry in enumerate(entries) if entry == cell] or [None]) for cell in cells]
    key = random.choice((pa.int8(), pa.uint8(), pa.int16(), pa.uint32(), pa.int64()))
    words = pa.array(entries, random.choice((pa.string(), pa.large_string(), pa.string_view())))
    return pa.DictionaryArray.from_arrays(pa.array(keys, key), words)


def table_of(random: Random, columns: dict[str, Any], rows: int) -> Any:
    """The columns as a table in random chunks, perhaps a slice of a longer one."""
    before = random.choice((0, 0, 1, 7, 9))
    chunked = []
    for cells in columns.values():
        padded = longer(cells, before) if before else cells
        cuts = sorted(random.randrange(rows + 1) for _ in range(random.choice((0, 0, 1, 3))))
        ends = [0, *cuts, rows]
        chunked.append(pa.chunked_array(
            [padded.slice(before + start, end - start) for start, end in pairwise(ends)], cells.type
        ))  # fmt: skip
    return pa.table(chunked, list(columns))


def longer(cells: Any, before: int) -> Any:
    """A column with nulls before and after."""
    if pa.types.is_dictionary(cells.type):
        return pa.DictionaryArray.from_arrays(longer(cells.indices, before), cells.dictionary)
    return pa.concat_arrays([pa.nulls(before, cells.type), cells, pa.nulls(2, cells.type)])


def said_by_columns(grouper: Grouper, table: Any, threads: int) -> dict[str, Any]:
    grouped = grouper.group(table, threads=threads)
    records = pa.table(grouped)
    records.validate(full=True)
    names = ("row", "hrg", *ALSO.get(grouper.dataset, {}), *(["unbundled"] if "unbundled" in records.column_names else []))
    found = {name: records[name].to_pylist() for name in names}
    found["errors"] = grouped.record_errors, grouped.spell_errors
    found["messages"] = [
        tuple(row[name] for name in ("row", "field", "code", "text")) for row in pa.table(grouped.messages).to_pylist()
    ]
    if grouped.spells is not None:
        spells = pa.table(grouped.spells)
        spells.validate(full=True)
        found["spells"] = [(row["PROCODET"], row["PROVSPNO"], row["hrg"], str(row["stay"] or 0)) for row in spells.to_pylist()]
    return found


def test_columns_say_what_files_say(maker: Maker, tmp_path: Path) -> None:
    dataset = maker.grouper.dataset

    @SHARE
    @given(SEEDS)
    def check(random: Random) -> None:
        rows = maker.make(random)
        table = table_of(random, columns_of(random, dataset, rows), len(rows))
        try:
            found = said_by_columns(maker.grouper, table, random.choice((1, 2)))
        except ArgumentError as error:
            assert "missing" in error.message
            return
        expected = said_by_files(maker.grouper, rows, tmp_path)
        if "spells" in expected:  # one that failed has no stay
            expected["spells"] = [(*spell[:3], spell[3] or "0") for spell in expected["spells"]]
        assert found == expected, table.to_pylist()
        in_order = [rows[row] for row in found["row"]]
        stream = table_of(random, columns_of(random, dataset, in_order), len(rows)).to_reader(
            max_chunksize=random.choice((1, 2, 5))
        )
        parts = [pa.table(part)["hrg"].to_pylist() for part in maker.grouper.group_chunks(stream, rows=1)]
        assert list(chain(*parts)) == found["hrg"]
        given_order = pa.table(maker.grouper.group(table, order="input"))
        assert given_order["hrg"].to_pylist() == [hrg for _, hrg in sorted(zip(found["row"], found["hrg"], strict=True))]

    check()


# Columns that are no records -------------------------------------------------------------------


def nonsense(random: Random, rows: int) -> Any:
    """A column of any type."""
    texts = (*WILD_VALUES, *WILD_NUMBERS, "I10", "J18.9", "W371", "RXX", "x" * 5000, "\0", "\n", ",", "\N{GRINNING FACE}")
    makers: tuple[tuple[Any, Callable[[], Any]], ...] = (
        (pa.string(), lambda: random.choice(texts)),
        (pa.large_string(), lambda: random.choice(texts)),
        (pa.string_view(), lambda: random.choice(texts)),
        (pa.dictionary(pa.int8(), pa.string()), lambda: random.choice(texts)),
        (pa.dictionary(pa.int64(), pa.int32()), lambda: random.randrange(200)),
        *((type_, lambda: random.randrange(128)) for type_ in (pa.int8(), pa.uint8(), pa.int16(), pa.uint16())),
        (pa.int64(), lambda: random.choice((0, -1, 2**62, -(2**63), 999_999_999, 10**9))),
        (pa.uint64(), lambda: random.choice((0, 2**64 - 1, 2**31))),
        (pa.float64(), lambda: random.choice((0.5, -0.0, 1e300, float("nan"), float("inf"), -1e-300, 7.0, 1.125))),
        (pa.float32(), lambda: random.choice((0.5, 1e30, float("nan"), float("-inf"), 3.0, 0.1))),
        (pa.date32(), lambda: random.choice((date.min, date.max, date(2024, 2, 29)))),
        (pa.timestamp("s"), lambda: random.choice((datetime.min, datetime.max, datetime(2024, 2, 29, 12)))),
        (pa.date64(), lambda: date(2024, 1, 1)),
        (pa.bool_(), lambda: True),
        (pa.binary(), lambda: b"x"),
        (pa.list_(pa.string()), lambda: random.choices(texts, k=random.choice((0, 1, 3, 99, 100)))),
        (pa.large_list(pa.dictionary(pa.int8(), pa.string())), lambda: random.choices(texts, k=random.choice((0, 1, 3)))),
        (pa.list_(pa.int32(), 2), lambda: [1, None]),
        (pa.list_(pa.list_(pa.string())), lambda: [["x"]]),
        (pa.struct([("a", pa.int32())]), lambda: {"a": 1}),
        (pa.null(), lambda: None),
    )
    type_, make = random.choice(makers)
    return pa.array([make() if random.random() < 0.8 else None for _ in range(rows)], type_)


def test_any_columns_give_a_result_or_an_error(maker: Maker) -> None:
    dataset = maker.grouper.dataset
    attributes = record_class(dataset).attributes

    @SHARE
    @given(SEEDS)
    def check(random: Random) -> None:
        rows = maker.make(random)
        columns = columns_of(random, dataset, rows)
        for name in random.sample(list(columns), min(len(columns), random.choice((1, 1, 2, 5, 99)))):
            columns[name] = nonsense(random, len(rows))
        if random.random() < 0.1:
            columns[random.choice((*attributes.values(), *attributes))] = nonsense(random, len(rows))
        if random.random() < 0.1:
            columns.pop(random.choice(list(columns)))
        table = table_of(random, columns, len(rows))
        try:
            grouped = maker.grouper.group(table, order=random.choice(("official", "input")))
        except ArgumentError as error:
            assert error.cure
            return
        assert len(grouped) == len(rows)
        for found in (grouped, grouped.spells, grouped.messages):
            if found is not None:
                pa.table(found).validate(full=True)

    check()
