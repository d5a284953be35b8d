"""Server-sent events: bytes in pieces of any size become the JSON values that they carry."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LINE = 8_000_000
"""Longest line of a stream in bytes; a longer one is no event of this protocol."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """An event whose data is no JSON."""

    text: str


class Done:
    """The event that ends a stream."""


class EventStream:
    """Reads one stream. Events may share a packet, be split over several, or split inside a character.

    Tolerant of comments, of every line ending, and of servers that leave out the blank line between two events.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[object]:
        """Take in bytes; yields each event that they complete: its JSON value, Done or Malformed."""
        self._rest += piece
        for line in self._complete_lines():
            yield from self._line(line.decode("utf-8", "replace"))

    def end(self) -> Iterator[object]:
        """Yield what the end of the stream completes: a last line without its line ending."""
        line, self._rest = bytes(self._rest), bytearray()
        yield from self._line(line.rstrip(b"\r").decode("utf-8", "replace"))
        yield from self._line("")

    def _complete_lines(self) -> Iterator[bytes]:
        """Take the lines that have ended; a CR at the very end waits for its LF."""
        while (end := _line_end(self._rest)) is not None:
            line, self._rest = bytes(self._rest[: end[0]]), self._rest[end[1] :]
            yield line
        if len(self._rest) > MAX_LINE:
            self._rest.clear()
            yield b"data: (a line that is too long)"
            yield b""

    def _line(self, line: str) -> Iterator[object]:
        field, _, value = line.partition(":")
        if field in ("data", "error"):  # "error:" is how older servers of llama.cpp tell a failure in mid-stream
            self._data.append(value.removeprefix(" "))
            event = _event("\n".join(self._data))
            if not isinstance(event, Malformed):
                self._data.clear()
                yield event
        elif not line and self._data:
            text = "\n".join(self._data)
            self._data.clear()
            if text.strip():
                yield Malformed(text)


def _line_end(buffer: bytearray) -> tuple[int, int] | None:
    """Return where the first line ends and where the next begins; None while it may still go on."""
    lf, cr = buffer.find(b"\n"), buffer.find(b"\r")
    if cr < 0 or (0 <= lf < cr):
        return (lf, lf + 1) if lf >= 0 else None
    if cr + 1 == len(buffer):
        return None
    return cr, cr + 2 if buffer[cr + 1 : cr + 2] == b"\n" else cr + 1


def _event(text: str) -> object:
    if text.strip() == "[DONE]":
        return Done()
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return Malformed(text)
