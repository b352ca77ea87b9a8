"""Cells of columns to ids: text as in files, numbers and dates straight, entries of a dictionary once each."""
from array import array

from cython cimport final
from libc.math cimport floor, isnan
from libc.stdio cimport snprintf
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from hrgcore._core.arrow cimport *
from hrgcore._core.codes cimport CELL_ROOM, clean_code, trim
from hrgcore._core.encode cimport put_cell
from hrgcore._core.encode import batch_arrays
from hrgcore._core.encoded cimport push
from hrgcore._core.fields cimport FieldSet
from hrgcore._core.tables cimport Tables
from hrgcore._core.numerals cimport *
from hrgcore._core.typedefs cimport *

# As SortPart has them.
cdef enum:
    PROVIDER = 1
    LOCAL = 2

cdef enum:
    INLINE = 12               # bytes of a text that its view holds
    VIEW_SIZE = 16
    EPOCH = 62091             # days from the start of 1800 to that of 1970
    LAST_DAY = 438291         # of 2999, from the start of 1800
    FEW = 1024                # entries of a dictionary that are always worth to be kept
    ENTRIES = 4               # and how many a row
    BLOCK = 512               # rows
    MOST_CELLS = 99           # of a repeated field
    MEMOS = 64                # of a column; a power of two, as the next
    CODE_MEMOS = 4096         # of all diagnoses, and of all procedures
    MEMO_SIZE = 7             # bytes of a text
    BITS = 8                  # in a byte of a validity bitmap

# Whole numbers up to it are the same as floats.
cdef double EXACT = 9007199254740992
# An odd number whose product spreads the bits of a short text.
cdef uint64_t HASH = 0x9E3779B97F4A7C15


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


cdef inline int _read(const Cells* cells, int64_t cell, Reading* value) noexcept nogil:
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


cdef inline int64_t _entry(const Cells* cells, int64_t place) noexcept nogil:
    """The entry of a dictionary that a cell which is not null points to; -1 for those of rare widths, which are read as any cell."""
    if cells.form == FORM_INT32:
        return (<const int32_t*>cells.data)[place]
    if cells.form == FORM_UINT32:
        return (<const uint32_t*>cells.data)[place]
    if cells.form == FORM_INT8:
        return (<const signed char*>cells.data)[place]
    return (<const uint8_t*>cells.data)[place] if cells.form == FORM_UINT8 else -1


cdef inline uint64_t _packed(const char* text, Py_ssize_t size) noexcept nogil:
    """A short text as a number."""
    cdef uint64_t packed = 0
    cdef Py_ssize_t i
    for i in range(size):
        packed |= <uint64_t><uint8_t>text[i] << (i * 8)
    return packed | <uint64_t>size << 56


cdef inline uint64_t _hash(uint64_t packed) noexcept nogil:
    return packed * HASH >> 40


cdef inline Memo* _memo(const Memos* memos, const Reading* reading) noexcept nogil:
    """Where a text is remembered, if it is short; else NULL."""
    return &memos.at[_hash(_packed(reading.text, reading.size)) & memos.mask] if reading.size <= MEMO_SIZE else NULL


cdef _make_codes(Codes* codes):
    """Room for the codes of a block."""
    codes.cells = <code_t*>calloc(max(1, BLOCK * codes.width), sizeof(code_t))
    codes.used = <int32_t*>calloc(BLOCK, sizeof(int32_t))
    if codes.cells == NULL or codes.used == NULL:
        raise MemoryError("no memory for a block of rows")


cdef void _free_codes(Codes* codes) noexcept:
    free(codes.cells)
    free(codes.used)
    free(codes.found.data)


@final
cdef class ColumnEncoder:
    def __init__(self, Tables tables not None, FieldSet fields not None, CellPlan plan not None, Chunk chunk not None,
                 int64_t first, int64_t end, widths not None):
        """Encodes rows first to end - 1 of a chunk whose columns are those of the plan; a column of lists has the place of its first cell.

        `widths` is how many diagnoses, procedures and cells of other repeated fields a row has at most.
        """
        if plan.columns != chunk.columns or not 0 <= first <= end <= chunk.rows:
            raise IndexError("no such columns or rows")
        self.tables = tables
        self.plan = plan
        self.chunk = chunk
        self.out = EncodedRows(fields, batch_arrays(fields, end - first))
        self.one = Encoder(tables, fields, batch_arrays(fields, 1, MOST_CELLS, MOST_CELLS, 1))
        self.broken = -1
        self._make_room(widths)
        self._mark_needed()
        self._keep_known(end - first)
        with nogil:
            self.encode(first, end)
        self.out.rows = end - first
        self._finish()

    def __dealloc__(self):
        cdef Py_ssize_t column
        if self.known != NULL:
            for column in range(self.plan.columns):
                free(self.known[column])
        free(self.known)
        free(self.needed)
        free(self.memo)
        free(self.memos)
        free(self.key[0].data)
        free(self.key[1].data)
        free(self.key_end[0])
        free(self.key_end[1])
        free(self.scratch.data)
        _free_codes(&self.diags)
        _free_codes(&self.procs)
        _free_codes(&self.items)

    @property
    def encoded(self):
        """The encoded rows; of no use if a cell is broken."""
        return self.out

    @property
    def broken_cell(self):
        """Row of the chunk and column of the plan of a cell that lies outside its buffers; None if there is none."""
        return (self.broken_row, self.broken) if self.broken >= 0 else None

    cdef _make_room(self, widths):
        arrays = self.out.arrays
        self.numbers, self.values, self.failed = arrays["numbers"], arrays["values"], arrays["failed"]
        self.diag_start, self.proc_start, self.item_start = arrays["diag_start"], arrays["proc_start"], arrays["item_start"]
        self.diags.width, self.procs.width, self.items.width = widths
        _make_codes(&self.diags)
        _make_codes(&self.procs)
        _make_codes(&self.items)
        self.key_end[0] = <int64_t*>calloc(BLOCK, sizeof(int64_t))
        self.key_end[1] = <int64_t*>calloc(BLOCK, sizeof(int64_t))
        self.memo = <Memo*>calloc(2 * CODE_MEMOS + self.plan.columns * MEMOS, sizeof(Memo))
        self.memos = <Memos*>calloc(max(1, self.plan.columns), sizeof(Memos))
        self.needed = <uint8_t*>calloc(max(1, self.plan.columns), 1)
        self.known = <Known**>calloc(max(1, self.plan.columns), sizeof(Known*))
        if self.key_end[0] == NULL or self.key_end[1] == NULL or self.memo == NULL or self.memos == NULL \
                or self.needed == NULL or self.known == NULL:
            raise MemoryError("no memory for the columns of the table")
        cdef Py_ssize_t column
        for column in range(self.plan.columns):
            if self.plan.kind[column] == CELL_DIAGNOSIS or self.plan.kind[column] == CELL_PROCEDURE:
                self.memos[column].at = self.memo + (CODE_MEMOS if self.plan.kind[column] == CELL_PROCEDURE else 0)
                self.memos[column].mask = CODE_MEMOS - 1
            else:
                self.memos[column].at = self.memo + 2 * CODE_MEMOS + column * MEMOS
                self.memos[column].mask = MEMOS - 1

    cdef _mark_needed(self):
        cdef Py_ssize_t column, place
        cdef FieldSet fields = self.out.fields
        for column in range(self.plan.columns):
            place = self.plan.place[column]
            if self.plan.kind[column] == CELL_TEXT:
                self.needed[column] = fields.required[place]
            elif self.plan.kind[column] == CELL_NUMBER:
                self.needed[column] = fields.required[fields.number_field[place]]
            elif self.plan.kind[column] == CELL_VALUE:
                self.needed[column] = fields.required[fields.value_field[place]]
            elif self.plan.kind[column] == CELL_DIAGNOSIS:
                self.needed[column] = place == 1 and fields.primary_required

    cdef _keep_known(self, int64_t rows):
        """Room for the entries of dictionaries, where the rows are many enough to meet them more than once."""
        cdef Py_ssize_t column
        cdef int64_t entries
        for column in range(self.plan.columns):
            entries = self.chunk.column[column].dictionary.length
            if self.chunk.column[column].coded and entries and entries <= max(<int64_t>FEW, rows * ENTRIES) \
                    and self.plan.kind[column] != CELL_TEXT:
                self.known[column] = <Known*>calloc(entries, sizeof(Known))

    cdef _finish(self):
        """Hands the codes of all rows over to the arrays of the batch."""
        for name, found in (("diags", _bytes(&self.diags.found)), ("procs", _bytes(&self.procs.found)), ("items", _bytes(&self.items.found))):
            self.out.arrays[name] = array("H", found)
        if self.one.faults.overflowed:
            self.out.overflowed = True
        self.out.check_memory()

    cdef void encode(self, int64_t first, int64_t end) noexcept nogil:
        cdef int64_t rows
        cdef Py_ssize_t column
        self.first = first
        while self.first < end and self.broken < 0:
            rows = min(<int64_t>BLOCK, end - self.first)
            self.begin_block(rows)
            for column in range(self.plan.columns):
                self.put_column(column, rows)
            self.end_block(rows)
            self.first += rows
            self.block += rows

    cdef void begin_block(self, int64_t rows) noexcept nogil:
        cdef int64_t i
        for i in range(self.block * self.out.fields.n_numbers, (self.block + rows) * self.out.fields.n_numbers):
            self.numbers[i] = -1
        memset(self.diags.cells, 0, rows * self.diags.width * sizeof(code_t))
        memset(self.procs.cells, 0, rows * self.procs.width * sizeof(code_t))
        memset(self.diags.used, 0, rows * sizeof(int32_t))
        memset(self.procs.used, 0, rows * sizeof(int32_t))
        memset(self.items.used, 0, rows * sizeof(int32_t))
        memset(self.key_end[0], 0, rows * sizeof(int64_t))
        memset(self.key_end[1], 0, rows * sizeof(int64_t))
        self.key[0].used = self.key[1].used = 0

    cdef void end_block(self, int64_t rows) noexcept nogil:
        cdef int64_t row, provider, local
        cdef int32_t run
        cdef int64_t[2] start
        self.end_codes(&self.diags, self.diag_start, rows)
        self.end_codes(&self.procs, self.proc_start, rows)
        self.end_codes(&self.items, self.item_start, rows)
        if not self.plan.sorts:
            return
        start[0] = start[1] = 0
        for row in range(rows):
            provider, local = max(start[0], self.key_end[0][row]), max(start[1], self.key_end[1][row])
            self.out.add_run(self.key[0].data + start[0], provider - start[0], self.key[1].data + start[1], local - start[1])
            start[0], start[1] = provider, local
            run = <int32_t>self.out.runs - 1
            if not push(&self.out.run, &run, sizeof(run)):
                self.out.overflowed = True

    cdef void end_codes(self, Codes* codes, int64_t[::1] starts, int64_t rows) noexcept nogil:
        cdef int64_t row
        for row in range(rows):
            if codes.used[row] and not push(&codes.found, codes.cells + row * codes.width, codes.used[row] * sizeof(code_t)):
                self.out.overflowed = True
            starts[self.block + row + 1] = starts[self.block + row] + codes.used[row]

    cdef void put_column(self, Py_ssize_t column, int64_t rows) noexcept nogil:
        cdef const ColumnCells* of = &self.chunk.column[column]
        cdef const uint8_t* valid = of.cells.valid
        cdef Known* known = self.known[column]
        cdef uint8_t kind = self.plan.kind[column]
        cdef int32_t place = self.plan.place[column]
        cdef bint needed = self.needed[column]
        # a blank diagnosis is a fault as primary one only, so that an entry may be known as blank all the same
        cdef bint holds = not needed or kind != CELL_DIAGNOSIS
        cdef int64_t first = self.first
        cdef bint quick = self.plan.template[column] < 0 and kind != CELL_TEXT
        cdef Memos memos = self.memos[column]
        cdef Memo* memo
        cdef Reading reading
        cdef int32_t id
        cdef int found
        cdef int64_t row = 0
        cdef int64_t at, entry
        if of.list_form:
            for row in range(rows):
                self.put_list(column, row)
            return
        if of.cells.form == FORM_NULL and not needed:
            return
        while row < rows:
            at = of.cells.offset + first + row
            if valid != NULL and not is_set(valid, at):
                if needed:
                    self.put_blank(column, place, row)
                elif at % BITS == 0 and valid[at // BITS] == 0:
                    row += BITS - 1    # many columns are blank in most rows
            elif self.chunk.valid != NULL and not self.chunk.row_is_valid(first + row):
                self.put_blank(column, place, row)
            elif known != NULL:
                entry = _entry(&of.cells, at)
                if 0 <= entry < of.dictionary.length and known[entry].known and (holds or known[entry].id):
                    self.store(kind, place, row, known[entry].id)
                else:
                    self.put_coded(column, place, of, row, first + row)
            elif of.coded:
                self.put_coded(column, place, of, row, first + row)
            else:
                found = _read(&of.cells, first + row, &reading)
                memo = _memo(&memos, &reading) if quick and found == IS_TEXT else NULL
                if memo != NULL and memo.text == _packed(reading.text, reading.size):
                    self.store(kind, place, row, memo.id)
                else:
                    self.put_read(column, place, row, found, &reading, &id)
            row += 1

    cdef void put_list(self, Py_ssize_t column, int64_t row) noexcept nogil:
        cdef int64_t first, end, cell
        cdef int32_t place = self.plan.place[column]
        if not self.chunk.span(column, self.first + row, &first, &end):
            self.break_off(column, row)
            return
        if first == end:
            self.put_blank(column, place, row)
        for cell in range(first, end):
            self.put(column, <int32_t>(place + cell - first), &self.chunk.column[column], row, cell)

    cdef void put(self, Py_ssize_t column, int32_t place, const ColumnCells* of, int64_t row, int64_t cell) noexcept nogil:
        cdef Reading reading
        cdef int32_t id
        if of.coded:
            self.put_coded(column, place, of, row, cell)
        else:
            self.put_read(column, place, row, _read(&of.cells, cell, &reading), &reading, &id)

    cdef void put_coded(self, Py_ssize_t column, int32_t place, const ColumnCells* of, int64_t row, int64_t cell) noexcept nogil:
        """A cell of a dictionary column; an entry that was met before without a fault is encoded as it was then."""
        cdef Reading reading
        cdef Known* known = self.known[column]
        cdef int32_t id
        cdef int found = _read(&of.cells, cell, &reading)
        cdef int64_t entry = reading.number if found == IS_WHOLE else -1
        if found == IS_BLANK:
            self.put_blank(column, place, row)
        elif not 0 <= entry < of.dictionary.length:
            self.break_off(column, row)
        # a blank diagnosis is a fault as primary one only
        elif known != NULL and known[entry].known and (known[entry].id or not self.needed[column]):
            self.store(self.plan.kind[column], place, row, known[entry].id)
        elif self.put_read(column, place, row, _read(&of.dictionary, entry, &reading), &reading, &id) and known != NULL:
            known[entry].id = id
            known[entry].known = True

    cdef bint put_read(self, Py_ssize_t column, int32_t place, int64_t row, int found, Reading* reading, int32_t* id) noexcept nogil:
        """Stores what was read; false if there is no id for it that always holds."""
        cdef uint8_t kind = self.plan.kind[column]
        if found == IS_BLANK:
            self.put_blank(column, place, row)
            return False
        if found == IS_BROKEN:
            self.break_off(column, row)
            return False
        if found != IS_TEXT:
            if kind == CELL_NUMBER and self.plan.template[column] < 0 and self.encode_number(place, row, found, reading, id):
                self.store(kind, place, row, id[0])
                return True
            write_number(reading, found)
        if not self.encode_text(column, place, row, reading.text, reading.size, id):
            return False
        self.store(kind, place, row, id[0])
        return True

    cdef void put_blank(self, Py_ssize_t column, int32_t place, int64_t row) noexcept nogil:
        cdef int32_t id
        if self.needed[column] and place == self.plan.place[column]:
            self.encode_one(self.plan.kind[column], place, row, "", 0, &id)

    cdef void store(self, uint8_t kind, int32_t place, int64_t row, int32_t id) noexcept nogil:
        """Stores what a cell was encoded as."""
        cdef int64_t at = self.block + row
        if kind == CELL_VALUE:
            self.values[at * self.out.fields.n_values + place] = <uint8_t>id
        elif kind == CELL_NUMBER:
            self.numbers[at * self.out.fields.n_numbers + place] = id
        elif id == 0:
            return
        elif kind == CELL_DIAGNOSIS:
            self.diags.cells[row * self.diags.width + place - 1] = <code_t>id
            self.diags.used[row] = max(self.diags.used[row], place)
        elif kind == CELL_PROCEDURE:
            self.procs.cells[row * self.procs.width + place - 1] = <code_t>id
            self.procs.used[row] = max(self.procs.used[row], place)
        elif kind == CELL_ITEM:
            self.items.cells[row * self.items.width + self.items.used[row]] = <item_t>id
            self.items.used[row] += 1

    cdef bint encode_text(self, Py_ssize_t column, int32_t place, int64_t row, const char* text, Py_ssize_t size, int32_t* id) noexcept nogil:
        """The id of a text; false if it has a fault, which is told then."""
        cdef char cleaned[CELL_ROOM]
        cdef uint8_t kind = self.plan.kind[column]
        cdef Memo* memo = NULL
        if self.plan.template[column] >= 0:
            # the copy makes room for a cut, which is never longer
            self.scratch.used = 0
            if not push(&self.scratch, text, size) or not push(&self.scratch, "", 1):
                self.out.overflowed = True
                return False
            size = self.plan.cut(column, text, size, self.scratch.data)
            text = self.scratch.data
        if self.plan.sort_part[column]:
            self.put_key(column, row, text, size)
        if 0 < size <= MEMO_SIZE and kind != CELL_TEXT:
            memo = &self.memos[column].at[_hash(_packed(text, size)) & self.memos[column].mask]
        if memo != NULL and memo.text == _packed(text, size):
            id[0] = memo.id
            return True
        if kind == CELL_DIAGNOSIS:
            id[0] = self.tables.icd10.find(cleaned, clean_code(text, size, cleaned))
        elif kind == CELL_PROCEDURE:
            id[0] = self.tables.opcs4.find(cleaned, clean_code(text, size, cleaned))
        else:
            id[0] = 0
        if id[0] == 0 and not self.encode_one(kind, place, row, text, size, id):
            return False
        # a code that is blank may be a fault in another cell
        if memo != NULL and (id[0] or (kind != CELL_DIAGNOSIS and kind != CELL_PROCEDURE)):
            memo.text = _packed(text, size)
            memo.id = id[0]
        return True

    cdef void put_key(self, Py_ssize_t column, int64_t row, const char* text, Py_ssize_t size) noexcept nogil:
        """Keeps a part of the key of a row until the end of the block."""
        cdef int part = self.plan.sort_part[column] - PROVIDER
        if part > LOCAL - PROVIDER:
            return
        trim(&text, &size)
        if not push(&self.key[part], text, size):
            self.out.overflowed = True
        self.key_end[part][row] = self.key[part].used

    cdef bint encode_number(self, int32_t place, int64_t row, int found, Reading* reading, int32_t* id) noexcept nogil:
        """The id of a number that is no text; false if it has to be read as text, to be told from what is no number."""
        cdef uint8_t kind = self.out.fields.number_kind[place]
        cdef int64_t number = -1
        if found == IS_DAY:
            number = reading.number + EPOCH if -EPOCH <= reading.number <= LAST_DAY - EPOCH else -1
        elif found == IS_REAL and kind == KIND_WEIGHT:
            number = read_grams(reading)
        elif found == IS_WHOLE and kind == KIND_WEIGHT:
            number = reading.number * GRAMS if 0 <= reading.number <= LARGEST // GRAMS else -1
        elif found == IS_WHOLE and kind == KIND_NUMBER:
            number = reading.number
        if not 0 <= number <= LARGEST or not self.out.fields.accepts(place, number):
            return False
        id[0] = <int32_t>number
        return True

    cdef bint encode_one(self, uint8_t kind, int32_t place, int64_t row, const char* text, Py_ssize_t size, int32_t* id) noexcept nogil:
        """Encodes a cell as those of files are, in a row of its own; false if it has a fault, which is told then."""
        self.one.restart()
        self.one.failed[0] = False
        self.one.diag_end = self.one.proc_end = self.one.item_end = 0
        if kind == CELL_NUMBER:
            self.one.numbers[place] = -1
        put_cell(self.one, kind, place, text, size)
        if self.one.faults.used:
            self.out.add_fault(self.one.faults.data, <int32_t>(self.block + row), text, size)
            self.failed[self.block + row] |= self.one.failed[0]
            return False
        if kind == CELL_NUMBER:
            id[0] = self.one.numbers[place]
        elif kind == CELL_VALUE:
            id[0] = self.one.values[place]
        else:
            # of a code that is known there is no need to ask here
            id[0] = self.one.items[0] if self.one.item_end else 0
        return True

    cdef void break_off(self, Py_ssize_t column, int64_t row) noexcept nogil:
        self.broken = column
        self.broken_row = self.first + row


cdef bytes _bytes(const Grown* grown):
    return grown.data[:grown.used] if grown.used else b""
