"""Measures what docs/spark.md says of cost: the engine alone and within Spark, on the same invented rows, in one run.

    .venv-spark/bin/python plugins/hrgcore-spark/sizing.py --rows 400000

It prints, for each data set, bytes a row, and rows for each second that all processes together spent on a core, the driver's too:
what else runs on the machine counts little. Even so, compare rates within a run only. It reads /proc, so it needs Linux.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hrgcore_spark import group_spark
from pyarrow import csv
from pyspark.sql import DataFrame, SparkSession

from hrgcore import Grouper

DESIGN = "2024-25"
ROOT = Path(__file__).parents[2]
EPISODES_A_SPELL = 1.15
ROW_GROUP = 50_000
CORES = 2
KEY = ("PROCODET", "PROVSPNO")


def main() -> None:
    """Prints the rates of admitted care, outpatients and emergency medicine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        spark = session()
        for dataset in ("APC", "NAC", "EM"):
            measure(spark, dataset, population(dataset, rows, Path(name)))
        spark.stop()


def session() -> SparkSession:
    """Two executors of one core each, on this machine alone."""
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.files.maxPartitionBytes": "8m",
        "spark.executor.memory": "1g",
    }
    builder = SparkSession.builder.master(f"local-cluster[{CORES},1,1024]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def population(dataset: str, rows: int, folder: Path) -> Path:
    """A Parquet file of invented records, all columns text."""
    text, parquet = folder / f"{dataset}.csv", folder / f"{dataset}.parquet"
    count = ["--spells", str(int(rows / EPISODES_A_SPELL))] if dataset == "APC" else ["--records", str(rows)]
    command = [sys.executable, str(ROOT / "benchmarks/population.py"), "--dataset", dataset, *count]
    subprocess.run([*command, "--out", str(text)], check=True, stderr=subprocess.DEVNULL)
    with text.open(encoding="utf-8") as lines:
        names = lines.readline().rstrip("\n").split(",")
    options = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""])
    pq.write_table(csv.read_csv(text, convert_options=options), parquet, row_group_size=ROW_GROUP)
    text.unlink()
    return parquet


def measure(spark: SparkSession, dataset: str, file: Path) -> None:
    """Prints what one data set costs."""
    table = pq.read_table(file)
    df = spark.read.parquet(str(file))
    grouper = Grouper(DESIGN, dataset)
    grouped = pa.table(grouper.group(table).records)
    print(f"{dataset}: {len(table):,} rows; bytes a row: Parquet {file.stat().st_size / len(table):.0f}, ", end="")
    print(f"Arrow {table.nbytes / len(table):.0f}, result in Arrow {plain_size(grouped) / len(table):.0f}")
    jobs: dict[str, Callable[[], object]] = {"engine alone, from Arrow to Arrow, one thread": lambda: alone(grouper, table)}
    jobs["Spark: read"] = lambda: run(df)
    jobs["Spark: read, rows to Python and back"] = lambda: run(df.mapInArrow(same, df.schema))
    if dataset == "APC":
        jobs["Spark: read, shuffle and sort by spell"] = lambda: run(df.repartition(*KEY).sortWithinPartitions(*KEY))
    jobs["group_spark"] = lambda: run(group_spark(df, DESIGN, dataset=dataset))
    for name, job in jobs.items():
        job()  # once to warm up
        seconds = min(spent(job), spent(job))
        print(f"  {name:50} {len(table) / seconds:12,.0f} rows a second of a core", flush=True)
    print(f"  the largest Python worker so far had {largest_worker():,} MB")


def alone(grouper: Grouper, table: pa.Table) -> pa.Table:
    """The records of one machine, with one thread."""
    return pa.table(grouper.group(table, threads=1).records)


def same(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What Python costs if it does nothing."""
    yield from batches


def run(df: DataFrame) -> None:
    """All rows of a DataFrame, kept nowhere."""
    df.write.format("noop").mode("overwrite").save()


def spent(job: Callable[[], object]) -> float:
    """The seconds of a core that a job takes, in this process and in those it started."""
    before = seconds_of_tree()
    job()
    return seconds_of_tree() - before


def seconds_of_tree() -> float:
    """What this process and all that come from it have spent."""
    return sum(sum(map(int, cells[11:15])) for cells in tree().values()) / os.sysconf("SC_CLK_TCK")


def tree() -> dict[int, list[str]]:
    """This process and all that come from it, with what /proc says of each."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            found[int(file.parent.name)] = file.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    ours = {os.getpid()}
    while more := {number for number, cells in found.items() if int(cells[1]) in ours} - ours:
        ours |= more
    return {number: found[number] for number in ours}


def largest_worker() -> int:
    """The most memory, in megabytes, that a Python worker of an executor has had."""
    most = 0
    for number in tree():
        folder = Path("/proc") / str(number)
        with suppress(OSError):
            if "pyspark.daemon" in (folder / "cmdline").read_text():
                status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
                most = max(most, int(status["VmHWM"].split()[0]))
    return most // 1024


def plain_size(table: pa.Table) -> int:
    """The bytes of a table whose dictionaries are written out."""
    return sum(
        (column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column).nbytes
        for column in table.columns
    )


if __name__ == "__main__":
    main()
