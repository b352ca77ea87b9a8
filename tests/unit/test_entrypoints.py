"""Entry points, found without `importlib.metadata`."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from hrgcore.entrypoints import entry_points

POINTS = """\
# a comment
[console_scripts]
alpha = alpha:main

[hrgcore]
design = alpha
part = alpha.parts : Plugin.make [extra]
"""


def lay(folder: Path, metadata: str, points: str, head: str = "Name: Al-Pha\nVersion: 1.2\n\nName: of the text\n") -> None:
    (folder / metadata).mkdir(parents=True)
    (folder / metadata / "entry_points.txt").write_text(points, encoding="utf-8")
    (folder / metadata / ("METADATA" if metadata.endswith(".dist-info") else "PKG-INFO")).write_text(head, encoding="utf-8")


@pytest.mark.parametrize("group", ["hrgcore", "console_scripts", "pytest11", "nonesuch"])
def test_those_of_this_environment(group: str) -> None:
    expected = {(point.name, point.value) for point in importlib.metadata.entry_points(group=group)}
    assert {(point.name, point.value) for point in entry_points(group)} == expected


def test_names_and_packages_of_this_environment() -> None:
    expected = {(p.name, p.dist.name, p.dist.version) for p in importlib.metadata.entry_points(group="console_scripts") if p.dist}
    assert {(point.name, *point.package()) for point in entry_points("console_scripts")} == expected


def test_first_installation_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Names of packages are the same whatever stands between their words; a folder that is not there holds nothing."""
    lay(tmp_path / "one", "al_pha-1.2.dist-info", "[hrgcore]\na = json\n")
    lay(tmp_path / "two", "Al.Pha.egg-info", "[hrgcore]\na = csv\n")
    lay(tmp_path / "two", "beta-1.dist-info", "[hrgcore]\nb = json : JSONDecoder.decode [extra]\n\n[other]\nc = csv\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / name) for name in ("none", "one", "two")])
    points = {point.name: point for point in entry_points("hrgcore")}
    assert {name: point.value for name, point in points.items()} == {"a": "json", "b": "json : JSONDecoder.decode"}
    assert points["a"].package() == ("Al-Pha", "1.2")
    assert points["a"].load() is sys.modules["json"]
    assert points["b"].load() is sys.modules["json"].JSONDecoder.decode


def test_comments_and_other_groups(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lay(tmp_path, "alpha-1.dist-info", POINTS)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert [(p.name, p.value) for p in entry_points("hrgcore")] == [("design", "alpha"), ("part", "alpha.parts : Plugin.make")]
