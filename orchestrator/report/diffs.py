"""Unified diffs as rows that can be shown one below the other or side by side."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from os.path import commonprefix

HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")

MAX_MARKED = 400
"""Most characters of a line within which the changed part is looked for."""


@dataclass(frozen=True)
class Line:
    """One line: its numbers before and after (0 where it is not there), and its text around the part that changed."""

    old: int
    new: int
    head: str
    changed: str = ""
    tail: str = ""

    @property
    def text(self) -> str:
        """The whole line."""
        return self.head + self.changed + self.tail


@dataclass
class Block:
    """Lines that stand together: unchanged ones in `same`, or what was taken out and what came in its place."""

    same: list[Line] = field(default_factory=list)
    removed: list[Line] = field(default_factory=list)
    added: list[Line] = field(default_factory=list)


@dataclass
class Hunk:
    """One place of a file."""

    about: str
    blocks: list[Block] = field(default_factory=list)


@dataclass
class FileDiff:
    """What became of one file."""

    path: str
    status: str = "modified"
    """added, deleted or modified."""
    added: int = 0
    removed: int = 0
    notes: list[str] = field(default_factory=list)
    """What git says beside lines: another mode, bytes that are no text."""
    hunks: list[Hunk] = field(default_factory=list)
    left_out: int = 0
    """Lines that are not shown."""


def parsed(diff: str, most: int) -> list[FileDiff]:
    """The files of git's unified diff, of each at most `most` changed or unchanged lines."""
    texts = re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE)
    return [_file(text.removesuffix("\n").split("\n"), most) for text in texts if text.startswith("diff --git ")]


def _file(lines: list[str], most: int) -> FileDiff:
    start = next((n for n, line in enumerate(lines) if line.startswith("@@")), len(lines))
    found = _headed(lines[:start])
    old = new = 0
    for number, line in enumerate(lines[start:]):
        if place := HUNK.match(line):
            old, new = int(place[1]), int(place[2])
            found.hunks.append(Hunk(line if number < most else ""))
            continue
        kind, text = line[:1], line[1:]
        found.added += kind == "+"
        found.removed += kind == "-"
        if number >= most:
            found.left_out += 1
        elif kind == "\\":
            found.notes.append(text.strip())
        else:
            _put(found.hunks[-1], kind, Line(old if kind != "+" else 0, new if kind != "-" else 0, text))
        old, new = old + (kind in " -"), new + (kind in " +")
    found.hunks = [hunk for hunk in found.hunks if hunk.blocks]
    for block in _blocks(found):
        _mark(block)
    return found


def _headed(head: list[str]) -> FileDiff:
    """A file by the lines above its hunks."""
    found = FileDiff(_path(head))
    for line in head:
        if line.startswith("new file"):
            found.status = "added"
        elif line.startswith("deleted file"):
            found.status = "deleted"
        elif line.startswith(("old mode", "new mode", "Binary files")):
            found.notes.append(line)
    return found


def _path(head: list[str]) -> str:
    for line in [*(h for h in head if h.startswith("+++ ")), *(h for h in head if h.startswith("--- "))]:
        name = _unquoted(line[4:].rstrip("\t"))
        if name != "/dev/null":
            return name[2:]
    return _unquoted(head[0].rpartition(" b/")[2] if '"' not in head[0] else head[0].rpartition(' "b/')[2].rstrip('"'))


def _unquoted(name: str) -> str:
    """A path as it is: git puts one with unusual signs in quotes."""
    if not (name.startswith('"') and name.endswith('"')):
        return name
    signs = {"n": b"\n", "t": b"\t", "r": b"\r", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v"}
    raw = re.sub(
        rb"\\([0-7]{3}|.)",
        lambda sign: bytes([int(sign[1], 8)]) if len(sign[1]) == 3 else signs.get(sign[1].decode("latin-1"), sign[1]),
        name[1:-1].encode("utf-8", "surrogateescape"),
    )
    return raw.decode("utf-8", "replace")


def _put(hunk: Hunk, kind: str, line: Line) -> None:
    newest = hunk.blocks[-1] if hunk.blocks else None
    if newest is None or bool(newest.same) != (kind == " "):
        newest = Block()
        hunk.blocks.append(newest)
    {"-": newest.removed, "+": newest.added}.get(kind, newest.same).append(line)


def _blocks(found: FileDiff) -> Iterator[Block]:
    for hunk in found.hunks:
        yield from hunk.blocks


def _mark(block: Block) -> None:
    """Tell the changed part of lines that were changed one for one."""
    if len(block.removed) != len(block.added):
        return
    pairs = [_parted(old, new) for old, new in zip(block.removed, block.added, strict=True)]
    block.removed, block.added = [old for old, _ in pairs], [new for _, new in pairs]


def _parted(old: Line, new: Line) -> tuple[Line, Line]:
    before, after = old.text, new.text
    if max(len(before), len(after)) > MAX_MARKED:
        return old, new
    head = len(commonprefix([before, after]))
    tail = len(commonprefix([before[head:][::-1], after[head:][::-1]]))
    if 2 * (head + tail) < max(len(before), len(after)):
        return old, new  # little is alike: all of it is news
    return _cut(old, head, tail), _cut(new, head, tail)


def _cut(line: Line, head: int, tail: int) -> Line:
    text = line.text
    return Line(line.old, line.new, text[:head], text[head : len(text) - tail], text[len(text) - tail :])
