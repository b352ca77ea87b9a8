"""Makes a design package from a Code to Group workbook: an overlay over a base design that holds what the workbook says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from hrgcore.authoring.importing.codes import Codes
from hrgcore.authoring.importing.codetables import CodeTables
from hrgcore.authoring.importing.difference import Cells, Overlay, rows_of
from hrgcore.authoring.importing.mapfile import SheetMap
from hrgcore.authoring.importing.own import OwnSheets, is_own
from hrgcore.authoring.importing.package import Package, write_files
from hrgcore.authoring.importing.reader import RawWorkbook, read_workbook
from hrgcore.authoring.importing.recognition import Recognition, Table
from hrgcore.authoring.importing.report import NOT_RECOGNISED, ImportReport, SheetReport
from hrgcore.authoring.importing.said import AUTHORED, OFFICIAL, Gathering, Said
from hrgcore.authoring.importing.structure import Structure, split_rows
from hrgcore.authoring.package import check_name
from hrgcore.authoring.workbook import CHAPTER, EDITION, OFFICIAL_FORM
from hrgcore.design import Design
from hrgcore.design.lint import lint_design
from hrgcore.design.manifest import Manifest, Source
from hrgcore.design.schema import TABLES
from hrgcore.errors import ArgumentError, DesignError
from hrgcore.files.outputs import new_tree

FAULTS_SHOWN = 10
LICENCE = "as the workbook says"
_WHOLE_NUMBERS = ("child_age_max", "age_rise")
_LISTS_OF_NUMBERS = ("episode_numbers_refused",)


def import_workbook(
    path: Path,
    folder: Path,
    *,
    base: Design,
    find_base: Callable[[str], Path],
    name: str = "",
    maps: Mapping[str, SheetMap] | None = None,
    requires: Sequence[str] = (),
    today: date | None = None,
) -> ImportReport:
    """Makes a design package from a Code to Group workbook.

    Rows are graded `official`; those of a workbook that hrgcore wrote keep the grades that stand there.

    Args:
        path: of the workbook.
        folder: where the package will be; not there yet, or empty. It appears as a whole or not at all.
        base: the design that the new one is laid over.
        find_base: gives the folder of a design by name.
        name: of the new design; without it that of the base with `-imported`.
        maps: what the user says of sheets, by their names.
        requires: packages that the new one needs beside hrgcore, such as that of the base.
        today: the date of the import that the manifest names.

    Raises:
        InputFileError: the workbook cannot be used.
        ArgumentError: the name or the map does not fit.
        DesignError: the workbook says nothing that the import can use, or the design that it gives has faults.
        OutputFileError: the folder cannot be written.
    """
    name = name or f"{base.name}-imported"
    check_name(name)
    if name == base.name:
        raise ArgumentError("is the name of the base", place="name", cure="Choose another name for the new design.")
    workbook = read_workbook(path)
    report = ImportReport(workbook.file, workbook.sha256, base.database_version, name, is_own(workbook.sheets))
    overlay, manifest = _overlay(workbook, base, maps or {}, report)
    manifest = _with_source(manifest, base, overlay, workbook, report, today or date.today())
    with new_tree(folder) as tree:
        design = write_files(Package(manifest, overlay, base, workbook.file, requires), tree, folder.name)
        _check(design, find_base, workbook.file)
    report.rows.update({table: len(rows) for table, rows in overlay.tables.items() if rows})
    if overlay.remove:
        report.rows["remove"] = len(overlay.remove)
    return report


def _check(design: Path, find_base: Callable[[str], Path], place: str) -> None:
    """Refuses the design that was made if it has faults.

    Raises:
        DesignError: it has some; the first are named.
    """
    cure = 'Leave sheets out with a map (kind = "ignore") until it loads, or mend the workbook.'
    try:
        faults = lint_design(design, find_base)
    except DesignError as error:
        raise DesignError(f"gives no design that can be read: {error.message}", place=place, cure=cure) from None
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults[:FAULTS_SHOWN])
        more = f"\n  and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise DesignError(
            f"the design that it gives has {count}, and nothing was written:\n{listed}{more}\n", place=place, cure=cure
        )


def _overlay(workbook: RawWorkbook, base: Design, maps: Mapping[str, SheetMap], report: ImportReport) -> tuple[Overlay, Manifest]:
    """The overlay that a workbook gives, and its manifest without the source of this import."""
    if unknown := sorted(set(maps) - {sheet.name for sheet in workbook.sheets}):
        sheets = ", ".join(sheet.name for sheet in workbook.sheets)
        raise ArgumentError(f"the workbook has no sheet {', '.join(map(repr, unknown))}", place="map", cure=f"It has: {sheets}.")
    codes = {name: Codes(name, getattr(base.tables, name)) for name in ("icd10", "opcs4")}
    own, tables = _recognised(workbook, base, codes, maps, report)
    gathering = Gathering(base, codes, report.own)
    for table in tables:
        gathering.take(table)
    gathering.judge_complete(tables)
    said = gathering.said
    if not tables and not own.tables:
        cure = "Name its sheets and columns in a map (--map); see the docs."
        raise DesignError("no sheet of it was recognised", place=workbook.file, cure=cure)
    overlay = _laid_out(base, said, own, report)
    report.left += _left(base, said, own)
    return overlay, _manifest(base, own, report)


def _recognised(
    workbook: RawWorkbook, base: Design, codes: Mapping[str, Codes], maps: Mapping[str, SheetMap], report: ImportReport
) -> tuple[OwnSheets, list[Table]]:
    """The sheets of our own, and the tables of the others; each sheet gets its report."""
    recognition = Recognition(codes, {root[:2] for root in base.tables.roots[1:]})
    own, tables = OwnSheets(), []
    there = {name: rows_of(base, name) for name in TABLES if name not in OFFICIAL_FORM}
    for sheet in workbook.sheets:
        sheet_report = SheetReport(sheet.name)
        report.sheets.append(sheet_report)
        said = maps.get(sheet.name)
        if not said and own.take(sheet, there, sheet_report):
            continue
        if table := recognition.table(sheet, said, sheet_report):
            tables.append(table)
        elif sheet_report.what == NOT_RECOGNISED:
            sheet_report.read = sum(any(row) for row in sheet.rows)
    return own, tables


def _laid_out(base: Design, said: Said, own: OwnSheets, report: ImportReport) -> Overlay:
    """Everything that is wanted, held against the base."""
    structure = Structure(base, said, report)
    categories = [cells[0] for cells in own.tables.get("message", ()) if cells[1]] or base.tables.categories
    mapped = CodeTables(base, said, structure.targets(categories), structure.unbundled_roots(), report)
    rules = own.tables.get("rule", rows_of(base, "rule"))
    invalid_hrg = own.settings.get("invalid_hrg", base.manifest.grouping["invalid_hrg"])
    rules = structure.withdraw(mapped.needed(), rules, invalid_hrg)
    structure.check()

    overlay = Overlay()
    for name, ordered in (("icd10", mapped.icd10), ("opcs4", mapped.opcs4)):
        overlay.replace_code_set(name, mapped.added[name], mapped.withdrawn[name])
        for table in ("diagnosis", "programme") if name == "icd10" else ("procedure", "unbundled"):
            overlay.replace_codes(table, mapped.base[table], getattr(mapped, table), ordered)
    overlay.replace_scores(mapped.base_scores, mapped.scores, mapped.icd10)
    overlay.replace_rows("hrg", rows_of(base, "hrg"), list(structure.hrgs.values()))
    overlay.replace_rows("split", rows_of(base, "split"), split_rows(structure.splits))
    for name, rows in (_further(base, said, own, mapped, structure.hrgs) | {"rule": rules}).items():
        overlay.replace_rows(name, rows_of(base, name), rows)
    for table, _ in overlay.remove:
        if table not in ("icd10", "opcs4"):
            report.withdrawn[table] += 1
    return overlay


def _further(base: Design, said: Said, own: OwnSheets, mapped: CodeTables, hrgs: Iterable[str]) -> dict[str, list[Cells]]:
    """The tables that are taken row by row, and those that lists, exclusions and names of chapters change."""
    wanted = dict(own.tables)
    if said.exclusions:
        wanted["cc_exclusion"] = [(primary, secondary, word.grade) for primary, secondary, word in said.exclusions]
    if said.lists:
        wanted["list"] = _lists(wanted.get("list", rows_of(base, "list")), said, mapped)
    wanted[CHAPTER] = _names(rows_of(base, CHAPTER), said, hrgs)
    return wanted


def _names(rows: Sequence[Cells], said: Said, hrgs: Iterable[str]) -> list[Cells]:
    """The rows of table `chapter`: names of the workbook in place of those of the base, without chapters that have no HRG."""
    names = {} if said.own and said.names else {cells[0]: cells for cells in rows}
    names |= {name: (name, word.text, word.grade) for name, word in said.names.items()}
    there = {hrg[:size] for hrg in hrgs for size in (1, 2)}
    for name in said.names.keys() - there:
        sheet, row = said.names[name].place
        sheet.refuse(row, f"no HRG belongs to chapter {name}")
    return [cells for name, cells in names.items() if name in there]


def _lists(rows: Sequence[Cells], said: Said, mapped: CodeTables) -> list[Cells]:
    """The rows of table `list` with the codes of the workbook in those that it names."""
    there = {"diagnosis": set(mapped.icd10), "procedure": set(mapped.opcs4)}
    kinds = {cells[0]: cells[1] for cells in rows}
    found = [cells for cells in rows if cells[0] not in said.lists]
    for name, by_code in said.lists.items():
        for code, words in by_code.items():
            if code not in there[kinds[name]]:
                words["member"].place[0].refuse(words["member"].place[1], f"{code} is not in the code set of the design")
        graded: dict[str, list[str]] = {}
        for code in sorted(set(by_code) & there[kinds[name]]):
            graded.setdefault(by_code[code]["member"].grade, []).append(code)
        found += ((name, kinds[name], " ".join(members), grade) for grade, members in graded.items())
    return found


def _left(base: Design, said: Said, own: OwnSheets) -> list[str]:
    """What the workbook says nothing of."""
    spoken = {
        "hrg": said.hrgs, "split": said.splits, "diagnosis": said.icd10, "procedure": said.opcs4, "unbundled": said.unbundled,
        "cc": said.cc, "cc_exclusion": said.exclusions, "list": said.lists, CHAPTER: said.names,
        "programme": [code for code, words in said.icd10.items() if "programme" in words],
    }  # fmt: skip
    left = [
        f"table {name}: {len(rows):,} rows"
        for name, rows in base.rows.items()
        if rows and name not in ("icd10", "opcs4") and name not in own.tables and not spoken.get(name)
    ]
    parts = {"root": "roots of diagnoses", "child_root": "roots of children", "rank": "ranks of diagnoses"}
    named = {column for words in said.icd10.values() for column in words}
    return left + [f"{what} (table diagnosis)" for column, what in parts.items() if said.icd10 and column not in named]


def _manifest(base: Design, own: OwnSheets, report: ImportReport) -> Manifest:
    """The manifest of the overlay: that of the base, but for the name and what our own workbook says of itself."""
    edition = {key: own.settings[key] for key in EDITION if own.settings.get(key)}
    grouping = {
        key: value
        for key, value in ((key, _setting(key, text)) for key, text in own.settings.items() if key not in EDITION)
        if base.manifest.grouping.get(key) != value
    }
    return base.manifest._replace(
        name=report.name,
        label=f"Imported from {report.workbook}, over {base.database_version}",
        version="0.1.0",
        base=base.name,
        grouping=grouping,
        sources=tuple(
            source
            for source in (Source(title, licence, tuple(tables.split()), grade) for title, licence, tables, grade in own.sources)
            if source not in base.manifest.sources
        ),
        **edition,
    )


def _setting(key: str, text: str) -> str | int | list[int]:
    try:
        if key in _WHOLE_NUMBERS:
            return int(text)
        if key in _LISTS_OF_NUMBERS:
            return [int(number) for number in text.split()]
    except ValueError:
        raise DesignError(f"setting {key} is {text!r}, not a number", place="sheet hrgcore settings") from None
    return text


def _with_source(
    manifest: Manifest, base: Design, overlay: Overlay, workbook: RawWorkbook, report: ImportReport, today: date
) -> Manifest:
    """The manifest with this import as a source: of what it says is official, and of grades that no other source gives."""
    sourced = {(table, one.grade) for one in (*base.manifest.sources, *manifest.sources) for table in one.tables}
    given: dict[str, list[str]] = {}
    for table, grade in sorted(_graded(overlay)):
        if (table, grade) not in sourced or (grade == OFFICIAL and not report.own):
            given.setdefault(grade, []).append(table)
    origin = "Code to Group workbook written by hrgcore" if report.own else "Code to Group workbook"
    title = f"{origin}, file {workbook.file}, SHA-256 {workbook.sha256}, imported {today.isoformat()}"
    entries = [Source(title, LICENCE, tuple(tables), grade) for grade, tables in given.items()]
    return manifest._replace(sources=(*manifest.sources, *(entries or [Source(title, LICENCE, (), AUTHORED)])))


def _graded(overlay: Overlay) -> set[tuple[str, str]]:
    """Tables of an overlay, and the grades that their rows have."""
    return {
        (table, cells[at])
        for table, rows in overlay.tables.items()
        for at, column in enumerate(TABLES[table].columns)
        if column in ("grade", "child_grade")
        for cells in rows
        if cells[at]
    }
