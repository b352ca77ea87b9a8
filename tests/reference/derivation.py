"""Sections 4, 5 and 8 of docs/grouping-logic.md: from facts to an HRG."""

from dataclasses import dataclass, replace

from .comorbidity import cc_score
from .conditions import FIELDS, Condition, Facts, holds, parse
from .records import Fault, Record, diagnosis_root
from .tables import Design, Row, in_bands, parse_bands, weakest


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
    sources: list[str]
    condition: Condition
    target: str
    method: str
    grade: str


class Derivation:
    def __init__(self, design: Design) -> None:
        self.design = design
        self.rules: dict[str, list[Rule]] = {
            stage: self._read_rules(stage) for stage in ("check", "route", "procedure", "diagnosis")
        }
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
                rules.append(rule)
        return rules

    # Section 5, steps 1 to 7, for one episode or for a whole spell ------------------

    def _remaining(self, records: list[Record]) -> list[Mention]:
        """Step 1: the procedures that were not unbundled."""
        remaining = []
        for episode, record in enumerate(records):
            for name, code in record.procedures:
                if self._is_unbundled(code):
                    continue
                remaining.append(Mention(episode, name, code))
        return remaining

    def _is_unbundled(self, code: str) -> bool:
        return code in self.design.unbundled or self._role(code) == "unbundled"

    def _site(self, record: Record, dominant: Mention) -> str:
        """The first code of role site that follows, with no unbundled code between."""
        names = [name for name, _ in record.procedures]
        for _, code in record.procedures[names.index(dominant.field) + 1 :]:
            if self._is_unbundled(code):
                return ""
            if self._role(code) == "site":
                return code
        return ""

    def unbundle(self, record: Record) -> list[str]:
        """Step 1: the HRGs put out, once for each mention (A10)."""
        days_fields = {"rehabilitation": "REHABILITATIONDAYS", "palliative": "SPCDAYS"}
        texts = []
        for _, code in record.procedures:
            row = self.design.unbundled.get(code)
            if row is None:
                continue
            days = 0
            if row["multiplier"]:
                days = record.days(days_fields[row["multiplier"]])
            texts.append(f"{row['hrg']}*{days}" if days >= 1 else row["hrg"])
        return texts

    def _role(self, code: str) -> str:
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
            procedures=tuple(mention.code for mention in self._remaining(records)),
            unbundled=tuple(code for record in records for _, code in record.procedures if self._is_unbundled(code)),
            fields={name: owners[name].values.get(name, "") for name in FIELDS},
        )

    def derive(self, records: list[Record], leading: int, at_spell: bool) -> Result:
        design = self.design
        facts = self.facts(records, leading)
        remaining = self._remaining(records)

        # Step 2: route.
        for rule in self.rules["route"]:
            if not rule.sources and holds(rule.condition, facts, design):
                grades = [rule.grade]
                root = self._change("route", rule.target, facts, grades)
                counted = 0 if rule.method == "P" else self._interventions(remaining)
                return self._split(leading, root, rule.method, replace(facts, interventions=counted), grades)

        # Step 3: procedure.
        weighed = [m for m in remaining if self._role(m.code) in ("drives", "vague")]
        grades = []
        dominant = None
        if weighed:
            min_rank, grade = self._min_rank(facts.stay)
            grades.append(grade)
            for mention in weighed:
                rank = self._rank(mention)
                if rank < min_rank:
                    continue
                if dominant is None or rank > self._rank(dominant):  # A11
                    dominant = mention
        if dominant is not None:
            leading = dominant.episode  # A19
            if self._role(dominant.code) == "vague":
                category = design.settings["vague_procedure"]
                return self.failed(leading, self._fault(dominant, category))
            row = design.procedure[dominant.code]
            grades.append(row["grade"])
            facts = replace(
                self.facts(records, leading),
                dominant=dominant.code,
                site=self._site(records[leading], dominant),
                interventions=0,
            )
            root = self._change("procedure", row["root"], facts, grades)
            return self._split(leading, root, "P", facts, grades)
        procedures = records[0].procedures
        if not at_spell and procedures:
            roles = {self._role(code) for _, code in procedures}
            if roles <= {"modifier", "site", "barred"}:  # A12
                category = design.settings["no_procedure"]
                first = Mention(0, *procedures[0])
                return self.failed(leading, self._fault(first, category))

        # Step 4: diagnosis.
        facts = replace(facts, interventions=self._interventions(remaining))
        root, grade = diagnosis_root(facts.primary, facts.age, design)
        if root in design.error_categories:  # section 4; can only happen at spell level
            fault = ("DIAG_01", facts.primary, design.message(root))
            return self.failed(leading, fault)
        grades.append(grade)
        root = self._change("diagnosis", root, facts, grades)
        return self._split(leading, root, "D", facts, grades)

    def _rank(self, mention: Mention) -> int:
        return int(self.design.procedure[mention.code]["rank"] or 0)

    def _min_rank(self, stay: int | None) -> tuple[int, str]:
        for row in self.design.rows["dominance"]:
            if in_bands(stay, parse_bands(row["stay"])):
                return int(row["min_rank"]), row["grade"]
        return 0, ""  # a stay without a row asks for no rank

    def _fault(self, mention: Mention, category: str) -> Fault:
        return (mention.field, mention.code, self.design.message(category))

    def failed(self, leading: int, fault: Fault | None) -> Result:
        invalid = self.design.settings["invalid_hrg"]
        return Result(leading, invalid, "U", failed=True, fault=fault)

    def _interventions(self, remaining: list[Mention]) -> int:
        """Step 5 (A13): distinct codes."""
        roles = ("drives", "intervention")
        return len({m.code for m in remaining if self._role(m.code) in roles})

    def _change(self, stage: str, root: str, facts: Facts, grades: list[str]) -> str:
        """Apply the rules of a stage in order; reading goes on with the new root."""
        for rule in self.rules[stage]:
            if root not in rule.sources:
                continue
            if holds(rule.condition, facts, self.design) and rule.target != root:
                root = rule.target
                grades.append(rule.grade)
        return root

    def _split(self, leading: int, root: str, method: str, facts: Facts, grades: list[str]) -> Result:
        """Steps 6 and 7; grades as in section 8."""
        score, score_grades = cc_score(root, facts, self.design)
        for row, condition in self.splits.get(root, []):
            fits = (
                in_bands(facts.age, parse_bands(row["age"]))
                and in_bands(facts.stay, parse_bands(row["stay"]))
                and in_bands(facts.interventions, parse_bands(row["interventions"]))
                and in_bands(score, parse_bands(row["cc"]))
                and holds(condition, facts, self.design)
            )
            if fits:
                return Result(
                    leading,
                    row["hrg"],
                    method,
                    facts.dominant,
                    score,
                    facts.interventions or 0,
                    weakest([*grades, row["grade"], *score_grades]),
                )
        fault = ("DIAG_01", facts.primary, self.design.message("no_split"))
        return self.failed(leading, fault)
