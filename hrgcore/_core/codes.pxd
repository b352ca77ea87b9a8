from hrgcore._core.typedefs cimport code_t, int32_t, uint8_t

cdef enum:
    CELL_ROOM = 16            # longest cleaned code or listed value that can mean anything


cdef class CodeSet:
    """The codes of one classification: text to dense id by arithmetic, id to text."""
    cdef readonly tuple codes             # codes[id]; codes[0] is ''
    cdef readonly bint pads               # a category of three characters gets the filler
    cdef const code_t[::1] slots
    cdef code_t _exact(self, str term)
    cdef code_t find(self, const char* text, Py_ssize_t size) noexcept nogil


cdef class ValueSet:
    """The accepted values of one listed field: text to a small id, 0 = not accepted."""
    cdef readonly tuple values            # values[id]; values[0] is ''
    cdef const uint8_t[::1] slots
    cdef uint8_t find(self, const char* text, Py_ssize_t size) noexcept nogil


cdef class Owners:
    """Which row of a table speaks for each code."""
    cdef readonly object row              # array of row numbers by code, -1 = none
    cdef int32_t[::1] _row
    cdef signed char[::1] _layer


cdef Py_ssize_t clean_code(const char* text, Py_ssize_t size, char* out) noexcept nogil
cdef Py_ssize_t clean_value(const char* text, Py_ssize_t size, const char** start) noexcept nogil
cdef int32_t clean_number(const char* text, Py_ssize_t size) noexcept nogil
