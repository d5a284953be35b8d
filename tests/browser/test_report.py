"""The page of a run in a real browser: it can be read, walked and printed, and nothing in it acts."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.browser.seen import BUILD, Seen
from tests.written_run import hostile, long, small

pytestmark = pytest.mark.browser

OPENS_WITHIN = 2.0
"""Seconds in which a long run is on the screen."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_its_window(browser: Any, tmp_path: Path, width: int, scheme: str) -> None:
    """No width scrolls sideways; the pictures are kept for people to look at."""
    seen = Seen(browser, small(tmp_path), tmp_path, viewport={"width": width, "height": 900}, color_scheme=scheme)
    seen.page.evaluate("document.querySelectorAll('details.attempt').forEach((one) => (one.open = true))")
    BUILD.mkdir(exist_ok=True)
    seen.page.screenshot(path=BUILD / f"report-{width}-{scheme}.png", full_page=True)
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    ground = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(19, 21, 22)") == (scheme == "dark")
    assert seen.faults == []


def test_keys_walk_the_attempts(browser: Any, tmp_path: Path) -> None:
    """Keys go from attempt to attempt, open one, turn colours and changes, and say what they are."""
    seen = Seen(browser, small(tmp_path), tmp_path)
    keyboard, run = seen.page.keyboard, seen.page.evaluate
    keyboard.press("Tab")
    assert seen.focused() == "Skip to the report"
    keyboard.press("j")
    assert seen.focused().startswith("Attempt 1")
    keyboard.press("ArrowDown")
    assert seen.focused().startswith("Attempt 2")
    keyboard.press("k")
    keyboard.press("Enter")
    assert run("document.activeElement.parentElement.open") is True
    assert run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    keyboard.press("s")
    assert seen.page.get_attribute("#split", "aria-pressed") == "true"
    left, right = run("[...document.querySelectorAll('.attempt[open] .change > *')].map((e) => e.offsetLeft)")
    assert left < right
    keyboard.press("d")
    assert run("document.documentElement.dataset.theme") == "dark"
    keyboard.press("?")
    assert run("document.getElementById('help').open") is True
    keyboard.press("Escape")
    assert run("document.getElementById('help').open") is False
    assert seen.faults == []


def test_hostile_text_executes_nothing(browser: Any, tmp_path: Path) -> None:
    """No dialog, no request, no element that the page does not have; the text can be read."""
    seen = Seen(browser, hostile(tmp_path), tmp_path, viewport={"width": 390, "height": 900})
    seen.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    for link in seen.page.query_selector_all("a[href]"):
        assert link.get_attribute("href").startswith("#")
    seen.page.wait_for_timeout(300)
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 390
    assert seen.faults == [] and seen.page.url == seen.address
    assert (
        seen.page.evaluate("document.querySelectorAll('script, img, iframe, object, [onload], [onerror]').length") == 1
    )
    assert "<script>alert('owned')</script>" in seen.page.inner_text("#attempts")


def test_the_policy_stops_what_is_put_in_later(browser: Any, tmp_path: Path) -> None:
    """Were anything to get in after all, the browser would not run or load it."""
    seen = Seen(browser, small(tmp_path), tmp_path)
    put_in = '<img id="in" src="x.png" onerror="alert(1)"><p id="red" style="color: rgb(255, 0, 0)">'
    seen.page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", put_in)
    seen.page.wait_for_timeout(300)
    refused = [fault for fault in seen.faults if "Content Security Policy" in fault]
    assert any("img-src" in text for text in refused) and any("style-src" in text for text in refused)
    assert "1" not in seen.faults
    assert seen.page.evaluate("getComputedStyle(document.getElementById('red')).color") != "rgb(255, 0, 0)"


def test_printing_opens_everything(browser: Any, tmp_path: Path) -> None:
    """Paper cannot be clicked, and is white."""
    seen = Seen(browser, small(tmp_path), tmp_path, color_scheme="dark")
    seen.page.emulate_media(media="print")
    assert seen.page.evaluate("document.querySelector('.attempt .diff').checkVisibility()") is True
    assert seen.page.evaluate("getComputedStyle(document.querySelector('.top')).display") == "none"
    assert seen.page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 31, 30)"


def test_a_long_run_opens_at_once(browser: Any, tmp_path: Path) -> None:
    """About 500 steps are loaded, laid out and drawn within two seconds."""
    seen = Seen(browser, long(tmp_path), tmp_path)
    started = time.perf_counter()
    seen.page.reload()
    seen.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert time.perf_counter() - started < OPENS_WITHIN
    assert seen.page.locator("details.attempt").count() == 120
