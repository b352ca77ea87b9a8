"""A cluster of two executors, each a process of its own with Python workers of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

# The pages of the cluster's own web servers too are for this machine only.
os.environ.update(SPARK_LOCAL_IP="127.0.0.1", SPARK_PUBLIC_DNS="127.0.0.1", PYSPARK_PYTHON=sys.executable)
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.master.rest.enabled": "false",
    # Both executors are there before the first task, and neither is preferred.
    "spark.scheduler.minRegisteredResourcesRatio": "1",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
    "spark.locality.wait": "0",
    "spark.shuffle.reduceLocality.enabled": "false",
    "spark.sql.shuffle.partitions": "3",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    os.chdir(tmp_path_factory.mktemp("work"))
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("hrgcore-spark")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    java = session.sparkContext._gateway.proc
    yield session
    session.stop()
    # It ends with its input; no process is left behind.
    java.stdin.close()
    java.wait(60)


@pytest.fixture(autouse=True)
def settings(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test sets holds for that test."""
    yield
    if "spark" in request.fixturenames:
        session = request.getfixturevalue("spark")
        for name in (
            "spark.sql.shuffle.partitions",
            "spark.sql.execution.arrow.maxRecordsPerBatch",
            "spark.sql.adaptive.enabled",
        ):
            session.conf.unset(name)
