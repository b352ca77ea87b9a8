from hrgcore._core.csvfile cimport RecordFile
from hrgcore._core.typedefs cimport int32_t, int64_t, uint16_t, uint8_t


cdef class Texts:
    """Texts by id in one stretch of memory."""
    cdef const uint8_t[::1] data
    cdef const int32_t[::1] start


cdef class Lines:
    """A growing buffer of output text."""
    cdef char* data
    cdef Py_ssize_t used, room
    cdef bint overflowed
    cdef void add(self, const char* text, Py_ssize_t size) noexcept nogil
    cdef void cell(self, const char* text, Py_ssize_t size) noexcept nogil
    cdef void digits(self, int64_t number) noexcept nogil
    cdef void number(self, int64_t number) noexcept nogil
    cdef void text(self, Texts texts, Py_ssize_t number) noexcept nogil


cdef class Column:
    cdef void write(self, Lines lines, Py_ssize_t row) noexcept


cdef class TextColumn(Column):
    cdef Texts texts
    cdef const uint8_t[::1] narrow
    cdef const uint16_t[::1] wide
    cdef bint is_narrow


cdef class NumberColumn(Column):
    cdef const uint8_t[::1] narrow
    cdef const int32_t[::1] wide
    cdef bint is_narrow, negative


cdef class LetterColumn(Column):
    cdef const uint8_t[::1] letters


cdef class FlagColumn(Column):
    cdef const uint8_t[::1] flags
    cdef bytes letter


cdef class ConstantColumn(Column):
    cdef bytes cells


cdef class BytesColumn(Column):
    cdef list cells


cdef class RaggedColumn(Column):
    cdef dict cells                               # lists of texts by row


cdef class KeyColumn(Column):
    cdef RecordFile file
    cdef uint8_t part


cdef class MappedColumns(Column):
    cdef tuple columns
    cdef const int32_t[::1] rows


cdef class TableWriter:
    """The lines of an output file, a span of them at a time."""
    cdef RecordFile file
    cdef bytes newline
    cdef tuple columns
    cdef bint echo, mapped
    cdef const int32_t[::1] rows
    cdef Lines texts
