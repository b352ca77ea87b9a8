"""The reference grouper: spells and answers, docs/grouping-logic.md read literally."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .derivation import Derivation, Result
from .records import Fault, Record, check_spell, field_rows, in_layout_order, read_record, sort_records
from .tables import Design, Row
from .unbundling import unbundle


@dataclass(frozen=True)
class EpisodeAnswer:
    """What an episode comes to."""

    source_index: int
    hrg: str
    method: str
    dominant_procedure: str
    calc_epidur: str
    report_flag: int
    cc_score: int
    interventions: int
    unbundled: list[str]
    programme: str
    faults: list[Fault]
    grade: str


@dataclass(frozen=True)
class SpellAnswer:
    """What a spell comes to."""

    episodes: list[EpisodeAnswer]
    hrg: str
    method: str
    dominant_procedure: str
    primary_diagnosis: str
    secondary_diagnosis: str
    episode_count: int
    stay: int
    critical_care_days: int
    unbundled: list[str]
    cc_score: int
    interventions: int
    programme: str
    grade: str


class ReferenceGrouper:
    """Groups spells by the design of a folder."""

    def __init__(
        self,
        design_folder: str | Path,
        table_overrides: Mapping[str, list[Row]] | None = None,
        bases: Mapping[str, Path] | None = None,
    ) -> None:
        """An override stands for all rows of its table; `bases` gives the folders of base designs by name."""
        self.design = Design(Path(design_folder), table_overrides, bases)
        self.derivation = Derivation(self.design)
        self.layout = [row["field"] for row in field_rows(self.design)]

    # One spell ---------------------------------------------------------------------

    def group(self, episodes: list[dict[str, str]]) -> SpellAnswer:
        """Groups the episodes of one spell, each the text of its cells by official field name."""
        design = self.design
        records = sort_records([read_record(i, episode, design) for i, episode in enumerate(episodes)])
        check_spell(records, design)
        results = []
        unbundled = []
        for record in records:
            earlier = len(record.faults)
            self._check_rules(record)
            unbundled.append(unbundle(self.derivation, record, self.derivation.facts([record], 0)))
            results.append(self._group_episode(record))
            record.faults[earlier:] = in_layout_order(record.faults[earlier:], self.layout)
        spell = self._group_spell(records, results)

        answers = []
        for position, (record, result) in enumerate(zip(records, results, strict=True)):
            flag = int(not spell.failed and position == spell.leading)
            answers.append(self._episode_answer(record, result, flag, unbundled[position]))
        return self._spell_answer(records, answers, spell)

    def _check_rules(self, record: Record) -> None:
        """Stage `check` (section 2, A5): also read if another field has failed."""
        if not record.primary_root_usable:
            return
        rule = self.derivation.first_rule("check", self.derivation.facts([record], 0))
        if rule is not None:
            record.fail(("DIAG_01", record.primary, self.design.message(rule.target)))

    def _group_episode(self, record: Record) -> Result:
        if record.failed:
            return self.derivation.failed(0, None)
        result = self.derivation.derive([record], 0, at_spell=False)
        if result.fault is not None:
            record.fail(result.fault)
        return result

    def _group_spell(self, records: list[Record], results: list[Result]) -> Result:
        """Section 7."""
        if any(record.failed for record in records):
            return self.derivation.failed(0, None)
        if len(records) == 1:
            return results[0]
        leading = 0  # A18: the highest rank; between equals the earliest
        for position, record in enumerate(records):
            if self._diagnosis_rank(record) > self._diagnosis_rank(records[leading]):
                leading = position
        result = self.derivation.derive(records, leading, at_spell=True)
        if result.fault is not None:
            # The spell alone is invalid; the episode keeps its result.
            records[result.leading].faults.append(result.fault)
        return result

    def _diagnosis_rank(self, record: Record) -> int:
        row = self.design.diagnosis.get(record.primary)
        return int(row["rank"] or 0) if row else 0

    def _programme(self, primary: str) -> str:
        """A26: blank for a code without a row."""
        row = self.design.programme.get(primary)
        return row["category"] if row else ""

    # Answers -------------------------------------------------------------------------

    def _episode_answer(self, record: Record, result: Result, flag: int, unbundled: list[str]) -> EpisodeAnswer:
        return EpisodeAnswer(
            source_index=record.source_index,
            hrg=result.hrg,
            method=result.method,
            dominant_procedure=result.dominant,
            calc_epidur="" if record.stay is None else str(record.stay),
            report_flag=flag,
            cc_score=result.cc_score,
            interventions=result.interventions,
            unbundled=unbundled,
            programme="" if result.failed else self._programme(record.primary),
            faults=record.faults,
            grade=result.grade,
        )

    def _spell_answer(self, records: list[Record], answers: list[EpisodeAnswer], spell: Result) -> SpellAnswer:
        primary = secondary = ""
        if not spell.failed:
            lead = records[spell.leading]
            primary = lead.primary
            secondary = lead.secondaries[0] if lead.secondaries else ""  # A20
        unbundled = []
        for answer in answers:
            unbundled.extend(answer.unbundled)
        return SpellAnswer(
            episodes=answers,
            hrg=spell.hrg,
            method=spell.method,
            dominant_procedure=spell.dominant,
            primary_diagnosis=primary,
            secondary_diagnosis=secondary,
            episode_count=len(records),
            stay=sum(record.stay or 0 for record in records),
            critical_care_days=sum(record.days("CRITICALCAREDAYS") for record in records),
            unbundled=unbundled,
            cc_score=spell.cc_score,
            interventions=spell.interventions,
            programme=self._programme(primary),
            grade=spell.grade,
        )
