from hrgcore._core.typedefs cimport code_t, int32_t, uint8_t

cdef enum:
    CELL_ROOM = 16            # longer than any code, cleaned
    VALUE_SIZE = 3            # longest listed value
    VALUE_BASE = 37           # none, 0-9, A-Z
    VALUE_SLOTS = VALUE_BASE * VALUE_BASE * VALUE_BASE
    NUMBER_DIGITS = 9


cdef class CodeSet:
    """The codes of one classification: text to dense id by arithmetic, id to text."""
    cdef readonly tuple codes             # codes[id]; codes[0] is ''
    cdef readonly bint pads               # a category of three characters gets the filler
    cdef const code_t[::1] slots
    cdef Py_ssize_t _first(self, const char* text, Py_ssize_t size)
    cdef Py_ssize_t _last(self, const char* text, Py_ssize_t size)
    cdef code_t find(self, const char* text, Py_ssize_t size) noexcept nogil


cdef class ValueSet:
    """The accepted values of one listed field: text to a small id, 0 = not accepted."""
    cdef readonly tuple values            # values[id]; values[0] is ''
    cdef readonly bint exact              # leading zeros are significant
    cdef readonly bytes slots             # id by slot
    cdef Py_ssize_t clean(self, const char* text, Py_ssize_t size, const char** start) noexcept nogil


cdef class Owners:
    """Which row of a table speaks for each code."""
    cdef readonly object row              # array of row numbers by code, -1 = none
    cdef int32_t[::1] _row
    cdef signed char[::1] _layer


cdef class Scores(Owners):
    """What each code scores in each subchapter."""
    cdef Py_ssize_t _width
    cdef uint8_t[::1] _columns            # column by the two characters of the name, from 1; 0 = unknown
    cdef bytearray _lines                 # by code: points in each subchapter, then the grades of these
    cdef bytes _columns_of(self, str names)
    cdef bint _add(self, uint8_t* line, bytes columns, uint8_t points, uint8_t grade)


cdef Py_ssize_t clean_code(const char* text, Py_ssize_t size, char* out) noexcept nogil
cdef int32_t clean_date(const char* text, Py_ssize_t size) noexcept nogil
cdef int32_t clean_weight(const char* text, Py_ssize_t size) noexcept nogil


# What is done with every cell of a file is here, to be compiled into its users.

cdef inline bint digit(char c) noexcept nogil:
    return c'0' <= c <= c'9'


cdef inline bint blank(char c) noexcept nogil:
    return c == c' ' or c == c'\t'


cdef inline int value_slot(const char* text, Py_ssize_t size) noexcept nogil:
    """The slot of a cleaned value, -1 where the form is impossible."""
    cdef int slot = 0
    cdef Py_ssize_t i
    if size < 1 or size > VALUE_SIZE:
        return -1
    for i in range(size):
        if digit(text[i]):
            slot = slot * VALUE_BASE + text[i] - c'0' + 1
        elif c'A' <= text[i] <= c'Z':
            slot = slot * VALUE_BASE + text[i] - c'A' + 11
        else:
            return -1
    return slot


cdef inline void trim(const char** text, Py_ssize_t* size) noexcept nogil:
    """Drops blanks and tabs at both ends."""
    while size[0] > 0 and blank(text[0][size[0] - 1]):
        size[0] -= 1
    while size[0] > 0 and blank(text[0][0]):
        text[0] += 1
        size[0] -= 1


cdef inline Py_ssize_t clean_value(const char* text, Py_ssize_t size, const char** start) noexcept nogil:
    """Trims and drops leading zeros in place; returns the size and where the value starts."""
    trim(&text, &size)
    while size > 1 and text[0] == c'0':
        text += 1
        size -= 1
    start[0] = text
    return size


cdef inline int32_t clean_number(const char* text, Py_ssize_t size) noexcept nogil:
    """The number, -1 for a blank cell, -2 where it is not a number."""
    cdef int32_t number = 0
    cdef const char* start
    cdef Py_ssize_t i
    size = clean_value(text, size, &start)
    if size == 0:
        return -1
    if size > NUMBER_DIGITS:
        return -2
    for i in range(size):
        if not digit(start[i]):
            return -2
        number = number * 10 + start[i] - c'0'
    return number
