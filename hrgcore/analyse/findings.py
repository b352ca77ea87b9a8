"""What findings of statistics have in common: tables, a picture, a folder with all of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure


class Findings(ABC):
    """Findings that are tables, a picture and a page.

    Attributes:
        files: the name of the workbook and of the page.
        table_names: attributes that are tables, in the order of the workbook.
    """

    __slots__ = ()
    files: ClassVar[str]
    table_names: ClassVar[tuple[str, ...]]

    @abstractmethod
    def draw(self) -> Figure:
        """The picture.

        Raises:
            ArgumentError: matplotlib is not installed.
        """

    @abstractmethod
    def page(self) -> str:
        """The page of HTML.

        Raises:
            ArgumentError: a library of the extra `report` is not installed.
        """

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """All tables by name, as they are written to files."""
        return {name: getattr(self, name) for name in self.table_names}

    def plot(self, path: str | Path) -> None:
        """Draws the picture into a file that ends in .png or .svg.

        Raises:
            ArgumentError: it ends otherwise, or matplotlib is not installed.
            OutputFileError: the file cannot be written.
        """
        from hrgcore.report.plots import check_plot, save_figure

        check_plot(Path(path))
        save_figure(self.draw(), Path(path))

    def write(self, folder: str | Path, keep: Iterable[Path] = ()) -> list[Path]:
        """Writes all tables as CSV files and as a workbook, and the page, into a folder.

        Args:
            folder: where the files will be; it is made if it is not there.
            keep: files that must not be overwritten.

        Raises:
            ArgumentError: a library of the extra `report` is not installed.
            OutputFileError: the files cannot be written; none has been changed.
        """
        from hrgcore.analyse.reports import write_folder

        return write_folder(Path(folder), self.files, self.tables, self.page, keep)
