"""The condition machine: conditions of rules and splits, evaluated over parallel arrays."""
from array import array

from hrgcore._core.typedefs cimport *


cdef class Case:
    def __init__(self, Tables tables not None):
        cdef int i
        self.diag_seen = array("I", bytes(4 * (len(tables.icd10) + 1)))
        self.proc_seen = array("I", bytes(4 * (len(tables.opcs4) + 1)))
        self.secondary_lists = array("Q", bytes(8 * tables.diag_words))
        self.procedure_lists = array("Q", bytes(8 * tables.proc_words))
        self.family_best = array("i", bytes(4 * tables.families))
        self.family_seen = array("I", bytes(4 * tables.families))
        for i in range(MOST_NUMBERS):
            self.numbers[i] = -1
        self.reserve(256, 256)

    cpdef reserve(self, Py_ssize_t diagnoses, Py_ssize_t procedures):
        """Makes room for a spell with so many diagnosis and procedure cells."""
        if self.diagnosis_room < diagnoses:
            self.diagnosis_room = diagnoses
            self.secondaries = array("H", bytes(2 * diagnoses))
        if self.procedure_room < procedures:
            self.procedure_room = procedures
            self.procedures = array("H", bytes(2 * procedures))
            self.unbundled = array("H", bytes(2 * procedures))
            self.attributes = array("H", bytes(2 * procedures))
            self.unbundled_cell = array("i", bytes(4 * procedures))
            self.procedure_row = array("i", bytes(4 * procedures))
            self.procedure_cell = array("i", bytes(4 * procedures))

    cdef void start(self) noexcept nogil:
        self.dominant = 0
        self.site = 0
        self.cc = 0
        self.interventions = 0
        self.n_secondaries = 0
        self.n_procedures = 0
        self.n_unbundled = 0
        self.n_attributes = 0
        self.secondaries_listed = False
        self.procedures_listed = False

    cdef void next_generation(self) noexcept nogil:
        """Makes every code unseen. When the counter comes round, old marks are wiped."""
        self.generation += 1
        if self.generation == 0:
            self.diag_seen[:] = 0
            self.proc_seen[:] = 0
            self.family_seen[:] = 0
            self.generation = 1


cdef inline bint _bit(const uint64_t[::1] lists, Py_ssize_t words, Py_ssize_t row, int32_t number) noexcept nogil:
    return (lists[row * words + (number >> 6)] >> (number & 63)) & 1


cdef void _gather(const uint64_t[::1] lists, Py_ssize_t words, const code_t[::1] codes, Py_ssize_t n, uint64_t[::1] found) noexcept nogil:
    """The lists that any of n codes is on."""
    cdef Py_ssize_t i, w
    for w in range(words):
        found[w] = 0
    for i in range(n):
        for w in range(words):
            found[w] |= lists[codes[i] * words + w]


cdef inline void _list_secondaries(Tables t, Case case) noexcept nogil:
    if not case.secondaries_listed:
        _gather(t.diag_lists, t.diag_words, case.secondaries, case.n_secondaries, case.secondary_lists)
        case.secondaries_listed = True


cdef inline void _list_procedures(Tables t, Case case) noexcept nogil:
    if not case.procedures_listed:
        _gather(t.proc_lists, t.proc_words, case.procedures, case.n_procedures, case.procedure_lists)
        case.procedures_listed = True


cdef bint may_route(Tables t, Case case) noexcept nogil:
    """Whether any route could hold: most records have no code that a route asks for, and need not be tested against each."""
    cdef Py_ssize_t i, w
    if not t.routes_by_code:
        return True
    _list_secondaries(t, case)
    for w in range(t.diag_words):
        if (case.secondary_lists[w] | t.diag_lists[case.primary * t.diag_words + w]) & t.route_diagnoses[w]:
            return True
    _list_procedures(t, case)
    for w in range(t.proc_words):
        if case.procedure_lists[w] & t.route_procedures[w]:
            return True
        for i in range(case.n_unbundled):
            if t.proc_lists[case.unbundled[i] * t.proc_words + w] & t.route_procedures[w]:
                return True
    return False


cdef bint _secondary_in(Tables t, Case case, int32_t number) noexcept nogil:
    _list_secondaries(t, case)
    return _bit(case.secondary_lists, t.diag_words, 0, number)


cdef bint _procedure_in(Tables t, Case case, int32_t number) noexcept nogil:
    _list_procedures(t, case)
    return _bit(case.procedure_lists, t.proc_words, 0, number)


cdef bint _unbundled_in(Tables t, Case case, int32_t number) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(case.n_unbundled):
        if _bit(t.proc_lists, t.proc_words, case.unbundled[i], number):
            return True
    return False


cdef bint _before(Tables t, Case case, int32_t earlier, int32_t later) noexcept nogil:
    """Whether a diagnosis of one list stands, and one of another after the last such; the primary diagnosis comes first."""
    cdef Py_ssize_t i
    cdef bint met = _bit(t.diag_lists, t.diag_words, case.primary, earlier)
    cdef bint followed = False
    for i in range(case.n_secondaries):
        if _bit(t.diag_lists, t.diag_words, case.secondaries[i], earlier):
            met = True
            followed = False
        elif met and _bit(t.diag_lists, t.diag_words, case.secondaries[i], later):
            followed = True
    return followed


cdef int32_t _count(Tables t, Case case, int32_t number) noexcept nogil:
    cdef Py_ssize_t i
    cdef int32_t found = 0
    for i in range(case.n_procedures):
        found += _bit(t.proc_lists, t.proc_words, case.procedures[i], number)
    return found


cdef int32_t _score(Tables t, Case case, int32_t number) noexcept nogil:
    """Points of a named score: each distinct code once, the primary diagnosis included."""
    cdef Py_ssize_t i
    cdef int32_t total = 0
    cdef code_t code
    cdef int32_t offset = t.score_offset[number]
    case.next_generation()
    if t.score_is_procedure[number]:
        for i in range(case.n_procedures):
            code = case.procedures[i]
            if case.proc_seen[code] != case.generation:
                case.proc_seen[code] = case.generation
                total += t.score_points[offset + code]
        return total
    case.diag_seen[case.primary] = case.generation
    total = t.score_points[offset + case.primary]
    for i in range(case.n_secondaries):
        code = case.secondaries[i]
        if case.diag_seen[code] != case.generation:
            case.diag_seen[code] = case.generation
            total += t.score_points[offset + code]
    return total


cdef inline bint _within(int32_t number, int32_t low, int32_t high) noexcept nogil:
    return low <= number <= high


cdef bint _item_in(Tables t, Case case, int32_t number, int32_t place) noexcept nogil:
    """Whether any cell of a repeated listed field is on a list."""
    cdef Py_ssize_t i
    for i in range(case.n_items):
        if case.items[i] >> ITEM_BITS == place and t.value_lists[number * LIST_VALUES + (case.items[i] & ITEM_VALUES)]:
            return True
    return False


cdef bint _days_within(Case case, int32_t places, int32_t low, int32_t high) noexcept nogil:
    """Whether the days from one date to another lie in a band."""
    cdef int32_t first = case.numbers[places // MOST_NUMBERS]
    cdef int32_t last = case.numbers[places % MOST_NUMBERS]
    return first >= 0 and last >= first and _within(last - first, low, high)


cdef int32_t _count_attributes(Tables t, Case case, int32_t number) noexcept nogil:
    """How many distinct attributes of the unbundled procedure at hand are on a list."""
    cdef Py_ssize_t i
    cdef int32_t found = 0
    case.next_generation()
    for i in range(case.n_attributes):
        if case.proc_seen[case.attributes[i]] != case.generation and _bit(t.proc_lists, t.proc_words, case.attributes[i], number):
            case.proc_seen[case.attributes[i]] = case.generation
            found += 1
    return found


cdef bint _test(Tables t, Case case, int32_t test) noexcept nogil:
    cdef int32_t operand = t.test_operand[test]
    cdef int32_t low = t.test_low[test]
    cdef int32_t high = t.test_high[test]
    cdef int op = t.test_op[test]
    # one chain, which compiles to a jump
    if op == OP_AGE:
        return _within(case.age, low, high)
    elif op == OP_STAY:
        return _within(case.stay, low, high)
    elif op == OP_CC:
        return _within(case.cc, low, high)
    elif op == OP_INTERVENTIONS:
        return _within(case.interventions, low, high)
    elif op == OP_SCORE:
        return _within(_score(t, case, operand), low, high)
    elif op == OP_COUNT:
        return _within(_count(t, case, operand), low, high)
    elif op == OP_PRIMARY:
        return _bit(t.diag_lists, t.diag_words, case.primary, operand)
    elif op == OP_SECONDARY:
        return _secondary_in(t, case, operand)
    elif op == OP_DIAGNOSIS:
        return _bit(t.diag_lists, t.diag_words, case.primary, operand) or _secondary_in(t, case, operand)
    elif op == OP_DOMINANT:
        return _bit(t.proc_lists, t.proc_words, case.dominant, operand)
    elif op == OP_PROCEDURE:
        return _procedure_in(t, case, operand)
    elif op == OP_VALUE:
        return t.value_lists[operand * LIST_VALUES + case.values[low]]     # low holds the place
    elif op == OP_SITE:
        return _bit(t.proc_lists, t.proc_words, case.site, operand)
    elif op == OP_UNBUNDLED:
        return _unbundled_in(t, case, operand)
    elif op == OP_BEFORE:
        return _before(t, case, operand, low)
    elif op == OP_NUMBER:
        return _within(case.numbers[operand], low, high)
    elif op == OP_DAYS:
        return _days_within(case, operand, low, high)
    elif op == OP_ITEM:
        return _item_in(t, case, operand, low)                             # low holds the place
    elif op == OP_HIGHEST:
        return _within(case.levels[operand], low, high)
    elif op == OP_ORGANS:
        return _within(case.organs, low, high)
    elif op == OP_WITH:
        return _within(_count_attributes(t, case, operand), low, high)
    return False


cdef bint _clause_holds(Tables t, Case case, int32_t clause) noexcept nogil:
    cdef int32_t test
    for test in range(t.clause_start[clause], t.clause_start[clause + 1]):
        if _test(t, case, test) == t.test_negated[test]:
            return False
    return True


cdef bint holds(Tables t, Case case, int32_t condition) noexcept nogil:
    """Whether any clause of the condition holds for the case; no condition (-1) always holds."""
    cdef int32_t clause
    if condition < 0:
        return True
    for clause in range(t.condition_start[condition], t.condition_start[condition + 1]):
        if _clause_holds(t, case, clause):
            return True
    return False
