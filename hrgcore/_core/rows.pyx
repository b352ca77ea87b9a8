"""Rows of the tables of a design, and their cells to ids: tens of thousands of them, at each start of a program."""
from array import array

cimport cython
from cpython.dict cimport PyDict_GetItem


@cython.final
@cython.no_gc
cdef class Row:
    def __init__(self, tuple cells not None, str file not None, int line, int layer):
        self.cells = cells
        self.file = file
        self.line = line
        self.layer = layer

    def __repr__(self):
        return f"<Row {self.file} line {self.line}>"


def rows_of(lines not None, str file not None, int first, int layer):
    """A row of each of some lines, which are lists of cells; the first stands in the line given."""
    cdef list result = []
    cdef int line = first
    for cells in lines:
        result.append(Row(tuple(cells), file, line, layer))
        line += 1
    return result


def look_up(rows not None, Py_ssize_t column, dict ids not None):
    """The id of the cell of each row in a column: 0 of no row (None), -1 of a cell that has none."""
    cdef Row row
    cdef void* found
    cdef Py_ssize_t number = 0
    result = array("i", bytes(4 * len(rows)))
    cdef int[::1] view = result
    for row in rows:
        if row is not None:
            if not 0 <= column < len(row.cells):
                raise IndexError("no such column")
            found = <void*>PyDict_GetItem(ids, row.cells[column])
            view[number] = <object>found if found != NULL else -1
        number += 1
    return result
