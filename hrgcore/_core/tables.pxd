from hrgcore._core.codes cimport CodeSet
from hrgcore._core.typedefs cimport code_t, hrg_t, int16_t, int32_t, root_t, uint8_t, uint16_t, uint64_t


cdef class Tables:
    """A design, compiled: parallel arrays, frozen, shared by any number of threads."""
    cdef readonly CodeSet icd10, opcs4
    cdef readonly dict fields             # FieldSet by data set
    cdef readonly tuple values            # ValueSet of each place of a listed value
    cdef readonly tuple items             # ValueSet of each place of a repeated listed field
    cdef readonly tuple hrgs              # hrgs[id]; hrgs[0] is ''
    cdef readonly tuple roots             # roots[id]; roots[0] is ''
    cdef readonly tuple programmes        # programme budgeting categories; programmes[0] is ''
    cdef readonly tuple messages          # text of each message id
    cdef readonly tuple categories        # error category of each message id, '' where none
    cdef readonly dict arrays             # every array below by name, as read-only memory

    # settings
    cdef readonly hrg_t invalid_hrg
    cdef readonly int32_t child_age_max, age_rise
    cdef readonly int32_t unknown_primary, no_procedure, vague_procedure     # message ids
    cdef readonly int32_t attendance_list                                    # list of procedures that AttendanceHRG keeps, -1 = none
    cdef const int32_t[::1] refused_episodes

    # diagnoses, by code
    cdef const root_t[::1] diag_root, diag_child
    cdef const uint8_t[::1] diag_programme, diag_rank, diag_grade, diag_child_grade

    # procedures, by code
    cdef const uint8_t[::1] proc_role, proc_rank, proc_grade
    cdef const root_t[::1] proc_root
    cdef const root_t[::1] unbundled_root                                    # from ERROR_ROOT on an error category
    cdef const uint8_t[::1] unbundled_times

    # lowest rank that drives, by stay up to the last entry, which stands for all longer stays
    cdef const uint8_t[::1] min_rank, min_rank_grade

    # roots
    cdef const uint8_t[::1] root_subchapter, root_uses_cc
    cdef const int32_t[::1] split_start                                      # rows of a root: split_start[r] .. [r + 1]

    # splits, by row
    cdef const int32_t[::1] split_bands                                      # 8 a row: low, high of age, stay, interventions, CC
    cdef const int32_t[::1] split_condition                                  # -1 = none
    cdef const hrg_t[::1] split_hrg
    cdef const uint8_t[::1] split_grade

    # rules, by row, in order
    cdef const int32_t[::1] rule_condition, rule_to
    cdef const uint8_t[::1] rule_method, rule_grade
    cdef const int32_t[::1] check_rules, route_rules
    cdef const int32_t[::1] record_rules                                     # unbundled HRGs of a record as a whole
    cdef const int32_t[::1] routed_rule_start, routed_rules                  # rules that take a root, in order
    cdef const int32_t[::1] procedure_rule_start, procedure_rules
    cdef const int32_t[::1] diagnosis_rule_start, diagnosis_rules
    cdef const int32_t[::1] unbundled_rule_start, unbundled_rules
    cdef readonly dict stages                                                # rules that alone decide, in order, by data set

    # conditions: a condition is any of its clauses, a clause is all of its tests
    cdef const int32_t[::1] condition_start, clause_start
    cdef const uint8_t[::1] test_op, test_negated
    cdef const int32_t[::1] test_operand, test_low, test_high

    # lists: one bit a list, by code; listed values: 256 flags a list
    cdef readonly int32_t diag_words, proc_words
    cdef const uint64_t[::1] diag_lists, proc_lists
    cdef const uint8_t[::1] value_lists

    # lists, as bits, of which a record must have a code for any route to hold; only if every route asks for such a code
    cdef readonly bint routes_by_code
    cdef const uint64_t[::1] route_diagnoses, route_procedures

    # scores: points by code, one row a score
    cdef const uint8_t[::1] score_is_procedure
    cdef const int32_t[::1] score_offset
    cdef const int16_t[::1] score_points

    # levels of the values of repeated listed fields: 256 a category
    cdef readonly int32_t level_categories
    cdef const uint8_t[::1] level_item                                       # the field of each category
    cdef const uint8_t[::1] levels

    # organs supported: the organ of each place of a number, 0 = none
    cdef const uint8_t[::1] organ_of_number

    # CC scores
    cdef readonly int32_t subchapters
    cdef const uint16_t[::1] cc_class                                        # class of a code; 0 = never scores
    cdef const uint8_t[::1] cc_points, cc_grade                              # class x subchapter
    cdef readonly int32_t exclusion_words
    cdef const uint64_t[::1] exclusion_primary, exclusion_secondary          # one bit a row of cc_exclusion, by code
    cdef const int16_t[::1] family                                           # by code; -1 = none
    cdef const uint8_t[::1] family_general
    cdef readonly int32_t families

    cdef Py_ssize_t dominance_place(self, int32_t stay) noexcept nogil
    cdef Py_ssize_t cc_place(self, code_t code, root_t root) noexcept nogil
