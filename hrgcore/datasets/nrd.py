"""Renal dialysis: modality, site, access, blood-borne virus and age of a session or a day."""

from __future__ import annotations

from hrgcore.datasets.dataset import DataSet, decided_by_rules, one_hrg_column, suffixes_of

DATASET = DataSet(
    name="NRD",
    title="Renal dialysis",
    unit="session",
    kernel=decided_by_rules("NRD", blamed="RENALMOD", age="AGE"),
    tables=one_hrg_column("_renal", "NRD_HRG"),
    suffixes=suffixes_of("_renal"),
    counts=("Session Count", "Session Error Count"),
)
