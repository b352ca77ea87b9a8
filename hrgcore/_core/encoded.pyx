"""Encoded rows of columns: joined where chunks meet, put into official order, cut into spells."""
from array import array

from libc.stdint cimport INT32_MAX
from libc.stdlib cimport free, malloc, qsort, realloc
from libc.string cimport memcmp, memcpy

from hrgcore._core.encode import batch_arrays
from hrgcore._core.typedefs cimport *

cdef enum:
    LEAST_ROOM = 256          # bytes
    FAULT_SIZE = 16           # bytes of a fault


cdef struct SortKey:
    const char* provider
    const char* local
    Py_ssize_t provider_size, local_size
    uint32_t order            # episode number or date; a missing one, as an unsigned number, is the largest
    int64_t row


cdef bint push(Grown* grown, const void* data, Py_ssize_t size) noexcept nogil:
    """Adds bytes; false if there is no memory for them."""
    cdef Py_ssize_t room
    cdef char* larger
    if grown.used + size > grown.room:
        room = max(grown.room * 2, max(grown.used + size, <Py_ssize_t>LEAST_ROOM))
        larger = <char*>realloc(grown.data, room)
        if larger == NULL:
            return False
        grown.data = larger
        grown.room = room
    if size:
        memcpy(grown.data + grown.used, data, size)
        grown.used += size
    return True


cdef inline int _compare(const char* one, Py_ssize_t size, const char* other, Py_ssize_t other_size) noexcept nogil:
    cdef int order = memcmp(one, other, min(size, other_size)) if size and other_size else 0
    return order if order else (size > other_size) - (size < other_size)


cdef int _compare_keys(const void* left, const void* right) noexcept nogil:
    """Provider, spell or period, episode number or date, the place in the input."""
    cdef const SortKey* a = <const SortKey*>left
    cdef const SortKey* b = <const SortKey*>right
    cdef int order = _compare(a.provider, a.provider_size, b.provider, b.provider_size)
    if order == 0:
        order = _compare(a.local, a.local_size, b.local, b.local_size)
    if order == 0:
        order = (a.order > b.order) - (a.order < b.order)
    return order if order else (a.row > b.row) - (a.row < b.row)


cdef class EncodedRows:
    def __init__(self, FieldSet fields not None, dict arrays not None):
        """No rows yet; the arrays have room for those that will come."""
        self.fields = fields
        self.arrays = arrays

    def __dealloc__(self):
        free(self.run.data)
        free(self.keys.data)
        free(self.key_ends.data)
        free(self.faults.data)
        free(self.texts.data)
        free(self.text_ends.data)

    cdef check_memory(self):
        if self.overflowed:
            raise MemoryError("no memory for the keys and messages of this table; group it in chunks")

    cdef int64_t key_end(self, Py_ssize_t number) noexcept nogil:
        """The end of a part of the keys: two a run, and 0 before the first."""
        return (<int64_t*>self.key_ends.data)[number] if number >= 0 else 0

    cdef int compare(self, int32_t one, int32_t other) noexcept nogil:
        """The keys of two runs."""
        cdef int64_t a = self.key_end(2 * one - 1)
        cdef int64_t a_local = self.key_end(2 * one)
        cdef int64_t b = self.key_end(2 * other - 1)
        cdef int64_t b_local = self.key_end(2 * other)
        cdef int order = _compare(self.keys.data + a, a_local - a, self.keys.data + b, b_local - b)
        if order:
            return order
        return _compare(self.keys.data + a_local, self.key_end(2 * one + 1) - a_local,
                        self.keys.data + b_local, self.key_end(2 * other + 1) - b_local)

    cdef void add_run(self, const char* provider, Py_ssize_t provider_size, const char* local, Py_ssize_t local_size) noexcept nogil:
        """A key; it begins a run unless it is that of the run before."""
        cdef int32_t last = <int32_t>self.runs - 1
        cdef int64_t start = self.key_end(2 * last - 1)
        cdef int64_t middle = self.key_end(2 * last)
        if self.runs and _compare(self.keys.data + start, middle - start, provider, provider_size) == 0 \
                and _compare(self.keys.data + middle, self.key_end(2 * last + 1) - middle, local, local_size) == 0:
            return
        if not push(&self.keys, provider, provider_size):
            self.overflowed = True
        middle = self.keys.used
        if not (push(&self.keys, local, local_size) and push(&self.key_ends, &middle, sizeof(middle))):
            self.overflowed = True
        start = self.keys.used
        if not push(&self.key_ends, &start, sizeof(start)):
            self.overflowed = True
        if not self.overflowed:
            self.runs += 1

    cdef void add_fault(self, const int32_t* fault, int32_t row, const char* text, Py_ssize_t size) noexcept nogil:
        """A fault of a row, and the text of its cell."""
        cdef int64_t end
        if not (push(&self.faults, fault, FAULT_SIZE) and push(&self.texts, text, size)):
            self.overflowed = True
            return
        (<int32_t*>(self.faults.data + self.faults.used - FAULT_SIZE))[0] = row
        end = self.texts.used
        if not push(&self.text_ends, &end, sizeof(end)):
            self.overflowed = True

    cdef void add_rows(self, EncodedRows other, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
        """The keys and faults of rows of others, as the next rows."""
        cdef Py_ssize_t row, fault
        cdef int32_t run
        cdef int32_t last = -1
        cdef int64_t start, middle
        cdef const int32_t* at
        cdef const int64_t* ends = <const int64_t*>other.text_ends.data
        for row in range(first, end if other.run.used else first):
            run = (<const int32_t*>other.run.data)[row]
            if run != last:
                start, middle = other.key_end(2 * run - 1), other.key_end(2 * run)
                self.add_run(other.keys.data + start, middle - start, other.keys.data + middle, other.key_end(2 * run + 1) - middle)
                last = run
            run = <int32_t>self.runs - 1
            if not push(&self.run, &run, sizeof(run)):
                self.overflowed = True
        for fault in range(other.faults.used // FAULT_SIZE):
            at = <const int32_t*>(other.faults.data + fault * FAULT_SIZE)
            if first <= at[0] < end:
                start = ends[fault - 1] if fault else 0
                self.add_fault(at, <int32_t>(self.rows + at[0] - first), other.texts.data + start, ends[fault] - start)
        self.rows += end - first

    cdef bint in_order(self, const int32_t[::1] numbers, Py_ssize_t column) noexcept nogil:
        cdef Py_ssize_t row
        cdef Py_ssize_t width = self.fields.n_numbers
        cdef const int32_t* run = <const int32_t*>self.run.data
        for row in range(1, self.rows):
            if run[row] != run[row - 1]:
                if self.compare(run[row - 1], run[row]) >= 0:
                    return False
            elif column >= 0 and <uint32_t>numbers[(row - 1) * width + column] > <uint32_t>numbers[row * width + column]:
                return False
        return True

    def order(self, Py_ssize_t column):
        """The rows in official order, or None if they stand in it: by key, by a column of numbers (-1 = none), by place."""
        cdef const int32_t[::1] numbers = self.arrays["numbers"]
        cdef Py_ssize_t row
        cdef int64_t start, middle
        cdef int32_t run
        cdef SortKey* keys
        cdef int64_t[::1] result
        cdef bint stands
        if not -1 <= column < self.fields.n_numbers:
            raise IndexError("no such column of numbers")
        with nogil:
            stands = self.run.used == 0 or self.in_order(numbers, column)
        if stands:
            return None
        keys = <SortKey*>malloc(self.rows * sizeof(SortKey))
        if keys == NULL:
            raise MemoryError("no memory to sort the table")
        order = array("q", bytes(8 * self.rows))
        result = order
        with nogil:
            for row in range(self.rows):
                run = (<const int32_t*>self.run.data)[row]
                start, middle = self.key_end(2 * run - 1), self.key_end(2 * run)
                keys[row].provider = self.keys.data + start
                keys[row].provider_size = middle - start
                keys[row].local = self.keys.data + middle
                keys[row].local_size = self.key_end(2 * run + 1) - middle
                keys[row].order = <uint32_t>numbers[row * self.fields.n_numbers + column] if column >= 0 else 0
                keys[row].row = row
            qsort(keys, self.rows, sizeof(SortKey), _compare_keys)
            for row in range(self.rows):
                result[row] = keys[row].row
        free(keys)
        return order

    def falls(self):
        """The first row whose key is below that of the row before, or -1."""
        cdef Py_ssize_t row
        cdef const int32_t* run = <const int32_t*>self.run.data
        for row in range(1, self.rows if self.run.used else 0):
            if run[row] != run[row - 1] and self.compare(run[row - 1], run[row]) > 0:
                return row
        return -1

    def starts(self):
        """The first row of each run, and the number of rows at the end."""
        cdef Py_ssize_t row
        cdef Py_ssize_t found = 0
        cdef const int32_t* run = <const int32_t*>self.run.data
        result = array("q", bytes(8 * (self.runs + 1)))
        cdef int64_t[::1] starts = result
        for row in range(self.rows if self.run.used else 0):
            if row == 0 or run[row] != run[row - 1]:
                starts[found] = row
                found += 1
        starts[found] = self.rows
        return result

    def key_part(self, Py_ssize_t part):
        """The bytes of all providers (0) or numbers (1) of the runs, and where each ends (with a 0 before), of 64 bits if need be."""
        cdef Py_ssize_t run
        cdef int64_t start, end
        cdef Grown found
        cdef Grown ends
        found.data, found.used, found.room = NULL, 0, 0
        ends.data, ends.used, ends.room = NULL, 0, 0
        for run in range(self.runs):
            start, end = self.key_end(2 * run - 1 + part), self.key_end(2 * run + part)
            if not (push(&found, self.keys.data + start, end - start) and push(&ends, &found.used, sizeof(found.used))):
                self.overflowed = True
        text = found.data[:found.used] if found.used else b""
        offsets = array("q", bytes(8))
        offsets.frombytes(ends.data[:ends.used] if ends.used else b"")
        free(found.data)
        free(ends.data)
        self.check_memory()
        return text, offsets if len(text) > INT32_MAX else narrow(offsets)

    def fault_rows(self):
        """The faults as tuples of row, phase, field code and message."""
        cdef const int32_t* at = <const int32_t*>self.faults.data
        cdef Py_ssize_t i
        return [(at[i], at[i + 1], at[i + 2], at[i + 3]) for i in range(0, self.faults.used // sizeof(int32_t), 4)]

    def fault_texts(self):
        """The cell of each fault as it was given, by row and field code."""
        cdef const int32_t* at = <const int32_t*>self.faults.data
        cdef const int64_t* ends = <const int64_t*>self.text_ends.data
        cdef Py_ssize_t fault
        found = {}
        cdef int64_t start = 0
        for fault in range(self.faults.used // FAULT_SIZE):
            text = self.texts.data[start:ends[fault]] if ends[fault] > start else b""
            found[at[4 * fault], at[4 * fault + 2]] = text.decode("utf-8", "replace")
            start = ends[fault]
        return found

    def take(self, const int64_t[::1] order not None):
        """The rows in another order, which names each once."""
        cdef Py_ssize_t row
        cdef Py_ssize_t fault
        cdef int64_t start, middle
        cdef int32_t run
        cdef const int32_t* at
        cdef const int64_t* ends = <const int64_t*>self.text_ends.data
        cdef const int64_t[::1] place = inverse(order)
        if order.shape[0] != self.rows:
            raise IndexError("an order names each row once")
        cdef EncodedRows taken = EncodedRows(self.fields, batch_arrays(self.fields, self.rows, *_codes(self, 0, self.rows)))
        _take_arrays(self, taken, order)
        for row in range(self.rows if self.run.used else 0):
            run = (<const int32_t*>self.run.data)[order[row]]
            start, middle = self.key_end(2 * run - 1), self.key_end(2 * run)
            taken.add_run(self.keys.data + start, middle - start, self.keys.data + middle, self.key_end(2 * run + 1) - middle)
            run = <int32_t>taken.runs - 1
            if not push(&taken.run, &run, sizeof(run)):
                taken.overflowed = True
        for fault in range(self.faults.used // FAULT_SIZE):
            at = <const int32_t*>(self.faults.data + fault * FAULT_SIZE)
            start = ends[fault - 1] if fault else 0
            taken.add_fault(at, <int32_t>place[at[0]], self.texts.data + start, ends[fault] - start)
        taken.rows = self.rows
        taken.check_memory()
        return taken


# The arrays whose rows have one entry a cell, each with the array of the first cell of each row.
cdef tuple _REPEATED = (("diag_start", "diags"), ("proc_start", "procs"), ("item_start", "items"))


cdef tuple _widths(FieldSet fields):
    """The arrays with as many bytes in each row, and how many."""
    return ("numbers", 4 * fields.n_numbers), ("values", fields.n_values), ("failed", 1)


cdef _codes(EncodedRows rows, Py_ssize_t first, Py_ssize_t end):
    """How many cells of each repeated kind some rows have."""
    return [rows.arrays[start][end] - rows.arrays[start][first] for start, _ in _REPEATED]


cdef char* _address(buffer) except? NULL:
    cdef const uint8_t[::1] view = memoryview(buffer).cast("B")
    return <char*>&view[0] if view.shape[0] else NULL


cdef _take_arrays(EncodedRows rows, EncodedRows taken, const int64_t[::1] order):
    cdef Py_ssize_t row
    cdef Py_ssize_t width
    cdef char* source
    cdef char* target
    cdef const int64_t[::1] starts
    cdef int64_t[::1] new_starts
    for name, size in _widths(rows.fields):
        width, source, target = size, _address(rows.arrays[name]), _address(taken.arrays[name])
        for row in range(rows.rows if width else 0):
            memcpy(target + row * width, source + order[row] * width, width)
    for start, name in _REPEATED:
        starts, new_starts = rows.arrays[start], taken.arrays[start]
        source, target = _address(rows.arrays[name]), _address(taken.arrays[name])
        for row in range(rows.rows):
            width = starts[order[row] + 1] - starts[order[row]]
            new_starts[row + 1] = new_starts[row] + width
            if width:
                memcpy(target + 2 * new_starts[row], source + 2 * starts[order[row]], 2 * width)


def join(FieldSet fields not None, list parts not None):
    """The rows first to end - 1 of each part (EncodedRows, first, end), one after the other."""
    if len(parts) == 1 and parts[0][1] == 0 and parts[0][2] == parts[0][0].rows:
        return parts[0][0]
    cdef EncodedRows part, joined
    cdef Py_ssize_t first, end
    counts = [0, 0, 0]
    cdef Py_ssize_t rows = 0
    for part, first, end in parts:
        if not 0 <= first <= end <= part.rows:
            raise IndexError("no such rows")
        rows += end - first
        counts = [count + more for count, more in zip(counts, _codes(part, first, end))]
    joined = EncodedRows(fields, batch_arrays(fields, rows, *counts))
    for part, first, end in parts:
        _join_arrays(part, joined, first, end)
        with nogil:
            joined.add_rows(part, first, end)
    joined.check_memory()
    return joined


cdef _join_arrays(EncodedRows part, EncodedRows joined, Py_ssize_t first, Py_ssize_t end):
    cdef Py_ssize_t row
    cdef Py_ssize_t width
    cdef const int64_t[::1] starts
    cdef int64_t[::1] new_starts
    if first == end:
        return
    for name, size in _widths(part.fields):
        width = size
        if width:
            memcpy(_address(joined.arrays[name]) + joined.rows * width, _address(part.arrays[name]) + first * width, (end - first) * width)
    for start, name in _REPEATED:
        starts, new_starts = part.arrays[start], joined.arrays[start]
        for row in range(first, end):
            new_starts[joined.rows + row - first + 1] = new_starts[joined.rows] + starts[row + 1] - starts[first]
        if starts[end] > starts[first]:
            memcpy(_address(joined.arrays[name]) + 2 * new_starts[joined.rows], _address(part.arrays[name]) + 2 * starts[first],
                   2 * (starts[end] - starts[first]))


def narrow(const int64_t[::1] numbers not None):
    """Numbers of 64 bits, none of them too large, in 32."""
    cdef Py_ssize_t i
    result = array("i", bytes(4 * numbers.shape[0]))
    cdef int32_t[::1] narrowed = result
    for i in range(numbers.shape[0]):
        narrowed[i] = <int32_t>numbers[i]
    return result


def inverse(const int64_t[::1] order not None):
    """The place of each row in an order that names each once."""
    cdef Py_ssize_t i
    result = array("q", bytes(8 * order.shape[0]))
    cdef int64_t[::1] place = result
    for i in range(order.shape[0]):
        if not 0 <= order[i] < order.shape[0]:
            raise IndexError("no such row")
        place[order[i]] = i
    return result


def counts_to_ends(const int64_t[::1] rows not None, Py_ssize_t total):
    """Of ascending rows with an entry each, where the entries of each of so many rows end (with a 0 before)."""
    cdef Py_ssize_t row
    cdef Py_ssize_t entry = 0
    result = array("i", bytes(4 * (total + 1)))
    cdef int32_t[::1] ends = result
    for row in range(total):
        while entry < rows.shape[0] and rows[entry] <= row:
            entry += 1
        ends[row + 1] = <int32_t>entry
    return result


def row_numbers(Py_ssize_t first, Py_ssize_t rows):
    """The numbers of rows from one on, as an array."""
    cdef Py_ssize_t row
    result = array("q", bytes(8 * rows))
    cdef int64_t[::1] numbers = result
    for row in range(rows):
        numbers[row] = first + row
    return result


def shifted(const int64_t[::1] rows not None, int64_t by):
    """Row numbers, counted from elsewhere."""
    cdef Py_ssize_t i
    result = array("q", bytes(8 * rows.shape[0]))
    cdef int64_t[::1] numbers = result
    for i in range(rows.shape[0]):
        numbers[i] = rows[i] + by
    return result


def spell_numbers(const int64_t[::1] starts not None):
    """The spell of each row, by the first row of each spell."""
    cdef Py_ssize_t spell, row
    cdef Py_ssize_t spells = starts.shape[0] - 1
    result = array("i", bytes(4 * starts[spells]))
    cdef int32_t[::1] numbers = result
    for spell in range(spells):
        if not 0 <= starts[spell] <= starts[spell + 1] <= starts[spells]:
            raise IndexError("spells must follow one another")
        for row in range(starts[spell], starts[spell + 1]):
            numbers[row] = <int32_t>spell
    return result


def differences(const int64_t[::1] starts not None):
    """How far each start is from the one before."""
    cdef Py_ssize_t i
    result = array("i", bytes(4 * (starts.shape[0] - 1)))
    cdef int32_t[::1] sizes = result
    for i in range(starts.shape[0] - 1):
        sizes[i] = <int32_t>(starts[i + 1] - starts[i])
    return result


def gather(column not None, const int64_t[::1] order not None):
    """The entries of a column in another order, as an array of the same type."""
    view = memoryview(column)
    cdef Py_ssize_t width = view.itemsize
    cdef Py_ssize_t entries = view.shape[0]
    cdef Py_ssize_t row
    result = array(view.format, bytes(width * order.shape[0]))
    cdef char* target = _address(result)
    cdef char* source = _address(view)
    for row in range(order.shape[0]):
        if not 0 <= order[row] < entries:
            raise IndexError("no such row")
        memcpy(target + row * width, source + order[row] * width, width)
    return result
