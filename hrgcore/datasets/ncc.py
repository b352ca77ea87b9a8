"""Neonatal critical care: the level of care of a day."""

from __future__ import annotations

from hrgcore.datasets.dataset import PERIOD_ORDER, DataSet, decided_by_rules, one_hrg_column, suffixes_of

DATASET = DataSet(
    name="NCC",
    title="Neonatal critical care",
    unit="day",
    kernel=decided_by_rules("NCC", blamed="CCUF"),
    tables=one_hrg_column("_ncc", "NCC_HRG", sort=True),
    suffixes=suffixes_of("_ncc", sort=True),
    counts=("Day Count", "Day Error Count"),
    order=PERIOD_ORDER,
)
