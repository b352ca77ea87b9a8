"""The condition language of docs/design-tables.md, section "Conditions".

condition := clause { "or" clause };  clause := test { "and" test };
test := ["not"] atom.  There are no brackets.
"""

from dataclasses import dataclass, field

from .tables import Bands, Design, DesignError, in_bands, parse_bands

# Fields that section 7 of the grouping logic gives to an episode or a spell. SEX,
# ADMIMETH, MAINSPEF and CLASSPAT never have a part in grouping (end of section 5).
FIELDS = ("ADMISORC", "DISDEST", "DISMETH", "NEOCARE", "TRETSPEF")
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
# Words that may not be used in a stage (sections "Rules" and "Conditions"). The CC score comes
# after all rules (section 5 of the grouping logic), and splits ask for it in their own column.
REFUSED = {
    "check": ("dominant", "site", "interventions", "cc"),
    "route": ("dominant", "site", "interventions", "cc"),
    "procedure": ("cc",),
    "diagnosis": ("cc",),
    "split": ("cc",),
}


@dataclass(frozen=True)
class Facts:
    """What a condition may ask about an episode or a spell.

    None is a number that is not known; an empty text is a blank or invalid field.
    `procedures` are the mentions that were not unbundled, in order.
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


@dataclass(frozen=True)
class Test:
    negated: bool
    word: str
    name: str  # of a list, or of a score
    bands: Bands
    later: str = ""  # the second list of "before"

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
    word = atom[0]
    if word in REFUSED[stage]:
        raise DesignError(f"{word} may not be used in {stage}")
    if word in NUMBERS and len(atom) == 2:
        return Test(negated, word, "", parse_bands(atom[1]))
    if word == "score" and len(atom) == 3 and atom[1] in design.scores:
        return Test(negated, word, atom[1], parse_bands(atom[2]))
    if word == "count" and len(atom) == 3 and (atom[1], "procedure") in design.lists:
        return Test(negated, word, atom[1], parse_bands(atom[2]))
    if len(atom) == 3 and atom[1] == "in" and (word in CODE_WORDS or word in FIELDS):
        kind = CODE_WORDS.get(word, word)
        if (atom[2], kind) in design.lists:
            return Test(negated, word, atom[2], [])
    if len(atom) == 4 and (word, atom[2]) == ("diagnosis", "before"):
        lists = (atom[1], atom[3])
        if all((name, "diagnosis") in design.lists for name in lists):
            return Test(negated, "before", lists[0], [], lists[1])
    raise DesignError(f"not understood: {shown}")


def holds(condition: Condition, facts: Facts, design: Design) -> bool:
    if not condition:
        return True
    return any(all(_test_holds(test, facts, design) for test in clause) for clause in condition)


def _test_holds(test: Test, facts: Facts, design: Design) -> bool:
    result = _atom_holds(test, facts, design)
    # Section 2: a condition on a blank or invalid value is false; its `not` is true.
    return not result if test.negated else result


def _atom_holds(test: Test, facts: Facts, design: Design) -> bool:
    word = test.word
    if word in NUMBERS:
        numbers = {
            "age": facts.age,
            "stay": facts.stay,
            "interventions": facts.interventions,
        }
        return in_bands(numbers[word], test.bands)
    if word == "score":
        return in_bands(score(test.name, facts, design), test.bands)
    if word == "count":
        members = design.lists[test.name, "procedure"]
        mentions = [code for code in facts.procedures if code in members]
        return in_bands(len(mentions), test.bands)
    if word in FIELDS:
        value = facts.fields.get(word, "")
        return value != "" and value in design.lists[test.name, word]
    if word == "before":
        return _stands_before(
            design.lists[test.name, "diagnosis"],
            design.lists[test.later, "diagnosis"],
            (facts.primary, *facts.secondaries),
        )
    asked = {
        "primary": (facts.primary,),
        "secondary": facts.secondaries,
        "diagnosis": (facts.primary, *facts.secondaries),
        "dominant": (facts.dominant,),
        "procedure": facts.procedures,
        "site": (facts.site,),
        "unbundled": facts.unbundled,
    }
    members = design.lists[test.name, CODE_WORDS[word]]
    return any(code in members for code in asked[word])


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
