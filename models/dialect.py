"""What one model at one endpoint has been seen to accept, so that it is asked a wrong way once and not every time."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from typing_extensions import TypedDict

from models.faults import Fault
from models.journal import JSON
from models.refusals import answer_cap
from models.replies import Reply
from models.wording import fill


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
    older: tuple[str, ...] = ()
    """Texts that the prompt quotes in fences and that are the first to go where it has no room, in this order."""

    @property
    def prompt_tokens(self) -> int:
        """About how many tokens the prompt has (four characters each, and the frame of each message)."""
        return sum(len(message["content"]) // 4 + 4 for message in self.messages)


@dataclass(frozen=True, slots=True)
class Put:
    """A request as one model is asked it, and the body fields besides model and messages."""

    request: ChatRequest
    fields: dict[str, object]


_FORMATS = ("json_schema", "json_object", "none")
"""Ways to ask for JSON, the strictest first; the schema stands in the prompt in any case."""

_OPTIONAL = ("temperature", "seed")
"""Parameters that an answer does not depend on: left out for a model that refuses them."""

BROKEN_STREAMS = 2
"""So many streams that break off one after the other show that streams do not come through here."""


@dataclass(frozen=True, slots=True)
class _Accepted:
    format: int = 0
    limits: tuple[str, ...] = ("max_tokens", "max_completion_tokens")
    """Names of the field that bounds an answer's length: the first is sent, a refused one is struck off."""
    cap: int | None = None
    """Most tokens of an answer that the model may be asked for."""
    left_out: frozenset[str] = frozenset()
    stream: bool = True
    stream_usage: bool = True
    plain: bool = False
    """Whether the model is told that there are no tools: its server stumbled over calls that it made up."""


class Dialect:
    """The request fields that a model accepts. Shared by the lanes of a run; learns from refusals and from replies."""

    def __init__(self, base_url: str, *, stream: bool = True) -> None:
        new_first = ("max_completion_tokens", "max_tokens")
        accepted = _Accepted(limits=new_first) if "//api.openai.com/" in base_url else _Accepted()
        self._accepted = replace(accepted, stream=stream)
        self._broken = 0
        self._lock = threading.Lock()

    def facts(self) -> dict[str, JSON]:
        """Return what was learnt, JSON-plain."""
        accepted = self._accepted
        return {**asdict(accepted), "limits": list(accepted.limits), "left_out": sorted(accepted.left_out)}

    def recall(self, facts: Mapping[str, JSON]) -> None:
        """Take over what was learnt before; what is missing or of another shape stays as it is."""
        lists = {"limits": tuple, "left_out": frozenset}
        plain = asdict(_Accepted(cap=0))
        known = {
            name: lists[name](value) if name in lists else value
            for name, value in facts.items()
            if name in plain and isinstance(value, list if name in lists else type(plain[name]))
        }
        with self._lock:
            self._accepted = replace(self._accepted, **known)  # type: ignore[arg-type]

    def put(self, request: ChatRequest) -> Put:
        """Return a request as this model is asked it."""
        accepted = self._accepted
        if accepted.cap is not None:
            request = replace(request, max_tokens=min(request.max_tokens, accepted.cap))
        if accepted.plain:
            request = replace(request, messages=_without_tools(request.messages))
        return Put(request, _fields(request, accepted))

    def learn(self, fault: Fault, request: ChatRequest, put: Put) -> bool:
        """Take in why a request failed that was asked as `put`; returns whether it is to be asked otherwise now."""
        with self._lock:
            accepted = self._accepted
            if fault.kind == "rejected":
                self._accepted = _after_refusal(accepted, fault.message.lower(), put.fields)
            elif fault.kind == "toolparse":
                self._accepted = replace(accepted, plain=True, format=_FORMATS.index("none"))
            elif fault.in_stream:
                self._broken += 1
                if self._broken >= BROKEN_STREAMS:
                    self._accepted = replace(accepted, stream=False)
        return fault.kind in ("rejected", "toolparse") and self.put(request) != put

    def heard(self, reply: Reply, put: Put) -> None:
        """Take in how a reply came: a server that does not stream is not asked to again."""
        with self._lock:
            self._broken = 0
            if "stream" in put.fields and not reply.streamed:
                self._accepted = replace(self._accepted, stream=False)


def _fields(request: ChatRequest, accepted: _Accepted) -> dict[str, object]:
    fields: dict[str, object] = {name: request.max_tokens for name in accepted.limits[:1]}
    fields["temperature"] = request.temperature
    if request.seed is not None:
        fields["seed"] = request.seed
    if request.schema is not None:
        fields |= _response_format(request.schema, accepted.format)
    if accepted.stream:
        fields["stream"] = True
        if accepted.stream_usage:
            fields["stream_options"] = {"include_usage": True}
    return {name: value for name, value in fields.items() if name not in accepted.left_out}


def _without_tools(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    system = messages[0]
    told: Message = {"role": system["role"], "content": f"{system['content']}\n\n{fill('plain')}"}
    return (told, *messages[1:])


def _after_refusal(accepted: _Accepted, said: str, sent: dict[str, object]) -> _Accepted:
    """Blame what the refusal names; if it names nothing of ours, the response format."""
    if "response_format" not in said and (changed := _named(accepted, said, sent)) is not None:
        return changed
    if "response_format" in sent:
        return replace(accepted, format=max(accepted.format, _FORMATS.index(_format_of(sent)) + 1))
    return accepted


def _named(accepted: _Accepted, said: str, sent: dict[str, object]) -> _Accepted | None:
    for name in accepted.limits:
        if name in sent and name in said:
            cap, asked = answer_cap(said), sent[name]
            if cap is not None and isinstance(asked, int) and 0 < cap < asked:
                return replace(accepted, cap=cap)
            return replace(accepted, limits=tuple(other for other in accepted.limits if other != name))
    for name in _OPTIONAL:
        if name in sent and name in said:
            return replace(accepted, left_out=accepted.left_out | {name})
    if "stream_options" in sent and ("stream_options" in said or "include_usage" in said):
        return replace(accepted, stream_usage=False)
    if "stream" in sent and "stream" in said:
        return replace(accepted, stream=False)
    return None


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
