"""Lines of output files, made from columns of ids without a Python object a cell."""
import sys
from array import array
from itertools import accumulate

from cpython.buffer cimport PyBuffer_FillInfo
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcpy

cimport cython

cdef enum:
    DIGITS = 20
    FIRST_ROOM = 1 << 16
    SHORT = 7                 # bytes of a text that fits into a number with its comma
    TEN = 10
    MOST_JOINED = 0x7FFFFFFF  # bytes


cdef class Texts:
    def __init__(self, texts):
        encoded = [text if isinstance(text, bytes) else text.encode() for text in texts]
        start = array("i", [0])
        start.extend(accumulate([len(text) for text in encoded]))
        self.data = b"".join(encoded) or b"\0"
        self.start = start
        self.longest = max([len(text) for text in encoded], default=0)
        self.words = array("Q", [int.from_bytes((b"," + text)[:SHORT + 1].ljust(SHORT + 1, b"\0"), sys.byteorder) for text in encoded] or [0])
        self.sizes = bytes([len(text) + 1 if len(text) <= SHORT else 0 for text in encoded]) or b"\0"

    def __len__(self):
        return self.start.shape[0] - 1


@cython.final
cdef class Lines:
    """Offers its text as a buffer; nothing may be added while one is in use."""

    def __dealloc__(self):
        free(self.data)

    def __len__(self):
        return self.used

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        if self.overflowed:
            raise MemoryError("no memory for the output lines")
        PyBuffer_FillInfo(buffer, self, self.data, self.used, True, flags)
        self.exported += 1

    def __releasebuffer__(self, Py_buffer* buffer):
        self.exported -= 1

    def clear(self):
        """Empties it and keeps its memory."""
        if self.exported:
            raise BufferError("the lines are in use")
        self.used = 0

    cdef bint reserve(self, Py_ssize_t size) noexcept nogil:
        """Makes room for so many further bytes."""
        cdef Py_ssize_t room = self.room if self.room else FIRST_ROOM
        cdef char* grown
        if self.used + size <= self.room:
            return True
        while room < self.used + size:
            room *= 2
        grown = <char*>realloc(self.data, room)
        if grown == NULL:
            self.overflowed = True
            return False
        self.data = grown
        self.room = room
        return True

    cdef void add(self, const char* text, Py_ssize_t size) noexcept nogil:
        """There is room."""
        memcpy(self.data + self.used, text, size)
        self.used += size

    cdef void digits(self, int64_t number) noexcept nogil:
        """There is room for DIGITS bytes."""
        self.used = put_digits(self.data + self.used, number) - self.data


# What writes a cell returns where the next one begins; there is always room.

cdef inline char* put_bytes(char* at, const char* text, Py_ssize_t size) noexcept nogil:
    memcpy(at, text, size)
    return at + size


cdef char* put_digits(char* at, int64_t number) noexcept nogil:
    cdef char digits[DIGITS]
    cdef int place = DIGITS
    if number < TEN:
        at[0] = c"0" + <char>number
        return at + 1
    while number:
        place -= 1
        digits[place] = c"0" + <char>(number % TEN)
        number //= TEN
    return put_bytes(at, digits + place, DIGITS - place)


cdef inline char* put_number(char* at, int64_t number) noexcept nogil:
    """A number as a further cell."""
    at[0] = c","
    at += 1
    if number < 0:
        at[0] = c"-"
        at += 1
        number = -number
    return put_digits(at, number)


cdef inline char* put_text(char* at, const Source* source, Py_ssize_t number) noexcept nogil:
    """A text as a further cell; writes eight bytes even if it is shorter."""
    if source.sizes[number]:
        memcpy(at, &source.words[number], sizeof(uint64_t))
        return at + source.sizes[number]
    at[0] = c","
    return put_bytes(at + 1, source.texts + source.start[number], source.start[number + 1] - source.start[number])


cdef char* put_unbundled(char* at, const Source* source, const int32_t* event) noexcept nogil:
    """An unbundled HRG as a further cell, with the days that multiply it."""
    at = put_text(at, source, event[1])
    if event[2]:
        at[0] = c"*"
        at = put_digits(at + 1, event[2])
    return at


cdef char* put_cells(char* at, const Source* source, Py_ssize_t line) noexcept nogil:
    """The cells of a column that needs no line of the input."""
    cdef int32_t number
    cdef Py_ssize_t i
    cdef ColumnKind kind = source.kind
    if source.rows != NULL and kind != COLUMN_UNBUNDLED:
        line = source.rows[line]
    if kind == COLUMN_WIDE_TEXT:
        return put_text(at, source, (<const uint16_t*>source.cells)[line])
    if kind == COLUMN_NARROW_TEXT:
        return put_text(at, source, (<const uint8_t*>source.cells)[line])
    if kind == COLUMN_BYTES:
        return put_text(at, source, line)
    if kind == COLUMN_JOINED:
        return put_bytes(at, source.texts + source.start[line], source.start[line + 1] - source.start[line])
    if kind == COLUMN_SIGNED:
        return put_number(at, (<const int32_t*>source.cells)[line])
    if kind == COLUMN_DIGIT:
        return put_number(at, (<const uint8_t*>source.cells)[line])
    if kind == COLUMN_UNBUNDLED and source.rows[line] < source.rows[line + 1]:
        for i in range(source.rows[line], source.rows[line + 1]):
            at = put_unbundled(at, source, <const int32_t*>source.cells + 4 * i)
        return at
    at[0] = c","
    at += 1
    if kind == COLUMN_NUMBER:
        number = (<const int32_t*>source.cells)[line]
        return put_digits(at, number) if number >= 0 else at
    if kind == COLUMN_LETTER:
        at[0] = (<const char*>source.cells)[line]
        return at + (at[0] != 0)
    if kind == COLUMN_FLAG:
        return put_bytes(at, source.texts, source.size if (<const uint8_t*>source.cells)[line] else 0)
    if kind == COLUMN_CONSTANT:
        return put_bytes(at, source.texts, source.size)
    return at


# --- columns -------------------------------------------------------------------------------------------------------

cdef void _show(Source* source, Texts texts):
    source.words = &texts.words[0]
    source.sizes = &texts.sizes[0]
    source.texts = <const char*>&texts.data[0]
    source.start = &texts.start[0]
    source.widest = max(texts.longest + 1, <Py_ssize_t>sizeof(uint64_t))


cdef const void* _start_of(object cells, Column column):
    """The memory of some cells, which the column keeps alive."""
    cdef const uint8_t[::1] view
    shown = memoryview(cells)
    column.rows = len(shown)
    if len(shown) == 0:
        return NULL
    view = shown.cast("B") if shown.format != "B" else shown
    column.owners += (cells, view)
    return &view[0]


cdef class Column:
    def __cinit__(self):
        self.owners = ()
        self.rows = -1


cdef class TextColumn(Column):
    """The text of an id."""

    def __init__(self, Texts texts not None, ids not None):
        _show(&self.source, texts)
        self.source.cells = _start_of(ids, self)
        self.source.kind = COLUMN_NARROW_TEXT if memoryview(ids).itemsize == 1 else COLUMN_WIDE_TEXT
        self.owners += (texts,)


cdef class NumberColumn(Column):
    """A number; blank where it is below 0, unless negative numbers mean something."""

    def __init__(self, numbers not None, bint negative=False):
        self.source.cells = _start_of(numbers, self)
        self.source.kind = COLUMN_DIGIT if memoryview(numbers).itemsize == 1 else COLUMN_SIGNED if negative else COLUMN_NUMBER
        self.source.widest = DIGITS + 2


cdef class LetterColumn(Column):
    """A single character by its number; blank where that is 0."""

    def __init__(self, letters not None):
        self.source.cells = _start_of(letters, self)
        self.source.kind = COLUMN_LETTER
        self.source.widest = 2


cdef class FlagColumn(Column):
    """A text where a flag is set, else blank."""

    def __init__(self, flags not None, bytes text not None):
        self.source.cells = _start_of(flags, self)
        self.source.kind = COLUMN_FLAG
        self.source.texts = text
        self.source.size = len(text)
        self.source.widest = len(text) + 1
        self.owners += (text,)


cdef class ConstantColumn(Column):
    """The same cells on every line, such as `0,,,`."""

    def __init__(self, bytes cells not None):
        self.source.kind = COLUMN_CONSTANT
        self.source.texts = cells
        self.source.size = len(cells)
        self.source.widest = len(cells) + 1
        self.owners = (cells,)


cdef class BytesColumn(Column):
    """A list of texts."""

    def __init__(self, list cells not None):
        texts = Texts(cells)
        _show(&self.source, texts)
        self.source.kind = COLUMN_BYTES
        self.rows = len(cells)
        self.owners = (texts,)


cdef class UnbundledColumn(Column):
    """The last cells of a line: as many as a row has unbundled HRGs, with the days that multiply them, and at least one."""

    def __init__(self, Texts hrgs not None, Events events not None, Py_ssize_t rows):
        cdef Py_ssize_t row
        cdef Py_ssize_t event = 0
        cdef Py_ssize_t last = len(events)
        _show(&self.source, hrgs)
        self.source.kind = COLUMN_UNBUNDLED
        self.rows = rows
        self.events = events
        first = array("q", [0]) * (rows + 1)
        self.first = first
        for row in range(rows):
            self.first[row] = event
            while event < last and events.data[event * events.width] == row:
                event += 1
        self.first[rows] = event
        self._take(hrgs, first)

    cdef _take(self, hrgs, first):
        # longest runs are bounded by the writer, which makes room for each cell
        self.source.cells = <const void*>self.events.data
        self.source.rows = &self.first[0]
        self.owners = (hrgs, first, self.events)

    def by_spell(self, const int64_t[::1] starts not None):
        """The same for spells: the unbundled HRGs of all their episodes."""
        cdef UnbundledColumn column = UnbundledColumn.__new__(UnbundledColumn)
        cdef Py_ssize_t spell
        column.source = self.source
        column.events = self.events
        column.rows = starts.shape[0] - 1
        first = array("q", [0]) * starts.shape[0]
        column.first = first
        for spell in range(starts.shape[0]):
            column.first[spell] = self.first[starts[spell]]
        column._take(self.owners[0], first)
        return column


    def write_keys(self, Lines out not None, int64_t number, bytes newline not None):
        """A line of row number, iteration and HRG for each unbundled HRG; `number` is that of rows before the first."""
        cdef Py_ssize_t row, i
        cdef char* at
        cdef const int32_t* event
        for row in range(self.rows):
            for i in range(self.first[row], self.first[row + 1]):
                event = self.events.data + i * self.events.width
                if not out.reserve(4 * DIGITS + self.source.widest + len(newline)):
                    raise MemoryError("no memory for the output lines")
                at = put_number(put_digits(out.data + out.used, number + row + 1), i - self.first[row] + 1)
                out.used = put_unbundled(at, &self.source, event) - out.data
                out.add(newline, len(newline))


cdef class KeyColumn(Column):
    """A cell of the input that has a part in its order, cut and trimmed; empty if the input has no such column."""

    def __init__(self, RecordLines lines not None, int part):
        cdef Py_ssize_t column
        self.source.kind = COLUMN_CONSTANT
        self.source.texts = ""
        self.source.widest = lines.longest + 2
        for column in range(lines.plan.columns):
            if lines.plan.sort_part[column] == part:
                self.source.kind = COLUMN_KEY
                self.source.size = column
                return


cdef class JoinedColumns(Column):
    """Columns whose cells are written once, for several files to repeat."""

    def __init__(self, tuple columns not None, Py_ssize_t rows):
        cdef Py_ssize_t row
        cdef Column column
        cdef Py_ssize_t widest = 0
        cdef char* at
        cdef Source* sources = <Source*>calloc(max(1, len(columns)), sizeof(Source))
        cdef Py_ssize_t i, n = len(columns)
        cdef Lines text = Lines()
        if sources == NULL:
            raise MemoryError("no memory for the columns of an output file")
        for i in range(n):
            column = columns[i]
            if column.source.kind in (COLUMN_KEY, COLUMN_UNBUNDLED) or 0 <= column.rows < rows:
                free(sources)
                raise ValueError("a column cannot be joined, or is too short")
            sources[i] = column.source
            widest += column.source.widest
        start = array("i", [0]) * (rows + 1)
        cdef int32_t[::1] ends = start
        with nogil:
            for row in range(rows):
                if not text.reserve(widest):
                    break
                at = text.data + text.used
                for i in range(n):
                    at = put_cells(at, &sources[i], row)
                text.used = at - text.data
                ends[row + 1] = <int32_t>text.used
        free(sources)
        if text.overflowed or text.used > MOST_JOINED:
            raise MemoryError("no memory for the columns of an output file")
        self.source.kind = COLUMN_JOINED
        self.source.texts = text.data
        self.source.start = &ends[0]
        self.source.widest = widest
        self.rows = rows
        self.owners = (text, start)


cdef class MappedColumns(Column):
    """Columns that are read at another row, such as those of the spell of an episode."""

    def __init__(self, tuple columns not None, const int64_t[::1] rows not None):
        cdef Py_ssize_t i
        cdef int64_t low = 0
        cdef int64_t high = -1
        self.columns = columns
        self.rows = rows.shape[0]
        for i in range(rows.shape[0]):
            low = min(low, rows[i])
            high = max(high, rows[i])
        if low < 0 or any([0 <= column.rows <= high for column in columns]):
            raise IndexError("a line reads at a row that a column does not have")
        self.source.rows = &rows[0] if rows.shape[0] else NULL
        self.owners = (rows,)


# --- tables --------------------------------------------------------------------------------------------------------

@cython.final
cdef class TableWriter:
    def __cinit__(self, *args, **kwargs):
        self.sources = NULL

    def __init__(self, RecordLines lines not None, Py_ssize_t first, int64_t number, bytes newline not None, columns, bint echo, rows=None):
        """Lines of RowNo and the columns, with the input line before it if `echo`.

        `first` is the row of `lines` with which the span begins, `number` that of rows before the span; `rows` is the row of the span that
        each line belongs to, if it is not the line's own number.
        """
        cdef Py_ssize_t i
        self.lines = lines
        self.first = first
        self.number = number
        self.newline = newline
        self.newline_text = newline
        self.newline_size = len(newline)
        self.echo = echo
        self.row_owner = rows
        if rows is not None:
            self.rows = rows
        flat = []
        for column in columns:
            if isinstance(column, MappedColumns):
                flat.extend([(part, column) for part in column.columns])
            else:
                flat.append((column, None))
        self.columns = tuple(flat)
        self.sources = <Source*>calloc(max(1, len(flat)), sizeof(Source))
        if self.sources == NULL:
            raise MemoryError("no memory for the columns of an output file")
        self.n_sources = len(flat)
        self.widest = DIGITS + len(newline) + sizeof(uint64_t)
        for i in range(self.n_sources):
            self.sources[i] = (<Column>flat[i][0]).source
            if flat[i][1] is not None:
                self.sources[i].rows = (<Column>flat[i][1]).source.rows
            self.widest += self.sources[i].widest

    def __dealloc__(self):
        free(self.sources)

    def write(self, Lines out not None, Py_ssize_t count):
        """Adds the first so many lines to the output."""
        cdef Py_ssize_t line
        cdef bint mapped = self.row_owner is not None
        for column, place in self.columns:
            rows = (column if place is None else place).rows
            if 0 <= rows < count:
                raise IndexError(f"a column has {rows} rows for {count} lines")
        if mapped and self.rows.shape[0] < count:
            raise IndexError(f"there are rows for {self.rows.shape[0]} lines, not {count}")
        if not mapped and self.first + count > self.lines.rows:
            raise IndexError("there are not so many lines of input")
        with nogil:
            for line in range(count):
                self.write_line(out, line, self.rows[line] if mapped else line)
        if out.overflowed:
            raise MemoryError("no memory for the output lines")

    cdef void write_line(self, Lines out, Py_ssize_t line, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t i
        cdef Py_ssize_t size = self.lines.lines[self.first + row].size if self.echo else 0
        cdef char* at
        if not out.reserve(self.widest + size + 1 + self.unbundled_room(line)):
            return
        at = out.data + out.used
        if self.echo:
            at = put_bytes(at, self.lines.lines[self.first + row].text, size)
            at[0] = c","
            at += 1
        at = put_digits(at, self.number + row + 1)
        for i in range(self.n_sources):
            at = self.write_cells(at, &self.sources[i], line)
        out.used = put_bytes(at, self.newline_text, self.newline_size) - out.data

    cdef Py_ssize_t unbundled_room(self, Py_ssize_t line) noexcept nogil:
        """The bytes that the unbundled HRGs of a line may take; only the last column can hold them."""
        cdef const Source* source = &self.sources[self.n_sources - 1]
        if self.n_sources == 0 or source.kind != COLUMN_UNBUNDLED:
            return 0
        return (source.rows[line + 1] - source.rows[line]) * (source.widest + DIGITS + 1)

    cdef char* write_cells(self, char* at, const Source* source, Py_ssize_t line) noexcept nogil:
        if source.kind != COLUMN_KEY:
            return put_cells(at, source, line)
        at[0] = c","
        return at + 1 + self.lines.cut_cell(self.first + (source.rows[line] if source.rows != NULL else line), source.size, at + 1)
