"""The tutorials do what they say: their files are written and their commands run, in order, in an environment of their own."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from environment import PROJECT, Environment
from test_docs import TUTORIALS, name_of, same

TEMPLATE = PROJECT / "plugins" / "templates" / "columns"
PLUGINS = ("design-my-trust-2025", "mycolumns")
# A fenced block, and the line before it, which ends with the name of a file if the block is what to write there.
BLOCK = re.compile(r"(?:`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("pip") and importlib.util.find_spec("setuptools")),
    reason="pip and setuptools are needed to install packages",
)


class File(NamedTuple):
    """A file to write."""

    name: str
    text: str


class Command(NamedTuple):
    """A command of the shell, and what the page shows of its output; empty if nothing."""

    line: str
    output: str


def steps(page: Path) -> Iterator[File | Command]:
    """What a reader of a page does."""
    for name, language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                line, _, output = part.partition("\n")
                yield Command(line, output)
        else:
            assert name, f"{page.name}: it is not said where this stands:\n{text}"
            yield File(name, text)


@pytest.mark.parametrize("page", TUTORIALS, ids=name_of)
def test_tutorial(page: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path, *PLUGINS)
    shutil.copytree(PROJECT / "examples", environment.folder / "examples")
    (environment.folder / "out").mkdir()
    for step in steps(page):
        if isinstance(step, File):
            path = environment.folder / step.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
            continue
        done = environment.run(step.line)
        fails = "Error: " in step.output or " failed, " in step.output
        assert bool(done.returncode) == fails, f"{step.line}\n{done.stdout}{done.stderr}"
        got = done.stdout + (done.stderr if fails else "")
        assert not step.output.strip() or same(step.output, got), f"{step.line}\nprints\n{got}\nnot\n{step.output}"


def test_tutorials_are_found() -> None:
    """The test above would pass on pages without steps."""
    for page in TUTORIALS:
        found = list(steps(page))
        assert sum(isinstance(step, Command) for step in found) > 5 and sum(isinstance(step, File) for step in found) > 2
    assert len(TUTORIALS) == 2


def test_the_template_is_that_of_the_tutorial() -> None:
    """But for its README, which speaks of copying it."""
    written = {step.name: step.text for step in steps(PROJECT / "docs" / "tutorial-plugin.md") if isinstance(step, File)}
    sources = [TEMPLATE / "pyproject.toml", *TEMPLATE.rglob("*.py")]
    files = {f"hrgcore-mycolumns/{path.relative_to(TEMPLATE).as_posix()}": path.read_text(encoding="utf-8") for path in sources}
    assert {name: text for name, text in written.items() if not name.endswith("README.md")} == files
