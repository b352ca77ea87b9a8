"""The official CSV form: what the columns of a file hold, and its lines in order, encoded without a Python object a cell."""
from array import array

from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memmove

from hrgcore._core.codes cimport trim
from hrgcore._core.encode cimport put_cell
from hrgcore._core.typedefs cimport *

cdef enum:
    KEEP = 65                 # A in a picture; anything else drops the character
    EIGHT = 8                 # cells that are passed over at once

cdef const char* COMMAS = ",,,,,,,,"


cdef class CellPlan:
    def __init__(self, kinds, places, sort_parts, pictures, extracts):
        """One entry a column: CellKind, place, SortPart, picture (bytes, empty = all), extract (bytes of the characters to remove)."""
        self.columns = len(kinds)
        self.sort_part = bytes(sort_parts)
        self.key_columns = max([column + 1 for column in range(self.columns) if sort_parts[column]], default=0)
        self.order_number = next((place for place, part in zip(places, sort_parts) if part == SORT_ORDER), -1)
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
        self.column = <ColumnPlan*>malloc(max(1, self.columns) * sizeof(ColumnPlan))
        if self.column == NULL:
            raise MemoryError("no memory for the columns of a file")
        for column in range(self.columns):
            self.column[column].kind = kinds[column]
            self.column[column].place = places[column]
            self.column[column].is_cut = template[column] >= 0
            # a blank cell of a repeated field says nothing, but the first diagnosis may be required
            self.column[column].blank_matters = kinds[column] in (CELL_TEXT, CELL_NUMBER, CELL_VALUE) \
                or (kinds[column] == CELL_DIAGNOSIS and places[column] == 1)
            self.column[column].blanks = 0
        for column in reversed(range(self.columns - 1)):
            # the last column of a line may end without a comma
            if not self.column[column].blank_matters:
                self.column[column].blanks = self.column[column + 1].blanks + 1
        self.most_diagnoses = max([p for k, p in zip(kinds, places) if k == CELL_DIAGNOSIS], default=0)
        self.most_procedures = max([p for k, p in zip(kinds, places) if k == CELL_PROCEDURE], default=0)
        self.most_items = sum([k == CELL_ITEM for k in kinds])

    def __dealloc__(self):
        free(self.column)

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


cdef class RecordLines:
    """The lines of records in the order in which they are grouped. `linesort.join` makes them."""

    def __dealloc__(self):
        if self.owns:
            free(self.lines)

    def __len__(self):
        return self.rows

    def line(self, Py_ssize_t row):
        """The bytes of a line, without its end."""
        if not 0 <= row < self.rows:
            raise IndexError("no such row")
        return self.lines[row].text[:self.lines[row].size]

    def spans(self, Py_ssize_t size):
        """Cuts the spells into spans (first, end) of at least so many rows, but for the last one."""
        cdef Py_ssize_t spell
        cdef Py_ssize_t first = 0
        found = []
        for spell in range(self.spells):
            if self.spell_start[spell + 1] - self.spell_start[first] >= size or spell + 1 == self.spells:
                found.append((first, spell + 1))
                first = spell + 1
        return found

    def starts(self, Py_ssize_t first_spell, Py_ssize_t end_spell):
        """Where each spell of a span begins, and where the last one ends, counted from the first row of the span."""
        cdef Py_ssize_t spell
        if not 0 <= first_spell <= end_spell <= self.spells:
            raise IndexError("no such spells")
        found = array("q", bytes(8 * (end_spell - first_spell + 1)))
        cdef int64_t[::1] view = found
        for spell in range(first_spell, end_spell + 1):
            view[spell - first_spell] = self.spell_start[spell] - self.spell_start[first_spell]
        return found

    def row_of(self, Py_ssize_t spell):
        """The first row of a spell; of the number of spells, the number of rows."""
        if not 0 <= spell <= self.spells:
            raise IndexError("no such spell")
        return self.spell_start[spell]

    def size_of(self, Py_ssize_t first, Py_ssize_t end):
        """The bytes of rows first to end - 1, with an end of line each."""
        cdef Py_ssize_t row
        cdef Py_ssize_t size = 0
        if not 0 <= first <= end <= self.rows:
            raise IndexError("no such rows")
        with nogil:
            for row in range(first, end):
                size += self.lines[row].size + 1
        return size

    def encode(self, Encoder encoder not None, Py_ssize_t first, Py_ssize_t end):
        """Encodes rows first to end - 1."""
        cdef Py_ssize_t row
        cdef char* scratch
        if not 0 <= first <= end <= self.rows:
            raise IndexError("no such rows")
        scratch = <char*>malloc(self.longest + 1)
        if scratch == NULL:
            raise MemoryError("no memory for the longest line")
        with nogil:
            for row in range(first, end):
                self.encode_row(encoder, row, scratch)
        free(scratch)

    cdef void encode_row(self, Encoder encoder, Py_ssize_t row, char* scratch) noexcept nogil:
        cdef const char* position = self.lines[row].text
        cdef const char* end = position + self.lines[row].size
        cdef const char* comma
        cdef Py_ssize_t size
        cdef Py_ssize_t column = 0
        cdef Py_ssize_t columns = self.plan.columns
        cdef const ColumnPlan* plan = self.plan.column
        encoder.begin_row()
        while column < columns:
            if plan.blanks >= EIGHT and end - position >= EIGHT and memcmp(position, COMMAS, EIGHT) == 0:
                # most repeated fields are not filled
                position += EIGHT
                column += EIGHT
                plan += EIGHT
                continue
            # cells are short: a loop beats memchr
            comma = position
            while comma < end and comma[0] != c",":
                comma += 1
            size = comma - position
            if size or plan.blank_matters:
                if plan.is_cut:
                    size = self.plan.cut(column, position, size, scratch)
                    position = scratch
                put_cell(encoder, plan.kind, plan.place, position, size)
            position = comma + 1
            column += 1
            plan += 1
        encoder.end_row()

    cdef Py_ssize_t find_cell(self, Py_ssize_t row, Py_ssize_t column, const char** text) noexcept nogil:
        """The size of the cell of a row and column, and where it stands."""
        cdef const char* position = self.lines[row].text
        cdef const char* end = position + self.lines[row].size
        cdef const char* comma = position
        while True:
            while comma < end and comma[0] != c",":
                comma += 1
            if column == 0 or comma >= end:
                break
            column -= 1
            comma += 1
            position = comma
        text[0] = position
        return comma - position if column == 0 else 0

    cdef Py_ssize_t cut_cell(self, Py_ssize_t row, Py_ssize_t column, char* out) noexcept nogil:
        """A cell of a row, cut and trimmed, written to `out`, which has room for it; returns its size."""
        cdef const char* text
        cdef Py_ssize_t size = self.find_cell(row, column, &text)
        if self.plan.template[column] >= 0:
            size = self.plan.cut(column, text, size, out)
            text = out
        trim(&text, &size)
        if text != out:
            memmove(out, text, size)
        return size

    def cell(self, Py_ssize_t row, Py_ssize_t column):
        """A cell after picture and extract, for messages."""
        cdef const char* text
        if not (0 <= row < self.rows and 0 <= column < self.plan.columns):
            raise IndexError("no such cell")
        cdef Py_ssize_t size = self.find_cell(row, column, &text)
        return self.plan.cut_cell(column, text[:size])
