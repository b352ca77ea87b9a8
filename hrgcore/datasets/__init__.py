"""The data sets that hrgcore groups: one module of the same form each, registered here."""

from __future__ import annotations

from types import ModuleType

from hrgcore.datasets import apc
from hrgcore.errors import ArgumentError

DATASETS: dict[str, ModuleType] = {apc.NAME: apc}


def dataset(name: str) -> ModuleType:
    """The module of a data set.

    Raises:
        ArgumentError: there is none of this name.
    """
    if name not in DATASETS:
        raise ArgumentError(f"there is no data set {name!r}", cure=f"Choose one of {', '.join(DATASETS)}.")
    return DATASETS[name]
