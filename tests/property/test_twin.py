"""The engine and the reference grouper, written apart from one specification, agree on every output of every record."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import rmtree

import pytest
from conftest import DESIGN
from engine_design import MANIFEST, TABLES, write_design, write_small_design
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import hrgcore
from hrgcore import DesignError, Grouper
from hrgcore.design import load_design
from hrgcore.plugins import host
from hrgcore.testing.reference.grouper import ReferenceGrouper
from hrgcore.testing.reference.tables import Design, read_tables
from hrgcore.testing.reference.tables import DesignError as ReferenceDesignError
from hrgcore.testing.spells import pools_of, random_batch, random_spell
from hrgcore.testing.twin import MAY_BE_LEFT_OUT, Pair, check_files, check_records

from .random_design import write_random_design
from .strategies import SEEDS, batches, spells

FEWER = settings(max_examples=max(1, settings.default.max_examples // 2))
LEFT_OUT = st.one_of(st.just(frozenset()), st.frozensets(st.sampled_from(MAY_BE_LEFT_OUT), max_size=4))


@pytest.fixture(scope="module")
def pair(grouper: Grouper, design_folder: Path) -> Pair:
    return Pair(grouper, ReferenceGrouper(design_folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("twin")


# The design as shipped --------------------------------------------------------------------


def test_files(pair: Pair, folder: Path) -> None:
    @given(batches(pools_of(pair.reference.design)))
    def check(rows: list[dict[str, str]]) -> None:
        check_files(pair, folder, rows)

    check()


def test_records(pair: Pair) -> None:
    @given(spells(pools_of(pair.reference.design)), LEFT_OUT)
    def check(spell: list[dict[str, str]], left_out: frozenset[str]) -> None:
        assume(check_records(pair, spell, left_out))

    check()


# Over the design as shipped: what its tables leave empty ------------------------------------

OVERLAY = {
    "unbundled": "codes,root,multiplier,grade\nU08-U10,{0},,label\nU50-U54,{1},rehabilitation,label\n"
    "E89,{2},palliative,authored\nX35,{2},,authored\nX36,XH01,,label\nU13,UZ06,palliative,label",
    "hrg": "hrg,label,kind,grade\nXH01Z,label,helper,label",
    "score": "score,codes,kind,points,grade\nfrail,R26 R29 R54 F00-F05,diagnosis,2,authored\nfrail,I10 E11,diagnosis,1,authored\n"
    "work,Y75-Y76 U50-U54 X40,procedure,3,authored",
    "list": "list,kind,codes,grade\ndialysis,procedure,X40,authored\nmedicine,TRETSPEF,300 430,authored\n"
    "well,NEOCARE,0 8,authored\nmarks,procedure,Y97-Y98 Z92-Z94,label\nday,CLASSPAT,2 3,label\nwoman,SEX,2,label",
    "rule": "stage,from,when,to,method,grade\nroute,,score frail 4+ and TRETSPEF in medicine and stay 2+,DZ65,M,label\n"
    "diagnosis,DZ11 DZ65,score frail 2+ and not NEOCARE in well or score work 3-6,DZ22,,official\n"
    "diagnosis,DZ22,count dialysis 2+ or interventions 2+ and secondary in malignancy,DZ65,,label\n"
    "unbundled,{0} {2},with marks 1 and age 19+ or SPCDAYS 1-3,{1},,label\nunbundled,{1},with marks 2+ and stay 0-5,XH01,,label\n"
    "unbundled,XH01,score frail 1+ or not SEX in woman,{2},,label\n"
    "unbundled,,CLASSPAT in day and EPIDUR 0-9,{1},rehabilitation,label\n"
    "unbundled,,secondary in malignancy and not procedure in marks,XH01,palliative,label",
    "cc": "codes,subchapters,points,grade\n{unlisted},AA DZ EB FD HN LA PD,3,label",
    "cc_family": "family,level,codes,grade\nfrailty,general,R54 R29,label\nfrailty,specific,R26 F00-F01,label\n"
    "dementia,general,F03,authored\ndementia,specific,F02,authored",
    "cc_exclusion": "primary,secondary,grade\nJ00-J99,J00-J99 R54,label\nI00-I99 A40-A41,I10 N17-N19,label",
    "dominance": "stay,min_rank,grade\n0,1,label\n1-3,2,label\n4+,4,label",
}  # fmt: skip


@pytest.fixture(scope="module")
def overlaid(grouper: Grouper, design_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The shipped design with an overlay."""
    base = read_tables(design_folder)
    unbundled = list(dict.fromkeys(row["hrg"][:4] for row in base["hrg"] if row["kind"] == "unbundled"))
    listed = {code for _, code in Design(design_folder).cc}
    unlisted = [row["code"] for row in base["icd10"] if row["code"] not in listed]
    tables = {name: text.format(*unbundled, unlisted=" ".join(unlisted[:400:5])) for name, text in OVERLAY.items()}
    folder = write_design(
        tmp_path_factory.mktemp("overlay"), tables, MANIFEST.split("[grouping]")[0] + f'base = "{grouper.design.name}"\n'
    )
    engine = Grouper(load_design(folder, find_base=lambda name: design_folder))
    return Pair(engine, ReferenceGrouper(folder, bases={grouper.design.name: design_folder}))


@pytest.fixture(scope="module", params=[name for name in hrgcore.designs() if name != DESIGN])
def other_year(request: pytest.FixtureRequest) -> Pair:
    """Another year, which is an overlay."""
    bases = {name: host().folder(name) for name in hrgcore.designs()}
    return Pair(Grouper(request.param), ReferenceGrouper(bases[request.param], bases=bases))


def test_records_of_other_years(other_year: Pair) -> None:
    @FEWER
    @given(spells(pools_of(other_year.reference.design)))
    def check(spell: list[dict[str, str]]) -> None:
        assume(check_records(other_year, spell))

    check()


def test_files_with_an_overlay(overlaid: Pair, folder: Path) -> None:
    @FEWER
    @given(batches(pools_of(overlaid.reference.design)))
    def check(rows: list[dict[str, str]]) -> None:
        check_files(overlaid, folder, rows)

    check()


def test_records_with_an_overlay(overlaid: Pair) -> None:
    @given(spells(pools_of(overlaid.reference.design)))
    def check(spell: list[dict[str, str]]) -> None:
        assume(check_records(overlaid, spell))

    check()


# Random designs ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def designs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("designs")


@given(SEEDS)
def test_random_designs(designs: Path, folder: Path, random: Random) -> None:
    """A design of every kind of row, a file, and some single spells of it."""
    design_folder = write_random_design(designs / "random", random)
    pair = Pair(Grouper(load_design(design_folder)), ReferenceGrouper(design_folder))
    rmtree(design_folder)
    pools = pools_of(pair.reference.design)
    check_files(pair, folder, random_batch(random, pools))
    for _ in range(10):
        check_records(pair, random_spell(random, pools))


# What both refuse -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        "check,,cc 1+,UZ15,,label", "route,,cc 1+,RT01,G,label", "procedure,PR02,cc 1+,PR04,,label",
        "diagnosis,AA02,cc 1+,AA05,,label", "check,,dominant in many,UZ15,,label", "route,,interventions 1+,RT01,G,label",
        "diagnosis,AA02,SEX in home,AA05,,label", "diagnosis,AA02,EPIDUR 2+,AA05,,label",
        "procedure,PR02,with many 1+,PR04,,label",
        "unbundled,XD01,dominant in many,VC04,,label", "unbundled,XD01,interventions 1+,VC04,,label",
        "unbundled,XD01,age 1+,UZ06,,label", "unbundled,,age 1+,VC04,P,label",
        "diagnosis,AA02,age 1+ or,AA05,,label", "diagnosis,AA02,primary in many,AA05,,label",
    ],
)  # fmt: skip
def test_conditions_that_both_refuse(tmp_path: Path, row: str) -> None:
    folder = write_small_design(tmp_path, rule=f"{TABLES['rule']}\n{row}")
    with pytest.raises(DesignError):
        load_design(folder)
    with pytest.raises(ReferenceDesignError):
        ReferenceGrouper(folder)
