"""`hrg explain` in its three forms, and the page in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import check_page, needs_browser
from click.testing import CliRunner, Result
from unit.apc import record, with_header

import hrgcore
from hrgcore.cli import main
from hrgcore.plugins import host

DESIGN = ("--design", "2024-25")
CASE = ("--age", 71, "--days", 9, "-d", "S720", "-d", "I10", "-d", "J449", "-d", "J440", "-p", "W371", "-p", "H251", *DESIGN)
HOSTILE = "<script>alert(1)</script>"
HRG = Callable[..., Result]


@pytest.fixture
def hrg() -> HRG:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def page(tmp_path: Path, hrg: HRG) -> Path:
    """A page with everything on it, of a case with a hostile text for a code."""
    path = tmp_path / "spell.html"
    done = hrg("explain", *CASE, "-d", HOSTILE, "-p", HOSTILE, "--what-if", "--format", "html", "-o", path)
    assert (done.exit_code, done.output) == (0, "")
    return path


class Tags(HTMLParser):
    """The tags of a page, and whatever points elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "srcset", "action", "data", "poster")]


def test_the_page_stands_alone_and_escapes_texts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = Tags()
    found.feed(text)
    assert "script" not in found.tags and found.links == ["data:,"]
    assert not re.search(r"https?:|url\(|@import", text.replace("default-src", ""))
    assert HOSTILE.upper() not in text and "&lt;SCRIPT&gt;ALERT(1)&lt;/SCRIPT&gt;" in text


def test_the_page_has_steps_rows_codes_and_alternatives(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    spell = hrgcore.Grouper("2024-25").group_spell(
        [hrgcore.Episode(71, 9, ["S720", "I10", "J449", "J440", HOSTILE], ["W371", "H251", HOSTILE])]
    )
    found, what_if = spell.explain(), spell.what_if()
    plain = [step.text for step in found.steps if "SCRIPT" not in step.text]
    plain += [one.text for one in (*found.diagnoses, *found.procedures)]
    plain += [row.source for step in found.steps for row in step.rows]
    plain += [f"<b>{one.hrg}</b> {one.label}".replace(">=", "&gt;=") for one in what_if.alternatives]
    plain += [str(one.change) for one in what_if.alternatives]
    assert [part for part in plain if part not in text] == []
    assert text.count("<details") == sum(len(one.rows) for one in (*found.steps, *found.diagnoses, *found.procedures))
    assert "as you would the record itself" in text and "not advice to code" in text
    order = [text.index(part) for part in ("<h2>Steps", "<h2>Secondary diagnoses", "<h2>Procedures", "<h2>What if")]
    assert order == sorted(order)


def test_the_page_without_what_if_or_codes(hrg: HRG) -> None:
    done = hrg("explain", "-l", "EM", "-f", "AGE=30", "-f", "INV_01=01", "-f", "TREAT_01=22", *DESIGN, "--format", "html")
    assert done.exit_code == 0 and done.stdout.startswith("<!DOCTYPE html>")
    assert [part for part in ("What if", "Secondary diagnoses", "Procedures") if f"<h2>{part}" in done.stdout] == []
    assert "highest category of investigation: 2" in done.stdout


@needs_browser
def test_the_page_in_a_browser(page: Path) -> None:
    shown = check_page(page).dom
    assert "&lt;SCRIPT&gt;" in shown and "<script" not in shown.lower().replace("&lt;script", "")


# The command


def test_text_is_what_python_prints(hrg: HRG) -> None:
    spell = hrgcore.Grouper("2024-25").group_spell([hrgcore.Episode(71, 9, ["S720", "I10", "J449", "J440"], ["W371", "H251"])])
    assert hrg("explain", *CASE).stdout == f"{spell.explain()}\n"
    assert hrg("explain", *CASE, "--what-if").stdout == f"{spell.explain()}\n\n{spell.what_if()}\n"


def test_json_is_the_same_by_either_name(hrg: HRG) -> None:
    one, other = hrg("explain", *CASE, "--json"), hrg("explain", *CASE, "--format", "json")
    assert one.exit_code == 0 and one.stdout == other.stdout
    assert "what_if" not in json.loads(one.stdout)
    told = json.loads(hrg("explain", *CASE, "--what-if", "--json").stdout)["what_if"]
    assert "not advice to code" in told["notice"] and told["hrg"] == "HT12E" and told["alternatives"]


def test_a_file_of_any_form(hrg: HRG, tmp_path: Path) -> None:
    for form in ("text", "json", "html"):
        done = hrg("explain", *CASE, "--format", form, "-o", tmp_path / form)
        assert (done.exit_code, done.output) == (0, "")
        assert (tmp_path / form).read_text(encoding="utf-8") == hrg("explain", *CASE, "--format", form).stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "json", "text"]
    assert hrg("explain", *CASE, "-o", "-").stdout == hrg("explain", *CASE).stdout


def test_prices_of_a_plugin(hrg: HRG, monkeypatch: pytest.MonkeyPatch) -> None:
    class Book:
        name, label, year, kind = "made-up", "Made up", "2024/25", "cost"

        def setting(self, patient_classification: str, admission_method: str, stay: int) -> str:
            return "elective"

        def price(self, hrg: str, setting: str) -> float | None:
            return {"HT12E": 5000.0, "HE11D": 2000.0}.get(hrg)

    monkeypatch.setattr(type(host()), "_offered_books", lambda self: {"made-up": Book})
    monkeypatch.setattr(host(), "_books", {})
    done = hrg("explain", *CASE, "--what-if", "--prices", "made-up")
    assert done.exit_code == 0 and "Lower cost\n  HE11D" in done.stdout and "£2,000 (−£3,000)" in done.stdout
    page = hrg("explain", *CASE, "--what-if", "--prices", "made-up", "--format", "html").stdout
    assert "Prices of made-up, setting elective" in page and "−£3,000" in page and "Cost not known" in page
    unknown = hrg("explain", *CASE, "--what-if", "--prices", "other")
    assert unknown.exit_code == 1 and "no book of prices named 'other'" in unknown.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--prices", "cost"), 2, "--prices needs --what-if"),
        (("--format", "pdf"), 2, "'pdf' is not one of"),
        (("-o", "none/out.html"), 1, "there is no such folder"),
        (("-o", "."), 1, "is a folder"),
    ],
)
def test_wrong_arguments(
    hrg: HRG, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = hrg("explain", *CASE, *arguments)
    assert (done.exit_code, done.stdout) == (code, "") and text in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-d", "I10", "--spell", "5"), "--spell has no part in APC without --file"),
        (("-d", "I10", "-f", "AGE=5"), "--field has no part in APC without --file"),
        (("--file", "apc.csv", "--spell", "5", "-d", "I10"), "--diagnosis has no part in APC with --file"),
        (("-l", "EM", "-f", "AGE=5", "--age", "40"), "--age has no part in EM without --file"),
        (("-l", "EM", "--file", "em.csv", "--row", "1", "-f", "AGE=5"), "--field has no part in EM with --file"),
    ],
)
def test_options_that_would_be_left_aside(hrg: HRG, arguments: tuple[str, ...], message: str) -> None:
    """What is explained is the case that was meant."""
    done = hrg("explain", *arguments)
    assert done.exit_code == 2 and message in done.stderr


def test_what_if_is_for_admitted_care(hrg: HRG) -> None:
    done = hrg("explain", "-l", "EM", "-f", "AGE=30", "--what-if")
    assert done.exit_code == 2 and "--what-if is for admitted care" in done.stderr


def test_the_input_is_never_overwritten(hrg: HRG, tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", record())
    before = source.read_bytes()
    done = hrg("explain", "--file", source, "--spell", "1", *DESIGN, "-o", source)
    assert done.exit_code == 1 and "would overwrite an input" in done.stderr and source.read_bytes() == before


def test_pages_need_their_library(hrg: HRG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    done = hrg("explain", *CASE, "--format", "html")
    assert done.exit_code == 1 and "Install hrgcore[report]" in done.stderr
    assert hrg("explain", *CASE).exit_code == 0
