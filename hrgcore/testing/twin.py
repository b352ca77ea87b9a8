"""The engine and the reference grouper side by side: both answers in one form, compared, and shrunk where they differ."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hrgcore.grouper import Grouper
from hrgcore.records import Episode
from hrgcore.testing.reference.grouper import ReferenceGrouper, SpellAnswer
from hrgcore.testing.spells import COLUMNS, DIAGNOSES, PROCEDURES, Spell, smallest
from hrgcore.testing.spells import Episode as Cells

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
MAY_BE_LEFT_OUT = (*ATTRIBUTES, "EPIORDER", "CRITICALCAREDAYS", "REHABILITATIONDAYS", "SPCDAYS")

SPELL_COLUMNS = (
    "SpellHRG", "SpellGroupingMethodFlag", "SpellDominantProcedure", "SpellPDiag", "SpellSDiag", "SpellEpisodeCount", "SpellLOS",
    "SpellCCDays", "SpellPBC", "UnbundledHRGs",
)  # fmt: skip
FILE_COLUMNS = {
    "_FCE": (*COLUMNS, "RowNo", "FCE_HRG", "GroupingMethodFlag", "DominantProcedure", "FCE_PBC", "CalcEpidur", "SpellReportFlag",
             *SPELL_COLUMNS),
    "_spell": ("RowNo", "PROCODET", "PROVSPNO", *SPELL_COLUMNS),
    "_quality_rel": ("RowNo", "Iteration", "Code Type", "Code", "Error Message"),
    "_ub_rel": ("RowNo", "Iteration", "UnbundledHRGs"),
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One design, loaded by both."""

    engine: Grouper
    reference: ReferenceGrouper


# The path of files -----------------------------------------------------------------------


def write_csv(path: Path, rows: Spell) -> Path:
    """Writes the rows of spells as a file."""
    lines = [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return path


def read_table(path: Path) -> list[Cells]:
    """The rows of an output; what stands after the last column of the header belongs to it."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    names = header.split(",")
    return [dict(zip(names, line.split(",", len(names) - 1), strict=True)) for line in lines]


def spells_of(rows: Spell) -> list[Spell]:
    """The rows by spell, in the order of the output."""
    found: dict[tuple[bytes, bytes], Spell] = {}
    for row in rows:
        key = (row["PROCODET"].strip(" \t").encode(), row["PROVSPNO"].strip(" \t").encode())
        found.setdefault(key, []).append(row)
    return [found[key] for key in sorted(found)]


def expected_files(reference: ReferenceGrouper, rows: Spell) -> dict[str, Any]:
    """What the outputs must hold, by suffix, in the columns of FILE_COLUMNS; and the counts of the run."""
    files: dict[str, Any] = {suffix: [] for suffix in FILE_COLUMNS}
    failed_spells = 0
    for spell in spells_of(rows):
        answer = reference.group(spell)
        failed_spells += answer.method == "U"
        first = len(files["_FCE"]) + 1
        key = [spell[answer.episodes[0].source_index][name].strip(" \t") for name in ("PROCODET", "PROVSPNO")]
        files["_spell"].append((str(first), *key, *_spell_cells(answer, answer.unbundled)))
        for number, part in enumerate(answer.episodes, first):
            echo = [spell[part.source_index][name] for name in COLUMNS]
            own = (part.hrg, part.method, part.dominant_procedure, part.programme, part.calc_epidur, str(part.report_flag))
            files["_FCE"].append((*echo, str(number), *own, *_spell_cells(answer, part.unbundled)))
            files["_quality_rel"] += [(str(number), str(n), *fault) for n, fault in enumerate(part.faults, 1)]
            files["_ub_rel"] += [(str(number), str(n), text) for n, text in enumerate(part.unbundled, 1)]
    failed = sum(row[FILE_COLUMNS["_FCE"].index("GroupingMethodFlag")] == "U" for row in files["_FCE"])
    texts = Counter(row[-1] for row in files["_quality_rel"])
    files["summary"] = [(len(rows), len(files["_spell"]), failed, failed_spells, texts)]
    return files


def _spell_cells(answer: SpellAnswer, unbundled: list[str]) -> tuple[str, ...]:
    return (
        answer.hrg, answer.method, answer.dominant_procedure, answer.primary_diagnosis, answer.secondary_diagnosis,
        str(answer.episode_count), str(answer.stay), str(answer.critical_care_days), answer.programme, ",".join(unbundled),
    )  # fmt: skip


def engine_files(engine: Grouper, folder: Path, rows: Spell) -> dict[str, Any]:
    """What the outputs hold, in the form of `expected_files`."""
    run = engine.group_file(write_csv(folder / "in.csv", rows), folder / "out.csv")
    files: dict[str, Any] = {
        suffix: [tuple(row[name] for name in names) for row in read_table(folder / f"out{suffix}.csv")]
        for suffix, names in FILE_COLUMNS.items()
    }
    files["summary"] = [(run.records, run.spells, run.record_errors, run.spell_errors, Counter(run.messages))]
    return files


def check_files(pair: Pair, folder: Path, rows: Spell) -> None:
    """Fails with the smallest rows of which the two say different things."""

    def both(rows: Spell) -> tuple[dict[str, Any], dict[str, Any]]:
        return expected_files(pair.reference, rows), engine_files(pair.engine, folder, rows)

    _check(both, rows)


# The path of records -----------------------------------------------------------------------


def as_records(spell: Spell, left_out: frozenset[str] = frozenset()) -> list[Episode] | None:
    """The episodes as records, without the fields left out; None where one holds a number that is not one."""
    for cells in spell:
        numbers = [_as_number(cells[name]) for name in NUMBERS if name not in left_out]
        if "?" in numbers or ("EPIORDER" not in left_out and not _as_number(cells["EPIORDER"])):
            return None
    return [_as_record(cells, left_out) for cells in spell]


def _as_record(cells: Cells, left_out: frozenset[str]) -> Episode:
    numbers = {name: _as_number(cells[field]) for field, name in NUMBERS.items() if field not in left_out}
    arguments: dict[str, Any] = {name: int(text) if text else None for name, text in numbers.items()}
    arguments |= {name: cells[field] for field, name in ATTRIBUTES.items() if field not in left_out}
    return Episode(diagnoses=_without_tail(cells, DIAGNOSES), procedures=_without_tail(cells, PROCEDURES), **arguments)


def _as_number(text: str) -> str:
    """The number as `str` writes it, blank for a blank cell, `?` for what is none."""
    text = text.strip(" \t")
    digits = text.removeprefix("-")
    if not text:
        return ""
    return str(int(text)) if digits.isascii() and digits.isdigit() else "?"


def _without_tail(cells: Cells, names: tuple[str, ...]) -> list[str]:
    found = [cells[name] for name in names]
    while found and not found[-1]:
        found.pop()
    return found


def expected_of_records(pair: Pair, spell: Spell, left_out: frozenset[str] = frozenset()) -> Answer:
    """The reference's answer to records: a field that was left out has its default, an episode number its place."""
    defaults = {row["field"]: row["default"] for row in pair.reference.design.rows["field"] if "APC" in row["dataset"].split()}
    rows = []
    for place, cells in enumerate(spell, 1):
        row = {**cells, **{name: defaults[name] for name in left_out}}
        row |= {name: _as_number(row[name]) for name in NUMBERS}
        rows.append(row | ({"EPIORDER": str(place)} if "EPIORDER" in left_out else {}))
    answer = asdict(pair.reference.group(rows))
    del answer["episode_count"]
    return _in_source_order(answer)


def _in_source_order(answer: Answer) -> Answer:
    """Episodes of one number have no order among records, so order is left to the path of files."""
    answer["episodes"].sort(key=lambda part: part["source_index"])
    answer["unbundled"].sort()
    return answer


def answer_to_records(engine: Grouper, records: list[Episode]) -> Answer:
    """What the engine says of a spell of records."""
    result = engine.group_spell(records)
    messages = result.messages
    episodes = [
        {
            "source_index": part.index, "hrg": part.hrg, "method": part.method, "dominant_procedure": part.dominant_procedure,
            "calc_epidur": "" if part.stay is None else str(part.stay), "report_flag": int(part.report_flag),
            "cc_score": part.cc_score, "interventions": part.interventions, "unbundled": list(part.unbundled),
            "programme": part.programme, "grade": part.provenance,
            "faults": [(m.field, m.code, m.text) for m in messages if m.row == row],
        }
        for row, part in enumerate(result.episodes)
    ]  # fmt: skip
    return _in_source_order({
        "episodes": episodes, "hrg": result.hrg, "method": result.method, "dominant_procedure": result.dominant_procedure,
        "primary_diagnosis": result.primary_diagnosis, "secondary_diagnosis": result.secondary_diagnosis, "stay": result.stay,
        "critical_care_days": result.critical_care_days, "unbundled": list(result.unbundled), "cc_score": result.cc_score,
        "interventions": result.interventions, "programme": result.programme, "grade": result.provenance,
    })  # fmt: skip


def check_records(pair: Pair, spell: Spell, left_out: frozenset[str] = frozenset()) -> bool:
    """Fails as `check_files` does; False where the spell cannot be written as records."""
    if as_records(spell, left_out) is None:
        return False

    def both(spell: Spell) -> tuple[Answer, Answer]:
        records = as_records(spell, left_out)
        if records is None:
            return {}, {}
        return expected_of_records(pair, spell, left_out), answer_to_records(pair.engine, records)

    _check(both, spell)
    return True


# What is wrong -----------------------------------------------------------------------------


def _check(both: Callable[[Spell], tuple[Any, Any]], rows: Spell) -> None:
    def differ(rows: Spell) -> bool:
        expected, found = both(rows)
        return bool(expected != found)

    if not differ(rows):
        return
    rows = smallest(rows, differ)
    expected, found = both(rows)
    shown = [{name: text for name, text in row.items() if text} for row in rows]
    raise AssertionError("\n".join(["of these episodes", *map(str, shown), "the two say", *_differences("", expected, found)]))


def _differences(where: str, expected: Any, found: Any) -> list[str]:
    """The innermost parts that differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        pairs = [(f"{where} {name}", value, found.get(name)) for name, value in expected.items()]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [(f"{where}[{n}]", value, other) for n, (value, other) in enumerate(zip(expected, found, strict=True))]
    else:
        return [f"{where}: reference {expected!r}, engine {found!r}"] if expected != found else []
    return [line for name, value, other in pairs for line in _differences(name, value, other)]
