"""T9, T10 and T19: answers that are no answers of this protocol."""

from dataclasses import replace

from tests.modelserver.catalogue import Turn, fault
from tests.modelserver.reply import Crossed, Outcome, Raw, UsageMode

PAGE = b"<!doctype html><html><body><h1>Welcome</h1><p>Please sign in.</p></body></html>"

BODIES = {
    "json": b'{"id": "x", "choices": [',
    "empty": b"",
    "shape": b'{"result": "hello"}',
    "choices": b'{"id":"x","object":"chat.completion","created":0,"model":"m","choices":[]}',
    "null": b"null",
    "no_message": b'{"id":"x","object":"chat.completion","created":0,"model":"m","choices":[{"index":0}]}',
}
"""Bodies that are not an answer, with status 200."""


@fault("T9", "html", options=("status",))
def page(turn: Turn) -> Outcome:
    """A web page in the place of an answer, with status 200 or the option `status`."""
    return Raw(int(turn.number("status", 200)), PAGE, "text/html; charset=utf-8")


@fault("T9", "html502", options=("status",))
def page_of_a_gateway(turn: Turn) -> Outcome:
    """A web page with status 502, as a gateway in front of the server sends it."""
    return Raw(int(turn.number("status", 502)), PAGE, "text/html; charset=utf-8")


@fault("T9", "redirect")
def redirect(turn: Turn) -> Outcome:
    """A redirection to a page for signing in."""
    return Raw(302, PAGE, "text/html; charset=utf-8", {"location": "/sign-in"})


@fault("T10", "badbody", hows=tuple(BODIES))
def bad_body(turn: Turn) -> Outcome:
    """Status 200 with a body that is no answer."""
    return Raw(200, BODIES[turn.how])


@fault("T10", "raw", options=("body", "status", "content_type"))
def raw(turn: Turn) -> Outcome:
    """Any bytes: options `body`, `status` and `content_type`."""
    body = turn.options.get("body", b"")
    data = body if isinstance(body, bytes) else str(body).encode()
    return Raw(int(turn.number("status", 200)), data, turn.text("content_type", "application/json"))


@fault("T10", "bad_usage", hows=("missing", "null", "zero", "last"))
def bad_usage(turn: Turn) -> Outcome:
    """A right answer whose tokens are not counted: no usage, null, zeros; or counted in a last chunk unasked."""
    modes: dict[str, UsageMode] = {"missing": "missing", "null": "null", "zero": "zero", "last": "last"}
    return replace(turn.due, usage=modes[turn.how])


@fault("T19", "not_stream")
def crossed(turn: Turn) -> Outcome:
    """A whole body to a streaming request; a stream to a request that did not ask for one."""
    return Crossed(turn.due)
