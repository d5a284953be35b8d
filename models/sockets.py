"""Breaking off from outside: a thread that waits for an answer cannot be asked to stop, but its socket can be shut."""

import contextlib
import socket
import threading
import weakref


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

    def break_off(self) -> None:
        """Shut every socket, now and from now on: whoever waits on one gets a network error."""
        with self._lock:
            self._broken = True
            for opened in self._sockets:
                _shut(opened)


def _shut(opened: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)  # the plain one: TLS would first take its state away
