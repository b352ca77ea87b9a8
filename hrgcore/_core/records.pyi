from collections.abc import Sequence
from typing import Any

from hrgcore._core.apc import Kernel
from hrgcore._core.batch import Results
from hrgcore._core.encode import Encoder
from hrgcore._core.tables import Tables
from hrgcore.records import Episode

class SpellGrouper:
    def __init__(self, tables: Tables, default_values: tuple[int, ...], trace: bool = False) -> None: ...
    @property
    def encoder(self) -> Encoder: ...
    @property
    def kernel(self) -> Kernel: ...
    @property
    def results(self) -> Results | Any: ...  # None before the first `group`
    def group(self, records: list[Episode], order: Sequence[int]) -> None: ...
    def snapshot(
        self,
    ) -> tuple[tuple[int, ...], list[tuple[int, ...]], list[tuple[int, int, int, int]], list[tuple[int, int, int, int]]]: ...

def encode_record(encoder: Encoder, record: Episode, defaults: tuple[int, ...], place: int) -> None: ...
