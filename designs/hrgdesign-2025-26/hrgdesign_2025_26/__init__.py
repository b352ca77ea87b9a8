"""The annual design 2025-26 for hrgcore: an open reconstruction of HRG4+ 2025/26.

It is laid over the design 2024-25, and is not the official product.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hrgcore.hookspecs import hookimpl


@hookimpl
def hrgcore_designs() -> Mapping[str, Path]:
    """Offers the design."""
    return {"2025-26": Path(__file__).parent}
