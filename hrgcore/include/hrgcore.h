/* hrgcore from C: groups spells of admitted care without a Python object per record. See docs/embedding.md.

   A struct that begins with `size` may grow at its end; the caller sets `size` to its own sizeof. All other structs stay as they are
   while HRG_ABI_VERSION does. Text is UTF-8 and ends with NUL. */
#ifndef HRGCORE_H
#define HRGCORE_H

#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HRG_ABI_VERSION 1
#define HRG_CAPSULE "hrgcore._core.C_API"

#define HRG_LEFT_OUT (-1)       /* a number that is not given; other negative numbers are not accepted by any field */
#define HRG_MOST_EPISODES 65535 /* of a spell */
#define HRG_MOST_CODES 99       /* diagnoses, and procedures, of an episode */

typedef enum HrgStatus {
    HRG_OK = 0,                 /* grouped; bad data is a result too, with messages */
    HRG_NULL_POINTER = 1,       /* session, episodes, result, or a list of codes that is not empty */
    HRG_WRONG_SIZE = 2,         /* `size` of an episode or of the result is that of no header this library knows */
    HRG_NO_EPISODE = 3,
    HRG_TOO_MANY_EPISODES = 4,
    HRG_TOO_MANY_CODES = 5,
    HRG_NO_MEMORY = 6           /* close the session */
} HrgStatus;

typedef struct HrgSession HrgSession; /* one design, and the memory of one thread */

/* An episode as it is given. A text that is NULL is left out and takes the neutral default of the design, "" is a blank cell. Codes may
   have dots; one that is NULL or "" is a blank cell. */
typedef struct HrgEpisode {
    size_t size;
    int32_t number;               /* EPIORDER; left out: its place among the episodes that are given */
    int32_t age;                  /* STARTAGE, completed years */
    int32_t duration;             /* EPIDUR, days */
    int32_t critical_care_days;   /* CRITICALCAREDAYS */
    int32_t rehabilitation_days;  /* REHABILITATIONDAYS */
    int32_t palliative_care_days; /* SPCDAYS */
    const char *sex;
    const char *patient_classification; /* CLASSPAT */
    const char *admission_source;       /* ADMISORC */
    const char *admission_method;       /* ADMIMETH */
    const char *discharge_destination;  /* DISDEST */
    const char *discharge_method;       /* DISMETH */
    const char *main_specialty;         /* MAINSPEF */
    const char *neonatal_care;          /* NEOCARE */
    const char *treatment_function;     /* TRETSPEF */
    const char *const *diagnoses;       /* ICD-10, the primary one first */
    size_t n_diagnoses;
    const char *const *procedures;      /* OPCS-4, in order */
    size_t n_procedures;
} HrgEpisode;

/* A text of the design with its id; none is id 0 and text "". Ids belong to one version of one design. */
typedef struct HrgText {
    int32_t id;
    const char *text;
} HrgText;

typedef struct HrgUnbundled {
    int32_t row;                /* of the episode in HrgSpell.episodes */
    int32_t days;               /* that multiply the HRG; 0: none do */
    HrgText hrg;
} HrgUnbundled;

typedef struct HrgMessage {
    int32_t row;                /* of the episode in HrgSpell.episodes */
    int32_t index;              /* of the episode as given */
    int32_t cell;               /* of a repeated field, from 1; else 0 */
    const char *field;          /* official name, such as DIAG_01 */
    const char *text;
    const char *category;       /* error category, such as UZ01, or "" */
} HrgMessage;

typedef struct HrgEpisodeResult {
    int32_t index;              /* of the episode as given */
    HrgText hrg;
    HrgText dominant_procedure;
    HrgText programme;          /* programme budgeting category */
    const char *provenance;     /* weakest grade of the table rows that gave the HRG; "" on failure */
    char method;                /* P D G M B U */
    char report_flag;           /* 1: holds the grouping variable of the spell */
    int32_t stay;               /* CalcEpidur, days; -1: not known */
    int32_t cc_score;
    int32_t interventions;
    const HrgUnbundled *unbundled;
    size_t n_unbundled;
} HrgEpisodeResult;

/* A spell as grouped. Its arrays live until the next call for the session, its texts as long as the session. */
typedef struct HrgSpell {
    size_t size;
    HrgText hrg;
    HrgText dominant_procedure;
    HrgText primary_diagnosis;
    HrgText secondary_diagnosis;
    HrgText programme;
    const char *provenance;
    char method;
    int32_t stay;               /* SpellLOS, days */
    int32_t critical_care_days;
    int32_t cc_score;
    int32_t interventions;
    const HrgEpisodeResult *episodes; /* in the order of their numbers */
    size_t n_episodes;
    const HrgUnbundled *unbundled;    /* of all episodes */
    size_t n_unbundled;
    const HrgMessage *messages;       /* every fault found, by episode and field */
    size_t n_messages;
} HrgSpell;

/* The functions. Later versions add to the end. */
typedef struct HrgApi {
    int abi_version;
    size_t size;
    /* Opens a session of a hrgcore.Grouper of admitted care. Needs the GIL; NULL with an exception set on failure. */
    HrgSession *(*open)(PyObject *grouper);
    /* Closes a session; NULL is nothing. With or without the GIL. */
    void (*close)(HrgSession *session);
    /* Groups one spell and gives a HrgStatus; never raises. With or without the GIL, by one thread at a time for each session. */
    int (*group_spell)(HrgSession *session, const HrgEpisode *episodes, size_t n, HrgSpell *result);
    /* Name and version of the design, as long as the session lives. */
    const char *(*design)(HrgSession *session);
    /* What a status means, in words. */
    const char *(*status_text)(int status);
} HrgApi;

/* An episode with everything left out. */
static inline HrgEpisode hrg_blank_episode(void) {
    HrgEpisode episode;
    memset(&episode, 0, sizeof episode);
    episode.size = sizeof episode;
    episode.number = episode.age = episode.duration = HRG_LEFT_OUT;
    episode.critical_care_days = episode.rehabilitation_days = episode.palliative_care_days = HRG_LEFT_OUT;
    return episode;
}

/* Room for a result. */
static inline HrgSpell hrg_blank_spell(void) {
    HrgSpell spell;
    memset(&spell, 0, sizeof spell);
    spell.size = sizeof spell;
    return spell;
}

/* The functions of the installed hrgcore, or NULL with ImportError set if they are not those of this header. Needs the GIL. */
static inline const HrgApi *hrg_import(void) {
    const HrgApi *api = (const HrgApi *)PyCapsule_Import(HRG_CAPSULE, 0);
    if (api != NULL && (api->abi_version != HRG_ABI_VERSION || api->size < sizeof(HrgApi))) {
        PyErr_Format(PyExc_ImportError, "built for version %d of the C interface of hrgcore, but version %d is installed",
                     HRG_ABI_VERSION, api->abi_version);
        return NULL;
    }
    return api;
}

#ifdef __cplusplus
}
#endif

#endif
