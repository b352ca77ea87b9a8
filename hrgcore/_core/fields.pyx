"""The fields of a data set, compiled: accepted values and numbers, and their places in a batch.

Kernels and conditions know a number or a listed value by its place, which is the same in all data sets of a design; a batch has
columns only for the fields of its data set.
"""
from array import array

from hrgcore._core.typedefs cimport BAND_TOP


cdef class FieldSet:
    def __init__(self, *, names, required, numbers, values, items, int diagnoses, int procedures):
        """`numbers` are (field, kind, bands, place), `values` (field, ValueSet, place), `items` (field, ValueSet, place, message)."""
        self.names = tuple(names)
        self.required = bytes(required)
        self.n_numbers = len(numbers)
        self.number_field = array("i", [field for field, _, _, _ in numbers])
        self.number_kind = bytes(kind for _, kind, _, _ in numbers)
        self.number_place = bytes(place for _, _, _, place in numbers)
        start, flat = array("i", [0]), array("i")
        for _, _, bands, _ in numbers:
            for band in bands:
                flat.extend(band)
            start.append(len(flat) // 2)
        self.number_start = start
        self.number_bands = flat
        self.n_values = len(values)
        self.value_field = array("i", [field for field, _, _ in values])
        self.value_exact = bytes(value_set.exact for _, value_set, _ in values)
        self.value_slots = b"".join([value_set.slots for _, value_set, _ in values])
        self.value_place = bytes(place for _, _, place in values)
        self.n_items = len(items)
        self.item_field = array("i", [field for field, _, _, _ in items])
        self.item_message = array("i", [message for _, _, _, message in items])
        self.item_exact = bytes(value_set.exact for _, value_set, _, _ in items)
        self.item_slots = b"".join([value_set.slots for _, value_set, _, _ in items])
        self.item_place = bytes(place for _, _, place, _ in items)
        self.diagnoses = diagnoses
        self.procedures = procedures
        self.primary_required = diagnoses >= 0 and self.required[diagnoses]

    def same_as(self, FieldSet other not None):
        """Whether another set reads cells in the same way, so that a batch of the one serves the other."""
        if self is other:
            return True
        return self.names == other.names and self.primary_required == other.primary_required and all([
            bytes(mine) == bytes(theirs) for mine, theirs in zip(self._parts(), other._parts())
        ])

    def _parts(self):
        return (
            self.required, self.number_field, self.number_start, self.number_bands, self.number_kind, self.number_place,
            self.value_field, self.value_exact, self.value_slots, self.value_place,
            self.item_field, self.item_message, self.item_exact, self.item_slots, self.item_place,
        )

    def accepts_number(self, Py_ssize_t column, number not None):
        """Whether a whole number lies in a band that a column accepts."""
        if not 0 <= column < self.n_numbers:
            raise IndexError("no such column of numbers")
        return 0 <= number <= BAND_TOP and self.accepts(column, number)

    cdef bint accepts(self, Py_ssize_t column, int64_t number) noexcept nogil:
        """Whether a number lies in a band that a column accepts."""
        cdef int32_t band
        for band in range(self.number_start[column], self.number_start[column + 1]):
            if self.number_bands[2 * band] <= number <= self.number_bands[2 * band + 1]:
                return True
        return False
