"""Compiles the tables of a design to the frozen arrays that kernels read."""

from __future__ import annotations

from hrgcore._core import typedefs as core
from hrgcore._core.tables import Tables
from hrgcore.design import compile_codes, compile_fields, compile_rules
from hrgcore.design.build import Build, int_array
from hrgcore.design.faults import Place
from hrgcore.design.fields import LISTED_FIELDS, REPEATED_FIELDS

TOP_RANK = 255
LONGEST_STAY_BAND = 1000  # days; a dominance band may not start or end later, but it may be open


def compile_tables(build: Build) -> Tables:
    """Runs every step; what is wrong is in `build.faults`, and then the tables are good for lint only."""
    _dominance(build)
    compile_fields.compile_fields(build)
    compile_fields.compile_organs(build)
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
        fields=build.fields,
        values=[build.value_sets[field] for field in LISTED_FIELDS],
        items=[build.value_sets[field] for field in REPEATED_FIELDS],
        hrgs=build.hrgs,
        roots=build.roots,
        programmes=build.programmes,
        messages=build.messages,
        categories=build.categories,
        settings=_settings(build),
        stages=build.stages,
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
    build.arrays["refused_episodes"] = int_array(given["episode_numbers_refused"])
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
    bands.sort(key=lambda band: band[:2])
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
