"""What an endpoint can do with one model, found out by asking: a handful of small calls, each for one ability."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from models.dialect import ChatRequest, Message, Put
from models.endpoint import Endpoint
from models.exchange import Waits
from models.faults import Fault
from models.objects import objects
from models.replies import Reply
from models.wording import fill

Verdict = Literal["yes", "partly", "no", "unknown"]

MAX_TOKENS = 256
"""Tokens allowed for one answer: enough for a model that thinks before it says a word."""

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"colour": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["colour", "count"],
    "additionalProperties": False,
}
"""What the probes ask for."""

PERMANENT = ("key", "missing", "moved", "tls", "quota", "down", "gone")
"""Faults after which no other probe can tell more."""


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing that an endpoint can do or not, and what was seen."""

    name: str
    works: Verdict
    seen: str


def abilities_at(endpoint: Endpoint, model: str, waits: Waits) -> Iterator[Ability]:
    """Yield what the model's endpoint can do, one call for each; ends early at a fault that ends everything."""
    for name, probe in _probes().items():
        started = time.monotonic()
        outcome = endpoint.chat(model, probe.put, waits)
        if isinstance(outcome, Fault):
            works: Verdict = "unknown" if outcome.passing else "no"
            yield Ability(name, works, outcome.message or outcome.kind)
            if outcome.kind in PERMANENT:
                return
            continue
        works, seen = probe.judge(outcome)
        yield Ability(name, works, f"{seen}, {time.monotonic() - started:.1f} s")


@dataclass(frozen=True, slots=True)
class _Probe:
    put: Put
    judge: Callable[[Reply], tuple[Verdict, str]]


def _streams(reply: Reply) -> tuple[Verdict, str]:
    if not reply.streamed:
        return "no", "answers in one piece"
    return ("yes", "with token counts") if reply.prompt_tokens else ("partly", "without token counts")


def _counts(reply: Reply) -> tuple[Verdict, str]:
    if reply.prompt_tokens is None:
        return "no", "tokens are estimated"
    return "yes", f"{reply.prompt_tokens} + {reply.completion_tokens or 0} tokens"


def _object(reply: Reply) -> tuple[Verdict, str]:
    if reply.finish == "length":
        return "unknown", "the answer was cut"
    if any(_fits(value) for value in objects(reply.text)):
        return "yes", "a valid object"
    return "partly", "accepted, but the answer is not valid"


def _call(reply: Reply) -> tuple[Verdict, str]:
    if not reply.calls:
        return "no", "answers in text"
    try:
        return ("yes", "a valid call") if _fits(json.loads(reply.calls[0])) else ("partly", "wrong arguments")
    except ValueError:
        return "partly", "arguments that are no JSON"


def _fits(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("colour"), str) and isinstance(value.get("count"), int)


def _put(fields: dict[str, object], question: str = "probe") -> Put:
    content = fill(question, schema=json.dumps(SCHEMA))
    message: Message = {"role": "user", "content": content}
    return Put(ChatRequest((message,), MAX_TOKENS, 0.0), {"max_tokens": MAX_TOKENS, "temperature": 0.0, **fields})


def _probes() -> dict[str, _Probe]:
    named = {"name": "Answer", "schema": SCHEMA}
    tool = {"name": "answer", "description": "Gives the answer.", "parameters": SCHEMA}
    schema: dict[str, object] = {"response_format": {"type": "json_schema", "json_schema": named}}
    return {
        "streaming": _Probe(_put({"stream": True, "stream_options": {"include_usage": True}}), _streams),
        "token counts": _Probe(_put({}), _counts),
        "JSON schema": _Probe(_put(schema), _object),
        "JSON mode": _Probe(_put({"response_format": {"type": "json_object"}}), _object),
        "tool calls": _Probe(_put({"tools": [{"type": "function", "function": tool}]}, "probe_tool"), _call),
    }
