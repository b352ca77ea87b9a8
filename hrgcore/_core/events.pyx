"""Growing buffers for what a kernel finds in unknown number: faults, unbundled HRGs, steps of the trace."""
from libc.stdlib cimport free, qsort, realloc
from libc.string cimport memcpy

from hrgcore._core.typedefs cimport PHASE_SPELL


cdef int _compare_faults(const void* left, const void* right) noexcept nogil:
    """Faults by row and phase; those of cells and logic by field, those of the spell in the order of its checks."""
    cdef const int32_t* a = <const int32_t*>left
    cdef const int32_t* b = <const int32_t*>right
    if a[0] != b[0]:
        return 1 if a[0] > b[0] else -1
    if a[1] != b[1]:
        return 1 if a[1] > b[1] else -1
    if a[1] != PHASE_SPELL and a[2] != b[2]:
        return 1 if a[2] > b[2] else -1
    return (a[3] > b[3]) - (a[3] < b[3])


cdef class Events:
    def __cinit__(self):
        self.width = 4

    def __init__(self, rows=()):
        for a, b, c, d in rows:
            self.add(a, b, c, d)

    def __dealloc__(self):
        free(self.data)

    cdef void add(self, int32_t a, int32_t b, int32_t c, int32_t d) noexcept nogil:
        cdef Py_ssize_t room
        cdef int32_t* grown
        if self.used + self.width > self.room:
            room = self.room * 2 if self.room else 256
            grown = <int32_t*>realloc(self.data, room * sizeof(int32_t))
            if grown == NULL:
                self.overflowed = True
                return
            self.data = grown
            self.room = room
        self.data[self.used] = a
        self.data[self.used + 1] = b
        self.data[self.used + 2] = c
        self.data[self.used + 3] = d
        self.used += self.width

    cdef void clear(self) noexcept nogil:
        self.used = 0

    cdef void sort_faults(self) noexcept nogil:
        if self.used:
            qsort(self.data, self.used // self.width, self.width * sizeof(int32_t), _compare_faults)

    def __len__(self):
        return self.used // self.width

    def _check_memory(self):
        if self.overflowed:
            raise MemoryError("no memory for the messages of this run; group a smaller file or fewer threads at a time")

    def take(self):
        """The rows as a buffer of their own, which leaves this one empty."""
        self._check_memory()
        cdef Events taken = Events()
        taken.data, taken.used, taken.room = self.data, self.used, self.room
        self.data, self.used, self.room = NULL, 0, 0
        return taken

    def extend(self, Events other not None):
        """Adds the rows of another."""
        other._check_memory()
        cdef Py_ssize_t room = max(self.room, self.used + other.used)
        if room > self.room:
            room = max(room, 2 * self.room)
            grown = <int32_t*>realloc(self.data, room * sizeof(int32_t))
            if grown == NULL:
                raise MemoryError("no memory for the messages of this run; group a smaller file or fewer threads at a time")
            self.data = grown
            self.room = room
        if other.used:
            memcpy(self.data + self.used, other.data, other.used * sizeof(int32_t))
            self.used += other.used

    def sort(self):
        """Puts faults in order."""
        self._check_memory()
        with nogil:
            self.sort_faults()

    def tobytes(self):
        """The rows as bytes of int32, four a row."""
        self._check_memory()
        return (<char*>self.data)[:self.used * sizeof(int32_t)] if self.used else b""

    def rows(self):
        """The rows as tuples."""
        self._check_memory()
        cdef Py_ssize_t i
        return [(self.data[i], self.data[i + 1], self.data[i + 2], self.data[i + 3]) for i in range(0, self.used, self.width)]
