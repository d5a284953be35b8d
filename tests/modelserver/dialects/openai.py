"""The hosted original; other kinds of servers say where they differ from it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.modelserver.reply import Raw, Refusal, error
from tests.modelserver.request import Request

KINDS = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    403: "invalid_request_error",
    404: "invalid_request_error",
    429: "requests",
}
"""The `type` of an error by its status."""


@dataclass(frozen=True)
class Offered:
    """A model on offer: its name, and how many tokens it can hold (None: as many as anyone sends)."""

    name: str
    context: int | None = None


class Dialect:
    """How a kind of server answers. Stateless; one object serves every request."""

    name = "openai"
    headers: Mapping[str, str] = {"x-request-id": "req_1"}
    reasoning_field = "reasoning_content"
    role_first = True
    """Whether a stream opens with a chunk that has the role and no text; else every chunk has the role."""

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return a whole answer with the fields of this kind."""
        return {**answer, "system_fingerprint": "fp_scripted", "service_tier": "default"}

    def chunk(self, chunk: dict[str, Any]) -> dict[str, Any]:
        """Return a chunk of a stream with the fields of this kind."""
        return {**chunk, "system_fingerprint": "fp_scripted"}

    def refusal(self, refusal: Refusal) -> Raw:
        """Return an error in the shape of this kind."""
        kind = refusal.kind or KINDS.get(refusal.status, "server_error")
        said = {"message": refusal.message, "type": kind, "param": None, "code": refusal.code, **refusal.fields}
        return answered({"error": said}, refusal.status, refusal.headers)

    def unknown_model(self, name: str, known: Sequence[str]) -> Refusal | None:
        """Return what a request for an unknown model gets; None where any name is served."""
        text = f"The model `{name}` does not exist or you do not have access to it. There are {', '.join(known)}."
        return error(404, text, code="model_not_found")

    def overflow(self, sent: int, wanted: int, limit: int) -> Refusal | None:
        """Return what a prompt of `sent` tokens gets that does not fit; None where it is cut in silence."""
        text = (
            f"This model's maximum context length is {limit} tokens. However, your messages resulted in {sent} tokens. "
            "Please reduce the length of the messages."
        )
        return error(400, text, code="context_length_exceeded", kind="invalid_request_error")

    def fits(self, request: Request, limit: int) -> bool:
        """Whether a request is within the limit of the context."""
        return request.prompt_tokens <= limit

    def unreadable_call(self) -> Refusal:
        """Return what the server says when it cannot parse the tool call that its model made."""
        return error(500, "Failed to parse tool call arguments as JSON", code="server_error")

    def objection(self, request: Request) -> Refusal | None:
        """Return why this kind of server refuses a request that others take; None if it does not."""
        return None

    def page(self, method: str, path: str, body: Mapping[str, Any], offered: Sequence[Offered]) -> Raw:
        """Return the answer to anything that is not a question to a model: lists of models, health, what is not."""
        if method in ("GET", "HEAD") and path == "/v1/models":
            return answered({"object": "list", "data": [self.listed(each) for each in offered]})
        for each in offered:
            if method in ("GET", "HEAD") and path == f"/v1/models/{each.name}":
                return answered(self.listed(each))
        return self.own_page(method, path, body, offered) or self.nothing(method, path)

    def listed(self, model: Offered) -> dict[str, Any]:
        """Return a model as /v1/models lists it."""
        return {"id": model.name, "object": "model", "created": 1_700_000_000, "owned_by": "tests"}

    def own_page(self, method: str, path: str, body: Mapping[str, Any], offered: Sequence[Offered]) -> Raw | None:
        """Return a page that only this kind of server has."""
        return None

    def nothing(self, method: str, path: str) -> Raw:
        """Return the answer to an address that is not there."""
        text = f"Invalid URL ({method} {path})"
        return self.refusal(error(404, text, kind="invalid_request_error"))


def answered(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Raw:
    """Return a value as a JSON answer."""
    return Raw(status, json.dumps(value).encode(), headers=headers or {})
