"""Rules that the code of the core keeps, read from its sources."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import hrgcore

PACKAGE = Path(hrgcore.__file__).parent
SOURCES = sorted(path for pattern in ("*.py", "*.pyx", "*.pxd", "*.pyi") for path in PACKAGE.rglob(pattern))
MODULES = [path for path in SOURCES if path.suffix == ".py"]

# Floors, from the lowest: a module may import from its own floor and from those below.
FLOORS = (
    ("errors", "hookspecs", "entrypoints"),
    ("_core",),
    ("design",),
    ("plugins", "records", "attendances", "datasets"),
    ("results",),
    ("prices",),
    ("explain", "grouper", "json_records", "json_schemas", "whatif"),
    ("files",),
    ("columns",),
    ("report",),
    ("evidence", "analyse", "comparison", "conformance", "authoring"),
    ("testing",),
    ("cli",),
)
# Imports inside a function that go up: what a result or a grouper offers but few callers need.
LATE = {("grouper", "files"), ("grouper", "columns"), ("results", "explain"), ("results", "whatif"), ("explain", "report")}

CODES = {
    "HRG": re.compile(r"\b[A-Z]{2}\d{2}[A-Z]?\b"),
    "ICD-10": re.compile(r"\b[A-Z]\d{2}\.?[0-9X]\d?\b"),
    "OPCS-4": re.compile(r"\b[A-Z]\d{2}\.?\d\b"),
}
FORBIDDEN_NAMES = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "socket", "subprocess", "ctypes", "urllib", "http", "ftplib", "requests"}


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of the string literals that are no docstrings: those that do not stand alone as a statement."""
    starts = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)
    before = tokenize.ENCODING
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.STRING and before not in starts:
            yield token.start[0], token.string
        if token.type not in (tokenize.NL, tokenize.COMMENT):
            before = token.type


def test_literals_leave_out_docstrings_only(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text('"""A000."""\nx = "A001"  # A002\n\n\ndef f():\n    """A003."""\n    return f"A004"\n')
    assert [text for _, text in literals(path)] == ['"A001"', 'f"A004"']


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_clinical_code_or_hrg_in_the_code(path: Path) -> None:
    """The core holds no HRG and no clinical code: all are data of a design."""
    found = [(line, kind, text) for line, text in literals(path) for kind, code in CODES.items() if code.search(text)]
    assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 650


def floor(module: str) -> int:
    """The floor of a module by its dotted name."""
    return next(number for number, names in enumerate(FLOORS) if module.split(".")[1] in names)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """The modules of the core that a module imports, and whether only inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hints = {
        id(node) for block in ast.walk(tree) if isinstance(block, ast.If) and _is_type_checking(block) for node in ast.walk(block)
    }
    inner = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in hints:
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "hrgcore":
            yield from ((f"hrgcore.{alias.name}", id(node) in inner) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hrgcore."):
            yield str(node.module), id(node) in inner
        elif isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in inner) for alias in node.names if alias.name.startswith("hrgcore."))


def _is_type_checking(block: ast.If) -> bool:
    return isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"


def test_every_part_has_a_floor() -> None:
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - {"__init__"}
    assert parts == {name for names in FLOORS for name in names}


def test_no_public_name_is_that_of_a_part() -> None:
    """Importing a part binds its name in the package, and would hide a function of that name."""
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert parts & set(hrgcore.__all__) == set()


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=name_of)
def test_imports_only_point_down(path: Path) -> None:
    own = "hrgcore." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    up = {(own.split(".")[1], name.split(".")[1], late) for name, late in imports(path) if floor(name) > floor(own)}
    assert {(one, other) for one, other, late in up if not late} == set()
    assert {(one, other) for one, other, _ in up} <= LATE


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_that_runs_code_or_opens_connections(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    imported = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names} | {
        (node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)
    }
    assert called & FORBIDDEN_NAMES == set()
    assert imported & FORBIDDEN_MODULES == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if path.suffix in (".pyx", ".pxd")], ids=name_of)
def test_nothing_of_the_kind_in_the_compiled_core(path: Path) -> None:
    words = set(re.findall(r"\b(?:c?import|from) +([a-z]\w*)|\b(eval|exec)\(", path.read_text(encoding="utf-8")))
    assert {word for pair in words for word in pair} & (FORBIDDEN_NAMES | FORBIDDEN_MODULES) == set()


def test_compiled_core_knows_nothing_above_it() -> None:
    named = {
        found
        for path in SOURCES
        if path.suffix in (".pyx", ".pxd")
        for found in re.findall(r"^\s*(?:from|import|cimport) +hrgcore\.(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named == {"_core"}
