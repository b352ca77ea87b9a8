"""The numbered assumptions of docs/grouping-logic.md: each test fails if its assumption were decided otherwise."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine_design import TABLES, write_small_design

from hrgcore import Episode, Grouper, SpellResult
from hrgcore.design import load_design

Load = Callable[..., Grouper]
INVALID = "UZ01Z"
LINE = {
    "PROCODET": "RXX", "PROVSPNO": "7", "EPIORDER": "1", "STARTAGE": "40", "SEX": "1", "CLASSPAT": "1", "ADMISORC": "19",
    "ADMIMETH": "21", "DISDEST": "98", "DISMETH": "8", "EPIDUR": "5", "MAINSPEF": "100", "NEOCARE": "", "TRETSPEF": "100",
    "DIAG_01": "A000", "DIAG_02": "", "OPER_01": "",
}  # fmt: skip


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Makes a grouper of the small design with some tables exchanged."""
    return lambda **tables: Grouper(load_design(write_small_design(tmp_path / "design", **tables)))


@pytest.fixture
def group(load: Load) -> Callable[..., SpellResult]:
    grouper = load()
    return lambda *episodes: grouper.group_spell(episodes)


def episode(*diagnoses: str, **changes: Any) -> Episode:
    return Episode(**{"age": 40, "duration": 5, "diagnoses": diagnoses or ("A000",), **changes})


def faults(result: SpellResult) -> list[tuple[int, str, str, str]]:
    """Row, field, code and message; the messages of the small design are their keys."""
    return [tuple(message[:4]) for message in result.messages]  # type: ignore[misc]


def more(table: str, *rows: str) -> dict[str, str]:
    return {table: "\n".join([TABLES[table], *rows])}


def group_file(
    grouper: Grouper, folder: Path, *lines: dict[str, str], cuts: dict[str, str] | None = None
) -> dict[str, list[str]]:
    """Groups lines of cells without a header; `cuts` gives picture and extract of a field. The lines of each output."""
    definition = [f"{name},{name},{n},{(cuts or {}).get(name, ',,,')}" for n, name in enumerate(LINE, 1)]
    (folder / "in.rdf").write_text("\n".join(["COMMA DELIMITED", *definition]) + "\n")
    (folder / "in.csv").write_text("".join(",".join({**LINE, **line}.values()) + "\n" for line in lines))
    run = grouper.group_file(folder / "in.csv", folder / "out.csv", rdf=folder / "in.rdf", output_headers=False)
    return {path.stem.removeprefix("out"): path.read_text().splitlines() for path in run.files}


# Sections 1 and 2: cells and episodes


def test_a1_the_picture_cuts_before_the_extract(load: Load, tmp_path: Path) -> None:
    # Of `-A000` the picture drops the first character, the extract the dash: after the other order the A would be gone.
    files = group_file(load(), tmp_path, {"DIAG_01": "-A000"}, cuts={"DIAG_01": ".AAAA,,,-"})
    assert files["_FCE_rel"][0].split(",")[1] == "AA01C"
    assert files["_quality_rel"] == []


def test_a2_a_category_gets_the_filler(group: Callable[..., SpellResult]) -> None:
    result = group(episode("A01", "a.01"))
    assert (result.hrg, result.primary_diagnosis, result.secondary_diagnosis, result.messages) == ("AA02Z", "A01X", "A01X", ())
    assert faults(group(episode("A00"))) == [(0, "DIAG_01", "A00X", "bad primary")]


def test_a3_an_optional_field_that_is_not_accepted_counts_as_blank(load: Load) -> None:
    grouper = load(
        **more("rule", "diagnosis,AA01,NEOCARE in special,AA03,,label", "diagnosis,AA01,not NEOCARE in special,AA02,,label"),
        **more("list", "special,NEOCARE,0 1,label"),
    )
    result = grouper.group_spell([episode(neonatal_care="7")])
    assert (result.hrg, faults(result)) == ("AA02Z", [(0, "NEOCARE", "7", "field_invalid")])


def test_a3_an_optional_number_of_days_that_is_not_accepted_is_0(group: Callable[..., SpellResult]) -> None:
    days = {"critical_care_days": -1, "rehabilitation_days": 100_000, "palliative_care_days": 2}
    result = group(episode(procedures=["U012"], **days))
    assert (result.hrg, result.stay, result.critical_care_days, result.unbundled) == ("AA01C", 3, 0, ("VC04Z",))
    assert [fault[1] for fault in faults(result)] == ["CRITICALCAREDAYS", "REHABILITATIONDAYS"]


def test_a4_an_unknown_optional_code_is_reported_and_ignored(group: Callable[..., SpellResult]) -> None:
    result = group(episode("A000", "Q999", "B000", procedures=["Q011", "H011"]))
    assert (result.hrg, result.secondary_diagnosis) == ("PR01A", "B000")
    assert faults(result) == [(0, "DIAG_02", "Q999", "diagnosis_invalid"), (0, "OPER_01", "Q011", "procedure_invalid")]
    # Without a valid procedure there is none that cannot stand alone.
    assert group(episode(procedures=["Q011"])).hrg == "AA01C"


def test_a5_check_rules_are_read_beside_other_faults(group: Callable[..., SpellResult]) -> None:
    result = group(episode("A000", "D001", treatment_function=""))
    assert faults(result) == [(0, "TRETSPEF", "", "field_blank"), (0, "DIAG_01", "A000", "burns")]


@pytest.mark.parametrize("primary", ["Z000", "Q999"])
def test_a5_check_rules_are_not_read_after_a_bad_primary_diagnosis(group: Callable[..., SpellResult], primary: str) -> None:
    assert faults(group(episode(primary, "D001"))) == [(0, "DIAG_01", primary, "bad primary")]


@pytest.mark.parametrize("procedure", ["Y011", "V011"])
def test_a5_procedures_are_judged_only_if_nothing_failed(group: Callable[..., SpellResult], procedure: str) -> None:
    alone = group(episode(procedures=[procedure]))
    assert len(alone.messages) == 1
    assert faults(group(episode(procedures=[procedure], sex=""))) == [(0, "SEX", "", "field_blank")]
    assert faults(group(episode("A000", "D001", procedures=[procedure]))) == [(0, "DIAG_01", "A000", "burns")]
    spell = group(episode(procedures=[procedure], sex="1"), episode(sex="2"))
    assert faults(spell) == [(0, "SEX", "", "spell_sex"), (1, "SEX", "", "spell_sex")]
    # A fault that does not fail the episode keeps nothing from being judged.
    assert len(group(episode("A000", "Q999", procedures=[procedure])).messages) == 2


def test_a5_procedures_are_not_judged_where_a_route_took_the_record(group: Callable[..., SpellResult]) -> None:
    assert [group(episode(procedures=[code], treatment_function="191")).hrg for code in ("Y011", "V011")] == ["RT01Z"] * 2


# Section 3: spells


def sorted_orders(load: Load, folder: Path, *lines: dict[str, str]) -> list[tuple[str, ...]]:
    """Provider, spell and episode number of the rows as they are sorted."""
    return [tuple(line.split(",")[:3]) for line in group_file(load(), folder, *lines)["_sort"]]


def test_a6_keys_are_sorted_as_bytes_and_episode_numbers_as_numbers(load: Load, tmp_path: Path) -> None:
    keys = [("RXX", "9", "1"), ("RXX", "10", "10"), ("RXX", "10", "9"), ("Raa", "1", "1"), ("RXX", " 10", "1"), ("R", "2", "01")]
    lines = [dict(zip(("PROCODET", "PROVSPNO", "EPIORDER"), key, strict=True)) for key in keys]
    assert sorted_orders(load, tmp_path, *lines) == [keys[n] for n in (5, 4, 2, 1, 0, 3)]


def test_a6_a_missing_or_invalid_episode_number_is_last(load: Load, tmp_path: Path) -> None:
    numbers = ["x", "", "0", "3", "12345678901", "98"]
    found = sorted_orders(load, tmp_path, *({"EPIORDER": number} for number in numbers))
    assert [key[2] for key in found] == ["3", "98", "", "0", "12345678901", "x"]


def test_a6_ties_are_broken_by_the_bytes_of_the_row(load: Load, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    lines = [{"EPIORDER": "1", "MAINSPEF": "300"}, {"EPIORDER": "01"}, {"EPIORDER": "1", "DIAG_02": "B000"}, {"EPIORDER": "1"}]
    grouper = load()
    expected = [",".join({**LINE, **lines[n]}.values()) for n in (1, 3, 2, 0)]
    for folder, order in ((tmp_path, lines), (tmp_path / "other", lines[::-1])):
        found = group_file(grouper, folder, *order)["_sort"]
        assert [line.rpartition(",")[0] for line in found] == expected


@pytest.mark.parametrize(
    ("name", "values", "key"),
    [
        ("sex", ("1", "2"), "spell_sex"), ("patient_classification", ("1", "2"), "spell_classpat"),
        ("admission_source", ("19", "51"), "spell_admisorc"), ("admission_method", ("11", "21"), "spell_admimeth"),
    ],
)  # fmt: skip
def test_a7_the_spell_is_inconsistent_on_all_its_episodes(
    group: Callable[..., SpellResult], name: str, values: tuple[str, str], key: str
) -> None:
    result = group(*(episode(**{name: value}) for value in (values[0], values[0], values[1])))
    assert [(row, text) for row, _, _, text in faults(result)] == [(row, key) for row in range(3)]
    assert {part.hrg for part in result.episodes} == {INVALID}


def test_a7_blank_and_invalid_are_together_one_further_value(group: Callable[..., SpellResult]) -> None:
    texts = [text for *_, text in faults(group(episode(sex=""), episode(sex="7"), episode(sex="8")))]
    assert texts == ["field_blank", "field_invalid", "field_invalid"]
    texts = [text for *_, text in faults(group(episode(sex=""), episode(sex="1")))]
    assert texts == ["field_blank", "spell_sex", "spell_sex"]


@pytest.mark.parametrize(
    ("ages", "days", "right"),
    [
        ((40, 41), (0, 0), True), ((40, 42), (364, 0), False), ((40, 42), (364, 1), True), ((40, 43), (729, 0), False),
        ((40, 43), (365, 365), True), ((41, 40), (0, 0), True), ((42, 40), (0, 0), False),
    ],
)  # fmt: skip
def test_a8_the_age_may_rise_by_a_year_and_the_years_of_the_spell(
    group: Callable[..., SpellResult], ages: tuple[int, int], days: tuple[int, int], right: bool
) -> None:
    result = group(*(episode(age=age, duration=duration) for age, duration in zip(ages, days, strict=True)))
    assert faults(result) == ([] if right else [(row, "STARTAGE", "", "spell_age") for row in (0, 1)])


def test_a8_an_age_or_duration_that_is_not_valid_is_left_out(group: Callable[..., SpellResult]) -> None:
    assert {fault[1:] for fault in faults(group(episode(age=40), episode(age=500)))} == {("STARTAGE", "500", "field_invalid")}
    assert "spell_age" in [fault[3] for fault in faults(group(episode(age=40), episode(age=42, duration=400_000)))]


def test_a9_each_episode_that_shares_its_number_fails(group: Callable[..., SpellResult]) -> None:
    result = group(*(episode(number=number) for number in (1, 2, 2, 3)))
    assert faults(result) == [(row, "EPIORDER", "", "duplicate_episode") for row in (1, 2)]
    assert [part.hrg for part in result.episodes] == ["AA01C", INVALID, INVALID, "AA01C"]


def test_a9_refused_numbers_are_not_compared(group: Callable[..., SpellResult]) -> None:
    result = group(episode(number=98), episode(number=98))
    assert faults(result) == [(row, "EPIORDER", "98", "episode_number") for row in (0, 1)]


def test_a9_an_episode_without_a_number_has_its_place_in_the_list(group: Callable[..., SpellResult]) -> None:
    result = group(episode(number=3), episode(), episode(number=2))
    assert [part.index for part in result.episodes] == [1, 2, 0]
    assert [(row, text) for row, _, _, text in faults(result)] == [(0, "duplicate_episode"), (1, "duplicate_episode")]
    apart = group(episode(), episode(number=4), episode(number=6), episode(), episode())
    assert [(part.index, part.hrg == INVALID) for part in apart.episodes] == [
        (0, False),
        (1, True),
        (3, True),
        (4, False),
        (2, False),
    ]


def test_a6_an_invalid_number_of_a_single_case_is_last(group: Callable[..., SpellResult]) -> None:
    for number in (0, -5, 10_000_000_000):
        assert [part.index for part in group(episode(number=number), episode(number=2)).episodes] == [1, 0]


def test_spell_faults_come_in_the_order_of_the_checks_after_those_of_the_fields(group: Callable[..., SpellResult]) -> None:
    first = episode("A000", "Q999", number=1, sex="1", age=40, admission_source="19")
    result = group(first, episode(number=1, sex="2", age=60, admission_source="51"))
    assert [fault[3] for fault in faults(result) if fault[0] == 0 or fault[2]] == [
        "diagnosis_invalid", "spell_sex", "spell_admisorc", "spell_age", "duplicate_episode",
    ]  # fmt: skip


# Section 5: episodes


def test_a10_an_unbundled_hrg_is_put_out_once_a_mention_with_the_days_of_its_field(load: Load) -> None:
    grouper = load(**more("unbundled", "U013,SC97,palliative,label"))
    codes = ["U012", "U011", "U013", "U012"]
    days = grouper.group_spell([episode(procedures=codes, rehabilitation_days=3, palliative_care_days=1)])
    assert days.unbundled == ("VC04Z*3", "XD01Z", "SC97Z*1", "VC04Z*3")
    none = grouper.group_spell([episode(procedures=codes, rehabilitation_days=0)])
    assert none.unbundled == ("VC04Z", "XD01Z", "SC97Z", "VC04Z")


def test_a10_the_hrg_of_the_episode_as_a_whole_comes_first(load: Load) -> None:
    grouper = load(
        **more("rule", "unbundled,,TRETSPEF in pain and EPIDUR 2+,SC97,palliative,label", "unbundled,,age 0,XD01,,label")
    )
    first = episode(procedures=["U011"], treatment_function="191", palliative_care_days=2)
    result = grouper.group_spell([first, episode(duration=1, procedures=["U012"], treatment_function="191")])
    assert [part.unbundled for part in result.episodes] == [("SC97Z*2", "XD01Z"), ("VC04Z",)]
    assert result.unbundled == ("SC97Z*2", "XD01Z", "VC04Z")
    assert grouper.group_spell([episode(treatment_function="191")]).unbundled == ("SC97Z",)
    assert grouper.group_spell([episode(age=0)]).unbundled == ("XD01Z",)


@pytest.mark.parametrize(
    ("procedures", "unbundled"),
    [
        (["U011", "Y011"], ["VC04Z"]),
        (["U011", "", "Q999", "Y011"], ["VC04Z"]),  # blank and unknown cells are skipped
        (["Y011", "U011"], ["XD01Z"]),
        (["U011", "I011", "Y011"], ["XD01Z"]),
        (["U011", "U013", "Y011"], ["XD01Z"]),
        (["U011", "U011", "Y011"], ["XD01Z", "VC04Z"]),
    ],
)
def test_a10_the_codes_that_follow_change_the_root(load: Load, procedures: list[str], unbundled: list[str]) -> None:
    grouper = load(**more("rule", "unbundled,XD01,with marks 1+,VC04,,label"), **more("list", "marks,procedure,Y011,label"))
    assert [*grouper.group_spell([episode(procedures=procedures)]).unbundled] == unbundled


def test_a10_a_helper_and_an_age_without_a_split_put_nothing_out(load: Load) -> None:
    grouper = load(
        **more("hrg", "LH01Z,dialysis,helper,authored"),
        **more("rule", "unbundled,LH01,diagnosis in extent,VC04,,label"),
        **more("unbundled", "X011,LH01,,label", "N011,RT01,,label"),
        split=TABLES["split"].replace("RT01,RT01Z,,", "RT01,RT01Z,1+,"),
    )
    assert grouper.group_spell([episode(procedures=["X011", "U011"])]).unbundled == ("XD01Z",)
    assert grouper.group_spell([episode("A000", "T000", procedures=["X011"])]).unbundled == ("VC04Z",)
    young = grouper.group_spell([episode(procedures=["N011"], age=0)])
    assert (young.hrg, young.unbundled, young.messages) == ("PA01Z", (), ())
    unknown = grouper.group_spell([episode(procedures=["N011", "U011"], age=131)])
    assert (unknown.hrg, unknown.unbundled) == (INVALID, ("XD01Z",))


def test_a10_an_error_category_fails_the_episode(load: Load) -> None:
    grouper = load(**more("unbundled", "U013,UZ06,rehabilitation,label"))
    result = grouper.group_spell([episode(procedures=["H011", "U013", "U011"], rehabilitation_days=2)])
    assert (result.hrg, result.method, result.unbundled) == (INVALID, "U", (INVALID, "XD01Z"))
    assert faults(result) == [(0, "OPER_02", "U013", "vague procedure")]


def test_a11_the_first_of_equal_rank_dominates(load: Load) -> None:
    grouper = load()
    results = [grouper.group_spell([episode(duration=1, procedures=codes)]) for codes in (["M012", "M011"], ["M011", "M012"])]
    assert [(result.hrg, result.dominant_procedure) for result in results] == [("PR03Z", "M012"), ("PR02Z", "M011")]
    higher = grouper.group_spell([episode(duration=1, procedures=["M012", "H011"])])
    assert higher.dominant_procedure == "H011"


def test_a11_goes_through_the_episodes_of_a_spell(group: Callable[..., SpellResult]) -> None:
    result = group(episode(duration=0, procedures=["", "M011"]), episode(duration=1, procedures=["M012"]))
    assert (result.dominant_procedure, result.hrg) == ("M011", "PR02Z")


@pytest.mark.parametrize("codes", [["Y011"], ["X011"], ["", "X011", "Y011", "Y011"]])
def test_a12_modifiers_and_barred_codes_cannot_stand_alone(group: Callable[..., SpellResult], codes: list[str]) -> None:
    result = group(episode(procedures=codes))
    first = next(number for number, code in enumerate(codes) if code)
    assert (result.hrg, faults(result)) == (INVALID, [(0, f"OPER_{first + 1:02}", codes[first], "no procedure")])


@pytest.mark.parametrize("other", ["M011", "I011", "N011", "U013", "U012"])
def test_a12_any_other_valid_procedure_lets_the_diagnosis_lead(group: Callable[..., SpellResult], other: str) -> None:
    result = group(episode("A01X", procedures=["Y011", other, "X011"]))
    assert (result.method, result.messages) == ("D", ())


def test_a13_interventions_are_distinct_codes_that_drive_or_intervene(load: Load) -> None:
    splits = [f"AA03,AA03A,,,{n},,,label" if n else "AA03,AA03B,,,0,,,label" for n in range(3)]
    kept = [row for row in TABLES["split"].splitlines() if not row.startswith("AA03")]
    grouper = load(split="\n".join([*kept, *splits]))
    counts = {
        ("I011", "I011"): 1, ("M011", "I011"): 2, ("M011", "M012", "M011"): 2, ("N011", "Y011", "U013"): 0, ("U011", "I011"): 1,
    }  # fmt: skip
    for codes, count in counts.items():
        result = grouper.group_spell([episode("T000", procedures=codes)])
        assert (codes, result.method, result.interventions) == (codes, "D", count)
    assert grouper.group_spell([episode("T000", procedures=["H011", "I011"])]).interventions == 0  # method P


# Section 6: CC score


def test_a14_each_code_scores_once_and_the_primary_diagnosis_not_at_all(group: Callable[..., SpellResult]) -> None:
    assert group(episode("A000", "B000", "B000")).cc_score == 2
    assert group(episode("A001", "A001", "B000")).cc_score == 2
    # In a spell: the second episode's primary diagnosis is the spell's own.
    assert group(episode("A001"), episode("A001", "B001")).cc_score == 1
    assert group(episode("A000", "B000"), episode("A000", "B000")).cc_score == 2


def test_a15_a_code_excluded_by_the_primary_diagnosis_does_not_score(group: Callable[..., SpellResult]) -> None:
    assert group(episode("C000", "B000", "B001", "B002")).cc_score == 3
    # Another secondary diagnosis excludes nothing.
    assert group(episode("A000", "C000", "B000", "B001")).cc_score == 3


def test_a15_asks_for_the_primary_diagnosis_of_the_spell(load: Load) -> None:
    grouper = load(diagnosis=TABLES["diagnosis"].replace("C000,AA01,,2", "C000,AA01,,9"))
    result = grouper.group_spell([episode("A000", "B000"), episode("C000")])
    assert (result.primary_diagnosis, result.cc_score, [part.cc_score for part in result.episodes]) == ("C000", 0, [2, 0])


@pytest.mark.parametrize(
    ("codes", "score"),
    [
        ("B000", 2), ("B001 B000", 2), ("B000 B001", 2), ("B000 B002", 3), ("B002 B000", 3), ("B001 B002 B000", 3),
        ("B000 C000", 2),  # a specific code without points displaces nothing
        ("B002 D000", 8),  # specific codes add up
        ("B000 A01X", 3),  # a code of no family
    ],
)  # fmt: skip
def test_a16_families(load: Load, codes: str, score: int) -> None:
    grouper = load(
        cc=f"{TABLES['cc']}\nD000,AA,5,label",
        cc_family="family,level,codes,grade\nheart,general,B000-B001,label\nheart,specific,B002 C000 D000,label",
    )
    assert grouper.group_spell([episode("A000", *codes.split())]).cc_score == score


def test_a16_an_excluded_specific_code_displaces_nothing(load: Load) -> None:
    family = "family,level,codes,grade\nheart,general,B000,label\nheart,specific,B002,label"
    grouper = load(cc_family=family, cc_exclusion="primary,secondary,grade\nC000,B002,label")
    assert [grouper.group_spell([episode(primary, "B000", "B002")]).cc_score for primary in ("A000", "C000")] == [3, 2]


# Section 7: spells


def test_a17_the_age_is_that_of_the_first_episode(group: Callable[..., SpellResult]) -> None:
    # The second episode has the procedure: it leads.
    child = group(episode(age=18), episode(age=19, procedures=["H011"]))
    assert (child.hrg, child.episodes[1].hrg) == ("PR01B", "PR01A")
    assert group(episode(age=19), episode(age=18, procedures=["H011"])).hrg == "PR01A"


@pytest.mark.parametrize("category", ["UZ03", "UZ06"])
def test_a17_at_the_age_of_the_first_episode_a_primary_diagnosis_may_be_an_error(load: Load, category: str) -> None:
    grouper = load(
        diagnosis=TABLES["diagnosis"].replace("D000,UZ03,PA01,3,official,label", f"D000,AA02,{category},3,official,label")
    )
    result = grouper.group_spell([episode(age=18), episode("D000", age=19)])
    text = {"UZ03": "age conflict", "UZ06": "vague procedure"}[category]
    assert (result.hrg, faults(result)) == (INVALID, [(1, "DIAG_01", "D000", text)])
    assert [part.hrg for part in result.episodes] == ["PA01Z", "AA02Z"]


def test_a18_the_highest_rank_of_a_primary_diagnosis_leads(group: Callable[..., SpellResult]) -> None:
    result = group(episode("A000"), episode("A01X"), episode("B000"))
    assert (result.primary_diagnosis, [part.report_flag for part in result.episodes]) == ("A01X", [False, True, False])


def test_a18_between_equals_the_earliest_leads(group: Callable[..., SpellResult]) -> None:
    result = group(episode("B000"), episode("A000"), episode("T000"))
    assert (result.primary_diagnosis, result.hrg, [part.report_flag for part in result.episodes]) == (
        "A000", "AA01C", [False, True, False],
    )  # fmt: skip


def test_a19_the_episode_of_the_dominant_procedure_leads(load: Load) -> None:
    grouper = load(
        **more("rule", "procedure,PR01,TRETSPEF in medicine and primary in mild,PR05,,label"),
        **more("list", "medicine,TRETSPEF,100,label", "mild,diagnosis,B001,label"),
    )
    result = grouper.group_spell([episode("A01X"), episode("B001", "B002", procedures=["H011"])])
    assert (result.hrg, result.primary_diagnosis, result.secondary_diagnosis) == ("PR05Z", "B001", "B002")
    assert [part.report_flag for part in result.episodes] == [False, True]


def test_a20_the_secondary_diagnosis_is_the_first_valid_one_of_the_leading_episode(group: Callable[..., SpellResult]) -> None:
    result = group(episode("A000", "C000"), episode("A01X", "", "Q999", "B001", "B000"))
    assert (result.primary_diagnosis, result.secondary_diagnosis) == ("A01X", "B001")
    assert group(episode("A000", "C000"), episode("A01X")).secondary_diagnosis == ""


# What conditions may ask of the codes around the dominant procedure


SITES = {
    "procedure": TABLES["procedure"].replace("Y011,modifier", "Y011,site").replace("X011,barred", "X011,site"),
    "list": TABLES["list"] + "\nhip,procedure,Y011,authored",
    "rule": TABLES["rule"] + "\nprocedure,PR01,site in hip,PR02,,authored",
}


@pytest.mark.parametrize(
    ("procedures", "hrg"),
    [
        (["H011", "Y011"], "PR02Z"),
        (["H011", "I011", "Y011"], "PR02Z"),  # codes that are no site may stand between
        (["H011", "X011", "Y011"], "PR01A"),  # the first site is another
        (["Y011", "H011"], "PR01A"),  # before the operation, so it belongs to none
        (["H011", "U013", "Y011"], "PR01A"),  # it belongs to the unbundled code
        (["H011"], "PR01A"),
    ],
)
def test_the_site_is_the_first_that_follows_the_dominant_procedure(load: Load, procedures: list[str], hrg: str) -> None:
    assert load(**SITES).group_spell([episode(procedures=procedures)]).hrg == hrg


def test_a_site_of_another_episode_does_not_count(load: Load) -> None:
    spell = [episode(procedures=["H011"]), episode(procedures=["M011", "Y011"])]
    assert load(**SITES).group_spell(spell).hrg == "PR01A"


def test_sites_alone_cannot_lead(load: Load) -> None:
    result = load(**SITES).group_spell([episode(procedures=["Y011", "X011"])])
    assert result.hrg == INVALID and [message.category for message in result.messages] == ["UZ05"]


@pytest.mark.parametrize(("procedures", "hrg"), [(["U013"], "RT01Z"), (["U011"], "RT01Z"), (["I011"], "AA01C"), ([], "AA01C")])
def test_unbundled_codes_can_be_asked_for(load: Load, procedures: list[str], hrg: str) -> None:
    """Those with an HRG of their own and those without."""
    unbundled = {
        "list": TABLES["list"] + "\nscan,procedure,U011 U013 I011,authored",
        "rule": TABLES["rule"] + "\nroute,,unbundled in scan,RT01,G,authored",
    }
    assert load(**unbundled).group_spell([episode(procedures=procedures)]).hrg == hrg


@pytest.mark.parametrize(
    ("diagnoses", "fails"),
    [
        (["D001", "T000"], False),
        (["A000", "D001", "B000", "T000"], False),
        (["D001", "T000", "D001"], True),  # nothing after the last
        (["T000", "D001"], True),
        (["D001"], True),
        (["T000", "B000"], False),
    ],
)
def test_order_of_diagnoses(load: Load, diagnoses: list[str], fails: bool) -> None:
    ordered = TABLES["rule"].replace("not diagnosis in extent", "not diagnosis burn before extent")
    assert (load(rule=ordered).group_spell([episode(*diagnoses)]).hrg == INVALID) == fails


# Programme budgeting categories


def test_a26_the_category_is_that_of_the_primary_diagnosis(load: Load, tmp_path: Path) -> None:
    grouper = load(programme="codes,category,grade\nA00,01X,authored\nC000,02A,authored")
    spell = [episode("C000", "A000"), episode("B000", "A000")]
    result = grouper.group_spell(spell)
    assert result.primary_diagnosis == "C000"
    assert (result.programme, [part.programme for part in result.episodes]) == ("02A", ["02A", ""])
    failed = grouper.group_spell([episode("A000"), episode("A000", "D001")])
    assert (failed.programme, [part.programme for part in failed.episodes]) == ("", ["01X", ""])
    lines = group_file(grouper, tmp_path, {"DIAG_01": "A001"}, {"DIAG_01": "Z000", "PROVSPNO": "8"})
    assert [line.split(",")[4] for line in lines["_FCE_rel"]] == ["01X", ""]
    assert [line.rsplit(",", 1)[1] for line in lines["_spell_rel"]] == ["01X", ""]
