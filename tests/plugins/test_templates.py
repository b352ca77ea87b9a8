"""The templates of plugins, built and installed as packages: that of columns, and the design package of `hrg design new`."""

from __future__ import annotations

import importlib.util
import shutil
import zipfile
from pathlib import Path

import pytest
from environment import PROJECT, Environment

TEMPLATE = PROJECT / "plugins" / "templates" / "columns"
LEFT_OUT = "  (left out by HRGCORE_PLUGINS)"

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("pip") and importlib.util.find_spec("setuptools")),
    reason="pip and setuptools are needed to build packages",
)


def names_in(folder: Path) -> set[str]:
    """What the one wheel of a folder holds, without its metadata."""
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


# Columns


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment into which the wheel of the template is installed."""
    found = Environment(tmp_path_factory.mktemp("columns"), "mycolumns")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    shutil.copytree(TEMPLATE, found.folder / "hrgcore-mycolumns", ignore=ignored)
    shutil.copytree(PROJECT / "examples", found.folder / "examples")
    found.do("python -m pip wheel -q --no-deps -w wheel ./hrgcore-mycolumns")
    found.do("python -m pip install -q wheel/*.whl")
    return found


def test_wheel_of_the_columns(columns: Environment) -> None:
    assert names_in(columns.folder / "wheel") == {"hrgcore_mycolumns/__init__.py", "hrgcore_mycolumns/command.py"}


def test_own_tests_of_the_columns(columns: Environment) -> None:
    assert " passed" in columns.do("pytest -q -p no:cacheprovider hrgcore-mycolumns")


def test_installed_columns(columns: Environment) -> None:
    assert "mycolumns            hrgcore-mycolumns 0.1.0\n" in columns.do("hrg plugins")
    columns.do("hrg group -q examples/apc_sample.csv -o out.csv")
    heads = {name: (columns.folder / f"out_{name}.csv").read_text().partition("\n")[0].split(",") for name in ("FCE", "spell")}
    assert heads["FCE"][-2:] == ["CCScore", "UnbundledHRGs"] and heads["spell"][-2:] == ["LongStay", "UnbundledHRGs"]
    spells, long = (columns.folder / "out_spell.csv").read_text().splitlines()[1:], heads["spell"].index("LongStay")
    count = sum(line.split(",")[long] == "Y" for line in spells)
    assert columns.do("hrg long-stays out_spell.csv").startswith(f"{count} of 3,000 spells lasted 21 days or longer.\n")


def test_columns_left_out(columns: Environment) -> None:
    """The allow-list has the plugin of the design only."""
    allow = {"HRGCORE_PLUGINS": "design-2024-25"}
    assert f"mycolumns            hrgcore-mycolumns 0.1.0{LEFT_OUT}\n" in columns.do("hrg plugins", **allow)
    done = columns.run("hrg long-stays out_spell.csv", **allow)
    assert done.returncode == 2 and "No such command 'long-stays'" in done.stderr
    columns.do("hrg group -q examples/apc_sample.csv -o without.csv", **allow)
    assert "CCScore" not in (columns.folder / "without_FCE.csv").read_text().partition("\n")[0]
    assert columns.do("hrg designs", HRGCORE_PLUGINS="mycolumns").startswith("No design is installed")


# Designs; docs/tutorial-design.md installs an overlay


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with a new design of all tables."""
    found = Environment(tmp_path_factory.mktemp("whole"), "design-ours")
    found.do("hrg design new ours --whole -o package")
    found.do("python -m pip wheel -q --no-deps -w wheel ./package")
    found.do("python -m pip install -q wheel/*.whl")
    return found


def test_wheel_of_a_whole_design(whole: Environment) -> None:
    package = whole.folder / "package" / "hrgdesign_ours"
    sources = {path.relative_to(whole.folder / "package").as_posix() for path in package.rglob("*") if path.is_file()}
    assert names_in(whole.folder / "wheel") == sources
    assert {f"hrgdesign_ours/{name}" for name in ("design.toml", "cases/example.yaml", "tables/icd10.csv")} <= sources


def test_installed_whole_design_needs_no_other(whole: Environment) -> None:
    own = {"HRGCORE_PLUGINS": "design-ours"}
    assert whole.do("hrg design lint ours", **own) == "Design ours: no faults.\n"
    _, line = whole.do("hrg design freeze ours", **own).splitlines()
    assert whole.do("hrg design freeze 2024-25").splitlines()[1] == line
    assert "HC63C" in whole.do("hrg explain --age 40 -d M5490 -p V373", **own)


def test_there_is_a_page_for_each_template() -> None:
    for page in ("tutorial-design.md", "tutorial-plugin.md"):
        assert (PROJECT / "docs" / page).is_file()
