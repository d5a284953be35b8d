"""The server itself: a real socket on 127.0.0.1, many scenarios, a log of every request, and counters."""

import contextlib
import json
import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.modelserver import strict, wire
from tests.modelserver.reply import Broken, Outcome, Raw, Reply, error
from tests.modelserver.request import Request
from tests.modelserver.scenario import Scenario, Served

_BODY_LIMIT = 64_000_000
_READ_SECONDS = 30.0
"""How long a client may take to send its request."""


class Server:
    """A running model server, for `with Server(scenarios) as server: … server.base_url`.

    `requests` are the log entries in order of arrival. `counters` hold calls, answered, tokens, unmatched, refused
    (400 by strict mode), fault:KIND, concurrency (greatest), identical (most answers to one same request), repeated
    (requests whose bytes had been sent before) and after:MARK. `log` names a file for the entries as JSON lines,
    `life` ends the server by itself after so many seconds.
    """

    def __init__(
        self,
        scenarios: Iterable[Scenario] | Scenario = (),
        *,
        port: int = 0,
        log: Path | None = None,
        life: float | None = None,
    ) -> None:
        given = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
        self.scenarios = {scenario.name: scenario for scenario in given}
        self.requests: list[dict[str, Any]] = []
        self.counters: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._marks: list[str] = []
        self._open = 0
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._log = log
        self._life = life
        self._timer: threading.Timer | None = None
        self._stopping = threading.Event()
        self._httpd = _Listener(("127.0.0.1", port), _handler_for(self))
        self.port = self._httpd.server_address[1]
        self.root_url = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.root_url}/v1"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        if self._life is not None:
            self._timer = threading.Timer(self._life, self.stop)
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        """Stop serving; connections that hang are let go."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._timer is not None:
            self._timer.cancel()
        self._httpd.shutdown()
        self._httpd.server_close()

    def wait(self) -> None:
        """Block until the server is stopped."""
        self._stopping.wait()

    def mark(self, name: str) -> None:
        """From here on every request is counted as after:NAME (the run has finished, the budget is spent, …)."""
        with self._lock:
            self._marks.append(name)

    def bodies(self, role: str = "") -> list[dict[str, Any]]:
        """Return the bodies of the logged requests, of one agent if a role is given."""
        with self._lock:
            return [entry["body"] for entry in self.requests if not role or entry["role"] == role]

    def _receive(self, request: Request) -> tuple[Request, dict[str, Any]]:
        """Count and log a request before it is served."""
        with self._lock:
            counted = Request(request.body, request.path, self._sent[request.digest])
            self._sent[request.digest] += 1
            self._open += 1
            self.counters["calls"] += 1
            self.counters["repeated"] += counted.sent_before > 0
            self.counters["concurrency"] = max(self.counters["concurrency"], self._open)
            for name in self._marks:
                self.counters[f"after:{name}"] += 1
            entry: dict[str, Any] = {
                "order": len(self.requests),
                "time": time.time(),
                "scenario": counted.model,
                "role": counted.role,
                "stream": counted.stream,
                "digest": counted.digest,
                "sent_before": counted.sent_before,
                "body": counted.body,
            }
            self.requests.append(entry)
            self._changed.notify_all()
        return counted, entry

    def _decide(self, request: Request) -> Served:
        scenario = self.scenarios.get(request.model)
        if scenario is None:
            known = ", ".join(sorted(self.scenarios))
            return Served(
                error(404, f"There is no model {request.model!r}; there are {known}.", code="model_not_found"), ""
            )
        refused = strict.refused_parameter(request, scenario.refuses)
        if refused is None and scenario.strict and not request.infill:
            refused = strict.fault_of(request)
        if refused is not None:
            return Served(error(400, refused, kind="invalid_request_error"), "refused")
        return scenario.serve(request)

    def settled(self, *, requests: int, ended: int, timeout: float) -> bool:
        """Wait until so many requests have come and so many have ended; False if that takes longer than `timeout`."""
        with self._changed:
            return self._changed.wait_for(
                lambda: len(self.requests) >= requests and len(self.requests) - self._open >= ended, timeout
            )

    def _decided(self, request: Request, entry: dict[str, Any], served: Served) -> None:
        """Count what a request gets, before it gets it: a client that has its answer finds the counters right."""
        with self._lock:
            if isinstance(served.outcome, Reply) and not served.fault:
                self._answered[request.digest] += 1
                self.counters["answered"] += 1
                self.counters["identical"] = max(self.counters["identical"], self._answered[request.digest])
                self.counters["tokens"] += wire.usage_of(served.outcome, request)["total_tokens"]
            if served.fault:
                self.counters[f"fault:{served.fault}"] += 1
            self.counters["refused"] += served.rule == "refused"
            if isinstance(served.outcome, Raw) and b"no_rule_matched" in served.outcome.body:
                self.counters["unmatched"] += 1
            entry |= {"rule": served.rule, "fault": served.fault}

    def _ended(self, entry: dict[str, Any], written: int, hung_up: bool) -> None:
        """Complete the entry of a request and write it to the log."""
        with self._changed:
            self._open -= 1
            entry |= {"bytes": written, "hung_up": hung_up}
            self._changed.notify_all()
            if self._log is not None:
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(entry) + "\n")


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of the server."""


def _handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _READ_SECONDS
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            if self.path == "/v1/models":
                models = [{"id": name, "object": "model", "owned_by": "tests"} for name in server.scenarios]
                self._raw(Raw(200, json.dumps({"object": "list", "data": models}).encode()))
            else:
                self._raw(error(404, f"There is nothing at {self.path}."))

        def do_POST(self) -> None:
            request = self._parsed()
            if request is None:
                return
            request, entry = server._receive(request)
            written, hung_up = 0, False
            try:
                served = server._decide(request)
                server._decided(request, entry, served)
                written = self._send(served.outcome, request, entry["order"])
            except OSError:
                hung_up = True
                self.close_connection = True
            finally:
                server._ended(entry, written, hung_up)

        def _parsed(self) -> Request | None:
            length = int(self.headers.get("content-length") or 0)
            if length > _BODY_LIMIT:
                self._raw(error(413, "The request is too large."))
                return None
            try:
                body = json.loads(self.rfile.read(length))
            except ValueError:
                body = None
            if not isinstance(body, dict) or self.path not in ("/v1/chat/completions", "/infill"):
                self._raw(
                    error(400 if body is None else 404, "The body must be a JSON object, sent to a known address.")
                )
                return None
            return Request(body, self.path)

        def _send(self, outcome: Outcome, request: Request, number: int) -> int:
            match outcome:
                case Raw():
                    return self._raw(outcome)
                case Broken():
                    return self._broken(outcome, request, number)
                case Reply():
                    self._pause(outcome.delay)
                    return self._reply(outcome, request, number)

        def _reply(self, reply: Reply, request: Request, number: int) -> int:
            if not request.stream:
                return self._raw(Raw(200, wire.body(reply, request, number)))
            data = self._stream_head() + b"".join(wire.events(reply, request, number))
            self.wfile.write(data)
            return len(data)

        def _broken(self, outcome: Broken, request: Request, number: int) -> int:
            self.close_connection = True
            if outcome.how in ("reset_before", "silence"):
                self._pause(outcome.seconds)
                self._cut(reset=False)
                return 0
            if request.stream:
                whole = list(wire.events(outcome.reply, request, number))
                data = self._stream_head() + b"".join(whole[: max(1, len(whole) // 2)])
            else:
                body = wire.body(outcome.reply, request, number)
                data = self._head(Raw(200, body)) + body[: len(body) // 2]
            if outcome.how == "reset_after":
                data = data[: data.index(b"\r\n\r\n") + 4]
            self.wfile.write(data)
            self._pause(outcome.seconds if outcome.how == "stall" else 0.0)
            self._cut(reset=outcome.how == "reset_after")
            return len(data)

        def _raw(self, answer: Raw) -> int:
            data = self._head(answer) + answer.body
            self.wfile.write(data)  # head and body in one write: two would cost 40 ms (Nagle, delayed ACK)
            return len(data)

        def _head(self, answer: Raw) -> bytes:
            lines = [
                f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('Status',))[0]}",
                f"content-type: {answer.content_type}",
                f"content-length: {len(answer.body)}",
                *(f"{name}: {value}" for name, value in answer.headers.items()),
            ]
            return ("\r\n".join(lines) + "\r\n\r\n").encode()

        def _stream_head(self) -> bytes:
            self.close_connection = True
            return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"

        def _pause(self, seconds: float) -> None:
            """Stay silent; raises OSError when the client goes away or the server stops meanwhile."""
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                if server._stopping.is_set():
                    raise ConnectionAbortedError
                readable, _, _ = select.select([self.connection], [], [], min(left, 0.05))
                if readable and not self.connection.recv(1, socket.MSG_PEEK):
                    raise ConnectionAbortedError

        def _cut(self, *, reset: bool) -> None:
            if reset:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            with contextlib.suppress(OSError):
                if not reset:
                    self.connection.shutdown(socket.SHUT_RDWR)
            self.connection.close()

    return Handler
