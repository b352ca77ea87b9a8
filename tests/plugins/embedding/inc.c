/* The C interface as the test drives it: Python spells to structs, all grouped in one stretch without the GIL, results to tuples. */
#include <hrgcore.h>

static const HrgApi *api;

#define NUMBERS 6
#define TEXTS 9
#define MOST 32

typedef struct {
    HrgEpisode episodes[MOST];
    const char *codes[MOST][2][HRG_MOST_CODES];
    Py_ssize_t n;
} Spell;

static const char *text_or_null(PyObject *value) {
    return value == Py_None ? NULL : PyUnicode_AsUTF8(value);
}

static size_t read_codes(PyObject *codes, const char **to) {
    Py_ssize_t n = PyTuple_GET_SIZE(codes);
    for (Py_ssize_t i = 0; i < n; i++)
        to[i] = text_or_null(PyTuple_GET_ITEM(codes, i));
    return (size_t)n;
}

/* An episode is (six numbers, nine texts, diagnoses, procedures), numbers and texts in the order of the struct. */
static void read_episode(PyObject *given, Spell *spell, Py_ssize_t at) {
    HrgEpisode episode = hrg_blank_episode();
    int32_t *numbers = &episode.number;
    const char **texts = &episode.sex;
    for (Py_ssize_t i = 0; i < NUMBERS; i++)
        numbers[i] = (int32_t)PyLong_AsLong(PyTuple_GET_ITEM(PyTuple_GET_ITEM(given, 0), i));
    for (Py_ssize_t i = 0; i < TEXTS; i++)
        texts[i] = text_or_null(PyTuple_GET_ITEM(PyTuple_GET_ITEM(given, 1), i));
    episode.diagnoses = spell->codes[at][0];
    episode.n_diagnoses = read_codes(PyTuple_GET_ITEM(given, 2), spell->codes[at][0]);
    episode.procedures = spell->codes[at][1];
    episode.n_procedures = read_codes(PyTuple_GET_ITEM(given, 3), spell->codes[at][1]);
    spell->episodes[at] = episode;
}

static PyObject *unbundled_of(const HrgUnbundled *unbundled, size_t n) {
    PyObject *list = PyList_New(0);
    for (size_t i = 0; i < n; i++) {
        PyObject *one = Py_BuildValue("(isi)", unbundled[i].row, unbundled[i].hrg.text, unbundled[i].days);
        PyList_Append(list, one);
        Py_DECREF(one);
    }
    return list;
}

static PyObject *as_python(const HrgSpell *r) {
    PyObject *episodes = PyList_New(0), *messages = PyList_New(0);
    for (size_t i = 0; i < r->n_episodes; i++) {
        const HrgEpisodeResult *e = &r->episodes[i];
        PyObject *one = Py_BuildValue("(isCsiiiissN)", e->index, e->hrg.text, e->method, e->dominant_procedure.text, e->stay, e->report_flag,
                                      e->cc_score, e->interventions, e->programme.text, e->provenance,
                                      unbundled_of(e->unbundled, e->n_unbundled));
        PyList_Append(episodes, one);
        Py_DECREF(one);
    }
    for (size_t i = 0; i < r->n_messages; i++) {
        const HrgMessage *m = &r->messages[i];
        PyObject *one = Py_BuildValue("(iisss)", m->row, m->index, m->field, m->text, m->category);
        PyList_Append(messages, one);
        Py_DECREF(one);
    }
    return Py_BuildValue("(sCsssiiiissNNN)", r->hrg.text, r->method, r->dominant_procedure.text, r->primary_diagnosis.text,
                         r->secondary_diagnosis.text, r->stay, r->critical_care_days, r->cc_score, r->interventions, r->programme.text,
                         r->provenance, unbundled_of(r->unbundled, r->n_unbundled), episodes, messages);
}

/* group(grouper, spells): each spell by itself, because a result lives until the next call. */
static PyObject *group(PyObject *self, PyObject *args) {
    PyObject *grouper, *spells;
    if (!PyArg_ParseTuple(args, "OO!", &grouper, &PyList_Type, &spells))
        return NULL;
    HrgSession *session = api->open(grouper);
    if (session == NULL)
        return NULL;
    PyObject *results = PyList_New(0);
    Spell *spell = PyMem_Malloc(sizeof(Spell));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(spells); i++) {
        PyObject *given = PyList_GET_ITEM(spells, i);
        HrgSpell result = hrg_blank_spell();
        int status;
        spell->n = PyList_GET_SIZE(given);
        for (Py_ssize_t at = 0; at < spell->n; at++)
            read_episode(PyList_GET_ITEM(given, at), spell, at);
        Py_BEGIN_ALLOW_THREADS
        status = api->group_spell(session, spell->episodes, (size_t)spell->n, &result);
        Py_END_ALLOW_THREADS
        PyObject *one = status == HRG_OK ? as_python(&result) : PyLong_FromLong(status);
        PyList_Append(results, one);
        Py_DECREF(one);
    }
    PyMem_Free(spell);
    api->close(session);
    return results;
}

/* The statuses of bad arguments, and the name of the design. */
static PyObject *misuse(PyObject *self, PyObject *grouper) {
    HrgSession *session = api->open(grouper);
    if (session == NULL)
        return NULL;
    HrgSpell result = hrg_blank_spell(), small = {0};
    HrgEpisode episode = hrg_blank_episode(), odd = {0}, many = hrg_blank_episode(), null = hrg_blank_episode();
    many.n_diagnoses = HRG_MOST_CODES + 1;
    null.n_procedures = 1;
    int statuses[] = {
        api->group_spell(NULL, &episode, 1, &result),
        api->group_spell(session, NULL, 1, &result),
        api->group_spell(session, &episode, 1, NULL),
        api->group_spell(session, &null, 1, &result),
        api->group_spell(session, &odd, 1, &result),
        api->group_spell(session, &episode, 1, &small),
        api->group_spell(session, &episode, 0, &result),
        api->group_spell(session, &episode, HRG_MOST_EPISODES + 1, &result),
        api->group_spell(session, &many, 1, &result),
        api->group_spell(session, &episode, 1, &result),
    };
    PyObject *found = PyList_New(0);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        PyObject *one = Py_BuildValue("(is)", statuses[i], api->status_text(statuses[i]));
        PyList_Append(found, one);
        Py_DECREF(one);
    }
    PyObject *answer = Py_BuildValue("(Nss)", found, api->design(session), result.hrg.text);
    api->close(session);
    api->close(NULL);
    return answer;
}

static PyMethodDef methods[] = {{"group", group, METH_VARARGS, NULL}, {"misuse", misuse, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "inc", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_inc(void) {
    api = hrg_import();
    if (api == NULL)
        return NULL;
    PyObject *made = PyModule_Create(&module);
    if (made != NULL) {
        PyModule_AddIntConstant(made, "header_version", HRG_ABI_VERSION);
        PyModule_AddIntConstant(made, "capsule_version", api->abi_version);
    }
    return made;
}
