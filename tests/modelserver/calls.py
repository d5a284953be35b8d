"""Tool calls as they are written down: in a message, and in the deltas of a stream; right, or as some servers do it."""

import json
from collections.abc import Iterator
from typing import Any

from tests.modelserver.reply import Reply, ToolCall

CHUNK = 24
"""Characters in one event of a stream."""


def raw_arguments(call: ToolCall) -> str:
    """Return the arguments as the text that goes on the wire."""
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


def in_message(reply: Reply, prefix: str) -> dict[str, Any]:
    """Return the fields of a message that hold the calls; `prefix` starts the ids that nobody chose."""
    if not reply.tool_calls:
        return {}
    if reply.call_shape == "function_call":
        first = reply.tool_calls[0]
        return {"function_call": {"name": first.name, "arguments": raw_arguments(first)}}
    return {"tool_calls": [_shaped(call, reply, index, prefix) for index, call in enumerate(reply.tool_calls)]}


def in_deltas(reply: Reply, prefix: str) -> Iterator[dict[str, Any]]:
    """Return the deltas that carry the calls: the name first, then the arguments in pieces."""
    if reply.call_shape == "function_call":
        for call in reply.tool_calls[:1]:
            yield {"function_call": {"name": call.name, "arguments": ""}}
            for piece in _pieces(raw_arguments(call)):
                yield {"function_call": {"arguments": piece}}
        return
    for number, call in enumerate(reply.tool_calls):
        place = {} if reply.call_shape == "no_index" else {"index": _index(reply, number)}
        head = _shaped(call, reply, number, prefix)
        if reply.call_shape == "object_arguments":
            yield {"tool_calls": [{**head, **place}]}
            continue
        names = [call.name[: len(call.name) // 2], call.name[len(call.name) // 2 :]]
        first, *rest = names if reply.call_shape == "split_name" else [call.name]
        yield {"tool_calls": [{**head, **place, "function": {"name": first, "arguments": ""}}]}
        for name in rest:
            yield {"tool_calls": [{**place, "function": {"name": name}}]}
        for piece in _pieces(raw_arguments(call)):
            yield {"tool_calls": [{**place, "function": {"arguments": piece}}]}


def _shaped(call: ToolCall, reply: Reply, index: int, prefix: str) -> dict[str, Any]:
    arguments: Any = raw_arguments(call)
    if reply.call_shape == "object_arguments" and not isinstance(call.arguments, str):
        arguments = dict(call.arguments)
    shaped: dict[str, Any] = {
        "id": "call_1" if reply.call_shape == "equal_ids" else call.id or f"call_{prefix}_{index}",
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }
    left_out = {"no_id": "id", "no_type": "type"}.get(reply.call_shape)
    return {name: value for name, value in shaped.items() if name != left_out}


def _index(reply: Reply, number: int) -> int:
    return 2 * number + 1 if reply.call_shape == "gaps" else number


def _pieces(text: str) -> Iterator[str]:
    for at in range(0, len(text), CHUNK):
        yield text[at : at + CHUNK]
