"""One request to an endpoint and what comes of it: the answer as its reader makes it, or a fault; no exception."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from models.connections import Connections, Incoming, Unreachable
from models.faults import Fault, FaultKind, from_status, one_line
from models.replies import error_in

T = TypeVar("T")

MAX_ERROR = 64_000
"""Most bytes of an error answer that are read."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long one request may keep us waiting, in seconds.

    `answer`: for the first words of a streamed answer, for all of one that is not streamed. `idle`: between two
    pieces of a stream. `total`: for everything, None where the run has no limit.
    """

    answer: float
    idle: float
    total: float | None = None

    def until(self, start: float) -> float:
        """Return when (on the monotonic clock) an answer has to be complete that is not streamed."""
        return start + (self.answer if self.total is None else min(self.answer, self.total))


class Exchange:
    """Requests to one address, with its key. Safe for parallel lanes."""

    def __init__(self, base_url: str, api_key: str, *, connect_timeout: float) -> None:
        self._base_url = base_url
        self._key = api_key
        self._connections = Connections(base_url, connect_timeout=connect_timeout)

    def ask(
        self, path: str, body: bytes | None, waits: Waits, read: Callable[[Incoming, float], T | Fault]
    ) -> T | Fault:
        """Send one request (GET without a body) and have an answer of status 200 read.

        `path` is below the address; one that begins with "//" is beside its /v1. `read` gets the answer and the moment
        the request was sent; it may raise what connections raise.
        """
        if not (self._key.isascii() and self._key.isprintable()):
            return self.fault("key", "it holds characters that no key has")
        start = time.monotonic()
        try:
            wait = waits.until(start) - start
            with self._connections.send(self._target(path), body, self._headers(body), wait=wait) as incoming:
                if incoming.status != 200:
                    return self._refused(incoming, start + wait)
                return read(incoming, start)
        except Unreachable as error:
            return self.fault("tls" if error.tls else "down", str(error))
        except TimeoutError:
            return self.fault("timeout", f"no answer within {time.monotonic() - start:.1f} s")
        except http.client.IncompleteRead:
            return self.fault("network", "the answer ended before its end")
        except (OSError, http.client.HTTPException) as error:
            return self.fault("network", str(error) or type(error).__name__)
        except ValueError as error:
            return self.fault("down", f"{self._base_url} is no address: {error}")

    def fault(self, kind: FaultKind, message: str) -> Fault:
        """Return a fault whose message is short and holds no key."""
        return Fault(kind, one_line(message, self._key))

    def told(self, value: object) -> Fault | None:
        """Return the fault that a JSON value tells of (an error with status 200 or in a stream), None for another."""
        error = error_in(value)
        if error is None:
            return None
        said, code, status = error
        return from_status(status or 500, one_line(said, self._key), {}, code=code)

    def close(self) -> None:
        """Break off the requests on their way and close the connections; none is opened again."""
        self._connections.close()

    def _target(self, path: str) -> str:
        base = urlsplit(self._base_url).path.rstrip("/")
        return f"{base.removesuffix('/v1')}{path[1:]}" if path.startswith("//") else f"{base}{path}"

    def _headers(self, body: bytes | None) -> dict[str, str]:
        headers = {"accept": "application/json, text/event-stream", "user-agent": "opencode-orchestrator"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        return headers if body is None else {**headers, "content-type": "application/json"}

    def _refused(self, incoming: Incoming, end: float) -> Fault:
        """Return the fault that a status other than 200 tells of."""
        status = incoming.status
        if 300 <= status < 400:
            to = incoming.headers.get("location", "").partition("?")[0]
            return Fault("moved", one_line(f"{status}, to {to or 'nowhere'}", self._key), status)
        body = incoming.whole(end, MAX_ERROR)
        try:
            error = error_in(json.loads(body))
        except (ValueError, RecursionError):
            error = None
        said, code, _ = error or (_plain(body, incoming.headers), "", None)
        return from_status(status, one_line(said or f"status {status}", self._key), incoming.headers, code=code)


def encoded(body: Mapping[str, object]) -> bytes:
    """Return the bytes of a request's body; what no text can hold is replaced."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def is_page(body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether an answer is a page for people: of a proxy, a login, or another program at that address."""
    return "html" in headers.get("content-type", "").lower() or body[:200].lstrip().lower().startswith(
        (b"<!", b"<html")
    )


def _plain(body: bytes, headers: Mapping[str, str]) -> str:
    return "an HTML page" if is_page(body, headers) else body.decode("utf-8", "replace")
