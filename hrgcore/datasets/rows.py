"""Rows that kernels put out in unknown number: faults and unbundled HRGs."""

from __future__ import annotations

from collections.abc import Iterable

from hrgcore._core import typedefs as core

FaultRow = tuple[int, int, int, int]  # row, phase, field code, message id
UnbundledRow = tuple[int, int, int, int]  # row, HRG id, multiplier, 0


def sort_faults(faults: Iterable[FaultRow]) -> list[FaultRow]:
    """Faults by row and phase; those of cells and logic by field, those of the spell in the order of its checks."""
    return sorted(faults, key=_place)


def _place(fault: FaultRow) -> tuple[int, int, int, int]:
    row, phase, field, message = fault
    return row, phase, 0 if phase == core.Phase.PHASE_SPELL else field, message
