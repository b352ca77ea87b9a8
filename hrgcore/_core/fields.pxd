from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t


cdef class FieldSet:
    """The fields of one data set of a design, compiled: what each accepts, and where it stands in a batch."""
    cdef readonly tuple names             # official names by field number; of repeated fields the stem
    cdef const uint8_t[::1] required      # by field number

    # numbers, by column of the batch
    cdef readonly Py_ssize_t n_numbers
    cdef const int32_t[::1] number_field, number_start, number_bands     # accepted bands (low, high) of each column
    cdef const uint8_t[::1] number_kind
    cdef readonly bytes number_place      # column for conditions

    # listed values, by column of the batch
    cdef readonly Py_ssize_t n_values
    cdef const int32_t[::1] value_field
    cdef const uint8_t[::1] value_exact, value_slots                     # one stretch of slots a column
    cdef readonly bytes value_place       # column for conditions

    # repeated listed fields, by number in the data set
    cdef readonly Py_ssize_t n_items
    cdef const int32_t[::1] item_field, item_message
    cdef const uint8_t[::1] item_slots
    cdef readonly bytes item_exact, item_place                           # item_place: number for conditions

    cdef readonly int32_t diagnoses, procedures                          # their field numbers, -1 = none
    cdef readonly bint primary_required
    cdef bint accepts(self, Py_ssize_t column, int64_t number) noexcept nogil
