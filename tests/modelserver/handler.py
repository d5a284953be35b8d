"""One connection: reads requests, asks the server what each gets, and writes the bytes as they are due."""

import contextlib
import json
import select
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from tests.modelserver.packets import Packets, framed, packets_of
from tests.modelserver.reply import Gone, Raw, error
from tests.modelserver.request import ROLE_HEADER, Request

if TYPE_CHECKING:
    from tests.modelserver.server import Server

BODY_LIMIT = 64_000_000
READ_SECONDS = 30.0
"""How long a client may take to send its request, and to take its answer."""

QUESTIONS = ("/v1/chat/completions", "/chat/completions", "/infill")
"""Addresses where a model is asked."""


def handler_for(server: "Server") -> type[BaseHTTPRequestHandler]:
    """Return the class of the handlers of a server's connections."""

    class Handler(_Handler):
        owner = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    owner: "Server"
    protocol_version = "HTTP/1.1"
    timeout = READ_SECONDS
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the server has its own log."""

    def do_GET(self) -> None:
        self._page({})

    def do_HEAD(self) -> None:
        self._page({})

    def do_POST(self) -> None:
        body = self._body()
        if isinstance(body, Raw):
            self._write(Packets((framed(body),)))
            return
        path = self.path.partition("?")[0]
        if path not in QUESTIONS:
            self._page(body)
            return
        self._answer(Request(body, path, named_role=self.headers.get(ROLE_HEADER, "").lower()))

    def _answer(self, received: Request) -> None:
        request, entry = self.owner.receive(received)
        written, hung_up = 0, False
        try:
            served = self.owner.decide(request)
            self.owner.decided(request, entry, served)
            if isinstance(served.outcome, Gone):
                self.owner.die(served.outcome.seconds)
            written = self._write(packets_of(served.outcome, request, self.owner.dialect))
        except OSError:
            hung_up = True
            self.close_connection = True
        finally:
            self.owner.log.end(entry, written, hung_up)

    def _page(self, body: dict[str, Any]) -> None:
        path = self.path.partition("?")[0]
        page = self.owner.dialect.page(self.command, path, body, self.owner.offered())
        self.wfile.write(framed(page, body=self.command != "HEAD"))

    def _body(self) -> dict[str, Any] | Raw:
        """Read the request's body; what is wrong with it as the answer that it gets."""
        refuse = self.owner.dialect.refusal
        length = self.headers.get("content-length")
        if length is None or not length.isdigit():
            self.close_connection = True
            return refuse(error(411, "A request needs a content-length."))
        if int(length) > BODY_LIMIT:
            self.close_connection = True
            return refuse(error(413, "The request is too large."))
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            return refuse(error(400, "The body is not valid JSON."))
        return body if isinstance(body, dict) else refuse(error(400, "The body must be a JSON object."))

    def _write(self, packets: Packets) -> int:
        """Write the packets and return how many bytes they were; OSError when the client is gone meanwhile."""
        written = 0
        for part in packets.parts:
            if isinstance(part, bytes):
                self.wfile.write(part)  # one write: head and body apart would cost 40 ms (Nagle, delayed ACK)
                written += len(part)
            else:
                self._pause(part)
        if packets.end != "keep":
            self._cut(reset=packets.end == "reset")
        return written

    def _pause(self, seconds: float) -> None:
        """Stay silent; raises OSError when the client goes away or the server stops meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.owner.stopping.is_set():
                raise ConnectionAbortedError
            readable, _, _ = select.select([self.connection], [], [], min(left, 0.05))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionAbortedError

    def _cut(self, *, reset: bool) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            if reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()
