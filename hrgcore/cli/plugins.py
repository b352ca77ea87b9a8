"""`hrg plugins`: what is installed."""

from __future__ import annotations

import click

from hrgcore.plugins import ALLOW_VARIABLE, host


@click.command("plugins")
def command() -> None:
    """Lists the installed plugins. HRGCORE_PLUGINS, if set, names the only ones to load, separated by commas."""
    installed = host().installed()
    if not installed:
        click.echo("No plugin is installed.")
    for plugin in installed:
        left_out = "" if plugin.allowed else f"  (left out by {ALLOW_VARIABLE})"
        click.echo(f"{plugin.name:<20} {plugin.package} {plugin.version}{left_out}")
