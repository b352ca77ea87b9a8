# Stable: docs/embedding.md says what that means. The header has the meaning of every name.
from libc.stdint cimport int32_t


cdef extern from "hrgcore.h" nogil:
    enum:
        HRG_ABI_VERSION
        HRG_LEFT_OUT
        HRG_MOST_EPISODES
        HRG_MOST_CODES

    enum HrgStatus:
        HRG_OK
        HRG_NULL_POINTER
        HRG_WRONG_SIZE
        HRG_NO_EPISODE
        HRG_TOO_MANY_EPISODES
        HRG_TOO_MANY_CODES
        HRG_NO_MEMORY

    const char* HRG_CAPSULE

    ctypedef struct HrgSession:
        pass

    ctypedef struct HrgEpisode:
        size_t size
        int32_t number, age, duration, critical_care_days, rehabilitation_days, palliative_care_days
        const char* sex
        const char* patient_classification
        const char* admission_source
        const char* admission_method
        const char* discharge_destination
        const char* discharge_method
        const char* main_specialty
        const char* neonatal_care
        const char* treatment_function
        const char* const* diagnoses
        size_t n_diagnoses
        const char* const* procedures
        size_t n_procedures

    ctypedef struct HrgText:
        int32_t id
        const char* text

    ctypedef struct HrgUnbundled:
        int32_t row, days
        HrgText hrg

    ctypedef struct HrgMessage:
        int32_t row, index, cell
        const char* field
        const char* text
        const char* category

    ctypedef struct HrgEpisodeResult:
        int32_t index
        HrgText hrg, dominant_procedure, programme
        const char* provenance
        char method, report_flag
        int32_t stay, cc_score, interventions
        const HrgUnbundled* unbundled
        size_t n_unbundled

    ctypedef struct HrgSpell:
        size_t size
        HrgText hrg, dominant_procedure, primary_diagnosis, secondary_diagnosis, programme
        const char* provenance
        char method
        int32_t stay, critical_care_days, cc_score, interventions
        const HrgEpisodeResult* episodes
        size_t n_episodes
        const HrgUnbundled* unbundled
        size_t n_unbundled
        const HrgMessage* messages
        size_t n_messages

    ctypedef struct HrgApi:
        int abi_version
        size_t size
        HrgSession* (*open)(object) except NULL
        void (*close)(HrgSession*) noexcept nogil
        int (*group_spell)(HrgSession*, const HrgEpisode*, size_t, HrgSpell*) noexcept nogil
        const char* (*design)(HrgSession*) noexcept nogil
        const char* (*status_text)(int) noexcept nogil

    HrgEpisode hrg_blank_episode()
    HrgSpell hrg_blank_spell()


cdef HrgSession* hrg_open(object grouper) except NULL
cdef void hrg_close(HrgSession* session) noexcept nogil
cdef int hrg_group_spell(HrgSession* session, const HrgEpisode* episodes, size_t n, HrgSpell* result) noexcept nogil
cdef const char* hrg_design(HrgSession* session) noexcept nogil
cdef const char* hrg_status_text(int status) noexcept nogil
