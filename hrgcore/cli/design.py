"""`hrg design`: tools for those who write designs."""

from __future__ import annotations

from collections.abc import Mapping

import click

from hrgcore.cli.lazy import LazyGroup

# command -> module that has a click command of the name `command`
COMMANDS: Mapping[str, str] = {
    "lint": "hrgcore.cli.lint",
    "calibrate": "hrgcore.cli.calibrate",
    "probe": "hrgcore.cli.probe",
    "mix": "hrgcore.cli.mix",
    "coverage": "hrgcore.cli.coverage",
    "witnesses": "hrgcore.cli.witnesses",
    "workbook": "hrgcore.cli.workbook",
    "import": "hrgcore.cli.import_",
    "diff": "hrgcore.cli.diff",
    "manual": "hrgcore.cli.manual",
    "new": "hrgcore.cli.new",
    "freeze": "hrgcore.cli.freeze",
}


@click.group("design", cls=LazyGroup, modules=COMMANDS)
def command() -> None:
    """Tools for authors of designs."""
