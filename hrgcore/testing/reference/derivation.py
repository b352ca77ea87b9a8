"""Sections 4, 5 and 8 of docs/grouping-logic.md: from facts to an HRG."""

from dataclasses import dataclass, replace

from .comorbidity import cc_score
from .conditions import FIELDS, WORDS, Condition, Facts, holds, parse
from .records import Fault, Record, diagnosis_root
from .tables import Design, DesignError, Row, in_bands, parse_bands, weakest

# What multiplies an unbundled HRG, and the field of its days.
MULTIPLIERS = {"rehabilitation": "REHABILITATIONDAYS", "palliative": "SPCDAYS"}


@dataclass(frozen=True)
class Mention:
    """One procedure of one episode of the case (episodes in sorted order)."""

    episode: int
    field: str
    code: str


@dataclass(frozen=True)
class Result:
    """What steps 2 to 7 of section 5 gave: an HRG, or a fault on an episode."""

    leading: int
    hrg: str = ""
    method: str = ""
    dominant: str = ""
    cc_score: int = 0
    interventions: int = 0
    grade: str = ""
    failed: bool = False
    fault: Fault | None = None


@dataclass(frozen=True)
class Rule:
    """A row of table `rule`, its condition parsed."""

    sources: list[str]
    condition: Condition
    target: str
    method: str
    grade: str


class Derivation:
    """The way from the facts of a record to its HRG."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.rules: dict[str, list[Rule]] = {stage: self._read_rules(stage) for stage in WORDS if stage != "split"}
        # root -> rows with their condition; those with a condition are read first.
        self.splits: dict[str, list[tuple[Row, Condition]]] = {}
        for with_condition in (True, False):
            for row in self.design.rows["split"]:
                condition = parse(row["when"], "split", self.design)
                if bool(condition) == with_condition:
                    rows = self.splits.setdefault(row["root"], [])
                    rows.append((row, condition))

    def _read_rules(self, stage: str) -> list[Rule]:
        rules = []
        for row in self.design.rows["rule"]:
            if row["stage"] == stage:
                condition = parse(row["when"], stage, self.design)
                sources = row["from"].split()
                grade = row["grade"]
                rule = Rule(sources, condition, row["to"], row["method"], grade)
                if stage == "unbundled":
                    self._check_unbundled(rule)
                rules.append(rule)
        return rules

    def _check_unbundled(self, rule: Rule) -> None:
        if rule.target in self.design.error_categories:
            raise DesignError(f"a rule of unbundled may not lead to {rule.target}")
        if not rule.sources and rule.method not in ("", *MULTIPLIERS):
            raise DesignError(f"{rule.method} is not a multiplier")

    # Section 5, steps 1 to 7, for one episode or for a whole spell ------------------

    def remaining(self, records: list[Record]) -> list[Mention]:
        """Step 1: the procedures that were not unbundled."""
        remaining = []
        for episode, record in enumerate(records):
            for name, code in record.procedures:
                if self.is_unbundled(code):
                    continue
                remaining.append(Mention(episode, name, code))
        return remaining

    def is_unbundled(self, code: str) -> bool:
        """Whether a procedure leaves core grouping."""
        return code in self.design.unbundled or self.role_of(code) == "unbundled"

    def _site(self, record: Record, dominant: Mention) -> str:
        """The first code of role site that follows, with no unbundled code between."""
        names = [name for name, _ in record.procedures]
        for _, code in record.procedures[names.index(dominant.field) + 1 :]:
            if self.is_unbundled(code):
                return ""
            if self.role_of(code) == "site":
                return code
        return ""

    def role_of(self, code: str) -> str:
        """The role of a procedure, empty for a code without a row."""
        row = self.design.procedure.get(code)
        return row["role"] if row else ""

    def facts(self, records: list[Record], leading: int) -> Facts:
        """Age and ADMISORC of the first episode (A17), discharge of the last,
        TRETSPEF and NEOCARE of the leading one; all codes."""
        first, last, lead = records[0], records[-1], records[leading]
        owners = dict.fromkeys(FIELDS, lead)
        owners.update(ADMISORC=first, DISDEST=last, DISMETH=last)
        secondaries: list[str] = []
        for position, record in enumerate(records):
            if position != leading:
                secondaries.append(record.primary)
            secondaries.extend(record.secondaries)
        stays = [record.stay for record in records if record.stay is not None]
        return Facts(
            age=first.number("STARTAGE"),
            stay=sum(stays) if len(stays) == len(records) else None,
            primary=lead.primary,
            secondaries=tuple(secondaries),
            procedures=tuple(mention.code for mention in self.remaining(records)),
            unbundled=tuple(code for record in records for _, code in record.procedures if self.is_unbundled(code)),
            fields={name: owners[name].values.get(name, "") for name in FIELDS},
        )

    def derive(self, records: list[Record], leading: int, at_spell: bool) -> Result:
        """The HRG of an episode, or of the pooled episodes of a spell."""
        facts = self.facts(records, leading)
        remaining = self.remaining(records)
        routed = self.routed(facts)
        if routed is not None:
            root, method, grades = routed
            counted = 0 if method == "P" else self._interventions(remaining)
            return self._split(leading, root, method, replace(facts, interventions=counted), grades)

        # Step 3: procedure.
        dominant, grades = self.dominant(remaining, facts.stay)
        if dominant is not None:
            leading = dominant.episode  # A19
            if self.is_vague(dominant):
                return self.failed(leading, self.vague_fault(dominant))
            facts = self.with_dominant(dominant, self.facts(records, leading), records[leading])
            root = self.procedure_root(facts, grades)
            return self._split(leading, root, "P", facts, grades)
        if not at_spell and self.has_no_procedure(records[0]):
            return self.failed(leading, self.no_procedure_fault(records[0]))

        # Step 4: diagnosis.
        facts = replace(facts, interventions=self._interventions(remaining))
        root, grade = diagnosis_root(facts.primary, facts.age, self.design)
        if root in self.design.error_categories:  # section 4; can only happen at spell level
            fault = ("DIAG_01", facts.primary, self.design.message(root))
            return self.failed(leading, fault)
        grades.append(grade)
        root = self.changed("diagnosis", root, facts, grades)
        return self._split(leading, root, "D", facts, grades)

    # Steps 2 and 3, which outpatients share ------------------------------------------

    def routed(self, facts: Facts) -> tuple[str, str, list[str]] | None:
        """Step 2: (root, method, grades)."""
        rule = self.first_rule("route", facts)
        if rule is None:
            return None
        grades = [rule.grade]
        return self.changed("route", rule.target, facts, grades), rule.method, grades

    def first_rule(self, stage: str, facts: Facts) -> Rule | None:
        """The first rule without a `from` that holds."""
        for rule in self.rules[stage]:
            if not rule.sources and holds(rule.condition, facts, self.design):
                return rule
        return None

    def dominant(self, remaining: list[Mention], stay: int | None) -> tuple[Mention | None, list[str]]:
        """(the procedure that drives or is too vague to, grades)."""
        weighed = [mention for mention in remaining if self.role_of(mention.code) in ("drives", "vague")]
        if not weighed:
            return None, []
        min_rank, grade = self._min_rank(stay)
        best = None
        for mention in weighed:
            rank = self._rank(mention)
            if rank < min_rank:
                continue
            if best is None or rank > self._rank(best):  # A11
                best = mention
        return best, [grade]

    def is_vague(self, mention: Mention) -> bool:
        """Whether a dominant procedure is too unspecific to lead."""
        return self.role_of(mention.code) == "vague"

    def has_no_procedure(self, record: Record) -> bool:
        """A12: there are valid procedures, but none that can stand alone."""
        roles = {self.role_of(code) for _, code in record.procedures}
        return bool(roles) and roles <= {"modifier", "site", "barred"}

    def with_dominant(self, dominant: Mention, facts: Facts, record: Record) -> Facts:
        """The facts, with the dominant procedure and its site."""
        return replace(facts, dominant=dominant.code, site=self._site(record, dominant), interventions=0)

    def procedure_root(self, facts: Facts, grades: list[str]) -> str:
        """The root of the dominant procedure, changed by rules."""
        row = self.design.procedure[facts.dominant]
        grades.append(row["grade"])
        return self.changed("procedure", row["root"], facts, grades)

    def vague_fault(self, dominant: Mention) -> Fault:
        """The fault of a record whose dominant procedure is too unspecific."""
        return (dominant.field, dominant.code, self.design.message(self.design.settings["vague_procedure"]))

    def no_procedure_fault(self, record: Record) -> Fault:
        """The fault of a record none of whose procedures can stand alone."""
        return (*record.procedures[0], self.design.message(self.design.settings["no_procedure"]))

    # Parts of the steps --------------------------------------------------------------

    def _rank(self, mention: Mention) -> int:
        return int(self.design.procedure[mention.code]["rank"] or 0)

    def _min_rank(self, stay: int | None) -> tuple[int, str]:
        for row in self.design.rows["dominance"]:
            if in_bands(stay, parse_bands(row["stay"])):
                return int(row["min_rank"]), row["grade"]
        return 0, ""  # a stay without a row asks for no rank

    def failed(self, leading: int, fault: Fault | None) -> Result:
        """The result of a record that fails."""
        invalid = self.design.settings["invalid_hrg"]
        return Result(leading, invalid, "U", failed=True, fault=fault)

    def _interventions(self, remaining: list[Mention]) -> int:
        """Step 5 (A13): distinct codes."""
        roles = ("drives", "intervention")
        return len({m.code for m in remaining if self.role_of(m.code) in roles})

    def changed(self, stage: str, root: str, facts: Facts, grades: list[str]) -> str:
        """Apply the rules of a stage in order; reading goes on with the new root."""
        for rule in self.rules[stage]:
            if root not in rule.sources:
                continue
            if holds(rule.condition, facts, self.design) and rule.target != root:
                root = rule.target
                grades.append(rule.grade)
        return root

    def fitting(self, root: str, facts: Facts, score: int) -> Row | None:
        """Step 7: the row of the root whose bands and condition hold."""
        for row, condition in self.splits.get(root, []):
            fits = (
                in_bands(facts.age, parse_bands(row["age"]))
                and in_bands(facts.stay, parse_bands(row["stay"]))
                and in_bands(facts.interventions, parse_bands(row["interventions"]))
                and in_bands(score, parse_bands(row["cc"]))
                and holds(condition, facts, self.design)
            )
            if fits:
                return row
        return None

    def _split(self, leading: int, root: str, method: str, facts: Facts, grades: list[str]) -> Result:
        """Steps 6 and 7; grades as in section 8."""
        score, score_grades = cc_score(root, facts, self.design)
        row = self.fitting(root, facts, score)
        if row is None:
            return self.failed(leading, ("DIAG_01", facts.primary, self.design.message("no_split")))
        grade = weakest([*grades, row["grade"], *score_grades])
        return Result(leading, row["hrg"], method, facts.dominant, score, facts.interventions or 0, grade)
