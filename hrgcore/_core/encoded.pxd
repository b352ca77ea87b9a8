from hrgcore._core.fields cimport FieldSet
from hrgcore._core.typedefs cimport int32_t, int64_t, uint32_t


cdef struct Grown:
    char* data
    Py_ssize_t used, room     # bytes


cdef bint push(Grown* grown, const void* data, Py_ssize_t size) noexcept nogil


cdef class EncodedRows:
    """Rows of columns, encoded: the arrays of a batch, the keys of the rows, and the faults with the cells that have them.

    A run is a stretch of rows with one key, that is of one spell or period.
    """
    cdef readonly FieldSet fields
    cdef readonly Py_ssize_t rows
    cdef readonly Py_ssize_t runs
    cdef readonly dict arrays                     # see batch_arrays
    cdef Grown run                                # int32 a row; empty where rows have no key
    cdef Grown keys                               # provider and number of each run, one after the other
    cdef Grown key_ends                           # int64: two a run
    cdef Grown faults                             # int32: row, phase, field code, message
    cdef Grown texts                              # the cells of the faults
    cdef Grown text_ends                          # int64: one a fault
    cdef bint overflowed                          # memory ran out
    cdef int64_t key_end(self, Py_ssize_t number) noexcept nogil
    cdef int compare(self, int32_t one, int32_t other) noexcept nogil
    cdef void add_run(self, const char* provider, Py_ssize_t provider_size, const char* local, Py_ssize_t local_size) noexcept nogil
    cdef void add_fault(self, const int32_t* fault, int32_t row, const char* text, Py_ssize_t size) noexcept nogil
    cdef void add_rows(self, EncodedRows other, Py_ssize_t first, Py_ssize_t end) noexcept nogil
    cdef bint in_order(self, const int32_t[::1] numbers, Py_ssize_t column) noexcept nogil
    cdef check_memory(self)
