"""Records and files of the data sets beside admitted care for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from hrgcore import Grouper, RecordResult, RunSummary, SpellResult
from hrgcore.plugins import host
from hrgcore.records import record_class

from .apc import write

DESIGN = "2024-25"
OTHERS = ("NAC", "EM", "NRD", "ACC", "PCC", "NCC")

# A record of each data set that groups.
SOUND = {
    "NAC": {"STARTAGE": "40", "SEX": "1", "MAINSPEF": "300", "TRETSPEF": "300", "FIRSTATT": "1"},
    "EM": {"AGE": "30", "AEPATIENTGROUP": "30", "INV_01": "01", "TREAT_01": "02"},
    "NRD": {"RENALMOD": "01", "RENALSITE": "01", "RENALACCESS": "01", "AGE": "60"},
    "ACC": {"CCUF": "01", "BRSD": "2", "CCL2D": "3", "CC_Start_Date": "20240601", "CC_Discharge_Date": "20240603"},
    "PCC": {
        "PROCODET": "RXX", "CCLocalID": "1", "CCDate": "20240601", "DISDATE": "20240620", "DISMETH": "1", "CCUF": "04",
        "CCAC_01": "51",
    },
    "NCC": {
        "PROCODET": "RXX", "CCLocalID": "1", "CCDate": "20240601", "DISDATE": "20240620", "CCUF": "13", "AGE_DAYS": "5",
        "DISMETH": "1", "GestLen": "38", "PERWT": "3.250", "CCAC_01": "01",
    },
}  # fmt: skip
HRGS = {"NAC": "WF01B", "EM": "VB08Z", "NRD": "LD01A", "ACC": "XC06Z", "PCC": "XB05Z", "NCC": "XA01Z"}  # of the sound records


@cache
def grouper_of(dataset: str) -> Grouper:
    return Grouper(DESIGN, dataset)


def of_cells(dataset: str, **cells: str) -> RecordResult:
    """Groups a sound record with some cells changed; blank cells stay blank."""
    row = {**SOUND[dataset], **cells}
    record = record_class(dataset).from_cells(lambda name, position: row.get(f"{name}_{position:02}" if position else name, ""))
    return grouper_of(dataset).group_record(record)


def told(result: RecordResult) -> list[tuple[str, str, str]]:
    """Its messages as field, code and text."""
    return [(message.field, message.code, message.text) for message in result.messages]


def row_behind(result: RecordResult | SpellResult, words: str) -> str:
    """The line of the table that the explanation names for the step with these words."""
    (source,) = {step.source for step in result.explain().steps if words in step.text}
    file, line = source.split(" line ")
    return (host().folder(DESIGN) / "tables" / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def write_rows(path: Path, rows: Sequence[Mapping[str, str]], columns: Sequence[str] = ()) -> Path:
    """A file with a header of these records; of all cells that one of them has, where no columns are given."""
    columns = columns or list(dict.fromkeys(name for row in rows for name in row))
    return write(path, [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)])


def group_rows(dataset: str, folder: Path, *changes: Mapping[str, str], **options: object) -> RunSummary:
    """Groups a file of sound records with some cells changed; the outputs are `out*.csv` in the folder."""
    source = write_rows(folder / "in.csv", [{**SOUND[dataset], **cells} for cells in changes])
    return grouper_of(dataset).group_file(source, folder / "out.csv", **options)
