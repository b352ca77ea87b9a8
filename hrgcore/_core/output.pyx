"""The official output lines of admitted care, made from columns of ids."""
from array import array
from itertools import accumulate

from libc.stdlib cimport free, realloc
from libc.string cimport memcpy

from hrgcore._core.csvfile cimport Cell
from hrgcore._core.csvfile import CellKind

cdef enum:
    DIGITS = 20
    FIRST_ROOM = 1 << 16
    SPECIALISED = 7           # SSC, BP and flag columns of each kind
    PROVIDER = 1              # CellKind.CELL_PROVIDER
    SPELL_NUMBER = 2          # CellKind.CELL_SPELL

assert (CellKind.CELL_PROVIDER, CellKind.CELL_SPELL) == (PROVIDER, SPELL_NUMBER)


cdef class Texts:
    def __init__(self, texts):
        encoded = [text.encode() for text in texts]
        start = array("i", [0])
        start.extend(accumulate([len(text) for text in encoded]))
        self.data = b"".join(encoded)
        self.start = start


cdef class Lines:
    def __dealloc__(self):
        free(self.data)

    cdef void add(self, const char* text, Py_ssize_t size) noexcept nogil:
        cdef Py_ssize_t room = self.room if self.room else FIRST_ROOM
        cdef char* grown
        if self.used + size > self.room:
            while room < self.used + size:
                room *= 2
            grown = <char*>realloc(self.data, room)
            if grown == NULL:
                self.overflowed = True
                return
            self.data = grown
            self.room = room
        memcpy(self.data + self.used, text, size)
        self.used += size

    cdef void cell(self, const char* text, Py_ssize_t size) noexcept nogil:
        """A further cell of the line."""
        self.add(",", 1)
        self.add(text, size)

    cdef void digits(self, int64_t number) noexcept nogil:
        cdef char digits[DIGITS]
        cdef int place = DIGITS
        while True:
            place -= 1
            digits[place] = c"0" + <char>(number % 10)
            number //= 10
            if number == 0:
                break
        self.add(digits + place, DIGITS - place)

    cdef void number(self, int64_t number) noexcept nogil:
        """A number from 0 as a further cell."""
        self.add(",", 1)
        self.digits(number)

    cdef void blanks(self, int cells) noexcept nogil:
        cdef int i
        for i in range(cells):
            self.add(",", 1)

    cdef void text(self, Texts texts, Py_ssize_t number) noexcept nogil:
        cdef Py_ssize_t size = texts.start[number + 1] - texts.start[number]
        self.add(",", 1)
        if size:
            self.add(<const char*>&texts.data[texts.start[number]], size)

    cdef void letter(self, char letter) noexcept nogil:
        self.cell(&letter, 1)


cdef class OfficialWriter:
    def __init__(self, tables, EpisodeFile file not None, Batch batch not None, Results results not None, unbundled, newline,
                 episode_extra, spell_extra):
        """`unbundled` maps a row to the text of its unbundled HRGs; the extra columns are lists of bytes."""
        self.file = file
        self.batch = batch
        self.results = results
        self.hrgs = Texts(tables.hrgs)
        self.diagnoses = Texts(tables.icd10.codes)
        self.procedures = Texts(tables.opcs4.codes)
        self.programmes = Texts(tables.programmes)
        self.newline = newline
        self.unbundled = unbundled
        self.episode_extra = episode_extra
        self.spell_extra = spell_extra
        self.lines = Lines()

    cdef _take(self):
        """The lines so far, as bytes; the buffer starts anew."""
        if self.lines.overflowed:
            raise MemoryError("no memory for the output lines")
        taken = self.lines.data[:self.lines.used] if self.lines.used else b""
        self.lines.used = 0
        return taken

    cdef _extra(self, object columns, Py_ssize_t place):
        for column in columns:
            value = column[place]
            self.lines.cell(value, len(value))

    cdef _unbundled(self, Py_ssize_t first, Py_ssize_t end):
        """The ragged last columns: at least one cell, then one for each unbundled HRG."""
        cdef Py_ssize_t row
        cdef bint none = True
        if self.unbundled:
            for row in range(first, end):
                for text in self.unbundled.get(row, ()):
                    self.lines.cell(text, len(text))
                    none = False
        if none:
            self.lines.blanks(1)
        self.lines.add(self.newline, len(self.newline))

    cdef void _echo(self, Py_ssize_t row) noexcept nogil:
        """The input line as it came, and its RowNo."""
        self.lines.add(<const char*>&self.file.bytes[self.file.starts[row]], self.file.ends[row] - self.file.starts[row])
        self.lines.number(row + 1)

    cdef void _episode(self, Py_ssize_t row) noexcept nogil:
        self.lines.text(self.hrgs, self.results.hrg[row])
        self.lines.letter(self.results.method[row])
        self.lines.text(self.procedures, self.results.dominant[row])
        self.lines.text(self.programmes, self.results.programme[row])
        if self.results.stay[row] >= 0:
            self.lines.number(self.results.stay[row])
        else:
            self.lines.blanks(1)
        self.lines.blanks(3)                      # reporting duration, trim point, excess bed days
        self.lines.number(self.results.report_flag[row])

    cdef void _spell(self, Py_ssize_t spell) noexcept nogil:
        self.lines.text(self.hrgs, self.results.spell_hrg[spell])
        self.lines.letter(self.results.spell_method[spell])
        self.lines.text(self.procedures, self.results.spell_dominant[spell])
        self.lines.text(self.diagnoses, self.results.spell_primary[spell])
        self.lines.text(self.diagnoses, self.results.spell_secondary[spell])
        self.lines.number(self.batch.spell_start[spell + 1] - self.batch.spell_start[spell])
        self.lines.number(self.results.spell_stay[spell])
        self.lines.blanks(3)
        self.lines.number(self.results.spell_critical_care[spell])
        self.lines.text(self.programmes, self.results.spell_programme[spell])

    cdef void _spell_key(self, Py_ssize_t spell) noexcept nogil:
        """RowNo of the first episode, provider, spell number."""
        cdef Cell cell
        cdef Py_ssize_t row = self.batch.spell_start[spell]
        self.lines.digits(row + 1)
        self.file.key_cell(row, PROVIDER, &cell)
        self.lines.cell(cell.text, cell.size)
        self.file.key_cell(row, SPELL_NUMBER, &cell)
        self.lines.cell(cell.text, cell.size)

    def sorted_lines(self, Py_ssize_t first, Py_ssize_t end):
        """Lines of the _sort file."""
        cdef Py_ssize_t row
        for row in range(first, end):
            self._echo(row)
            self.lines.add(self.newline, len(self.newline))
        return self._take()

    def episode_lines(self, Py_ssize_t first, Py_ssize_t end, const int32_t[::1] spell_of not None):
        """Lines of the _FCE file; `spell_of` is the spell of each row."""
        cdef Py_ssize_t row
        for row in range(first, end):
            self._echo(row)
            self._episode(row)
            self.lines.number(0)
            self.lines.blanks(SPECIALISED)
            self._spell(spell_of[row])
            self._extra(self.episode_extra, row)
            self._unbundled(row, row + 1)
        return self._take()

    def episode_key_lines(self, Py_ssize_t first, Py_ssize_t end):
        """Lines of the _FCE_rel file."""
        cdef Py_ssize_t row
        for row in range(first, end):
            self.lines.digits(row + 1)
            self._episode(row)
            self.lines.add(self.newline, len(self.newline))
        return self._take()

    def spell_lines(self, Py_ssize_t first, Py_ssize_t end):
        """Lines of the _spell file."""
        cdef Py_ssize_t spell
        cdef int kind
        for spell in range(first, end):
            self._spell_key(spell)
            self._spell(spell)
            for kind in range(3):                 # specialised services, best practice tariffs, flags
                self.lines.number(0)
                self.lines.blanks(SPECIALISED)
            self._extra(self.spell_extra, spell)
            self._unbundled(self.batch.spell_start[spell], self.batch.spell_start[spell + 1])
        return self._take()

    def spell_key_lines(self, Py_ssize_t first, Py_ssize_t end):
        """Lines of the _spell_rel file."""
        cdef Py_ssize_t spell
        for spell in range(first, end):
            self._spell_key(spell)
            self._spell(spell)
            self.lines.add(self.newline, len(self.newline))
        return self._take()
