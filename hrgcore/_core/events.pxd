from hrgcore._core.typedefs cimport int32_t


cdef class Events:
    """A growing buffer of fixed-width rows of integers that kernels write without the GIL."""
    cdef int32_t* data
    cdef Py_ssize_t used, room
    cdef readonly Py_ssize_t width
    cdef readonly bint overflowed
    cdef void add(self, int32_t a, int32_t b, int32_t c, int32_t d) noexcept nogil
    cdef void clear(self) noexcept nogil
    cdef void sort_faults(self) noexcept nogil
