"""The check of pages finds what it must find."""

from pathlib import Path

from browser import needs_browser, open_page


@needs_browser
def test_errors_and_requests_of_a_page_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text('<p>one</p><script>document.body.append(1 + 1); missing()</script><img src="https://example.org/a.png">')
    page = open_page(path)
    assert "one 2" in page.text
    assert len(page.console) == 1 and "missing is not defined" in page.console[0]
    assert page.requests == ["https://example.org/a.png"]


@needs_browser
def test_a_plain_page_has_none(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>one</p>")
    page = open_page(path)
    assert (page.console, page.requests) == ([], [])
