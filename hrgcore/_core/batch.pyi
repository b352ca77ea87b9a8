from array import array

from typing_extensions import Buffer

from hrgcore._core.fields import FieldSet
from hrgcore._core.tables import Tables

class Batch:
    def __init__(
        self,
        fields: FieldSet,
        *,
        spell_start: Buffer,
        numbers: Buffer,
        values: Buffer,
        diag_start: Buffer,
        diags: Buffer,
        proc_start: Buffer,
        procs: Buffer,
        item_start: Buffer,
        items: Buffer,
        failed: Buffer,
    ) -> None: ...
    @property
    def fields(self) -> FieldSet: ...
    @property
    def rows(self) -> int: ...
    @property
    def spells(self) -> int: ...
    def seen_by(self, fields: FieldSet) -> Batch: ...
    def check(self, tables: Tables) -> None: ...
    def spell_of_rows(self) -> array[int]: ...
    def spell_rows(self) -> array[int]: ...
    def longest(self, first_spell: int, end_spell: int) -> tuple[int, int]: ...

class Results:
    def __init__(self, episodes: int, spells: int) -> None: ...
    @property
    def columns(self) -> dict[str, memoryview[int]]: ...

class RecordResults:
    def __init__(self, rows: int) -> None: ...
    @property
    def columns(self) -> dict[str, memoryview[int]]: ...
