from hrgcore._core.batch cimport Batch, RecordResults
from hrgcore._core.events cimport Events
from hrgcore._core.fields cimport FieldSet
from hrgcore._core.rules cimport Case
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport int32_t, uint8_t


cdef class RecordKernel:
    """Groups records of a batch by the rules of their data set; holds the scratch memory of one thread."""
    cdef readonly Tables tables
    cdef readonly FieldSet fields
    cdef readonly Events faults                   # row, phase, field code, message
    cdef readonly Events unbundled                # row, hrg, 0, 0
    cdef readonly Events trace                    # step, a, b, c; None when off
    cdef const int32_t[::1] rules
    cdef const uint8_t[::1] value_places, number_places
    cdef Py_ssize_t age                           # column of the age, -1 = none
    cdef int32_t blamed                           # field number that faults of rules name
    cdef Case case
    cdef void fail(self, RecordResults r, Py_ssize_t row, int field, int cell, int message) noexcept nogil
    cdef void group(self, Batch b, RecordResults r, Py_ssize_t row) noexcept nogil
    cdef void read(self, Batch b, Py_ssize_t row) noexcept nogil
    cdef void read_codes(self, Batch b, Py_ssize_t row) noexcept nogil
    cdef void find_levels(self) noexcept nogil
    cdef void count_organs(self, Batch b, Py_ssize_t row) noexcept nogil
