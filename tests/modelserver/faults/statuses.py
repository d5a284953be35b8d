"""T1 to T6 and T8: errors with a status, right or wrong ones to give up at."""

import time
from email.utils import formatdate

from tests.modelserver.catalogue import Make, Turn, fault
from tests.modelserver.reply import Outcome, error


def _status(id: str, name: str, status: int, message: str, code: str | None = None) -> None:
    """Register a fault that is one fixed refusal."""

    def refuse(turn: Turn) -> Outcome:
        return error(int(turn.number("status", status)), turn.text("message", message), code=code)

    refuse.__doc__ = f"Status {status}: {message}"
    made: Make = refuse
    fault(id, name, options=("message", "status"))(made)


_status("T1", "e401", 401, "Incorrect API key provided.", "invalid_api_key")
_status("T1", "e403", 403, "You are not allowed to use this model.", "permission_denied")
_status("T1", "e404_model", 404, "The model does not exist or you do not have access to it.", "model_not_found")


@fault("T2", "e429", options=("retry_after",), hows=("", "date"))
def rate_limit(turn: Turn) -> Outcome:
    """Status 429, to be asked again. Option `retry_after`: seconds, "date" for a second from now as an HTTP date."""
    wait = "date" if turn.how == "date" else turn.options.get("retry_after")
    if wait is None:
        return error(429, "Rate limit reached.", code="rate_limit_exceeded")
    value = formatdate(time.time() + 1, usegmt=True) if wait == "date" else str(wait)
    return error(429, "Rate limit reached.", code="rate_limit_exceeded", retry_after=value)


_status("T3", "e429_quota", 429, "You exceeded your current quota, please check your billing.", "insufficient_quota")
_status("T4", "e500", 500, "The server had an error while processing your request.", "server_error")
_status("T4", "e502", 502, "Bad gateway.")
_status("T4", "e503", 503, "The model is loading.", "unavailable")


@fault("T4", "e500mid", options=("spared",))
def server_error_later(turn: Turn) -> Outcome | None:
    """Status 500 once work is under way. Option `spared`: how many different requests pass before it (1)."""
    if turn.nth <= turn.number("spared", 1):
        return None
    return error(500, "The server had an error while processing your request.", code="server_error")


@fault("T5", "e500_toolparse", options=("message",))
def unreadable_call(turn: Turn) -> Outcome:
    """Status 500: the server could not parse the tool call that its own model made."""
    said = turn.dialect.unreadable_call()
    return error(said.status, turn.text("message", said.message), code=said.code)


@fault(
    "T8",
    "e400_param",
    hows=(
        "response_format:json_schema", "response_format:json_object", "response_format", "tools", "tool_choice",
        "stream_options", "temperature", "max_tokens",
    ),
    options=("name",),
)  # fmt: skip
def parameter(turn: Turn) -> Outcome | None:
    """Status 400 for a parameter. Option `name`: which, `response_format:json_schema` for one of its kinds."""
    name, _, kind = turn.text("name", turn.how).partition(":")
    if name not in turn.request.body or (kind and turn.request.format != kind):
        return None
    return error(400, f"Unsupported parameter: '{name}'{f' of type {kind}' if kind else ''} is not supported.")
