"""What strict servers reject with 400: faulty requests, and parameters that a model does not know."""

from collections.abc import Sequence
from typing import Any

from tests.modelserver.request import Request

_ROLES = {"system", "developer", "user", "assistant", "tool"}


def fault_of(request: Request) -> str | None:
    """Return why a strict server would reject a chat request, None if it would not."""
    messages = request.body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "'messages' must be a list that is not empty."
    open_calls: list[str] = []
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            return f"messages[{number}]: unknown role."
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                return f"messages[{number}]: a tool message must follow the call that it answers."
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            return f"messages[{number}]: tool calls {open_calls} have not been answered."
        calls = message.get("tool_calls") or []
        if not calls and not message.get("content"):
            return f"messages[{number}]: content must not be empty."
        open_calls = [str(call.get("id")) for call in calls]
    if open_calls:
        return f"tool calls {open_calls} have not been answered."
    return _tool_fault(request.body.get("tools"))


def refused_parameter(request: Request, refuses: Sequence[str]) -> str | None:
    """Return the message for the first parameter that a scenario does not know, None if there is none."""
    for each in refuses:
        name, _, kind = each.partition(":")
        if name in request.body and (not kind or request.format == kind):
            what = f"'{name}' of type '{kind}'" if kind else f"'{name}'"
            return f"Unsupported parameter: {what} is not supported with this model."
    return None


def _tool_fault(tools: Any) -> str | None:
    if tools is None:
        return None
    if not isinstance(tools, list) or not tools:
        return "'tools' must be a list that is not empty."
    for number, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not function.get("name"):
            return f"tools[{number}]: a function with a name is required."
        if not isinstance(function.get("parameters", {}), dict):
            return f"tools[{number}]: parameters must be a JSON schema."
    return None
