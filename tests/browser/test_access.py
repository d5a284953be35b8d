"""Whoever cannot see, or uses no mouse, reads the pages as well: axe finds nothing serious."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.seen import Seen, Watched
from tests.browser.test_live import Opened, served
from tests.written_run import hostile, small

pytestmark = pytest.mark.browser


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """The colours that the reader wants."""
    return str(request.param)


def walked(tab: Watched) -> list[str]:
    """The barriers of a page as it opens, with everything opened and side by side, and with its dialog."""
    found = tab.barriers()
    tab.open_all()
    tab.page.keyboard.press("s")
    found += tab.barriers()
    tab.page.keyboard.press("?")
    return found + tab.barriers()


@pytest.mark.parametrize("make", [small, hostile])
def test_the_report_keeps_nobody_out(browser: Any, tmp_path: Path, scheme: str, make: Any) -> None:
    """On a wide and on a narrow screen."""
    for width in (1280, 390):
        tab = Seen(
            browser,
            make(tmp_path / str(width)),
            tmp_path,
            color_scheme=scheme,
            viewport={"width": width, "height": 900},
        )
        assert walked(tab) == []


def test_the_live_pages_keep_nobody_out(browser: Any, tmp_path: Path, scheme: str) -> None:
    """The list, and a run that has not ended."""
    written = small(tmp_path)
    written.event("run.resumed")
    written.event("agent.started", lane="add", agent="fixer", attempt=2)
    with served(written.home) as server:
        tab = Opened(browser, server.access.link, color_scheme=scheme)
        assert walked(tab) == []
        tab = Opened(browser, server.access.link, f"/run/{written.run.id}", color_scheme=scheme)
        assert "fixer" in tab.page.inner_text(".now")
        assert walked(tab) == []
