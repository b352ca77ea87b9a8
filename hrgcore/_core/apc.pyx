"""Admitted care: checks, dominant procedure or primary diagnosis, rules, split, for episodes and pooled spells.

`docs/grouping-logic.md` is the specification; section numbers below are its own.
"""
from hrgcore._core.grouping cimport (
    add_procedures, diagnosis_root, find_dominant, first_that_cannot_stand_alone, NO_ERROR, resolve, route, start_answer, unbundle,
    unbundle_record,
)
from hrgcore._core.rules cimport holds
from hrgcore._core.typedefs cimport *

cdef enum:
    DAYS_A_YEAR = 365

cdef inline int32_t _number(Batch b, Py_ssize_t row, int column) noexcept nogil:
    return b.numbers[row * N_NUMBERS + column]


cdef inline uint8_t _value(Batch b, Py_ssize_t row, int column) noexcept nogil:
    return b.values[row * N_VALUES + column]


cdef inline int32_t _days(Batch b, Py_ssize_t row, int column) noexcept nogil:
    cdef int32_t days = _number(b, row, column)
    return days if days > 0 else 0


cdef inline code_t _primary(Batch b, Py_ssize_t row) noexcept nogil:
    return b.diags[b.diag_start[row]] if b.diag_start[row] < b.diag_start[row + 1] else 0


cdef int32_t _stay(Batch b, Py_ssize_t row) noexcept nogil:
    """CalcEpidur; -1 where EPIDUR is not valid."""
    cdef int32_t days = _number(b, row, N_EPIDUR)
    if days < 0:
        return -1
    days -= _days(b, row, N_CRITICALCARE) + _days(b, row, N_REHABILITATION) + _days(b, row, N_PALLIATIVE)
    return days if days > 0 else 0


# --- the kernel ----------------------------------------------------------------------------------------------------

cdef class Kernel:
    def __init__(self, Tables tables not None, bint trace=False):
        self.tables = tables
        self.faults = Events()
        self.unbundled = Events()
        self.trace = Events() if trace else None
        self.case = Case(tables)

    def run(self, Batch batch not None, Results results not None, Py_ssize_t first_spell, Py_ssize_t end_spell):
        """Groups spells first_spell to end_spell - 1 of the batch into the results, without the GIL."""
        if not 0 <= first_spell <= end_spell <= batch.spells or results.hrg.shape[0] != batch.rows \
                or results.spell_hrg.shape[0] != batch.spells or batch.fields is not self.tables.fields["APC"]:
            raise ValueError("the spells asked for, the batch and the results do not belong together")
        diagnoses, procedures = batch.longest(first_spell, end_spell)
        self.case.reserve(diagnoses, procedures)
        with nogil:
            self.clear()
            self.group(batch, results, first_spell, end_spell)

    cdef void clear(self) noexcept nogil:
        """Forgets what the run before has found."""
        self.faults.clear()
        self.unbundled.clear()
        if self.trace is not None:
            self.trace.clear()

    cdef void group(self, Batch b, Results r, Py_ssize_t first_spell, Py_ssize_t end_spell) noexcept nogil:
        cdef Py_ssize_t spell
        for spell in range(first_spell, end_spell):
            self.group_spell(b, r, spell)

    cdef void fail(self, Results r, Py_ssize_t row, int phase, int field, int cell, int message) noexcept nogil:
        r.failed[row] = True
        self.faults.add(<int32_t>row, phase, field * CELLS + cell, message)

    cdef void group_spell(self, Batch b, Results r, Py_ssize_t spell) noexcept nogil:
        cdef Py_ssize_t row
        cdef Py_ssize_t first = b.spell_start[spell]
        cdef Py_ssize_t end = b.spell_start[spell + 1]
        cdef bint failed = False
        for row in range(first, end):
            r.failed[row] = b.failed[row]
            self.check_episode(b, r, row)
        if end - first > 1:
            self.check_spell(b, r, first, end)
        for row in range(first, end):
            self.group_episode(b, r, row)
            failed |= r.failed[row]
        self.sum_spell(b, r, spell, first, end)
        if failed:
            self.spell_fails(r, spell, first, end)
        elif end - first == 1:
            self.copy_episode(b, r, spell, first)
        else:
            self.group_pooled(b, r, spell, first, end)

    cdef void check_episode(self, Batch b, Results r, Py_ssize_t row) noexcept nogil:
        """Section 2, what takes a design to decide; the border has checked the cells."""
        cdef Py_ssize_t i
        cdef code_t primary = _primary(b, row)
        cdef root_t root
        for i in range(self.tables.refused_episodes.shape[0]):
            if _number(b, row, N_EPIORDER) == self.tables.refused_episodes[i]:
                self.fail(r, row, PHASE_FIELD, EPIORDER, 0, EPISODE_NUMBER)
        root = diagnosis_root(self.tables, primary, _number(b, row, N_STARTAGE))
        if primary == 0 or _number(b, row, N_EPIDUR) < 0:
            r.failed[row] = True      # the border has said why
        if primary == 0:
            return
        if root >= ERROR_ROOT:
            self.fail(r, row, PHASE_FIELD, DIAG, 1, root - ERROR_ROOT)

    cdef void fail_all(self, Results r, Py_ssize_t first, Py_ssize_t end, int field, int message) noexcept nogil:
        cdef Py_ssize_t row
        for row in range(first, end):
            self.fail(r, row, PHASE_SPELL, field, 0, message)

    cdef void check_spell(self, Batch b, Results r, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
        """Section 3."""
        cdef Py_ssize_t row
        cdef int32_t age
        cdef int32_t low = -1
        cdef int32_t high = -1
        cdef int64_t days = 0
        cdef bint sex = False, classpat = False, admisorc = False, admimeth = False
        for row in range(first, end):
            sex |= _value(b, row, V_SEX) != _value(b, first, V_SEX)
            classpat |= _value(b, row, V_CLASSPAT) != _value(b, first, V_CLASSPAT)
            admisorc |= _value(b, row, V_ADMISORC) != _value(b, first, V_ADMISORC)
            admimeth |= _value(b, row, V_ADMIMETH) != _value(b, first, V_ADMIMETH)
            days += _days(b, row, N_EPIDUR)
            age = _number(b, row, N_STARTAGE)
            if age >= 0:
                low = age if low < 0 or age < low else low
                high = age if age > high else high
        if sex:
            self.fail_all(r, first, end, SEX, SPELL_SEX)
        if classpat:
            self.fail_all(r, first, end, CLASSPAT, SPELL_CLASSPAT)
        if admisorc:
            self.fail_all(r, first, end, ADMISORC, SPELL_ADMISORC)
        if admimeth:
            self.fail_all(r, first, end, ADMIMETH, SPELL_ADMIMETH)
        if high - low > self.tables.age_rise + days // DAYS_A_YEAR:
            self.fail_all(r, first, end, STARTAGE, SPELL_AGE)
        self.check_numbers(b, r, first, end)

    cdef void check_numbers(self, Batch b, Results r, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
        """Shared episode numbers; rows are sorted by number, so that equal ones are neighbours."""
        cdef Py_ssize_t row
        cdef int32_t number
        for row in range(first, end):
            number = _number(b, row, N_EPIORDER)
            if number < 0 or self.refused(number):
                continue
            if (row > first and _number(b, row - 1, N_EPIORDER) == number) or \
                    (row + 1 < end and _number(b, row + 1, N_EPIORDER) == number):
                self.fail(r, row, PHASE_SPELL, EPIORDER, 0, DUPLICATE_EPISODE)

    cdef bint refused(self, int32_t number) noexcept nogil:
        cdef Py_ssize_t i
        for i in range(self.tables.refused_episodes.shape[0]):
            if self.tables.refused_episodes[i] == number:
                return True
        return False

    cdef void put_unbundled(self, Batch b, Results r, Py_ssize_t row) noexcept nogil:
        """Puts out the unbundled HRGs of an episode: its own, then those of its procedures; an error category fails the episode."""
        cdef Py_ssize_t i
        cdef int32_t error
        cdef hrg_t hrg
        cdef uint8_t times = TIMES_NOTHING
        if self.case.n_unbundled == 0 and self.tables.record_rules.shape[0] == 0:
            return
        for i in range(N_NUMBERS):
            self.case.numbers[i] = _number(b, row, <int>i)
        if self.tables.record_rules.shape[0]:
            hrg = unbundle_record(self.tables, self.case, &times, self.trace)
            if hrg:
                self.put_hrg(b, row, 0, hrg, times)
        for i in range(self.case.n_unbundled):
            hrg = unbundle(self.tables, self.case, b, row, i, &error, self.trace)
            times = self.tables.unbundled_times[self.case.unbundled[i]]
            if error != NO_ERROR:
                self.fail(r, row, PHASE_LOGIC, OPER, self.case.unbundled_cell[i], error)
                times = TIMES_NOTHING
            self.put_hrg(b, row, self.case.unbundled[i], hrg, times)

    cdef void put_hrg(self, Batch b, Py_ssize_t row, code_t code, hrg_t hrg, uint8_t times) noexcept nogil:
        """An unbundled HRG, if it is one, with the days that multiply it."""
        cdef int32_t days = 0
        if times == TIMES_REHABILITATION:
            days = _days(b, row, N_REHABILITATION)
        elif times == TIMES_PALLIATIVE:
            days = _days(b, row, N_PALLIATIVE)
        if hrg:
            self.unbundled.add(<int32_t>row, hrg, days, 0)
        if self.trace is not None:
            self.trace.add(STEP_UNBUNDLED, code, hrg, days)

    cdef void add_secondaries(self, Batch b, Py_ssize_t row, bint with_primary) noexcept nogil:
        cdef Py_ssize_t cell
        for cell in range(b.diag_start[row] + (0 if with_primary else 1), b.diag_start[row + 1]):
            if b.diags[cell]:
                self.case.secondaries[self.case.n_secondaries] = b.diags[cell]
                self.case.n_secondaries += 1

    cdef void check_rules(self, Results r, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t i
        cdef int32_t rule
        for i in range(self.tables.check_rules.shape[0]):
            rule = self.tables.check_rules[i]
            if holds(self.tables, self.case, self.tables.rule_condition[rule]):
                if self.trace is not None:
                    self.trace.add(STEP_CHECK, rule, 0, 0)
                self.fail(r, row, PHASE_LOGIC, DIAG, 1, self.tables.rule_to[rule] - ERROR_ROOT)
                return

    cdef void group_episode(self, Batch b, Results r, Py_ssize_t row) noexcept nogil:
        """Section 5."""
        cdef Py_ssize_t v
        cdef Answer a
        cdef root_t root
        self.case.start()
        self.case.age = _number(b, row, N_STARTAGE)
        self.case.stay = r.stay[row] = _stay(b, row)
        self.case.primary = _primary(b, row)
        for v in range(N_VALUES):
            self.case.values[v] = _value(b, row, <int>v)
        if self.trace is not None:
            self.trace.add(STEP_EPISODE, <int32_t>row, 0, 0)
        add_procedures(self.tables, self.case, b, row)
        self.add_secondaries(b, row, False)
        root = diagnosis_root(self.tables, self.case.primary, self.case.age)
        if self.case.primary and root < ERROR_ROOT:
            self.check_rules(r, row)
        self.put_unbundled(b, r, row)
        start_answer(&a)
        if not r.failed[row]:
            self.resolve_episode(b, r, row, &a)
        self.write_episode(r, row, &a)

    cdef void resolve_episode(self, Batch b, Results r, Py_ssize_t row, Answer* a) noexcept nogil:
        cdef int32_t alone
        if not route(self.tables, self.case, a, self.trace):
            find_dominant(self.tables, self.case, a, self.trace)
            if a.dominant < 0:
                alone = first_that_cannot_stand_alone(self.tables, b, row)
                if alone:
                    self.fail(r, row, PHASE_LOGIC, OPER, alone, self.tables.no_procedure)
                    return
        resolve(self.tables, self.case, b, a, self.trace)
        if a.error != NO_ERROR:
            self.fail_answer(r, row, a)

    cdef void fail_answer(self, Results r, Py_ssize_t row, Answer* a) noexcept nogil:
        if a.dominant >= 0 and a.error == self.tables.vague_procedure:
            self.fail(r, self.case.procedure_row[a.dominant], PHASE_LOGIC, OPER, self.case.procedure_cell[a.dominant], a.error)
        else:
            self.fail(r, row, PHASE_LOGIC, DIAG, 1, a.error)

    cdef void write_episode(self, Results r, Py_ssize_t row, Answer* a) noexcept nogil:
        cdef bint failed = r.failed[row]
        r.report_flag[row] = 0
        r.hrg[row] = self.tables.invalid_hrg if failed else a.hrg
        r.method[row] = METHOD_ERROR if failed else a.method
        r.dominant[row] = 0 if failed else self.case.dominant
        r.programme[row] = 0 if failed else self.tables.diag_programme[self.case.primary]
        r.cc[row] = 0 if failed else self.case.cc
        r.interventions[row] = 0 if failed else self.case.interventions
        r.grade[row] = 0 if failed else a.grade

    # --- section 7 ---

    cdef void sum_spell(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
        cdef Py_ssize_t row
        cdef int32_t stay = 0
        cdef int32_t critical_care = 0
        for row in range(first, end):
            if r.stay[row] > 0:
                stay += r.stay[row]
            critical_care += _days(b, row, N_CRITICALCARE)
        r.spell_stay[spell] = stay
        r.spell_critical_care[spell] = critical_care

    cdef void spell_fails(self, Results r, Py_ssize_t spell, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
        cdef Py_ssize_t row
        for row in range(first, end):
            r.report_flag[row] = 0
        r.spell_failed[spell] = True
        r.spell_hrg[spell] = self.tables.invalid_hrg
        r.spell_method[spell] = METHOD_ERROR
        r.spell_lead[spell] = -1
        r.spell_dominant[spell] = 0
        r.spell_primary[spell] = 0
        r.spell_secondary[spell] = 0
        r.spell_programme[spell] = 0
        r.spell_cc[spell] = 0
        r.spell_interventions[spell] = 0
        r.spell_grade[spell] = 0

    cdef void write_lead(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t lead) noexcept nogil:
        cdef Py_ssize_t cell
        r.report_flag[lead] = 1
        r.spell_failed[spell] = False
        r.spell_lead[spell] = <int32_t>lead
        r.spell_primary[spell] = _primary(b, lead)
        r.spell_programme[spell] = self.tables.diag_programme[_primary(b, lead)]
        r.spell_secondary[spell] = 0
        for cell in range(b.diag_start[lead] + 1, b.diag_start[lead + 1]):
            if b.diags[cell]:
                r.spell_secondary[spell] = b.diags[cell]
                return

    cdef void copy_episode(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t row) noexcept nogil:
        self.write_lead(b, r, spell, row)
        r.spell_hrg[spell] = r.hrg[row]
        r.spell_method[spell] = r.method[row]
        r.spell_dominant[spell] = r.dominant[row]
        r.spell_cc[spell] = r.cc[row]
        r.spell_interventions[spell] = r.interventions[row]
        r.spell_grade[spell] = r.grade[row]

    cdef void lead_with(self, Batch b, Py_ssize_t lead, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
        """Makes an episode the leading one: its primary diagnosis, and all other diagnoses secondary."""
        cdef Py_ssize_t row
        self.case.primary = _primary(b, lead)
        self.case.values[<int>V_NEOCARE] = _value(b, lead, V_NEOCARE)
        self.case.values[<int>V_TRETSPEF] = _value(b, lead, V_TRETSPEF)
        self.case.n_secondaries = 0
        self.case.secondaries_listed = False
        for row in range(first, end):
            self.add_secondaries(b, row, row != lead)
        if self.trace is not None:
            self.trace.add(STEP_LEAD, <int32_t>lead, 0, 0)

    cdef void group_pooled(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
        cdef Py_ssize_t row, v
        cdef Py_ssize_t lead = first
        cdef Answer a
        self.case.start()
        if self.trace is not None:
            self.trace.add(STEP_SPELL, <int32_t>spell, 0, 0)
        for v in range(N_VALUES):
            self.case.values[v] = _value(b, first, <int>v)
        self.case.values[<int>V_DISDEST] = _value(b, end - 1, V_DISDEST)
        self.case.values[<int>V_DISMETH] = _value(b, end - 1, V_DISMETH)
        self.case.age = _number(b, first, N_STARTAGE)
        self.case.stay = r.spell_stay[spell]
        for row in range(first, end):
            add_procedures(self.tables, self.case, b, row)
            if self.tables.diag_rank[_primary(b, row)] > self.tables.diag_rank[_primary(b, lead)]:
                lead = row
        self.lead_with(b, lead, first, end)
        start_answer(&a)
        if not route(self.tables, self.case, &a, self.trace):
            find_dominant(self.tables, self.case, &a, self.trace)
            if a.dominant >= 0 and self.case.procedure_row[a.dominant] != lead:
                lead = self.case.procedure_row[a.dominant]
                self.lead_with(b, lead, first, end)
        resolve(self.tables, self.case, b, &a, self.trace)
        if a.error != NO_ERROR:
            self.spell_alone_fails(r, spell, first, end, lead, &a)
        else:
            self.write_spell(b, r, spell, lead, &a)

    cdef void spell_alone_fails(self, Results r, Py_ssize_t spell, Py_ssize_t first, Py_ssize_t end, Py_ssize_t lead,
                                Answer* a) noexcept nogil:
        cdef Py_ssize_t row = lead
        cdef uint8_t failed = r.failed[row]
        self.fail_answer(r, row, a)
        r.failed[row] = failed
        self.spell_fails(r, spell, first, end)

    cdef void write_spell(self, Batch b, Results r, Py_ssize_t spell, Py_ssize_t lead, Answer* a) noexcept nogil:
        self.write_lead(b, r, spell, lead)
        r.spell_hrg[spell] = a.hrg
        r.spell_method[spell] = a.method
        r.spell_dominant[spell] = self.case.dominant
        r.spell_cc[spell] = self.case.cc
        r.spell_interventions[spell] = self.case.interventions
        r.spell_grade[spell] = a.grade
