"""Folders of outputs appear as a whole or not at all, and what was there is kept when anything fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hrgcore.errors import OutputFileError
from hrgcore.files.outputs import OutputFolder, OutputSet, new_tree

MARKER = ".ours"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def write_tree(folder: Path, text: str) -> None:
    with new_tree(folder, MARKER) as tree:
        (tree / "in").mkdir()
        (tree / "in" / "page").write_text(text)
        (tree / MARKER).write_text("")


def write_folder(folder: Path, text: str) -> None:
    with OutputFolder(folder, ["page", MARKER]) as outputs:
        outputs.open("page").write(text.encode())
        outputs.open(MARKER).write(b"")
        outputs.commit()


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, step: int, error: BaseException) -> Iterator[None]:
    """Fails the call of a number of all that make, move and change folders and files."""
    calls = 0

    def failing_at_its_turn(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal calls
            calls += 1
            if calls == step:
                raise error
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for name in ("mkdir", "replace", "rename", "chmod"):
            patch.setattr(os, name, failing_at_its_turn(getattr(os, name)))
        yield


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()], ids=["full disk", "interrupted"])
@pytest.mark.parametrize("write", [write_tree, write_folder])
@pytest.mark.parametrize("there", [True, False], ids=["replacing", "new"])
def test_a_failure_at_any_step_keeps_what_was_there(
    there: bool, write: Callable[[Path, str], None], error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "made"
    if there:
        write(folder, "earlier")
    before = names(tmp_path)
    failed = 0
    for step in range(1, 30):
        try:
            with failing(monkeypatch, step, error):
                write(folder, "later")
            break
        except (OutputFileError, KeyboardInterrupt) as caught:
            assert isinstance(caught, OutputFileError) == isinstance(error, OSError)
            failed += 1
        (page,) = folder.rglob("page") if folder.exists() else [None]
        if page and page.read_text() == "later":  # it struck when all was done
            break
        assert names(tmp_path) == before
        assert page is None or page.read_text() == "earlier"
    assert failed >= 3
    assert not [name for name in names(tmp_path) if name.startswith(".hrgcore-")]


def test_a_tree_in_the_making_is_not_cleared_away(tmp_path: Path) -> None:
    """By a run that writes files beside it."""
    with new_tree(tmp_path / "tree") as tree:
        (tree / "page").write_text("page")
        with OutputSet(tmp_path / "out.csv", ["_FCE"]) as outputs:
            outputs.open("_FCE").write(b"text")
            outputs.commit()
    assert names(tmp_path) == {"tree", "tree/page", "out_FCE.csv"}


def test_a_replaced_tree_of_a_killed_run_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / ".hrgcore-0" / "replaced").mkdir(parents=True)
    write_folder(tmp_path, "page")
    assert names(tmp_path) == {".hrgcore-0", ".hrgcore-0/replaced", "page", MARKER}


def test_a_link_to_a_folder_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    for name, target in (("link", "real"), ("dangling", "new")):
        (tmp_path / name).symlink_to(target)
        write_tree(tmp_path / name, "page")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / target / "in" / "page").read_text() == "page"


def test_places_where_no_tree_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "page").write_text("")
    monkeypatch.chdir(tmp_path / "full")
    for name, message in (
        ("file", "is there already"),
        ("full", "you are in"),
        (".", "is there already"),
        ("file/tree", "no such folder"),
        ("none/tree", "no such folder"),
        ("n" * 300, "too long"),
    ):
        with pytest.raises(OutputFileError, match=message):
            write_tree(tmp_path / name, "page")
    assert names(tmp_path) == {"file", "full", "full/page"}
