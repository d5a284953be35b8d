"""Reading a reply: what the model said aloud, and whether it is an answer at all.

Tolerant of everything that loses nothing (thoughts, stop tokens of another template) and never of anything that does:
an answer that ends too early is no answer.
"""

import re
from typing import Literal

from models.journal import Recorded

Defect = Literal["empty", "cut", "loop", "filtered", "refused"]
"""Why a reply is no answer: `filtered` by the provider, who decides the same way twice, `refused` by the model."""

_THOUGHT = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT_END = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_START = re.compile(
    r"\s*(?:<\|im_start\|>\s*assistant|<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>|<\|assistant\|>)\s*"
)
_STOP = re.compile(
    r"\s*(?:<\|(?:im_end|endoftext|eot_id|eom_id|end_of_text|end)\|>|<\uff5cend\u2581of\u2581sentence\uff5c>)"
    r"(?=\s*(?:\Z|<\|(?:im_start|im_end|start_header_id|begin_of_text|endoftext|user|system|assistant)\|>|<\uff5c))"
    r"|\s*</s>\s*\Z"
)
_REFUSAL = re.compile(
    r"(?:i'm|i am|we're) (?:very )?(?:sorry|unable)|(?:sorry|apologies)\b|i (?:cannot|can't|can not|won't)\b"
    r"|as an ai\b",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"```|~~~|<<<<<|[{}]")

SHORT = 600
"""A refusal has fewer characters; a longer answer that begins with an apology is not one."""


def spoken(text: str) -> str:
    """Return an answer without the thoughts before it and without what stands where the model should have stopped."""
    said = _START.sub("", _aloud(text), count=1) if _START.match(text) else _aloud(text)
    stop = _STOP.search(said)
    return said[: stop.start()] if stop and not (stop[0].strip() == "</s>" and "<s>" in said) else said


def _aloud(text: str) -> str:
    """Return a text without thoughts; a thought that never ends leaves nothing."""
    opened, closed = _THOUGHT.match(text), _THOUGHT_END.search(text)
    if opened is not None:
        return text[closed.end() :].lstrip() if closed else ""
    if closed is not None and "```" not in text[: closed.start()] and "<<<<<" not in text[: closed.start()]:
        return text[closed.end() :].lstrip()  # some servers send only the closing tag
    return text


def defect(answer: Recorded, *, structured: bool) -> Defect | None:
    """Tell why a reply is no answer at all, None if it may be one."""
    match answer["finish"]:
        case "content_filter":
            return "filtered"
        case "refusal":
            return "refused"
        case "repetition":
            return "loop"
        case "length" | None:
            return "cut"
    text = spoken(answer["text"]).strip()
    if len(text) < SHORT and _REFUSAL.match(text.replace("\u2019", "'")) and not _CONTENT.search(text):
        return "refused"
    if text or (structured and (answer["calls"] or _only_thought(answer).startswith("{"))):
        return None
    return "empty"


def said(answer: Recorded) -> str:
    """Return the text of an answer to a structured question: some servers put all of it where thoughts belong."""
    return spoken(answer["text"]) or _only_thought(answer)


def quoted(answer: Recorded, limit: int = 4_000) -> str:
    """Return the answer as plain text for the next question: unanswered tool calls would be refused."""
    text = said(answer).strip() or "\n".join(answer["calls"])
    return text if len(text) <= limit else f"{text[:limit]}\n[… {len(text) - limit} characters left out]"


def _only_thought(answer: Recorded) -> str:
    return answer.get("reasoning", "").strip()
