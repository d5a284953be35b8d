"""Edits in an answer, whatever carries them: SEARCH/REPLACE blocks, whole files, JSON, or tool calls.

A fault of an edit reads them, changes them, and writes them back in the form in which they came.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from tests.modelserver.calls import raw_arguments
from tests.modelserver.reply import Reply, ToolCall

Carrier = Literal["blocks", "whole", "json", "calls"]

_BLOCK = re.compile(
    r"(?P<path>[^\n`]+)\n(?P<ticks>`{3,})(?P<lang>\w*)\n<{7} SEARCH\n(?P<old>.*?)^={7}\n(?P<new>.*?)^>{7} REPLACE\n"
    r"(?P=ticks)\n?",
    re.DOTALL | re.MULTILINE,
)
_WHOLE = re.compile(
    r"^(?P<path>[\w./~-]+)\n(?P<ticks>`{3,})(?P<lang>\w*)\n(?P<new>.*?)^(?P=ticks)\n?", re.DOTALL | re.MULTILINE
)
_PATHS = ("path", "file", "file_path", "filename")
_OLDS = ("old", "old_string", "old_str", "search")
_NEWS = ("new", "new_string", "new_str", "replace", "content", "text")


@dataclass(frozen=True)
class Edit:
    """One change of one file: the old text and the new one; without an old text the whole file is written."""

    path: str
    new: str
    old: str | None = None

    @property
    def suffix(self) -> str:
        """The suffix of the file's name, without its dot."""
        return PurePosixPath(self.path).suffix.removeprefix(".")


@dataclass(frozen=True)
class Edits:
    """The edits of an answer, what carries them, and the words around them."""

    all: tuple[Edit, ...]
    carrier: Carrier
    reply: Reply
    before: str = ""
    after: str = ""

    def written(self, edits: Sequence[Edit]) -> Reply:
        """Return the answer with other edits in the place of these, in the form in which they came."""
        match self.carrier:
            case "calls":
                return replace(self.reply, tool_calls=tuple(_as_call(each, self.reply.tool_calls) for each in edits))
            case "json":
                values = [_as_object(each) for each in edits]
                return replace(self.reply, text=json.dumps({"edits": values}))
            case "blocks":
                body = "\n".join(block(each) for each in edits)
            case "whole":
                body = "\n".join(whole(each) for each in edits)
        return replace(self.reply, text=f"{self.before}{body}{self.after}")


def edits_in(reply: Reply) -> Edits | None:
    """Return the edits of an answer; None if it has none."""
    if reply.tool_calls:
        found = [_from_object(_object(raw_arguments(call))) for call in reply.tool_calls]
        edits = tuple(each for each in found if each is not None)
        return Edits(edits, "calls", reply) if edits else None
    text = reply.text or ""
    if (value := _object(text)) is not None:
        listed = value.get("edits")
        objects = listed if isinstance(listed, list) else [value]
        found = [_from_object(each) for each in objects if isinstance(each, dict)]
        edits = tuple(each for each in found if each is not None)
        return Edits(edits, "json", reply) if edits else None
    forms: tuple[tuple[Carrier, re.Pattern[str]], ...] = (("blocks", _BLOCK), ("whole", _WHOLE))
    for carrier, pattern in forms:
        if matches := list(pattern.finditer(text)):
            edits = tuple(Edit(m["path"].strip(), m["new"], m.groupdict().get("old")) for m in matches)
            return Edits(edits, carrier, reply, text[: matches[0].start()], text[matches[-1].end() :])
    return None


def rewritten(reply: Reply, change: Callable[[Edit], Edit | None]) -> Reply | None:
    """Return the answer with the first edit changed that `change` has something for; None if it has for none."""
    found = edits_in(reply)
    for number, edit in enumerate(found.all if found is not None else ()):
        if found is not None and (changed := change(edit)) is not None:
            return found.written([*found.all[:number], changed, *found.all[number + 1 :]])
    return None


def block(edit: Edit) -> str:
    """Return an edit as a SEARCH/REPLACE block."""
    return f"{edit.path}\n```\n<<<<<<< SEARCH\n{edit.old or ''}=======\n{edit.new}>>>>>>> REPLACE\n```\n"


def whole(edit: Edit) -> str:
    """Return an edit as a fenced whole file."""
    return f"{edit.path}\n```{edit.suffix}\n{edit.new}```\n"


def inside_first_edit(reply: Reply) -> int | None:
    """Return a place, in characters of the answer, in the middle of the new text of its first edit."""
    found = edits_in(reply)
    if found is None:
        return None
    carrier = raw_arguments(reply.tool_calls[0]) if found.carrier == "calls" else reply.text or ""
    new = found.all[0].new
    shown = json.dumps(new)[1:-1] if found.carrier in ("calls", "json") else new
    start = carrier.rfind(shown) if shown else -1
    return start + max(1, len(shown) // 2) if start >= 0 else len(carrier) // 2


def _object(text: str) -> Mapping[str, object] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _from_object(value: Mapping[str, object] | None) -> Edit | None:
    if value is None:
        return None
    path, old, new = (_first(value, names) for names in (_PATHS, _OLDS, _NEWS))
    return None if path is None or new is None else Edit(path, new, old)


def _first(value: Mapping[str, object], names: Sequence[str]) -> str | None:
    return next((each for name in names if isinstance(each := value.get(name), str)), None)


def _as_object(edit: Edit) -> dict[str, object]:
    if edit.old is None:
        return {"path": edit.path, "content": edit.new}
    return {"path": edit.path, "old": edit.old, "new": edit.new}


def _as_call(edit: Edit, calls: Sequence[ToolCall]) -> ToolCall:
    """Write an edit under the names that the first call uses for its arguments."""
    model = _object(raw_arguments(calls[0])) or {}
    values = ((_PATHS, edit.path), (_OLDS, edit.old), (_NEWS, edit.new))
    arguments = {
        next((name for name in names if name in model), names[0]): value for names, value in values if value is not None
    }
    return replace(calls[0], arguments=arguments, id=None)
