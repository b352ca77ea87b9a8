"""Tests of the tables and the condition language as the reference grouper reads them."""

from datetime import date
from pathlib import Path

import pytest

from hrgcore.testing.reference.conditions import Facts, holds, parse
from hrgcore.testing.reference.grouper import ReferenceGrouper
from hrgcore.testing.reference.records import rows_of
from hrgcore.testing.reference.tables import CodeSet, Design, DesignError, parse_bands, read_tables, table_of_file

from .small_design import episode, write_design

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
    assert parse_bands("0-130 999") == ((0, 130), (999, 999))


def test_a_code_in_two_rows_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(DesignError):
        Design(write_design(tmp_path, procedure_c="codes,role,rank,root,grade\nH01,barred,,,label"))


def test_overrides_replace_a_table(tmp_path: Path) -> None:
    grouper = ReferenceGrouper(write_design(tmp_path), {"dominance": [{"stay": "", "min_rank": "1", "grade": "label"}]})
    assert grouper.group([episode(OPER_01="M011")]).hrg == "PR02Z"


def test_values_of_tables(tmp_path: Path) -> None:
    lists = Design(write_design(tmp_path, list_x="list,kind,codes,grade\nhome,DISDEST,098 0,label\nhome,INV,02,label")).lists
    assert (lists["home", "DISDEST"], lists["home", "INV"]) == ({"19", "98", "0"}, {"02"})


# Overlays


def test_overlays_of_the_new_tables(tmp_path: Path) -> None:
    for name in ("base", "over"):
        (tmp_path / name).mkdir()
    whole = "stage,from,when,to,method,grade\nunbundled,,,RD03,,label\nunbundled,,age 2,RD01,,label"
    base = write_design(tmp_path / "base", rule_unbundled=whole)
    over = tmp_path / "over"
    (over / "tables").mkdir()
    (over / "design.toml").write_text('name = "over"\nbase = "test"\n[grouping]\nattendance_list = "team"\n')
    for name, text in {
        "category": "category,field,values,level,grade\nlook,INV,99,2,label",
        "organ": "organ,fields,grade\nlungs,ARSD,label\nliver,LSD,label",
        "field": "dataset,field,required,kind,accepted,default,grade\nEM NRD,AGE,yes,number,0-9,,label"
        "\nEM,INV_01,no,exact,99,,label",
        "unbundled": "codes,root,multiplier,grade\nU017,XD01,,label",
        "rule": "stage,from,when,to,method,grade\nunbundled,,age 1,XD01,,label",
        "remove": "table,key\nrule,check\ncategory,work\norgan,kidney\nfield,EM TREAT_01\nunbundled,U016",
    }.items():
        (over / "tables" / f"{name}.csv").write_text(text + "\n")
    design = Design(over, bases={"test": base})
    assert design.categories == {"look": {"INV": {"99": 2}}}
    assert design.organs == {"heart": {"BCSD", "ACSD"}, "lungs": {"ARSD"}, "liver": {"LSD"}}
    assert {name: row["accepted"] for name, row in rows_of("EM", design).items() if name != "NOTHING"} == {
        "AGE": "0-9", "AEPATIENTGROUP": "10 70 08", "INV_01": "99",
    }  # fmt: skip
    assert {code: row["root"] for code, row in design.unbundled.items() if code >= "U014"} == {
        "U014": "RD01", "U015": "LH01", "U017": "XD01",
    }  # fmt: skip
    rules = [(row["stage"], row["to"]) for row in design.rows["rule"] if not row["from"]]
    assert [to for stage, to in rules if stage == "unbundled"] == ["XD01"]
    assert "check" not in dict(rules)
    assert (design.settings["attendance_list"], design.settings["vague_procedure"]) == ("team", "UZ06")


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


def test_conditions_of_other_data_sets(tmp_path: Path) -> None:
    design = Design(write_design(tmp_path))
    facts = Facts(
        None, None, "A000", ("D001",), ("M011",),
        fields={"AEPATIENTGROUP": "8", "RENALMOD": "01", "FIRSTATT": "3"},
        attributes=("Z011", "Z012", "Z011", "Y012"),
        repeated={"INV": ("01", "02"), "CCAC": ("6", "94")},
        numbers={"PERWT": 999, "AGE_DAYS": 0, "BRSD": 2, "ARSD": 1, "RSD": 0},
        dates={"CCDate": date(2024, 2, 28), "DISDATE": date(2024, 3, 1)},
    )  # fmt: skip
    for text, truth in {
        "PERWT 0-999": True,
        "not PERWT 999": False,
        "AGE_DAYS 0": True,
        "GestLen 0+": False,
        "not GestLen 0+": True,
        "days CCDate to DISDATE 2": True,
        "days CCDate to CCDate 0": True,
        "days DISDATE to CCDate 0+": False,
        "days CC_Start_Date to DISDATE 0+": False,
        "not days CC_Start_Date to DISDATE 0+": True,
        "RENALMOD in blood": True,
        "RENALMOD in wrong": False,
        "FIRSTATT in first": True,
        "INV in scans": False,
        "CCAC in misplaced or CCAC in machine": False,
        "not TREAT in teeth": True,
        "highest look 1": True,
        "highest work 5": True,
        "organs 1": True,
        "with parts 2": True,
        "with contrast 1 and with many 0": True,
    }.items():
        assert holds(parse(text, "split", design), facts, design) is truth, text
    nothing = Facts(None, None, "", (), ())
    assert holds(parse("organs 0 and highest look 0 and with parts 0", "split", design), nothing, design)


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("check", "dominant in many"), ("route", "interventions 0"), ("split", "cc 1+"), ("diagnosis", "SEX in home"),
        ("check", "cc 1+"), ("route", "cc 1+"), ("procedure", "cc 1+"), ("diagnosis", "cc 1+"),
        ("diagnosis", "primary in many"), ("diagnosis", "age old"), ("diagnosis", "( age 1 )"), ("diagnosis", "age 1 or"),
        ("procedure", "with parts 1"), ("route", "with parts 1"), ("unbundled", "with burn 1"), ("unbundled", "with parts"),
        ("unbundled", "dominant in many"), ("unbundled", "site in many"), ("unbundled", "interventions 0"), ("unbundled", "cc 0"),
        ("EM", "procedure in many"), ("EM", "stay 0"), ("EM", "primary in burn"), ("EM", "CCAC in machine"), ("EM", "INV 1"),
        ("NAC", "primary in burn"), ("NAC", "SEX in home"), ("NAC", "MAINSPEF in pain"), ("NAC", "DISMETH in ended"),
        ("PCC", "unbundled in second"), ("PCC", "age 1+"), ("PCC", "PERWT 1+"), ("NCC", "PERWT 1.5+"), ("NCC", "CCDate 1"),
        ("ACC", "highest none 1"), ("ACC", "organs"), ("ACC", "days CC_Start_Date to BRSD 1"), ("ACC", "organs in many"),
        ("NCC", "days CCDate DISDATE 1"), ("diagnosis", "FIRSTATT in first"), ("diagnosis", "days CCDate to DISDATE 1"),
        ("diagnosis", "EPIDUR 1"), ("check", "organs 1"), ("unbundled", "STARTAGE 1"), ("unbundled", "BRSD 1"),
        ("unbundled", "CCUF in adult_unit"), ("unbundled", "EPIDUR in home"), ("unbundled", "organs 1"), ("split", "EPIDUR 1"),
    ],
)  # fmt: skip
def test_refused_conditions(tmp_path: Path, stage: str, text: str) -> None:
    with pytest.raises(DesignError):
        parse(text, stage, Design(write_design(tmp_path)))
