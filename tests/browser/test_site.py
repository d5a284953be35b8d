"""The documentation as a reader sees it: the graph is drawn, from a server and from a file alike."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SITE = Path(__file__).parents[2] / "site"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (SITE / "HOW.html").exists(), reason="the site is not built (make docs)"),
]


@pytest.fixture
def address() -> Iterator[str]:
    """The site, served."""
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("kind", ["served", "file"])
def test_the_graph_is_drawn(browser: Any, address: str, kind: str) -> None:
    """Not shown as text, no error in its place, nothing asked of other machines."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/HOW.html" if kind == "served" else (SITE / "HOW.html").as_uri())
    page.wait_for_selector("div.mermaid")
    page.wait_for_function("document.querySelector('div.mermaid').getBoundingClientRect().height > 200")
    said = page.inner_text("main")
    assert "Syntax error" not in said and "orchestrator -." not in said
    assert page.query_selector("pre.mermaid") is None
    assert all(url.startswith((address, "file:", "data:", "blob:")) for url in asked), asked
    page.close()
