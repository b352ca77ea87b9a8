"""The official CSV form, read from memory: lines found, sorted, encoded without a Python object a cell."""
from array import array

from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memchr, memcmp

from hrgcore._core.codes cimport trim
from hrgcore._core.encode cimport put_cell, read_number
from hrgcore._core.typedefs cimport *

# The part of a column in the order of the rows.
cpdef enum SortPart:
    SORT_NONE = 0
    SORT_PROVIDER
    SORT_LOCAL
    SORT_ORDER

cdef enum:
    KEEP = 65                 # A in a picture; anything else drops the character


cdef class CellPlan:
    def __init__(self, kinds, places, sort_parts, pictures, extracts):
        """One entry a column: CellKind, place, SortPart, picture (bytes, empty = all), extract (bytes of the characters to remove)."""
        self.columns = len(kinds)
        self.kind = bytes(kinds)
        self.sort_part = bytes(sort_parts)
        self.sorts = any(sort_parts)
        self.place = array("i", places)
        template, removed, picture, start = array("i"), bytearray(), bytearray(), array("i", [0])
        for column in range(self.columns):
            if not pictures[column] and not extracts[column]:
                template.append(-1)
                continue
            template.append(len(start) - 1)
            flags = bytearray(256)
            for character in extracts[column]:
                flags[character] = 1
            removed += flags
            picture += pictures[column]
            start.append(len(picture))
        self.template = template
        self.removed = bytes(removed)
        self.picture = bytes(picture)
        self.picture_start = start
        self.most_diagnoses = max([p for k, p in zip(kinds, places) if k == CELL_DIAGNOSIS], default=0)
        self.most_procedures = max([p for k, p in zip(kinds, places) if k == CELL_PROCEDURE], default=0)
        self.most_items = sum([k == CELL_ITEM for k in kinds])

    cdef Py_ssize_t cut(self, Py_ssize_t column, const char* text, Py_ssize_t size, char* out) noexcept nogil:
        """Applies picture, then extract (A1); returns the size of what is left."""
        cdef int32_t number = self.template[column]
        cdef Py_ssize_t first = self.picture_start[number]
        cdef Py_ssize_t length = self.picture_start[number + 1] - first
        cdef Py_ssize_t i
        cdef Py_ssize_t n = 0
        if length and size > length:
            size = length
        for i in range(size):
            if length and self.picture[first + i] != KEEP:
                continue
            if self.removed[number * 256 + <uint8_t>text[i]]:
                continue
            out[n] = text[i]
            n += 1
        return n

    def cut_cell(self, Py_ssize_t column, bytes cell not None):
        """A cell after picture and extract, for messages."""
        if not 0 <= column < self.columns:
            raise IndexError("no such column")
        if self.template[column] < 0:
            return cell
        out = bytearray(len(cell) + 1)
        cdef char* target = out
        cdef Py_ssize_t size = self.cut(column, cell, len(cell), target)
        return bytes(out[:size])


cdef inline int _compare(const Cell* a, const Cell* b) noexcept nogil:
    cdef Py_ssize_t size = a.size if a.size < b.size else b.size
    cdef int order = memcmp(a.text, b.text, size)
    if order:
        return order
    return (a.size > b.size) - (a.size < b.size)


cdef int _compare_keys(const void* left, const void* right) noexcept nogil:
    """Provider, spell or period, episode number or date, the bytes of the line (A6)."""
    cdef const SortKey* a = <const SortKey*>left
    cdef const SortKey* b = <const SortKey*>right
    cdef int order = _compare(&a.provider, &b.provider)
    if order == 0:
        order = _compare(&a.local, &b.local)
    if order == 0 and a.order != b.order:
        # as unsigned numbers a missing one is the largest
        order = 1 if <uint32_t>a.order > <uint32_t>b.order else -1
    return order if order else _compare(&a.line, &b.line)


cdef class RecordFile:
    def __init__(self, data not None, Py_ssize_t start, CellPlan plan not None):
        """Finds the lines of a buffer from an offset on; empty lines are left out."""
        self.data = data
        self.bytes = data
        self.plan = plan
        self._find_lines(start)

    def __dealloc__(self):
        free(self.keys)
        free(self.arena)
        free(self.scratch)

    def _find_lines(self, Py_ssize_t start):
        cdef Py_ssize_t size = self.bytes.shape[0]
        cdef Py_ssize_t position, end, room
        cdef const char* found
        cdef const char* base = <const char*>&self.bytes[0] if size else NULL
        cdef Py_ssize_t lines = 1
        position = start
        with nogil:
            while position < size:
                found = <const char*>memchr(base + position, c"\n", size - position)
                if found == NULL:
                    break
                lines += 1
                position = found - base + 1
        self.line_start = array("q", [0]) * lines
        self.line_end = array("q", [0]) * lines
        self.starts = self.line_start
        self.ends = self.line_end
        position = start
        while position < size:
            found = <const char*>memchr(base + position, c"\n", size - position)
            end = found - base if found != NULL else size
            room = end
            if room > position and base[room - 1] == c"\r":
                room -= 1
            if room > position:
                self.starts[self.rows] = position
                self.ends[self.rows] = room
                self.rows += 1
                self.longest = max(self.longest, room - position)
            position = end + 1
        self.scratch = <char*>malloc(self.longest + 1)
        if self.scratch == NULL:
            raise MemoryError("no memory for the longest line")

    def line(self, Py_ssize_t row):
        """The bytes of a line, without its end."""
        if not 0 <= row < self.rows:
            raise IndexError("no such row")
        return bytes(self.bytes[self.starts[row]:self.ends[row]])

    def short_line(self):
        """The first row with fewer columns than the plan needs, or -1."""
        cdef Py_ssize_t row
        with nogil:
            row = self._short_line()
        return row

    cdef Py_ssize_t _short_line(self) noexcept nogil:
        cdef Py_ssize_t row, columns
        cdef const char* position
        cdef const char* end
        cdef const char* base = <const char*>&self.bytes[0]
        for row in range(self.rows):
            position = base + self.starts[row]
            end = base + self.ends[row]
            columns = 1
            while columns < self.plan.columns:
                position = <const char*>memchr(position, c",", end - position)
                if position == NULL:
                    return row
                position += 1
                columns += 1
        return -1

    def each_alone(self):
        """Takes the rows as they come, each a unit of its own."""
        self.spell_start = array("q", range(self.rows + 1))

    def sort(self, FieldSet fields not None):
        """Sorts the rows by provider, spell or period, and number or date (one that is not accepted last).

        Then `spell_start` holds the first row of each spell or period.
        """
        cdef int64_t row
        cdef Py_ssize_t spells = 0
        cdef bint sorted_already = True
        cdef int64_t[::1] starts
        cdef const char* base = <const char*>&self.bytes[0] if self.rows else NULL
        self.keys = <SortKey*>malloc(max(1, self.rows) * sizeof(SortKey))
        # room for cut keys: no cut is longer than its cell
        self.arena = <char*>malloc(self.bytes.shape[0] + 1)
        self.arena_used = 0
        if self.keys == NULL or self.arena == NULL:
            raise MemoryError("no memory to sort the file")
        spell_start = array("q", [0]) * (self.rows + 1)
        starts = spell_start
        with nogil:
            for row in range(self.rows):
                self._read_key(fields, row, &self.keys[row])
                if row and sorted_already:
                    sorted_already = _compare_keys(&self.keys[row - 1], &self.keys[row]) <= 0
            if not sorted_already:
                qsort(self.keys, self.rows, sizeof(SortKey), _compare_keys)
            for row in range(self.rows):
                self.starts[row] = self.keys[row].line.text - base
                self.ends[row] = self.starts[row] + self.keys[row].line.size
                if row == 0 or _compare(&self.keys[row].provider, &self.keys[row - 1].provider) \
                        or _compare(&self.keys[row].local, &self.keys[row - 1].local):
                    starts[spells] = row
                    spells += 1
            starts[spells] = self.rows
        self.spell_start = spell_start[:spells + 1]
        free(self.keys)
        free(self.arena)
        self.keys = NULL
        self.arena = NULL

    cdef void _keep(self, Py_ssize_t column, const char* text, Py_ssize_t size, Cell* kept) noexcept nogil:
        """A key cell, cut and trimmed, in memory that lasts for the sort."""
        if self.plan.template[column] >= 0:
            size = self.plan.cut(column, text, size, self.arena + self.arena_used)
            text = self.arena + self.arena_used
            self.arena_used += size
        trim(&text, &size)
        kept.text = text
        kept.size = size

    cdef void _read_key(self, FieldSet fields, int64_t row, SortKey* key) noexcept nogil:
        cdef const char* position = <const char*>&self.bytes[0] + self.starts[row]
        cdef const char* end = <const char*>&self.bytes[0] + self.ends[row]
        cdef const char* comma
        cdef Py_ssize_t column
        cdef Cell order
        cdef uint8_t part
        key.line.text = position
        key.line.size = end - position
        key.order = -1
        key.provider.text = key.local.text = position       # a definition without them has empty keys
        key.provider.size = key.local.size = 0
        for column in range(self.plan.columns):
            comma = <const char*>memchr(position, c",", end - position)
            if comma == NULL:
                comma = end
            part = self.plan.sort_part[column]
            if part == SORT_PROVIDER:
                self._keep(column, position, comma - position, &key.provider)
            elif part == SORT_LOCAL:
                self._keep(column, position, comma - position, &key.local)
            elif part == SORT_ORDER:
                self._keep(column, position, comma - position, &order)
                key.order = read_number(fields, self.plan.place[column], order.text, order.size)
                if not fields.accepts(self.plan.place[column], key.order):
                    key.order = -1
            position = comma + 1
            if position > end:
                return

    cdef void key_cell(self, int64_t row, uint8_t part, Cell* cell) noexcept nogil:
        """The provider or spell of a row, cut and trimmed; in scratch memory that the next call may overwrite."""
        cdef const char* position = <const char*>&self.bytes[0] + self.starts[row]
        cdef const char* end = <const char*>&self.bytes[0] + self.ends[row]
        cdef const char* comma
        cdef Py_ssize_t column
        cell.size = 0
        for column in range(self.plan.columns):
            comma = <const char*>memchr(position, c",", end - position)
            if comma == NULL:
                comma = end
            if self.plan.sort_part[column] == part:
                cell.text = position
                cell.size = comma - position
                if self.plan.template[column] >= 0:
                    cell.size = self.plan.cut(column, position, cell.size, self.scratch)
                    cell.text = self.scratch
                trim(&cell.text, &cell.size)
                return
            position = comma + 1

    def encode(self, Encoder encoder not None, int64_t first, int64_t end):
        """Encodes rows first to end - 1, in sorted order."""
        cdef int64_t row
        if not 0 <= first <= end <= self.rows:
            raise IndexError("no such rows")
        with nogil:
            for row in range(first, end):
                self._encode_row(encoder, row)

    cdef void _encode_row(self, Encoder encoder, int64_t row) noexcept nogil:
        cdef const char* position = <const char*>&self.bytes[0] + self.starts[row]
        cdef const char* end = <const char*>&self.bytes[0] + self.ends[row]
        cdef const char* comma
        cdef Py_ssize_t column
        encoder.begin_row()
        for column in range(self.plan.columns):
            comma = <const char*>memchr(position, c",", end - position)
            if comma == NULL:
                comma = end
            if self.plan.kind[column] != CELL_UNUSED:
                self._encode_cell(encoder, column, position, comma - position)
            position = comma + 1
        encoder.end_row()

    cdef void _encode_cell(self, Encoder encoder, Py_ssize_t column, const char* text, Py_ssize_t size) noexcept nogil:
        if self.plan.template[column] >= 0:
            size = self.plan.cut(column, text, size, self.scratch)
            text = self.scratch
        put_cell(encoder, self.plan.kind[column], self.plan.place[column], text, size)
