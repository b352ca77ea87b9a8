"""hrgcore: the open casemix engine for England's Healthcare Resource Groups (HRG4+).

Names are imported when first used, so that `import hrgcore` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hrgcore.analyse.profile import Profile, profile
    from hrgcore.analyse.variance import Evaluation, evaluate
    from hrgcore.analyse.summarise import Summary, summarise
    from hrgcore.attendances import (
        Attendance,
        CriticalCarePeriod,
        DialysisSession,
        EmergencyAttendance,
        NeonatalDay,
        PaediatricDay,
    )
    from hrgcore.columns.tables import GroupedTable
    from hrgcore.comparison.compare import Comparison, compare
    from hrgcore.conformance.check import Conformance, conform
    from hrgcore.design import Design
    from hrgcore.errors import (
        ArgumentError,
        DesignError,
        HRGError,
        InputFileError,
        OutputFileError,
        PluginError,
        RecordDefinitionError,
    )
    from hrgcore.explain import Explanation
    from hrgcore.files.run import RunSummary
    from hrgcore.grouper import Grouper, group_file, group_table
    from hrgcore.hookspecs import hookimpl
    from hrgcore.prices import PriceBook, PriceTotal, excess_days, price_book, price_books, price_of, priced
    from hrgcore.records import Episode, Record
    from hrgcore.results import Column, EpisodeResult, GroupedBatch, Message, RecordResult, SpellResult
    from hrgcore.whatif import WhatIf

__version__ = "0.1.0"

_HOMES = {
    "ArgumentError": "hrgcore.errors",
    "Attendance": "hrgcore.attendances",
    "Column": "hrgcore.results",
    "Comparison": "hrgcore.comparison.compare",
    "Conformance": "hrgcore.conformance.check",
    "CriticalCarePeriod": "hrgcore.attendances",
    "Design": "hrgcore.design",
    "DesignError": "hrgcore.errors",
    "DialysisSession": "hrgcore.attendances",
    "EmergencyAttendance": "hrgcore.attendances",
    "Episode": "hrgcore.records",
    "EpisodeResult": "hrgcore.results",
    "Evaluation": "hrgcore.analyse.variance",
    "Explanation": "hrgcore.explain",
    "GroupedBatch": "hrgcore.results",
    "GroupedTable": "hrgcore.columns.tables",
    "Grouper": "hrgcore.grouper",
    "HRGError": "hrgcore.errors",
    "InputFileError": "hrgcore.errors",
    "Message": "hrgcore.results",
    "NeonatalDay": "hrgcore.attendances",
    "OutputFileError": "hrgcore.errors",
    "PaediatricDay": "hrgcore.attendances",
    "PluginError": "hrgcore.errors",
    "PriceBook": "hrgcore.prices",
    "PriceTotal": "hrgcore.prices",
    "Profile": "hrgcore.analyse.profile",
    "Record": "hrgcore.records",
    "RecordDefinitionError": "hrgcore.errors",
    "RecordResult": "hrgcore.results",
    "RunSummary": "hrgcore.files.run",
    "SpellResult": "hrgcore.results",
    "Summary": "hrgcore.analyse.summarise",
    "WhatIf": "hrgcore.whatif",
    "compare": "hrgcore.comparison.compare",
    "conform": "hrgcore.conformance.check",
    "evaluate": "hrgcore.analyse.variance",
    "excess_days": "hrgcore.prices",
    "group_file": "hrgcore.grouper",
    "group_table": "hrgcore.grouper",
    "hookimpl": "hrgcore.hookspecs",
    "price_book": "hrgcore.prices",
    "price_books": "hrgcore.prices",
    "price_of": "hrgcore.prices",
    "priced": "hrgcore.prices",
    "profile": "hrgcore.analyse.profile",
    "summarise": "hrgcore.analyse.summarise",
}

__all__ = [
    "ArgumentError",
    "Attendance",
    "Column",
    "Comparison",
    "Conformance",
    "CriticalCarePeriod",
    "Design",
    "DesignError",
    "DialysisSession",
    "EmergencyAttendance",
    "Episode",
    "EpisodeResult",
    "Evaluation",
    "Explanation",
    "GroupedBatch",
    "GroupedTable",
    "Grouper",
    "HRGError",
    "InputFileError",
    "Message",
    "NeonatalDay",
    "OutputFileError",
    "PaediatricDay",
    "PluginError",
    "PriceBook",
    "PriceTotal",
    "Profile",
    "Record",
    "RecordDefinitionError",
    "RecordResult",
    "RunSummary",
    "SpellResult",
    "Summary",
    "WhatIf",
    "compare",
    "conform",
    "designs",
    "evaluate",
    "excess_days",
    "get_include",
    "group_file",
    "group_table",
    "hookimpl",
    "price_book",
    "price_books",
    "price_of",
    "priced",
    "profile",
    "summarise",
]


def designs() -> list[str]:
    """Names of the installed designs.

    Raises:
        PluginError: two plugins offer a design of the same name.
    """
    from hrgcore.plugins import host

    return list(host().designs())


def get_include() -> str:
    """The folder of `hrgcore.h`, for the compiler of an extension; see docs/embedding.md."""
    from pathlib import Path

    return str(Path(__file__).with_name("include"))


def __getattr__(name: str) -> Any:
    if name == "_core":  # PyCapsule_Import asks for `hrgcore._core.C_API` by attributes
        return import_module("hrgcore._core")
    if name not in _HOMES:
        raise AttributeError(f"module 'hrgcore' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
