"""The official CSV form, read from memory: lines found, sorted by spell, encoded without a Python object a cell."""
from array import array

from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memchr, memcmp

from hrgcore._core.codes cimport clean_number, clean_value
from hrgcore._core.typedefs cimport *

cpdef enum CellKind:
    CELL_UNUSED = 0
    CELL_PROVIDER
    CELL_SPELL
    CELL_NUMBER
    CELL_VALUE
    CELL_DIAGNOSIS
    CELL_PROCEDURE

cdef enum:
    KEEP = 65                 # A in a picture; anything else drops the character


cdef class CellPlan:
    def __init__(self, kinds, places, pictures, extracts):
        """One entry a column: CellKind, place, picture (bytes, empty = all), extract (bytes of the characters to remove)."""
        self.columns = len(kinds)
        self.kind = bytes(kinds)
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
    """Provider, spell, episode number, the bytes of the line (A6)."""
    cdef const SortKey* a = <const SortKey*>left
    cdef const SortKey* b = <const SortKey*>right
    cdef int order = _compare(&a.provider, &b.provider)
    if order == 0:
        order = _compare(&a.spell, &b.spell)
    if order == 0 and a.number != b.number:
        # as unsigned numbers a missing one is the largest
        order = 1 if <uint32_t>a.number > <uint32_t>b.number else -1
    return order if order else _compare(&a.line, &b.line)


cdef class EpisodeFile:
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

    def sort(self, Tables tables not None):
        """Sorts the rows by provider, spell, episode number (one that is not accepted last); then `spell_start` holds the first row of each spell."""
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
                self._read_key(tables, row, &self.keys[row])
                if row and sorted_already:
                    sorted_already = _compare_keys(&self.keys[row - 1], &self.keys[row]) <= 0
            if not sorted_already:
                qsort(self.keys, self.rows, sizeof(SortKey), _compare_keys)
            for row in range(self.rows):
                self.starts[row] = self.keys[row].line.text - base
                self.ends[row] = self.starts[row] + self.keys[row].line.size
                if row == 0 or _compare(&self.keys[row].provider, &self.keys[row - 1].provider) \
                        or _compare(&self.keys[row].spell, &self.keys[row - 1].spell):
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

    cdef void _read_key(self, Tables tables, int64_t row, SortKey* key) noexcept nogil:
        cdef const char* position = <const char*>&self.bytes[0] + self.starts[row]
        cdef const char* end = <const char*>&self.bytes[0] + self.ends[row]
        cdef const char* comma
        cdef Py_ssize_t column
        cdef Cell number
        cdef uint8_t kind
        key.line.text = position
        key.line.size = end - position
        key.number = -1
        key.provider.text = key.spell.text = position       # a definition without them has empty keys
        key.provider.size = key.spell.size = 0
        for column in range(self.plan.columns):
            comma = <const char*>memchr(position, c",", end - position)
            if comma == NULL:
                comma = end
            kind = self.plan.kind[column]
            if kind == CELL_PROVIDER:
                self._keep(column, position, comma - position, &key.provider)
            elif kind == CELL_SPELL:
                self._keep(column, position, comma - position, &key.spell)
            elif kind == CELL_NUMBER and self.plan.place[column] == N_EPIORDER:
                self._keep(column, position, comma - position, &number)
                key.number = clean_number(number.text, number.size)
                if not tables.accepts(N_EPIORDER, key.number):
                    key.number = -1
            position = comma + 1
            if position > end:
                return

    cdef void key_cell(self, int64_t row, uint8_t kind, Cell* cell) noexcept nogil:
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
            if self.plan.kind[column] == kind:
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
        cdef uint8_t kind = self.plan.kind[column]
        cdef int32_t place = self.plan.place[column]
        if self.plan.template[column] >= 0:
            size = self.plan.cut(column, text, size, self.scratch)
            text = self.scratch
        if kind == CELL_DIAGNOSIS:
            encoder.put_diagnosis(place, text, size)
        elif kind == CELL_PROCEDURE:
            encoder.put_procedure(place, text, size)
        elif kind == CELL_VALUE:
            encoder.put_value(place, text, size)
        elif kind == CELL_NUMBER:
            encoder.put_number(place, clean_number(text, size))
        else:
            trim(&text, &size)
            encoder.put_text(PROCODET if kind == CELL_PROVIDER else PROVSPNO, size)


cdef void trim(const char** text, Py_ssize_t* size) noexcept nogil:
    """Drops blanks and tabs at both ends."""
    while size[0] > 0 and (text[0][size[0] - 1] == c" " or text[0][size[0] - 1] == c"\t"):
        size[0] -= 1
    while size[0] > 0 and (text[0][0] == c" " or text[0][0] == c"\t"):
        text[0] += 1
        size[0] -= 1
