"""The eleven official files: names, columns, order, content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

import hrgcore
from hrgcore.design import load_design

from .apc import FIELDS, SUFFIXES, cells, definition, out, record, rows, with_header, write
from .tiny import tiny_design

ECHO = ",".join(FIELDS)
EPISODE = (
    "FCE_HRG,GroupingMethodFlag,DominantProcedure,FCE_PBC,CalcEpidur,ReportingEPIDUR,FCETrimpoint,FCEExcessBeddays,"
    "SpellReportFlag"
)
EPISODE_SSC = "FCESSC_Ct,FCESSCs1,FCESSCs2,FCESSCs3,FCESSCs4,FCESSCs5,FCESSCs6,FCESSCs7"
SPELL = (
    "SpellHRG,SpellGroupingMethodFlag,SpellDominantProcedure,SpellPDiag,SpellSDiag,SpellEpisodeCount,SpellLOS,ReportingSpellLOS,"
    "SpellTrimpoint,SpellExcessBeddays,SpellCCDays,SpellPBC"
)
SPELL_FLAGS = (
    "SpellSSC_Ct,SpellSSCs1,SpellSSCs2,SpellSSCs3,SpellSSCs4,SpellSSCs5,SpellSSCs6,SpellSSCs7,"
    "SpellBP_Ct,SpellBP1,SpellBP2,SpellBP3,SpellBP4,SpellBP5,SpellBP6,SpellBP7,"
    "SpellFlag_Ct,SpellFlag1,SpellFlag2,SpellFlag3,SpellFlag4,SpellFlag5,SpellFlag6,SpellFlag7"
)
HEADERS = {
    "_sort": f"{ECHO},RowNo",
    "_FCE": f"{ECHO},RowNo,{EPISODE},{EPISODE_SSC},{SPELL},UnbundledHRGs",
    "_spell": f"RowNo,PROCODET,PROVSPNO,{SPELL},{SPELL_FLAGS},UnbundledHRGs",
    "_quality": f"{ECHO},RowNo,Code Type|Code|Error Message",
    "_FCE_rel": f"RowNo,{EPISODE}",
    "_spell_rel": f"RowNo,PROCODET,PROVSPNO,{SPELL}",
    "_quality_rel": "RowNo,Iteration,Code Type,Code,Error Message",
    "_flag_rel": "RowNo,PROCODET,PROVSPNO,Iteration,SpellFlag",
    "_ub_rel": "RowNo,Iteration,UnbundledHRGs",
    "_summary": "Grouper Version,Database Version,FCE Count,Spell Count,FCE Error Count,Spell Error Count,"
    "Run Start Date/Time,Run End Date/Time,Input Filename,Output Filename,RDF path and name",
}
GROUP = Callable[..., Path]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> hrgcore.Grouper:
    """A design with unbundled HRGs."""
    return hrgcore.Grouper(load_design(tiny_design(tmp_path_factory.mktemp("design"))))


@pytest.fixture
def group(tiny: hrgcore.Grouper, tmp_path: Path) -> GROUP:
    """Groups records of a file with a header; gives the name of the output."""

    def run(*lines: str, **options: object) -> Path:
        source = with_header(tmp_path / "in.csv", *lines)
        tiny.group_file(source, tmp_path / "out.csv", **options)
        return tmp_path / "out.csv"

    return run


def sound(**changes: str) -> str:
    """A record that groups in the tiny design."""
    return record(**{"DIAG_01": "A000", **changes})


def take(row: dict[str, str], names: str) -> list[str]:
    """Some cells of a row."""
    return [row[name] for name in names.split()]


# Names and columns


def test_names(group: GROUP) -> None:
    output = group(sound())
    assert {path.name for path in output.parent.glob("out*")} == {f"out{suffix}.csv" for suffix in SUFFIXES}
    assert len(SUFFIXES) == 11


def test_bare_file_lists_the_others(group: GROUP) -> None:
    assert sorted(group(sound()).read_text().splitlines()) == sorted(f"out{suffix}.csv" for suffix in SUFFIXES if suffix)


@pytest.mark.parametrize(("name", "expected"), [("o.x.txt", "o.x_FCE.txt"), ("o", "o_FCE"), ("a b.CSV", "a b_FCE.CSV")])
def test_suffix_goes_before_the_extension(tiny: hrgcore.Grouper, tmp_path: Path, name: str, expected: str) -> None:
    tiny.group_file(with_header(tmp_path / "in.csv", sound()), tmp_path / name)
    assert (tmp_path / expected).is_file()


@pytest.mark.parametrize("suffix", HEADERS)
def test_columns(group: GROUP, suffix: str) -> None:
    assert out(group(sound()), suffix).read_text().splitlines()[0] == HEADERS[suffix]


def test_number_of_columns(group: GROUP) -> None:
    output = group(sound())
    assert len(HEADERS["_spell"].split(",")) == 40
    assert HEADERS["_spell"].startswith(HEADERS["_spell_rel"])
    assert len(HEADERS["_spell_rel"].split(",")) == 15
    for suffix in ("_sort", "_FCE", "_spell", "_FCE_rel", "_spell_rel", "_summary"):
        assert {len(line) for line in cells(output, suffix)} == {len(HEADERS[suffix].split(","))}, suffix


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_are_those_of_the_input(tiny: hrgcore.Grouper, tmp_path: Path, newline: str) -> None:
    tiny.group_file(with_header(tmp_path / "in.csv", sound(SEX="Q", OPER_01="U011"), newline=newline), tmp_path / "out.csv")
    for suffix in SUFFIXES:
        data = out(tmp_path / "out.csv", suffix).read_bytes()
        assert data.endswith(newline.encode())
        assert data.count(b"\r") == (data.count(b"\n") if newline == "\r\n" else 0), suffix


# Order and echo


def test_order_and_row_numbers(group: GROUP) -> None:
    """By provider, spell and the number of the episode, where 10 comes after 9; RowNo counts the sorted rows."""
    output = group(
        sound(PROCODET="RYY", PROVSPNO="1"),
        sound(PROVSPNO="2"),
        sound(PROVSPNO="10", EPIORDER="10"),
        sound(PROVSPNO="10", EPIORDER="9"),
        sound(PROVSPNO="10", EPIORDER="01"),
    )
    keys = [(row["PROCODET"], row["PROVSPNO"], row["EPIORDER"], row["RowNo"]) for row in rows(output, "_sort")]
    assert keys == [
        ("RXX", "10", "01", "1"),
        ("RXX", "10", "9", "2"),
        ("RXX", "10", "10", "3"),
        ("RXX", "2", "1", "4"),
        ("RYY", "1", "1", "5"),
    ]
    for suffix in ("_FCE", "_FCE_rel"):
        assert [row["RowNo"] for row in rows(output, suffix)] == ["1", "2", "3", "4", "5"]
    for suffix in ("_spell", "_spell_rel"):
        assert [row["RowNo"] for row in rows(output, suffix)] == ["1", "4", "5"]


def test_order_of_the_input_never_matters(group: GROUP) -> None:
    lines = [sound(PROVSPNO=str(n % 3), EPIORDER=str(n), EPIDUR=str(n)) for n in range(1, 9)]
    one = {suffix: out(group(*lines), suffix).read_bytes() for suffix in HEADERS if suffix != "_summary"}
    other = {suffix: out(group(*reversed(lines)), suffix).read_bytes() for suffix in one}
    assert one == other


def test_extra_columns_are_echoed_byte_for_byte(tiny: hrgcore.Grouper, tmp_path: Path) -> None:
    """Blanks, quotes, leading zeros, letters of two bytes and empty cells in columns that grouping does not know."""
    fields = ["before", *FIELDS, "after", "dummy_field"]
    lines = [
        f' x\t,{sound(PROVSPNO="2", EPIDUR="007", DIAG_01=" a00.0 ")},"é" ,00',
        f",{sound(PROVSPNO='1')},,",
    ]
    tiny.group_file(with_header(tmp_path / "in.csv", *lines, fields=fields), tmp_path / "out.csv")
    header, *found = out(tmp_path / "out.csv", "_sort").read_bytes().splitlines()
    assert header.decode() == ",".join([*fields, "RowNo"])
    assert found == [f"{lines[1]},1".encode(), f"{lines[0]},2".encode()]
    starts = [
        line[: len(lines[place].encode())] for line, place in zip(_lines(tmp_path / "out.csv", "_FCE"), (1, 0), strict=True)
    ]
    assert starts == [lines[1].encode(), lines[0].encode()]


def _lines(output: Path, suffix: str) -> list[bytes]:
    return out(output, suffix).read_bytes().splitlines()[1:]


def test_blank_lines_are_no_records(group: GROUP) -> None:
    assert len(rows(group("", sound(), "", ""), "_sort")) == 1


# Results


def test_episode_and_spell_values(group: GROUP) -> None:
    """One spell of two episodes: the second is driven by a procedure, which drives the spell."""
    output = group(
        sound(EPIORDER="1", EPIDUR="9", CRITICALCAREDAYS="4", DIAG_02="B000"),
        sound(EPIORDER="2", EPIDUR="3", REHABILITATIONDAYS="5", DIAG_01="B000", DIAG_02="B001", OPER_01="Y011", OPER_02="M011"),
    )
    first, second = rows(output, "_FCE")
    assert take(first, "FCE_HRG GroupingMethodFlag DominantProcedure CalcEpidur SpellReportFlag") == [
        "AA01A", "D", "", "5", "0",
    ]  # fmt: skip
    assert take(second, "FCE_HRG GroupingMethodFlag DominantProcedure CalcEpidur SpellReportFlag") == [
        "PR01A", "P", "M011", "0", "1",
    ]  # fmt: skip
    (spell,) = rows(output, "_spell")
    filled = {name: value for name, value in spell.items() if value not in ("", "0")}
    assert filled == {
        "RowNo": "1", "PROCODET": "RXX", "PROVSPNO": "1", "SpellHRG": "PR01A", "SpellGroupingMethodFlag": "P",
        "SpellDominantProcedure": "M011", "SpellPDiag": "B000", "SpellSDiag": "B001", "SpellEpisodeCount": "2", "SpellLOS": "5",
        "SpellCCDays": "4",
    }  # fmt: skip
    assert [name for name, value in spell.items() if value == "0"] == ["SpellSSC_Ct", "SpellBP_Ct", "SpellFlag_Ct"]
    for row in (first, second):
        assert {name: row[name] for name in SPELL.split(",")} == {name: spell[name] for name in SPELL.split(",")}
        assert row["FCESSC_Ct"] == "0"
        assert all(
            row[name] == "" for name in ("FCE_PBC", "ReportingEPIDUR", "FCETrimpoint", "FCEExcessBeddays", "FCESSCs1", "FCESSCs7")
        )


def test_rel_files_repeat_the_main_files(group: GROUP) -> None:
    output = group(sound(), sound(PROVSPNO="2", OPER_01="M011"), sound(PROVSPNO="3", SEX=""))
    for main, rel in (("_FCE", "_FCE_rel"), ("_spell", "_spell_rel")):
        names = HEADERS[rel].split(",")
        assert rows(output, rel) == [{name: row[name] for name in names} for row in rows(output, main)]


def test_flag_file_has_only_its_header(group: GROUP) -> None:
    assert rows(group(sound()), "_flag_rel") == []


# Unbundled HRGs


def test_unbundled_columns_are_ragged(group: GROUP) -> None:
    output = group(
        sound(EPIORDER="1", OPER_01="U011", OPER_02="U012", OPER_03="U011", REHABILITATIONDAYS="2"),
        sound(EPIORDER="2", OPER_01="U013", SPCDAYS="3"),
        sound(EPIORDER="3"),
        sound(PROVSPNO="2", OPER_01="U012", OPER_02="U013"),
    )
    episode, spell = len(HEADERS["_FCE"].split(",")), len(HEADERS["_spell"].split(","))
    assert [line[episode - 1 :] for line in cells(output, "_FCE")] == [
        ["UnbundledHRGs"],
        ["XD01Z", "VC04Z*2", "XD01Z"],
        ["VC04Z*3"],
        [""],
        ["VC04Z", "VC04Z"],
    ]
    assert [line[spell - 1 :] for line in cells(output, "_spell")] == [
        ["UnbundledHRGs"],
        ["XD01Z", "VC04Z*2", "XD01Z", "VC04Z*3"],
        ["VC04Z", "VC04Z"],
    ]
    assert cells(output, "_ub_rel")[1:] == [
        ["1", "1", "XD01Z"],
        ["1", "2", "VC04Z*2"],
        ["1", "3", "XD01Z"],
        ["2", "1", "VC04Z*3"],
        ["4", "1", "VC04Z"],
        ["4", "2", "VC04Z"],
    ]


def test_failed_episode_keeps_its_unbundled_hrgs(group: GROUP) -> None:
    (row,) = rows(group(sound(SEX="", OPER_01="U011")), "_FCE")
    assert (row["FCE_HRG"], row["UnbundledHRGs"]) == ("UZ01Z", "XD01Z")


# Faults


def test_invalid_episode_fails_its_spell(group: GROUP) -> None:
    """The spell and its columns on every episode; the other episodes keep their own HRG, other spells theirs."""
    output = group(
        sound(EPIORDER="1", OPER_01="M011"),
        sound(EPIORDER="2", DIAG_01="Z000"),
        sound(PROVSPNO="2"),
    )
    assert [
        (row["FCE_HRG"], row["GroupingMethodFlag"], row["SpellHRG"], row["SpellReportFlag"]) for row in rows(output, "_FCE")
    ] == [
        ("PR01A", "P", "UZ01Z", "0"),
        ("UZ01Z", "U", "UZ01Z", "0"),
        ("AA01B", "D", "AA01B", "1"),
    ]
    first, second = rows(output, "_spell")
    assert take(first, "SpellHRG SpellGroupingMethodFlag SpellDominantProcedure SpellPDiag SpellSDiag") == [
        "UZ01Z", "U", "", "", "",
    ]  # fmt: skip
    assert (first["SpellLOS"], first["SpellEpisodeCount"], second["SpellHRG"]) == ("4", "2", "AA01B")


def test_length_of_stay_where_the_duration_is_invalid(group: GROUP) -> None:
    output = group(sound(EPIORDER="1", EPIDUR=""), sound(EPIORDER="2", EPIDUR="3"))
    assert [row["CalcEpidur"] for row in rows(output, "_FCE")] == ["", "3"]
    assert rows(output, "_spell")[0]["SpellLOS"] == "3"


def test_quality_files(group: GROUP) -> None:
    """Every fault of a row: in _quality as ragged cells behind the echoed row, in _quality_rel one a line."""
    lines = [
        sound(PROVSPNO="1"),
        sound(PROVSPNO="2", SEX="Q", EPIDUR="", DIAG_01="z00.0", DIAG_03="X999", OPER_12="none"),
        sound(PROVSPNO="3", EPIORDER="1", CLASSPAT="1"),
        sound(PROVSPNO="3", EPIORDER="1", CLASSPAT="2"),
        sound(PROVSPNO="4", DIAG_01=""),
    ]
    output = group(*lines)
    expected = [
        ("2", "1", "SEX", "Q", "Value is invalid"),
        ("2", "2", "EPIDUR", "", "Mandatory field is blank"),
        ("2", "3", "DIAG_01", "Z000", "bad primary"),
        ("2", "4", "DIAG_03", "X999", "Diagnosis is invalid"),
        ("2", "5", "OPER_12", "NONE", "Procedure is invalid"),
        ("3", "1", "CLASSPAT", "", "Patient classification is inconsistent in spell"),
        ("3", "2", "EPIORDER", "", "Episode number is repeated in spell"),
        ("4", "1", "CLASSPAT", "", "Patient classification is inconsistent in spell"),
        ("4", "2", "EPIORDER", "", "Episode number is repeated in spell"),
        ("5", "1", "DIAG_01", "", "Primary Diagnosis is blank"),
    ]
    assert [tuple(line) for line in cells(output, "_quality_rel")[1:]] == expected
    quality = out(output, "_quality").read_text().splitlines()[1:]
    for place, line in zip((1, 2, 3, 4), quality, strict=True):
        faults = ",".join("|".join(fault[2:]) for fault in expected if fault[0] == str(place + 1))
        assert line == f"{lines[place]},{place + 1},{faults}"


def test_sound_input_has_empty_quality_files(group: GROUP) -> None:
    output = group(sound())
    assert rows(output, "_quality") == rows(output, "_quality_rel") == []


def test_summary(group: GROUP, tmp_path: Path) -> None:
    before = datetime.now().replace(microsecond=0)
    output = group(sound(EPIORDER="1"), sound(EPIORDER="2", SEX=""), sound(PROVSPNO="2"))
    (row,) = rows(output, "_summary")
    assert row["Grouper Version"].startswith(f"hrgcore {hrgcore.__version__}")
    assert row["Database Version"].startswith("tiny 1.0 ")
    # an inconsistent SEX fails both episodes of the spell
    assert [row[f"{what} Count"] for what in ("FCE", "Spell", "FCE Error", "Spell Error")] == ["3", "2", "2", "1"]
    started, ended = (datetime.fromisoformat(row[f"Run {name} Date/Time"]) for name in ("Start", "End"))
    assert before <= started <= ended
    assert (row["Input Filename"], row["Output Filename"]) == (str(tmp_path / "in.csv"), str(output))


def test_summary_names_the_record_definition(group: GROUP, tmp_path: Path) -> None:
    rdf = definition(tmp_path / "my, own.rdf")
    _, line = cells(group(sound(), rdf=rdf), "_summary")
    assert line[10:] == [str(rdf).replace(",", " ")]


def test_summary_of_the_run(tiny: hrgcore.Grouper, tmp_path: Path) -> None:
    """What the call gives back is what the file says."""
    source = with_header(tmp_path / "in.csv", sound(), sound(PROVSPNO="2", SEX=""), sound(PROVSPNO="3", EPIDUR=""))
    summary = tiny.group_file(source, tmp_path / "out.csv")
    assert (summary.design, summary.dataset, summary.records, summary.record_errors, summary.spells, summary.spell_errors) == (
        "tiny 1.0",
        "APC",
        3,
        2,
        3,
        2,
    )
    assert summary.messages == {"Mandatory field is blank": 2}
    assert (summary.warnings, summary.unmapped) == ((), {})
    assert set(summary.files) == {out(tmp_path / "out.csv", suffix) for suffix in SUFFIXES}


# Headers


@pytest.mark.parametrize("header", [None, False])
def test_input_without_header(tiny: hrgcore.Grouper, tmp_path: Path, header: bool | None) -> None:
    """The outputs have the titles of the record definition, or the official names where it has none."""
    write(tmp_path / "in.csv", [sound() + ",x"])
    rdf = definition(tmp_path / "apc.rdf")
    rdf.write_text(rdf.read_text().replace("SEX,SEX,", "SEX,Gender,").replace("STARTAGE,STARTAGE,", "STARTAGE,,"))
    tiny.group_file(tmp_path / "in.csv", tmp_path / "out.csv", rdf=rdf, header=header)
    header_line, line = cells(tmp_path / "out.csv", "_sort")
    assert header_line == [{"SEX": "Gender"}.get(name, name) for name in FIELDS] + ["Column44", "RowNo"]
    assert line == [*sound().split(","), "x", "1"]


def test_header_of_own_titles(tiny: hrgcore.Grouper, tmp_path: Path) -> None:
    """A header need not hold official names if the record definition says where the fields are."""
    titles = [f"t{n}" for n in range(len(FIELDS))]
    write(tmp_path / "in.csv", [",".join(titles), sound()])
    tiny.group_file(tmp_path / "in.csv", tmp_path / "out.csv", rdf=definition(tmp_path / "apc.rdf"), header=True)
    assert cells(tmp_path / "out.csv", "_sort") == [[*titles, "RowNo"], [*sound().split(","), "1"]]


def test_outputs_without_headers(tiny: hrgcore.Grouper, tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", sound(SEX="", OPER_01="U011"))
    tiny.group_file(source, tmp_path / "with.csv")
    tiny.group_file(source, tmp_path / "without.csv", output_headers=False)
    for suffix in HEADERS:
        if suffix != "_summary":
            assert cells(tmp_path / "without.csv", suffix) == cells(tmp_path / "with.csv", suffix)[1:]
    assert len(cells(tmp_path / "without.csv", "_summary")) == 1
    assert (tmp_path / "without.csv").read_text() == (tmp_path / "with.csv").read_text().replace("with_", "without_")


def test_byte_order_mark(tiny: hrgcore.Grouper, tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", sound())
    source.write_bytes(b"\xef\xbb\xbf" + source.read_bytes())
    tiny.group_file(source, tmp_path / "out.csv")
    assert cells(tmp_path / "out.csv", "_sort")[0][0] == "PROCODET"
    assert rows(tmp_path / "out.csv", "_FCE")[0]["FCE_HRG"] == "AA01B"


# Record definitions at work


def test_columns_in_another_order(tiny: hrgcore.Grouper, group: GROUP, tmp_path: Path) -> None:
    """The same records, columns reversed and one of another kind between them: the same results."""
    lines = [sound(DIAG_02="B000"), sound(PROVSPNO="2", OPER_02="M011"), sound(PROVSPNO="3", ADMIMETH="")]
    group(*lines)
    order = FIELDS[::-1]
    mixed = [",".join([*line.split(",")[:9:-1], "ward", *line.split(",")[9::-1]]) for line in lines]
    rdf = definition(tmp_path / "apc.rdf", [*order[:33], "WARD", *order[33:]])
    tiny.group_file(write(tmp_path / "mixed.csv", mixed), tmp_path / "other.csv", rdf=rdf, header=False)
    for suffix in ("_FCE_rel", "_spell_rel", "_quality_rel", "_ub_rel"):
        assert cells(tmp_path / "other.csv", suffix) == cells(tmp_path / "out.csv", suffix)
    assert cells(tmp_path / "other.csv", "_sort")[1] == [*mixed[0].split(","), "1"]


@pytest.mark.parametrize("slot", [3, 4, 5], ids=["part 4", "part 5", "part 6"])
def test_picture_and_extract(tiny: hrgcore.Grouper, tmp_path: Path, slot: int) -> None:
    """PROVSPNO is cut to what stands between two other letters, which makes one spell of two; a diagnosis loses its stars."""
    rdf = definition(tmp_path / "apc.rdf")
    picture = ["PROVSPNO", "PROVSPNO", "2", "", "", "", "-"]
    picture[slot] = ".AAA."
    text = rdf.read_text().replace("PROVSPNO,PROVSPNO,2,,,,", ",".join(picture)).replace("DIAG_01,15,,,,", "DIAG_01,15,,,,*+")
    rdf.write_text(text)
    lines = [
        sound(PROVSPNO="x1-7yz", EPIORDER="2"),
        sound(PROVSPNO="q1-7", EPIORDER="1", DIAG_01="+A0*00*"),
        sound(PROVSPNO="q1-8"),
    ]
    tiny.group_file(write(tmp_path / "in.csv", lines), tmp_path / "out.csv", rdf=rdf, header=False)
    assert [(row["PROVSPNO"], row["SpellEpisodeCount"], row["SpellHRG"]) for row in rows(tmp_path / "out.csv", "_spell")] == [
        ("17", "2", "AA01B"),
        ("18", "1", "AA01B"),
    ]
    # the echo is the input, uncut
    assert [row["PROVSPNO"] for row in rows(tmp_path / "out.csv", "_sort")] == ["q1-7", "x1-7yz", "q1-8"]


def test_message_shows_the_cut_cell(tiny: hrgcore.Grouper, tmp_path: Path) -> None:
    rdf = definition(tmp_path / "apc.rdf")
    rdf.write_text(rdf.read_text().replace("SEX,SEX,5,,,,", "SEX,SEX,5,.A,,,"))
    write(tmp_path / "in.csv", [sound(SEX="1Q9")])
    tiny.group_file(tmp_path / "in.csv", tmp_path / "out.csv", rdf=rdf, header=False)
    assert cells(tmp_path / "out.csv", "_quality_rel")[1] == ["1", "1", "SEX", "Q", "Value is invalid"]


def test_99_diagnoses_and_procedures(tiny: hrgcore.Grouper, tmp_path: Path) -> None:
    fields = [*FIELDS[:14], *(f"{stem}_{n:02d}" for stem in ("DIAG", "OPER") for n in range(1, 100)), *FIELDS[-3:]]
    tiny.group_file(
        with_header(tmp_path / "in.csv", record(fields, DIAG_01="A000", DIAG_99="B000", OPER_99="U011"), fields=fields),
        tmp_path / "out.csv",
    )
    assert rows(tmp_path / "out.csv", "_FCE")[0]["FCE_HRG"] == "AA01A"
    assert cells(tmp_path / "out.csv", "_ub_rel")[1:] == [["1", "1", "XD01Z"]]


def test_results_do_not_depend_on_threads_or_progress(group: GROUP) -> None:
    lines = [sound(PROVSPNO=str(n // 2), EPIORDER=str(n % 2 + 1), SEX="" if n % 7 == 0 else "1") for n in range(200)]
    reports: list[tuple[int, int]] = []
    found = [
        {suffix: out(group(*lines, **options), suffix).read_bytes() for suffix in HEADERS if suffix != "_summary"}
        for options in ({"threads": 1}, {"threads": 3}, {"progress": lambda done, total: reports.append((done, total))})
    ]
    assert found[0] == found[1] == found[2]
    size = sum(len(line) + 1 for line in lines)
    assert reports == sorted(reports) and reports[-1] == (size, size)
