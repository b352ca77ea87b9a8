"""Growing buffers for what a kernel finds in unknown number: faults, unbundled HRGs, steps of the trace."""
from libc.stdlib cimport free, realloc


cdef class Events:
    def __cinit__(self):
        self.width = 4

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

    def __len__(self):
        return self.used // self.width

    def tobytes(self):
        """The rows as bytes of int32, four a row."""
        if self.overflowed:
            raise MemoryError("no memory for the messages of this run; group a smaller file or fewer threads at a time")
        return (<char*>self.data)[:self.used * sizeof(int32_t)] if self.used else b""

    def rows(self):
        """The rows as tuples."""
        if self.overflowed:
            raise MemoryError("no memory for the messages of this run; group a smaller file or fewer threads at a time")
        cdef Py_ssize_t i
        return [(self.data[i], self.data[i + 1], self.data[i + 2], self.data[i + 3]) for i in range(0, self.used, self.width)]
