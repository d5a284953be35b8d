"""The ways an endpoint fails, and what each one means for the call: wait, ask otherwise, or stop."""

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "key",  # 401, 403: no retry helps
    "missing",  # 404: no such model or no such address
    "quota",  # 429 or 402 that waiting does not cure
    "rejected",  # 400, 422 and the like: the request itself is refused
    "context",  # the prompt is too long for the model
    "rate",  # 429: wait
    "server",  # 5xx: wait
    "down",  # nothing listens there, or the host is unknown
    "network",  # reset, or closed in the middle
    "timeout",  # no answer in time
    "gone",  # the embedded model's server, which has been started again already
    "garbled",  # an answer that is not one of this protocol
]

PASSING: frozenset[FaultKind] = frozenset({"rate", "server", "down", "network", "timeout", "garbled"})
"""Faults that may be gone at the next try."""

_CONTEXT = re.compile(
    r"context[_ ](length|size|window)|maximum context|prompt is too long|input is too long|too many tokens"
    r"|exceeds? the (available )?context|reduce the length",
    re.IGNORECASE,
)
_CONTEXT_LIMIT = re.compile(
    r"(?:maximum context length (?:is|of)|available context size \(|context (?:size|window|length) (?:is|of)"
    r"|n_ctx\D{0,4})\s*(\d+)",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"insufficient_quota|billing|exceeded your current quota|credit balance|payment", re.IGNORECASE)


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

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in PASSING


def from_status(status: int, message: str, headers: Mapping[str, str], *, code: str = "") -> Fault:
    """Classify an HTTP error answer by its status, its words, and the error code beside them."""
    said = f"{message} {code}"
    if status in (400, 413, 422, 500) and (status == 413 or _CONTEXT.search(said)):
        limit = _CONTEXT_LIMIT.search(said)
        return Fault("context", message, status, context_limit=int(limit[1]) if limit else None)
    if status in (401, 403):
        return Fault("key", message, status)
    if status == 404:
        return Fault("missing", message, status)
    if status == 402 or (status == 429 and _QUOTA.search(said)):
        return Fault("quota", message, status)
    if status == 429:
        return Fault("rate", message, status, retry_after=_retry_after(headers))
    if status >= 500 or status in (408, 409, 425):
        return Fault("server", message, status, retry_after=_retry_after(headers))
    return Fault("rejected", message, status)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, in seconds or as an HTTP date; None if absent, unreadable or in the past."""
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
    text = " ".join(message.split())
    if len(secret) >= 4:
        text = text.replace(secret, "•••")
    return text if len(text) <= 300 else text[:299] + "…"
