"""`hrg evaluate`: every figure against an independent computation (pandas, statsmodels, SciPy, brute force)."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import statsmodels.api as sm
from browser import CHROMIUM, check_page
from click.testing import CliRunner, Result
from scipy import stats
from statsmodels.stats.multitest import multipletests
from unit.tiny import tiny_design

import hrgcore
from hrgcore.analyse.spread import Trim
from hrgcore.analyse.variance import Evaluation, evaluate
from hrgcore.cli import main
from hrgcore.design import load_design
from hrgcore.errors import ArgumentError, InputFileError, OutputFileError

EXAMPLES = Path(__file__).parents[2] / "examples"
CLOSE = {"rtol": 1e-9, "atol": 0}
LEAST = 20
Command = Callable[..., Result]


# Roots, the records of their HRGs, and a level of cost.
ROOTS = (
    *(("AA10", (200, 60, 90, 1), 900), ("AA11", (40, 150), 500), ("AB20", (90, 3, 120), 1500), ("BB30", (70,), 80)),
    *(("BB31", (30, 45, 2), 3000), ("CC40", (25, 2), 50), ("DD50", (1,), 70)),
)


def made_up(seed: int = 1, offset: float = 0) -> pd.DataFrame:
    """Costs by HRG: roots of one to four HRGs of all sizes, some of one record, with a long tail."""
    random = np.random.default_rng(seed)
    parts = []
    for root, sizes, level in ROOTS:
        for split, n in enumerate(sizes):
            age = random.integers(0, 100, n)
            stretch = 1 + 0.4 * split * (root != "AA11")
            cost = offset + random.gamma(1.4, level * stretch, n) + 4 * age * (root == "AB20")
            parts.append(pd.DataFrame({"HRG": f"{root}{'ABCD'[split]}", "cost": cost, "age": age}))
    return pd.concat(parts).sample(frac=1, random_state=seed).reset_index(drop=True)


DATA = made_up()


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return evaluate(DATA, "cost", hrg="HRG", by=["age"], least=LEAST)


def by(table: pa.Table, key: str) -> pd.DataFrame:
    return table.to_pandas().set_index(key)


def ols(frame: pd.DataFrame, groups: pd.Series) -> Any:
    """A regression on a dummy for each group but one, and a constant."""
    dummies = pd.get_dummies(groups, drop_first=True, dtype=float)
    return sm.OLS(frame["cost"].to_numpy(), sm.add_constant(dummies.to_numpy(), has_constant="add")).fit()


def inliers(frame: pd.DataFrame) -> pd.DataFrame:
    """Records that are not above Q3 + 1.5 IQR of their HRG."""
    q1, q3 = (frame.groupby("HRG")["cost"].transform("quantile", share) for share in (0.25, 0.75))
    return frame[(frame["cost"] <= q3 + 1.5 * (q3 - q1)) | (q3 == q1)]


# Spread


def same_spread(found: pd.DataFrame, groups: Any) -> None:
    want = groups["cost"].agg(["count", "mean", "std", "median", "min", "max"])
    for name, column in (
        ("records", "count"), ("mean", "mean"), ("sd", "std"), ("median", "median"), ("minimum", "min"), ("maximum", "max"),
    ):  # fmt: skip
        np.testing.assert_allclose(found[name], want[column], err_msg=name, **CLOSE)
    q1, q3 = groups["cost"].quantile(0.25), groups["cost"].quantile(0.75)
    np.testing.assert_allclose(found["q1"], q1, **CLOSE)
    np.testing.assert_allclose(found["q3"], q3, **CLOSE)
    np.testing.assert_allclose(found["iqr"], q3 - q1, **CLOSE)
    np.testing.assert_allclose(found["cv"], want["std"] / want["mean"], **CLOSE)


def test_spread_of_hrgs_and_roots_and_chapters(found: Evaluation) -> None:
    same_spread(by(found.hrgs, "hrg"), DATA.groupby("HRG"))
    same_spread(by(found.roots, "root").sort_index(), DATA.groupby(DATA["HRG"].str[:4]))
    same_spread(by(found.chapters, "chapter"), DATA.groupby(DATA["HRG"].str[0]))


def test_one_record_has_no_spread(found: Evaluation) -> None:
    alone = by(found.hrgs, "hrg").loc["DD50A"]
    assert alone["records"] == 1 and alone["iqr"] == 0 and alone["minimum"] == alone["median"] == alone["maximum"]
    assert np.isnan(alone["sd"]) and np.isnan(alone["cv"]) and np.isnan(alone["trim_point"])
    assert found.hrgs.column("sd").null_count == (DATA["HRG"].value_counts() == 1).sum()


def test_coefficient_of_variation_of_means_that_are_not_above_zero() -> None:
    table = evaluate(pa.table({"hrg": ["A"] * 4 + ["B"] * 2, "cost": [-1.0, 1, -2, 2, -3, -4]}), "cost").hrgs
    assert table.column("cv").to_pylist() == [None, None] and table.column("sd").null_count == 0


# Variance explained


@pytest.mark.parametrize(("prefix", "frame"), [("", DATA), ("trimmed_", inliers(DATA))])
def test_variance_explained(found: Evaluation, prefix: str, frame: pd.DataFrame) -> None:
    levels = by(found.levels, "level")
    for level, groups in (("chapter", frame["HRG"].str[0]), ("root", frame["HRG"].str[:4]), ("HRG", frame["HRG"])):
        want = ols(frame, groups)
        np.testing.assert_allclose(levels.loc[level, f"{prefix}r2"], want.rsquared, **CLOSE)
        np.testing.assert_allclose(levels.loc[level, f"{prefix}adjusted_r2"], want.rsquared_adj, **CLOSE)
        assert levels.loc[level, f"{prefix}records"] == len(frame)
        assert levels.loc[level, "groups"] == groups.nunique()
    assert (found.r2, found.trimmed_r2) == (levels.loc["HRG", "r2"], levels.loc["HRG", "trimmed_r2"])
    assert found.trimmed == len(DATA) - len(inliers(DATA)) > 20


@pytest.mark.parametrize(("prefix", "frame"), [("", DATA), ("trimmed_", inliers(DATA))])
def test_variance_explained_by_chapter(found: Evaluation, prefix: str, frame: pd.DataFrame) -> None:
    chapters = by(found.chapters, "chapter")
    for chapter in "ABC":
        part = frame[frame["HRG"].str[0] == chapter]
        want = ols(part, part["HRG"])
        np.testing.assert_allclose(chapters.loc[chapter, f"{prefix}r2"], want.rsquared, **CLOSE)
        np.testing.assert_allclose(chapters.loc[chapter, f"{prefix}adjusted_r2"], want.rsquared_adj, **CLOSE)
    assert np.isnan(chapters.loc["D", f"{prefix}r2"])


def squares(frame: pd.DataFrame, groups: Any) -> float:
    return float(((frame["cost"] - frame.groupby(groups)["cost"].transform("mean")) ** 2).sum())


def test_what_is_left_adds_up(found: Evaluation) -> None:
    """Shares of what is not explained are shares of one whole; the gains of all splits are what HRGs explain more than roots."""
    whole = ((DATA["cost"] - DATA["cost"].mean()) ** 2).sum()
    for prefix, frame in (("", DATA), ("trimmed_", inliers(DATA))):
        left, roots = squares(frame, "HRG"), by(found.roots, "root")
        for root, part in frame.groupby(frame["HRG"].str[:4]):
            np.testing.assert_allclose(roots.loc[root, f"{prefix}unexplained"], squares(part, "HRG") / left, **CLOSE)
    for root, part in DATA.groupby(DATA["HRG"].str[:4]):
        gain = (((part["cost"] - part["cost"].mean()) ** 2).sum() - squares(part, "HRG")) / whole
        np.testing.assert_allclose(roots.loc[root, "gain"], gain, rtol=1e-9, atol=1e-15)
    levels = by(found.levels, "level")["r2"]
    np.testing.assert_allclose(roots["gain"].sum(), levels["HRG"] - levels["root"], rtol=1e-9)
    for table in (found.hrgs, found.chapters, found.roots):
        assert sum(table.column("unexplained").to_pylist()) == pytest.approx(1, rel=1e-12)
    order = found.roots.column("unexplained").to_pylist()
    assert order == sorted(order, reverse=True)


def test_large_values_that_are_alike() -> None:
    """An offset of a billion leaves spread and shares as they are, up to the digits that the values themselves have lost."""
    plain, moved = (evaluate(made_up(offset=offset), "cost", hrg="HRG") for offset in (0, 1e9))
    np.testing.assert_allclose(by(moved.hrgs, "hrg")["sd"], by(plain.hrgs, "hrg")["sd"], rtol=1e-6)
    assert moved.r2 == pytest.approx(plain.r2, rel=1e-7)
    frame = made_up(offset=1e9)
    exact = 1 - squares(frame.assign(cost=frame["cost"] - 1e9), "HRG") / ((frame["cost"] - frame["cost"].mean()) ** 2).sum()
    assert moved.r2 == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e99, -3e9])
def test_values_that_are_all_the_same(value: float) -> None:
    table = pa.table({"hrg": ["AA10A", "AA10B", "AB10A"] * 50, "cost": [value] * 150, "age": range(150)})
    found = evaluate(table, "cost", by=["age"], least=2)
    assert found.constant and found.r2 is None and found.trimmed_r2 is None and found.further.num_rows == 0
    assert found.chapters.column("r2").to_pylist() == [None]
    assert found.roots.column("unexplained").null_count == found.roots.column("f").null_count == 2
    assert set(found.neighbours.column("verdict").to_pylist()) == {"not shown"}
    assert found.hrgs.column("sd").to_pylist() == [0, 0, 0]


def test_as_many_hrgs_as_records() -> None:
    found = evaluate(pa.table({"hrg": ["A1", "A2", "B1"], "cost": [1, 2, 4]}), "cost")
    assert found.r2 == 1 and found.levels.column("adjusted_r2").to_pylist()[-1] is None
    assert found.chapters.column("adjusted_r2").null_count == 2


def test_evaluate_does_not_depend_on_the_order_of_records(found: Evaluation) -> None:
    again = evaluate(DATA.iloc[::-1], "cost", hrg="HRG", by=["age"], least=LEAST)
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(again.tables[name].to_pandas(), table.to_pandas(), rtol=1e-12)


# Trimming


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("iqr", ("iqr", 1.5)),
        ("iqr:3", ("iqr", 3)),
        ("percentile", ("percentile", 99)),
        ("percentile:99.5", ("percentile", 99.5)),
        ("none", ("none", 0)),
    ],
)
def test_ways_to_trim(text: str, want: tuple[str, float]) -> None:
    assert Trim.parse(text) == want


@pytest.mark.parametrize(
    "text", ["", "sd:2", "iqr:x", "iqr:-1", "iqr:nan", "iqr:inf", "percentile:10", "percentile:101", "none:1"]
)
def test_ways_to_trim_that_are_none(text: str) -> None:
    with pytest.raises(ArgumentError, match="is no way to trim"):
        Trim.parse(text)


def test_trimming_by_percentile() -> None:
    found = evaluate(DATA, "cost", hrg="HRG", trim="percentile:90")
    kept = DATA[DATA["cost"] <= DATA.groupby("HRG")["cost"].transform("quantile", 0.9)]
    assert found.trimmed == len(DATA) - len(kept)
    assert found.trimmed_r2 == pytest.approx(ols(kept, kept["HRG"]).rsquared, rel=1e-9)
    trimmed = by(found.hrgs, "hrg")
    np.testing.assert_allclose(trimmed["trimmed_mean"], kept.groupby("HRG")["cost"].mean(), **CLOSE)
    np.testing.assert_allclose(trimmed["trimmed_sd"], kept.groupby("HRG")["cost"].std(), **CLOSE)
    np.testing.assert_allclose(
        trimmed["trimmed"], DATA["HRG"].value_counts().sort_index() - kept["HRG"].value_counts().sort_index()
    )


def test_no_trimming() -> None:
    found = evaluate(DATA, "cost", hrg="HRG", trim="none")
    assert (
        found.trimmed == 0 and found.r2 == found.trimmed_r2 and found.hrgs.column("trim_point").null_count == found.hrgs.num_rows
    )


def test_hrgs_with_equal_quartiles_are_not_trimmed() -> None:
    """Most stays of a day case are 0 days; the others are no outliers for that."""
    found = evaluate(pa.table({"hrg": ["A1"] * 10 + ["A2"] * 5, "stay": [0] * 8 + [1, 9] + [1, 2, 3, 4, 50]}), "stay")
    assert found.hrgs.column("trimmed").to_pylist() == [0, 1]
    assert found.hrgs.column("trim_point").to_pylist() == [None, 7]


# Splits that do not differ


def test_neighbours(found: Evaluation) -> None:
    pairs = found.neighbours.to_pylist()
    hrgs = sorted(DATA["HRG"].unique())
    assert [(pair["hrg"], pair["next_hrg"]) for pair in pairs] == [
        (one, other) for one, other in pairwise(hrgs) if one[:4] == other[:4]
    ]
    tested = 0
    for pair in pairs:
        one, other = (DATA["cost"][DATA["HRG"] == pair[name]].to_numpy() for name in ("hrg", "next_hrg"))
        assert (pair["records"], pair["next_records"]) == (len(one), len(other))
        np.testing.assert_allclose([pair["mean"], pair["next_mean"]], [one.mean(), other.mean()], **CLOSE)
        np.testing.assert_allclose(pair["difference"], one.mean() - other.mean(), **CLOSE)
        np.testing.assert_allclose(
            pair["relative_difference"], (one.mean() - other.mean()) / np.append(one, other).mean(), **CLOSE
        )
        if min(len(one), len(other)) < 2:
            assert pair["p"] is pair["t"] is pair["degrees"] is None
            continue
        want = stats.ttest_ind(one, other, equal_var=False)
        np.testing.assert_allclose([pair["t"], pair["p"], pair["degrees"]], [want.statistic, want.pvalue, want.df], **CLOSE)
        pooled = np.sqrt((one.var(ddof=1) * (len(one) - 1) + other.var(ddof=1) * (len(other) - 1)) / (len(one) + len(other) - 2))
        np.testing.assert_allclose(pair["effect_size"], (one.mean() - other.mean()) / pooled, **CLOSE)
        tested += 1
    assert tested >= 5


def test_probabilities_are_corrected_for_the_number_of_tests(found: Evaluation) -> None:
    judged = [pair for pair in found.neighbours.to_pylist() if min(pair["records"], pair["next_records"]) >= LEAST]
    assert len(judged) >= 3
    for method, want in (
        ("SciPy", stats.false_discovery_control([pair["p"] for pair in judged])),
        ("statsmodels", multipletests([pair["p"] for pair in judged], method="fdr_bh")[1]),
    ):
        np.testing.assert_allclose([pair["adjusted_p"] for pair in judged], want, err_msg=method, **CLOSE)
    few = [pair for pair in found.neighbours.to_pylist() if pair not in judged]
    assert few and {(pair["adjusted_p"], pair["verdict"]) for pair in few} == {(None, "few records")}


def test_verdicts_on_neighbours() -> None:
    random = np.random.default_rng(5)
    costs = {"AA10A": 1000, "AA10B": 1000, "AA11A": 1000, "AA11B": 1500, "AA12A": 1000, "AA12B": 1050, "AA13A": 10, "AA13B": 5000}
    table = pd.DataFrame(
        [(hrg, cost) for hrg, mean in costs.items() for cost in random.normal(mean, 100, 5 if hrg[:4] == "AA13" else 400)],
        columns=["hrg", "cost"],
    )
    found = evaluate(table, "cost")
    assert {pair["root"]: pair["verdict"] for pair in found.neighbours.to_pylist()} == {
        "AA10": "not shown", "AA11": "differ", "AA12": "small", "AA13": "few records",
    }  # fmt: skip
    assert {root["root"]: root["verdict"] for root in found.roots.to_pylist()} == {
        "AA10": "not shown", "AA11": "differ", "AA12": "small", "AA13": "few records",
    }  # fmt: skip


def test_neighbours_without_variance() -> None:
    """Two HRGs of one value each: they differ for certain, or not at all."""
    values = {"A1A": 1.0, "A1B": 1.0, "A2A": 1.0, "A2B": 3.0}
    found = evaluate(
        pa.table({"hrg": [hrg for hrg in values for _ in range(5)], "cost": np.repeat(list(values.values()), 5)}), "cost", least=2
    )
    assert [(pair["p"], pair["verdict"]) for pair in found.neighbours.to_pylist()] == [(1, "not shown"), (0, "differ")]
    roots = sorted(found.roots.to_pylist(), key=lambda root: root["root"])
    assert [(root["f"], root["p"], root["verdict"]) for root in roots] == [(None, 1, "not shown"), (None, 0, "differ")]
    assert found.r2 == 1


def test_differences_within_roots(found: Evaluation) -> None:
    tested = []
    for root in found.roots.to_pylist():
        parts = [part["cost"].to_numpy() for hrg, part in DATA.groupby("HRG") if hrg[:4] == root["root"]]
        assert root["hrgs"] == len(parts)
        if len(parts) == 1:
            assert root["f"] is root["p"] is None and root["verdict"] == "one HRG" and root["gain"] == 0
            continue
        want = stats.f_oneway(*parts)
        np.testing.assert_allclose([root["f"], root["p"]], [want.statistic, want.pvalue], **CLOSE)
        np.testing.assert_allclose(
            root["r2"], ols(part := DATA[DATA["HRG"].str[:4] == root["root"]], part["HRG"]).rsquared, **CLOSE
        )
        large = [cost.mean() for cost in parts if len(cost) >= LEAST]
        if len(large) < 2:
            assert root["verdict"] == "few records" and root["adjusted_p"] is None
        else:
            np.testing.assert_allclose(root["span"], (max(large) - min(large)) / np.concatenate(parts).mean(), **CLOSE)
            tested.append(root)
    want = stats.false_discovery_control([root["p"] for root in tested])
    np.testing.assert_allclose([root["adjusted_p"] for root in tested], want, **CLOSE)
    assert len(tested) >= 2


# Further splits


def best_split(part: pd.DataFrame, least: int) -> tuple[float, float] | None:
    """By trying all: the sum of squares that the best split takes away, and where it is."""
    best: tuple[float, float] | None = None
    whole = ((part["cost"] - part["cost"].mean()) ** 2).sum()
    for at in sorted(part["age"].unique())[1:]:
        low, high = part["cost"][part["age"] < at], part["cost"][part["age"] >= at]
        if min(len(low), len(high)) < least:
            continue
        gain = whole - ((low - low.mean()) ** 2).sum() - ((high - high.mean()) ** 2).sum()
        if best is None or gain > best[0]:
            best = gain, at
    return best


def test_further_splits(found: Evaluation) -> None:
    whole = ((DATA["cost"] - DATA["cost"].mean()) ** 2).sum()
    want = {hrg: split for hrg, part in DATA.groupby("HRG") if (split := best_split(part, LEAST))}
    splits = by(found.further, "hrg")
    assert set(splits.index) == set(want) and len(want) >= 5
    for hrg, (gain, at) in want.items():
        part, split = DATA[DATA["HRG"] == hrg], splits.loc[hrg]
        np.testing.assert_allclose([split["gain"], split["from"]], [gain / whole, at], **CLOSE)
        np.testing.assert_allclose(split["share_of_hrg"], gain / ((part["cost"] - part["cost"].mean()) ** 2).sum(), **CLOSE)
        low, high = part["cost"][part["age"] < at], part["cost"][part["age"] >= at]
        assert (split["records_below"], split["records_from"], split["root"]) == (len(low), len(high), hrg[:4])
        np.testing.assert_allclose([split["mean_below"], split["mean_from"]], [low.mean(), high.mean()], **CLOSE)
    assert found.further.column("gain").to_pylist() == sorted(found.further.column("gain").to_pylist(), reverse=True)


def test_a_split_that_is_there_is_found() -> None:
    random = np.random.default_rng(7)
    age = random.integers(0, 100, 600)
    table = pa.table({"hrg": ["AA10A"] * 600, "cost": random.normal(100, 5, 600) + 50 * (age >= 19), "age": age})
    split = evaluate(table, "cost", by=["age"]).further.to_pylist()[0]
    assert (split["variable"], split["from"]) == ("age", 19) and split["gain"] > 0.9


def test_records_with_a_blank_candidate_have_no_part_in_its_splits() -> None:
    frame = made_up(3)
    frame["age"] = frame["age"].where(frame.index % 3 > 0)
    found = evaluate(frame, "cost", hrg="HRG", by=["age"], least=LEAST)
    known = frame.dropna()
    want = {hrg: split for hrg, part in known.groupby("HRG") if (split := best_split(part, LEAST))}
    assert by(found.further, "hrg")["from"].to_dict() == {hrg: at for hrg, (_, at) in want.items()}


def test_candidates_of_official_outputs() -> None:
    table = pa.table(
        {
            "FCE_HRG": ["A1"] * 2,
            "SpellHRG": ["B1"] * 2,
            "STARTAGE": [1, 2],
            "CalcEpidur": [1, 2],
            "SpellLOS": [1, 2],
            "cost": [1, 2],
        }
    )
    assert evaluate(table, "cost").candidates == ("STARTAGE", "CalcEpidur", "SpellLOS")
    assert evaluate(table, "CalcEpidur").candidates == ("STARTAGE",)
    assert evaluate(table, "cost", by=["SpellLOS"]).candidates == ("SpellLOS",)
    assert evaluate(table, "cost", by=[]).candidates == ()
    assert evaluate(table, "cost").hrg_column == "FCE_HRG"


# What is left out


def grouped(folder: Path) -> tuple[pa.Table, Path]:
    table = pa.table(
        {
            "FCE_HRG": ["AA01A", "AA01B", "UZ01Z", "PR01A", "", "AA01A", "ZZ09Z", "UZ01Z"],
            "GroupingMethodFlag": ["D", "D", "U", "P", "U", "D", "D", "U"],
            "cost": ["1", "2", "3", "", "5", "6", "7", ""],
        }
    )
    return table, tiny_design(folder)


def test_failed_records_and_blanks_are_left_out_and_counted(tmp_path: Path) -> None:
    table, folder = grouped(tmp_path)
    for design in (None, load_design(folder)):
        found = evaluate(table, "cost", design=design)
        assert (found.left_out.no_hrg, found.left_out.failed, found.left_out.no_value) == (1, 2, 1)
        assert found.records == 4 and found.hrgs.column("hrg").to_pylist() == ["AA01A", "AA01B", "ZZ09Z"]
    assert found.design == "tiny" and found.unknown == ("ZZ09Z",)
    assert found.hrgs.column("label").to_pylist() == ["Ailment, with CC Score 3+", "Ailment, with CC Score 0-2", ""]
    assert sorted(found.roots.column("root").to_pylist()) == ["AA01", "ZZ09"]


def test_failed_records_that_cannot_be_told() -> None:
    found = evaluate(pa.table({"EM_HRG": ["VB01Z", "UZ01Z"], "cost": [1, 2]}), "cost")
    assert found.left_out.failed is None and found.records == 2


@pytest.mark.parametrize(("hrgs", "costs"), [(["", ""], [1, 2]), (["A1", "A2"], [None, None]), ([], [])])
def test_nothing_is_left(hrgs: list[str], costs: list[float | None]) -> None:
    table = pa.table({"hrg": pa.array(hrgs, pa.string()), "cost": pa.array(costs, pa.float64())})
    with pytest.raises(InputFileError, match="no record has an HRG and a cost"):
        evaluate(table, "cost")


def test_arguments_that_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArgumentError, match="too few"):
        evaluate(DATA, "cost", hrg="HRG", least=1)
    with pytest.raises(InputFileError, match="has no column 'weight'"):
        evaluate(DATA, "cost", hrg="HRG", by=["weight"])
    for by in ("age", ["age", "age"]):
        with pytest.raises(ArgumentError, match="no list of different columns"):
            evaluate(DATA, "cost", hrg="HRG", by=by)
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(ArgumentError, match=r"need SciPy\. Install hrgcore\[report\]"):
        evaluate(DATA, "cost", hrg="HRG")


def test_tables_of_a_grouper(grouper: hrgcore.Grouper) -> None:
    """Their HRGs are found, and their failed records; CC scores and interventions may split them."""
    grouped = grouper.group(pa.Table.from_pandas(pd.read_csv(EXAMPLES / "apc_sample.csv", dtype=str, keep_default_na=False)))
    for table, records, failed in ((grouped, 3444, grouped.record_errors), (grouped.spells, 3000, grouped.spell_errors)):
        found = evaluate(table, "stay")
        assert found.candidates == ("cc_score", "interventions") and found.hrg_column == "hrg"
        assert (found.records, found.left_out.failed) == (records - failed, failed)


def test_tables_of_polars() -> None:
    frame = pl.DataFrame({"hrg": ["A1A", "A1B"] * 5, "cost": [str(cost) for cost in range(10)]})
    assert evaluate(frame, "cost").r2 == pytest.approx(1 - 80 / 82.5)


# Command and files


@pytest.fixture
def hrg() -> Command:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    DATA.to_csv(tmp_path / "in.csv", index=False)
    return tmp_path / "in.csv"


def test_command(hrg: Command, file: Path, found: Evaluation) -> None:
    done = hrg("evaluate", file, "--value", "cost", "--hrg", "HRG", "--by", "age", "--least", LEAST, "--top", 3)
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert f"{len(DATA):,} records with an HRG (HRG) and a cost" in lines
    assert f"Trimmed: {found.trimmed} values above Q3 + 1.5 x (Q3 - Q1) of their HRG" in lines
    assert any(line.startswith(f"HRG {found.hrgs.num_rows} {found.r2:.1%} ") for line in lines)
    root = found.roots.to_pylist()[0]
    assert any(
        line.startswith(f"{root['root']} {root['hrgs']} {root['records']:,} ") and root["verdict"] in line for line in lines
    )
    assert any(line.startswith(f"{found.further.to_pylist()[0]['hrg']} age ") for line in lines)
    assert not any("…" in line for line in lines)
    same = [root for root in found.roots.to_pylist() if root["verdict"] in ("not shown", "small")]
    same.sort(key=lambda root: -root["records"])
    named = ", ".join(root["root"] for root in same)
    assert same and f"Roots whose HRGs do not differ, or by less than 10%: {len(same)}: {named}" in lines


def test_command_writes_a_folder(hrg: Command, file: Path, tmp_path: Path, found: Evaluation) -> None:
    done = hrg(
        "evaluate", file, "--value", "cost", "--hrg", "HRG", "--by", "age", "-o", tmp_path / "out", "--plot", tmp_path / "a.svg"
    )
    assert done.exit_code == 0, done.output
    tables = ["chapters", "further", "hrgs", "levels", "neighbours", "roots"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [*(f"{name}.csv" for name in tables), "evaluate.html", "evaluate.xlsx"]
    )
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out" / "levels.csv"), found.levels.to_pandas(), rtol=1e-12)
    page = (tmp_path / "out" / "evaluate.html").read_text()
    if CHROMIUM:
        check_page(tmp_path / "out" / "evaluate.html")
    assert f"{found.r2:.1%}" in page and "<svg" in page and "AB20" in page
    assert not re.search(r'(src|href)="(?!#|data:)', page)
    assert "Share of all variance that HRGs leave unexplained (%)" in (tmp_path / "a.svg").read_text()


def test_command_keeps_its_input(hrg: Command, tmp_path: Path) -> None:
    DATA.to_csv(tmp_path / "hrgs.csv", index=False)
    before = (tmp_path / "hrgs.csv").read_bytes()
    done = hrg("evaluate", tmp_path / "hrgs.csv", "--value", "cost", "--hrg", "HRG", "-o", tmp_path)
    assert done.exit_code == 1 and "would overwrite an input" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["hrgs.csv"] and (tmp_path / "hrgs.csv").read_bytes() == before


def test_command_of_values_that_are_all_the_same(hrg: Command, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("hrg,cost\n" + "AA10A,5\nAA10B,5\n" * 3)
    done = hrg("evaluate", tmp_path / "in.csv", "--value", "cost", "-o", tmp_path / "out", "--trim", "none")
    assert done.exit_code == 0, done.output
    assert "no variance to explain" in done.stdout and "Nothing is trimmed" in done.stdout
    assert "cannot be told without a design" in done.stdout and "name some with --by" in done.stdout
    assert "there is no variance" in (tmp_path / "out" / "evaluate.html").read_text()


def test_labels_and_names_are_escaped_in_pages(tmp_path: Path) -> None:
    found = evaluate(pa.table({"hrg": ["<b>A", "<b>B"] * 40, "<i>": np.arange(80.0)}), "<i>")
    found.write(tmp_path / "out")
    page = (tmp_path / "out" / "evaluate.html").read_text()
    assert "<i>" not in page and "<b>A" not in page and "&lt;b&gt;A" in page


def test_command_with_a_design(hrg: Command, tmp_path: Path) -> None:
    """Many HRGs that it does not have are not all printed."""
    table, folder = grouped(tmp_path)
    table.to_pandas().to_csv(tmp_path / "in.csv", index=False)
    done = hrg("evaluate", tmp_path / "in.csv", "--value", "cost", "--design", folder)
    assert done.exit_code == 0, done.output
    assert "Not in the design: ZZ09Z\n" in done.stdout and "design tiny (an open reconstruction" in done.stdout
    for text in ("1 have no HRG", "2 are in the error group", "1 have no cost"):
        assert f"Left out: {text}" in done.stdout
    (tmp_path / "in.csv").write_text("hrg,cost\n" + "".join(f"ZZ{number}Z,1\n" for number in range(10, 25)))
    assert "ZZ19Z and 5 more\n" in hrg("evaluate", tmp_path / "in.csv", "--value", "cost", "--design", folder).stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--value", "none"], "has no column 'none'"),
        (["--value", "cost", "--by", "age,x"], "has no column 'x'. Name one of its columns: HRG, cost, age"),
        (["--value", "HRG"], "the cell of column HRG is no number"),
        (["--value", "cost", "--trim", "x"], "is no way to trim"),
        (["--value", "cost", "--plot", "a.pdf"], "does not end in .png or .svg"),
        (["--value", "cost", "--design", "1999-00"], "1999-00"),
    ],
)
def test_command_fails(hrg: Command, file: Path, arguments: list[str], text: str) -> None:
    done = hrg("evaluate", file, "--hrg", "HRG", *arguments)
    assert done.exit_code == 1 and text in done.stderr, done.output


def test_a_plot_that_cannot_be_written(found: Evaluation, tmp_path: Path) -> None:
    found.plot(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OutputFileError):
        found.plot(tmp_path / "none" / "a.png")


def test_every_column_is_documented(found: Evaluation) -> None:
    text = (Path(__file__).parents[2] / "docs" / "evaluate.md").read_text(encoding="utf-8")
    assert [name for table in found.tables.values() for name in table.column_names if f"`{name}`" not in text] == []
