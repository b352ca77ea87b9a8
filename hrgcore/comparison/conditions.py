"""Why the same condition holds in one design and not in the other: a code, list, score, category or role differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from hrgcore.comparison.measures import other_interventions
from hrgcore.comparison.procedures import (
    Views,
    another_driver,
    another_lead,
    another_role,
    missing_procedures,
    not_in_force,
    unbundled_in_one,
)
from hrgcore.comparison.reasons import Finding, Reason
from hrgcore.comparison.unit import Unit
from hrgcore.design.fields import NUMBER_FIELDS, PROCEDURE

_DIAGNOSES = ("primary", "secondary", "diagnosis")
_OF_PROCEDURES = ("dominant", "procedure", "site", "unbundled", "count", "with")


class Asked(NamedTuple):
    """What a test asks for: the word that says of what, and the table and name of the list; no name for a number."""

    word: str
    table: str = ""
    name: str = ""


def tests_of(when: str) -> Iterator[Asked]:
    """The tests of a condition that was compiled without a fault, in order."""
    words = when.split()
    while words:
        word, size = words[0], 2
        if word in ("and", "or", "not"):
            size = 1
        elif word == "diagnosis" and words[2] == "before":
            size = 4
            yield Asked("diagnosis", "list", words[1])
            yield Asked("diagnosis", "list", words[3])
        elif words[1] == "in":
            size = 3
            yield Asked(word, "list", words[2])
        elif word in ("count", "with"):
            size = 3
            yield Asked(word, "list", words[1])
        elif word in ("score", "highest"):
            size = 3
            yield Asked(word, "score" if word == "score" else "category", words[1])
        elif word == "days":
            size = 5
        else:
            yield Asked(word)
        words = words[size:]


def why_it_differs(views: Views, unit: Unit, when: str, step: str) -> Finding | None:
    """What makes a condition that both designs have hold in one of them only; None if nothing is found."""
    tests = list(tests_of(when))
    for find in (_code, _list, _role, _number):
        for test in tests:
            if found := find(views, unit, test, step):
                return found
    return None


def code_asked_for(views: Views, unit: Unit, when: str, step: str) -> Finding | None:
    """A code of the record that a condition asks for and that is in force in one design only."""
    if not any(unit.missing):
        return None
    return next((found for test in tests_of(when) if (found := _code(views, unit, test, step))), None)


def _code(views: Views, unit: Unit, test: Asked, step: str) -> Finding | None:
    """A code on the list that only one design has in force."""
    if not test.name:
        return None
    for side in (0, 1):
        knowing = views[1 - side]
        kind = knowing.kind_of(test.table, test.name)
        on_it = (
            code
            for code in unit.missing[side]
            if code.kind == kind and knowing.says_of(test.table, test.name, code.text) is not None
        )
        if found := not_in_force(views, unit, sorted(on_it), step):
            return found
    return None


def _list(views: Views, unit: Unit, test: Asked, step: str) -> Finding | None:
    """A code or value of the record of which the list says something else."""
    if not test.name:
        return None
    for member in _asked(unit, test, views):
        said = [view.says_of(test.table, test.name, member) for view in views]
        if said[0] != said[1]:
            rows = [view.list_row(test.table, test.name, member) for view in views]
            return Finding(Reason.LIST, _list_text(views, test, member, said), step, "", *rows)
    return None


def _list_text(views: Views, test: Asked, member: str, said: Sequence[str | None]) -> str:
    if test.table == "list":
        return f"{member} is on list {test.name} in {views[said.index('')].name} only"
    noun = "points" if test.table == "score" else "level"
    one, other = (f"has {noun} {found}" if found else "has none" for found in said)
    return f"{member} {one} in {test.table} {test.name} in {views[0].name}, {other} in {views[1].name}"


def _asked(unit: Unit, test: Asked, views: Views) -> list[str]:
    """The codes or values of a record that a test looks at, as both designs read it."""
    asked: dict[str, Callable[[int], list[str]]] = {
        "primary": lambda side: [unit.primary(side)],
        "secondary": unit.secondaries,
        "diagnosis": unit.diagnoses,
        "dominant": lambda side: [unit.paths[side].dominant],
        "score": unit.procedures if views[0].kind_of("score", test.name) == PROCEDURE else unit.diagnoses,
        "highest": lambda side: unit.values(side, views[side].field_of_category(test.name)),
    }
    of_procedures = test.word in _OF_PROCEDURES and test.word != "dominant"
    of_field: Callable[[int], list[str]] = lambda side: unit.values(side, test.word)  # noqa: E731
    read = unit.procedures if of_procedures else asked.get(test.word, of_field)
    return [member for member in dict.fromkeys([*read(0), *read(1)]) if member]


def _role(views: Views, unit: Unit, test: Asked, step: str) -> Finding | None:
    """What a test looks at is another procedure or diagnosis, though the lists are the same."""
    if test.word == "dominant" and unit.paths[0].dominant != unit.paths[1].dominant:
        return another_driver(views, unit, step)
    if test.word in _DIAGNOSES and unit.primary(0) != unit.primary(1):
        return another_lead(views, unit)
    if test.word == "site":
        return not_in_force(views, unit, missing_procedures(unit), step) or another_role(views, unit.procedures(0), step)
    if test.word in _OF_PROCEDURES:
        listed = (code for code in unit.procedures(0) if views[0].says_of("list", test.name, code) is not None)
        return next((found for code in listed if (found := unbundled_in_one(views, code, step))), None)
    return None


def _number(views: Views, unit: Unit, test: Asked, step: str) -> Finding | None:
    if test.word == "interventions":
        return other_interventions(views, unit)
    if test.word == "organs":
        return _organs(views, unit, step)
    return None


def _organs(views: Views, unit: Unit, step: str) -> Finding | None:
    """A field of the record that supports another organ, or none."""
    for place, number in zip(unit.side(0).fields.number_place, unit.side(0).numbers(unit.rows[0]), strict=True):
        rows = [view.organ_row(NUMBER_FIELDS[place]) for view in views]
        if number > 0 and (rows[0] and rows[0].cells[:1]) != (rows[1] and rows[1].cells[:1]):
            return Finding(Reason.LIST, f"{NUMBER_FIELDS[place]} supports another organ in {views[1].name}", step, "", *rows)
    return None
