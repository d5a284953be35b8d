"""Connections to one address: opened when needed, kept for the next request, and broken off from outside."""

import http.client
import select
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, urlsplit

from models.sockets import OpenSockets

LOOPBACK = ("127.0.0.1", "localhost", "::1")

MAX_IDLE = 8
"""Most connections that are kept open for the next request."""

IDLE_SECONDS = 4.0
"""How long a connection is kept: less than the five seconds after which common servers close it."""

_PIECE = 65_536


class Unreachable(Exception):
    """No connection could be made; `tls` tells a certificate or protocol problem from an address nobody answers."""

    def __init__(self, message: str, *, tls: bool = False) -> None:
        super().__init__(message)
        self.tls = tls


class Incoming:
    """An answer on its way in: status and headers are here, the body comes in pieces. Closed by leaving `with`."""

    def __init__(self, home: "Connections", connection: http.client.HTTPConnection) -> None:
        self._home = home
        self._connection = connection
        self._socket = connection.sock  # http.client forgets it where the answer ends with the connection
        self._response = connection.getresponse()
        self.status = self._response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in self._response.getheaders()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        reusable = kind is None and self._ended() and not self._response.will_close
        self._response.close()
        if reusable:
            self._home.keep(self._connection)
        else:
            self._connection.close()

    def piece(self, wait: float) -> bytes:
        """Return the next bytes of the body, none at its end; raises TimeoutError after `wait` seconds of silence."""
        if self._ended():
            return b""
        if wait <= 0:
            raise TimeoutError
        self._socket.settimeout(wait)
        missing = self._response.length
        piece = self._response.read1(_PIECE)
        if not piece and missing:
            raise http.client.IncompleteRead(b"", missing)
        return piece

    def whole(self, end: float, limit: int) -> bytes:
        """Return the rest of the body, at most `limit` bytes; raises TimeoutError at `end` (monotonic clock)."""
        body = bytearray()
        while len(body) < limit and (piece := self.piece(end - time.monotonic())):
            body += piece
        return bytes(body[:limit])

    def _ended(self) -> bool:
        return self._response.isclosed() or self._response.length == 0


@dataclass(frozen=True, slots=True)
class _Kept:
    connection: http.client.HTTPConnection
    since: float


class Connections:
    """The connections to the host of an address. Safe for parallel lanes; proxies of the environment are honoured."""

    def __init__(self, url: str, *, connect_timeout: float) -> None:
        self._url = url
        self._connect_timeout = connect_timeout
        self._kept: list[_Kept] = []
        self._sockets = OpenSockets()
        self._tls: ssl.SSLContext | None = None
        self._prefix = ""
        self._closed = False
        self._lock = threading.Lock()

    def send(self, path: str, body: bytes | None, headers: Mapping[str, str], *, wait: float) -> Incoming:
        """Send one request (POST with a body, GET without) and wait for the headers of its answer.

        Raises Unreachable, TimeoutError after `wait` seconds of silence, OSError or HTTPException when it breaks off.
        """
        connection = self._kept_one() or self._opened(min(self._connect_timeout, wait))
        try:
            connection.sock.settimeout(wait)
            connection.request("GET" if body is None else "POST", f"{self._prefix}{path}", body, dict(headers))
            return Incoming(self, connection)
        except BaseException:
            connection.close()
            raise

    def keep(self, connection: http.client.HTTPConnection) -> None:
        """Keep a connection whose answer has been read to its end."""
        with self._lock:
            if not self._closed and len(self._kept) < MAX_IDLE and connection.sock is not None:
                self._kept.append(_Kept(connection, time.monotonic()))
                return
        connection.close()

    def close(self) -> None:
        """Break off what is on its way, now and from now on, and close what is kept."""
        self._sockets.break_off()
        with self._lock:
            self._closed, kept, self._kept = True, self._kept, []
        for each in kept:
            each.connection.close()

    def _kept_one(self) -> http.client.HTTPConnection | None:
        """Take a kept connection that the server has not closed meanwhile."""
        while True:
            with self._lock:
                if not self._kept:
                    return None
                kept = self._kept.pop()
            sock = kept.connection.sock
            if time.monotonic() - kept.since < IDLE_SECONDS and not select.select([sock], [], [], 0)[0]:
                return kept.connection
            kept.connection.close()

    def _opened(self, wait: float) -> http.client.HTTPConnection:
        try:
            connection = self._new(wait)
            connection.connect()
        except ssl.SSLEOFError as error:
            raise Unreachable(str(error)) from None
        except ssl.SSLError as error:
            raise Unreachable(getattr(error, "verify_message", "") or error.reason or str(error), tls=True) from None
        except TimeoutError:
            raise Unreachable(f"no connection within {wait:g} s") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable(str(error) or type(error).__name__) from None
        self._sockets.add(connection.sock)
        return connection

    def _new(self, wait: float) -> http.client.HTTPConnection:
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port
        if not host:
            raise ValueError("the address names no host")
        proxy = _proxy_for(parts)
        if proxy is None:
            return self._https(host, port, wait) if parts.scheme == "https" else _http(host, port, wait)
        if parts.scheme == "http":
            self._prefix = f"http://{parts.netloc.rpartition('@')[2]}"  # a proxy is told the whole address
            return _http(proxy.hostname or "", proxy.port, wait)
        tunnel = self._https(proxy.hostname or "", proxy.port, wait)
        tunnel.set_tunnel(host, port or 443, _proxy_headers(proxy))
        return tunnel

    def _https(self, host: str, port: int | None, wait: float) -> http.client.HTTPSConnection:
        with self._lock:
            if self._tls is None:
                self._tls = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=wait, context=self._tls)


def _http(host: str, port: int | None, wait: float) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(host, port, timeout=wait)


def _proxy_for(parts: SplitResult) -> SplitResult | None:
    """Return the proxy that the environment names for an address, None for none and for this machine."""
    host = parts.hostname or ""
    if host in LOOPBACK:
        return None
    from urllib.request import getproxies, proxy_bypass

    named = getproxies()
    proxy = named.get(parts.scheme) or named.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}")


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    import base64
    from urllib.parse import unquote

    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"proxy-authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
