"""Every change of a table of the other data sets shows as records that move."""

from __future__ import annotations

from golden.records import DATASETS, grouped, read
from hrgcore.testing.kept import check_table


def test_the_design_groups_the_examples_as_before() -> None:
    check_table(read(), grouped(), "records", "make golden")


def test_the_examples_are_mixed() -> None:
    rows = read()
    assert {dataset for dataset, *_ in rows} == set(DATASETS)
    assert len({(dataset, result.split()[0]) for dataset, _, _, result in rows}) > 60
    assert {dataset for dataset, *_, result in rows if result.startswith("UZ01Z")} == set(DATASETS)
