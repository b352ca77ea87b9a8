"""What must not change a grouping, and what may change it only one way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given, settings

from hrgcore import Episode, Grouper, SpellResult
from hrgcore.testing.reference.tables import Design
from hrgcore.testing.spells import Pools, pools_of, random_batch, random_spell
from hrgcore.testing.twin import ATTRIBUTES, Answer, answer_to_records, as_records, spells_of, write_csv

from .strategies import SEEDS

HALF = settings(max_examples=max(1, settings.default.max_examples // 2))
TENTH = settings(max_examples=max(1, settings.default.max_examples // 10))
WITHOUT_EFFECT = ("SEX", "ADMIMETH", "MAINSPEF", "CLASSPAT")


@pytest.fixture(scope="module")
def design(design_folder: Path) -> Design:
    return Design(design_folder)


@pytest.fixture(scope="module")
def pools(design: Design) -> Pools:
    return pools_of(design)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("invariants")


def valid_spell(random: Random, grouper: Grouper, pools: Pools) -> list[Episode]:
    """A spell without faults that fail it, with more than one diagnosis or procedure to speak of."""
    for _ in range(40):
        records = as_records(random_spell(random, pools, sloppy=False))
        assert records is not None
        if grouper.group_spell(records).method != "U":
            return records
    assume(False)
    raise AssertionError


# Files -------------------------------------------------------------------------------------


def outputs(grouper: Grouper, folder: Path, rows: list[dict[str, str]], threads: int | None = None) -> dict[str, bytes]:
    """The bytes of all output files but the summary, which holds times."""
    run = grouper.group_file(write_csv(folder / "in.csv", rows), folder / "out.csv", threads=threads)
    assert len(run.files) == 11
    return {path.name: path.read_bytes() for path in run.files if path.name != "out_summary.csv"}


@HALF
@given(SEEDS)
def test_the_order_of_the_rows_changes_nothing(grouper: Grouper, pools: Pools, folder: Path, random: Random) -> None:
    rows = random_batch(random, pools)
    rows.append(dict(random.choice(rows)))  # two rows that are alike
    before = outputs(grouper, folder, rows)
    random.shuffle(rows)
    assert outputs(grouper, folder, rows) == before


@TENTH
@given(SEEDS)
def test_the_number_of_threads_changes_no_file(grouper: Grouper, pools: Pools, folder: Path, random: Random) -> None:
    rows = random_batch(random, pools, 40)
    one, two, five = (outputs(grouper, folder, rows, threads) for threads in (1, 2, 5))
    assert one == two == five


# Batches ------------------------------------------------------------------------------------


def record_batch(random: Random, pools: Pools, spells: int) -> list[list[Episode]]:
    found = (as_records(spell) for spell in spells_of(random_batch(random, pools, spells)))
    return [records for records in found if records is not None]


@TENTH
@given(SEEDS)
def test_threads_and_chunks_change_no_batch(grouper: Grouper, pools: Pools, random: Random) -> None:
    batch, cell_faults = grouper.encode(record_batch(random, pools, 60))
    before = None
    for threads in (1, 2, 5):
        for chunk in (1, 7, 1000):
            grouped = grouper.group_batch(batch, cell_faults, threads=threads, chunk=chunk)
            columns = {name: bytes(memoryview(column)) for name, column in grouped.results.columns.items()}
            found = (columns, grouped.faults, grouped.unbundled)
            before = before or found
            assert found == before


@HALF
@given(SEEDS)
def test_a_batch_says_what_single_spells_say(grouper: Grouper, pools: Pools, random: Random) -> None:
    spells = record_batch(random, pools, 8)
    assume(spells)
    grouped = grouper.group_batch(*grouper.encode(spells))
    singles = [grouper.group_spell(spell) for spell in spells]
    records = [spell[part.index] for spell, single in zip(spells, singles, strict=True) for part in single.episodes]
    parts = [part for single in singles for part in single.episodes]
    assert grouped.spell_hrg == [single.hrg for single in singles]
    assert grouped.hrg == [part.hrg for part in parts]
    assert list(grouped.column("cc")) == [part.cc_score for part in parts]
    assert list(grouped.column("spell_stay")) == [single.stay for single in singles]
    messages = grouped.messages(lambda row, field, position: records[row].cell(field, position))
    assert [message[1:] for message in messages] == [message[1:] for single in singles for message in single.messages]


# Single spells ------------------------------------------------------------------------------


def without_faults(answer: Answer) -> Answer:
    return {**answer, "episodes": [{**part, "faults": []} for part in answer["episodes"]]}


@given(SEEDS)
def test_repeating_a_secondary_diagnosis_changes_nothing(grouper: Grouper, pools: Pools, random: Random) -> None:
    records = valid_spell(random, grouper, pools)
    places = [place for place, record in enumerate(records) if len(record.diagnoses) > 1]
    assume(places)
    place = random.choice(places)
    again = random.choice(records[place].diagnoses[1:])
    more = list(records)
    more[place] = replace(records[place], diagnoses=[*records[place].diagnoses, *[again] * random.randint(1, 3)])
    assert without_faults(answer_to_records(grouper, more)) == without_faults(answer_to_records(grouper, records))


@given(SEEDS)
def test_fields_that_are_only_checked_never_change_an_hrg(grouper: Grouper, pools: Pools, random: Random) -> None:
    records = valid_spell(random, grouper, pools)
    others = {ATTRIBUTES[name]: random.choice(pools.accepted[name]) for name in WITHOUT_EFFECT}
    changed = [replace(record, **others) for record in records]
    assert answer_to_records(grouper, changed) == answer_to_records(grouper, records)


def scores(result: SpellResult) -> Iterator[tuple[str, int]]:
    """Root and CC score of the spell and of each episode; an HRG begins with its root."""
    yield (result.hrg[:4], result.cc_score)
    for part in result.episodes:
        yield (part.hrg[:4], part.cc_score)


@given(SEEDS)
def test_a_further_diagnosis_never_lowers_the_cc_score(grouper: Grouper, pools: Pools, design: Design, random: Random) -> None:
    """A code that scores in the subchapter never lowers the score, one that does not never changes it."""
    records = valid_spell(random, grouper, pools)
    before = grouper.group_spell(records)
    subchapter = before.hrg[:2]
    listed = [code for of, code in design.cc if of == subchapter]
    family = [code for levels in design.families.values() for codes in levels.values() for code in codes]
    code = random.choice(random.choice([pool for pool in (listed, listed, family, design.icd10.ordered) if pool]))
    place = random.randrange(len(records))
    more = [*records[:place], replace(records[place], diagnoses=[*records[place].diagnoses, code]), *records[place + 1 :]]
    for (root, score), (new_root, new_score) in zip(scores(before), scores(grouper.group_spell(more)), strict=True):
        if root == new_root and (root[:2], code) in design.cc:
            assert new_score >= score
        elif root == new_root:
            assert new_score == score
