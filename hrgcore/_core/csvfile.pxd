from hrgcore._core.encode cimport Encoder
from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t


# The part of a column in the order of the rows.
cpdef enum SortPart:
    SORT_NONE = 0
    SORT_PROVIDER
    SORT_LOCAL
    SORT_ORDER


cdef struct Line:
    uint64_t key[3]           # provider, 0, spell or period, filled up with 0: the first 24 bytes, as numbers
    const char* text
    int32_t size
    uint32_t order            # episode number or date; the largest where it is missing or not accepted


cdef struct ColumnPlan:
    uint8_t kind              # CellKind
    bint blank_matters        # whether a blank cell says anything
    bint is_cut
    int32_t blanks            # how many columns from here on may be passed over where they are blank
    int32_t place             # see CellKind


cdef class CellPlan:
    """What each column of a file holds, and how its cells are cut before they are cleaned."""
    cdef readonly Py_ssize_t columns              # up to the last one that is used
    cdef readonly int32_t most_diagnoses, most_procedures, most_items
    cdef readonly Py_ssize_t key_columns          # up to the last one that has a part in the sort
    cdef readonly int32_t order_number            # the number that has, -1 = none
    cdef ColumnPlan* column
    cdef const uint8_t[::1] sort_part             # SortPart
    cdef const int32_t[::1] template              # -1 = none
    cdef const uint8_t[::1] removed               # 256 flags a template
    cdef const int32_t[::1] picture_start
    cdef const uint8_t[::1] picture
    cdef Py_ssize_t cut(self, Py_ssize_t column, const char* text, Py_ssize_t size, char* out) noexcept nogil


cdef class RecordLines:
    cdef readonly CellPlan plan
    cdef readonly Py_ssize_t rows, spells
    cdef readonly Py_ssize_t longest              # bytes, at least those of the longest line
    cdef readonly object spell_starts             # rows of spell s: [s] .. [s + 1]
    cdef const int64_t[::1] spell_start
    cdef Line* lines
    cdef bint owns
    cdef object owner                             # keeps the memory of the texts, and of lines that are not its own
    cdef void encode_row(self, Encoder encoder, Py_ssize_t row, char* scratch) noexcept nogil
    cdef Py_ssize_t find_cell(self, Py_ssize_t row, Py_ssize_t column, const char** text) noexcept nogil
    cdef Py_ssize_t cut_cell(self, Py_ssize_t row, Py_ssize_t column, char* out) noexcept nogil
