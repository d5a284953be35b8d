"""What the server can put on the wire: an answer, an HTTP error, raw bytes, or a broken connection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

UsageMode = Literal["correct", "missing", "null", "zero", "last"]
"""How token usage is reported; "last" puts it in the last chunk of a stream even when it was not asked for."""


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool; `arguments` as an object, or as the raw text that goes on the wire."""

    name: str
    arguments: Mapping[str, Any] | str
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

    @property
    def finish_reason(self) -> str | None:
        """The finish reason on the wire."""
        if self.finish == "null":
            return None
        return self.finish or ("tool_calls" if self.tool_calls else "stop")


@dataclass(frozen=True)
class Raw:
    """A complete HTTP answer, byte for byte."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Break = Literal["reset_before", "reset_after", "silence", "short_body", "stall"]


@dataclass(frozen=True)
class Broken:
    """A connection that fails.

    `reset_before`: closed before the headers. `reset_after`: reset after them. `silence`: nothing for `seconds`, then
    closed. `short_body`: the answer ends in the middle (a stream is cut, a body is shorter than its length says).
    `stall`: as before, but the connection stays open for `seconds`.
    """

    how: Break
    reply: Reply = Reply()
    seconds: float = 0.0


Outcome: TypeAlias = Reply | Raw | Broken


def error(status: int, message: str, *, code: str | None = None, kind: str = "error", **headers: str) -> Raw:
    """Return an error answer in the shape of OpenAI's; header names are given with underscores."""
    import json

    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Raw(
        status, json.dumps(body).encode(), headers={key.replace("_", "-"): value for key, value in headers.items()}
    )
