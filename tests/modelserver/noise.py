"""Streams written in unusual ways that are still legal, and some that are not."""

import json
from collections.abc import Sequence

from tests.modelserver.dialects.openai import Dialect
from tests.modelserver.reply import Noise, Refusal

FAILURE = Refusal(500, "The model failed while it was generating.", code="server_error", kind="server_error")
"""What an error event in the middle of a stream says."""


def pieces(events: Sequence[bytes], how: Noise, dialect: Dialect) -> list[bytes]:
    """Return the body of a stream in the pieces in which it is sent."""
    middle = max(1, len(events) // 2)
    match how:
        case "comments":
            return [part for event in events for part in (b": processing\n\n", event)]
        case "keepalive":
            return [b": keep-alive\n\n" * 3, *events]
        case "crlf":
            return [event.replace(b"\n", b"\r\n") for event in events]
        case "packed":
            return [b"".join(events)]
        case "split":
            return [part for event in events for part in (event[: len(event) // 2], event[len(event) // 2 :])]
        case "utf8":
            return [part for event in events for part in _split_in_character(event)]
        case "no_done":
            return list(events[:-1])
        case "empty_choices":
            return [events[0], _without_choices(events[0]), *events[1:]]
        case "repeated":
            return [*events[:middle], events[middle - 1], *events[middle:]]
        case "repeated_finish":
            return [*events[:-1], events[-2], events[-1]]
        case "error":
            return [*events[:middle], b"data: " + dialect.refusal(FAILURE).body + b"\n\n"]
        case "error_event":
            return [*events[:middle], b"event: error\ndata: " + dialect.refusal(FAILURE).body + b"\n\n"]


def _split_in_character(event: bytes) -> list[bytes]:
    """Split an event inside its first character of several bytes; before its last byte if there is none."""
    at = next((place for place, byte in enumerate(event) if byte >= 0xC0), len(event) - 2) + 1
    return [event[:at], event[at:]]


def _without_choices(event: bytes) -> bytes:
    return b"data: " + json.dumps({**json.loads(event[6:]), "choices": []}).encode() + b"\n\n"
