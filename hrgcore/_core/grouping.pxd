from hrgcore._core.batch cimport Batch
from hrgcore._core.events cimport Events
from hrgcore._core.rules cimport Case
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport BARRED, code_t, hrg_t, int32_t, MODIFIER, root_t, SITE, uint8_t, UNBUNDLED

cdef enum:
    NO_ERROR = -1


cdef struct Answer:
    root_t root
    uint8_t method
    uint8_t grade
    hrg_t hrg
    int32_t error             # message id, NO_ERROR
    Py_ssize_t dominant       # place in Case.procedures, -1


cdef inline bint is_supplementary(uint8_t role) noexcept nogil:
    return role == MODIFIER or role == SITE or role == BARRED


cdef inline bint is_unbundled(Tables t, code_t code) noexcept nogil:
    return t.unbundled_root[code] != 0 or t.proc_role[code] == UNBUNDLED


cdef inline bint is_child(Tables t, int32_t age) noexcept nogil:
    return 0 <= age <= t.child_age_max


cdef inline root_t diagnosis_root(Tables t, code_t code, int32_t age) noexcept nogil:
    """Section 4. From ERROR_ROOT on it is an error category."""
    if is_child(t, age) and t.diag_child[code]:
        return t.diag_child[code]
    return t.diag_root[code]


cdef inline void weaken(Answer* a, uint8_t grade) noexcept nogil:
    if grade > a.grade:
        a.grade = grade


cdef inline void start_answer(Answer* a) noexcept nogil:
    a.root = 0
    a.method = 0
    a.grade = 0
    a.hrg = 0
    a.error = NO_ERROR
    a.dominant = -1


cdef bint route(Tables t, Case case, Answer* a, Events trace) noexcept nogil
cdef void find_dominant(Tables t, Case case, Answer* a, Events trace) noexcept nogil
cdef void procedure_root(Tables t, Case case, Batch b, Answer* a, Events trace) noexcept nogil
cdef void split(Tables t, Case case, Answer* a, Events trace) noexcept nogil
cdef void resolve(Tables t, Case case, Batch b, Answer* a, Events trace) noexcept nogil
cdef void add_procedures(Tables t, Case case, Batch b, Py_ssize_t row) noexcept nogil
cdef int32_t first_that_cannot_stand_alone(Tables t, Batch b, Py_ssize_t row) noexcept nogil
cdef hrg_t unbundle(Tables t, Case case, Batch b, Py_ssize_t row, Py_ssize_t i, int32_t* error, Events trace) noexcept nogil
cdef hrg_t unbundle_record(Tables t, Case case, uint8_t* times, Events trace) noexcept nogil
cdef void decide(Tables t, Case case, const int32_t[::1] rules, Answer* a, Events trace) noexcept nogil
