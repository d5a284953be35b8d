"""What one model at one endpoint has been seen to accept, so that it is asked a wrong way once and not every time."""

import threading
from dataclasses import dataclass, replace

from typing_extensions import TypedDict

from models.faults import Fault


class Message(TypedDict):
    """One message of a chat; only text travels."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Schema:
    """The JSON schema that an answer has to fit, and its name."""

    name: str
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question as the caller means it, before it is put into an endpoint's dialect."""

    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float
    seed: int | None = None
    schema: Schema | None = None

    @property
    def prompt_tokens(self) -> int:
        """About how many tokens the prompt has (four characters each, and the frame of each message)."""
        return sum(len(message["content"]) // 4 + 4 for message in self.messages)


_FORMATS = ("json_schema", "json_object", "none")
"""Ways to ask for JSON, the strictest first; the schema stands in the prompt in any case."""

_OPTIONAL = ("temperature", "seed")
"""Parameters that an answer does not depend on: left out for a model that refuses them."""


@dataclass(frozen=True, slots=True)
class _Accepted:
    format: int = 0
    limits: tuple[str, ...] = ("max_tokens", "max_completion_tokens")
    """Names of the field that bounds an answer's length: the first is sent, a refused one is struck off."""
    left_out: frozenset[str] = frozenset()


class Dialect:
    """The request fields that a model accepts. Shared by the lanes of a run; learns from refusals."""

    def __init__(self, base_url: str) -> None:
        new_first = ("max_completion_tokens", "max_tokens")
        self._accepted = _Accepted(limits=new_first) if "//api.openai.com/" in base_url else _Accepted()
        self._lock = threading.Lock()

    def fields(self, request: ChatRequest) -> dict[str, object]:
        """Return the body fields of a request, besides model and messages."""
        accepted = self._accepted
        fields: dict[str, object] = {name: request.max_tokens for name in accepted.limits[:1]}
        fields["temperature"] = request.temperature
        if request.seed is not None:
            fields["seed"] = request.seed
        if request.schema is not None:
            fields |= _response_format(request.schema, accepted.format)
        return {name: value for name, value in fields.items() if name not in accepted.left_out}

    def learn(self, fault: Fault, request: ChatRequest, sent: dict[str, object]) -> bool:
        """Take in the refusal of the fields `sent`; returns whether the request would now be put differently."""
        if fault.kind != "rejected":
            return False
        with self._lock:
            self._accepted = _after(self._accepted, fault.message.lower(), sent)
        return self.fields(request) != sent


def _after(accepted: _Accepted, said: str, sent: dict[str, object]) -> _Accepted:
    """Blame what the refusal names; if it names nothing of ours, the response format."""
    if "response_format" not in said:
        for name in accepted.limits:
            if name in sent and name in said:
                return replace(accepted, limits=tuple(other for other in accepted.limits if other != name))
        for name in _OPTIONAL:
            if name in sent and name in said:
                return replace(accepted, left_out=accepted.left_out | {name})
    if "response_format" in sent:
        return replace(accepted, format=max(accepted.format, _FORMATS.index(_format_of(sent)) + 1))
    return accepted


def _format_of(sent: dict[str, object]) -> str:
    chosen = sent["response_format"]
    return str(chosen["type"]) if isinstance(chosen, dict) else "none"


def _response_format(schema: Schema, level: int) -> dict[str, object]:
    match _FORMATS[level]:
        case "json_schema":
            named = {"name": schema.name, "schema": schema.body}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        case "json_object":
            return {"response_format": {"type": "json_object"}}
    return {}
