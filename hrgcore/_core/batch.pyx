"""What a kernel reads and writes: encoded records in, results out, both as struct of arrays."""
from array import array

from hrgcore._core.typedefs cimport ITEM_BITS, ITEM_VALUES


cdef class Batch:
    def __init__(self, FieldSet fields not None, *, spell_start, numbers, values, diag_start, diags, proc_start, procs, item_start, items,
                 failed):
        self.fields = fields
        self.spell_start = spell_start
        self.numbers = numbers
        self.values = values
        self.diag_start = diag_start
        self.diags = diags
        self.proc_start = proc_start
        self.procs = procs
        self.item_start = item_start
        self.items = items
        self.failed = failed
        self.rows = self.failed.shape[0]
        self.spells = self.spell_start.shape[0] - 1
        if not (self.spells >= 0 and self.numbers.shape[0] == self.rows * fields.n_numbers
                and self.values.shape[0] == self.rows * fields.n_values and self.diag_start.shape[0] == self.rows + 1
                and self.proc_start.shape[0] == self.rows + 1 and self.item_start.shape[0] == self.rows + 1):
            raise ValueError("the arrays of a batch do not belong together: their lengths disagree")

    def seen_by(self, FieldSet fields not None):
        """The same batch for another design, whose fields read cells in the same way."""
        if fields is self.fields:
            return self
        if not fields.same_as(self.fields):
            raise ValueError("the batch was encoded with fields that read cells in another way")
        return Batch(fields, spell_start=self.spell_start, numbers=self.numbers, values=self.values, diag_start=self.diag_start,
                     diags=self.diags, proc_start=self.proc_start, procs=self.procs, item_start=self.item_start, items=self.items,
                     failed=self.failed)

    def check(self, Tables tables not None):
        """Refuses ids and offsets that point outside a table or an array: kernels trust them.

        Raises:
            ValueError: naming the array and the place.
        """
        _check_offsets("spell_start", self.spell_start, self.rows)
        if self.spell_start[self.spells] != self.rows:
            raise ValueError(f"spell_start ends at {self.spell_start[self.spells]}, but there are {self.rows} records")
        _check_offsets("diag_start", self.diag_start, self.diags.shape[0])
        _check_offsets("proc_start", self.proc_start, self.procs.shape[0])
        _check_offsets("item_start", self.item_start, self.items.shape[0])
        _check_ids("diags", self.diags, self.diag_start[self.rows], len(tables.icd10))
        _check_ids("procs", self.procs, self.proc_start[self.rows], len(tables.opcs4))
        _check_items(self.items, self.item_start[self.rows], tables.items)

    def spell_of_rows(self):
        """The spell of each row."""
        cdef Py_ssize_t s, row
        found = array("q", bytes(8 * self.rows))
        cdef int64_t[::1] view = found
        for s in range(self.spells):
            for row in range(self.spell_start[s], self.spell_start[s + 1]):
                view[row] = s
        return found

    def spell_rows(self):
        """The number of rows of each spell."""
        cdef Py_ssize_t s
        found = array("i", bytes(4 * self.spells))
        cdef int32_t[::1] view = found
        for s in range(self.spells):
            view[s] = <int32_t>(self.spell_start[s + 1] - self.spell_start[s])
        return found

    def value_column(self, Py_ssize_t place):
        """The value ids of a listed field in each row, by its place among the listed fields of the data set; 0 = blank or invalid."""
        cdef Py_ssize_t row
        cdef Py_ssize_t width = self.fields.n_values
        if not 0 <= place < width:
            raise IndexError("no such listed field")
        found = array("B", bytes(self.rows))
        cdef uint8_t[::1] view = found
        for row in range(self.rows):
            view[row] = self.values[row * width + place]
        return found

    def longest(self, Py_ssize_t first_spell, Py_ssize_t end_spell):
        """The largest number of diagnosis cells and of procedure cells in one spell of a span."""
        cdef Py_ssize_t s
        cdef int64_t diags = 0
        cdef int64_t procs = 0
        cdef int64_t first, end
        if not 0 <= first_spell <= end_spell <= self.spells:
            raise IndexError("no such spells")
        with nogil:
            for s in range(first_spell, end_spell):
                first = self.spell_start[s]
                end = self.spell_start[s + 1]
                diags = max(diags, self.diag_start[end] - self.diag_start[first])
                procs = max(procs, self.proc_start[end] - self.proc_start[first])
        return diags, procs


def _check_offsets(str name, const int64_t[::1] offsets, Py_ssize_t top):
    cdef Py_ssize_t i
    cdef Py_ssize_t falls = 0
    if offsets[0] != 0:
        raise ValueError(f"{name} does not start at 0")
    with nogil:
        for i in range(offsets.shape[0] - 1):
            if offsets[i] > offsets[i + 1]:
                falls = i + 1
                break
    if falls:
        raise ValueError(f"{name} falls at position {falls}")
    if offsets[offsets.shape[0] - 1] > top:
        raise ValueError(f"{name} runs to {offsets[offsets.shape[0] - 1]}, past the end at {top}")


def _check_ids(str name, const code_t[::1] ids, Py_ssize_t used, Py_ssize_t top):
    cdef Py_ssize_t i
    cdef code_t highest = 0
    with nogil:
        for i in range(used):
            highest = max(highest, ids[i])
    if highest > top:
        i = next(place for place in range(used) if ids[place] > top)
        raise ValueError(f"{name}[{i}] is {ids[i]}, but the design has {top} codes")


def _check_items(const item_t[::1] items, Py_ssize_t used, tuple value_sets):
    cdef Py_ssize_t i
    sizes = [len(values.values) for values in value_sets]
    for i in range(used):
        if items[i] >> ITEM_BITS >= len(sizes) or items[i] & ITEM_VALUES >= sizes[items[i] >> ITEM_BITS]:
            raise ValueError(f"items[{i}] is {items[i]}, which names no value of a repeated field")


_EPISODE_COLUMNS = {"hrg": "H", "method": "B", "dominant": "H", "stay": "i", "report_flag": "B", "cc": "i", "interventions": "i",
                    "programme": "B", "grade": "B", "failed": "B"}
_SPELL_COLUMNS = {"spell_hrg": "H", "spell_method": "B", "spell_dominant": "H", "spell_lead": "i", "spell_primary": "H",
                  "spell_secondary": "H", "spell_programme": "B", "spell_stay": "i", "spell_critical_care": "i", "spell_cc": "i",
                  "spell_interventions": "i", "spell_grade": "B", "spell_failed": "B"}


_RECORD_COLUMNS = {"hrg": "H", "method": "B", "dominant": "H", "attendance_hrg": "H", "days": "i", "warning": "B", "grade": "B",
                   "failed": "B"}


_SIZES = {"B": sizeof(uint8_t), "H": sizeof(hrg_t), "i": sizeof(int32_t)}


def _columns(names, Py_ssize_t length):
    """Columns of zeros; a large bytearray takes its memory only where a kernel writes, on the thread that does."""
    return {name: memoryview(bytearray(_SIZES[code] * length)).cast(code) for name, code in names.items()}


cdef class RecordResults:
    def __init__(self, Py_ssize_t rows):
        c = self.columns = _columns(_RECORD_COLUMNS, rows)
        self.hrg = c["hrg"]
        self.method = c["method"]
        self.dominant = c["dominant"]
        self.attendance_hrg = c["attendance_hrg"]
        self.days = c["days"]
        self.warning = c["warning"]
        self.grade = c["grade"]
        self.failed = c["failed"]


cdef class Results:
    def __init__(self, Py_ssize_t episodes, Py_ssize_t spells):
        c = self.columns = _columns(_EPISODE_COLUMNS, episodes) | _columns(_SPELL_COLUMNS, spells)
        self.hrg = c["hrg"]
        self.method = c["method"]
        self.dominant = c["dominant"]
        self.stay = c["stay"]
        self.report_flag = c["report_flag"]
        self.cc = c["cc"]
        self.interventions = c["interventions"]
        self.programme = c["programme"]
        self.grade = c["grade"]
        self.failed = c["failed"]
        self.spell_hrg = c["spell_hrg"]
        self.spell_method = c["spell_method"]
        self.spell_dominant = c["spell_dominant"]
        self.spell_lead = c["spell_lead"]
        self.spell_primary = c["spell_primary"]
        self.spell_secondary = c["spell_secondary"]
        self.spell_programme = c["spell_programme"]
        self.spell_stay = c["spell_stay"]
        self.spell_critical_care = c["spell_critical_care"]
        self.spell_cc = c["spell_cc"]
        self.spell_interventions = c["spell_interventions"]
        self.spell_grade = c["spell_grade"]
        self.spell_failed = c["spell_failed"]
