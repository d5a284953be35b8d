"""A page of a run that a browser has opened, and what it did that a page must not do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestrator.commands.report import secrets_of
from orchestrator.report.gather import gather
from orchestrator.report.page import page
from tests.written_run import Written

BUILD = Path(__file__).parent / "build"
"""Where pictures are kept, for people to look at."""

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


class Watched:
    """A tab; `allowed` says which addresses it may ask for."""

    def __init__(self, browser: Any, allowed: Callable[[str], bool], **options: Any) -> None:
        self.page = browser.new_page(**options)
        self.faults: list[str] = []
        self._allowed = allowed
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        self.page.on("request", self._requested)

    def _requested(self, request: Any) -> None:
        if not self._allowed(request.url):
            self.faults.append(request.url)

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.innerText")).split("\n")[0]

    def open_all(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")

    def keep(self, name: str) -> None:
        BUILD.mkdir(exist_ok=True)
        self.page.screenshot(path=BUILD / f"{name}.png", full_page=True)

    def barriers(self) -> list[str]:
        """What axe finds that keeps people out: serious and critical, with the elements that are meant."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {preload: false, resultTypes: ['violations']})")["violations"]
        return [
            f"{one['id']} ({one['impact']}): {json.dumps([node['html'][:160] for node in one['nodes'][:3]])}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]


class Seen(Watched):
    """The page that `report` writes, opened from the disk."""

    def __init__(self, browser: Any, written: Written, folder: Path, **options: Any) -> None:
        path = folder / "report.html"
        hide = secrets_of(written.run, written.home).hide
        path.write_text(page(gather(written.run, hide), hide), "utf-8")
        super().__init__(browser, lambda url: url.endswith("/report.html"), **options)
        self.address = path.as_uri()
        self.page.goto(self.address)
