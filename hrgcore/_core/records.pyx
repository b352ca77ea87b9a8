"""Records of the single-case API straight to ids, and a spell grouped in one call."""
from array import array

from cpython.unicode cimport PyUnicode_AsUTF8AndSize

from hrgcore._core.encode import batch_arrays
from hrgcore._core.typedefs cimport *

cdef tuple VALUE_ATTRIBUTES = (
    "sex", "patient_classification", "admission_source", "admission_method", "discharge_destination", "discharge_method",
    "main_specialty", "neonatal_care", "treatment_function",
)
cdef tuple NUMBER_ATTRIBUTES = ("number", "age", "duration", "critical_care_days", "rehabilitation_days", "palliative_care_days")


cdef int32_t _as_number(object value):
    if value is None:
        return -1
    if type(value) is not int:
        raise TypeError("must be a whole number")
    return value if 0 <= value <= LARGEST else NOT_A_NUMBER


cdef const char* _as_text(object value, Py_ssize_t* size) except NULL:
    if type(value) is not str:
        raise TypeError("must be text")
    return PyUnicode_AsUTF8AndSize(value, size)


cdef object _codes(object codes):
    """The codes of a repeated field, if they can be such: no single text, and no more than a record has room for."""
    if type(codes) is str:
        raise TypeError("must be a list of codes")
    if len(codes) > MOST_CELLS:
        raise ValueError("too many codes")
    return codes


cdef void _put_values(Encoder encoder, object record, tuple defaults) except *:
    cdef int column
    cdef Py_ssize_t size
    cdef const char* text
    for column in range(N_VALUES):
        value = getattr(record, VALUE_ATTRIBUTES[column])
        if value is None:
            encoder.put_value_id(column, defaults[column])
            continue
        text = _as_text(value, &size)
        encoder.put_value(column, text, size)


cdef void put_record(Encoder encoder, object record, tuple defaults, int32_t place) except *:
    """Encodes one record as the next row; an episode without a number gets its place in the list."""
    cdef int cell, column
    cdef Py_ssize_t size
    cdef const char* text
    encoder.begin_row()
    for column in range(N_NUMBERS):
        value = getattr(record, NUMBER_ATTRIBUTES[column])
        if value is None and column == N_EPIORDER:
            encoder.put_number(column, place)
        else:
            encoder.put_number(column, _as_number(value))
    _put_values(encoder, record, defaults)
    cell = 0
    for value in _codes(record.diagnoses):
        cell += 1
        text = _as_text(value, &size)
        encoder.put_diagnosis(cell, text, size)
    if cell == 0:
        encoder.put_diagnosis(1, "", 0)
    cell = 0
    for value in _codes(record.procedures):
        cell += 1
        text = _as_text(value, &size)
        encoder.put_procedure(cell, text, size)
    encoder.end_row()


def encode_record(Encoder encoder not None, record, tuple defaults not None, int32_t place):
    """Encodes one record as the next row of a batch."""
    put_record(encoder, record, defaults, place)


cdef Py_ssize_t _grown(Py_ssize_t room, Py_ssize_t needed):
    return room if needed <= room else max(needed, 2 * room)


cdef class SpellGrouper:
    def __init__(self, tables, tuple default_values not None, bint trace=False):
        self.kernel = Kernel(tables, trace)
        self.default_values = default_values
        self.spell_start = array("q", (0, 0))
        self._make_room(4, 128, 128)

    cdef reserve(self, Py_ssize_t rows, Py_ssize_t diagnoses, Py_ssize_t procedures):
        """Makes room for a spell of so many episodes and cells; what was grouped before is lost."""
        if not self.has_room(rows, diagnoses, procedures):
            self._make_room(_grown(self.room, rows), _grown(self.diag_room, diagnoses), _grown(self.proc_room, procedures))

    cdef bint has_room(self, Py_ssize_t rows, Py_ssize_t diagnoses, Py_ssize_t procedures) noexcept nogil:
        return rows <= self.room and diagnoses <= self.diag_room and procedures <= self.proc_room

    cdef _make_room(self, Py_ssize_t rows, Py_ssize_t diagnoses, Py_ssize_t procedures):
        """Arrays for so many records, of which the one spell of the batch takes the first."""
        fields = self.kernel.tables.fields["APC"]
        arrays = batch_arrays(fields, rows, diagnoses, procedures)
        encoder = Encoder(self.kernel.tables, fields, arrays)
        batch = Batch(fields, spell_start=self.spell_start.base, **arrays)
        results = Results(rows, 1)
        self.kernel.case.reserve(diagnoses, procedures)
        self.encoder, self.batch, self.results = encoder, batch, results
        self.room, self.diag_room, self.proc_room = rows, diagnoses, procedures

    cdef void run(self) noexcept nogil:
        """Groups the records that the encoder has read since its restart."""
        self.spell_start[1] = self.encoder.rows
        self.kernel.clear()
        self.kernel.group_spell(self.batch, self.results, 0)

    def group(self, list records not None, order not None):
        """Groups the records of one spell, in the order given; `order` is where each stood in the caller's list.

        Results are in `results` until the next call.
        """
        cdef Py_ssize_t diagnoses = 0
        cdef Py_ssize_t procedures = 0
        cdef Py_ssize_t row
        for record in records:
            diagnoses += len(record.diagnoses)
            procedures += len(record.procedures)
        self.reserve(len(records), diagnoses, procedures)
        self.encoder.restart()
        for row in range(len(records)):
            put_record(self.encoder, records[row], self.default_values, order[row] + 1)
        self.run()

    def snapshot(self):
        """The last result: the spell's numbers, those of each episode, the faults and the unbundled HRGs."""
        cdef Results r = self.results
        cdef Py_ssize_t row
        spell = (
            r.spell_hrg[0], r.spell_method[0], r.spell_dominant[0], r.spell_primary[0], r.spell_secondary[0], r.spell_stay[0],
            r.spell_critical_care[0], r.spell_cc[0], r.spell_interventions[0], r.spell_programme[0], r.spell_grade[0],
        )
        episodes = [
            (r.hrg[row], r.method[row], r.dominant[row], r.stay[row], r.report_flag[row], r.cc[row], r.interventions[row],
             r.programme[row], r.grade[row])
            for row in range(self.encoder.rows)
        ]
        return spell, episodes, self.encoder.faults.rows() + self.kernel.faults.rows(), self.kernel.unbundled.rows()
