from collections.abc import Iterable
from typing import Self

from hrgcore._core.tables import Tables

class TextList:
    def __new__(cls, texts: Iterable[str]) -> Self: ...
    @property
    def texts(self) -> tuple[bytes, ...]: ...

class Names:
    def __init__(self, tables: Tables, design: str, grades: Iterable[str]) -> None: ...

class Session:
    def __new__(cls, names: Names, tables: Tables, default_values: tuple[int, ...]) -> Self: ...
    @property
    def names(self) -> Names: ...
