"""The engine and the reference grouper side by side: both answers in one form, ready to be compared."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hrgcore import Episode, Grouper
from reference.grouper import EpisodeAnswer, ReferenceGrouper, SpellAnswer

from .strategies import COLUMNS, DAYS, DIAGNOSES, PROCEDURES
from .strategies import Episode as Cells

Answer = dict[str, Any]
ATTRIBUTES = {
    "SEX": "sex", "CLASSPAT": "patient_classification", "ADMISORC": "admission_source", "ADMIMETH": "admission_method",
    "DISDEST": "discharge_destination", "DISMETH": "discharge_method", "MAINSPEF": "main_specialty", "NEOCARE": "neonatal_care",
    "TRETSPEF": "treatment_function",
}  # fmt: skip
NUMBERS = {
    "EPIORDER": "number", "STARTAGE": "age", "EPIDUR": "duration", "CRITICALCAREDAYS": "critical_care_days",
    "REHABILITATIONDAYS": "rehabilitation_days", "SPCDAYS": "palliative_care_days",
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One design, loaded by both."""

    engine: Grouper
    reference: ReferenceGrouper


# The path of files -----------------------------------------------------------------------


def write_csv(path: Path, rows: list[Cells]) -> Path:
    lines = [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return path


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of an output; what stands after the last column of the header belongs to it."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    names = header.split(",")
    found = []
    for line in lines:
        cells = line.split(",")
        cells[len(names) - 1 :] = [",".join(cells[len(names) - 1 :])]
        found.append(dict(zip(names, cells, strict=True)))
    return found


def spells_of(rows: list[Cells]) -> list[list[Cells]]:
    """The rows by spell, in the order of the output."""
    found: dict[tuple[bytes, bytes], list[Cells]] = {}
    for row in rows:
        key = (row["PROCODET"].strip(" \t").encode(), row["PROVSPNO"].strip(" \t").encode())
        found.setdefault(key, []).append(row)
    return [found[key] for key in sorted(found)]


def expected_files(reference: ReferenceGrouper, rows: list[Cells]) -> dict[str, list[tuple[str, ...]]]:
    """What the outputs must hold, by suffix, in the columns that `engine_files` reads."""
    files: dict[str, list[tuple[str, ...]]] = {"_FCE": [], "_spell": [], "_quality_rel": [], "_ub_rel": []}
    for spell in spells_of(rows):
        answer = reference.group(spell)
        first = len(files["_FCE"]) + 1
        files["_spell"].append((str(first), *(spell[answer.episodes[0].source_index][k].strip(" \t") for k in ("PROCODET", "PROVSPNO")),
                                *_spell_cells(answer), ",".join(answer.unbundled)))  # fmt: skip
        for number, part in enumerate(answer.episodes, first):
            echo = spell[part.source_index]
            files["_FCE"].append((*(echo[name] for name in COLUMNS), str(number), part.hrg, part.method, part.dominant_procedure,
                                  part.calc_epidur, str(part.report_flag), *_spell_cells(answer), ",".join(part.unbundled)))  # fmt: skip
            files["_quality_rel"] += [(str(number), str(n), *fault) for n, fault in enumerate(part.faults, 1)]
            files["_ub_rel"] += [(str(number), str(n), text) for n, text in enumerate(part.unbundled, 1)]
    return files


def _spell_cells(answer: SpellAnswer) -> tuple[str, ...]:
    return (
        answer.hrg, answer.method, answer.dominant_procedure, answer.primary_diagnosis, answer.secondary_diagnosis,
        str(answer.episode_count), str(answer.stay), str(answer.critical_care_days),
    )  # fmt: skip


SPELL_COLUMNS = (
    "SpellHRG", "SpellGroupingMethodFlag", "SpellDominantProcedure", "SpellPDiag", "SpellSDiag", "SpellEpisodeCount", "SpellLOS",
    "SpellCCDays",
)  # fmt: skip
FILE_COLUMNS = {
    "_FCE": (*COLUMNS, "RowNo", "FCE_HRG", "GroupingMethodFlag", "DominantProcedure", "CalcEpidur", "SpellReportFlag", *SPELL_COLUMNS,
             "UnbundledHRGs"),
    "_spell": ("RowNo", "PROCODET", "PROVSPNO", *SPELL_COLUMNS, "UnbundledHRGs"),
    "_quality_rel": ("RowNo", "Iteration", "Code Type", "Code", "Error Message"),
    "_ub_rel": ("RowNo", "Iteration", "UnbundledHRGs"),
}  # fmt: skip


def engine_files(engine: Grouper, folder: Path, rows: list[Cells]) -> dict[str, list[tuple[str, ...]]]:
    engine.group_file(write_csv(folder / "in.csv", rows), folder / "out.csv")
    return {
        suffix: [tuple(row[name] for name in names) for row in read_table(folder / f"out{suffix}.csv")]
        for suffix, names in FILE_COLUMNS.items()
    }


# The path of records -----------------------------------------------------------------------


def as_record(cells: Cells, left_out: frozenset[str] = frozenset()) -> Episode | None:
    """The episode as a record, without the fields left out; None where a number is not one."""
    numbers = {name: _as_number(cells[field]) for field, name in NUMBERS.items() if field not in left_out}
    if -2 in numbers.values() or ("EPIORDER" not in left_out and numbers["number"] is None):
        return None
    return Episode(
        diagnoses=_as_list(cells, DIAGNOSES), procedures=_as_list(cells, PROCEDURES), **numbers,
        **{name: cells[field] for field, name in ATTRIBUTES.items() if field not in left_out},
    )  # fmt: skip


def _as_number(text: str) -> int | None:
    text = text.strip(" \t")
    if not text:
        return None
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else -2


def _as_list(cells: Cells, names: tuple[str, ...]) -> list[str]:
    found = [cells[name] for name in names]
    while found and not found[-1]:
        found.pop()
    return found


def expected_of_records(pair: Pair, spell: list[Cells], left_out: frozenset[str] = frozenset()) -> Answer:
    """The reference's answer to records: a field that was left out has its default, an episode number its place."""
    given = []
    for place, cells in enumerate(spell, 1):
        row = {**cells, **{name: defaults(pair)[name] for name in left_out}}
        for name in NUMBERS:
            row[name] = row[name].strip(" \t").lstrip("0") or row[name].strip(" \t")[-1:]
        if "EPIORDER" in left_out:
            row["EPIORDER"] = str(place)
        given.append(row)
    return _of_reference(pair.reference.group(given))


def defaults(pair: Pair) -> Cells:
    return {row["field"]: row["default"] for row in pair.reference.design.rows["field"]}


def _of_reference(answer: SpellAnswer) -> Answer:
    found = asdict(answer)
    found.pop("episode_count")
    found["episodes"] = [_of_reference_episode(part) for part in answer.episodes]
    return found


def _of_reference_episode(part: EpisodeAnswer) -> Answer:
    return {**asdict(part), "report_flag": bool(part.report_flag)}


def answer_to_records(engine: Grouper, records: list[Episode]) -> Answer:
    result = engine.group_spell(records)
    messages = result.messages
    episodes = [
        {
            "source_index": part.index, "hrg": part.hrg, "method": part.method, "dominant_procedure": part.dominant_procedure,
            "calc_epidur": "" if part.stay is None else str(part.stay), "report_flag": part.report_flag, "cc_score": part.cc_score,
            "interventions": part.interventions, "unbundled": list(part.unbundled), "grade": part.provenance,
            "faults": [(m.field, m.code, m.text) for m in messages if m.row == row],
        }
        for row, part in enumerate(result.episodes)
    ]  # fmt: skip
    return {
        "episodes": episodes, "hrg": result.hrg, "method": result.method, "dominant_procedure": result.dominant_procedure,
        "primary_diagnosis": result.primary_diagnosis, "secondary_diagnosis": result.secondary_diagnosis, "stay": result.stay,
        "critical_care_days": result.critical_care_days, "unbundled": list(result.unbundled), "cc_score": result.cc_score,
        "interventions": result.interventions, "grade": result.provenance,
    }  # fmt: skip


__all__ = ["COLUMNS", "DAYS", "Pair", "answer_to_records", "as_record", "engine_files", "expected_files", "expected_of_records"]
