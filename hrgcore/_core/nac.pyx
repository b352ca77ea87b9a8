"""Outpatients: procedures group as in admitted care at stay 0 and without diagnoses; what is left is an attendance (section 10)."""
from hrgcore._core.grouping cimport (
    add_procedures, decide, find_dominant, first_that_cannot_stand_alone, NO_ERROR, procedure_root, route, split, start_answer, unbundle,
    unbundle_record,
)
from hrgcore._core.rules cimport Case
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport *


cdef void _keep_markers(Tables t, Case case) noexcept nogil:
    """Takes out of a case all procedures but the markers of an attendance."""
    cdef Py_ssize_t i
    cdef Py_ssize_t kept = 0
    cdef Py_ssize_t word = t.attendance_list >> 6
    for i in range(case.n_procedures):
        if t.attendance_list >= 0 and (t.proc_lists[case.procedures[i] * t.proc_words + word] >> (t.attendance_list & 63)) & 1:
            case.procedures[kept] = case.procedures[i]
            kept += 1
    case.n_procedures = kept
    case.n_unbundled = 0
    case.procedures_listed = False
    case.dominant = 0
    case.site = 0


cdef class AttendanceKernel(RecordKernel):
    cdef void group(self, Batch b, RecordResults r, Py_ssize_t row) noexcept nogil:
        cdef Answer a
        self.read(b, row)
        r.failed[row] = b.failed[row]
        if self.trace is not None:
            self.trace.add(STEP_EPISODE, <int32_t>row, 0, 0)
        self.put_unbundled(b, r, row)
        start_answer(&a)
        if not r.failed[row]:
            self.resolve(b, r, row, &a)
        if r.failed[row]:
            r.hrg[row] = r.attendance_hrg[row] = self.tables.invalid_hrg
            r.method[row] = METHOD_ERROR
            r.dominant[row] = 0
            r.grade[row] = 0
            return
        r.hrg[row] = a.hrg
        r.method[row] = a.method
        r.dominant[row] = self.case.dominant
        r.grade[row] = a.grade
        self.group_as_attendance(r, row)

    cdef void read_codes(self, Batch b, Py_ssize_t row) noexcept nogil:
        """Procedures only, unbundled ones apart."""
        add_procedures(self.tables, self.case, b, row)

    cdef void put_unbundled(self, Batch b, RecordResults r, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t i
        cdef int32_t error
        cdef hrg_t hrg
        cdef uint8_t times
        hrg = unbundle_record(self.tables, self.case, &times, self.trace)
        if hrg:
            self.put_hrg(row, 0, hrg)
        for i in range(self.case.n_unbundled):
            hrg = unbundle(self.tables, self.case, b, row, i, &error, self.trace)
            if error != NO_ERROR:
                self.fail(r, row, self.fields.procedures, self.case.unbundled_cell[i], error)
            self.put_hrg(row, self.case.unbundled[i], hrg)

    cdef void put_hrg(self, Py_ssize_t row, code_t code, hrg_t hrg) noexcept nogil:
        """An unbundled HRG, if it is one; there are no days to multiply it."""
        if hrg:
            self.unbundled.add(<int32_t>row, hrg, 0, 0)
        if self.trace is not None:
            self.trace.add(STEP_UNBUNDLED, code, hrg, 0)

    cdef void resolve(self, Batch b, RecordResults r, Py_ssize_t row, Answer* a) noexcept nogil:
        """A route, the dominant procedure, or the default of the attendance."""
        cdef int32_t alone
        if route(self.tables, self.case, a, self.trace):
            split(self.tables, self.case, a, self.trace)
        else:
            find_dominant(self.tables, self.case, a, self.trace)
            if a.dominant >= 0 and a.error == NO_ERROR:
                procedure_root(self.tables, self.case, b, a, self.trace)
                split(self.tables, self.case, a, self.trace)
            elif a.dominant < 0:
                alone = first_that_cannot_stand_alone(self.tables, b, row)
                if alone:
                    self.fail(r, row, self.fields.procedures, alone, self.tables.no_procedure)
                    return
                a.grade = 0                       # an attendance rests on none of the procedures that were weighed
                decide(self.tables, self.case, self.rules, a, self.trace)
        if a.error == NO_ERROR:
            return
        if a.dominant >= 0 and a.error == self.tables.vague_procedure:
            self.fail(r, row, self.fields.procedures, self.case.procedure_cell[a.dominant], a.error)
        else:
            self.fail(r, row, self.blamed, 0, a.error)

    cdef void group_as_attendance(self, RecordResults r, Py_ssize_t row) noexcept nogil:
        """AttendanceHRG: as if nothing but the markers of an attendance had been recorded."""
        cdef Answer a
        _keep_markers(self.tables, self.case)
        start_answer(&a)
        decide(self.tables, self.case, self.rules, &a, None)
        r.attendance_hrg[row] = a.hrg if a.error == NO_ERROR else self.tables.invalid_hrg
