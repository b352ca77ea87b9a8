"""Spark gives what one machine gives, however the rows are spread."""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hrgcore_spark import group_spark
from hrgcore_spark.partitions import PartitionGrouper
from one_machine import DESIGN, EXAMPLES, ID, Found, example, one_machine, ordered, with_ids
from pyspark.sql import DataFrame, SparkSession, functions
from pyspark.sql.types import LongType, StructField, StructType

from hrgcore import ArgumentError, DesignError, Grouper

DATASETS = ("APC", "NAC", "EM", "NRD", "ACC", "PCC", "NCC")
FEW = 300  # rows, where many are not needed


@pytest.fixture(scope="module")
def episodes() -> pa.Table:
    return example("APC")


@pytest.fixture(scope="module")
def tied(episodes: pa.Table) -> pa.Table:
    """Episodes of which many have the number of another of their spell, some of them with other codes, in a random order."""
    rows = episodes.drop_columns([ID]).slice(0, FEW).to_pylist()
    generator = random.Random(1)
    for row in generator.sample(rows, FEW // 2):
        other = generator.choice(rows)
        rows.append({**row, "DIAG_01": other["DIAG_01"], "OPER_01": other["OPER_01"], "EPIDUR": other["EPIDUR"]})
    rows += generator.sample(rows, FEW // 10)
    generator.shuffle(rows)
    return with_ids(pa.Table.from_pylist(rows, episodes.drop_columns([ID]).schema))


def collected(df: DataFrame, table: pa.Table | None = None) -> Found:
    """The rows of a result, sorted; of records and messages without the columns that came in, but for the identifier."""
    came_in = set(table.column_names) - {ID} if table is not None else set()
    return ordered(df.select([name for name in df.columns if name not in came_in]).toArrow().to_pylist())


@pytest.mark.parametrize("dataset", DATASETS)
def test_records_are_those_of_one_machine(spark: SparkSession, dataset: str) -> None:
    table = example(dataset)
    df = spark.createDataFrame(table)
    assert collected(group_spark(df, DESIGN, dataset=dataset), table) == one_machine(table, "records", dataset=dataset)


@pytest.mark.parametrize("dataset", ["APC", "PCC"])
def test_messages_are_those_of_one_machine(spark: SparkSession, dataset: str) -> None:
    table = example(dataset)
    want = one_machine(table, "messages", dataset=dataset)
    assert want
    found = group_spark(spark.createDataFrame(table), DESIGN, dataset=dataset, level="messages")
    assert collected(found, table) == want


def test_spells_are_those_of_one_machine(spark: SparkSession, episodes: pa.Table) -> None:
    found = group_spark(spark.createDataFrame(episodes), DESIGN, level="spells")
    assert collected(found) == one_machine(episodes, "spells")


def test_input_columns_are_kept(spark: SparkSession, tied: pa.Table) -> None:
    found = group_spark(spark.createDataFrame(tied), DESIGN).select(tied.column_names).toArrow()
    assert found.sort_by(ID).to_pylist() == tied.to_pylist()


@pytest.mark.parametrize("level", ["records", "spells"])
@pytest.mark.parametrize(("partitions", "batch", "adaptive"), [(1, 7, "true"), (4, 1, "false"), (9, 10_000, "false")])
def test_ties_fall_the_same_way_however_the_rows_are_spread(
    spark: SparkSession, tied: pa.Table, level: str, partitions: int, batch: int, adaptive: str
) -> None:
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", batch)
    spark.conf.set("spark.sql.adaptive.enabled", adaptive)
    given = tied.take(random.Random(partitions).sample(range(len(tied)), len(tied)))
    found = group_spark(spark.createDataFrame(given).repartition(partitions), DESIGN, level=level)
    assert collected(found, tied if level == "records" else None) == one_machine(tied, level)


def test_ties_matter(tied: pa.Table) -> None:
    """The test above would pass if they did not."""
    as_they_come = pa.table(Grouper(DESIGN).group(tied).spells).drop_columns(["first_row"])
    assert ordered(as_they_come.to_pylist()) != one_machine(tied, "spells")


def test_more_than_one_executor_takes_part(spark: SparkSession, episodes: pa.Table) -> None:
    spark.conf.set("spark.sql.adaptive.enabled", "false")
    spark.conf.set("spark.sql.shuffle.partitions", 6)
    found = group_spark(spark.createDataFrame(episodes), DESIGN).select(ID)
    schema = StructType([StructField("parent", LongType()), StructField("process", LongType())])

    def processes(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The process in which a partition was grouped, and the one that all Python workers of that executor come from."""
        time.sleep(0.5)
        for batch in batches:
            yield pa.table({"parent": [os.getppid()] * len(batch), "process": [os.getpid()] * len(batch)}).to_batches()[0]

    rows = found.mapInArrow(processes, schema).distinct().collect()
    assert len({row["parent"] for row in rows}) == 2
    assert len({row["process"] for row in rows} - {os.getpid()}) >= 2


def test_cells_may_be_lists_dates_and_numbers(spark: SparkSession, episodes: pa.Table) -> None:
    table = listed(episodes.slice(0, FEW))
    df = spark.createDataFrame(table).withColumn("PROVSPNO", functions.col("PROVSPNO").cast("long"))
    columns = {"diagnoses": "all diagnoses", "EPIORDER": "number of the episode"}
    want = one_machine(episodes.slice(0, FEW), "records")
    assert collected(group_spark(df, DESIGN, columns=columns), table) == want


def listed(table: pa.Table) -> pa.Table:
    """A table with a list of diagnoses a row, and episode numbers as numbers."""
    cells = [name for name in table.column_names if name.startswith("DIAG_")]
    lists = [[row[name] for name in cells] for row in table.select(cells).to_pylist()]
    numbers = table["EPIORDER"].cast(pa.int32())
    table = table.drop_columns([*cells, "EPIORDER"])
    table = table.append_column("number of the episode", numbers)
    return table.append_column("all diagnoses", pa.array(lists, pa.list_(pa.string())))


def test_dates_may_be_dates(spark: SparkSession) -> None:
    table = example("PCC")
    days = [date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}") if is_day(day) else None for day in table["CCDate"].to_pylist()]
    dated = table.set_column(table.column_names.index("CCDate"), "CCDate", pa.array(days, pa.date32()))
    found = group_spark(spark.createDataFrame(dated), DESIGN, dataset="PCC")
    assert collected(found, dated) == one_machine(dated, "records", dataset="PCC")


def is_day(cell: str | None) -> bool:
    try:
        return bool(cell) and bool(date.fromisoformat(f"{cell[:4]}-{cell[4:6]}-{cell[6:]}"))
    except ValueError:
        return False


def test_keys_are_the_same_with_blanks_around_them(spark: SparkSession, episodes: pa.Table) -> None:
    table = episodes.slice(0, FEW)
    spaced = [f" {cell}\t" if number % 2 else cell for number, cell in enumerate(table["PROVSPNO"].to_pylist())]
    spaced_table = table.set_column(table.column_names.index("PROVSPNO"), "PROVSPNO", pa.array(spaced))
    found = group_spark(spark.createDataFrame(spaced_table), DESIGN, level="spells")
    assert collected(found) == one_machine(table, "spells")


def test_a_record_definition_tells_the_columns(spark: SparkSession, episodes: pa.Table) -> None:
    table = episodes.slice(0, FEW)
    renamed = table.rename_columns([f"c{number}" for number in range(1, len(table.column_names))] + [ID])
    for level in ("records", "spells"):
        found = group_spark(spark.createDataFrame(renamed), DESIGN, columns=EXAMPLES / "apc.rdf", level=level)
        assert collected(found, renamed if level == "records" else None) == one_machine(table, level)


def test_the_default_design_is_that_of_the_driver(
    spark: SparkSession, episodes: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRGCORE_DESIGN", "2021-22")
    table = episodes.slice(0, FEW)
    found = group_spark(spark.createDataFrame(table))
    assert collected(found, table) == one_machine(table, "records", design="2021-22")


def test_no_rows_give_no_rows(spark: SparkSession, episodes: pa.Table) -> None:
    empty = spark.createDataFrame(episodes).limit(0)
    for level in ("records", "spells", "messages"):
        assert group_spark(empty, DESIGN, level=level).count() == 0


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "missing": (lambda df: df.drop("DIAG_01", "PROVSPNO"), {}, "required fields PROVSPNO, DIAG_01 are missing"),
    "type": (lambda df: df.withColumn("SEX", functions.current_timestamp()), {}, "field SEX: column 'SEX' has the type"),
    "key type": (
        lambda df: df.withColumn("PROVSPNO", functions.lit(1.5)),
        {},
        "field PROVSPNO: column 'PROVSPNO' has the type double",
    ),
    "clash": (lambda df: df.withColumn("Stay", functions.lit(1)), {}, "df: the result has columns of the same name: Stay"),
    "twice": (lambda df: df, {"columns": {"SEX": "dummy_field", "sex": "SPCDAYS"}}, "field SEX stands twice"),
    "same name": (lambda df: df.select("*", "SEX"), {}, "df: columns have the same name: SEX, SEX"),
    "dot": (lambda df: df.withColumnRenamed("SEX", "p.sex"), {}, "df: names of columns have dots or backticks: p.sex"),
    "no Arrow": (lambda df: df.withColumn("x", functions.expr("make_interval(1)")), {}, "df: "),
    "column": (lambda df: df, {"columns": {"SEX": "gender"}}, "columns SEX: the table has 0 columns 'gender'"),
    "level": (lambda df: df, {"level": "periods"}, "there is no level 'periods'"),
    "spells": (lambda df: df, {"level": "spells", "dataset": "EM"}, "data set EM has no spells"),
    "data set": (lambda df: df, {"dataset": "XYZ"}, "there is no data set 'XYZ'"),
    "loaded": (lambda df: df, {"design": Grouper(DESIGN).design}, "design is Design, not a name"),
    "df": (lambda df: [1], {}, "df is list"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_before_the_job_starts(spark: SparkSession, episodes: pa.Table, case: str) -> None:
    change, arguments, text = WRONG[case]
    df = spark.createDataFrame(episodes.slice(0, 1))
    with pytest.raises(ArgumentError) as raised:
        group_spark(change(df), **{"design": DESIGN, **arguments})
    assert text in str(raised.value)
    assert raised.value.cure


def test_a_picture_cannot_cut_a_key(spark: SparkSession, episodes: pa.Table, tmp_path: Path) -> None:
    lines = (EXAMPLES / "apc.rdf").read_text(encoding="utf-8").replace("PROVSPNO,PROVSPNO,2,,,,", "PROVSPNO,PROVSPNO,2,AAA.A,,,A")
    (tmp_path / "cut.rdf").write_text(lines, encoding="utf-8")
    with pytest.raises(ArgumentError, match="field PROVSPNO: column 'PROVSPNO' has a picture"):
        group_spark(spark.createDataFrame(episodes.slice(0, 1)), DESIGN, columns=tmp_path / "cut.rdf")


def test_the_page_says_what_happens(spark: SparkSession, capsys: pytest.CaptureFixture[str]) -> None:
    """The examples of docs/spark.md, which bear the mark `py` since they need Spark."""
    page = (EXAMPLES.parent / "docs" / "spark.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```py\n(.*?)^```$(?:\n\n^```text\n(.*?)^```$)?", page, re.MULTILINE | re.DOTALL)
    assert blocks
    shutil.copytree(EXAMPLES, "examples")
    names: dict[str, Any] = {}
    for code, want in blocks:
        exec(compile(code, "docs/spark.md", "exec"), names)
        assert capsys.readouterr().out.split() == want.split()


# --- a partition, without Spark ---

ROUNDS = 60
MOST_WAITING = 80_000  # rows; a stretch has 65,536


def partition_grouper(table: pa.Table, *, version: str = "", level: str = "records") -> PartitionGrouper:
    used = tuple(name for name in table.column_names if name not in (ID, "dummy_field"))
    version = version or Grouper(DESIGN).design.database_version
    return PartitionGrouper(DESIGN, version, "APC", {name: name for name in used}, used, level)


def by_spell(table: pa.Table) -> pa.Table:
    place = table.column_names.index("PROVSPNO")
    return table.set_column(place, "PROVSPNO", table["PROVSPNO"].fill_null("")).sort_by("PROVSPNO")


def many(table: pa.Table, read: list[int]) -> Iterator[pa.RecordBatch]:
    """The same spells at many providers; tells how many rows were read."""
    for number in range(ROUNDS):
        provider = pa.array([f"{number:03}"] * len(table))
        for batch in table.set_column(0, "PROCODET", provider).to_batches(max_chunksize=1000):
            read.append(len(batch))
            yield batch


def test_a_partition_is_not_held_in_memory(episodes: pa.Table) -> None:
    """Results come while batches are still to be read, and no more rows wait than a stretch has."""
    table = by_spell(episodes)
    read: list[int] = []
    written = most = 0
    for batch in partition_grouper(table)(many(table, read)):
        most = max(most, sum(read) - written)
        written += len(batch)
    assert written == sum(read) == ROUNDS * len(table)
    assert most < MOST_WAITING


@pytest.mark.parametrize("level", ["records", "messages"])
def test_each_row_has_its_own_result_in_every_stretch(episodes: pa.Table, level: str) -> None:
    table = by_spell(episodes)
    found = pa.Table.from_batches(partition_grouper(table, level=level)(many(table, [])))
    want = one_machine(table, level)
    assert len(found) == ROUNDS * len(want)
    added = found.select([ID, *found.column_names[len(table.column_names) :]])
    for start in (0, len(found) - len(want)):
        assert ordered(added.slice(start, len(want)).to_pylist()) == want


def test_an_executor_with_another_version_refuses(episodes: pa.Table) -> None:
    with pytest.raises(DesignError, match=r"an executor has 2024-25 .*, the driver 2024-25 0\.0\.1"):
        next(partition_grouper(episodes, version="2024-25 0.0.1")(iter(episodes.to_batches())))
