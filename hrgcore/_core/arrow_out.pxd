from hrgcore._core.arrow cimport ArrowArray, ArrowSchema
from hrgcore._core.typedefs cimport int64_t


cdef class ArrowColumn:
    """A column to hand out: its type, and the buffers that hold its cells."""
    cdef readonly str name
    cdef readonly str format                      # of the specification
    cdef readonly int64_t length, nulls
    cdef readonly tuple buffers                   # objects with the buffer protocol; None where there is no such buffer
    cdef readonly tuple children
    cdef readonly ArrowColumn dictionary
    cdef fill_schema(self, ArrowSchema* schema)
    cdef fill_array(self, ArrowArray* array)


cdef class ArrowTable:
    """Columns of one length that anyone can read through the Arrow C stream interface, without a copy, as often as they like."""
    cdef readonly ArrowColumn root
    cdef readonly tuple column_names
    cdef readonly int64_t num_rows
