from hrgcore._core.events cimport Events
from hrgcore._core.fields cimport FieldSet
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport code_t, int32_t, int64_t, item_t, uint8_t, uint64_t


cdef class Aliases:
    """Codes of another terminology, by field: numbers of up to 18 digits that stand for listed values."""
    cdef const int32_t[::1] start         # codes of field f: start[f] .. [f + 1], ascending
    cdef const uint64_t[::1] codes
    cdef const uint8_t[::1] values        # id of the value
    cdef uint8_t find(self, int field, const char* text, Py_ssize_t size) noexcept nogil


cdef struct Listed:
    int field
    int cell
    int message               # if it is not accepted
    bint exact, required
    const uint8_t* slots      # of its values


cdef class Encoder:
    """Checks and encodes cells into the arrays of a batch, row by row."""
    cdef readonly Tables tables
    cdef readonly FieldSet fields
    cdef readonly Aliases aliases                 # None if there are none
    cdef readonly Events faults                   # row, phase, field code, message
    cdef readonly dict arrays                     # the arrays of the batch by name, at full size
    cdef readonly Py_ssize_t rows                 # finished so far
    cdef int32_t[::1] numbers
    cdef uint8_t[::1] values, failed
    cdef int64_t[::1] diag_start, proc_start, item_start
    cdef code_t[::1] diags, procs
    cdef item_t[::1] items
    cdef Py_ssize_t diag_end, proc_end, item_end  # one past the last code of the row being written
    cdef int64_t[::1] zeros                       # by field code: cells, those that begin with 0, of one digit and longer ones that may have lost it
    cdef check_room(self, uint8_t kind, Py_ssize_t place)
    cdef void restart(self) noexcept nogil
    cdef void begin_row(self) noexcept nogil
    cdef void end_row(self) noexcept nogil
    cdef void fail(self, int field, int cell, int message, bint fails) noexcept nogil
    cdef void put_text(self, int field, Py_ssize_t size) noexcept nogil
    cdef void put_number(self, int column, int32_t number) noexcept nogil
    cdef void put_number_text(self, int column, const char* text, Py_ssize_t size) noexcept nogil
    cdef void put_value(self, int column, const char* text, Py_ssize_t size) noexcept nogil
    cdef void put_value_id(self, int column, uint8_t value) noexcept nogil
    cdef void put_item(self, int number, int cell, const char* text, Py_ssize_t size) noexcept nogil
    cdef uint8_t listed(self, const Listed* of, const char* text, Py_ssize_t size) noexcept nogil
    cdef void watch(self, const Listed* of, const char* text, Py_ssize_t size) noexcept nogil
    cdef bint mapped(self, const char* text, Py_ssize_t size) noexcept nogil
    cdef void put_diagnosis(self, int cell, const char* text, Py_ssize_t size) noexcept nogil
    cdef void put_procedure(self, int cell, const char* text, Py_ssize_t size) noexcept nogil


cdef Py_ssize_t _store(code_t[::1] codes, Py_ssize_t start, Py_ssize_t end, int cell, code_t code) noexcept nogil
cdef int32_t read_number(FieldSet fields, Py_ssize_t column, const char* text, Py_ssize_t size) noexcept nogil
cdef void put_cell(Encoder encoder, uint8_t kind, int32_t place, const char* text, Py_ssize_t size) noexcept nogil
