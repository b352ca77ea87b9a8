from collections.abc import Iterable, Mapping, Sequence

from typing_extensions import Buffer

from hrgcore._core.batch import Batch, Results
from hrgcore._core.csvfile import EpisodeFile
from hrgcore._core.tables import Tables

class Texts:
    def __init__(self, texts: Iterable[str]) -> None: ...

class Lines: ...

class OfficialWriter:
    def __init__(
        self,
        tables: Tables,
        file: EpisodeFile,
        batch: Batch,
        results: Results,
        unbundled: Mapping[int, Iterable[bytes]],
        newline: bytes,
        episode_extra: Iterable[Sequence[bytes]],
        spell_extra: Iterable[Sequence[bytes]],
    ) -> None: ...
    def sorted_lines(self, first: int, end: int) -> bytes: ...
    def episode_lines(self, first: int, end: int, spell_of: Buffer) -> bytes: ...
    def episode_key_lines(self, first: int, end: int) -> bytes: ...
    def spell_lines(self, first: int, end: int) -> bytes: ...
    def spell_key_lines(self, first: int, end: int) -> bytes: ...
