"""hrgcore: the open casemix engine for England's Healthcare Resource Groups (HRG4+).

Names are imported when first used, so that `import hrgcore` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from hrgcore.grouper import Grouper
    from hrgcore.hookspecs import hookimpl
    from hrgcore.records import Episode
    from hrgcore.results import Column, EpisodeResult, GroupedBatch, Message, SpellResult

__version__ = "0.1.0"

_HOMES = {
    "ArgumentError": "hrgcore.errors",
    "Column": "hrgcore.results",
    "Design": "hrgcore.design",
    "DesignError": "hrgcore.errors",
    "Episode": "hrgcore.records",
    "EpisodeResult": "hrgcore.results",
    "Explanation": "hrgcore.explain",
    "GroupedBatch": "hrgcore.results",
    "Grouper": "hrgcore.grouper",
    "HRGError": "hrgcore.errors",
    "InputFileError": "hrgcore.errors",
    "Message": "hrgcore.results",
    "OutputFileError": "hrgcore.errors",
    "PluginError": "hrgcore.errors",
    "RecordDefinitionError": "hrgcore.errors",
    "RunSummary": "hrgcore.files.run",
    "SpellResult": "hrgcore.results",
    "hookimpl": "hrgcore.hookspecs",
}

__all__ = [
    "ArgumentError",
    "Column",
    "Design",
    "DesignError",
    "Episode",
    "EpisodeResult",
    "Explanation",
    "GroupedBatch",
    "Grouper",
    "HRGError",
    "InputFileError",
    "Message",
    "OutputFileError",
    "PluginError",
    "RecordDefinitionError",
    "RunSummary",
    "SpellResult",
    "designs",
    "hookimpl",
]


def designs() -> list[str]:
    """Names of the installed designs.

    Raises:
        PluginError: two plugins offer a design of the same name.
    """
    from hrgcore.plugins import host

    return list(host().designs())


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hrgcore' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
