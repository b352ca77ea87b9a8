"""Every design package under designs/ passes the tests of the author's kit."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hrgcore.plugins import host
from hrgcore.testing import DesignTests

PROJECT = Path(__file__).parents[2]
WITNESSES = PROJECT / "tests" / "golden" / "witnesses"  # `make golden` writes them
FOLDERS = {
    tomllib.loads(path.read_text(encoding="utf-8"))["name"]: path.parent
    for path in sorted((PROJECT / "designs").glob("*/*/design.toml"))
}


class Shipped(DesignTests):
    """The witnesses stand together; `tests/golden` has the snapshot of all designs, `tests/property` compares the engine."""

    files = 0

    def kept_file(self, name: str) -> Path | None:
        return WITNESSES / f"{self.subject.design.name}.csv" if name == "witnesses.csv" else None


class Test2021(Shipped):
    design = FOLDERS["2021-22"]


class Test2022(Shipped):
    design = FOLDERS["2022-23"]


class Test2023(Shipped):
    design = FOLDERS["2023-24"]


class Test2024(Shipped):
    design = FOLDERS["2024-25"]


class Test2025(Shipped):
    design = FOLDERS["2025-26"]


def test_the_installed_designs_are_those_of_the_project() -> None:
    assert sorted(FOLDERS) == sorted(host().designs()) == sorted(path.stem for path in WITNESSES.glob("*.csv"))
