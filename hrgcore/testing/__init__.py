"""The kit for authors of designs: what the tests of the shipped designs do, to be run on a package of one's own.

It needs the extra `testing`. Nothing else in hrgcore imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hrgcore.testing.design_tests import DesignTests

__all__ = ["DesignTests"]


def __getattr__(name: str) -> type[DesignTests]:
    """Loads pytest only where tests are written, not for the programs of this package."""
    if name == "DesignTests":
        from hrgcore.testing.design_tests import DesignTests

        return DesignTests
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
