"""The plugin for Spark is installed with the others and must not need Spark until it is used; `make test-spark` has its tests."""

import subprocess
import sys
from pathlib import Path

PLUGIN = Path(__file__).parents[2] / "plugins" / "hrgcore-spark"
IMPORT_ALONE = """
import sys
for name in ("pyspark", "pyarrow", "pandas"):
    sys.modules[name] = None  # not there
sys.path.insert(0, sys.argv[1])
from hrgcore import ArgumentError
from hrgcore_spark import group_spark
try:
    group_spark([], "2024-25")
except ArgumentError as error:
    print(error.message)
"""


def test_it_is_imported_without_spark() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT_ALONE, str(PLUGIN)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("df is list\n", "")
