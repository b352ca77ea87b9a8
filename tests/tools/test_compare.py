"""Designs side by side: what adds up, what does not depend on how records come, the shipped years, prices, all data sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from golden.population import population
from pyarrow import csv
from unit.data_sets import OTHERS, SOUND
from unit.tiny import changed, overlay

import hrgcore
from hrgcore import ArgumentError, Comparison, DesignError, Episode, HRGError, InputFileError, compare
from hrgcore.comparison import moves
from hrgcore.comparison.reasons import Reason
from hrgcore.comparison.view import DesignView
from hrgcore.design import Design, load_design
from hrgcore.design.schema import TABLES as TABLES_OF
from hrgcore.explain import Step
from hrgcore.plugins import host
from hrgcore.records import record_class

from .comparisons import episode, from_record, moved, table, two_designs

YEARS = ("2021-22", "2022-23", "2023-24", "2024-25", "2025-26")
EXAMPLE = Path(__file__).parents[2] / "examples" / "apc_sample.csv"


@cache
def golden(spells: int = 20_000) -> Any:
    """The golden population as a table; a smaller one has spells of all its parts."""
    found = [spell.episodes for spell in population(host().load_design("2021-22"))]
    return table(*([from_record(one) for one in episodes] for episodes in found[:: len(found) // spells]))


@cache
def years() -> Comparison:
    """All years on the golden population, each against the one before."""
    return compare(golden(), YEARS)


def totals(found: Any, *keys: str, of: str = "units") -> dict[tuple[Any, ...], int]:
    """The sums of a column by the designs, the level, and some more."""
    sums: Counter[tuple[Any, ...]] = Counter()
    for row in found.to_pylist():
        sums[tuple(row[key] for key in ("from_design", "to_design", "level", *keys))] += row[of]
    return dict(sums)


# What adds up


def test_reasons_add_up_to_the_moves() -> None:
    found = years()
    expected = {(*one.designs, one.level): len(one.moved) for one in found.moves if len(one.moved)}
    assert len(found.moves) == 8 and expected
    assert totals(found.reasons) == expected
    assert Counter((row["from_design"], row["to_design"], row["level"]) for row in found.moved.to_pylist()) == expected
    assert {(*one.designs, one.level): len(one.found) for one in found.moves if len(one.moved)} == expected


def test_who_moved_is_who_has_another_hrg() -> None:
    found = years()
    grouped = dict(zip(found.designs, found.grouped, strict=True))
    for one in found.moves:
        column = "spell_hrg" if one.level == "spell" else "hrg"
        hrgs = [getattr(grouped[name].grouped, column) for name in one.designs]
        assert one.moved.tolist() == [number for number, (a, b) in enumerate(zip(*hrgs, strict=True)) if a != b]


def test_transitions_add_up_to_the_hrgs_of_both_designs() -> None:
    found = years()
    grouped = dict(zip(found.designs, found.grouped, strict=True))
    starts, ends = totals(found.transitions, "from_hrg"), totals(found.transitions, "to_hrg")
    for one in found.moves:
        column = "spell_hrg" if one.level == "spell" else "hrg"
        for side, sums in enumerate((starts, ends)):
            own = {key[3]: units for key, units in sums.items() if key[:3] == (*one.designs, one.level)}
            assert own == Counter(getattr(grouped[one.designs[side]].grouped, column))
    assert totals(found.transitions.filter(found.transitions["moved"])) == totals(found.reasons)


def test_groups_add_up() -> None:
    found = years()
    units = {(*one.designs, one.level): one.units for one in found.moves}
    for by in (found.by_chapter, found.by_root, found.by_provider):
        assert totals(by) == units
        assert {key: number for key, number in totals(by, of="moved").items() if number} == totals(found.reasons)
    arrived = totals(found.by_root, of="arrived")
    other_root = Counter(
        (row["from_design"], row["to_design"], row["level"])
        for row in found.moved.to_pylist()
        if row["from_hrg"][:4] != row["to_hrg"][:4]
    )
    assert {key: number for key, number in arrived.items() if number} == other_root


def test_no_move_of_the_shipped_years_is_without_a_reason() -> None:
    for designs in (YEARS, YEARS[::-1], ("2021-22", "2024-25")):
        found = years() if designs is YEARS else compare(golden(), designs)
        reasons = set(found.reasons["reason"].to_pylist())
        assert Reason.OTHER not in reasons
    assert {Reason.CODE, Reason.RETIRED, Reason.NEW, Reason.SPLIT, Reason.ANOTHER_ROOT, Reason.RULE} <= reasons


def test_shares() -> None:
    row = years().reasons.to_pylist()[0]
    units = next(one.units for one in years().moves if (*one.designs, one.level) == tuple(row.values())[:3])
    assert row["share"] == pytest.approx(row["units"] / units)
    for by in (years().by_root, years().by_provider):
        assert all(row["share"] == pytest.approx(row["moved"] / row["units"]) for row in by.to_pylist() if row["units"])


# What the findings say is true


@cache
def design(name: str) -> Design:
    return host().load_design(name)


@cache
def _rows(name: str) -> set[str]:
    """All rows of a design, each with its place."""
    return {f"{row.file} line {row.line}: {','.join(row.cells)}" for rows in design(name).rows.values() for row in rows}


def test_named_rows_stand_in_their_designs_and_differ() -> None:
    """What a finding names is there, and is no row that both designs have: computed from the tables alone."""
    seen = 0
    for row in years().moved.to_pylist():
        one, other = row["from_design"], row["to_design"]
        named = [(one, other, row["row_from"]), (other, one, row["row_to"])]
        assert row["row_from"] != row["row_to"] and any(text for *_, text in named)
        for own, _, text in named:
            assert not text or text in _rows(own)
        if row["reason"] in (Reason.SPLIT, Reason.RULE):
            assert any(text and text.partition(": ")[2] not in _cells(theirs) for _, theirs, text in named)
            seen += 1
    assert seen > 100


@cache
def _cells(name: str) -> set[str]:
    return {text.partition(": ")[2] for text in _rows(name)}


def test_reasons_agree_with_the_code_sets_and_hrg_lists() -> None:
    views = {name: DesignView(design(name)) for name in YEARS}
    for row in years().moved.to_pylist():
        one, other = views[row["from_design"]], views[row["to_design"]]
        if row["reason"] == Reason.CODE:
            kind, code, *_, name = row["text"].split()
            known = [code in getattr(view, {"procedure": "procedures", "diagnosis": "diagnoses"}[kind]) for view in (one, other)]
            assert sorted(known) == [False, True] and not known[[one.name, other.name].index(name)]
        if row["reason"] == Reason.RETIRED:
            assert not any(hrg.startswith(row["from_hrg"][:4]) for hrg in other.hrgs)
            assert any(hrg.startswith(row["from_hrg"][:4]) for hrg in one.hrgs)
        if row["reason"] == Reason.NEW:
            assert not any(hrg.startswith(row["to_hrg"][:4]) for hrg in one.hrgs)
            assert any(hrg.startswith(row["from_hrg"][:4]) for hrg in other.hrgs)
        if row["reason"] == Reason.SPLIT:
            assert row["from_hrg"][:4] == row["to_hrg"][:4]
            assert one.splits[row["from_hrg"][:4]] != other.splits[row["to_hrg"][:4]]


def cases(name: str, file: str) -> Iterator[tuple[list[Any], str]]:
    """The worked cases of a design: episodes and HRG."""
    for case in yaml.safe_load((host().folder(name) / "cases" / f"{file}.yaml").read_text(encoding="utf-8")):
        given = [
            Episode(
                age=one["age"], duration=one["days"], diagnoses=one["diagnoses"], procedures=one.get("procedures", ()),
                treatment_function=one.get("specialty"), admission_source=one.get("source"),
                discharge_destination=one.get("destination"),
            )
            for one in case.get("episodes", ())
        ]  # fmt: skip
        if given and "hrg" in case:
            yield [from_record(one) for one in given], case["hrg"]


def test_a_retired_hrg_a_new_code_and_a_changed_split_are_reasons_of_their_own() -> None:
    retired = [(spell, hrg) for spell, hrg in cases("2021-22", "retired") if hrg[:4] not in _roots("2024-25")]
    assert len(retired) > 10
    found = moved(compare(table(*(spell for spell, _ in retired)), ["2021-22", "2024-25"]))
    assert [row["from_hrg"] for row in found] == [hrg for _, hrg in retired]
    assert Counter(row["reason"] for row in found).most_common(1)[0][0] == Reason.RETIRED
    assert {row["reason"] for row in found} <= {Reason.RETIRED, Reason.CODE}

    new = [
        (spell, hrg)
        for spell, hrg in cases("2023-24", "year")
        if any(code not in design("2022-23").tables.opcs4.codes for one in spell for code in one["OPER"])
    ]
    assert new
    for row, (_, hrg) in zip(moved(compare(table(*(spell for spell, _ in new)), ["2022-23", "2023-24"])), new, strict=True):
        assert (row["to_hrg"], row["reason"]) == (hrg, Reason.CODE)

    skin = episode("L400", "S122", STARTAGE="15", EPIDUR="0", TRETSPEF="330")
    (row,) = moved(compare(table(skin), ["2021-22", "2022-23"]))
    assert (row["reason"], row["from_hrg"][:4]) == (Reason.SPLIT, row["to_hrg"][:4])


def _roots(name: str) -> frozenset[str]:
    return DesignView(design(name)).roots_with_hrgs


# How records come does not matter


def told(found: Comparison) -> list[tuple[Any, ...]]:
    return sorted(
        (row["from_design"], row["to_design"], row["level"], row["provider"], row["spell"], row["from_hrg"], row["to_hrg"],
         row["reason"], row["text"], row["detail"], row["row_from"], row["row_to"])
        for row in found.moved.to_pylist()
    )  # fmt: skip


def test_order_chunks_threads_and_stretches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    given, designs = golden(4_000), ["2021-22", "2023-24"]
    expected = told(compare(given, designs))
    assert len(expected) > 100
    order = list(range(given.num_rows))
    Random(1).shuffle(order)
    shuffled = given.take(order)
    assert told(compare(shuffled, designs, threads=1)) == expected
    chunks = pa.Table.from_batches(shuffled.to_batches(max_chunksize=700))
    monkeypatch.setattr(moves, "STRETCH", 7)
    assert told(compare(chunks, designs, threads=2)) == expected


def test_rows_are_those_of_the_input() -> None:
    given = table(episode("B000"), episode("A000", "M011"), episode("A000"))
    order = [2, 0, 1]
    found = compare(given.take(order), _driven_elsewhere())
    assert {(row["level"], row["row"], row["spell"]) for row in found.moved.to_pylist()} == {
        ("spell", 2, "000001"),
        ("episode", 2, "000001"),
    }


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    _FOLDER.append(tmp_path_factory.mktemp("designs"))


_FOLDER: list[Path] = []


@cache
def _driven_elsewhere() -> tuple[Design, ...]:
    """Two designs, in the second of which a procedure leads to another root."""
    return tuple(two_designs(_FOLDER[0], {}, changed("procedure", "M01,drives,5,PR01", "M01,drives,5,PR02")))


def test_files_of_all_forms(tmp_path: Path) -> None:
    """A CSV file with a header, one with a record definition, and a Parquet file give the same as a table."""
    from pyarrow import parquet

    designs = ["2021-22", "2024-25"]
    given = csv.read_csv(EXAMPLE, convert_options=csv.ConvertOptions(column_types=_texts()))
    expected = told(compare(given, designs))
    parquet.write_table(given, tmp_path / "apc.parquet")
    lines = EXAMPLE.read_text(encoding="ascii").splitlines(keepends=True)
    (tmp_path / "bare.csv").write_text("".join(lines[1:]), encoding="ascii")
    assert told(compare(EXAMPLE, designs)) == expected
    assert told(compare(str(tmp_path / "apc.parquet"), designs)) == expected
    rdf = EXAMPLE.with_name("apc.rdf")
    assert told(compare(tmp_path / "bare.csv", designs, columns=rdf)) == expected
    assert told(compare(EXAMPLE, designs, columns=rdf, header=True)) == expected


def _texts() -> dict[str, Any]:
    with EXAMPLE.open(encoding="ascii") as file:
        return dict.fromkeys(file.readline().strip().split(","), pa.string())


# Pairs of designs


def test_against_the_one_before_or_the_first() -> None:
    given = golden(400)
    pairs = {one.designs for one in compare(given, YEARS[:3]).moves}
    assert pairs == {("2021-22", "2022-23"), ("2022-23", "2023-24")}
    pairs = {one.designs for one in compare(given, YEARS[:3], against="first").moves}
    assert pairs == {("2021-22", "2022-23"), ("2021-22", "2023-24")}


def test_designs_that_agree() -> None:
    found = compare(golden(400), ["2023-24", "2024-25"])
    assert (found.moved.num_rows, found.reasons.num_rows) == (0, 0)
    assert all(found.examples(one, 5) == [] for one in found.moves)
    assert "0 of 400 spells" in repr(found)


def test_an_empty_table() -> None:
    found = compare(golden(400).slice(0, 0), ["2021-22", "2024-25"])
    assert [one.units for one in found.moves] == [0, 0]
    assert found.transitions.num_rows == found.by_provider.num_rows == found.moved.num_rows == 0


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"designs": ["2024-25"]}, ArgumentError, "at least two designs"),
        ({"designs": ["2024-25", "2024-25"]}, ArgumentError, "each name once"),
        ({"designs": ["2024-25", "1999-00"]}, DesignError, "1999-00"),
        ({"against": "last"}, ArgumentError, "against 'last'"),
        ({"prices": "none-such"}, HRGError, "none-such"),
        ({"dataset": "EM", "prices": "none-such"}, HRGError, "prices"),
        ({"source": "missing.csv"}, InputFileError, "no such file"),
        ({"source": 5}, ArgumentError, "int is no table"),
    ],
)
def test_what_is_refused(options: dict[str, Any], error: type[Exception], words: str) -> None:
    given = {"source": golden(400), "designs": ["2021-22", "2024-25"], **options}
    with pytest.raises(error, match=words):
        compare(given.pop("source"), given.pop("designs"), **given)


# Examples


def test_explain_tells_why_a_row_moved() -> None:
    given = table(episode("A000"), [episode("B000"), episode("A000", "M011")])
    found = compare(given, _driven_elsewhere())
    assert found.explain(0) == ()
    spell, only = found.explain(2)
    assert (spell.level, spell.row, spell.hrgs) == ("spell", 1, ("PR01A", "PR02Z"))
    assert (only.level, only.row, only.hrgs) == ("episode", 2, ("PR01A", "PR02Z"))
    assert [step.part for step in spell.steps[0]][:1] == ["Episode 1 (stay 2 days)"]
    assert any(step.text == "episode 2 leads the spell" for step in spell.steps[0])
    assert {step.part for step in only.steps[0]} == {"Episode 2 (stay 2 days)"}
    own = [step.text for step, differs in only.own_steps(1) if differs]
    assert own == ["M011 is the dominant procedure and leads to root PR02", "PR02Z of root PR02, which is not split"]
    assert "reason: another root, procedure M011 leads to PR01 in one, to PR02 in two" in str(only)
    with pytest.raises(ArgumentError, match="no row 3"):
        found.explain(3)


def test_examples_are_so_many_of_each_kind() -> None:
    found = years()
    one = found.moves[0]
    kinds = Counter(
        (one.findings[place].reason, hrg, other)
        for place, hrg, other in zip(one.found.tolist(), *(column.tolist() for column in one.moved_hrgs), strict=True)
    )
    told = found.examples(one, 2)
    assert len(told) == sum(min(2, number) for number in kinds.values())
    assert Counter(Counter((e.finding.reason, *e.hrgs) for e in told).values()).keys() <= {1, 2}
    for example in told:
        for side, steps in enumerate(example.steps):
            failed = example.hrgs[side] == "UZ01Z"
            assert failed or any(step.text.startswith(example.hrgs[side]) for step in steps)


# Prices


class Book:
    """Prices by HRG."""

    name, label, year, kind = "made-up", "Made-up prices", "2024/25", "cost"
    prices = {"PR01A": 100.0, "PR02Z": 250.0, "AA01B": 10.0}  # noqa: RUF012

    def setting(self, patient_classification: str, admission_method: str, stay: int) -> str:
        """One for all."""
        return "any"

    def price(self, hrg: str, setting: str) -> float | None:
        """By HRG."""
        return self.prices.get(hrg)

    def trim_point(self, hrg: str, setting: str) -> int | None:
        """None."""


def made_up(book: Book, grouped: Any, level: str) -> Any:
    """What `priced` gives."""
    hrgs = grouped.spell_hrg if level == "spell" else grouped.hrg
    return np.array([np.nan if (price := book.price(hrg, "any")) is None else price for hrg in hrgs])


def test_effect_on_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The later price less the earlier one; what has no price in one design is counted apart."""
    monkeypatch.setattr(moves, "priced", made_up)
    spells = [episode("A000", "M011"), episode("A000", "M011", STARTAGE="3"), episode("A000"), episode("B000", "M011")]
    found = compare(table(*spells), _driven_elsewhere(), prices=Book())
    rows = moved(found)
    assert [(row["from_hrg"], row["cost_effect"]) for row in rows] == [("PR01A", 150.0), ("PR01B", None), ("PR01A", 150.0)]
    for by in (found.reasons, found.by_chapter, found.by_root, found.transitions, found.by_provider):
        own = [row for row in by.to_pylist() if row["level"] == "spell"]
        assert sum(row["cost_effect"] or 0 for row in own) == 300.0
        assert sum(row["not_priced"] for row in own) == 1
    (by_move,) = [row for row in found.transitions.to_pylist() if row["from_hrg"] == "PR01B" and row["level"] == "spell"]
    assert (by_move["cost_effect"], by_move["not_priced"]) == (None, 1)
    assert "cost_effect" not in compare(table(*spells), _driven_elsewhere()).moved.column_names


def test_effects_are_whole_pence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a difference nor a sum has the tail of a binary fraction."""
    monkeypatch.setattr(moves, "priced", made_up)
    monkeypatch.setattr(Book, "prices", {**Book.prices, "PR01A": 0.1, "PR02Z": 0.3})
    found = compare(table(*[episode("A000", "M011")] * 3), _driven_elsewhere(), prices=Book())
    assert {row["cost_effect"] for row in moved(found)} == {0.2}
    assert {row["cost_effect"] for row in found.reasons.to_pylist()} == {0.6}


def test_prices_go_with_admitted_care_only() -> None:
    with pytest.raises(ArgumentError, match="admitted care only"):
        compare(of_records("EM"), ["2023-24", "2024-25"], dataset="EM", prices=Book())


# The other data sets


def of_records(dataset: str, **cells: str) -> Any:
    """A table of a sound record, and of one with cells changed."""
    rows = [SOUND[dataset], {**SOUND[dataset], **cells}]
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def overlaid(folder: Path, **tables: str) -> Design:
    """The design of 2024-25 with an overlay."""
    return load_design(overlay(folder, base="2024-25", **tables), find_base=host().folder)


def line(*cells: str) -> str:
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells) + "\n"


def hrg_of(dataset: str) -> str:
    """The HRG of the sound record."""
    hrg: str = hrgcore.group_table(of_records(dataset), ["2024-25"], dataset=dataset)[0].grouped.hrg[0]
    return hrg


@pytest.mark.parametrize("dataset", OTHERS)
def test_another_split_in_every_data_set(dataset: str, tmp_path: Path) -> None:
    """Records in place of spells: an HRG that an overlay gives another last letter."""
    base, hrg = design("2024-25"), hrg_of(dataset)
    other = hrg[:4] + "Y"
    rows = [row.cells for row in base.rows["split"] if row.cells[0] == hrg[:4]]
    kind = next(row.cells[2] for row in base.rows["hrg"] if row.cells[0] == hrg)
    after = overlaid(
        tmp_path,
        split=line(*TABLES_OF["split"].columns)
        + "".join(line(row[0], other if row[1] == hrg else row[1], *row[2:]) for row in rows),
        hrg=line(*TABLES_OF["hrg"].columns) + line(other, "another", kind, "label"),
    )
    found = compare(of_records(dataset), [base, after], dataset=dataset)
    assert [one.level for one in found.moves] == ["record"]
    moves_found = found.moved.to_pylist()
    assert [(row["row"], row["from_hrg"], row["to_hrg"], row["reason"]) for row in moves_found] == [
        (0, hrg, other, Reason.SPLIT),
        (1, hrg, other, Reason.SPLIT),
    ]
    assert ("provider" in found.moved.column_names) == (dataset in ("PCC", "NCC"))
    (example,) = found.explain(1)
    assert example.level == "record" and any(hrg in step.text for step in example.steps[0])


@pytest.mark.parametrize("dataset", OTHERS)
def test_another_rule_in_every_data_set(dataset: str, tmp_path: Path) -> None:
    """All records go to a root that they did not go to."""
    base, given = design("2024-25"), of_records(dataset).slice(0, 1)
    (taken,) = (step.source for step in _steps(base, dataset, given) if step.source.startswith("rule"))
    rules = [row for row in base.rows["rule"] if row.cells[0] == dataset]
    own = next(row for row in rules if f"{row.file} line {row.line}" == taken)
    roots = {row.cells[0] for row in base.rows["split"]}
    other = next(row.cells for row in rules if row.cells[3] != own.cells[3] and row.cells[3] in roots)
    all_of_them = line(*TABLES_OF["rule"].columns) + line(dataset, "", "", *other[3:])
    found = compare(given, [base, overlaid(tmp_path, rule=all_of_them)], dataset=dataset)
    (row,) = found.moved.to_pylist()
    assert (row["from_hrg"], row["reason"]) == (hrg_of(dataset), Reason.RULE)
    assert row["row_from"] == f"{taken}: {','.join(own.cells)}"
    assert row["row_to"].endswith(",".join((dataset, "", "", *other[3:])))


def _steps(base: Design, dataset: str, given: Any) -> list[Step]:
    """The steps of the first record."""
    kind = record_class(dataset)
    cells = given.to_pylist()[0]
    record = kind.from_cells(lambda name, number: cells.get(f"{name}_{number:02}" if number else name) or "")
    return list(hrgcore.Grouper(base, dataset).group_record(record).explain().steps)


def test_another_category_of_a_treatment(tmp_path: Path) -> None:
    """Emergency medicine: a value that has another level in a category that rules ask for."""
    base = design("2024-25")
    rows = [row.cells for row in base.rows["category"] if row.cells[0] == "treatment"]
    value = next(row[2].split()[0] for row in rows if row[3] == "3")
    cut = [(*row[:2], " ".join(one for one in row[2].split() if one != value), *row[3:]) for row in rows]
    after = overlaid(tmp_path, category=line(*TABLES_OF["category"].columns) + "".join(line(*row) for row in cut if row[2]))
    given = of_records("EM", TREAT_01=value, TREAT_02="01")
    (row,) = compare(given, [base, after], dataset="EM").moved.to_pylist()
    assert (row["row"], row["reason"]) == (1, Reason.LIST)
    assert row["text"] == f"{value} has level 3 in category treatment in 2024-25, has none in over"
    assert value in row["row_from"].split(",")[2].split() and value not in row["row_to"].split(",")[2].split()
