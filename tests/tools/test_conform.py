"""Conformance: our own outputs pass, every planted change is found and no other, and hostile packages are refused."""

from __future__ import annotations

import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from browser import CHROMIUM, check_page
from click.testing import CliRunner, Result

import hrgcore
from hrgcore.cli import main
from hrgcore.conformance import package
from hrgcore.errors import ArgumentError, InputFileError

EXAMPLES = Path(__file__).parents[2] / "examples"
DESIGN = "2024-25"
PLANTED = 50


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own outputs of each data set, in folders by name, without the inputs."""
    folder = tmp_path_factory.mktemp("outputs")
    for rdf in EXAMPLES.glob("*.rdf"):
        (folder / rdf.stem).mkdir()
        hrgcore.Grouper(DESIGN, rdf.stem.upper()).group_file(
            EXAMPLES / f"{rdf.stem}_sample.csv", folder / rdf.stem / "out.csv", rdf=rdf
        )
    return folder


def copied(folder: Path, target: Path, *, source: bool = False) -> Path:
    """A copy of the outputs of a data set, with the input and its record definition if asked for."""
    shutil.copytree(folder, target / "expected")
    if source:
        (target / "input").mkdir()
        for name in (f"{folder.name}_sample.csv", f"{folder.name}.rdf"):
            shutil.copy(EXAMPLES / name, target / "input")
    return target


def cells_of(folder: Path, suffixes: list[str]) -> list[tuple[str, int, int]]:
    """Every cell of the results in some files: suffix, line, place."""
    found = []
    for suffix in suffixes:
        head, *lines = (folder / f"out{suffix}.csv").read_text().splitlines()
        first = head.split(",").index("RowNo") + 1
        found += [(suffix, number, place) for number, line in enumerate(lines, 1) for place in range(first, len(line.split(",")))]
    return found


def change(path: Path, line: int, place: int, text: str) -> None:
    lines = path.read_text().splitlines()
    cells = lines[line].split(",")
    cells[place] = text
    lines[line] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")


def test_own_outputs_pass(outputs: Path) -> None:
    found = hrgcore.conform(outputs, DESIGN)
    assert {one.dataset for one in found.sets} == {"APC", "NAC", "EM", "NRD", "ACC", "PCC", "NCC"}
    assert found.passed
    assert found.differences == []
    assert sum(file.rows for one in found.sets for file in one.files) > 19_000
    admitted = next(one for one in found.sets if one.dataset == "APC")
    compared = {file.file: file for file in admitted.files}
    assert compared["_FCE"].rows == 3444 and compared["_spell"].rows == 3000
    assert compared["_FCE"].columns["SpellHRG"] == (3444, 3444)
    assert sum(lines for lines, _ in compared["_FCE"].chapters.values()) == 3444


@pytest.mark.parametrize("source", [True, False], ids=["with the input", "without it"])
@pytest.mark.parametrize("name", ["apc", "nac", "em", "acc", "pcc"])
def test_planted_changes_are_found_and_no_other(name: str, source: bool, outputs: Path, tmp_path: Path) -> None:
    """In any cell of the results of any file, at most one a line."""
    folder = copied(outputs / name, tmp_path, source=source)
    expected = folder / "expected"
    suffixes = [path.stem.removeprefix("out") for path in expected.glob("out_*.csv")]
    cells = cells_of(expected, [s for s in suffixes if s not in ("_summary", "_sort")])
    chance = random.Random(f"{name} {source}")
    chance.shuffle(cells)
    lines = {}
    for suffix, line, place in cells:
        lines.setdefault((suffix, line), place)
        if len(lines) == PLANTED:
            break
    for (suffix, line), place in lines.items():
        change(expected / f"out{suffix}.csv", line, place, "PLANTED")
    found = hrgcore.conform(folder, DESIGN, rdf=None)
    assert len(found.differences) == len(lines) == PLANTED
    assert not found.passed
    told = {(one.file, str(one.row)) for _, one in found.differences}
    planted = set()
    for suffix, line in lines:
        head, *rows = (expected / f"out{suffix}.csv").read_text().splitlines()
        planted.add((suffix, rows[line - 1].split(",")[head.split(",").index("RowNo")]))
    assert told == planted
    assert all("PLANTED" in one.expected and "PLANTED" not in one.ours for _, one in found.differences)


@pytest.mark.parametrize("suffix", ["_FCE", "_sort", "_spell", "_FCE_rel", "_quality_rel", "_ub_rel", "_quality"])
def test_a_changed_number_of_a_record_is_one_difference(suffix: str, outputs: Path, tmp_path: Path) -> None:
    folder = copied(outputs / "apc", tmp_path)
    path = folder / "expected" / f"out{suffix}.csv"
    at = path.read_text().splitlines()[0].split(",").index("RowNo")
    change(path, 7, at, "999999")
    (one,) = [difference for _, difference in hrgcore.conform(folder, DESIGN).differences]
    assert (one.file, one.row, one.column, one.expected, one.reason) == (suffix, 999999, "RowNo", "999999", "order")


def test_counts_of_the_summary(outputs: Path, tmp_path: Path) -> None:
    folder = copied(outputs / "apc", tmp_path)
    path = folder / "expected" / "out_summary.csv"
    change(path, 1, 1, "HRG4+ 2024/25 Local Payment Grouper")
    assert hrgcore.conform(folder, DESIGN).passed
    change(path, 1, 3, "2999")
    found = hrgcore.conform(folder, DESIGN)
    (one,) = [difference for _, difference in found.differences]
    assert (one.column, one.expected, one.ours, one.reason) == ("Spell Count", "2999", "3000", "counts")
    assert not found.passed
    assert hrgcore.conform(folder, DESIGN, threshold=0.999).passed


def test_lines_that_one_side_lacks(outputs: Path, tmp_path: Path) -> None:
    """With the input there, a record that the expected outputs lack, and a fault that they have in addition."""
    folder = copied(outputs / "apc", tmp_path, source=True)
    path = folder / "expected" / "out_FCE.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:5], *lines[6:]]) + "\n")
    faults = folder / "expected" / "out_quality_rel.csv"
    faults.write_text(faults.read_text() + "1,1,DIAG_02,A000,Diagnosis is invalid\n")
    found = [one for _, one in hrgcore.conform(folder, DESIGN).differences]
    assert [(one.file, one.reason) for one in found] == [("_FCE", "no counterpart"), ("_quality_rel", "no counterpart")]
    assert found[0].our_row == 5 and found[0].expected == ""
    assert found[1].row == 1 and found[1].ours == ""


@pytest.mark.parametrize("twice", [False, True], ids=["deleted", "written twice"])
def test_a_line_of_the_sorted_file_is_found(twice: bool, outputs: Path, tmp_path: Path) -> None:
    """It has no results, but its lines count."""
    folder = copied(outputs / "ncc", tmp_path, source=True)
    path = folder / "expected" / "out_sort.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:40], *lines[40:41] * (2 * twice), *lines[41:]]) + "\n")
    (one,) = [difference for _, difference in hrgcore.conform(folder, DESIGN).differences]
    assert (one.file, one.column, one.reason) == ("_sort", "RowNo", "no counterpart")
    assert (one.row, one.our_row) == ((40, 0) if twice else (40, 40))


def test_a_number_that_another_record_has(outputs: Path, tmp_path: Path) -> None:
    """The lines of the other record, in this file and in others, stay with it."""
    folder = copied(outputs / "apc", tmp_path)
    path = folder / "expected" / "out_FCE.csv"
    at = path.read_text().splitlines()[0].split(",").index("RowNo")
    change(path, 700, at, "30")
    (one,) = [difference for _, difference in hrgcore.conform(folder, DESIGN).differences]
    assert (one.file, one.row, one.our_row, one.column) == ("_FCE", 30, 700, "RowNo")


def test_a_part_of_the_lines_is_enough(outputs: Path, tmp_path: Path) -> None:
    """Numbers that leave records out are no difference where there is no input."""
    folder = copied(outputs / "em", tmp_path)
    path = folder / "expected" / "out_attend.csv"
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *lines[10:100], *lines[150:]]) + "\n")
    found = hrgcore.conform(folder, DESIGN, files=["attend"])
    assert found.passed and found.sets[0].files[0].rows == len(lines) - 60


def test_the_order_of_faults_of_a_record_does_not_matter(outputs: Path, tmp_path: Path) -> None:
    folder = copied(outputs / "apc", tmp_path)
    path = folder / "expected" / "out_quality_rel.csv"
    head, *lines = path.read_text().splitlines()
    cells = [line.split(",") for line in lines]
    at = next(i for i, (one, other) in enumerate(pairwise(cells)) if one[0] == other[0])
    swapped = [cells[at][:2] + cells[at + 1][2:], cells[at + 1][:2] + cells[at][2:]]
    path.write_text("\n".join([head, *lines[:at], *map(",".join, swapped), *lines[at + 2 :]]) + "\n")
    found = [one for _, one in hrgcore.conform(folder, DESIGN).differences]
    assert {one.column for one in found} <= {"Iteration"}


def test_lines_in_another_order(outputs: Path, tmp_path: Path) -> None:
    """Relational files tell their records by number, whatever the order of the lines."""
    folder = copied(outputs / "apc", tmp_path)
    path = folder / "expected" / "out_spell_rel.csv"
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(lines)]) + "\n")
    assert hrgcore.conform(folder, DESIGN).passed


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"FCE_HRG": "UZ01Z", "GroupingMethodFlag": "U"}, "validation"),
        ({"GroupingMethodFlag": "M"}, "method"),
        ({"DominantProcedure": "X999"}, "dominant procedure"),
        ({"FCE_HRG": "AA99Z"}, "root"),
        ({"FCE_HRG": "split"}, "split"),
        ({"SpellPDiag": "X999"}, "leading episode"),
        ({"UnbundledHRGs": "XX99Z"}, "unbundled HRGs"),
        ({"CalcEpidur": "12345"}, "other columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_reasons(changes: dict[str, str], reason: str, outputs: Path, tmp_path: Path) -> None:
    folder = copied(outputs / "apc", tmp_path)
    path = folder / "expected" / "out_FCE.csv"
    head = path.read_text().splitlines()[0].split(",")
    row = path.read_text().splitlines()[3].split(",")
    for column, text in changes.items():
        hrg = row[head.index("FCE_HRG")]
        change(path, 3, head.index(column), hrg[:4] + ("Y" if hrg[4] != "Y" else "X") if text == "split" else text)
    found = hrgcore.conform(folder, DESIGN)
    (agreement,) = [file for file in found.sets[0].files if file.differences]
    assert agreement.reasons == {reason: 1}
    assert agreement.equal_rows == agreement.rows - 1
    assert {one.column for one in agreement.differences} == set(changes)


def test_only_some_files_and_columns(outputs: Path, tmp_path: Path) -> None:
    folder = copied(outputs / "apc", tmp_path)
    path = folder / "expected" / "out_FCE.csv"
    head = path.read_text().splitlines()[0].split(",")
    change(path, 3, head.index("FCE_HRG"), "AA99Z")
    change(path, 4, head.index("CalcEpidur"), "12345")
    assert len(hrgcore.conform(folder, DESIGN).differences) == 2
    found = hrgcore.conform(folder, DESIGN, columns=["FCE_HRG"])
    assert len(found.differences) == 1
    assert [file.file for file in found.sets[0].files] == ["_FCE", "_FCE_rel"]
    assert "_spell" in found.sets[0].not_compared
    assert hrgcore.conform(folder, DESIGN, files=["spell", "FCE_rel"]).passed
    with pytest.raises(ArgumentError, match="has a column"):
        hrgcore.conform(folder, DESIGN, columns=["FCE_HRGs"])
    with pytest.raises(ArgumentError, match="has no file 'attend'"):
        hrgcore.conform(folder, DESIGN, files=["attend"])


def test_threshold(outputs: Path, tmp_path: Path) -> None:
    folder = copied(outputs / "nac", tmp_path)
    path = folder / "expected" / "out_attend.csv"
    at = path.read_text().splitlines()[0].split(",").index("NAC_HRG")
    for line in (3, 4, 5):
        change(path, line, at, "AA99Z")
    assert hrgcore.conform(folder, DESIGN, threshold=0.99).passed
    assert not hrgcore.conform(folder, DESIGN, threshold=0.991).passed
    with pytest.raises(ArgumentError, match="is not a share"):
        hrgcore.conform(folder, DESIGN, threshold=1.5)


def test_another_design_differs(outputs: Path) -> None:
    """The counts by chapter and by reason add up."""
    found = hrgcore.conform(outputs / "apc", "2021-22", traces=3)
    assert not found.passed
    (one,) = found.sets
    assert len(one.traces) == 3
    assert all("Result" in text and "2021-22" in text for text in one.traces.values())
    for file in one.files:
        assert sum(file.reasons.values()) == file.rows - file.equal_rows
        differing = sum(difference.column == "FCE_HRG" for difference in file.differences)
        if file.file == "_FCE":
            assert 0 < sum(lines - same for lines, same in file.chapters.values()) == differing


def test_relational_outputs_alone_need_the_input(outputs: Path, tmp_path: Path) -> None:
    folder = copied(outputs / "apc", tmp_path, source=True)
    for path in (folder / "expected").glob("*.csv"):
        if path.stem not in ("out_FCE_rel", "out_spell_rel"):
            path.unlink()
    assert hrgcore.conform(folder, DESIGN).passed
    shutil.rmtree(folder / "input")
    with pytest.raises(InputFileError, match="neither the input"):
        hrgcore.conform(folder, DESIGN)


# --- packages ---


def zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


@pytest.fixture
def hrg() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_zip_file_with_folders_a_data_set(outputs: Path, tmp_path: Path, hrg: Callable[..., Result]) -> None:
    for name in ("apc", "em"):
        copied(outputs / name, tmp_path / "package" / name.upper(), source=True)
    path = zipped(tmp_path / "package", tmp_path / "expected.zip")
    done = hrg("conform", path, "--design", DESIGN)
    assert done.exit_code == 0, done.output
    assert "APC/expected/out: data set APC, grouped from APC/input/apc_sample.csv" in done.stdout
    assert "EM/expected/out: data set EM, grouped from EM/input/em_sample.csv" in done.stdout
    assert "conforms: at least 100.00% of the lines" in done.stdout


def test_report_and_exit_code(outputs: Path, tmp_path: Path, hrg: Callable[..., Result]) -> None:
    folder = copied(outputs / "apc", tmp_path)
    path = folder / "expected" / "out_FCE.csv"
    at = path.read_text().splitlines()[0].split(",").index("FCE_HRG")
    change(path, 3, at, "<b>AA</b>")
    done = hrg("conform", folder, "--design", DESIGN, "-o", tmp_path / "report", "--files", "FCE")
    assert done.exit_code == 3, done.output
    assert "DOES NOT CONFORM" in done.stdout
    page = (tmp_path / "report" / "report.html").read_text()
    assert "&lt;b&gt;AA&lt;/b&gt;" in page and "<b>AA</b>" not in page
    assert "is the dominant procedure" in page or "primary diagnosis" in page
    if CHROMIUM:
        assert "Fail" in check_page(tmp_path / "report" / "report.html").text
    table = (tmp_path / "report" / "differences.csv").read_text().splitlines()
    assert len(table) == 2 and table[1].startswith("expected/out,_FCE,3,3,FCE_HRG,<b>AA</b>,")
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        "report.html", "differences.csv", "columns.csv", "chapters.csv", "reasons.csv",
    }  # fmt: skip


def test_a_design_by_its_folder(outputs: Path, hrg: Callable[..., Result]) -> None:
    """As for the other tools of design teams, before it is installed."""
    folder = EXAMPLES.parent / "designs" / "hrgdesign-2024-25" / "hrgdesign_2024_25"
    done = hrg("conform", outputs / "em", "--design", folder, "-q")
    assert done.exit_code == 0, done.output
    assert hrg("conform", outputs / "em", "--design", folder.parent).exit_code == 1


@pytest.mark.parametrize(
    "name", ["../out_FCE.csv", "/tmp/out_FCE.csv", "a/../../out_FCE.csv", "..\\out_FCE.csv", "c:/out_FCE.csv"]
)
def test_members_outside_the_folder_are_refused(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "RowNo,FCE_HRG\n1,AA22C\n")
    with pytest.raises(InputFileError, match=r"outside its folder|no outputs"):
        hrgcore.conform(tmp_path / "bad.zip", DESIGN)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.zip"]


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what comes out, not by what the file says of itself."""
    monkeypatch.setattr(package, "MOST_BYTES", 1 << 20)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("out_FCE.csv", b"\0" * (8 << 20))
    with pytest.raises(InputFileError, match="unpacks to more"):
        hrgcore.conform(path, DESIGN)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", 10)  # the size that the directory claims
    path.write_bytes(data)
    with pytest.raises(InputFileError):
        hrgcore.conform(path, DESIGN)
    monkeypatch.setattr(package, "MOST_FILES", 3)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}_FCE.csv", "")
    with pytest.raises(InputFileError, match="more than 3 files"):
        hrgcore.conform(path, DESIGN)


def test_what_is_no_package(tmp_path: Path, outputs: Path) -> None:
    (tmp_path / "text.zip").write_text("no zip file")
    with pytest.raises(InputFileError, match="is no zip file"):
        hrgcore.conform(tmp_path / "text.zip", DESIGN)
    with pytest.raises(InputFileError, match="no such file or folder"):
        hrgcore.conform(tmp_path / "missing.zip", DESIGN)
    path = zipped(outputs / "em", tmp_path / "cut.zip")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputFileError, match="is no zip file"):
        hrgcore.conform(path, DESIGN)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputFileError, match="no outputs of the official program"):
        hrgcore.conform(tmp_path / "empty", DESIGN)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_contents(method: int, tmp_path: Path) -> None:
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("out_FCE.csv", random.Random(1).randbytes(5000))
    data = bytearray(path.read_bytes())
    data[60:4000] = bytes(3940)
    path.write_bytes(data)
    with pytest.raises(InputFileError, match=r"damaged\.zip: (is no zip|cannot be read: \w)"):
        hrgcore.conform(path, DESIGN)


def test_errors_name_what_the_user_gave(outputs: Path, tmp_path: Path) -> None:
    """And not the private folders in which the work is done."""
    folder = copied(outputs / "em", tmp_path)
    inner = zipped(folder / "expected", tmp_path / "inner.zip")
    with zipfile.ZipFile(tmp_path / "nested.zip", "w") as archive:
        archive.write(inner, "inner.zip")
    with pytest.raises(InputFileError, match="Unpack zip files within it") as caught:
        hrgcore.conform(tmp_path / "nested.zip", DESIGN)
    assert caught.value.place == str(tmp_path / "nested.zip")
    path = folder / "expected" / "out_attend.csv"
    path.write_text(path.read_text().partition("\n")[0] + "\n")
    with pytest.raises(InputFileError, match="no records") as caught:
        hrgcore.conform(folder, DESIGN)
    assert caught.value.place == str(path)
    with pytest.raises(InputFileError, match="no records") as caught:
        hrgcore.conform(zipped(folder / "expected", tmp_path / "bare.zip"), DESIGN)
    assert caught.value.place == f"{tmp_path / 'bare.zip'}: out_attend.csv"


def test_outputs_without_headers_are_refused(outputs: Path, tmp_path: Path) -> None:
    folder = copied(outputs / "em", tmp_path)
    for path in (folder / "expected").glob("out_*.csv"):
        path.write_text("\n".join(path.read_text().splitlines()[1:]) + "\n")
    with pytest.raises(InputFileError, match="header lines"):
        hrgcore.conform(folder, DESIGN)


def test_nothing_private_stays(outputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    hrgcore.conform(zipped(outputs / "em", tmp_path / "em.zip"), DESIGN)
    with pytest.raises(InputFileError):
        hrgcore.conform(zipped(tmp_path / "tmp", tmp_path / "none.zip"), DESIGN)
    assert list((tmp_path / "tmp").iterdir()) == []
