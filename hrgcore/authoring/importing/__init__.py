"""Design packages from Code to Group workbooks."""

from hrgcore.authoring.importing.report import ImportReport, as_markdown
from hrgcore.authoring.importing.run import import_workbook

__all__ = ["ImportReport", "as_markdown", "import_workbook"]
