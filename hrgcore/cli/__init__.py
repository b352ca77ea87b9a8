"""The command line: `hrg`. One module a command; each loads only what it needs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from hrgcore.errors import HRGError

try:
    import click
except ImportError:  # the core is installed without its command line
    sys.exit("The command line needs click and rich: install hrgcore[cli].")

from hrgcore.cli.lazy import LazyGroup

# command -> module that has a click command of the name `command`
COMMANDS: Mapping[str, str] = {
    "group": "hrgcore.cli.group",
    "compare": "hrgcore.cli.compare",
    "explain": "hrgcore.cli.explain",
    "json": "hrgcore.cli.json",
    "conform": "hrgcore.cli.conform",
    "evaluate": "hrgcore.cli.evaluate",
    "profile": "hrgcore.cli.profile",
    "summarise": "hrgcore.cli.summarise",
    "fields": "hrgcore.cli.fields",
    "designs": "hrgcore.cli.designs",
    "plugins": "hrgcore.cli.plugins",
    "design": "hrgcore.cli.design",
}


class _Hrg(LazyGroup):
    """The commands of this package; those of plugins are asked for last."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(set(self._from_plugins().commands) - set(COMMANDS))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or self._from_plugins().commands.get(name)

    @staticmethod
    def _from_plugins() -> click.Group:
        from hrgcore.plugins import host

        group = click.Group()
        try:
            host().hook.hrgcore_commands(group=group)
        except HRGError as error:  # asked for by --help too, before `invoke`
            raise click.ClickException(str(error)) from None
        return group

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HRGError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Hrg, modules=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hrgcore")
def main() -> None:
    """Groups hospital episodes to Healthcare Resource Groups (HRG4+).

    Designs are open reconstructions of the annual HRG designs, not the official product.

    \b
    Examples:
      hrg group apc.csv -o out.csv           the official set of files from a file of episodes
      hrg explain --age 40 --days 0 -d M5490 why a case gets its HRG
      hrg designs                            which designs are installed
    """
