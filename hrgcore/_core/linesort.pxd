from hrgcore._core.csvfile cimport CellPlan, Line, RecordLines
from hrgcore._core.fields cimport FieldSet


cdef struct Cell:
    const char* text
    Py_ssize_t size


cdef class LineTable:
    """The lines of a stretch of an input, with the keys by which they are sorted."""
    cdef readonly object data
    cdef readonly CellPlan plan
    cdef readonly FieldSet fields                 # None: lines stay as they come
    cdef readonly Py_ssize_t rows
    cdef readonly Py_ssize_t longest              # bytes of the longest line
    cdef readonly Py_ssize_t short_row            # the first row with fewer columns than the plan needs, -1 = none
    cdef readonly bint is_sorted
    cdef readonly bint long_keys                  # a key does not fit into Line.key: keys that look equal have to be read again
    cdef Line* lines
    cdef void find_lines(self, const char* base, Py_ssize_t start, Py_ssize_t end) noexcept nogil
    cdef void read_keys(self, char* scratch) noexcept nogil
