"""The interface for C and Cython: functions over sessions, and the capsule that holds their table."""
from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF

from hrgcore._core.session cimport Session

ABI_VERSION = <int>HRG_ABI_VERSION


cdef HrgSession* hrg_open(object grouper) except NULL:
    """Opens a session of a Grouper of admitted care.

    Raises:
        TypeError: the object is no Grouper.
        ArgumentError: its data set has no spells.
    """
    try:
        open_session = grouper.open_session
    except AttributeError:
        raise TypeError(f"{type(grouper).__name__} is no hrgcore.Grouper") from None
    cdef Session session = open_session()
    Py_INCREF(session)
    return <HrgSession*><void*>session


cdef void hrg_close(HrgSession* session) noexcept nogil:
    """Closes a session; NULL is nothing."""
    if session != NULL:
        with gil:
            Py_DECREF(<object><void*>session)


cdef int hrg_group_spell(HrgSession* session, const HrgEpisode* episodes, size_t n, HrgSpell* result) noexcept nogil:
    """Groups one spell; gives a HrgStatus."""
    if session == NULL:
        return HRG_NULL_POINTER
    return (<Session><void*>session).group(episodes, n, result)


cdef const char* hrg_design(HrgSession* session) noexcept nogil:
    """Name and version of the design; NULL of no session."""
    return NULL if session == NULL else (<Session><void*>session).names.design


cdef const char* hrg_status_text(int status) noexcept nogil:
    """What a status means."""
    if status == HRG_OK:
        return "grouped"
    if status == HRG_NULL_POINTER:
        return "a pointer that is needed is NULL"
    if status == HRG_WRONG_SIZE:
        return "the size of an episode or of the result is that of no known header"
    if status == HRG_NO_EPISODE:
        return "a spell has no episodes"
    if status == HRG_TOO_MANY_EPISODES:
        return "a spell has more episodes than HRG_MOST_EPISODES"
    if status == HRG_TOO_MANY_CODES:
        return "an episode has more diagnoses or procedures than HRG_MOST_CODES"
    if status == HRG_NO_MEMORY:
        return "no memory"
    return "no status of this library"


cdef HrgApi _api
_api.abi_version = HRG_ABI_VERSION
_api.size = sizeof(HrgApi)
_api.open = hrg_open
_api.close = hrg_close
_api.group_spell = hrg_group_spell
_api.design = hrg_design
_api.status_text = hrg_status_text

C_API = PyCapsule_New(&_api, HRG_CAPSULE, NULL)
