"""Holes: the parts of a function that a model is asked to fill, smallest diff first."""

import ast
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Literal

from tools.definitions import body_after_docstring
from tools.functions import Target, column, leading_space, splice

LINE_STOPS = ("\n",)
"""A hole of one line ends with it."""

TAIL_STOPS = ("\n\n\n", "\ndef ", "\nclass ", "\nif __name__", "\nprint(", "\n#", "\nassert ", "\n@")
"""Where a filled tail of a function certainly ends."""

BODY_STOP = "# assert"
"""Where an answer only goes on with the list of tests that stands above it."""

SPECIAL = "<|"
"""Begins a control token of the common code models; no Python holds it outside a string."""


@dataclass(frozen=True)
class Hole:
    """A part of the source, as character positions, to be filled."""

    start: int
    end: int
    kind: Literal["line", "tail", "rest", "body"]
    lead: str
    """What comes before the answer: the line end and the indentation that the place lacks."""
    label: str
    """Names the part for people: ``line 12``, ``lines 12-15``, ``body``."""
    stops: tuple[str, ...]


def holes(target: Target) -> list[Hole]:
    """Each single line from the top, then each tail from the last line upwards, then the rests of lines from the top.

    A model likes to repeat a wrong line whole; from the middle of the line it diverges far more often.
    An unwritten body is one hole.
    """
    if target.unwritten or target.inline is not None:
        return [whole_body(target)]
    code = [i for i in range(target.body, target.end) if is_code(target.lines[i])]
    lines = [line_hole(target, i) for i in code if i < target.end - 1]
    tails = [tail_hole(target, i) for i in reversed(code)]
    return lines + tails + [rest_hole(target, i, at) for i, at in places_inside(target, set(code))]


def fill(target: Target, hole: Hole, answer: str) -> str:
    """The whole new source, with the answer in the hole, cut where it leaves the function."""
    text = answer.split(SPECIAL, 1)[0].replace("\r\n", "\n").rstrip()
    if hole.kind != "rest":
        text = text.lstrip(" \t")  # the indentation stands before the hole, and is often said again
    if hole.kind in ("line", "rest"):
        text = without_comment(target, hole, text.split("\n", 1)[0].rstrip())
    if hole.kind == "line" and not text:
        return without_line(target, hole)
    return splice(target, hole.start, hole.end, hole.lead + inside(text, target.indent))


def without_comment(target: Target, hole: Hole, text: str) -> str:
    """The line's new text without a comment that the old line did not have: small models explain themselves."""
    if "#" in target.source[hole.start : hole.end] or "#" not in text:
        return text
    begin = max(target.source.rfind(end, 0, hole.start) for end in "\r\n") + 1
    head = target.source[begin : hole.start].lstrip()
    try:
        for token in tokenize.generate_tokens(StringIO(head + text).readline):
            if token.type == tokenize.COMMENT:
                return text[: token.start[1] - len(head)].rstrip()
    except (tokenize.TokenError, SyntaxError):
        return text  # part of something longer, or no Python: the gate will tell
    return text


def inside(text: str, indent: str) -> str:
    """The lines up to the first that is indented less than the body: a later one would leave the function."""
    first, *rest = text.split("\n")
    kept = [first]
    for line in rest:
        if line.strip() and not line.startswith(indent):
            break
        kept.append(line if line.strip() else "")
    return "\n".join(kept).rstrip()


def is_code(line: str) -> bool:
    """True for a line that is neither blank nor only a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def line_hole(target: Target, i: int) -> Hole:
    """The text of one line, its indentation kept."""
    start = target.offset(i) + len(leading_space(target.lines[i]))
    return Hole(start, target.text_end(i), "line", "", f"line {i + 1}", LINE_STOPS)


def tail_hole(target: Target, i: int) -> Hole:
    """Everything from the text of one line to the end of the function."""
    start = target.offset(i) + len(leading_space(target.lines[i]))
    label = f"lines {i + 1}-{target.end}" if i < target.end - 1 else f"line {i + 1}"
    return Hole(start, target.text_end(target.end - 1), "tail", "", label, tail_stops(target))


def rest_hole(target: Target, i: int, at: int) -> Hole:
    """A line from a column on, the spaces before it included: how models cut text into tokens."""
    start = target.offset(i) + len(target.lines[i][:at].rstrip(" \t"))
    return Hole(start, target.text_end(i), "rest", "", f"line {i + 1} from column {at + 1}", LINE_STOPS)


def places_inside(target: Target, lines: set[int]) -> list[tuple[int, int]]:
    """Line and column, from 0, of every place inside a line where an expression begins or a left operand ends."""
    found = set()
    for statement in body_after_docstring(target.node):
        for node in outside_f_strings(statement):
            if isinstance(node, ast.expr):
                found.add((node.lineno - 1, node.col_offset))
            left = getattr(node, "left", None)
            if isinstance(left, ast.expr):
                found.add(((left.end_lineno or 1) - 1, left.end_col_offset or 0))
    places = {(i, column(target.lines[i], offset)) for i, offset in found if i in lines}
    return sorted((i, at) for i, at in places if target.lines[i][:at].strip())


def outside_f_strings(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, those inside f-strings left out: before Python 3.12 their positions are wrong."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.JoinedStr):
            waiting += ast.iter_child_nodes(node)


def whole_body(target: Target) -> Hole:
    """The body as one hole, wherever it begins: on its own line, beside the signature, or nowhere yet."""
    end = target.text_end(target.end - 1)
    lead = target.newline + target.indent
    if target.inline is not None:
        start = len(target.source[: target.inline].rstrip(" \t"))
    elif target.body < target.end:
        first = next(i for i in range(target.body, target.end) if target.lines[i].strip())
        start, lead = target.offset(first), target.indent
    else:
        start = end
    return Hole(start, end, "body", lead, "body", (*tail_stops(target), BODY_STOP))


def tail_stops(target: Target) -> tuple[str, ...]:
    """The stops for a tail: at column 0, and at the function's own level where it is a method or nested."""
    if not target.outer:
        return TAIL_STOPS
    return (*TAIL_STOPS, f"\n{target.outer}def ", f"\n{target.outer}@", f"\n{target.outer}async def ")


def without_line(target: Target, hole: Hole) -> str:
    """The source without the hole's line: an empty answer takes the line out."""
    before = len(target.source[: hole.start].rstrip(" \t\f"))
    return target.source[:before] + re.sub(r"\A(\r\n|\r|\n)", "", target.source[hole.end :])
