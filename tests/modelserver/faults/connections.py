"""T11 to T18 and T20: connections that break, hang or crawl, and streams written in unusual ways."""

from dataclasses import replace
from typing import get_args

from tests.modelserver.catalogue import Turn, fault
from tests.modelserver.edits import inside_first_edit
from tests.modelserver.reply import Broken, Gone, Noise, Noisy, Outcome

WAIT = 5.0
"""Seconds of silence unless the option `seconds` says otherwise."""

UNSTREAMED = ("comments", "keepalive")
"""Noise that a whole answer can have too: empty lines before the body."""

HARMLESS: tuple[Noise, ...] = tuple(how for how in get_args(Noise) if not how.startswith("error"))


@fault("T11", "reset", hows=("before_headers", "after_headers"), options=("after_headers",))
def reset(turn: Turn) -> Outcome:
    """The connection is closed before the headers, or reset after them."""
    late = turn.how == "after_headers" or turn.options.get("after_headers")
    return Broken("reset_after" if late else "reset_before", turn.due)


@fault("T12", "timeout", hows=("closed", "answered"), options=("seconds", "answer"))
def timeout(turn: Turn) -> Outcome:
    """Silence before the headers for `seconds`, then closed, or answered after all."""
    seconds = turn.number("seconds", WAIT)
    if turn.how == "answered" or turn.options.get("answer"):
        return replace(turn.due, delay=seconds)
    return Broken("silence", turn.due, seconds)


@fault("T13", "stall", options=("seconds",))
def stall(turn: Turn) -> Outcome:
    """The answer stops in the middle and the connection stays open for `seconds`."""
    return Broken("stall", turn.due, turn.number("seconds", WAIT))


@fault("T14", "slow", options=("seconds",))
def slow(turn: Turn) -> Outcome:
    """The whole answer, one piece every `seconds` (0.02): a long time without a gap."""
    return Broken("slow", turn.due, turn.number("seconds", 0.02))


@fault("T15", "truncate", hows=("cut", "clean"))
def truncate(turn: Turn) -> Outcome:
    """The answer ends in the middle: against the framing of HTTP, or, `clean`, in accordance with it."""
    return Broken("clean_end" if turn.how == "clean" else "short_body", turn.due)


@fault("T16", "truncedit", hows=("cut", "clean"))
def cut_in_edit(turn: Turn) -> Outcome | None:
    """The answer ends inside an edit, or inside the arguments of a tool call."""
    place = inside_first_edit(turn.due)
    if place is None and turn.due.tool_calls:
        place = len(str(turn.due.tool_calls[0].arguments)) // 2
    if place is None:
        return None
    return Broken("clean_end" if turn.how == "clean" else "short_body", turn.due, at=place)


@fault("T17", "sse_error", hows=("data", "event"))
def error_in_stream(turn: Turn) -> Outcome:
    """An error object as an event in the middle of a stream that began with status 200; unstreamed, as its body."""
    return Noisy("error_event" if turn.how == "event" else "error", turn.due)


@fault("T18", "sse_noise", hows=HARMLESS)
def noise(turn: Turn) -> Outcome | None:
    """A stream with comments, other line ends, split or packed events, a chunk twice, or without its last line."""
    if not turn.request.stream and turn.how not in UNSTREAMED:
        return None
    how = next(each for each in HARMLESS if each == turn.how)
    return Noisy(how, turn.due)


@fault("T20", "gone", options=("seconds",))
def gone(turn: Turn) -> Outcome:
    """The server dies and is back after `seconds`, or, without them, not before it is revived."""
    seconds = turn.options.get("seconds")
    return Gone(float(seconds) if isinstance(seconds, (int, float, str)) else None)
