"""Breaking off from outside: a thread that waits for an answer cannot be asked to stop, but its socket can be shut."""

import contextlib
import socket
import threading
import weakref
from collections.abc import Mapping


class OpenSockets:
    """The sockets on which answers are awaited. Safe for threads."""

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._broken = False
        self._lock = threading.Lock()

    def add(self, opened: socket.socket) -> None:
        """Watch a socket; after `break_off` it is shut at once."""
        with self._lock:
            self._sockets.add(opened)
            if self._broken:
                _shut(opened)

    def trace(self, event: str, info: Mapping[str, object]) -> None:
        """Watch the socket of a new connection; a trace function as httpx2 calls it, for TCP and again for TLS."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            opened = getattr(info["return_value"], "get_extra_info", lambda name: None)("socket")
            if isinstance(opened, socket.socket):
                self.add(opened)

    def break_off(self) -> None:
        """Shut every socket, now and from now on: whoever waits on one gets a network error."""
        with self._lock:
            self._broken = True
            for opened in self._sockets:
                _shut(opened)


def _shut(opened: socket.socket) -> None:
    with contextlib.suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
