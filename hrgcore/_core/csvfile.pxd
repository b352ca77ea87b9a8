from hrgcore._core.encode cimport Encoder
from hrgcore._core.fields cimport FieldSet
from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t


cdef struct Cell:
    const char* text
    Py_ssize_t size


cdef struct SortKey:
    Cell provider
    Cell local                # number of the spell or the critical care period
    Cell line
    int32_t order             # episode number or date; -1 = missing or not accepted, sorted last


cdef class CellPlan:
    """What each column of a file holds, and how its cells are cut before they are cleaned."""
    cdef readonly Py_ssize_t columns              # up to the last one that is used
    cdef readonly int32_t most_diagnoses, most_procedures, most_items
    cdef readonly bint sorts                      # whether any column has a part in the sort
    cdef const uint8_t[::1] kind, sort_part       # CellKind, SortPart
    cdef const int32_t[::1] place                 # see CellKind
    cdef const int32_t[::1] template              # -1 = none
    cdef const uint8_t[::1] removed               # 256 flags a template
    cdef const int32_t[::1] picture_start
    cdef const uint8_t[::1] picture
    cdef Py_ssize_t cut(self, Py_ssize_t column, const char* text, Py_ssize_t size, char* out) noexcept nogil


cdef class RecordFile:
    """The lines of an input file: found, sorted where the data set is, encoded."""
    cdef readonly object data                     # the buffer that all offsets point into
    cdef readonly CellPlan plan
    cdef const uint8_t[::1] bytes
    cdef readonly Py_ssize_t rows
    cdef readonly Py_ssize_t longest              # bytes of the longest line
    cdef readonly object line_start, line_end, spell_start
    cdef int64_t[::1] starts, ends                # in sorted order once sorted
    cdef SortKey* keys
    cdef char* arena
    cdef Py_ssize_t arena_used
    cdef char* scratch
    cdef Py_ssize_t _short_line(self) noexcept nogil
    cdef void _read_key(self, FieldSet fields, int64_t row, SortKey* key) noexcept nogil
    cdef void _keep(self, Py_ssize_t column, const char* text, Py_ssize_t size, Cell* kept) noexcept nogil
    cdef void _encode_row(self, Encoder encoder, int64_t row) noexcept nogil
    cdef void _encode_cell(self, Encoder encoder, Py_ssize_t column, const char* text, Py_ssize_t size) noexcept nogil
    cdef void key_cell(self, int64_t row, uint8_t part, Cell* cell) noexcept nogil
