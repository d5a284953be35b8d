"""The ways an endpoint fails, and what each one means for the call: wait, ask otherwise, or stop."""

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models import refusals
from models.replies import Reply

FaultKind = Literal[
    "key",  # 401, 403: no retry helps
    "missing",  # 404: no such model or no such address
    "moved",  # 3xx: a login page, or another address
    "tls",  # the certificate or the protocol of the connection is wrong
    "quota",  # 429 or 402 that waiting does not cure
    "rejected",  # 400, 422 and the like: the request itself is refused
    "context",  # the prompt is too long for the model
    "rate",  # 429: wait
    "server",  # 5xx: wait
    "toolparse",  # the server could not read what the model wrote as a tool call
    "down",  # nothing listens there, or the host is unknown
    "network",  # reset, or closed in the middle
    "timeout",  # no answer in time
    "gone",  # the embedded model's server, which has been started again already
    "garbled",  # an answer that is not one of this protocol
]

PASSING: frozenset[FaultKind] = frozenset({"rate", "server", "toolparse", "down", "network", "timeout", "garbled"})
"""Faults that may be gone at the next try."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed request. `message` is what the endpoint said, on one line and without secrets."""

    kind: FaultKind
    message: str
    status: int | None = None
    retry_after: float | None = None
    """Seconds that the endpoint asks to be left alone."""
    context_limit: int | None = None
    """Tokens that the model can read, where the refusal names it."""
    prompt_tokens: int | None = None
    """Tokens of the prompt by the endpoint's own count, where the refusal names them."""
    in_stream: bool = False
    """Whether it happened to an answer that was on its way as a stream."""
    reply: Reply | None = None
    """The paid answer that cannot be used, where there is one."""

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in PASSING


def from_status(status: int, message: str, headers: Mapping[str, str], *, code: str = "") -> Fault:
    """Classify an HTTP error answer by its status, its words, and the error code beside them."""
    said = f"{message} {code}"
    if status in (400, 413, 422, 500) and (status == 413 or refusals.is_context(said)):
        limit, sent = refusals.context_limit(said), refusals.tokens_sent(said)
        return Fault("context", message, status, context_limit=limit, prompt_tokens=sent)
    if status == 402 or (status in (403, 429) and refusals.is_quota(said)):
        return Fault("quota", message, status)
    if status in (401, 403):
        return Fault("key", message, status)
    if status == 404 or (status == 400 and refusals.is_unknown_model(said)):
        return Fault("missing", message, status)
    if status == 429:
        return Fault("rate", message, status, retry_after=_retry_after(headers) or refusals.wait_named(message))
    if status in (400, 422, 500, 502) and refusals.is_tool_parse(said):
        return Fault("toolparse", message, status)
    if status >= 500 or status in (408, 409, 425):
        return Fault("server", message, status, retry_after=_retry_after(headers))
    return Fault("rejected", message, status)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, in seconds or as an HTTP date; None if absent, unreadable or in the past."""
    exact = headers.get("retry-after-ms", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", exact):
        return float(exact) / 1000
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        wait = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, TypeError):
        return None
    return wait if wait > 0 else None


def one_line(message: str, secret: str) -> str:
    """Return at most 300 characters of a message on one line, with the key taken out."""
    text = message.replace(secret, "•••") if len(secret) >= 4 else message
    text = " ".join(text.split())
    return text if len(text) <= 300 else text[:299] + "…"
