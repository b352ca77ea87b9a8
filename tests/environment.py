"""An environment as a user has it: Python with hrgcore, the design 2024-25 and pytest, into which packages can be installed."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from pathlib import Path

import hrgcore

PROJECT = Path(__file__).parents[1]
PROGRAMS = {
    "hrg": "from hrgcore.cli import main; main(prog_name='hrg')",
    "pytest": "import pytest; raise SystemExit(pytest.main())",
}
# pip builds with the setuptools that is there, and asks no registry.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
}


class Environment:
    """A virtual environment over the packages of this one, with a folder to work in.

    Args:
        folder: for both.
        plugins: names of the plugins that are loaded beside the design 2024-25, once they are installed.
    """

    def __init__(self, folder: Path, *plugins: str) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        venv.create(folder / "venv", symlinks=True)
        self._bin = folder / "venv" / "bin"
        packages = next((folder / "venv").glob("lib/python*/site-packages"))
        own = sysconfig.get_path("purelib")
        (packages / "over.pth").write_text(f"import site; site.addsitedir({own!r})\n")
        for name, code in PROGRAMS.items():
            (self._bin / name).write_text(f"#!{self._bin / 'python'}\n{code}\n")
            (self._bin / name).chmod(0o755)
        allowed = ",".join(("design-2024-25", *plugins))
        self.variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "HRGCORE_", "PYTEST_"))},
            **OFFLINE,
            "PATH": f"{self._bin}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": str(Path(hrgcore.__file__).parents[1]),
            "HRGCORE_PLUGINS": allowed,
            "COLUMNS": "100",
        }

    def run(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """What a command of the shell does."""
        environment = {**self.variables, **variables}
        return subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def do(self, command: str, **variables: str) -> str:
        """The output of a command that must not fail."""
        done = self.run(command, **variables)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout
