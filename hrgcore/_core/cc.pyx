"""The additive CC score: points of the distinct secondary diagnoses, exclusions and families applied."""
from hrgcore._core.typedefs cimport (
    CC_COUNTED, CC_EXCLUDED, CC_IS_PRIMARY, CC_LESS_SPECIFIC, CC_NOT_LISTED, CC_REPEATED, code_t, STEP_CC,
)

cdef enum:
    SPECIFIC_SCORED = -1


cdef bint _excluded(Tables t, code_t primary, code_t secondary) noexcept nogil:
    cdef Py_ssize_t w
    for w in range(t.exclusion_words):
        if t.exclusion_primary[primary * t.exclusion_words + w] & t.exclusion_secondary[secondary * t.exclusion_words + w]:
            return True
    return False


cdef int _outcome(Tables t, Case case, code_t code, root_t root) noexcept nogil:
    """What becomes of one secondary code, families aside."""
    if code == case.primary:
        return CC_IS_PRIMARY
    if case.diag_seen[code] == case.generation:
        return CC_REPEATED
    case.diag_seen[code] = case.generation
    if t.cc_points[t.cc_place(code, root)] == 0:
        return CC_NOT_LISTED
    if _excluded(t, case.primary, code):
        return CC_EXCLUDED
    return CC_COUNTED


cdef int32_t _family_score(Tables t, Case case, code_t code, int32_t points) noexcept nogil:
    """The change of the score when a code of a family counts: specific codes displace general ones, of general ones the best stays."""
    cdef int family = t.family[code]
    cdef int32_t best = 0
    if case.family_seen[family] == case.generation:
        best = case.family_best[family]
    else:
        case.family_seen[family] = case.generation
    if not t.family_general[code]:
        case.family_best[family] = SPECIFIC_SCORED
        return points - best if best > 0 else points
    if best == SPECIFIC_SCORED or best >= points:
        case.family_best[family] = best
        return 0
    case.family_best[family] = points
    return points - best


cdef void _explain(Tables t, Case case, root_t root, Events trace) noexcept nogil:
    """A second pass for the trace, when the families are settled: one event a code."""
    cdef Py_ssize_t i
    cdef int outcome
    cdef code_t code
    cdef int32_t points
    case.next_generation()
    # families keep the marks of the pass before
    for i in range(case.n_secondaries):
        code = case.secondaries[i]
        outcome = _outcome(t, case, code, root)
        points = t.cc_points[t.cc_place(code, root)]
        if outcome == CC_COUNTED and t.family[code] >= 0 and t.family_general[code]:
            if case.family_best[t.family[code]] != points:
                outcome = CC_LESS_SPECIFIC
            else:
                case.family_best[t.family[code]] = SPECIFIC_SCORED   # the best general code counts once
        trace.add(STEP_CC, code, outcome, points)


cdef int32_t cc_score(Tables t, Case case, root_t root, uint8_t* grade, Events trace) noexcept nogil:
    """The score of the case in the subchapter of the root; lowers `grade` to that of the weakest row that was weighed."""
    cdef Py_ssize_t i, place
    cdef int32_t score = 0
    cdef int32_t points
    cdef code_t code
    case.next_generation()
    for i in range(case.n_secondaries):
        code = case.secondaries[i]
        if t.cc_class[code] == 0 or _outcome(t, case, code, root) != CC_COUNTED:
            continue
        place = t.cc_place(code, root)
        points = t.cc_points[place]
        if t.family[code] >= 0:
            points = _family_score(t, case, code, points)
        score += points
        if t.cc_grade[place] > grade[0]:
            grade[0] = t.cc_grade[place]
    if trace is not None:
        _explain(t, case, root, trace)
    return score
