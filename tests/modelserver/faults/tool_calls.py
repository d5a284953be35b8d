"""M9 to M13: tool calls that leak into the text, name what is not there, or are written down wrongly.

Where a call is due, the fault is in that call. Where JSON is due, it is taken for the arguments of a call of the
wanted schema, or of the first tool that is offered.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

from tests.modelserver.calls import raw_arguments
from tests.modelserver.catalogue import Turn, fault
from tests.modelserver.edits import edits_in
from tests.modelserver.reply import CallShape, Outcome, ToolCall

SHAPES: tuple[CallShape, ...] = tuple(shape for shape in get_args(CallShape) if shape != "right")


STREAMED_SHAPES = ("gaps", "split_name", "no_index")
"""Shapes that only the deltas of a stream can have."""


@fault("M9", "leaked_call", hows=("hermes", "no_opening_tag", "qwen_xml", "glm", "fenced", "python"))
def leaked(turn: Turn) -> Outcome | None:
    """A tool call as text in the content: in the tags of Hermes, Qwen or GLM, without the opening tag, in a fence."""
    calls = calls_due(turn)
    if not calls:
        return None
    return replace(turn.due, text="\n".join(_as_text(each, turn.how) for each in calls), tool_calls=(), finish="stop")


@fault("M10", "badtool", hows=("unknown", "case", "namespaced", "suffixed"))
def bad_tool(turn: Turn) -> Outcome | None:
    """A call of a tool that does not exist, or of a right one in another spelling."""
    names: dict[str, Callable[[str], str]] = {
        "unknown": lambda _: "perform_magic",
        "case": str.upper,
        "namespaced": lambda name: f"functions.{name}",
        "suffixed": lambda name: f"{name}<|channel|>commentary",
    }
    calls = tuple(replace(each, name=names[turn.how](each.name)) for each in calls_due(turn))
    return replace(turn.due, text=None, tool_calls=calls) if calls else None


@fault(
    "M11",
    "badargs",
    hows=(
        "missing", "extra", "misspelt", "float", "stringly", "list", "path_dot", "path_slash", "path_absolute",
        "path_url", "empty",
    ),
)  # fmt: skip
def bad_arguments(turn: Turn) -> Outcome | None:
    """Arguments that are missing, too many, misspelt, of another type, or paths in another spelling."""
    changed = [(call, _misargued(_object(call), turn.how)) for call in calls_due(turn)]
    if not changed or any(arguments is None for _, arguments in changed):
        return None
    calls = tuple(replace(call, arguments=arguments or {}) for call, arguments in changed)
    return replace(turn.due, text=None, tool_calls=calls)


@fault("M12", "call_shape", hows=SHAPES)
def call_shape(turn: Turn) -> Outcome | None:
    """A right call, written as only some servers do: no id, equal ids, gaps, arguments as an object, the old API."""
    if turn.how in STREAMED_SHAPES and not turn.request.stream:
        return None
    calls = calls_due(turn)
    shape = next(each for each in SHAPES if each == turn.how)
    return replace(turn.due, text=None, tool_calls=calls, call_shape=shape) if calls else None


@fault("M13", "many", hows=("20", "200", "conflict"))
def many(turn: Turn) -> Outcome | None:
    """Many parallel calls in one message, or two that change one file in different ways."""
    calls = calls_due(turn)
    if not calls:
        return None
    if turn.how != "conflict":
        calls = tuple(replace(calls[0], id=f"call_{number}") for number in range(int(turn.how)))
        return replace(turn.due, text=None, tool_calls=calls)
    found = edits_in(replace(turn.due, text=None, tool_calls=calls))
    if found is None:
        return None
    first = found.all[0]
    return found.written([first, replace(first, new=f"{first.new.rstrip()}  \n")])


def calls_due(turn: Turn) -> tuple[ToolCall, ...]:
    """Return the calls that are due, or what is due as a call; empty where it cannot be one."""
    if turn.due.tool_calls:
        return turn.due.tool_calls
    value = _parsed(turn.due.text or "")
    if value is not None:
        return (ToolCall(_wanted_name(turn), value),)
    found = edits_in(turn.due)
    if found is None or not turn.request.tools:
        return ()
    return tuple(
        ToolCall("write" if each.old is None else "edit", _fields(each.path, each.old, each.new)) for each in found.all
    )


def _wanted_name(turn: Turn) -> str:
    chosen = turn.request.body.get("response_format")
    schema = chosen.get("json_schema") if isinstance(chosen, dict) else None
    named = schema.get("name") if isinstance(schema, dict) else None
    return str(named or next(iter(turn.request.tools), "answer"))


def _fields(path: str, old: str | None, new: str) -> dict[str, object]:
    return {"path": path, "content": new} if old is None else {"path": path, "old": old, "new": new}


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _object(call: ToolCall) -> dict[str, Any]:
    return _parsed(raw_arguments(call)) or {}


def _as_text(call: ToolCall, how: str) -> str:
    arguments = _object(call)
    whole = json.dumps({"name": call.name, "arguments": arguments})
    match how:
        case "no_opening_tag":
            return f"{whole}\n</tool_call>"
        case "qwen_xml":
            inside = "".join(f"<parameter={k}>\n{_plain(v)}\n</parameter>\n" for k, v in arguments.items())
            return f"<tool_call>\n<function={call.name}>\n{inside}</function>\n</tool_call>"
        case "glm":
            inside = "".join(
                f"<arg_key>{k}</arg_key>\n<arg_value>{_plain(v)}</arg_value>\n" for k, v in arguments.items()
            )
            return f"<tool_call>{call.name}\n{inside}</tool_call>"
        case "fenced":
            return f"```json\n{whole}\n```"
        case "python":
            return f"{call.name}({', '.join(f'{k}={v!r}' for k, v in arguments.items())})"
    return f"<tool_call>\n{whole}\n</tool_call>"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _misargued(arguments: Mapping[str, Any], how: str) -> dict[str, Any] | None:
    """Return the arguments with a fault; None where there is nothing to do it to."""
    if not arguments:
        return None
    first = next(iter(arguments))
    if how.startswith("path_"):
        named = next((name for name in arguments if name in ("path", "file", "file_path", "filename")), None)
        return None if named is None else {**arguments, named: _respelt(str(arguments[named]), how)}
    match how:
        case "missing":
            return {name: each for name, each in arguments.items() if name != first}
        case "extra":
            return {**arguments, "explanation": "because you asked"}
        case "misspelt":
            return {f"{first}s" if name == first else name: each for name, each in arguments.items()}
        case "list":
            return {**arguments, first: [arguments[first]]}
        case "empty":
            return {}
    return _retyped(arguments, how)


def _retyped(arguments: Mapping[str, Any], how: str) -> dict[str, Any] | None:
    """Return whole numbers as floats, or truth values and numbers as text; None where there are none."""
    kinds = (int,) if how == "float" else (bool, int, float)
    changed = {
        name: (float(each) if how == "float" else json.dumps(each))
        for name, each in arguments.items()
        if isinstance(each, kinds) and not (how == "float" and isinstance(each, bool))
    }
    return {**arguments, **changed} if changed else None


def _respelt(path: str, how: str) -> str:
    spelt = {"path_dot": f"./{path}", "path_slash": f"{path}/", "path_absolute": f"/workspace/{path}"}
    return spelt.get(how, f"file:///workspace/{path}")
