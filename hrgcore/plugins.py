"""The plugin host: finds plugins by entry points, loads them when first needed, and keeps an allow-list.

`HRGCORE_PLUGINS`, if set, lists by name the only plugins to load (separated by commas); empty means none. `HRGCORE_DESIGN`,
if set, names the design to use where none is named.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pluggy

from hrgcore import hookspecs
from hrgcore.entrypoints import EntryPoint, entry_points
from hrgcore.errors import ArgumentError, DesignError, HRGError, PluginError

if TYPE_CHECKING:
    from hrgcore.design import Design
    from hrgcore.design.design import Adjustment
    from hrgcore.prices import PriceBook

ALLOW_VARIABLE = "HRGCORE_PLUGINS"
DESIGN_VARIABLE = "HRGCORE_DESIGN"
_lock = threading.RLock()


class PluginInfo(NamedTuple):
    """An installed plugin: its name, the package that brings it and its version, and whether the allow-list lets it load."""

    name: str
    package: str
    version: str
    allowed: bool


class PluginHost:
    """All plugins of a process. Use `host()`; tests make their own."""

    def __init__(self, *, discover: bool = True) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._discover = discover
        self._loaded = not discover
        self._designs: dict[tuple[str, tuple[str, ...]], Design] = {}
        self._books: dict[str, PriceBook] = {}

    def register(self, plugin: object, name: str) -> None:
        """Adds a plugin by hand, as tests and embedding programs do.

        Raises:
            PluginError: the name is taken, or a function does not fit a hook.
        """
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except ValueError:
            raise PluginError(f"a plugin named {name!r} is there already", cure="Choose another name.") from None
        except pluggy.PluginValidationError as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            raise PluginError(
                f"does not fit the hooks: {str(error).splitlines()[-1]}", place=f"plugin {name}", cure="See hrgcore.hookspecs."
            ) from None

    def installed(self) -> list[PluginInfo]:
        """The plugins found by entry points, loaded or not, by name."""
        return sorted(
            (PluginInfo(entry.name, *entry.package(), _allowed(entry.name)) for entry in self._entry_points()),
            key=lambda info: info.name,
        )

    def _entry_points(self) -> list[EntryPoint]:
        return entry_points(hookspecs.PROJECT) if self._discover else []

    @property
    def hook(self) -> Any:
        """The hooks of all allowed plugins, which are loaded now if they are not yet."""
        with _lock:
            if not self._loaded:
                self._load()
                self._loaded = True
        return self._manager.hook

    def _load(self) -> None:
        """Loads all or none, so that the error of a broken plugin is the same at every try."""
        entries = sorted((entry for entry in self._entry_points() if _allowed(entry.name)), key=lambda entry: entry.name)
        plugins = [self._import(entry) for entry in entries]
        registered: list[object] = []
        try:
            for entry, plugin in zip(entries, plugins, strict=True):
                self.register(plugin, entry.name)
                registered.append(plugin)
        except PluginError:
            for plugin in registered:
                self._manager.unregister(plugin)
            raise

    @staticmethod
    def _import(entry: EntryPoint) -> object:
        try:
            return entry.load()
        except Exception as error:
            raise PluginError(
                f"cannot be loaded: {type(error).__name__}: {error}",
                place=f"plugin {entry.name}",
                cure=f"Mend or uninstall it, or leave it out with {ALLOW_VARIABLE}.",
            ) from error

    def designs(self) -> dict[str, Path]:
        """Every offered design: name to folder.

        Raises:
            PluginError: two plugins offer the same name.
        """
        offered = self._offered(self.hook.hrgcore_designs, "a design")
        return {name: Path(folder) for name, folder in sorted(offered.items())}

    @staticmethod
    def _offered(hook: pluggy.HookCaller, what: str) -> dict[str, Any]:
        """What all plugins offer by a hook, by name.

        Raises:
            PluginError: two of them offer the same name.
        """
        found: dict[str, tuple[str, Any]] = {}
        for implementation in hook.get_hookimpls():
            for name, offer in (call(implementation) or {}).items():
                if name in found:
                    first, second = sorted((found[name][0], implementation.plugin_name))
                    raise PluginError(
                        f"plugins {first!r} and {second!r} both offer {what} named {name!r}",
                        cure=f"Uninstall one of them, or choose with {ALLOW_VARIABLE}.",
                    )
                found[name] = (implementation.plugin_name, offer)
        return {name: offer for name, (_, offer) in found.items()}

    def offered_by(self, design: str) -> str:
        """Name of the plugin that offers a design."""
        for implementation in self.hook.hrgcore_designs.get_hookimpls():
            if design in (call(implementation) or {}):
                return str(implementation.plugin_name)
        return ""

    def folder(self, design: str) -> Path:
        """The folder of a design.

        Raises:
            DesignError: no plugin offers it.
        """
        offered = self.designs()
        if design not in offered:
            known = ", ".join(offered) or "none"
            raise DesignError(
                f"no design named {design!r} is installed (installed: {known})",
                cure="Install its package, or choose one of these.",
            )
        return offered[design]

    def default_design(self) -> str:
        """The design to use where none is named.

        It is the one that the environment variable `HRGCORE_DESIGN` names; else the only one installed; else the only one that is
        not an overlay of another, such as a year that the other years are laid over.

        Raises:
            DesignError: none is installed, or several could be meant.
        """
        from hrgcore.design.manifest import read_manifest

        if named := os.environ.get(DESIGN_VARIABLE):
            return named
        offered = self.designs()
        if not offered:
            raise DesignError("no design is installed", cure="Install a design package, such as hrgdesign-2024-25.")
        whole = [name for name, folder in offered.items() if len(offered) == 1 or not read_manifest(folder).base]
        if len(whole) != 1:
            raise DesignError(
                f"several designs are installed: {', '.join(offered)}", cure=f"Name the one to use, or set {DESIGN_VARIABLE}."
            )
        return whole[0]

    def adjustments(self, design: str) -> list[tuple[str, Adjustment]]:
        """What plugins lay over the tables of a design, by plugin name."""
        found = []
        for implementation in self.hook.hrgcore_adjust_tables.get_hookimpls():
            tables: Mapping[str, Any] | None = call(implementation, design=design)
            if tables:
                found.append((str(implementation.plugin_name), tables))
        return sorted(found, key=lambda item: item[0])

    def load_design(self, name: str) -> Design:
        """Loads a design, with what plugins adjust; the same object on every call."""
        from hrgcore.design import load_design

        with _lock:
            folder, adjustments = self.folder(name), self.adjustments(name)
            key = name, tuple(plugin for plugin, _ in adjustments)
            if key not in self._designs:
                self._designs[key] = load_design(folder, find_base=self.folder, adjustments=adjustments)
            return self._designs[key]

    def price_books(self) -> list[str]:
        """Names of the books of prices that plugins offer.

        Raises:
            PluginError: two plugins offer the same name.
        """
        return sorted(self._offered_books())

    def price_book(self, name: str) -> PriceBook:
        """A book of prices; the same object on every call.

        Raises:
            ArgumentError: no plugin offers it.
        """
        with _lock:
            if name not in self._books:
                offered = self._offered_books()
                if name not in offered:
                    known = ", ".join(sorted(offered)) or "none"
                    raise ArgumentError(
                        f"no book of prices named {name!r} is installed (installed: {known})",
                        place="prices",
                        cure="Install a package that brings it, such as hrgcore-costs, or choose one of these.",
                    )
                self._books[name] = offered[name]()
            return self._books[name]

    def _offered_books(self) -> dict[str, Callable[[], PriceBook]]:
        return self._offered(self.hook.hrgcore_price_books, "prices")


def call(implementation: pluggy.HookImpl, **arguments: Any) -> Any:
    """Calls one implementation of a hook with those arguments that it takes, as pluggy does.

    Raises:
        PluginError: it raised an exception of its own.
    """
    try:
        return implementation.function(**{name: arguments[name] for name in implementation.argnames})
    except HRGError:
        raise
    except Exception as error:
        raise PluginError(
            f"{implementation.function.__name__} failed: {type(error).__name__}: {error}",
            place=f"plugin {implementation.plugin_name}",
            cure=f"Mend the plugin, or leave it out with {ALLOW_VARIABLE}.",
        ) from error


def _allowed(name: str) -> bool:
    listed = os.environ.get(ALLOW_VARIABLE)
    return listed is None or name in {part.strip() for part in listed.split(",")}


_HOST = PluginHost()


def host() -> PluginHost:
    """The host of this process, for all its threads."""
    return _HOST
