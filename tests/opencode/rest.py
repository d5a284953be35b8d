"""`opencode serve` as a program from outside sees it: REST calls, and the stream of events."""

import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.opencode.world import OpenCode

Event = dict[str, Any]
Fits = Callable[[Event], bool]


@dataclass
class Rest:
    """A running server, and every event that it has sent."""

    url: str
    directory: str
    events: list[Event] = field(default_factory=list)
    heard: threading.Condition = field(default_factory=threading.Condition)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One call; a refusal as its status and text."""
        try:
            with urllib.request.urlopen(self._request(method, path, body), timeout=120) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            with refused:
                return {"status": refused.code, "text": refused.read().decode()}

    def session(self) -> str:
        """A new session; with a title, so that no model is asked for one."""
        return str(self.call("POST", "/session", {"title": "t"})["id"])

    def command(self, session: str, name: str, text: str = "") -> threading.Thread:
        """Give a command; it ends when the turn ends."""
        body = {"command": name, "arguments": text}
        thread = threading.Thread(target=self.call, args=("POST", f"/session/{session}/command", body), daemon=True)
        thread.start()
        return thread

    def messages(self, session: str) -> list[dict[str, Any]]:
        """The messages of a session."""
        return list(self.call("GET", f"/session/{session}/message"))

    def wait(self, fits: Fits, seconds: float = 60) -> Event:
        """The first event that fits, of those that came already and those to come."""
        with self.heard:
            found = self.heard.wait_for(lambda: next(filter(fits, self.events), None), seconds)
        assert found, f"nothing of the kind in {[e['type'] for e in self.events[-20:]]}"
        return dict(found)

    def progress(self) -> list[str]:
        """The texts of the progress part so far."""
        parts = [e["properties"]["part"] for e in self.events if e["type"] == "message.part.updated"]
        return [part["text"] for part in parts if part["type"] == "text" and part.get("metadata", {}).get("auto")]

    def listen(self) -> None:
        """Take in events until the server ends."""
        try:
            with urllib.request.urlopen(self._request("GET", "/event"), timeout=120) as stream:
                for line in stream:
                    if line.startswith(b"data:"):
                        with self.heard:
                            self.events.append(json.loads(line[5:]))
                            self.heard.notify_all()
        except OSError:
            return

    def _request(self, method: str, path: str, body: object = None) -> urllib.request.Request:
        where = f"{self.url}{path}?{urllib.parse.urlencode({'directory': self.directory})}"
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.Request(where, method=method, data=data, headers={"content-type": "application/json"})


@contextmanager
def served(opencode: OpenCode) -> Iterator[Rest]:
    """Serve the project."""
    process = opencode.start("serve", "--port", "0", "--hostname", "127.0.0.1")
    try:
        rest = Rest(address_of(process), str(opencode.project))
        listener = threading.Thread(target=rest.listen, daemon=True)
        listener.start()
        rest.wait(lambda event: event["type"] == "server.connected")
        yield rest
    finally:
        process.kill()
        process.communicate()
        time.sleep(0.1)


def address_of(process: "subprocess.Popen[str]") -> str:
    """The address that a server names once it listens."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"listening on (http://[\d.:]+)", line):
            return found[1]
    raise AssertionError(process.communicate()[1])
