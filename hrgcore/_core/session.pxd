from hrgcore._core.capi cimport HrgEpisode, HrgEpisodeResult, HrgMessage, HrgSpell, HrgUnbundled
from hrgcore._core.records cimport SpellGrouper
from hrgcore._core.typedefs cimport int32_t, N_VALUES, uint8_t


cdef class TextList:
    """Texts as C strings that live as long as the list."""
    cdef readonly tuple texts
    cdef const char** at


cdef class Names:
    """The texts of a design that results point to. Shared by any number of sessions."""
    cdef TextList hrgs, diagnoses, procedures, programmes, messages, categories, fields, grades, designs
    cdef const char* design                       # its name and version


cdef struct Place:
    bint refused              # its number is not accepted
    int32_t number, index


cdef struct Fault:
    int32_t row, phase, rank, found, field, message


cdef class Session:
    """Groups spells that are given as C structs, with memory that is kept between calls. Not for two threads at once."""
    cdef readonly Names names
    cdef SpellGrouper spells
    cdef uint8_t defaults[N_VALUES]
    cdef Place* order
    cdef Fault* faults
    cdef HrgEpisodeResult* episodes
    cdef HrgUnbundled* unbundled
    cdef HrgMessage* messages
    cdef size_t episode_room, unbundled_room, fault_room
    cdef int group(self, const HrgEpisode* episodes, size_t n, HrgSpell* result) noexcept nogil
    cdef bint make_room(self, size_t n, size_t diagnoses, size_t procedures) noexcept nogil
    cdef bint make_result_room(self) noexcept nogil
    cdef void sort(self, const HrgEpisode* episodes, size_t n) noexcept nogil
    cdef void put(self, const HrgEpisode* episode, int32_t place) noexcept nogil
    cdef void put_text(self, int column, const char* text) noexcept nogil
    cdef void write(self, size_t n, HrgSpell* result) noexcept nogil
    cdef void write_unbundled(self, HrgSpell* result) noexcept nogil
    cdef void write_episodes(self, HrgSpell* result) noexcept nogil
    cdef void write_messages(self, HrgSpell* result) noexcept nogil
