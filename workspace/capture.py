"""Capture: output of any length in bounded memory."""

from collections import deque


class Capture:
    """Keeps the first and the last half of what is added, and knows how much lay between."""

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0

    @property
    def truncated(self) -> bool:
        """True when something lies between the two halves that was not kept."""
        return self._dropped > 0 or self._tail_size > self._half

    def add(self, block: bytes) -> None:
        """Take a block of bytes."""
        room = self._half - len(self._head)
        self._head += block[:room]
        if rest := block[room:]:
            self._tail.append(rest)
            self._tail_size += len(rest)
        while self._tail and self._tail_size - len(self._tail[0]) >= self._half:
            oldest = self._tail.popleft()
            self._tail_size -= len(oldest)
            self._dropped += len(oldest)

    def text(self) -> str:
        """What was kept, as text; a line in the middle says how much was cut."""
        tail = b"".join(self._tail)
        surplus = max(0, len(tail) - self._half)
        cut = self._dropped + surplus
        middle = f"\n[... {cut} bytes cut ...]\n".encode() if cut else b""
        return (bytes(self._head) + middle + tail[surplus:]).decode("utf-8", "replace")
