"""The plugin host, and a real plugin at work: registered by hand, and installed from its package."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from unit.apc import cells, record, rows, with_header
from unit.tiny import overlay

import hrgcore
from hrgcore import Column, DesignError, PluginError, hookimpl, plugins
from hrgcore.cli import main
from hrgcore.plugins import ALLOW_VARIABLE, DESIGN_VARIABLE, PluginHost

HERE = Path(__file__).parent
DESIGN = "2024-25"
OPERATED = hrgcore.Episode(age=40, duration=1, diagnoses=["M5490"], procedures=["V373"])


# Modules that ask for the host; all imported before any test changes what they import.
ASKING = [
    importlib.import_module(f"hrgcore.{name}")
    for name in ("plugins", "grouper", "prices", "files.span", "cli.designs", "cli.plugins", "cli.lint", "cli.shared")
]


def make_host(monkeypatch: pytest.MonkeyPatch, own: PluginHost) -> None:
    """Makes a host the one of the process for a test."""
    for module in ASKING:
        monkeypatch.setattr(module, "host", lambda: own)


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hrgcore_example_plugin", HERE / "example_plugin" / "hrgcore_example_plugin.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Offer:
    """A plugin that offers designs."""

    def __init__(self, **designs: Path) -> None:
        self._designs = {name.replace("_", "-"): folder for name, folder in designs.items()}

    @hookimpl
    def hrgcore_designs(self) -> Mapping[str, Path]:
        return self._designs


class Columns:
    """A plugin that adds columns."""

    def __init__(self, *columns: Column) -> None:
        self._columns = columns

    @hookimpl
    def hrgcore_result_columns(self, design: object, result: object) -> tuple[Column, ...]:
        return self._columns


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, design_folder: Path) -> Callable[..., PluginHost]:
    """Makes a host of its own the one of the process: the shipped design and the plugins given by name."""

    def make(**registered: object) -> PluginHost:
        own = PluginHost(discover=False)
        own.register(Offer(**{f"{DESIGN}".replace("-", "_"): design_folder}), "designs")
        for name, plugin in registered.items():
            own.register(plugin, name)
        make_host(monkeypatch, own)
        return own

    return make


# What a plugin adds


def test_adjusted_table(use: Callable[..., PluginHost], example: ModuleType) -> None:
    use()
    assert hrgcore.Grouper().group_spell([OPERATED]).hrg == "HC63C"
    use(example=example)
    grouper = hrgcore.Grouper()
    result = grouper.group_spell([OPERATED])
    assert result.hrg.startswith("HC60")
    assert grouper.design.adjusted_by == ("example",)
    assert grouper.design.database_version.endswith("+example")
    assert "plugin example procedure line 1" in str(result.explain())
    other = hrgcore.Episode(age=40, duration=1, diagnoses=["M5490"], procedures=["V371"])
    assert grouper.group_spell([other]).hrg.startswith("HC60")  # its row, which named many codes, still holds for the others


def test_adjustments_are_laid_by_name_of_the_plugin(use: Callable[..., PluginHost]) -> None:
    """Whatever the order in which plugins come, the last by name speaks for a code that several adjust."""
    adjust = {
        root: SimpleNamespace(
            hrgcore_adjust_tables=hookimpl(
                lambda design, root=root: {
                    "procedure": [{"codes": "V373", "role": "drives", "rank": "7", "root": root, "grade": "authored"}]
                }
            )
        )
        for root in ("HC60", "HC61")
    }
    for order in (("alpha", "zeta"), ("zeta", "alpha")):
        use(**{name: adjust["HC61" if name == "zeta" else "HC60"] for name in order})
        assert hrgcore.Grouper().group_spell([OPERATED]).hrg.startswith("HC61")


def test_adjusted_table_with_a_fault_names_the_plugin(use: Callable[..., PluginHost]) -> None:
    wrong = SimpleNamespace(hrgcore_adjust_tables=hookimpl(lambda design: {"procedure": [{"codes": "V373", "role": "leads"}]}))
    use(wrong=wrong)
    with pytest.raises(DesignError, match=r"plugin wrong procedure line 1: 'leads' is not a role"):
        hrgcore.Grouper()


def test_columns(use: Callable[..., PluginHost], example: ModuleType, tmp_path: Path) -> None:
    """They stand before the ragged unbundled HRGs, in the main files only."""
    use(example=example)
    source = with_header(
        tmp_path / "in.csv",
        record(EPIORDER="1", EPIDUR="5"),
        record(EPIORDER="2", EPIDUR="4", DIAG_02="J181"),
        record(PROVSPNO="2", EPIDUR="1"),
    )
    hrgcore.Grouper().group_file(source, tmp_path / "out.csv")
    assert cells(tmp_path / "out.csv", "_FCE")[0][-2:] == ["LocalCCScore", "UnbundledHRGs"]
    assert cells(tmp_path / "out.csv", "_spell")[0][-2:] == ["LocalStay", "UnbundledHRGs"]
    assert [row["LocalStay"] for row in rows(tmp_path / "out.csv", "_spell")] == ["long", "short"]
    assert [row["LocalCCScore"] for row in rows(tmp_path / "out.csv", "_FCE")] == ["0", "1", "0"]
    assert not any("Local" in ",".join(cells(tmp_path / "out.csv", suffix)[0]) for suffix in ("_FCE_rel", "_spell_rel", "_sort"))


def test_columns_of_several_plugins_stand_by_name(use: Callable[..., PluginHost], tmp_path: Path) -> None:
    use(zeta=Columns(Column("Last", "episode", ["z"])), alpha=Columns(Column("First", "episode", ["a"])))
    hrgcore.Grouper().group_file(with_header(tmp_path / "in.csv", record()), tmp_path / "out.csv")
    assert [line[-3:] for line in cells(tmp_path / "out.csv", "_FCE")] == [["First", "Last", "UnbundledHRGs"], ["a", "z", ""]]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (Column("Short", "episode", []), "column 'Short' has 0 values of level 'episode', but there are 1"),
        (Column("Long", "spell", ["a", "b"]), "column 'Long' has 2 values of level 'spell', but there are 1"),
        (Column("Odd", "ward", ["a"]), "column 'Odd' has level 'ward', not episode or spell"),
        (Column("Two", "spell", ["a,b"]), "column 'Two' holds a comma or a line end"),
        (Column("Two\nLines", "spell", ["a"]), "holds a comma or a line end"),
    ],
)
def test_wrong_column(use: Callable[..., PluginHost], tmp_path: Path, column: Column, message: str) -> None:
    use(columns=Columns(column))
    source = with_header(tmp_path / "in.csv", record())
    with pytest.raises(PluginError) as caught:
        hrgcore.Grouper().group_file(source, tmp_path / "out.csv")
    assert message in caught.value.message
    assert caught.value.place == "plugin columns" and caught.value.cure
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_command(use: Callable[..., PluginHost], example: ModuleType) -> None:
    use(example=example)
    runner = CliRunner()
    assert "Shows what is different here." in runner.invoke(main, ["--help"]).output
    done = runner.invoke(main, ["local"])
    assert (done.exit_code, done.output) == (0, f"V373 leads to HC60 in design {DESIGN}.\n")


def test_command_cannot_take_the_place_of_a_built_in_one(use: Callable[..., PluginHost]) -> None:
    def commands(group: Any) -> None:
        group.command("designs")(lambda: print("mine"))

    use(thief=SimpleNamespace(hrgcore_commands=hookimpl(commands)))
    assert CliRunner().invoke(main, ["designs"]).output.startswith(DESIGN)


# The host


def test_same_design_from_two_plugins(use: Callable[..., PluginHost], design_folder: Path) -> None:
    own = use(zeta=Offer(**{"2024_25": design_folder}))
    for ask in (own.designs, hrgcore.Grouper, hrgcore.designs):
        with pytest.raises(PluginError) as caught:
            ask()
        assert "'designs' and 'zeta' both offer a design named '2024-25'" in caught.value.message
        assert ALLOW_VARIABLE in caught.value.cure


def test_a_hook_that_raises_is_named() -> None:
    class Raises:
        @hookimpl
        def hrgcore_adjust_tables(self, design: str) -> None:
            raise KeyError(design)

    host = PluginHost(discover=False)
    host.register(Raises(), "raises")
    with pytest.raises(PluginError, match="hrgcore_adjust_tables failed: KeyError") as caught:
        host.adjustments(DESIGN)
    assert caught.value.place == "plugin raises" and ALLOW_VARIABLE in str(caught.value)


def test_a_plugin_may_offer_no_design() -> None:
    class Nothing:
        @hookimpl
        def hrgcore_designs(self) -> None:
            return None

    host = PluginHost(discover=False)
    host.register(Nothing(), "nothing")
    assert host.designs() == {}


def test_same_name_twice() -> None:
    own = PluginHost(discover=False)
    own.register(Offer(), "twin")
    with pytest.raises(PluginError, match="'twin' is there already"):
        own.register(Offer(), "twin")


@pytest.mark.parametrize(
    ("plugin", "message"),
    [
        (SimpleNamespace(hrgcore_designs=hookimpl(lambda wrong: {})), "{'wrong'} are declared in the hookimpl"),
        (SimpleNamespace(hrgcore_desings=hookimpl(lambda: {})), "unknown hook 'hrgcore_desings'"),
    ],
    ids=["argument", "name"],
)
def test_function_that_fits_no_hook(plugin: object, message: str) -> None:
    own = PluginHost(discover=False)
    for _ in range(2):
        with pytest.raises(PluginError) as caught:
            own.register(plugin, "odd")
        assert message in caught.value.message and caught.value.place == "plugin odd"
    own.register(Offer(), "odd")  # nothing of it is left


def test_design_is_loaded_once(use: Callable[..., PluginHost]) -> None:
    own = use()
    assert own.load_design(DESIGN) is own.load_design(DESIGN)
    assert own.offered_by(DESIGN) == "designs"
    assert own.offered_by("other") == ""


def test_several_designs_and_none_named(use: Callable[..., PluginHost], design_folder: Path) -> None:
    use(more=Offer(other=design_folder))
    assert hrgcore.designs() == [DESIGN, "other"]
    with pytest.raises(DesignError, match="several designs are installed: 2024-25, other"):
        hrgcore.Grouper()


def test_default_design(use: Callable[..., PluginHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that the environment names, else the only one, else the only one that is no overlay."""
    own = use(local=Offer(local=overlay(tmp_path, base=DESIGN, name="local", hrg="hrg,label,kind,grade\n")))
    assert own.default_design() == DESIGN
    monkeypatch.setenv(DESIGN_VARIABLE, "local")
    assert own.default_design() == "local" and hrgcore.Grouper().design.name == "local"


def test_no_design(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hrgcore.grouper.host", lambda: PluginHost(discover=False))
    with pytest.raises(DesignError, match="no design is installed"):
        hrgcore.Grouper()


# Entry points


def found(monkeypatch: pytest.MonkeyPatch, **entries: Callable[[], object]) -> PluginHost:
    """A host that finds entry points of these names, which load as told."""
    points = [
        SimpleNamespace(name=name, load=load, package=lambda name=name: (f"pkg-{name}", "1")) for name, load in entries.items()
    ]
    own = PluginHost()
    monkeypatch.setattr(own, "_entry_points", lambda: points)
    return own


def broken() -> object:
    raise ImportError("no module named 'antigravity2'")


def test_broken_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is the same at every try, and does not depend on the plugins before it."""
    own = found(monkeypatch, alpha=Offer, broken=broken)
    for _ in range(2):
        with pytest.raises(PluginError) as caught:
            own.designs()
        assert caught.value.place == "plugin broken"
        assert "ImportError: no module named 'antigravity2'" in caught.value.message
        assert ALLOW_VARIABLE in caught.value.cure
    assert [info.name for info in own.installed()] == ["alpha", "broken"]


def test_plugin_that_fits_no_hook_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = SimpleNamespace(hrgcore_desings=hookimpl(lambda: {}))
    own = found(monkeypatch, alpha=Offer, odd=lambda: odd)
    for _ in range(2):
        with pytest.raises(PluginError, match="unknown hook 'hrgcore_desings'"):
            own.designs()


@pytest.mark.parametrize(
    ("value", "loaded"), [(None, {"a", "b"}), ("", set()), ("a", {"a"}), (" b , a", {"a", "b"}), ("none-such", set())]
)
def test_allow_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None, loaded: set[str]) -> None:
    if value is None:
        monkeypatch.delenv(ALLOW_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(ALLOW_VARIABLE, value)
    own = found(monkeypatch, a=lambda: Offer(a=tmp_path), b=lambda: Offer(b=tmp_path))
    assert set(own.designs()) == loaded
    assert {info.name for info in own.installed() if info.allowed} == loaded
    assert [info.name for info in own.installed()] == ["a", "b"]


def test_broken_plugin_and_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback; the list of plugins and the allow-list still work."""
    own = found(monkeypatch, broken=broken)
    make_host(monkeypatch, own)
    runner = CliRunner()
    for arguments in (["--help"], ["designs"], ["nonesuch"], ["explain", "-d", "M5490"]):
        done = runner.invoke(main, arguments)
        assert done.exit_code == 1, arguments
        assert done.stderr.startswith("Error: [HRG-P] plugin broken"), arguments
    assert runner.invoke(main, ["plugins"]).output == "broken               pkg-broken 1\n"
    monkeypatch.setenv(ALLOW_VARIABLE, "")
    assert runner.invoke(main, ["plugins"]).output == f"broken               pkg-broken 1  (left out by {ALLOW_VARIABLE})\n"
    assert runner.invoke(main, ["--help"]).exit_code == 0
    assert "No design is installed" in runner.invoke(main, ["designs"]).output


def loaded_by(code: str, *modules: str) -> list[str]:
    """Which of some modules a program of one line has loaded."""
    program = f"import sys; {code}; print(*(name for name in {modules} if name in sys.modules))"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


def test_nothing_is_loaded_at_import() -> None:
    modules = ("numpy", "click", "rich", "csv", "pluggy", "importlib.metadata", "hrgcore.plugins", "hrgcore._core")
    assert loaded_by("import hrgcore", *modules) == []
    assert loaded_by("import hrgcore.plugins", *modules) == ["pluggy", "hrgcore.plugins"]


def test_grouping_loads_no_command_line() -> None:
    episode = "hrgcore.Episode(age=40, duration=0, diagnoses=['M5490'])"
    code = f"import hrgcore; hrgcore.Grouper({DESIGN!r}).group_spell([{episode}])"
    assert loaded_by(code, "numpy", "click", "rich", "hrgcore.files", "hrgcore.cli") == []


# The package, installed


@pytest.fixture(scope="module")
def hrg(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`hrg` in a process that has the example package; it is installed into a folder of its own."""
    if not (importlib.util.find_spec("pip") and importlib.util.find_spec("setuptools")):
        pytest.skip("pip and setuptools are needed to install the example plugin")
    folder = tmp_path_factory.mktemp("package")
    package = shutil.copytree(HERE / "example_plugin", folder / "example_plugin")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([*install, "--target", folder / "site", package], check=True, env=environment, timeout=120)

    def call(*arguments: str, allow: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != ALLOW_VARIABLE}
        environment["PYTHONPATH"] = str(folder / "site")
        if allow is not None:
            environment[ALLOW_VARIABLE] = allow
        command = [sys.executable, "-c", "from hrgcore.cli import main; main(prog_name='hrg')", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    return call


CASE = ("explain", "--design", DESIGN, "--age", "40", "-d", "M5490", "-p", "V373")


def test_installed_plugin(hrg: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert "example              hrgcore-example-plugin 1.0\n" in hrg("plugins").stdout
    assert "HC60" in hrg(*CASE).stdout
    assert hrg("local").stdout == f"V373 leads to HC60 in design {DESIGN}.\n"


def test_installed_plugin_left_out(hrg: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """The allow-list has the plugin of the design only."""
    allow = plugins.host().offered_by(DESIGN)
    assert (
        f"example              hrgcore-example-plugin 1.0  (left out by {ALLOW_VARIABLE})\n" in hrg("plugins", allow=allow).stdout
    )
    assert "HC63C" in hrg(*CASE, allow=allow).stdout
    missing = hrg("local", allow=allow)
    assert missing.returncode == 2
    assert "No such command 'local'" in missing.stderr


def test_designs_of_the_installation(hrg: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = hrg("designs")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(DESIGN)]
    assert f"from plugin {plugins.host().offered_by(DESIGN)}" in line
    assert "ICD-10" in line and "OPCS-4" in line
    assert hrg("designs", allow="example").stdout.startswith("No design is installed")
