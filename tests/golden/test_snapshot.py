"""Every change of a table shows as spells that move."""

from __future__ import annotations

from golden.population import SPELLS
from golden.snapshot import grouped, read

SHOWN = 20


def test_every_design_groups_the_population_as_before() -> None:
    kept, now = read(), grouped()
    moved = [f"{' '.join(old)} -> {' '.join(new[2:])}" for old, new in zip(kept, now, strict=False) if old != new]
    assert len(kept) == len(now) and not moved, "\n".join(
        [
            f"{len(moved)} of {len(now)} spells moved. If that is meant, run `make golden` and look through the difference.",
            *moved[:SHOWN],
        ]
    )


def test_the_population_is_large_and_mixed() -> None:
    rows = read()
    assert len(rows) == SPELLS
    assert len({hrg for _, _, hrg, _ in rows}) > 1000
    assert sum(bool(others) for *_, others in rows) > 100
