"""Exceptions of hrgcore. Each has a stable code, says where the fault is, and how to cure it."""

from __future__ import annotations


class HRGError(Exception):
    """Base of all errors that hrgcore raises on purpose.

    Attributes:
        code: stable code of the kind of error, such as `HRG-F`; tests and programs may rely on it.
        place: file, table or argument where the fault is; may be empty.
        cure: what to do about it; may be empty.
    """

    code = "HRG"

    def __init__(self, message: str, *, place: str = "", cure: str = "") -> None:
        self.message = message
        self.place = place
        self.cure = cure
        text = f"{place}: {message}" if place else message
        super().__init__(f"[{self.code}] {text}" + (f". {cure}" if cure else ""))


class InputFileError(HRGError):
    """An input file cannot be used."""

    code = "HRG-I"


class OutputFileError(HRGError):
    """The output files cannot be written; none of them has been changed."""

    code = "HRG-O"


class RecordDefinitionError(HRGError):
    """A record definition file is wrong or does not fit the data set."""

    code = "HRG-R"


class DesignError(HRGError):
    """A design is missing, broken, or does not fit this version of the core."""

    code = "HRG-D"


class PluginError(HRGError):
    """Plugins contradict each other or cannot be loaded."""

    code = "HRG-P"


class ArgumentError(HRGError, ValueError):
    """A value given by the caller is not usable."""

    code = "HRG-A"
