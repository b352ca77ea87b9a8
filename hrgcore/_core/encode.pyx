"""The border of admitted care: cells in, ids out, and a fault for each cell that is not accepted (sections 1 and 2)."""
from hrgcore._core.codes cimport CELL_ROOM, clean_code, clean_value, value_slot, VALUE_SLOTS
from hrgcore._core.typedefs cimport *

cdef int[N_VALUES] VALUE_FIELD = [SEX, CLASSPAT, ADMISORC, ADMIMETH, DISDEST, DISMETH, MAINSPEF, NEOCARE, TRETSPEF]
cdef int[N_NUMBERS] NUMBER_FIELD = [EPIORDER, STARTAGE, EPIDUR, CRITICALCAREDAYS, REHABILITATIONDAYS, SPCDAYS]

cdef enum:
    BLANK_NUMBER = -1         # as clean_number says it


cdef Py_ssize_t _store(code_t[::1] codes, Py_ssize_t start, Py_ssize_t end, int cell, code_t code) noexcept nogil:
    """Puts the code of a cell into a row that starts and so far ends there; returns its new end.

    Blank cells before it keep their places, so that a code's place tells its field.
    """
    cdef Py_ssize_t place = start + cell - 1
    while end <= place:
        codes[end] = 0
        end += 1
    codes[place] = code
    return end


cdef class Encoder:
    def __init__(self, Tables tables not None, dict arrays not None):
        """Writes into the given arrays, which must be large enough for the rows that will come."""
        self.tables = tables
        self.faults = Events()
        self.arrays = arrays
        self.numbers = arrays["numbers"]
        self.values = arrays["values"]
        self.failed = arrays["failed"]
        self.diag_start = arrays["diag_start"]
        self.proc_start = arrays["proc_start"]
        self.diags = arrays["diags"]
        self.procs = arrays["procs"]
        self.restart()

    cdef void restart(self) noexcept nogil:
        self.rows = 0
        self.faults.clear()
        self.diag_start[0] = 0
        self.proc_start[0] = 0

    cdef void begin_row(self) noexcept nogil:
        cdef Py_ssize_t i
        self.failed[self.rows] = False
        for i in range(N_NUMBERS):
            self.numbers[self.rows * N_NUMBERS + i] = -1
        for i in range(N_VALUES):
            self.values[self.rows * N_VALUES + i] = 0
        self.diag_end = self.diag_start[self.rows]
        self.proc_end = self.proc_start[self.rows]

    cdef void end_row(self) noexcept nogil:
        self.rows += 1
        self.diag_start[self.rows] = self.diag_end
        self.proc_start[self.rows] = self.proc_end

    cdef void fail(self, int field, int cell, int message, bint fails) noexcept nogil:
        self.faults.add(<int32_t>self.rows, PHASE_FIELD, field * CELLS + cell, message)
        if fails:
            self.failed[self.rows] = True

    cdef void put_text(self, int field, Py_ssize_t size) noexcept nogil:
        """A field that only has to be there; size is that of the trimmed text."""
        if size == 0 and self.tables.required[field]:
            self.fail(field, 0, FIELD_BLANK, True)

    cdef void put_number(self, int column, int32_t number) noexcept nogil:
        """A number as `clean_number` gives it."""
        cdef int field = NUMBER_FIELD[column]
        cdef bint required = self.tables.required[field]
        if number == BLANK_NUMBER:
            if required:
                self.fail(field, 0, FIELD_BLANK, True)
            return
        if self.tables.accepts(column, number):
            self.numbers[self.rows * N_NUMBERS + column] = number
        else:
            self.fail(field, 0, FIELD_INVALID, required)

    cdef void put_value(self, int column, const char* text, Py_ssize_t size) noexcept nogil:
        cdef const char* start
        cdef uint8_t value
        cdef int slot
        size = clean_value(text, size, &start)
        if size == 0:
            if self.tables.required[VALUE_FIELD[column]]:
                self.fail(VALUE_FIELD[column], 0, FIELD_BLANK, True)
            return
        slot = value_slot(start, size)
        value = self.tables.value_slots[column * VALUE_SLOTS + slot] if slot >= 0 else 0
        if value == 0:
            self.fail(VALUE_FIELD[column], 0, FIELD_INVALID, self.tables.required[VALUE_FIELD[column]])
        self.put_value_id(column, value)

    cdef void put_value_id(self, int column, uint8_t value) noexcept nogil:
        self.values[self.rows * N_VALUES + column] = value

    cdef void put_diagnosis(self, int cell, const char* text, Py_ssize_t size) noexcept nogil:
        """Cell 1 is the primary diagnosis."""
        cdef char cleaned[CELL_ROOM]
        cdef code_t code
        size = clean_code(text, size, cleaned)
        if size == 0:
            if cell == 1:
                self.fail(DIAG, 1, PRIMARY_BLANK, True)
            return
        code = self.tables.icd10.find(cleaned, size)
        if code == 0:
            if cell == 1:
                self.fail(DIAG, 1, self.tables.unknown_primary, True)
            else:
                self.fail(DIAG, cell, DIAGNOSIS_INVALID, False)
            return
        self.diag_end = _store(self.diags, self.diag_start[self.rows], self.diag_end, cell, code)

    cdef void put_procedure(self, int cell, const char* text, Py_ssize_t size) noexcept nogil:
        cdef char cleaned[CELL_ROOM]
        cdef code_t code
        size = clean_code(text, size, cleaned)
        if size == 0:
            return
        code = self.tables.opcs4.find(cleaned, size)
        if code == 0:
            self.fail(OPER, cell, PROCEDURE_INVALID, False)
            return
        self.proc_end = _store(self.procs, self.proc_start[self.rows], self.proc_end, cell, code)
