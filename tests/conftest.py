"""Fixtures that all tests share."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

import hrgcore
from hrgcore.plugins import host

DESIGN = "2024-25"
EXAMPLES = os.environ.get("HRGCORE_EXAMPLES", "")

# The normal run is the same every time; HRGCORE_EXAMPLES=5000 looks for new cases.
settings.register_profile(
    "hrgcore",
    max_examples=int(EXAMPLES or 300),
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    print_blob=True,
    phases=(Phase.explicit, Phase.generate),  # what is drawn is a seed: tests shrink their own cases
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
settings.load_profile("hrgcore")


@pytest.fixture(scope="session")
def grouper() -> hrgcore.Grouper:
    """The grouper of the 2024-25 design."""
    return hrgcore.Grouper(DESIGN)


@pytest.fixture(scope="session")
def design_folder() -> Path:
    """The folder of the 2024-25 design, wherever it is installed."""
    return host().folder(DESIGN)


@pytest.fixture
def own_logging() -> Iterator[None]:
    """The console program sets up logging for its process; the tests go on with what they had."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    yield
    root.handlers[:], root.level = handlers, level
