"""What paediatric and neonatal critical care share: stays of consecutive days, one record a day and unit.

A row of kind ``state`` in their mix tables is a state of a day: the unit functions it is found on (blank: those of the
stay) and its alternative sequences of activity codes. A row of kind ``stay`` is a kind of patient: weight, stay in days,
deaths in percent, and its course, ``ventilated:30 high-flow:70`` being the usual share of the days in each state, in order.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from generators.common import DATES, PROVIDERS, YEAR, Records, Row, alternatives, numbers, read_mix, weighted

SETBACK = 0.03  # chance that a day is like the state before
NEW_CODES = 0.25  # chance that the codes of a day differ from those of the day before
TRANSFER_DAY = 0.5  # chance that the day of a change of unit has a record of each unit
LEFT_BEHIND = 0.5  # of the course, for those who die
PERIODS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class State:
    """A state of a day."""

    def __init__(self, row: dict[str, str]) -> None:
        self.units, self.codes = weighted(row["units"]), alternatives(row["codes"])


class Stay:
    """A kind of patient."""

    def __init__(self, row: dict[str, str], states: dict[str, State]) -> None:
        self.row, self.name, self.weight = row, row["pattern"], int(row["weight"])
        self.units, self.stay, self.deaths = weighted(row["units"]), numbers(row["stay"]), float(row["deaths"]) / 100
        course = [term.partition(":") for term in row["course"].split()]
        self.course = [(states[name], float(share)) for name, _, share in course]


class Day(NamedTuple):
    """A record to be: the day since the first of the stay, the period (a change of unit starts one), unit and activity codes."""

    day: int
    period: int
    unit: str
    codes: list[str]


class Stays(Records):
    """Draws stays."""

    MIX: str
    SHUFFLED = True

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        mix = read_mix(self.MIX)
        states = {row["pattern"]: State(row) for row in mix if row["kind"] == "state"}
        stays = [Stay(row, states) for row in mix if row["kind"] == "stay"]
        self.stays = [stay for stay in stays for _ in range(stay.weight)]

    def case(self, number: int, most: int) -> tuple[str, list[Row]]:
        """Return the records of a stay."""
        stay = self.pick(self.stays)
        died = self.chance() < stay.deaths
        days = list(self._days(stay, died, most))
        first, last = int(self.chance() * YEAR[1]), days[-1].day
        key = 1_000_000 + number * 7919 % 8_999_993  # numbers without an order, none twice
        ends = DATES[first + last + (0 if died else self._days_after())], "4" if died else "1" if self.chance() < 0.97 else "2"
        provider, rows = self.pick(PROVIDERS), []
        for day, period, unit, codes in days:
            row = self.blank()
            row[:3] = provider, f"{key}{PERIODS[period % len(PERIODS)]}", DATES[first + day]
            self.fill(row, "CCAC", codes)
            rows.append((row, day, unit))
        self.complete(stay, rows, ends)
        return stay.name, [row for row, _, _ in rows]

    @abstractmethod
    def complete(self, stay: Stay, rows: list[tuple[Row, int, str]], ends: tuple[str, str]) -> None:
        """Fill in the other fields of the rows; ``ends``: date and method of discharge."""

    def _days_after(self) -> int:
        return int(self.chance() * self.chance() * 9)

    def _days(self, stay: Stay, died: bool, most: int) -> Iterator[Day]:
        """Go through the days of a stay, with not more records than ``most``."""
        chance, pick = self.chance, self.pick
        units = {id(state): pick(state.units or stay.units) for state, _ in stay.course}
        day, period, unit, codes = -1, 0, "", []
        before: State | None = None
        for _, state in zip(range(most), self._states(stay, died), strict=False):
            transfer = unit not in ("", units[id(state)])
            day += not (transfer and chance() < TRANSFER_DAY)
            period, unit = period + transfer, units[id(state)]
            if state is not before or chance() < NEW_CODES:
                codes = self.choose(pick(state.codes))
            before = state
            yield Day(day, period, unit, codes)

    def _states(self, stay: Stay, died: bool) -> list[State]:
        """Draw the state of each day."""
        chance, course = self.chance, stay.course
        if died:
            course = course[: math.ceil(len(course) * LEFT_BEHIND)]
        low, high, mean = stay.stay
        length = int(min(low - math.log(1 - chance()) * (mean - low + 0.5), high))
        shares = [share * (0.4 + chance() * 1.2) for _, share in course]
        ends, total = [0.0], sum(shares)
        for share in shares:
            ends.append(ends[-1] + share * length / total)
        states = [course[n][0] for n, (start, end) in enumerate(pairwise(map(round, ends))) for _ in range(end - start)]
        for n in range(1, len(states)):
            if chance() < SETBACK:
                states[n] = states[max(n - 3, 0)]
        return states
