from hrgcore._core.csvfile cimport RecordLines
from hrgcore._core.output cimport Lines, Texts
from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t

# How a message shows a cell.
cpdef enum Shown:
    SHOWN_TRIMMED = 0
    SHOWN_NUMBER              # without leading zeros
    SHOWN_CODE                # without dots, in capitals
    SHOWN_DIAGNOSIS           # the same; a category of three characters gets the filler


cdef class FaultTexts:
    """What messages of a data set say, by field code and message id."""
    cdef readonly Texts names, texts
    cdef const uint8_t[::1] shown                 # Shown, by field


cdef class FaultWriter:
    """The lines of the quality files, and a count of each message."""
    cdef readonly FaultTexts texts
    cdef readonly object counts                   # by message id
    cdef int64_t[::1] _counts
    cdef const int32_t[::1] column                # of the input by field code, -1 = none
    cdef bytes newline
    cdef const char* newline_text
    cdef Py_ssize_t newline_size
    cdef void write_cell(self, RecordLines lines, Lines out, Py_ssize_t row, const int32_t* fault) noexcept nogil
    cdef void write_text(self, Lines out, Texts texts, Py_ssize_t number) noexcept nogil
    cdef void end_line(self, Lines out) noexcept nogil
    cdef void write_fault(self, RecordLines lines, Lines out, Py_ssize_t row, const int32_t* fault, char before, char between) noexcept nogil
    cdef void write_cut(self, Lines out, RecordLines lines, Py_ssize_t row, int32_t column, uint8_t how) noexcept with gil
    cdef void start_line(self, RecordLines lines, Lines out, Py_ssize_t row, int64_t number) noexcept nogil


cdef Py_ssize_t show(uint8_t how, const char* text, Py_ssize_t size, char* out) noexcept nogil
