"""Every change of a table of the other data sets shows as records that move."""

from __future__ import annotations

from golden.records import DATASETS, grouped, read

SHOWN = 20


def test_the_design_groups_the_examples_as_before() -> None:
    kept, now = read(), grouped()
    moved = [f"{' '.join(old)} -> {new[-1]}" for old, new in zip(kept, now, strict=False) if old != new]
    assert len(kept) == len(now) and not moved, "\n".join(
        [
            f"{len(moved)} of {len(now)} records moved. If that is meant, run `make golden` and look through the difference.",
            *moved[:SHOWN],
        ]
    )


def test_the_examples_are_mixed() -> None:
    rows = read()
    assert {dataset for dataset, *_ in rows} == set(DATASETS)
    assert len({(dataset, result.split()[0]) for dataset, _, _, result in rows}) > 60
    assert {dataset for dataset, *_, result in rows if result.startswith("UZ01Z")} == set(DATASETS)
