from hrgcore._core.batch cimport Batch, RecordResults
from hrgcore._core.events cimport Events
from hrgcore._core.fields cimport FieldSet
from hrgcore._core.grouping cimport Answer
from hrgcore._core.rules cimport Case
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport code_t, hrg_t, int32_t, uint8_t


cdef class AttendanceKernel:
    """Groups outpatient attendances of a batch; holds the scratch memory of one thread."""
    cdef readonly Tables tables
    cdef readonly FieldSet fields
    cdef readonly Events faults                   # row, phase, field code, message
    cdef readonly Events unbundled                # row, hrg, 0, 0
    cdef readonly Events trace                    # step, a, b, c; None when off
    cdef const int32_t[::1] rules                 # of the default attendances
    cdef const uint8_t[::1] places
    cdef Py_ssize_t first_attendance              # field number that faults of these rules name
    cdef Case case
    cdef void fail(self, RecordResults r, Py_ssize_t row, Py_ssize_t field, int cell, int message) noexcept nogil
    cdef void group(self, Batch b, RecordResults r, Py_ssize_t row) noexcept nogil
    cdef void read(self, Batch b, Py_ssize_t row) noexcept nogil
    cdef void put_unbundled(self, Batch b, RecordResults r, Py_ssize_t row) noexcept nogil
    cdef void put_hrg(self, Py_ssize_t row, code_t code, hrg_t hrg) noexcept nogil
    cdef void resolve(self, Batch b, RecordResults r, Py_ssize_t row, Answer* a) noexcept nogil
    cdef void group_as_attendance(self, RecordResults r, Py_ssize_t row) noexcept nogil
