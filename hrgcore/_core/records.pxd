from hrgcore._core.apc cimport Kernel
from hrgcore._core.batch cimport Batch, Results
from hrgcore._core.encode cimport Encoder


cdef class SpellGrouper:
    """Groups one spell of records at a time with memory that is kept between calls. Not for two threads at once."""
    cdef readonly Encoder encoder
    cdef readonly Kernel kernel
    cdef readonly Results results
    cdef Batch batch
    cdef Py_ssize_t room, diag_room, proc_room
    cdef tuple default_values
    cdef _make_batch(self, Py_ssize_t rows)
