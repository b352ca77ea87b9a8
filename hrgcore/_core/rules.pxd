from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport code_t, int32_t, item_t, MOST_LEVELS, MOST_NUMBERS, MOST_VALUES, uint8_t, uint32_t, uint64_t


cdef class Case:
    """What is being grouped, a record or a pooled spell, and the scratch memory for it. One a thread."""
    cdef int32_t age, stay, cc, interventions
    cdef code_t primary, dominant, site
    cdef uint8_t values[MOST_VALUES]              # by place; of fields that the data set has not, 0
    cdef int32_t numbers[MOST_NUMBERS]            # by place; of fields that the data set has not, -1
    cdef uint8_t levels[MOST_LEVELS]              # highest level of each category
    cdef const item_t* items
    cdef Py_ssize_t n_items
    cdef int32_t organs                           # supported
    cdef code_t[::1] secondaries, procedures      # procedures: valid and not unbundled
    cdef code_t[::1] unbundled                    # procedures that were unbundled
    cdef code_t[::1] attributes                   # of the unbundled procedure at hand
    cdef int32_t[::1] procedure_row, procedure_cell, unbundled_cell
    cdef Py_ssize_t n_secondaries, n_procedures, n_unbundled, n_attributes
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
