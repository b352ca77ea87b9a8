"""The interface for C and Cython: small extensions are built against the package, and say what `group_spell` says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

import hrgcore
from hrgcore import Episode, Grouper, SpellResult
from hrgcore._core import capi
from hrgcore.testing.reference.tables import Design
from hrgcore.testing.spells import pools_of, random_spell
from hrgcore.testing.twin import as_records

pytest.importorskip("Cython")

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).with_name("embedding")
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
HEADER = (Path(hrgcore.get_include()) / "hrgcore.h").read_text(encoding="utf-8")
PACKAGE = str(Path(hrgcore.__file__).parents[1])
SPELLS = 300
NUMBERS = ("number", "age", "duration", "critical_care_days", "rehabilitation_days", "palliative_care_days")
TEXTS = (
    "sex", "patient_classification", "admission_source", "admission_method", "discharge_destination", "discharge_method",
    "main_specialty", "neonatal_care", "treatment_function",
)  # fmt: skip
STATUSES = [1, 1, 1, 1, 2, 2, 3, 4, 5, 0]  # of `misuse`, in its order

# The extensions of the page, as its setup.py has them, and those of the test.
BUILD = """
from page import Extension, cythonize, extensions, headers, package, setup
extensions += [
    Extension("inc", ["inc.c"], include_dirs=headers, extra_compile_args=["-Wall", "-Werror"]),
    *cythonize([Extension("incython", ["incython.pyx"], include_dirs=headers)], include_path=[package], language_level=3),
]
for extension in extensions:
    extension.extra_compile_args.append("-O1")
setup(name="embedded", ext_modules=extensions, script_args=["-q", "build_ext", "--inplace"])
"""
# Both extensions group all spells, at once and each on two threads with sessions of one grouper.
RUN = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import inc, incython
import hrgcore

def tuples(spell, text):
    return [
        (tuple(numbers), tuple(text(cell) for cell in texts), *(tuple(text(code) for code in codes) for codes in lists))
        for numbers, texts, *lists in spell
    ]

def encoded(cell):
    return None if cell is None else cell.encode()

given = json.load(sys.stdin)
grouper = hrgcore.Grouper(given["design"])
strings = [tuples(spell, lambda cell: cell) for spell in given["spells"]]
bytestrings = [tuples(spell, encoded) for spell in given["spells"]]
with ThreadPoolExecutor(4) as pool:
    in_c = [pool.submit(inc.group, grouper, strings) for _ in range(2)]
    in_cython = [pool.submit(incython.group, grouper, bytestrings) for _ in range(2)]
    found = {"c": [run.result() for run in in_c], "cython": [run.result() for run in in_cython]}
outpatients = hrgcore.Grouper(given["design"], "NAC")
refused = []
for wrong in (outpatients, 3):
    for module in (inc, incython):
        try:
            module.group(wrong, [])
        except (TypeError, hrgcore.ArgumentError) as error:
            refused.append(type(error).__name__)
found["refused"] = refused
found["misuse"] = inc.misuse(grouper)
found["versions"] = inc.header_version, inc.capsule_version
json.dump(found, sys.stdout)
"""
DOCTEST = "import doctest; done = doctest.testfile('page.txt', module_relative=False); assert done.attempted and not done.failed"
PACKAGED = "from setuptools import setup; setup(script_args=['-q', 'build_py', '-d', 'wheel'])"


def python(folder: Path, code: str, stdin: str = "") -> str:
    """The output of a Python program that must not fail."""
    path = os.pathsep.join([PACKAGE, str(folder)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder, input=stdin, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def block(language: str) -> str:
    """The one block of the page in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the extensions, built."""
    folder = tmp_path_factory.mktemp("embedding")
    for source in SOURCES.iterdir():
        (folder / source.name).write_bytes(source.read_bytes())
    for name, language in (("hospital.c", "c"), ("ward.pyx", "cython"), ("page.py", "py"), ("page.txt", "pycon")):
        (folder / name).write_text(block(language), encoding="utf-8")
    python(folder, BUILD)
    return folder


def plain(episode: Episode) -> list[Any]:
    """An episode as the extensions take it: numbers, texts, diagnoses, procedures."""
    numbers = [getattr(episode, name) for name in NUMBERS]
    return [
        [-1 if number is None else -2 if number < 0 else number for number in numbers],
        [getattr(episode, name) for name in TEXTS],
        list(episode.diagnoses),
        list(episode.procedures),
    ]


def unbundled(result: list[Any]) -> list[str]:
    return [f"{name}*{days}" if days else name for _, name, days in result]


def in_python(result: SpellResult) -> list[Any]:
    """A result as `inc.c` writes it."""
    episodes = [
        [
            e.index, e.hrg, e.method, e.dominant_procedure, -1 if e.stay is None else e.stay, int(e.report_flag), e.cc_score,
            e.interventions, e.programme, e.provenance, list(e.unbundled),
        ]
        for e in result.episodes
    ]  # fmt: skip
    return [
        result.hrg, result.method, result.dominant_procedure, result.primary_diagnosis, result.secondary_diagnosis, result.stay,
        result.critical_care_days, result.cc_score, result.interventions, result.programme, result.provenance,
        list(result.unbundled), episodes, [[m.row, result.order[m.row], m.field, m.text, m.category] for m in result.messages],
    ]  # fmt: skip


def in_c(found: list[Any]) -> list[Any]:
    *spell, of_spell, episodes, messages = found
    return [*spell, unbundled(of_spell), [[*episode[:-1], unbundled(episode[-1])] for episode in episodes], messages]


def in_cython(whole: list[Any]) -> list[Any]:
    """The part of a result that `incython.pyx` writes."""
    return [whole[0], whole[1], [e[1] for e in whole[-2]], [[row, *rest] for row, _, *rest in whole[-1]]]


@pytest.fixture(scope="module")
def spells(design_folder: Path) -> list[list[Episode]]:
    """Random spells, some too large for the memory that a session starts with, some with fields left out."""
    random = Random(5)
    pools = pools_of(Design(design_folder))
    found = [as_records(random_spell(random, pools)) for _ in range(SPELLS)]
    sound = [spell for spell in found if spell]
    large = [Episode(age=70, duration=1, diagnoses=["M5490"] * 99, procedures=["W371"] * 99) for _ in range(20)]
    shuffled = [Episode(age=40, duration=n, diagnoses=["I10"], number=n) for n in (3, -1, 98, 1, 2**30, 3, 0)]
    bare = [[Episode()], [Episode(age=-5, duration=2**30, diagnoses=["", "", "I10"], sex="")]]
    return [large[:3], *sound, large, [*reversed(sound[0]), *large[:5]], shuffled, *bare, *sound[:20]]


def test_extensions_group_as_python_does(grouper: Grouper, folder: Path, spells: list[list[Episode]]) -> None:
    given = {"design": grouper.design.name, "spells": [[plain(episode) for episode in spell] for spell in spells]}
    found = json.loads(python(folder, RUN, json.dumps(given)))
    expected = [in_python(grouper.group_spell(spell)) for spell in spells]
    assert len({answer[0] for answer in expected}) > 50
    for run in found["c"]:
        assert [in_c(answer) for answer in run] == expected
    for answers, design in found["cython"]:
        assert answers == [in_cython(answer) for answer in expected]
        assert design == grouper.design.database_version
    statuses, design, hrg = found["misuse"]
    assert [status for status, _ in statuses] == STATUSES
    assert len({text for _, text in statuses}) == len(set(STATUSES))
    assert (design, hrg) == (grouper.design.database_version, grouper.group_spell([Episode()]).hrg)
    assert found["refused"] == ["ArgumentError", "ArgumentError", "TypeError", "TypeError"]
    assert found["versions"] == [capi.ABI_VERSION] * 2


def test_examples_of_the_page_do_what_it_says(folder: Path) -> None:
    python(folder, DOCTEST)


def test_header_has_the_version_of_the_capsule() -> None:
    assert re.findall(r"#define HRG_ABI_VERSION (\d+)", HEADER) == [str(capi.ABI_VERSION)]


def test_capsule_is_found_by_name_after_a_bare_import() -> None:
    code = "import sys, hrgcore; a = 'hrgcore._core.capi' in sys.modules; print(a, hrgcore._core.C_API is hrgcore._core.C_API)"
    assert python(ROOT, code) == "False True\n"
    with pytest.raises(AttributeError, match="nothing"):
        hrgcore._core.nothing  # noqa: B018


def test_every_status_is_documented() -> None:
    statuses = re.findall(r"^    (HRG_\w+) = \d", HEADER, re.MULTILINE)
    assert statuses and [name for name in statuses if f"| `{name}` |" not in PAGE] == []


def test_header_and_declarations_are_packaged(tmp_path: Path) -> None:
    """In what setuptools takes into a wheel, and by the same rules into a source distribution."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "hrgcore"):
        (tmp_path / name).symlink_to(ROOT / name)
    python(tmp_path, PACKAGED)
    for files in ("include/*.h", "_core/*.pxd"):
        needed = {path.name for path in (ROOT / "hrgcore").glob(files)}
        assert needed
        assert {path.name for path in (tmp_path / "wheel" / "hrgcore").glob(files)} == needed
