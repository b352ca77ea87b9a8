from enum import IntEnum
from typing import Any

class Form(IntEnum):
    FORM_OTHER = 0
    FORM_NULL = 1
    FORM_TEXT = 2
    FORM_LARGE_TEXT = 3
    FORM_TEXT_VIEW = 4
    FORM_INT8 = 5
    FORM_UINT8 = 6
    FORM_INT16 = 7
    FORM_UINT16 = 8
    FORM_INT32 = 9
    FORM_UINT32 = 10
    FORM_INT64 = 11
    FORM_UINT64 = 12
    FORM_FLOAT32 = 13
    FORM_FLOAT64 = 14
    FORM_DATE32 = 15
    FORM_DATE64 = 16
    FORM_SECONDS = 17
    FORM_MILLISECONDS = 18
    FORM_MICROSECONDS = 19
    FORM_NANOSECONDS = 20

class ListForm(IntEnum):
    LIST_NONE = 0
    LIST_PLAIN = 1
    LIST_LARGE = 2
    LIST_FIXED = 3
    LIST_VIEW = 4
    LIST_LARGE_VIEW = 5

class Source:
    def __init__(self, given: Any) -> None: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def types(self) -> tuple[tuple[int, int, str], ...]: ...
    def next(self, used: tuple[int, ...]) -> Chunk | None: ...

class Chunk:
    @property
    def rows(self) -> int: ...
    @property
    def columns(self) -> int: ...
    def release(self) -> None: ...
    def longest_list(self, number: int, first_row: int, end_row: int) -> tuple[int, int]: ...
