"""Compiles the tables of a design to the frozen arrays that kernels read."""

from __future__ import annotations

from array import array

from hrgcore._core import typedefs as core
from hrgcore._core.codes import ValueSet
from hrgcore._core.tables import Tables
from hrgcore.design import compile_codes, compile_rules
from hrgcore.design.build import Build, int_array
from hrgcore.design.faults import Place
from hrgcore.design.schema import LISTED_FIELDS, NUMBER_FIELDS

TOP_RANK = 255
LONGEST_STAY_BAND = 1000  # days; a dominance band may not start or end later, but it may be open
ALWAYS_REQUIRED = ("STARTAGE", "EPIDUR")
_REQUIRED = {"yes": True, "no": False}
# Names of the rows of table `field` for the repeated fields; the rest are names of core.Field.
_REPEATED = {"DIAG_01": "DIAG", "DIAG_02": "", "OPER_01": "OPER"}


def compile_tables(build: Build) -> Tables:
    """Runs every step; what is wrong is in `build.faults`, and then the tables are good for lint only."""
    _dominance(build)
    _fields(build)
    compile_codes.compile_diagnoses(build)
    compile_codes.compile_procedures(build)
    compile_codes.compile_programmes(build)
    compile_codes.compile_unbundled(build)
    compile_codes.compile_cc(build)
    compile_rules.compile_exclusions(build)
    compile_rules.compile_families(build)
    compile_rules.compile_lists(build)
    compile_rules.compile_rules(build)
    compile_rules.compile_route_codes(build)
    compile_rules.compile_splits(build)
    compile_rules.compile_conditions(build)
    return Tables(
        icd10=build.icd10,
        opcs4=build.opcs4,
        values=_value_sets(build),
        hrgs=build.hrgs,
        roots=build.roots,
        programmes=build.programmes,
        messages=build.messages,
        categories=build.categories,
        settings=_settings(build),
        arrays=build.arrays,
    )


def _settings(build: Build) -> dict[str, int]:
    place = Place("design.toml", 0)
    given = build.settings
    build.scalars.update(
        invalid_hrg=build.hrg(given["invalid_hrg"], place),
        unknown_primary=build.category(given["unknown_primary"], place),
        no_procedure=build.category(given["no_procedure"], place),
        vague_procedure=build.category(given["vague_procedure"], place),
        child_age_max=given["child_age_max"],
        age_rise=given["age_rise"],
        subchapters=max(1, len(build.subchapters)),
    )
    return build.scalars


def _dominance(build: Build) -> None:
    """Table `dominance`: the rank needed, by stay up to the start of the last band, whose entry stands for all longer stays."""
    bands = []
    for row in build.rows("dominance"):
        low, high = build.band(row.cells[0], row)
        rank, grade = build.number(row.cells[1], TOP_RANK, row), build.grade(row.cells[2], row)
        if low > LONGEST_STAY_BAND or LONGEST_STAY_BAND < high < core.OPEN_END:
            build.faults.add(row, f"a band may not start or end after {LONGEST_STAY_BAND} days, unless it is open, such as 2+")
            continue
        bands.append((low, high, rank, grade, row))
    bands.sort()
    ranks, grades, expected = bytearray(), bytearray(), 0
    for low, high, rank, grade, place in bands:
        if low != expected:
            found = "overlap" if low < expected else "leave a gap"
            build.faults.add(place, f"the bands of stay {found} at {min(low, expected)} days")
            break
        days = 1 if high == core.OPEN_END else high + 1 - low
        ranks.extend([rank] * days)
        grades.extend([grade] * days)
        expected = high + 1
    if expected <= core.OPEN_END:
        build.fault("dominance", "the bands of stay do not end open, such as 2+")
    build.arrays.update(min_rank=bytes(ranks or b"\0"), min_rank_grade=bytes(grades or b"\0"))


def _fields(build: Build) -> None:
    """Table `field`, data set APC: which fields are required, and the bands of the numbers."""
    required = bytearray(len(core.Field) - 1)
    accepted: dict[str, str] = {}
    for row in build.rows("field"):
        dataset, field, needed, _, cell, _, grade = row.cells
        build.grade(grade, row)
        if dataset != "APC":
            continue
        if needed not in _REQUIRED:
            build.faults.add(row, f"{needed!r} must be yes or no")
        name = _REPEATED.get(field, field)
        if name and name not in core.Field.__members__:
            build.faults.add(row, f"data set {dataset} has no field {field!r}")
        elif name:
            required[core.Field[name]] = _REQUIRED.get(needed, False)
            accepted[field] = cell
        if field in ALWAYS_REQUIRED and needed != "yes":
            build.faults.add(row, f"{field} must be required: no record can be grouped without it")
        if field in NUMBER_FIELDS:
            for band in cell.split() or [""]:
                build.band(band, row)
    for field in (*LISTED_FIELDS, *NUMBER_FIELDS):
        if field not in accepted:
            build.fault("field", f"there is no row for field {field} of data set APC")
    start, bands = int_array([0]), array("i")
    for field in NUMBER_FIELDS:
        for band in accepted.get(field, "").split():
            bands.extend(build.band(band, Place("field.csv", 0)))
        start.append(len(bands) // 2)
    build.arrays.update(
        required=bytes(required),
        number_start=start,
        number_bands=bands,
        refused_episodes=int_array(build.settings["episode_numbers_refused"]),
    )


def _value_sets(build: Build) -> list[ValueSet]:
    sets = []
    for field in LISTED_FIELDS:
        try:
            sets.append(ValueSet(build.listed_values("APC", field)))
        except ValueError as error:
            build.fault("field", f"{field}: {error}")
            sets.append(ValueSet([]))
    return sets
