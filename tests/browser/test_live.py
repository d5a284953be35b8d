"""The pages that `runs serve` shows, in a real browser: they follow their runs, and nothing in them acts."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.live.server import Server
from tests.browser.seen import Watched
from tests.faults.scene import CHECK, SMALL
from tests.live import served
from tests.modelserver.rules import FaultRule
from tests.modelserver.server import Server as ModelServer
from tests.world import World
from tests.written_run import Written, hostile, long, small

pytestmark = pytest.mark.browser

OPENS_WITHIN = 2.0
"""Seconds in which a long run is on the screen."""


class Opened(Watched):
    """A tab that has opened the link of a server."""

    def __init__(self, browser: Any, link: str, path: str = "", **options: Any) -> None:
        self.origin = link.partition("/?")[0]
        super().__init__(browser, lambda url: url.startswith(f"{self.origin}/"), **options)
        self.page.goto(link)
        if path:
            self.page.goto(f"{self.origin}{path}")

    def waits_for(self, script: str, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not self.page.evaluate(script):
            assert time.monotonic() < end, self.page.inner_text("main")
            self.page.wait_for_timeout(50)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A run of two attempts that has ended."""
    return small(tmp_path)


@pytest.fixture
def serving(written: Written) -> Iterator[Server]:
    """A server over that run."""
    with served(written.home) as server:
        yield server


def test_a_page_follows_a_run_to_its_end(browser: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The list shows a run as it begins, its page what the agents do, what is opened stays open, and the end comes."""
    world = World(tmp_path)
    SMALL.write(world.project)
    serve = world.start("runs", "serve", "--no-browser")
    request.addfinalizer(serve.kill)
    assert serve.stdout is not None
    tab = Opened(browser, serve.stdout.readline().split()[-1], viewport={"width": 1280, "height": 900})
    assert "There is no run yet" in tab.page.inner_text("main")

    slow = FaultRule("slow", role="coder", options={"seconds": 0.2})
    with ModelServer(SMALL.scenario().under([slow])) as model:
        world.env |= {"OPENAI_BASE_URL": model.base_url, "ORCHESTRATOR_MODEL": "shop", "OPENAI_API_KEY": "k-for-tests"}
        run = world.start("auto", SMALL.request, "--check", CHECK, "--json")
        tab.waits_for("document.querySelector('main').innerText.includes('in progress')")
        tab.keep("list-1280-light")
        tab.page.click("a.run-link")
        tab.waits_for("/coder/.test((document.querySelector('.now') || {}).innerText)")
        tab.page.evaluate("document.querySelector('#timeline details').open = true")
        tab.keep("live-1280-light")
        tab.waits_for("document.querySelector('.outcome').innerText === 'verified'", 60)
        out, _ = run.communicate(timeout=60)

    assert run.returncode == 0, out
    assert tab.page.evaluate("document.querySelector('#timeline details').open") is True
    assert "applied to the folder" in tab.page.inner_text("#files")
    assert tab.page.locator("details.attempt.is-passed").count() == 1
    assert tab.page.inner_text("#live") == "Live" and tab.page.title().startswith("verified")
    assert tab.faults == []
    serve.terminate()
    told, _ = serve.communicate(timeout=10)
    assert serve.returncode == 0 and "Ended." in told
    tab.waits_for("document.getElementById('live').innerText === 'Not updated any more'")


def test_what_the_reader_does_is_left_alone(browser: Any, written: Written, serving: Server) -> None:
    """News comes in around an opened attempt and a chosen element; no news touches nothing."""
    tab = Opened(browser, serving.access.link, f"/run/{written.run.id}")
    tab.page.keyboard.press("j")
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.press("s")
    tab.page.evaluate("window.opened = document.activeElement")

    written.event("run.resumed")
    written.turn("add", "fixer", 2, "Once more.", "calc.py: return b + a")
    written.verdict("add", 3, written.base, "too clever")

    tab.waits_for("document.querySelectorAll('details.attempt').length === 3", 5)
    assert tab.page.evaluate("document.activeElement === window.opened && window.opened.parentElement.open") is True
    assert tab.page.get_attribute("#split", "aria-pressed") == "true"
    tab.page.keyboard.press("j")
    tab.page.keyboard.press("j")
    assert tab.focused().startswith("Attempt 3")
    assert tab.faults == []


def test_a_run_that_is_hostile_does_nothing(browser: Any, tmp_path: Path) -> None:
    """No dialog, no request elsewhere, no element that the page does not have, in the list, the page and its news."""
    written = hostile(tmp_path)
    with served(written.home) as server:
        tab = Opened(browser, server.access.link, viewport={"width": 390, "height": 900})
        assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
        tab.page.click("a.run-link")
        version = tab.page.evaluate("document.documentElement.dataset.version")
        written.turn("t2", "coder", 1, "<img src=x onerror=alert(9)>", "<script>alert(9)</script>")
        written.event("warning", text="<img src=x onerror=alert(10)>")
        tab.waits_for(f"document.documentElement.dataset.version !== '{version}'", 10)
        tab.open_all()
        tab.page.wait_for_timeout(300)
        assert "<img src=x onerror=alert(10)>" in tab.page.inner_text("main")
        assert tab.page.evaluate("document.querySelectorAll('script, img, iframe, [onload], [onerror]').length") == 1
        assert tab.page.evaluate("document.documentElement.scrollWidth") == 390
        assert tab.faults == [] and tab.page.url.startswith(f"{tab.origin}/run/")


def test_another_site_reads_nothing(browser: Any, written: Written, serving: Server) -> None:
    """A page of another origin in the same browser gets no answer that it may read, frame or write to."""
    tab = Opened(browser, serving.access.link)
    here, there = tab.origin, tab.origin.replace("127.0.0.1", "localhost")
    tab.page.goto(there)
    assert "needs the link" in tab.page.inner_text("body")
    read = "(url) => fetch(url, {credentials: 'include'}).then((said) => said.text(), () => 'refused')"
    assert tab.page.evaluate(read, f"{here}/run/{written.run.id}") == "refused"


def test_a_long_run_opens_at_once(browser: Any, tmp_path: Path) -> None:
    """About 500 steps are gathered, sent, laid out and drawn within two seconds."""
    written = long(tmp_path)
    with served(written.home) as server:
        tab = Opened(browser, server.access.link)
        started = time.perf_counter()
        tab.page.goto(f"{tab.origin}/run/{written.run.id}")
        tab.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        took = time.perf_counter() - started
        assert tab.page.locator("details.attempt").count() == 120
        assert took < OPENS_WITHIN


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_fit_their_window(browser: Any, written: Written, serving: Server, width: int, scheme: str) -> None:
    """No width scrolls sideways; the pictures are kept for people to look at."""
    tab = Opened(browser, serving.access.link, viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab.keep(f"list-{width}-{scheme}")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
    tab.page.click("a.run-link")
    tab.keep(f"live-{width}-{scheme}")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
    assert re.search(r"verified\s+Repair add", tab.page.inner_text("main"))
    assert tab.faults == []
