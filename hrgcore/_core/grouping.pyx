"""The steps of grouping that data sets share: routes, dominant procedure, rules, roots, splits, unbundled HRGs.

`docs/grouping-logic.md` is the specification; section numbers below are its own.
"""
from hrgcore._core.cc cimport cc_score
from hrgcore._core.rules cimport holds, may_route
from hrgcore._core.typedefs cimport *

# --- the steps of section 5, for an episode and for a pooled spell -------------------------------------------------

cdef void _apply_rules(Tables t, Case case, Answer* a, const int32_t[::1] start, const int32_t[::1] rules, Events trace) noexcept nogil:
    """One pass through the rules in order; after a change it goes on with the rules of the new root that stand further down."""
    cdef int32_t i = start[a.root]
    cdef int32_t rule
    cdef int32_t last = -1
    while i < start[a.root + 1]:
        rule = rules[i]
        i += 1
        if rule <= last or t.rule_to[rule] == a.root or not holds(t, case, t.rule_condition[rule]):
            continue
        if trace is not None:
            trace.add(STEP_RULE, rule, a.root, t.rule_to[rule])
        weaken(a, t.rule_grade[rule])
        a.root = t.rule_to[rule]
        last = rule
        i = start[a.root]


cdef bint route(Tables t, Case case, Answer* a, Events trace) noexcept nogil:
    """The first route that holds, then the rules of that stage that take its root."""
    cdef Py_ssize_t i
    cdef int32_t rule
    if not may_route(t, case):
        return False
    for i in range(t.route_rules.shape[0]):
        rule = t.route_rules[i]
        if holds(t, case, t.rule_condition[rule]):
            a.root = t.rule_to[rule]
            a.method = t.rule_method[rule]
            weaken(a, t.rule_grade[rule])
            if trace is not None:
                trace.add(STEP_ROUTE, rule, a.root, 0)
            _apply_rules(t, case, a, t.routed_rule_start, t.routed_rules, trace)
            return True
    return False


cdef void find_dominant(Tables t, Case case, Answer* a, Events trace) noexcept nogil:
    """The procedure of the highest rank that may drive at this stay; the first of equals."""
    cdef Py_ssize_t i
    cdef code_t code
    cdef uint8_t role
    cdef int best = -1
    cdef Py_ssize_t place = t.dominance_place(case.stay)
    cdef int needed = t.min_rank[place]
    for i in range(case.n_procedures):
        code = case.procedures[i]
        role = t.proc_role[code]
        if trace is not None:
            trace.add(STEP_PROCEDURE, code, role, (role == DRIVES or role == VAGUE) and t.proc_rank[code] >= needed)
        if role != DRIVES and role != VAGUE:
            continue
        weaken(a, t.min_rank_grade[place])
        if t.proc_rank[code] >= needed and <int>t.proc_rank[code] > best:
            best = t.proc_rank[code]
            a.dominant = i
    if a.dominant >= 0 and t.proc_role[case.procedures[a.dominant]] == VAGUE:
        a.error = t.vague_procedure


cdef void _count_interventions(Tables t, Case case, Events trace) noexcept nogil:
    cdef Py_ssize_t i
    cdef code_t code
    case.next_generation()
    for i in range(case.n_procedures):
        code = case.procedures[i]
        if t.proc_role[code] != DRIVES and t.proc_role[code] != INTERVENTION:
            continue
        if case.proc_seen[code] != case.generation:
            case.proc_seen[code] = case.generation
            case.interventions += 1
            if trace is not None:
                trace.add(STEP_INTERVENTION, code, 0, 0)
    if trace is not None:
        trace.add(STEP_INTERVENTIONS, case.interventions, 0, 0)


cdef code_t _site(Tables t, const code_t[::1] procs, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
    """The first site among the cells of a row that follow the dominant procedure, up to an unbundled code; 0 if there is none."""
    cdef Py_ssize_t cell
    cdef code_t code
    for cell in range(first, end):
        code = procs[cell]
        if is_unbundled(t, code):
            return 0
        if t.proc_role[code] == SITE:
            return code
    return 0


cdef void procedure_root(Tables t, Case case, Batch b, Answer* a, Events trace) noexcept nogil:
    cdef Py_ssize_t row = case.procedure_row[a.dominant]
    case.dominant = case.procedures[a.dominant]
    case.site = _site(t, b.procs, b.proc_start[row] + case.procedure_cell[a.dominant], b.proc_start[row + 1])
    a.root = t.proc_root[case.dominant]
    a.method = METHOD_PROCEDURE
    weaken(a, t.proc_grade[case.dominant])
    if trace is not None:
        trace.add(STEP_DOMINANT, case.dominant, a.root, 0)
    _apply_rules(t, case, a, t.procedure_rule_start, t.procedure_rules, trace)


cdef void _primary_root(Tables t, Case case, Answer* a, Events trace) noexcept nogil:
    cdef bint child = is_child(t, case.age) and t.diag_child[case.primary] != 0
    a.root = diagnosis_root(t, case.primary, case.age)
    if a.root >= ERROR_ROOT:
        # only a pooled spell can come here: an age or a primary diagnosis of another episode than was checked
        a.error = a.root - ERROR_ROOT
        return
    a.method = METHOD_DIAGNOSIS
    weaken(a, t.diag_child_grade[case.primary] if child else t.diag_grade[case.primary])
    if trace is not None:
        trace.add(STEP_PRIMARY, case.primary, a.root, child)
    _count_interventions(t, case, trace)
    _apply_rules(t, case, a, t.diagnosis_rule_start, t.diagnosis_rules, trace)


cdef bint _row_fits(Tables t, Case case, int32_t row) noexcept nogil:
    cdef const int32_t* bands = &t.split_bands[row * 8]
    return (bands[0] <= case.age <= bands[1] and bands[2] <= case.stay <= bands[3]
            and bands[4] <= case.interventions <= bands[5] and bands[6] <= case.cc <= bands[7]
            and holds(t, case, t.split_condition[row]))


cdef void split(Tables t, Case case, Answer* a, Events trace) noexcept nogil:
    cdef int32_t row
    if t.root_uses_cc[a.root]:
        case.cc = cc_score(t, case, a.root, &a.grade, trace)
        if trace is not None:
            trace.add(STEP_CC_SCORE, case.cc, a.root, 0)
    for row in range(t.split_start[a.root], t.split_start[a.root + 1]):
        if _row_fits(t, case, row):
            a.hrg = t.split_hrg[row]
            weaken(a, t.split_grade[row])
            if trace is not None:
                trace.add(STEP_SPLIT, row, a.hrg, 0)
            return
    a.error = NO_SPLIT


cdef void resolve(Tables t, Case case, Batch b, Answer* a, Events trace) noexcept nogil:
    """Root and HRG, once route and dominant procedure are known."""
    if a.error != NO_ERROR:
        return
    if a.root:
        _count_interventions(t, case, trace)
    elif a.dominant >= 0:
        procedure_root(t, case, b, a, trace)
    else:
        _primary_root(t, case, a, trace)
    if a.error == NO_ERROR:
        split(t, case, a, trace)


# --- unbundled HRGs ------------------------------------------------------------------------------------------------

cdef void _find_attributes(Tables t, Case case, Batch b, Py_ssize_t row, Py_ssize_t first) noexcept nogil:
    """The modifiers and sites that follow an unbundled procedure, up to the next other valid code."""
    cdef Py_ssize_t cell
    cdef code_t code
    case.n_attributes = 0
    for cell in range(first, b.proc_start[row + 1]):
        code = b.procs[cell]
        if code == 0:
            continue
        if t.unbundled_root[code] or (t.proc_role[code] != MODIFIER and t.proc_role[code] != SITE):
            return
        case.attributes[case.n_attributes] = code
        case.n_attributes += 1


cdef hrg_t _unbundled_hrg(Tables t, Case case, root_t root, Events trace) noexcept nogil:
    """The HRG of an unbundled root; a helper has no splits, and gives none."""
    cdef Answer a
    start_answer(&a)
    a.root = root
    _apply_rules(t, case, &a, t.unbundled_rule_start, t.unbundled_rules, trace)
    split(t, case, &a, trace)
    return a.hrg


cdef hrg_t unbundle(Tables t, Case case, Batch b, Py_ssize_t row, Py_ssize_t i, int32_t* error, Events trace) noexcept nogil:
    """The HRG of the i-th unbundled procedure of a record, 0 if it has none; `error` is its error category, or NO_ERROR."""
    cdef hrg_t hrg
    cdef code_t code = case.unbundled[i]
    cdef root_t root = t.unbundled_root[code]
    error[0] = NO_ERROR
    if root == 0:
        return 0
    if trace is not None:
        trace.add(STEP_UNBUNDLED_ROOT, code, root, 0)
    if root >= ERROR_ROOT:
        error[0] = root - ERROR_ROOT
        return t.invalid_hrg
    _find_attributes(t, case, b, row, b.proc_start[row] + case.unbundled_cell[i])
    hrg = _unbundled_hrg(t, case, root, trace)
    case.n_attributes = 0
    return hrg


cdef hrg_t unbundle_record(Tables t, Case case, uint8_t* times, Events trace) noexcept nogil:
    """The unbundled HRG of a record as a whole, 0 if it has none; `times` is its multiplier."""
    cdef Py_ssize_t i
    cdef int32_t rule
    for i in range(t.record_rules.shape[0]):
        rule = t.record_rules[i]
        if holds(t, case, t.rule_condition[rule]):
            if trace is not None:
                trace.add(STEP_DECISION, rule, t.rule_to[rule], 0)
            times[0] = t.rule_method[rule]
            return _unbundled_hrg(t, case, t.rule_to[rule], trace)
    return 0


cdef int32_t first_that_cannot_stand_alone(Tables t, Batch b, Py_ssize_t row) noexcept nogil:
    """The cell of the first valid procedure if all of them are modifiers or barred, else 0 (A12)."""
    cdef Py_ssize_t cell
    cdef code_t code
    cdef int32_t found = 0
    for cell in range(b.proc_start[row], b.proc_start[row + 1]):
        code = b.procs[cell]
        if code == 0:
            continue
        if t.unbundled_root[code] or not is_supplementary(t.proc_role[code]):
            return 0
        if found == 0:
            found = <int32_t>(cell - b.proc_start[row]) + 1
    return found


cdef void add_procedures(Tables t, Case case, Batch b, Py_ssize_t row) noexcept nogil:
    """The procedures of a record, added to the case: those that take part in core grouping, and those that are unbundled."""
    cdef Py_ssize_t cell
    cdef code_t code
    cdef int32_t place
    for cell in range(b.proc_start[row], b.proc_start[row + 1]):
        code = b.procs[cell]
        if code == 0:
            continue
        place = <int32_t>(cell - b.proc_start[row]) + 1
        if is_unbundled(t, code):
            case.unbundled[case.n_unbundled] = code
            case.unbundled_cell[case.n_unbundled] = place
            case.n_unbundled += 1
            continue
        case.procedures[case.n_procedures] = code
        case.procedure_row[case.n_procedures] = <int32_t>row
        case.procedure_cell[case.n_procedures] = place
        case.n_procedures += 1


# --- data sets whose rules alone decide ----------------------------------------------------------------------------

cdef void decide(Tables t, Case case, const int32_t[::1] rules, Answer* a, Events trace) noexcept nogil:
    """The first rule that holds gives the root, or an error category."""
    cdef Py_ssize_t i
    cdef int32_t rule
    for i in range(rules.shape[0]):
        rule = rules[i]
        if not holds(t, case, t.rule_condition[rule]):
            continue
        if trace is not None:
            trace.add(STEP_DECISION, rule, t.rule_to[rule], 0)
        if t.rule_to[rule] >= ERROR_ROOT:
            a.error = t.rule_to[rule] - ERROR_ROOT
            return
        a.root = t.rule_to[rule]
        a.method = t.rule_method[rule]
        weaken(a, t.rule_grade[rule])
        split(t, case, a, trace)
        return
    a.error = NO_SPLIT
