"""Unified diffs as rows that can be shown one below the other or side by side."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")

WORD = re.compile(r"\w+|\s+|.")

MAX_MARKED = 300
"""Most characters of a line within which the changed words are looked for."""

ALIKE = 0.5
"""How alike two lines must be, of 1, for their changed words to be marked."""


@dataclass(frozen=True)
class Line:
    """One line: its numbers before and after (0 where it is not there), and its text in pieces, changed ones marked."""

    old: int
    new: int
    pieces: list[tuple[str, bool]]

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(text for text, _ in self.pieces)


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
            _put(found.hunks[-1], kind, Line(old if kind != "+" else 0, new if kind != "-" else 0, [(text, False)]))
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
    name = head[0].removeprefix("diff --git ")  # the same path twice: nothing but a mode, or bytes that are no text
    return _unquoted('"' + name.rpartition('"b/')[2]) if name.endswith('"') else name.rpartition(" b/")[2]


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
    if max(len(old.text), len(new.text)) > MAX_MARKED:
        return old, new
    before, after = WORD.findall(old.text), WORD.findall(new.text)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return old, new  # little is alike: all of it is news
    steps = matcher.get_opcodes()
    return (
        Line(old.old, old.new, [("".join(before[a:b]), kind != "equal") for kind, a, b, _, _ in steps if b > a]),
        Line(new.old, new.new, [("".join(after[a:b]), kind != "equal") for kind, _, _, a, b in steps if b > a]),
    )
