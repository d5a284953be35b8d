"""Finding the JSON object that an answer means: fenced, in prose, in a tool call, or written a little wrong.

What loses nothing is forgiven: comments, trailing commas, other quotes, a document in a string. A document that ends
too early is not completed, and what stands inside it is not taken for the answer.
"""

import json
import re
from collections.abc import Iterator

from models.journal import Recorded
from models.reading import said

_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda name: _no_constant(name))
_MARKS = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL),
    "'": re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[{}]""", re.DOTALL),
    "“": re.compile(r'“[^”]*”|"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL),
}
"""What counts braces in a document and passes over its strings, by the quote that its first key has."""

_BEGINS = re.compile(r"\{\s*(?:[\"'“}/#]|\Z)")
_SOFT = re.compile(
    r"""(?P<plain>"(?:[^"\\]|\\.)*")|'(?P<single>(?:[^'\\]|\\.)*)'|“(?P<curly>[^”]*)”"""
    r"""|//[^\n]*|/\*.*?\*/|\#[^\n]*|,(?=\s*[}\]])|\b(?P<word>True|False|None)\b""",
    re.DOTALL,
)
_WORDS = {"True": "true", "False": "false", "None": "null"}
_FUNCTION = re.compile(r"<function=[\w.-]+>(.*?)</function>", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([\w.-]+)>(.*?)</parameter>", re.DOTALL)
_ARGUMENT = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)
_TAGGED_CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)


def candidates(answer: Recorded) -> Iterator[object]:
    """Every object that may be the answer, wherever the server has put it: in the text or in a tool call."""
    for arguments in answer["calls"]:
        yield from _whole(arguments)
    text = said(answer).replace("\u00a0", " ")
    yield from _leaked(text)
    for value in objects(text):
        yield value
        yield from _called(value)


def objects(text: str) -> Iterator[object]:
    """Every outermost complete JSON object of a text; braces in prose are passed over."""
    inner = _in_string(text)
    if inner is not None:
        text = inner
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            close = _close(text, at)
            if close is None and _BEGINS.match(text, at):
                return  # a document that ends too early: what follows stands inside it
            value, end = (None, at + 1) if close is None else (_softly(text[at:close]), close)
            if value is None:
                end = at + 1
        if value is not None:
            yield value
        at = text.find("{", end)


def _whole(arguments: str) -> Iterator[object]:
    """The arguments of a tool call: one complete object and nothing else, perhaps encoded twice."""
    try:
        value = json.loads(arguments, strict=False)
        yield json.loads(value, strict=False) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return


def _called(value: object) -> Iterator[object]:
    """The arguments in an object that is a tool call written down as text."""
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        arguments = value.get("arguments", value.get("parameters"))
        if isinstance(arguments, dict):
            yield arguments
        elif isinstance(arguments, str):
            yield from _whole(arguments)


def _leaked(text: str) -> Iterator[object]:
    """The arguments of tool calls in the tags of a chat template that the server has not understood."""
    for call in _FUNCTION.finditer(text):
        if pairs := _PARAMETER.findall(call[1]):
            yield {key: _value(value) for key, value in pairs}
    for call in _TAGGED_CALL.finditer(text):
        if pairs := _ARGUMENT.findall(call[1]):
            yield {key.strip(): _value(value) for key, value in pairs}


def _value(text: str) -> object:
    text = text.removeprefix("\n").removesuffix("\n")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text


def _in_string(text: str) -> str | None:
    """Return the text that a text encodes as one JSON string, None if it is none."""
    bare = text.strip()
    if not bare.startswith('"') or "{" not in bare:
        return None
    try:
        value = json.loads(bare, strict=False)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _close(text: str, at: int) -> int | None:
    """Return where the brace at `at` is closed, braces in strings aside; None if it never is."""
    first, depth = text[at + 1 : at + 200].lstrip()[:1], 0
    for mark in _MARKS.get(first, _MARKS['"']).finditer(text, at):
        depth += (mark[0] == "{") - (mark[0] == "}")
        if depth == 0:
            return mark.end()
    return None


def _softly(document: str) -> object:
    """Return the object that a document means which is not quite JSON, None if that is not certain."""
    try:
        return _DECODER.decode(_SOFT.sub(_strict, _SOFT.sub(_strict, document)))
    except (ValueError, RecursionError):
        return None


def _strict(found: re.Match[str]) -> str:
    """Return the JSON for a piece that is not quite JSON; comments and trailing commas are nothing."""
    if found["plain"] is not None:
        return found["plain"]
    if found["single"] is not None:
        return '"{}"'.format(found["single"].replace("\\'", "'").replace('"', '\\"'))
    if found["curly"] is not None:
        return '"{}"'.format(found["curly"].replace('"', '\\"'))
    return _WORDS.get(found["word"] or "", "")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
