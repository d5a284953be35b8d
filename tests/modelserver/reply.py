"""What the server can put on the wire: an answer, a refusal, raw bytes, a faulty connection, or its own death."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

UsageMode = Literal["correct", "missing", "null", "zero", "last"]
"""How token usage is reported; "last" puts it in the last chunk of a stream even when it was not asked for."""

CallShape = Literal[
    "right", "no_id", "equal_ids", "gaps", "split_name", "object_arguments", "function_call", "no_index", "no_type"
]
"""How tool calls are written down; everything but "right" is what some server sends instead."""


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool; `arguments` as an object, or as the raw text that goes on the wire."""

    name: str
    arguments: Mapping[str, object] | str
    id: str | None = None


@dataclass(frozen=True)
class Reply:
    """A chat answer. `finish` None means what fits ("stop" or "tool_calls"); "null" sends null."""

    text: str | None = ""
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str | None = None
    usage: UsageMode = "correct"
    delay: float = 0.0
    """Seconds of silence before the answer."""
    refusal: str | None = None
    """Text of the refusal field."""
    call_shape: CallShape = "right"
    prompt_tokens: int | None = None
    """What usage says of the prompt, where that is not its real length."""

    @property
    def finish_reason(self) -> str | None:
        """The finish reason on the wire."""
        if self.finish == "null":
            return None
        return self.finish or ("tool_calls" if self.tool_calls else "stop")


@dataclass(frozen=True)
class Refusal:
    """An HTTP error, put into words by the kind of server that sends it; `fields` stand beside the message."""

    status: int
    message: str
    code: str | None = None
    kind: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, object] = field(default_factory=dict)


def error(status: int, message: str, *, code: str | None = None, kind: str | None = None, **headers: str) -> Refusal:
    """Return a refusal; header names are given with underscores."""
    return Refusal(status, message, code, kind, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True)
class Raw:
    """A complete HTTP answer, byte for byte."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Break = Literal["reset_before", "reset_after", "silence", "short_body", "clean_end", "stall", "slow"]


@dataclass(frozen=True)
class Broken:
    """An answer on a connection that fails.

    `reset_before`: closed before the headers. `reset_after`: reset after them. `silence`: nothing for `seconds`, then
    closed. `short_body`: the answer ends in the middle (a chunk is cut, a body is shorter than its length says).
    `clean_end`: it ends in the middle and the HTTP framing is whole. `stall`: as short_body, but the connection stays
    open for `seconds`. `slow`: all of it, `seconds` apart for each piece. `at` says how many characters of the answer
    arrive, where that matters; None is about half of the bytes.
    """

    how: Break
    reply: Reply = Reply()
    seconds: float = 0.0
    at: int | None = None


Noise = Literal[
    "comments", "keepalive", "crlf", "packed", "split", "utf8", "no_done", "empty_choices", "repeated",
    "repeated_finish", "error", "error_event",
]  # fmt: skip


@dataclass(frozen=True)
class Noisy:
    """An answer in a stream that is written in an unusual way, or that an error event ends."""

    how: Noise
    reply: Reply


@dataclass(frozen=True)
class Crossed:
    """An answer in the other framing: a whole body to a streaming request, a stream to one that did not ask for it."""

    reply: Reply


@dataclass(frozen=True)
class Gone:
    """The server dies without an answer and is back after `seconds`; with None not before `Server.revive`."""

    seconds: float | None = None


Outcome: TypeAlias = Reply | Refusal | Raw | Broken | Noisy | Crossed | Gone
