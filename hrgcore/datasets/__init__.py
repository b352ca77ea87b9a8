"""The data sets that hrgcore groups: one module of the same form each, registered here."""

from __future__ import annotations

from collections.abc import Collection

from hrgcore.datasets import acc, apc, em, nac, ncc, nrd, pcc
from hrgcore.datasets.dataset import DataSet
from hrgcore.design import Design
from hrgcore.errors import ArgumentError

DATASETS: dict[str, DataSet] = {module.DATASET.name: module.DATASET for module in (apc, nac, em, nrd, acc, pcc, ncc)}


def dataset(name: str) -> DataSet:
    """The data set of a name.

    Raises:
        ArgumentError: there is none of this name.
    """
    if name not in DATASETS:
        raise ArgumentError(f"there is no data set {name!r}", cure=f"Choose one of {', '.join(DATASETS)}.")
    return DATASETS[name]


def required_fields(design: Design, name: str) -> list[str]:
    """The fields that a record of a data set must have, by their names in table `field`."""
    return [row.cells[1] for row in design.rows["field"] if name in row.cells[0].split() and row.cells[2] == "yes"]


def fitting(design: Design, names: Collection[str]) -> str | None:
    """The data set of a record definition with these fields: of those whose required fields are all there, the one with most.

    None if no data set fits, if two fit equally well, or if the definition looks like one of another data set with a field
    forgotten: at least half of the fields that it requires are there, and more than the one that fits requires.
    """
    there = _required_there(design, names)
    sizes = {name: found for name, (found, required) in there.items() if found == required}
    best = [name for name, size in sizes.items() if size == max(sizes.values())]
    if len(best) != 1:
        return None
    nearly = (found for found, required in there.values() if required / 2 <= found < required)
    return best[0] if max(nearly, default=0) <= sizes[best[0]] else None


def nearest(design: Design, names: Collection[str]) -> str | None:
    """The data set that a definition which fits none was probably meant for, to tell which of its required fields are missing.

    It is the one of whose required fields the largest share is there, of equals the one with most of them; None if none is there,
    or if data sets fit that have as many.
    """
    there = _required_there(design, names)
    fit = max((found for found, required in there.values() if found == required), default=0)
    lacking = {name: (found / required, found) for name, (found, required) in there.items() if fit < found < required}
    return max(lacking, key=lacking.__getitem__) if lacking else None


def _required_there(design: Design, names: Collection[str]) -> dict[str, tuple[int, int]]:
    """How many of the required fields of each data set of a design are among some names, of how many."""
    found = {}
    for name in DATASETS:
        if name in design.tables.fields:
            required = required_fields(design, name)
            found[name] = sum(field in names for field in required), len(required)
    return found
