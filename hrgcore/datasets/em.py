"""Emergency medicine: the highest categories of investigation and treatment."""

from __future__ import annotations

from hrgcore.datasets.dataset import DataSet, decided_by_rules, one_hrg_column, suffixes_of

DATASET = DataSet(
    name="EM",
    title="Emergency medicine",
    unit="attendance",
    kernel=decided_by_rules("EM", blamed="AEPATIENTGROUP", age="AGE"),
    tables=one_hrg_column("_attend", "EM_HRG"),
    suffixes=suffixes_of("_attend"),
    counts=("Attendance Count", "Attendance Error Count"),
)
