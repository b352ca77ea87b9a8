"""The lines of a file: found, and sorted by provider, spell or period, episode number or date, and the bytes of the line (A6)."""
from array import array

from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy

from hrgcore._core.codes cimport trim
from hrgcore._core.csvfile cimport SORT_LOCAL, SORT_NONE, SORT_ORDER, SORT_PROVIDER
from hrgcore._core.encode cimport read_number
from hrgcore._core.typedefs cimport *

cdef enum:
    KEY_BYTES = 24
    KEY_WORDS = 3
    FIRST_ROOM = 1024
    INSERTED = 16             # rows sorted by insertion before runs are merged


# --- keys ----------------------------------------------------------------------------------------------------------

cdef void _find_key(CellPlan plan, const Line* line, char* scratch, Cell* provider, Cell* local, Cell* order) noexcept nogil:
    """The cells of a line that have a part in the order, cut (into `scratch`) and trimmed."""
    cdef const char* position = line.text
    cdef const char* end = position + line.size
    cdef const char* comma
    cdef Py_ssize_t column
    cdef Cell* cell
    provider.text = local.text = order.text = position      # a definition without them has empty keys
    provider.size = local.size = order.size = 0
    for column in range(plan.key_columns):
        comma = position
        while comma < end and comma[0] != c",":
            comma += 1
        if plan.sort_part[column] != SORT_NONE:
            cell = provider if plan.sort_part[column] == SORT_PROVIDER else local if plan.sort_part[column] == SORT_LOCAL else order
            cell.text = position
            cell.size = comma - position
            if plan.template[column] >= 0:
                cell.size = plan.cut(column, position, cell.size, scratch)
                cell.text = scratch
                scratch += cell.size
            trim(&cell.text, &cell.size)
        position = comma + 1
        if position > end:
            return


cdef bint _pack_key(Line* line, const Cell* provider, const Cell* local) noexcept nogil:
    """Packs the key so that numbers compare as its bytes do; whether all of it fits."""
    cdef unsigned char packed[KEY_BYTES]
    cdef Py_ssize_t i, room
    cdef int word
    cdef uint64_t number
    for i in range(KEY_BYTES):
        packed[i] = 0
    memcpy(packed, provider.text, min(provider.size, KEY_BYTES))
    room = KEY_BYTES - provider.size - 1
    if room > 0:
        memcpy(packed + provider.size + 1, local.text, min(local.size, room))
    for word in range(KEY_WORDS):
        number = 0
        for i in range(8):
            number = number << 8 | packed[word * 8 + i]
        line.key[word] = number
    return local.size <= room


cdef inline int _compare_cells(const Cell* a, const Cell* b) noexcept nogil:
    cdef int order = memcmp(a.text, b.text, min(a.size, b.size))
    return order if order else (a.size > b.size) - (a.size < b.size)


cdef int _compare_long(LineTable table, const Line* a, const Line* b) noexcept nogil:
    """Compares the spells of two lines whose packed keys are equal but may be cut off."""
    cdef Cell left[3]
    cdef Cell right[3]
    cdef int order = 0
    cdef char* scratch = <char*>malloc(a.size + b.size + 1)
    if scratch == NULL:
        return 0
    _find_key(table.plan, a, scratch, &left[0], &left[1], &left[2])
    _find_key(table.plan, b, scratch + a.size, &right[0], &right[1], &right[2])
    order = _compare_cells(&left[0], &right[0])
    if order == 0:
        order = _compare_cells(&left[1], &right[1])
    free(scratch)
    return order


cdef inline int _compare_spells(LineTable table, const Line* a, const Line* b) noexcept nogil:
    if a.key[0] != b.key[0]:
        return 1 if a.key[0] > b.key[0] else -1
    if a.key[1] != b.key[1]:
        return 1 if a.key[1] > b.key[1] else -1
    if a.key[2] != b.key[2]:
        return 1 if a.key[2] > b.key[2] else -1
    return _compare_long(table, a, b) if table.long_keys else 0


cdef inline int _compare(LineTable table, const Line* a, const Line* b) noexcept nogil:
    cdef int order = _compare_spells(table, a, b)
    if order:
        return order
    if a.order != b.order:
        return 1 if a.order > b.order else -1
    order = memcmp(a.text, b.text, min(a.size, b.size))
    return order if order else (a.size > b.size) - (a.size < b.size)


# --- merge sort ----------------------------------------------------------------------------------------------------

cdef void _insert(LineTable table, Line* lines, Py_ssize_t rows) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef Line line
    for i in range(1, rows):
        line = lines[i]
        j = i
        while j > 0 and _compare(table, &lines[j - 1], &line) > 0:
            lines[j] = lines[j - 1]
            j -= 1
        lines[j] = line


cdef void _merge(LineTable table, const Line* a, Py_ssize_t rows_a, const Line* b, Py_ssize_t rows_b, Line* out) noexcept nogil:
    """Two sorted stretches as one."""
    cdef Py_ssize_t i = 0, j = 0, k = 0
    if rows_a and rows_b and _compare(table, &a[rows_a - 1], &b[0]) > 0:
        while i < rows_a and j < rows_b:
            if _compare(table, &a[i], &b[j]) <= 0:
                out[k] = a[i]
                i += 1
            else:
                out[k] = b[j]
                j += 1
            k += 1
    memcpy(out + k, a + i, (rows_a - i) * sizeof(Line))
    memcpy(out + k + rows_a - i, b + j, (rows_b - j) * sizeof(Line))


cdef Line* _sort(LineTable table, Line* lines, Line* spare, Py_ssize_t rows) noexcept nogil:
    """Sorts by merging runs that double in length; returns that of the two stretches which holds the result."""
    cdef Py_ssize_t first, half, end
    cdef Py_ssize_t run = INSERTED
    cdef Line* swap
    first = 0
    while first < rows:
        _insert(table, lines + first, min(INSERTED, rows - first))
        first += INSERTED
    while run < rows:
        first = 0
        while first < rows:
            half = min(first + run, rows)
            end = min(first + 2 * run, rows)
            _merge(table, lines + first, half - first, lines + half, end - half, spare + first)
            first = end
        swap = lines
        lines = spare
        spare = swap
        run *= 2
    return lines


cdef Py_ssize_t _commas(const char* text, Py_ssize_t size) noexcept nogil:
    """Counted in bytes as far as these reach, so that the compiler takes many at a time."""
    cdef Py_ssize_t i, end
    cdef Py_ssize_t first = 0
    cdef Py_ssize_t found = 0
    cdef uint8_t part
    while first < size:
        end = min(size, first + 255)
        part = 0
        for i in range(first, end):
            part += text[i] == c","
        found += part
        first = end
    return found


cdef inline bint _ends_with_return(const Line* line) noexcept nogil:
    """One return belongs to the end of a line, and would be taken off once more."""
    return line.text[line.size - 1] == c"\r"


cdef class LineTable:
    def __init__(self, data not None, Py_ssize_t start, Py_ssize_t end, CellPlan plan not None, FieldSet fields=None):
        """Finds the lines that begin in data[start:end]; empty lines are left out.

        `fields` are those of the design; without them the lines have no keys and stay as they come.
        """
        cdef const uint8_t[::1] view = data
        cdef const char* base = <const char*>&view[0] if view.shape[0] else NULL
        cdef char* scratch
        if not 0 <= start <= end <= view.shape[0]:
            raise IndexError("no such bytes")
        self.data = data
        self.plan = plan
        self.fields = fields
        self.short_row = -1
        self.is_sorted = True
        with nogil:
            self.find_lines(base, start, end)
        if self.rows < 0:
            raise MemoryError("no memory for the lines of the file")
        if self.fields is None:
            return
        scratch = <char*>malloc(self.longest + 1)
        if scratch == NULL:
            raise MemoryError("no memory for the longest line")
        with nogil:
            self.read_keys(scratch)
        free(scratch)

    def __dealloc__(self):
        free(self.lines)

    cdef void find_lines(self, const char* base, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
        """Rows are -1 if memory runs out."""
        cdef Py_ssize_t room = 0, stop, size
        cdef const char* found
        cdef Line* grown
        while start < end:
            found = <const char*>memchr(base + start, c"\n", end - start)
            stop = found - base if found != NULL else end
            size = stop - start
            if size and base[stop - 1] == c"\r":
                size -= 1
            if size:
                if self.rows == room:
                    room += room // 2 + FIRST_ROOM
                    grown = <Line*>realloc(self.lines, room * sizeof(Line))
                    if grown == NULL:
                        self.rows = -1
                        return
                    self.lines = grown
                self.lines[self.rows].text = base + start
                self.lines[self.rows].size = <int32_t>size
                self.longest = max(self.longest, size)
                if self.short_row < 0 and _commas(base + start, size) + 1 < self.plan.columns:
                    self.short_row = self.rows
                self.rows += 1
            start = stop + 1
        if self.rows:
            self.lines = <Line*>realloc(self.lines, self.rows * sizeof(Line))

    cdef void read_keys(self, char* scratch) noexcept nogil:
        cdef Py_ssize_t row
        cdef int32_t number
        cdef Cell provider, local, order
        cdef Line* line
        for row in range(self.rows):
            line = &self.lines[row]
            _find_key(self.plan, line, scratch, &provider, &local, &order)
            if not _pack_key(line, &provider, &local):
                self.long_keys = True
            number = read_number(self.fields, self.plan.order_number, order.text, order.size) if self.plan.order_number >= 0 else -1
            # as an unsigned number a missing one is the largest
            line.order = <uint32_t>number if self.plan.order_number >= 0 and self.fields.accepts(self.plan.order_number, number) else <uint32_t>-1
            if row and self.is_sorted:
                self.is_sorted = _compare(self, line - 1, line) <= 0

    def line(self, Py_ssize_t row):
        """The bytes of a line, without its end."""
        if not 0 <= row < self.rows:
            raise IndexError("no such row")
        return self.lines[row].text[:self.lines[row].size]

    def offset(self, Py_ssize_t row):
        """Where a line stands in the data."""
        cdef const uint8_t[::1] view = self.data
        if not 0 <= row < self.rows:
            raise IndexError("no such row")
        return self.lines[row].text - <const char*>&view[0]

    def sort(self):
        """Sorts the lines."""
        cdef Line* spare
        cdef Line* result
        if self.fields is None or self.is_sorted:
            return
        spare = <Line*>malloc(self.rows * sizeof(Line))
        if spare == NULL:
            raise MemoryError("no memory to sort the lines of the file")
        with nogil:
            result = _sort(self, self.lines, spare, self.rows)
            free(self.lines if result == spare else spare)
            self.lines = result
        self.is_sorted = True

    def last_spell(self):
        """The first row of the last spell."""
        cdef Py_ssize_t row = self.rows - 1
        while row > 0 and _compare_spells(self, &self.lines[row - 1], &self.lines[row]) == 0:
            row -= 1
        return row

    def follows(self, LineTable other not None):
        """Whether the first line of this table may stand after the last one of another, both sorted."""
        if self.rows == 0 or other.rows == 0:
            return True
        self.long_keys = other.long_keys = self.long_keys or other.long_keys
        return _compare(self, &other.lines[other.rows - 1], &self.lines[0]) <= 0

    def spell_compared(self, Py_ssize_t row, LineTable other not None, Py_ssize_t other_row):
        """Below 0 if the spell of a row comes before that of a row of another table, 0 if they are the same."""
        if not (0 <= row < self.rows and 0 <= other_row < other.rows):
            raise IndexError("no such row")
        self.long_keys = other.long_keys = self.long_keys or other.long_keys
        return _compare_spells(self, &self.lines[row], &other.lines[other_row])

    def below(self, LineTable other not None, Py_ssize_t other_row):
        """The first row whose spell does not come before that of a row of another table; this table is sorted."""
        cdef Py_ssize_t low = 0, high = self.rows, middle
        while low < high:
            middle = (low + high) // 2
            if self.spell_compared(middle, other, other_row) < 0:
                low = middle + 1
            else:
                high = middle
        return low

    def forget(self):
        """Gives the memory of the lines back, but not that of the data."""
        free(self.lines)
        self.lines = NULL
        self.rows = 0

    def text(self, Py_ssize_t first, Py_ssize_t end):
        """Lines first to end - 1 as bytes, each with an end of line, so that they are found again as they are."""
        cdef Py_ssize_t row
        cdef Py_ssize_t size = 0
        cdef const Line* line
        if not 0 <= first <= end <= self.rows:
            raise IndexError("no such rows")
        for row in range(first, end):
            size += self.lines[row].size + 1 + _ends_with_return(&self.lines[row])
        text = bytearray(size)
        cdef char* at = text
        with nogil:
            for row in range(first, end):
                line = &self.lines[row]
                memcpy(at, line.text, line.size)
                at += line.size
                if _ends_with_return(line):
                    at[0] = c"\r"
                    at += 1
                at[0] = c"\n"
                at += 1
        return text


# --- joining -------------------------------------------------------------------------------------------------------

cdef class _Run:
    """A sorted stretch of lines."""
    cdef Line* lines
    cdef Py_ssize_t rows
    cdef bint owns

    def __dealloc__(self):
        if self.owns:
            free(self.lines)

    @staticmethod
    def of(LineTable table, Py_ssize_t first, Py_ssize_t end):
        """A part of a table, without a copy."""
        cdef _Run run = _Run()
        run.lines = table.lines + first
        run.rows = end - first
        return run


cdef _Run _merged(LineTable table, _Run left, _Run right):
    cdef _Run run = _Run()
    run.rows = left.rows + right.rows
    run.lines = <Line*>malloc(max(1, run.rows) * sizeof(Line))
    run.owns = True
    if run.lines == NULL:
        raise MemoryError("no memory to sort the lines of the file")
    with nogil:
        if table.fields is None:
            memcpy(run.lines, left.lines, left.rows * sizeof(Line))
            memcpy(run.lines + left.rows, right.lines, right.rows * sizeof(Line))
        else:
            _merge(table, left.lines, left.rows, right.lines, right.rows, run.lines)
    return run


cdef _find_spells(RecordLines joined, LineTable table, bint keyed):
    """Where each spell begins; without keys each row is one of its own."""
    cdef Py_ssize_t row
    cdef Py_ssize_t spells = 0
    if not keyed:
        joined.spell_starts = array("q", range(joined.rows + 1))
        joined.spell_start = joined.spell_starts
        joined.spells = joined.rows
        return
    starts = array("q", [0]) * (joined.rows + 1)
    cdef int64_t[::1] view = starts
    with nogil:
        for row in range(joined.rows):
            if row == 0 or _compare_spells(table, &joined.lines[row - 1], &joined.lines[row]):
                view[spells] = row
                spells += 1
        view[spells] = joined.rows
    joined.spell_starts = starts[:spells + 1]
    joined.spell_start = joined.spell_starts
    joined.spells = spells


def join(parts not None, bint by_spell):
    """The lines of some parts (table, first row, end row) of sorted tables in one order.

    The spells are found if `by_spell`; else each row is a spell of its own.
    """
    cdef LineTable table
    cdef RecordLines joined = RecordLines()
    cdef bint long_keys = any([table.long_keys for table, _, _ in parts])
    for table, first, end in parts:
        if not 0 <= first <= end <= table.rows:
            raise IndexError("no such rows")
        table.long_keys = long_keys
        joined.longest = max(joined.longest, table.longest)
    table = parts[0][0]
    joined.plan = table.plan
    joined.owner = [part[0] for part in parts]
    runs = [_Run.of(part[0], part[1], part[2]) for part in parts]
    while len(runs) > 1:
        runs = [_merged(table, runs[i], runs[i + 1]) if i + 1 < len(runs) else runs[i] for i in range(0, len(runs), 2)]
    cdef _Run last = runs[0]
    joined.lines, joined.rows, joined.owns = last.lines, last.rows, last.owns
    last.owns = False
    _find_spells(joined, table, by_spell)
    return joined
