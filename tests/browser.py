"""Opens pages in a real browser: headless Chromium, if there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions", "--virtual-time-budget=3000"),
    *("--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1200,1600"),
)
# What the browser asks for of its own accord, whatever the page.
OWN_HOSTS = ("clients2.google.com", "update.googleapis.com", "accounts.google.com")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")


class Page(NamedTuple):
    """What came of opening a page: its elements after its scripts ran, what the console said, and what it asked networks for."""

    dom: str
    console: list[str]
    requests: list[str]

    @property
    def text(self) -> str:
        """Its visible words, roughly."""
        bare = re.sub(r"<(script|style)\b.*?</\1>", " ", self.dom, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare))


def open_page(path: Path, fragment: str = "") -> Page:
    """Opens a file in the browser."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory() as profile:
        log = Path(profile) / "net.json"
        done = subprocess.run(
            [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", f"--log-net-log={log}", "--dump-dom", path.as_uri() + fragment],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        found = set(re.findall(r'"url":"((?:https?|wss?|ftp)://[^"]*)"', log.read_text(errors="replace")))
        found = {url for url in found if urlsplit(url).hostname not in OWN_HOSTS}
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return Page(done.stdout, console, sorted(found))


def check_page(path: Path, fragment: str = "") -> Page:
    """Opens a page and fails if it had an error or asked for anything outside this machine's files."""
    page = open_page(path, fragment)
    assert page.console == []
    assert page.requests == []
    return page
