"""`hrg profile`: casemix-adjusted comparisons by hand, against pandas, and against what chance alone gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from browser import CHROMIUM, check_page
from click.testing import CliRunner, Result
from scipy import stats

from hrgcore.analyse.profile import Profile, profile
from hrgcore.cli import main
from hrgcore.errors import ArgumentError, InputFileError

CLOSE = {"rtol": 1e-9, "atol": 0}
Command = Callable[..., Result]


def made_up(seed: int = 1, effect: float = 0.15) -> pd.DataFrame:
    """Stays at providers of all sizes, each with a casemix and an effect of its own."""
    random = np.random.default_rng(seed)
    parts = []
    for number, n in enumerate([10, 25, 60, 80, 120, 150, 200, 400, 600, 900]):
        hrg = random.choice(6, n, p=random.dirichlet(np.full(6, 3)))
        stay = random.gamma(1.5, (1 + hrg) * random.normal(1, effect))
        parts.append(pd.DataFrame({"trust": f"T{number:02d}", "hrg": [f"AA1{one}A" for one in hrg], "stay": stay}))
    return pd.concat(parts).sample(frac=1, random_state=seed).reset_index(drop=True)


DATA = made_up()


@pytest.fixture(scope="module")
def found() -> Profile:
    return profile(DATA, "stay", "trust")


def rows(found: Profile) -> pd.DataFrame:
    return found.providers.to_pandas().set_index("provider")


# Figures


def test_by_hand() -> None:
    """HRG A has the mean 3 and the variance 4, HRG B the mean 20 and the variance 100."""
    table = pa.table({"hrg": list("AAABBB"), "trust": list("PPQPQQ"), "stay": [1, 3, 5, 10, 20, 30]})
    found = profile(table, "stay", "trust", least=1)
    one, other = found.providers.to_pylist()
    assert (one["provider"], one["records"], other["provider"], other["records"]) == ("P", 3, "Q", 3)
    assert (one["observed_mean"], other["observed_mean"]) == (pytest.approx(14 / 3), pytest.approx(55 / 3))
    assert (one["expected_mean"], other["expected_mean"]) == (pytest.approx(26 / 3), pytest.approx(43 / 3))
    assert (one["excess"], other["excess"]) == (pytest.approx(-12), pytest.approx(12))
    assert (one["index"], other["index"]) == (pytest.approx(1400 / 26), pytest.approx(5500 / 43))
    sd = (2 * (1 - 2 / 3) * 4 + (1 - 1 / 3) * 100) ** 0.5
    assert (one["z"], other["z"]) == (pytest.approx(-12 / sd), pytest.approx(12 / sd))
    assert one["upper_95"] == pytest.approx(100 + 1.959963984540054 * 100 * sd / 26)
    assert other["lower_998"] == pytest.approx(max(0, 100 - 3.090232306167813 * 100 * sd / 43))
    assert one["verdict"] == other["verdict"] == "inside"
    assert found.mean == 11.5 and found.cv == pytest.approx(((8 + 200) / 4) ** 0.5 / 11.5)
    assert found.provider_hrgs.to_pylist()[:2] == [
        {"provider": "P", "hrg": "A", "records": 2, "observed_mean": 2, "expected_mean": 3, "excess": -2},
        {"provider": "P", "hrg": "B", "records": 1, "observed_mean": 10, "expected_mean": 20, "excess": -10},
    ]


def test_against_pandas(found: Profile) -> None:
    frame = DATA.copy()
    groups = frame.groupby("hrg")["stay"]
    frame["expected"], frame["variance"], frame["all"] = (
        groups.transform("mean"),
        groups.transform("var"),
        groups.transform("count"),
    )
    frame["own"] = frame.groupby(["trust", "hrg"])["stay"].transform("count")
    frame["part"] = (1 - frame["own"] / frame["all"]) * frame["variance"]
    sums = frame.groupby("trust")[["stay", "expected", "part"]].sum()
    table, n = rows(found), frame["trust"].value_counts().sort_index()
    sd = np.sqrt(sums["part"])
    np.testing.assert_allclose(table["records"], n)
    np.testing.assert_allclose(table["observed_mean"], sums["stay"] / n, **CLOSE)
    np.testing.assert_allclose(table["expected_mean"], sums["expected"] / n, **CLOSE)
    np.testing.assert_allclose(table["excess"], sums["stay"] - sums["expected"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(table["index"], 100 * sums["stay"] / sums["expected"], **CLOSE)
    np.testing.assert_allclose(table["z"], (sums["stay"] - sums["expected"]) / sd, rtol=1e-8)
    for name, share in (("95", 0.95), ("998", 0.998)):
        half = 100 * stats.norm.ppf(0.5 + share / 2) * sd / sums["expected"]
        np.testing.assert_allclose(table[f"upper_{name}"], 100 + half, **CLOSE)
        np.testing.assert_allclose(table[f"lower_{name}"], np.maximum(100 - half, 0), **CLOSE)


def test_what_is_drawn_is_what_the_table_says(found: Profile) -> None:
    """The limits of the funnel at a provider's effective number of records are those of its row."""
    table = rows(found)
    drawn = 100 + 1.959963984540054 * 100 * found.cv / np.sqrt(table["effective_records"])
    np.testing.assert_allclose(table["upper_95"], drawn, **CLOSE)


def test_excesses_add_up_to_nothing(found: Profile) -> None:
    assert sum(found.providers.column("excess").to_pylist()) == pytest.approx(0, abs=1e-9)
    parts = found.provider_hrgs.to_pandas().groupby("provider")["excess"].sum()
    np.testing.assert_allclose(parts, rows(found)["excess"], rtol=1e-9, atol=1e-9)


def test_verdicts_follow_from_index_and_limits(found: Profile) -> None:
    table = rows(found)
    for _, one in table.iterrows():
        if one["records"] < 30:
            assert one["verdict"] == "few records"
        elif one["index"] > 100:
            beyond = [name for name in ("95", "998") if one["index"] > one[f"upper_{name}"]]
            assert one["verdict"] == {0: "inside", 1: "above 95%", 2: "above 99.8%"}[len(beyond)]
        else:
            beyond = [name for name in ("95", "998") if one["index"] < one[f"lower_{name}"]]
            assert one["verdict"] == {0: "inside", 1: "below 95%", 2: "below 99.8%"}[len(beyond)]
    assert set(table["verdict"]) >= {"few records", "inside", "above 99.8%", "below 99.8%"}


def test_limits_hold_what_chance_says() -> None:
    """Without effects of providers, z has the variance 1, though small HRGs and large providers share most of the means."""
    random = np.random.default_rng(11)
    n = 40_000
    hrg, trust = random.integers(0, 40, n), (random.beta(1, 3, n) * 300).astype(int)
    found = profile(
        {"hrg": [f"H{one}" for one in hrg], "trust": [f"T{one}" for one in trust], "stay": random.normal(10 + hrg, 3)},
        "stay",
        "trust",
    )
    judged = rows(found)
    judged = judged[judged["records"] >= 30]
    assert len(judged) > 200
    assert 0.85 < (judged["z"] ** 2).mean() < 1.15
    assert 0.02 < (judged["verdict"] != "inside").mean() < 0.09
    assert 0.5 < found.phi < 0.9  # drawn in ends make it 0.68 by chance


def test_one_large_provider_has_narrow_limits() -> None:
    """It makes most of the mean that it is set against, so that it can hardly part from it."""
    random = np.random.default_rng(2)
    table = {"hrg": ["A"] * 1000, "trust": ["P"] * 990 + ["Q"] * 10, "stay": random.normal(10, 2, 1000)}
    large, small = profile(table, "stay", "trust").providers.to_pylist()
    assert large["z"] == pytest.approx(-small["z"])
    assert large["upper_95"] - 100 < (small["upper_95"] - 100) / 50


# Overdispersion


def test_overdispersion(found: Profile) -> None:
    z = rows(found)["z"][rows(found)["records"] >= 30]
    phi = (z.clip(z.quantile(0.1), z.quantile(0.9)) ** 2).mean()
    assert found.phi == pytest.approx(phi, rel=1e-9) and phi > 1 and found.widened == 1
    wide = profile(DATA, "stay", "trust", overdispersion=True)
    assert wide.phi == found.phi and wide.widened == pytest.approx(phi**0.5)
    np.testing.assert_allclose(rows(wide)["upper_95"] - 100, (rows(found)["upper_95"] - 100) * phi**0.5, **CLOSE)
    np.testing.assert_allclose(rows(wide)["z"], rows(found)["z"], **CLOSE)
    outside = [set(table.index[table["verdict"].str.contains("above|below")]) for table in (rows(found), rows(wide))]
    assert outside[1] < outside[0]


def test_limits_are_not_made_narrower() -> None:
    calm = made_up(4, effect=0)
    found = profile(calm, "stay", "trust", overdispersion=True)
    assert found.phi < 1 and found.widened == 1


# What cannot be compared


def test_providers_with_hrgs_of_their_own() -> None:
    table = pa.table(
        {"hrg": ["A"] * 4 + ["B"] * 4, "trust": ["P"] * 4 + ["Q", "Q", "R", "R"], "stay": [0.1, 0.2, 0.3, 0.7, 1, 2, 3, 4]}
    )
    own, *_ = profile(table, "stay", "trust", least=1).providers.to_pylist()
    assert own["index"] == pytest.approx(100) and own["verdict"] == "not comparable"
    assert own["z"] is own["upper_95"] is own["effective_records"] is None


def test_expectations_that_are_not_above_zero() -> None:
    table = pa.table({"hrg": ["A"] * 4, "trust": list("PPQQ"), "stay": [-1, -2, -3, -4]})
    found = profile(table, "stay", "trust", least=1)
    assert found.providers.column("index").null_count == 2 and np.isnan(found.cv)
    assert set(found.providers.column("verdict").to_pylist()) == {"not comparable"}


def test_stays_that_are_all_the_same() -> None:
    found = profile(pa.table({"hrg": ["A"] * 4, "trust": list("PPQQ"), "stay": [0.1] * 4}), "stay", "trust", least=1)
    assert set(found.providers.column("verdict").to_pylist()) == {"not comparable"} and np.isnan(found.phi)


def test_what_is_left_out() -> None:
    table = pa.table(
        {
            "SpellHRG": ["A", "A", "A", "", "U", "A", "A"],
            "SpellGroupingMethodFlag": ["D", "D", "D", "D", "U", "D", "D"],
            "PROCODET": ["P", "Q", "", "P", "P", "P", "Q"],
            "SpellLOS": ["1", "2", "3", "4", "5", "", "6"],
        }
    )
    found = profile(table, "SpellLOS")
    left_out = found.left_out
    assert (left_out.no_hrg, left_out.failed, left_out.no_value, left_out.no_provider) == (1, 1, 1, 1)
    assert found.records == 3 and found.providers.column("provider").to_pylist() == ["P", "Q"]


def test_trimming() -> None:
    found = profile(DATA, "stay", "trust", trim="percentile:95")
    kept = DATA[DATA["stay"] <= DATA.groupby("hrg")["stay"].transform("quantile", 0.95)]
    assert (found.records, found.trimmed) == (len(kept), len(DATA) - len(kept))
    expected = kept.groupby("hrg")["stay"].transform("mean").groupby(kept["trust"]).mean()
    np.testing.assert_allclose(rows(found)["expected_mean"], expected, **CLOSE)


def test_providers_named_by_numbers() -> None:
    table = pa.table({"hrg": ["A"] * 4, "site": [10, 9, 10, 9], "stay": [1, 2, 3, 5]})
    assert profile(table, "stay", "site").providers.column("provider").to_pylist() == ["10", "9"]


def test_what_is_refused() -> None:
    with pytest.raises(InputFileError, match="has one trust only"):
        profile(DATA[DATA["trust"] == "T01"], "stay", "trust")
    with pytest.raises(InputFileError, match="has no column 'PROCODET'"):
        profile(DATA, "stay")
    with pytest.raises(ArgumentError, match="too few"):
        profile(DATA, "stay", "trust", least=0)


# Command and files


@pytest.fixture
def hrg() -> Command:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    DATA.to_csv(tmp_path / "in.csv", index=False)
    return tmp_path / "in.csv"


def test_command(hrg: Command, file: Path, tmp_path: Path, found: Profile) -> None:
    done = hrg("profile", file, "--value", "stay", "--provider", "trust", "-o", tmp_path / "out", "--plot", tmp_path / "a.svg")
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for one in found.providers.to_pylist():
        assert any(
            line.startswith(f"{one['provider']} {one['records']:,} ")
            and f" {one['index']:.1f} " in line
            and line.endswith(one["verdict"])
            for line in lines
        ), one
    assert f"Overdispersion (1 is what chance says): {found.phi:.2f}" in lines
    names = ["profile.html", "profile.xlsx", "provider_hrgs.csv", "providers.csv"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    written = pd.read_csv(tmp_path / "out" / "providers.csv")
    pd.testing.assert_frame_equal(written, found.providers.to_pandas(), rtol=1e-12, check_dtype=False)
    assert "<svg" in (tmp_path / "out" / "profile.html").read_text()
    if CHROMIUM:
        check_page(tmp_path / "out" / "profile.html")
    drawing = (tmp_path / "a.svg").read_text()
    outside = [one["provider"] for one in found.providers.to_pylist() if one["verdict"].startswith(("above", "below"))]
    assert outside and [name for name in outside if f">{name}<" not in drawing] == []
    for text in ("Index of stay: 100 x observed / expected by HRG", "Effective number of records", "99.8% limits"):
        assert text in drawing


def test_command_says_that_limits_are_widened(hrg: Command, file: Path) -> None:
    done = hrg("profile", file, "--value", "stay", "--provider", "trust", "--overdispersion", "--trim", "percentile:99")
    assert done.exit_code == 0 and "the limits are widened by the factor" in done.stdout
    assert "values above percentile 99 of their HRG" in done.stdout


HOSTILE = ["[/red]", "a$b$c{", "<script>x</script>", "\x1b[31mred", "x" * 200]


def test_names_of_providers_are_only_names(hrg: Command, tmp_path: Path) -> None:
    """Neither markup of the screen, nor of the page, nor formulas of the plot, nor codes of the terminal."""
    random = np.random.default_rng(1)
    table = pd.DataFrame({"hrg": "AA10A", "$tay$": random.gamma(2, 3, 500), "[trust]": np.repeat(HOSTILE, 100)})
    table["$tay$"] += 5 * np.repeat(range(5), 100)
    table.to_csv(tmp_path / "in.csv", index=False)
    done = hrg("profile", tmp_path / "in.csv", "--value", "$tay$", "--provider", "[trust]", "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "[/red]" in done.stdout and "a$b$c{" in done.stdout and "?[31mred" in done.stdout and "[trust] " in done.stdout
    assert "\x1b" not in done.stdout and max(map(len, done.stdout.splitlines())) < 130
    page = (tmp_path / "out" / "profile.html").read_text()
    assert "<script>x" not in page and "&lt;script&gt;x" in page


def test_nobody_to_judge_and_values_beyond_all_amounts(hrg: Command, tmp_path: Path) -> None:
    """What is not defined is said so, on screen and page; large figures do not push the others out of their table."""
    (tmp_path / "in.csv").write_text("hrg,trust,stay\nAA10A,P,1e99\nAA10A,Q,3e99\n")
    done = hrg("profile", tmp_path / "in.csv", "--value", "stay", "--provider", "trust", "-o", tmp_path / "out")
    assert done.exit_code == 0 and "(1 is what chance says): -\n" in done.stdout and "2e+99" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 130
    page = (tmp_path / "out" / "profile.html").read_text()
    assert "no provider can be judged" in page and "nan" not in page.split("</figure>")[1]


def test_plots_of_odd_data(tmp_path: Path) -> None:
    """Nobody to draw, and nobody to judge."""
    for number, values in enumerate(([1, 1, 1, 1], [1, 2, 3, 4], [-1, -2, -3, -4])):
        table = pa.table({"hrg": ["A"] * 4, "trust": list("PPQQ"), "stay": values})
        profile(table, "stay", "trust").plot(tmp_path / f"{number}.svg")
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("arguments", "text"),
    [([], "has no column 'PROCODET'"), (["--provider", "trust", "--plot", "a.pdf"], "does not end in .png or .svg")],
)
def test_command_fails(hrg: Command, file: Path, arguments: list[str], text: str) -> None:
    done = hrg("profile", file, "--value", "stay", *arguments)
    assert done.exit_code == 1 and text in done.stderr, done.output


def test_every_column_is_documented(found: Profile) -> None:
    text = (Path(__file__).parents[2] / "docs" / "evaluate.md").read_text(encoding="utf-8")
    assert [name for table in found.tables.values() for name in table.column_names if f"`{name}`" not in text] == []
