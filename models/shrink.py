"""Making a prompt shorter: fenced evidence loses its middle, and every cut is said in its place.

What agents are told to do is never fenced, and what is fenced is evidence: files, outputs, diffs. The first block of
a question is what is asked for (a goal, a request) and stays. Of the others, what the caller says is oldest goes first,
then the largest.
"""

from dataclasses import dataclass, replace

from models.answers.fences import closing, mark
from models.dialect import ChatRequest, Message


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
    blocks = [block for number, lines in enumerate(texts[1:], 1) for block in _blocks(number, lines)][1:]
    lengths = _lengths(blocks, [_older_place(block, texts, request) for block in blocks], excess)
    if lengths is None:
        return None
    left_out = 0
    for block, length in reversed(list(zip(blocks, lengths, strict=True))):  # so that the places of the others stay
        if block.size > length:
            lines = texts[block.message]
            kept, gone = _without_middle(lines[block.start : block.end], length)
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


def _older_place(block: _Block, texts: list[list[str]], request: ChatRequest) -> int | None:
    """Return the place of a block among the oldest texts, None if it is none of them."""
    body = "\n".join(texts[block.message][block.start : block.end])
    return next((place for place, text in enumerate(request.older) if text.strip("\n") == body.strip("\n")), None)


def _lengths(blocks: list[_Block], places: list[int | None], excess: int) -> list[int] | None:
    """Return how long each block may be so that `excess` characters go, None if they cannot."""
    lengths = [block.size for block in blocks]
    older = sorted((place, number) for number, place in enumerate(places) if place is not None)
    for _, number in older:
        least = max(0, lengths[number] - excess - _NOTE)
        if excess > 0 and lengths[number] > least + _NOTE:
            excess -= lengths[number] - least - _NOTE
            lengths[number] = least
    if excess <= 0:
        return lengths
    level = _level([length for length, place in zip(lengths, places, strict=True) if place is None], excess)
    if level is None:
        return None
    return [length if place is not None else min(length, level) for length, place in zip(lengths, places, strict=True)]


def _level(lengths: list[int], excess: int) -> int | None:
    """Return the greatest length to which all longer blocks can be cut so that `excess` characters go."""
    sizes = sorted(lengths, reverse=True)
    for count, size in enumerate(sizes, 1):
        level = (sum(sizes[:count]) - count * _NOTE - excess) // count
        if level >= (sizes[count] if count < len(sizes) else 0):
            return min(level, size)
    return None


def _without_middle(lines: list[str], level: int) -> tuple[list[str], int]:
    """Return the first and last lines of a block, `level` characters in all, around what says how much is missing."""
    text = "\n".join(lines)
    head = text[: level // 2].rpartition("\n")[0] or text[: level // 2]
    rest = text[len(text) - (level - len(head)) :]
    tail = rest.partition("\n")[2] or rest
    gone = len(text) - len(head) - len(tail)
    return [*(head.split("\n") if head else []), _note(gone), *(tail.split("\n") if tail else [])], gone


def _note(count: int) -> str:
    return f"[… {count} characters left out]"


_NOTE = len(_note(10**7)) + 3
"""Most characters that a note takes, with the line endings around it."""
