"""The frozen arrays of a compiled design.

`hrgcore.design.compiler` fills them; kernels, trace, linter and reports read the same memory. Every array is backed by `bytes`, so that
nothing can change it once the design is loaded.
"""
from hrgcore._core.codes cimport CodeSet

_FORMATS = {
    "B": """diag_programme diag_rank diag_grade diag_child_grade proc_role proc_rank proc_grade unbundled_times min_rank min_rank_grade
            root_subchapter root_uses_cc split_grade rule_method rule_grade test_op test_negated value_lists score_is_procedure
            cc_points cc_grade family_general level_item levels organ_of_number""",
    "h": "score_points family",
    "H": "diag_root diag_child proc_root unbundled_root split_hrg cc_class",
    "i": """refused_episodes split_start split_bands split_condition rule_condition rule_to check_rules route_rules record_rules
            routed_rule_start routed_rules procedure_rule_start procedure_rules diagnosis_rule_start diagnosis_rules
            unbundled_rule_start unbundled_rules condition_start clause_start test_operand test_low test_high score_offset""",
    "Q": "diag_lists proc_lists route_diagnoses route_procedures exclusion_primary exclusion_secondary",
}
ARRAY_FORMATS = {name: code for code, names in _FORMATS.items() for name in names.split()}


def _frozen(arrays):
    """The arrays as read-only memory of the declared format."""
    return {name: memoryview(bytes(arrays[name])).cast(code) for name, code in ARRAY_FORMATS.items()}


cdef class Tables:
    def __init__(self, *, CodeSet icd10, CodeSet opcs4, fields, values, items, hrgs, roots, programmes, messages, categories, settings, stages,
                 arrays):
        self.icd10 = icd10
        self.opcs4 = opcs4
        self.values = tuple(values)
        self.items = tuple(items)
        self.fields = dict(fields)
        self.stages = {name: memoryview(bytes(rules)).cast("i") for name, rules in stages.items()}
        self.hrgs = tuple(hrgs)
        self.roots = tuple(roots)
        self.programmes = tuple(programmes)
        self.messages = tuple(messages)
        self.categories = tuple(categories)
        self._set_scalars(settings)
        self.arrays = a = _frozen(arrays)
        self.refused_episodes = a["refused_episodes"]
        self._set_codes(a)
        self._set_rules(a)
        self._set_scores(a)

    def _set_scalars(self, settings):
        self.invalid_hrg = settings["invalid_hrg"]
        self.child_age_max = settings["child_age_max"]
        self.age_rise = settings["age_rise"]
        self.unknown_primary = settings["unknown_primary"]
        self.no_procedure = settings["no_procedure"]
        self.vague_procedure = settings["vague_procedure"]
        self.attendance_list = settings["attendance_list"]
        self.diag_words = settings["diag_words"]
        self.proc_words = settings["proc_words"]
        self.subchapters = settings["subchapters"]
        self.exclusion_words = settings["exclusion_words"]
        self.families = settings["families"]
        self.routes_by_code = settings["routes_by_code"]
        self.level_categories = settings["level_categories"]

    def _set_codes(self, a):
        self.diag_root = a["diag_root"]
        self.diag_child = a["diag_child"]
        self.diag_programme = a["diag_programme"]
        self.diag_rank = a["diag_rank"]
        self.diag_grade = a["diag_grade"]
        self.diag_child_grade = a["diag_child_grade"]
        self.proc_role = a["proc_role"]
        self.proc_rank = a["proc_rank"]
        self.proc_grade = a["proc_grade"]
        self.proc_root = a["proc_root"]
        self.unbundled_root = a["unbundled_root"]
        self.unbundled_times = a["unbundled_times"]
        self.min_rank = a["min_rank"]
        self.min_rank_grade = a["min_rank_grade"]
        self.diag_lists = a["diag_lists"]
        self.proc_lists = a["proc_lists"]
        self.value_lists = a["value_lists"]
        self.route_diagnoses = a["route_diagnoses"]
        self.route_procedures = a["route_procedures"]

    def _set_rules(self, a):
        self.root_subchapter = a["root_subchapter"]
        self.root_uses_cc = a["root_uses_cc"]
        self.split_start = a["split_start"]
        self.split_bands = a["split_bands"]
        self.split_condition = a["split_condition"]
        self.split_hrg = a["split_hrg"]
        self.split_grade = a["split_grade"]
        self.rule_condition = a["rule_condition"]
        self.rule_to = a["rule_to"]
        self.rule_method = a["rule_method"]
        self.rule_grade = a["rule_grade"]
        self.check_rules = a["check_rules"]
        self.route_rules = a["route_rules"]
        self.record_rules = a["record_rules"]
        self.routed_rule_start = a["routed_rule_start"]
        self.routed_rules = a["routed_rules"]
        self.procedure_rule_start = a["procedure_rule_start"]
        self.procedure_rules = a["procedure_rules"]
        self.diagnosis_rule_start = a["diagnosis_rule_start"]
        self.diagnosis_rules = a["diagnosis_rules"]
        self.unbundled_rule_start = a["unbundled_rule_start"]
        self.unbundled_rules = a["unbundled_rules"]
        self.condition_start = a["condition_start"]
        self.clause_start = a["clause_start"]
        self.test_op = a["test_op"]
        self.test_negated = a["test_negated"]
        self.test_operand = a["test_operand"]
        self.test_low = a["test_low"]
        self.test_high = a["test_high"]

    def _set_scores(self, a):
        self.score_is_procedure = a["score_is_procedure"]
        self.score_offset = a["score_offset"]
        self.score_points = a["score_points"]
        self.level_item = a["level_item"]
        self.levels = a["levels"]
        self.organ_of_number = a["organ_of_number"]
        self.cc_class = a["cc_class"]
        self.cc_points = a["cc_points"]
        self.cc_grade = a["cc_grade"]
        self.exclusion_primary = a["exclusion_primary"]
        self.exclusion_secondary = a["exclusion_secondary"]
        self.family = a["family"]
        self.family_general = a["family_general"]

    cdef Py_ssize_t dominance_place(self, int32_t stay) noexcept nogil:
        """Where the rank that a stay needs, and its grade, stand."""
        cdef Py_ssize_t last = self.min_rank.shape[0] - 1
        return stay if stay < last else last

    cdef Py_ssize_t cc_place(self, code_t code, root_t root) noexcept nogil:
        """Where the points and the grade of a code in the subchapter of a root stand."""
        return self.cc_class[code] * self.subchapters + self.root_subchapter[root]
