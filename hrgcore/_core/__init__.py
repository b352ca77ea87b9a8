"""The compiled core. `C_API` is the capsule of its C interface, imported when first asked for."""

from __future__ import annotations


def __getattr__(name: str) -> object:
    if name != "C_API":
        raise AttributeError(f"module 'hrgcore._core' has no attribute {name!r}")
    from hrgcore._core.capi import C_API

    globals()[name] = C_API
    return C_API
