"""The engine and the reference grouper side by side on files of the data sets beside admitted care."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hrgcore.grouper import Grouper
from hrgcore.testing.records import Cells
from hrgcore.testing.reference.attendances import RecordAnswer, group_records
from hrgcore.testing.reference.tables import Design

NOTHING = "0,,,,,,0,,,,,,0,,,,,"  # of the specialised services, best practice tariffs and flags of the payment edition
MAIN = {"NAC": "_attend", "EM": "_attend", "NRD": "_renal", "ACC": "_acc", "PCC": "_pcc", "NCC": "_ncc"}
SORTED = ("PCC", "NCC")


@dataclass
class Answers:
    """The lines of the output files, by suffix and row; the counts of the run; and HRGs."""

    lines: dict[str, list[str]]
    counts: tuple[int, int, dict[str, int]]
    hrgs: list[str] = field(default_factory=list)


def line_of(row: Cells) -> str:
    """The line of a row in a file."""
    return ",".join(row.values())


def write_file(path: Path, rows: Sequence[Cells]) -> Path:
    """Writes rows as a file with a header."""
    path.write_text("\n".join([",".join(rows[0]), *map(line_of, rows), ""]), encoding="utf-8", newline="")
    return path


# What the reference grouper says -----------------------------------------------------------


def _own_cells(dataset: str, answer: RecordAnswer) -> list[str]:
    """The cells that the main file adds after RowNo."""
    if dataset == "NAC":
        return [answer.hrg, answer.method, answer.dominant, answer.attendance_hrg, NOTHING, ",".join(answer.unbundled)]
    return [answer.hrg, str(answer.days), answer.warning] if dataset == "ACC" else [answer.hrg]


def expected_files(design: Design, dataset: str, rows: Sequence[Cells]) -> Answers:
    """What the outputs must hold."""
    answers = group_records(design, dataset, rows)
    lines: dict[str, list[str]] = {MAIN[dataset]: [], "_quality": [], "_quality_rel": [], "_ub_rel": [], "_sort": []}
    for number, answer in enumerate(answers, 1):
        echo = f"{line_of(rows[answer.index])},{number}"
        lines["_sort"].append(echo)
        lines[MAIN[dataset]].append(",".join([echo, *_own_cells(dataset, answer)]))
        if answer.messages:
            lines["_quality"].append(",".join([echo, *("|".join(message) for message in answer.messages)]))
        lines["_quality_rel"] += [",".join((f"{number},{n}", *message)) for n, message in enumerate(answer.messages, 1)]
        lines["_ub_rel"] += [f"{number},{n},{text}" for n, text in enumerate(answer.unbundled, 1)]
    if dataset not in SORTED:
        del lines["_sort"]
    if dataset != "NAC":
        del lines["_ub_rel"]
    texts = Counter(text for answer in answers for _, _, text in answer.messages)
    counts = len(rows), sum(answer.failed for answer in answers), dict(texts)
    return Answers(lines, counts, [answer.hrg for answer in answers])


# What the engine says ----------------------------------------------------------------------


def engine_files(grouper: Grouper, folder: Path, rows: Sequence[Cells], suffixes: Sequence[str]) -> Answers:
    """What they hold."""
    run = grouper.group_file(write_file(folder / "in.csv", rows), folder / "out.csv")
    lines = {
        suffix: (folder / f"out{suffix}.csv").read_text(encoding="utf-8").split("\n")[1:-1]  # no other mark ends a line
        for suffix in suffixes
    }
    return Answers(lines, (run.records, run.record_errors, run.messages))


def group_both(grouper: Grouper, design: Design, rows: Sequence[Cells], folder: Path) -> tuple[Answers, Answers]:
    """Both answers to the records of a file."""
    expected = expected_files(design, grouper.dataset, rows)
    return expected, engine_files(grouper, folder, rows, list(expected.lines))


# What is wrong -----------------------------------------------------------------------------


def differences(expected: Answers, found: Answers) -> list[str]:
    """One line for each row of which the two say different things, and one if their counts differ."""
    rows: dict[int, list[str]] = {}
    for suffix, lines in expected.lines.items():
        one, other = (_by_row(text, suffix) for text in (lines, found.lines[suffix]))
        for number in one.keys() | other.keys():
            if one.get(number) != other.get(number):
                rows.setdefault(number, []).append(f"{suffix}: reference {one.get(number)}, engine {other.get(number)}")
    told = [f"row {number}: " + "; ".join(texts) for number, texts in sorted(rows.items())]
    if not told and expected.counts != found.counts:
        told.append(f"counts: reference {expected.counts}, engine {found.counts}")
    return told


def _by_row(lines: Sequence[str], suffix: str) -> dict[int, list[str]]:
    """The lines of each row. Files that repeat the input have one a row, but for `_quality`, whose places do as well."""
    rows: dict[int, list[str]] = {}
    for place, line in enumerate(lines, 1):
        number = int(line.partition(",")[0]) if suffix.endswith("_rel") else place
        rows.setdefault(number, []).append(line)
    return rows


def check_file(grouper: Grouper, design: Design, rows: Sequence[Cells], folder: Path) -> list[str]:
    """Fails with the smallest file of which the two say different things; otherwise the HRGs of the records."""

    def differ(rows: Sequence[Cells]) -> bool:
        return bool(differences(*group_both(grouper, design, rows, folder)))

    expected, found = group_both(grouper, design, rows, folder)
    if differences(expected, found):
        rows = smallest(list(rows), differ)
        shown = [{name: text for name, text in row.items() if text} for row in rows]
        told = differences(*group_both(grouper, design, rows, folder))
        raise AssertionError("\n".join([f"of these records of {grouper.dataset}", *map(str, shown), *told]))
    return expected.hrgs


def smallest(rows: list[Cells], fails: Callable[[list[Cells]], bool]) -> list[Cells]:
    """The rows without others and without cells that the failure does not need."""
    size = len(rows) // 2
    while size:
        for first in reversed(range(0, len(rows), size)):
            fewer = rows[:first] + rows[first + size :]
            if fewer and fails(fewer):
                rows = fewer
        size //= 2
    for place in range(len(rows)):
        for name in [name for name, text in rows[place].items() if text]:
            changed = [*rows[:place], {**rows[place], name: ""}, *rows[place + 1 :]]
            if fails(changed):
                rows = changed
    return rows
