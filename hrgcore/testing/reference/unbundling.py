"""Step 1 of section 5 of docs/grouping-logic.md: the unbundled HRGs of an episode or an attendance."""

from dataclasses import replace

from .conditions import Facts
from .derivation import MULTIPLIERS, Derivation
from .records import Record, known_fields, known_numbers


def unbundle(derivation: Derivation, record: Record, facts: Facts) -> list[str]:
    """What is put out: for the record as a whole, then for each mention of an unbundled code (A10).

    An error category of a code fails the record.
    """
    design = derivation.design
    facts = replace(facts, interventions=0, fields=known_fields(record, design), numbers=known_numbers(record, design))
    texts = []
    rule = derivation.first_rule("unbundled", facts)
    if rule is not None:
        root = derivation.changed("unbundled", rule.target, facts, [])
        texts += _put_out(derivation, root, rule.method, facts)
    for place, (name, code) in enumerate(record.procedures):
        row = design.unbundled.get(code)
        if row is None:
            continue
        asked = replace(facts, attributes=_attributes(derivation, record, place))
        root = derivation.changed("unbundled", row["root"], asked, [])
        if root in design.error_categories:
            record.fail((name, code, design.message(root)))
            texts.append(design.settings["invalid_hrg"])
        else:
            texts += _put_out(derivation, root, row["multiplier"], asked)
    return texts


def _put_out(derivation: Derivation, root: str, multiplier: str, facts: Facts) -> list[str]:
    """The HRG of the root, multiplied by days; nothing if no split fits: a helper, or an age that is not valid."""
    row = derivation.fitting(root, facts, 0)
    if row is None:
        return []
    # A blank or invalid number of days is 0 (A3).
    days = facts.numbers.get(MULTIPLIERS[multiplier], 0) if multiplier else 0
    return [f"{row['hrg']}*{days}" if days >= 1 else row["hrg"]]


def _attributes(derivation: Derivation, record: Record, place: int) -> tuple[str, ...]:
    """The codes after this place, up to the next that is neither modifier nor site."""
    found = []
    for _, code in record.procedures[place + 1 :]:
        if derivation.role_of(code) not in ("modifier", "site"):
            break
        found.append(code)
    return tuple(found)
