"""Spells given as C structs straight to ids, grouped, and the result as C structs: all without the GIL.

`hrgcore.h` says what the structs mean. The GIL is taken only where the arrays of `records` have to grow, which they do not do again
for a spell that is no larger.
"""
from libc.stdlib cimport free, malloc, qsort, realloc
from libc.string cimport strlen

from hrgcore._core.capi cimport (
    HRG_MOST_CODES, HRG_MOST_EPISODES, HRG_NO_EPISODE, HRG_NO_MEMORY, HRG_NULL_POINTER, HRG_OK, HRG_TOO_MANY_CODES,
    HRG_TOO_MANY_EPISODES, HRG_WRONG_SIZE, HrgText,
)
from hrgcore._core.events cimport Events
from hrgcore._core.records cimport LARGEST, NOT_A_NUMBER
from hrgcore._core.typedefs cimport *

cdef const char* BLANK = ""


cdef class TextList:
    def __cinit__(self, texts):
        cdef Py_ssize_t i
        self.texts = tuple([text.encode() for text in texts])
        self.at = <const char**>malloc(len(self.texts) * sizeof(char*) + 1)
        if self.at == NULL:
            raise MemoryError
        for i in range(len(self.texts)):
            self.at[i] = self.texts[i]

    def __dealloc__(self):
        free(self.at)


def _field_names(names):
    """The official name by field code."""
    return [f"{name}_{cell:02d}" if cell else name for name in names for cell in range(CELLS)]


cdef class Names:
    def __init__(self, tables not None, design, grades):
        """`design` is its name and version, `grades` the words for grades by id."""
        self.hrgs = TextList(tables.hrgs)
        self.diagnoses = TextList(tables.icd10.codes)
        self.procedures = TextList(tables.opcs4.codes)
        self.programmes = TextList(tables.programmes)
        self.messages = TextList(tables.messages)
        self.categories = TextList(tables.categories)
        self.fields = TextList(_field_names(tables.fields["APC"].names))
        self.grades = TextList(grades)
        self.designs = TextList([design])
        self.design = self.designs.at[0]


# --- what is given ------------------------------------------------------------------------------------------------


cdef int _check(const HrgEpisode* episodes, size_t n, const HrgSpell* result, size_t* diagnoses, size_t* procedures) noexcept nogil:
    """Whether the arguments can be used, and how many cells there are."""
    cdef size_t i
    cdef const HrgEpisode* episode
    if result == NULL or (episodes == NULL and n > 0):
        return HRG_NULL_POINTER
    if result.size != sizeof(HrgSpell):
        return HRG_WRONG_SIZE
    if n == 0:
        return HRG_NO_EPISODE
    if n > HRG_MOST_EPISODES:
        return HRG_TOO_MANY_EPISODES
    for i in range(n):
        episode = &episodes[i]
        if episode.size != sizeof(HrgEpisode):
            return HRG_WRONG_SIZE
        if episode.n_diagnoses > HRG_MOST_CODES or episode.n_procedures > HRG_MOST_CODES:
            return HRG_TOO_MANY_CODES
        if (episode.diagnoses == NULL and episode.n_diagnoses > 0) or (episode.procedures == NULL and episode.n_procedures > 0):
            return HRG_NULL_POINTER
        diagnoses[0] += episode.n_diagnoses
        procedures[0] += episode.n_procedures
    return HRG_OK


cdef inline int32_t _number(int32_t number) noexcept nogil:
    return NOT_A_NUMBER if number < -1 or number > LARGEST else number


cdef inline const char* _cell(const char* text) noexcept nogil:
    return BLANK if text == NULL else text


cdef int _by_number(const void* one, const void* other) noexcept nogil:
    """As `order_of` sorts episodes: by number, the refused last, in the order in which they came."""
    cdef const Place* a = <const Place*>one
    cdef const Place* b = <const Place*>other
    if a.refused != b.refused:
        return 1 if a.refused else -1
    if a.number != b.number:
        return 1 if a.number > b.number else -1
    return 1 if a.index > b.index else -1


cdef int _by_place(const void* one, const void* other) noexcept nogil:
    """As `sort_faults` sorts faults: by row, phase and rank, in the order in which they were found."""
    cdef const Fault* a = <const Fault*>one
    cdef const Fault* b = <const Fault*>other
    if a.row != b.row:
        return 1 if a.row > b.row else -1
    if a.phase != b.phase:
        return 1 if a.phase > b.phase else -1
    if a.rank != b.rank:
        return 1 if a.rank > b.rank else -1
    return 1 if a.found > b.found else -1


cdef bint _grow(void** data, size_t needed, size_t item) noexcept nogil:
    cdef void* grown = realloc(data[0], needed * item)
    if grown == NULL:
        return False
    data[0] = grown
    return True


cdef inline HrgText _named(TextList texts, int32_t number) noexcept nogil:
    cdef HrgText named
    named.id = number
    named.text = texts.at[number]
    return named


cdef class Session:
    def __cinit__(self, Names names not None, tables, tuple default_values not None):
        cdef int column
        self.names = names
        self.spells = SpellGrouper(tables, default_values)
        for column in range(N_VALUES):
            self.defaults[column] = default_values[column]

    def __dealloc__(self):
        free(self.order)
        free(self.faults)
        free(self.episodes)
        free(self.unbundled)
        free(self.messages)

    cdef int group(self, const HrgEpisode* episodes, size_t n, HrgSpell* result) noexcept nogil:
        """Groups one spell; gives a HrgStatus."""
        cdef size_t i
        cdef size_t diagnoses = 0
        cdef size_t procedures = 0
        cdef int status = _check(episodes, n, result, &diagnoses, &procedures)
        if status != HRG_OK:
            return status
        if not self.make_room(n, diagnoses, procedures):
            return HRG_NO_MEMORY
        self.sort(episodes, n)
        self.spells.encoder.restart()
        for i in range(n):
            self.put(&episodes[self.order[i].index], self.order[i].index + 1)
        self.spells.run()
        if not self.make_result_room():
            return HRG_NO_MEMORY
        self.write(n, result)
        return HRG_OK

    cdef bint make_room(self, size_t n, size_t diagnoses, size_t procedures) noexcept nogil:
        if n > self.episode_room:
            if not _grow(<void**>&self.order, n, sizeof(Place)) or not _grow(<void**>&self.episodes, n, sizeof(HrgEpisodeResult)):
                return False
            self.episode_room = n
        if not self.spells.has_room(n, diagnoses, procedures):
            with gil:
                try:
                    self.spells.reserve(n, diagnoses, procedures)
                except MemoryError:
                    return False
        return True

    cdef bint make_result_room(self) noexcept nogil:
        """Room for all that was found; False too where a buffer of the kernel could not grow."""
        cdef size_t unbundled = self.spells.kernel.unbundled.used // self.spells.kernel.unbundled.width
        cdef size_t faults = (self.spells.encoder.faults.used + self.spells.kernel.faults.used) // self.spells.kernel.faults.width
        if self.spells.kernel.unbundled.overflowed or self.spells.kernel.faults.overflowed or self.spells.encoder.faults.overflowed:
            return False
        if unbundled > self.unbundled_room:
            if not _grow(<void**>&self.unbundled, unbundled, sizeof(HrgUnbundled)):
                return False
            self.unbundled_room = unbundled
        if faults > self.fault_room:
            if not _grow(<void**>&self.faults, faults, sizeof(Fault)) or not _grow(<void**>&self.messages, faults, sizeof(HrgMessage)):
                return False
            self.fault_room = faults
        return True

    cdef void sort(self, const HrgEpisode* episodes, size_t n) noexcept nogil:
        cdef size_t i
        cdef int32_t number
        for i in range(n):
            number = episodes[i].number
            if number == -1:
                number = <int32_t>i + 1
                self.order[i].refused = False
            else:
                self.order[i].refused = number < 0 or not self.spells.encoder.fields.accepts(N_EPIORDER, number)
            self.order[i].number = 0 if self.order[i].refused else number
            self.order[i].index = <int32_t>i
        if n > 1:
            qsort(self.order, n, sizeof(Place), _by_number)

    cdef void put(self, const HrgEpisode* episode, int32_t place) noexcept nogil:
        """Encodes an episode as the next row; one without a number gets its place among those given."""
        cdef size_t i
        cdef const char* code
        self.spells.encoder.begin_row()
        self.spells.encoder.put_number(N_EPIORDER, place if episode.number == -1 else _number(episode.number))
        self.spells.encoder.put_number(N_STARTAGE, _number(episode.age))
        self.spells.encoder.put_number(N_EPIDUR, _number(episode.duration))
        self.spells.encoder.put_number(N_CRITICALCARE, _number(episode.critical_care_days))
        self.spells.encoder.put_number(N_REHABILITATION, _number(episode.rehabilitation_days))
        self.spells.encoder.put_number(N_PALLIATIVE, _number(episode.palliative_care_days))
        self.put_text(V_SEX, episode.sex)
        self.put_text(V_CLASSPAT, episode.patient_classification)
        self.put_text(V_ADMISORC, episode.admission_source)
        self.put_text(V_ADMIMETH, episode.admission_method)
        self.put_text(V_DISDEST, episode.discharge_destination)
        self.put_text(V_DISMETH, episode.discharge_method)
        self.put_text(V_MAINSPEF, episode.main_specialty)
        self.put_text(V_NEOCARE, episode.neonatal_care)
        self.put_text(V_TRETSPEF, episode.treatment_function)
        for i in range(episode.n_diagnoses):
            code = _cell(episode.diagnoses[i])
            self.spells.encoder.put_diagnosis(<int>i + 1, code, <Py_ssize_t>strlen(code))
        if episode.n_diagnoses == 0:
            self.spells.encoder.put_diagnosis(1, "", 0)
        for i in range(episode.n_procedures):
            code = _cell(episode.procedures[i])
            self.spells.encoder.put_procedure(<int>i + 1, code, <Py_ssize_t>strlen(code))
        self.spells.encoder.end_row()

    cdef void put_text(self, int column, const char* text) noexcept nogil:
        if text == NULL:
            self.spells.encoder.put_value_id(column, self.defaults[column])
        else:
            self.spells.encoder.put_value(column, text, <Py_ssize_t>strlen(text))

    # --- what is given back ---

    cdef void write(self, size_t n, HrgSpell* result) noexcept nogil:
        result.hrg = _named(self.names.hrgs, self.spells.results.spell_hrg[0])
        result.dominant_procedure = _named(self.names.procedures, self.spells.results.spell_dominant[0])
        result.primary_diagnosis = _named(self.names.diagnoses, self.spells.results.spell_primary[0])
        result.secondary_diagnosis = _named(self.names.diagnoses, self.spells.results.spell_secondary[0])
        result.programme = _named(self.names.programmes, self.spells.results.spell_programme[0])
        result.provenance = self.names.grades.at[self.spells.results.spell_grade[0]]
        result.method = self.spells.results.spell_method[0]
        result.stay = self.spells.results.spell_stay[0]
        result.critical_care_days = self.spells.results.spell_critical_care[0]
        result.cc_score = self.spells.results.spell_cc[0]
        result.interventions = self.spells.results.spell_interventions[0]
        result.n_episodes = n
        result.episodes = self.episodes
        self.write_unbundled(result)
        self.write_episodes(result)
        self.write_messages(result)

    cdef void write_unbundled(self, HrgSpell* result) noexcept nogil:
        cdef size_t i
        cdef const int32_t* row
        result.n_unbundled = self.spells.kernel.unbundled.used // self.spells.kernel.unbundled.width
        result.unbundled = self.unbundled
        for i in range(result.n_unbundled):
            row = &self.spells.kernel.unbundled.data[i * self.spells.kernel.unbundled.width]
            self.unbundled[i].row = row[0]
            self.unbundled[i].hrg = _named(self.names.hrgs, row[1])
            self.unbundled[i].days = row[2]

    cdef void write_episodes(self, HrgSpell* result) noexcept nogil:
        """The episodes, each with its stretch of the unbundled HRGs, which stand in the order of the rows."""
        cdef size_t row
        cdef size_t next = 0
        cdef HrgEpisodeResult* episode
        for row in range(result.n_episodes):
            episode = &self.episodes[row]
            episode.index = self.order[row].index
            episode.hrg = _named(self.names.hrgs, self.spells.results.hrg[row])
            episode.dominant_procedure = _named(self.names.procedures, self.spells.results.dominant[row])
            episode.programme = _named(self.names.programmes, self.spells.results.programme[row])
            episode.provenance = self.names.grades.at[self.spells.results.grade[row]]
            episode.method = self.spells.results.method[row]
            episode.report_flag = self.spells.results.report_flag[row]
            episode.stay = self.spells.results.stay[row]
            episode.cc_score = self.spells.results.cc[row]
            episode.interventions = self.spells.results.interventions[row]
            episode.unbundled = &self.unbundled[next]
            episode.n_unbundled = 0
            while next < result.n_unbundled and self.unbundled[next].row == <int32_t>row:
                episode.n_unbundled += 1
                next += 1

    cdef void write_messages(self, HrgSpell* result) noexcept nogil:
        cdef size_t i
        cdef Fault* fault
        cdef HrgMessage* message
        result.n_messages = _read_faults(self.spells.encoder.faults, self.faults, 0)
        result.n_messages = _read_faults(self.spells.kernel.faults, self.faults, result.n_messages)
        result.messages = self.messages
        if result.n_messages > 1:
            qsort(self.faults, result.n_messages, sizeof(Fault), _by_place)
        for i in range(result.n_messages):
            fault = &self.faults[i]
            message = &self.messages[i]
            message.row = fault.row
            message.index = self.order[fault.row].index
            message.cell = fault.field % CELLS
            message.field = self.names.fields.at[fault.field]
            message.text = self.names.messages.at[fault.message]
            message.category = self.names.categories.at[fault.message]


cdef size_t _read_faults(Events events, Fault* faults, size_t n) noexcept nogil:
    """Appends the faults of a buffer; gives how many there are then."""
    cdef Py_ssize_t i
    cdef const int32_t* row
    for i in range(events.used // events.width):
        row = &events.data[i * events.width]
        faults[n].row = row[0]
        faults[n].phase = row[1]
        faults[n].field = row[2]
        faults[n].message = row[3]
        faults[n].rank = row[3] if row[1] == PHASE_SPELL else row[2]
        faults[n].found = <int32_t>n
        n += 1
    return n
