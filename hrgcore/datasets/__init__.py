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

    None if no data set fits, or if two fit equally well.
    """
    sizes = {
        name: len(required)
        for name in DATASETS
        if name in design.tables.fields and set(required := required_fields(design, name)) <= set(names)
    }
    best = [name for name, size in sizes.items() if size == max(sizes.values())]
    return best[0] if len(best) == 1 else None


def nearest(design: Design, names: Collection[str]) -> str | None:
    """The data set of whose required fields the largest share is there, to tell which are missing; None if none is there."""
    shares: dict[str, float] = {}
    for name in DATASETS:
        if name in design.tables.fields:
            required = required_fields(design, name)
            shares[name] = sum(field in names for field in required) / len(required)
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] else None
