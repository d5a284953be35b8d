"""M1 to M5 and M15: answers that are empty, cut, refused, thought aloud, or in another language."""

import re
from dataclasses import replace

from tests.modelserver.calls import raw_arguments
from tests.modelserver.catalogue import Turn, fault
from tests.modelserver.edits import inside_first_edit
from tests.modelserver.reply import Outcome, Reply
from tests.modelserver.wire import beginning

THOUGHT = "The user wants {this}. I should answer carefully."

FOREIGN_BEFORE = "当然可以 以下是您需要的内容\n\n"
FOREIGN_AFTER = "\n希望这对您有帮助\n"


@fault("M1", "empty", hows=("nothing", "null", "spaces"), options=("content",))
def empty(turn: Turn) -> Outcome:
    """No text and no tool call: an empty text, null, or white space. Option `content`: the text."""
    content = {"nothing": "", "null": None, "spaces": " \n"}[turn.how]
    if "content" in turn.options:
        given = turn.options["content"]
        content = None if given is None else str(given)
    return replace(turn.due, text=content, tool_calls=())


@fault("M2", "think", hows=("before", "close_only", "unclosed", "only", "field"))
def think(turn: Turn) -> Outcome:
    """Thoughts before the answer, without an end, without an answer, or in the reasoning field alone."""
    due = turn.due
    match turn.how:
        case "close_only":
            return replace(due, text=f"{THOUGHT}</think>\n\n{due.text or ''}")
        case "unclosed":
            return replace(due, text=f"<think>\n{THOUGHT}\n{due.text or ''}")
        case "only":
            return replace(due, text=f"<think>\n{THOUGHT}\n</think>\n", tool_calls=())
        case "field":
            return replace(due, text=None, reasoning=THOUGHT, tool_calls=())
    return replace(due, text=f"<think>\n{THOUGHT}\n</think>\n\n{due.text or ''}")


@fault("M3", "length", hows=("", "edit", "arguments"))
def length(turn: Turn) -> Outcome | None:
    """Finish reason "length" in the middle of the text, of an edit, or of the arguments of a tool call."""
    due = turn.due
    if turn.how == "arguments" and not due.tool_calls:
        return None
    if turn.how == "edit" or due.tool_calls:
        place = inside_first_edit(due)
        if place is None and not due.tool_calls:
            return None
        return replace(beginning(due, _half(due) if place is None else place), finish="length")
    return replace(beginning(due, len(due.text or "") // 2), finish="length")


@fault("M4", "filter", hows=("", "cut"))
def content_filter(turn: Turn) -> Outcome:
    """Finish reason "content_filter", with no text or with the first half of it."""
    text = (turn.due.text or "")[: len(turn.due.text or "") // 2] if turn.how == "cut" else ""
    return replace(turn.due, text=text, tool_calls=(), finish="content_filter")


@fault("M4", "refusal", hows=("field", "prose"))
def refusal(turn: Turn) -> Outcome:
    """The model declines: in the refusal field, or in so many words."""
    words = "I'm sorry, but I can't help with that request."
    if turn.how == "prose":
        return replace(turn.due, text=words, tool_calls=())
    return replace(turn.due, text=None, tool_calls=(), refusal=words)


@fault("M5", "finish_lies", hows=("stop_with_calls", "calls_without", "null", "unknown"))
def finish_lies(turn: Turn) -> Outcome | None:
    """A finish reason that does not fit: "stop" beside tool calls, "tool_calls" beside none, null, an unknown word."""
    match turn.how:
        case "stop_with_calls":
            return replace(turn.due, finish="stop") if turn.due.tool_calls else None
        case "calls_without":
            return None if turn.due.tool_calls else replace(turn.due, finish="tool_calls")
    return replace(turn.due, finish="null" if turn.how == "null" else "eos_token")


@fault("M5", "finish_null")
def finish_null(turn: Turn) -> Outcome:
    """A whole answer without a finish reason."""
    return replace(turn.due, finish="null")


@fault("M15", "language", hows=("foreign", "crlf", "quotes", "nbsp"))
def language(turn: Turn) -> Outcome:
    """The right answer between words of another language, with other line ends, smart quotes, non-breaking spaces."""
    if turn.due.tool_calls and turn.how != "foreign":
        calls = tuple(
            replace(call, arguments=_in_values(raw_arguments(call), turn.how)) for call in turn.due.tool_calls
        )
        return replace(turn.due, tool_calls=calls)
    text = turn.due.text or ""
    if turn.how == "foreign":
        return replace(turn.due, text=f"{FOREIGN_BEFORE}{text}{FOREIGN_AFTER}")
    return replace(turn.due, text=_respelt(text, turn.how))


def _half(due: Reply) -> int:
    return len(raw_arguments(due.tool_calls[0])) // 2


def _respelt(text: str, how: str) -> str:
    match how:
        case "crlf":
            return text.replace("\n", "\r\n")
        case "nbsp":
            return re.sub(r"(?<=\S) (?=\S)", "\u00a0", text)
    return re.sub(r"'([^'\n]*)'", "\u2018\\1\u2019", re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text))


def _in_values(arguments: str, how: str) -> str:
    """Respell arguments; quotes that make them JSON are respelt too, as the models that do it do."""
    return arguments.replace("\\n", "\\r\\n") if how == "crlf" else _respelt(arguments, how)
