from hrgcore._core.arrow cimport Cells, Chunk, ColumnCells
from hrgcore._core.csvfile cimport CellPlan
from hrgcore._core.encode cimport Encoder
from hrgcore._core.encoded cimport EncodedRows, Grown
from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t


cdef struct Reading:
    const char* text
    Py_ssize_t size
    int64_t number            # a whole number, or days since 1970
    double real
    bint single               # of 32 bits
    char[40] room             # for the text of a number


cdef struct Known:
    int32_t value             # what a cell without a fault was encoded as
    bint known


cdef class ColumnEncoder:
    """Encodes rows of a chunk as the rows of a file are encoded."""
    cdef CellPlan plan
    cdef Chunk chunk
    cdef Encoder encoder
    cdef EncodedRows out
    cdef uint8_t* needed                          # by column: whether a blank cell is a fault
    cdef Known** known                            # by column, by entry of its dictionary; NULL = not kept
    cdef Grown[2] key                             # provider and number of the row being read
    cdef Grown scratch
    cdef Py_ssize_t broken                        # the column with a cell outside its buffers; -1 = none
    cdef _keep_known(self, int64_t rows)
    cdef void encode(self, int64_t first, int64_t end) noexcept nogil
    cdef void put_column(self, Py_ssize_t column, int64_t row) noexcept nogil
    cdef void put_list(self, Py_ssize_t column, int64_t row) noexcept nogil
    cdef void put(self, Py_ssize_t column, int32_t place, const ColumnCells* of, int64_t cell) noexcept nogil
    cdef void put_coded(self, Py_ssize_t column, int32_t place, const ColumnCells* of, int64_t cell) noexcept nogil
    cdef void put_known(self, uint8_t kind, int32_t place, int32_t value) noexcept nogil
    cdef int32_t last_value(self, uint8_t kind, int32_t place, Py_ssize_t codes) noexcept nogil
    cdef Py_ssize_t codes(self, uint8_t kind) noexcept nogil
    cdef void put_read(self, Py_ssize_t column, int32_t place, int found, Reading* value) noexcept nogil
    cdef void put_blank(self, Py_ssize_t column, int32_t place) noexcept nogil
    cdef bint put_number(self, int32_t place, int found, Reading* value) noexcept nogil
    cdef void put_text(self, Py_ssize_t column, int32_t place, const char* text, Py_ssize_t size) noexcept nogil
    cdef void watch(self, Py_ssize_t faults, const char* text, Py_ssize_t size) noexcept nogil
    cdef void end_key(self) noexcept nogil
