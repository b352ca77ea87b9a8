"""`hrg designs`: what is installed."""

from __future__ import annotations

import click

from hrgcore.design.manifest import read_manifest
from hrgcore.errors import DesignError
from hrgcore.plugins import host


@click.command("designs")
def command() -> None:
    """Lists the installed designs: name, version, label, the plugin that brings each, and its base if it is an overlay."""
    designs = host().designs()
    if not designs:
        click.echo("No design is installed. Install a design package, such as hrgdesign-2024-25.")
    for name, folder in designs.items():
        try:
            manifest = read_manifest(folder)
        except DesignError as error:
            click.echo(f"{name:<12} broken: {error}")
            continue
        base = f", changes of {manifest.base}" if manifest.base else ""
        editions = f"{manifest.icd10}, {manifest.opcs4}{base}"
        click.echo(f"{name:<12} {manifest.version:<8} {manifest.label} ({editions}) from plugin {host().offered_by(name)}")
