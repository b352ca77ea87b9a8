"""`hrg design manual`: every HRG, root and code has its entry, links resolve, pages tell what the engine does."""

from __future__ import annotations

import json
import posixpath
import random
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
import yaml
from browser import check_page, needs_browser
from click.testing import CliRunner, Result
from unit.tiny import TABLES, changed, tiny_design

import hrgcore
from hrgcore import Episode
from hrgcore.authoring.manual import WORKBOOK, anchor, safe, write_manual
from hrgcore.authoring.words import bands_words, condition_words
from hrgcore.cli import main
from hrgcore.design import Design, load_design
from hrgcore.errors import OutputFileError
from hrgcore.results import SpellResult

SAMPLE = 250


def stub(design: Design, file: BinaryIO) -> None:
    file.write(f"workbook of {design.name}".encode())


@pytest.fixture(autouse=True, scope="module")
def workbook() -> Iterator[types.ModuleType]:
    """A stand-in for the writer of the workbook, which has its own tests."""
    module = types.ModuleType("hrgcore.authoring.workbook")
    module.write_code_to_group = stub  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module.__name__, module)
        yield module


@pytest.fixture(scope="module")
def site(grouper: hrgcore.Grouper, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual of the shipped design."""
    folder = tmp_path_factory.mktemp("manual") / "site"
    write_manual(grouper.design, folder)
    return folder


def tiny_site(folder: Path, **tables: str) -> Path:
    write_manual(load_design(tiny_design(folder, **tables)), folder / "site")
    return folder / "site"


def page(site: Path, name: str) -> str:
    return (site / name).read_text(encoding="utf-8")


def text_of(html: str) -> str:
    """What a reader sees, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def broken_links(site: Path, step: int = 1) -> list[tuple[str, str]]:
    """Each page, or one of so many, with each address on it that leads nowhere in the site."""
    pages = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    places = {name: set(re.findall(r' id="([^"]*)"', text)) for name, text in pages.items()}
    broken = []
    for name, text in sorted(pages.items())[::step]:
        for address in set(re.findall(r' (?:href|src|action)="([^"]*)"', text)) - {"data:,"}:
            path, _, place = address.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if target not in files or (place and place not in places.get(target, ())):
                broken.append((name, address))
    return broken


def search_index(site: Path) -> dict[str, object]:
    text = page(site, "index.js")
    found: dict[str, object] = json.loads(text.removeprefix("const MANUAL = ").removesuffix(";\n"))
    return found


# --- entries and links ---


@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_every_link_leads_somewhere(which: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if which == "tiny":
        assert broken_links(tiny_site(tmp_path)) == []
    else:
        assert broken_links(request.getfixturevalue("site"), step=7) == []


def test_every_hrg_root_and_code_has_an_entry(site: Path, grouper: hrgcore.Grouper) -> None:
    tables, rows = grouper.design.tables, grouper.design.rows
    for row in rows["hrg"]:
        hrg = row.cells[0]
        assert f'<tr id="{hrg}"><td>{hrg}</td>' in page(site, f"roots/{hrg[:4]}.html"), hrg
    assert {path.stem for path in (site / "roots").iterdir()} == {*tables.roots[1:]}
    for folder, codes in (("icd10", tables.icd10.codes[1:]), ("opcs4", tables.opcs4.codes[1:])):
        told = [code for path in sorted((site / folder).iterdir()) for code in re.findall(r'<tr id="(\w+)">', path.read_text())]
        assert told == list(codes)
    rules = [number for path in (site / "rules").iterdir() for number in re.findall(r'<tr id="r(\d+)">', path.read_text())]
    assert sorted(map(int, rules)) == list(range(1, len(rows["rule"]) + 1))
    lists = re.findall(r'<tr id="([^"]+)"', page(site, "lists.html"))
    assert lists == list(dict.fromkeys(row.cells[0] for row in rows["list"]))


def test_every_addressed_thing_of_the_search_is_there(site: Path, grouper: hrgcore.Grouper) -> None:
    index = search_index(site)
    for kind in ("hrgs", "roots", "chapters", "lists"):
        for name, _, address in index[kind]:  # type: ignore[attr-defined]
            path, _, place = address.partition("#")
            assert (site / path).is_file(), name
            assert not place or f'id="{place}"' in page(site, path)
    pairs = str(index["icd10"]).split()
    assert tuple(pairs[::2]) == grouper.design.tables.icd10.codes[1:]
    assert dict(zip(pairs[::2], pairs[1::2], strict=True))["S720"] == "HE11"


def test_size(site: Path) -> None:
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 40_000_000


# --- pages tell what the engine does ---


def codes_on(site: Path, root: str, design: Design) -> set[str]:
    """The codes that the page of a root names, by themselves or through rules."""
    found = set()
    for folder, term in re.findall(r'href="\.\./(icd10|opcs4)/[^"]*">([^<]+)</a>', page(site, f"roots/{root}.html")):
        code_set = design.tables.icd10 if folder == "icd10" else design.tables.opcs4
        found |= {code_set.codes[n] for first, last in code_set.spans(term) for n in range(first, last + 1)}
    return found


def driven(result: SpellResult) -> bool:
    """Whether codes led to the root, and no special route."""
    return bool(result.provenance) and "special route" not in str(result.explain())


def test_primary_diagnoses_stand_on_the_page_of_the_root_that_the_engine_gives(site: Path, grouper: hrgcore.Grouper) -> None:
    dice = random.Random(6)
    seen = 0
    for code in dice.sample(grouper.design.tables.icd10.codes[1:], SAMPLE):
        result = grouper.group_spell(
            [Episode(age=dice.choice([0, 5, 18, 19, 70]), duration=dice.choice([0, 1, 9]), diagnoses=[code])]
        )
        if driven(result):
            assert code in codes_on(site, result.hrg[:4], grouper.design), (code, result.hrg)
            seen += 1
    assert seen > SAMPLE // 2


def test_procedures_stand_on_the_page_of_the_root_that_the_engine_gives(site: Path, grouper: hrgcore.Grouper) -> None:
    dice = random.Random(7)
    seen = 0
    for code in dice.sample(grouper.design.tables.opcs4.codes[1:], SAMPLE):
        diagnosis = dice.choice(["S720", "C509", "K802", "I10X", "M169"])
        result = grouper.group_spell([Episode(age=50, duration=2, diagnoses=[diagnosis], procedures=[code])])
        if driven(result) and result.episodes[0].dominant_procedure == code:
            assert code in codes_on(site, result.hrg[:4], grouper.design), (code, result.hrg)
            seen += 1
    assert seen > SAMPLE // 3


def test_pages_of_codes_tell_their_roots(site: Path, grouper: hrgcore.Grouper) -> None:
    dice = random.Random(8)
    tables = grouper.design.tables
    for code in dice.sample(tables.icd10.codes[1:], SAMPLE):
        number = tables.icd10.encode(code)
        row = re.search(rf'<tr id="{code}">(.*?)</tr>', page(site, f"icd10/{code[:2]}.html"), re.DOTALL)
        assert row
        root = tables.arrays["diag_root"][number]
        name = tables.roots[root] if root < 0x8000 else tables.categories[root - 0x8000]
        assert f">{name}</a>" in row[1].split("</p>")[0], code
        child = tables.arrays["diag_child"][number]
        assert ("age 18 and under" in row[1]) == bool(child)
        assert not child or re.search(rf"age 18 and under <a [^>]*>{tables.roots[child]}</a>", row[1])


def test_worked_cases_stand_on_the_pages_of_their_hrgs(site: Path, design_folder: Path, grouper: hrgcore.Grouper) -> None:
    seen, invalid = 0, grouper.design.manifest.grouping["invalid_hrg"]
    for path in sorted((design_folder / "cases").glob("*.yaml"))[:12]:
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            if "hrg" not in case or "episodes" not in case or case["hrg"] == invalid:
                continue
            codes = {
                re.sub(r"\W", "", code)
                for one in case["episodes"]
                for key in ("diagnoses", "procedures")
                for code in one.get(key, [])
            }
            root = case["hrg"][:4]
            routed = re.search(r"route \d+", text_of(page(site, f"roots/{root}.html")))
            named = {f"{code}X" if len(code) == 3 else code for code in codes}
            assert routed or named & codes_on(site, root, grouper.design), case["name"]
            seen += 1
    assert seen > 20


def test_page_of_a_root(site: Path) -> None:
    told = text_of(page(site, "roots/HT12.html"))
    assert "HT12 Very Major Hip Procedures for Trauma" in told
    assert "HT12D Very Major Hip Procedures for Trauma with CC Score 3-5 the CC score is 3 to 5 label" in told
    assert re.search(r"procedure \d+ HN12 the primary diagnosis is on limb_trauma authored", told)
    assert "The CC score is that of subchapter HT" in told
    assert "dominant procedure of rank 9" in text_of(page(site, "roots/HN12.html"))


def test_pages_of_the_tiny_design(tmp_path: Path) -> None:
    found = tiny_site(tmp_path)
    told = text_of(page(found, "roots/PR01.html"))
    assert "PR01 Repair" in told and "Chapter P › PR Repairs" in told
    assert "PR01A Repair, 19 years and over age is 19 years or more label" in told
    assert "dominant procedure of rank 5 2 M01 authored" in told
    assert "procedure 3 a procedure is on big and the stay is 3 days or more PR02 authored" in told
    assert "dominant procedure 2 M01" in text_of(page(found, "roots/PR02.html"))  # through that rule: M011 beside M012 too
    assert "primary diagnosis, all ages 2 A00 label" in text_of(page(found, "roots/AA01.html"))
    assert "unbundled procedure, counted by days of palliative 1 U013 label" in text_of(page(found, "roots/VC04.html"))
    assert "route 2 any record TRETSPEF is on pain authored" in text_of(page(found, "roots/AA03.html"))
    assert "1 point 1 B001 probed 3 points 1 B000 probed" in text_of(page(found, "subchapters/AA.html"))
    told = text_of(page(found, "errors.html"))
    assert "bad primary Records whose primary diagnosis is no ICD-10 code in force." in told
    assert "vague procedure of rank 6 1 V011 authored" in told
    assert "check 1 : a diagnosis is on sorted authored" in told
    told = text_of(page(found, "icd10/B0.html"))
    assert "B000 AA02 label by rules AA03 1 3 : AA secondary 1 family mild specific" in told
    assert "no split gives it" in text_of(page(found, "roots/UZ01.html"))


def test_codes_of_both_classifications_are_told_apart(tmp_path: Path) -> None:
    """Letters and digits may be the same: what is said of a diagnosis is not said of the procedure, and the other way round."""
    icd10 = TABLES["icd10"] + "M011\n"
    tables = changed("diagnosis", "A01 B00", "A01 M011 B00") | {
        "icd10": icd10,
        "list": TABLES["list"] + "sore,diagnosis,M011,label\n",
        "score": TABLES["score"] + "work,M011,procedure,7,label\nsum,M011,diagnosis,3,label\n",
    }
    found = tiny_site(tmp_path, **tables)
    diagnosis, procedure = (
        re.search(r'<tr id="M011">.*?</tr>', page(found, f"{name}/M0.html"), re.DOTALL) for name in ("icd10", "opcs4")
    )
    assert diagnosis and procedure
    assert "sum 3" in diagnosis[0] and "sore" in diagnosis[0] and "work" not in diagnosis[0]
    assert "work 7" in procedure[0] and "sum" not in procedure[0] and "sore" not in procedure[0]
    assert re.search(
        r"work 7 M011 .* sum 2 C000 sum 3 M011|sum 2 C000 sum 3 M011 work 7 M011", text_of(page(found, "comorbidity.html"))
    )
    assert 'href="opcs4/M0.html#M011"' in page(found, "comorbidity.html")


def test_workbook(tmp_path: Path) -> None:
    assert (tiny_site(tmp_path) / WORKBOOK).read_bytes() == b"workbook of tiny"


# --- words ---

WORDS = {
    "age 19+": "age is 19 years or more",
    "not stay 1": "the stay is not 1 day",
    "primary in a and not secondary in b or score s 2-3": "the primary diagnosis is on [a] and no secondary diagnosis is on [b]"
    " or the score s is 2 to 3",
    "not diagnosis a before b": "no diagnosis on [a] stands before one on [b]",
    "count a 2+": "the number of procedures on [a] is 2 or more",
    "not with a 1+": "the number of attributes on [a] is not 1 or more",
    "days CCDate to DISDATE 0-1": "the time from CCDate to DISDATE is 0 to 1 days",
    "TRETSPEF in pain": "TRETSPEF is on [pain]",
    "not INV in scan": "no value of INV is on [scan]",
    "highest treatment 4 and organs 2+": "the highest level of treatment is 4 and the number of organs supported is 2 or more",
    "PERWT 1-999": "PERWT is 1 to 999",
    "diagnosis before before before": "a diagnosis on [before] stands before one on [before]",
    "procedure in or or site in and": "a procedure is on [or] or the site of the dominant procedure is on [and]",
    "": "",
}


@pytest.mark.parametrize(("when", "words"), WORDS.items())
def test_conditions_in_words(when: str, words: str) -> None:
    told = " or ".join(
        " and ".join(" ".join(f"[{part.text}]" if part.is_list else part.text for part in test) for test in clause)
        for clause in condition_words(when)
    )
    assert told == words


def test_every_condition_of_the_shipped_design_has_words(grouper: hrgcore.Grouper) -> None:
    for table, at in (("rule", 2), ("split", 6)):
        for row in grouper.design.rows[table]:
            tests = [test for clause in condition_words(row.cells[at]) for test in clause]
            words = re.split(r" (?:and|or) ", row.cells[at]) if row.cells[at] else []
            assert len(tests) == len(words), row.cells[at]


def test_bands_in_words() -> None:
    assert bands_words("19+", "", "0+", "3-5") == ["age is 19 years or more", "the CC score is 3 to 5"]


# --- what is hostile ---


def test_markup_in_a_design_stays_text(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    label = '"' + evil.replace('"', '""') + '"'
    name = 'a"><b>%23'
    tables = changed("hrg", "AA02Z,Complaint", f"AA02Z,{label}") | changed("chapter", "PR,Repairs", f"PR,{label}")
    tables |= {"list": TABLES["list"] + f'"{name.replace(chr(34), chr(34) * 2)}",diagnosis,A000,label\n'}
    tables |= {"rule": TABLES["rule"] + f'diagnosis,AA02,"primary in {name.replace(chr(34), chr(34) * 2)}",AA03,,label\n'}
    found = tiny_site(tmp_path, **tables)
    assert broken_links(found) == []
    for path in found.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"<script[^>]*>", text)) <= {'<script src="index.js">', '<script src="search.js">'}
        assert "<img" not in text and "<b>%23" not in text
    assert evil in str(search_index(found)["hrgs"])


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    tables = {table: text.replace("AA02", "../X") for table, text in TABLES.items()}
    found = tiny_site(tmp_path, **tables)
    assert (found / "roots" / "_2e_2e_2fX.html").is_file()
    assert broken_links(found) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "tiny"]


def test_safe_names_differ() -> None:
    names = ["AA01", "aa01", "A/01", "A.01", "A_01", "../X", "é"]
    assert len({safe(name).lower() for name in names}) == len(names)
    assert all(re.fullmatch(r"[A-Z0-9_a-f]+", safe(name)) for name in names)
    assert anchor("limb_trauma") == "limb_trauma" and re.fullmatch(r"[\w.]+", anchor('a"#%'))


def test_pages_ask_for_nothing_from_elsewhere(site: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for folder in (site, site / "rules") for path in folder.glob("*.html")]
    policy = "default-src 'none'; style-src 'self' file:; script-src 'self' file:; img-src data:"
    for text in (*pages, page(site, "roots/HT12.html")):
        assert policy in text
        assert not re.search(r'(?:href|src|action)="(?!data:,)[a-z]+:', text)
        assert " style=" not in text and "<style" not in text and " onclick" not in text


# --- the folder ---


def hrg(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["design", "manual", *map(str, arguments)])


def test_command(tmp_path: Path) -> None:
    result = hrg(tiny_design(tmp_path), "-o", tmp_path / "site")
    assert result.exit_code == 0, result.output
    pages = len(list((tmp_path / "site").rglob("*.html")))
    assert f"Manual of design tiny 1.0: {pages} pages." in result.output
    result = hrg(tiny_design(tmp_path, name="other"), "-o", tmp_path / "site")  # takes the place of the first
    assert result.exit_code == 0 and "Manual other" in page(tmp_path / "site", "index.html")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("mine")
    result = hrg(tiny_design(tmp_path), "-o", tmp_path / "site")
    assert result.exit_code == 1 and "is not empty" in result.output
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["index.html"]


def test_nothing_is_left_of_a_manual_that_could_not_be_finished(
    tmp_path: Path, workbook: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(design: Design, file: BinaryIO) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workbook, "write_code_to_group", full)
    folder = tiny_design(tmp_path)
    with pytest.raises(OutputFileError, match="No space left"):
        write_manual(load_design(folder), tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


# --- in a browser ---


@needs_browser
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            "#q=hip%20trauma",
            ["HT12D", "Very Major Hip Procedures for Trauma with CC Score 3-5", "roots/HT12.html#HT12D"],
        ),
        ("?q=s72.0", ["icd10/S7.html#S720", "ICD-10, HE11"]),
    ],
)
def test_search_in_a_browser(site: Path, asked: str, expected: list[str]) -> None:
    found = check_page(site / "index.html", asked).dom.partition('id="found"')[2].partition("<h2>Chapters")[0]
    assert [words for words in expected if words not in found] == []


@needs_browser
def test_a_page_opens_without_errors(site: Path) -> None:
    assert "<h2>Rules that lead away</h2>" in check_page(site / "roots" / "HN12.html").dom
