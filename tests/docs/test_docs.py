"""The documentation is true: its examples run and print what it says, its lists are complete, its links resolve."""

import doctest
import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

from hrgcore import Design, hookspecs
from hrgcore.cli.hrggrouperc import ExitCode
from hrgcore.datasets import DATASETS, acc, apc, nac
from hrgcore.design.schema import CODE_SETS, GRADES, TABLES
from hrgcore.files.run import SUMMARY_COLUMNS
from hrgcore.files.span import FLAG_COLUMNS
from hrgcore.plugins import host

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md"), ROOT / "examples" / "README.md"])
TUTORIALS = sorted((ROOT / "docs").glob("tutorial-*.md"))  # test_tutorials runs their commands in order
PROGRAMS = {
    "hrg": "from hrgcore.cli import main; main(prog_name='hrg')",
    "HRGGrouperc": "from hrgcore.cli.hrggrouperc import main; main()",
}
# Runs blocks as one module, so that a plugin can be written in them, and gives the output of each.
RUN_BLOCKS = """
import contextlib, io, json, sys
outputs = []
for block in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(compile(block, "example", "exec"), globals())
    outputs.append(output.getvalue())
json.dump(outputs, sys.stdout)
"""
# What differs from run to run, from machine to machine, or with any change of a table file.
VARYING = (
    (re.compile(r"line \d+"), "line N"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"), "TIME"),
    (re.compile(r" +\d+\.\d\d seconds"), " N seconds"),
    (re.compile(r".*\(left out by HRGCORE_PLUGINS\)\n"), ""),
)
COUNT_TOLERANCE = 0.1


class Block(NamedTuple):
    """A fenced block: its language, its text, and whether only blank lines part it from the block before."""

    language: str
    text: str
    follows: bool


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    found, end = [], 0
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        found.append(Block(match[1], match[2], bool(found) and not text[end : match.start()].strip()))
        end = match.end()
    return found


def python_examples(page: Path) -> list[tuple[str, str | None]]:
    """The Python blocks of a page, each with the text block that follows it, if one does."""
    found: list[tuple[str, str | None]] = []
    before = ""
    for block in blocks(page):
        if block.language == "python":
            found.append((block.text, None))
        elif block.language == "text" and block.follows and before == "python":
            found[-1] = found[-1][0], block.text
        before = block.language
    return found


def commands(page: Path) -> Iterator[tuple[str, str]]:
    """The commands of this project in the console blocks of a page, with the output that is shown."""
    for block in blocks(page):
        if block.language == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                if command.split()[0] in PROGRAMS:
                    yield command, output


def same(want: str, got: str) -> bool:
    """Whether two outputs are the same; `...` stands for anything."""
    for pattern, constant in VARYING:
        want, got = pattern.sub(constant, want), pattern.sub(constant, got)
    return doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)


def run(code: str, arguments: list[str], folder: Path, stdin: str = "") -> str:
    """The output of a Python program that must not fail, with no plugin but the design."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HRGCORE_PLUGINS": "design-2024-25", "COLUMNS": "100"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like a fresh clone: with the examples, and with room for outputs."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "out").mkdir()
    return tmp_path


@pytest.fixture(scope="module")
def design() -> Design:
    return host().load_design("2024-25")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [page for page in PAGES if python_examples(page)], ids=name_of)
def test_python_examples_print_what_the_page_says(page: Path, folder: Path) -> None:
    examples = python_examples(page)
    outputs = json.loads(run(RUN_BLOCKS, [], folder, json.dumps([code for code, _ in examples])))
    for (code, want), got in zip(examples, outputs, strict=True):
        assert want is None or same(want, got), f"{code}\nprints\n{got}\nnot\n{want}"


@pytest.mark.parametrize(
    ("page", "command", "want"), [(name_of(page), *found) for page in PAGES if page not in TUTORIALS for found in commands(page)]
)
def test_commands_print_what_the_page_says(page: str, command: str, want: str, folder: Path) -> None:
    program, *arguments = shlex.split(command)
    got = run(PROGRAMS[program], arguments, folder)
    assert not want.strip() or same(want, got), f"{page}: {command}\nprints\n{got}\nnot\n{want}"


def test_examples_are_found() -> None:
    """The tests above would pass on pages without examples."""
    examples = {name_of(page): (len(python_examples(page)), len(list(commands(page)))) for page in PAGES}
    for page in ("README.md", "docs/start.md", "docs/file-formats.md", "docs/plugin-authoring.md"):
        assert min(examples[page]) >= 1, page
    assert examples["docs/python-api.md"][0] >= 1


def table_rows(page: str) -> dict[str, list[str]]:
    """The rows of all tables of a page: first cell, without marks, to the other cells."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    return {cells[0].replace("`", ""): [cell.rstrip("| ") for cell in cells[1:]] for cells in rows}


def hooks() -> dict[str, list[str]]:
    """The hooks and the names of their arguments."""
    functions = inspect.getmembers(hookspecs, inspect.isfunction)
    return {name: list(inspect.signature(function).parameters) for name, function in functions if name.startswith("hrgcore_")}


def test_every_hook_and_argument_is_documented() -> None:
    rows = table_rows("docs/plugin-authoring.md")
    text = (ROOT / "docs/plugin-authoring.md").read_text(encoding="utf-8")
    assert hooks()
    for name, arguments in hooks().items():
        assert re.findall(r"`(\w+)`", rows[name][0]) == arguments, name
        assert f"\n### {name}\n" in text


def test_every_table_and_column_is_documented() -> None:
    text = (ROOT / "docs/design-tables.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| .+ \|$", text, re.MULTILINE))
    assert {name: ", ".join(schema.columns) for name, schema in TABLES.items()} == documented


def test_what_an_overlay_replaces_is_documented() -> None:
    _, _, section = (ROOT / "docs/design-tables.md").read_text(encoding="utf-8").partition("\n## Overlays\n")
    found = re.findall(r"^\| (`.+`) \| (.+) \|$", section, re.MULTILINE)
    rows = {name: text for names, text in found for name in re.findall(r"\w+", names)}
    assert set(rows) == set(TABLES)
    for name, schema in TABLES.items():
        if schema.by_code:
            assert "code by code" in rows[name]
        elif name in CODE_SETS:
            assert "adds a code" in rows[name]
        else:
            assert re.findall(r"`(\w+)`", rows[name]) == list(schema.key), name


def test_output_columns_and_exit_codes_are_documented() -> None:
    text = (ROOT / "docs/file-formats.md").read_text(encoding="utf-8")
    rows = table_rows("docs/file-formats.md")
    files = [f"out{suffix}.csv" for suffix in apc.DATASET.suffixes]
    columns = {*apc.EPISODE_COLUMNS, *apc.SPELL_COLUMNS, *FLAG_COLUMNS, *chain(*SUMMARY_COLUMNS), *nac.COLUMNS, *acc.COLUMNS}
    for dataset in DATASETS.values():
        files += [f"out{suffix}.csv" for suffix in dataset.suffixes]
        columns |= {*dataset.counts, *(field.row for field in dataset.fields)}
    assert [name for name in sorted(columns) if f"`{name}`" not in text] == []
    assert [name for name in files if name not in rows and f"| `{name}` |" not in text] == []
    assert [code for code in ExitCode if str(int(code)) not in rows] == []


def test_the_fields_of_every_data_set_are_documented(design: Design) -> None:
    """One section a data set, with its fields and whether they are required."""
    text = (ROOT / "docs/file-formats.md").read_text(encoding="utf-8")
    _, *sections = text.partition("\n### Fields\n")[2].partition("\n### ")[0].split("\n#### ")
    for dataset, section in zip(DATASETS.values(), sections, strict=True):
        rows = re.findall(r"^\| (`.+?) \| (yes|no) \|", section, re.MULTILINE)
        required = {row.cells[1]: row.cells[2] for row in design.rows["field"] if dataset.name in row.cells[0].split()}
        documented = {name: needed for names, needed in rows for name in re.findall(r"`(\w+)`", names) if name in required}
        assert documented == required, dataset.name


def counted(design: Design, cell: str) -> Counter[str]:
    """How many rows of each grade the tables of a cell of the README have."""
    column = "child_grade" if "ages up to 18" in cell else "grade"
    tables = re.findall(r"`(\w+)`", cell)
    return Counter(row.cells[TABLES[name].columns.index(column)] for name in tables for row in design.rows[name])


def test_readme_tells_how_well_founded_the_design_is(design: Design) -> None:
    _, _, section = (ROOT / "README.md").read_text(encoding="utf-8").partition("\nRows by grade:\n")
    rows = re.findall(r"^\| (`.+?) \|(.*)\|(.*)\|(.*)\|(.*)\|$", section, re.MULTILINE)
    assert {name for cell, *_ in rows for name in re.findall(r"`(\w+)`", cell)} >= set(TABLES) - {*CODE_SETS, "unbundled"}
    for cell, *numbers in rows:
        stated = [int(number.replace(",", "").strip() or 0) for number in numbers]
        found = [counted(design, cell)[grade] for grade in GRADES[1:]]
        close = all(abs(a - b) <= COUNT_TOLERANCE * b for a, b in zip(stated, found, strict=True))
        assert close, f"README: {cell} has {found} rows, not {stated}"


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are shown by the usual hosts."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_internal_links_resolve(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith(("http://", "https://")):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in slugs(target), link
