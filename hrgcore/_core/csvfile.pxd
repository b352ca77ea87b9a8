from hrgcore._core.encode cimport Encoder
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t


cdef struct Cell:
    const char* text
    Py_ssize_t size


cdef struct SortKey:
    Cell provider
    Cell spell
    Cell line
    int32_t number            # -1 = missing or not a number, sorted last


cdef class CellPlan:
    """What each column of a file holds, and how its cells are cut before they are cleaned."""
    cdef readonly Py_ssize_t columns              # up to the last one that is used
    cdef readonly int32_t most_diagnoses, most_procedures
    cdef const uint8_t[::1] kind
    cdef const int32_t[::1] place                 # column of the batch, or cell of a repeated field
    cdef const int32_t[::1] template              # -1 = none
    cdef const uint8_t[::1] removed               # 256 flags a template
    cdef const int32_t[::1] picture_start
    cdef const uint8_t[::1] picture
    cdef Py_ssize_t cut(self, Py_ssize_t column, const char* text, Py_ssize_t size, char* out) noexcept nogil


cdef class EpisodeFile:
    """The lines of an input file: found, sorted by spell and episode number, encoded."""
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
    cdef void _read_key(self, Tables tables, int64_t row, SortKey* key) noexcept nogil
    cdef void _keep(self, Py_ssize_t column, const char* text, Py_ssize_t size, Cell* kept) noexcept nogil
    cdef void _encode_row(self, Encoder encoder, int64_t row) noexcept nogil
    cdef void _encode_cell(self, Encoder encoder, Py_ssize_t column, const char* text, Py_ssize_t size) noexcept nogil
    cdef void key_cell(self, int64_t row, uint8_t kind, Cell* cell) noexcept nogil


cdef void trim(const char** text, Py_ssize_t* size) noexcept nogil
