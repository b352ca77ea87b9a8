from hrgcore._core.batch cimport Batch, Results
from hrgcore._core.events cimport Events
from hrgcore._core.grouping cimport Answer
from hrgcore._core.rules cimport Case
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport code_t, hrg_t, int32_t, uint8_t


cdef class Kernel:
    """Groups spells of a batch; holds the scratch memory of one thread."""
    cdef readonly Tables tables
    cdef readonly Events faults                   # row, phase, field code, message
    cdef readonly Events unbundled                # row, hrg, multiplier (0 = none), 0
    cdef readonly Events trace                    # step, a, b, c; None when off
    cdef Case case
    cdef void clear(self) noexcept nogil
    cdef void group(self, Batch b, Results r, Py_ssize_t first_spell, Py_ssize_t end_spell) noexcept nogil
    cdef void fail(self, Results r, Py_ssize_t row, int phase, int field, int cell, int message) noexcept nogil
    cdef void group_spell(self, Batch b, Results r, Py_ssize_t spell) noexcept nogil
    cdef void check_episode(self, Batch b, Results r, Py_ssize_t row) noexcept nogil
    cdef void fail_all(self, Results r, Py_ssize_t first, Py_ssize_t end, int field, int message) noexcept nogil
    cdef void check_spell(self, Batch b, Results r, Py_ssize_t first, Py_ssize_t end) noexcept nogil
    cdef void check_numbers(self, Batch b, Results r, Py_ssize_t first, Py_ssize_t end) noexcept nogil
    cdef bint refused(self, int32_t number) noexcept nogil
    cdef void put_unbundled(self, Batch b, Results r, Py_ssize_t row) noexcept nogil
    cdef void put_hrg(self, Batch b, Py_ssize_t row, code_t code, hrg_t hrg, uint8_t times) noexcept nogil
    cdef void add_secondaries(self, Batch b, Py_ssize_t row, bint with_primary) noexcept nogil
    cdef void check_rules(self, Results r, Py_ssize_t row) noexcept nogil
    cdef void group_episode(self, Batch b, Results r, Py_ssize_t row) noexcept nogil
    cdef void resolve_episode(self, Batch b, Results r, Py_ssize_t row, Answer* a) noexcept nogil
    cdef void fail_answer(self, Results r, Py_ssize_t row, Answer* a) noexcept nogil
    cdef void write_episode(self, Results r, Py_ssize_t row, Answer* a) noexcept nogil
    cdef void sum_spell(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t first, Py_ssize_t end) noexcept nogil
    cdef void spell_fails(self, Results r, Py_ssize_t spell, Py_ssize_t first, Py_ssize_t end) noexcept nogil
    cdef void write_lead(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t lead) noexcept nogil
    cdef void copy_episode(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t row) noexcept nogil
    cdef void lead_with(self, Batch b, Py_ssize_t lead, Py_ssize_t first, Py_ssize_t end) noexcept nogil
    cdef void group_pooled(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t first, Py_ssize_t end) noexcept nogil
    cdef void spell_alone_fails(self, Results r, Py_ssize_t spell, Py_ssize_t first, Py_ssize_t end, Py_ssize_t lead,
            Answer* a) noexcept nogil
    cdef void write_spell(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t lead, Answer* a) noexcept nogil
