"""Lines of output files, made from columns of ids without a Python object a cell."""
from array import array
from itertools import accumulate

from libc.stdlib cimport free, realloc
from libc.string cimport memcpy

from hrgcore._core.csvfile cimport Cell

cdef enum:
    DIGITS = 20
    FIRST_ROOM = 1 << 16


cdef class Texts:
    def __init__(self, texts):
        encoded = [text.encode() for text in texts]
        start = array("i", [0])
        start.extend(accumulate([len(text) for text in encoded]))
        self.data = b"".join(encoded)
        self.start = start


cdef class Lines:
    def __dealloc__(self):
        free(self.data)

    cdef void add(self, const char* text, Py_ssize_t size) noexcept nogil:
        cdef Py_ssize_t room = self.room if self.room else FIRST_ROOM
        cdef char* grown
        if self.used + size > self.room:
            while room < self.used + size:
                room *= 2
            grown = <char*>realloc(self.data, room)
            if grown == NULL:
                self.overflowed = True
                return
            self.data = grown
            self.room = room
        memcpy(self.data + self.used, text, size)
        self.used += size

    cdef void cell(self, const char* text, Py_ssize_t size) noexcept nogil:
        """A further cell of the line."""
        self.add(",", 1)
        self.add(text, size)

    cdef void digits(self, int64_t number) noexcept nogil:
        cdef char digits[DIGITS]
        cdef int place = DIGITS
        while True:
            place -= 1
            digits[place] = c"0" + <char>(number % 10)
            number //= 10
            if number == 0:
                break
        self.add(digits + place, DIGITS - place)

    cdef void number(self, int64_t number) noexcept nogil:
        """A number as a further cell."""
        self.add(",", 1)
        if number < 0:
            self.add("-", 1)
        self.digits(number if number >= 0 else -number)

    cdef void text(self, Texts texts, Py_ssize_t number) noexcept nogil:
        cdef Py_ssize_t size = texts.start[number + 1] - texts.start[number]
        self.add(",", 1)
        if size:
            self.add(<const char*>&texts.data[texts.start[number]], size)


# --- columns -------------------------------------------------------------------------------------------------------

cdef class Column:
    """One or several cells of each line."""

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        pass


cdef class TextColumn(Column):
    """The text of an id."""

    def __init__(self, Texts texts not None, ids not None):
        self.texts = texts
        if ids.itemsize == 1:
            self.narrow = ids
        else:
            self.wide = ids
        self.is_narrow = ids.itemsize == 1

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        lines.text(self.texts, self.narrow[row] if self.is_narrow else self.wide[row])


cdef class NumberColumn(Column):
    """A number; blank where it is below 0, unless negative numbers mean something."""

    def __init__(self, numbers not None, bint negative=False):
        self.negative = negative
        if numbers.itemsize == 1:
            self.narrow = numbers
        else:
            self.wide = numbers
        self.is_narrow = numbers.itemsize == 1

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        cdef int64_t number = self.narrow[row] if self.is_narrow else self.wide[row]
        if number < 0 and not self.negative:
            lines.add(",", 1)
        else:
            lines.number(number)


cdef class LetterColumn(Column):
    """A single character by its number; blank where that is 0."""

    def __init__(self, letters not None):
        self.letters = letters

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        cdef char letter = self.letters[row]
        lines.cell(&letter, 1 if letter else 0)


cdef class FlagColumn(Column):
    """A letter where a flag is set, else blank."""

    def __init__(self, flags not None, bytes letter not None):
        self.flags = flags
        self.letter = letter

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        lines.cell(self.letter, len(self.letter) if self.flags[row] else 0)


cdef class ConstantColumn(Column):
    """The same cells on every line, such as `0,,,`."""

    def __init__(self, bytes cells not None):
        self.cells = cells

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        lines.cell(self.cells, len(self.cells))


cdef class BytesColumn(Column):
    """A list of texts."""

    def __init__(self, list cells not None):
        self.cells = cells

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        cdef bytes cell = self.cells[row]
        lines.cell(cell, len(cell))


cdef class RaggedColumn(Column):
    """The last cells of a line: as many as a row has texts, and at least one."""

    def __init__(self, dict cells not None):
        self.cells = cells

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        cdef bytes cell
        texts = self.cells.get(row) if self.cells else None
        if texts is None:
            lines.add(",", 1)
            return
        for cell in texts:
            lines.cell(cell, len(cell))


cdef class KeyColumn(Column):
    """A cell of the input that has a part in its order, cut and trimmed."""

    def __init__(self, RecordFile file not None, uint8_t part):
        self.file = file
        self.part = part

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        cdef Cell cell
        self.file.key_cell(row, self.part, &cell)
        lines.cell(cell.text, cell.size)


cdef class MappedColumns(Column):
    """Columns that are read at another row, such as those of the spell of an episode."""

    def __init__(self, tuple columns not None, const int32_t[::1] rows not None):
        self.columns = columns
        self.rows = rows

    cdef void write(self, Lines lines, Py_ssize_t row) noexcept:
        cdef Column column
        for column in self.columns:
            column.write(lines, self.rows[row])


cdef class TableWriter:
    def __init__(self, RecordFile file not None, bytes newline not None, columns, bint echo, const int32_t[::1] rows=None):
        """Lines of RowNo and the columns, with the input line before it if `echo`; `rows` is the input row of each line, if it is another."""
        self.file = file
        self.newline = newline
        self.columns = tuple(columns)
        self.echo = echo
        self.rows = rows
        self.mapped = rows is not None
        self.texts = Lines()

    def lines(self, Py_ssize_t first, Py_ssize_t end):
        """Lines first to end - 1, as bytes."""
        cdef Py_ssize_t line, row
        cdef Column column
        self.texts.used = 0
        for line in range(first, end):
            row = self.rows[line] if self.mapped else line
            if self.echo:
                self.texts.add(<const char*>&self.file.bytes[self.file.starts[row]], self.file.ends[row] - self.file.starts[row])
                self.texts.add(",", 1)
            self.texts.digits(row + 1)
            for column in self.columns:
                column.write(self.texts, line)
            self.texts.add(self.newline, len(self.newline))
        if self.texts.overflowed:
            raise MemoryError("no memory for the output lines")
        return self.texts.data[:self.texts.used] if self.texts.used else b""
