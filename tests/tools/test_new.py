"""A new design package: what it is made of, that it groups as its base, and which names it refuses."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.tiny import overlay, tiny_design

from hrgcore import Design
from hrgcore.authoring.flatten import whole_tables
from hrgcore.authoring.new import NewDesign, new_design, write_package
from hrgcore.cli import main
from hrgcore.design import load_design
from hrgcore.design.lint import lint_design
from hrgcore.errors import ArgumentError, DesignError, OutputFileError
from hrgcore.plugins import host
from hrgcore.testing.cases import check_case, read_cases
from hrgcore.testing.snapshot import snapshot
from hrgcore.testing.subject import Subject

HRG = Callable[..., Result]
NAME = "my-trust-2025"
PACKAGE = "hrgdesign_my_trust_2025"


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def made(folder: Path, *, whole: bool = False, label: str = "", base: str = "2024-25") -> Path:
    write_package(new_design(NAME, base, label=label, whole=whole), folder / "package")
    return folder / "package"


def toml(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def load(folder: Path) -> Design:
    return load_design(folder, find_base=host().folder)


# The package


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("base", ["2021-22", "2022-23", "2024-25"])
def test_a_new_design_groups_as_its_base(tmp_path: Path, base: str, whole: bool) -> None:
    """It has the same hash, and lint finds no fault."""
    folder = made(tmp_path, base=base, whole=whole) / PACKAGE
    design = load(folder)
    assert design.table_hashes == host().load_design(base).table_hashes
    assert [str(fault) for fault in lint_design(folder, host().folder)] == []
    assert (design.name, design.manifest.base) == (NAME, "" if whole else base)


def test_the_same_hash_means_the_same_results(tmp_path: Path) -> None:
    """Of an overlay and a copy with all its tables, for every spell of the invented population."""
    folder = made(tmp_path, base="2021-22", whole=True) / PACKAGE
    assert snapshot(load(folder)) == snapshot(host().load_design("2021-22"))


def test_its_case_is_grouped_as_it_says(tmp_path: Path) -> None:
    folder = made(tmp_path) / PACKAGE
    (case,) = read_cases(folder / "cases")
    check_case(case.content, Subject(folder).grouper)


def test_files(tmp_path: Path) -> None:
    folder = made(tmp_path)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tables = {f"{PACKAGE}/tables/{name}.csv" for name in ("procedure", "diagnosis", "list", "rule", "cc", "remove")}
    others = {"__init__.py", "design.toml", "cases/example.yaml"}
    assert files == {
        "pyproject.toml", "README.md", ".gitignore", "tests/test_design.py", *tables, *(f"{PACKAGE}/{name}" for name in others)
    }  # fmt: skip
    for name in (f"{PACKAGE}/__init__.py", "tests/test_design.py"):
        assert ast.get_docstring(ast.parse((folder / name).read_text()))


def test_what_pip_reads(tmp_path: Path) -> None:
    project = toml(made(tmp_path) / "pyproject.toml")["project"]
    assert isinstance(project, dict)
    assert project["name"] == "hrgdesign-my-trust-2025"
    assert project["entry-points"] == {"hrgcore": {f"design-{NAME}": PACKAGE}}
    assert project["dependencies"] == ["hrgcore>=0.1,<1", "hrgdesign-2024-25>=0.2.0"]


def test_a_whole_design_needs_no_other_package(tmp_path: Path) -> None:
    project = toml(made(tmp_path, whole=True) / "pyproject.toml")["project"]
    assert isinstance(project, dict) and project["dependencies"] == ["hrgcore>=0.1,<1"]


def test_a_whole_design_keeps_the_files_of_its_base(tmp_path: Path) -> None:
    """Where that keeps the order of rows: an overlay has rules of its own after those of its base."""
    base = host().folder("2024-25") / "tables"
    own = made(tmp_path, whole=True) / PACKAGE / "tables"
    assert {path.name for path in own.iterdir()} == {path.name for path in base.iterdir()}
    assert (own / "rule_f_j.csv").read_text() == (base / "rule_f_j.csv").read_text()
    assert "rule.csv" in whole_tables(host().load_design("2021-22"))


def test_flattened_layers(tmp_path: Path) -> None:
    """Rows of which a part is replaced, codes that went, and terms that name none of those left."""
    base = tiny_design(tmp_path, cc_exclusion="primary,secondary,grade\nA001 B002,B000,authored\n")
    over = overlay(
        tmp_path,
        procedure="codes,role,rank,root,grade\nM011,drives,7,PR02,authored\n",
        remove="table,key\nicd10,B002\nprocedure,P011\nlist,sorted\nrule,check \n",
    )
    design = load_design(over, find_base=lambda name: base)
    tables = whole_tables(design)
    assert tables["procedure.csv"][:2] == [("M012", "drives", "5", "PR01", "authored"), ("U01", "unbundled", "", "", "authored")]
    assert tables["procedure.csv"][-1] == ("M011", "drives", "7", "PR02", "authored")
    assert tables["cc_exclusion.csv"] == [("A001", "B000", "authored")]
    assert ("B002",) not in tables["icd10.csv"] and ("B001",) in tables["icd10.csv"]


def test_label(tmp_path: Path) -> None:
    """Any line of text is quoted as it must be."""
    label = 'Ours, "the best" \\ naïve $name {x} # 😀'
    folder = made(tmp_path, label=label)
    assert load(folder / PACKAGE).manifest.label == label
    project = toml(folder / "pyproject.toml")["project"]
    assert isinstance(project, dict) and project["description"] == label
    assert new_design(NAME, "2024-25").label == "my-trust-2025: 2024-25 with changes"


# The command


def test_command(hrg: HRG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = hrg("design", "new", NAME)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[:3] == [
        "Package hrgdesign-my-trust-2025 in hrgdesign-my-trust-2025:",
        "  .gitignore",
        "  README.md",
    ]
    assert load(tmp_path / "hrgdesign-my-trust-2025" / PACKAGE).manifest.base == "2024-25"
    assert [path.name for path in tmp_path.iterdir()] == ["hrgdesign-my-trust-2025"]


def test_folder_that_is_not_empty_stays_as_it_is(hrg: HRG, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = hrg("design", "new", NAME, "-o", tmp_path)
    assert done.exit_code == 1 and "is there already and is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(OutputFileError, match="there is no such folder"):
        write_package(new_design(NAME, "2024-25"), tmp_path / "none" / "package")


def test_nothing_is_left_of_a_package_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    new = new_design(NAME, "2024-25")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OutputFileError, match="No space left"):
        write_package(new, tmp_path / "package")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "", "-", "a-", "-a", "a--b", "A", "a b", "a_b", "a.b", "../a", "/a", "a/b", "a\n", "é", "a" * 61, "a'b", 'a"b', "a$b",
        "$name", "a;rm", "..", "a\0",
    ],
)  # fmt: skip
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=r"cannot be the name of a design.*my-trust-2025"):
        new_design(name, "2024-25")


def test_other_refusals(hrg: HRG, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="installed already"):
        new_design("2022-23", "2024-25")
    with pytest.raises(DesignError, match="no design named '1999-00'"):
        new_design(NAME, "1999-00")
    with pytest.raises(ArgumentError, match="one line"):
        new_design(NAME, "2024-25", label="a\nb")
    done = hrg("design", "new", "a/b", "-o", tmp_path / "package")
    assert done.exit_code == 1 and list(tmp_path.iterdir()) == []


def test_names_make_packages() -> None:
    new = NewDesign("3-wards", "", host().load_design("2024-25"), whole=False)
    assert (new.distribution, new.package) == ("hrgdesign-3-wards", "hrgdesign_3_wards")
    assert new.package.isidentifier()
