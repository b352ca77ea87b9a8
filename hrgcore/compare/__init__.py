"""Designs side by side: who moves from one to the other, and why.

The package has the name of the function that most callers want, `hrgcore.compare(...)`, and can be called like it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from hrgcore.compare.comparison import Comparison, compare
from hrgcore.compare.examples import Example
from hrgcore.compare.moves import Moves
from hrgcore.compare.reasons import Finding, Reason, RowRef

__all__ = ["Comparison", "Example", "Finding", "Moves", "Reason", "RowRef", "compare"]


class _CallableModule(ModuleType):
    """Lets `hrgcore.compare(...)` work whether or not the package was imported before by its own name."""

    def __call__(self, *args: Any, **options: Any) -> Comparison:
        return compare(*args, **options)


sys.modules[__name__].__class__ = _CallableModule
