"""The annual design 2022-23 for hrgcore: an open reconstruction of HRG4+ 2022/23.

It is laid over the design 2024-25, and is not the official product.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hrgcore.hookspecs import hookimpl


@hookimpl
def hrgcore_designs() -> Mapping[str, Path]:
    """Offers the design."""
    return {"2022-23": Path(__file__).parent}
