"""What if: every change is what it says, nothing smaller is left out, and prices tell the direction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from property.random_design import write_random_design
from unit.tiny import changed, tiny_design

import hrgcore
from hrgcore import Episode, Grouper, whatif
from hrgcore.design import load_design
from hrgcore.testing.reference.grouper import ReferenceGrouper
from hrgcore.testing.spells import Pools, pools_of, random_spell
from hrgcore.testing.twin import as_records
from hrgcore.whatif import Change, Kind, WhatIf

DOCS = Path(__file__).parents[2] / "docs" / "explain.md"


class Book:
    """Prices by HRG in one setting."""

    name, label, year, kind = "made-up", "Made up", "2000/01", "cost"

    def __init__(self, prices: dict[str, float], setting: str = "elective") -> None:
        self.prices, self.one = prices, setting
        self.asked: list[tuple[str, str, int]] = []

    def setting(self, patient_classification: str, admission_method: str, stay: int) -> str:
        self.asked.append((patient_classification, admission_method, stay))
        return self.one

    def price(self, hrg: str, setting: str) -> float | None:
        assert setting == self.one
        return self.prices.get(hrg)

    def trim_point(self, hrg: str, setting: str) -> int | None:
        return None


@pytest.fixture
def tiny(tmp_path: Path) -> Grouper:
    return Grouper(load_design(tiny_design(tmp_path)))


def episode(diagnoses: str, procedures: str = "", *, age: int = 40, stay: int = 0, **given: str) -> Episode:
    return Episode(age, stay, diagnoses.split(), procedures.split(), **given)


def ways(found: WhatIf) -> dict[str, str]:
    return {one.hrg: str(one.change) for one in found.alternatives}


# Made cases


def test_each_kind_of_change(tiny: Grouper) -> None:
    what_if = tiny.group_spell([episode("A000 B000 A01X", "M012 M011", stay=3)]).what_if()
    assert (what_if.hrg, ways(what_if)) == ("PR02Z", {"PR01A": "episode 1: procedure M011 in place of M012"})
    what_if = tiny.group_spell([episode("A000 B000 A01X", "M011")]).what_if()
    assert (what_if.hrg, ways(what_if)) == ("PR01A", {"AA01A": "episode 1: without procedure M011"})
    what_if = tiny.group_spell([episode("A000 B001 A01X")]).what_if()
    assert (what_if.hrg, ways(what_if)) == (
        "AA01B",
        {
            "AA01A": "episode 1: diagnosis B000 in place of B001",
            "AA02Z": "episode 1: B001 as primary diagnosis in place of A000, which would be secondary",
        },
    )


def test_order_of_procedures(tmp_path: Path) -> None:
    """Of equal ranks the first drives, and only the second of the two has another root."""
    table = changed("procedure", "M01,drives,5,PR01", "M011,drives,5,PR01,authored\nM012,drives,5,PR02")
    grouper = Grouper(load_design(tiny_design(tmp_path, **table)))
    (way,) = [
        one for one in grouper.group_spell([episode("A000", "M011 Y011 M012")]).what_if().alternatives if one.hrg == "PR02Z"
    ]
    assert way.change == Change(Kind.SWAP_PROCEDURES, 1, 1, 3, "M011", "M012")
    assert str(way.change) == "episode 1: procedures M011 and M012 in the other order"
    assert way.alike == 1 and way.points == 0


def test_a_diagnosis_that_would_be_added(tiny: Grouper) -> None:
    what_if = tiny.group_spell([episode("A000")]).what_if()
    (way,) = [one for one in what_if.alternatives if one.hrg == "AA01A"]
    assert way.change == Change(Kind.ADD_DIAGNOSIS, 1, 2, 0, "", "B000")
    assert (way.alike, way.cc_score, way.points) == (1, 3, 3)
    assert str(way.change) == "episode 1: one more secondary diagnosis, such as B000"


def test_diagnoses_that_act_alike_are_counted(tmp_path: Path) -> None:
    grouper = Grouper(load_design(tiny_design(tmp_path, **changed("cc", "B000,AA,3,probed", "B000 C000 Z000,AA,3,probed"))))
    (way,) = [one for one in grouper.group_spell([episode("A000")]).what_if().alternatives if one.hrg == "AA01A"]
    assert (way.change.kind, way.change.new, way.alike) == (Kind.ADD_DIAGNOSIS, "B000", 3)
    (way,) = [one for one in grouper.group_spell([episode("A001 C000")]).what_if().alternatives if one.hrg == "AA01B"]
    assert way.change.kind == Kind.REMOVE_DIAGNOSIS


def test_no_diagnosis_is_added_where_none_would_score(tiny: Grouper) -> None:
    kinds = {one.change.kind for one in tiny.group_spell([episode("A01X")]).what_if().alternatives}
    assert Kind.ADD_DIAGNOSIS not in kinds
    full = tiny.group_spell([Episode(40, 0, ["A000", *["C000"] * 98])]).what_if()
    assert {one.change.kind for one in full.alternatives} == {Kind.SWAP_PRIMARY}


def test_what_fails_is_counted_and_not_listed(tiny: Grouper) -> None:
    """A sibling of the secondary diagnosis fails the check of the design."""
    what_if = tiny.group_spell([episode("A000 B001")]).what_if()
    assert (what_if.tried, what_if.unchanged, what_if.failed) == (6, 2, 1) and "UZ01Z" not in ways(what_if)
    assert "6 single changes of codes" in str(what_if) and "2 changes leave the HRG as it is, 1 make the spell invalid" in str(
        what_if
    )


def test_what_would_make_an_invalid_spell_valid(tiny: Grouper) -> None:
    what_if = tiny.group_spell([episode("A00X B000")]).what_if()
    assert what_if.hrg == "UZ01Z"
    assert ways(what_if) == {
        "AA01A": "episode 1: diagnosis A000 in place of A00X",
        "AA01B": "episode 1: diagnosis A001 in place of A00X",  # which excludes B000
        "AA02Z": "episode 1: B000 as primary diagnosis in place of A00X, which would be secondary",
    }
    blank = tiny.group_spell([Episode(40, 0, ["", "B000"])]).what_if()
    assert ways(blank) == {"AA02Z": "episode 1: B000 as primary diagnosis in place of a blank, which would be secondary"}
    assert tiny.group_spell([Episode(40, 0, [])]).what_if().tried == 0


def test_texts_that_are_no_codes(tiny: Grouper) -> None:
    odd = ["A000", "<script>", "é", "A0", "....", "-" * 500, "B00000000"]
    what_if = tiny.group_spell([Episode(40, 0, odd, odd)]).what_if()
    assert what_if.hrg == "AA01B" and "AA01A" in ways(what_if)


# Spells of several episodes


def test_the_input_is_not_changed_and_its_order_does_not_matter(tiny: Grouper) -> None:
    given = [episode("A000 B001", "M011"), episode("A01X A000", "P011")]
    given[0].number, given[1].number = 7, 3
    before = deepcopy(given)
    found = tiny.group_spell(given).what_if()
    assert given == before
    assert found == tiny.group_spell(given[::-1]).what_if() == tiny.group_spell(given).what_if()
    assert {one.change.episode for one in found.alternatives if one.change.code == "M011"} <= {2}


def test_episodes_without_numbers_keep_their_order(tiny: Grouper) -> None:
    numbered = [episode("A000 B001"), episode("A001 C000"), episode("A01X")]
    plain = deepcopy(numbered)
    for number, one in enumerate(numbered, 1):
        one.number = number
    assert tiny.group_spell(plain).what_if() == tiny.group_spell(numbered).what_if()


def test_spells_are_grouped_a_few_at_a_time(grouper: Grouper, monkeypatch: pytest.MonkeyPatch) -> None:
    result = grouper.group_spell([episode("S720 I10X", "W371", age=70, stay=9)])
    whole = result.what_if()
    monkeypatch.setattr(whatif, "_AT_ONCE", 7)
    assert result.what_if() == whole


# Prices


def test_directions_of_cost(tiny: Grouper) -> None:
    result = tiny.group_spell([episode("A000 B001 A01X", patient_classification="01", admission_method="21")])
    book = Book({"AA01B": 100.0, "AA01A": 150.5, "AA02Z": 40.0})
    found = result.what_if(book)
    assert book.asked == [("1", "21", 0)]
    assert (found.prices, found.setting, found.price) == ("made-up", "elective", 100.0)
    assert [(one.hrg, one.price, one.difference) for one in found.dearer] == [("AA01A", 150.5, 50.5)]
    assert [(one.hrg, one.price, one.difference) for one in found.cheaper] == [("AA02Z", 40.0, -60.0)]
    data = found.as_dict()
    assert (data["smallest_dearer"], data["smallest_cheaper"]) == ("AA01A", "AA02Z")
    text = str(found)
    assert text.index("Higher cost") < text.index("AA01A") < text.index("Lower cost") < text.index("AA02Z")
    assert "£150 (+£50)" in text and "£40 (−£60)" in text


@pytest.mark.parametrize("book", [Book({"AA01B": 100.0}), Book({"AA01A": 100.0, "AA02Z": 1.0}), Book({"AA01A": 1.0}, setting="")])
def test_a_missing_price_is_none_and_has_no_direction(tiny: Grouper, book: Book) -> None:
    found = tiny.group_spell([episode("A000 B001 A01X")]).what_if(book)
    assert found.dearer == found.cheaper == ()
    assert [one.difference for one in found.alternatives] == [None, None]
    assert 0 not in [one.price for one in found.alternatives] and "no price" in str(found)
    assert json.loads(json.dumps(found.as_dict()))["smallest_dearer"] is None


def test_a_default_stands_for_what_is_left_out(tiny: Grouper) -> None:
    book = Book({})
    tiny.group_spell([episode("A000", stay=4), episode("A000", stay=3)]).what_if(book)
    assert book.asked == [("1", "11", 7)]


def test_the_smallest_change_comes_first(grouper: Grouper) -> None:
    result = grouper.group_spell([episode("S720 I10X E119 N183", "W371 Z843", age=71, stay=9)])
    book = Book({name: float(number) for number, name in enumerate(grouper.design.tables.hrgs)})
    found = result.what_if(book)
    assert found.dearer and found.cheaper
    for some in (found.dearer, found.cheaper):
        sizes = [(one.change.kind, abs(one.points)) for one in some]
        assert sizes == sorted(sizes)
    assert {*found.dearer, *found.cheaper} == set(found.alternatives)


# Notice, keys


def test_it_is_marked_as_a_check_and_not_as_advice(tiny: Grouper) -> None:
    result = tiny.group_spell([episode("A000 B001")])
    found = result.what_if()
    for text in (str(found), found.as_dict()["notice"], result.explain().to_html(found), DOCS.read_text(encoding="utf-8")):
        words = " ".join(text.split())
        assert "quality check" in words and "not advice to code" in words and "clinical record" in words


def test_keys_and_kinds_are_documented(tiny: Grouper) -> None:
    result = tiny.group_spell([episode("A000")])
    data = json.loads(result.explain().to_json(result.what_if()))["what_if"]
    text = DOCS.read_text(encoding="utf-8")
    keys = {*data, *data["alternatives"][0], *data["alternatives"][0]["change"], *(kind.name.lower() for kind in Kind)}
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


# Any spell: each alternative is grouped from scratch, and all changes are tried by brute force


@pytest.fixture(scope="module")
def reference(design_folder: Path) -> ReferenceGrouper:
    return ReferenceGrouper(design_folder)


@pytest.fixture(scope="module")
def pools(reference: ReferenceGrouper) -> Pools:
    return pools_of(reference.design)


def spell_of(pools: Pools, seed: int) -> list[Episode]:
    records = as_records(random_spell(Random(seed), pools, most_episodes=3, sloppy=False))
    assert records
    return records


def with_change(given: Sequence[Episode], order: Sequence[int], change: Change) -> list[Episode]:
    """The change made anew, by its place and codes only."""
    spell = deepcopy(list(given))
    one = spell[order[change.episode - 1]]
    name = "procedures" if "PROCEDURE" in change.kind.name else "diagnoses"
    cells = getattr(one, name)
    if change.kind == Kind.ADD_DIAGNOSIS:
        cells.append(change.new)
    elif "REMOVE" in change.kind.name:
        del cells[change.position - 1]
    elif "REPLACE" in change.kind.name:
        cells[change.position - 1] = change.new
    else:
        a, b = change.position - 1, change.other - 1
        cells[a], cells[b] = cells[b], cells[a]
    return spell


@pytest.mark.parametrize("seed", range(25))
def test_each_alternative_groups_to_its_hrg(grouper: Grouper, reference: ReferenceGrouper, pools: Pools, seed: int) -> None:
    given = spell_of(pools, seed)
    result = grouper.group_spell(given)
    found = result.what_if()
    assert (found.hrg, found.cc_score) == (result.hrg, result.cc_score)
    assert result.hrg not in ways(found) and list(ways(found)) == sorted(ways(found))
    for number, one in enumerate(found.alternatives):
        spell = with_change(given, result.order, one.change)
        anew = grouper.group_spell(spell)
        assert (anew.hrg, anew.cc_score, anew.label) == (one.hrg, one.cc_score, one.label)
        if number < 2:
            assert reference.group([as_cells(reference, place, record) for place, record in enumerate(spell, 1)]).hrg == one.hrg


def as_cells(reference: ReferenceGrouper, place: int, record: Episode) -> dict[str, str]:
    """A record as the reference reads it; what is left out takes its default."""
    cells = {"PROCODET": "RXX", "PROVSPNO": "1"}
    for row in reference.design.rows["field"]:
        if "APC" not in row["dataset"].split() or row["field"] in ("PROCODET", "PROVSPNO", "DIAG_01", "DIAG_02", "OPER_01"):
            continue
        value = record.value(row["field"])
        cells[row["field"]] = row["default"] if value is None else str(value)
    cells["EPIORDER"] = cells["EPIORDER"] or str(place)
    cells |= {f"DIAG_{number:02}": code for number, code in enumerate(record.diagnoses, 1)}
    return cells | {f"OPER_{number:02}": code for number, code in enumerate(record.procedures, 1)}


def every_change(reference: ReferenceGrouper, result: hrgcore.SpellResult, given: Sequence[Episode]) -> Iterator[Change]:
    """The space of changes written out once more, from the page of the documentation and the tables of the reference grouper."""
    design = reference.design

    def cleaned(code: str, kind: str) -> str:
        code = code.strip(" \t").replace(".", "").upper()
        return code + "X" if kind == "diagnoses" and len(code) == 3 else code

    there = set()
    for number, place in enumerate(result.order, 1):
        for kind, codes in (("diagnoses", design.icd10), ("procedures", design.opcs4)):
            word = kind.upper().replace("DIAGNOSES", "DIAGNOSIS").replace("PROCEDURES", "PROCEDURE")
            cells = [cleaned(code, kind) for code in getattr(given[place], kind)]
            there |= set(cells) if kind == "diagnoses" else set()
            for position, code in enumerate(cells, 1):
                if len(code) >= 3:
                    for other in codes.ordered:
                        if other[:3] == code[:3] and other != code:
                            yield Change(Kind[f"REPLACE_{word}"], number, position, 0, code, other)
                if code in codes.members and (kind == "procedures" or position > 1):
                    yield Change(Kind[f"REMOVE_{word}"], number, position, 0, code, "")
                if kind == "diagnoses" and position > 1 and code in codes.members and code != cells[0]:
                    yield Change(Kind.SWAP_PRIMARY, number, 1, position, cells[0], code)
            if kind == "procedures":
                for (a, one), (b, two) in combinations(enumerate(cells, 1), 2):
                    if one != two and {one, two} <= codes.members:
                        yield Change(Kind.SWAP_PROCEDURES, number, a, b, one, two)
    leads = [number for number, part in enumerate(result.episodes, 1) if part.report_flag]
    if leads and any(row["root"] == result.hrg[:4] and row["cc"] for row in design.rows["split"]):
        cells = given[result.order[leads[0] - 1]].diagnoses
        for code in design.icd10.ordered:
            if design.cc.get((result.hrg[:2], code), (0, ""))[0] and code not in there:
                yield Change(Kind.ADD_DIAGNOSIS, leads[0], len(cells) + 1, 0, "", code)


@pytest.mark.parametrize("seed", range(100, 108))
def test_nothing_smaller_is_left_out(grouper: Grouper, reference: ReferenceGrouper, pools: Pools, seed: int) -> None:
    check(grouper, reference, spell_of(pools, seed))


@pytest.mark.parametrize("seed", range(12))
def test_nothing_smaller_is_left_out_with_any_design(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    folder = write_random_design(tmp_path / "random", random)
    grouper, reference = Grouper(load_design(folder)), ReferenceGrouper(folder)
    pools = pools_of(reference.design)
    for _ in range(6):
        if given := as_records(random_spell(random, pools)):
            check(grouper, reference, given)


def check(grouper: Grouper, reference: ReferenceGrouper, given: Sequence[Episode]) -> None:
    result = grouper.group_spell(given)
    found = result.what_if()
    reached: dict[str, list[tuple[tuple[object, ...], Change]]] = {}
    tried = failed = 0
    for change in every_change(reference, result, given):
        tried += 1
        anew = grouper.group_spell(with_change(given, result.order, change))
        failed += not anew.provenance
        if anew.provenance and anew.hrg != result.hrg:
            size = (int(change.kind), abs(anew.cc_score - result.cc_score), *change[1:])
            reached.setdefault(anew.hrg, []).append((size, change))
    assert (found.tried, found.failed) == (tried, failed)
    assert {one.hrg: one.change for one in found.alternatives} == {hrg: min(some)[1] for hrg, some in reached.items()}
    for one in found.alternatives:
        assert one.alike == sum(change.kind == one.change.kind for _, change in reached[one.hrg])
    assert tried == failed + found.unchanged + sum(one.ways for one in found.alternatives)
