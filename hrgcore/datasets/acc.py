"""Adult critical care: the number of organs supported in a period, its days, and a warning where they cannot be right."""

from __future__ import annotations

from hrgcore._core.batch import Batch, RecordResults
from hrgcore._core.decide import check_periods
from hrgcore._core.output import FlagColumn, NumberColumn
from hrgcore.datasets.dataset import DataSet, Grouped, OutputTable, decided_by_rules, main_table, suffixes_of

COLUMNS = ("ACC_HRG", "Calc_CC_Days", "CC_Warning_Flag")
WARNING = "F"


def _finish(batch: Batch, results: RecordResults) -> None:
    check_periods(batch, results, "CC_Start_Date", "CC_Discharge_Date", "CCL2D", "CCL3D", "BRSD", "ARSD")


def _tables(grouped: Grouped) -> dict[str, OutputTable]:
    days = NumberColumn(grouped.results.columns["days"], negative=True)
    warning = FlagColumn(grouped.results.columns["warning"], WARNING.encode())
    return {"_acc": main_table(grouped, COLUMNS, (grouped.hrg("hrg"), days, warning))}


DATASET = DataSet(
    name="ACC",
    title="Adult critical care",
    unit="period",
    kernel=decided_by_rules("ACC", blamed="CCUF"),
    tables=_tables,
    suffixes=suffixes_of("_acc"),
    counts=("Period Count", "Period Error Count"),
    finish=_finish,
)
