from hrgcore._core.batch cimport Batch, Results
from hrgcore._core.csvfile cimport EpisodeFile
from hrgcore._core.typedefs cimport int32_t, int64_t, uint8_t


cdef class Texts:
    """Texts by id in one stretch of memory."""
    cdef const uint8_t[::1] data
    cdef const int32_t[::1] start


cdef class Lines:
    """A growing buffer of output text."""
    cdef char* data
    cdef Py_ssize_t used, room
    cdef bint overflowed
    cdef void add(self, const char* text, Py_ssize_t size) noexcept nogil
    cdef void cell(self, const char* text, Py_ssize_t size) noexcept nogil
    cdef void digits(self, int64_t number) noexcept nogil
    cdef void number(self, int64_t number) noexcept nogil
    cdef void blanks(self, int cells) noexcept nogil
    cdef void text(self, Texts texts, Py_ssize_t number) noexcept nogil
    cdef void letter(self, char letter) noexcept nogil


cdef class OfficialWriter:
    """The official lines of admitted care, a span of rows or spells at a time."""
    cdef EpisodeFile file
    cdef Batch batch
    cdef Results results
    cdef Texts hrgs, diagnoses, procedures, programmes
    cdef bytes newline
    cdef Lines lines
    cdef object unbundled                         # texts by row
    cdef object episode_extra, spell_extra        # columns of plugins: lists of bytes
    cdef void _echo(self, Py_ssize_t row) noexcept nogil
    cdef void _episode(self, Py_ssize_t row) noexcept nogil
    cdef void _spell(self, Py_ssize_t spell) noexcept nogil
    cdef void _spell_key(self, Py_ssize_t spell) noexcept nogil
    cdef _take(self)
    cdef _extra(self, object columns, Py_ssize_t place)
    cdef _unbundled(self, Py_ssize_t first, Py_ssize_t end)
