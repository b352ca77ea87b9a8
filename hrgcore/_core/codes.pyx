"""Text to ids at the border: codes and listed values by arithmetic on their characters, no hashing.

An ICD-10 code is a letter, two digits, a digit or the filler X, and an optional fifth digit; an OPCS-4 code is a letter and
three digits. Both fit one slot formula, so one direct-address table serves each classification.
"""
from array import array
from bisect import bisect_left

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.string cimport memcmp, memset

from hrgcore._core.typedefs cimport ERROR_ROOT, int64_t, uint64_t

cdef enum:
    FOURTH = 11               # 0-9, X
    FIFTH = 11                # none, 0-9
    CODE_SLOTS = 26 * 100 * FOURTH * FIFTH
    TOP_NUMBER = 999999999
    WEIGHT_DECIMALS = 3
    FIRST_YEAR = 1800
    LAST_YEAR = 2999

cdef int[12] MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


cdef inline int _code_slot(const char* text, Py_ssize_t size) noexcept nogil:
    """The slot of a cleaned code of 4 or 5 characters, -1 where the form is impossible."""
    cdef int fourth, fifth = 0
    if size < 4 or size > 5:
        return -1
    if not (c'A' <= text[0] <= c'Z' and digit(text[1]) and digit(text[2])):
        return -1
    if digit(text[3]):
        fourth = text[3] - c'0'
    elif text[3] == c'X':
        fourth = 10
    else:
        return -1
    if size == 5:
        if not digit(text[4]):
            return -1
        fifth = text[4] - c'0' + 1
    return (((text[0] - c'A') * 100 + (text[1] - c'0') * 10 + text[2] - c'0') * FOURTH + fourth) * FIFTH + fifth


cdef Py_ssize_t clean_code(const char* text, Py_ssize_t size, char* out) noexcept nogil:
    """Trims, drops dots, makes capitals; returns the size, CELL_ROOM where the text is too long to be a code."""
    cdef Py_ssize_t i, n = 0
    cdef char c
    trim(&text, &size)
    for i in range(size):
        c = text[i]
        if c == c'.':
            continue
        if n == CELL_ROOM - 1:
            return CELL_ROOM
        out[n] = c - 32 if c'a' <= c <= c'z' else c
        n += 1
    return n


cdef inline bint _leap(int year) noexcept nogil:
    return (year % 4 == 0 and year % 100 != 0) or year % 400 == 0


cdef int32_t clean_date(const char* text, Py_ssize_t size) noexcept nogil:
    """A date YYYYMMDD as days since the start of FIRST_YEAR, -1 for a blank cell, -2 where it is no date of the calendar."""
    cdef int year, month, day, i, before
    cdef int32_t days
    trim(&text, &size)
    if size == 0:
        return -1
    if size != 8:
        return -2
    for i in range(8):
        if not digit(text[i]):
            return -2
    year = (text[0] - c'0') * 1000 + (text[1] - c'0') * 100 + (text[2] - c'0') * 10 + text[3] - c'0'
    month = (text[4] - c'0') * 10 + text[5] - c'0'
    day = (text[6] - c'0') * 10 + text[7] - c'0'
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and day >= 1):
        return -2
    if day > MONTH_DAYS[month - 1] + (month == 2 and _leap(year)):
        return -2
    before = year - 1
    days = 365 * (year - FIRST_YEAR) + before // 4 - before // 100 + before // 400 \
        - ((FIRST_YEAR - 1) // 4 - (FIRST_YEAR - 1) // 100 + (FIRST_YEAR - 1) // 400)
    for i in range(month - 1):
        days += MONTH_DAYS[i]
    if month > 2 and _leap(year):
        days += 1
    return days + day - 1


cdef int32_t clean_weight(const char* text, Py_ssize_t size) noexcept nogil:
    """Kilograms with up to three decimals as grams, -1 for a blank cell, -2 where it is no such number."""
    cdef int64_t grams = 0
    cdef int decimals = -1            # none so far; before the point
    cdef Py_ssize_t i
    trim(&text, &size)
    if size == 0:
        return -1
    for i in range(size):
        if text[i] == c'.' and decimals < 0 and i > 0:
            decimals = 0
            continue
        if not digit(text[i]) or decimals == WEIGHT_DECIMALS:
            return -2
        grams = grams * 10 + text[i] - c'0'
        if decimals >= 0:
            decimals += 1
        if grams > TOP_NUMBER:
            return -2
    if decimals == 0:
        return -2
    for i in range(WEIGHT_DECIMALS - (decimals if decimals > 0 else 0)):
        grams *= 10
    return <int32_t>grams if grams <= TOP_NUMBER else -2


cdef class CodeSet:
    def __init__(self, codes, bint pads):
        ordered = sorted(codes)
        slots = array("H", bytes(2 * CODE_SLOTS))
        cdef code_t[::1] view = slots
        cdef Py_ssize_t i, size
        cdef int slot
        cdef const char* text
        if len(ordered) >= ERROR_ROOT:
            raise ValueError(f"{len(ordered)} codes are more than one classification can have")
        for i in range(len(ordered)):
            text = PyUnicode_AsUTF8AndSize(ordered[i], &size)
            slot = _code_slot(text, size)
            if slot < 0:
                raise ValueError(f"{ordered[i]!r} is not of the form of a code")
            if view[slot]:
                raise ValueError(f"{ordered[i]!r} stands twice")
            view[slot] = i + 1
        self.codes = ("", *ordered)
        self.pads = pads
        self.slots = memoryview(slots.tobytes()).cast("H")

    def __len__(self):
        return len(self.codes) - 1

    def spans(self, str cell not None):
        """The ids (first, last) that each term of a cell names, first > last where a term names no code.

        A term is a code, a category (all its codes), or a range of them in string order; a category that ends a range includes its codes.
        """
        cdef Py_ssize_t size, end, dash
        cdef Py_ssize_t start = 0
        cdef const char* text = PyUnicode_AsUTF8AndSize(cell, &size)
        result = []
        while start < size:
            if blank(text[start]):
                start += 1
                continue
            end = start
            dash = 0
            while end < size and not blank(text[end]):
                if text[end] == c"-" and not dash:
                    dash = end
                end += 1
            if dash:
                result.append((self._first(text + start, dash - start), self._last(text + dash + 1, end - dash - 1)))
            else:
                result.append((self._first(text + start, end - start), self._last(text + start, end - start)))
            start = end
        return result

    cdef Py_ssize_t _first(self, const char* text, Py_ssize_t size):
        """The id of a code as it stands, or of the first code after it in string order."""
        cdef Py_ssize_t found = self.find(text, size) if size > 3 else 0
        return found or bisect_left(self.codes, text[:size].decode(), 1)

    cdef Py_ssize_t _last(self, const char* text, Py_ssize_t size):
        """The id of a code as it stands, or of the last code before it; of a category the last of its codes."""
        cdef Py_ssize_t found = self.find(text, size) if size > 3 else 0
        return found or bisect_left(self.codes, text[:size].decode() + ("~" if size == 3 else "\0"), 1) - 1

    cdef code_t find(self, const char* text, Py_ssize_t size) noexcept nogil:
        cdef char padded[4]
        cdef int slot
        if size == 3 and self.pads:
            padded[0] = text[0]
            padded[1] = text[1]
            padded[2] = text[2]
            padded[3] = c'X'
            slot = _code_slot(padded, 4)
        else:
            slot = _code_slot(text, size)
        return self.slots[slot] if slot >= 0 else 0

    def encode(self, str text not None):
        """The id of a code as a user may write it (dots, lower case, blanks); 0 if it is not in the code set."""
        cdef char cleaned[CELL_ROOM]
        raw = text.encode()
        return self.find(cleaned, clean_code(raw, len(raw), cleaned))


cdef class ValueSet:
    def __init__(self, values, bint exact=False):
        self.values = ("", *values)
        self.exact = exact
        if len(self.values) > 256:
            raise ValueError(f"{len(self.values) - 1} values are more than a field can list")
        slots = bytearray(VALUE_SLOTS)
        cdef Py_ssize_t i, size
        cdef int slot
        cdef const char* start
        for i in range(1, len(self.values)):
            raw = self.values[i].encode()
            size = self.clean(raw, len(raw), &start)
            slot = value_slot(start, size)
            if slot < 0:
                raise ValueError(f"{self.values[i]!r} is not of the form of a listed value")
            slots[slot] = i
        self.slots = bytes(slots)

    def encode(self, str text not None):
        """The id of a value as a user may write it; 0 if it is not accepted."""
        cdef const char* start
        raw = text.encode()
        cdef Py_ssize_t size = self.clean(raw, len(raw), &start)
        cdef int slot = value_slot(start, size)
        return self.slots[slot] if slot >= 0 else 0

    cdef Py_ssize_t clean(self, const char* text, Py_ssize_t size, const char** start) noexcept nogil:
        """As `clean_value`; where zeros are significant they stay."""
        if not self.exact:
            return clean_value(text, size, start)
        trim(&text, &size)
        start[0] = text
        return size


cdef class Owners:
    """Which row of a table speaks for each code, so that two rows of one layer never do, and a later layer overrides."""

    def __init__(self, Py_ssize_t codes):
        self.row = array("i", [-1]) * (codes + 1)
        self._row = self.row
        self._layer = array("b", [-1]) * (codes + 1)

    def claim(self, Py_ssize_t first, Py_ssize_t last, int row, signed char layer):
        """Makes a row the owner of codes first to last; returns the first code that another row of the layer owns, or 0."""
        cdef Py_ssize_t code
        cdef Py_ssize_t twice = 0
        if not 0 < first <= last < self._row.shape[0]:
            raise IndexError("no such codes")
        for code in range(first, last + 1):
            if layer >= 0 and self._layer[code] == layer and not twice:
                twice = code
            self._layer[code] = layer
            self._row[code] = row
        return twice

    def spread(self, values not None, str typecode not None):
        """An array by code: for each code the value of the row that speaks for it, 0 where no row does."""
        cdef const int32_t[::1] by_row = array("i", values)
        cdef Py_ssize_t code
        result = array(typecode, bytes(array(typecode).itemsize * self._row.shape[0]))
        cdef uint8_t[::1] narrow
        cdef code_t[::1] wide
        if typecode == "B":
            narrow = result
            for code in range(self._row.shape[0]):
                if self._row[code] >= 0:
                    narrow[code] = <uint8_t>by_row[self._row[code]]
        else:
            wide = result
            for code in range(self._row.shape[0]):
                if self._row[code] >= 0:
                    wide[code] = <code_t>by_row[self._row[code]]
        return result


cdef inline Py_ssize_t _pair(const char* text) noexcept nogil:
    return <uint8_t>text[0] << 8 | <uint8_t>text[1]


cdef class Scores(Owners):
    """What each code scores: a line of its points in each subchapter, then the grades of these, each 0 where it has none.

    Rows of one layer add to the line of a code; a later layer starts it anew.
    """

    def __init__(self, Py_ssize_t codes, subchapters not None):
        """`subchapters` are the names of the columns."""
        super().__init__(codes)
        self._columns = bytearray(1 << 16)
        self._width = 0
        for name in subchapters:
            raw = name.encode()
            self._width += 1
            if self._width > 255:
                raise ValueError("there are more than 255 subchapters")
            if len(raw) == 2:  # no cell can name another
                self._columns[_pair(raw)] = self._width
        self._lines = bytearray(2 * self._width * (codes + 1))

    cdef bytes _columns_of(self, str names):
        """The columns of names separated by blanks."""
        cdef Py_ssize_t size, end, start = 0
        cdef const char* text = PyUnicode_AsUTF8AndSize(names, &size)
        columns = bytearray()
        while start < size:
            end = start
            while end < size and not blank(text[end]):
                end += 1
            if end > start:
                if end - start != 2 or not self._columns[_pair(text + start)]:
                    raise KeyError(text[start:end].decode())
                columns.append(self._columns[_pair(text + start)] - 1)
            start = end + 1
        return bytes(columns)

    def score(self, spans not None, str names not None, int row, signed char layer, uint8_t points, uint8_t grade):
        """Gives the codes of some spans points in the named subchapters, and makes the row their owner.

        Returns the codes to which another row of the layer gave points in the same subchapter. Raises KeyError for an unknown name.
        """
        cdef Py_ssize_t first, last, code
        cdef uint8_t* line
        cdef bytes columns = self._columns_of(names)
        twice = []
        for first, last in spans:
            if not 0 < first <= last < self._row.shape[0]:
                raise IndexError("no such codes")
            for code in range(first, last + 1):
                line = <uint8_t*>PyByteArray_AS_STRING(self._lines) + code * 2 * self._width
                if self._layer[code] != layer:
                    memset(line, 0, 2 * self._width)
                if points and self._add(line, columns, points, grade):
                    twice.append(code)
                self._row[code] = row
                self._layer[code] = layer
        return twice

    cdef bint _add(self, uint8_t* line, bytes columns, uint8_t points, uint8_t grade):
        """Writes points and grade into a line; tells whether there were points before."""
        cdef uint8_t column
        cdef bint before = False
        for column in columns:
            before |= line[column] != 0
            line[column] = points
            line[self._width + column] = grade
        return before

    def classes(self):
        """Codes that score alike share a class, 0 if they score nothing: the class of each code, and the line of each class."""
        cdef Py_ssize_t code, size = 2 * self._width
        cdef code_t[::1] by_code
        cdef const char* lines = PyByteArray_AS_STRING(self._lines)
        numbers = {bytes(size): 0}
        result = array("H", bytes(2 * self._row.shape[0]))
        by_code = result
        for code in range(1, self._row.shape[0]):
            if self._row[code] < 0:
                continue
            if self._row[code] == self._row[code - 1] and not memcmp(lines + code * size, lines + (code - 1) * size, size):
                by_code[code] = by_code[code - 1]
            else:
                by_code[code] = numbers.setdefault(lines[code * size:(code + 1) * size], len(numbers))
        return result, list(numbers)


def set_bits(uint64_t[::1] matrix not None, Py_ssize_t words, spans, Py_ssize_t number):
    """Sets the bit of a number in the rows of some spans, in a matrix of so many words a row."""
    cdef Py_ssize_t first, last, row
    cdef Py_ssize_t word = number >> 6
    cdef uint64_t bit = <uint64_t>1 << (number & 63)
    for first, last in spans:
        if not 0 <= first <= last < matrix.shape[0] // words:
            raise IndexError("no such rows")
        for row in range(first, last + 1):
            matrix[row * words + word] |= bit
