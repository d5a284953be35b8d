"""E1 to E5: edits that cannot be read, do not match, match twice, or aim at the wrong place."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from tests.modelserver.catalogue import EDITORS, WRITERS, Turn, fault
from tests.modelserver.edits import Edit, edits_in, rewritten
from tests.modelserver.reply import Outcome
from tests.modelserver.shown import files_shown, repeated_line

STALE = "    # this line was here before the last change\n"


@fault(
    "E1",
    "malformed_edit",
    hows=("no_divider", "no_end", "doubled", "mistyped", "no_path", "nested", "prose", "open_fence"),
    roles=EDITORS,
)
def malformed(turn: Turn) -> Outcome | None:
    """Markers that lack, repeat or are mistyped, no file name, nested or open fences, prose inside the edit."""
    found = edits_in(turn.due)
    if found is None or found.carrier not in ("blocks", "whole"):
        return None
    text = _malformed(turn.due.text or "", found.all[0], turn.how)
    return replace(turn.due, text=text)


@fault("E2", "badedit", hows=("invented", "whitespace", "indent", "stale"), roles=WRITERS)
def no_such_text(turn: Turn) -> Outcome | None:
    """The old text is not in the file: invented, other white space, other indentation, from before an earlier edit."""
    return rewritten(turn.due, lambda edit: replace(edit, old=_misremembered(edit.old, turn.how)) if edit.old else None)


@fault("E3", "ambiguous", options=("text",), roles=WRITERS)
def ambiguous(turn: Turn) -> Outcome | None:
    """The old text occurs more than once in the file. Option `text`: which; else a line twice in the prompt."""

    def shortened(edit: Edit) -> Edit | None:
        shown = files_shown(turn.request).get(edit.path, "")
        return replace(edit, old=turn.text("text", repeated_line(shown) or "\n")) if edit.old else None

    return rewritten(turn.due, shortened)


@fault("E4", "nofile", hows=("near", "folder", "case", "directory", "new"), roles=WRITERS)
def no_such_file(turn: Turn) -> Outcome | None:
    """A path near a real one, in another folder, in other case, of a folder; `new`: of a new file beside it (legal)."""
    found = edits_in(turn.due)
    if found is None:
        return None
    first, *rest = found.all
    if turn.how == "new":
        fresh = str(PurePosixPath(first.path).with_name(f"extra_notes.{first.suffix or 'txt'}"))
        return found.written([*found.all, Edit(fresh, "\n", "" if first.old is not None else None)])
    return found.written([replace(first, path=_near(first.path, turn.how)), *rest])


@fault("E5", "escape", hows=("parent", "absolute", "symlink", "git", "state", "home"), options=("path",), roles=EDITORS)
def escape(turn: Turn) -> Outcome | None:
    """A path outside the project: above it, absolute, through a link, in .git, in our own state.

    Option `path`: the path itself; the way `symlink` takes `link/outside.txt` for one.
    """
    found = edits_in(turn.due)
    if found is None:
        return None
    paths = {
        "parent": "../outside.txt",
        "absolute": "/tmp/outside.txt",
        "symlink": "link/outside.txt",
        "git": ".git/hooks/post-commit",
        "state": "../run.json",
        "home": "~/.bashrc",
    }
    old = None if found.all[0].old is None else ""
    outside = Edit(turn.text("path", paths[turn.how]), "#!/bin/sh\necho was here\n", old)
    return found.written([*found.all, outside])


def _malformed(text: str, first: Edit, how: str) -> str:
    ticks = "```"
    match how:
        case "no_divider":
            return text.replace("=======\n", "", 1)
        case "no_end":
            return text.replace(">>>>>>> REPLACE\n", "", 1)
        case "doubled":
            return text.replace("=======\n", "=======\n=======\n", 1).replace("SEARCH\n", "SEARCH\n<<<<<<< SEARCH\n", 1)
        case "mistyped":
            return text.replace("<<<<<<< SEARCH", "<<<<<< SERACH", 1).replace(">>>>>>> REPLACE", ">>>>>> REPLCE", 1)
        case "no_path":
            return text.replace(f"{first.path}\n", "", 1)
        case "nested":
            return text.replace(first.new, f"{ticks}{first.suffix}\n{first.new}{ticks}\n", 1)
        case "open_fence":
            head, _, tail = text.rpartition(ticks)
            return f"{head}{tail}"
    return text.replace(first.new, f"Now the new text, which is shorter:\n{first.new}", 1)


def _misremembered(old: str, how: str) -> str:
    match how:
        case "whitespace":
            return re.sub(r"(?<=\S) (?=\S)", "  ", old)
        case "indent":
            return re.sub(r"^(?=[ \t]*\S)", "   ", old, flags=re.MULTILINE)
        case "stale":
            return f"{STALE}{old}"
    return "def something_that_was_never_here(value):\n    return value\n"


def _near(path: str, how: str) -> str:
    real = PurePosixPath(path)
    match how:
        case "folder":
            return str(PurePosixPath("src") / "core" / real.name)
        case "case":
            return str(real.with_name(real.name.swapcase()))
        case "directory":
            return str(real.parent) if str(real.parent) != "." else "src"
    return str(real.with_name(f"{real.stem}s{real.suffix}"))
