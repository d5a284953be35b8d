"""Answers as bytes: one JSON body, or the events of a stream."""

import json
from collections.abc import Iterator
from typing import Any

from tests.modelserver.reply import Reply, ToolCall
from tests.modelserver.request import Request

_CHUNK = 24
"""Characters in one event of a stream."""


def usage_of(reply: Reply, request: Request) -> dict[str, int]:
    """Return the tokens of an exchange: about four characters each."""
    said = len(reply.text or "") + len(reply.reasoning or "") + sum(len(_raw(call)) for call in reply.tool_calls)
    prompt, completion = request.prompt_tokens, -(-said // 4)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def body(reply: Reply, request: Request, number: int) -> bytes:
    """Return a whole answer: of a chat, or of an infill."""
    if request.infill:
        usage = usage_of(reply, request)
        infilled = {
            "content": reply.text or "",
            "stop_type": "limit" if reply.finish == "length" else "eos",
            "tokens_evaluated": usage["prompt_tokens"],
            "tokens_predicted": usage["completion_tokens"],
        }
        return json.dumps(infilled).encode()
    choice = {"index": 0, "message": _message(reply, number), "finish_reason": reply.finish_reason}
    answer: dict[str, Any] = {**_envelope(request, number, "chat.completion"), "choices": [choice]}
    if reply.usage != "missing":
        answer["usage"] = _reported(reply, request)
    return json.dumps(answer).encode()


def events(reply: Reply, request: Request, number: int) -> Iterator[bytes]:
    """Return the events of a streamed answer, usage in the last chunk where asked for."""
    envelope = _envelope(request, number, "chat.completion.chunk")
    for delta in _deltas(reply, number):
        yield _event({**envelope, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _event({**envelope, "choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish_reason}]})
    wanted = (request.body.get("stream_options") or {}).get("include_usage")
    if reply.usage == "last" or (wanted and reply.usage != "missing"):
        yield _event({**envelope, "choices": [], "usage": _reported(reply, request)})
    yield b"data: [DONE]\n\n"


def _deltas(reply: Reply, number: int) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for at in range(0, len(reply.reasoning or ""), _CHUNK):
        yield {"reasoning_content": (reply.reasoning or "")[at : at + _CHUNK]}
    for at in range(0, len(reply.text or ""), _CHUNK):
        yield {"content": (reply.text or "")[at : at + _CHUNK]}
    for index, call in enumerate(_calls(reply, number)):
        arguments = call["function"]["arguments"]
        yield {"tool_calls": [{**call, "index": index, "function": {**call["function"], "arguments": ""}}]}
        for at in range(0, len(arguments), _CHUNK):
            yield {"tool_calls": [{"index": index, "function": {"arguments": arguments[at : at + _CHUNK]}}]}


def _message(reply: Reply, number: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.reasoning is not None:
        message["reasoning_content"] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = _calls(reply, number)
    return message


def _calls(reply: Reply, number: int) -> list[dict[str, Any]]:
    return [
        {
            "id": call.id or f"call_{number}_{index}",
            "type": "function",
            "function": {"name": call.name, "arguments": _raw(call)},
        }
        for index, call in enumerate(reply.tool_calls)
    ]


def _raw(call: ToolCall) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


def _reported(reply: Reply, request: Request) -> dict[str, int] | None:
    if reply.usage == "null":
        return None
    usage = usage_of(reply, request)
    return dict.fromkeys(usage, 0) if reply.usage == "zero" else usage


def _envelope(request: Request, number: int, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{number}", "object": kind, "created": 1_700_000_000, "model": request.model}


def _event(payload: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(payload).encode() + b"\n\n"
