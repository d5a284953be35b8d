"""The answer to one chat request as it comes over the wire: a reply, or what is wrong with it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPException

from models.connections import Incoming
from models.exchange import Exchange, Waits, is_page
from models.faults import Fault, FaultKind
from models.repetition import repeats
from models.replies import Assembly, NotChat, Reply, reply_of
from models.sse import Done, EventStream, Malformed

Read = Callable[[Incoming, float], Reply | Fault]
"""Reads an answer of status 200 to a request that was sent at a moment (monotonic clock)."""

MAX_BODY = 64_000_000
"""Most bytes of one answer that are read."""

CHARACTERS_PER_TOKEN = 16
"""More than tokens hold on average: an answer that is longer has passed its limit, whatever the server says."""

LOOKED_AT = 1_000
"""A stream is looked at for repetition each time it has grown by so many characters."""

DOUBLED = 12
"""An event that equals the one before it and says so many characters was sent twice: no two tokens do that."""

LAST_SECONDS = 2.0
"""How long usage and [DONE] may take after the finish reason: the answer is complete without them."""


def reading(exchange: Exchange, model: str, max_tokens: int, waits: Waits) -> Read:
    """Return what reads the answer to one request for at most `max_tokens` tokens."""
    return _Reading(exchange, model, CHARACTERS_PER_TOKEN * max_tokens, waits).read


class _Reading:
    """Reads one answer of status 200, whatever of the two forms it has and whichever was asked for."""

    def __init__(self, exchange: Exchange, model: str, limit: int, waits: Waits) -> None:
        self._exchange = exchange
        self._model = model
        self._limit = limit
        self._waits = waits

    def read(self, incoming: Incoming, start: float) -> Reply | Fault:
        """Return the answer, or what is wrong with it. May raise what connections raise."""
        end = self._waits.until(start)
        first = incoming.piece(end - time.monotonic())
        if "event-stream" in incoming.headers.get("content-type", "") or _looks_like_events(first):
            return self._streamed(incoming, first, start)
        body = first + incoming.whole(end, MAX_BODY)
        try:
            value = json.loads(body)
            return self._exchange.told(value) or _cut_at_repetition(reply_of(value, self._model))
        except NotChat as other:
            return self._exchange.fault("garbled", f"JSON that is no chat answer: {other}")
        except (ValueError, RecursionError):
            page = is_page(body, incoming.headers)
            return self._exchange.fault("garbled", "an HTML page" if page else f"no JSON: {_start(body)}")

    def _streamed(self, incoming: Incoming, first: bytes, start: float) -> Reply | Fault:
        """Read a stream to its end; it is an answer only if its finish reason has come, whatever happens after it."""
        assembly = Assembly(self._model)
        try:
            early = self._taken_in(incoming, first, assembly, start)
            if early is not None:
                return early
        except NotChat as other:
            return self._broken("garbled", f"an event that is no chat answer: {other}")
        except TimeoutError:
            if assembly.finish is None:
                said = f"nothing more for {self._waits.idle:g} s" if assembly.size else "no first word in time"
                return self._broken("timeout", said)
        except (OSError, HTTPException) as error:
            if assembly.finish is None:
                return self._broken("network", f"the stream broke off: {str(error) or type(error).__name__}")
        if assembly.finish is None:
            return self._broken("network", "the stream ended before the answer did")
        return assembly.reply(streamed=True)

    def _taken_in(self, incoming: Incoming, first: bytes, assembly: Assembly, start: float) -> Reply | Fault | None:
        """Take in all events; returns what ends the answer before its end, None if nothing does."""
        looked_at, before = 0, None
        for event in self._events(incoming, first, assembly, start):
            if isinstance(event, Malformed):
                return self._broken("garbled", f"an event that is no JSON: {_start(event.text.encode())}")
            if (fault := self._exchange.told(event)) is not None:
                return replace(fault, in_stream=True)
            size = assembly.size
            assembly.take(event)
            if event == before and assembly.size - size >= DOUBLED:
                return self._broken("garbled", "the same event came twice: what it says may be doubled")
            before = event
            if assembly.size > self._limit:
                return assembly.reply(streamed=True, finish="length")
            if assembly.size - looked_at >= LOOKED_AT:
                looked_at = assembly.size
                if repeats(assembly.newest()):
                    return assembly.reply(streamed=True, finish="repetition")
        return None

    def _broken(self, kind: FaultKind, message: str) -> Fault:
        return replace(self._exchange.fault(kind, message), in_stream=True)

    def _events(self, incoming: Incoming, first: bytes, assembly: Assembly, start: float) -> Iterator[object]:
        """Yield the events up to [DONE] or the end; raises TimeoutError when the model is silent for too long.

        Only what the model says counts as a sign of life: keep-alive comments do not.
        """
        stream, piece, alive, size = EventStream(), first, start, 0
        while piece:
            for event in stream.feed(piece):
                if isinstance(event, Done):
                    return
                yield event
            now = time.monotonic()
            if assembly.size > size:
                alive, size = now, assembly.size
            piece = incoming.piece(self._patience(assembly, alive, start) - now)
        yield from (event for event in stream.end() if not isinstance(event, Done))

    def _patience(self, assembly: Assembly, alive: float, start: float) -> float:
        """Return until when the next bytes may take."""
        if assembly.finish is not None:
            wait = LAST_SECONDS
        else:
            wait = self._waits.idle if assembly.size else self._waits.answer
        end = alive + wait
        return end if self._waits.total is None else min(end, start + self._waits.total)


def _looks_like_events(first: bytes) -> bool:
    return first.lstrip(b"\r\n\xef\xbb\xbf ").startswith((b"data:", b"event:", b"id:", b"retry:", b": "))


def _cut_at_repetition(reply: Reply) -> Reply:
    """Mark an answer that went round in circles until its limit; one that ended by itself is left to its reader."""
    return replace(reply, finish="repetition") if reply.finish == "length" and repeats(reply.text) else reply


def _start(body: bytes) -> str:
    text = body[:120].decode("utf-8", "replace").strip()
    return text or "nothing at all"
