"""Answers as JSON: one body, or the chunks of a stream, in the dialect of a kind of server."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.modelserver import calls
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request

if TYPE_CHECKING:
    from tests.modelserver.dialects.openai import Dialect

CREATED = 1_700_000_000
"""The time that every answer names, so that equal requests get equal bytes."""


def usage_of(reply: Reply, request: Request) -> dict[str, int]:
    """Return the tokens of an exchange: about four characters each."""
    prompt = request.prompt_tokens if reply.prompt_tokens is None else reply.prompt_tokens
    completion = _completion_tokens(reply)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def bounded(reply: Reply, request: Request) -> Reply:
    """Return the reply, cut with finish reason "length" where it is longer than the request allows."""
    if request.max_tokens is None or _completion_tokens(reply) <= request.max_tokens:
        return reply
    room = 4 * request.max_tokens
    reasoning = (reply.reasoning or "")[:room] or None
    text = (reply.text or "")[: room - len(reasoning or "")]
    return replace(reply, text=text, reasoning=reasoning, tool_calls=(), finish="length")


def body(reply: Reply, request: Request, dialect: "Dialect") -> bytes:
    """Return a whole answer: of a chat, or of an infill."""
    if request.infill:
        return json.dumps(_infilled(reply, request)).encode()
    choice = {"index": 0, "message": _message(reply, request, dialect), "finish_reason": reply.finish_reason}
    answer = {**_envelope(request, "chat.completion"), "choices": [choice]}
    if reply.usage != "missing":
        answer["usage"] = _reported(reply, request)
    return json.dumps(dialect.whole(answer)).encode()


def events(reply: Reply, request: Request, dialect: "Dialect") -> list[bytes]:
    """Return the events of a streamed answer; usage comes in a last chunk of its own, where it was asked for."""
    envelope = _envelope(request, "chat.completion.chunk")
    found = [
        _event(dialect.chunk({**envelope, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}))
        for delta in _deltas(reply, request, dialect)
    ]
    last = {"index": 0, "delta": {}, "finish_reason": reply.finish_reason}
    found.append(_event(dialect.chunk({**envelope, "choices": [last]})))
    wanted = (request.body.get("stream_options") or {}).get("include_usage")
    if reply.usage == "last" or (wanted and reply.usage != "missing"):
        found.append(_event(dialect.chunk({**envelope, "choices": [], "usage": _reported(reply, request)})))
    return [*found, b"data: [DONE]\n\n"]


def beginning(reply: Reply, at: int) -> Reply:
    """Return the first characters of an answer, counted over text, or over the arguments of its calls."""
    if not reply.tool_calls:
        return replace(reply, text=(reply.text or "")[:at])
    first = reply.tool_calls[0]
    return replace(reply, tool_calls=(replace(first, arguments=calls.raw_arguments(first)[:at]),))


def _completion_tokens(reply: Reply) -> int:
    said = len(reply.text or "") + len(reply.reasoning or "") + len(reply.refusal or "")
    return -(-(said + sum(len(calls.raw_arguments(call)) for call in reply.tool_calls)) // 4)


def _infilled(reply: Reply, request: Request) -> dict[str, Any]:
    usage = usage_of(reply, request)
    return {
        "content": reply.text or "",
        "stop_type": "limit" if reply.finish == "length" else "eos",
        "tokens_evaluated": usage["prompt_tokens"],
        "tokens_predicted": usage["completion_tokens"],
    }


def _message(reply: Reply, request: Request, dialect: "Dialect") -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.reasoning is not None:
        message[dialect.reasoning_field] = reply.reasoning
    if reply.refusal is not None:
        message["refusal"] = reply.refusal
    return message | calls.in_message(reply, _mark(request))


def _deltas(reply: Reply, request: Request, dialect: "Dialect") -> Iterator[dict[str, Any]]:
    if dialect.role_first:
        yield {"role": "assistant", "content": ""}
    role = {} if dialect.role_first else {"role": "assistant"}
    for name, text in ((dialect.reasoning_field, reply.reasoning), ("refusal", reply.refusal), ("content", reply.text)):
        for at in range(0, len(text or ""), calls.CHUNK):
            yield {**role, name: (text or "")[at : at + calls.CHUNK]}
    yield from calls.in_deltas(reply, _mark(request))


def _reported(reply: Reply, request: Request) -> dict[str, int] | None:
    if reply.usage == "null":
        return None
    usage = usage_of(reply, request)
    return dict.fromkeys(usage, 0) if reply.usage == "zero" else usage


def _envelope(request: Request, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{_mark(request)}", "object": kind, "created": CREATED, "model": request.model}


def _mark(request: Request) -> str:
    """Name an answer by its request, not by its time: the same run writes the same bytes."""
    return request.digest[:12]


def _event(payload: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"
