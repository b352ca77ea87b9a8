"""Cells of columns to ids: text as in files, numbers and dates straight, entries of a dictionary once each."""
from libc.math cimport floor, isnan, rint
from libc.stdio cimport snprintf
from libc.stdlib cimport calloc, free, strtod
from libc.string cimport memcpy

from hrgcore._core.arrow cimport *
from hrgcore._core.codes cimport trim
from hrgcore._core.encode cimport _store, put_cell
from hrgcore._core.encode import batch_arrays
from hrgcore._core.encoded cimport push
from hrgcore._core.fields cimport FieldSet
from hrgcore._core.tables cimport Tables
from hrgcore._core.typedefs cimport *

# What a cell turned out to be.
cdef enum:
    IS_BLANK = 0
    IS_TEXT
    IS_WHOLE
    IS_REAL
    IS_DAY
    IS_BROKEN

# As SortPart has them.
cdef enum:
    PROVIDER = 1
    LOCAL = 2

cdef enum:
    INLINE = 12               # bytes of a text that its view holds
    VIEW_SIZE = 16
    LARGEST = 999999999       # as clean_number says it
    EPOCH = 62091             # days from the start of 1800 to that of 1970
    LAST_DAY = 438291         # of 2999, from the start of 1800
    GRAMS = 1000              # a kilogram
    FEW = 1024                # entries of a dictionary that are always worth to be kept
    ENTRIES = 4               # and how many a row

# Whole numbers up to it are the same as floats.
cdef double EXACT = 9007199254740992


cdef inline int _text(const Cells* cells, int64_t place, Reading* value) noexcept nogil:
    cdef int64_t start, end
    if cells.form == FORM_TEXT:
        start, end = (<const int32_t*>cells.starts)[place], (<const int32_t*>cells.starts)[place + 1]
    else:
        start, end = (<const int64_t*>cells.starts)[place], (<const int64_t*>cells.starts)[place + 1]
    if not 0 <= start <= end <= cells.last:
        return IS_BROKEN
    value.text = <const char*>cells.data + start
    value.size = end - start
    return IS_TEXT if end > start else IS_BLANK


cdef int _view(const Cells* cells, int64_t place, Reading* value) noexcept nogil:
    cdef const char* view = <const char*>cells.data + place * VIEW_SIZE
    cdef const int32_t* parts = <const int32_t*>view              # size, prefix, block, offset
    if parts[0] <= 0:
        return IS_BLANK if parts[0] == 0 else IS_BROKEN
    value.size = parts[0]
    if parts[0] <= INLINE:
        value.text = view + sizeof(int32_t)
        return IS_TEXT
    if not 0 <= parts[2] < cells.n_blocks or parts[3] < 0 or cells.blocks[parts[2]] == NULL \
            or <int64_t>parts[3] + parts[0] > cells.block_sizes[parts[2]]:
        return IS_BROKEN
    value.text = <const char*>cells.blocks[parts[2]] + parts[3]
    return IS_TEXT


cdef inline int _whole(Reading* value, int64_t number) noexcept nogil:
    value.number = number
    return IS_WHOLE


cdef int _unsigned(Reading* value, uint64_t number) noexcept nogil:
    if number <= LARGEST:
        return _whole(value, <int64_t>number)
    value.size = snprintf(value.room, sizeof(value.room), "%llu", <unsigned long long>number)
    value.text = value.room
    return IS_TEXT


cdef int _real(Reading* value, double real, bint single) noexcept nogil:
    if isnan(real):
        return IS_BLANK
    if -EXACT <= real <= EXACT and real == floor(real):
        return _whole(value, <int64_t>real)
    value.real = real
    value.single = single
    return IS_REAL


cdef int _day(Reading* value, int64_t time, int64_t a_day) noexcept nogil:
    value.number = time // a_day - (1 if time % a_day < 0 else 0)
    return IS_DAY


cdef int _read(const Cells* cells, int64_t cell, Reading* value) noexcept nogil:
    """What stands in a cell."""
    cdef int64_t place = cells.offset + cell
    cdef uint8_t form = cells.form
    if form == FORM_NULL or (cells.valid != NULL and not is_set(cells.valid, place)):
        return IS_BLANK
    if form == FORM_TEXT or form == FORM_LARGE_TEXT:
        return _text(cells, place, value)
    if form == FORM_TEXT_VIEW:
        return _view(cells, place, value)
    if form == FORM_INT64:
        return _whole(value, (<const int64_t*>cells.data)[place])
    if form == FORM_INT32:
        return _whole(value, (<const int32_t*>cells.data)[place])
    if form == FORM_INT16:
        return _whole(value, (<const int16_t*>cells.data)[place])
    if form == FORM_INT8:
        return _whole(value, (<const signed char*>cells.data)[place])
    if form == FORM_UINT8:
        return _whole(value, (<const uint8_t*>cells.data)[place])
    if form == FORM_UINT16:
        return _whole(value, (<const uint16_t*>cells.data)[place])
    if form == FORM_UINT32:
        return _whole(value, (<const uint32_t*>cells.data)[place])
    if form == FORM_UINT64:
        return _unsigned(value, (<const uint64_t*>cells.data)[place])
    if form == FORM_FLOAT32:
        return _real(value, (<const float*>cells.data)[place], True)
    if form == FORM_FLOAT64:
        return _real(value, (<const double*>cells.data)[place], False)
    if form == FORM_DATE32:
        return _day(value, (<const int32_t*>cells.data)[place], 1)
    if form == FORM_SECONDS:
        return _day(value, (<const int64_t*>cells.data)[place], 86_400)
    if form == FORM_DATE64 or form == FORM_MILLISECONDS:
        return _day(value, (<const int64_t*>cells.data)[place], 86_400_000)
    if form == FORM_MICROSECONDS:
        return _day(value, (<const int64_t*>cells.data)[place], 86_400_000_000)
    return _day(value, (<const int64_t*>cells.data)[place], 86_400_000_000_000)


cdef void _write_real(Reading* value) noexcept nogil:
    """The shortest text that stands for a number with a fraction."""
    cdef int digits
    for digits in range(6 if value.single else 15, 10 if value.single else 18):
        value.size = snprintf(value.room, sizeof(value.room), "%.*g", digits, value.real)
        if (<float>strtod(value.room, NULL) == <float>value.real) if value.single else (strtod(value.room, NULL) == value.real):
            break


cdef void _write_day(Reading* value) noexcept nogil:
    """YYYYMMDD of a day, by the calendar of periods of 400 years that begin in March."""
    cdef int64_t day = value.number + 719468
    cdef int64_t period = day // 146097 - (1 if day % 146097 < 0 else 0)
    cdef int64_t of_period = day - period * 146097
    cdef int64_t year = (of_period - of_period // 1460 + of_period // 36524 - of_period // 146096) // 365
    cdef int64_t of_year = of_period - (365 * year + year // 4 - year // 100)
    cdef int64_t month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    year += period * 400 + (1 if month <= 2 else 0)
    value.size = snprintf(value.room, sizeof(value.room), "%04lld%02d%02d", <long long>year, <int>month, <int>day)


cdef void _write(Reading* value, int found) noexcept nogil:
    """The text of what is no text."""
    if found == IS_WHOLE:
        value.size = snprintf(value.room, sizeof(value.room), "%lld", <long long>value.number)
    elif found == IS_REAL:
        _write_real(value)
    else:
        _write_day(value)
    value.text = value.room


cdef class ColumnEncoder:
    def __init__(self, Tables tables not None, FieldSet fields not None, CellPlan plan not None, Chunk chunk not None,
                 int64_t first, int64_t end, cells not None):
        """Encodes rows first to end - 1 of a chunk whose columns are those of the plan; a column of lists has the place of its first cell.

        `cells` is how many diagnoses, procedures and cells of other repeated fields the rows have room for at most.
        """
        cdef Py_ssize_t column, place
        if plan.columns != chunk.columns or not 0 <= first <= end <= chunk.rows:
            raise IndexError("no such columns or rows")
        self.plan = plan
        self.chunk = chunk
        self.out = EncodedRows(fields, batch_arrays(fields, end - first, *cells))
        self.encoder = Encoder(tables, fields, self.out.arrays)
        self.broken = -1
        self.needed = <uint8_t*>calloc(max(1, plan.columns), 1)
        self.known = <Known**>calloc(max(1, plan.columns), sizeof(Known*))
        if self.needed == NULL or self.known == NULL:
            raise MemoryError("no memory for the columns of the table")
        for column in range(plan.columns):
            place = plan.place[column]
            if plan.kind[column] == CELL_TEXT:
                self.needed[column] = fields.required[place]
            elif plan.kind[column] == CELL_NUMBER:
                self.needed[column] = fields.required[fields.number_field[place]]
            elif plan.kind[column] == CELL_VALUE:
                self.needed[column] = fields.required[fields.value_field[place]]
            elif plan.kind[column] == CELL_DIAGNOSIS:
                self.needed[column] = place == 1 and fields.primary_required
        self._keep_known(end - first)
        with nogil:
            self.encode(first, end)
        if self.broken >= 0:
            raise ValueError(f"the cell of row {first + self.encoder.rows} in column number {self.broken} lies outside its buffers")
        if self.encoder.faults.overflowed:
            self.out.overflowed = True
        self.out.check_memory()

    def __dealloc__(self):
        cdef Py_ssize_t column
        if self.known != NULL:
            for column in range(self.plan.columns):
                free(self.known[column])
        free(self.known)
        free(self.needed)
        free(self.key[0].data)
        free(self.key[1].data)
        free(self.scratch.data)

    @property
    def encoded(self):
        """The encoded rows."""
        return self.out

    cdef _keep_known(self, int64_t rows):
        """Room for the entries of dictionaries, where the rows are many enough to meet them more than once."""
        cdef Py_ssize_t column
        cdef int64_t entries
        for column in range(self.plan.columns):
            entries = self.chunk.column[column].dictionary.length
            if self.chunk.column[column].coded and entries and entries <= max(<int64_t>FEW, rows * ENTRIES) \
                    and not self.plan.sort_part[column]:
                self.known[column] = <Known*>calloc(entries, sizeof(Known))

    cdef void encode(self, int64_t first, int64_t end) noexcept nogil:
        cdef int64_t row
        cdef Py_ssize_t column
        for row in range(first, end):
            self.encoder.begin_row()
            for column in range(self.plan.columns):
                self.put_column(column, row)
            if self.broken >= 0:
                return
            self.encoder.end_row()
            self.out.rows += 1
            if self.plan.sorts:
                self.end_key()

    cdef void put_column(self, Py_ssize_t column, int64_t row) noexcept nogil:
        cdef const ColumnCells* of = &self.chunk.column[column]
        if of.list_form:
            self.put_list(column, row)
        elif self.chunk.row_is_valid(row):
            self.put(column, self.plan.place[column], of, row)
        else:
            self.put_blank(column, self.plan.place[column])

    cdef void put_list(self, Py_ssize_t column, int64_t row) noexcept nogil:
        cdef int64_t first, end, cell
        if not self.chunk.span(column, row, &first, &end):
            self.broken = column
            return
        if first == end:
            self.put_blank(column, self.plan.place[column])
        for cell in range(first, end):
            self.put(column, <int32_t>(self.plan.place[column] + cell - first), &self.chunk.column[column], cell)

    cdef void put(self, Py_ssize_t column, int32_t place, const ColumnCells* of, int64_t cell) noexcept nogil:
        cdef Reading value
        if of.coded:
            self.put_coded(column, place, of, cell)
        else:
            self.put_read(column, place, _read(&of.cells, cell, &value), &value)

    cdef void put_coded(self, Py_ssize_t column, int32_t place, const ColumnCells* of, int64_t cell) noexcept nogil:
        """A cell of a dictionary column; an entry that was met before without a fault is encoded as it was then."""
        cdef Reading value
        cdef uint8_t kind = self.plan.kind[column]
        cdef Known* known = self.known[column]
        cdef Py_ssize_t faults = self.encoder.faults.used
        cdef Py_ssize_t codes = self.codes(kind)
        cdef int found = _read(&of.cells, cell, &value)
        if found != IS_WHOLE:
            self.put_read(column, place, IS_BLANK if found == IS_BLANK else IS_BROKEN, &value)
            return
        cdef int64_t entry = value.number
        if not 0 <= entry < of.dictionary.length:
            self.broken = column
            return
        # a blank cell is a fault as primary diagnosis only
        if known != NULL and known[entry].known and (known[entry].value or not self.needed[column]):
            self.put_known(kind, place, known[entry].value)
            return
        self.put_read(column, place, _read(&of.dictionary, entry, &value), &value)
        if known != NULL and self.encoder.faults.used == faults:
            known[entry].value = self.last_value(kind, place, codes)
            known[entry].known = True

    cdef Py_ssize_t codes(self, uint8_t kind) noexcept nogil:
        """Where the cells of the row end so far, of a repeated field of this kind."""
        if kind == CELL_DIAGNOSIS:
            return self.encoder.diag_end
        if kind == CELL_PROCEDURE:
            return self.encoder.proc_end
        return self.encoder.item_end

    cdef int32_t last_value(self, uint8_t kind, int32_t place, Py_ssize_t codes) noexcept nogil:
        """What the last cell was encoded as; codes ended at `codes` before it."""
        if kind == CELL_VALUE:
            return self.encoder.values[self.encoder.rows * self.out.fields.n_values + place]
        if kind == CELL_NUMBER:
            return self.encoder.numbers[self.encoder.rows * self.out.fields.n_numbers + place]
        if kind == CELL_TEXT or self.codes(kind) == codes:
            return 0
        if kind == CELL_DIAGNOSIS:
            return self.encoder.diags[self.encoder.diag_end - 1]
        if kind == CELL_PROCEDURE:
            return self.encoder.procs[self.encoder.proc_end - 1]
        return self.encoder.items[self.encoder.item_end - 1]

    cdef void put_known(self, uint8_t kind, int32_t place, int32_t value) noexcept nogil:
        if kind == CELL_VALUE:
            self.encoder.put_value_id(place, <uint8_t>value)
        elif kind == CELL_NUMBER:
            self.encoder.numbers[self.encoder.rows * self.out.fields.n_numbers + place] = value
        elif value == 0:
            return
        elif kind == CELL_DIAGNOSIS:
            self.encoder.diag_end = _store(
                self.encoder.diags, self.encoder.diag_start[self.encoder.rows], self.encoder.diag_end, place, <code_t>value)
        elif kind == CELL_PROCEDURE:
            self.encoder.proc_end = _store(
                self.encoder.procs, self.encoder.proc_start[self.encoder.rows], self.encoder.proc_end, place, <code_t>value)
        elif kind == CELL_ITEM:
            self.encoder.items[self.encoder.item_end] = <item_t>value
            self.encoder.item_end += 1

    cdef void put_read(self, Py_ssize_t column, int32_t place, int found, Reading* value) noexcept nogil:
        if found == IS_TEXT:
            self.put_text(column, place, value.text, value.size)
        elif found == IS_BLANK:
            self.put_blank(column, place)
        elif found == IS_BROKEN:
            self.broken = column
        elif self.plan.kind[column] != CELL_NUMBER or self.plan.template[column] >= 0 or not self.put_number(place, found, value):
            _write(value, found)
            self.put_text(column, place, value.text, value.size)

    cdef void put_blank(self, Py_ssize_t column, int32_t place) noexcept nogil:
        if self.needed[column] and place == self.plan.place[column]:
            self.put_text(column, place, "", 0)

    cdef bint put_number(self, int32_t place, int found, Reading* value) noexcept nogil:
        """A number that is no text; false if it has to be read as text, to be told from what is no number."""
        cdef uint8_t kind = self.out.fields.number_kind[place]
        cdef int64_t number = -1
        cdef Py_ssize_t faults = self.encoder.faults.used
        if found == IS_DAY:
            number = value.number + EPOCH if -EPOCH <= value.number <= LAST_DAY - EPOCH else -1
        elif found == IS_REAL and kind == KIND_WEIGHT:
            number = _grams(value)
        elif found == IS_WHOLE and kind == KIND_WEIGHT:
            number = value.number * GRAMS if 0 <= value.number <= LARGEST // GRAMS else -1
        elif found == IS_WHOLE and kind == KIND_NUMBER:
            number = value.number
        if not 0 <= number <= LARGEST:
            return False
        self.encoder.put_number(place, <int32_t>number)
        if self.encoder.faults.used != faults:
            _write(value, found)
            self.watch(faults, value.text, value.size)
        return True

    cdef void put_text(self, Py_ssize_t column, int32_t place, const char* text, Py_ssize_t size) noexcept nogil:
        cdef Py_ssize_t faults = self.encoder.faults.used
        cdef uint8_t part = self.plan.sort_part[column]
        if self.plan.template[column] >= 0:
            self.scratch.used = 0
            # the copy only makes room for a cut, which is never longer
            if not push(&self.scratch, text, size) or not push(&self.scratch, "", 1):
                self.out.overflowed = True
                return
            size = self.plan.cut(column, text, size, self.scratch.data)
            text = self.scratch.data
        put_cell(self.encoder, self.plan.kind[column], place, text, size)
        self.watch(faults, text, size)
        if part == PROVIDER or part == LOCAL:
            trim(&text, &size)
            self.key[part - PROVIDER].used = 0
            if not push(&self.key[part - PROVIDER], text, size):
                self.out.overflowed = True

    cdef void watch(self, Py_ssize_t faults, const char* text, Py_ssize_t size) noexcept nogil:
        """Keeps a cell if it had a fault; there were so many before."""
        if self.encoder.faults.used != faults:
            self.out.add_fault(self.encoder.faults.data + faults, <int32_t>self.encoder.rows, text, size)

    cdef void end_key(self) noexcept nogil:
        cdef int32_t run
        self.out.add_run(self.key[0].data, self.key[0].used, self.key[1].data, self.key[1].used)
        run = <int32_t>self.out.runs - 1
        if not push(&self.out.run, &run, sizeof(run)):
            self.out.overflowed = True
        self.key[0].used = self.key[1].used = 0


cdef int64_t _grams(const Reading* value) noexcept nogil:
    """Kilograms with at most three decimals as grams, else -1."""
    cdef double grams
    if not 0 <= value.real <= LARGEST // GRAMS + 1:
        return -1
    grams = rint(value.real * GRAMS)
    if value.single:
        return <int64_t>grams if <float>(grams / GRAMS) == <float>value.real else -1
    return <int64_t>grams if grams / GRAMS == value.real else -1
