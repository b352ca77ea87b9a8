"""Numbers and days that are no text: their text, as messages show it and as encoders read it; weights as grams."""
from libc.math cimport rint
from libc.stdio cimport snprintf
from libc.stdlib cimport strtod


cdef void _write_real(Reading* value) noexcept nogil:
    """The shortest text that stands for a number with a fraction."""
    cdef int digits
    for digits in range(6 if value.single else 15, 10 if value.single else 18):
        value.size = snprintf(value.room, sizeof(value.room), "%.*g", digits, value.real)
        if (<float>strtod(value.room, NULL) == <float>value.real) if value.single else (strtod(value.room, NULL) == value.real):
            break


cdef void _write_day(Reading* value) noexcept nogil:
    """YYYYMMDD of a day, by the calendar of periods of 400 years that begin in March."""
    cdef int64_t day = value.number + 719468
    cdef int64_t period = day // 146097 - (1 if day % 146097 < 0 else 0)
    cdef int64_t of_period = day - period * 146097
    cdef int64_t year = (of_period - of_period // 1460 + of_period // 36524 - of_period // 146096) // 365
    cdef int64_t of_year = of_period - (365 * year + year // 4 - year // 100)
    cdef int64_t month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    year += period * 400 + (1 if month <= 2 else 0)
    value.size = snprintf(value.room, sizeof(value.room), "%04lld%02d%02d", <long long>year, <int>month, <int>day)


cdef void write_number(Reading* value, int found) noexcept nogil:
    """The text of what is no text."""
    if found == IS_WHOLE:
        value.size = snprintf(value.room, sizeof(value.room), "%lld", <long long>value.number)
    elif found == IS_REAL:
        _write_real(value)
    else:
        _write_day(value)
    value.text = value.room


cdef int64_t read_grams(const Reading* value) noexcept nogil:
    """Kilograms with at most three decimals as grams, else -1."""
    cdef double grams
    if not 0 <= value.real <= LARGEST // GRAMS + 1:
        return -1
    grams = rint(value.real * GRAMS)
    if value.single:
        return <int64_t>grams if <float>(grams / GRAMS) == <float>value.real else -1
    return <int64_t>grams if grams / GRAMS == value.real else -1
