cdef class Row:
    """One row of a table: its cells in the order of the schema, where it stands, and the layer that brought it.

    A code set is one row a file, whose cells are all its codes: tens of thousands of rows would cost most of the loading time.
    """
    cdef readonly tuple cells
    cdef readonly str file
    cdef readonly int line, layer
