"""Columns in: tables of any producer through the Arrow C stream and C data interfaces, checked before a cell is read.

The interface gives no sizes for most buffers, so that a producer must be trusted with those; all that can be checked is.
"""
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdlib cimport calloc, free

# Lengths and offsets above it are no lengths; so that sums of some of them do not overflow.
cdef int64_t MOST = <int64_t>1 << 48

_FORMS = {
    "n": FORM_NULL, "u": FORM_TEXT, "U": FORM_LARGE_TEXT, "vu": FORM_TEXT_VIEW, "c": FORM_INT8, "C": FORM_UINT8, "s": FORM_INT16,
    "S": FORM_UINT16, "i": FORM_INT32, "I": FORM_UINT32, "l": FORM_INT64, "L": FORM_UINT64, "f": FORM_FLOAT32, "g": FORM_FLOAT64,
    "tdD": FORM_DATE32, "tdm": FORM_DATE64,
}
_TIMES = {"tss": FORM_SECONDS, "tsm": FORM_MILLISECONDS, "tsu": FORM_MICROSECONDS, "tsn": FORM_NANOSECONDS}
_ZONES = ("", "UTC", "Etc/UTC", "Z", "+00:00")   # whose days begin where those of the numbers do
_LISTS = {"+l": LIST_PLAIN, "+L": LIST_LARGE, "+vl": LIST_VIEW, "+vL": LIST_LARGE_VIEW}
_BUFFERS = {FORM_TEXT: 3, FORM_LARGE_TEXT: 3}    # how many an array has; others have two
_LIST_BUFFERS = {LIST_FIXED: 1, LIST_VIEW: 3, LIST_LARGE_VIEW: 3}


cdef str _text(const char* text):
    return "" if text == NULL else text.decode("utf-8", "replace")


cdef ArrowSchema* _child(const ArrowSchema* schema, int64_t number) except NULL:
    if schema.children == NULL or schema.children[number] == NULL or schema.children[number].release == NULL:
        raise ValueError("the schema lacks a column that it counts")
    return schema.children[number]


cdef int _form(str format):
    kind, _, zone = format.partition(":")
    if kind in _TIMES:
        return _TIMES[kind] if zone in _ZONES else FORM_OTHER
    return _FORMS.get(format, FORM_OTHER)


cdef int _list_form(str format):
    return LIST_FIXED if format.startswith("+w:") else _LISTS.get(format, LIST_NONE)


cdef tuple _type_of(const ArrowSchema* schema):
    """Form, list form and the type as it is written."""
    cdef str format = _text(schema.format)
    cdef int list_form = _list_form(format)
    if not list_form:
        form, written = _cell_type(schema)
        return form, LIST_NONE, written
    if schema.n_children != 1:
        raise ValueError("a column of lists does not say what is in them")
    form, written = _cell_type(_child(schema, 0))
    return form, list_form, f"{format}<{written}>"


cdef tuple _cell_type(const ArrowSchema* schema):
    """Form and the type as it is written; a dictionary has the form of what it points to."""
    cdef str format = _text(schema.format)
    if schema.dictionary == NULL:
        return _form(format), format
    written = _text(schema.dictionary.format)
    fits = FORM_INT8 <= _form(format) <= FORM_UINT64 and schema.dictionary.dictionary == NULL
    return _form(written) if fits else FORM_OTHER, f"dictionary<{format}, {written}>"


cdef class Source:
    def __init__(self, given):
        """Takes over a capsule of a stream, or the pair of capsules of a schema and an array.

        Raises:
            ValueError: it is no such thing, or no table.
        """
        self._open(given)
        cdef int64_t number
        if _text(self.schema.format) != "+s" or self.schema.dictionary != NULL:
            raise ValueError(f"it is a single column of type {_text(self.schema.format)}, not a table")
        if not 0 <= self.schema.n_children <= MOST:
            raise ValueError("the schema has no number of columns")
        names, types = [], []
        for number in range(self.schema.n_children):
            child = _child(&self.schema, number)
            names.append(_text(child.name))
            types.append(_type_of(child))
        self.names = tuple(names)
        self.types = tuple(types)

    cdef _open(self, given):
        cdef ArrowArrayStream* stream
        cdef ArrowSchema* schema
        cdef ArrowArray* array
        cdef int code
        if isinstance(given, tuple):
            if len(given) != 2:
                raise ValueError("it does not give a schema and an array")
            schema = <ArrowSchema*>PyCapsule_GetPointer(given[0], "arrow_schema")
            array = <ArrowArray*>PyCapsule_GetPointer(given[1], "arrow_array")
            if schema.release == NULL or array.release == NULL:
                raise ValueError("it has been read already")
            self.schema, self.single = schema[0], array[0]
            schema.release = NULL
            array.release = NULL
            return
        stream = <ArrowArrayStream*>PyCapsule_GetPointer(given, "arrow_array_stream")
        if stream.release == NULL:
            raise ValueError("it has been read already")
        self.stream = stream[0]
        stream.release = NULL
        with nogil:
            code = self.stream.get_schema(&self.stream, &self.schema)
        if code:
            self._failed(code)

    def __dealloc__(self):
        if self.schema.release != NULL:
            self.schema.release(&self.schema)
        if self.single.release != NULL:
            self.single.release(&self.single)
        if self.stream.release != NULL:
            self.stream.release(&self.stream)

    cdef _failed(self, int code):
        """The producer's own words may quote cells, so that they are the cause, not the message."""
        cdef const char* words = self.stream.get_last_error(&self.stream)
        raise ValueError(f"its producer failed with error {code} of the system") from OSError(code, _text(words))

    cdef _move_array(self, ArrowArray* target):
        cdef int code
        if self.stream.release == NULL:
            target[0] = self.single
            self.single.release = NULL
            return
        with nogil:
            code = self.stream.get_next(&self.stream, target)
        if code:
            target.release = NULL
            self._failed(code)

    def next(self, tuple used not None):
        """The next record batch, ready to read the columns of these numbers; None at the end.

        Raises:
            ValueError: the batch is not what the schema says, or the producer failed.
        """
        cdef Chunk chunk = Chunk()
        self._move_array(&chunk.array)
        if chunk.array.release == NULL:
            return None
        chunk._fill(self, used)
        return chunk


cdef _check(str name, const ArrowArray* array, int64_t needed, int64_t buffers):
    """Refuses an array that has not the cells or the buffers that it must have."""
    if not (0 <= array.length <= MOST and 0 <= array.offset <= MOST and -1 <= array.null_count <= array.length):
        raise ValueError(f"column {name}: its length, offset or number of nulls is impossible")
    if array.length < needed:
        raise ValueError(f"column {name} is shorter than the table")
    if array.n_buffers < buffers or (buffers and array.buffers == NULL):
        raise ValueError(f"column {name} lacks a buffer")
    if buffers and array.null_count > 0 and array.buffers[0] == NULL:
        raise ValueError(f"column {name} has nulls, but does not say where")


cdef const uint8_t* _validity(const ArrowArray* array) noexcept:
    return NULL if array.null_count == 0 else <const uint8_t*>array.buffers[0]


cdef ArrowArray* _child_array(str name, const ArrowArray* array, int64_t number) except NULL:
    if number >= array.n_children or array.children == NULL or array.children[number] == NULL:
        raise ValueError(f"column {name} is missing in a part of the table")
    if array.children[number].release == NULL:
        raise ValueError(f"column {name} has been released already")
    return array.children[number]


cdef int64_t _start(const void* starts, bint large, int64_t place) noexcept:
    return (<const int64_t*>starts)[place] if large else (<const int32_t*>starts)[place]


cdef _fill_cells(Cells* cells, str name, const ArrowSchema* schema, const ArrowArray* array, int64_t skipped, int64_t needed):
    """Finds the cells of an array from `skipped` on, as many as are needed."""
    cdef int form = _form(_text(schema.format))
    cells.form = form
    if form == FORM_NULL:
        _check(name, array, skipped + needed, 0)
        return
    _check(name, array, skipped + needed, _BUFFERS.get(form, 2) if form != FORM_TEXT_VIEW else 3)
    cells.valid = _validity(array)
    cells.offset = array.offset + skipped
    cells.length = needed
    if needed == 0:
        return
    if array.buffers[1] == NULL:
        raise ValueError(f"column {name} lacks a buffer")
    if form == FORM_TEXT or form == FORM_LARGE_TEXT:
        _fill_text(cells, name, array)
    else:
        cells.data = array.buffers[1]
    if form == FORM_TEXT_VIEW:
        cells.blocks = array.buffers + 2
        cells.n_blocks = array.n_buffers - 3
        cells.block_sizes = <const int64_t*>array.buffers[array.n_buffers - 1]
        if cells.n_blocks and cells.block_sizes == NULL:
            raise ValueError(f"column {name} lacks the sizes of its buffers")


cdef _fill_text(Cells* cells, str name, const ArrowArray* array):
    cdef bint large = cells.form == FORM_LARGE_TEXT
    cells.starts = array.buffers[1]
    cells.data = array.buffers[2]
    cells.last = _start(cells.starts, large, cells.offset + cells.length)
    cdef int64_t first = _start(cells.starts, large, cells.offset)
    if not 0 <= first <= cells.last:
        raise ValueError(f"column {name}: its offsets do not ascend")
    if cells.last > first and cells.data == NULL:
        raise ValueError(f"column {name} lacks a buffer")


cdef class Chunk:
    def __dealloc__(self):
        self.release()

    def release(self):
        """Gives the memory back to the producer; nothing can be read after it."""
        free(self.column)
        self.column = NULL
        self.columns = 0
        if self.array.release != NULL:
            self.array.release(&self.array)
            self.array.release = NULL

    cdef _fill(self, Source source, tuple used):
        cdef ArrowSchema* schema
        cdef ArrowArray* array
        cdef int64_t number
        _check("of the table", &self.array, 0, 1)
        if self.array.n_children != source.schema.n_children:
            raise ValueError("a part of the table has another number of columns than the schema")
        self.rows = self.array.length
        self.valid = _validity(&self.array)
        self.offset = self.array.offset
        self.column = <ColumnCells*>calloc(max(1, len(used)), sizeof(ColumnCells))
        if self.column == NULL:
            raise MemoryError("no memory for the columns of the table")
        self.columns = len(used)
        for place, number in enumerate(used):
            name = source.names[number]
            schema = _child(&source.schema, number)
            array = _child_array(name, &self.array, number)
            column = &self.column[place]
            column.list_form = _list_form(_text(schema.format))
            if column.list_form:
                self._fill_lists(column, name, schema, array)
                schema = _child(schema, 0)
                array = _child_array(name, array, 0)
                _fill_cells(&column.cells, name, schema, array, 0, max(0, array.length))
            else:
                _fill_cells(&column.cells, name, schema, array, self.offset, self.rows)
            if schema.dictionary != NULL:
                if array.dictionary == NULL or array.dictionary.release == NULL:
                    raise ValueError(f"column {name} lacks its dictionary")
                column.coded = True
                _fill_cells(&column.dictionary, name, schema.dictionary, array.dictionary, 0, max(0, array.dictionary.length))

    cdef _fill_lists(self, ColumnCells* column, str name, ArrowSchema* schema, ArrowArray* array):
        _check(name, array, self.offset + self.rows, _LIST_BUFFERS.get(column.list_form, 2))
        column.list_valid = _validity(array)
        column.list_offset = array.offset + self.offset
        if column.list_form == LIST_FIXED:
            width = _text(schema.format)[3:]
            if not (width.isascii() and width.isdigit() and len(width) < 10):
                raise ValueError(f"column {name} does not say how long its lists are")
            column.width = int(width)
            if (column.list_offset + self.rows) * int(width) > MOST:
                raise ValueError(f"column {name}: its lists are impossibly long")
            return
        column.list_starts = array.buffers[1]
        if column.list_form in (LIST_VIEW, LIST_LARGE_VIEW):
            column.list_sizes = array.buffers[2]
        if self.rows and (column.list_starts == NULL or (column.list_form in (LIST_VIEW, LIST_LARGE_VIEW) and column.list_sizes == NULL)):
            raise ValueError(f"column {name} lacks a buffer")

    cdef bint row_is_valid(self, int64_t row) noexcept nogil:
        return self.valid == NULL or is_set(self.valid, self.offset + row)

    cdef bint span(self, Py_ssize_t number, int64_t row, int64_t* first, int64_t* end) noexcept nogil:
        """The cells of a row in a column of lists, first to end - 1; false if they lie outside the column."""
        cdef const ColumnCells* column = &self.column[number]
        cdef int64_t place = column.list_offset + row
        first[0] = end[0] = 0
        if not self.row_is_valid(row) or (column.list_valid != NULL and not is_set(column.list_valid, place)):
            return True
        if column.list_form == LIST_PLAIN:
            first[0] = (<const int32_t*>column.list_starts)[place]
            end[0] = (<const int32_t*>column.list_starts)[place + 1]
        elif column.list_form == LIST_LARGE:
            first[0] = (<const int64_t*>column.list_starts)[place]
            end[0] = (<const int64_t*>column.list_starts)[place + 1]
        elif column.list_form == LIST_FIXED:
            first[0] = place * column.width
            end[0] = first[0] + column.width
        elif column.list_form == LIST_VIEW:
            first[0] = (<const int32_t*>column.list_starts)[place]
            end[0] = first[0] + (<const int32_t*>column.list_sizes)[place]
        else:
            first[0] = (<const int64_t*>column.list_starts)[place]
            if not 0 <= (<const int64_t*>column.list_sizes)[place] <= MOST or not 0 <= first[0] <= MOST:
                return False
            end[0] = first[0] + (<const int64_t*>column.list_sizes)[place]
        return 0 <= first[0] <= end[0] <= column.cells.length

    def longest_list(self, Py_ssize_t number, int64_t first_row, int64_t end_row):
        """The most cells that a list of some rows has, and its row; 0 and -1 if all are empty.

        Raises:
            ValueError: a list lies outside the column.
        """
        cdef int64_t row, first, end
        cdef int64_t longest = 0
        cdef int64_t where = -1
        if not (0 <= number < self.columns and 0 <= first_row <= end_row <= self.rows):
            raise IndexError("no such rows or column")
        for row in range(first_row, end_row):
            if not self.span(number, row, &first, &end):
                raise ValueError("a list lies outside its column")
            if end - first > longest:
                longest, where = end - first, row
        return longest, where
