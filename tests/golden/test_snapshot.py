"""Every change of a table shows as spells that move."""

from __future__ import annotations

from golden.population import SPELLS
from golden.snapshot import grouped, read
from hrgcore.testing.kept import check_table


def test_every_design_groups_the_population_as_before() -> None:
    check_table(read(), grouped(), "spells", "make golden")


def test_the_population_is_large_and_mixed() -> None:
    rows = read()
    assert len(rows) == SPELLS
    assert len({hrg for _, _, hrg, _ in rows}) > 1000
    assert sum(bool(others) for *_, others in rows) > 100
