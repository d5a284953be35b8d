"""Reading a reply: what the model meant to say, and whether it is an answer at all.

Tolerant of everything that loses nothing (fences, prose, thoughts, the wrong channel) and never of anything that
does: a document that ends too early is no answer, and is not completed.
"""

import json
import re
from collections.abc import Iterator
from typing import Literal

from models.journal import Recorded

Defect = Literal["empty", "cut", "refused"]

_THOUGHT = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT_END = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


def spoken(text: str) -> str:
    """Return an answer without the thoughts before it; a thought that never ends leaves nothing."""
    opened, closed = _THOUGHT.match(text), _THOUGHT_END.search(text)
    if opened is not None:
        return text[closed.end() :].lstrip() if closed else ""
    if closed is not None and "```" not in text[: closed.start()] and "<<<<<" not in text[: closed.start()]:
        return text[closed.end() :].lstrip()  # some servers send only the closing tag
    return text


def defect(answer: Recorded, *, structured: bool) -> Defect | None:
    """Tell why a reply is no answer at all, None if it may be one."""
    if answer["finish"] in ("content_filter", "refusal"):
        return "refused"
    if answer["finish"] in ("length", None):
        return "cut"
    if spoken(answer["text"]).strip() or (structured and answer["calls"]):
        return None
    return "empty"


def candidates(answer: Recorded) -> Iterator[object]:
    """Every object that may be the answer, wherever the server has put it: in the text or in a tool call."""
    for arguments in answer["calls"]:
        yield from objects(arguments)
    yield from objects(spoken(answer["text"]))


def objects(text: str) -> Iterator[object]:
    """Every outermost complete JSON object of a text; braces in prose are passed over."""
    decoder = json.JSONDecoder(strict=False, parse_constant=_no_constant)
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
        else:
            yield value
            at = text.find("{", end)


def quoted(answer: Recorded, limit: int = 4_000) -> str:
    """Return the answer as plain text for the next question: unanswered tool calls would be refused."""
    text = spoken(answer["text"]).strip() or "\n".join(answer["calls"])
    return text if len(text) <= limit else f"{text[:limit]}\n…"


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
