from hrgcore._core.batch cimport Batch, RecordResults
from hrgcore._core.decide cimport RecordKernel
from hrgcore._core.grouping cimport Answer
from hrgcore._core.typedefs cimport code_t, hrg_t


cdef class AttendanceKernel(RecordKernel):
    """Groups outpatient attendances: their rules come last, after routes and procedures."""
    cdef void put_unbundled(self, Batch b, RecordResults r, Py_ssize_t row) noexcept nogil
    cdef void put_hrg(self, Py_ssize_t row, code_t code, hrg_t hrg) noexcept nogil
    cdef void resolve(self, Batch b, RecordResults r, Py_ssize_t row, Answer* a) noexcept nogil
    cdef void group_as_attendance(self, RecordResults r, Py_ssize_t row) noexcept nogil
