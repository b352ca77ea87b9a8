from hrgcore._core.events cimport Events
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport code_t, int32_t, int64_t, uint8_t


cdef class Encoder:
    """Checks and encodes admitted-care cells into the arrays of a batch, row by row."""
    cdef readonly Tables tables
    cdef readonly Events faults                   # row, phase, field code, message
    cdef readonly dict arrays                     # the arrays of the batch by name, at full size
    cdef readonly Py_ssize_t rows                 # finished so far
    cdef int32_t[::1] numbers
    cdef uint8_t[::1] values, failed
    cdef int64_t[::1] diag_start, proc_start
    cdef code_t[::1] diags, procs
    cdef Py_ssize_t diag_end, proc_end            # one past the last code of the row being written
    cdef void restart(self) noexcept nogil
    cdef void begin_row(self) noexcept nogil
    cdef void end_row(self) noexcept nogil
    cdef void fail(self, int field, int cell, int message, bint fails) noexcept nogil
    cdef void put_text(self, int field, Py_ssize_t size) noexcept nogil
    cdef void put_number(self, int column, int32_t number) noexcept nogil
    cdef void put_value(self, int column, const char* text, Py_ssize_t size) noexcept nogil
    cdef void put_value_id(self, int column, uint8_t value) noexcept nogil
    cdef void put_diagnosis(self, int cell, const char* text, Py_ssize_t size) noexcept nogil
    cdef void put_procedure(self, int cell, const char* text, Py_ssize_t size) noexcept nogil
