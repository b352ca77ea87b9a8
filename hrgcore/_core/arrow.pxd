from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t

# The Arrow C data and C stream interfaces, as their specification has them.

cdef struct ArrowSchema:
    const char* format
    const char* name
    const char* metadata
    int64_t flags
    int64_t n_children
    ArrowSchema** children
    ArrowSchema* dictionary
    void (*release)(ArrowSchema*) noexcept nogil
    void* private_data


cdef struct ArrowArray:
    int64_t length
    int64_t null_count
    int64_t offset
    int64_t n_buffers
    int64_t n_children
    const void** buffers
    ArrowArray** children
    ArrowArray* dictionary
    void (*release)(ArrowArray*) noexcept nogil
    void* private_data


cdef struct ArrowArrayStream:
    int (*get_schema)(ArrowArrayStream*, ArrowSchema*) noexcept nogil
    int (*get_next)(ArrowArrayStream*, ArrowArray*) noexcept nogil
    const char* (*get_last_error)(ArrowArrayStream*) noexcept nogil
    void (*release)(ArrowArrayStream*) noexcept nogil
    void* private_data


# What the cells of a column are.
cpdef enum Form:
    FORM_OTHER = 0            # nothing that a field can hold
    FORM_NULL                 # all cells are blank
    FORM_TEXT
    FORM_LARGE_TEXT           # with offsets of 64 bits
    FORM_TEXT_VIEW
    FORM_INT8
    FORM_UINT8
    FORM_INT16
    FORM_UINT16
    FORM_INT32
    FORM_UINT32
    FORM_INT64
    FORM_UINT64
    FORM_FLOAT32
    FORM_FLOAT64
    FORM_DATE32               # days since 1970
    FORM_DATE64               # milliseconds, as FORM_MILLISECONDS
    FORM_SECONDS              # a time without a zone, or of UTC
    FORM_MILLISECONDS
    FORM_MICROSECONDS
    FORM_NANOSECONDS


# How the cells of a row stand in a column of lists.
cpdef enum ListForm:
    LIST_NONE = 0             # one cell a row
    LIST_PLAIN
    LIST_LARGE
    LIST_FIXED
    LIST_VIEW
    LIST_LARGE_VIEW


cdef struct Cells:
    uint8_t form
    const uint8_t* valid      # NULL = no cell is null
    int64_t offset, length    # cell i stands at offset + i in all buffers
    const void* data          # values, views, or the bytes of the text
    const void* starts        # of text
    int64_t last              # end of the last text
    const void** blocks       # of views
    const int64_t* block_sizes
    int64_t n_blocks


cdef struct ColumnCells:
    Cells cells               # of lists: all cells of all rows
    Cells dictionary          # what the cells of a dictionary column point to
    bint coded                # whether there is a dictionary
    uint8_t list_form
    const uint8_t* list_valid
    int64_t list_offset, width
    const void* list_starts
    const void* list_sizes


cdef class Source:
    """A stream of record batches from any producer, and what its columns are."""
    cdef ArrowArrayStream stream
    cdef ArrowSchema schema
    cdef ArrowArray single                        # the one batch of a producer without a stream
    cdef readonly tuple names                     # of the columns
    cdef readonly tuple types                     # (Form, ListForm, the type in the words of the specification) of each column
    cdef _open(self, stream_or_array)
    cdef _failed(self, int code)
    cdef _move_array(self, ArrowArray* target)


cdef class Chunk:
    """One record batch: where the cells of the columns in use stand. Its memory is the producer's, until it is released."""
    cdef ArrowArray array
    cdef readonly int64_t rows
    cdef readonly Py_ssize_t columns              # in use
    cdef ColumnCells* column
    cdef const uint8_t* valid                     # of whole rows
    cdef int64_t offset                           # of whole rows
    cdef _fill(self, Source source, tuple used)
    cdef _fill_lists(self, ColumnCells* column, str name, ArrowSchema* schema, ArrowArray* array)
    cdef bint row_is_valid(self, int64_t row) noexcept nogil
    cdef bint span(self, Py_ssize_t column, int64_t row, int64_t* first, int64_t* end) noexcept nogil


cdef inline bint is_set(const uint8_t* bits, int64_t place) noexcept nogil:
    return (bits[place >> 3] >> (place & 7)) & 1
