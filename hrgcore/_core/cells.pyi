from collections.abc import Iterable
from typing import final

from hrgcore._core.arrow import Chunk
from hrgcore._core.csvfile import CellPlan
from hrgcore._core.encoded import EncodedRows
from hrgcore._core.fields import FieldSet
from hrgcore._core.tables import Tables

@final
class ColumnEncoder:
    def __init__(
        self, tables: Tables, fields: FieldSet, plan: CellPlan, chunk: Chunk, first: int, end: int, widths: Iterable[int]
    ) -> None: ...
    @property
    def encoded(self) -> EncodedRows: ...
    @property
    def broken_cell(self) -> tuple[int, int] | None: ...
