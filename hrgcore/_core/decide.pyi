from typing_extensions import Buffer

from hrgcore._core.batch import Batch, RecordResults
from hrgcore._core.events import Events
from hrgcore._core.fields import FieldSet
from hrgcore._core.tables import Tables

class RecordKernel:
    def __init__(
        self, tables: Tables, fields: FieldSet, rules: Buffer, blamed: str, age: str = "", trace: bool = False
    ) -> None: ...
    @property
    def tables(self) -> Tables: ...
    @property
    def fields(self) -> FieldSet: ...
    @property
    def faults(self) -> Events: ...
    @property
    def unbundled(self) -> Events: ...
    @property
    def trace(self) -> Events | None: ...
    def run(self, batch: Batch, results: RecordResults, first: int, end: int) -> None: ...

def check_periods(
    batch: Batch,
    results: RecordResults,
    start: str,
    discharge: str,
    level_two: str,
    level_three: str,
    basic: str,
    advanced: str,
) -> None: ...
