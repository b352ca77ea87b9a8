"""Changes a record so that tests of the condition language hold, or do not: the workshop of the search for witnesses.

A change is a proposal. It keeps the rest of the record as it is where it can, but only the engine says what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from hrgcore._core import typedefs as core
from hrgcore.datasets.apc import NAME
from hrgcore.design.compile_rules import LIST_VALUES, WORD
from hrgcore.design.conditions import Clause, Test, compiled_clauses
from hrgcore.design.fields import LISTED_FIELDS, MOST_CELLS

if TYPE_CHECKING:
    from hrgcore.design import Design

AGES = (50, 5, 0, 17, 1, 80)  # completed years, the most usual first
STAYS = (5, 0, 1, 2, 30)  # days, the most usual first
LONGEST = 1000  # years or days; bands that start later are no part of real records
# How many ways of meeting one wish are followed up, by how many wishes there are: all their combinations are tried.
WIDTHS = (8, 8, 6, 4, 3)
_FROM_DIAGNOSES = (core.Op.OP_PRIMARY, core.Op.OP_SECONDARY, core.Op.OP_DIAGNOSIS)
_FROM_PROCEDURES = (core.Op.OP_DOMINANT, core.Op.OP_PROCEDURE, core.Op.OP_COUNT)
_COUNTED = (core.Role.DRIVES, core.Role.INTERVENTION)  # as interventions
# Wishes are met in this order: what replaces a code comes before what adds to the record, and sums come last.
_ORDER = (
    core.Op.OP_AGE,
    core.Op.OP_STAY,
    core.Op.OP_DOMINANT,
    core.Op.OP_PRIMARY,
    core.Op.OP_SITE,
    core.Op.OP_VALUE,
    core.Op.OP_BEFORE,
    core.Op.OP_DIAGNOSIS,
    core.Op.OP_SECONDARY,
    core.Op.OP_PROCEDURE,
    core.Op.OP_UNBUNDLED,
    core.Op.OP_COUNT,
    core.Op.OP_INTERVENTIONS,
    core.Op.OP_SCORE,
)


class Sketch(NamedTuple):
    """A record of one episode in the numbers of a design.

    Attributes:
        age: completed years.
        stay: days.
        diagnoses: ids of ICD-10 codes, the primary one first.
        procedures: ids of OPCS-4 codes in order.
        values: column and text of the listed fields that differ from the defaults of the design.
    """

    age: int
    stay: int
    diagnoses: tuple[int, ...]
    procedures: tuple[int, ...] = ()
    values: tuple[tuple[int, str], ...] = ()

    @property
    def size(self) -> int:
        """How many codes and fields the record gives."""
        return len(self.diagnoses) + len(self.procedures) + len(self.values)


class Wish(NamedTuple):
    """A test, and whether it shall hold; the negation of the test itself has been taken into account."""

    test: Test
    wanted: bool


class Changes:
    """Finds records that meet wishes, by what the tables of a design say of codes and lists."""

    def __init__(self, design: Design) -> None:
        self._tables = design.tables
        self._arrays = design.tables.arrays
        self.diagnosis_lists = _rows(self._arrays["diag_lists"], self._tables.diag_words)
        self.procedure_lists = _rows(self._arrays["proc_lists"], self._tables.proc_words)
        self.plain_diagnoses = self._plain_diagnoses()
        self._interventions_first = self._counted_procedures()
        self._scorers: dict[tuple[int, tuple[int, int]], list[tuple[int, int]]] = {}
        self._default_values = [design.defaults[NAME].get(field, "") for field in LISTED_FIELDS]
        self._members: dict[tuple[bool, int, int], tuple[int, ...]] = {}
        self._ways: dict[int, Callable[[Sketch, Wish, tuple[int, int]], Iterator[Sketch]]] = {
            core.Op.OP_AGE: self._age,
            core.Op.OP_STAY: self._stay,
            core.Op.OP_INTERVENTIONS: self._interventions,
            core.Op.OP_SCORE: self._score,
            core.Op.OP_COUNT: self._count,
            core.Op.OP_PRIMARY: self._primary,
            core.Op.OP_SECONDARY: self._secondary,
            core.Op.OP_DIAGNOSIS: self._diagnosis,
            core.Op.OP_DOMINANT: self._dominant,
            core.Op.OP_PROCEDURE: self._procedure,
            core.Op.OP_VALUE: self._value,
            core.Op.OP_SITE: self._site,
            core.Op.OP_UNBUNDLED: self._unbundled,
            core.Op.OP_BEFORE: self._before,
        }

    # --- what the tables say ---

    def clauses(self, condition: int) -> tuple[Clause, ...]:
        """The clauses of a compiled condition."""
        return compiled_clauses(self._arrays, condition)

    def drives(self, code: int, stay: int) -> bool:
        """Whether a procedure can dominate at a stay."""
        drives = self._arrays["proc_role"][code] == core.Role.DRIVES and self._ranks_enough(code, stay)
        return drives and not self._is_unbundled(code)

    def driving_stays(self, code: int) -> list[int]:
        """The usual stays at which a procedure can dominate."""
        return [stay for stay in STAYS if self.drives(code, stay)]

    def dominant_place(self, sketch: Sketch) -> int:
        """The position of the dominant procedure of a record, -1 if it has none."""
        ranks = self._arrays["proc_rank"]
        able = [place for place, code in enumerate(sketch.procedures) if self.drives(code, sketch.stay)]
        return max(able, key=lambda place: (ranks[sketch.procedures[place]], -place), default=-1)

    def start_root(self, sketch: Sketch) -> int:
        """The root of the dominant procedure, or else of the primary diagnosis, before any rule."""
        place = self.dominant_place(sketch)
        if place >= 0:
            return self._arrays["proc_root"][sketch.procedures[place]]
        return self.diagnosis_root(sketch.diagnoses[0], sketch.age)

    def diagnosis_root(self, code: int, age: int) -> int:
        """The root of a primary diagnosis at an age, or an error category above ERROR_BASE."""
        child = self._arrays["diag_child"][code] if age <= self._tables.child_age_max else 0
        return child or self._arrays["diag_root"][code]

    def _ranks_enough(self, code: int, stay: int) -> bool:
        needed = self._arrays["min_rank"]
        return self._arrays["proc_rank"][code] >= needed[min(stay, len(needed) - 1)]

    def _is_unbundled(self, code: int) -> bool:
        return bool(self._arrays["unbundled_root"][code]) or self._arrays["proc_role"][code] == core.Role.UNBUNDLED

    def _would_dominate(self, code: int, sketch: Sketch) -> bool:
        """Whether a procedure, put at the end, takes the place of the dominant one."""
        if self._arrays["proc_role"][code] not in (core.Role.DRIVES, core.Role.VAGUE) or not self._ranks_enough(
            code, sketch.stay
        ):
            return False
        place = self.dominant_place(sketch)
        ranks = self._arrays["proc_rank"]
        return place < 0 or ranks[code] > ranks[sketch.procedures[place]]

    def _plain_diagnoses(self) -> list[int]:
        """Primary diagnoses for records that a procedure or a route leads: right at all ages, and on few lists."""
        a = self._arrays
        scored = {
            code
            for offset, of_procedures in zip(a["score_offset"], a["score_is_procedure"], strict=True)
            if not of_procedures
            for code in range(1, len(self._tables.icd10) + 1)
            if a["score_points"][offset + code]
        }
        sound = [
            code
            for code in range(1, len(self._tables.icd10) + 1)
            if max(a["diag_root"][code], a["diag_child"][code]) < core.ERROR_BASE and a["diag_root"][code]
        ]
        return sorted(sound, key=lambda code: (self.diagnosis_lists[code].bit_count() + (code in scored), code))[:4]

    def _counted_procedures(self) -> list[int]:
        """Procedures that count as interventions: first those that never dominate, then those of low rank; on few lists."""
        roles, ranks = self._arrays["proc_role"], self._arrays["proc_rank"]
        counted = [code for code, role in enumerate(roles) if role in _COUNTED]
        return sorted(counted, key=lambda code: (ranks[code], self.procedure_lists[code].bit_count(), code))

    def members(self, of_procedures: bool, number: int, avoid: int = 0) -> tuple[int, ...]:
        """The codes of a list: first those on none of the lists to avoid, those on the fewest lists before others."""
        key = of_procedures, number, avoid
        if key not in self._members:
            lists = self.procedure_lists if of_procedures else self.diagnosis_lists
            found = [code for code, bits in enumerate(lists) if bits >> number & 1]
            self._members[key] = tuple(sorted(found, key=lambda code: (bool(lists[code] & avoid), lists[code].bit_count(), code)))
        return self._members[key]

    # --- whether tests hold ---

    def clause_holds(self, sketch: Sketch, clause: Clause) -> bool:
        """Whether a clause holds for a record, as far as the record itself tells."""
        return all(self.holds(sketch, test) != test.negated for test in clause)

    def holds(self, sketch: Sketch, test: Test) -> bool:
        """Whether a test, not negated, holds for a record."""
        if test.op in (core.Op.OP_AGE, core.Op.OP_STAY, core.Op.OP_COUNT, core.Op.OP_SCORE, core.Op.OP_INTERVENTIONS):
            return test.low <= self._number(sketch, test) <= test.high
        if test.op == core.Op.OP_VALUE:
            values = dict(sketch.values)
            text = values.get(test.low, self._default_values[test.low])
            return bool(self._arrays["value_lists"][test.operand * LIST_VALUES + self._tables.values[test.low].encode(text)])
        if test.op == core.Op.OP_BEFORE:
            return self._stands_before(sketch, test)
        lists = self.diagnosis_lists if test.op in _FROM_DIAGNOSES else self.procedure_lists
        return any(lists[code] >> test.operand & 1 for code in self._tested(sketch, test.op))

    def _number(self, sketch: Sketch, test: Test) -> int:
        """The number that a test of a band looks at."""
        if test.op in (core.Op.OP_AGE, core.Op.OP_STAY):
            return sketch.age if test.op == core.Op.OP_AGE else sketch.stay
        taking_part = [code for code in sketch.procedures if not self._is_unbundled(code)]
        if test.op == core.Op.OP_COUNT:
            return sum(self.procedure_lists[code] >> test.operand & 1 for code in taking_part)
        if test.op == core.Op.OP_INTERVENTIONS:
            counted = {code for code in taking_part if self._arrays["proc_role"][code] in _COUNTED}
            return 0 if self.dominant_place(sketch) >= 0 else len(counted)
        codes = taking_part if self._arrays["score_is_procedure"][test.operand] else sketch.diagnoses
        offset = self._arrays["score_offset"][test.operand]
        return sum(self._arrays["score_points"][offset + code] for code in set(codes))

    def _tested(self, sketch: Sketch, op: int) -> Sequence[int]:
        """The codes that a test of a list looks at."""
        place = self.dominant_place(sketch)
        if op in _FROM_DIAGNOSES:
            return sketch.diagnoses[op == core.Op.OP_SECONDARY : 1 if op == core.Op.OP_PRIMARY else None]
        if op == core.Op.OP_DOMINANT:
            return sketch.procedures[place : place + 1] if place >= 0 else ()
        if op == core.Op.OP_SITE:
            return self._site_of(sketch, place)
        return [code for code in sketch.procedures if self._is_unbundled(code) == (op == core.Op.OP_UNBUNDLED)]

    def _site_of(self, sketch: Sketch, place: int) -> list[int]:
        """The site of the dominant procedure, if it has one."""
        for code in sketch.procedures[place + 1 :] if place >= 0 else ():
            if self._is_unbundled(code):
                break
            if self._arrays["proc_role"][code] == core.Role.SITE:
                return [code]
        return []

    def _stands_before(self, sketch: Sketch, test: Test) -> bool:
        """Whether a diagnosis of the later list stands after the last one of the earlier list."""
        places = [n for n, code in enumerate(sketch.diagnoses) if self.diagnosis_lists[code] >> test.operand & 1]
        after = sketch.diagnoses[places[-1] + 1 :] if places else ()
        return any(self.diagnosis_lists[code] >> test.low & 1 for code in after)

    # --- wishes ---

    def to_hold(self, sketch: Sketch, clause: Clause) -> Iterator[Sketch]:
        """Records like this one for which a clause may hold."""
        return self._meet(sketch, [Wish(test, not test.negated) for test in clause])

    def to_fail(self, sketch: Sketch, tests: Sequence[Test]) -> Iterator[Sketch]:
        """Records like this one for which none of some tests may hold."""
        return self._meet(sketch, [Wish(test, test.negated) for test in tests])

    def _meet(self, sketch: Sketch, wishes: list[Wish]) -> Iterator[Sketch]:
        wishes = sorted(wishes, key=lambda wish: _ORDER.index(core.Op(wish.test.op)))
        avoid = tuple(
            sum({1 << wish.test.operand for wish in wishes if wish.test.op in ops and not wish.wanted})
            for ops in (_FROM_DIAGNOSES, _FROM_PROCEDURES)
        )
        return self._one_by_one(sketch, wishes, (avoid[0], avoid[1]), WIDTHS[min(len(wishes), len(WIDTHS) - 1)])

    def _one_by_one(self, sketch: Sketch, wishes: list[Wish], avoid: tuple[int, int], width: int) -> Iterator[Sketch]:
        if not wishes:
            yield sketch
            return
        met = self.holds(sketch, wishes[0].test) == wishes[0].wanted
        if met:
            yield from self._one_by_one(sketch, wishes[1:], avoid, width)
        if met and not wishes[0].wanted:
            return
        for changed in islice(self._ways[wishes[0].test.op](sketch, wishes[0], avoid), width):
            if changed != sketch and max(len(changed.diagnoses), len(changed.procedures)) <= MOST_CELLS:
                yield from self._one_by_one(changed, wishes[1:], avoid, width)

    def _age(self, sketch: Sketch, wish: Wish, _avoid: tuple[int, int]) -> Iterator[Sketch]:
        return (sketch._replace(age=age) for age in _numbers(sketch.age, AGES, wish))

    def _stay(self, sketch: Sketch, wish: Wish, _avoid: tuple[int, int]) -> Iterator[Sketch]:
        return (sketch._replace(stay=stay) for stay in _numbers(sketch.stay, STAYS, wish))

    # --- diagnoses ---

    def _is_on(self, code: int, wish: Wish) -> bool:
        return bool(self.diagnosis_lists[code] >> wish.test.operand & 1)

    def _primary(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        if wish.wanted:
            codes: Iterable[int] = self._like_the_primary(sketch, self.members(False, wish.test.operand, avoid[0]), avoid[0])
        else:
            codes = (code for code in self.plain_diagnoses if not self._is_on(code, wish))
        for code in codes:
            if code != sketch.diagnoses[0]:
                yield sketch._replace(diagnoses=(code, *(other for other in sketch.diagnoses[1:] if other != code)))

    def _like_the_primary(self, sketch: Sketch, codes: Iterable[int], avoid: int) -> list[int]:
        """Codes that are right at this age: first those that lead to the same root, then those on the same lists."""
        own = self.diagnosis_lists[sketch.diagnoses[0]]
        root = self.diagnosis_root(sketch.diagnoses[0], sketch.age)

        def unlike(code: int) -> tuple[bool, bool, int]:
            lists = self.diagnosis_lists[code]
            return bool(lists & avoid), self.diagnosis_root(code, sketch.age) != root, -(lists & own).bit_count()

        right = [code for code in codes if self.diagnosis_root(code, sketch.age) < core.ERROR_BASE]
        return sorted(right, key=unlike)

    def _secondary(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        if not wish.wanted:
            rest = (code for code in sketch.diagnoses[1:] if not self._is_on(code, wish))
            yield sketch._replace(diagnoses=(sketch.diagnoses[0], *rest))
            return
        for code in self.members(False, wish.test.operand, avoid[0]):
            if code not in sketch.diagnoses:
                yield sketch._replace(diagnoses=(*sketch.diagnoses, code))

    def _diagnosis(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        if not wish.wanted:
            for changed in self._secondary(sketch, wish, avoid):
                yield from self._primary(changed, wish, avoid) if self._is_on(sketch.diagnoses[0], wish) else [changed]
            return
        yield from _in_turn(self._secondary(sketch, wish, avoid), self._primary(sketch, wish, avoid))

    def _before(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        earlier, later = wish.test.operand, wish.test.low
        if not wish.wanted:
            yield from self._secondary(sketch, Wish(wish.test._replace(operand=later), False), avoid)
            yield from self._diagnosis(sketch, wish, avoid)
            return
        after = [code for code in self.members(False, later, avoid[0]) if not self.diagnosis_lists[code] >> earlier & 1]
        if any(self._is_on(code, wish) for code in sketch.diagnoses):
            yield from (sketch._replace(diagnoses=(*sketch.diagnoses, code)) for code in after)
        for code in self.members(False, earlier, avoid[0]):
            yield from (sketch._replace(diagnoses=(*sketch.diagnoses, code, last)) for last in after[:2])

    # --- procedures ---

    def _has(self, code: int, wish: Wish) -> bool:
        return bool(self.procedure_lists[code] >> wish.test.operand & 1)

    def _dominant(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        place = self.dominant_place(sketch)
        if place < 0 or not wish.wanted:
            return
        own = sketch.procedures[place]
        root, lists = self._arrays["proc_root"], self.procedure_lists

        def unlike(code: int) -> tuple[bool, bool, int]:
            return bool(lists[code] & avoid[1]), root[code] != root[own], -(lists[code] & lists[own]).bit_count()

        for code in sorted(self.members(True, wish.test.operand, avoid[1]), key=unlike):
            stays = [sketch.stay] if self.drives(code, sketch.stay) else self.driving_stays(code)[:1]
            for stay in stays if code != own else ():
                yield sketch._replace(stay=stay, procedures=(*sketch.procedures[:place], code, *sketch.procedures[place + 1 :]))

    def _procedure(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        if not wish.wanted:
            yield from self._without(sketch, wish)
            return
        for code in self._addable(sketch, wish, avoid[1]):
            yield sketch._replace(procedures=(*sketch.procedures, code))
        yield from self._beside_longer_stays(sketch, wish, avoid[1])

    def _addable(self, sketch: Sketch, wish: Wish, avoid: int) -> list[int]:
        """The codes of a list that take part in core grouping; first those that leave the dominant procedure as it is."""
        codes = [code for code in self.members(True, wish.test.operand, avoid) if not self._is_unbundled(code)]
        return sorted(codes, key=lambda code: (bool(self.procedure_lists[code] & avoid), self._would_dominate(code, sketch)))

    def _beside_longer_stays(self, sketch: Sketch, wish: Wish, avoid: int) -> Iterator[Sketch]:
        """Without a dominant procedure: the codes of a list at a stay at which they do not drive."""
        if self.dominant_place(sketch) < 0:
            for code in self._addable(sketch, wish, avoid)[:4]:
                for stay in STAYS:
                    if not self._ranks_enough(code, stay):
                        yield sketch._replace(stay=stay, procedures=(*sketch.procedures, code))

    def _without(self, sketch: Sketch, wish: Wish) -> Iterator[Sketch]:
        """The record without the procedures of a list, unless the dominant one is of them."""
        place = self.dominant_place(sketch)
        if place < 0 or not self._has(sketch.procedures[place], wish):
            yield sketch._replace(procedures=tuple(code for code in sketch.procedures if not self._has(code, wish)))

    def _site(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        roles = self._arrays["proc_role"]
        place = self.dominant_place(sketch) + 1
        if not wish.wanted:
            yield from self._without(sketch, wish)
        elif place:
            before, after = sketch.procedures[:place], sketch.procedures[place:]
            for code in self.members(True, wish.test.operand, avoid[1]):
                if roles[code] == core.Role.SITE:
                    yield sketch._replace(procedures=(*before, code, *(other for other in after if other != code)))

    def _unbundled(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        if not wish.wanted:
            rest = (code for code in sketch.procedures if not (self._is_unbundled(code) and self._has(code, wish)))
            yield sketch._replace(procedures=tuple(rest))
            return
        for code in self.members(True, wish.test.operand, avoid[1]):
            if self._is_unbundled(code):
                yield sketch._replace(procedures=(*sketch.procedures, code))

    # --- sums ---

    def _count(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        number = self._number(sketch, wish.test)
        for low, high in _ranges(wish):
            if number < low:
                for code in self._addable(sketch, wish, avoid[1]):
                    yield sketch._replace(procedures=(*sketch.procedures, *[code] * (low - number)))
            else:
                yield from self._fewer(sketch, wish, number - high)

    def _fewer(self, sketch: Sketch, wish: Wish, surplus: int) -> Iterator[Sketch]:
        """The record with so many mentions of a list less, the last ones; the dominant procedure stays."""
        place = self.dominant_place(sketch)
        going = [n for n, code in enumerate(sketch.procedures) if n != place and self._has(code, wish)][-surplus:]
        if len(going) == surplus:
            yield sketch._replace(procedures=tuple(code for n, code in enumerate(sketch.procedures) if n not in going))

    def _interventions(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        own = {code for code in sketch.procedures if self._arrays["proc_role"][code] in _COUNTED}
        for low, high in _ranges(wish):
            if len(own) > high:
                going = sorted(own)[high:]
                yield sketch._replace(procedures=tuple(code for code in sketch.procedures if code not in going))
            elif len(own) < low:
                yield from self._more_interventions(sketch, own, low - len(own), avoid[1])

    def _more_interventions(self, sketch: Sketch, own: set[int], number: int, avoid: int) -> Iterator[Sketch]:
        fitting = [code for code in self._interventions_first if code not in own and not self.procedure_lists[code] & avoid]
        for stay in (sketch.stay, *STAYS):
            codes = [code for code in fitting if not self.drives(code, stay)][:number]
            if len(codes) == number:
                yield sketch._replace(stay=stay, procedures=(*sketch.procedures, *codes))

    def _score(self, sketch: Sketch, wish: Wish, avoid: tuple[int, int]) -> Iterator[Sketch]:
        of_procedures = bool(self._arrays["score_is_procedure"][wish.test.operand])
        own = sketch.procedures if of_procedures else sketch.diagnoses
        scoring = self._scoring(wish.test.operand, avoid)
        if of_procedures:  # first those that leave the dominant procedure as it is
            scoring = sorted(scoring, key=lambda pair: self._would_dominate(pair[0], sketch))
        scorers = {code for code, _ in scoring}
        bare = tuple(code for place, code in enumerate(own) if not place or code not in scorers)
        lists = self.procedure_lists if of_procedures else self.diagnosis_lists
        gone = [lists[code] for code in own if code not in bare]
        # what is taken out first gives way to codes of the same lists, which conditions may have asked for
        alike = sorted(scoring, key=lambda pair: -max((bits & lists[pair[0]]).bit_count() for bits in gone)) if gone else []
        for low, high in _ranges(wish):
            for codes, pairs in ((own, scoring), (bare, alike)):
                number = self._number(_with(sketch, of_procedures, codes), wish.test)
                if low <= number <= high:
                    yield _with(sketch, of_procedures, codes)
                for first in range(0, len(pairs), 1 + len(pairs) // 4) if number < low else ():
                    added = _adding_up((pair for pair in pairs[first:] if pair[0] not in codes), low - number, high - number)
                    yield _with(sketch, of_procedures, (*codes, *added))

    def _scoring(self, score: int, avoid: tuple[int, int]) -> list[tuple[int, int]]:
        """The codes that score, each with its points, those with the most points first."""
        if (score, avoid) not in self._scorers:
            of_procedures = bool(self._arrays["score_is_procedure"][score])
            lists = self.procedure_lists if of_procedures else self.diagnosis_lists
            offset = self._arrays["score_offset"][score]
            points = self._arrays["score_points"][offset : offset + len(lists)]
            usable = [code for code, value in enumerate(points) if value and not lists[code] & avoid[of_procedures]]
            codes = [code for code in usable if not (of_procedures and self._is_unbundled(code))]
            codes.sort(key=lambda code: (-points[code], lists[code].bit_count(), code))
            self._scorers[score, avoid] = [(code, points[code]) for code in codes]
        return self._scorers[score, avoid]

    # --- fields ---

    def _value(self, sketch: Sketch, wish: Wish, _avoid: tuple[int, int]) -> Iterator[Sketch]:
        column = wish.test.low
        flags = self._arrays["value_lists"]
        others = tuple(value for value in sketch.values if value[0] != column)
        if not wish.wanted:
            yield sketch._replace(values=others)
        for number, text in enumerate(self._tables.values[column].values):
            if number and bool(flags[wish.test.operand * LIST_VALUES + number]) == wish.wanted:
                yield sketch._replace(values=tuple(sorted((*others, (column, text)))))


def field_names(sketch: Sketch) -> dict[str, str]:
    """The fields that a record gives a value of its own, by official name."""
    return {LISTED_FIELDS[column]: text for column, text in sketch.values}


def _rows(matrix: memoryview[int], words: int) -> list[int]:
    """The rows of a matrix of bits, each as one number."""
    rows = []
    for start in range(0, len(matrix), words):
        rows.append(sum(matrix[start + word] << (WORD * word) for word in range(words)))
    return rows


def _ranges(wish: Wish) -> list[tuple[int, int]]:
    """Where a sum may lie: in the band of the test, or else below or above it."""
    low, high = wish.test.low, wish.test.high
    if wish.wanted:
        return [(low, high)]
    return [(0, low - 1)] * (low > 0) + [(high + 1, core.OPEN_END)] * (high < core.OPEN_END)


def _numbers(own: int, usual: Sequence[int], wish: Wish) -> list[int]:
    """Numbers that lie where the wish has them: the record's own first, then usual ones, then the ends of the band."""
    ranges = _ranges(wish)
    found = dict.fromkeys((own, *usual, *(low for low, _ in ranges), *(high for _, high in ranges)))
    return [n for n in found if n <= LONGEST and any(low <= n <= high for low, high in ranges)]


def _adding_up(codes: Iterable[tuple[int, int]], low: int, high: int) -> list[int]:
    """Codes whose points together reach `low` and stay within `high`, taken in order."""
    chosen, total = [], 0
    for code, points in codes:
        if total >= low:
            break
        if total + points <= high:
            chosen.append(code)
            total += points
    return chosen


def _with(sketch: Sketch, of_procedures: bool, codes: tuple[int, ...]) -> Sketch:
    return sketch._replace(procedures=codes) if of_procedures else sketch._replace(diagnoses=codes)


def _in_turn(*ways: Iterator[Sketch]) -> Iterator[Sketch]:
    """The first of each way, then the second of each, and so on."""
    rows = [list(islice(way, max(WIDTHS))) for way in ways]
    longest = max(map(len, rows), default=0)
    return chain.from_iterable((row[n] for row in rows if n < len(row)) for n in range(longest))
