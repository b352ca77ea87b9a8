from hrgcore._core.typedefs cimport int64_t

# What a cell turned out to be.
cdef enum:
    IS_BLANK = 0
    IS_TEXT
    IS_WHOLE
    IS_REAL
    IS_DAY
    IS_BROKEN

cdef enum:
    LARGEST = 999999999       # as clean_number says it
    GRAMS = 1000              # a kilogram


cdef struct Reading:
    const char* text
    Py_ssize_t size
    int64_t number            # a whole number, or days since 1970
    double real
    bint single               # of 32 bits
    char[40] room             # for the text of a number


cdef void write_number(Reading* reading, int found) noexcept nogil
cdef int64_t read_grams(const Reading* reading) noexcept nogil
