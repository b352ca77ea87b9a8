"""Messages about faults: a cell as they show it, and the lines of the quality files."""
from array import array

from hrgcore._core.codes cimport clean_value, trim
from hrgcore._core.events cimport Events
from hrgcore._core.typedefs cimport *

cdef enum:
    CATEGORY = 3              # characters of a diagnosis category
    NUMBER_ROOM = 24
    ASCII = 128
    WIDEST = 3                # bytes of the character that stands for a byte that is none


cdef Py_ssize_t show(uint8_t how, const char* text, Py_ssize_t size, char* out) noexcept nogil:
    """Writes a cell as a message shows it, up to one byte longer than it is; returns the size."""
    cdef Py_ssize_t i
    cdef Py_ssize_t n = 0
    cdef Py_ssize_t characters = 0
    if how == SHOWN_NUMBER:
        size = clean_value(text, size, &text)
    else:
        trim(&text, &size)
    for i in range(size):
        if how >= SHOWN_CODE and text[i] == c".":
            continue
        out[n] = text[i] - 32 if how >= SHOWN_CODE and c"a" <= text[i] <= c"z" else text[i]
        characters += (text[i] & 0xC0) != 0x80
        n += 1
    if how == SHOWN_DIAGNOSIS and characters == CATEGORY:
        out[n] = c"X"
        n += 1
    return n


def shown(int how, str cell not None):
    """A cell as a message shows it."""
    raw = cell.encode()
    room = bytearray(len(raw) + 1)
    cdef char* out = room
    cdef Py_ssize_t size = show(how, raw, len(raw), out)
    return room[:size].decode()


cdef class FaultTexts:
    def __init__(self, names, texts, shown):
        """`names` are those of fields by field code, `texts` those of messages by id, `shown` says how a cell is shown, by field."""
        self.names = Texts(names)
        self.texts = Texts(texts)
        self.shown = bytes(shown)
        if len(self.shown) * CELLS > len(names):
            raise ValueError("there are fields without names")


cdef class FaultWriter:
    def __init__(self, FaultTexts texts not None, columns, bytes newline not None):
        """`columns` are those of the input by field code, -1 = none."""
        self.texts = texts
        self.column = array("i", columns)
        self.newline = newline
        self.newline_text = newline
        self.newline_size = len(newline)
        self.counts = array("q", bytes(8 * len(texts.texts)))
        self._counts = self.counts
        if self.column.shape[0] != len(texts.names):
            raise ValueError("there must be a column for each name of a field")

    def write(self, Events faults not None, RecordLines lines not None, Py_ssize_t first, int64_t number, Lines whole, Lines keys):
        """Writes the sorted faults of a span of rows: `whole` repeats the input line and has one line a row, `keys` one a fault.

        `first` is the row of `lines` with which the span begins, `number` that of rows before it in the whole run. Either output may
        be None.
        """
        cdef Py_ssize_t i, row
        cdef Py_ssize_t last = -1
        cdef Py_ssize_t iteration = 0
        cdef const int32_t* fault
        cdef bint has_whole = whole is not None
        cdef bint has_keys = keys is not None
        for i in range(len(faults)):
            fault = faults.data + i * faults.width
            if not 0 <= first + fault[0] < lines.rows or not 0 <= fault[2] < len(self.texts.names) \
                    or not 0 <= fault[3] < len(self.texts.texts):
                raise IndexError("a fault has no such row, field or message")
        with nogil:
            for i in range(faults.used // faults.width):
                fault = faults.data + i * faults.width
                row = fault[0]
                self._counts[fault[3]] += 1
                iteration = iteration + 1 if row == last else 1
                if has_whole:
                    if row != last:
                        if last >= 0:
                            self.end_line(whole)
                        self.start_line(lines, whole, first + row, number + row + 1)
                    self.write_fault(lines, whole, first + row, fault, c",", c"|")
                if has_keys and keys.reserve(2 * NUMBER_ROOM):
                    keys.digits(number + row + 1)
                    keys.add(",", 1)
                    keys.digits(iteration)
                    self.write_fault(lines, keys, first + row, fault, c",", c",")
                    self.end_line(keys)
                last = row
            if has_whole and last >= 0:
                self.end_line(whole)
        if (has_whole and whole.overflowed) or (has_keys and keys.overflowed):
            raise MemoryError("no memory for the messages of this run")

    cdef void start_line(self, RecordLines lines, Lines out, Py_ssize_t row, int64_t number) noexcept nogil:
        if out.reserve(lines.lines[row].size + NUMBER_ROOM):
            out.add(lines.lines[row].text, lines.lines[row].size)
            out.add(",", 1)
            out.digits(number)

    cdef void end_line(self, Lines out) noexcept nogil:
        if out.reserve(self.newline_size):
            out.add(self.newline_text, self.newline_size)

    cdef void write_fault(self, RecordLines lines, Lines out, Py_ssize_t row, const int32_t* fault, char before, char between) noexcept nogil:
        """Field, cell and text."""
        if not out.reserve(lines.lines[row].size * WIDEST + self.texts.names.longest + self.texts.texts.longest + 4):
            return
        out.add(&before, 1)
        self.write_text(out, self.texts.names, fault[2])
        out.add(&between, 1)
        if fault[1] != PHASE_SPELL:
            self.write_cell(lines, out, row, fault)
        out.add(&between, 1)
        self.write_text(out, self.texts.texts, fault[3])

    cdef void write_text(self, Lines out, Texts texts, Py_ssize_t number) noexcept nogil:
        out.add(<const char*>&texts.data[0] + texts.start[number], texts.start[number + 1] - texts.start[number])

    cdef void write_cell(self, RecordLines lines, Lines out, Py_ssize_t row, const int32_t* fault) noexcept nogil:
        cdef const char* text
        cdef Py_ssize_t i, size
        cdef int32_t column = self.column[fault[2]]
        cdef uint8_t how = self.texts.shown[fault[2] // CELLS]
        if column < 0:
            return
        size = lines.find_cell(row, column, &text)
        if column < lines.plan.columns and lines.plan.template[column] >= 0:
            for i in range(size):
                if <uint8_t>text[i] >= ASCII:
                    self.write_cut(out, lines, row, column, how)
                    return
            size = lines.plan.cut(column, text, size, out.data + out.used)
            text = out.data + out.used
        out.used += show(how, text, size, out.data + out.used)

    cdef void write_cut(self, Lines out, RecordLines lines, Py_ssize_t row, int32_t column, uint8_t how) noexcept with gil:
        """A picture may have cut a character in two."""
        text = shown(how, lines.cell(row, column).decode(errors="replace")).encode()
        out.add(text, len(text))
