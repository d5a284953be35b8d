"""M6, M7, M8 and M14: JSON that is cut, sloppy, wrapped, or not what the schema says; as text or as arguments."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.modelserver.calls import raw_arguments
from tests.modelserver.catalogue import DECIDERS, Turn, fault
from tests.modelserver.reply import Outcome, Reply


@fault("M6", "badjson_cut", hows=("share", "key", "string", "comma", "brace"), options=("at",), roles=DECIDERS)
def cut(turn: Turn) -> Outcome | None:
    """JSON that ends early although the finish reason is "stop": in a key, in a string, after a comma, before the end.

    Option `at`: the share of the characters that is kept (0.7).
    """
    if turn.how == "share":
        at = turn.number("at", 0.7)
        return _rewritten(turn.due, lambda text: text[: int(len(text) * at)])
    if _value(turn.due) is None:
        return None
    return _rewritten(turn.due, lambda text: text[: _place(text, turn.how)])


@fault(
    "M7",
    "badjson_soft",
    hows=(
        "newline", "trailing_comma", "single_quotes", "comments", "nan", "stringified", "double_encoded", "bom",
        "python_literals",
    ),
    roles=DECIDERS,
)  # fmt: skip
def soft(turn: Turn) -> Outcome | None:
    """JSON as people write it: raw newlines, commas too many, single quotes, comments, NaN, encoded twice, a BOM."""
    value = _value(turn.due)
    if value is None:
        return None
    softened = _softened(value, turn.how)
    return None if softened == json.dumps(value) else _rewritten(turn.due, lambda text: softened)


@fault("M8", "wrapped", hows=("fence", "prose", "twice", "wrong_first"), roles=DECIDERS)
def wrapped(turn: Turn) -> Outcome:
    """Right JSON inside a fence, inside prose, twice, or after a wrong object."""
    text = turn.due.text or ""
    match turn.how:
        case "prose":
            return replace(turn.due, text=f"Sure, here is what you {{asked}} for:\n{text}\nI hope that helps!")
        case "twice":
            return replace(turn.due, text=f"{text}\n\nOnce more:\n{text}")
        case "wrong_first":
            return replace(turn.due, text=f'{{"not": "this one"}}\nSorry, I meant:\n{text}')
    return replace(turn.due, text=f"```json\n{text}\n```")


@fault("M14", "schema_miss", hows=("missing", "extra", "null", "enum", "empty_list", "huge", "type"), roles=DECIDERS)
def schema_miss(turn: Turn) -> Outcome | None:
    """Valid JSON that is not what was asked for: a field too few or too many, null, a wrong word, a huge text."""
    value = _value(turn.due)
    if not isinstance(value, dict) or not value:
        return None
    missed = _missed(value, turn.how)
    return None if missed is None else _rewritten(turn.due, lambda text: json.dumps(missed))


def _value(due: Reply) -> Any:
    """Return the JSON value of an answer: of its text, or of its first call's arguments; None if it has none."""
    try:
        return json.loads(raw_arguments(due.tool_calls[0]) if due.tool_calls else due.text or "")
    except ValueError:
        return None


def _rewritten(due: Reply, change: Callable[[str], str]) -> Reply:
    """Change the JSON of an answer where it stands: in the first call's arguments, or in the text."""
    if not due.tool_calls:
        return replace(due, text=change(due.text or ""))
    first, *rest = due.tool_calls
    return replace(due, tool_calls=(replace(first, arguments=change(raw_arguments(first))), *rest))


def _place(text: str, how: str) -> int:
    """Return where JSON is cut, in its last part that allows it; before the last brace if nothing does."""
    patterns = {"key": r'"\w+"\s*:', "string": r':\s*"[^"]{2,}"', "comma": r",\s*"}
    found = list(re.finditer(patterns[how], text)) if how in patterns else []
    if not found:
        return text.rstrip().rfind("}")
    last = found[-1]
    return last.end() if how == "comma" else last.start() + (2 if how == "key" else len(last[0]) - 2)


def _softened(value: Any, how: str) -> str:
    plain = json.dumps(value)
    match how:
        case "newline":
            return re.sub(r'("[^"]*) ([^"]*"\s*[,}\]])', r"\1\n\2", plain, count=1).replace("\\n", "\n")
        case "trailing_comma":
            return re.sub(r"([}\]])", r",\1", plain) if value else plain
        case "single_quotes":
            return plain.replace('"', "'")
        case "comments":
            return plain.replace("{", "{ // as asked\n", 1)
        case "nan":
            return plain.replace("{", '{"confidence": NaN, ', 1)
        case "stringified" if isinstance(value, dict):
            return json.dumps({k: json.dumps(v) if isinstance(v, (list, dict)) else v for k, v in value.items()})
        case "python_literals":
            return repr(value)
        case "bom":
            return f"\ufeff{plain}"
    return json.dumps(plain)


def _missed(value: dict[str, Any], how: str) -> dict[str, Any] | None:
    first = next(iter(value))
    words = next((name for name, each in value.items() if isinstance(each, str)), None)
    listed = next((name for name, each in value.items() if isinstance(each, list) and each), None)
    match how:
        case "missing":
            return {name: each for name, each in value.items() if name != first}
        case "extra":
            return {**value, "surprise": 1}
        case "null":
            return {**value, first: None}
        case "enum" if words:
            return {**value, words: "perhaps"}
        case "empty_list" if listed:
            return {**value, listed: []}
        case "huge" if words:
            return {**value, words: "very " * 40_000}
        case "type":
            return {**value, first: {"value": value[first]}}
    return None
