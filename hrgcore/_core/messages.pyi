from array import array
from collections.abc import Iterable, Sequence
from enum import IntEnum

from hrgcore._core.csvfile import RecordLines
from hrgcore._core.events import Events
from hrgcore._core.output import Lines, Texts

class Shown(IntEnum):
    SHOWN_TRIMMED = 0
    SHOWN_NUMBER = 1
    SHOWN_CODE = 2
    SHOWN_DIAGNOSIS = 3

def shown(how: int, cell: str) -> str: ...

class FaultTexts:
    def __init__(self, names: Sequence[str], texts: Sequence[str], shown: Iterable[int]) -> None: ...
    @property
    def names(self) -> Texts: ...
    @property
    def texts(self) -> Texts: ...

class FaultWriter:
    def __init__(self, texts: FaultTexts, columns: Iterable[int], newline: bytes) -> None: ...
    @property
    def texts(self) -> FaultTexts: ...
    @property
    def counts(self) -> array[int]: ...
    def write(
        self, faults: Events, lines: RecordLines, first: int, number: int, whole: Lines | None, keys: Lines | None
    ) -> None: ...
