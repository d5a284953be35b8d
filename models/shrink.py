"""Making a prompt shorter: fenced evidence loses its middle, the largest first, and every cut is said in its place.

What agents are told to do is never fenced, and what is fenced is evidence: files, outputs, diffs. A short block (a
goal) is touched only when everything longer has been cut down to its length.
"""

from dataclasses import dataclass, replace

from models.answers.fences import closing, mark
from models.dialect import ChatRequest, Message

LEAST = 240
"""Characters that are left of a block in any case."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A request with a shorter prompt, and how many characters of evidence were left out."""

    request: ChatRequest
    left_out: int


@dataclass(frozen=True, slots=True)
class _Block:
    """The body of one fenced block: lines `start` to `end` (not included) of a message."""

    message: int
    start: int
    end: int
    size: int


def shrunk(request: ChatRequest, tokens: int) -> Shrunk | None:
    """Return the request with a prompt of at most about `tokens` tokens, None where too little of it is evidence."""
    excess = 4 * (request.prompt_tokens - tokens)
    if excess <= 0:
        return Shrunk(request, 0)
    texts = [message["content"].split("\n") for message in request.messages]
    blocks = [block for number, lines in enumerate(texts[1:], 1) for block in _blocks(number, lines)]
    level = _level(blocks, excess)
    if level is None:
        return None
    left_out = 0
    for block in reversed(blocks):  # from the end, so that the places of the others stay
        if block.size > level:
            lines = texts[block.message]
            kept, gone = _without_middle(lines[block.start : block.end], level)
            lines[block.start : block.end] = kept
            left_out += gone
    messages = tuple(
        Message(role=message["role"], content="\n".join(lines))
        for message, lines in zip(request.messages, texts, strict=True)
    )
    return Shrunk(replace(request, messages=messages), left_out)


def _blocks(message: int, lines: list[str]) -> list[_Block]:
    """Return the outermost fenced blocks of a message, in order."""
    found, at = list[_Block](), 0
    while at < len(lines):
        end = closing(lines, at) if mark(lines[at]) is not None else None
        if end is not None:
            found.append(_Block(message, at + 1, end, sum(len(line) + 1 for line in lines[at + 1 : end])))
            at = end
        at += 1
    return found


def _level(blocks: list[_Block], excess: int) -> int | None:
    """Return the greatest length to which all longer blocks can be cut so that `excess` characters go."""
    sizes = sorted((block.size for block in blocks), reverse=True)
    note = len(_note(10**7)) + 1
    for count, size in enumerate(sizes, 1):
        level = (sum(sizes[:count]) - count * note - excess) // count
        if level >= max(LEAST, sizes[count] if count < len(sizes) else 0):
            return min(level, size)
        if size <= LEAST:
            break
    return None


def _without_middle(lines: list[str], level: int) -> tuple[list[str], int]:
    """Return the first and last lines of a block, `level` characters in all, around what says how much is missing."""
    text = "\n".join(lines)
    head = text[: level // 2].rpartition("\n")[0] or text[: level // 2]
    rest = text[len(text) - (level - len(head)) :]
    tail = rest.partition("\n")[2] or rest
    gone = len(text) - len(head) - len(tail)
    return [*head.split("\n"), _note(gone), *tail.split("\n")], gone


def _note(count: int) -> str:
    return f"[… {count} characters left out]"
