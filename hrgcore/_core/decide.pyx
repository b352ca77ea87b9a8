"""Data sets whose rules alone decide: emergency medicine, renal dialysis, critical care. The first rule that holds gives the root."""
from array import array

from hrgcore._core.grouping cimport Answer, decide, NO_ERROR, start_answer
from hrgcore._core.typedefs cimport *

cdef class RecordKernel:
    def __init__(self, Tables tables not None, FieldSet fields not None, rules not None, str blamed not None, str age not None="",
                 bint trace=False):
        """`blamed` is the field that faults of the rules name, `age` that of the age in completed years, if there is one."""
        self.tables = tables
        self.fields = fields
        self.rules = rules
        self.blamed = fields.names.index(blamed)
        self.age = [fields.names[field] for field in fields.number_field].index(age) if age else -1
        self.value_places = fields.value_place
        self.number_places = fields.number_place
        self.faults = Events()
        self.unbundled = Events()
        self.trace = Events() if trace else None
        self.case = Case(tables)

    def run(self, Batch batch not None, RecordResults results not None, Py_ssize_t first, Py_ssize_t end):
        """Groups rows first to end - 1 of the batch into the results, without the GIL."""
        cdef Py_ssize_t row
        if not 0 <= first <= end <= batch.rows or results.hrg.shape[0] != batch.rows or batch.fields is not self.fields:
            raise ValueError("the rows asked for, the batch and the results do not belong together")
        diagnoses, procedures = batch.longest(first, end)
        self.case.reserve(diagnoses, procedures)
        self.faults.clear()
        self.unbundled.clear()
        if self.trace is not None:
            self.trace.clear()
        with nogil:
            for row in range(first, end):
                self.group(batch, results, row)

    cdef void fail(self, RecordResults r, Py_ssize_t row, int field, int cell, int message) noexcept nogil:
        r.failed[row] = True
        self.faults.add(<int32_t>row, PHASE_LOGIC, field * CELLS + cell, message)

    cdef void group(self, Batch b, RecordResults r, Py_ssize_t row) noexcept nogil:
        cdef Answer a
        start_answer(&a)
        r.failed[row] = b.failed[row]
        if self.trace is not None:
            self.trace.add(STEP_EPISODE, <int32_t>row, 0, 0)
        if not r.failed[row]:
            self.read(b, row)
            decide(self.tables, self.case, self.rules, &a, self.trace)
            if a.error != NO_ERROR:
                self.fail(r, row, self.blamed, 0, a.error)
        r.hrg[row] = self.tables.invalid_hrg if r.failed[row] else a.hrg
        r.grade[row] = 0 if r.failed[row] else a.grade

    cdef void read(self, Batch b, Py_ssize_t row) noexcept nogil:
        """The record as the rules see it."""
        cdef Py_ssize_t i
        self.case.start()
        self.case.stay = 0
        for i in range(self.value_places.shape[0]):
            self.case.values[self.value_places[i]] = b.values[row * self.value_places.shape[0] + i]
        for i in range(self.number_places.shape[0]):
            self.case.numbers[self.number_places[i]] = b.numbers[row * self.number_places.shape[0] + i]
        self.case.age = b.numbers[row * self.number_places.shape[0] + self.age] if self.age >= 0 else -1
        self.case.n_items = b.item_start[row + 1] - b.item_start[row]
        self.case.items = &b.items[b.item_start[row]] if self.case.n_items else NULL
        self.find_levels()
        self.count_organs(b, row)
        self.read_codes(b, row)

    cdef void read_codes(self, Batch b, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t cell
        cdef Py_ssize_t first = b.diag_start[row]
        self.case.primary = b.diags[first] if first < b.diag_start[row + 1] else 0
        for cell in range(first + 1, b.diag_start[row + 1]):
            if b.diags[cell]:
                self.case.secondaries[self.case.n_secondaries] = b.diags[cell]
                self.case.n_secondaries += 1
        for cell in range(b.proc_start[row], b.proc_start[row + 1]):
            if b.procs[cell]:
                self.case.procedures[self.case.n_procedures] = b.procs[cell]
                self.case.n_procedures += 1

    cdef void find_levels(self) noexcept nogil:
        """The highest level of each category over the cells of its field."""
        cdef Py_ssize_t i, category
        cdef uint8_t level
        for category in range(self.tables.level_categories):
            self.case.levels[category] = 0
            for i in range(self.case.n_items):
                if self.case.items[i] >> ITEM_BITS == self.tables.level_item[category]:
                    level = self.tables.levels[category * LIST_VALUES + (self.case.items[i] & ITEM_VALUES)]
                    if level > self.case.levels[category]:
                        self.case.levels[category] = level
            if self.trace is not None and self.case.levels[category]:
                self.trace.add(STEP_LEVEL, <int32_t>category, self.case.levels[category], 0)

    cdef void count_organs(self, Batch b, Py_ssize_t row) noexcept nogil:
        """Each organ counts once, if any of its fields is above 0."""
        cdef Py_ssize_t i
        cdef uint64_t one = 1
        cdef uint64_t supported = 0
        cdef uint8_t organ
        self.case.organs = 0
        for i in range(self.number_places.shape[0]):
            organ = self.tables.organ_of_number[self.number_places[i]]
            if organ and b.numbers[row * self.number_places.shape[0] + i] > 0 and not supported & (one << organ):
                supported |= one << organ
                self.case.organs += 1
        if self.trace is not None and self.case.organs:
            self.trace.add(STEP_ORGANS, self.case.organs, 0, 0)


cdef inline int32_t _days(const int32_t[::1] numbers, Py_ssize_t row, Py_ssize_t width, int32_t column) noexcept nogil:
    cdef int32_t days = numbers[row * width + column]
    return days if days > 0 else 0


def check_periods(Batch batch not None, RecordResults results not None, start, discharge, level_two, level_three, basic, advanced):
    """Calc_CC_Days and CC_Warning_Flag of adult critical care; the arguments are names of fields.

    A period counts its first and its last day. The warning is set where the days cannot be known, or where days of support exceed
    what they must lie in.
    """
    names = [batch.fields.names[field] for field in batch.fields.number_field]
    cdef int32_t[::1] at = array("i", [names.index(name) for name in (start, discharge, level_two, level_three, basic, advanced)])
    cdef Py_ssize_t row
    cdef Py_ssize_t width = batch.fields.n_numbers
    cdef int32_t first, last, days, levels, respiratory
    if results.hrg.shape[0] != batch.rows:
        raise ValueError("the batch and the results do not belong together")
    with nogil:
        for row in range(batch.rows):
            first = batch.numbers[row * width + at[0]]
            last = batch.numbers[row * width + at[1]]
            days = last - first + 1 if 0 <= first <= last else -1
            levels = _days(batch.numbers, row, width, at[2]) + _days(batch.numbers, row, width, at[3])
            respiratory = _days(batch.numbers, row, width, at[4]) + _days(batch.numbers, row, width, at[5])
            results.days[row] = days
            results.warning[row] = days < 0 or levels > days or respiratory > days or respiratory > levels
