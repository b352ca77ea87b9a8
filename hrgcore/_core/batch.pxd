from hrgcore._core.tables cimport Tables
from hrgcore._core.fields cimport FieldSet
from hrgcore._core.typedefs cimport code_t, hrg_t, int32_t, int64_t, item_t, uint8_t


cdef class Batch:
    """Encoded records of one data set: struct of arrays. Admitted care is sorted by spell and episode number."""
    cdef readonly FieldSet fields
    cdef readonly Py_ssize_t rows, spells         # what is no spell of episodes is a spell of one row
    cdef const int64_t[::1] spell_start           # rows of spell s: spell_start[s] .. [s + 1]
    cdef const int32_t[::1] numbers               # fields.n_numbers a row; -1 = blank or invalid
    cdef const uint8_t[::1] values                # fields.n_values a row; 0 = blank or invalid
    cdef const int64_t[::1] diag_start, proc_start, item_start
    cdef const code_t[::1] diags, procs           # one a cell; 0 = blank or unknown
    cdef const item_t[::1] items                  # one an accepted cell
    cdef const uint8_t[::1] failed                # rows that failed a check at the border


cdef class Results:
    """What grouping says of each episode and spell: struct of arrays."""
    cdef readonly dict columns                    # every array below by name
    cdef hrg_t[::1] hrg, spell_hrg
    cdef uint8_t[::1] method, report_flag, programme, grade, failed, spell_programme, spell_method, spell_grade, spell_failed
    cdef code_t[::1] dominant, spell_dominant, spell_primary, spell_secondary
    cdef int32_t[::1] stay, cc, interventions     # stay: days, -1 = not known
    cdef int32_t[::1] spell_lead, spell_stay, spell_critical_care, spell_cc, spell_interventions


cdef class RecordResults:
    """What grouping says of each record of a data set without spells: struct of arrays."""
    cdef readonly dict columns                    # every array below by name
    cdef hrg_t[::1] hrg, attendance_hrg
    cdef uint8_t[::1] method, warning, grade, failed
    cdef code_t[::1] dominant
    cdef int32_t[::1] days                        # -1 = not known
