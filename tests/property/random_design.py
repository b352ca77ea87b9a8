"""Random designs of a few codes, whose tables use every word of docs/design-tables.md far more densely than a real design."""

from pathlib import Path
from random import Random

from engine_design import MANIFEST, TABLES, write_design

ICD10 = ("A000", "A001", "A009", "A01X", "A0110", "B000", "B001", "B002", "B003", "C00X", "C010", "D500", "I219", "Z000")
OPCS4 = ("A011", "A012", "B011", "B012", "C011", "D011", "M011", "V011", "X011", "Y011", "Z011", "Z012")
ROOTS = ("AA01", "AA02", "AA03", "BB01", "BB02", "PA01")
UNBUNDLED = ("XD01", "XD02", "VC04")
HELPERS = ("XH01", "XH02")
ROOT_ERRORS = ("UZ01", "UZ03", "UZ06")
SUBCHAPTERS = ("AA", "BB", "PA")
GRADES = ("official", "label", "probed", "authored")
MULTIPLIERS = ("", "rehabilitation", "palliative")
VALUE_LISTS = {"src": "ADMISORC", "dest": "DISDEST", "meth": "DISMETH", "neo": "NEOCARE", "spec": "TRETSPEF"}
ACCEPTED = {
    "ADMISORC": ("19", "51"),
    "DISDEST": ("19", "98"),
    "DISMETH": ("1", "8"),
    "NEOCARE": ("0", "1"),
    "TRETSPEF": ("100", "191"),
    "SEX": ("1", "2", "9"),
    "CLASSPAT": ("1", "2"),
    "ADMIMETH": ("11", "21"),
    "MAINSPEF": ("100", "300"),
}
# What only the stage `unbundled` asks for.
UNBUNDLED_LISTS = {"sex": "SEX", "class": "CLASSPAT", "admitted": "ADMIMETH", "main": "MAINSPEF"}
DAYS = ("EPIDUR", "SPCDAYS", "REHABILITATIONDAYS", "CRITICALCAREDAYS", "EPIORDER")
ROLES = ("drives",) * 5 + ("modifier", "site", "site", "intervention", "intervention", "unbundled", "vague", "barred", "ignored")
NOT_REQUIRED = ("SEX", "CLASSPAT", "ADMISORC", "ADMIMETH", "DISDEST", "DISMETH", "MAINSPEF", "TRETSPEF")

Rows = list[tuple[str, ...]]


def write_random_design(folder: Path, random: Random) -> Path:
    """Splits may leave gaps or overlap, and rules may lead anywhere: a design that lint refuses still has one right answer."""
    tables = {
        "icd10": _table("code", [(code,) for code in ICD10]),
        "opcs4": _table("code", [(code,) for code in OPCS4]),
        "hrg": _table("hrg,label,kind,grade", [(name, "label", "core", "label") for name in _hrgs()]
                      + [(f"{root}Z", "label", "helper", "label") for root in HELPERS]),
        "diagnosis": _table("codes,root,child_root,rank,grade,child_grade", [_diagnosis(random, code) for code in ICD10]),
        "procedure": _table("codes,role,rank,root,grade", [_procedure(random, code) for code in OPCS4 if random.random() < 0.9]),
        "dominance": _table("stay,min_rank,grade", _dominance(random)),
        "list": _table("list,kind,codes,grade", _lists(random)),
        "score": _table("score,codes,kind,points,grade", _scores(random)),
        "cc": _table("codes,subchapters,points,grade", _cc(random)),
        "cc_exclusion": _table("primary,secondary,grade", [
            (_codes(random, ICD10), _codes(random, ICD10), random.choice(GRADES)) for _ in range(random.randint(0, 2))
        ]),
        "cc_family": _table("family,level,codes,grade", _families(random)),
        "field": _field(random),
        "message": TABLES["message"],
    }  # fmt: skip
    tables["programme"] = _table("codes,category,grade", [
        (code, random.choice(("01A", "01B", "23X")), _grade(random)) for code in ICD10 if random.random() < 0.7
    ])  # fmt: skip
    tables["unbundled"] = _table("codes,root,multiplier,grade", _unbundled(random, tables["procedure"]))
    tables["split"] = _table("root,hrg,age,stay,interventions,cc,when,grade", _splits(random))
    tables["rule"] = _table("stage,from,when,to,method,grade", [_rule(random) for _ in range(random.randint(0, 14))])
    return write_design(folder, tables, _manifest(random))


def _manifest(random: Random) -> str:
    refused = random.choice(("[98, 99]", "[98, 99]", "[2]", "[]"))
    text = MANIFEST.replace("[98, 99]", refused).replace("age_rise = 1", f"age_rise = {random.randint(0, 2)}")
    return text.replace("child_age_max = 18", f"child_age_max = {random.choice((5, 18))}")


def _table(header: str, rows: Rows) -> str:
    return "\n".join([header, *(",".join(row) for row in rows)])


def _hrgs() -> list[str]:
    return ["UZ01Z", *(root + letter for root in (*ROOTS, *UNBUNDLED) for letter in "ABCD")]


def _codes(random: Random, codes: tuple[str, ...], most: int = 5) -> str:
    """A cell of terms: codes, now and then a category."""
    chosen = random.sample(codes, random.randint(1, most))
    if random.random() < 0.2:
        chosen[0] = chosen[0][:3]
    return " ".join(chosen)


def _grade(random: Random) -> str:
    return random.choice(GRADES)


def _diagnosis(random: Random, code: str) -> tuple[str, ...]:
    root = random.choice(ROOTS * 4 + ROOT_ERRORS)
    child = random.choice(ROOTS * 2 + ROOT_ERRORS) if random.random() < 0.4 else ""
    return code, root, child, str(random.randint(0, 3)), _grade(random), _grade(random) if child else ""


def _procedure(random: Random, code: str) -> tuple[str, ...]:
    role = random.choice(ROLES)
    rank = str(random.randint(1, 4)) if role in ("drives", "vague") else ""
    return code, role, rank, random.choice(ROOTS) if role == "drives" else "", _grade(random)


def _dominance(random: Random) -> Rows:
    cuts = sorted(random.sample((1, 2, 3, 10), random.randint(0, 2)))
    starts = [0, *cuts]
    bands = [f"{low}-{high - 1}" if high - 1 > low else f"{low}" for low, high in zip(starts, cuts, strict=False)] + [
        f"{starts[-1]}+"
    ]
    return [(band, str(random.randint(1, 4)), _grade(random)) for band in bands]


def _lists(random: Random) -> Rows:
    rows = [(name, "diagnosis", _codes(random, ICD10), _grade(random)) for name in ("d1", "d2", "d2")]
    rows += [(name, "procedure", _codes(random, OPCS4), _grade(random)) for name in ("p1", "p2")]
    return rows + [
        (name, field, random.choice(ACCEPTED[field]), _grade(random)) for name, field in (VALUE_LISTS | UNBUNDLED_LISTS).items()
    ]


def _scores(random: Random) -> Rows:
    rows = []
    for name, kind, codes in (("s1", "diagnosis", ICD10), ("s2", "procedure", OPCS4)):
        chosen = random.sample(codes, 4)
        rows += [(name, " ".join(part), kind, str(random.randint(0, 3)), _grade(random)) for part in (chosen[:2], chosen[2:])]
    return rows


def _cc(random: Random) -> Rows:
    """Points by code and subchapter; the rows of one code differ in points and grade."""
    rows = []
    for code in ICD10:
        if random.random() < 0.3:
            rows.append((code, " ".join(SUBCHAPTERS[: random.randint(1, 3)]), str(random.randint(0, 3)), _grade(random)))
        else:
            rows += [(code, name, str(random.randint(0, 4)), _grade(random)) for name in SUBCHAPTERS if random.random() < 0.5]
    return rows


def _families(random: Random) -> Rows:
    codes = random.sample(ICD10, 9)
    rows = []
    for name, own in (("f1", codes[:5]), ("f2", codes[5:])):
        cut = random.randint(0, len(own))
        rows += [(name, "general", code, _grade(random)) for code in own[:cut]]
        rows += [(name, "specific", code, _grade(random)) for code in own[cut:]]
    return rows[: random.choice((0, 9, 9))]


def _unbundled(random: Random, procedures: str) -> Rows:
    """Not for modifiers and barred codes: whether those would still be UZ05 the specification leaves open."""
    free = [code for code in OPCS4 if not any(f"{code},{role}" in procedures for role in ("modifier", "site", "barred"))]
    chosen = random.sample(free, min(len(free), random.randint(0, 3)))
    roots = (*UNBUNDLED * 3, *HELPERS * 2, random.choice(ROOT_ERRORS))
    return [(code, random.choice(roots), random.choice(MULTIPLIERS), _grade(random)) for code in chosen]


def _band(random: Random, cuts: tuple[int, ...]) -> str:
    low = random.choice((0, *cuts))
    kind = random.random()
    if kind < 0.5:
        return f"{low}+"
    return f"{low}-{low + random.randint(0, 20)}" if kind < 0.85 else f"{low}"


def _splits(random: Random) -> Rows:
    rows = []
    for root in ROOTS:
        for letter in "ABCD"[: random.randint(1, 4)]:
            bands = [
                _band(random, cuts) if random.random() < 0.25 else ""
                for cuts in ((1, 6, 19, 70), (1, 2, 10), (1, 2), (1, 2, 4))
            ]  # fmt: skip
            rows.append(
                (root, root + letter, *bands, _condition(random, "split") if random.random() < 0.3 else "", _grade(random))
            )
        rows += [(root, root + "D", "", "", "", "", "", _grade(random))] * (random.random() < 0.9)
    return rows + [row for root in UNBUNDLED for row in _splits_of_unbundled(random, root)]


def _splits_of_unbundled(random: Random, root: str) -> Rows:
    """By age and stay; neither interventions nor a CC score are known when these are read."""
    rows: Rows = []
    for letter in "ABCD"[: random.randint(1, 4)]:
        age, stay = (_band(random, cuts) if random.random() < 0.3 else "" for cuts in ((1, 6, 19, 70), (1, 2, 10)))
        when = _condition(random, "unbundled split") if random.random() < 0.4 else ""
        rows.append((root, root + letter, age, stay, "", "", when, _grade(random)))
    return rows


def _condition(random: Random, stage: str) -> str:
    clauses = [
        " and ".join(_test(random, stage) for _ in range(random.choice((1, 1, 2, 3))))
        for _ in range(random.choice((1, 1, 1, 2, 3)))
    ]
    return " or ".join(clauses)


def _test(random: Random, stage: str) -> str:
    atoms = [
        "age " + _band(random, (1, 19, 40, 999)), "stay " + _band(random, (1, 2, 10)),
        "score s1 " + _band(random, (1, 2, 5)), "score s2 " + _band(random, (1, 2, 5)),
        "count p1 " + _band(random, (1, 2)), "count p2 " + _band(random, (1, 2)),
        *(f"{word} in {name}" for word in ("primary", "secondary", "diagnosis") for name in ("d1", "d2")),
        *(f"{word} in {name}" for word in ("procedure", "unbundled") for name in ("p1", "p2")),
        "diagnosis d1 before d2", "diagnosis d2 before d1", *(f"{field} in {name}" for name, field in VALUE_LISTS.items()),
    ]  # fmt: skip
    if stage.startswith("unbundled"):
        atoms += 2 * [f"with {name} {_band(random, (1, 2))}" for name in ("p1", "p2")]
    if stage == "unbundled":
        atoms += [f"{name} {_band(random, (1, 2, 3, 10))}" for name in DAYS]
        atoms += [f"{field} in {name}" for name, field in UNBUNDLED_LISTS.items()]
    elif stage in ("procedure", "diagnosis", "split"):
        atoms += ["interventions " + _band(random, (1, 2)), "dominant in p1", "dominant in p2", "site in p1", "site in p2"]
    return random.choice(("", "", "", "not ")) + random.choice(atoms)


def _rule(random: Random) -> tuple[str, ...]:
    stage = random.choice(("check", "route", *("procedure", "diagnosis", "unbundled") * 3))
    if stage in ("check", "route"):
        # Narrow, so that not every record ends here.
        when = f"{_condition(random, stage).split(' or ')[0]} and {random.choice(('age 19+', 'stay 1-2', 'primary in d1'))}"
        return (
            stage,
            "",
            when,
            "UZ15" if stage == "check" else random.choice(ROOTS),
            "" if stage == "check" else random.choice("BGM"),
            _grade(random),
        )
    if stage == "unbundled":
        return _unbundled_rule(random)
    sources = " ".join(random.sample(ROOTS, random.randint(1, 4)))
    if random.random() < 0.2:
        return "route", sources, _condition(random, "route"), random.choice(ROOTS), "", _grade(random)
    return stage, sources, _condition(random, stage) if random.random() < 0.85 else "", random.choice(ROOTS), "", _grade(random)


def _unbundled_rule(random: Random) -> tuple[str, ...]:
    """Of the record as a whole, or with a root to change."""
    roots = (*UNBUNDLED, *HELPERS)
    whole = random.random() < 0.35
    sources = "" if whole else " ".join(random.sample(roots, random.randint(1, 4)))
    when = _condition(random, "unbundled") if random.random() < 0.9 else ""
    return "unbundled", sources, when, random.choice(roots), random.choice(MULTIPLIERS) if whole else "", _grade(random)


def _field(random: Random) -> str:
    text = TABLES["field"]
    for name in NOT_REQUIRED:
        if random.random() < 0.08:
            text = text.replace(f"APC,{name},yes", f"APC,{name},no")
    return text
