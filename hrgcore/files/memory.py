"""How much memory a run may take, and how much it needs."""

from __future__ import annotations

import os
import re

from hrgcore.errors import ArgumentError

SHARE = 0.5  # of the memory that is free, unless a bound is given
UNKNOWN = 1 << 30  # bytes, where the system does not tell what is free
AT_REST = 1 << 27  # bytes: the program, a design, and the spans in hand
A_BYTE = 2.5  # bytes of memory that a byte of input takes when a file is grouped in memory
LEAST = 1 << 28  # bytes
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)I?B?", re.IGNORECASE)


def memory_size(text: str) -> int:
    """The bytes that a size such as `1GB`, `512 MB` or `2000000000` names.

    Raises:
        ArgumentError: it is no size, or too small to work with.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ArgumentError(f"{text!r} is not a size of memory", cure="Write it like 512MB or 1.5GB.")
    size = int(float(found[1]) * (1 << _UNITS[found[2].upper()]))
    check_memory(size)
    return size


def check_memory(size: int) -> None:
    """Refuses a bound that no run can keep to.

    Raises:
        ArgumentError: it is too small.
    """
    if size < LEAST:
        raise ArgumentError(f"{size:,} bytes of memory are too few", cure=f"Give at least {LEAST >> 20}MB.")


def needed_memory(size: int) -> int:
    """The bytes that grouping a file of a size in memory takes."""
    return AT_REST + int(size * A_BYTE)


def available_memory() -> int:
    """The bytes that a run may take if no bound is given: a share of what is free."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            free = next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        try:
            free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, OSError, ValueError):
            return UNKNOWN
    return max(LEAST, int(free * SHARE))
