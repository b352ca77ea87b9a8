from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport code_t, int32_t, N_VALUES, uint8_t, uint32_t, uint64_t


cdef class Case:
    """What is being grouped, an episode or a pooled spell, and the scratch memory for it. One a thread."""
    cdef int32_t age, stay, cc, interventions
    cdef code_t primary, dominant, site
    cdef uint8_t values[N_VALUES]
    cdef code_t[::1] secondaries, procedures      # procedures: valid and not unbundled
    cdef code_t[::1] unbundled                    # procedures that were unbundled
    cdef int32_t[::1] procedure_row, procedure_cell
    cdef Py_ssize_t n_secondaries, n_procedures, n_unbundled
    cdef Py_ssize_t diagnosis_room, procedure_room
    cdef uint64_t[::1] secondary_lists, procedure_lists
    cdef bint secondaries_listed, procedures_listed
    cdef uint32_t[::1] diag_seen, proc_seen
    cdef uint32_t generation
    cdef int32_t[::1] family_best                 # most points of a general code, -1 where a specific code scored
    cdef uint32_t[::1] family_seen
    cdef void start(self) noexcept nogil
    cdef void next_generation(self) noexcept nogil
    cpdef reserve(self, Py_ssize_t diagnoses, Py_ssize_t procedures)


cdef bint may_route(Tables t, Case case) noexcept nogil
cdef bint holds(Tables t, Case case, int32_t condition) noexcept nogil
