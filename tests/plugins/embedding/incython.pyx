"""The stable Cython names as the test drives them: as `inc.c`, with the HRGs, methods and messages as the result."""
from libc.stdint cimport int32_t

from hrgcore._core.capi cimport (
    HRG_MOST_CODES, HRG_OK, HrgEpisode, HrgSession, HrgSpell, hrg_blank_episode, hrg_blank_spell, hrg_close, hrg_design,
    hrg_group_spell, hrg_open, hrg_status_text,
)

cdef enum:
    MOST = 32


cdef const char* text_or_null(value):
    cdef const char* text = NULL
    if value is not None:
        text = value
    return text


cdef as_python(const HrgSpell* r):
    messages = [
        (r.messages[i].row, r.messages[i].field.decode(), r.messages[i].text.decode(), r.messages[i].category.decode())
        for i in range(<int>r.n_messages)
    ]
    return r.hrg.text.decode(), chr(r.method), [r.episodes[i].hrg.text.decode() for i in range(<int>r.n_episodes)], messages


cdef int put(given, HrgEpisode* episode, const char** diagnoses, const char** procedures) except -1:
    cdef int i
    numbers, texts, diagnosis_codes, procedure_codes = given
    episode[0] = hrg_blank_episode()
    (episode.number, episode.age, episode.duration, episode.critical_care_days, episode.rehabilitation_days,
     episode.palliative_care_days) = numbers
    episode.sex = text_or_null(texts[0])
    episode.patient_classification = text_or_null(texts[1])
    episode.admission_source = text_or_null(texts[2])
    episode.admission_method = text_or_null(texts[3])
    episode.discharge_destination = text_or_null(texts[4])
    episode.discharge_method = text_or_null(texts[5])
    episode.main_specialty = text_or_null(texts[6])
    episode.neonatal_care = text_or_null(texts[7])
    episode.treatment_function = text_or_null(texts[8])
    for i, code in enumerate(diagnosis_codes):
        diagnoses[i] = text_or_null(code)
    for i, code in enumerate(procedure_codes):
        procedures[i] = text_or_null(code)
    episode.diagnoses, episode.n_diagnoses = diagnoses, len(diagnosis_codes)
    episode.procedures, episode.n_procedures = procedures, len(procedure_codes)
    return 0


def group(grouper, list spells):
    """Spells whose texts are bytes."""
    cdef HrgEpisode[MOST] episodes
    cdef const char* diagnoses[MOST][HRG_MOST_CODES]
    cdef const char* procedures[MOST][HRG_MOST_CODES]
    cdef HrgSpell result = hrg_blank_spell()
    cdef HrgSession* session = hrg_open(grouper)
    cdef int status, i
    cdef size_t n
    results = []
    try:
        for spell in spells:
            n = len(spell)
            for i, given in enumerate(spell):
                put(given, &episodes[i], diagnoses[i], procedures[i])
            with nogil:
                status = hrg_group_spell(session, episodes, n, &result)
            results.append(as_python(&result) if status == HRG_OK else hrg_status_text(status).decode())
        return results, hrg_design(session).decode()
    finally:
        hrg_close(session)
