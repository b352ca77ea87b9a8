"""What a user can do wrong: each a clear error with place and cure, and nothing of what was there is lost."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

import hrgcore
from hrgcore import DesignError, HRGError, InputFileError, OutputFileError, RecordDefinitionError
from hrgcore.design import load_design
from hrgcore.files import outputs
from hrgcore.files.outputs import OutputSet

from .apc import FIELDS, SUFFIXES, definition, out, record, with_header, write
from .tiny import changed, tiny_design

RUN = Callable[..., HRGError]


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Nothing in the folder changes, appears or goes."""
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    yield
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert not [path for path in folder.iterdir() if path.name.startswith(".hrgcore")]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return with_header(tmp_path / "in.csv", record(PROVSPNO="1"), record(PROVSPNO="2"))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """The name of an output; the files of an earlier run are there."""
    folder = tmp_path / "out"
    folder.mkdir()
    for suffix in SUFFIXES:
        (folder / f"o{suffix}.csv").write_bytes(b"earlier run " + suffix.encode())
    return folder / "o.csv"


@pytest.fixture
def fails(grouper: hrgcore.Grouper, output: Path) -> RUN:
    """Groups a file and gives the error; the files of the earlier run stay."""

    def run(source: Path, output: Path = output, **options: object) -> HRGError:
        with unchanged(output.parent), pytest.raises(HRGError) as caught:
            grouper.group_file(source, output, **options)
        return caught.value

    return run


def check(error: HRGError, kind: type[HRGError], place: str, message: str, cure: str) -> None:
    """The parts of an error, each of which its text has too."""
    assert type(error) is kind
    assert place in error.place
    assert message in error.message
    assert cure and cure in error.cure
    assert all(part in str(error) for part in (kind.code, error.place, error.message, error.cure))


HEADER = ",".join(FIELDS)


@pytest.mark.parametrize(
    ("data", "place", "message", "cure"),
    [
        (b"", "in.csv", "is empty", "at least one record"),
        (b" \r\n\r\n", "in.csv", "is empty", "at least one record"),
        (f"{HEADER}\r\n".encode(), "in.csv", "no records below the header", "at least one record"),
        (HEADER.encode(), "in.csv", "no records below the header", "at least one record"),
        (f"{HEADER}\n{record()}\n".replace(",", ";").encode(), "in.csv line 1", "semicolons", "comma separated"),
        (f"{HEADER}\n{record()}\n".replace(",", "\t").encode(), "in.csv line 1", "tabs", "comma separated"),
        (f"{HEADER}\n{record()}\n".replace(",", "|").encode(), "in.csv line 1", "bars", "comma separated"),
        (f"{HEADER}\n{record()}\n\n{record()[:30]}\n".encode(), "in.csv line 4", "needs 43", "record definition"),
        (f"{HEADER}\n{record()}\n{record()}\0\n".encode(), "in.csv line 3", "NUL byte", "plain text (UTF-8)"),
        (f"{HEADER}\n{record()}\n".encode("utf-16"), "in.csv line 1", "NUL byte", "UTF-16"),
        (f"{HEADER}\n{record(PROCODET='RÉX')}\n".encode("latin-1"), "in.csv line 2", "not UTF-8", "Save it as UTF-8"),
        (f"{HEADER}\n{record()}{'x' * 10_000_000}\n".encode(), "in.csv", "longer than", "end with a newline"),
        (b"x" * 10_000_000, "in.csv line 1", "longer than", "end with a newline"),
        (b"," * 10_000_000, "in.csv line 1", "longer than", "end with a newline"),
        ("é".encode() * 5_000_000, "in.csv line 1", "longer than", "end with a newline"),
        (f"{HEADER},{'x' * 1_500_000}\n{record()}\n".encode(), "in.csv line 1", "longer than", "end with a newline"),
    ],
    ids=[
        "empty", "blank", "header only", "header without newline", "semicolons", "tabs", "bars", "short line", "nul", "utf-16",
        "latin-1", "long record", "long line", "long line of commas", "long line of two-byte letters", "long header",
    ],
)  # fmt: skip
def test_bad_file(fails: RUN, tmp_path: Path, data: bytes, place: str, message: str, cure: str) -> None:
    (tmp_path / "in.csv").write_bytes(data)
    check(fails(tmp_path / "in.csv"), InputFileError, place, message, cure)


def test_line_of_a_long_record(fails: RUN, tmp_path: Path) -> None:
    source = with_header(tmp_path / "in.csv", record(), "", record() + "x" * 2_000_000)
    assert fails(source).place.endswith("in.csv line 4")


def test_no_such_file(fails: RUN, tmp_path: Path) -> None:
    check(fails(tmp_path / "none.csv"), InputFileError, "none.csv", "no such file", "Check the name")


def test_folder_as_file(fails: RUN, tmp_path: Path) -> None:
    check(fails(tmp_path), InputFileError, str(tmp_path), "is a folder", "Name the CSV file")


def test_impossible_name(fails: RUN, tmp_path: Path, source: Path) -> None:
    check(fails(tmp_path / ("n" * 5000)), InputFileError, "nnn", "cannot be read", "Check")


def test_fewer_columns_than_the_record_definition(fails: RUN, tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", [record(FIELDS[:20])])
    error = fails(source, rdf=definition(tmp_path / "my.rdf"), header=False)
    check(error, InputFileError, "in.csv line 1", "20 columns where the record definition", "delimiter")
    assert "my.rdf" in error.message


def test_record_definition_lacks_a_required_field(fails: RUN, source: Path, tmp_path: Path) -> None:
    rdf = definition(tmp_path / "my.rdf", [name for name in FIELDS if name not in ("SEX", "DIAG_01")])
    check(fails(source, rdf=rdf), RecordDefinitionError, "my.rdf", "SEX, DIAG_01 are missing", "Add a line")


def test_header_lacks_a_required_field(fails: RUN, tmp_path: Path) -> None:
    fields = [name for name in FIELDS if name != "EPIDUR"]
    source = with_header(tmp_path / "in.csv", record(fields), fields=fields)
    check(fails(source), RecordDefinitionError, "in.csv line 1", "EPIDUR is missing", "Add")


def test_record_definition_names_a_column_twice(fails: RUN, source: Path, tmp_path: Path) -> None:
    rdf = definition(tmp_path / "my.rdf")
    rdf.write_text(rdf.read_text().replace("DISMETH,10", "DISMETH,9"))
    error = fails(source, rdf=rdf)
    check(error, RecordDefinitionError, "my.rdf line 11", "column 9 is named twice", "a column of its own")
    assert "DISDEST" in error.message and "DISMETH" in error.message


def test_header_names_a_field_twice(fails: RUN, tmp_path: Path) -> None:
    fields = [*FIELDS, "SEX"]
    source = with_header(tmp_path / "in.csv", record(fields), fields=fields)
    check(fails(source), RecordDefinitionError, "in.csv line 1", "field SEX stands twice", "Keep one")


def test_no_such_record_definition(fails: RUN, source: Path, tmp_path: Path) -> None:
    check(fails(source, rdf=tmp_path / "none.rdf"), RecordDefinitionError, "none.rdf", "cannot be read", "Check")


def test_no_output_folder(fails: RUN, source: Path, tmp_path: Path, grouper: hrgcore.Grouper) -> None:
    with unchanged(tmp_path), pytest.raises(OutputFileError) as caught:
        grouper.group_file(source, tmp_path / "none" / "o.csv")
    check(caught.value, OutputFileError, "none", "no such folder", "Make it first")


def test_folder_as_output(fails: RUN, source: Path, output: Path) -> None:
    check(fails(source, output.parent), OutputFileError, str(output.parent), "is a folder", "out.csv")


def test_folder_in_the_place_of_an_output(fails: RUN, source: Path, output: Path) -> None:
    out(output, "_spell").unlink()
    out(output, "_spell").mkdir()
    check(fails(source), OutputFileError, "o_spell.csv", "is a folder", "another output name")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_output_would_overwrite_the_input(fails: RUN, tmp_path: Path, suffix: str) -> None:
    source = with_header(tmp_path / f"o{suffix}.csv", record())
    error = fails(source, tmp_path / "o.csv")
    check(error, OutputFileError, source.name, "would overwrite an input", "another output name")


def test_output_would_overwrite_the_input_by_another_name(fails: RUN, source: Path, tmp_path: Path) -> None:
    (tmp_path / "o_FCE.csv").hardlink_to(source)
    check(fails(source, tmp_path / "o.csv"), OutputFileError, "o_FCE.csv", "would overwrite an input", "another output name")


def test_output_would_overwrite_the_record_definition(fails: RUN, source: Path, tmp_path: Path) -> None:
    rdf = definition(tmp_path / "o_sort.csv")
    check(fails(source, tmp_path / "o.csv", rdf=rdf), OutputFileError, "o_sort.csv", "would overwrite an input", "another")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk(fails: RUN, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the set is on a device that has no room: the system says so when the buffer is written."""
    plain = OutputSet.open

    def open_full(self: OutputSet, suffix: str) -> BinaryIO:
        if suffix != "_spell":
            return plain(self, suffix)
        self._files[suffix] = full = open("/dev/full", "wb")  # noqa: SIM115
        return full

    monkeypatch.setattr(OutputSet, "open", open_full)
    check(fails(source), OutputFileError, "o.csv", "No space left", "the disk has room")


def test_file_grows_beyond_the_limit_of_the_system(fails: RUN, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    source = with_header(tmp_path / "in.csv", *(record(PROVSPNO=str(n)) for n in range(2000)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        check(fails(source), OutputFileError, "o.csv", "File too large", "no output file has been changed")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=["full", "stop"])
@pytest.mark.parametrize("happens", ["before", "after"])
@pytest.mark.parametrize("call", range(2 * len(SUFFIXES) - 1))
def test_failure_in_the_middle_of_moving(
    grouper: hrgcore.Grouper,
    source: Path,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: int,
    happens: str,
    error: BaseException,
) -> None:
    """Whichever of the moves fails, before or after its work, the files of the earlier run are back."""
    out(output, "_quality").unlink()  # the earlier run need not have had them all
    calls = 0

    def replace(here: Path, there: Path, *, move: Callable[..., None] = os.replace) -> None:
        nonlocal calls
        calls += 1
        if calls - 1 == call and happens == "before":
            raise error
        move(here, there)
        if calls - 1 == call:
            raise error

    monkeypatch.setattr(outputs.os, "replace", replace)
    with unchanged(output.parent), pytest.raises(OutputFileError if isinstance(error, OSError) else KeyboardInterrupt):
        grouper.group_file(source, output)


def test_interruption_while_grouping(grouper: hrgcore.Grouper, source: Path, output: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with unchanged(output.parent), pytest.raises(KeyboardInterrupt):
        grouper.group_file(source, output, progress=interrupt)


def test_a_run_after_a_failure_replaces_all(
    grouper: hrgcore.Grouper, fails: RUN, source: Path, output: Path, tmp_path: Path
) -> None:
    fails(tmp_path / "none.csv")
    summary = grouper.group_file(source, output)
    assert {path.name for path in summary.files} == {out(output, suffix).name for suffix in SUFFIXES}
    assert not any(path.read_bytes().startswith(b"earlier run") for path in summary.files)
    assert sorted(output.parent.iterdir()) == sorted(summary.files)


def test_read_only_output_folder(fails: RUN, source: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(outputs.Path, "mkdir", refuse)
    check(fails(source), OutputFileError, str(output.parent), "Permission denied", "rights")


def test_impossible_output_name(fails: RUN, source: Path, tmp_path: Path) -> None:
    check(fails(source, tmp_path / ("n" * 5000)), OutputFileError, str(tmp_path), "File name too long", "no output file")


def test_unknown_design() -> None:
    with pytest.raises(DesignError) as caught:
        hrgcore.Grouper("1999-00")
    check(caught.value, DesignError, "", "no design named '1999-00' is installed", "Install its package")
    assert "2024-25" in caught.value.message


@pytest.mark.parametrize(
    ("tables", "place", "message"),
    [
        (changed("cc", "B001,AA PR,1,probed", "B001,A"), "cc.csv line 3", "2 cells where the table has 4"),
        (changed("cc", ",grade", ""), "cc.csv line 1", "the columns must be codes,subchapters,points,grade"),
        (changed("split", "AA02,AA02Z", "AA02,AA09Z"), "split.csv line 4", "there is no HRG 'AA09Z'"),
        (changed("unbundled", "U011", "U999"), "unbundled.csv line 2", "U999 names no code of OPCS-4"),
        (changed("dominance", "2+", "3+"), "dominance.csv line 3", "leave a gap at 2 days"),
    ],
    ids=["truncated", "column lost", "unknown HRG", "unknown code", "gap"],
)
def test_corrupted_table(tmp_path: Path, tables: dict[str, str], place: str, message: str) -> None:
    with pytest.raises(DesignError) as caught:
        load_design(tiny_design(tmp_path, **tables))
    check(caught.value, DesignError, place, message, "hrg design lint")


@pytest.mark.parametrize("table", ["hrg", "icd10"])
def test_table_is_not_utf8(tmp_path: Path, table: str) -> None:
    folder = tiny_design(tmp_path)
    path = folder / "tables" / f"{table}.csv"
    path.write_bytes(path.read_bytes() + b"\xff\xfe\n")
    with pytest.raises(DesignError) as caught:
        load_design(folder)
    check(caught.value, DesignError, f"{table}.csv", "cannot be read", "UTF-8")


def test_split_with_a_gap_fails_the_record_and_says_so(tmp_path: Path) -> None:
    """A gap is for lint to find; a record that falls into it fails with a message, and the rest is grouped."""
    grouper = hrgcore.Grouper(load_design(tiny_design(tmp_path, **changed("split", "0-2,,label", "1-2,,label"))))
    result = grouper.group_spell([hrgcore.Episode(age=40, duration=1, diagnoses=["A000"])])
    assert (result.hrg, result.method) == ("UZ01Z", "U")
    assert [message.text for message in result.messages] == ["No HRG of the root fits the record"]


def test_no_message_shows_a_line_of_the_file(fails: RUN, tmp_path: Path) -> None:
    """Errors name row and field, never what else stands in the record."""
    secret = record(PROVSPNO="SECRET7", PROCODET="SECRET8")
    short = with_header(tmp_path / "in.csv", record(), secret[:40])
    broken = tmp_path / "nul.csv"
    broken.write_bytes(f"{HEADER}\n{secret}\0\n".encode())
    assert "SECRET" not in f"{fails(short)} {fails(broken)}"


def test_twice_the_same_cells_do_no_harm(grouper: hrgcore.Grouper, source: Path, output: Path) -> None:
    """Two equal records are two episodes with the same number, which is a fault of the records, not of the run."""
    with_header(source, record(), record())
    summary = grouper.group_file(source, output)
    assert summary.messages == {"Episode number is repeated in spell": 2}
