"""The server: GET only, on 127.0.0.1 only, for whoever holds the link only."""

import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs, urlsplit

from orchestrator.faults import explained
from orchestrator.live.access import Access
from orchestrator.live.condition import version_of, version_of_all
from orchestrator.live.pages import Pages
from workspace.errors import RunAmbiguous, RunBroken, RunNotFound
from workspace.run import Run

LOOK = 0.25
"""Seconds between two looks for news."""

SHARE = 4
"""A page is made anew after this many times the seconds that it took: a long run does not keep the machine busy."""

STILL = 15.0
"""Seconds of silence after which a stream says that it lives, and finds out whether anybody listens."""

SLOW = 20.0
"""Seconds that a client may take to send its request, or to read on."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer says; each page names its style and its script in a policy of its own."""

REFUSED = "This page needs the link that `orchestrator runs serve` has printed."


class Server(ThreadingMixIn, TCPServer):
    """Serves the runs below a state directory until it is closed."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.pages = Pages(home)
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", port), Handler)
        self.access = Access(self.server_address[1])

    def server_close(self) -> None:
        """Close, and let every stream end."""
        self.closing.set()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle of an answer is no fault; what else fails has been answered."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    timeout = SLOW

    def do_GET(self) -> None:
        """Answer, or refuse."""
        address = urlsplit(self.path)
        query = parse_qs(address.query, keep_blank_values=True)
        access = self.server.access
        if not access.is_host(self.headers.get("Host", "")):
            self.say(HTTPStatus.FORBIDDEN, "Only 127.0.0.1 is served here.")
        elif "token" in query and access.opens(query["token"][0]):
            self.answer(HTTPStatus.SEE_OTHER, {"Location": address.path, "Set-Cookie": access.new_cookie()})
        elif not access.knows(self.headers.get("Cookie", "")):
            self.say(HTTPStatus.FORBIDDEN, REFUSED)
        else:
            self.show(address.path, query)

    def show(self, path: str, query: dict[str, list[str]]) -> None:
        """Answer a request of somebody who may look."""
        home, pages, since = self.server.home, self.server.pages, query.get("since", [""])[0]
        try:
            match path.removesuffix("/").split("/")[1:]:
                case []:
                    self.page(pages.list(every="all" in query))
                case ["changes"]:
                    self.stream(partial(version_of_all, home), since, pages.cost_of_list)
                case ["run", name]:
                    self.page(pages.of(Run.open(home, name)))
                case ["run", name, "changes"]:
                    run = Run.open(home, name)
                    self.stream(partial(version_of, run), since, partial(pages.cost_of, run))
                case _:
                    self.say(HTTPStatus.NOT_FOUND, "There is no such page.")
        except (RunNotFound, RunAmbiguous) as fault:
            self.say(HTTPStatus.NOT_FOUND, str(fault))
        except RunBroken as fault:
            self.say(HTTPStatus.CONFLICT, str(fault))
        except OSError:
            raise  # the browser has gone
        except Exception as fault:  # the edge of the thread
            self.say(HTTPStatus.INTERNAL_SERVER_ERROR, explained(fault)[0])

    def stream(self, version: Callable[[], str], known: str, cost: Callable[[], float]) -> None:
        """Tell of every change until the browser leaves or the server ends (server-sent events)."""
        self.answer(HTTPStatus.OK, {"Content-Type": "text/event-stream; charset=utf-8"})
        told = time.monotonic()
        while not self.server.closing.wait(max(LOOK, SHARE * cost())):
            now = version()
            if now != known:
                known, told = now, time.monotonic()
                self.wfile.write(f"event: change\ndata: {now}\n\n".encode())
            elif time.monotonic() - told > STILL:
                told = time.monotonic()
                self.wfile.write(b": still here\n\n")

    def page(self, html: bytes) -> None:
        """Answer with a page."""
        self.answer(HTTPStatus.OK, {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(html))})
        self.wfile.write(html)

    def say(self, status: HTTPStatus, text: str) -> None:
        """Answer with a sentence."""
        body = f"{text}\n".encode("utf-8", "replace")
        more = {"Allow": "GET"} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        self.answer(status, {**more, "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        """Begin an answer."""
        self.send_response(status)
        for name, value in {**HEADERS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request of ours, such as another method than GET."""
        unknown = code == HTTPStatus.NOT_IMPLEMENTED
        self.say(HTTPStatus.METHOD_NOT_ALLOWED if unknown else HTTPStatus(code), "Only GET is served here.")

    def version_string(self) -> str:
        """Who answers, without numbers."""
        return "orchestrator"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: an address may hold a token."""
