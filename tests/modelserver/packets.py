"""From an outcome to the bytes of a connection: HTTP heads, chunked framing, and every way to break off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http.client import responses
from typing import Literal

from tests.modelserver import noise, wire
from tests.modelserver.dialects.openai import Dialect
from tests.modelserver.reply import Broken, Crossed, Gone, Noisy, Outcome, Raw, Refusal, Reply
from tests.modelserver.request import Request


@dataclass(frozen=True)
class Packets:
    """What goes out: bytes, each written by itself, and pauses in seconds; then what becomes of the connection."""

    parts: tuple[bytes | float, ...] = ()
    end: Literal["keep", "close", "reset"] = "keep"


LAST_CHUNK = b"0\r\n\r\n"


def packets_of(outcome: Outcome, request: Request, dialect: Dialect) -> Packets:
    """Return the bytes of an outcome for a request."""
    match outcome:
        case Reply():
            reply = wire.bounded(outcome, request)
            pause = (outcome.delay,) if outcome.delay else ()
            answer = _streamed(reply, request, dialect) if request.stream else _whole(reply, request, dialect)
            return Packets((*pause, answer))
        case Refusal():
            return Packets((framed(dialect.refusal(outcome)),))
        case Raw():
            return Packets((framed(outcome),))
        case Broken():
            return _broken(outcome, request, dialect)
        case Noisy():
            return _noisy(outcome, request, dialect)
        case Crossed():
            crossed = _whole if request.stream else _streamed
            return Packets((crossed(outcome.reply, request, dialect),))
        case Gone():
            return Packets(end="reset")


def framed(answer: Raw, *, body: bool = True) -> bytes:
    """Return a complete HTTP answer; without `body` only its head, as for HEAD."""
    lines = [
        f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Status')}",
        f"content-type: {answer.content_type}",
        f"content-length: {len(answer.body)}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (answer.body if body else b"")


def stream_head(headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return the head of a stream of events."""
    lines = ["HTTP/1.1 200 OK", "content-type: text/event-stream", "cache-control: no-cache"]
    lines += ["transfer-encoding: chunked", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _whole(reply: Reply, request: Request, dialect: Dialect) -> bytes:
    return framed(Raw(200, wire.body(reply, request, dialect), headers=dialect.headers))


def _streamed(reply: Reply, request: Request, dialect: Dialect) -> bytes:
    events = wire.events(reply, request, dialect)
    return stream_head(dialect.headers.items()) + b"".join(map(chunk, events)) + LAST_CHUNK


def _noisy(outcome: Noisy, request: Request, dialect: Dialect) -> Packets:
    if not request.stream and outcome.how.startswith("error"):
        return Packets((framed(Raw(200, dialect.refusal(noise.FAILURE).body)),))
    if not request.stream:
        return Packets((framed(Raw(200, b"\n\n\n" + wire.body(outcome.reply, request, dialect))),))
    head = stream_head(dialect.headers.items())
    pieces = noise.pieces(wire.events(outcome.reply, request, dialect), outcome.how, dialect)
    return Packets((head, *map(chunk, pieces), LAST_CHUNK))


def _broken(outcome: Broken, request: Request, dialect: Dialect) -> Packets:
    match outcome.how:
        case "reset_before":
            return Packets(end="close")
        case "silence":
            return Packets((outcome.seconds,), "close")
        case "reset_after" if request.stream:
            return Packets((stream_head(),), "reset")
        case "reset_after":
            return Packets((framed(Raw(200, wire.body(outcome.reply, request, dialect)), body=False),), "reset")
    pieces = _pieces(outcome, request, dialect)
    if outcome.how == "slow":
        spaced = [part for piece in pieces for part in (piece, outcome.seconds)]
        return Packets(tuple(spaced[:-1]))
    if outcome.how == "stall":
        return Packets((b"".join(pieces), outcome.seconds), "close")
    return Packets((b"".join(pieces),), "close")


def _pieces(outcome: Broken, request: Request, dialect: Dialect) -> Sequence[bytes]:
    """Return head and body in pieces: all of them for a slow answer, else those before the break."""
    if not request.stream:
        body = wire.body(outcome.reply, request, dialect)
        head = framed(Raw(200, body), body=False)
        if outcome.how == "slow":
            return [head, *(body[at : at + 16] for at in range(0, len(body), 16))]
        kept = body[: _place_in(body, outcome, request, dialect)]
        if outcome.how == "clean_end":
            return [framed(Raw(200, kept))]
        return [head, kept]
    events = wire.events(outcome.reply, request, dialect)
    if outcome.how == "slow":
        return [stream_head() + chunk(events[0]), *map(chunk, events[1:-1]), chunk(events[-1]) + LAST_CHUNK]
    if outcome.at is None:
        kept_events, cut = events[: max(1, len(events) // 2)], events[max(1, len(events) // 2)]
    else:
        kept_events = _content(wire.events(wire.beginning(outcome.reply, outcome.at), request, dialect))
        cut = kept_events[-1] if kept_events else events[0]
    if outcome.how in ("clean_end", "stall"):
        return [stream_head(), *map(chunk, kept_events), *([LAST_CHUNK] if outcome.how == "clean_end" else [])]
    return [stream_head(), *map(chunk, kept_events), chunk(cut)[: max(4, len(cut) // 2)]]


def _content(events: Sequence[bytes]) -> list[bytes]:
    """Return the events before the one with the finish reason."""
    return [event for event in events if b'"finish_reason": null' in event and event != events[-1]]


def _place_in(body: bytes, outcome: Broken, request: Request, dialect: Dialect) -> int:
    """Return where a whole body is cut: in the middle, or where the wanted characters of the answer end."""
    if outcome.at is None:
        return len(body) // 2
    shorter = wire.body(wire.beginning(outcome.reply, outcome.at), request, dialect)
    same = next((at for at, (a, b) in enumerate(zip(body, shorter, strict=False)) if a != b), len(shorter))
    return max(1, same)
