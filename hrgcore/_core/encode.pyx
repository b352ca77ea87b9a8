"""The border: cells in, ids out, and a fault for each cell that is not accepted (sections 1 and 2 of the grouping logic)."""
from array import array

cimport cython
from cpython.unicode cimport PyUnicode_AsUTF8AndSize

from hrgcore._core.codes cimport (
    CELL_ROOM, clean_code, clean_date, clean_number, clean_value, clean_weight, trim, value_slot, VALUE_SLOTS,
)
from hrgcore._core.typedefs cimport *

cdef enum:
    BLANK_NUMBER = -1         # as clean_number says it
    ALIAS_LEAST = 6           # digits of a code of another terminology
    ALIAS_MOST = 18
    ZEROS = 4                 # counts a field code


def batch_arrays(FieldSet fields not None, Py_ssize_t rows, Py_ssize_t diagnoses=0, Py_ssize_t procedures=0, Py_ssize_t items=0):
    """Arrays for an encoder of so many rows and cells of repeated fields."""
    return {
        "numbers": array("i", bytes(4 * rows * fields.n_numbers)),
        "values": array("B", bytes(rows * fields.n_values)),
        "failed": array("B", bytes(rows)),
        "diag_start": array("q", bytes(8 * (rows + 1))),
        "proc_start": array("q", bytes(8 * (rows + 1))),
        "item_start": array("q", bytes(8 * (rows + 1))),
        "diags": array("H", bytes(2 * diagnoses)),
        "procs": array("H", bytes(2 * procedures)),
        "items": array("H", bytes(2 * items)),
    }


cdef int32_t read_number(FieldSet fields, Py_ssize_t column, const char* text, Py_ssize_t size) noexcept nogil:
    """A cell of a column of numbers: -1 if blank, -2 if it is none."""
    if fields.number_kind[column] == KIND_DATE:
        return clean_date(text, size)
    if fields.number_kind[column] == KIND_WEIGHT:
        return clean_weight(text, size)
    return clean_number(text, size)


cdef inline Py_ssize_t _store(code_t[::1] codes, Py_ssize_t start, Py_ssize_t end, int cell, code_t code) noexcept nogil:
    """Puts the code of a cell into a row that starts and so far ends there; returns its new end.

    Blank cells before it keep their places, so that a code's place tells its field.
    """
    cdef Py_ssize_t place = start + cell - 1
    while end <= place:
        codes[end] = 0
        end += 1
    codes[place] = code
    return end


cdef class Aliases:
    def __init__(self, by_field):
        """`by_field` holds for each field number a mapping of code (text of 6 to 18 digits) to the id of a value."""
        start, codes, values = array("i", [0]), array("Q"), bytearray()
        for mapping in by_field:
            for code in sorted(mapping, key=int):
                if not (code.isascii() and code.isdigit() and ALIAS_LEAST <= len(code) <= ALIAS_MOST):
                    raise ValueError(f"{code!r} is not a code of {ALIAS_LEAST} to {ALIAS_MOST} digits")
                codes.append(int(code))
                values.append(mapping[code])
            start.append(len(codes))
        self.start = start
        self.codes = codes
        self.values = bytes(values)

    cdef uint8_t find(self, int field, const char* text, Py_ssize_t size) noexcept nogil:
        """The id of the value that a trimmed cell stands for, or 0."""
        cdef Py_ssize_t i, middle
        cdef Py_ssize_t low = self.start[field]
        cdef Py_ssize_t high = self.start[field + 1]
        cdef Py_ssize_t end = high
        cdef uint64_t code = 0
        for i in range(size):
            code = code * 10 + <uint64_t>(text[i] - c"0")
        while low < high:
            middle = (low + high) // 2
            if self.codes[middle] < code:
                low = middle + 1
            else:
                high = middle
        return self.values[low] if low < end and self.codes[low] == code else 0


@cython.final
cdef class Encoder:
    def __init__(self, Tables tables not None, FieldSet fields not None, dict arrays not None, Aliases aliases=None):
        """Writes into the given arrays, which must be large enough for the rows that will come."""
        self.tables = tables
        self.fields = fields
        self.aliases = aliases
        self.faults = Events()
        self.zeros = array("q", bytes(8 * ZEROS * CELLS * len(fields.names)))
        self.write_to(arrays)

    def write_to(self, dict arrays not None):
        """Begins anew, with other arrays; what it knows of leading zeros stays."""
        self.arrays = arrays
        self.numbers = arrays["numbers"]
        self.values = arrays["values"]
        self.failed = arrays["failed"]
        self.diag_start = arrays["diag_start"]
        self.proc_start = arrays["proc_start"]
        self.item_start = arrays["item_start"]
        self.diags = arrays["diags"]
        self.procs = arrays["procs"]
        self.items = arrays["items"]
        self.restart()

    cdef void restart(self) noexcept nogil:
        self.rows = 0
        self.faults.clear()
        self.diag_start[0] = 0
        self.proc_start[0] = 0
        self.item_start[0] = 0

    cdef void begin_row(self) noexcept nogil:
        cdef Py_ssize_t i
        self.failed[self.rows] = False
        for i in range(self.fields.n_numbers):
            self.numbers[self.rows * self.fields.n_numbers + i] = -1
        for i in range(self.fields.n_values):
            self.values[self.rows * self.fields.n_values + i] = 0
        self.diag_end = self.diag_start[self.rows]
        self.proc_end = self.proc_start[self.rows]
        self.item_end = self.item_start[self.rows]

    cdef void end_row(self) noexcept nogil:
        self.rows += 1
        self.diag_start[self.rows] = self.diag_end
        self.proc_start[self.rows] = self.proc_end
        self.item_start[self.rows] = self.item_end

    def encode_cells(self, cells):
        """Encodes one row from (CellKind, place, text) of each field, as a file's plan has them; a field left out is blank."""
        cdef Py_ssize_t size
        cdef const char* text
        self.begin_row()
        for kind, place, value in cells:
            text = PyUnicode_AsUTF8AndSize(value, &size)
            self.check_room(kind, place)
            put_cell(self, kind, place, text, size)
        self.end_row()

    cdef check_room(self, uint8_t kind, Py_ssize_t place):
        """Refuses a place that the data set or the arrays do not have."""
        cdef Py_ssize_t room
        if kind == CELL_DIAGNOSIS:
            room = self.diags.shape[0] - self.diag_start[self.rows] + 1
        elif kind == CELL_PROCEDURE:
            room = self.procs.shape[0] - self.proc_start[self.rows] + 1
        elif kind == CELL_ITEM:
            room = CELLS * self.fields.n_items if self.item_end < self.items.shape[0] else 0
        elif kind == CELL_VALUE:
            room = self.fields.n_values
        elif kind == CELL_NUMBER:
            room = self.fields.n_numbers
        else:
            room = len(self.fields.names)
        if not 0 <= place < room or self.rows == self.failed.shape[0]:
            raise IndexError("the arrays of this encoder have no such place")

    def add_zeros(self, Encoder other not None):
        """Adds what another encoder of the same fields knows of leading zeros."""
        cdef Py_ssize_t i
        if other.fields is not self.fields:
            raise ValueError("the encoders are of different fields")
        for i in range(self.zeros.shape[0]):
            self.zeros[i] += other.zeros[i]

    def lost_zeros(self):
        """Field code, cells, cells of one digit and longer cells that might have lost a zero, where some might have and none begins with 0."""
        cdef Py_ssize_t code, at
        found = []
        for code in range(CELLS * len(self.fields.names)):
            at = code * ZEROS
            if self.zeros[at + 1] == 0 and (self.zeros[at + 2] > 0 or self.zeros[at + 3] > 0):
                found.append((code, self.zeros[at], self.zeros[at + 2], self.zeros[at + 3]))
        return found

    cdef void fail(self, int field, int cell, int message, bint fails) noexcept nogil:
        self.faults.add(<int32_t>self.rows, PHASE_FIELD, field * CELLS + cell, message)
        if fails:
            self.failed[self.rows] = True

    cdef void put_text(self, int field, Py_ssize_t size) noexcept nogil:
        """A field that only has to be there; size is that of the trimmed text."""
        if size == 0 and self.fields.required[field]:
            self.fail(field, 0, FIELD_BLANK, True)

    cdef void put_number(self, int column, int32_t number) noexcept nogil:
        """A number as `read_number` gives it."""
        cdef int field = self.fields.number_field[column]
        cdef bint required = self.fields.required[field]
        if number == BLANK_NUMBER:
            if required:
                self.fail(field, 0, FIELD_BLANK, True)
            return
        if self.fields.accepts(column, number):
            self.numbers[self.rows * self.fields.n_numbers + column] = number
        else:
            self.fail(field, 0, FIELD_INVALID, required)

    cdef void put_number_text(self, int column, const char* text, Py_ssize_t size) noexcept nogil:
        self.put_number(column, read_number(self.fields, column, text, size))

    cdef uint8_t listed(self, const Listed* of, const char* text, Py_ssize_t size) noexcept nogil:
        """The id of a cell with a listed value; 0, and reported where that is a fault, if it is blank or not accepted."""
        cdef const char* start = text
        cdef uint8_t value
        cdef int slot
        if of.exact:
            trim(&start, &size)
            self.watch(of, start, size)
        else:
            size = clean_value(text, size, &start)
        if size == 0:
            if of.required:
                self.fail(of.field, of.cell, FIELD_BLANK, True)
            return 0
        slot = value_slot(start, size)
        value = of.slots[slot] if slot >= 0 else 0
        if value == 0 and self.mapped(start, size):
            value = self.aliases.find(of.field, start, size)
            if value == 0:
                self.fail(of.field, of.cell, CODE_UNMAPPED, of.required)
        elif value == 0:
            self.fail(of.field, of.cell, of.message, of.required)
        return value

    cdef void put_value(self, int column, const char* text, Py_ssize_t size) noexcept nogil:
        cdef Listed of
        of.field = self.fields.value_field[column]
        of.cell = 0
        of.exact = self.fields.value_exact[column]
        of.required = self.fields.required[of.field]
        of.message = FIELD_INVALID
        of.slots = &self.fields.value_slots[column * VALUE_SLOTS]
        self.put_value_id(column, self.listed(&of, text, size))

    cdef void put_value_id(self, int column, uint8_t value) noexcept nogil:
        self.values[self.rows * self.fields.n_values + column] = value

    cdef void put_item(self, int number, int cell, const char* text, Py_ssize_t size) noexcept nogil:
        """A cell of a repeated listed field; one that is not accepted is reported and left out."""
        cdef Listed of
        cdef uint8_t value
        of.field = self.fields.item_field[number]
        of.cell = cell
        of.exact = self.fields.item_exact[number]
        of.required = False
        of.message = self.fields.item_message[number]
        of.slots = &self.fields.item_slots[number * VALUE_SLOTS]
        value = self.listed(&of, text, size)
        if value:
            self.items[self.item_end] = <item_t>((<int>self.fields.item_place[number] << ITEM_BITS) | value)
            self.item_end += 1

    cdef void watch(self, const Listed* of, const char* text, Py_ssize_t size) noexcept nogil:
        """Counts what tells whether a column has lost its leading zeros."""
        cdef Py_ssize_t i
        cdef Py_ssize_t place = (of.field * CELLS + of.cell) * ZEROS
        cdef char[3] longer
        cdef int slot
        if size == 0:
            return
        self.zeros[place] += 1
        if text[0] == c"0":
            self.zeros[place + 1] += 1
        elif size < 3:
            longer[0] = c"0"
            for i in range(size):
                longer[i + 1] = text[i]
            slot = value_slot(longer, size + 1)
            if slot >= 0 and of.slots[slot]:
                self.zeros[place + (2 if size == 1 else 3)] += 1

    cdef bint mapped(self, const char* text, Py_ssize_t size) noexcept nogil:
        """Whether a trimmed cell has the form of a code of another terminology, and there is a map."""
        cdef Py_ssize_t i
        if self.aliases is None or not ALIAS_LEAST <= size <= ALIAS_MOST:
            return False
        for i in range(size):
            if not c"0" <= text[i] <= c"9":
                return False
        return True

    cdef void put_diagnosis(self, int cell, const char* text, Py_ssize_t size) noexcept nogil:
        """Cell 1 is the primary diagnosis."""
        cdef char cleaned[CELL_ROOM]
        cdef bint primary = cell == 1 and self.fields.primary_required
        cdef code_t code = self.tables.icd10.find(text, size)
        if code:                  # most are clean
            self.diag_end = _store(self.diags, self.diag_start[self.rows], self.diag_end, cell, code)
            return
        size = clean_code(text, size, cleaned)
        if size == 0:
            if primary:
                self.fail(self.fields.diagnoses, 1, PRIMARY_BLANK, True)
            return
        code = self.tables.icd10.find(cleaned, size)
        if code == 0:
            if primary:
                self.fail(self.fields.diagnoses, 1, self.tables.unknown_primary, True)
            else:
                self.fail(self.fields.diagnoses, cell, DIAGNOSIS_INVALID, False)
            return
        self.diag_end = _store(self.diags, self.diag_start[self.rows], self.diag_end, cell, code)

    cdef void put_procedure(self, int cell, const char* text, Py_ssize_t size) noexcept nogil:
        cdef char cleaned[CELL_ROOM]
        cdef code_t code = self.tables.opcs4.find(text, size)
        if code:
            self.proc_end = _store(self.procs, self.proc_start[self.rows], self.proc_end, cell, code)
            return
        size = clean_code(text, size, cleaned)
        if size == 0:
            return
        code = self.tables.opcs4.find(cleaned, size)
        if code == 0:
            self.fail(self.fields.procedures, cell, PROCEDURE_INVALID, False)
            return
        self.proc_end = _store(self.procs, self.proc_start[self.rows], self.proc_end, cell, code)


cdef void put_cell(Encoder encoder, uint8_t kind, int32_t place, const char* text, Py_ssize_t size) noexcept nogil:
    """A cell of a row, by what its column holds."""
    if kind == CELL_DIAGNOSIS:
        encoder.put_diagnosis(place, text, size)
    elif kind == CELL_PROCEDURE:
        encoder.put_procedure(place, text, size)
    elif kind == CELL_ITEM:
        encoder.put_item(place // CELLS, place % CELLS, text, size)
    elif kind == CELL_VALUE:
        encoder.put_value(place, text, size)
    elif kind == CELL_NUMBER:
        encoder.put_number_text(place, text, size)
    elif kind == CELL_TEXT:
        trim(&text, &size)
        encoder.put_text(place, size)
