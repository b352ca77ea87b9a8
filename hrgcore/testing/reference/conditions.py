"""The condition language of docs/design-tables.md, section "Conditions".

condition := clause { "or" clause };  clause := test { "and" test };
test := ["not"] atom.  There are no brackets.
"""

from dataclasses import dataclass, field
from datetime import date

from .tables import LISTED, MEASURED, Bands, Design, DesignError, in_bands, parse_bands

DATASETS = ("NAC", "EM", "NRD", "ACC", "PCC", "NCC")
# Fields that section 7 of the grouping logic gives to an episode or a spell.
FIELDS = ("ADMISORC", "DISDEST", "DISMETH", "NEOCARE", "TRETSPEF")
# These never have a part in grouping (end of section 5), but for the stage `unbundled`.
NEVER_ASKED = ("SEX", "ADMIMETH", "MAINSPEF", "CLASSPAT")
# Numbers of APC that the stage `unbundled` may ask for.
EPISODE_NUMBERS = ("EPIDUR", "SPCDAYS", "REHABILITATIONDAYS", "CRITICALCAREDAYS", "EPIORDER")
NUMBERS = ("age", "stay", "interventions")
CODE_WORDS = {
    "primary": "diagnosis",
    "secondary": "diagnosis",
    "diagnosis": "diagnosis",
    "dominant": "procedure",
    "procedure": "procedure",
    "site": "procedure",
    "unbundled": "procedure",
}

# The words of each stage (sections "Rules" and "Conditions"); FIELD atoms are told by _may_ask. The CC score comes
# after all rules (section 5 of the grouping logic), and splits ask for it in their own column.
DIAGNOSES = ("primary", "secondary", "diagnosis")
PROCEDURES = ("procedure", "unbundled")
OF_A_CASE = ("age", "stay", "score", "count", "before", *DIAGNOSES, *PROCEDURES)
OF_A_ROOT = (*OF_A_CASE, "dominant", "site", "interventions")
OF_FIELDS = ("days", "highest", "organs")
WORDS = {
    "check": OF_A_CASE,
    "route": OF_A_CASE,
    "procedure": OF_A_ROOT,
    "diagnosis": OF_A_ROOT,
    "split": (*OF_A_ROOT, "with", *OF_FIELDS),
    "unbundled": (*OF_A_CASE, "with"),
    "NAC": ("age", *PROCEDURES, *OF_FIELDS),
    "EM": ("age", *OF_FIELDS),
    "NRD": ("age", *OF_FIELDS),
    "ACC": OF_FIELDS,
    "PCC": (*DIAGNOSES, "procedure", *OF_FIELDS),
    "NCC": OF_FIELDS,
}


@dataclass(frozen=True)
class Facts:
    """What a condition may ask about an episode, a spell or a record of another data set.

    None is a number that is not known; an empty text is a blank or invalid field. `procedures` are the mentions that were
    not unbundled, in order. `numbers` and `dates` hold what is known only.
    """

    age: int | None
    stay: int | None
    primary: str
    secondaries: tuple[str, ...]
    procedures: tuple[str, ...]
    fields: dict[str, str] = field(default_factory=dict)
    dominant: str = ""
    site: str = ""
    unbundled: tuple[str, ...] = ()
    interventions: int | None = None
    attributes: tuple[str, ...] = ()  # of the unbundled code in question; none for the record as a whole
    repeated: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    dates: dict[str, date] = field(default_factory=dict)

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The primary diagnosis, then the secondary ones."""
        return (self.primary, *self.secondaries)

    def cells(self, name: str) -> tuple[str, ...]:
        """What stands in a field, or in all cells of a repeated one."""
        value = self.fields.get(name, "")
        return self.repeated.get(name, (value,) if value else ())


@dataclass(frozen=True)
class Test:
    """One test of a condition."""

    negated: bool
    word: str
    name: str  # of a list, a score, a category or a number field; the first date of "days"
    bands: Bands = ()
    other: str = ""  # the second list of "before", the second date of "days", the field of a list of values

    __test__ = False  # not a test for pytest


Condition = list[list[Test]]


def parse(text: str, stage: str, design: Design) -> Condition:
    """An empty text is "no condition" and gives an empty list."""
    if not text.split():
        return []
    condition: Condition = []
    for clause in _split_words(text.split(), "or"):
        condition.append([_parse_test(words, stage, design) for words in _split_words(clause, "and")])
    return condition


def _split_words(words: list[str], separator: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == separator:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _parse_test(words: list[str], stage: str, design: Design) -> Test:
    negated = words[:1] == ["not"]
    atom = words[1:] if negated else words
    shown = " ".join(words)
    if not atom:
        raise DesignError("a test is missing in a condition")
    test = _field_test(negated, atom, stage, design) or _word_test(negated, atom, design)
    if test is None:
        raise DesignError(f"not understood: {shown}")
    if test.word not in (*WORDS[stage], "field", "number"):
        raise DesignError(f"{test.word} may not be used in {stage}: {shown}")
    return test


def _word_test(negated: bool, atom: list[str], design: Design) -> Test | None:
    word = atom[0]
    if len(atom) == 2 and word in (*NUMBERS, "organs"):
        return Test(negated, word, "", parse_bands(atom[1]))
    if len(atom) == 3 and word in ("score", "count", "with", "highest") and _is_known(word, atom[1], design):
        return Test(negated, word, atom[1], parse_bands(atom[2]))
    if len(atom) == 3 and atom[1] == "in" and word in CODE_WORDS and (atom[2], CODE_WORDS[word]) in design.lists:
        return Test(negated, word, atom[2])
    if (
        len(atom) == 4
        and (word, atom[2]) == ("diagnosis", "before")
        and {(atom[1], word), (atom[3], word)} <= design.lists.keys()
    ):
        return Test(negated, "before", atom[1], other=atom[3])
    return None


def _is_known(word: str, name: str, design: Design) -> bool:
    if word == "score":
        return name in design.scores
    if word == "highest":
        return name in design.categories
    return (name, "procedure") in design.lists


def _field_test(negated: bool, atom: list[str], stage: str, design: Design) -> Test | None:
    word = atom[0]
    if len(atom) == 2 and _may_ask(word, MEASURED, stage, design):
        return Test(negated, "number", word, parse_bands(atom[1]))
    if len(atom) == 3 and atom[1] == "in" and _may_ask(word, LISTED, stage, design) and (atom[2], word) in design.lists:
        return Test(negated, "field", atom[2], other=word)
    is_days = len(atom) == 5 and (word, atom[2]) == ("days", "to")
    if is_days and all(_may_ask(name, ("date",), stage, design) for name in (atom[1], atom[3])):
        return Test(negated, "days", atom[1], parse_bands(atom[4]), atom[3])
    return None


def _may_ask(name: str, kinds: tuple[str, ...], stage: str, design: Design) -> bool:  # noqa: PLR0911 - one case after the other
    """Whether a condition of a stage may ask for this field as one of these kinds.

    A stage of a data set asks for the fields of this data set, a split for those of all. The other stages
    belong to APC, whose fields are FIELDS, and partly to NAC, which adds its listed fields; the stage `unbundled` asks for
    all listed fields of both, and for the numbers of an episode.
    """
    if stage == "unbundled" and name not in FIELDS:
        if kinds == MEASURED:
            return name in EPISODE_NUMBERS and _is_field(name, kinds, ("APC",), design)
        return kinds == LISTED and _is_field(name, kinds, ("APC", "NAC"), design)
    if name in NEVER_ASKED:
        return False
    if stage in DATASETS:
        return _is_field(name, kinds, (stage,), design)
    if name in FIELDS:
        return "values" in kinds
    if stage == "split":
        return _is_field(name, kinds, DATASETS, design)
    return stage in ("route", "procedure") and kinds == LISTED and _is_field(name, kinds, ("NAC",), design)


def _is_field(name: str, kinds: tuple[str, ...], datasets: tuple[str, ...], design: Design) -> bool:
    for row in design.rows["field"]:
        if row["field"].removesuffix("_01") == name and row["kind"] in kinds and set(datasets) & set(row["dataset"].split()):
            return True
    return False


def holds(condition: Condition, facts: Facts, design: Design) -> bool:
    """Whether a condition holds; an empty one does."""
    if not condition:
        return True
    return any(all(_test_holds(test, facts, design) for test in clause) for clause in condition)


def _test_holds(test: Test, facts: Facts, design: Design) -> bool:
    result = _atom_holds(test, facts, design)
    # Section 2: a condition on a blank or invalid value is false; its `not` is true.
    return not result if test.negated else result


def _atom_holds(test: Test, facts: Facts, design: Design) -> bool:
    if test.bands:
        return in_bands(_number(test, facts, design), test.bands)
    if test.word == "field":
        return not design.lists[test.name, test.other].isdisjoint(facts.cells(test.other))
    if test.word == "before":
        return _stands_before(design.lists[test.name, "diagnosis"], design.lists[test.other, "diagnosis"], facts.diagnoses)
    return not design.lists[test.name, CODE_WORDS[test.word]].isdisjoint(_codes_asked(test.word, facts))


def _codes_asked(word: str, facts: Facts) -> tuple[str, ...]:  # noqa: PLR0911 - one case after the other
    """A blank code is on no list."""
    match word:
        case "procedure":
            return facts.procedures
        case "unbundled":
            return facts.unbundled
        case "diagnosis":
            return facts.diagnoses
        case "secondary":
            return facts.secondaries
        case "primary":
            return (facts.primary,)
        case "dominant":
            return (facts.dominant,)
    return (facts.site,)


def _number(test: Test, facts: Facts, design: Design) -> int | None:  # noqa: PLR0911 - one case after the other
    """The number that a test with a band is about; None if it is not known."""
    if test.word == "score":
        return score(test.name, facts, design)
    if test.word == "count":
        return sum(code in design.lists[test.name, "procedure"] for code in facts.procedures)
    if test.word == "with":
        return len(set(facts.attributes) & design.lists[test.name, "procedure"])
    if test.word == "highest":
        fields = design.categories[test.name].items()
        return max([levels.get(value, 0) for name, levels in fields for value in facts.cells(name)], default=0)
    if test.word == "organs":
        return sum(any(facts.numbers.get(name, 0) > 0 for name in names) for names in design.organs.values())
    if test.word == "number":
        return facts.numbers.get(test.name)
    if test.word == "days":
        if test.name not in facts.dates or test.other not in facts.dates:
            return None
        return (facts.dates[test.other] - facts.dates[test.name]).days
    return {"age": facts.age, "stay": facts.stay, "interventions": facts.interventions}[test.word]


def _stands_before(earlier: set[str], later: set[str], codes: tuple[str, ...]) -> bool:
    """One of `earlier` stands, and one of `later` after the last such."""
    places = [place for place, code in enumerate(codes) if code in earlier]
    return bool(places) and any(code in later for code in codes[places[-1] + 1 :])


def score(name: str, facts: Facts, design: Design) -> int:
    """The points of a named score, each distinct code once."""
    points = design.scores[name]
    total = 0
    for code in {facts.primary, *facts.secondaries}:
        total += points.get(("diagnosis", code), 0)
    for code in set(facts.procedures):
        total += points.get(("procedure", code), 0)
    return total
