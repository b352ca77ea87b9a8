"""Tests of the tables and the condition language as the reference grouper reads them."""

from pathlib import Path

import pytest

from .conditions import Facts, holds, parse
from .grouper import ReferenceGrouper
from .small_design import episode, write_design
from .tables import CodeSet, Design, DesignError, parse_bands, read_tables, table_of_file

# The tables


def test_files_terms_and_bands(tmp_path: Path) -> None:
    assert [table_of_file(s) for s in ("cc", "cc_family", "cc_family_x", "cc_x")] == ["cc", "cc_family", "cc_family", "cc"]
    rows = read_tables(write_design(tmp_path))["procedure"]
    assert [rows[0]["codes"], rows[-1]["codes"]] == ["H011", "U011"]
    codes = CodeSet([{"code": code} for code in ("B00", "A10X", "A011", "A010", "A001", "A02", "A0110")])
    assert codes.expand("A011 A01") == ["A011", "A010", "A0110"]
    assert codes.expand("A001-A01") == ["A001", "A010", "A011", "A0110"]
    assert codes.expand("A001-A011") == ["A001", "A010", "A011"]
    with pytest.raises(DesignError):
        codes.expand("A012")
    assert parse_bands("0-130 999") == [(0, 130), (999, 999)]


def test_a_code_in_two_rows_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(DesignError):
        Design(write_design(tmp_path, procedure_c="codes,role,rank,root,grade\nH01,barred,,,label"))


def test_overrides_replace_a_table(tmp_path: Path) -> None:
    grouper = ReferenceGrouper(write_design(tmp_path), {"dominance": [{"stay": "", "min_rank": "1", "grade": "label"}]})
    assert grouper.group([episode(OPER_01="M011")]).hrg == "PR02Z"


# The condition language


def test_conditions(tmp_path: Path) -> None:
    design = Design(write_design(tmp_path))
    facts = Facts(None, 3, "A000", ("C000",), ("M011", "M011"), {"DISDEST": "19"}, dominant="M011", interventions=0)
    for text, truth in {
        "age 0+": False,
        "not age 0+": True,
        "stay 3": True,
        "stay 4+ or stay 1-3 and interventions 0": True,
        "stay 1-3 or stay 4+ and interventions 1": True,
        "count many 2": True,
        "score sum 5": True,
        "primary in burnlike": False,
        "secondary in burnlike": True,
        "diagnosis in burnlike": True,
        "dominant in many": True,
        "procedure in many": True,
        "DISDEST in home": True,
        "not TRETSPEF in pain": True,
        "": True,
    }.items():
        assert holds(parse(text, "diagnosis", design), facts, design) is truth, text


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("check", "dominant in many"), ("route", "interventions 0"), ("split", "cc 1+"), ("diagnosis", "SEX in home"),
        ("check", "cc 1+"), ("route", "cc 1+"), ("procedure", "cc 1+"), ("diagnosis", "cc 1+"),
        ("diagnosis", "primary in many"), ("diagnosis", "age old"), ("diagnosis", "( age 1 )"), ("diagnosis", "age 1 or"),
    ],
)  # fmt: skip
def test_refused_conditions(tmp_path: Path, stage: str, text: str) -> None:
    with pytest.raises(DesignError):
        parse(text, stage, Design(write_design(tmp_path)))
