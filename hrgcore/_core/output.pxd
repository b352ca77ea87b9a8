cimport cython

from hrgcore._core.csvfile cimport RecordLines
from hrgcore._core.events cimport Events
from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t, uint16_t, uint64_t

cdef enum ColumnKind:
    COLUMN_NARROW_TEXT = 0    # the text of an id of one byte
    COLUMN_WIDE_TEXT          # of an id of two bytes
    COLUMN_NUMBER             # blank where it is below 0
    COLUMN_SIGNED             # a number that may be below 0
    COLUMN_DIGIT              # a number of one byte
    COLUMN_LETTER             # a character by its number; blank where that is 0
    COLUMN_FLAG               # a text where a byte is set
    COLUMN_CONSTANT
    COLUMN_BYTES              # a text a row
    COLUMN_UNBUNDLED          # as many cells as a row has unbundled HRGs, and at least one
    COLUMN_JOINED             # the cells of several columns, written once
    COLUMN_KEY                # a cell of the input, cut and trimmed


cdef class Texts:
    """Texts by id: in one stretch of memory, and the short ones with the comma before them as numbers."""
    cdef const uint8_t[::1] data
    cdef const int32_t[::1] start
    cdef const uint64_t[::1] words
    cdef const uint8_t[::1] sizes                 # of a short text with its comma; 0 = it is not short
    cdef Py_ssize_t longest


@cython.final
cdef class Lines:
    """A growing buffer of output text."""
    cdef char* data
    cdef Py_ssize_t used, room, exported
    cdef readonly bint overflowed
    cdef bint reserve(self, Py_ssize_t size) noexcept nogil
    cdef void add(self, const char* text, Py_ssize_t size) noexcept nogil
    cdef void digits(self, int64_t number) noexcept nogil


cdef struct Source:
    ColumnKind kind
    const void* cells         # ids, numbers, flags: one a row
    const uint64_t* words     # see Texts
    const uint8_t* sizes
    const char* texts
    const int32_t* start
    const int64_t* rows       # the row at which a line reads, NULL = its own
    Py_ssize_t size           # bytes of a constant, part of a key
    Py_ssize_t widest         # bytes that a line may take


cdef class Column:
    """One or several cells of each line."""
    cdef Source source
    cdef tuple owners                             # keep the memory alive
    cdef readonly Py_ssize_t rows                 # for which it has cells, -1 = any


cdef class MappedColumns(Column):
    cdef readonly tuple columns


cdef class UnbundledColumn(Column):
    cdef readonly Events events
    cdef int64_t[::1] first                       # events of row r: first[r] .. [r + 1]
    cdef _take(self, hrgs, first)


@cython.final
cdef class TableWriter:
    """The lines of an output file for a span of rows."""
    cdef RecordLines lines
    cdef Py_ssize_t first                         # row of the span's first line
    cdef int64_t number                           # of rows before the span's first in the whole run
    cdef bytes newline
    cdef const char* newline_text
    cdef Py_ssize_t newline_size
    cdef bint echo
    cdef object row_owner
    cdef const int64_t[::1] rows
    cdef tuple columns
    cdef Source* sources
    cdef Py_ssize_t n_sources, widest
    cdef void write_line(self, Lines out, Py_ssize_t line, Py_ssize_t row) noexcept nogil
    cdef Py_ssize_t unbundled_room(self, Py_ssize_t line) noexcept nogil
    cdef char* write_cells(self, char* at, const Source* source, Py_ssize_t line) noexcept nogil
