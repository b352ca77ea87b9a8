"""Section 6 of docs/grouping-logic.md: the CC score."""

from .conditions import Facts
from .tables import Design


def cc_score(root: str, facts: Facts, design: Design) -> tuple[int, list[str]]:
    """(score, grades of the listed codes that were weighed); 0 if the root has no CC band."""
    for row in design.rows["split"]:
        if row["root"] == root and row["cc"]:
            return _score_in(root[:2], facts, design)
    return 0, []


def _score_in(subchapter: str, facts: Facts, design: Design) -> tuple[int, list[str]]:
    # A14: each secondary code once, without the primary diagnosis.
    points: dict[str, int] = {}
    grades: dict[str, str] = {}
    for code in facts.secondaries:
        if code == facts.primary or (subchapter, code) not in design.cc:
            continue
        if is_excluded(code, facts.primary, design):
            continue
        points[code], grades[code] = design.cc[subchapter, code]

    dropped: set[str] = set()
    for levels in design.families.values():
        dropped |= dropped_in_family(points, levels["general"], levels["specific"])

    total = sum(value for code, value in points.items() if code not in dropped)
    # Section 8: a code that a family displaces still lends its grade.
    return total, [grades[code] for code, value in points.items() if value > 0]


def is_excluded(code: str, primary: str, design: Design) -> bool:
    """A15: excluded by the primary diagnosis."""
    return any(primary in primaries and code in secondaries for primaries, secondaries in design.exclusions)


def dropped_in_family(points: dict[str, int], general: set[str], specific: set[str]) -> set[str]:
    """A16: the general codes of one family that do not count."""
    mentioned = [code for code in points if code in general]
    for code, value in points.items():
        if code in specific and value > 0:
            return set(mentioned)
    best = ""
    for code in mentioned:
        if not best or points[code] > points[best]:
            best = code
    return {code for code in mentioned if code != best}
