"""Columns out: results through the Arrow C stream interface, straight from the arrays that hold them.

What is handed out holds references to the objects whose buffers it shows, until its reader releases it.
"""
from cpython.buffer cimport Py_buffer
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from hrgcore._core.arrow cimport ArrowArrayStream

cdef extern from "Python.h":
    Py_buffer* PyMemoryView_GET_BUFFER(object view)

cdef extern from "errno.h":
    int ENOMEM

cdef enum:
    FLAG_NULLABLE = 2


cdef class ArrowColumn:
    def __init__(self, str name not None, str format not None, int64_t length, tuple buffers not None, *, tuple children=(),
                 ArrowColumn dictionary=None, int64_t nulls=0):
        """`buffers` are those of the format, each long enough for the length; `nulls` how many cells are null."""
        self.name = name
        self.format = format
        self.length = length
        self.nulls = nulls
        self.buffers = tuple([None if buffer is None else memoryview(buffer) for buffer in buffers])
        self.children = children
        self.dictionary = dictionary

    cdef fill_schema(self, ArrowSchema* schema):
        """Describes the column; if that fails, what is filled is released with the schema."""
        cdef Py_ssize_t i
        texts = (self.format.encode(), self.name.encode())
        schema.format = <bytes>texts[0]
        schema.name = <bytes>texts[1]
        schema.flags = FLAG_NULLABLE
        schema.private_data = <void*>texts
        schema.release = _release_schema
        Py_INCREF(texts)
        if self.children:
            schema.children = <ArrowSchema**>_room(len(self.children), sizeof(ArrowSchema*))
            for i in range(len(self.children)):
                schema.children[i] = <ArrowSchema*>_room(1, sizeof(ArrowSchema))
                schema.n_children += 1
                (<ArrowColumn?>self.children[i]).fill_schema(schema.children[i])
        if self.dictionary is not None:
            schema.dictionary = <ArrowSchema*>_room(1, sizeof(ArrowSchema))
            self.dictionary.fill_schema(schema.dictionary)

    cdef fill_array(self, ArrowArray* array):
        """Shows the buffers of the column; if that fails, what is filled is released with the array."""
        cdef Py_ssize_t i
        array.length = self.length
        array.null_count = self.nulls
        array.private_data = <void*>self.buffers
        array.release = _release_array
        Py_INCREF(self.buffers)
        array.buffers = <const void**>_room(max(1, len(self.buffers)), sizeof(void*))
        for i in range(len(self.buffers)):
            array.buffers[i] = NULL if self.buffers[i] is None else PyMemoryView_GET_BUFFER(self.buffers[i]).buf
            array.n_buffers += 1
        if self.children:
            array.children = <ArrowArray**>_room(len(self.children), sizeof(ArrowArray*))
            for i in range(len(self.children)):
                array.children[i] = <ArrowArray*>_room(1, sizeof(ArrowArray))
                array.n_children += 1
                (<ArrowColumn?>self.children[i]).fill_array(array.children[i])
        if self.dictionary is not None:
            array.dictionary = <ArrowArray*>_room(1, sizeof(ArrowArray))
            self.dictionary.fill_array(array.dictionary)


cdef void* _room(Py_ssize_t count, Py_ssize_t size) except NULL:
    """Memory of zeros, which for a schema or an array means released."""
    cdef void* found = calloc(count, size)
    if found == NULL:
        raise MemoryError("no memory to hand out the results")
    return found


cdef void _release_schema(ArrowSchema* schema) noexcept with gil:
    cdef int64_t i
    for i in range(schema.n_children):
        if schema.children[i].release != NULL:
            schema.children[i].release(schema.children[i])
        free(schema.children[i])
    free(schema.children)
    if schema.dictionary != NULL and schema.dictionary.release != NULL:
        schema.dictionary.release(schema.dictionary)
    free(schema.dictionary)
    schema.release = NULL
    Py_DECREF(<object>schema.private_data)


cdef void _release_array(ArrowArray* array) noexcept with gil:
    cdef int64_t i
    for i in range(array.n_children):
        if array.children[i].release != NULL:
            array.children[i].release(array.children[i])
        free(array.children[i])
    free(array.children)
    if array.dictionary != NULL and array.dictionary.release != NULL:
        array.dictionary.release(array.dictionary)
    free(array.dictionary)
    free(array.buffers)
    array.release = NULL
    Py_DECREF(<object>array.private_data)


cdef class _Reading:
    """How far a stream of a table has been read."""
    cdef ArrowColumn root
    cdef bint done

    def __init__(self, ArrowColumn root):
        self.root = root


cdef int _get_schema(ArrowArrayStream* stream, ArrowSchema* schema) noexcept with gil:
    memset(schema, 0, sizeof(ArrowSchema))
    try:
        (<_Reading>stream.private_data).root.fill_schema(schema)
    except MemoryError:
        if schema.release != NULL:
            schema.release(schema)
        return ENOMEM
    return 0


cdef int _get_next(ArrowArrayStream* stream, ArrowArray* array) noexcept with gil:
    cdef _Reading reading = <_Reading>stream.private_data
    memset(array, 0, sizeof(ArrowArray))
    if reading.done:
        return 0
    try:
        reading.root.fill_array(array)
    except MemoryError:
        if array.release != NULL:
            array.release(array)
        return ENOMEM
    reading.done = True
    return 0


cdef const char* _get_last_error(ArrowArrayStream* stream) noexcept nogil:
    return "no memory to hand out the results"


cdef void _release_stream(ArrowArrayStream* stream) noexcept with gil:
    stream.release = NULL
    Py_DECREF(<object>stream.private_data)


cdef void _drop_stream(object capsule) noexcept:
    cdef ArrowArrayStream* stream = <ArrowArrayStream*>PyCapsule_GetPointer(capsule, "arrow_array_stream")
    if stream.release != NULL:
        stream.release(stream)
    free(stream)


cdef void _drop_schema(object capsule) noexcept:
    cdef ArrowSchema* schema = <ArrowSchema*>PyCapsule_GetPointer(capsule, "arrow_schema")
    if schema.release != NULL:
        schema.release(schema)
    free(schema)


cdef class ArrowTable:
    def __init__(self, columns not None, int64_t num_rows):
        """Of columns (ArrowColumn) that all have so many rows."""
        found = tuple(columns)
        if any([column.length != num_rows for column in found]):
            raise ValueError("the columns of a table have one length")
        self.root = ArrowColumn("", "+s", num_rows, (None,), children=found)
        self.column_names = tuple([column.name for column in found])
        self.num_rows = num_rows

    def __len__(self):
        return self.num_rows

    def __repr__(self):
        return f"<ArrowTable {self.num_rows} rows: {', '.join(self.column_names)}>"

    def __arrow_c_schema__(self):
        """The names and types of the columns, as a capsule."""
        cdef ArrowSchema* schema = <ArrowSchema*>_room(1, sizeof(ArrowSchema))
        capsule = PyCapsule_New(schema, "arrow_schema", _drop_schema)
        self.root.fill_schema(schema)
        return capsule

    def __arrow_c_stream__(self, requested_schema=None):
        """A new stream of the whole table, as a capsule; types are as they are, whatever is requested."""
        cdef ArrowArrayStream* stream = <ArrowArrayStream*>_room(1, sizeof(ArrowArrayStream))
        capsule = PyCapsule_New(stream, "arrow_array_stream", _drop_stream)
        reading = _Reading(self.root)
        stream.get_schema = _get_schema
        stream.get_next = _get_next
        stream.get_last_error = _get_last_error
        stream.release = _release_stream
        stream.private_data = <void*>reading
        Py_INCREF(reading)
        return capsule


def bits(column not None):
    """A column of zeros and ones, of a byte each, as bits."""
    cdef const unsigned char[::1] source = memoryview(column).cast("B")
    cdef Py_ssize_t i
    result = bytearray((source.shape[0] + 7) // 8)
    cdef unsigned char* target = <unsigned char*><char*>result
    for i in range(source.shape[0]):
        if source[i]:
            target[i >> 3] |= 1 << (i & 7)
    return result


def known_bits(const int[::1] column not None):
    """Which numbers of a column are not negative, as bits, and how many are."""
    cdef Py_ssize_t i
    cdef int64_t negative = 0
    result = bytearray((column.shape[0] + 7) // 8)
    cdef unsigned char* target = <unsigned char*><char*>result
    for i in range(column.shape[0]):
        if column[i] >= 0:
            target[i >> 3] |= 1 << (i & 7)
        else:
            negative += 1
    return result, negative
