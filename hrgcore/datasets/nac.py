"""Outpatients: procedures as in admitted care, else the kind of attendance; diagnoses have no part."""

from __future__ import annotations

from hrgcore._core.nac import AttendanceKernel
from hrgcore._core.output import ConstantColumn
from hrgcore.datasets.dataset import DataSet, Grouped, OutputTable, decided_by_rules, main_table, suffixes_of

COLUMNS = ("NAC_HRG", "GroupingMethodFlag", "DominantProcedure", "AttendanceHRG")
SPECIALISED = 5
# Specialised services, best practice tariffs, flags: of the payment edition; the counts are 0 and the rest is blank.
SPECIALISED_COLUMNS = tuple(
    head
    for kind in ("SSC", "BP", "Flag")
    for head in (f"Attend{kind}_Ct", *(f"Attend{kind}{n}" for n in range(1, SPECIALISED + 1)))
)
_SPECIALISED_CELLS = ",".join(["0" + "," * SPECIALISED] * 3).encode()


def _tables(grouped: Grouped) -> dict[str, OutputTable]:
    columns = (
        grouped.hrg("hrg"),
        grouped.letter("method"),
        grouped.text("dominant", grouped.texts.procedures),
        grouped.hrg("attendance_hrg"),
    )
    whole = (*columns, ConstantColumn(_SPECIALISED_CELLS))
    return {
        "_attend": main_table(grouped, (*COLUMNS, *SPECIALISED_COLUMNS), whole, ragged=True),
        "_attend_rel": OutputTable(COLUMNS, columns, grouped.batch.rows, echo=False),
    }


DATASET = DataSet(
    name="NAC",
    title="Outpatients and ward attenders",
    unit="attendance",
    kernel=decided_by_rules("NAC", blamed="FIRSTATT", age="STARTAGE", kernel=AttendanceKernel),
    tables=_tables,
    suffixes=suffixes_of("_attend", unbundled=True),
    counts=("Attendance Count", "Attendance Error Count"),
)
