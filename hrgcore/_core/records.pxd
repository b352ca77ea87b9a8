from hrgcore._core.apc cimport Kernel
from hrgcore._core.batch cimport Batch, Results
from hrgcore._core.encode cimport Encoder
from hrgcore._core.typedefs cimport int64_t

cdef enum:
    NOT_A_NUMBER = -2         # as clean_number says it
    LARGEST = 999999999
    MOST_CELLS = 99           # of a repeated field


cdef class SpellGrouper:
    """Groups one spell of records at a time with memory that is kept between calls. Not for two threads at once."""
    cdef readonly Encoder encoder
    cdef readonly Kernel kernel
    cdef readonly Results results
    cdef Batch batch
    cdef int64_t[::1] spell_start                 # of the one spell of the batch
    cdef Py_ssize_t room, diag_room, proc_room
    cdef tuple default_values
    cdef reserve(self, Py_ssize_t rows, Py_ssize_t diagnoses, Py_ssize_t procedures)
    cdef bint has_room(self, Py_ssize_t rows, Py_ssize_t diagnoses, Py_ssize_t procedures) noexcept nogil
    cdef _make_room(self, Py_ssize_t rows, Py_ssize_t diagnoses, Py_ssize_t procedures)
    cdef void run(self) noexcept nogil
