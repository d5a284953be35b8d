"""JSON with comments and trailing commas, read with the line of every value so that an error can point at it."""

import json
import re
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TypeAlias

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
"""A JSON-plain value."""

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the outside in."""

MAX_DEPTH = 50
"""Deepest nesting that is read; a configuration needs four."""

_SKIP = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_WORDS: dict[str, JSON] = {"true": True, "false": False, "null": None}


class JsoncError(ValueError):
    """The text is not JSON with comments; `line` is 1-based."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text: its value, and the 1-based line on which each value (for members: its key) begins.

    `spans` hold for each value the offsets of its first character and behind its last one, `keys` those of the keys of
    members; a byte order mark counts as none of the text.
    """

    value: JSON
    lines: dict[Path, int] = field(default_factory=dict)
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, int] = field(default_factory=dict)


def parse(text: str) -> Document:
    """Read a text; raises JsoncError with the line and what was expected there."""
    reader = _Reader(text.removeprefix("\ufeff"))
    value = reader.value(())
    reader.skip()
    if reader.place < len(reader.text):
        raise reader.error("nothing more after the closing bracket")
    return Document(value, reader.lines, reader.spans, reader.keys)


class _Reader:
    """One pass over a text, a place in it, and the lines seen so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.lines: dict[Path, int] = {}
        self.spans: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, int] = {}

    def value(self, path: Path) -> JSON:
        self.skip()
        self.lines.setdefault(path, self.line())
        if len(path) > MAX_DEPTH:
            raise self.error(f"at most {MAX_DEPTH} levels of nesting")
        start = self.place
        value = self.bare(path)
        self.spans[path] = (start, self.place)
        return value

    def bare(self, path: Path) -> JSON:
        match self.text[self.place : self.place + 1]:
            case "{":
                return self.members(path)
            case "[":
                return self.items(path)
            case '"':
                return self.string()
            case _:
                return self.word_or_number()

    def members(self, path: Path) -> dict[str, JSON]:
        found: dict[str, JSON] = {}
        self.place += 1
        while not self.took("}"):
            if self.text[self.place : self.place + 1] != '"':
                raise self.error('a key in double quotes, or "}"')
            start, line, key = self.place, self.line(), self.string()
            if key in found:
                raise JsoncError(f'"{key}" stands here twice', line)
            self.lines[(*path, key)], self.keys[(*path, key)] = line, start
            self.demand(":")
            found[key] = self.value((*path, key))
            self.comma_before("}")
        return found

    def items(self, path: Path) -> list[JSON]:
        found: list[JSON] = []
        self.place += 1
        while not self.took("]"):
            found.append(self.value((*path, len(found))))
            self.comma_before("]")
        return found

    def string(self) -> str:
        line = self.line()
        try:
            text, self.place = scanstring(self.text, self.place + 1, True)
            text.encode("utf-8")
        except json.JSONDecodeError as fault:
            raise JsoncError(fault.msg.lower(), fault.lineno) from None
        except UnicodeEncodeError:
            raise JsoncError("half of a surrogate pair is no text", line) from None
        return str(text)

    def word_or_number(self) -> JSON:
        if number := _NUMBER.match(self.text, self.place):
            self.place = number.end()
            return float(number[0]) if number[1] or number[2] else int(number[0])
        for word, meaning in _WORDS.items():
            if self.text.startswith(word, self.place):
                self.place += len(word)
                return meaning
        raise self.error("a value")

    def comma_before(self, end: str) -> None:
        """Take the comma after a member or item; the last one may lack it."""
        self.skip()
        if self.text[self.place : self.place + 1] == ",":
            self.place += 1
        elif self.text[self.place : self.place + 1] != end:
            raise self.error(f'"," or "{end}"')

    def took(self, sign: str) -> bool:
        self.skip()
        if self.text[self.place : self.place + 1] != sign:
            return False
        self.place += 1
        return True

    def demand(self, sign: str) -> None:
        if not self.took(sign):
            raise self.error(f'"{sign}"')

    def skip(self) -> None:
        found = _SKIP.match(self.text, self.place)
        self.place = found.end() if found else self.place
        if self.text.startswith("/*", self.place):
            raise JsoncError('a comment is not closed by "*/"', self.line())

    def line(self) -> int:
        return self.text.count("\n", 0, self.place) + 1

    def error(self, wanted: str) -> JsoncError:
        seen = self.text[self.place : self.place + 12].split("\n")[0]
        return JsoncError(
            f"expected {wanted}, found {seen!r}" if seen else f"expected {wanted}, the text ends", self.line()
        )
