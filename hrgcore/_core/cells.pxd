from cython cimport final

from hrgcore._core.arrow cimport Cells, Chunk, ColumnCells
from hrgcore._core.csvfile cimport CellPlan
from hrgcore._core.encode cimport Encoder
from hrgcore._core.encoded cimport EncodedRows, Grown
from hrgcore._core.numerals cimport Reading
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport code_t, int32_t, int64_t, item_t, uint8_t, uint64_t


cdef struct Known:
    int32_t id                # what a cell without a fault was encoded as
    bint known


cdef struct Memo:
    uint64_t text             # of up to 7 bytes, and the size in the last byte; 0 = none
    int32_t id


cdef struct Memos:
    Memo* at
    uint64_t mask             # their number less one


cdef struct Codes:
    code_t* cells             # of the rows of a block, `width` a row
    int32_t* used             # by row: how many cells up to its last code
    Py_ssize_t width
    Grown found               # the codes of all rows so far, one row after the other


@final
cdef class ColumnEncoder:
    """Encodes rows of a chunk, column by column, in blocks of rows."""
    cdef Tables tables
    cdef CellPlan plan
    cdef Chunk chunk
    cdef EncodedRows out
    cdef Encoder one                              # one row, where single cells are encoded
    cdef int32_t[::1] numbers
    cdef uint8_t[::1] values, failed
    cdef int64_t[::1] diag_start, proc_start, item_start
    cdef Codes diags, procs, items
    cdef uint8_t* needed                          # by column: whether a blank cell is a fault
    cdef Known** known                            # by column, by entry of its dictionary; NULL = not kept
    cdef Memo* memo                               # of short texts that have no fault
    cdef Memos* memos                             # by column: those of its own, of codes those of all of a kind
    cdef Grown[2] key                             # providers and numbers of the rows of the block
    cdef int64_t* key_end[2]                      # by row
    cdef Grown scratch
    cdef int64_t first                            # row of the chunk, of the block
    cdef int64_t block                            # row of the output, of the block
    cdef Py_ssize_t broken                        # the column with a cell outside its buffers; -1 = none
    cdef int64_t broken_row                       # of the chunk
    cdef _make_room(self, object widths)
    cdef _mark_needed(self)
    cdef _keep_known(self, int64_t rows)
    cdef _finish(self)
    cdef void encode(self, int64_t first, int64_t end) noexcept nogil
    cdef void begin_block(self, int64_t rows) noexcept nogil
    cdef void end_block(self, int64_t rows) noexcept nogil
    cdef void end_codes(self, Codes* codes, int64_t[::1] starts, int64_t rows) noexcept nogil
    cdef void put_column(self, Py_ssize_t column, int64_t rows) noexcept nogil
    cdef void put_list(self, Py_ssize_t column, int64_t row) noexcept nogil
    cdef void put(self, Py_ssize_t column, int32_t place, const ColumnCells* of, int64_t row, int64_t cell) noexcept nogil
    cdef void put_coded(self, Py_ssize_t column, int32_t place, const ColumnCells* of, int64_t row, int64_t cell) noexcept nogil
    cdef bint put_read(self, Py_ssize_t column, int32_t place, int64_t row, int found, Reading* reading, int32_t* id) noexcept nogil
    cdef void put_blank(self, Py_ssize_t column, int32_t place, int64_t row) noexcept nogil
    cdef void put_key(self, Py_ssize_t column, int64_t row, const char* text, Py_ssize_t size) noexcept nogil
    cdef void store(self, uint8_t kind, int32_t place, int64_t row, int32_t id) noexcept nogil
    cdef bint encode_text(self, Py_ssize_t column, int32_t place, int64_t row, const char* text, Py_ssize_t size, int32_t* id) noexcept nogil
    cdef bint encode_number(self, int32_t place, int64_t row, int found, Reading* reading, int32_t* id) noexcept nogil
    cdef bint encode_one(self, uint8_t kind, int32_t place, int64_t row, const char* text, Py_ssize_t size, int32_t* id) noexcept nogil
    cdef void break_off(self, Py_ssize_t column, int64_t row) noexcept nogil
