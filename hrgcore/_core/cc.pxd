from hrgcore._core.events cimport Events
from hrgcore._core.rules cimport Case
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport int32_t, root_t, uint8_t


cdef int32_t cc_score(Tables t, Case case, root_t root, uint8_t* grade, Events trace) noexcept nogil
